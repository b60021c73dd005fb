//! Local delivery: aliases, .forward, mbox, commands.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use testkit::Instance;

use crate::each;

#[test]
fn aliases_lead_to_files_and_users() {
    each(|subject| {
        let mx = Instance::new(subject).create();
        let user = mx.who.user.clone();
        let list = mx.root.join("list");
        fs::write(&list, format!("{user}\n")).unwrap();
        fs::set_permissions(&list, fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(
            mx.etc().join("aliases"),
            format!("team: {user}\nlist: :include:{}\nloop: loop2\nloop2: {user}, loop\n", list.display()),
        )
        .unwrap();
        let aliases = format!("hash:{}", mx.etc().join("aliases").display());
        let main = mx.etc().join("main.cf");
        let text = fs::read_to_string(&main).unwrap().replace(
            "alias_maps =\nalias_database =",
            &format!("alias_maps = {aliases}\nalias_database = {aliases}"),
        );
        fs::write(&main, text).unwrap();
        fs::set_permissions(mx.etc(), fs::Permissions::from_mode(0o777)).unwrap();
        let built = mx.run("newaliases", &[], b"");
        assert_eq!(built.code, 0, "{built:?}");
        mx.start();
        for rcpt in ["team", "list", "loop"] {
            // Nobody is told about the loop.
            assert_eq!(mx.sendmail(&["-f", "", rcpt], &format!("Subject: to {rcpt}\n\nx\n")).code, 0);
        }
        mx.drained();
        let mail = mx.maildir(&user);
        assert_eq!(mail.len(), 3, "{mail:?}\n{}", mx.log().text());
        assert!(mail.iter().any(|m| m.contains("\nX-Original-To: team\n")), "{mail:?}");
        assert_eq!(mx.log().trouble(), [""; 0]);
    });
}

#[test]
fn mbox_is_quoted_and_appended() {
    each(|subject| {
        let mx = Instance::new(subject).create();
        let main = mx.etc().join("main.cf");
        let text = fs::read_to_string(&main).unwrap().replace("/mail/\n", "/mail\n");
        fs::write(&main, text).unwrap();
        mx.start();
        let user = mx.who.user.clone();
        let mut client = mx.connect().hello();
        for n in 1..=2 {
            client
                .message(
                    "a@b.test",
                    &[&format!("{user}@mx.test")],
                    &format!("Subject: {n}\r\n\r\nFrom here\r\n>From there\r\n"),
                )
                .expect(250);
            mx.drained();
        }
        let mbox = fs::read_to_string(mx.root.join("mail").join(&user)).unwrap();
        assert!(mbox.starts_with("From a@b.test  "), "{mbox}");
        assert_eq!(mbox.matches("\nFrom a@b.test  ").count(), 1, "{mbox}");
        assert_eq!(mbox.matches("\n>From here\n>From there\n\n").count(), 2, "{mbox}");
    });
}

#[test]
fn virtual_mailboxes() {
    each(|subject| {
        let mx = Instance::new(subject).create();
        let main = mx.etc().join("main.cf");
        let text = fs::read_to_string(&main).unwrap()
            + &format!(
                "virtual_mailbox_domains = box.test\nvirtual_mailbox_base = {}/mail\nvirtual_minimum_uid = 1\n\
                 virtual_mailbox_maps = inline:{{joe@box.test=box/joe/}}\nvirtual_uid_maps = static:{}\nvirtual_gid_maps = static:{}\n",
                mx.root.display(),
                mx.who.uid,
                mx.who.gid
            );
        fs::write(&main, text).unwrap();
        mx.start();
        let mut client = mx.connect().hello();
        client.say("MAIL FROM:<a@b.test>").expect(250);
        client.say("RCPT TO:<jack@box.test>").expect(550).with("User unknown in virtual mailbox table");
        client.say("RSET").expect(250);
        client.message("a@b.test", &["joe@box.test"], "Subject: v\r\n\r\nx\r\n").expect(250);
        let mail = mx.maildir("box/joe").remove(0);
        assert!(mail.contains("\nDelivered-To: joe@box.test\n"), "{mail}");
        mx.log().wait(&[
            "postfix/virtual",
            "to=<joe@box.test>, relay=virtual, ",
            "status=sent (delivered to maildir)",
        ]);
    });
}

#[test]
fn a_pipe_runs_a_command() {
    each(|subject| {
        let mx = Instance::new(subject).create();
        let out = mx.root.join("mail/piped");
        let script = mx.root.join("script");
        fs::write(&script, format!("#!/bin/sh\n(echo \"$@\"; cat) > {}\n", out.display())).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let user = if mx.who.user == "postfix" { "nobody".to_string() } else { mx.who.user.clone() };
        let master = mx.etc().join("master.cf");
        let text = fs::read_to_string(&master).unwrap()
            + &format!(
                "piped unix - n n - - pipe\n  flags=DRhu user={user} argv={} ${{sender}} ${{recipient}} ${{user}} ${{nexthop}}\n",
                script.display()
            );
        fs::write(&master, text).unwrap();
        let main = mx.etc().join("main.cf");
        let text = fs::read_to_string(&main).unwrap()
            + "transport_maps = inline:{pipe.test=piped:hop}\nrelay_domains = pipe.test\n";
        fs::write(&main, text).unwrap();
        mx.start();
        let mut client = mx.connect().hello();
        client.message("a@b.test", &["Joe+ext@pipe.test"], "Subject: v\r\n\r\nbody\r\n").expect(250);
        mx.log().wait(&[
            "postfix/pipe",
            "to=<Joe+ext@pipe.test>, relay=piped, ",
            "dsn=2.0.0, status=sent (delivered via piped service)",
        ]);
        let text = fs::read_to_string(&out).unwrap();
        assert!(
            text.starts_with("a@b.test joe+ext@pipe.test joe+ext hop\nReturn-Path: <a@b.test>\n"),
            "{text}"
        );
        assert!(text.ends_with("\nbody\n"), "{text}");
    });
}
