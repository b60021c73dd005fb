//! `--help` and `--version`, which the reference does not have: every command answers, and exits well.

use crate::each;

const COMMANDS: [&str; 16] = [
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
