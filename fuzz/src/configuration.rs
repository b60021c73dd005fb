//! main.cf and master.cf.

use std::path::Path;

use config::{Config, main_cf, master};

use crate::Target;
use crate::input::texts;

pub const MAIN_CF: Target = Target {
    name: "main-cf",
    about: "main.cf: definitions written as name = value read the same; any expression expands or is refused",
    check: main_cf,
    seeds: || {
        texts(&[
            "myhostname = mx.test\n# comment\nmydestination = $myhostname,\n  localhost\nx=${myhostname?{a}:{b}} ${{$x} == {y} ? {1} : {2}}\n",
            "a = $b\nb = ${a}\ncompatibility_level = 3.6\nc = ${{$compatibility_level} <level {3.7} ? {y} : {n}}\n",
            "inet_interfaces = $mynetworks\nmyhostname = mx.$mydomain\n",
            "  lost\nmail_version=$$x$(y)${z:w}\nqueue_run_delay = 5m\nmessage_size_limit = x\n",
        ])
    },
};

fn main_cf(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // Definitions that double each other grow without end, here as in the reference: the administrator's own doing.
    if bytes.iter().filter(|&&b| b == b'$').count() > 12 {
        return;
    }
    let file = Path::new("main.cf");
    let Ok((definitions, _)) = main_cf::definitions(file, &text) else { return };
    let printed: String = definitions.iter().map(|d| format!("{} = {}\n", d.name, d.value)).collect();
    let (again, _) = main_cf::definitions(file, &printed).expect("what was printed can be read");
    assert!(
        definitions.iter().map(|d| (&d.name, &d.value)).eq(again.iter().map(|d| (&d.name, &d.value))),
        "{printed:?}"
    );
    let config = Config::from_text(Path::new("/etc/postfix"), &text, &[]).expect("the definitions are sound");
    for definition in &definitions {
        let _ = config.try_text(&definition.name);
        let _ = config::names(&definition.value);
        let _ = config.expand(&definition.value);
        let _ = config::main_cf::split_assignment(&definition.value);
    }
}

pub const MASTER_CF: Target = Target {
    name: "master-cf",
    about: "master.cf: an entry written with its eight fields and arguments reads the same",
    check: master_cf,
    seeds: || {
        texts(&[
            "smtp inet n - y - - smtpd\n  -o a=b -o { c = d e }\n# x\nqmgr unix n - n 300? 1 qmgr\n",
            "127.0.0.1:2525 inet n - - - 20 smtpd -v -o{x=y}\nmaildrop unix - n n - - pipe flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}\n",
        ])
    },
};

fn master_cf(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let file = Path::new("master.cf");
    let Ok(entries) = master::parse(file, &text) else { return };
    for entry in &entries {
        let _ = entry.overrides();
        let line = printed(entry);
        let again = master::parse(file, &line).unwrap_or_else(|why| panic!("{line:?}: {why}"));
        let [again] = again.as_slice() else { panic!("{line:?} is one entry") };
        let expected = master::Entry { line: 1, ..entry.clone() };
        assert_eq!(*again, expected, "{line:?}");
    }
}

fn printed(entry: &master::Entry) -> String {
    let flag = |value: Option<bool>| value.map_or("-", |value| if value { "y" } else { "n" });
    let wakeup = entry.wakeup.map_or_else(
        || "-".to_owned(),
        |wakeup| format!("{}{}", wakeup.seconds, if wakeup.only_if_used { "?" } else { "" }),
    );
    let limit = entry.process_limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
    let mut line = format!(
        "{} {} {} {} {} {wakeup} {limit} {}",
        entry.name,
        entry.service_type.word(),
        flag(entry.private),
        flag(entry.unprivileged),
        flag(entry.chroot),
        entry.command
    );
    for argument in &entry.args {
        let plain =
            !argument.is_empty() && !argument.starts_with('{') && !argument.contains([' ', '\t', '\r', '\n']);
        let word = if plain { argument.clone() } else { format!("{{ {argument} }}") };
        line.push(' ');
        line.push_str(&word);
    }
    line.push('\n');
    line
}
