//! What a client may do because of its certificate, or because of its TLS: beside the reference.

use crate::starttls;
use crate::tls_server::{SCENE, Scene, compare};

const MAIN: &str = "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = CERTS/server-chain.pem\n\
                    smtpd_tls_ask_ccert = yes\nsmtpd_tls_CAfile = CERTS/ca.pem\nsmtpd_delay_reject = yes";

/// Tries to relay, with a certificate of ours, of a stranger, and with none.
const RELAY: &[&str] = &[
    starttls!(
        "1.3 cert:client",
        "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<b@far.test>\nsay QUIT"
    ),
    starttls!(
        "1.2 cert:stranger",
        "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<b@far.test>\nsay QUIT"
    ),
    starttls!("1.3", "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<b@far.test>\nsay QUIT"),
    "connect\nread\nsay EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<b@far.test>\nsay QUIT",
];

#[test]
fn certificates_open_doors() {
    compare(
        "access",
        MAIN,
        &[
            Scene {
                name: "all",
                options: "-o smtpd_relay_restrictions=permit_tls_all_clientcerts,reject",
                talks: RELAY,
                words: &["250 2.1.5 Ok"],
                ..SCENE
            },
            Scene {
                name: "some",
                options: "-o smtpd_relay_restrictions=permit_tls_clientcerts,reject -o { relay_clientcerts = inline:{ { CERT:stranger = x } } }",
                talks: RELAY,
                words: &["250 2.1.5 Ok"],
                ..SCENE
            },
            Scene {
                name: "bykey",
                options: "-o smtpd_relay_restrictions=permit_tls_clientcerts,reject -o { relay_clientcerts = inline:{ { KEY:client = x } } }",
                talks: RELAY,
                words: &["250 2.1.5 Ok"],
                ..SCENE
            },
            Scene {
                name: "lost",
                options: "-o smtpd_relay_restrictions=permit_tls_clientcerts,reject -o relay_clientcerts=fail:x",
                talks: RELAY,
                ..SCENE
            },
            Scene {
                name: "unasked",
                options: "-o smtpd_tls_ask_ccert=no -o { smtpd_relay_restrictions = permit_tls_clientcerts check_ccert_access inline:{x=OK} permit_tls_all_clientcerts reject }",
                talks: RELAY,
                ..SCENE
            },
            Scene {
                name: "table",
                options: "-o { smtpd_relay_restrictions = check_ccert_access inline:{ { CERT:client = OK } { CERT:stranger = REJECT go away } } reject }",
                talks: RELAY,
                words: &["Client certificate rejected", "250 2.1.5 Ok"],
                ..SCENE
            },
            Scene {
                name: "order",
                options: "-o { smtpd_relay_restrictions = check_ccert_access { inline:{ { CERT:client = REJECT } { KEY:client = OK } } { search_order = pubkey_fingerprint cert_fingerprint } } reject }",
                talks: RELAY,
                words: &["250 2.1.5 Ok"],
                ..SCENE
            },
            Scene {
                name: "keyonly",
                options: "-o { smtpd_relay_restrictions = check_ccert_access { inline:{ { CERT:client = OK } } { search_order = pubkey_fingerprint } } reject }",
                talks: RELAY,
                ..SCENE
            },
            Scene {
                name: "subject",
                options: "-o { smtpd_relay_restrictions = check_ccert_access { inline:{ client.test = OK } { search_order = subject_cn } } reject }",
                talks: RELAY,
                ..SCENE
            },
            Scene {
                name: "unknown",
                options: "-o { smtpd_relay_restrictions = check_ccert_access { inline:{ client.test = OK } { search_order = colour } } reject }",
                talks: RELAY,
                ..SCENE
            },
            Scene {
                name: "malformed",
                options: "-o { smtpd_relay_restrictions = check_ccert_access { inline:{ client.test = OK } { order = subject_cn } } reject }",
                talks: RELAY,
                ..SCENE
            },
            Scene {
                name: "fragile",
                options: "-o smtpd_tls_enable_rpk=yes -o { smtpd_relay_restrictions = check_ccert_access inline:{ { CERT:client = OK } { CERT:stranger = REJECT } { KEY:stranger = DUNNO } } reject }",
                talks: RELAY,
                words: &["Fragile access policy"],
                ..SCENE
            },
            Scene {
                name: "fragiletoo",
                options: "-o smtpd_tls_enable_rpk=yes -o smtpd_relay_restrictions=permit_tls_clientcerts,reject -o { relay_clientcerts = inline:{ { CERT:client = x } } }",
                talks: RELAY,
                words: &["Fragile access policy"],
                ..SCENE
            },
            Scene {
                name: "plaintext",
                options: "-o smtpd_recipient_restrictions=reject_plaintext_session,permit -o smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination",
                talks: RELAY,
                words: &["Session encryption is required"],
                ..SCENE
            },
            Scene {
                name: "required",
                options: "-o smtpd_tls_security_level=encrypt -o smtpd_tls_req_ccert=yes -o smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination",
                talks: RELAY,
                words: &[
                    "Client certificate not trusted",
                    "No client certificate presented",
                    "Must issue a STARTTLS command first",
                ],
                ..SCENE
            },
            Scene {
                name: "halfway",
                options: "-o smtpd_tls_req_ccert=yes -o smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination",
                talks: RELAY,
                ..SCENE
            },
            Scene {
                name: "enforced",
                options: "-o smtpd_tls_security_level= -o smtpd_enforce_tls=yes -o smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination",
                talks: RELAY,
                ..SCENE
            },
            Scene {
                name: "depth",
                options: "-o smtpd_tls_ccert_verifydepth=0 -o smtpd_tls_loglevel=summary,untrusted",
                talks: &[starttls!("1.3 cert:deep", "say QUIT"), starttls!("1.3 cert:client", "say QUIT")],
                ..SCENE
            },
        ],
    );
}

#[test]
fn received_headers() {
    compare(
        "received",
        "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = CERTS/server-chain.pem,CERTS/server-ed-chain.pem\n\
         smtpd_tls_ask_ccert = yes\nsmtpd_tls_CAfile = CERTS/ca.pem",
        &[
            Scene {
                name: "clients",
                options: "",
                talks: &[
                    starttls!(
                        "1.3 cert:client",
                        "say EHLO one\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsay .\nsay QUIT"
                    ),
                    starttls!(
                        "1.2 cert:stranger",
                        "say EHLO two\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsay .\nsay QUIT"
                    ),
                    starttls!(
                        "1.3 cert:utf8 sigalgs:ed25519:ecdsa_secp256r1_sha256",
                        "say EHLO three\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsay .\nsay QUIT"
                    ),
                    starttls!(
                        "1.3 cert:nameless",
                        "say EHLO four\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsay .\nsay QUIT"
                    ),
                    starttls!(
                        "1.3 cert:brackets groups:P-384",
                        "say EHLO five\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsay .\nsay QUIT"
                    ),
                    starttls!(
                        "1.3",
                        "say HELO six\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsay .\nsay QUIT"
                    ),
                ],
                ..SCENE
            },
            Scene {
                name: "shy",
                options: "-o smtpd_tls_received_header=no",
                talks: &[starttls!(
                    "1.3 cert:client",
                    "say EHLO seven\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsay .\nsay QUIT"
                )],
                ..SCENE
            },
            Scene {
                name: "unasked",
                options: "-o smtpd_tls_ask_ccert=no",
                talks: &[starttls!(
                    "1.3 cert:client",
                    "say EHLO eight\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsay .\nsay QUIT"
                )],
                ..SCENE
            },
        ],
    );
}

#[test]
fn limits_and_plain_commands() {
    const QUICK: &str = starttls!("1.3", "say QUIT");
    compare(
        "limits",
        MAIN,
        &[
            Scene {
                name: "rate",
                options: "-o smtpd_client_new_tls_session_rate_limit=2 -o smtpd_client_event_limit_exceptions= -o smtpd_client_port_logging=no",
                talks: &[
                    QUICK,
                    QUICK,
                    QUICK,
                    QUICK,
                    "connect\nread\nsay EHLO c.test\nsay STARTTLS\nsay QUIT",
                ],
                words: &["too many new TLS sessions"],
                ..SCENE
            },
            Scene {
                name: "twice",
                options: "",
                talks: &[
                    starttls!("1.3", "say EHLO c.test\nsay STARTTLS\nsay QUIT"),
                    "connect\nread\nsay EHLO c.test\nsay STARTTLS now\nsay QUIT",
                    "connect\nread\nsay STARTTLS\ntls 1.3\nsay NOOP\nsay QUIT",
                ],
                ..SCENE
            },
            Scene {
                name: "encrypt",
                options: "-o smtpd_tls_security_level=encrypt",
                talks: &[
                    "connect\nread\nsay HELO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<x@mx.test>\nsay DATA\nsay NOOP\nsay RSET\nsay VRFY x\nsay ETRN x\nsay HELP\nsay NONSENSE\nsay AUTH PLAIN\nsay BDAT 1\nsay QUIT",
                ],
                ..SCENE
            },
            Scene {
                name: "hidden",
                options: "-o smtpd_discard_ehlo_keywords=starttls",
                talks: &["connect\nread\nsay EHLO c.test\nsay STARTTLS\nsay QUIT"],
                ..SCENE
            },
        ],
    );
}
