//! Mail out by SMTP.

use testkit::{Instance, Sink};

use crate::each;

#[test]
fn mail_goes_out_to_the_relay_host() {
    each(|subject| {
        let sink = Sink::start();
        let mx = Instance::new(subject).main(&format!("relayhost = [127.0.0.1]:{}", sink.port)).start();
        let mut client = mx.connect().hello();
        client
            .message("a@mx.test", &["one@far.test", "two@far.test"], "Subject: out\r\n\r\n..dot\r\nx\r\n")
            .expect(250);
        let got = sink.wait(1).remove(0);
        assert_eq!((got.from.as_str(), got.to.len()), ("a@mx.test", 2));
        assert!(got.text.starts_with("Received: from client.test"), "{}", got.text);
        assert!(got.text.ends_with("\r\n\r\n.dot\r\nx\r\n"), "{}", got.text);
        assert!(!got.text.replace("\r\n", "").contains('\n'), "every line ends in CRLF");
        let line = mx.log().wait(&["postfix/smtp", "to=<one@far.test>", "status=sent"]);
        assert!(line.contains(&format!("relay=127.0.0.1[127.0.0.1]:{}, delay=", sink.port)), "{line}");
        assert!(line.ends_with("dsn=2.0.0, status=sent (250 2.0.0 ok)"), "{line}");
        mx.drained();
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}

#[test]
fn each_recipient_has_its_own_fate() {
    each(|subject| {
        let sink = Sink::start();
        let mx = Instance::new(subject).main(&format!("relayhost = [127.0.0.1]:{}", sink.port)).start();
        let mut client = mx.connect().hello();
        client
            .message("", &["ok@far.test", "reject@far.test", "later@far.test"], "Subject: mixed\r\n\r\nx\r\n")
            .expect(250);
        assert_eq!(sink.wait(1)[0].to, ["ok@far.test"]);
        let host = "host 127.0.0.1[127.0.0.1] said: ";
        mx.log().wait(&[
            "to=<reject@far.test>",
            "dsn=5.1.1, status=bounced (",
            host,
            "550 5.1.1 no such user here (in reply to RCPT TO command))",
        ]);
        mx.log().wait(&[
            "to=<later@far.test>",
            "dsn=4.2.0, status=deferred (",
            host,
            "450 4.2.0 try again (in reply to RCPT TO command))",
        ]);
        testkit::wait_for("the message is deferred", || mx.queue("deferred").len() == 1);
        let listed = mx.run("postqueue", &["-p"], b"").out;
        assert!(listed.contains("later@far.test") && !listed.contains("ok@far.test"), "{listed}");
    });
}

#[test]
fn nobody_home_defers() {
    each(|subject| {
        let port = testkit::free_port();
        let mx = Instance::new(subject).main(&format!("relayhost = [127.0.0.1]:{port}")).start();
        let mut client = mx.connect().hello();
        client.message("a@mx.test", &["x@far.test"], "Subject: out\r\n\r\nx\r\n").expect(250);
        let line = mx.log().wait(&["postfix/smtp", "to=<x@far.test>", "status=deferred"]);
        assert!(line.contains("relay=none, "), "{line}");
        assert!(
            line.ends_with(&format!(
                "dsn=4.4.1, status=deferred (connect to 127.0.0.1[127.0.0.1]:{port}: Connection refused)"
            )),
            "{line}"
        );
        testkit::wait_for("the message is deferred", || mx.queue("deferred").len() == 1);
        // A server appears; a flush sends what waits.
        let listed = mx.run("postqueue", &["-p"], b"");
        assert!(listed.out.contains("Connection refused"), "{listed:?}");
    });
}

#[test]
fn flush_sends_deferred_mail() {
    each(|subject| {
        let sink = Sink::start();
        let dead = testkit::free_port();
        let mx = Instance::new(subject).main(&format!("relayhost = [127.0.0.1]:{dead}")).start();
        let mut client = mx.connect().hello();
        client.message("a@mx.test", &["x@far.test"], "Subject: wait\r\n\r\nx\r\n").expect(250);
        testkit::wait_for("the message is deferred", || mx.queue("deferred").len() == 1);
        let path = mx.etc().join("main.cf");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(&dead.to_string(), &sink.port.to_string())).unwrap();
        assert_eq!(mx.run("postfix", &["reload"], b"").code, 0);
        mx.log().wait(&["postfix/master", "reload -- version"]);
        testkit::wait_for("a flush delivers", || {
            mx.run("postqueue", &["-f"], b"");
            std::thread::sleep(std::time::Duration::from_millis(200));
            !sink.messages().is_empty()
        });
        assert_eq!(sink.messages().len(), 1);
        mx.drained();
    });
}

#[test]
fn generic_maps_change_envelope_and_headers() {
    each(|subject| {
        let sink = Sink::start();
        let mx = Instance::new(subject)
            .main(&format!(
                "relayhost = [127.0.0.1]:{}\nsmtp_generic_maps = inline:{{user@mx.test=out@far.test}}",
                sink.port
            ))
            .start();
        let mut client = mx.connect().hello();
        let text = "From: Me <user@mx.test>\r\nTo: one@far.test\r\nSubject: out\r\n\r\nuser@mx.test\r\n";
        client.message("user@mx.test", &["one@far.test"], text).expect(250);
        let got = sink.wait(1).remove(0);
        assert_eq!(got.from, "out@far.test");
        assert!(got.text.contains("\r\nFrom: Me <out@far.test>\r\n"), "{}", got.text);
        assert!(got.text.ends_with("\r\n\r\nuser@mx.test\r\n"), "{}", got.text);
    });
}

#[test]
fn last_checks_change_what_goes_out() {
    each(|subject| {
        let sink = Sink::start();
        let mx = Instance::new(subject).create();
        let rules = mx.etc().join("out_checks");
        std::fs::write(
            &rules,
            "/^Received:/ IGNORE\n/^Subject: secret/ REPLACE Subject: news\n/^X-Mark:/ PREPEND X-Before: yes\n",
        )
        .unwrap();
        let main = mx.etc().join("main.cf");
        let text = std::fs::read_to_string(&main).unwrap()
            + &format!(
                "relayhost = [127.0.0.1]:{}\nsmtp_header_checks = regexp:{}\n",
                sink.port,
                rules.display()
            );
        std::fs::write(&main, text).unwrap();
        mx.start();
        let mut client = mx.connect().hello();
        client
            .message(
                "a@mx.test",
                &["one@far.test"],
                "Subject: secret\r\nX-Mark: 1\r\n\r\nSubject: secret\r\n",
            )
            .expect(250);
        let got = sink.wait(1).remove(0).text;
        assert!(!got.contains("Received:"), "{got}");
        assert!(got.starts_with("Subject: news\r\nX-Before: yes\r\nX-Mark: 1\r\n"), "{got}");
        assert!(got.ends_with("\r\n\r\nSubject: secret\r\n"), "{got}");
        mx.log().wait(&["postfix/smtp", ": replace: header Subject: secret: Subject: news"]);
    });
}
