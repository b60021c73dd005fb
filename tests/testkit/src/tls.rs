//! Certificates and an encrypting client, by the `openssl` command.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::client::Reply;

/// A self-signed certificate with its key.
pub struct Certificate {
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// Makes a self-signed RSA certificate for mx.test in `folder`; `None` without openssl.
pub fn certificate(folder: &Path) -> Option<Certificate> {
    let made = Certificate { cert: folder.join("cert.pem"), key: folder.join("key.pem") };
    let status = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=mx.test"])
        .arg("-keyout")
        .arg(&made.key)
        .arg("-out")
        .arg(&made.cert)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    if !status.success() {
        return None;
    }
    use std::os::unix::fs::PermissionsExt;
    for file in [&made.cert, &made.key] {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).ok()?;
    }
    Some(made)
}

/// An SMTP session behind STARTTLS (or TLS from the start), through `openssl s_client`.
pub struct TlsClient {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl TlsClient {
    /// Connects to a loopback port; `options` are further ones of s_client.
    pub fn connect(port: u16, starttls: bool, options: &[&str]) -> TlsClient {
        // A connection that hangs fails its test instead of stopping the suite.
        let mut command = Command::new("timeout");
        command.args([
            "60",
            "openssl",
            "s_client",
            "-quiet",
            "-crlf",
            "-connect",
            &format!("127.0.0.1:{port}"),
        ]);
        if starttls {
            command.args(["-starttls", "smtp", "-name", "client.test"]);
        }
        let mut child = command
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("run openssl");
        let input = child.stdin.take().expect("standard input is a pipe");
        let output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let mut client = TlsClient { child, input, output };
        if !starttls {
            // The greeting; behind STARTTLS there is none.
            client.read();
        }
        client
    }

    /// Reads one reply.
    pub fn read(&mut self) -> Reply {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            let count = self.output.read_line(&mut line).expect("read from openssl");
            assert!(count > 0, "the encrypted connection ended; so far: {text:?}");
            text.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                let code = line.get(..3).and_then(|c| c.parse().ok()).unwrap_or(0);
                return Reply { code, text };
            }
        }
    }

    /// Sends a line and reads the reply.
    pub fn say(&mut self, line: &str) -> Reply {
        self.input.write_all(format!("{line}\n").as_bytes()).expect("write to openssl");
        self.read()
    }

    /// Sends a whole message; returns the last reply.
    pub fn message(&mut self, from: &str, to: &str, text: &str) -> Reply {
        self.say("EHLO client.test").expect(250);
        self.say(&format!("MAIL FROM:<{from}>")).expect(250);
        self.say(&format!("RCPT TO:<{to}>")).expect(250);
        self.say("DATA").expect(354);
        self.input.write_all(text.as_bytes()).expect("write to openssl");
        self.say(".")
    }
}

impl Drop for TlsClient {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
