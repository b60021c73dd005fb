//! What `check` and `start` look at: first what must be right ([`fatal`]), then what is odd ([`warn`]).

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use config::master::ServiceType;
use config::params::*;

use crate::instance::Instance;
use crate::permissions;

/// `check`
pub fn run(instance: &Instance) -> ExitCode {
    if !fatal(instance) {
        return ExitCode::FAILURE;
    }
    warn(instance);
    lint(instance);
    ExitCode::SUCCESS
}

/// What is probably not meant so in main.cf and master.cf, as `postconf --lint` says it.
fn lint(instance: &Instance) {
    match instance.command("postconf").arg("--lint").stdin(Stdio::null()).output() {
        Ok(done) => {
            for line in String::from_utf8_lossy(&done.stdout).lines() {
                log::warning!("{line}");
            }
        }
        Err(error) => log::warning!("postconf: {}", sys::errno_text(&error)),
    }
}

/// Directories, master.cf, and the names of queue files. False when the mail system cannot run.
pub fn fatal(instance: &Instance) -> bool {
    if !permissions::create_missing(instance) {
        log::write(log::Level::Fatal, format_args!("unable to create missing queue directories"));
        return false;
    }
    let directory = instance.config.directory();
    if !directory.join("master.cf").is_file() {
        log::write(log::Level::Fatal, format_args!("no {}/master.cf file found", directory.display()));
        return false;
    }
    let entries = match config::master::load(directory) {
        Ok(entries) => entries,
        Err(error) => {
            log::write(log::Level::Fatal, format_args!("{error}"));
            return false;
        }
    };
    let postlog = instance.config.get(POSTLOG_SERVICE_NAME);
    let logs =
        entries.iter().any(|entry| entry.name == postlog && entry.service_type == ServiceType::UnixDgram);
    if !instance.config.get(MAILLOG_FILE).is_empty() && !logs {
        log::write(
            log::Level::Fatal,
            format_args!("missing 'postlog' service in master.cf - run 'postfix upgrade-configuration'"),
        );
        return false;
    }
    repair(instance, &[]);
    true
}

/// Puts queue files in their places. Whatever it finds, the mail system can run: a stray file is not the mail's fault.
pub fn repair(instance: &Instance, queues: &[&str]) {
    match instance.command("postsuper").args(queues).status() {
        Ok(status) if status.success() => {}
        Ok(_) => log::warning!("postsuper could not put all queue files in order"),
        Err(error) => log::warning!("postsuper: {}", sys::errno_text(&error)),
    }
}

/// Owners and modes that are not what they should be.
pub fn warn(instance: &Instance) {
    let check = Check::new(instance);
    check.all();
}

struct Check<'a> {
    instance: &'a Instance,
    /// Who may own the system's files.
    root: u32,
    owner: u32,
    group: Option<u32>,
}

impl<'a> Check<'a> {
    fn new(instance: &'a Instance) -> Check<'a> {
        let config = instance.config;
        let owner = sys::user::by_name(config.get(MAIL_OWNER)).ok().flatten();
        Check {
            instance,
            root: if instance.rootless { sys::user::real_uid() } else { 0 },
            owner: owner.map_or_else(sys::user::real_uid, |user| user.uid),
            group: sys::user::group_by_name(config.get(SETGID_GROUP)).ok().flatten(),
        }
    }

    fn all(&self) {
        let config = self.instance.config;
        let queue = self.instance.queue.as_path();
        for place in [queue.join("."), queue.join("pid")] {
            self.owned_by_root(&place);
            self.not_writable(&place);
        }
        let mut trees: Vec<PathBuf> = vec![
            self.instance.daemons.join("."),
            Path::new(config.get(META_DIRECTORY)).join("."),
            config.directory().join("."),
        ];
        let shared = config.get(SHLIB_DIRECTORY);
        if shared != "no" && Path::new(shared).is_dir() {
            trees.push(Path::new(shared).join("."));
        }
        trees.sort();
        trees.dedup();
        trees.iter().for_each(|tree| each(tree, &mut |path| self.owned_by_root(path)));
        trees.iter().for_each(|tree| each(tree, &mut |path| self.not_writable(path)));
        let data = Path::new(config.get(DATA_DIRECTORY)).join(".");
        each(&data, &mut |path| self.owned_by_owner(path));
        each(&data, &mut |path| self.not_writable(path));
        const OWNED: [&str; 12] = [
            "saved", "incoming", "active", "defer", "deferred", "bounce", "hold", "trace", "corrupt",
            "public", "private", "flush",
        ];
        for name in OWNED {
            each(&queue.join(name), &mut |path| self.owned_by_owner(path));
        }
        // Never into maildrop, where anybody may put files.
        self.owned_by_owner(&queue.join("maildrop"));
        self.set_gid(queue);
        for name in ["bin", "etc", "lib", "sbin", "usr"] {
            each(Path::new(name), &mut |path| self.in_jail(path));
        }
        each(Path::new("corrupt"), &mut |path| {
            if path.is_file() {
                log::warning!("damaged message: {}", path.display());
            }
        });
    }

    /// Rights that let ordinary users submit mail; without the superuser there are none.
    fn set_gid(&self, queue: &Path) {
        let (Some(group), false) = (self.group, self.instance.rootless) else { return };
        let tools = [self.instance.commands.join("postqueue"), self.instance.commands.join("postdrop")];
        let places = [queue.join("public"), queue.join("maildrop")];
        for path in tools.iter().chain(&places) {
            if std::fs::symlink_metadata(path).is_ok_and(|found| found.gid() != group) {
                let name = self.instance.config.get(SETGID_GROUP);
                log::warning!("not owned by group {name}: {}", path.display());
            }
        }
        for path in &tools {
            if std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o2111 != 0o2111) {
                log::warning!("not set-gid or not owner+group+world executable: {}", path.display());
            }
        }
    }

    fn owned_by_root(&self, path: &Path) {
        // Installed by root, or (rootless) by the user himself.
        if std::fs::symlink_metadata(path).is_ok_and(|found| found.uid() != self.root && found.uid() != 0) {
            log::warning!("not owned by root: {}", path.display());
        }
    }

    fn owned_by_owner(&self, path: &Path) {
        use std::os::unix::fs::FileTypeExt;
        let Ok(found) = std::fs::symlink_metadata(path) else { return };
        let kind = found.file_type();
        if found.uid() != self.owner && !kind.is_fifo() && !kind.is_socket() {
            let name = self.instance.config.get(MAIL_OWNER);
            log::warning!("not owned by {name}: {}", path.display());
        }
    }

    fn not_writable(&self, path: &Path) {
        let Ok(found) = std::fs::symlink_metadata(path) else { return };
        if !found.file_type().is_symlink() && found.permissions().mode() & 0o022 != 0 {
            log::warning!("group or other writable: {}", path.display());
        }
    }

    /// Files of the chroot jail are copies of the system's.
    fn in_jail(&self, path: &Path) {
        self.owned_by_root(path);
        let outside = Path::new("/").join(path);
        if path.is_file() && outside.is_file() && !same_contents(path, &outside) {
            log::warning!("{} and {} differ", self.instance.queue.join(path).display(), outside.display());
        }
    }
}

fn same_contents(one: &Path, other: &Path) -> bool {
    match (std::fs::read(one), std::fs::read(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => true,
    }
}

/// Visits a path and everything below it, not following links.
fn each(path: &Path, visit: &mut dyn FnMut(&Path)) {
    let Ok(found) = std::fs::symlink_metadata(path) else { return };
    visit(path);
    if found.is_dir() {
        let mut below: Vec<PathBuf> = std::fs::read_dir(path)
            .map(|all| all.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        below.sort();
        below.iter().for_each(|path| each(path, visit));
    }
}
