//! STARTTLS between this project and the reference, in both directions: what each side writes to its log, and the Received
//! header, are compared with what a pair of references writes under the same configuration and with the same OpenSSL.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use testkit::{Instance, Subject, references, skipped};

#[test]
fn with_the_installed_reference() {
    pairs(references().into_iter().find(|reference| *reference == Subject::Reference));
}

#[test]
fn with_the_reference_in_its_root() {
    pairs(references().into_iter().find(|reference| *reference != Subject::Reference));
}

/// One way to talk: master.cf options of the server and of the client, and how many messages go one after the other.
struct Scene {
    name: &'static str,
    server: &'static str,
    client: &'static str,
    messages: usize,
    /// Words that must be in the log of the server, of the client, and in the Received header: the comparison is not enough
    /// where the pair of references could be wrong alike.
    words: [&'static str; 3],
}

const SCENE: Scene = Scene { name: "", server: "", client: "", messages: 1, words: ["", "", ""] };

const SCENES: &[Scene] = &[
    Scene {
        name: "v12",
        client: "-o smtp_tls_protocols=TLSv1.2",
        words: [
            "Anonymous TLS connection established from unknown[127.0.0.1]: TLSv1.2 with cipher ADH-AES256-GCM-SHA384",
            "Anonymous TLS connection established to 127.0.0.1[127.0.0.1]:PORT: TLSv1.2 with cipher ADH-AES256-GCM-SHA384",
            "(using TLSv1.2 with cipher ADH-AES256-GCM-SHA384",
        ],
        ..SCENE
    },
    Scene {
        name: "v13",
        client: "-o smtp_tls_protocols=TLSv1.3",
        words: [
            "Anonymous TLS connection established from unknown[127.0.0.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange ",
            "Untrusted TLS connection established to 127.0.0.1[127.0.0.1]:PORT: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange ",
            "(No client certificate requested)",
        ],
        ..SCENE
    },
    Scene {
        name: "ca",
        client: "-o smtp_tls_CAfile=CERTS/ca.pem",
        words: ["", "Trusted TLS connection established to", ""],
        ..SCENE
    },
    Scene {
        name: "old",
        server: "-o smtpd_tls_security_level= -o smtpd_use_tls=yes",
        client: "-o smtp_tls_security_level= -o smtp_use_tls=yes",
        words: ["Anonymous TLS", "Untrusted TLS", ""],
        ..SCENE
    },
    Scene {
        name: "trusted",
        server: "-o smtpd_tls_ask_ccert=yes -o smtpd_tls_CAfile=CERTS/ca.pem",
        client: "-o smtp_tls_cert_file=CERTS/client.pem -o smtp_tls_key_file=CERTS/client.key",
        words: [
            "Trusted TLS connection established from",
            "",
            "(Client CN \"client.test\", Issuer \"Test CA\" (verified OK))",
        ],
        ..SCENE
    },
    Scene {
        name: "trusted12",
        server: "-o smtpd_tls_ask_ccert=yes -o smtpd_tls_CAfile=CERTS/ca.pem",
        client: "-o smtp_tls_cert_file=CERTS/client.pem -o smtp_tls_key_file=CERTS/client.key -o smtp_tls_protocols=TLSv1.2",
        words: ["Trusted TLS connection established from", "", "(verified OK)"],
        ..SCENE
    },
    Scene {
        name: "stranger",
        server: "-o smtpd_tls_ask_ccert=yes -o smtpd_tls_CAfile=CERTS/ca.pem",
        client: "-o smtp_tls_cert_file=CERTS/stranger.pem -o smtp_tls_key_file=CERTS/stranger.key",
        words: [
            "Untrusted TLS connection established from",
            "",
            "(Client CN \"stranger.test\", Issuer \"Other CA\" (not verified))",
        ],
        ..SCENE
    },
    Scene {
        name: "shy",
        server: "-o smtpd_tls_ask_ccert=yes -o smtpd_tls_CAfile=CERTS/ca.pem",
        words: ["Anonymous TLS connection established from", "", "(Client did not present a certificate)"],
        ..SCENE
    },
    Scene {
        name: "required",
        server: "-o smtpd_tls_security_level=encrypt -o smtpd_tls_req_ccert=yes -o smtpd_tls_CAfile=CERTS/ca.pem",
        client: "-o smtp_tls_security_level=encrypt -o smtp_tls_cert_file=CERTS/client.pem -o smtp_tls_key_file=CERTS/client.key",
        words: ["Trusted TLS connection established from", "", "(verified OK)"],
        ..SCENE
    },
    Scene {
        name: "wrapper",
        server: "-o smtpd_tls_wrappermode=yes",
        client: "-o smtp_tls_security_level=encrypt -o smtp_tls_wrappermode=yes",
        words: ["Anonymous TLS", "Untrusted TLS", "with ESMTPS id"],
        ..SCENE
    },
    Scene {
        name: "again12",
        server: "-o smtpd_tls_loglevel=2",
        client: "-o smtp_tls_loglevel=2 -o smtp_tls_protocols=TLSv1.2",
        messages: 2,
        words: ["Reusing old session", "Reusing old session", ""],
    },
    Scene {
        name: "again13",
        server: "-o smtpd_tls_loglevel=2",
        client: "-o smtp_tls_loglevel=2 -o smtp_tls_protocols=TLSv1.3",
        messages: 2,
        words: ["Reusing old session", "Reusing old session", ""],
    },
    Scene {
        name: "againcache",
        server: "-o smtpd_tls_loglevel=2 -o tls_ssl_options=NO_TICKET",
        client: "-o smtp_tls_loglevel=2 -o smtp_tls_protocols=TLSv1.2",
        messages: 2,
        words: ["Reusing old session", "Reusing old session", ""],
    },
];

fn pairs(reference: Option<Subject>) {
    let (Some(reference), true) = (reference, testkit::ours().contains(&Subject::Rooted)) else {
        return skipped("no reference here");
    };
    let ours = match &reference {
        Subject::ReferenceRoot(root) => Subject::RootedIn(root.clone()),
        _ => Subject::Rooted,
    };
    let folder =
        std::env::temp_dir().join(format!("ferropost-certs-{}-{}", std::process::id(), ours.who().uid));
    if !certificates(&folder) {
        return skipped("no openssl command");
    }
    let wanted = exchange(&reference, &reference, &folder);
    for scene in SCENES {
        let written = &wanted[scene.name];
        for (part, text) in scene.words.iter().zip(written) {
            assert!(text.contains(part), "{}: the references: {part:?} is not in {written:#?}", scene.name);
        }
    }
    // What 3.11, and so ours, writes and 3.7 does not, or with other words.
    // That includes the signature of a resumed session, which was made in another one.
    let old = reference == Subject::Reference;
    let since = |name: &str, text: &str| -> String {
        let text = if old && name == "again13" {
            text.replace(" server-signature RSA-PSS (2048 bits)", "")
        } else {
            text.to_string()
        };
        let cut = |line: &str| match line.split_once(" tls=") {
            Some((before, after)) => {
                before.to_string() + after.split_once(',').map_or("", |(_, rest)| rest) + "\n"
            }
            None => line.split(" to smtp cache (").next().unwrap_or("").to_string() + "\n",
        };
        let lines = text.lines().filter(|line| !name.starts_with("again") || outcome(line));
        lines.map(cut).collect()
    };
    let mut differences = String::new();
    for (client, server) in [(&ours, &reference), (&reference, &ours), (&ours, &ours)] {
        let got = exchange(client, server, &folder);
        for (name, was) in &wanted {
            for (side, (was, is)) in ["server", "client", "header"].iter().zip(was.iter().zip(&got[name])) {
                let (was, is) = (since(name, was), since(name, is));
                if was != is {
                    let _ = writeln!(differences, "--- {client:?} to {server:?}, {name}, {side}");
                    differ(&was, &is, &mut differences);
                }
            }
        }
    }
    let _ = fs::remove_dir_all(&folder);
    assert!(differences.is_empty(), "{differences}");
}

/// Lines of level 2 that are compared. The others tell of the library's steps and of look-ups in caches, of which a server of
/// ours, with many sessions in one process, needs fewer; ours does not yet tell of ticket keys and of each certificate's check.
fn outcome(line: &str) -> bool {
    let traced =
        ["SSL_", "TLS cipher list", " session NAME", " session ticket, key ", ": depth=", ": subject_CN="];
    !traced.iter().any(|part| line.contains(part)) && !line.contains("fingerprint=")
}

/// The lines of one that are not in the other, in order.
pub fn differ(was: &str, is: &str, text: &mut String) {
    let (was, is): (Vec<&str>, Vec<&str>) = (was.lines().collect(), is.lines().collect());
    // How many lines are common from here on, in both.
    let mut common = vec![vec![0usize; is.len() + 1]; was.len() + 1];
    for (a, old) in was.iter().enumerate().rev() {
        for (b, new) in is.iter().enumerate().rev() {
            common[a][b] =
                if old == new { common[a + 1][b + 1] + 1 } else { common[a + 1][b].max(common[a][b + 1]) };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < was.len() || b < is.len() {
        if a < was.len() && b < is.len() && was[a] == is[b] {
            (a, b) = (a + 1, b + 1);
        } else if b == is.len() || (a < was.len() && common[a + 1][b] >= common[a][b + 1]) {
            let _ = writeln!(text, "- {}", was[a]);
            a += 1;
        } else {
            let _ = writeln!(text, "+ {}", is[b]);
            b += 1;
        }
    }
}

/// Runs all scenes from one client to one server; for each, the log of the server, of the client, and the Received headers.
fn exchange(client: &Subject, server: &Subject, certs: &Path) -> BTreeMap<&'static str, [String; 3]> {
    let cache = |subject: &Subject| match subject {
        Subject::Reference | Subject::Rooted => "btree",
        // The reference in its root is built without Berkeley DB.
        _ => "lmdb",
    };
    let certs = certs.display();
    let fill = |text: &str| text.replace("CERTS", &certs.to_string());
    // All are bound before one is let go: no port comes twice.
    let bound: Vec<TcpListener> = SCENES.iter().map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let ports: Vec<u16> = bound.iter().map(|l| l.local_addr().unwrap().port()).collect();
    drop(bound);
    let domains: Vec<String> = SCENES.iter().map(|s| format!("{}.test", s.name)).collect();
    let mut inner = Instance::new(server.clone()).main(&format!(
        "mydestination = mx.test, {}\nlocal_recipient_maps =\nsmtpd_tls_security_level = may\n\
         smtpd_tls_cert_file = {certs}/server.pem\nsmtpd_tls_key_file = {certs}/server.key\nsmtpd_tls_loglevel = 1\n\
         smtpd_tls_received_header = yes\nsmtpd_tls_session_cache_database = {}:$data_directory/smtpd_scache",
        domains.join(", "),
        cache(server)
    ));
    let mut outer = Instance::new(client.clone()).main(&format!(
        "myhostname = outer.test\nmydestination =\nlocal_recipient_maps =\ntransport_maps = texthash:$config_directory/transport\n\
         smtp_tls_security_level = may\nsmtp_tls_loglevel = 1\nsmtp_connection_cache_on_demand = no\n\
         smtp_tls_session_cache_database = {}:$data_directory/smtp_scache",
        cache(client)
    ));
    let mut routes = String::new();
    for (scene, port) in SCENES.iter().zip(&ports) {
        let name = scene.name;
        inner = inner.master(&format!(
            "127.0.0.1:{port} inet n - n - - smtpd -o syslog_name=postfix/{name} {}",
            fill(scene.server)
        ));
        outer = outer.master(&format!(
            "{name} unix - - n - - smtp -o syslog_name=postfix/{name} {}",
            fill(scene.client)
        ));
        let _ = writeln!(routes, "{name}.test {name}:[127.0.0.1]:{port}");
    }
    let (inner, outer) = (inner.create(), outer.create());
    for mx in [&inner, &outer] {
        let lmdb = "lmdb postfix-lmdb.so dict_lmdb_open mkmap_lmdb_open\n";
        fs::write(mx.etc().join("dynamicmaps.cf"), lmdb).unwrap();
        // A parameter that is set twice makes each program warn; the reference's postlogd then waits for itself.
        let path = mx.etc().join("main.cf");
        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<&str> = Vec::new();
        for line in text.lines() {
            let name = line.split_once('=').map_or(line, |(name, _)| name);
            lines.retain(|earlier| earlier.split_once('=').map_or(*earlier, |(name, _)| name) != name);
            lines.push(line);
        }
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        // The commands of root must not be the first to write it: its owner is who postlogd runs as.
        let log = mx.root.join("log/maillog");
        fs::write(&log, "").unwrap();
        chown(&log, Some(mx.who.uid), Some(mx.who.gid)).unwrap();
    }
    fs::write(outer.etc().join("transport"), routes).unwrap();
    inner.start();
    outer.start();
    let user = inner.who.user.clone();
    let mut smtp = outer.connect().hello();
    for round in 0..2 {
        for scene in SCENES.iter().filter(|s| round < s.messages) {
            let to = format!("{user}@{}.test", scene.name);
            let text = format!("Subject: {}\r\n\r\nx\r\n", scene.name);
            smtp.message("a@outer.test", &[&to], &text).expect(250);
        }
        outer.drained();
    }
    drop(smtp);
    inner.drained();
    let mail = inner.maildir(&user);
    outer.stop();
    inner.stop();
    for mx in [&inner, &outer] {
        assert_eq!(mx.log().trouble(), [""; 0]);
    }
    let mut written = BTreeMap::new();
    for (scene, port) in SCENES.iter().zip(&ports) {
        let subject = format!("\nSubject: {}\n", scene.name);
        let mut headers: Vec<String> =
            mail.iter().filter(|m| m.contains(&subject)).map(|m| received(m)).collect();
        headers.sort();
        assert_eq!(headers.len(), scene.messages, "{}\n{}", scene.name, outer.log().text());
        let of = |mx: &Instance| {
            let tag = format!(" postfix/{}/", scene.name);
            let lines = mx.log().lines(&[&tag]);
            lines.iter().fold(String::new(), |text, line| text + &plain(line, *port) + "\n")
        };
        written.insert(scene.name, [of(&inner), of(&outer), headers.concat()]);
    }
    written
}

/// The first Received header, without what differs from message to message.
pub fn received(mail: &str) -> String {
    let from = mail.find("Received:").expect("a received message says so");
    let mut text = String::new();
    for (n, line) in mail[from..].lines().enumerate() {
        if n > 0 && !line.starts_with([' ', '\t']) {
            break;
        }
        let line = line.split("; ").next().unwrap_or("");
        let line = line.split_once(" id ").map_or(line.to_string(), |(before, _)| format!("{before} id ID"));
        text += &line;
        text.push('\n');
    }
    text
}

/// A log line without time, process, queue ids, delays, ports, times of keys, and the names that sessions have in caches.
pub fn plain(line: &str, port: u16) -> String {
    let line = line.split_once("]: ").map_or(line, |(_, text)| text).replace(&port.to_string(), "PORT");
    let line = line.split("queued as ").next().unwrap_or("").replace(" (RFC 5077 session ticket)", "");
    let mut words: Vec<String> = Vec::new();
    for (n, word) in line.split(' ').enumerate() {
        let id = word.strip_suffix(':').unwrap_or(word);
        let hex = id.len() >= 9 && id.bytes().all(|b| b.is_ascii_hexdigit());
        if (n == 0 && word.len() > 9 && hex) || (hex && id.len() > 16) {
            words.push("ID".to_string());
        } else if word.contains('&') {
            words.push("NAME".to_string());
        } else if words.last().is_some_and(|last| last == "expiration:") {
            words.push("TIME".to_string());
        } else if word.starts_with("delay=") || word.starts_with("delays=") {
            continue;
        } else {
            words.push(word.to_string());
        }
    }
    words.join(" ")
}

/// A certificate authority with a server's and a client's certificate, and a client's of another authority.
fn certificates(folder: &Path) -> bool {
    let _ = fs::create_dir_all(folder);
    let openssl = |args: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(args).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let made = |name: &str, subject: &str, ca: Option<&str>| {
        let (key, cert) = (format!("{name}.key"), format!("{name}.pem"));
        let mut args = vec!["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", subject];
        args.extend(["-keyout", &key, "-out", &cert]);
        let files = ca.map(|ca| (format!("{ca}.pem"), format!("{ca}.key")));
        if let Some((cert, key)) = &files {
            args.extend(["-CA", cert, "-CAkey", key, "-addext", "basicConstraints=critical,CA:FALSE"]);
        }
        openssl(&args)
    };
    let done = made("ca", "/CN=Test CA", None)
        && made("other", "/CN=Other CA", None)
        && made("server", "/CN=mx.test", Some("ca"))
        && made("client", "/CN=client.test", Some("ca"))
        && made("stranger", "/CN=stranger.test", Some("other"));
    let files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    done && files.iter().all(|file| fs::set_permissions(file, fs::Permissions::from_mode(0o644)).is_ok())
        && fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).is_ok()
}
