//! Keys, certificates and digests by openssl(1).

use std::io::Write;
use std::process::{Command, Stdio};

use config::params::*;

use crate::instance::Instance;

/// Kinds of keys that `postfix tls` deals with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Rsa,
    Ecdsa,
}

impl Algorithm {
    pub const ALL: [Algorithm; 2] = [Algorithm::Rsa, Algorithm::Ecdsa];

    pub fn named(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Rsa => "rsa",
            Algorithm::Ecdsa => "ecdsa",
        }
    }

    /// The openssl command that reads such keys.
    fn command(self) -> &'static str {
        match self {
            Algorithm::Rsa => "rsa",
            Algorithm::Ecdsa => "ec",
        }
    }

    /// The parameters that name the key file and the certificate file.
    pub fn parameters(self) -> (&'static str, &'static str) {
        match self {
            Algorithm::Rsa => ("smtpd_tls_key_file", "smtpd_tls_cert_file"),
            Algorithm::Ecdsa => ("smtpd_tls_eckey_file", "smtpd_tls_eccert_file"),
        }
    }

    /// Bits of a key, or its curve.
    fn usual_size(self) -> &'static str {
        match self {
            Algorithm::Rsa => "2048",
            Algorithm::Ecdsa => "secp256r1",
        }
    }

    /// Names for a new key and its certificate, by the present time (UTC).
    pub fn files(self, folder: &str) -> (String, String) {
        let prefix = if self == Algorithm::Rsa { "" } else { "ec" };
        let mut date = Command::new("date");
        let stamp = output(date.env("TZ", "UTC").arg("+%Y%m%d-%H%M%S"), b"").unwrap_or_default();
        let stamp = String::from_utf8_lossy(&stamp).trim_end().to_owned();
        (format!("{folder}/{prefix}key-{stamp}.pem"), format!("{folder}/{prefix}cert-{stamp}.pem"))
    }
}

/// The openssl command.
pub struct OpenSsl {
    path: String,
}

/// What a key with a pass phrase will never have: openssl fails then instead of asking.
const NO_PHRASE: &str = "pass:umask 077";

impl OpenSsl {
    /// The command that `openssl_path` of the default instance names, if it works.
    pub fn find(instance: &Instance) -> Result<OpenSsl, String> {
        let path = instance.config.get(OPENSSL_PATH).to_owned();
        let found = OpenSsl { path };
        if found.run(&["version"], b"").is_none() {
            return Err(format!("No working openssl(1) command found with 'openssl_path = {}'", found.path));
        }
        Ok(found)
    }

    fn run(&self, words: &[&str], input: &[u8]) -> Option<Vec<u8>> {
        output(Command::new(&self.path).args(words).stderr(Stdio::null()), input)
    }

    /// A private key in PEM, and its kind.
    fn read_key(&self, file: &str) -> Option<(Algorithm, Vec<u8>)> {
        Algorithm::ALL.into_iter().find_map(|algorithm| {
            let pem = self.run(&[algorithm.command(), "-passin", NO_PHRASE, "-in", file], b"")?;
            (!pem.is_empty()).then_some((algorithm, pem))
        })
    }

    /// The kind of the private key in a file, if there is one.
    pub fn algorithm_of(&self, file: &str) -> Option<Algorithm> {
        self.read_key(file).map(|(algorithm, _)| algorithm)
    }

    pub fn copy_key(&self, algorithm: Algorithm, from: &str, to: &str) -> Result<(), String> {
        let failed = || format!("Error copying private key from '{from}' to '{to}'");
        let (found, pem) = self.read_key(from).ok_or_else(failed)?;
        if found != algorithm {
            return Err(format!(
                "Key algorithm '{}' of '{from}' is not '{}'",
                found.name(),
                algorithm.name()
            ));
        }
        privately(|| std::fs::write(to, pem)).map_err(|_| failed())
    }

    /// A new key that only its owner can read.
    pub fn create_key(&self, algorithm: Algorithm, size: Option<&str>, to: &str) -> Result<(), String> {
        let size = size.filter(|size| !size.is_empty()).unwrap_or(algorithm.usual_size());
        let words = match algorithm {
            Algorithm::Rsa => vec!["genrsa", "-out", to, size],
            Algorithm::Ecdsa => {
                vec!["ecparam", "-param_enc", "named_curve", "-genkey", "-out", to, "-name", size]
            }
        };
        let done = privately(|| Command::new(&self.path).args(&words).output());
        match done {
            Ok(done) if done.status.success() => Ok(()),
            Ok(done) => {
                for text in [&done.stdout, &done.stderr] {
                    String::from_utf8_lossy(text).lines().for_each(|line| log::warning!("{line}"));
                }
                Err(format!("error generating new {} {size} private key", algorithm.name()))
            }
            Err(err) => Err(format!("{}: {}", self.path, sys::errno_text(&err))),
        }
    }

    /// A certificate by the key itself, good for about a hundred years, for all `names`.
    pub fn certify(&self, key: &str, to: &str, names: &[String]) -> Result<(), String> {
        let config = sections("x509_extensions", "basicConstraints = CA:false\n", names);
        let first = names.first().map_or("", String::as_str);
        let subject = format!("/CN={first}");
        let words = ["req", "-x509", "-config", "/dev/stdin", "-new", "-key", key, "-subj", &subject];
        let mut command = Command::new(&self.path);
        command.args(words).args(["-days", "36525", "-out", to]);
        output(&mut command, config.as_bytes()).map(|_| ()).ok_or_else(|| {
            let _ = std::fs::remove_file(to);
            "error generating self-signed SSL certificate".to_owned()
        })
    }

    /// Prints a request to a certification authority.
    pub fn request(&self, key: &str, names: &[String]) -> Result<(), String> {
        let config = sections("req_extensions", "", names);
        let mut command = Command::new(&self.path);
        command.args(["req", "-config", "/dev/stdin", "-new", "-key", key, "-subj", "/"]);
        let text = output(&mut command, config.as_bytes()).ok_or_else(String::new)?;
        super::print(&text);
        Ok(())
    }

    /// SHA2-256 of the public key, in hexadecimal, as TLSA records have it.
    pub fn key_digest(&self, file: &str) -> Option<String> {
        Algorithm::ALL.into_iter().find_map(|algorithm| {
            let command = algorithm.command();
            let words = [command, "-passin", NO_PHRASE, "-in", file, "-pubout", "-outform", "DER"];
            self.digest(&self.run(&words, b"")?)
        })
    }

    /// The same of a certificate's public key.
    pub fn certificate_key_digest(&self, file: &str) -> Option<String> {
        let pem = self.run(&["x509", "-pubkey", "-noout", "-in", file], b"")?;
        Algorithm::ALL.into_iter().find_map(|algorithm| {
            self.digest(&self.run(&[algorithm.command(), "-pubin", "-outform", "DER"], &pem)?)
        })
    }

    fn digest(&self, der: &[u8]) -> Option<String> {
        if der.is_empty() {
            return None;
        }
        let bytes = self.run(&["dgst", "-binary", "-sha256"], der).filter(|bytes| bytes.len() == 32)?;
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The configuration for a request or certificate.
fn sections(extensions: &str, more: &str, names: &[String]) -> String {
    let mut text = format!(
        "default_md = sha256\n{extensions} = v3\nprompt = yes\ndistinguished_name = dn\n[dn]\n[v3]\n{more}\
         subjectKeyIdentifier = hash\nextendedKeyUsage = serverAuth, clientAuth\nsubjectAltName = @alts\n[alts]\n"
    );
    for (number, name) in names.iter().enumerate() {
        text.push_str(&format!("DNS.{} = {name}\n", number + 1));
    }
    text
}

/// Does something whose files only their owner may read.
fn privately<R>(work: impl FnOnce() -> R) -> R {
    sys::fs::umask(0o077);
    let result = work();
    sys::fs::umask(0o022);
    result
}

/// What postconf(1) prints about the instance, without the end of line; `None`: it failed, and has said so.
pub fn postconf(instance: &Instance, words: &[&str]) -> Option<String> {
    let mut command = Command::new(format!("{}/postconf", instance.config.get(COMMAND_DIRECTORY)));
    let text = output(command.arg("-c").arg(instance.config.directory()).args(words), b"")?;
    Some(String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned())
}

/// Runs a command with `input`; its standard output, if it succeeded.
fn output(command: &mut Command, input: &[u8]) -> Option<Vec<u8>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let input = input.to_vec();
    // A command may end before it has read everything, and may write before it has.
    let feeder = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let done = child.wait_with_output().ok()?;
    let _ = feeder.join();
    done.status.success().then_some(done.stdout)
}
