//! Each level that checks who the server is, against servers that are and are not.

use std::time::Duration;

use config::Config;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use tls::policy::{DnsManner, Target};
use tls::tlsa::{Anchors, Tlsa};
use tls::{Client, ClientSession, Established, Level, Policies, Policy, Server, Trust};

const LIMIT: Duration = Duration::from_secs(10);

struct Signed {
    key: PKey<Private>,
    cert: X509,
}

impl Signed {
    fn key_pem(&self) -> Vec<u8> {
        self.key.private_key_to_pem_pkcs8().unwrap()
    }

    fn cert_pem(&self) -> Vec<u8> {
        self.cert.to_pem().unwrap()
    }

    fn key_der(&self) -> Vec<u8> {
        self.key.public_key_to_der().unwrap()
    }
}

/// A certificate for a name, valid from and to so many days from now, by an authority or by itself.
fn signed(name: &str, days: (i64, i64), by: Option<&Signed>, is_authority: bool) -> Signed {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    let subject = subject.build();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let at = |days: i64| Asn1Time::from_unix(now + days * 86_400).unwrap();
    let mut cert = X509::builder().unwrap();
    cert.set_version(2).unwrap();
    let serial = BigNum::from_u32(u32::from(is_authority) + 1).unwrap();
    cert.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    cert.set_subject_name(&subject).unwrap();
    cert.set_issuer_name(by.map_or(&*subject, |by| by.cert.subject_name())).unwrap();
    cert.set_pubkey(&key).unwrap();
    cert.set_not_before(&at(days.0)).unwrap();
    cert.set_not_after(&at(days.1)).unwrap();
    if is_authority {
        cert.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    } else {
        let context = cert.x509v3_context(None, None);
        let names = SubjectAlternativeName::new().dns(name).build(&context).unwrap();
        cert.append_extension(names).unwrap();
    }
    cert.sign(by.map_or(&key, |by| &by.key), MessageDigest::sha256()).unwrap();
    Signed { key, cert: cert.build() }
}

struct Bench {
    folder: std::path::PathBuf,
    ca: Signed,
}

impl Bench {
    fn new(test: &str) -> Bench {
        let folder = std::env::temp_dir().join(format!("ferropost-levels-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let bench = Bench { folder, ca: signed("Test CA", (-9, 9), None, true) };
        bench.write("ca", &[&bench.ca.cert_pem()]);
        bench
    }

    fn write(&self, name: &str, parts: &[&[u8]]) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, parts.concat()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// A handshake with a server of this certificate.
    fn meet(&self, server: &Signed, config: &'static Config, policy: &Policy) -> Established {
        let chain = self.write("server", &[&server.key_pem(), &server.cert_pem(), &self.ca.cert_pem()]);
        let own = Config::from_pairs(&[("smtpd_tls_chain_files", &chain)]).leak();
        let server = Server::open(own, Level::May, "smtp").unwrap();
        let client = Client::open(config, false).unwrap();
        let (mut near, mut far) = net::pair().unwrap();
        let serving = std::thread::spawn(move || {
            let _ = server.accept(&mut far, "c.test[192.0.2.1]", LIMIT);
        });
        let session = ClientSession {
            policy,
            namaddr: "mx.a.test[192.0.2.2]:25",
            host: "mx.a.test",
            nexthop: "a.test",
            helo: "mx.a.test",
            server_id: "mx",
            timeout: LIMIT,
            wants_chain: false,
        };
        let got = client.connect(&mut near, &session).unwrap();
        drop(near);
        serving.join().unwrap();
        got
    }

    fn policy(&self, rule: &str) -> (&'static Config, Policy) {
        let map = format!("inline:{{ {{a.test={}}} }}", rule.replace("FOLDER", &self.path("")));
        let config: &'static Config = Config::from_pairs(&[
            ("smtp_tls_policy_maps", &map),
            ("smtp_tls_CAfile", &self.path("ca")),
            ("smtp_tls_fingerprint_digest", "sha256"),
        ])
        .leak();
        let policies = Policies::open(config, false, Level::May, DnsManner::default()).unwrap();
        let target = Target {
            nexthop: "a.test",
            host: "mx.a.test",
            port: Some(25),
            name: None,
            mx: None,
            tls_not_required: false,
        };
        (config, policies.find(&dns::Resolver::with(dns::Conf::default()), &target).unwrap())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn sha256(data: &[u8]) -> Vec<u8> {
    openssl::sha::sha256(data).to_vec()
}

fn hex(data: &[u8]) -> String {
    data.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn certificates_of_authorities() {
    let bench = Bench::new("names");
    let good = signed("mx.a.test", (-1, 5), Some(&bench.ca), false);
    let other = signed("mx.b.test", (-1, 5), Some(&bench.ca), false);
    let old = signed("mx.a.test", (-5, -1), Some(&bench.ca), false);
    let early = signed("mx.a.test", (1, 5), Some(&bench.ca), false);
    let own = signed("mx.a.test", (-1, 5), None, false);
    let wild = signed("*.a.test", (-1, 5), Some(&bench.ca), false);
    let (good_, other, old, early, own, wild) = (&good, &other, &old, &early, &own, &wild);
    let table: &[(&str, &Signed, bool, Trust)] = &[
        ("may", good_, false, Trust::Trusted),
        ("may", own, false, Trust::Untrusted),
        ("encrypt", old, false, Trust::Untrusted),
        ("verify", good_, true, Trust::Verified),
        ("verify", other, false, Trust::Trusted),
        ("verify", old, false, Trust::Untrusted),
        ("verify", early, false, Trust::Untrusted),
        ("verify", own, false, Trust::Untrusted),
        ("verify", wild, true, Trust::Verified),
        ("secure", good_, true, Trust::Verified),
        ("secure match=nexthop", good_, false, Trust::Trusted),
        ("secure match=dot-nexthop", good_, true, Trust::Verified),
        ("secure match=hostname", other, false, Trust::Trusted),
        ("secure match=mx.b.test", other, true, Trust::Verified),
        ("secure match=x.test:.b.test", other, true, Trust::Verified),
        ("secure match=.test", other, true, Trust::Verified),
        ("secure match=b.test", other, false, Trust::Trusted),
        ("secure match=.", good_, false, Trust::Untrusted),
        ("verify tafile=FOLDER/ca", good_, true, Trust::Verified),
    ];
    for (rule, server, matched, trust) in table {
        let (config, policy) = bench.policy(rule);
        let got = bench.meet(server, config, &policy);
        assert_eq!((got.matched, got.summary.trust), (*matched, *trust), "{rule}: {got:?}");
        assert_eq!(got.is_good(), *matched || policy.level <= Level::Encrypt, "{rule}");
    }
}

#[test]
fn private_trust_anchors() {
    let bench = Bench::new("anchors");
    let stranger = signed("Other CA", (-9, 9), None, true);
    let good = signed("mx.a.test", (-1, 5), Some(&bench.ca), false);
    let own = signed("mx.a.test", (-1, 5), None, false);
    bench.write("stranger", &[&stranger.cert_pem()]);
    bench.write("own", &[&own.cert_pem()]);
    bench.write("key", &[&bench.ca.key.public_key_to_pem().unwrap()]);
    for (rule, server, matched) in [
        ("secure tafile=FOLDER/stranger", &good, false),
        ("secure tafile=FOLDER/key", &good, true),
        ("secure tafile=FOLDER/stranger tafile=FOLDER/key", &good, true),
        ("secure tafile=FOLDER/own", &own, true),
        ("secure tafile=FOLDER/own match=elsewhere.test", &own, false),
        ("secure tafile=FOLDER/own", &good, false),
    ] {
        let (config, policy) = bench.policy(rule);
        assert_eq!(bench.meet(server, config, &policy).matched, matched, "{rule}");
    }
}

#[test]
fn fingerprints() {
    let bench = Bench::new("prints");
    let own = signed("elsewhere.test", (-5, -1), None, false);
    let cert = hex(&sha256(&own.cert.to_der().unwrap()));
    let key = hex(&sha256(&own.key_der()));
    for (rule, matched) in [
        (format!("fingerprint match={cert}"), true),
        (format!("fingerprint match=aa|{key}"), true),
        (format!("fingerprint match={}", "00".repeat(32)), false),
        ("fingerprint match=00".to_owned(), false),
    ] {
        let (config, policy) = bench.policy(&rule);
        let got = bench.meet(&own, config, &policy);
        let trust = if matched { Trust::Verified } else { Trust::Untrusted };
        assert_eq!((got.matched, got.summary.trust), (matched, trust), "{rule}: {got:?}");
    }
}

#[test]
fn records_of_the_dns() {
    let bench = Bench::new("dane");
    let own = signed("elsewhere.test", (-5, -1), None, false);
    let good = signed("mx.a.test", (-1, 5), Some(&bench.ca), false);
    let other = signed("mx.b.test", (-1, 5), Some(&bench.ca), false);
    let old = signed("mx.a.test", (-5, -1), Some(&bench.ca), false);
    let ee = Tlsa { usage: 3, selector: 1, matching: 1, data: sha256(&own.key_der()) };
    let ta = Tlsa { usage: 2, selector: 0, matching: 1, data: sha256(&bench.ca.cert.to_der().unwrap()) };
    let whole = Tlsa { usage: 3, selector: 0, matching: 0, data: own.cert.to_der().unwrap() };
    let strong = Tlsa { matching: 2, data: vec![0; 64], ..ee.clone() };
    let broken = Tlsa { data: vec![0; 3], ..ee.clone() };
    use Level::{Dane, DaneOnly, Encrypt, HalfDane};
    type Row<'a> = (Level, &'a [&'a Tlsa], &'a Signed, (bool, Trust, Level));
    let table: &[Row<'_>] = &[
        (Dane, &[&ee], &own, (true, Trust::Verified, Dane)),
        (Dane, &[&whole], &own, (true, Trust::Verified, Dane)),
        (Dane, &[&ee], &good, (false, Trust::Untrusted, Dane)),
        (Dane, &[&ta], &good, (true, Trust::Verified, Dane)),
        (Dane, &[&ta], &other, (false, Trust::Trusted, Dane)),
        (Dane, &[&ta], &old, (false, Trust::Untrusted, Dane)),
        (Dane, &[&ta, &ee], &own, (true, Trust::Verified, Dane)),
        // Of one usage and selector only the strongest digest counts (RFC 7671 §9).
        (Dane, &[&ee, &strong], &own, (false, Trust::Untrusted, Dane)),
        (Dane, &[&broken], &own, (false, Trust::Untrusted, Encrypt)),
        (DaneOnly, &[&broken], &own, (false, Trust::Untrusted, DaneOnly)),
        (HalfDane, &[&ee], &own, (true, Trust::Trusted, HalfDane)),
        (HalfDane, &[&ee], &good, (false, Trust::Untrusted, HalfDane)),
    ];
    for (level, records, server, (matched, trust, left)) in table {
        let (config, base) = bench.policy("encrypt");
        let records = records.iter().map(|record| (*record).clone()).collect();
        let policy = Policy {
            level: *level,
            anchors: Some(Anchors { records, base_domain: "mx.a.test".into() }),
            match_names: vec!["mx.a.test".into(), "a.test".into()],
            ..base
        };
        let got = bench.meet(server, config, &policy);
        let found = (got.matched, got.summary.trust, got.level);
        assert_eq!(found, (*matched, *trust, *left), "{level} {policy:?}");
    }
}

#[test]
fn a_failure_of_an_outside_policy_lets_nobody_pass() {
    let bench = Bench::new("external");
    let good = signed("mx.a.test", (-1, 5), Some(&bench.ca), false);
    let (config, policy) =
        bench.policy("secure match=mx.a.test policy_type=sts policy_failure=sts-webpki-invalid");
    assert!(!bench.meet(&good, config, &policy).is_good());
}
