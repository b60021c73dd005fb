//! posttls-finger(1) says what the reference's says.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::{Command, Stdio};

use testkit::{Instance, Subject, references, skipped};

/// Command lines; FILE is the server's certificate, PORT its port.
const LINES: &[&str] = &[
    "-h native -a ipv4 [localhost]:PORT",
    "-h native -a ipv4 -l secure -F FILE [localhost]:PORT",
    "-h native -a ipv4 -l secure -F FILE [localhost]:PORT elsewhere.test",
    "-h native -a ipv4 -l verify -A FILE [localhost]:PORT",
    "-h native -a ipv4 -l verify -A FILE [localhost]:PORT elsewhere.test",
    "-h native -l fingerprint [127.0.0.1]:PORT 00:11",
    "-h native -l may -L verbose [127.0.0.1]:PORT",
    "-h native -l encrypt -p TLSv1.2 -g high [127.0.0.1]:PORT",
    "-h native -a ipv4 -cC -L none [localhost]:PORT",
    "-h native -a ipv4 -r 1 -m 1 -l secure [localhost]:PORT",
    "-h native -a ipv4 -l none -S [localhost]:PORT",
    "-l sometimes x",
    "-M x y",
    "-a x y",
    "[x",
];

#[test]
fn says_what_the_reference_says() {
    let reference = references().into_iter().find(|reference| *reference != Subject::Reference);
    let (Some(Subject::ReferenceRoot(root)), true) = (reference, testkit::ours().contains(&Subject::Rooted))
    else {
        return skipped("no reference of this release here");
    };
    let folder = std::env::temp_dir().join(format!("ferropost-finger-{}", std::process::id()));
    let _ = fs::create_dir_all(&folder);
    let (cert, chain) = (folder.join("cert.pem"), folder.join("chain.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-subj", "/CN=localhost", "-days", "9", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(&folder)
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return skipped("no openssl command");
    }
    let pem = fs::read_to_string(folder.join("key.pem")).unwrap() + &fs::read_to_string(&cert).unwrap();
    fs::write(&chain, pem).unwrap();
    for path in [&folder, &cert, &chain] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let main = format!("smtpd_tls_security_level = may\nsmtpd_tls_chain_files = {}", chain.display());
    let inner = Instance::new(Subject::Rooted).main(&main).start();
    let mut all = Vec::new();
    for subject in [Subject::ReferenceRoot(root.clone()), Subject::RootedIn(root)] {
        let outer = Instance::new(subject).create();
        let log = outer.root.join("log/maillog");
        fs::write(&log, "").unwrap();
        chown(&log, Some(outer.who.uid), Some(outer.who.gid)).unwrap();
        let said: Vec<String> =
            LINES.iter().map(|line| say(&outer, line, inner.port, &cert.display().to_string())).collect();
        all.push(said);
    }
    let _ = fs::remove_dir_all(&folder);
    for ((line, was), is) in LINES.iter().zip(&all[0]).zip(&all[1]) {
        assert_eq!(was, is, "posttls-finger {line}");
    }
    assert!(all[1][1].contains("Verified TLS connection established"), "{}", all[1][1]);
}

fn say(outer: &Instance, line: &str, port: u16, cert: &str) -> String {
    let line = line.replace("PORT", &port.to_string()).replace("FILE", cert);
    let words: Vec<&str> = line.split(' ').collect();
    let output = outer.run("posttls-finger", &words, b"");
    let text = format!("exit {}\n{}{}", output.code, output.out, output.err);
    // The names of sessions in a cache are each program's own.
    let lines = text.lines().map(|line| match line.split_once(']') {
        Some((head, tail)) if line.contains(" session [") => {
            let rest = tail.split_once(" from ").or(tail.split_once(" in ")).or(tail.split_once(" to "));
            format!("{head}] {}", rest.map_or("", |(_, rest)| rest))
        }
        _ => line.to_owned(),
    });
    lines
        .filter(|line| !line.contains("COMPATIBILITY") && !line.contains("compatibility"))
        .collect::<Vec<_>>()
        .join("\n")
}
