//! master(8) against small services: shell scripts that obey, or break, the contract between master and daemon.
//! Each test has an instance of its own; as root it runs with `nobody` as mail_owner, else rootless.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// One instance: a directory that holds everything, and the master's process.
struct Instance {
    root: PathBuf,
    master: Option<Child>,
}

impl Instance {
    fn new(name: &str, main_cf: &str, master_cf: &str, daemons: &[(&str, &str)]) -> Instance {
        let root = std::env::temp_dir().join(format!("master-{name}.{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let superuser = sys::user::effective_uid() == 0;
        let owner = if superuser {
            sys::user::by_name("nobody").unwrap().unwrap()
        } else {
            sys::user::by_uid(sys::user::effective_uid()).unwrap().unwrap()
        };
        for directory in ["etc", "libexec", "spool/pid", "spool/private", "spool/public", "data", "out"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        for directory in ["spool/private", "spool/public", "data", "out"] {
            let path = root.join(directory);
            sys::fs::change_owner_at(&path, owner.uid, owner.gid).unwrap();
        }
        let instance = Instance { root, master: None };
        let main = format!(
            "compatibility_level = 3.11\nqueue_directory = {root}/spool\ndata_directory = {root}/data\n\
             daemon_directory = {root}/libexec\nmail_owner = {owner}\nmyhostname = mx.test\n\
             default_privs = daemon\nsetgid_group = mail\n\
             maillog_file = {root}/out/log\nmaillog_file_prefixes = {root}\ninet_interfaces = 127.0.0.1\n\
             inet_protocols = ipv4\nimport_environment = LANG=C PATH=/bin:/usr/bin OUT={root}/out\n{main_cf}\n",
            root = instance.root.display(),
            owner = owner.name,
        );
        fs::write(instance.root.join("etc/main.cf"), main).unwrap();
        instance.services(master_cf);
        for (name, script) in daemons {
            let path = instance.root.join("libexec").join(name);
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        instance
    }

    fn services(&self, master_cf: &str) {
        fs::write(self.root.join("etc/master.cf"), master_cf).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
        command.arg("-c").arg(self.root.join("etc")).env_remove("MAIL_CONFIG").env_remove("MAIL_LOGTAG");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Starts it as a child, and waits for its word that it runs.
    fn start(&mut self) {
        let before = self.log().matches("daemon started").count();
        self.master = Some(self.command().spawn().unwrap());
        self.until("start", || self.log().matches("daemon started").count() > before);
    }

    fn log(&self) -> String {
        fs::read_to_string(self.root.join("out/log")).unwrap_or_default()
    }

    fn out(&self, name: &str) -> String {
        fs::read_to_string(self.root.join("out").join(name)).unwrap_or_default()
    }

    fn until(&self, what: &str, happened: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !happened() {
            assert!(Instant::now() < end, "{what} did not happen; log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn signal(&self, number: i32) {
        let pid = self.master.as_ref().unwrap().id();
        sys::proc::kill(i32::try_from(pid).unwrap(), number).unwrap();
    }

    fn reload(&self) {
        let before = self.log().matches("reload -- version").count();
        self.signal(sys::signal::HUP);
        self.until("reload", || self.log().matches("reload -- version").count() > before);
    }

    fn socket(&self, path: &str) -> PathBuf {
        self.root.join("spool").join(path)
    }

    /// Kills the master alone, as an accident would.
    fn kill(&mut self) {
        self.signal(sys::signal::KILL);
        self.master.take().unwrap().wait().unwrap();
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(mut master) = self.master.take() {
            // The group too: services that the test left running.
            let pid = i32::try_from(master.id()).unwrap();
            let _ = sys::proc::kill(-pid, sys::signal::KILL);
            let _ = master.kill();
            let _ = master.wait();
        }
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Shell: a status report of this process, with `$1` as its last word.
const REPORT: &str = r#"
octets() { n=$1; for i in 1 2 3 4; do printf "\\$(printf %03o $((n & 255)))"; n=$((n >> 8)); done; }
report() { { octets $$; octets $((0$GENERATION)); octets $1; } | dd bs=12 count=1 iflag=fullblock >&5 2>/dev/null; }
"#;

#[test]
fn a_child_gets_descriptors_environment_and_command_line() {
    let script = "ls -l /proc/$$/fd > $OUT/fds; env > $OUT/env; echo \"$0 $*\" > $OUT/args.tmp; mv $OUT/args.tmp $OUT/args; exec sleep 600";
    let mut instance = Instance::new(
        "contract",
        "",
        "probe unix - - n 1000 1 probe -o { name = a b }\nother unix n n n 1000 7 probe\n",
        &[("probe", script)],
    );
    instance.services("probe unix - - n 1000 1 probe -o { name = a b }\n");
    instance.start();
    instance.until("a child", || !instance.out("args").is_empty());
    let args = instance.out("args");
    assert!(args.trim_end().ends_with("libexec/probe -l -t unix -u -o name = a b"), "{args}");
    let descriptors = instance.out("fds");
    for (number, kind) in [(3, "pipe:"), (4, "pipe:"), (5, "socket:"), (6, "socket:")] {
        let there = descriptors.lines().any(|line| line.contains(&format!(" {number} -> {kind}")));
        assert!(there, "{number} is not a {kind}\n{descriptors}");
    }
    assert!(!descriptors.contains(" 7 -> "), "{descriptors}");
    let environment = instance.out("env");
    for line in ["GENERATION=1", "LANG=C", "MAIL_LOGTAG=postfix", "POSTLOG_HOSTNAME=mx.test"] {
        assert!(environment.lines().any(|found| found == line), "{line}\n{environment}");
    }
    assert!(
        environment.contains("\nMAIL_CONFIG=") || environment.starts_with("MAIL_CONFIG="),
        "{environment}"
    );
    // Process limit 1: no slots are spoken of.
    assert!(!environment.contains("SLOTS="), "{environment}");
    let mode = fs::metadata(instance.socket("private/probe")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o666);
}

#[test]
fn a_broken_service_is_throttled_alone() {
    let mut instance = Instance::new(
        "throttle",
        "service_throttle_time = 600s",
        "broken unix - - n 1 1 broken\nsound unix - - n 0 1 sound\n",
        &[("broken", "echo x >> $OUT/broken; exit 3"), ("sound", "echo x >> $OUT/sound; exec sleep 600")],
    );
    instance.start();
    instance.until("the throttle", || instance.log().contains("bad command startup -- throttling"));
    assert!(instance.log().contains("exit status 3"), "{}", instance.log());
    let _caller = UnixStream::connect(instance.socket("private/sound")).unwrap();
    instance.until("the other service", || !instance.out("sound").is_empty());
    // Wake-ups come each second; none may start it again.
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(instance.out("broken").lines().count(), 1);
    // What failed is tried again after a reload: somebody may have mended it.
    instance.reload();
    instance.until("another try", || instance.out("broken").lines().count() == 2);
}

#[test]
fn a_program_that_is_missing_throttles_and_says_so() {
    let mut instance = Instance::new("missing", "", "absent unix - - n 1 1 absent\n", &[]);
    instance.start();
    instance.until("the complaint", || instance.log().contains("absent: No such file or directory"));
    assert!(instance.log().contains("bad command startup -- throttling"));
}

#[test]
fn the_process_limit_holds() {
    // Classic daemons: taken at once, and for ever.
    let script = format!("{REPORT}\nreport 0; echo x >> $OUT/started; exec sleep 600");
    let mut instance = Instance::new("limit", "", "busy unix - - n - 2 busy\n", &[("busy", &script)]);
    instance.start();
    let callers: Vec<UnixStream> =
        (0..5).map(|_| UnixStream::connect(instance.socket("private/busy")).unwrap()).collect();
    instance.until("both processes", || instance.out("started").lines().count() == 2);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(instance.out("started").lines().count(), 2);
    drop(callers);
}

#[test]
fn workers_are_offered_their_share_and_count_by_it() {
    // A worker that announces its slots and then fills them.
    let script = format!("{REPORT}\necho $SLOTS >> $OUT/slots; report $SLOTS; report 0; exec sleep 600");
    let mut instance = Instance::new("slots", "", "pool unix - - n - 8 pool\n", &[("pool", &script)]);
    instance.start();
    let _caller = UnixStream::connect(instance.socket("private/pool")).unwrap();
    let total = |text: String| text.lines().map(|line| line.parse::<usize>().unwrap_or(1)).sum::<usize>();
    instance.until("the whole limit", || total(instance.out("slots")) >= 8);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(total(instance.out("slots")), 8);
}

#[test]
fn reload_keeps_listeners_and_changes_the_rest() {
    let port = free_port();
    let script = "echo \"$GENERATION $*\" >> $OUT/started; exec sleep 600";
    let inet = format!("127.0.0.1:{port} inet n - n - 5 probe");
    let before = format!("{inet}\ngone unix - - n - 1 probe\n");
    let mut instance = Instance::new("reload", "", &before, &[("probe", script)]);
    instance.start();
    let _first = TcpStream::connect(("127.0.0.1", port)).unwrap();
    instance.until("the first child", || instance.out("started").lines().count() == 1);
    instance.services(&format!("{inet} -o new=1\nadded unix n - n - 1 probe\n"));
    // Connections during the reload: none may be refused.
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = stop.clone();
    let knocking = std::thread::spawn(move || {
        let mut count = 0;
        while !seen.load(std::sync::atomic::Ordering::Relaxed) && count < 400 {
            TcpStream::connect(("127.0.0.1", port)).expect("refused");
            count += 1;
            std::thread::sleep(Duration::from_millis(1));
        }
        count
    });
    instance.reload();
    instance.until("the changed service", || instance.out("started").contains("-o new=1"));
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(knocking.join().unwrap() > 0);
    assert!(UnixStream::connect(instance.socket("private/gone")).is_err());
    UnixStream::connect(instance.socket("public/added")).unwrap();
}

#[test]
fn a_mistake_in_the_files_leaves_everything_running() {
    let mut instance = Instance::new(
        "mistake",
        "",
        "probe unix - - n - 1 probe\n",
        &[("probe", "echo x >> $OUT/started; exec sleep 600")],
    );
    instance.start();
    instance.services("probe unix - - n - 1\n");
    instance.reload();
    instance.until("the complaint", || instance.log().contains("keeping the configuration in force"));
    assert!(instance.log().contains("master.cf: line 1"), "{}", instance.log());
    let _caller = UnixStream::connect(instance.socket("private/probe")).unwrap();
    instance.until("the service", || !instance.out("started").is_empty());
}

#[test]
fn one_master_an_instance_and_a_new_one_after_a_kill() {
    let mut instance = Instance::new(
        "lock",
        "",
        "probe unix - - n 1000 1 probe\n",
        &[("probe", "echo $$ >> $OUT/pids; exec sleep 600")],
    );
    assert!(instance.command().arg("-t").status().unwrap().success());
    instance.start();
    assert!(!instance.command().arg("-t").status().unwrap().success());
    let pid_file = fs::read_to_string(instance.socket("pid/master.pid")).unwrap();
    assert_eq!(pid_file, format!("{:>32}\n", instance.master.as_ref().unwrap().id()));
    assert!(!instance.command().status().unwrap().success());
    assert!(instance.log().contains("unable to set exclusive lock"), "{}", instance.log());
    instance.until("the child", || instance.out("pids").lines().count() == 1);
    let orphan: i32 = instance.out("pids").trim().parse().unwrap();
    instance.kill();
    instance.start();
    instance.until("a child of the new one", || instance.out("pids").lines().count() == 2);
    let _ = sys::proc::kill(orphan, sys::signal::KILL);
}

#[test]
fn children_notice_that_the_master_is_gone() {
    // Descriptor 5 ends for whoever reads it once the master is dead.
    let script = "echo up > $OUT/up; cat <&5 > /dev/null; echo ended > $OUT/ended";
    let mut instance =
        Instance::new("orphan", "", "watcher unix - - n 1000 1 watcher\n", &[("watcher", script)]);
    instance.start();
    instance.until("the child", || !instance.out("up").is_empty());
    assert!(instance.out("ended").is_empty());
    instance.kill();
    instance.until("the orphan's end", || !instance.out("ended").is_empty());
}

#[test]
fn termination_takes_the_children_along() {
    let mut instance = Instance::new(
        "terminate",
        "",
        "probe unix - - n 1000 1 probe\n",
        &[(
            "probe",
            "trap 'echo gone > $OUT/gone; exit 0' TERM; echo up > $OUT/up; while :; do sleep 0.05; done",
        )],
    );
    instance.start();
    instance.until("the child", || !instance.out("up").is_empty());
    instance.signal(sys::signal::TERM);
    let status = instance.master.take().unwrap().wait().unwrap();
    assert!(!status.success());
    assert!(instance.log().contains("terminating on signal 15"), "{}", instance.log());
    instance.until("the child's end", || !instance.out("gone").is_empty());
}

#[test]
fn waiting_for_a_good_start_tells_a_bad_one() {
    let port = free_port();
    let instance = Instance::new(
        "wait",
        "",
        &format!("127.0.0.1:{port} inet n - n - 1 probe\n"),
        &[("probe", "exec sleep 600")],
    );
    assert!(instance.command().arg("-w").status().unwrap().success());
    let pid: i32 = fs::read_to_string(instance.socket("pid/master.pid")).unwrap().trim().parse().unwrap();
    // A second one cannot have the lock: the foreground process hears of it.
    assert!(!instance.command().arg("-w").status().unwrap().success());
    sys::proc::kill(pid, sys::signal::TERM).unwrap();
    instance.until("the end", || instance.command().arg("-t").status().unwrap().success());
}

#[test]
fn wake_ups_reach_a_fifo() {
    let script = "head -c 1 <&6 >> $OUT/bytes; exec sleep 600";
    let mut instance = Instance::new("fifo", "", "pipe fifo n - n 1000 1 reader\n", &[("reader", script)]);
    instance.start();
    instance.until("the byte", || instance.out("bytes") == "W");
    let mut fifo = fs::OpenOptions::new().write(true).open(instance.socket("public/pipe")).unwrap();
    fifo.write_all(b"I").unwrap();
}

#[test]
fn a_resident_service_is_there_again_after_a_reload() {
    // It takes a wake-up, waits for the reload, and takes the reload's own wake-up with it.
    let script =
        "head -c 1 <&6 > /dev/null; echo x >> $OUT/started; cat <&5 > /dev/null; head -c 1 <&6 > /dev/null";
    let mut instance =
        Instance::new("resident", "", "manager fifo n - n 1000 1 manager\n", &[("manager", script)]);
    instance.start();
    instance.until("the first", || instance.out("started").lines().count() == 1);
    instance.reload();
    instance.until("the second", || instance.out("started").lines().count() == 2);
}

#[test]
fn a_timer_with_a_question_mark_waits_for_the_first_use() {
    let script = "echo x >> $OUT/started; exec sleep 600";
    let mut instance = Instance::new("conditional", "", "lazy unix - - n 1? 1 lazy\n", &[("lazy", script)]);
    instance.start();
    std::thread::sleep(Duration::from_millis(1300));
    assert_eq!(instance.out("started"), "");
    let mut caller = UnixStream::connect(instance.socket("private/lazy")).unwrap();
    instance.until("the first use", || !instance.out("started").is_empty());
    caller.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let _ = caller.read(&mut [0]);
}

#[test]
fn nobody_else_may_run_it() {
    if sys::user::effective_uid() == 0 {
        eprintln!("skipped: root may run any instance");
        return;
    }
    let instance = Instance::new("stranger", "mail_owner = root", "", &[]);
    assert!(!instance.command().status().unwrap().success());
    assert!(Path::new(&instance.root).exists());
}
