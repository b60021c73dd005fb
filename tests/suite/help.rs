//! `--help` and `--version`, which the reference does not have: every command answers, and exits well.

use crate::each;

const COMMANDS: [&str; 18] = [
    "sendmail",
    "mailq",
    "newaliases",
    "postalias",
    "postcat",
    "postconf",
    "postdrop",
    "postfix",
    "postkick",
    "postlock",
    "postlog",
    "postmap",
    "postqueue",
    "postsuper",
    "posttls-explain",
    "posttls-finger",
    "smtp-sink",
    "smtp-source",
];

#[test]
fn every_command_explains_itself() {
    each(|subject| {
        if !subject.is_ours() {
            return;
        }
        for name in COMMANDS {
            let program = if matches!(name, "mailq" | "newaliases") { "sendmail" } else { name };
            let answer = |wish: &str| {
                let output = subject.command(name).arg(wish).output();
                let output = output.unwrap_or_else(|error| panic!("run {name}: {error}"));
                assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{name} {wish}");
                String::from_utf8(output.stdout).unwrap()
            };
            let help = answer("--help").to_lowercase();
            assert!(help.contains(&format!("usage: {program} ")), "{name}: {help}");
            let version = answer("--version");
            let (who, what) = version.split_once(" (ferropost) ").expect(name);
            assert_eq!(who, program);
            assert!(what.contains(", as of Postfix 3.11"), "{name}: {what}");
        }
    });
}

/// The exit status that callers know holds where main.cf is at fault, too.
#[test]
fn bad_main_cf_has_the_usual_exit_status() {
    let place = std::env::temp_dir().join(format!("bad-main-{}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("main.cf"), "myhostname = mx.test\nno equals sign\n").unwrap();
    std::fs::write(place.join("master.cf"), "").unwrap();
    let directory = place.to_str().unwrap();
    let cases: &[(&str, &[&str], i32)] = &[
        ("sendmail", &["-C", directory, "you"], 75),
        ("postqueue", &["-c", directory, "-p"], 69),
        ("postlock", &["-c", directory, "/dev/null", "true"], 75),
        ("postsuper", &["-c", directory, "-p"], 1),
        ("postmap", &["-c", directory, "-q", "x", "static:y"], 1),
    ];
    each(|subject| {
        for (name, arguments, status) in cases {
            let output = subject.command(name).args(*arguments).stdin(std::process::Stdio::null()).output();
            let output = output.unwrap_or_else(|error| panic!("run {name}: {error}"));
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(*status), "{name}: {said}");
            if *name != "postsuper" {
                assert!(said.contains("main.cf, line 2: missing '=' after attribute name"), "{name}: {said}");
            }
        }
    });
    std::fs::remove_dir_all(&place).unwrap();
}

fn manual(section: u8) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../man/man{section}"))
}

/// Every command and daemon has its page, and what `--help` knows, the page knows.
#[test]
fn every_program_has_its_page() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    for (kind, section) in [("commands", 1), ("daemons", 8)] {
        for entry in std::fs::read_dir(crates.join(kind)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(manual(section).join(format!("{name}.{section}")).is_file(), "no page of {name}");
        }
    }
    each(|subject| {
        if !subject.is_ours() {
            return;
        }
        for name in COMMANDS.iter().filter(|name| !["mailq", "newaliases"].contains(name)) {
            let output = subject.command(name).arg("--help").output().unwrap();
            let page = std::fs::read_to_string(manual(1).join(format!("{name}.1"))).unwrap();
            // The page's options are bold: \fB\-x\fR, \fB\-bd\fR.
            let known = |letter: char| page.contains(&format!("\\fB\\-{letter}"));
            let text = String::from_utf8(output.stdout).unwrap();
            let options = text.lines().filter(|line| line.starts_with("  "));
            let letters = options.filter_map(|line| line.trim_start().strip_prefix('-')?.chars().next());
            let untold: String = letters.filter(|&letter| letter != '-' && !known(letter)).collect();
            assert!(untold.is_empty(), "{name}(1) does not tell of {untold}");
        }
    });
}

#[test]
fn pages_are_sound() {
    let man = std::process::Command::new("man").arg("--version").output();
    if man.is_err() {
        println!("skipped: man is not installed");
        return;
    }
    let files =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../postfix-files"))
            .unwrap();
    for section in [1, 5, 8] {
        for entry in std::fs::read_dir(manual(section)).unwrap() {
            let page = entry.unwrap();
            let name = page.file_name().into_string().unwrap();
            assert!(files.contains(&format!("/man{section}/{name}:")), "{name} is not in postfix-files");
            let output = std::process::Command::new("man")
                .args(["--warnings=w", "-E", "UTF-8", "-l"])
                .arg(page.path())
                .envs([("LC_ALL", "C.UTF-8"), ("MANWIDTH", "80"), ("MAN_KEEP_FORMATTING", "")])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.is_empty(), "{name}: {said}");
            assert!(output.stdout.len() > 300, "{name} is empty");
        }
    }
}
