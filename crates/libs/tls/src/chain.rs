//! Our own keys and certificates: chains in PEM, from files or from memory.

use std::fs;

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslContextBuilder, SslFiletype, SslRef};
use openssl::x509::X509;

use crate::TlsError;
use crate::engine::complain;

/// Our own certificates, as one set of parameters names them.
pub struct CertificateFiles<'a> {
    pub chain_files: &'a str,
    /// Certificate and key file by algorithm.
    pub pairs: [(&'static str, &'a str, &'a str); 3],
}

impl CertificateFiles<'_> {
    /// Whether any certificate is configured.
    pub fn any(&self) -> bool {
        words_of_files(self.chain_files).next().is_some()
            || self.pairs.iter().any(|(_, cert, _)| !cert.is_empty())
    }

    /// Loads them all into the context. What is wrong is logged.
    pub fn load(&self, ctx: &mut SslContextBuilder) -> Result<(), TlsError> {
        if words_of_files(self.chain_files).next().is_some() {
            return chain_files(ctx, self.chain_files);
        }
        for (kind, cert, key) in self.pairs {
            if !cert.is_empty() {
                pair(ctx, kind, cert, key)?;
            }
        }
        Ok(())
    }
}

fn words_of_files(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|word| !word.is_empty())
}

/// A certificate file and its key file, of one algorithm.
fn pair(ctx: &mut SslContextBuilder, kind: &str, cert: &str, key: &str) -> Result<(), TlsError> {
    // Read in one go, both are of the same time while somebody replaces the file.
    if cert == key {
        return mixed_file(ctx, cert);
    }
    ctx.set_certificate_chain_file(cert).map_err(|stack| {
        log::warning!("cannot get {kind} certificate from file \"{cert}\": disabling TLS support");
        complain(&stack)
    })?;
    ctx.set_private_key_file(key, SslFiletype::PEM).map_err(|stack| {
        log::warning!("cannot get {kind} private key from file \"{key}\": disabling TLS support");
        complain(&stack)
    })?;
    ctx.check_private_key().map_err(|_| {
        log::warning!(
            "{kind} private key in {key} does not match public key in {cert}: disabling TLS support"
        );
        TlsError::Unavailable
    })
}

/// Files with one or more keys, each before its certificate and the certificates that vouch for it: read as if they were one
/// file, so that a key may stand in a file of its own.
fn chain_files(ctx: &mut SslContextBuilder, list: &str) -> Result<(), TlsError> {
    let mut loader = Loader::new(Target::Context(ctx), false);
    for file in words_of_files(list) {
        match fs::read(file) {
            Ok(pem) => loader.read(&pem, file).map_err(|trouble| given_up(&trouble, list, DISABLING))?,
            Err(err) => {
                // compat: TLS goes on with what was read before this file
                log::warning!("error opening chain file: {file}: {}", sys::errno_text(&err));
                return Ok(());
            }
        }
    }
    loader.finish(list).map_err(|trouble| given_up(&trouble, list, DISABLING))
}

fn mixed_file(ctx: &mut SslContextBuilder, file: &str) -> Result<(), TlsError> {
    let pem = fs::read(file).map_err(|err| {
        log::warning!("error opening chain file: {file}: {}", sys::errno_text(&err));
        TlsError::Unavailable
    })?;
    let mut loader = Loader::new(Target::Context(ctx), true);
    loader
        .read(&pem, file)
        .and_then(|()| loader.finish(file))
        .map_err(|trouble| given_up(&trouble, file, DISABLING))
}

/// Keys and certificates for one connection, that came in `pem` for the server name `name`.
pub fn load_for_name(ssl: &mut SslRef, pem: &[u8], name: &str) -> Result<(), TlsError> {
    let origin = format!("SNI data for {name}");
    let mut loader = Loader::new(Target::Connection(ssl), false);
    loader
        .read(pem, &origin)
        .and_then(|()| loader.finish(&origin))
        .map_err(|trouble| given_up(&trouble, &origin, "aborting TLS handshake"))
}

const DISABLING: &str = "disabling TLS support";

fn given_up(trouble: &Trouble, origin: &str, consequence: &str) -> TlsError {
    log::warning!("{}", trouble.text);
    if let Some(stack) = &trouble.stack {
        complain(stack);
    }
    log::warning!("error loading private keys and certificates from: {origin}: {consequence}");
    TlsError::Unavailable
}

enum Target<'a> {
    Context(&'a mut SslContextBuilder),
    Connection(&'a mut SslRef),
}

/// What ends the loading.
struct Trouble {
    text: String,
    stack: Option<ErrorStack>,
}

impl From<String> for Trouble {
    fn from(text: String) -> Trouble {
        Trouble { text, stack: None }
    }
}

/// Takes PEM objects one by one, and puts each key with its certificates to use.
struct Loader<'a> {
    target: Target<'a>,
    /// The one key may stand anywhere among the certificates.
    mixed: bool,
    key: Option<PKey<Private>>,
    certs: Vec<X509>,
    any: bool,
    /// Where the present key stood: number in its file, and file.
    key_at: (usize, String),
}

impl<'a> Loader<'a> {
    fn new(target: Target<'a>, mixed: bool) -> Loader<'a> {
        Loader { target, mixed, key: None, certs: Vec::new(), any: false, key_at: (0, String::new()) }
    }

    fn read(&mut self, pem: &[u8], source: &str) -> Result<(), Trouble> {
        for (at, (label, block)) in pem_blocks(pem).enumerate() {
            let number = at + 1;
            match label {
                "CERTIFICATE" | "X509 CERTIFICATE" => self.certificate(block, number, source)?,
                "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "DSA PRIVATE KEY" => {
                    self.key(block, number, source)?;
                }
                _ if self.mixed => {}
                _ => log::warning!("loading {source}: ignoring PEM type: {label}"),
            }
        }
        Ok(())
    }

    fn certificate(&mut self, block: &[u8], number: usize, source: &str) -> Result<(), Trouble> {
        if !self.mixed && !self.any {
            return Err(format!("error loading chain from {source}: key not first").into());
        }
        let cert = X509::from_pem(block).map_err(|stack| Trouble {
            text: format!("error loading certificate (PEM object number {number}) from {source}"),
            stack: Some(stack),
        })?;
        self.any = true;
        self.certs.push(cert);
        Ok(())
    }

    fn key(&mut self, block: &[u8], number: usize, source: &str) -> Result<(), Trouble> {
        let key = PKey::private_key_from_pem(block);
        if self.key.is_some() {
            let (before, file) = &self.key_at;
            if self.mixed {
                log::warning!("ignoring 2nd key at index {number} in {source} after 1st at {before}");
                return Ok(());
            }
            if self.certs.is_empty() {
                let text = format!(
                    "error loading certificate chain: key at index {before} in {file} not followed by a certificate"
                );
                return Err(text.into());
            }
            self.put_to_use().map_err(|stack| Trouble {
                text: format!(
                    "error loading certificate chain: key at index {} in {} does not match the certificate",
                    self.key_at.0, self.key_at.1
                ),
                stack: Some(stack),
            })?;
        }
        let key = key.map_err(|stack| Trouble {
            text: format!("error loading private key (PEM object number {number}) from {source}"),
            stack: Some(stack),
        })?;
        self.key = Some(key);
        self.any = true;
        self.key_at = (number, source.to_owned());
        Ok(())
    }

    fn finish(&mut self, origin: &str) -> Result<(), Trouble> {
        match (&self.key, self.certs.is_empty()) {
            _ if !self.any => Err(format!("No PEM data in {origin}").into()),
            (None, _) => Err(format!("No private key found in {origin}").into()),
            (Some(_), true) => {
                Err(format!("No certs for key at index {} in {}", self.key_at.0, self.key_at.1).into())
            }
            (Some(_), false) => self.put_to_use().map_err(|stack| Trouble {
                text: format!(
                    "key at index {} in {} does not match next certificate",
                    self.key_at.0, self.key_at.1
                ),
                stack: Some(stack),
            }),
        }
    }

    fn put_to_use(&mut self) -> Result<(), ErrorStack> {
        let mut certs = std::mem::take(&mut self.certs).into_iter();
        let (Some(key), Some(leaf)) = (self.key.take(), certs.next()) else { return Ok(()) };
        match &mut self.target {
            Target::Context(ctx) => sys::openssl::use_certificate(ctx, &leaf, &key, certs.collect()),
            Target::Connection(ssl) => sys::openssl::use_certificate_here(ssl, &leaf, &key, certs.collect()),
        }
    }
}

/// Each PEM object with its label.
pub fn pem_blocks(pem: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let mut rest = pem;
    std::iter::from_fn(move || {
        const BEGIN: &[u8] = b"-----BEGIN ";
        const END: &[u8] = b"-----END ";
        let at = bstr::ByteSlice::find(rest, BEGIN)?;
        let block = rest.get(at..)?;
        let label = block.get(BEGIN.len()..)?;
        let label = std::str::from_utf8(label.get(..bstr::ByteSlice::find(label, b"-----")?)?).ok()?;
        let end = bstr::ByteSlice::find(block, END)?;
        let tail = block.get(end..)?;
        let length = end + tail.iter().position(|&b| b == b'\n').map_or(tail.len(), |n| n + 1);
        rest = block.get(length..)?;
        Some((label, block.get(..length)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::ssl::SslMethod;

    #[test]
    fn pem_objects_come_apart() {
        let text =
            b"junk\n-----BEGIN A B-----\nx\n-----END A B-----\n\n-----BEGIN C-----\ny\n-----END C-----";
        let labels: Vec<_> = pem_blocks(text).map(|(label, block)| (label, block.len())).collect();
        assert_eq!(labels, [("A B", 40), ("C", 35)]);
        assert_eq!(pem_blocks(b"-----BEGIN ").count(), 0);
        assert_eq!(pem_blocks(b"-----BEGIN X-----\nno end").count(), 0);
    }

    #[test]
    fn what_is_wrong_with_a_chain_is_said() {
        let key = PKey::generate_ed25519().unwrap().private_key_to_pem_pkcs8().unwrap();
        let twice = [&key[..], &key[..]].concat();
        let mut ctx = SslContextBuilder::new(SslMethod::tls()).unwrap();
        let mut said = |pem: &[u8]| {
            let mut loader = Loader::new(Target::Context(&mut ctx), false);
            loader.read(pem, "F").and_then(|()| loader.finish("F")).map_err(|trouble| trouble.text)
        };
        assert_eq!(said(b"nothing"), Err("No PEM data in F".to_owned()));
        assert_eq!(said(&key), Err("No certs for key at index 1 in F".to_owned()));
        assert_eq!(
            said(&twice),
            Err("error loading certificate chain: key at index 1 in F not followed by a certificate"
                .to_owned())
        );
        let cert = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(said(cert), Err("error loading chain from F: key not first".to_owned()));
        let bad = [&key[..], cert].concat();
        assert_eq!(said(&bad), Err("error loading certificate (PEM object number 2) from F".to_owned()));
    }
}
