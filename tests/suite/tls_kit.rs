//! For the TLS tests: certificates of all kinds, good and bad, and a client that follows a script and writes down what it
//! saw. The client is the OpenSSL library itself, so that it can stop at any byte and say what no mail program says.

use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{SslConnector, SslFiletype, SslMethod, SslStream, SslVerifyMode, SslVersion};
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

/// No step of a conversation takes longer.
const LIMIT: Duration = Duration::from_secs(8);

/// How a certificate is made.
pub struct Recipe<'a> {
    /// Files are `NAME.pem`, `NAME.key`, and both with the issuer in `NAME-chain.pem`.
    pub name: &'a str,
    /// The subject's common name; an organisation instead if it begins with "O=".
    pub subject: &'a str,
    /// "rsa", "ec" or "ed25519".
    pub key: &'a str,
    /// Name of the issuer; itself if empty.
    pub issuer: &'a str,
    pub is_ca: bool,
    /// DNS names.
    pub names: &'a [&'a str],
    /// Validity, in days from now.
    pub from: i64,
    pub until: i64,
    /// Only for servers, or only for clients.
    pub usage: &'a str,
}

pub const RECIPE: Recipe<'static> = Recipe {
    name: "",
    subject: "",
    key: "ec",
    issuer: "",
    is_ca: false,
    names: &[],
    from: -1,
    until: 30,
    usage: "",
};

/// A folder of certificates.
pub struct Certificates {
    pub folder: PathBuf,
}

impl Certificates {
    /// An empty folder that anybody may read, as `label` names it.
    pub fn new(label: &str) -> Certificates {
        let folder = std::env::temp_dir().join(format!("ferropost-{label}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("create the folder");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("set permissions");
        Certificates { folder }
    }

    /// What most tests need: a CA, another one, servers of three kinds of keys, and clients.
    pub fn usual(label: &str) -> Certificates {
        let certs = Certificates::new(label);
        let all = [
            Recipe { name: "ca", subject: "Test CA", is_ca: true, ..RECIPE },
            Recipe { name: "other", subject: "Other CA", is_ca: true, ..RECIPE },
            Recipe {
                name: "server",
                subject: "mx.test",
                key: "rsa",
                issuer: "ca",
                names: &["mx.test"],
                ..RECIPE
            },
            Recipe { name: "server-ec", subject: "mx.test", issuer: "ca", names: &["mx.test"], ..RECIPE },
            Recipe { name: "server-ed", subject: "mx.test", key: "ed25519", issuer: "ca", ..RECIPE },
            Recipe {
                name: "alt",
                subject: "alt.test",
                issuer: "ca",
                names: &["alt.test", "*.alt.test"],
                ..RECIPE
            },
            Recipe { name: "client", subject: "client.test", issuer: "ca", ..RECIPE },
            Recipe { name: "stranger", subject: "stranger.test", issuer: "other", ..RECIPE },
            Recipe { name: "own", subject: "own.test", ..RECIPE },
            Recipe { name: "late", subject: "late.test", issuer: "ca", from: -20, until: -2, ..RECIPE },
            Recipe { name: "early", subject: "early.test", issuer: "ca", from: 5, until: 20, ..RECIPE },
            Recipe { name: "org", subject: "O=Some Organisation", is_ca: true, ..RECIPE },
            Recipe { name: "nameless", subject: "O=Nobody", issuer: "org", ..RECIPE },
            Recipe {
                name: "serveronly",
                subject: "serveronly.test",
                issuer: "ca",
                usage: "server",
                ..RECIPE
            },
            Recipe { name: "middle", subject: "Middle CA", issuer: "ca", is_ca: true, ..RECIPE },
            Recipe { name: "deep", subject: "deep.test", issuer: "middle", ..RECIPE },
            Recipe { name: "nul", subject: "good.test\0.evil.test", issuer: "ca", ..RECIPE },
            Recipe { name: "odd", subject: "odd\ntwo lines", issuer: "ca", ..RECIPE },
            Recipe { name: "long", subject: &"x".repeat(60), issuer: "ca", ..RECIPE },
            Recipe { name: "brackets", subject: "a) (b\\c", issuer: "ca", ..RECIPE },
            Recipe { name: "utf8", subject: "bücher.test", issuer: "ca", ..RECIPE },
        ];
        all.iter().for_each(|recipe| certs.make(recipe));
        certs
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap_or_else(|err| panic!("{name}: {err}"))
    }

    /// Makes a key and its certificate.
    pub fn make(&self, recipe: &Recipe<'_>) {
        let key = key(recipe.key);
        let issuer = (!recipe.issuer.is_empty()).then(|| {
            let cert = X509::from_pem(&self.read(&format!("{}.pem", recipe.issuer))).unwrap();
            let key = PKey::private_key_from_pem(&self.read(&format!("{}.key", recipe.issuer))).unwrap();
            (cert, key)
        });
        let cert = certificate(recipe, &key, issuer.as_ref());
        let (pem, key) = (cert.to_pem().unwrap(), key.private_key_to_pem_pkcs8().unwrap());
        let mut chain = [key.clone(), pem.clone()].concat();
        if let Some((issuer, _)) = &issuer {
            chain.extend(issuer.to_pem().unwrap());
        }
        for (end, bytes) in [(".pem", pem), (".key", key), ("-chain.pem", chain)] {
            let path = self.file(&format!("{}{end}", recipe.name));
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        }
    }

    /// The fingerprint of a certificate and of its key, as tables have them.
    pub fn fingerprints(&self, name: &str) -> (String, String) {
        let cert = X509::from_pem(&self.read(&format!("{name}.pem"))).unwrap();
        let key = cert.public_key().unwrap().public_key_to_der().unwrap();
        let colons = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(":");
        let of_key = openssl::hash::hash(MessageDigest::sha256(), &key).unwrap();
        (colons(&cert.digest(MessageDigest::sha256()).unwrap()), colons(&of_key))
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn key(kind: &str) -> PKey<Private> {
    match kind {
        "rsa" => PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(),
        "ed25519" => PKey::generate_ed25519().unwrap(),
        _ => {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
            PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
        }
    }
}

fn certificate(recipe: &Recipe<'_>, key: &PKey<Private>, issuer: Option<&(X509, PKey<Private>)>) -> X509 {
    let mut name = X509NameBuilder::new().unwrap();
    match recipe.subject.strip_prefix("O=") {
        Some(organisation) => name.append_entry_by_nid(Nid::ORGANIZATIONNAME, organisation).unwrap(),
        None => name.append_entry_by_nid(Nid::COMMONNAME, recipe.subject).unwrap(),
    }
    let name = name.build();
    let mut cert = X509::builder().unwrap();
    cert.set_version(2).unwrap();
    let serial = openssl::hash::hash(MessageDigest::sha256(), recipe.name.as_bytes()).unwrap();
    cert.set_serial_number(&BigNum::from_slice(&serial[..8]).unwrap().to_asn1_integer().unwrap()).unwrap();
    cert.set_subject_name(&name).unwrap();
    cert.set_issuer_name(issuer.map_or(&name, |(cert, _)| cert.subject_name())).unwrap();
    cert.set_pubkey(key).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    cert.set_not_before(&Asn1Time::from_unix(now + recipe.from * 86400).unwrap()).unwrap();
    cert.set_not_after(&Asn1Time::from_unix(now + recipe.until * 86400).unwrap()).unwrap();
    let mut basic = BasicConstraints::new();
    basic.critical();
    if recipe.is_ca {
        basic.ca();
    }
    cert.append_extension(basic.build().unwrap()).unwrap();
    if !recipe.names.is_empty() {
        let mut names = SubjectAlternativeName::new();
        recipe.names.iter().for_each(|name| {
            names.dns(name);
        });
        let context = cert.x509v3_context(None, None);
        let names = names.build(&context).unwrap();
        cert.append_extension(names).unwrap();
    }
    match recipe.usage {
        "server" => cert.append_extension(ExtendedKeyUsage::new().server_auth().build().unwrap()).unwrap(),
        "client" => cert.append_extension(ExtendedKeyUsage::new().client_auth().build().unwrap()).unwrap(),
        _ => {}
    }
    let signer = issuer.map_or(key, |(_, key)| key);
    let digest = if signer.id() == openssl::pkey::Id::ED25519 {
        MessageDigest::null()
    } else {
        MessageDigest::sha256()
    };
    cert.sign(signer, digest).unwrap();
    cert.build()
}

enum Line {
    Plain(TcpStream),
    Secret(Box<SslStream<TcpStream>>),
    Gone,
}

impl Line {
    fn write(&mut self, bytes: &[u8]) -> bool {
        match self {
            Line::Plain(stream) => stream.write_all(bytes).is_ok(),
            Line::Secret(stream) => stream.write_all(bytes).is_ok(),
            Line::Gone => false,
        }
    }

    /// One byte; `Err` says why there is none.
    fn byte(&mut self) -> Result<u8, &'static str> {
        let mut one = [0];
        let read = match self {
            Line::Plain(stream) => stream.read(&mut one),
            Line::Secret(stream) => stream.read(&mut one),
            Line::Gone => return Err("(closed)"),
        };
        match read {
            Ok(0) => Err("(end)"),
            Ok(_) => Ok(one[0]),
            Err(err) if matches!(err.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err("(silence)"),
            Err(_) => Err("(lost)"),
        }
    }
}

/// Follows `script` against a loopback port and returns what was seen, a line each.
///
/// Steps, a line each: `read` a reply; `say TEXT` and read the reply; `send TEXT` (with `\r\n`, `\xHH`); `tls OPTIONS`
/// (`1.2`, `1.3`, `cert:NAME`, `sni:NAME`, `sigalgs:LIST`, `groups:LIST`, `ciphers:LIST`); `bye` close properly; `drop` close
/// without a word; `eof` read to the end; `s_client OPTIONS` run the openssl command, say QUIT, and tell whether the session
/// was new.
pub fn talk(port: u16, script: &str, certs: &Certificates) -> String {
    let mut seen = String::new();
    let mut line = Line::Gone;
    for step in script.lines().map(str::trim).filter(|step| !step.is_empty()) {
        let (word, rest) = step.split_once(' ').unwrap_or((step, ""));
        if word == "s_client" {
            let _ = writeln!(seen, "{}", s_client(port, rest, certs));
            continue;
        }
        if word == "connect" {
            let stream = TcpStream::connect(("127.0.0.1", port)).expect("the service listens");
            stream.set_read_timeout(Some(LIMIT)).unwrap();
            line = Line::Plain(stream);
            continue;
        }
        match word {
            "read" => reply(&mut line, &mut seen),
            "say" => {
                line.write(format!("{rest}\r\n").as_bytes());
                reply(&mut line, &mut seen);
            }
            "send" => {
                line.write(&unescape(rest));
            }
            "tls" => line = encrypt(line, rest, certs, &mut seen),
            "bye" => {
                if let Line::Secret(stream) = &mut line {
                    let _ = stream.shutdown();
                }
                line = Line::Gone;
            }
            "drop" => line = Line::Gone,
            "eof" => {
                let mut text = Vec::new();
                let why = loop {
                    match line.byte() {
                        Ok(byte) => text.push(byte),
                        Err(why) => break why,
                    }
                };
                let _ = writeln!(seen, "{}{why}", String::from_utf8_lossy(&text));
            }
            _ => panic!("unknown step {step:?}"),
        }
    }
    if let Line::Secret(stream) = &mut line {
        let _ = stream.shutdown();
    }
    seen
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.split_first() {
            Some((b'r', after)) => (bytes.push(b'\r'), rest = after).1,
            Some((b'n', after)) => (bytes.push(b'\n'), rest = after).1,
            Some((b'x', after)) => {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
                rest = &after[2..];
            }
            _ => panic!("unknown escape in {text:?}"),
        }
    }
    bytes
}

fn reply(line: &mut Line, seen: &mut String) {
    let mut text = Vec::new();
    loop {
        match line.byte() {
            Ok(b'\n') => {
                let shown = String::from_utf8_lossy(&text).trim_end().to_string();
                let shown = shown.split("queued as ").next().unwrap_or("");
                let last = text.get(3) != Some(&b'-');
                let _ = writeln!(seen, "{shown}");
                text.clear();
                if last {
                    return;
                }
            }
            Ok(byte) => text.push(byte),
            Err(why) => {
                let _ = writeln!(seen, "{}{why}", String::from_utf8_lossy(&text));
                return;
            }
        }
    }
}

fn encrypt(line: Line, options: &str, certs: &Certificates, seen: &mut String) -> Line {
    let Line::Plain(stream) = line else {
        seen.push_str("TLS: no connection\n");
        return Line::Gone;
    };
    let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
    connector.set_verify(SslVerifyMode::NONE);
    connector.set_security_level(0);
    let mut name = None;
    for option in options.split_whitespace() {
        let (word, value) = option.split_once(':').unwrap_or((option, ""));
        match word {
            "1.2" => connector.set_max_proto_version(Some(SslVersion::TLS1_2)).unwrap(),
            "1.3" => connector.set_min_proto_version(Some(SslVersion::TLS1_3)).unwrap(),
            "1.0" => {
                connector.set_min_proto_version(None).unwrap();
                connector.set_max_proto_version(Some(SslVersion::TLS1)).unwrap();
            }
            "cert" => {
                connector.set_certificate_chain_file(certs.file(&format!("{value}.pem"))).unwrap();
                let key = certs.file(&format!("{value}.key"));
                connector.set_private_key_file(key, SslFiletype::PEM).unwrap();
                let chain = X509::stack_from_pem(&certs.read(&format!("{value}-chain.pem"))).unwrap();
                for cert in chain.into_iter().skip(1) {
                    connector.add_extra_chain_cert(cert).unwrap();
                }
            }
            "sni" => name = Some(value.to_string()),
            "sigalgs" => connector.set_sigalgs_list(value).unwrap(),
            "groups" => connector.set_groups_list(value).unwrap(),
            "ciphers" => connector.set_cipher_list(value).unwrap(),
            _ => panic!("unknown option {option:?}"),
        }
    }
    let mut configuration =
        connector.build().configure().unwrap().verify_hostname(false).use_server_name_indication(false);
    if let Some(name) = &name {
        configuration.set_hostname(name).unwrap();
    }
    match configuration.connect("mx.test", stream) {
        Ok(stream) => {
            let ssl = stream.ssl();
            let peer = ssl.peer_certificate().and_then(|cert| {
                let text = cert.subject_name().entries_by_nid(Nid::COMMONNAME).next()?.data().to_string();
                let key = cert.public_key().ok()?;
                text.ok().map(|name| format!("{name} {:?}", key.id()))
            });
            let cipher = ssl.current_cipher().map_or("", |cipher| cipher.name());
            let _ = writeln!(seen, "TLS: {} {cipher} {}", ssl.version_str(), peer.unwrap_or_default());
            Line::Secret(Box::new(stream))
        }
        Err(_) => {
            seen.push_str("TLS: failed\n");
            Line::Gone
        }
    }
}

/// Runs `openssl s_client` over STARTTLS. `FOLDER` in options is the certificates' folder.
fn s_client(port: u16, options: &str, certs: &Certificates) -> String {
    let options = options.replace("FOLDER", &certs.folder.display().to_string());
    let mut child = Command::new("timeout")
        .args(["30", "openssl", "s_client", "-crlf", "-ign_eof", "-starttls", "smtp", "-name", "client.test"])
        .args(["-connect", &format!("127.0.0.1:{port}")])
        .args(options.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("run openssl");
    let mut input = child.stdin.take().unwrap();
    let _ = input.write_all(b"NOOP\nQUIT\n");
    let done = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    let state = text.lines().find(|line| line.starts_with("New,") || line.starts_with("Reused,"));
    state.unwrap_or("no session").split(',').next().unwrap_or("").to_string()
}

/// Whether there is an `openssl` command.
pub fn has_openssl() -> bool {
    let mut command = Command::new("openssl");
    command.arg("version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The path of a certificate's file, as text.
pub fn path(certs: &Certificates, name: &str) -> String {
    Path::new(&certs.folder).join(name).display().to_string()
}
