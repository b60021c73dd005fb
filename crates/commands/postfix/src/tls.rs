//! `postfix tls`: switches opportunistic TLS on, makes keys and certificates, and tells what to publish about them.
//!
//! Keys and certificates are openssl(1)'s work (`openssl_path`), changes of main.cf are postconf(1)'s: all of them in one call,
//! because postconf waits before it touches a file that has just been changed.

mod keys;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use config::params::*;

use crate::instance::Instance;
use keys::{Algorithm, OpenSsl};

/// Where a setting of the administrator's own means: hands off.
const CLIENT_SETTINGS: [&str; 7] = [
    "smtp_use_tls",
    "smtp_enforce_tls",
    "smtp_tls_enforce_peername",
    "smtp_tls_security_level",
    "smtp_tls_cert_file",
    "smtp_tls_dcert_file",
    "smtp_tls_eccert_file",
];
const SERVER_SETTINGS: [&str; 6] = [
    "smtpd_use_tls",
    "smtpd_enforce_tls",
    "smtpd_tls_security_level",
    "smtpd_tls_cert_file",
    "smtpd_tls_dcert_file",
    "smtpd_tls_eccert_file",
];

/// What ends a command: the text for the log, empty if it has been said or says itself.
type Refusal = String;
type Done = Result<(), Refusal>;

/// What all sub-commands work with.
pub struct Tls<'a> {
    instance: &'a Instance,
    openssl: OpenSsl,
}

/// Runs a sub-command.
pub fn run(instance: &Instance, words: &[String]) -> ExitCode {
    let result = OpenSsl::find(instance).and_then(|openssl| Tls { instance, openssl }.dispatch(words));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) if text.is_empty() => ExitCode::FAILURE,
        Err(text) => log::fatal!("{text}"),
    }
}

impl Tls<'_> {
    fn dispatch(&self, words: &[String]) -> Done {
        let (name, rest) = match words.split_first() {
            Some((name, rest)) => (name.as_str(), rest),
            None => ("", words),
        };
        match name {
            "enable-client" => self.enable_client(rest),
            "enable-server" => self.enable_server(rest),
            "new-server-key" => self.new_key(rest),
            "new-server-cert" => self.new_certificate(rest),
            "deploy-server-cert" => self.deploy_command(rest),
            "output-server-csr" => self.output_request(rest),
            "output-server-tlsa" => self.output_records(rest),
            "all-default-client" => self.all_default(name, &CLIENT_SETTINGS, rest),
            "all-default-server" => self.all_default(name, &SERVER_SETTINGS, rest),
            other => {
                log::error!("unknown tls command: '{other}'");
                Err("usage: postfix tls enable-client (or enable-server, new-server-key, new-server-cert, \
                     deploy-server-cert, output-server-csr, output-server-tlsa, all-default-client, all-default-server)"
                    .to_owned())
            }
        }
    }

    fn enable_client(&self, words: &[String]) -> Done {
        let usage = "usage: postfix tls enable-client [-r devrandom]";
        let options = Options::parse(words, "r", usage)?;
        if !options.operands.is_empty() {
            return Err(usage.to_owned());
        }
        let source = self.random_source(&options);
        let cache = self.cache_type();
        if !self.untouched(&CLIENT_SETTINGS) {
            say("*** Non-default SMTP client TLS settings detected, no changes made.\n\
                 For opportunistic TLS in the Postfix SMTP client, the below settings\nare typical:\n  \
                 smtp_tls_security_level = may\n  smtp_tls_loglevel = 1");
            if let Some(kind) = cache {
                say(&format!("  smtp_tls_session_cache_database = {kind}:${{data_directory}}/smtp_scache"));
            }
            return Ok(());
        }
        let mut settings =
            vec!["smtp_tls_security_level = may".to_owned(), "smtp_tls_loglevel = 1".to_owned()];
        if let Some(kind) = cache {
            let folder = self.instance.config.get(DATA_DIRECTORY);
            settings.push(format!("smtp_tls_session_cache_database = {kind}:{folder}/smtp_scache"));
        }
        settings.push(format!("tls_random_source = {source}"));
        self.change(&settings)?;
        say("Enabled opportunistic TLS in the Postfix SMTP client.");
        say(RELOAD);
        Ok(())
    }

    fn enable_server(&self, words: &[String]) -> Done {
        let usage =
            "usage: postfix tls enable-server [-a algorithm] [-b bits ] [-r devrandom] [hostname ...]";
        let options = Options::parse(words, "abr", usage)?;
        let algorithm = self.algorithm(&options, "private")?;
        let source = self.random_source(&options);
        if !self.untouched(&SERVER_SETTINGS) {
            say(SERVER_IS_SET_UP);
            return Ok(());
        }
        self.make(&options, algorithm, None, Some(&source))
    }

    fn new_key(&self, words: &[String]) -> Done {
        let usage = "usage: postfix tls new-server-key [-a algorithm] [-b bits ] [hostname ...]";
        let options = Options::parse(words, "ab", usage)?;
        let algorithm = self.algorithm(&options, "public")?;
        self.make(&options, algorithm, None, None)
    }

    fn new_certificate(&self, words: &[String]) -> Done {
        let usage = "usage: postfix tls new-server-cert [-a algorithm] [-b bits ] [hostname ...]";
        let options = Options::parse(words, "ab", usage)?;
        let algorithm = self.algorithm(&options, "private")?;
        let mut old = self.key_file(algorithm.name());
        if let Some(file) = old.as_ref().filter(|file| !Path::new(file).is_file()) {
            log::warning!("Key file: {file} not found, creating new keys");
            old = None;
        }
        self.make(&options, algorithm, old.as_deref(), None)
    }

    /// A key, new or a copy of `old`, and a certificate; put to use where `enable` gives the source of random bytes.
    fn make(&self, options: &Options, algorithm: Algorithm, old: Option<&str>, enable: Option<&str>) -> Done {
        let folder = self.instance.config.directory();
        let (key, cert) = algorithm.files(&folder.display().to_string());
        for (what, file) in [("private key", &key), ("certificate", &cert)] {
            if Path::new(file).exists() {
                return Err(format!("New {what} file already exists: {file}"));
            }
        }
        let made = match old {
            Some(old) => self.openssl.copy_key(algorithm, old, &key),
            None => self.openssl.create_key(algorithm, options.value('b'), &key),
        };
        let made = made.and_then(|()| self.openssl.certify(&key, &cert, &self.host_names(&options.operands)));
        if let Err(text) = made {
            let _ = std::fs::remove_file(&key);
            return Err(text);
        }
        match enable {
            None => say(&format!(
                "New private key and self-signed certificate created. To deploy run:\n  \
                 # postfix tls deploy-server-cert {cert} {key}"
            )),
            Some(source) => {
                self.deploy(&cert, &key, Some(source))?;
                say("Enabled opportunistic TLS in the Postfix SMTP server");
                say(DEPLOYED);
                say(RELOAD);
            }
        }
        say(&format!("To generate a CSR run:\n  # postfix tls output-server-csr -k {key} [<hostname> ...]"));
        let as_above = if enable.is_none() { ", and deploy as above" } else { "" };
        say(&format!("Save the signed certificate chain in {cert}{as_above}."));
        // Once deployed, the records of all deployed keys are what is wanted.
        let shown = if enable.is_none() { key.as_str() } else { "" };
        say(&format!(
            "To generate TLSA records run:\n  # postfix tls output-server-tlsa [-h <hostname>] {shown}"
        ));
        if old.is_none() {
            say(if enable.is_none() {
                "(deploy after updating the DNS and waiting for stale RRs to expire)."
            } else {
                "(If you have DANE TLSA RRs, update them as soon as possible to match\nthe newly deployed keys)."
            });
        }
        Ok(())
    }

    fn deploy_command(&self, words: &[String]) -> Done {
        let [cert, key] = words else {
            return Err("usage: postfix tls deploy-server-cert certfile keyfile".to_owned());
        };
        self.deploy(&self.below(cert), &self.below(key), None)?;
        say(DEPLOYED);
        say(RELOAD);
        Ok(())
    }

    /// Names both files in main.cf, if they belong together.
    fn deploy(&self, cert: &str, key: &str, enable: Option<&str>) -> Done {
        let algorithm =
            self.openssl.algorithm_of(key).ok_or_else(|| format!("no private key found in file: {key}"))?;
        let of_cert = self.openssl.certificate_key_digest(cert);
        let of_cert = of_cert.ok_or("error computing certificate public key digest")?;
        let of_key = self.openssl.key_digest(key).ok_or("error computing public key digest")?;
        if of_cert != of_key {
            return Err(format!("Certificate in {cert} does not match key in {key}"));
        }
        let (key_parameter, cert_parameter) = algorithm.parameters();
        let mut settings = vec![format!("{key_parameter} = {key}"), format!("{cert_parameter} = {cert}")];
        if let Some(source) = enable {
            settings.push("smtpd_tls_security_level = may".to_owned());
            settings.push("smtpd_tls_received_header = yes".to_owned());
            settings.push("smtpd_tls_loglevel = 1".to_owned());
            settings.push(format!("tls_random_source = {source}"));
        }
        self.change(&settings)
    }

    fn output_request(&self, words: &[String]) -> Done {
        let usage = "usage: postfix tls output-server-csr [-k keyfile] [hostname ...]";
        let options = Options::parse(words, "k", usage)?;
        let key = match options.value('k') {
            Some(key) => self.key_file(key),
            None => Algorithm::ALL.into_iter().find_map(|algorithm| self.key_file(algorithm.name())),
        };
        let key = key.filter(|key| std::fs::File::open(key).is_ok());
        let key = key.ok_or("No usable keyfile specified or configured")?;
        self.openssl.request(&key, &self.host_names(&options.operands))
    }

    fn output_records(&self, words: &[String]) -> Done {
        let usage = "usage: postfix tls output-server-tlsa [-h hostname] [keyfile ...]";
        let options = Options::parse(words, "h", usage)?;
        let host = options.value('h').map_or_else(|| self.own_name(), str::to_owned);
        let configured = Algorithm::ALL.map(|algorithm| algorithm.name().to_owned());
        let keys = if options.operands.is_empty() { &configured[..] } else { &options.operands };
        let mut any = false;
        for key in keys.iter().filter_map(|key| self.key_file(key)) {
            print(format!("; {key}\n").as_bytes());
            if self.openssl.algorithm_of(&key).is_none() {
                return Err(format!("no private key found in file: {key}"));
            }
            let digest = self.openssl.key_digest(&key).ok_or_else(String::new)?;
            print(format!("_25._tcp.{host}. IN TLSA 3 1 1 {digest}\n").as_bytes());
            any = true;
        }
        if any { Ok(()) } else { Err("No usable keyfiles specified or configured".to_owned()) }
    }

    fn all_default(&self, name: &str, settings: &[&str], words: &[String]) -> Done {
        if !words.is_empty() {
            return Err(format!("usage: postfix tls {name}"));
        }
        if self.untouched(settings) { Ok(()) } else { Err(String::new()) }
    }

    /// Whether main.cf has none of these.
    fn untouched(&self, settings: &[&str]) -> bool {
        settings.iter().all(|name| self.postconf(&["-nh", name]).is_none_or(|text| text.is_empty()))
    }

    fn algorithm(&self, options: &Options, what: &str) -> Result<Algorithm, Refusal> {
        match options.value('a') {
            None => Ok(Algorithm::Rsa),
            Some(name) => {
                Algorithm::named(name).ok_or_else(|| format!("Unsupported {what} key algorithm: {name}"))
            }
        }
    }

    /// The key file of an algorithm, as configured, or of a name.
    fn key_file(&self, name: &str) -> Option<String> {
        let file = match Algorithm::named(name) {
            Some(algorithm) => self.postconf(&["-nxh", algorithm.parameters().0])?,
            None if name.is_empty() || name == "none" => return None,
            None => self.below(name),
        };
        (!file.is_empty() && file != "none").then_some(file)
    }

    /// Names of files are relative to the configuration directory.
    fn below(&self, name: &str) -> String {
        self.instance.config.directory().join(name).display().to_string()
    }

    fn own_name(&self) -> String {
        let name = self.instance.config.get(MYHOSTNAME);
        if name.starts_with('/') {
            return std::fs::read_to_string(name).unwrap_or_default().trim_end().to_owned();
        }
        name.to_owned()
    }

    fn host_names(&self, given: &[String]) -> Vec<String> {
        if given.first().is_none_or(|first| first.is_empty()) {
            return [self.own_name()].into_iter().chain(given.iter().skip(1).cloned()).collect();
        }
        given.to_vec()
    }

    fn random_source(&self, options: &Options) -> String {
        let configured = || self.postconf(&["-xh", "tls_random_source"]).filter(|source| !source.is_empty());
        let given = options.value('r').filter(|source| !source.is_empty()).map(str::to_owned);
        given.or_else(configured).unwrap_or_else(|| "dev:/dev/urandom".to_owned())
    }

    /// The best type for a session cache.
    fn cache_type(&self) -> Option<&'static str> {
        let types = self.postconf(&["-m"])?;
        ["lmdb", "btree"].into_iter().find(|kind| types.lines().any(|line| line == *kind))
    }

    fn change(&self, settings: &[String]) -> Done {
        let mut words = vec!["-e"];
        words.extend(settings.iter().map(String::as_str));
        self.postconf(&words).map(|_| ()).ok_or_else(String::new)
    }

    /// What postconf(1) prints about this instance, without the end of line; `None`: it failed.
    fn postconf(&self, words: &[&str]) -> Option<String> {
        keys::postconf(self.instance, words)
    }
}

const RELOAD: &str =
    "Run the command:\n  # postfix reload\nif you want the new settings to take effect immediately.";
const DEPLOYED: &str = "New TLS private key and certificate deployed.";
const SERVER_IS_SET_UP: &str = "*** Non-default SMTP server TLS settings detected, no changes made.\n\
    For opportunistic TLS in the Postfix SMTP server, the below settings\nare typical:\n  \
    smtpd_tls_security_level = may\n  smtpd_tls_loglevel = 1\n\
    You can use \"postfix tls new-server-cert\" to create a new certificate.\n\
    Or, \"postfix tls new-server-key\" to also force a new private key.\n\
    If you publish DANE TLSA records, see:\n  \
    https://tools.ietf.org/html/rfc7671#section-8\n  \
    https://tools.ietf.org/html/rfc7671#section-5.1\n  \
    https://tools.ietf.org/html/rfc7671#section-5.2\n  \
    https://community.letsencrypt.org/t/please-avoid-3-0-1-and-3-0-2-dane-tlsa-records-with-le-certificates/7022";

/// To the log and to the terminal, line by line.
fn say(text: &str) {
    text.lines().for_each(|line| log::info!("{line}"));
}

/// To standard output; who does not read it, does not get it.
fn print(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Options with a value each, and what stands behind them.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    values: Vec<(char, String)>,
    operands: Vec<String>,
}

impl Options {
    fn parse(words: &[String], letters: &str, usage: &str) -> Result<Options, Refusal> {
        let mut values = Vec::new();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next_if(|word| word.len() > 1 && word.starts_with('-')) {
            if word == "--" {
                break;
            }
            let mut rest = word.chars().skip(1);
            let letter = rest.next().filter(|letter| letters.contains(*letter)).ok_or(usage)?;
            let attached: String = rest.collect();
            let value = if attached.is_empty() { words.next().ok_or(usage)?.clone() } else { attached };
            values.push((letter, value));
        }
        Ok(Options { values, operands: words.cloned().collect() })
    }

    fn value(&self, letter: char) -> Option<&str> {
        self.values.iter().rev().find(|(known, _)| *known == letter).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_before_operands() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let options = Options::parse(&words("-a rsa -b4096 mx.test -x"), "ab", "usage").unwrap();
        assert_eq!(
            (options.value('a'), options.value('b'), options.value('r')),
            (Some("rsa"), Some("4096"), None)
        );
        assert_eq!(options.operands, ["mx.test", "-x"]);
        assert_eq!(Options::parse(&words("-z 1"), "ab", "usage"), Err("usage".to_owned()));
        assert_eq!(Options::parse(&words("-a"), "ab", "usage"), Err("usage".to_owned()));
        assert_eq!(Options::parse(&words("-- -a"), "ab", "usage").unwrap().operands, ["-a"]);
    }
}
