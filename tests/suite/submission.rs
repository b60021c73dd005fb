//! Mail in by the sendmail command.

use testkit::Instance;

use crate::each;

#[test]
fn sendmail_to_a_local_maildir() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let user = mx.who.user.clone();
        let sent = mx.sendmail(&["-t"], &format!("To: {user}\nSubject: hello\n\nfirst line\n.\n..dots\n"));
        // compat: a line with a single dot ends the message, unless -i is given
        assert_eq!(sent.code, 0, "{sent:?}");
        let mail = mx.maildir(&user).remove(0);
        assert!(mail.contains(&format!("\nDelivered-To: {user}@mx.test\n")), "{mail}");
        assert!(mail.starts_with("Return-Path: <"), "{mail}");
        assert!(
            mail.contains("\nMessage-Id: <") && mail.contains("\nDate: ") && mail.contains("\nFrom: "),
            "{mail}"
        );
        assert!(mail.contains("(Postfix, from userid "), "{mail}");
        assert!(mail.ends_with("\n\nfirst line\n"), "{mail}");
        mx.log().wait(&["postfix/local", "status=sent (delivered to maildir)"]);
        mx.log().wait(&["postfix/qmgr", "removed"]);
        mx.drained();
        // New mail of the mail owner is not mail that an administrator put back.
        assert_eq!(mx.log().lines(&["postfix/pickup", "orig_id="]), [""; 0]);
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}

#[test]
fn dots_survive_with_i() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let user = mx.who.user.clone();
        let sent = mx.sendmail(&["-i", "-f", "me@mx.test", &user], "Subject: x\n\na\n.\n..b\n");
        assert_eq!(sent.code, 0, "{sent:?}");
        let mail = mx.maildir(&user).remove(0);
        assert!(mail.starts_with("Return-Path: <me@mx.test>\n"), "{mail}");
        assert!(mail.ends_with("\n\na\n.\n..b\n"), "{mail}");
    });
}

#[test]
fn no_recipients_is_a_usage_error() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let sent = mx.sendmail(&[], "Subject: x\n\nx\n");
        assert_eq!(sent.code, 75, "{sent:?}");
        assert!(
            sent.err
                .contains("Recipient addresses must be specified on the command line or via the -t option"),
            "{sent:?}"
        );
        let sent = mx.sendmail(&["-t"], "Subject: x\n\nx\n");
        assert_ne!(sent.code, 0, "{sent:?}");
        assert!(sent.err.contains("No recipient addresses found in message header"), "{sent:?}");
        assert!(mx.queue("maildrop").is_empty());
    });
}

#[test]
fn submission_works_while_the_mail_system_is_down() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let user = mx.who.user.clone();
        mx.stop();
        let sent = mx.sendmail(&[&user], "Subject: later\n\nx\n");
        assert_eq!(sent.code, 0, "{sent:?}");
        assert_eq!(mx.queue("maildrop").len(), 1);
        mx.start();
        let mail = mx.maildir(&user).remove(0);
        assert!(mail.contains("\nSubject: later\n"), "{mail}");
    });
}

#[test]
fn bcc_is_removed_and_served() {
    each(|subject| {
        let mx = Instance::new(subject).main("virtual_alias_maps = inline:{a@mx.test=LOCAL}").create();
        let user = mx.who.user.clone();
        let path = mx.etc().join("main.cf");
        let text = std::fs::read_to_string(&path).unwrap().replace("LOCAL", &user);
        std::fs::write(&path, text).unwrap();
        mx.start();
        let sent = mx.sendmail(&["-t"], "From: a@mx.test\nBcc: a@mx.test\nSubject: secret\n\nx\n");
        assert_eq!(sent.code, 0, "{sent:?}");
        let mail = mx.maildir(&user).remove(0);
        assert!(!mail.contains("Bcc:"), "{mail}");
        assert!(mail.contains("\nTo: undisclosed-recipients:;\n") || !mail.contains("\nTo:"), "{mail}");
        assert!(mail.contains("\nX-Original-To: a@mx.test\n"), "{mail}");
    });
}
