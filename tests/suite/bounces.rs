//! Mail that comes back.

use testkit::Instance;

use crate::each;

#[test]
fn undeliverable_mail_returns_to_its_sender() {
    each(|subject| {
        let mx = Instance::new(subject).main("local_recipient_maps =").start();
        let user = mx.who.user.clone();
        let mut client = mx.connect().hello();
        client
            .message(
                &format!("{user}@mx.test"),
                &["nobody-here@mx.test"],
                "Subject: lost\r\nX-Mark: 1\r\n\r\nbody text\r\n",
            )
            .expect(250);
        let mail = mx.maildir(&user).remove(0);
        for part in [
            "Return-Path: <>\n",
            "\nFrom: Mail Delivery System <MAILER-DAEMON@mx.test>\n",
            "\nSubject: Undelivered Mail Returned to Sender\n",
            &format!("\nTo: {user}@mx.test\n"),
            "\nAuto-Submitted: auto-replied\n",
            "\nMIME-Version: 1.0\n",
            "\nContent-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"",
            "\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n",
            "\nReporting-MTA: dns; mx.test\n",
            "\nX-Postfix-Queue-ID: ",
            &format!("\nX-Postfix-Sender: rfc822; {user}@mx.test\n"),
            "\nArrival-Date: ",
            "\nFinal-Recipient: rfc822; nobody-here@mx.test\nOriginal-Recipient: rfc822;nobody-here@mx.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: X-Postfix; unknown user: \"nobody-here\"\n",
            "\nContent-Description: Undelivered Message\nContent-Type: message/rfc822\n",
            "\nX-Mark: 1\n",
            "\nbody text\n",
        ] {
            assert!(mail.contains(part), "{part:?} is not in\n{mail}");
        }
        mx.log().wait(&[
            "postfix/local",
            "to=<nobody-here@mx.test>",
            "dsn=5.1.1, status=bounced (unknown user: \"nobody-here\")",
        ]);
        mx.log().wait(&["postfix/bounce", "sender non-delivery notification: "]);
        mx.drained();
        assert!(mx.queue("bounce").is_empty() && mx.queue("defer").is_empty());
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}

#[test]
fn success_is_reported_when_asked_for() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let user = mx.who.user.clone();
        let mut client = mx.connect().hello();
        client.say(&format!("MAIL FROM:<{user}@mx.test> RET=HDRS ENVID=QQ314159")).expect(250);
        client
            .say(&format!("RCPT TO:<{user}@mx.test> NOTIFY=SUCCESS ORCPT=rfc822;{user}@mx.test"))
            .expect(250);
        client.say("DATA").expect(354);
        client.send(b"Subject: tell me\r\n\r\nx\r\n");
        client.say(".").expect(250);
        mx.drained();
        let mail = mx.maildir(&user).join("\n=====\n");
        assert!(mail.contains("\nSubject: Successful Mail Delivery Report\n"), "{mail}");
        assert!(
            mail.contains("\nOriginal-Envelope-Id: QQ314159\n") && mail.contains("\nAction: delivered\n"),
            "{mail}"
        );
    });
}

#[test]
fn a_bounce_that_bounces_does_not_loop() {
    each(|subject| {
        let mx = Instance::new(subject).main("local_recipient_maps =").start();
        let mut client = mx.connect().hello();
        client.message("no-sender@mx.test", &["no-recipient@mx.test"], "Subject: x\r\n\r\nx\r\n").expect(250);
        mx.log().wait(&["to=<no-recipient@mx.test>", "status=bounced"]);
        mx.log().wait(&["to=<no-sender@mx.test>", "status=bounced"]);
        mx.drained();
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}
