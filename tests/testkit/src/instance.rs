//! One private mail system.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::client::Client;
use crate::stage::{Subject, Who, is_root};
use crate::wait::{eventually, wait_for};

/// An instance in the making: what goes into main.cf and master.cf.
pub struct Setup {
    subject: Subject,
    main: Vec<String>,
    master: Vec<String>,
    without: Vec<String>,
    root: Option<PathBuf>,
}

/// A mail system below one folder. Stopped and removed when dropped.
pub struct Instance {
    pub subject: Subject,
    /// The folder of everything.
    pub root: PathBuf,
    /// Where it listens for SMTP.
    pub port: u16,
    pub who: Who,
    keep: bool,
    keep_files: bool,
}

/// What a command left behind.
#[derive(Debug, Clone)]
pub struct Output {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// The instance's log file.
pub struct Log {
    path: PathBuf,
}

/// A port of loopback that nobody uses now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

impl Setup {
    /// Adds main.cf lines.
    pub fn main(mut self, lines: &str) -> Setup {
        self.main.push(lines.to_string());
        self
    }

    /// Adds a master.cf entry; one of the same name and type as a stock entry replaces it.
    pub fn master(mut self, entry: &str) -> Setup {
        let key: Vec<&str> = entry.split_whitespace().take(2).collect();
        self.without.push(key.join(" "));
        self.master.push(entry.to_string());
        self
    }

    /// Uses this folder instead of a new one.
    pub fn root(mut self, root: impl Into<PathBuf>) -> Setup {
        self.root = Some(root.into());
        self
    }

    /// Writes the files; starts nothing.
    pub fn create(self) -> Instance {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let who = self.subject.who();
        let root = self.root.unwrap_or_else(|| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            std::env::temp_dir().join(format!("ferropost-{}-{number}", std::process::id()))
        });
        let port = free_port();
        let instance = Instance { subject: self.subject, root, port, who, keep: false, keep_files: false };
        instance.folders();
        let main = instance.main_cf() + &self.main.join("\n") + "\n";
        fs::write(instance.etc().join("main.cf"), main).expect("write main.cf");
        let stock = instance.master_cf();
        let kept = stock.lines().filter(|line| {
            let key: Vec<&str> = line.split_whitespace().take(2).collect();
            !self.without.contains(&key.join(" "))
        });
        let master: Vec<&str> = kept.chain(self.master.iter().map(String::as_str)).collect();
        fs::write(instance.etc().join("master.cf"), master.join("\n") + "\n").expect("write master.cf");
        if let Ok(text) = fs::read(instance.subject.meta().join("postfix-files")) {
            fs::write(instance.etc().join("postfix-files"), text).expect("write postfix-files");
        }
        instance.table_types();
        instance
    }

    /// Writes the files and starts it.
    pub fn start(self) -> Instance {
        let instance = self.create();
        instance.start();
        instance
    }
}

impl Instance {
    /// Begins an instance. Its defaults: loopback only, no DNS, every user of this machine a
    /// local recipient, mailboxes below `ROOT/mail`.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(subject: Subject) -> Setup {
        Setup { subject, main: Vec::new(), master: Vec::new(), without: Vec::new(), root: None }
    }

    /// Its configuration directory.
    pub fn etc(&self) -> PathBuf {
        self.root.join("etc")
    }

    /// Its queue directory.
    pub fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    fn folders(&self) {
        for folder in ["", "etc", "spool", "data", "log", "mail", "meta"] {
            let path = self.root.join(folder);
            fs::create_dir_all(&path).expect("create the instance's folders");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set permissions");
            let owned = match self.subject {
                Subject::Rootless => true,
                _ => matches!(folder, "data" | "log"),
            };
            if owned && is_root() {
                chown(&path, Some(self.who.uid), Some(self.who.gid)).expect("give the folder away");
            }
        }
        let mail = self.root.join("mail");
        fs::set_permissions(mail, fs::Permissions::from_mode(0o1777)).expect("set permissions");
    }

    /// The reference in a root loads table types from where its configuration says.
    fn table_types(&self) {
        let Subject::ReferenceRoot(top) = &self.subject else { return };
        let (from, to) = (top.join("usr/share/postfix"), self.etc());
        let _ = fs::copy(from.join("dynamicmaps.cf"), to.join("dynamicmaps.cf"));
        let parts = "dynamicmaps.cf.d";
        let _ = fs::create_dir(to.join(parts));
        for part in fs::read_dir(from.join(parts)).into_iter().flatten().flatten() {
            let _ = fs::copy(part.path(), to.join(parts).join(part.file_name()));
        }
    }

    fn main_cf(&self) -> String {
        let root = self.root.display();
        let group = if self.subject == Subject::Rootless { self.who.group.as_str() } else { "postdrop" };
        format!(
            "compatibility_level = 3.6\nqueue_directory = {root}/spool\ndata_directory = {root}/data\n\
             command_directory = {}\ndaemon_directory = {}\nmeta_directory = {root}/etc\n\
             sendmail_path = {}/sendmail\nmailq_path = {}/mailq\nnewaliases_path = {}/newaliases\n\
             mail_owner = {}\nsetgid_group = {group}\ndefault_privs = nobody\n\
             maillog_file = {root}/log/maillog\nmaillog_file_prefixes = {root}\n\
             myhostname = mx.test\nmydomain = test\nmydestination = mx.test, localhost\n\
             inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmynetworks = 127.0.0.0/8\n\
             mail_spool_directory = {root}/mail/\nalias_maps =\nalias_database =\n\
             disable_dns_lookups = yes\nsmtp_host_lookup = native\nsmtpd_peername_lookup = no\n\
             smtpd_client_connection_count_limit = 0\nnotify_classes =\nbiff = no\n",
            self.subject.commands().display(),
            self.subject.daemons().display(),
            self.subject.commands().display(),
            self.subject.commands().display(),
            self.subject.commands().display(),
            self.who.user,
        )
    }

    fn master_cf(&self) -> String {
        format!(
            "127.0.0.1:{} inet n - n - - smtpd\n\
             pickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
             tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\n\
             bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n\
             verify unix - - n - 1 verify\nflush unix n - n 1000? 0 flush\nproxymap unix - - n - - proxymap\n\
             proxywrite unix - - n - 1 proxymap\nsmtp unix - - n - - smtp\nrelay unix - - n - - smtp\n\
             showq unix n - n - - showq\nerror unix - - n - - error\nretry unix - - n - - error\n\
             discard unix - - n - - discard\nlocal unix - n n - - local\nvirtual unix - n n - - virtual\n\
             lmtp unix - - n - - lmtp\nanvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\n\
             postlog unix-dgram n - n - 1 postlogd\n",
            self.port
        )
    }

    /// Runs one of its commands; `input` goes to standard input.
    pub fn run(&self, program: &str, args: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .subject
            .command(program)
            .args(args)
            .env("MAIL_CONFIG", self.etc())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|err| panic!("run {program}: {err}"));
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let input = input.to_vec();
        let feeder = std::thread::spawn(move || {
            // A command may end before it has read everything.
            let _ = stdin.write_all(&input);
        });
        let done = child.wait_with_output().expect("the command ends");
        feeder.join().expect("the feeder ends");
        Output {
            code: done.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&done.stdout).into_owned(),
            err: String::from_utf8_lossy(&done.stderr).into_owned(),
        }
    }

    /// Starts the mail system and waits until it listens.
    pub fn start(&self) {
        let started = self.run("postfix", &["start"], b"");
        assert_eq!(started.code, 0, "postfix start: {started:?}\n{}", self.log().text());
        wait_for("the SMTP port answers", || std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok());
    }

    /// Stops it, and waits until its processes are gone.
    pub fn stop(&self) -> Output {
        let pid = self.master_pid();
        let stopped = self.run("postfix", &["stop"], b"");
        if let Some(pid) = pid {
            wait_for("the master is gone", || !Path::new(&format!("/proc/{pid}")).exists());
        }
        stopped
    }

    /// The master's process id, if one runs.
    pub fn master_pid(&self) -> Option<i32> {
        let text = fs::read_to_string(self.spool().join("pid/master.pid")).ok()?;
        let pid: i32 = text.trim().parse().ok()?;
        Path::new(&format!("/proc/{pid}")).exists().then_some(pid)
    }

    /// Hands a message to its `sendmail`.
    pub fn sendmail(&self, args: &[&str], message: &str) -> Output {
        self.run("sendmail", args, message.as_bytes())
    }

    /// Connects to its SMTP port and reads the greeting.
    pub fn connect(&self) -> Client {
        Client::connect(self.port)
    }

    /// Its log.
    pub fn log(&self) -> Log {
        Log { path: self.root.join("log/maillog") }
    }

    /// Waits for a message in a Maildir below `ROOT/mail`; returns all messages there.
    pub fn maildir(&self, user: &str) -> Vec<String> {
        let new = self.root.join("mail").join(user).join("new");
        let read = || -> Option<Vec<String>> {
            let mut files: Vec<PathBuf> = fs::read_dir(&new).ok()?.flatten().map(|e| e.path()).collect();
            files.sort();
            let texts: Vec<String> = files
                .iter()
                .filter_map(|f| fs::read(f).ok().map(|b| String::from_utf8_lossy(&b).into_owned()))
                .collect();
            (!texts.is_empty()).then_some(texts)
        };
        eventually(read)
            .unwrap_or_else(|| panic!("no mail for {user} in {}\n{}", new.display(), self.log().text()))
    }

    /// Files in a queue, by their names.
    pub fn queue(&self, name: &str) -> Vec<String> {
        fn walk(folder: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    walk(&entry.path(), found);
                } else {
                    found.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.spool().join(name), &mut found);
        found.sort();
        found
    }

    /// Waits until nothing is in maildrop, incoming, active and deferred.
    pub fn drained(&self) {
        let queues = ["maildrop", "incoming", "active", "deferred"];
        if eventually(|| queues.iter().all(|q| self.queue(q).is_empty()).then_some(())).is_none() {
            panic!("the queue does not empty\n{}", self.log().text());
        }
    }

    /// Leaves it running, with its files, when this value goes away.
    pub fn keep(mut self) -> PathBuf {
        self.keep = true;
        self.keep_files = true;
        self.root.clone()
    }

    /// Leaves its files when this value goes away.
    pub fn keep_files(&mut self) {
        self.keep_files = true;
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        if self.master_pid().is_some() {
            let _ = self.run("postfix", &["stop"], b"");
        }
        if !self.keep_files && !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

impl Log {
    /// All of it.
    pub fn text(&self) -> String {
        fs::read(&self.path).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
    }

    /// Waits for a line that contains all of `parts`; returns it.
    pub fn wait(&self, parts: &[&str]) -> String {
        let find = || {
            let text = self.text();
            text.lines().find(|line| parts.iter().all(|part| line.contains(part))).map(str::to_string)
        };
        eventually(find).unwrap_or_else(|| panic!("no log line with {parts:?} in:\n{}", self.text()))
    }

    /// Lines that contain all of `parts`, now.
    pub fn lines(&self, parts: &[&str]) -> Vec<String> {
        let text = self.text();
        text.lines().filter(|l| parts.iter().all(|p| l.contains(p))).map(str::to_string).collect()
    }

    /// Lines that no healthy run has.
    pub fn trouble(&self) -> Vec<String> {
        let bad = ["panic:", "fatal:", "killed by signal", "ended by a fault"];
        self.text().lines().filter(|l| bad.iter().any(|b| l.contains(b))).map(str::to_string).collect()
    }
}

/// How long a client waits for one reply.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
