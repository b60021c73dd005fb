//! Local delivery beyond the mailbox: commands, lists, loops, recipients that nobody knows.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use testkit::{Instance, Subject};

use crate::each;

/// An instance with these aliases and main.cf lines; `out` in its folder may be written by anybody.
fn with_aliases(subject: Subject, aliases: &str, main: &str) -> Instance {
    let mx = Instance::new(subject).main(main).create();
    let root = mx.root.display().to_string();
    let out = mx.root.join("out");
    fs::create_dir_all(&out).unwrap();
    for folder in [&out, &mx.etc()] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let text = aliases.replace("ROOT", &root).replace("USER", &mx.who.user);
    fs::write(mx.etc().join("aliases"), text).unwrap();
    let table = format!("hash:{root}/etc/aliases");
    let main = fs::read_to_string(mx.etc().join("main.cf")).unwrap();
    let main = main.replace(
        "alias_maps =\nalias_database =",
        &format!("alias_maps = {table}\nalias_database = {table}"),
    );
    fs::write(mx.etc().join("main.cf"), main).unwrap();
    let built = mx.run("newaliases", &[], b"");
    assert_eq!(built.code, 0, "{built:?}");
    mx.start();
    mx
}

#[test]
fn commands_say_what_becomes_of_the_mail() {
    let aliases = "take: \"|cat > ROOT/out/taken; env | sort > ROOT/out/environment\"\n\
                   nouser: \"|exit 67\"\ntemporary: \"|echo busy; exit 75\"\nown: \"|echo 5.2.2 full up; exit 1\"\n\
                   none: \"|/no/such/program -x\"\n";
    each(|subject| {
        let mx = with_aliases(subject, aliases, "recipient_delimiter = +\ndelay_warning_time = 0");
        let message = "Subject: to a command\nFrom: a@b.test\n\nFrom the body\n";
        for rcpt in ["take+x#y", "nouser", "temporary", "own", "none"] {
            assert_eq!(mx.sendmail(&["-f", "", rcpt], message).code, 0);
        }
        for line in [
            ["to=<take+x#y@mx.test>", "dsn=2.0.0, status=sent (delivered to command: cat > "],
            ["to=<nouser@mx.test>", "dsn=5.1.1, status=bounced (user unknown)"],
            ["to=<temporary@mx.test>", "status=deferred (temporary failure. Command output: busy )"],
            ["to=<own@mx.test>", "dsn=5.2.2, status=bounced (full up )"],
            [
                "to=<none@mx.test>",
                "dsn=4.3.0, status=deferred (temporary failure. Command output: local: fatal: ",
            ],
        ] {
            mx.log().wait(&line);
        }
        let taken = fs::read_to_string(mx.root.join("out/taken")).unwrap();
        assert!(taken.starts_with("From MAILER-DAEMON  "), "{taken}");
        for part in
            ["\nX-Original-To: take+x#y\n", "\nDelivered-To: take+x#y@mx.test\n", "\n\nFrom the body\n"]
        {
            assert!(taken.contains(part), "{part:?} is not in\n{taken}");
        }
        let environment = fs::read_to_string(mx.root.join("out/environment")).unwrap();
        // What comes from outside has no character that a shell would care about.
        for line in ["EXTENSION=x_y", "LOCAL=take+x_y", "USER=take", "DOMAIN=mx.test", "PATH=/usr/bin:/bin"] {
            assert!(environment.lines().any(|known| known == line), "{line} is not in\n{environment}");
        }
    });
}

#[test]
fn a_list_with_an_owner_is_sent_by_the_owner() {
    each(|subject| {
        let mx = with_aliases(subject, "list: USER, USER+copy\nowner-list: keeper\nkeeper: /dev/null\n", "");
        let user = mx.who.user.clone();
        assert_eq!(mx.sendmail(&["-f", "a@b.test", "list"], "Subject: to all\n\nx\n").code, 0);
        mx.drained();
        let mail = mx.maildir(&user);
        assert!(!mail.is_empty(), "{}", mx.log().text());
        for message in &mail {
            assert!(message.starts_with("Return-Path: <owner-list@mx.test>\n"), "{message}");
            assert!(message.contains("\nDelivered-To: list@mx.test\n"), "{message}");
        }
        mx.log().wait(&["to=<list@mx.test>", "status=sent (forwarded as "]);
    });
}

#[test]
fn mail_that_was_here_before_is_returned() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let user = mx.who.user.clone();
        let message = format!("Delivered-To: {}@MX.test\nSubject: again\n\nx\n", user.to_uppercase());
        assert_eq!(mx.sendmail(&["-f", "", &user], &message).code, 0);
        mx.log().wait(&[
            &format!("to=<{user}@mx.test>"),
            &format!("dsn=5.4.6, status=bounced (mail forwarding loop for {user}@mx.test)"),
        ]);
    });
}

#[test]
fn unknown_users_have_a_relay_or_a_fallback() {
    each(|subject| {
        let mx = with_aliases(subject, "known: USER\n", "luser_relay = known\nlocal_recipient_maps =");
        assert_eq!(mx.sendmail(&["-f", "a@b.test", "no-such-user"], "Subject: relayed\n\nx\n").code, 0);
        mx.drained();
        assert_eq!(mx.maildir(&mx.who.user.clone()).len(), 1, "{}", mx.log().text());
        drop(mx);
        let subject = testkit::subjects().remove(0);
        let mx =
            Instance::new(subject).main("fallback_transport = discard:told\nlocal_recipient_maps =").start();
        assert_eq!(mx.sendmail(&["-f", "a@b.test", "no-such-user"], "Subject: passed\n\nx\n").code, 0);
        mx.log().wait(&["postfix/local", "passing <no-such-user@mx.test> to transport=discard"]);
        mx.log().wait(&["postfix/discard", "to=<no-such-user@mx.test>", "status=sent (told)"]);
        mx.drained();
    });
}
