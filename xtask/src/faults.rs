//! `cargo xtask faults`: breaks things while mail flows, and counts what was lost, what came twice, and what came twice
//! without a reason.
//!
//! A family is a kind of trouble, with a module of its own; each runs one or more cases and gives a [`report::Row`] for
//! each. Everything is done from outside, so that the reference can be held to the same: kill, the file system's shutdown
//! ioctl, cut connections, full disks, failing system calls (strace), damaged files, hostile neighbours. What was promised
//! and what arrived is kept in a [`ledger::Ledger`].

mod crash;
mod cut;
mod damage;
mod disk;
mod fake;
mod full;
mod idle;
mod inject;
mod kill;
mod ledger;
mod load;
mod local_user;
mod mailbox;
mod power;
mod random;
mod report;
mod sink;
mod stray;
mod system;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use testkit::Subject;

use crate::demo::check;
use report::Row;

/// A kind of trouble.
struct Family {
    name: &'static str,
    about: &'static str,
    run: fn(&Run) -> Result<Vec<Row>, String>,
}

const FAMILIES: &[Family] = &[
    Family {
        name: "kill",
        about: "daemons and master killed, reload and restart, under load",
        run: kill::run,
    },
    Family { name: "cut", about: "connections cut at every byte, as server and as client", run: cut::run },
    Family { name: "power", about: "the power goes: ext4 and XFS, queue and mailboxes", run: power::run },
    Family { name: "full", about: "no room, no inodes", run: full::run },
    Family { name: "inject", about: "system calls that fail", run: inject::run },
    Family { name: "damage", about: "damaged queue files", run: damage::run },
    Family { name: "user", about: "a hostile user of this machine", run: local_user::run },
    Family { name: "idle", about: "idle and garbage connections on every local socket", run: idle::run },
    Family { name: "stray", about: "strange files in every queue directory", run: stray::run },
    Family { name: "crash", about: "services that cannot start", run: crash::run },
];

/// What all families are told.
pub struct Run {
    pub subject: Subject,
    pub dir: PathBuf,
    /// A short look: less of everything.
    pub quick: bool,
    pub seed: u64,
    /// Seconds of load, or cuts, or files, where the user says so.
    pub amount: Option<u32>,
    /// Only cases whose names contain one of these.
    pub cases: Vec<String>,
    /// main.cf lines for every instance.
    pub extra: Vec<String>,
    pub keep: bool,
}

impl Run {
    /// How much of something: as the user says, or a little when `--quick`, or in full.
    pub fn amount(&self, quick: u32, full: u32) -> u32 {
        self.amount.unwrap_or(if self.quick { quick } else { full })
    }

    pub fn wants(&self, case: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|wanted| case.contains(wanted.as_str()))
    }

    /// An empty folder for a case.
    pub fn folder(&self, case: &str) -> Result<PathBuf, String> {
        let folder = self.dir.join(case.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|err| format!("{}: {err}", folder.display()))?;
        Ok(folder)
    }
}

pub fn command() -> Command {
    let families: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    let list: Vec<String> = FAMILIES.iter().map(|f| format!("  {:<7} {}", f.name, f.about)).collect();
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("faults")
        .about("Break things under load, and count what was lost or repeated")
        .long_about(format!(
            "Break things under load, and count what was lost or repeated. Needs root, the accounts postfix and \
             postdrop, strace, perl, and mkfs for ext4 and XFS.\n\nFamilies:\n{}",
            list.join("\n")
        ))
        .arg(Arg::new("family").action(ArgAction::Append).value_parser(families).help("Which; default: all"))
        .arg(flag("quick", "A short look at each"))
        .arg(flag("reference", "Hold the reference to the same, instead of ours"))
        .arg(flag("release", "Build and run optimised programs"))
        .arg(flag("no-build", "Take the programs beside this tool, as they are"))
        .arg(flag("keep", "Leave the instances' files"))
        .arg(Arg::new("case").long("case").action(ArgAction::Append).help("Only cases whose name contains this"))
        .arg(Arg::new("amount").long("amount").help("Seconds of load, or cuts, or damaged files, in each case"))
        .arg(Arg::new("seed").long("seed").default_value("1").help("Of everything that is left to chance"))
        .arg(Arg::new("dir").long("dir").default_value("/tmp/ferropost-faults").help("Where to work"))
        .arg(Arg::new("o").short('o').action(ArgAction::Append).help("A main.cf line for every instance"))
        .arg(Arg::new("as-user").long("as-user").num_args(1..).hide(true))
}

/// Set where the tool has a mount namespace of its own.
const APART: &str = "FERROPOST_FAULTS_APART";

/// Runs this same command in a mount namespace of its own: what it mounts must not be kept alive by whatever else goes on
/// on the machine (a disk whose power was cut is to be gone when it is unmounted), and nothing of it stays behind.
fn run_apart() -> Result<(), String> {
    let program = std::env::current_exe().map_err(|err| format!("this program's path: {err}"))?;
    let status = std::process::Command::new("unshare")
        .args(["--mount", "--propagation", "private", "--"])
        .arg(program)
        .args(std::env::args_os().skip(1))
        .env(APART, "1")
        .status()
        .map_err(|err| format!("unshare: {err}"))?;
    check(status.success(), || format!("it ended with {status}"))
}

pub fn run(args: &ArgMatches) -> Result<(), String> {
    if let Some(task) = args.get_many::<String>("as-user") {
        // A copy of this program that has taken on another user (see local_user).
        local_user::attempts(&task.map(String::as_str).collect::<Vec<_>>());
        return Ok(());
    }
    check(testkit::is_root(), || "run as root: faults are made with root's powers".into())?;
    if std::env::var_os(APART).is_none() {
        return run_apart();
    }
    let reference = args.get_flag("reference");
    if !args.get_flag("no-build") && !reference {
        crate::demo::build(args.get_flag("release"))?;
    }
    let subject = if reference {
        testkit::reference()
            .ok_or("no reference: install Debian's postfix, or set FERROPOST_REFERENCE_ROOT")?
    } else {
        let ours = testkit::ours().into_iter().find(|s| *s == Subject::Rooted);
        ours.ok_or("ours as root needs the accounts postfix and postdrop")?
    };
    let list = |name: &str| args.get_many::<String>(name).into_iter().flatten().cloned().collect::<Vec<_>>();
    let text = |name: &str| args.get_one::<String>(name).cloned();
    let number = |name: &str| -> Result<Option<u32>, String> {
        let parse = |text: String| text.parse().map_err(|_| format!("--{name}: not a number: {text}"));
        text(name).map(parse).transpose()
    };
    let run = Run {
        subject,
        dir: PathBuf::from(text("dir").unwrap_or_default()),
        quick: args.get_flag("quick"),
        seed: number("seed")?.map_or(1, u64::from),
        amount: number("amount")?,
        cases: list("case"),
        extra: list("o"),
        keep: args.get_flag("keep"),
    };
    std::fs::create_dir_all(&run.dir).map_err(|err| format!("{}: {err}", run.dir.display()))?;
    let wanted = list("family");
    println!("{}", report::heading(&run.subject));
    let mut total = report::Total::default();
    for family in FAMILIES.iter().filter(|f| wanted.is_empty() || wanted.iter().any(|w| w == f.name)) {
        for row in (family.run)(&run)? {
            total.add(&row);
        }
    }
    println!("{total}");
    check(total.is_good(), || "not every gate holds".into())
}
