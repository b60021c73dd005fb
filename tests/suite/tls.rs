//! TLS, with the openssl command as the other side, and with ourselves.

use testkit::{Instance, Sink, TlsClient, certificate};

use crate::each;

#[test]
fn starttls_in() {
    each(|subject| {
        let mx = Instance::new(subject).create();
        let Some(cert) = certificate(&mx.etc()) else { return testkit::skipped("no openssl command") };
        let main = mx.etc().join("main.cf");
        let text = std::fs::read_to_string(&main).unwrap()
            + &format!(
                "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {}\nsmtpd_tls_key_file = {}\n\
                 smtpd_tls_loglevel = 1\nsmtpd_tls_received_header = yes\n",
                cert.cert.display(),
                cert.key.display()
            );
        std::fs::write(&main, text).unwrap();
        mx.start();
        let user = mx.who.user.clone();
        for version in ["-tls1_2", "-tls1_3"] {
            let mut client = TlsClient::connect(mx.port, true, &[version]);
            client.message("a@b.test", &format!("{user}@mx.test"), "Subject: secret\n\nx\n").expect(250);
            client.say("QUIT").expect(221);
        }
        mx.drained();
        let mail = mx.maildir(&user).join("\n");
        assert!(mail.contains(" with ESMTPS id "), "{mail}");
        assert!(
            mail.contains("\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n"),
            "{mail}"
        );
        assert!(
            mail.contains("\t(using TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)"),
            "{mail}"
        );
        assert!(mail.contains("\t(No client certificate requested)\n"), "{mail}");
        mx.log().wait(&["postfix/smtpd", "Anonymous TLS connection established from unknown[127.0.0.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"]);
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}

#[test]
fn plaintext_behind_starttls_is_never_executed() {
    each(|subject| {
        let mx = Instance::new(subject).create();
        let Some(cert) = certificate(&mx.etc()) else { return testkit::skipped("no openssl command") };
        let main = mx.etc().join("main.cf");
        let text = std::fs::read_to_string(&main).unwrap()
            + &format!(
                "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {}\nsmtpd_tls_key_file = {}\n",
                cert.cert.display(),
                cert.key.display()
            );
        std::fs::write(&main, text).unwrap();
        mx.start();
        let mut client = mx.connect().hello();
        client.send(b"STARTTLS\r\nMAIL FROM:<evil@b.test>\r\n");
        client.read();
        client.finish();
        let rest = client.rest();
        assert!(!rest.contains("250"), "{rest}");
    });
}

#[test]
fn between_two_instances() {
    each(|subject| {
        let inner = Instance::new(subject.clone()).create();
        let Some(cert) = certificate(&inner.etc()) else { return testkit::skipped("no openssl command") };
        let main = inner.etc().join("main.cf");
        let text = std::fs::read_to_string(&main).unwrap()
            + &format!(
                "smtpd_tls_security_level = encrypt\nsmtpd_tls_cert_file = {}\nsmtpd_tls_key_file = {}\nsmtpd_tls_received_header = yes\n",
                cert.cert.display(),
                cert.key.display()
            );
        std::fs::write(&main, text).unwrap();
        inner.start();
        let outer = Instance::new(subject)
            .main(&format!("relayhost = [127.0.0.1]:{}\nmydestination =\nsmtp_tls_security_level = may\nsmtp_tls_loglevel = 1\nlocal_recipient_maps =\nmyhostname = outer.test", inner.port))
            .start();
        let user = inner.who.user.clone();
        outer
            .connect()
            .hello()
            .message("a@b.test", &[&format!("{user}@mx.test")], "Subject: hop\r\n\r\nx\r\n")
            .expect(250);
        let mail = inner.maildir(&user).remove(0);
        assert!(mail.contains("by mx.test (Postfix) with ESMTPS id "), "{mail}");
        outer.log().wait(&[
            "postfix/smtp",
            "TLS connection established to 127.0.0.1[127.0.0.1]:",
            ": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
        ]);
        outer.drained();
        assert_eq!(outer.log().trouble(), [""; 0]);
    });
}

#[test]
fn may_falls_back_to_plain() {
    each(|subject| {
        let sink = Sink::start();
        let mx = Instance::new(subject)
            .main(&format!("relayhost = [127.0.0.1]:{}\nsmtp_tls_security_level = encrypt", sink.port))
            .start();
        mx.connect().hello().message("a@b.test", &["x@far.test"], "Subject: s\r\n\r\nx\r\n").expect(250);
        mx.log().wait(&[
            "to=<x@far.test>",
            "dsn=4.7.4, status=deferred (TLS is required, but was not offered by host 127.0.0.1[127.0.0.1])",
        ]);
        assert!(sink.messages().is_empty());
    });
}

/// One session that ends with QUIT; whether it went on with the session stored in `file`.
fn resumed(port: u16, options: &[&str], way: &str, file: &std::path::Path) -> bool {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("timeout")
        .args(["30", "openssl", "s_client", "-starttls", "smtp", "-ign_eof", "-crlf"])
        .args(["-connect", &format!("127.0.0.1:{port}"), way])
        .arg(file)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"QUIT\n").unwrap();
    let text = child.wait_with_output().unwrap().stdout;
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("221 2.0.0"), "{text}");
    text.lines().any(|line| line.starts_with("Reused, "))
}

#[test]
fn sessions_are_resumed() {
    each(|subject| {
        let mx = Instance::new(subject).create();
        let Some(cert) = certificate(&mx.etc()) else { return testkit::skipped("no openssl command") };
        let main = mx.etc().join("main.cf");
        let text = std::fs::read_to_string(&main).unwrap()
            + &format!(
                "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {}\nsmtpd_tls_key_file = {}\n\
                 smtpd_tls_session_cache_database = btree:${{data_directory}}/smtpd_scache\n",
                cert.cert.display(),
                cert.key.display()
            );
        std::fs::write(&main, text).unwrap();
        mx.start();
        let file = mx.etc().join("session.pem");
        // By ticket, by the cache of tlsmgr(8), and by ticket again.
        for options in [&["-tls1_2"][..], &["-tls1_2", "-no_ticket"], &["-tls1_3"]] {
            assert!(!resumed(mx.port, options, "-sess_out", &file), "{options:?}");
            assert!(resumed(mx.port, options, "-sess_in", &file), "{options:?}");
        }
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}
