//! Clients that mean no good, or do not know what they do, against the server's TLS: beside the reference.

use crate::starttls;
use crate::tls_server::{SCENE, Scene, compare};

const MAIN: &str = "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = CERTS/server-chain.pem\n\
                    smtpd_tls_ask_ccert = yes\nsmtpd_tls_CAfile = CERTS/ca.pem\nsmtpd_starttls_timeout = 3s";

/// Lines of the library, with its own places in it.
const NOISE: &[&str] = &["TLS library problem"];

#[test]
fn injections_and_wrong_protocols() {
    compare(
        "wrong",
        MAIN,
        &[
            Scene {
                name: "injected",
                talks: &[
                    // What was sent ahead in plaintext is never taken for something encrypted.
                    "connect\nread\nsay EHLO c.test\nsend STARTTLS\\r\\nMAIL FROM:<evil@c.test>\\r\\n\nread\ntls 1.3\nsay RCPT TO:<x@mx.test>\nsay QUIT",
                    "connect\nread\nsay EHLO c.test\nsend STARTTLS\\r\\nRSET\\r\\nMAIL FROM:<evil@c.test>\\r\\n\nread\ntls 1.2\nsay NOOP\nsay QUIT",
                ],
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "http",
                talks: &[
                    "connect\nread\nsend GET / HTTP/1.1\\r\\nHost: mx.test\\r\\n\\r\\n\neof",
                    "connect\nread\nsay POST / HTTP/1.1\neof",
                    starttls!("1.3", "say GET / HTTP/1.0\neof"),
                    "connect\nread\nsay CONNECT far.test:25 HTTP/1.1\neof",
                    "connect\nread\nsay Subject: no command\neof",
                ],
                words: &["I can break rules, too", "non-SMTP command"],
                ..SCENE
            },
            Scene {
                name: "tlstoplain",
                talks: &[
                    "connect\ntls 1.3\neof",
                    "connect\nread\nsend \\x16\\x03\\x01\\x00\\x05hello\\r\\n\neof",
                ],
                apart: &[
                    "TLS library problem",
                    "NOQUEUE: lost connection",
                    "improper command pipelining",
                    "disconnect from",
                ],
                ..SCENE
            },
            Scene {
                name: "nonsense",
                talks: &[
                    "connect\nread\nsay EHLO c.test\nsay STARTTLS\nsend this is no handshake\\r\\n\neof",
                    "connect\nread\nsay EHLO c.test\nsay STARTTLS\ndrop",
                    "connect\nread\nsay EHLO c.test\nsay STARTTLS\neof",
                    "connect\nread\nsay EHLO c.test\nsay STARTTLS\nsend \\x16\\x03\\x01\ndrop",
                ],
                words: &["SSL_accept error from unknown[127.0.0.1]"],
                apart: NOISE,
                ..SCENE
            },
        ],
    );
}

#[test]
fn connections_that_just_end() {
    compare(
        "cut",
        MAIN,
        &[
            Scene {
                name: "cut",
                talks: &[
                    starttls!("1.3", "say EHLO c.test\ndrop"),
                    starttls!(
                        "1.2",
                        "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\ndrop"
                    ),
                    starttls!(
                        "1.3",
                        "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\ndrop"
                    ),
                    starttls!(
                        "1.3",
                        "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsend Subject: x\\r\\n\ndrop"
                    ),
                    starttls!(
                        "1.2",
                        "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsend Subject: x\\r\\n\\r\\nbody\\r\\n.\ndrop"
                    ),
                    starttls!(
                        "1.3",
                        "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsend Subject: x\\r\\n\\r\\nbody\\r\\n.\\r\ndrop"
                    ),
                    starttls!(
                        "1.3",
                        "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay DATA\nsend Subject: x\\r\\n\nbye"
                    ),
                    starttls!(
                        "1.3",
                        "say EHLO c.test\nsay MAIL FROM:<a@c.test>\nsay RCPT TO:<postfix@mx.test>\nsay BDAT 10\ndrop"
                    ),
                ],
                words: &["lost connection after DATA"],
                apart: NOISE,
                ..SCENE
            },
            Scene {
                name: "names",
                options: "-o smtpd_tls_loglevel=summary,untrusted,peercert",
                talks: &[
                    starttls!("1.3 cert:nul", "say EHLO c.test\nsay QUIT"),
                    starttls!("1.2 cert:odd", "say EHLO c.test\nsay QUIT"),
                    starttls!("1.3 cert:brackets", "say EHLO c.test\nsay QUIT"),
                    starttls!("1.2 cert:late", "say EHLO c.test\nsay QUIT"),
                    starttls!("1.3 cert:long", "say EHLO c.test\nsay QUIT"),
                ],
                words: &["NULL character in peer subject CN", "non-printable content in peer subject CN"],
                ..SCENE
            },
        ],
    );
}
