//! What each TLS level of the SMTP client does with each kind of server: outcome and log lines, ours beside the reference's.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use testkit::{Instance, Subject, references, skipped};

/// Kinds of servers, with their smtpd(8) options. All are called `localhost`.
const SERVERS: &[(&str, &str)] = &[
    ("plain", "-o smtpd_tls_security_level=none"),
    ("selfsigned", "-o smtpd_tls_chain_files=CERTS/selfsigned.chain"),
    ("wrongname", "-o smtpd_tls_chain_files=CERTS/wrongname.chain"),
    ("expired", "-o smtpd_tls_chain_files=CERTS/expired.chain"),
    ("stranger", "-o smtpd_tls_chain_files=CERTS/stranger.chain"),
    ("trusted", "-o smtpd_tls_chain_files=CERTS/trusted.chain"),
    ("old", "-o smtpd_tls_chain_files=CERTS/trusted.chain -o smtpd_tls_protocols=TLSv1.2"),
];

/// Ways to configure the client, with the outcome (s: sent, d: deferred, b: bounced) by server in the order of [`SERVERS`].
const RULES: &[(&str, &str, &str)] = &[
    ("none", "-o smtp_tls_security_level=none -o smtp_tls_note_starttls_offer=yes", "sssssss"),
    ("may", "-o smtp_tls_security_level=may", "sssssss"),
    ("use", "-o smtp_tls_security_level= -o smtp_use_tls=yes", "sssssss"),
    ("encrypt", "-o smtp_tls_security_level=encrypt", "dssssss"),
    ("enforce", "-o smtp_tls_security_level= -o smtp_enforce_tls=yes", "dddddss"),
    (
        "nopeer",
        "-o smtp_tls_security_level= -o smtp_enforce_tls=yes -o smtp_tls_enforce_peername=no",
        "dssssss",
    ),
    ("verify", "-o smtp_tls_security_level=verify", "dddddss"),
    ("secure", "-o smtp_tls_security_level=secure", "dddddss"),
    ("match", "-o smtp_tls_security_level=secure -o smtp_tls_secure_cert_match=elsewhere.test", "ddsdddd"),
    ("below", "-o smtp_tls_security_level=secure -o smtp_tls_secure_cert_match=.test", "ddsdddd"),
    (
        "anchor",
        "-o smtp_tls_security_level=secure -o smtp_tls_trust_anchor_file=CERTS/stranger-ca.pem",
        "ddddsdd",
    ),
    (
        "print",
        "-o smtp_tls_security_level=fingerprint -o smtp_tls_fingerprint_cert_match=FPR_SELFSIGNED",
        "dsddddd",
    ),
    ("noprint", "-o smtp_tls_security_level=fingerprint -o smtp_tls_fingerprint_cert_match=00:11", "ddddddd"),
    ("emptyprint", "-o smtp_tls_security_level=fingerprint", "ddddddd"),
    ("new", "-o smtp_tls_security_level=encrypt -o smtp_tls_mandatory_protocols=>=TLSv1.3", "dsssssd"),
    (
        "newmay",
        "-o smtp_tls_security_level=may -o smtp_tls_protocols=>=TLSv1.3 -o minimal_backoff_time=1000s",
        "ssssssd",
    ),
    ("grade", "-o smtp_tls_security_level=encrypt -o smtp_tls_mandatory_ciphers=best", "ddddddd"),
    ("proto", "-o smtp_tls_security_level=encrypt -o smtp_tls_mandatory_protocols=TLSv9", "ddddddd"),
    ("dane", "-o smtp_tls_security_level=dane", "sssssss"),
    ("daneonly", "-o smtp_tls_security_level=dane-only", "ddddddd"),
    ("verbose", "-o smtp_tls_security_level=verify -o smtp_tls_loglevel=2", "dddddss"),
    (
        "pmap",
        "-o {smtp_tls_policy_maps=inline:{{[localhost]:PORTtrusted=verify},{[localhost]:PORTexpired=none},{[localhost]:PORTold=sometimes},{[localhost]:PORTplain=encrypt},{[localhost]:PORTwrongname=secure match=elsewhere.test ciphers=high},{[localhost]:PORTstranger=verify tafile=CERTS/stranger-ca.pem protocols=TLSv1.3},{[localhost]:PORTselfsigned=fingerprint match=aa:bb|FPR_SELFSIGNED}}}",
        "dsssssd",
    ),
    (
        "site",
        "-o smtp_tls_security_level= -o smtp_tls_per_site=inline:{{[localhost]:PORTtrusted=MUST},{[localhost]:PORTexpired=MUST},{[localhost]:PORTold=nonsense},{[localhost]:PORTplain=MUST_NOPEERMATCH},{[localhost]:PORTwrongname=MAY}}",
        "dssdssd",
    ),
    // The message says `Require-TLS-ESMTP: yes`; the servers offer REQUIRETLS with TLS.
    ("rtmay", "-o smtp_tls_security_level=may -o smtp_requiretls_policy=enforce", "bbbbbbb"),
    ("rtnone", "-o smtp_tls_security_level=none -o smtp_requiretls_policy=enforce", "bbbbbbb"),
    ("rtverify", "-o smtp_tls_security_level=verify -o smtp_requiretls_policy=enforce", "bbbbbss"),
    ("rtencrypt", "-o smtp_tls_security_level=encrypt -o smtp_requiretls_policy=enforce", "bbbbbbb"),
    ("rtstart", "-o smtp_tls_security_level=may -o smtp_requiretls_policy=opportunistic+starttls", "bssssss"),
    (
        "rtstartnone",
        "-o smtp_tls_security_level=none -o smtp_requiretls_policy=opportunistic+starttls",
        "bbbbbbb",
    ),
    (
        "rtstartverify",
        "-o smtp_tls_security_level=verify -o smtp_requiretls_policy=opportunistic+starttls",
        "bddddss",
    ),
    ("rtopp", "-o smtp_tls_security_level=may -o smtp_requiretls_policy=opportunistic", "sssssss"),
    ("rtoppnone", "-o smtp_tls_security_level=none -o smtp_requiretls_policy=opportunistic", "sssssss"),
    ("rtoppverify", "-o smtp_tls_security_level=verify -o smtp_requiretls_policy=opportunistic", "dddddss"),
    ("rtdisable", "-o smtp_tls_security_level=may -o smtp_requiretls_policy=disable", "sssssss"),
    ("rtbad", "-o smtp_tls_security_level=may -o smtp_requiretls_policy=nonsense", "ddddddd"),
    (
        "rtoff",
        "-o smtp_tls_security_level=verify -o smtp_requiretls_policy=enforce -o smtp_discard_ehlo_keywords=requiretls",
        "bbbbbbb",
    ),
    // The message says `TLS-Required: no`.
    ("trverify", "-o smtp_tls_security_level=verify", "sssssss"),
    ("trnone", "-o smtp_tls_security_level=none", "sssssss"),
    ("trprint", "-o smtp_tls_security_level=fingerprint", "sssssss"),
    ("wrapper", "-o smtp_tls_security_level=may -o smtp_tls_wrappermode=yes", "ddddddd"),
];

#[test]
fn every_level_with_every_server() {
    if !testkit::ours().contains(&Subject::Rooted) {
        return skipped("needs root");
    }
    let reference = references().into_iter().find(|reference| *reference != Subject::Reference);
    let ours = match &reference {
        Some(Subject::ReferenceRoot(root)) => Subject::RootedIn(root.clone()),
        _ => Subject::Rooted,
    };
    let folder = std::env::temp_dir().join(format!("ferropost-matrix-{}", std::process::id()));
    let Some(fingerprint) = certificates(&folder) else { return skipped("no openssl command") };
    let mut all = vec![run(&ours, &folder, &fingerprint)];
    all.extend(reference.iter().map(|reference| run(reference, &folder, &fingerprint)));
    let _ = fs::remove_dir_all(&folder);
    let mut text = String::new();
    for written in &all {
        for (rule, _, outcomes) in RULES {
            for ((server, _), outcome) in SERVERS.iter().zip(outcomes.chars()) {
                let lines = &written[&(*rule, *server)];
                let status = match outcome {
                    's' => "status=sent",
                    'd' => "status=deferred",
                    _ => "status=bounced",
                };
                if !lines.contains(status) {
                    let _ = writeln!(text, "{rule} to {server}: not {status}: {lines}");
                }
            }
        }
    }
    if let [got, wanted] = all.as_slice() {
        for (place, was) in wanted {
            let is = &got[place];
            if was != is {
                let _ = writeln!(
                    text,
                    "{place:?}\n- {}\n+ {}",
                    was.replace('\n', "\n- "),
                    is.replace('\n', "\n+ ")
                );
            }
        }
    }
    assert!(text.is_empty(), "{text}");
}

type Written = BTreeMap<(&'static str, &'static str), String>;

/// Sends a message by each rule to each server; what the client has logged of it.
fn run(client: &Subject, certs: &Path, fingerprint: &str) -> Written {
    let certs = certs.display().to_string();
    let bound: Vec<TcpListener> = SERVERS.iter().map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let ports: Vec<u16> = bound.iter().map(|l| l.local_addr().unwrap().port()).collect();
    drop(bound);
    let fill = |text: &str| {
        let mut text = text.replace("CERTS", &certs).replace("FPR_SELFSIGNED", fingerprint);
        for ((name, _), port) in SERVERS.iter().zip(&ports) {
            text = text.replace(&format!("PORT{name}"), &port.to_string());
        }
        text
    };
    let mut inner = Instance::new(testkit::ours().into_iter().find(|s| *s == Subject::Rooted).unwrap()).main(
        "mydestination =\nsmtpd_tls_security_level = may\ndefault_transport = discard:\nlocal_recipient_maps =",
    );
    for ((_, options), port) in SERVERS.iter().zip(&ports) {
        inner = inner.master(&format!("127.0.0.1:{port} inet n - n - - smtpd {}", fill(options)));
    }
    let mut outer = Instance::new(client.clone()).main(&format!(
        "myhostname = outer.test\nmydestination =\nlocal_recipient_maps =\ntransport_maps = texthash:$config_directory/transport\n\
         smtp_tls_security_level = may\nsmtp_tls_loglevel = 1\nsmtp_connection_cache_on_demand = no\n\
         smtp_tls_CAfile = {certs}/ca.pem\nsmtp_tls_fingerprint_digest = sha256\nbounce_queue_lifetime = 1h\n\
         smtp_host_lookup = native\ndisable_dns_lookups = yes\ninet_protocols = ipv4"
    ));
    let mut routes = String::new();
    for (rule, options, _) in RULES {
        outer = outer
            .master(&format!("{rule} unix - - n - - smtp -o syslog_name=postfix/{rule} {}", fill(options)));
        for ((server, _), port) in SERVERS.iter().zip(&ports) {
            let _ = writeln!(routes, "{rule}-{server}.test {rule}:[localhost]:{port}");
        }
    }
    let (inner, outer) = (inner.create(), outer.create());
    for mx in [&inner, &outer] {
        // A parameter that is set twice makes each program warn.
        let path = mx.etc().join("main.cf");
        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<&str> = Vec::new();
        for line in text.lines() {
            let name = line.split_once('=').map_or(line, |(name, _)| name.trim());
            lines.retain(|earlier| earlier.split_once('=').map_or(*earlier, |(name, _)| name.trim()) != name);
            lines.push(line);
        }
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        let log = mx.root.join("log/maillog");
        fs::write(&log, "").unwrap();
        chown(&log, Some(mx.who.uid), Some(mx.who.gid)).unwrap();
    }
    fs::write(outer.etc().join("transport"), routes).unwrap();
    inner.start();
    outer.start();
    let mut smtp = outer.connect().hello();
    for (rule, _, _) in RULES {
        for (server, _) in SERVERS {
            let to = format!("x@{rule}-{server}.test");
            let header = match rule.get(..2) {
                Some("rt") => "Require-TLS-ESMTP: yes\r\n",
                Some("tr") => "TLS-Required: no\r\n",
                _ => "",
            };
            let text = format!("Subject: x\r\n{header}\r\nx\r\n");
            smtp.message("", &[&to], &text).expect(250);
        }
    }
    drop(smtp);
    let log = outer.log();
    for (rule, _, _) in RULES {
        for (server, _) in SERVERS {
            log.wait(&[&format!("to=<x@{rule}-{server}.test>"), "status="]);
        }
    }
    outer.stop();
    inner.stop();
    let mut all = Written::new();
    for (rule, _, _) in RULES {
        let lines = log.lines(&[&format!(" postfix/{rule}/")]);
        for ((server, _), port) in SERVERS.iter().zip(&ports) {
            let (to, port) = (format!("to=<x@{rule}-{server}.test>"), port.to_string());
            let mut text: Vec<String> = lines
                .iter()
                .filter(|line| line.contains(&to) || (!line.contains(" to=<") && line.contains(&port)))
                .filter(|line| !line.contains("TLS cipher list"))
                .map(|line| plain(line, &port))
                .collect();
            // A name may have an address twice, and a deferred message may have been tried again.
            let mut seen = Vec::new();
            text.retain(|line| {
                !seen.contains(line) && {
                    seen.push(line.clone());
                    true
                }
            });
            if *rule == "none" {
                text.sort();
                let offers = lines.iter().filter(|line| line.contains("Host offered STARTTLS")).count();
                text.push(format!("offers: {}", offers > 0));
            }
            all.insert((*rule, *server), text.join("\n"));
        }
    }
    all
}

/// A line without time, process, queue ids and delays.
fn plain(line: &str, port: &str) -> String {
    let line = line.split_once("]: ").map_or(line, |(_, text)| text).replace(port, "PORT");
    let line = line.split("queued as ").next().unwrap_or("").to_string();
    let words = line.split(' ').enumerate().filter_map(|(n, word)| {
        if n == 0
            && word.len() > 9
            && word.ends_with(':')
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':')
        {
            return Some("ID:");
        }
        (!word.starts_with("delay=") && !word.starts_with("delays=")).then_some(word)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Certificates and chains; the fingerprint of the self-signed one.
fn certificates(folder: &Path) -> Option<String> {
    let _ = fs::create_dir_all(folder);
    let openssl = |args: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(args).current_dir(folder).stderr(Stdio::null());
        let output = command.output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let made = |name: &str, subject: &str, ca: Option<&str>, days: &str| {
        let (key, cert) = (format!("{name}.key"), format!("{name}.pem"));
        let subject = format!("/CN={subject}");
        let mut args = vec![
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            &subject,
            "-keyout",
            &key,
            "-out",
            &cert,
            "-days",
            days,
        ];
        let files = ca.map(|ca| (format!("{ca}.pem"), format!("{ca}.key")));
        if let Some((ca_cert, ca_key)) = &files {
            args.extend(["-CA", ca_cert, "-CAkey", ca_key, "-addext", "basicConstraints=critical,CA:FALSE"]);
        }
        openssl(&args)?;
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let mut chain = read(&key)? + &read(&cert)?;
        if let Some((ca_cert, _)) = &files {
            chain += &read(ca_cert)?;
        }
        fs::write(folder.join(format!("{name}.chain")), chain).ok()
    };
    made("ca", "Test CA", None, "30")?;
    made("stranger-ca", "Other CA", None, "30")?;
    made("selfsigned", "localhost", None, "30")?;
    made("wrongname", "elsewhere.test", Some("ca"), "30")?;
    // `openssl req` cannot date a certificate back, `openssl ca` can.
    let config = "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\npolicy=p\n\
                  [p]\ncommonName=supplied\n";
    for (name, text) in [("ca.cnf", config), ("index", ""), ("serial", "77\n")] {
        fs::write(folder.join(name), text).ok()?;
    }
    openssl(&[
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-keyout",
        "expired.key",
        "-out",
        "expired.csr",
    ])?;
    openssl(&[
        "ca",
        "-batch",
        "-notext",
        "-config",
        "ca.cnf",
        "-cert",
        "ca.pem",
        "-keyfile",
        "ca.key",
        "-in",
        "expired.csr",
        "-out",
        "expired.pem",
        "-startdate",
        "20200101000000Z",
        "-enddate",
        "20200201000000Z",
    ])?;
    let parts = ["expired.key", "expired.pem", "ca.pem"].map(|name| fs::read(folder.join(name)));
    let parts: Vec<Vec<u8>> = parts.into_iter().collect::<Result<_, _>>().ok()?;
    fs::write(folder.join("expired.chain"), parts.concat()).ok()?;
    made("stranger", "localhost", Some("stranger-ca"), "30")?;
    made("trusted", "localhost", Some("ca"), "30")?;
    let text = openssl(&["x509", "-in", "selfsigned.pem", "-noout", "-fingerprint", "-sha256"])?;
    let files: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|e| e.path()).collect();
    for file in files {
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).ok()?;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).ok()?;
    Some(text.trim().split_once('=')?.1.to_owned())
}
