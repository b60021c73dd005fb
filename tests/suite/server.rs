//! Mail in by SMTP.

use testkit::{Instance, Subject};

use crate::each;

#[test]
fn a_message_by_smtp() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let user = mx.who.user.clone();
        let mut client = mx.connect();
        assert_eq!(client.greeting.text, "220 mx.test ESMTP Postfix\r\n");
        let hello = client.say("EHLO client.test").expect(250).text;
        for word in ["PIPELINING", "SIZE 10240000", "VRFY", "ETRN", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN"]
        {
            assert!(hello.contains(word), "{word}: {hello}");
        }
        let reply = client.message(
            "me@client.test",
            &[&format!("{user}@mx.test")],
            "Subject: hi\r\n\r\n..dot\r\nend\r\n",
        );
        let id = reply.expect(250).with("250 2.0.0 Ok: queued as ").text;
        let id = id.rsplit(' ').next().unwrap().trim().to_string();
        client.say("QUIT").expect(221).with("221 2.0.0 Bye");
        let mail = mx.maildir(&user).remove(0);
        assert!(mail.contains(&format!("\nReceived: from client.test (unknown [127.0.0.1])\n\tby mx.test (Postfix) with ESMTP id {id}\n\tfor <{user}@mx.test>; ")), "{mail}");
        assert!(mail.ends_with("\n\n.dot\nend\n"), "{mail}");
        let log = mx.log();
        log.wait(&["postfix/smtpd", ": connect from unknown[127.0.0.1]"]);
        log.wait(&["postfix/smtpd", &format!(": {id}: client=unknown[127.0.0.1]")]);
        log.wait(&["postfix/cleanup", &format!(": {id}: message-id=<")]);
        log.wait(&[
            "postfix/qmgr",
            &format!(": {id}: from=<me@client.test>, size="),
            ", nrcpt=1 (queue active)",
        ]);
        log.wait(&[
            "postfix/local",
            &format!(": {id}: to=<{user}@mx.test>, relay=local, delay="),
            ", delays=",
            ", dsn=2.0.0, status=sent",
        ]);
        log.wait(&["postfix/qmgr", &format!(": {id}: removed")]);
        log.wait(&["disconnect from unknown[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"]);
        mx.drained();
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}

#[test]
fn strangers_cannot_relay() {
    each(|subject| {
        let mx = Instance::new(subject).main("mynetworks = 192.0.2.0/24").start();
        let mut client = mx.connect().hello();
        client.say("MAIL FROM:<a@b.test>").expect(250);
        let refused = client.say("RCPT TO:<x@elsewhere.example>");
        assert_eq!(refused.text, "454 4.7.1 <x@elsewhere.example>: Relay access denied\r\n");
        client.say("RCPT TO:<@mx.test:x@elsewhere.example>").expect(454);
        client.say("RCPT TO:<x%elsewhere.example@mx.test>").expect(454);
        client.say("DATA").expect(554).with("554 5.5.1 Error: no valid recipients");
        mx.log().wait(&["NOQUEUE: reject: RCPT from unknown[127.0.0.1]: 454 4.7.1 <x@elsewhere.example>: Relay access denied; from=<a@b.test> to=<x@elsewhere.example> proto=ESMTP helo=<client.test>"]);
    });
}

#[test]
fn unknown_local_recipients_are_refused() {
    each(|subject| {
        let mx = Instance::new(subject).main("local_recipient_maps = inline:{ok=x}").start();
        let mut client = mx.connect().hello();
        client.say("MAIL FROM:<a@b.test>").expect(250);
        let refused = client.say("RCPT TO:<no@mx.test>").expect(550);
        assert_eq!(
            refused.text,
            "550 5.1.1 <no@mx.test>: Recipient address rejected: User unknown in local recipient table\r\n"
        );
        mx.log().wait(&["postfix/smtpd", "NOQUEUE: reject: RCPT from "]);
        client.say("RCPT TO:<ok@mx.test>").expect(250);
    });
}

#[test]
fn replies_to_commands_out_of_order() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let mut client = mx.connect();
        for (line, reply) in [
            ("MAIL", "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"),
            ("EHLO", "501 Syntax: EHLO hostname\r\n"),
            ("RCPT TO:<a@mx.test>", "503 5.5.1 Error: need MAIL command\r\n"),
            ("DATA", "503 5.5.1 Error: need RCPT command\r\n"),
            ("NOOP", "250 2.0.0 Ok\r\n"),
            ("RSET", "250 2.0.0 Ok\r\n"),
            ("XYZZY", "500 5.5.2 Error: command not recognized\r\n"),
            ("MAIL FROM:<a@b.test> SIZE=99999999999", "552 5.3.4 Message size exceeds fixed limit\r\n"),
            ("RSET", "250 2.0.0 Ok\r\n"),
            ("MAIL FROM:<a@b.test> FOO=1", "555 5.5.4 Unsupported option: FOO=1\r\n"),
            ("MAIL FROM:<a@b.test>", "250 2.1.0 Ok\r\n"),
            ("MAIL FROM:<a@b.test>", "503 5.5.1 Error: nested MAIL command\r\n"),
            ("DATA", "554 5.5.1 Error: no valid recipients\r\n"),
            ("RCPT TO:<a b@c>", "501 5.1.3 Bad recipient address syntax\r\n"),
            ("QUIT", "221 2.0.0 Bye\r\n"),
        ] {
            assert_eq!(client.say(line).text, reply, "{line}");
        }
    });
}

#[test]
fn pipelined_commands_are_answered_in_order() {
    each(|subject| {
        let mx = Instance::new(subject).start();
        let user = mx.who.user.clone();
        let mut client = mx.connect().hello();
        client
            .send(format!("MAIL FROM:<>\r\nRCPT TO:<{user}@mx.test>\r\nRCPT TO:<@>\r\nDATA\r\n").as_bytes());
        let codes: Vec<u16> = (0..4).map(|_| client.read().code).collect();
        assert_eq!(codes, [250, 250, 501, 354]);
        client.send(b"Subject: p\r\n\r\nx\r\n.\r\nQUIT\r\n");
        client.read().expect(250);
        client.read().expect(221);
        assert!(mx.maildir(&user)[0].starts_with("Return-Path: <>\n"));
    });
}

#[test]
fn smuggled_ends_do_not_end_a_message() {
    each(|subject| {
        if subject == Subject::Reference {
            return testkit::skipped("3.7 has no defence by default");
        }
        let mx = Instance::new(subject).start();
        let user = mx.who.user.clone();
        let to = format!("{user}@mx.test");
        for (n, end) in
            ["\n.\n", "\r\n.\r", "\r.\r\n", "\r\n.\n", "\n.\r\n", "\r\r\n.\r\r\n"].iter().enumerate()
        {
            let mut client = mx.connect().hello();
            client.say("MAIL FROM:<a@b.test>").expect(250);
            client.say(&format!("RCPT TO:<{to}>")).expect(250);
            client.say("DATA").expect(354);
            client.send(format!("Subject: outer {n}\r\n\r\nx{end}MAIL FROM:<evil@b.test>\r\nRCPT TO:<{to}>\r\nDATA\r\nSubject: evil\r\n\r\nx\r\n.\r\nQUIT\r\n").as_bytes());
            let rest = client.rest();
            assert!(!rest.contains("354"), "{n}: {rest}");
        }
        mx.drained();
        assert!(mx.log().lines(&["from=<evil@b.test>"]).is_empty());
    });
}

#[test]
fn message_size_is_limited() {
    each(|subject| {
        let mx = Instance::new(subject).main("message_size_limit = 2000").start();
        let user = mx.who.user.clone();
        let mut client = mx.connect().hello();
        let text = format!("Subject: big\r\n\r\n{}", "0123456789012345678\r\n".repeat(300));
        let reply = client.message("a@b.test", &[&format!("{user}@mx.test")], &text);
        assert_eq!(reply.text, "552 5.3.4 Error: message file too big\r\n");
        client.say("NOOP").expect(250);
        mx.drained();
    });
}

#[test]
fn errors_and_junk_end_the_session() {
    each(|subject| {
        let mx =
            Instance::new(subject).main("smtpd_error_sleep_time = 0\nsmtpd_hard_error_limit = 3").start();
        let mut client = mx.connect().hello();
        let mut last = client.say("FOO");
        for _ in 0..5 {
            client.send(b"FOO\r\n");
            match client.try_read() {
                Some(reply) => last = reply,
                None => break,
            }
            if last.code == 421 {
                break;
            }
        }
        assert_eq!(last.text, "421 4.7.0 mx.test Error: too many errors\r\n");
        mx.log().wait(&["too many errors after UNKNOWN from unknown[127.0.0.1]"]);
    });
}
