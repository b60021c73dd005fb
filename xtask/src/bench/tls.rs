//! `bench tls`: handshakes of smtpd(8) per second of its CPU, by `openssl s_time`: full and resumed, TLS 1.2 and 1.3,
//! RSA and ECDSA keys.
//!
//! TLS begins with the connection (wrapper mode). s_time says `GET`, which smtpd(8) answers and hangs up: by then a
//! TLS 1.3 server has sent the ticket that the next handshake resumes with.

use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::{Instance, Subject};

use super::case::Figures;
use super::meter::{Usage, children_cpu};
use super::report::{self, Results};

/// Handshakes for a second of all daemons' CPU.
const PER_CPU: &str = "handshakes/CPU s";
const PER_SECOND: &str = "handshakes/s";

/// Name, s_time's options.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("tls12-full", "1.2", &["-tls1_2", "-new"]),
    ("tls12-resumed", "1.2", &["-tls1_2", "-reuse"]),
    ("tls13-full", "1.3", &["-tls1_3", "-new"]),
    ("tls13-resumed", "1.3", &["-tls1_3", "-reuse"]),
];

pub fn run(dir: &Path, subjects: &[Subject], rounds: usize, seconds: u32) -> Result<(), String> {
    std::fs::create_dir_all(dir).map_err(|err| format!("{}: {err}", dir.display()))?;
    println!("{subjects:?} in turn; medians (spread).\n{}", report::columns());
    let mut results = Results::default();
    for key in ["rsa", "ecdsa"] {
        let mut figures = vec![vec![Vec::new(); subjects.len()]; KINDS.len()];
        for _ in 0..rounds {
            for (n, subject) in subjects.iter().enumerate() {
                let mx = instance(dir, subject, key)?;
                for ((name, _, options), figures) in KINDS.iter().zip(&mut figures) {
                    let seen = measure(&mx, options, seconds);
                    let seen = seen.map_err(|why| format!("{key} {name}: {subject:?}: {why}"))?;
                    figures.get_mut(n).ok_or("no such side")?.push(seen);
                }
            }
        }
        for ((name, ..), figures) in KINDS.iter().zip(&figures) {
            let case: &'static str = format!("{key}-{name}").leak();
            println!("{}", results.add(case, figures));
        }
    }
    Ok(())
}

/// A mail system whose SMTP port begins with TLS.
fn instance(dir: &Path, subject: &Subject, key: &str) -> Result<Instance, String> {
    let (pem, cert) = certificate(dir, key)?;
    let root = dir.join(format!("tls-{key}"));
    let _ = std::fs::remove_dir_all(&root);
    let setup = Instance::new(subject.clone()).root(root).main(&format!(
        "smtpd_tls_cert_file = {}\nsmtpd_tls_key_file = {}\nsmtpd_tls_wrappermode = yes",
        cert.display(),
        pem.display()
    ));
    let mx = setup.start();
    // The keys of tickets are made, and tables are open, before anything is measured.
    s_time(&mx, &["-tls1_3", "-new"], 1)?;
    Ok(mx)
}

fn measure(mx: &Instance, options: &[&str], seconds: u32) -> Result<Figures, String> {
    let master = mx.master_pid().ok_or("no master runs")?;
    let (before, own) = (Usage::of(master), children_cpu());
    let start = std::time::Instant::now();
    let count = s_time(mx, options, seconds)? as f64;
    let elapsed = start.elapsed().as_secs_f64();
    let used = Usage::of(master).since(&before);
    let mut figures = Figures::default();
    figures.set(PER_CPU, count / used.cpu_seconds.max(1e-3));
    figures.set(PER_SECOND, count / elapsed);
    figures.set("client CPU ms each", (children_cpu() - own) * 1000.0 / count.max(1.0));
    Ok(figures)
}

/// Handshakes that were made; an error when some were not of the wanted kind.
fn s_time(mx: &Instance, options: &[&str], seconds: u32) -> Result<u64, String> {
    let done = Command::new("openssl")
        .args(["s_time", "-connect", &format!("127.0.0.1:{}", mx.port), "-www", "/"])
        .args(["-time", &seconds.to_string()])
        .args(options)
        .output()
        .map_err(|err| format!("openssl: {err}"))?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    // A mark for each: `*` a new TLS 1.2 session, `t` a new TLS 1.3 one, `r` a resumed one.
    let marks = |wanted: char| {
        let lines = text.lines().filter(|l| !l.is_empty() && l.chars().all(|c| "*trs3".contains(c)));
        lines.flat_map(str::chars).filter(|c| *c == wanted).count() as u64
    };
    let resumed = marks('r');
    let count = text.lines().find_map(|l| l.split_once(" connections in ")?.0.parse::<u64>().ok());
    let count = count.filter(|count| *count > 0).ok_or_else(|| format!("openssl s_time: {text}"))?;
    match options.contains(&"-reuse") {
        true if resumed + 2 < count => Err(format!("only {resumed} of {count} sessions were resumed")),
        false if resumed > 0 => Err(format!("{resumed} of {count} sessions were resumed")),
        _ => Ok(count),
    }
}

/// Key and certificate of a kind, made once.
fn certificate(dir: &Path, key: &str) -> Result<(PathBuf, PathBuf), String> {
    let (pem, cert) = (dir.join(format!("{key}.key")), dir.join(format!("{key}.crt")));
    let algorithm: &[&str] = match key {
        "rsa" => &["-newkey", "rsa:2048"],
        _ => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    };
    let done = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=mx.test"])
        .args(algorithm)
        .arg("-keyout")
        .arg(&pem)
        .arg("-out")
        .arg(&cert)
        .output()
        .map_err(|err| format!("openssl: {err}"))?;
    if !done.status.success() {
        return Err(format!("openssl req: {}", String::from_utf8_lossy(&done.stderr)));
    }
    Ok((pem, cert))
}
