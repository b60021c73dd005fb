//! Delivery to a command: its identity, environment, input, output and exit status.
//!
//! The command leads a session of its own, so that a time limit ends its children too. What it says is kept for the
//! bounce message; more than a few kilobytes are thrown away.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};
use mail::dsn::{self, Outcome, Status};
use sys::proc::Ended;
use sys::spawn::{Spawn, Step};

use crate::Delivery;
use crate::copy::{self, CopyError};
use crate::privilege::Privileges;

/// What to run, as whom and how long.
pub struct Command<'a> {
    /// Who runs it, for messages: `local`.
    pub program: &'a str,
    /// Program and arguments.
    pub run: Run<'a>,
    /// The user's rights.
    pub uid: u32,
    /// The user's group.
    pub gid: u32,
    /// Environment beyond PATH.
    pub environment: Vec<(String, BString)>,
    /// `export_environment`: names, or `name=value`, that go along from our own environment.
    pub export: &'a str,
    /// What it is confined to, before it takes the user's rights.
    pub root: Option<PathBuf>,
    /// Where it starts.
    pub directory: Option<PathBuf>,
    /// How long it may take to read, to write and to end, each.
    pub time_limit: Duration,
    /// How the message is copied to it.
    pub copy: copy::Options<'a>,
}

/// The two ways to say what runs.
pub enum Run<'a> {
    /// A program with its arguments.
    Arguments(Vec<BString>),
    /// A command line, run by `shell` when that is given, or when it has characters that only a shell understands.
    Line {
        /// The command line.
        line: &'a [u8],
        /// `local_command_shell`, or empty.
        shell: &'a str,
    },
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It took the message; its output, on one line.
    Done(BString),
    /// It did not.
    Failed(Outcome),
    /// The queue file is damaged: it has been marked, and nothing more is to be reported.
    Corrupt,
}

/// `_PATH_DEFPATH`
const SEARCH_PATH: &str = "/usr/bin:/bin";

/// The exit status of a child that could not be one.
const TEMP_FAIL: i32 = 75;

/// Output beyond this is dropped.
const OUTPUT_LIMIT: usize = 4096;

/// What runs command lines; it is called by its short name.
const SHELL: &str = "/bin/sh";

/// Characters of a command line that needs no shell.
const PLAIN: &[u8] = b"!@%-_=+:,./ \t";

/// Runs the command with the message as its input.
pub fn run(delivery: &Delivery<'_>, privileges: &Privileges, command: &Command<'_>) -> Verdict {
    let name = command.name();
    let identity = match privileges.child(command.uid, command.gid) {
        Ok(identity) => identity,
        Err(refused) => return Verdict::Failed(Outcome::new(Status::new(4, 3, 0), refused.to_string())),
    };
    let started = command.start(identity);
    let (pid, input, output) = match started {
        Ok(started) => started,
        Err(Start::Environment(error)) => {
            let text = format!("Delivery failed: {}", sys::errno_text(&error));
            return Verdict::Failed(
                Outcome::new(Status::new(4, 3, 0), text).diagnosed("x-unix", "system resource problem"),
            );
        }
        Err(Start::Silent(why)) => {
            log::write(log::Level::Fatal, format_args!("{why}"));
            return exit_verdict(TEMP_FAIL, &name, &BString::default());
        }
        Err(Start::Child(why)) => {
            // compat: the reference's child says so itself, in the log and as its output.
            log::write(log::Level::Fatal, format_args!("{why}"));
            let said = format!("{}: fatal: {why}\n", command.program);
            return exit_verdict(TEMP_FAIL, &name, &one_line(said.as_bytes()));
        }
    };
    let mut child =
        Child { pid, privileges, uid: command.uid, gid: command.gid, limit: command.time_limit, late: false };
    let mut sink = Timed { file: input, child: &mut child };
    let copied = copy::message(
        &mut delivery.content(),
        &mut io::BufWriter::with_capacity(4096, &mut sink),
        &command.copy,
    );
    drop(sink);
    let said = child.listen(output);
    let ended = child.end();
    let said = one_line(&said);
    if child.late {
        return failed(Status::new(5, 3, 0), format!("Command time limit exceeded: \"{name}\""), &said);
    }
    match ended {
        Ended::Signal(signal) => {
            failed(Status::new(4, 3, 0), format!("Command died with signal {signal}: \"{name}\""), &said)
        }
        Ended::Exit(0) => match copied {
            Err(CopyError::Corrupt) => {
                delivery.mark_corrupt();
                delivery.keep();
                Verdict::Corrupt
            }
            // A command may stop reading when it knows enough.
            Err(CopyError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                Verdict::Done(trimmed(&said))
            }
            Err(error) => {
                let mut outcome = error.outcome();
                outcome.reason = BString::from(format!("Command failed: {}: \"{name}\"", outcome.reason));
                Verdict::Failed(outcome)
            }
            Ok(()) => Verdict::Done(trimmed(&said)),
        },
        Ended::Exit(code) => exit_verdict(code, &name, &said),
    }
}

/// The meaning of an exit status: what the output says, if it begins with a status code; else sysexits.h.
fn exit_verdict(code: i32, name: &str, said: &BString) -> Verdict {
    if Status::prefix(said).is_some() {
        let (status, text) = dsn::split(Status::new(5, 3, 0), said);
        return Verdict::Failed(Outcome::new(status, text).diagnosed("x-unix", text));
    }
    match sysexits(code) {
        Some((status, text)) => {
            let mut outcome = Outcome::new(status, with_output(text.to_owned(), said));
            let detail = if said.is_empty() { BString::from(text) } else { said.clone() };
            outcome = outcome.diagnosed("x-unix", detail);
            Verdict::Failed(outcome)
        }
        None => {
            let text = format!("Command died with status {code}: \"{name}\"");
            diagnosed(Status::new(5, 3, 0), text, said, &format!("unknown mail system error {code}"))
        }
    }
}

fn failed(status: Status, text: String, said: &BString) -> Verdict {
    diagnosed(status, text, said, "internal software error")
}

/// What the command said is its diagnosis, else `silent` is.
fn diagnosed(status: Status, text: String, said: &BString, silent: &str) -> Verdict {
    let detail = if said.is_empty() { BString::from(silent) } else { said.clone() };
    Verdict::Failed(Outcome::new(status, with_output(text, said)).diagnosed("x-unix", detail))
}

fn with_output(text: String, said: &BString) -> BString {
    let mut text = BString::from(text);
    if !said.is_empty() {
        text.extend_from_slice(b". Command output: ");
        text.extend_from_slice(said);
    }
    text
}

/// sysexits.h as delivery status and text.
fn sysexits(code: i32) -> Option<(Status, &'static str)> {
    Some(match code {
        64 => (Status::new(5, 3, 0), "command line usage error"),
        65 => (Status::new(5, 6, 0), "data format error"),
        66 => (Status::new(5, 3, 0), "cannot open input"),
        67 => (Status::new(5, 1, 1), "user unknown"),
        68 => (Status::new(5, 1, 2), "host name unknown"),
        69 => (Status::new(5, 3, 0), "service unavailable"),
        70 => (Status::new(5, 3, 0), "internal software error"),
        71 => (Status::new(4, 3, 0), "system resource problem"),
        72 => (Status::new(5, 3, 0), "critical OS file missing"),
        73 => (Status::new(5, 2, 0), "can't create user output file"),
        74 => (Status::new(5, 3, 0), "input/output error"),
        75 => (Status::new(4, 3, 0), "temporary failure"),
        76 => (Status::new(5, 5, 0), "remote error in protocol"),
        77 => (Status::new(5, 7, 0), "permission denied"),
        78 => (Status::new(5, 3, 5), "local configuration error"),
        _ => return None,
    })
}

/// Output as it may stand in a log line and a bounce: no control characters.
// compat: what was a newline at the end stays as a blank.
fn one_line(output: &[u8]) -> BString {
    let line: Vec<u8> = output
        .iter()
        .map(|byte| match byte {
            b'\t' | b'\n' => b' ',
            0x20..=0x7e => *byte,
            _ => b'_',
        })
        .collect();
    BString::from(line)
}

fn trimmed(said: &BString) -> BString {
    BString::from(said.trim_end_with(|c| c == ' '))
}

/// Why nothing runs.
enum Start {
    /// No pipe, no process.
    Environment(io::Error),
    /// What a child would have said before it gave up.
    Child(String),
    /// As `Child`, but before its output was connected: only the log has it.
    Silent(String),
}

impl Command<'_> {
    /// What messages call it.
    fn name(&self) -> String {
        match &self.run {
            Run::Arguments(arguments) => arguments.first().map(ToString::to_string).unwrap_or_default(),
            Run::Line { line, .. } => line.as_bstr().to_string(),
        }
    }

    /// Program and arguments: as they are, or a shell's.
    fn arguments(&self) -> Vec<BString> {
        let words = |text: &[u8]| -> Vec<BString> {
            text.split(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
                .filter(|w| !w.is_empty())
                .map(BString::from)
                .collect()
        };
        match &self.run {
            Run::Arguments(arguments) => arguments.clone(),
            Run::Line { line, shell } if !shell.trim().is_empty() => {
                let mut all = words(shell.as_bytes());
                all.push(BString::from(*line));
                all
            }
            Run::Line { line, .. } => {
                let plain = line.iter().all(|b| b.is_ascii_alphanumeric() || PLAIN.contains(b));
                let direct = words(line);
                match direct.first() {
                    // A word that is no program may still be a shell's own command.
                    Some(program)
                        if plain && (program.contains(&b'/') || find_program(program).is_some()) =>
                    {
                        direct
                    }
                    _ => [SHELL.into(), "-c".into(), BString::from(*line)].into(),
                }
            }
        }
    }

    /// Starts it; returns its id, the pipe to its input and the one from its output.
    fn start(&self, identity: Option<sys::user::Identity>) -> Result<(i32, File, File), Start> {
        let mut arguments = self.arguments();
        let Some(first) = arguments.first().cloned() else {
            return Err(Start::Child("empty command".to_owned()));
        };
        let not_run = |error: &io::Error| {
            let place = if matches!(self.run, Run::Arguments(_)) { "pipe_command: " } else { "" };
            Start::Child(format!("{place}execvp {first}: {}", sys::errno_text(error)))
        };
        let program = if first.contains(&b'/') {
            Some(PathBuf::from(OsStr::from_bytes(&first)))
        } else {
            find_program(&first)
        };
        if let (Some(name), true) = (arguments.first_mut(), first == SHELL) {
            *name = "sh".into();
        }
        let program = program.ok_or_else(|| not_run(&io::Error::from_raw_os_error(2)))?;
        let (stdin, input) = sys::fd::pipe().map_err(Start::Environment)?;
        let (output, stdout) = sys::fd::pipe().map_err(Start::Environment)?;
        // A command that talks too much loses text; it does not stop.
        sys::fd::set_nonblocking(&stdout, true).map_err(Start::Environment)?;
        sys::fd::set_nonblocking(&input, true).map_err(Start::Environment)?;
        let build = || -> io::Result<Spawn> {
            let mut spawn = Spawn::new(&program, arguments.iter().map(|a| OsStr::from_bytes(a)))?
                .descriptor(&stdin, 0)?
                .descriptor(&stdout, 1)?
                .descriptor(&stdout, 2)?
                .new_session();
            for (name, value) in self.whole_environment() {
                spawn = spawn.env(&name, OsStr::from_bytes(&value))?;
            }
            if let Some(identity) = identity {
                spawn = spawn.identity(identity);
            }
            if let Some(root) = &self.root {
                spawn = spawn.root(root)?;
            }
            if let Some(directory) = &self.directory {
                spawn = spawn.directory(directory)?;
            }
            Ok(spawn)
        };
        let spawn = build().map_err(Start::Environment)?;
        let pid = spawn.start_or_step().map_err(|(step, error)| match step {
            Step::Program => not_run(&error),
            Step::Directory => Start::Silent(format!(
                "cannot change directory to \"{}\" for uid={} gid={}: {}",
                self.directory.as_deref().unwrap_or(Path::new("")).display(),
                self.uid,
                self.gid,
                sys::errno_text(&error)
            )),
            Step::Preparation if self.root.is_some() => {
                Start::Silent(format!("cannot prepare command: {}", sys::errno_text(&error)))
            }
            Step::Preparation => Start::Environment(error),
        })?;
        Ok((pid, File::from(input), File::from(output)))
    }

    /// PATH, what `export_environment` lets through, and the delivery's own; later ones win.
    fn whole_environment(&self) -> Vec<(String, BString)> {
        let mut all: Vec<(String, BString)> = Vec::new();
        let mut set = |name: &str, value: BString| {
            all.retain(|(known, _)| known != name);
            all.push((name.to_owned(), value));
        };
        for word in self.export.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|w| !w.is_empty())
        {
            match word.split_once('=') {
                Some((name, value)) => set(name, value.into()),
                None => {
                    if let Some(value) = std::env::var_os(word) {
                        set(word, BString::from(value.as_bytes()));
                    }
                }
            }
        }
        set("PATH", SEARCH_PATH.into());
        for (name, value) in &self.environment {
            set(name, value.clone());
        }
        all
    }
}

fn find_program(name: &[u8]) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    SEARCH_PATH.split(':').map(|directory| Path::new(directory).join(OsStr::from_bytes(name))).find(|path| {
        std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    })
}

/// A running command.
struct Child<'a> {
    pid: i32,
    privileges: &'a Privileges,
    uid: u32,
    gid: u32,
    limit: Duration,
    /// It has used up its time.
    late: bool,
}

impl Child<'_> {
    fn patience(&self) -> Duration {
        if self.late { Duration::ZERO } else { self.limit }
    }

    /// Reads what the command says until it closes its output, or for as long as it may take.
    fn listen(&mut self, mut output: File) -> Vec<u8> {
        let mut said = Vec::new();
        let mut chunk = [0u8; 1024];
        while said.len() < OUTPUT_LIMIT {
            if !sys::poll::readable(output.as_fd(), Some(self.patience())).unwrap_or(false) {
                self.give_up("pipe_command_read: read time limit exceeded");
                break;
            }
            match output.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => said.extend_from_slice(chunk.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        said.truncate(OUTPUT_LIMIT);
        said
    }

    /// Waits for it to end, and ends it when its time is over.
    fn end(&mut self) -> Ended {
        if self.late {
            self.kill();
        }
        let end = Instant::now() + if self.late { Duration::from_secs(1) } else { self.limit };
        let mut pause = Duration::from_micros(200);
        loop {
            match sys::proc::try_wait(self.pid) {
                Ok(Some(ended)) => return ended,
                Ok(None) => {}
                Err(error) => log::fatal!("wait: {}", sys::errno_text(&error)),
            }
            if Instant::now() >= end {
                break;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
        self.give_up("pipe_command_wait_or_kill: time limit exceeded");
        self.kill();
        sys::proc::wait(self.pid).unwrap_or_else(|error| log::fatal!("wait: {}", sys::errno_text(&error)))
    }

    /// Notes once that the time is over.
    fn give_up(&mut self, what: &str) {
        if !self.late {
            log::warning!("{what}");
        }
        self.late = true;
    }

    fn kill(&self) {
        // With the command's own rights, so that nothing else can be hit.
        let _ = self.privileges.run_as(self.uid, self.gid, || sys::proc::kill(-self.pid, sys::signal::KILL));
    }
}

/// The pipe to the command's input. What it does not read in time is thrown away.
struct Timed<'a, 'b> {
    file: File,
    child: &'a mut Child<'b>,
}

impl Write for Timed<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.file.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            if !sys::poll::writable(self.file.as_fd(), Some(self.child.patience()))? {
                self.child.give_up("pipe_command_write: write time limit exceeded");
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(line: &'a str, shell: &'a str) -> Command<'a> {
        Command {
            program: "local",
            run: Run::Line { line: line.as_bytes(), shell },
            uid: 1,
            gid: 1,
            environment: vec![("USER".into(), "joe".into())],
            export: "TZ=UTC, HOME, NO_SUCH_NAME",
            root: None,
            directory: None,
            time_limit: Duration::from_secs(1),
            copy: copy::Options::plain(b""),
        }
    }

    #[test]
    fn a_shell_runs_only_what_needs_one() {
        for (text, shell, expected) in [
            ("/bin/cat -n", "", vec!["/bin/cat", "-n"]),
            ("cat x", "", vec!["cat", "x"]),
            ("exit 75", "", vec!["/bin/sh", "-c", "exit 75"]),
            ("cat > /x", "", vec!["/bin/sh", "-c", "cat > /x"]),
            ("cat", "/bin/sh -c", vec!["/bin/sh", "-c", "cat"]),
        ] {
            assert_eq!(line(text, shell).arguments(), expected, "{text}");
        }
    }

    #[test]
    fn environment_is_what_is_allowed() {
        let environment = line("cat", "").whole_environment();
        let value = |name: &str| {
            environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.to_string())
        };
        assert_eq!(value("TZ").as_deref(), Some("UTC"));
        assert_eq!(value("USER").as_deref(), Some("joe"));
        assert_eq!(value("PATH").as_deref(), Some(SEARCH_PATH));
        assert_eq!(value("NO_SUCH_NAME"), None);
        assert_eq!(value("CARGO"), None);
    }

    #[test]
    fn exit_statuses() {
        let reason = |code, said: &str| match exit_verdict(code, "x", &BString::from(said)) {
            Verdict::Failed(outcome) => (outcome.status, outcome.reason.to_string()),
            other => panic!("{other:?}"),
        };
        assert_eq!(reason(75, ""), (Status::new(4, 3, 0), "temporary failure".to_owned()));
        assert_eq!(
            reason(67, "no joe"),
            (Status::new(5, 1, 1), "user unknown. Command output: no joe".to_owned())
        );
        assert_eq!(reason(1, ""), (Status::new(5, 3, 0), "Command died with status 1: \"x\"".to_owned()));
        assert_eq!(reason(1, "4.2.2 full"), (Status::new(4, 2, 2), "full".to_owned()));
    }

    #[test]
    fn output_is_one_clean_line() {
        assert_eq!(one_line(b"a\tb\nc\x01\xff\n"), "a b c__ ");
    }
}
