//! The queue manager: what is delivered when, and what becomes of mail that cannot be.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

use testkit::{Instance, Setup, Sink};

use crate::each;

fn quick(setup: Setup) -> Setup {
    setup.main("queue_run_delay = 1s\nminimal_backoff_time = 1s\nmaximal_backoff_time = 2s\n")
}

#[test]
fn recipients_share_requests_as_the_limits_say() {
    each(|subject| {
        let mx = Instance::new(subject)
            .main("transport_maps = inline:{one.test=single:, par.test=triple:}\n")
            .main("single_destination_recipient_limit = 1\ntriple_destination_recipient_limit = 3\n")
            .master("single unix - - n - - discard")
            .master("triple unix - - n - - discard")
            .start();
        let mut client = mx.connect().hello();
        let to: Vec<String> =
            (0..7).flat_map(|n| [format!("u{n}@one.test"), format!("u{n}@par.test")]).collect();
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        client.message("a@mx.test", &to, "Subject: x\r\n\r\ny\r\n").expect(250);
        mx.log().wait(&["postfix/qmgr", ": removed"]);
        assert_eq!(mx.log().lines(&["postfix/discard", "status=sent"]).len(), 14);
        assert_eq!(mx.log().lines(&["postfix/qmgr", "from=<a@mx.test>", "nrcpt=14 (queue active)"]).len(), 1);
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}

#[test]
fn a_dead_destination_rests_and_others_do_not_wait() {
    each(|subject| {
        let dead = testkit::free_port();
        let mx = Instance::new(subject)
            .main("initial_destination_concurrency = 1\n")
            .main(&format!("relayhost = [127.0.0.1]:{dead}\ntransport_maps = inline:{{ok.test=discard:}}\n"))
            .start();
        let mut client = mx.connect().hello();
        client.message("a@mx.test", &["x1@far.test"], "Subject: 1\r\n\r\ny\r\n").expect(250);
        mx.log().wait(&["to=<x1@far.test>", "dsn=4.4.1, status=deferred (connect to 127.0.0.1[127.0.0.1]:"]);
        mx.log().wait(&["Connection refused)"]);
        // A whole cohort has failed: the destination is not even tried any more.
        for n in 2..9 {
            client
                .message("a@mx.test", &[&format!("x{n}@far.test")], &format!("Subject: {n}\r\n\r\ny\r\n"))
                .expect(250);
        }
        client.message("a@mx.test", &["x@ok.test"], "Subject: fine\r\n\r\ny\r\n").expect(250);
        mx.log().wait(&["to=<x@ok.test>", "status=sent"]);
        mx.log().wait(&[
            "postfix/error",
            "relay=none",
            "dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to 127.0.0.1[127.0.0.1]:",
        ]);
        testkit::wait_for("all wait", || mx.queue("deferred").len() == 8);
        assert_eq!(mx.queue("defer").len(), 8);
        // A flush asks for them all, dead destination or not.
        let sink = Sink::start();
        mx.run("postconf", &["-e", &format!("relayhost=[127.0.0.1]:{}", sink.port)], b"");
        mx.run("postfix", &["reload"], b"");
        // The reload is not over when the command is: a flush may still reach the queue manager that leaves.
        testkit::wait_for("a flush delivers", || {
            mx.run("postqueue", &["-f"], b"");
            !sink.messages().is_empty()
        });
        assert_eq!(sink.wait(8).len(), 8);
        mx.drained();
        assert!(mx.queue("defer").is_empty());
    });
}

#[test]
fn deferred_mail_is_retried_and_expires() {
    each(|subject| {
        let mx = quick(Instance::new(subject))
            .main(
                "maximal_queue_lifetime = 4s\ntransport_maps = inline:{{late.test = retry:4.2.1 not now}}\n",
            )
            .start();
        let user = mx.who.user.clone();
        // By sendmail: smtpd(8) would refuse such recipients itself.
        let sent = mx.sendmail(
            &["-f", &format!("{user}@mx.test"), "x@late.test", "y@late.test"],
            "Subject: late\n\nz\n",
        );
        assert_eq!(sent.code, 0, "{sent:?}");
        testkit::wait_for("a second attempt", || {
            mx.log().lines(&["to=<x@late.test>", "(not now)"]).len() >= 2
        });
        mx.log()
            .wait(&["postfix/qmgr", &format!("from=<{user}@mx.test>, status=expired, returned to sender")]);
        let notice = mx.maildir(&user).remove(0);
        for part in [
            "\nFinal-Recipient: rfc822; x@late.test\nOriginal-Recipient: rfc822;x@late.test\nAction: failed\nStatus: 4.2.1\n",
            "\nFinal-Recipient: rfc822; y@late.test\n",
            "\nDiagnostic-Code: X-Postfix; not now\n",
            "\nSubject: late\n",
        ] {
            assert!(notice.contains(part), "{part:?} is not in\n{notice}");
        }
        mx.drained();
        assert!(mx.queue("defer").is_empty() && mx.queue("bounce").is_empty());
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}

#[test]
fn the_sender_is_warned_of_a_delay_once() {
    each(|subject| {
        let mx = quick(Instance::new(subject))
            .main("delay_warning_time = 1s\ntransport_maps = inline:{{late.test = retry:4.2.1 not now}}\n")
            .start();
        let user = mx.who.user.clone();
        // By sendmail: smtpd(8) would refuse such recipients itself.
        let sent = mx.sendmail(&["-f", &format!("{user}@mx.test"), "x@late.test"], "Subject: late\n\nz\n");
        assert_eq!(sent.code, 0, "{sent:?}");
        mx.log().wait(&["postfix/bounce", "sender delay notification: "]);
        let seen = mx.log().lines(&["to=<x@late.test>", "(not now)"]).len();
        testkit::wait_for("two more attempts", || {
            mx.log().lines(&["to=<x@late.test>", "(not now)"]).len() >= seen + 2
        });
        let notices = mx.maildir(&user);
        assert_eq!(notices.len(), 1);
        let notice = notices.first().cloned().unwrap_or_default();
        for part in [
            "\nSubject: Delayed Mail (still being retried)\n",
            "\nAction: delayed\nStatus: 4.2.1\n",
            "\nWill-Retry-Until: ",
            "\nContent-Description: Undelivered Message Headers\nContent-Type: text/rfc822-headers\n",
        ] {
            assert!(notice.contains(part), "{part:?} is not in\n{notice}");
        }
    });
}

#[test]
fn the_administrator_can_give_mail_up() {
    each(|subject| {
        let mx = Instance::new(subject)
            .main("transport_maps = inline:{{late.test = retry:4.2.1 not now}}\n")
            .start();
        let user = mx.who.user.clone();
        let sent = mx.sendmail(&["-f", &format!("{user}@mx.test"), "x@late.test"], "Subject: late\n\nz\n");
        assert_eq!(sent.code, 0, "{sent:?}");
        testkit::wait_for("it waits", || mx.queue("deferred").len() == 1);
        let id = mx.queue("deferred").remove(0);
        assert_eq!(mx.run("postsuper", &["-e", &id], b"").code, 0);
        mx.run("postqueue", &["-f"], b"");
        mx.log().wait(&[&format!("{id}: from=<{user}@mx.test>, status=force-expired, returned to sender")]);
        let notice = mx.maildir(&user).remove(0);
        assert!(notice.contains("\nAction: failed\nStatus: 4.2.1\n"), "{notice}");
        assert_eq!(mx.log().lines(&["to=<x@late.test>"]).len(), 1, "nobody was tried again");
        mx.drained();
    });
}

#[test]
fn transports_can_be_made_to_wait_for_a_flush() {
    each(|subject| {
        let mx = quick(Instance::new(subject))
            .main("defer_transports = held\ntransport_maps = inline:{held.test=held:}\n")
            .master("held unix - - n - - discard")
            .start();
        let mut client = mx.connect().hello();
        client.message("a@mx.test", &["x@held.test"], "Subject: x\r\n\r\ny\r\n").expect(250);
        mx.log().wait(&["to=<x@held.test>", "dsn=4.3.2, status=deferred (deferred transport)"]);
        testkit::wait_for("it waits", || mx.queue("deferred").len() == 1);
        mx.run("postqueue", &["-f"], b"");
        mx.log().wait(&["to=<x@held.test>", "status=sent"]);
        mx.drained();
    });
}

#[test]
fn a_rate_limited_destination_gets_one_delivery_at_a_time() {
    each(|subject| {
        let mx = Instance::new(subject)
            .main("slow_destination_rate_delay = 1s\ntransport_maps = inline:{slow.test=slow:}\n")
            .master("slow unix - - n - - discard")
            .start();
        let mut client = mx.connect().hello();
        let begun = std::time::Instant::now();
        for n in 0..3 {
            client.message("a@mx.test", &["x@slow.test"], &format!("Subject: {n}\r\n\r\ny\r\n")).expect(250);
        }
        testkit::wait_for("all are sent", || mx.log().lines(&["to=<x@slow.test>", "status=sent"]).len() == 3);
        // The reference's clock has whole seconds.
        assert!(begun.elapsed().as_millis() >= 1000, "{:?}", begun.elapsed());
        mx.drained();
    });
}

#[test]
fn a_broken_transport_defers_its_mail_only() {
    each(|subject| {
        let mx = Instance::new(subject)
            .main("transport_maps = inline:{gone.test=nosuch:, ok.test=discard:}\n")
            .start();
        let mut client = mx.connect().hello();
        client.message("a@mx.test", &["x@gone.test", "y@ok.test"], "Subject: x\r\n\r\ny\r\n").expect(250);
        mx.log().wait(&["to=<y@ok.test>", "status=sent"]);
        mx.log().wait(&["to=<x@gone.test>", "dsn=4.3.0, status=deferred (mail transport unavailable)"]);
        mx.log().wait(&["postfix/qmgr", "connect to transport private/nosuch: No such file or directory"]);
        testkit::wait_for("it waits", || mx.queue("deferred").len() == 1);
    });
}

/// The reference fails here: some damaged files stop its queue manager for good.
#[test]
fn damaged_files_go_to_corrupt_and_the_rest_is_delivered() {
    for subject in testkit::ours() {
        println!("subject: {subject:?}");
        let mut mx = Instance::new(subject).main("transport_maps = inline:{ok.test=discard:}\n").start();
        let dead = testkit::free_port();
        mx.run("postconf", &["-e", &format!("relayhost=[127.0.0.1]:{dead}")], b"");
        mx.run("postfix", &["reload"], b"");
        let mut client = mx.connect().hello();
        client.message("a@mx.test", &["x@far.test"], "Subject: x\r\n\r\nbody\r\n").expect(250);
        testkit::wait_for("it waits", || mx.queue("deferred").len() == 1);
        drop(client);
        mx.stop();
        mx.keep_files();
        let id = mx.queue("deferred").remove(0);
        let sound = find(&mx.spool().join("deferred"), &id).expect("the deferred file");
        let bytes = fs::read(&sound).expect("read the queue file");
        let size = |text: &str| {
            let mut damaged = bytes.clone();
            damaged.splice(2..2 + text.len(), text.bytes());
            damaged
        };
        let cases: Vec<Vec<u8>> = vec![
            Vec::new(),
            b"\0\0\0\0".to_vec(),
            bytes[..bytes.len() - 2].to_vec(),
            bytes[..bytes.len() / 2].to_vec(),
            size("            999"),
            size("              1             999"),
            size("             xx"),
            // A size record of Postfix before 1.0, with its content elsewhere.
            size(
                "            236                                                                              ",
            ),
            b"C\xff\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        ];
        for (n, case) in cases.iter().enumerate() {
            let path = mx.spool().join("incoming").join(format!("AB{n}CD0{n}"));
            fs::write(&path, case).expect("write a damaged file");
            if testkit::is_root() {
                chown(&path, Some(mx.who.uid), None).expect("give it to the mail owner");
            }
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("mark it complete");
        }
        mx.start();
        let mut client = mx.connect().hello();
        client.message("a@mx.test", &["x@ok.test"], "Subject: x\r\n\r\ny\r\n").expect(250);
        mx.log().wait(&["to=<x@ok.test>", "status=sent"]);
        testkit::wait_for("damaged files are put away", || mx.queue("corrupt").len() == cases.len());
        testkit::wait_for("the others are dealt with", || {
            mx.queue("incoming").is_empty() && mx.queue("active").is_empty()
        });
        assert_eq!(mx.queue("deferred"), [id]);
        assert!(mx.log().lines(&["postfix/qmgr", "fatal"]).is_empty());
        let told =
            mx.log().lines(&["warning: saving corrupt file", "from queue \"active\" to queue \"corrupt\""]);
        assert_eq!(told.len(), cases.len(), "one line for each");
    }
}

fn find(folder: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() { find(&path, name) } else { path.ends_with(name).then_some(path) }
    })
}
