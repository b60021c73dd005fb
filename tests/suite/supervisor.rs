//! master: start, stop, reload, killed processes.

use testkit::{Instance, eventually};

use crate::each;

#[test]
fn start_status_stop() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let pid = mx.master_pid().expect("a master runs");
        let status = mx.run("postfix", &["status"], b"");
        assert_eq!(status.code, 0, "{status:?}");
        let running = format!("the Postfix mail system is running: PID: {pid}");
        // Without a terminal it is said in the log, which postlogd writes in its own time.
        let said = || (status.out.clone() + &status.err + &mx.log().text()).contains(&running).then_some(());
        eventually(said).unwrap_or_else(|| panic!("{status:?}"));
        let again = mx.run("postfix", &["start"], b"");
        assert_ne!(again.code, 0);
        mx.log().wait(&["postfix/master", "daemon started -- version 3."]);
        assert_eq!(mx.stop().code, 0);
        assert!(mx.master_pid().is_none());
        assert_ne!(mx.run("postfix", &["status"], b"").code, 0);
    });
}

#[test]
fn connections_survive_a_reload() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let user = mx.who.user.clone();
        let mut client = mx.connect().hello();
        client.say("MAIL FROM:<a@b.test>").expect(250);
        for _ in 0..3 {
            assert_eq!(mx.run("postfix", &["reload"], b"").code, 0);
            mx.connect().hello().say("QUIT").expect(221);
        }
        client.say(&format!("RCPT TO:<{user}@mx.test>")).expect(250);
        client.say("DATA").expect(354);
        client.send(b"Subject: across\r\n\r\nx\r\n");
        client.say(".").expect(250);
        assert_eq!(mx.maildir(&user).len(), 1);
    });
}

#[test]
fn killed_daemons_come_back() {
    each(|subject| {
        let mx = Instance::new(subject).main("service_throttle_time = 1s").start();
        let user = mx.who.user.clone();
        mx.connect()
            .hello()
            .message("a@b.test", &[&format!("{user}@mx.test")], "Subject: 1\r\n\r\nx\r\n")
            .expect(250);
        mx.drained();
        let master = mx.master_pid().unwrap();
        let children =
            std::fs::read_to_string(format!("/proc/{master}/task/{master}/children")).unwrap_or_default();
        assert!(children.split_whitespace().count() >= 3, "{children}");
        for pid in children.split_whitespace() {
            let _ = std::process::Command::new("kill").args(["-9", pid]).status();
        }
        let sent = eventually(|| {
            let mut client = mx.connect();
            (client.greeting.code == 220).then(|| {
                client.say("EHLO again").expect(250);
                client.message("a@b.test", &[&format!("{user}@mx.test")], "Subject: 2\r\n\r\nx\r\n")
            })
        });
        sent.unwrap().expect(250);
        mx.drained();
        assert_eq!(mx.maildir(&user).len(), 2);
    });
}

#[test]
fn stray_files_do_not_stop_a_start() {
    each(|subject| {
        if !subject.is_ours() {
            return testkit::skipped("the reference fails here");
        }
        let mx = Instance::new(subject).start();
        mx.stop();
        for queue in ["incoming", "active", "deferred", "hold", "maildrop", "bounce", "defer"] {
            for name in ["123456.789", "stray", "ZZZZ", "a\u{1}b", "0"] {
                std::fs::write(mx.spool().join(queue).join(name), b"junk").unwrap();
            }
            std::fs::create_dir_all(mx.spool().join(queue).join("directory/inside")).unwrap();
        }
        mx.start();
        let user = mx.who.user.clone();
        mx.connect()
            .hello()
            .message("a@b.test", &[&format!("{user}@mx.test")], "Subject: 1\r\n\r\nx\r\n")
            .expect(250);
        assert_eq!(mx.maildir(&user).len(), 1);
    });
}
