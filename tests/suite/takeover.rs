//! A queue that changes hands: one mail system fills it, stops or is killed, and the other goes on with the same spool and
//! configuration. Every message arrives once, as it was sent, or its sender is told once.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};

use testkit::{Client, Instance, Sink, Subject, Who, references, skipped, wait_for};

#[test]
fn ours_takes_over_from_the_installed_reference() {
    with(false, |reference| takeover(reference, Subject::Rooted));
}

#[test]
fn the_installed_reference_takes_over_from_ours() {
    with(false, |reference| takeover(Subject::Rooted, reference));
}

#[test]
fn ours_takes_over_from_the_reference_in_its_root() {
    with(true, |reference| takeover(reference, Subject::Rooted));
}

#[test]
fn the_reference_in_its_root_takes_over_from_ours() {
    with(true, |reference| takeover(Subject::Rooted, reference));
}

fn with(rooted: bool, test: impl Fn(Subject)) {
    let found = references().into_iter().find(|r| matches!(r, Subject::ReferenceRoot(_)) == rooted);
    match found {
        Some(reference) if testkit::ours().contains(&Subject::Rooted) => test(reference),
        _ => skipped("no such reference here"),
    }
}

/// What is expected of each message: its text below the header, and how often each recipient gets it.
#[derive(Default)]
struct Sent {
    next: usize,
    bodies: BTreeMap<String, String>,
    wanted: BTreeMap<(String, String), usize>,
    /// Messages that go back to their senders.
    bounced: Vec<String>,
    /// Messages whose senders are told of success.
    reported: Vec<String>,
}

impl Sent {
    /// Notes a message and gives its subject and its text.
    fn note(&mut self, to: &[&str], body: &str) -> (String, String) {
        self.next += 1;
        let name = format!("message-{:03}", self.next);
        for rcpt in to {
            if !rcpt.starts_with("reject") {
                self.wanted.insert((name.clone(), (*rcpt).to_string()), 1);
            }
        }
        self.bodies.insert(name.clone(), body.to_string());
        let text = format!("Subject: {name}\nMessage-Id: <{name}@far.test>\n\n{body}");
        (name, text)
    }

    fn smtp(&mut self, client: &mut Client, to: &[&str], body: &str) -> String {
        self.smtp_with(client, "<sender@far.test>", "", to, body)
    }

    /// A message with parameters of MAIL, and of each RCPT.
    fn smtp_with(&mut self, client: &mut Client, mail: &str, rcpt: &str, to: &[&str], body: &str) -> String {
        let (name, text) = self.note(to, body);
        client.say(&format!("MAIL FROM:{mail}")).expect(250);
        for to in to {
            client.say(&format!("RCPT TO:<{to}>{rcpt}")).expect(250);
        }
        client.say("DATA").expect(354);
        client.send(text.replace("\n.", "\n..").replace('\n', "\r\n").as_bytes());
        client.say(".").expect(250);
        name
    }

    fn sendmail(&mut self, mx: &Instance, args: &[&str], to: &[&str], body: &str) -> String {
        let (name, text) = self.note(to, body);
        let args: Vec<&str> = ["-f", "sender@far.test"].iter().chain(args).chain(to).copied().collect();
        let done = mx.sendmail(&args, &text);
        assert_eq!(done.code, 0, "{done:?}");
        name
    }
}

fn takeover(before: Subject, after: Subject) {
    let sink = Sink::start();
    let mut sent = Sent::default();
    let mut mx = Instance::new(before)
        .main(&format!(
            "relayhost = [127.0.0.1]:{}\nqmgr_message_active_limit = 20\nmaximal_queue_lifetime = 2h\n\
             bounce_queue_lifetime = 2h\nlocal_recipient_maps =\nmessage_size_limit = 20480000\n\
             smtp_destination_concurrency_limit = 10\nsmtpd_client_message_rate_limit = 0\n\
             queue_run_delay = 1000s\nminimal_backoff_time = 1000s\nmaximal_backoff_time = 1000s",
            sink.port
        ))
        .start();

    let (deferred, expired) = fill_deferred(&mx, &mut sent);
    for name in [&expired.0, &expired.1] {
        sent.wanted.retain(|(message, _), _| message != name);
        sent.bounced.push(name.clone());
    }
    // What the sink accepted or refused meanwhile is settled: it must not be tried again.
    let held: Vec<String> = deferred.iter().rev().take(20).cloned().collect();
    for chunk in held.chunks(10) {
        let args: Vec<&str> = chunk.iter().flat_map(|id| ["-h", id.as_str()]).collect();
        assert_eq!(mx.run("postsuper", &args, b"").code, 0);
    }
    assert_eq!(mx.queue("hold").len(), 20);

    fill_active(&mx, &mut sent);
    crash(&mx);
    fill_maildrop(&mx, &mut sent);
    assert_eq!(sent.next, 200);
    assert_eq!((mx.queue("bounce").len(), mx.queue("trace").len()), (1, 1));
    assert!(mx.queue("defer").len() >= 100, "mail that was put off has its defer log");
    assert_eq!(
        (mx.queue("active").len(), mx.queue("incoming").len(), mx.queue("maildrop").len()),
        (20, 20, 40)
    );

    // The same queue in the words of both.
    let listed = |mx: &Instance| {
        let mut lines: Vec<String> = mx.run("postqueue", &["-j"], b"").out.lines().map(original).collect();
        lines.sort();
        lines
    };
    let ids: Vec<String> =
        ["deferred", "hold", "active", "incoming"].iter().flat_map(|q| mx.queue(q)).collect();
    let shown = |mx: &Instance| {
        let args: Vec<&str> = ["-q"].iter().copied().chain(ids.iter().map(String::as_str)).collect();
        mx.run("postcat", &args, b"").out
    };
    let (json, table, text) = (listed(&mx), mx.run("postqueue", &["-p"], b"").out, shown(&mx));
    assert_eq!(json.len(), ids.len() + mx.queue("maildrop").len(), "{json:#?}");
    assert!(text.contains("*** MESSAGE FILE END deferred/"), "postcat shows the queue: {:.500}", text);
    hand_over(&mut mx, after);
    for (was, is) in json.iter().zip(&listed(&mx)) {
        assert_eq!(was, is);
    }
    let table_now = mx.run("postqueue", &["-p"], b"").out;
    for (was, is) in sorted(&table).iter().zip(sorted(&table_now)) {
        assert_eq!(*was, is);
    }
    let now = shown(&mx);
    for (was, is) in text.lines().zip(now.lines()) {
        assert_eq!(was, is);
    }
    assert_eq!(text.len(), now.len());

    sink.relent();
    mx.start();
    assert_eq!(mx.run("postsuper", &["-H", "ALL"], b"").code, 0);
    wait_for(&format!("the queue empties; the log is below {}", mx.root.display()), || {
        mx.run("postqueue", &["-f"], b"");
        std::thread::sleep(std::time::Duration::from_millis(500));
        ["maildrop", "incoming", "active", "deferred", "hold"].iter().all(|q| mx.queue(q).is_empty())
    });
    for left in ["corrupt", "defer", "bounce", "trace"] {
        assert_eq!(mx.queue(left), [""; 0], "{left}");
    }
    settle(&mx, &sink, sent);
    assert_eq!(mx.log().trouble(), [""; 0]);
    mx.stop();
}

/// A line of `postqueue -j` without what Postfix 3.7 does not show: original recipients, and recipients that have been returned.
fn original(line: &str) -> String {
    let mut parts = line.split("\"orig_address\": \"");
    let first = parts.next().unwrap_or("").to_string();
    let line = parts.fold(first, |text, part| text + part.split_once("\", ").map_or(part, |(_, rest)| rest));
    let returned = "{\"address\": \"reject-now@far.test\", \"bounce_reason\": \"";
    match line.split_once(returned).and_then(|(before, after)| Some((before, after.split_once("\"}, ")?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => line,
    }
}

/// The lines of `postqueue -p` without those recipients, in order.
fn sorted(text: &str) -> Vec<&str> {
    let returned = ["reject-now@far.test", "said: 550 5.1.1 no such user here", "(reason unavailable)"];
    let mut lines: Vec<&str> =
        text.lines().filter(|line| !returned.iter().any(|part| line.contains(part))).collect();
    lines.sort_unstable();
    lines
}

/// Deferred mail of all kinds: 120 messages. Gives the ids of all, and the names of the two whose time is over.
fn fill_deferred(mx: &Instance, sent: &mut Sent) -> (Vec<String>, (String, String)) {
    let mut client = mx.connect().hello();
    for n in 0..50 {
        sent.smtp(&mut client, &[&format!("later-{n}@far.test")], "plain text\n.leading dot\n");
    }
    for n in 0..20 {
        let to: Vec<String> = ["ok", "later-a", "reject", "ok-too", "later-b"]
            .iter()
            .map(|who| format!("{who}-{n}@far.test"))
            .collect();
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        let name = sent.smtp(&mut client, &to, "partly delivered\n");
        sent.bounced.push(name);
    }
    let utf = "8bit: gr\u{fc}\u{df}e, \u{65e5}\u{672c}\n";
    for _ in 0..4 {
        sent.smtp_with(
            &mut client,
            "<sender@far.test> BODY=8BITMIME RET=HDRS ENVID=env+2Bone",
            " NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first+2Bname@elsewhere.test",
            &["later-dsn@far.test"],
            utf,
        );
        sent.smtp_with(&mut client, "<> BODY=8BITMIME", " NOTIFY=NEVER", &["later-null@far.test"], utf);
    }
    let large = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789\n".repeat(40_000);
    sent.smtp(&mut client, &["later-large@far.test"], &large);
    // A line longer than one record, and one without its end in the file.
    sent.smtp(
        &mut client,
        &["later-long@far.test"],
        &(("x".repeat(900) + "\n").repeat(10) + &"y ".repeat(450) + "\n"),
    );
    sent.sendmail(
        mx,
        &["-N", "delay,failure", "-R", "hdrs", "-V", "env2"],
        &["later-cmd@far.test"],
        "by command\n",
    );
    wait_for("mail is deferred", || mx.queue("deferred").len() == 81 && mx.queue("active").is_empty());

    // The other kind of names.
    drop(client);
    assert_eq!(mx.run("postconf", &["-e", "enable_long_queue_ids=yes"], b"").code, 0);
    mx.stop();
    mx.start();
    let mut client = mx.connect().hello();
    for n in 0..37 {
        sent.smtp(&mut client, &[&format!("later-long-{n}@far.test")], "long id\n");
    }
    wait_for("mail is deferred", || mx.queue("deferred").len() == 118 && mx.queue("active").is_empty());
    let first = mx.queue("deferred");
    assert!(first.iter().any(|id| id.len() > 14), "{first:?}");
    let new = |old: &[String]| {
        mx.queue("deferred").into_iter().find(|id| !old.contains(id)).expect("one more is deferred")
    };
    let old = sent.smtp(&mut client, &["never-old@far.test"], "its time is over\n");
    wait_for("mail is deferred", || mx.queue("deferred").len() == 119 && mx.queue("active").is_empty());
    let old_id = new(&first);
    let given_up = sent.smtp(&mut client, &["never-up@far.test"], "given up by hand\n");
    wait_for("mail is deferred", || mx.queue("deferred").len() == 120 && mx.queue("active").is_empty());
    let mut all = first.clone();
    all.push(old_id.clone());
    let up_id = new(&all);
    age(&find(&mx.spool().join("deferred"), &old_id), 3 * 3600);
    assert_eq!(mx.run("postsuper", &["-e", &up_id], b"").code, 0);
    (first, (old, given_up))
}

/// Mail whose delivery has begun, or cannot begin yet because so much is in the active queue: 40 messages that nobody accepts.
fn fill_active(mx: &Instance, sent: &mut Sent) {
    let mut client = mx.connect().hello();
    // What has become of their first recipients is known, and written down; the second keeps them here.
    let returned = sent.smtp(&mut client, &["reject-now@far.test", "slow-b@far.test"], "half returned\n");
    sent.bounced.push(returned);
    let user = format!("{}@mx.test", mx.who.user);
    let reported = sent.smtp_with(
        &mut client,
        "<sender@far.test>",
        " NOTIFY=SUCCESS",
        &[&user, "slow-s@far.test"],
        "half delivered\n",
    );
    sent.reported.push(reported);
    wait_for("a bounce log and a trace log are written", || {
        mx.queue("bounce").len() == 1 && mx.queue("trace").len() == 1
    });
    for n in 0..36 {
        sent.smtp(&mut client, &[&format!("slow-{n}@far.test")], "on its way\n");
    }
    sent.smtp(&mut client, &["slow-x@far.test", "slow-y@far.test"], "on its way\n");
    sent.smtp_with(&mut client, "<>", "", &["slow-null@far.test"], "on its way\n");
    wait_for("the active queue is full", || {
        mx.queue("active").len() == 20 && mx.queue("incoming").len() == 20
    });
}

/// Mail that nobody picks up: 40 messages, half of them for a user here.
fn fill_maildrop(mx: &Instance, sent: &mut Sent) {
    let user = format!("{}@mx.test", mx.who.user);
    for n in 0..40 {
        let far = format!("drop-{n}@far.test");
        let to = if n % 2 == 0 { vec![user.as_str()] } else { vec![far.as_str(), user.as_str()] };
        let options: &[&str] = if n % 5 == 0 { &["-N", "never", "-B", "8BITMIME"] } else { &[] };
        sent.sendmail(mx, options, &to, "dropped: \u{e9}\n");
    }
}

/// Ends the master and everything that it started, as a power cut would.
fn crash(mx: &Instance) {
    let master = mx.master_pid().expect("it runs");
    let mut pids = vec![master];
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<i32>() else { continue };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        if parent == Some(master.to_string().as_str()) {
            pids.push(pid);
        }
    }
    let args: Vec<String> = ["-9".to_string()].into_iter().chain(pids.iter().map(i32::to_string)).collect();
    assert!(std::process::Command::new("kill").args(&args).status().unwrap().success());
    wait_for("all processes are gone", || {
        pids.iter().all(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.is_empty() || stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z"))
        })
    });
}

/// Makes a queue file look as if it had come in `seconds` before.
fn age(path: &Path, seconds: i64) {
    let mut bytes = fs::read(path).unwrap();
    // The time of arrival has a record of its own, type T with one byte of length; how long a message may stay counts from the
    // attribute create_time.
    let arrival = |w: &[u8]| w[0] == b'T' && w[1] < 64 && w[2].is_ascii_digit();
    let at = bytes.windows(3).position(arrival).expect("a queue file has its time of arrival");
    let name = b"create_time=";
    let made =
        bytes.windows(name.len()).position(|w| w == name).expect("a queue file has its time of creation");
    for start in [at + 2, made + name.len()] {
        let digits = start..start + 10;
        let time: i64 = std::str::from_utf8(&bytes[digits.clone()]).unwrap().parse().unwrap();
        bytes[digits].copy_from_slice((time - seconds).to_string().as_bytes());
    }
    let meta = fs::metadata(path).unwrap();
    fs::write(path, bytes).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    let times =
        fs::FileTimes::new().set_modified(meta.modified().unwrap()).set_accessed(meta.accessed().unwrap());
    file.set_times(times).unwrap();
}

fn find(folder: &Path, name: &str) -> PathBuf {
    let mut found = None;
    walk(folder, &mut |path| {
        if path.file_name().is_some_and(|n| n.to_string_lossy() == name) {
            found = Some(path.to_path_buf());
        }
    });
    found.unwrap_or_else(|| panic!("{name} is not in {}", folder.display()))
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        visit(&entry.path());
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            walk(&entry.path(), visit);
        }
    }
}

/// Gives the instance to another mail system: its programs, and where its accounts have other numbers, those.
fn hand_over(mx: &mut Instance, after: Subject) {
    let (old, new): (Who, Who) = (mx.who.clone(), after.who());
    let groups = [(old.gid, new.gid), (mx.subject.postdrop().unwrap(), after.postdrop().unwrap())];
    walk(&mx.root, &mut |path| {
        let Ok(meta) = path.symlink_metadata() else { return };
        let uid = if meta.uid() == old.uid { new.uid } else { meta.uid() };
        let gid = groups.iter().find(|(from, _)| *from == meta.gid()).map_or(meta.gid(), |(_, to)| *to);
        if (uid, gid) != (meta.uid(), meta.gid()) {
            lchown(path, Some(uid), Some(gid)).unwrap();
            if meta.is_file() || meta.is_dir() {
                // A change of owner takes set-gid bits away.
                fs::set_permissions(path, fs::Permissions::from_mode(meta.mode() & 0o7777)).unwrap();
            }
        }
    });
    let path = mx.etc().join("main.cf");
    let (commands, daemons) = (after.commands(), after.daemons());
    let text: String = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| match line.split(' ').next().unwrap_or("") {
            "command_directory" => format!("command_directory = {}\n", commands.display()),
            "daemon_directory" => format!("daemon_directory = {}\n", daemons.display()),
            _ => format!("{line}\n"),
        })
        .collect();
    fs::write(&path, text).unwrap();
    (mx.subject, mx.who) = (after, new);
}

/// Compares what arrived with what was sent.
fn settle(mx: &Instance, sink: &Sink, sent: Sent) {
    let mut got: BTreeMap<(String, String), usize> = BTreeMap::new();
    let (mut notices, mut reports): (Vec<String>, Vec<String>) = Default::default();
    let subject = |text: &str| {
        text.lines().find_map(|l| l.strip_prefix("Subject: ")).unwrap_or("").trim_end().to_string()
    };
    for message in sink.messages() {
        let name = subject(&message.text);
        let list = match name.as_str() {
            "Undelivered Mail Returned to Sender" => Some(&mut notices),
            "Successful Mail Delivery Report" => Some(&mut reports),
            _ => None,
        };
        if let Some(list) = list {
            assert_eq!(
                (message.from.as_str(), message.to.as_slice()),
                ("", &["sender@far.test".to_string()][..])
            );
            let inside = message.text.split("Subject: message-").nth(1).expect("the notice has the message");
            list.push(format!("message-{}", &inside[..3]));
            continue;
        }
        let body = message.text.replace("\r\n", "\n");
        let body = body.split_once("\n\n").map_or("", |(_, body)| body);
        let head: String = message.text.chars().take(3000).collect();
        assert!(sent.bodies.get(&name).is_some_and(|was| was == body), "{name}: {head}");
        for to in &message.to {
            *got.entry((name.clone(), to.clone())).or_default() += 1;
            envelope(to, &message.envelope);
        }
    }
    let user = format!("{}@mx.test", mx.who.user);
    for message in mx.maildir(&mx.who.user) {
        let name = subject(&message);
        assert!(message.ends_with(&format!("\n\n{}", sent.bodies[&name])), "{message}");
        *got.entry((name, user.clone())).or_default() += 1;
    }
    for (key, count) in &sent.wanted {
        assert_eq!(got.get(key), Some(count), "{key:?}\n{}", mx.log().text());
    }
    got.retain(|key, _| !sent.wanted.contains_key(key));
    assert!(got.is_empty(), "not expected: {got:?}");
    notices.sort();
    let mut bounced = sent.bounced;
    bounced.sort();
    assert_eq!(notices, bounced);
    assert_eq!(reports, sent.reported);
}

/// The parameters of those whose envelope has some.
fn envelope(to: &str, lines: &[String]) {
    let has = |part: &str| assert!(lines.iter().any(|l| l.contains(part)), "{part} is not in {lines:?}");
    if to.starts_with("later-dsn") {
        has(" BODY=8BITMIME");
        has(" RET=HDRS");
        has(" ENVID=env+2Bone");
        has(" NOTIFY=SUCCESS,FAILURE");
        has(" ORCPT=rfc822;first+2Bname@elsewhere.test");
    } else if to.starts_with("later-null") {
        has("MAIL FROM:<> ");
        has(" NOTIFY=NEVER");
    } else if to.starts_with("later-cmd") {
        has(" RET=HDRS");
        has(" ENVID=env2");
        has(" NOTIFY=FAILURE,DELAY");
        has(" ORCPT=rfc822;later-cmd@far.test");
    }
}
