//! Two instances of one configuration: the reference's and ours.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use testkit::{Instance, Output, Sink, Subject};

use super::Plan;
use super::cases::CaseFile;
use super::normalise::Facts;
use super::report::Outcome;

/// One side of the comparison.
pub struct Side {
    pub mx: Instance,
    /// Where its mail to other hosts goes.
    pub sink: Sink,
    pub facts: Facts,
}

/// Both sides.
pub struct Pair {
    pub reference: Side,
    pub ours: Side,
}

impl Pair {
    /// Writes the files of both; starts nothing.
    pub fn create(plan: &Plan, file: &CaseFile) -> Pair {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let folder = std::env::temp_dir().join(format!(
            "ferropost-diff-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        fs::create_dir_all(&folder).expect("create the folder of a pair");
        // Names of the same length: message sizes count paths, too.
        Pair {
            reference: Side::create(&plan.reference, &folder, ["theirs", "ourown"], file),
            ours: Side::create(&plan.ours, &folder, ["ourown", "theirs"], file),
        }
    }

    /// Starts both.
    pub fn start(&self) {
        self.both(|side| {
            side.mx.start();
            // The start's own look at the port is a session, too.
            testkit::wait_for("the first session's end is logged", || {
                side.log_since(0)
                    .iter()
                    .any(|line| line.starts_with("smtpd: disconnect from") || line.contains("fatal:"))
            });
        });
    }

    /// Does the same to both at the same time.
    pub fn both<T: Send>(&self, act: impl Fn(&Side) -> T + Sync) -> (T, T) {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| act(&self.reference));
            let ours = act(&self.ours);
            (other.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)), ours)
        })
    }

    /// Runs a case on both and gives what each showed.
    pub fn compare(&self, name: String, act: impl Fn(&Side) -> Vec<String> + Sync) -> Outcome {
        let (reference, ours) = self.both(act);
        Outcome { name, reference, ours }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.both(|side| side.mx.master_pid().map(|_| side.mx.stop()));
        if let Some(folder) = self.ours.mx.root.parent() {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

impl Side {
    fn create(subject: &Subject, folder: &Path, [name, other]: [&str; 2], file: &CaseFile) -> Side {
        let (root, other) = (folder.join(name), folder.join(other).display().to_string());
        let sink = Sink::start();
        let mut setup = Instance::new(subject.clone()).root(root);
        let fill = |text: &str, root: &str, port: u16| {
            text.replace("@ROOT@", root)
                .replace("@PORT@", &port.to_string())
                .replace("@SINK@", &sink.port.to_string())
        };
        for entry in &file.master {
            // The root is not known to be needed in master.cf's first two words.
            setup = setup.master(entry);
        }
        let mx = setup.create();
        let root = mx.root.display().to_string();
        let path = mx.etc().join("main.cf");
        // The newer of two names of the same setting, which nobody warns about.
        let own = fs::read_to_string(&path).expect("read main.cf");
        let own = own.replace("disable_dns_lookups = yes\n", "smtp_dns_support_level = disabled\n");
        fs::write(&path, merged(&own, &fill(&file.main, &root, mx.port))).expect("write main.cf");
        let path = mx.etc().join("master.cf");
        let own = fs::read_to_string(&path).expect("read master.cf");
        fs::write(&path, fill(&own, &root, mx.port)).expect("write master.cf");
        for (name, text) in &file.files {
            let path = mx.root.join(name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).expect("create a folder");
            }
            fs::write(&path, fill(text, &root, mx.port)).expect("write a case's file");
            let mode = if text.starts_with("#!") { 0o755 } else { 0o644 };
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set permissions");
        }
        let facts = Facts {
            root,
            other,
            port: mx.port,
            sink: sink.port,
            commands: mx.subject.commands().display().to_string(),
            daemons: mx.subject.daemons().display().to_string(),
        };
        Side { mx, sink, facts }
    }

    /// How long the log is now.
    pub fn log_end(&self) -> usize {
        self.mx.log().text().len()
    }

    /// Log lines after a place, as they are.
    pub fn raw_log_since(&self, start: usize) -> Vec<String> {
        let text = self.mx.log().text();
        text.get(start..).unwrap_or("").lines().map(str::to_string).collect()
    }

    /// Log lines after a place, normalised: `program: text`.
    pub fn log_since(&self, start: usize) -> Vec<String> {
        self.raw_log_since(start).iter().map(|line| self.facts.log_line(line)).collect()
    }

    /// Waits until the log has not grown for `quiet`.
    pub fn log_at_rest(&self, quiet: Duration) {
        let end = Instant::now() + Duration::from_secs(10);
        let (mut length, mut since) = (self.log_end(), Instant::now());
        while since.elapsed() < quiet && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
            let now = self.log_end();
            if now != length {
                (length, since) = (now, Instant::now());
            }
        }
    }

    /// Runs a shell script with this side's commands in its path.
    pub fn script(&self, text: &str, input: &[u8]) -> Output {
        let text = format!(
            "PATH={}:/usr/bin:/bin; export PATH MAIL_CONFIG; MAIL_CONFIG={}; cd {}\n{}",
            self.facts.commands,
            self.mx.etc().display(),
            self.facts.root,
            text.replace("@ROOT@", &self.facts.root)
                .replace("@OTHER@", &self.facts.other)
                .replace("@PORT@", &self.facts.port.to_string())
                .replace("@SINK@", &self.facts.sink.to_string())
                .replace("@DAEMONS@", &self.facts.daemons)
        );
        // A command that hangs fails its case instead of stopping the run.
        self.mx.run("/usr/bin/timeout", &["20", "/bin/sh", "-c", &text], input)
    }
}

/// main.cf with the case's settings in place of the instance's own.
fn merged(own: &str, added: &str) -> String {
    // A name alone takes the setting away.
    let name = |line: &str| line.split('=').next().map(|name| name.trim().to_string());
    let is_setting = |line: &str| line.contains('=');
    let mut new: Vec<(Option<String>, String)> = Vec::new();
    for line in added.lines() {
        match new.last_mut() {
            Some((_, text)) if line.starts_with([' ', '\t']) => *text = format!("{text}\n{line}"),
            _ => new.push((name(line), line.to_string())),
        }
    }
    let overridden = |name: &str, after: &[(Option<String>, String)]| {
        after.iter().any(|(n, _)| n.as_deref() == Some(name))
    };
    let mut out = String::new();
    for line in own.lines() {
        if !name(line).is_some_and(|name| overridden(&name, &new)) {
            out += &format!("{line}\n");
        }
    }
    for (at, (name, text)) in new.iter().enumerate() {
        let later = new.get(at + 1..).unwrap_or(&[]);
        if is_setting(text) && !name.as_ref().is_some_and(|name| overridden(name, later)) {
            out += &format!("{text}\n");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::merged;

    #[test]
    fn a_setting_is_there_once() {
        let own = "a = 1\nb = 2\n";
        assert_eq!(merged(own, "b\n"), "a = 1\n");
        assert_eq!(merged(own, "b = 3\nc = 4\n  more\nc = 5\n"), "a = 1\nb = 3\nc = 5\n");
    }
}
