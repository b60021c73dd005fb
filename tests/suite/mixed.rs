//! One daemon of the other kind at a time: ours inside a running reference 3.11, and the reference's inside ours. Mail by SMTP and
//! by command, relayed and bounced, must flow each time, and the queue be listed.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::{Path, PathBuf};

use testkit::{Instance, Sink, Subject, references, skipped, wait_for};

const DAEMONS: [&str; 14] = [
    "smtpd",
    "cleanup",
    "qmgr",
    "trivial-rewrite",
    "smtp",
    "local",
    "bounce",
    "pickup",
    "showq",
    "anvil",
    "tlsmgr",
    "proxymap",
    "postlogd",
    "master",
];

#[test]
fn ours_inside_the_reference() {
    let Some(root) = root() else { return skipped("no reference root") };
    mixed(Subject::ReferenceRoot(root.clone()), Subject::RootedIn(root));
}

#[test]
fn the_reference_inside_ours() {
    let Some(root) = root() else { return skipped("no reference root") };
    mixed(Subject::RootedIn(root.clone()), Subject::ReferenceRoot(root));
}

fn root() -> Option<PathBuf> {
    references()
        .into_iter()
        .find_map(|r| if let Subject::ReferenceRoot(root) = r { Some(root) } else { None })
}

fn mixed(host: Subject, guest: Subject) {
    let sink = Sink::start();
    let mx = Instance::new(host.clone())
        .main(&format!(
            "relayhost = [127.0.0.1]:{}\nlocal_recipient_maps = proxy:unix:passwd.byname\nsmtp_tls_security_level = may\nsmtpd_client_event_limit_exceptions =\nsmtpd_client_connection_rate_limit = 1000",
            sink.port
        ))
        .create();
    let folder = mx.root.join("daemons");
    fs::create_dir(&folder).unwrap();
    let (Subject::ReferenceRoot(root) | Subject::RootedIn(root)) = &host else {
        unreachable!("both run in the root")
    };
    let listed = if host.is_ours() { host.daemons() } else { root.join("usr/lib/postfix/sbin") };
    for entry in fs::read_dir(listed).unwrap().flatten() {
        let name = entry.file_name();
        symlink(host.daemons().join(&name), folder.join(&name)).unwrap();
    }
    let path = mx.etc().join("main.cf");
    let text = fs::read_to_string(&path).unwrap();
    let line = |daemons: &Path| format!("daemon_directory = {}\n", daemons.display());
    assert!(text.contains(&line(&host.daemons())));
    fs::write(&path, text.replace(&line(&host.daemons()), &line(&folder))).unwrap();
    let log = mx.root.join("log/maillog");
    fs::write(&log, "").unwrap();
    chown(&log, Some(mx.who.uid), Some(mx.who.gid)).unwrap();
    let user = format!("{}@mx.test", mx.who.user);
    for (round, name) in DAEMONS.iter().enumerate() {
        let link = folder.join(name);
        fs::remove_file(&link).unwrap();
        symlink(guest.daemons().join(name), &link).unwrap();
        mx.start();
        let mut client = mx.connect().hello();
        client.message(&user, &[&user], "Subject: in\r\n\r\nx\r\n").expect(250);
        client.message(&user, &["there@far.test"], "Subject: out\r\n\r\nx\r\n").expect(250);
        client.message(&user, &["reject@far.test"], "Subject: back\r\n\r\nx\r\n").expect(250);
        assert_eq!(mx.sendmail(&["-f", &user, &user], "Subject: command\n\nx\n").code, 0);
        client.message(&user, &["never@far.test"], "Subject: later\r\n\r\nx\r\n").expect(250);
        let list = || mx.run("postqueue", &["-p"], b"");
        wait_for(&format!("{name}: mail is put off, and listed\n{}", mx.log().text()), || {
            let listed = list();
            assert_eq!(listed.code, 0, "{name}: {listed:?}");
            let there = listed.out.contains("never@far.test") && listed.out.contains("450 4.2.0 not today");
            there && mx.queue("deferred").len() == 1 && mx.queue("active").is_empty()
        });
        let put_off = mx.queue("deferred");
        assert_eq!(mx.run("postsuper", &["-d", &put_off[0]], b"").code, 0);
        wait_for(&format!("{name}: all mail has come\n{}", mx.log().text()), || {
            sink.messages().len() == round + 1 && mx.maildir(&mx.who.user).len() == 3 * (round + 1)
        });
        mx.drained();
        assert!(runs(&mx, name, guest.is_ours()), "{name} of {guest:?} is at work\n{}", mx.log().text());
        assert_eq!(mx.log().trouble(), [""; 0], "{name}");
        mx.stop();
        fs::remove_file(&link).unwrap();
        symlink(host.daemons().join(name), &link).unwrap();
    }
}

/// Whether the master, or a child of it, runs the program of ours, or of the reference.
fn runs(mx: &Instance, name: &str, ours: bool) -> bool {
    let master = mx.master_pid().expect("it runs").to_string();
    let wanted = if ours { format!("/daemons/{name}") } else { format!("/usr/lib/postfix/sbin/{name}") };
    fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        let program = fs::read_link(entry.path().join("exe")).unwrap_or_default();
        let whose = if name == "master" {
            entry.file_name().to_string_lossy().into_owned()
        } else {
            parent.unwrap_or("").into()
        };
        whose == master && program.to_string_lossy().ends_with(&wanted)
    })
}
