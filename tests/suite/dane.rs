//! DANE (RFC 7672) end to end: a signed zone on a real name server, a validating resolver, servers whose certificates match
//! their TLSA records or do not, all in a network namespace; ours beside the reference's.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use testkit::{Instance, Subject, eventually, references, skipped};

/// What runs inside the namespace knows itself by this.
const INSIDE: &str = "FERROPOST_DANE_INSIDE";
const TOOLS: &[&str] = &["unbound", "nsd", "ldns-keygen", "ldns-signzone", "ip", "unshare", "openssl"];

/// Mail domains in `signed.test`: the server's certificate, and the records of its name. Words in capitals are hashes.
const DOMAINS: &[(&str, &str, &str)] = &[
    ("ee", "own", "HOST IN TLSA 3 1 1 OWN_KEY"),
    ("eecert", "own", "HOST IN TLSA 3 0 2 OWN_CERT512"),
    ("ta", "ta", "HOST IN TLSA 2 0 1 CA_CERT"),
    ("tawrong", "elsewhere", "HOST IN TLSA 2 0 1 CA_CERT"),
    ("expired", "expired", "HOST IN TLSA 2 0 1 CA_CERT\nHOST IN TLSA 3 1 1 BAD"),
    ("bad", "own", "HOST IN TLSA 3 1 1 BAD"),
    ("pkix", "own", "HOST IN TLSA 1 1 1 OWN_KEY"),
    ("short", "own", "HOST IN TLSA 3 1 1 abcd"),
    ("agility", "own", "HOST IN TLSA 3 1 1 OWN_KEY\nHOST IN TLSA 3 1 2 BAD512"),
    ("rollover", "own", "HOST IN TLSA 3 1 1 BAD\nHOST IN TLSA 3 1 1 OWN_KEY"),
    ("norecord", "own", ""),
    ("notls", "", "HOST IN TLSA 3 1 1 OWN_KEY"),
    // A child zone that should be signed and is not: nothing in it can be believed.
    ("bogus", "own", "_tcp.mx-bogus IN NS ns\n_tcp.mx-bogus IN DS 7 13 2 BAD"),
];

/// More mail domains, without servers of their own.
const MORE: &[(&str, &str)] = &[
    // An alias as mail exchanger: the records are at its target.
    ("alias", "alias IN MX 10 mx-alias\nmx-alias IN CNAME mx-ee"),
    // A host in a zone that is not signed.
    ("plainhost", "plainhost IN MX 10 mx.plain.test."),
];

/// In `plain.test`, which is not signed.
const PLAIN: &str = "insecure IN MX 10 mx-ee.signed.test.\ninsecurebad IN MX 10 mx-bad.signed.test.\n\
                     mx IN A 127.0.1.1\n_25._tcp.mx IN TLSA 3 1 1 BAD\n";
const PLAIN_DOMAINS: &[&str] = &["insecure.plain.test", "insecurebad.plain.test"];

/// Ways to configure the client.
const RULES: &[(&str, &str)] = &[
    ("dane", "-o smtp_tls_security_level=dane"),
    ("only", "-o smtp_tls_security_level=dane-only"),
    ("mxmay", "-o smtp_tls_security_level=dane -o smtp_tls_dane_insecure_mx_policy=may"),
    ("mxencrypt", "-o smtp_tls_security_level=dane -o smtp_tls_dane_insecure_mx_policy=encrypt"),
    ("verbose", "-o smtp_tls_security_level=dane -o smtp_tls_loglevel=certmatch,summary"),
    ("force", "-o smtp_tls_security_level=dane -o smtp_tls_force_insecure_host_tlsa_lookup=yes"),
];

/// Words that must be in what is written: the comparison is not enough where both sides could be wrong alike.
const WORDS: &[(&str, &str, &str)] = &[
    ("dane", "ee.signed.test", "Verified TLS connection established to mx-ee.signed.test[127.0.1.1]:25"),
    ("dane", "ta.signed.test", "tls=dane, dsn=2.0.0, status=sent"),
    ("dane", "tawrong.signed.test", "num=62"),
    ("dane", "expired.signed.test", "certificate has expired"),
    ("dane", "bad.signed.test", "tls=!dane, dsn=4.7.5, status=deferred (Server certificate not verified)"),
    ("dane", "pkix.signed.test", "unsupported TLSA certificate usage"),
    ("dane", "short.signed.test", "all TLSA records unusable, fallback to unauthenticated TLS"),
    ("dane", "agility.signed.test", "tls=!dane"),
    ("dane", "rollover.signed.test", "status=sent"),
    ("dane", "norecord.signed.test", "tls=may, dsn=2.0.0, status=sent"),
    ("dane", "notls.signed.test", "TLS is required, but was not offered"),
    ("dane", "bogus.signed.test", "TLSA lookup error for mx-bogus.signed.test:25"),
    ("dane", "alias.signed.test", "Verified"),
    ("dane", "plainhost.signed.test", "tls=may, dsn=2.0.0, status=sent"),
    ("dane", "insecure.plain.test", "Trusted TLS connection established to mx-ee.signed.test"),
    ("dane", "insecurebad.plain.test", "tls=!halfdane"),
    ("only", "norecord.signed.test", "status=deferred (no TLSA records found)"),
    ("only", "insecure.plain.test", "status=deferred (non DNSSEC destination)"),
    ("mxmay", "insecurebad.plain.test", "tls=may, dsn=2.0.0, status=sent"),
    ("mxencrypt", "insecurebad.plain.test", "tls=encrypt, dsn=2.0.0, status=sent"),
    ("verbose", "ee.signed.test", "Matched DANE EE certificate at depth 0: 3 1 1"),
];

#[test]
fn signed_zones() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    if !testkit::ours().contains(&Subject::Rooted) {
        return skipped("needs root");
    }
    if let Some(tool) = TOOLS.iter().find(|tool| which(tool).is_none()) {
        return skipped(&format!("no {tool} here"));
    }
    let probe = Command::new("unshare").args(["--net", "true"]).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        return skipped("no network namespaces here");
    }
    let output = Command::new("unshare")
        .args(["--net", "--"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "dane::signed_zones", "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

fn which(tool: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    path.split(':').map(|folder| Path::new(folder).join(tool)).find(|path| path.exists())
}

fn inside() {
    let reference = references().into_iter().find(|reference| *reference != Subject::Reference);
    let (ours, root) = match &reference {
        Some(Subject::ReferenceRoot(root)) => (Subject::RootedIn(root.clone()), root.clone()),
        _ => (Subject::Rooted, "/".into()),
    };
    let folder = std::env::temp_dir().join(format!("ferropost-dane-{}", std::process::id()));
    let _ = fs::create_dir_all(&folder);
    assert!(run("ip", &["link", "set", "lo", "up"], &folder).is_some());
    let servers = name_servers(&root);
    for server in &servers {
        if !server.is_loopback() {
            assert!(run("ip", &["addr", "add", &format!("{server}/32"), "dev", "lo"], &folder).is_some());
        }
    }
    let hashes = certificates(&folder).expect("openssl makes certificates");
    let _dns = dns(&folder, &servers, &hashes).expect("the zones can be signed and served");
    let mut all = vec![deliver(&ours, &folder)];
    all.extend(reference.iter().map(|reference| deliver(reference, &folder)));
    explanations(&ours);
    let _ = fs::remove_dir_all(&folder);
    let mut text = String::new();
    for written in &all {
        for (rule, domain, words) in WORDS {
            let lines = &written[&(rule.to_string(), domain.to_string())];
            if !lines.contains(words) {
                let _ = writeln!(text, "{rule} {domain}: no {words:?} in {lines}");
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

/// What posttls-explain says of the domains, without visiting the servers (which are stopped by now).
fn explanations(ours: &Subject) {
    let outer = Instance::new(ours.clone())
        .main("smtp_tls_security_level = dane\nsmtp_dns_support_level = dnssec\nsmtp_host_lookup = dns\ndisable_dns_lookups = no")
        .create();
    let log = outer.root.join("log/maillog");
    fs::write(&log, "").unwrap();
    chown(&log, Some(outer.who.uid), Some(outer.who.gid)).unwrap();
    for (domain, words) in [
        ("ee.signed.test", ["level: dane\n", "the certificate must match the TLSA records"]),
        ("norecord.signed.test", ["level: may\n", "the host has no TLSA records"]),
        ("pkix.signed.test", ["level: encrypt\n", "none that can be checked"]),
        ("plainhost.signed.test", ["level: may\n", "the host's address is not validated"]),
        ("insecure.plain.test", ["level: halfdane\n", "the MX records are not validated"]),
        ("bogus.signed.test", ["mail would wait: ", "TLSA lookup error for mx-bogus.signed.test:25"]),
        ("alias.signed.test", ["alias of: mx-ee.signed.test", "TLSA records of mx-ee.signed.test"]),
    ] {
        let said = outer.run("posttls-explain", &["-n", domain], b"");
        assert_eq!(said.code, 0, "{domain}: {said:?}");
        for word in words {
            assert!(said.out.contains(word), "{domain}: no {word:?} in {}", said.out);
        }
    }
}

/// Where the two sides will ask: their resolv.conf cannot be changed, so the resolver gets the addresses in it.
fn name_servers(root: &Path) -> Vec<Ipv4Addr> {
    let mut all = Vec::new();
    for file in [root.join("etc/resolv.conf"), "/etc/resolv.conf".into()] {
        let text = fs::read_to_string(file).unwrap_or_default();
        let found = text.lines().filter_map(|line| line.strip_prefix("nameserver")?.trim().parse().ok());
        all.extend(found.collect::<Vec<Ipv4Addr>>());
    }
    all.push(Ipv4Addr::LOCALHOST);
    all.sort();
    all.dedup();
    all
}

/// Runs a tool in the folder; its output, if it succeeds.
fn run(tool: &str, args: &[&str], folder: &Path) -> Option<String> {
    let output = Command::new(which(tool)?).args(args).current_dir(folder).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A process that ends with its owner.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn address(at: usize) -> String {
    format!("127.0.1.{}", at + 1)
}

/// Serves and validates the zones.
fn dns(folder: &Path, servers: &[Ipv4Addr], hashes: &[(&str, String)]) -> Option<[Daemon; 2]> {
    let fill =
        |text: &str| hashes.iter().fold(text.to_owned(), |text, (name, hash)| text.replace(name, hash));
    let head = "$TTL 60\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n";
    let mut signed = format!("$ORIGIN signed.test.\n{head}");
    for (at, (name, _, records)) in DOMAINS.iter().enumerate() {
        let host = format!("_25._tcp.mx-{name}");
        let _ = writeln!(signed, "{name} IN MX 10 mx-{name}\nmx-{name} IN A {}", address(at));
        let _ = writeln!(signed, "{}", fill(records).replace("HOST", &host));
    }
    MORE.iter().for_each(|(_, records)| signed = format!("{signed}{records}\n"));
    fs::write(folder.join("signed.zone"), signed).ok()?;
    let child = fill(&format!("$ORIGIN _tcp.mx-bogus.signed.test.\n{head}_25 IN TLSA 3 1 1 OWN_KEY\n"));
    fs::write(folder.join("child.zone"), child).ok()?;
    fs::write(folder.join("plain.zone"), fill(&format!("$ORIGIN plain.test.\n{head}{PLAIN}"))).ok()?;
    let zone_key = run("ldns-keygen", &["-a", "ECDSAP256SHA256", "signed.test"], folder)?;
    let key_key = run("ldns-keygen", &["-k", "-a", "ECDSAP256SHA256", "signed.test"], folder)?;
    let sign = ["-f", "signed.signed", "signed.zone", zone_key.trim(), key_key.trim()];
    run("ldns-signzone", &sign, folder)?;
    let here = folder.display();
    let nsd = format!(
        "server:\n ip-address: 127.0.0.1@5353\n zonesdir: {here}\n username: \"\"\n pidfile: {here}/nsd.pid\n \
         xfrdfile: {here}/xfrd\n zonelistfile: {here}/zones\n logfile: {here}/nsd.log\n\
         remote-control:\n control-enable: no\n\
         zone:\n name: signed.test\n zonefile: signed.signed\nzone:\n name: plain.test\n zonefile: plain.zone\n\
         zone:\n name: _tcp.mx-bogus.signed.test\n zonefile: child.zone\n"
    );
    fs::write(folder.join("nsd.conf"), nsd).ok()?;
    let listen = servers.iter().fold(String::new(), |text, server| format!("{text} interface: {server}\n"));
    let unbound = format!(
        "server:\n{listen} port: 53\n access-control: 0.0.0.0/0 allow\n do-not-query-localhost: no\n chroot: \"\"\n \
         username: \"\"\n directory: {here}\n pidfile: {here}/unbound.pid\n use-syslog: no\n logfile: {here}/unbound.log\n \
         local-zone: \"test.\" nodefault\n trust-anchor-file: {here}/{}.key\n module-config: \"validator iterator\"\n\
         remote-control:\n control-enable: no\n\
         stub-zone:\n name: signed.test\n stub-addr: 127.0.0.1@5353\nstub-zone:\n name: plain.test\n stub-addr: 127.0.0.1@5353\n\
         stub-zone:\n name: _tcp.mx-bogus.signed.test\n stub-addr: 127.0.0.1@5353\n",
        key_key.trim()
    );
    fs::write(folder.join("unbound.conf"), unbound).ok()?;
    let start = |tool: &str, config: &str| {
        let mut command = Command::new(which(tool)?);
        command.args(["-d", "-c"]).arg(folder.join(config)).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().ok().map(Daemon)
    };
    let daemons = [start("nsd", "nsd.conf")?, start("unbound", "unbound.conf")?];
    let ready = eventually(|| {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").ok()?;
        socket.set_read_timeout(Some(std::time::Duration::from_millis(500))).ok()?;
        // "ee.signed.test MX", recursion desired.
        let query = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x02ee\x06signed\x04test\0\0\x0f\0\x01";
        socket.send_to(query, "127.0.0.1:53").ok()?;
        let mut reply = [0; 512];
        let len = socket.recv(&mut reply).ok()?;
        (len > 12 && reply[3] & 0xf == 0 && reply[7] > 0).then_some(())
    });
    ready.map(|()| daemons)
}

type Written = BTreeMap<(String, String), String>;

/// Sends a message by each rule to each domain; what the client has logged of it.
fn deliver(client: &Subject, certs: &Path) -> Written {
    let here = certs.display();
    let mut inner = Instance::new(testkit::ours().into_iter().find(|s| *s == Subject::Rooted).unwrap()).main(
        "mydestination =\nsmtpd_tls_security_level = may\ndefault_transport = discard:\nlocal_recipient_maps =",
    );
    for (at, (_, cert, _)) in DOMAINS.iter().enumerate() {
        let tls = match *cert {
            "" => "-o smtpd_tls_security_level=none".to_owned(),
            cert => format!("-o smtpd_tls_chain_files={here}/{cert}.chain"),
        };
        inner = inner.master(&format!("{}:25 inet n - n - - smtpd {tls}", address(at)));
    }
    let mut outer = Instance::new(client.clone()).main(
        "myhostname = outer.test\nmydestination =\nlocal_recipient_maps =\n\
         transport_maps = texthash:$config_directory/transport\ndisable_dns_lookups = no\nsmtp_host_lookup = dns\n\
         smtp_dns_support_level = dnssec\nsmtp_tls_loglevel = 1\nsmtp_connection_cache_on_demand = no\n\
         inet_protocols = ipv4\nminimal_backoff_time = 1000s\nqueue_run_delay = 1000s",
    );
    let mut routes = String::new();
    let mut domains: Vec<String> = DOMAINS.iter().map(|(name, ..)| format!("{name}.signed.test")).collect();
    domains.extend(MORE.iter().map(|(name, _)| format!("{name}.signed.test")));
    domains.extend(PLAIN_DOMAINS.iter().map(|name| (*name).to_owned()));
    for (rule, options) in RULES {
        outer = outer.master(&format!("{rule} unix - - n - - smtp -o syslog_name=postfix/{rule} {options}"));
        domains.iter().for_each(|domain| {
            let _ = writeln!(routes, "{rule}@{domain} {rule}:");
        });
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
    let log = outer.log();
    let mut smtp = outer.connect().hello();
    let mut all = Written::new();
    for (rule, _) in RULES {
        let tag = format!(" postfix/{rule}/");
        for domain in &domains {
            let before = log.lines(&[&tag]).len();
            smtp.message("", &[&format!("{rule}@{domain}")], "Subject: x\r\n\r\nx\r\n").expect(250);
            log.wait(&[&tag, &format!("to=<{rule}@{domain}>"), "status="]);
            let lines = log.lines(&[&tag]);
            let mut text: Vec<String> = lines.iter().skip(before).map(|line| plain(line)).collect();
            // compat: the reference asks a second time where a lookup fails.
            text.dedup();
            all.insert((rule.to_string(), domain.clone()), text.join("\n"));
        }
    }
    drop(smtp);
    outer.stop();
    inner.stop();
    all
}

/// A line without time, process, queue ids and delays.
fn plain(line: &str) -> String {
    let line = line.split_once("]: ").map_or(line, |(_, text)| text);
    let line = line.split("queued as ").next().unwrap_or("").to_string();
    let words = line.split(' ').enumerate().filter_map(|(n, word)| {
        let id = word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':');
        if n == 0 && word.len() > 9 && word.ends_with(':') && id {
            return Some("ID:");
        }
        (!word.starts_with("delay=") && !word.starts_with("delays=")).then_some(word)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Certificates and chains, and the hashes of their records.
fn certificates(folder: &Path) -> Option<Vec<(&'static str, String)>> {
    let openssl = |args: &[&str]| run("openssl", args, folder);
    let made = |name: &str, subject: &str, ca: bool| {
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
            "30",
        ];
        if ca {
            args.extend([
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
            ]);
        }
        openssl(&args)
    };
    made("ca", "Test CA", false)?;
    made("own", "nobody.test", false)?;
    made("ta", "mx-ta.signed.test", true)?;
    made("elsewhere", "elsewhere.test", true)?;
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
        "/CN=mx-expired.signed.test",
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
    let read = |name: String| fs::read_to_string(folder.join(name)).ok();
    for name in ["own", "ta", "elsewhere", "expired"] {
        let chain = read(format!("{name}.key"))? + &read(format!("{name}.pem"))? + &read("ca.pem".into())?;
        let path = folder.join(format!("{name}.chain"));
        fs::write(&path, chain).ok()?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).ok()?;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).ok()?;
    openssl(&["x509", "-in", "own.pem", "-pubkey", "-noout", "-out", "own.pub"])?;
    openssl(&["pkey", "-pubin", "-in", "own.pub", "-outform", "DER", "-out", "own.spki"])?;
    openssl(&["x509", "-in", "own.pem", "-outform", "DER", "-out", "own.der"])?;
    openssl(&["x509", "-in", "ca.pem", "-outform", "DER", "-out", "ca.der"])?;
    let hash = |algorithm: &str, file: &str| {
        let text = openssl(&["dgst", algorithm, "-r", file])?;
        Some(text.split_whitespace().next()?.to_owned())
    };
    Some(vec![
        ("OWN_CERT512", hash("-sha512", "own.der")?),
        ("OWN_KEY", hash("-sha256", "own.spki")?),
        ("CA_CERT", hash("-sha256", "ca.der")?),
        ("BAD512", "00".repeat(64)),
        ("BAD", "00".repeat(32)),
    ])
}
