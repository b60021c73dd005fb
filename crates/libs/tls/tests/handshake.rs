//! Our client against our server, over a socket pair.

use std::path::{Path, PathBuf};
use std::time::Duration;

use config::Config;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};
use tls::policy::{DnsManner, Target};
use tls::{Client, ClientSession, Level, Policies, Policy, Server, Summary, TlsError, Trust};

const LIMIT: Duration = Duration::from_secs(10);

/// A self-signed certificate for `mx.test`.
fn certificate(key: &PKey<Private>) -> X509 {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, "mx.test").unwrap();
    let name = name.build();
    let mut cert = X509::builder().unwrap();
    cert.set_version(2).unwrap();
    cert.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
    cert.set_subject_name(&name).unwrap();
    cert.set_issuer_name(&name).unwrap();
    cert.set_pubkey(key).unwrap();
    cert.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    cert.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
    cert.sign(key, MessageDigest::sha256()).unwrap();
    cert.build()
}

struct Files {
    dir: PathBuf,
    /// Key and certificate in one file.
    chain: String,
}

fn files(test: &str, key: &PKey<Private>) -> Files {
    let dir = std::env::temp_dir().join(format!("ferropost-tls-{test}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let mut pem = key.private_key_to_pem_pkcs8().unwrap();
    pem.extend(certificate(key).to_pem().unwrap());
    let chain = dir.join("chain.pem");
    std::fs::write(&chain, pem).unwrap();
    Files { chain: text(&chain), dir }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn rsa() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}

fn policy(config: &'static Config, level: Level) -> Policy {
    let policies = Policies::open(config, false, level, DnsManner::default()).unwrap();
    let target = Target {
        nexthop: "a.test",
        host: "mx.test",
        port: Some(25),
        name: None,
        mx: None,
        tls_not_required: false,
    };
    policies.find(&dns::Resolver::with(dns::Conf::default()), &target).unwrap()
}

fn session(policy: &Policy) -> ClientSession<'_> {
    ClientSession {
        policy,
        namaddr: "mx.test[192.0.2.2]:25",
        host: "mx.test",
        nexthop: "a.test",
        helo: "mx.test",
        server_id: "mx",
        timeout: LIMIT,
        wants_chain: false,
    }
}

/// One handshake, and a line each way; the server's and the client's summaries.
fn talk(server: &[(&str, &str)], client: &[(&str, &str)], level: Level) -> (Summary, Summary) {
    let server = Server::open(Config::from_pairs(server).leak(), Level::May, "smtp").unwrap();
    let config: &'static Config = Config::from_pairs(client).leak();
    let client = Client::open(config, false).unwrap();
    let policy = policy(config, level);
    let (mut near, mut far) = net::pair().unwrap();
    let serving = std::thread::spawn(move || {
        far.set_timeout(Some(LIMIT));
        let summary = server.accept(&mut far, "c.test[192.0.2.1]", LIMIT).unwrap();
        let line = far.read_line(100).unwrap().text.to_vec();
        far.write(&line).unwrap();
        far.write(b" to you\r\n").unwrap();
        far.flush().unwrap();
        assert!(far.read_line(100).unwrap().is_end(), "a clean end");
        summary
    });
    near.set_timeout(Some(LIMIT));
    let summary = client.connect(&mut near, &session(&policy)).unwrap().summary;
    near.write(b"hello\r\n").unwrap();
    near.flush().unwrap();
    assert_eq!(near.read_line(100).unwrap().text, b"hello to you");
    drop(near);
    (serving.join().unwrap(), summary)
}

#[test]
fn both_sides_agree_and_describe_it() {
    let files = files("agree", &rsa());
    let (server, client) = talk(
        &[("smtpd_tls_chain_files", &files.chain)],
        &[("smtp_tls_fingerprint_digest", "sha256")],
        Level::May,
    );
    for summary in [&server, &client] {
        assert_eq!(summary.protocol, "TLSv1.3");
        assert_eq!(summary.bits, (256, 256));
        let signature = summary.server_signature.as_ref().unwrap();
        assert_eq!((signature.name.as_str(), signature.bits), ("RSA-PSS", Some(2048)));
        assert_eq!(signature.digest.as_deref(), Some("SHA256"));
        assert_eq!(summary.key_exchange.as_ref().unwrap().0, "X25519");
        assert_eq!(summary.client_signature, None);
    }
    assert_eq!((server.trust, client.trust), (Trust::Anonymous, Trust::Untrusted));
    assert_eq!(client.peer_name.as_deref(), Some("mx.test"));
    assert_eq!(client.certificate_fingerprint.len(), 32 * 3 - 1);
    assert_eq!(client.key_fingerprint.len(), 32 * 3 - 1);
}

#[test]
fn an_authority_makes_trust_and_older_protocols_are_spoken() {
    let files = files("trust", &rsa());
    let (server, client) = talk(
        &[
            ("smtpd_tls_cert_file", &files.chain),
            ("smtpd_tls_key_file", &files.chain),
            ("smtpd_tls_ask_ccert", "yes"),
            ("smtpd_tls_CAfile", &files.chain),
            ("smtpd_tls_protocols", "TLSv1.2"),
        ],
        &[
            ("smtp_tls_CAfile", &files.chain),
            ("smtp_tls_cert_file", &files.chain),
            ("smtp_tls_key_file", &files.chain),
            ("smtp_tls_mandatory_exclude_ciphers", "aNULL"),
        ],
        Level::Encrypt,
    );
    assert_eq!((server.protocol.as_str(), client.protocol.as_str()), ("TLSv1.2", "TLSv1.2"));
    assert_eq!((server.trust, client.trust), (Trust::Trusted, Trust::Trusted));
    assert_eq!(server.peer_name.as_deref(), Some("mx.test"));
    assert!(
        server.received_lines("sha256")[1].ends_with("(verified OK))"),
        "{:?}",
        server.received_lines("sha256")
    );
    assert_eq!(server.key_exchange, None, "only TLS 1.3 tells");
}

#[test]
fn elliptic_keys_tell_their_curve() {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let files = files("ec", &PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap());
    let (server, _) = talk(&[("smtpd_tls_chain_files", &files.chain)], &[], Level::May);
    let signature = server.server_signature.unwrap();
    assert_eq!((signature.name.as_str(), signature.curve.as_deref()), ("ECDSA", Some("prime256v1")));
}

#[test]
fn nothing_in_common_is_an_error_on_both_sides() {
    let files = files("none", &rsa());
    let server =
        Config::from_pairs(&[("smtpd_tls_chain_files", &files.chain), ("smtpd_tls_protocols", "TLSv1.2")]);
    let server = Server::open(server.leak(), Level::May, "smtp").unwrap();
    let config: &'static Config = Config::from_pairs(&[("smtp_tls_protocols", "TLSv1.3")]).leak();
    let client = Client::open(config, false).unwrap();
    let (mut near, mut far) = net::pair().unwrap();
    let serving =
        std::thread::spawn(move || server.accept(&mut far, "c.test[192.0.2.1]", LIMIT).unwrap_err());
    let policy = policy(config, Level::May);
    assert_eq!(client.connect(&mut near, &session(&policy)), Err(TlsError::Handshake));
    drop(near);
    assert_eq!(serving.join().unwrap(), TlsError::Handshake);
}

#[test]
fn a_silent_peer_is_not_waited_for() {
    let files = files("silent", &rsa());
    let server = Config::from_pairs(&[("smtpd_tls_chain_files", &files.chain)]).leak();
    let server = Server::open(server, Level::May, "smtp").unwrap();
    let (near, mut far) = net::pair().unwrap();
    let got = server.accept(&mut far, "c.test[192.0.2.1]", Duration::from_millis(50));
    assert_eq!(got, Err(TlsError::Timeout));
    drop(near);
    let (near, mut far) = net::pair().unwrap();
    drop(near);
    assert_eq!(server.accept(&mut far, "c.test[192.0.2.1]", LIMIT), Err(TlsError::Lost));
}

#[test]
fn missing_files_mean_no_tls() {
    let absent = Config::from_pairs(&[("smtpd_tls_cert_file", "/nonexistent.pem")]).leak();
    assert!(Server::open(absent, Level::May, "smtp").is_err());
    assert!(Server::open(Config::from_pairs(&[]).leak(), Level::May, "smtp").is_err());
}
