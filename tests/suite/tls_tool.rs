//! `postfix tls` beside the reference, and the configurations of the old how-tos.

use std::fs;

use testkit::Instance;

use crate::each;
use crate::tls_kit::{Certificates, has_openssl, talk};

/// What a command printed and logged, without what differs from run to run.
fn plain(mx: &Instance, text: &str) -> String {
    let etc = mx.etc().display().to_string();
    let text = text.replace(&etc, "ETC").replace(&mx.root.display().to_string(), "ROOT");
    let mut shown = String::new();
    for line in text.lines() {
        let line = line.split_once(": ").map_or(line, |(program, rest)| {
            if program.starts_with("postlog") || program.starts_with("postfix/") { rest } else { line }
        });
        let mut words: Vec<String> = Vec::new();
        for word in line.split(' ') {
            // key-20260102-030405.pem
            let stamped =
                word.find("-20").filter(|at| word[*at + 1..].bytes().take(8).all(|b| b.is_ascii_digit()));
            words.push(match stamped {
                Some(at) => format!("{}-STAMP{}", &word[..at], &word[at + 16..]),
                None if word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()) => {
                    "DIGEST".to_string()
                }
                None => word.to_string(),
            });
        }
        shown.push_str(&words.join(" "));
        shown.push('\n');
    }
    shown
}

#[test]
fn postfix_tls() {
    if !has_openssl() {
        return testkit::skipped("no openssl command");
    }
    let mut seen = Vec::new();
    for subject in testkit::ours().into_iter().chain(testkit::references()) {
        let mx = Instance::new(subject.clone()).create();
        // The reference asks the instance in /etc/postfix for the openssl command.
        let usable = mx.run("postfix", &["tls", "all-default-client"], b"");
        if !subject.is_ours() && usable.code != 0 {
            println!("{subject:?} has no openssl command here: {}", usable.err);
            continue;
        }
        let mut told = String::new();
        let mut run = |words: &[&str]| {
            let done = mx.run("postfix", words, b"");
            let text = plain(&mx, &format!("{}{}", done.out, done.err));
            told.push_str(&format!("== {words:?}: {}\n{text}", done.code));
            done
        };
        run(&["tls"]);
        run(&["tls", "nonsense"]);
        run(&["tls", "all-default-client"]);
        run(&["tls", "all-default-server"]);
        run(&["tls", "all-default-server", "x"]);
        run(&["tls", "output-server-tlsa"]);
        run(&["tls", "output-server-csr"]);
        run(&["tls", "deploy-server-cert", "x"]);
        run(&["tls", "deploy-server-cert", "no", "such"]);
        run(&["tls", "new-server-key", "-a", "rot13"]);
        run(&["tls", "enable-client", "x"]);
        run(&["tls", "enable-client"]);
        run(&["tls", "enable-client"]);
        run(&["tls", "enable-server", "-a", "ecdsa", "mx.test", "other.test"]);
        run(&["tls", "enable-server"]);
        run(&["tls", "output-server-tlsa"]);
        run(&["tls", "output-server-tlsa", "-h", "far.test", "ecdsa"]);
        let request = mx.run("postfix", &["tls", "output-server-csr", "a.test"], b"");
        assert!(request.out.starts_with("-----BEGIN CERTIFICATE REQUEST-----"), "{request:?}");
        let found = mx.run("postconf", &["-nh", "smtpd_tls_security_level", "smtpd_tls_eckey_file"], b"");
        assert!(found.out.starts_with("may\n/"), "{found:?}");
        seen.push((format!("{subject:?}"), subject.is_ours(), told));
    }
    let Some((_, _, wanted)) = seen.iter().find(|(_, ours, _)| !ours) else {
        return testkit::skipped("no reference that can do it");
    };
    for (name, _, told) in seen.iter().filter(|(name, ours, _)| *ours && name == "Rooted") {
        let mut text = String::new();
        crate::cross_tls::differ(wanted, told, &mut text);
        assert!(text.is_empty(), "{name}:\n{text}");
    }
}

/// The lines of many an old how-to: opportunistic TLS both ways, a cache by an old name in an old place, and a roaming user
/// whose certificate opens the relay.
#[test]
fn old_how_tos_work_as_printed() {
    each(|subject| {
        let certs = Certificates::usual("howto");
        let (print, _) = certs.fingerprints("client");
        let folder = certs.folder.display().to_string();
        let inner = Instance::new(subject.clone())
            .main(&format!(
                "mydestination = far.test\nsmtpd_use_tls = yes\nsmtpd_tls_cert_file = {folder}/server.pem\nsmtpd_tls_key_file = {folder}/server.key\n\
                 smtpd_tls_received_header = yes"
            ))
            .start();
        let mx = Instance::new(subject.clone())
            .main(&format!(
                "smtp_use_tls = yes\nsmtpd_use_tls = yes\nsmtp_tls_note_starttls_offer = yes\n\
                 smtpd_tls_key_file = {folder}/server.key\nsmtpd_tls_cert_file = {folder}/server.pem\n\
                 smtpd_tls_CAfile = {folder}/ca.pem\nsmtpd_tls_loglevel = 1\nsmtp_tls_loglevel = 1\nsmtpd_tls_received_header = yes\n\
                 smtpd_tls_session_cache_timeout = 3600s\ntls_random_source = dev:/dev/urandom\n\
                 smtpd_tls_ask_ccert = yes\nsmtpd_tls_session_cache_database = {}:/etc/postfix/smtpd_scache\n\
                 relay_clientcerts = texthash:$config_directory/relay_clientcerts\nsmtpd_tls_fingerprint_digest = sha256\n\
                 smtpd_recipient_restrictions = permit_tls_clientcerts, reject_unauth_destination\nsmtpd_relay_restrictions =\n\
                 relayhost = [127.0.0.1]:{}",
                if subject.is_ours() { "sdbm" } else { "btree" },
                inner.port
            ))
            .create();
        fs::write(mx.etc().join("relay_clientcerts"), format!("{print} roaming-user\n")).unwrap();
        mx.start();
        let user = inner.who.user.clone();
        let refused = talk(
            mx.port,
            starttls!("1.2", "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<b@far.test>\nsay QUIT"),
            &certs,
        );
        assert!(refused.contains("554 5.7.1 <b@far.test>: Relay access denied"), "{refused}");
        let script = "connect\nread\nsay EHLO c.test\nsay STARTTLS\ntls 1.3 cert:client\nsay EHLO c.test\n\
                      say MAIL FROM:<a@c.test>\nsay RCPT TO:<USER@mx.test>\nsay DATA\nsay .\nsay QUIT";
        let script = script.replace("USER@mx.test", &format!("{user}@far.test"));
        let taken = talk(mx.port, &script, &certs);
        assert!(taken.contains("250 2.0.0 Ok: "), "{taken}");
        mx.log().wait(&["Trusted TLS connection established from unknown[127.0.0.1]"]);
        mx.log().wait(&["TLS connection established to 127.0.0.1[127.0.0.1]"]);
        mx.drained();
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}
