//! Whose programs run, and as whom.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Whose programs an instance runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// This project's, started by an ordinary user.
    Rootless,
    /// This project's, started by root.
    Rooted,
    /// This project's, started by root inside the root directory of a reference Postfix.
    RootedIn(PathBuf),
    /// The Postfix that is installed on this machine.
    Reference,
    /// A Postfix in a root directory of its own (`FERROPOST_REFERENCE_ROOT`).
    ReferenceRoot(PathBuf),
}

/// The user that an instance belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub user: String,
    pub group: String,
    pub uid: u32,
    pub gid: u32,
}

impl Subject {
    /// Whether it is ours.
    pub fn is_ours(&self) -> bool {
        matches!(self, Subject::Rootless | Subject::Rooted | Subject::RootedIn(_))
    }

    /// Where its commands are (inside its root, if it has one).
    pub fn commands(&self) -> PathBuf {
        if self.is_ours() { stage().join("sbin") } else { "/usr/sbin".into() }
    }

    /// Where its daemons are.
    pub fn daemons(&self) -> PathBuf {
        if self.is_ours() { stage().join("daemons") } else { "/usr/lib/postfix/sbin".into() }
    }

    /// Where postfix-files is.
    pub fn meta(&self) -> PathBuf {
        if self.is_ours() { stage().join("meta") } else { "/etc/postfix".into() }
    }

    /// The mail owner.
    pub fn who(&self) -> Who {
        match self {
            Subject::Rootless => unprivileged(),
            Subject::ReferenceRoot(root) | Subject::RootedIn(root) => {
                user_in(root, "postfix").expect("the root has the user postfix")
            }
            _ => user("postfix").expect("the user postfix exists where root instances are tested"),
        }
    }

    /// The number of the group postdrop where this subject runs.
    pub fn postdrop(&self) -> Option<u32> {
        match self {
            Subject::ReferenceRoot(root) | Subject::RootedIn(root) => group_in(root, "postdrop"),
            _ => group("postdrop"),
        }
    }

    /// A command line that runs `program` of this subject, as the user who administers it.
    pub fn command(&self, program: &str) -> Command {
        let path = match program {
            _ if program.contains('/') => PathBuf::from(program),
            "mailq" | "newaliases" if !self.is_ours() => PathBuf::from("/usr/bin").join(program),
            _ => self.commands().join(program),
        };
        match self {
            Subject::Rootless if is_root() => {
                let who = self.who();
                let mut command = Command::new("setpriv");
                command
                    .args([format!("--reuid={}", who.uid), format!("--regid={}", who.gid)])
                    .args(["--clear-groups", "--"])
                    .arg(path);
                command
            }
            Subject::ReferenceRoot(root) | Subject::RootedIn(root) => {
                let mut command = Command::new("unshare");
                let script = "mount --bind \"$1\" \"$1\" && mount -t proc proc \"$1/proc\" && \
                    mount --rbind /dev \"$1/dev\" && mount --rbind /tmp \"$1/tmp\" && \
                    dir=$1 && shift && exec chroot \"$dir\" \"$@\"";
                command
                    .args(["--mount", "--propagation", "private", "--", "bash", "-c", script, "enter"])
                    .arg(root)
                    .arg(path);
                command
            }
            _ => Command::new(path),
        }
    }
}

/// Our own subjects: without root always, as root where that is possible.
pub fn ours() -> Vec<Subject> {
    let mut all = vec![Subject::Rootless];
    if is_root() && user("postfix").is_some() && group("postdrop").is_some() {
        all.push(Subject::Rooted);
    }
    all
}

/// The best reference there is: 3.11 in its root, else the installed one.
pub fn reference() -> Option<Subject> {
    if !is_root() {
        return None;
    }
    if let Some(root) = std::env::var_os("FERROPOST_REFERENCE_ROOT").map(PathBuf::from) {
        if root.join("usr/sbin/postconf").exists() {
            return Some(Subject::ReferenceRoot(root));
        }
    }
    (Path::new("/usr/sbin/postconf").exists() && user("postfix").is_some()).then_some(Subject::Reference)
}

/// Every reference there is: the installed one, and the one in a root of its own.
pub fn references() -> Vec<Subject> {
    let installed = Path::new("/usr/sbin/postconf").exists() && user("postfix").is_some();
    let mut all = Vec::new();
    if is_root() && installed {
        all.push(Subject::Reference);
    }
    all.extend(reference().filter(|best| *best != Subject::Reference));
    all
}

/// Ours and, where installed, the reference.
pub fn subjects() -> Vec<Subject> {
    ours().into_iter().chain(reference()).collect()
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

/// The user of rootless instances: whoever runs the tests, or `nobody` for root.
fn unprivileged() -> Who {
    if is_root() {
        return user("nobody").expect("the user nobody exists");
    }
    let uid = fs::metadata("/proc/self").map(|m| m.uid()).unwrap_or(0);
    by(Path::new("/"), |fields| fields.get(2) == Some(&uid.to_string().as_str()))
        .expect("the user who runs the tests has a name")
}

fn user(name: &str) -> Option<Who> {
    user_in(Path::new("/"), name)
}

fn user_in(root: &Path, name: &str) -> Option<Who> {
    by(root, |fields| fields.first() == Some(&name))
}

fn by(root: &Path, wanted: impl Fn(&[&str]) -> bool) -> Option<Who> {
    let passwd = fs::read_to_string(root.join("etc/passwd")).ok()?;
    let line = passwd.lines().find(|line| wanted(&line.split(':').collect::<Vec<_>>()))?;
    let fields: Vec<&str> = line.split(':').collect();
    let gid: u32 = fields.get(3)?.parse().ok()?;
    let groups = fs::read_to_string(root.join("etc/group")).ok()?;
    let group = groups.lines().find(|g| g.split(':').nth(2) == Some(&gid.to_string()))?;
    Some(Who {
        user: fields.first()?.to_string(),
        group: group.split(':').next()?.to_string(),
        uid: fields.get(2)?.parse().ok()?,
        gid,
    })
}

fn group(name: &str) -> Option<u32> {
    group_in(Path::new("/"), name)
}

fn group_in(root: &Path, name: &str) -> Option<u32> {
    let groups = fs::read_to_string(root.join("etc/group")).ok()?;
    let line = groups.lines().find(|g| g.split(':').next() == Some(name))?;
    line.split(':').nth(2)?.parse().ok()
}

/// A folder with our programs where any user can reach them: `sbin`, `daemons`, `meta`.
///
/// Built once a process, from the folder that the running test or tool was built into.
pub fn stage() -> &'static Path {
    static STAGE: OnceLock<PathBuf> = OnceLock::new();
    STAGE.get_or_init(|| build_stage().expect("stage the programs"))
}

fn build_stage() -> std::io::Result<PathBuf> {
    let built = programs();
    let stage = std::env::temp_dir().join(format!("ferropost-stage-{}", std::process::id()));
    let _ = fs::remove_dir_all(&stage);
    for folder in ["sbin", "daemons", "meta"] {
        fs::create_dir_all(stage.join(folder))?;
        fs::set_permissions(stage.join(folder), fs::Permissions::from_mode(0o755))?;
    }
    fs::set_permissions(&stage, fs::Permissions::from_mode(0o755))?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
    for (kind, folder) in [("commands", "sbin"), ("daemons", "daemons")] {
        for entry in fs::read_dir(source.join(kind))? {
            let name = entry?.file_name();
            let (from, to) = (built.join(&name), stage.join(folder).join(&name));
            if !from.exists() {
                let name = name.to_string_lossy();
                let why = format!("{} is not built: run cargo build --workspace first", name);
                return Err(std::io::Error::new(std::io::ErrorKind::NotFound, why));
            }
            if fs::hard_link(&from, &to).is_err() {
                fs::copy(&from, &to)?;
            }
        }
    }
    for (name, target) in [
        ("sbin/mailq", "sendmail"),
        ("sbin/newaliases", "sendmail"),
        ("daemons/lmtp", "smtp"),
        ("daemons/nqmgr", "qmgr"),
    ] {
        symlink(target, stage.join(name))?;
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../postfix-files");
    if manifest.exists() {
        fs::copy(manifest, stage.join("meta/postfix-files"))?;
    }
    Ok(stage)
}

static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();

/// Takes the programs from this folder; before the first instance is made.
pub fn use_programs(folder: &Path) {
    let _ = PROGRAMS.set(folder.to_path_buf());
}

/// Where cargo put the programs: beside the running tool, or above a test's `deps`.
fn programs() -> PathBuf {
    if let Some(folder) = PROGRAMS.get() {
        return folder.clone();
    }
    if let Some(folder) = std::env::var_os("FERROPOST_PROGRAMS") {
        return folder.into();
    }
    let mut folder = std::env::current_exe().expect("the running program has a path");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    folder
}
