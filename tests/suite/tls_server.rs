//! TLS as the server: what clients see and what the log says, in many configurations, beside the reference with the same
//! OpenSSL. A scene is a service with its options, and conversations with it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;

use testkit::{Instance, Subject, references, skipped};

use crate::cross_tls::{differ, plain};
use crate::tls_kit::{Certificates, has_openssl, path, talk};

/// A service and what is said to it.
pub struct Scene {
    pub name: &'static str,
    /// Options in master.cf; `CERTS` is the certificates' folder, `CERT:NAME` and `KEY:NAME` are fingerprints.
    pub options: &'static str,
    pub talks: &'static [&'static str],
    /// Must be in what is seen or in the log: the reference could otherwise be wrong with us.
    pub words: &'static [&'static str],
    /// Log lines with any of these are not compared.
    pub apart: &'static [&'static str],
}

pub const SCENE: Scene = Scene { name: "", options: "", talks: &[], words: &[], apart: &[] };

/// A conversation: greeting, EHLO, STARTTLS, a handshake with these options, and what follows.
#[macro_export]
macro_rules! starttls {
    ($options:literal, $rest:literal) => {
        concat!("connect\nread\nsay EHLO c.test\nsay STARTTLS\ntls ", $options, "\n", $rest)
    };
    ($options:literal) => {
        starttls!($options, "say EHLO c.test\nsay QUIT")
    };
}

/// Runs the scenes with the reference and with ours in the same root, and compares.
pub fn compare(label: &str, main: &str, scenes: &[Scene]) {
    let reference = references().into_iter().find(|reference| *reference != Subject::Reference);
    let (Some(Subject::ReferenceRoot(root)), true) = (reference, testkit::ours().contains(&Subject::Rooted))
    else {
        return skipped("no reference of its own root here");
    };
    if !has_openssl() {
        return skipped("no openssl command");
    }
    let only = std::env::var("FERROPOST_SCENE").unwrap_or_default();
    let scenes: Vec<&Scene> = scenes.iter().filter(|scene| scene.name.starts_with(&only)).collect();
    let certs = Certificates::usual(label);
    let wanted = run(&Subject::ReferenceRoot(root.clone()), main, &scenes, &certs);
    let got = run(&Subject::RootedIn(root), main, &scenes, &certs);
    let mut differences = String::new();
    for scene in &scenes {
        let (was, is) = (&wanted[scene.name], &got[scene.name]);
        if std::env::var_os("FERROPOST_SHOW").is_some() {
            println!("=== {}\n{was}", scene.name);
        }
        for word in scene.words {
            assert!(was.contains(word), "{}: the reference: {word:?} is not in\n{was}", scene.name);
        }
        if was != is {
            let _ = writeln!(differences, "--- {}", scene.name);
            differ(was, is, &mut differences);
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// Runs all scenes; for each, what was seen and the log.
fn run(
    subject: &Subject,
    main: &str,
    scenes: &[&Scene],
    certs: &Certificates,
) -> BTreeMap<&'static str, String> {
    let bound: Vec<TcpListener> = scenes.iter().map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let ports: Vec<u16> = bound.iter().map(|l| l.local_addr().unwrap().port()).collect();
    drop(bound);
    let mut mx = Instance::new(subject.clone()).main(&format!(
        "local_recipient_maps =\nsmtpd_tls_loglevel = 1\nsmtpd_tls_received_header = yes\n\
         smtpd_tls_session_cache_database = lmdb:$data_directory/smtpd_scache\n{}",
        fill(main, certs)
    ));
    for (scene, port) in scenes.iter().zip(&ports) {
        mx = mx.master(&format!(
            "127.0.0.1:{port} inet n - n - 1 smtpd -o syslog_name=postfix/{} {}",
            scene.name,
            fill(scene.options, certs)
        ));
    }
    let mx = mx.create();
    let lmdb = "lmdb postfix-lmdb.so dict_lmdb_open mkmap_lmdb_open\n";
    fs::write(mx.etc().join("dynamicmaps.cf"), lmdb).unwrap();
    let log = mx.root.join("log/maillog");
    fs::write(&log, "").unwrap();
    chown(&log, Some(mx.who.uid), Some(mx.who.gid)).unwrap();
    mx.start();
    let mut all = BTreeMap::new();
    for (scene, port) in scenes.iter().zip(&ports) {
        let mut seen = String::new();
        let tag = format!(" postfix/{}/", scene.name);
        let mut connections = 0;
        for script in scene.talks {
            let _ = writeln!(seen, "{}-- talk", talk(*port, script, certs));
            connections +=
                script.lines().filter(|l| matches!(l.trim(), "connect") || l.contains("s_client")).count();
            testkit::wait_for("the session is over", || {
                mx.log().lines(&[&tag, " disconnect from "]).len() >= connections
                    || !mx.log().lines(&[&tag, "fatal: "]).is_empty()
            });
        }
        for line in mx.log().lines(&[&tag]) {
            if !scene.apart.iter().any(|part| line.contains(part)) {
                let line = plain(&line, *port);
                // What follows are bytes of a handshake, with random ones among them.
                let mark = "non-SMTP command from unknown[127.0.0.1]: ";
                let cut = line.find(mark).map_or(line.len(), |at| at + mark.len());
                let _ = writeln!(seen, "{}", &line[..cut]);
            }
        }
        all.insert(scene.name, seen.replace(&certs.folder.display().to_string(), "CERTS"));
    }
    mx.drained();
    let user = mx.who.user.clone();
    if mx.root.join("mail").join(&user).exists() {
        let mut headers: Vec<String> =
            mx.maildir(&user).iter().map(|mail| crate::cross_tls::received(mail)).collect();
        headers.sort();
        all.insert("Received", headers.concat());
    }
    mx.stop();
    all
}

fn fill(text: &str, certs: &Certificates) -> String {
    let mut text = text.replace("CERTS/", &path(certs, ""));
    for (mark, key) in [("CERT:", false), ("KEY:", true)] {
        while let Some(at) = text.find(mark) {
            let rest = &text[at + mark.len()..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let name = rest[..end].to_string();
            let (of_cert, of_key) = certs.fingerprints(&name);
            text.replace_range(at..at + mark.len() + end, if key { &of_key } else { &of_cert });
        }
    }
    text
}

#[test]
fn log_levels() {
    compare(
        "levels",
        "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = CERTS/server-chain.pem",
        &[
            Scene { name: "level0", options: "-o smtpd_tls_loglevel=0", talks: &[starttls!("1.3")], ..SCENE },
            Scene {
                name: "level2v12",
                options: "-o smtpd_tls_loglevel=2",
                talks: &[starttls!("1.2")],
                words: &["SSL_accept:before SSL initialization", "Issuing session ticket, key expiration:"],
                ..SCENE
            },
            Scene {
                name: "level2v13",
                options: "-o smtpd_tls_loglevel=2",
                talks: &[starttls!("1.3")],
                ..SCENE
            },
            Scene {
                name: "resume12",
                options: "-o smtpd_tls_loglevel=2",
                talks: &["s_client -tls1_2 -sess_out FOLDER/s12", "s_client -tls1_2 -sess_in FOLDER/s12"],
                words: &["Reused", "Decrypting session ticket, key expiration:"],
                ..SCENE
            },
            Scene {
                name: "resume13",
                options: "-o smtpd_tls_loglevel=2",
                talks: &["s_client -tls1_3 -sess_out FOLDER/s13", "s_client -tls1_3 -sess_in FOLDER/s13"],
                words: &["Reused"],
                ..SCENE
            },
            Scene {
                name: "resumecache",
                options: "-o smtpd_tls_loglevel=2 -o tls_ssl_options=NO_TICKET",
                talks: &["s_client -tls1_2 -sess_out FOLDER/sc", "s_client -tls1_2 -sess_in FOLDER/sc"],
                words: &["Reused", "looking up session"],
                ..SCENE
            },
            Scene {
                name: "level2cert",
                options: "-o smtpd_tls_loglevel=2 -o smtpd_tls_ask_ccert=yes -o smtpd_tls_CAfile=CERTS/ca.pem",
                talks: &[
                    starttls!("1.3 cert:client", "say QUIT"),
                    starttls!("1.2 cert:stranger", "say QUIT"),
                    starttls!("1.3 cert:own", "say QUIT"),
                    starttls!("1.3 cert:late", "say QUIT"),
                    starttls!("1.3 cert:nameless", "say QUIT"),
                ],
                words: &[
                    "depth=0 verify=1 subject=",
                    "subject_CN=client.test, issuer=Test CA, cert fingerprint=",
                ],
                ..SCENE
            },
            Scene {
                name: "words",
                options: "-o smtpd_tls_loglevel=summary,untrusted,peercert -o smtpd_tls_ask_ccert=yes -o smtpd_tls_CAfile=CERTS/ca.pem -o smtpd_tls_ccert_verifydepth=1",
                talks: &[
                    starttls!("1.3 cert:client", "say QUIT"),
                    starttls!("1.3 cert:stranger", "say QUIT"),
                    starttls!("1.3 cert:own", "say QUIT"),
                    starttls!("1.3 cert:late", "say QUIT"),
                    starttls!("1.3 cert:early", "say QUIT"),
                    starttls!("1.3 cert:serveronly", "say QUIT"),
                    starttls!("1.3 cert:deep", "say QUIT"),
                    starttls!("1.3 cert:nul", "say QUIT"),
                    starttls!("1.3 cert:odd", "say QUIT"),
                    starttls!("1.3 cert:utf8", "say QUIT"),
                ],
                words: &[
                    "certificate has expired",
                    "self-signed certificate",
                    "untrusted issuer /CN=Other CA",
                ],
                ..SCENE
            },
            Scene {
                name: "wrongword",
                options: "-o smtpd_tls_loglevel=3x",
                talks: &[starttls!("1.3", "say QUIT")],
                ..SCENE
            },
        ],
    );
}
