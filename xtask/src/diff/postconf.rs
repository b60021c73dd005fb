//! postconf: every command line on a fresh copy of its configuration; standard output, standard error, the exit code, and
//! what became of the files (text, mode, owner, links) are compared byte for byte.
//!
//! A case file gives the configuration as `[file main.cf]`, `[file master.cf]` and so on, or as `[bytes main.cf]` where
//! escapes stand for bytes. A case is a shell script; it starts in the configuration directory, which MAIL_CONFIG names and
//! which has the same path on both sides, so that nothing has to be taken out of the outputs. Nothing is started.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use testkit::Subject;

use super::Plan;
use super::cases::{Case, CaseFile, bytes};
use super::report::Outcome;

/// What is around each case: the copy, and afterwards the files that are no longer as they were. `$1` is the folder.
const HARNESS: &str = r#"
top=$1
state() {
    find "$1" -mindepth 1 -printf '%P %y %m %U:%G %l %s %T@\n' | sort
}
show() {
    for name in $(cd "$1" && find . -mindepth 1 | sort); do
        if [ -L "$1/$name" ]; then echo "$name link to $(readlink "$1/$name")"
        else
            echo "$name $(stat -c '%F %a %u:%g' "$1/$name")"
            [ -f "$1/$name" ] && sed 's/^/| /' "$1/$name" && [ -n "$(tail -c1 "$1/$name")" ] && echo '| (no newline)'
        fi
    done
}
show "$top/pristine" >"$top/before"
was=$(state "$top/pristine")
cp -a "$top/pristine" "$top/etc"
for script in "$top"/cases/*.sh; do
    case=${script%.sh}
    (cd "$top/etc" && exec timeout 20 sh "$script") >"$case.out" 2>"$case.err" </dev/null
    echo $? >"$case.rc"
    : >"$case.files"
    if [ "$(state "$top/etc")" != "$was" ]; then
        show "$top/etc" >"$top/after"
        diff "$top/before" "$top/after" | grep '^[<>]' >"$case.files"
        rm -rf "$top/etc"
        cp -a "$top/pristine" "$top/etc"
    fi
done
exit 0
"#;

/// Runs all cases of a file, on one side after the other.
pub fn run(plan: &Plan, file: &CaseFile) -> Vec<Outcome> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let top = std::env::temp_dir().join(format!("ferropost-postconf-{}-{number}", std::process::id()));
    let wanted: Vec<&Case> = file.cases.iter().filter(|case| plan.wants(&file.full_name(case))).collect();
    // Ours runs in the reference's root: host names, users and libraries are the same.
    let ours = match &plan.reference {
        Subject::ReferenceRoot(root) => Subject::RootedIn(root.clone()),
        _ => plan.ours.clone(),
    };
    let reference = one_side(&plan.reference, file, &wanted, &top);
    let ours = one_side(&ours, file, &wanted, &top);
    let both = reference.into_iter().zip(ours);
    wanted
        .into_iter()
        .zip(both)
        .map(|(case, (reference, ours))| Outcome { name: file.full_name(case), reference, ours })
        .collect()
}

fn one_side(subject: &Subject, file: &CaseFile, cases: &[&Case], top: &Path) -> Vec<Vec<String>> {
    let _ = fs::remove_dir_all(top);
    let (pristine, scripts) = (top.join("pristine"), top.join("cases"));
    for folder in [&pristine, &scripts] {
        fs::create_dir_all(folder).expect("create a folder");
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("set permissions");
    }
    fs::set_permissions(top, fs::Permissions::from_mode(0o755)).expect("set permissions");
    let root = top.join("etc").display().to_string();
    for (name, text) in &file.files {
        write(&pristine.join(name), text.replace("@ROOT@", &root).as_bytes());
    }
    for (name, lines) in &file.bytes {
        let mut text = Vec::new();
        for line in lines {
            let (line, end) = bytes(line);
            text.extend(line);
            text.extend(end.then_some(b'\n'));
        }
        write(&pristine.join(name), &text);
    }
    let prologue = format!(
        "PATH={}:/usr/bin:/bin LC_ALL=C MAIL_CONFIG={root}; export PATH LC_ALL MAIL_CONFIG\n",
        subject.commands().display()
    );
    for (at, case) in cases.iter().enumerate() {
        let script = prologue.clone() + &case.lines.join("\n").replace("@ROOT@", &root) + "\n";
        write(&scripts.join(format!("{at:04}.sh")), script.as_bytes());
    }
    let done = subject
        .command("/bin/sh")
        .args(["-c", HARNESS, "harness"])
        .arg(top)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output()
        .expect("run the cases");
    assert!(done.status.success(), "{}: {}", file.name, String::from_utf8_lossy(&done.stderr));
    let shown = (0..cases.len()).map(|at| outcome(&scripts, at)).collect();
    let _ = fs::remove_dir_all(top);
    shown
}

fn write(path: &Path, text: &[u8]) {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).expect("create a folder");
    }
    fs::write(path, text).expect("write a case's file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("set permissions");
    // The reference reads a file that has just been changed twice, and then forgets config_directory.
    let old = SystemTime::now() - Duration::from_secs(3600);
    let file = fs::File::options().write(true).open(path).expect("open a case's file");
    file.set_modified(old).expect("set a file's time");
}

fn outcome(scripts: &Path, at: usize) -> Vec<String> {
    let read = |end: &str| {
        let text = fs::read(scripts.join(format!("{at:04}.{end}"))).expect("the harness wrote it");
        String::from_utf8(text).unwrap_or_else(|why| why.into_bytes().escape_ascii().to_string())
    };
    let mut shown = vec![format!("exit {}", read("rc").trim_end())];
    let out = read("out");
    shown.extend(out.split_terminator('\n').map(|line| format!("out {line}")));
    if !out.is_empty() && !out.ends_with('\n') {
        shown.push("out (no newline)".into());
    }
    // The reference goes through names in an order that differs from run to run.
    let mut warnings: Vec<String> = read("err").lines().map(|line| format!("err {line}")).collect();
    warnings.sort();
    if warnings.iter().any(|line| line.contains(": fatal: ")) {
        // How often something was said before the end depends on that order.
        warnings.dedup();
    }
    shown.extend(warnings);
    shown.extend(read("files").lines().map(|line| format!("file {line}")));
    shown
}
