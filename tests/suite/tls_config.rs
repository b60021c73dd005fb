//! How the server's TLS is configured, and what comes of it when the configuration is wrong: beside the reference.

use crate::starttls;
use crate::tls_server::{SCENE, Scene, compare};

const MAIN: &str = "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = CERTS/server-chain.pem";

#[test]
fn certificates() {
    const PICK: &[&str] = &[
        starttls!("1.3 sigalgs:rsa_pss_rsae_sha256", "say QUIT"),
        starttls!("1.3 sigalgs:ecdsa_secp256r1_sha256", "say QUIT"),
        starttls!("1.3 sigalgs:ed25519", "say QUIT"),
        starttls!("1.2 sigalgs:ecdsa_secp256r1_sha256", "say QUIT"),
    ];
    const QUICK: &[&str] = &[starttls!("1.3", "say QUIT")];
    const PLAIN: &[&str] = &["connect\nread\nsay EHLO c.test\nsay STARTTLS\nsay QUIT"];
    compare(
        "chains",
        MAIN,
        &[
            Scene {
                name: "three",
                options: "-o smtpd_tls_chain_files=CERTS/server-chain.pem,CERTS/server-ec-chain.pem,CERTS/server-ed-chain.pem",
                talks: PICK,
                words: &["server-signature RSA-PSS (2048 bits)", "ECDSA (prime256v1)", "ED25519"],
                ..SCENE
            },
            Scene {
                name: "apart",
                options: "-o smtpd_tls_chain_files=CERTS/server.key,CERTS/server.pem,CERTS/server-ec.key,CERTS/server-ec.pem",
                talks: PICK,
                ..SCENE
            },
            Scene {
                name: "legacy",
                options: "-o smtpd_tls_chain_files= -o smtpd_tls_cert_file=CERTS/server.pem -o smtpd_tls_key_file=CERTS/server.key \
                          -o smtpd_tls_eccert_file=CERTS/server-ec-chain.pem -o smtpd_tls_dcert_file=none",
                talks: PICK,
                ..SCENE
            },
            Scene {
                name: "onefile",
                options: "-o smtpd_tls_chain_files= -o smtpd_tls_cert_file=CERTS/server-chain.pem",
                talks: QUICK,
                ..SCENE
            },
            Scene {
                name: "none",
                options: "-o smtpd_tls_chain_files= -o smtpd_tls_cert_file=none",
                talks: &[starttls!("1.2 ciphers:aNULL", "say QUIT"), starttls!("1.3", "say QUIT")],
                ..SCENE
            },
            Scene { name: "nothing", options: "-o smtpd_tls_chain_files=", talks: PLAIN, ..SCENE },
            Scene {
                name: "away",
                options: "-o smtpd_tls_chain_files=CERTS/no-such-file",
                talks: QUICK,
                ..SCENE
            },
            Scene {
                name: "certfirst",
                options: "-o smtpd_tls_chain_files=CERTS/server.pem",
                talks: PLAIN,
                ..SCENE
            },
            Scene {
                name: "keyonly",
                options: "-o smtpd_tls_chain_files=CERTS/server.key",
                talks: PLAIN,
                ..SCENE
            },
            Scene {
                name: "keytwice",
                options: "-o smtpd_tls_chain_files=CERTS/server.key,CERTS/server-ec-chain.pem",
                talks: PLAIN,
                ..SCENE
            },
            Scene {
                name: "otherkey",
                options: "-o smtpd_tls_chain_files=CERTS/server-ec.key,CERTS/server.pem",
                talks: PLAIN,
                apart: &["TLS library problem"],
                ..SCENE
            },
            Scene {
                name: "mismatch",
                options: "-o smtpd_tls_chain_files= -o smtpd_tls_cert_file=CERTS/server.pem -o smtpd_tls_key_file=CERTS/client.key",
                talks: PLAIN,
                apart: &["TLS library problem"],
                ..SCENE
            },
            Scene {
                name: "nokeyfile",
                options: "-o smtpd_tls_chain_files= -o smtpd_tls_cert_file=CERTS/server.pem -o smtpd_tls_key_file=CERTS/none",
                talks: PLAIN,
                apart: &["TLS library problem"],
                ..SCENE
            },
            Scene {
                name: "nocafile",
                options: "-o smtpd_tls_CAfile=CERTS/none.pem",
                talks: PLAIN,
                apart: &["TLS library problem"],
                ..SCENE
            },
            Scene {
                name: "dhaway",
                options: "-o smtpd_tls_dh1024_param_file=CERTS/none.pem",
                talks: QUICK,
                ..SCENE
            },
            Scene {
                name: "dhbad",
                options: "-o smtpd_tls_dh1024_param_file=CERTS/server.pem",
                talks: QUICK,
                apart: &["TLS library problem"],
                ..SCENE
            },
            Scene {
                name: "required",
                options: "-o smtpd_tls_security_level=encrypt -o smtpd_tls_chain_files=",
                talks: PLAIN,
                ..SCENE
            },
            Scene {
                name: "wrapped",
                options: "-o smtpd_tls_wrappermode=yes",
                talks: &[
                    "connect\ntls 1.3\nread\nsay EHLO c.test\nsay QUIT",
                    "connect\nsend EHLO c.test\\r\\n\neof",
                ],
                apart: &["TLS library problem"],
                words: &["250 REQUIRETLS"],
            },
            Scene {
                name: "wrapnone",
                options: "-o smtpd_tls_wrappermode=yes -o smtpd_tls_chain_files=",
                talks: &["connect\neof"],
                ..SCENE
            },
            Scene { name: "unknown", options: "-o smtpd_tls_security_level=verify", talks: PLAIN, ..SCENE },
        ],
    );
}

#[test]
fn protocols_and_ciphers() {
    const BOTH: &[&str] = &[starttls!("1.2", "say QUIT"), starttls!("1.3", "say QUIT")];
    const NOISE: &[&str] = &["TLS library problem"];
    compare(
        "protocols",
        MAIN,
        &[
            Scene {
                name: "v12only",
                options: "-o smtpd_tls_protocols=TLSv1.2",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "atleast",
                options: "-o smtpd_tls_protocols=>=TLSv1.3",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "hex",
                options: "-o smtpd_tls_protocols=>=0304",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "hexodd",
                options: "-o smtpd_tls_protocols=>=0399",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "without",
                options: "-o smtpd_tls_protocols=!TLSv1.3",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "lower",
                options: "-o smtpd_tls_protocols=tlsv1.2",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "badproto",
                options: "-o smtpd_tls_protocols=TLSv9",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "mandatory",
                options: "-o smtpd_tls_security_level=encrypt -o smtpd_tls_mandatory_protocols=TLSv1.3",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "oldest",
                options: "",
                talks: &[starttls!("1.0", "say QUIT")],
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "high",
                options: "-o smtpd_tls_loglevel=2 -o smtpd_tls_ciphers=high",
                talks: BOTH,
                ..SCENE
            },
            Scene {
                name: "low",
                options: "-o smtpd_tls_loglevel=2 -o smtpd_tls_ciphers=low",
                talks: BOTH,
                ..SCENE
            },
            Scene { name: "nograde", options: "-o smtpd_tls_ciphers=best", talks: BOTH, ..SCENE },
            Scene {
                name: "exclude",
                options: "-o smtpd_tls_loglevel=2 -o smtpd_tls_exclude_ciphers=aNULL,AES256",
                talks: BOTH,
                ..SCENE
            },
            Scene { name: "badexclude", options: "-o smtpd_tls_exclude_ciphers=!RC4", talks: BOTH, ..SCENE },
            Scene {
                name: "preempt",
                options: "-o tls_preempt_cipherlist=yes -o tls_medium_cipherlist=ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384",
                talks: BOTH,
                words: &["ECDHE-RSA-AES128-GCM-SHA256"],
                ..SCENE
            },
            Scene {
                name: "badlist",
                options: "-o tls_medium_cipherlist=NOSUCHCIPHER",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "digest",
                options: "-o smtpd_tls_fingerprint_digest=md9",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "options",
                options: "-o tls_ssl_options=no_ticket,NO_SUCH,0x20000",
                talks: BOTH,
                ..SCENE
            },
            Scene {
                name: "workarounds",
                options: "-o tls_disable_workarounds=CVE-2010-4180,X",
                talks: BOTH,
                ..SCENE
            },
            Scene {
                name: "curve",
                options: "-o tls_eecdh_auto_curves=secp384r1",
                talks: &[starttls!("1.3", "say QUIT"), starttls!("1.3 groups:X25519", "say QUIT")],
                apart: NOISE,
                words: &["key-exchange secp384r1"],
            },
            // The reference says it once more for the context that serves names.
            Scene {
                name: "nocurve",
                options: "-o tls_eecdh_auto_curves=nonsense",
                talks: BOTH,
                apart: &["key exchange groups"],
                ..SCENE
            },
            Scene { name: "emptycurve", options: "-o tls_eecdh_auto_curves=", talks: BOTH, ..SCENE },
            Scene {
                name: "ffdhe",
                options: "-o { tls_eecdh_auto_curves = ffdhe3072 x25519 }",
                talks: BOTH,
                ..SCENE
            },
            Scene { name: "grade", options: "-o smtpd_tls_eecdh_grade=ultra", talks: BOTH, ..SCENE },
            Scene { name: "badgrade", options: "-o smtpd_tls_eecdh_grade=x", talks: BOTH, ..SCENE },
            Scene { name: "noconfig", options: "-o tls_config_file=none", talks: BOTH, ..SCENE },
            Scene { name: "badconfig", options: "-o tls_config_file=relative", talks: BOTH, ..SCENE },
            Scene {
                name: "configaway",
                options: "-o tls_config_file=CERTS/none.cnf",
                talks: BOTH,
                apart: NOISE,
                ..SCENE
            },
            Scene { name: "section", options: "-o tls_config_name=postfix", talks: BOTH, ..SCENE },
            Scene {
                name: "noticket",
                options: "-o tls_session_ticket_cipher= -o smtpd_tls_loglevel=2",
                talks: BOTH,
                ..SCENE
            },
            Scene { name: "badticket", options: "-o tls_session_ticket_cipher=rot13", talks: BOTH, ..SCENE },
        ],
    );
}

#[test]
fn server_names() {
    const NOISE: &[&str] = &["TLS library problem"];
    compare(
        "sni",
        "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = CERTS/server-chain.pem\n\
         tls_server_sni_maps = inline:{ { alt.test = CERTS/alt-chain.pem }, { .alt.test = CERTS/alt-chain.pem }, \
         { two.test = CERTS/alt-chain.pem, CERTS/server-ed-chain.pem } }",
        &[
            Scene {
                name: "names",
                options: "",
                talks: &[
                    starttls!("1.3", "say QUIT"),
                    starttls!("1.3 sni:alt.test", "say QUIT"),
                    starttls!("1.2 sni:ALT.test", "say QUIT"),
                    starttls!("1.3 sni:a.b.alt.test", "say QUIT"),
                    starttls!("1.3 sni:other.test", "say QUIT"),
                    starttls!("1.3 sni:-bad-.test", "say QUIT"),
                    starttls!("1.3 sni:two.test sigalgs:ed25519", "say QUIT"),
                ],
                words: &["alt.test Id", "established from unknown[127.0.0.1] to a.b.alt.test: TLSv1.3"],
                ..SCENE
            },
            Scene {
                name: "asked",
                options: "-o smtpd_tls_ask_ccert=yes -o smtpd_tls_CAfile=CERTS/ca.pem -o smtpd_tls_loglevel=2",
                talks: &[starttls!("1.3 sni:alt.test cert:client", "say QUIT")],
                words: &["Trusted TLS connection established from unknown[127.0.0.1] to alt.test"],
                ..SCENE
            },
            Scene {
                name: "broken",
                options: "-o { tls_server_sni_maps = fail:x }",
                talks: &[starttls!("1.3 sni:alt.test", "say QUIT"), starttls!("1.3", "say QUIT")],
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "badchain",
                options: "-o { tls_server_sni_maps = inline:{ { alt.test = CERTS/alt.pem } } }",
                talks: &[starttls!("1.3 sni:alt.test", "say QUIT")],
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "nochain",
                options: "-o { tls_server_sni_maps = inline:{ { alt.test = CERTS/none.pem } } }",
                talks: &[starttls!("1.3 sni:alt.test", "say QUIT")],
                apart: NOISE,
                ..SCENE
            },
        ],
    );
}
