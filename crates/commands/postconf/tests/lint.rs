//! `postconf --lint`: each of these faults is found, in its line; in the files that Debian and Fedora ship, nothing is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A fault: what is added to Debian's main.cf, what to its master.cf, in which file it is, in which of the added lines,
/// and what the finding must say.
struct Fault(&'static str, &'static str, &'static str, usize, &'static str);

const MAIN: &str = "main.cf";
const MASTER: &str = "master.cf";

#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    // Names.
    Fault("smtpd_banr = x", "", MAIN, 1, "did you mean smtpd_banner?"),
    Fault("# x\nmesage_size_limit = 10", "", MAIN, 2, "did you mean message_size_limit?"),
    Fault("my_own = x", "", MAIN, 1, "my_own is no parameter, and nothing uses it"),
    Fault("smtp_destination_rate_dely = 1s", "", MAIN, 1, "did you mean smtp_destination_rate_delay?"),
    Fault("smtpd_helo_required = yes\nsmtpd_helo_required = no", "", MAIN, 1, "is replaced by the one at"),
    Fault("process_id = 7", "", MAIN, 1, "process_id is read-only"),
    Fault("smtp_use_tls = no", "", MAIN, 1, "specify \"smtp_tls_security_level\""),
    Fault("proxy_interfaces = $nowhere", "", MAIN, 1, "$nowhere is nowhere defined"),
    Fault("proxy_interfaces = 192.0.2.1,\n  $myhostnam", "", MAIN, 2, "did you mean myhostname?"),
    Fault("proxy_interfaces = ${myhostname", "", MAIN, 1, "truncated macro reference"),
    Fault("smtpd_etrn_restrictions = reject\n# here\nsoft_bounce = $no_such", "", MAIN, 3, "$no_such is nowhere defined"),
    // Values.
    Fault("soft_bounce = maybe", "", MAIN, 1, "wanted is yes or no"),
    Fault("smtpd_timeout = soon", "", MAIN, 1, "wanted is a time"),
    Fault("smtpd_timeout = 5x", "", MAIN, 1, "bad time value or unit"),
    Fault("line_length_limit = 5", "", MAIN, 1, "at least 512"),
    Fault("default_process_limit = many", "", MAIN, 1, "wanted is a number"),
    Fault("message_size_limit = 10M", "", MAIN, 1, "bad numerical"),
    Fault("notify_classes = resource, sofware", "", MAIN, 1, "did you mean software?"),
    Fault("inet_protocols = ipv5", "", MAIN, 1, "did you mean ipv4?"),
    Fault("mailbox_delivery_lock = fcntl, dotlok", "", MAIN, 1, "did you mean dotlock?"),
    Fault("smtpd_tls_security_level = mya", "", MAIN, 1, "did you mean may?"),
    Fault("mynetworks = 127.0.0.0/8,\n  192.0.2.77/24", "", MAIN, 2, "192.0.2.0/24 is the network"),
    Fault("mynetworks = 192.0.2.0/33", "", MAIN, 1, "more bits than an address"),
    Fault("mynetworks = 192.0.2.300", "", MAIN, 1, "is no address"),
    Fault("mydestination = joe@example.com", "", MAIN, 1, "is an address, wanted are domains"),
    Fault("virtual_alias_domains = other.test,\n  localhost", "", MAIN, 2, "localhost is in mydestination, too"),
    Fault("mailbox_size_limit = 1000", "", MAIN, 1, "local refuses to run"),
    Fault("minimal_backoff_time = 2h", "", MAIN, 1, "the queue manager refuses to run"),
    Fault("virtual_mailbox_domains = other.test\nvirtual_uid_maps = static:5\nvirtual_gid_maps = static:5", "", MAIN, 1, "needs virtual_mailbox_maps"),
    Fault("relayhost = a.test, b.test", "", MAIN, 1, "one destination only"),
    Fault("smtpd_sasl_local_domain = x", "", MAIN, 1, "not yet acted on"),
    // Lines.
    Fault("good = $myhostname\nno equals sign\nproxy_interfaces = $good", "", MAIN, 2, "missing '='"),
    Fault("= x", "", MAIN, 1, "missing attribute name"),
    Fault("smtpd_helo_required = yes\r", "", MAIN, 1, "carriage return"),
    Fault("relay_domains = a.test # not b.test", "", MAIN, 1, "is no comment"),
    // Restrictions.
    Fault("smtpd_sender_restrictions = reject_unknown_sender_domian", "", MAIN, 1, "did you mean reject_unknown_sender_domain?"),
    Fault("smtpd_client_restrictions = permit_mynetworks,\n  reject,\n  reject_unknown_client_hostname", "", MAIN, 3, "is never reached"),
    Fault("smtpd_recipient_restrictions = permit,\n  reject_rbl_client bl.test", "", MAIN, 2, "is never reached"),
    Fault("smtpd_sender_restrictions = check_sender_access,\n  reject_unknown_sender_domain", "", MAIN, 1, "needs a table"),
    Fault("smtpd_client_restrictions = reject_rbl_client", "", MAIN, 1, "needs a domain"),
    Fault("smtpd_recipient_restrictions = check_policy_service", "", MAIN, 1, "needs a server"),
    Fault("smtpd_restriction_classes = strict", "", MAIN, 1, "restriction class strict is nowhere defined"),
    Fault("smtpd_restriction_classes = strict\nstrict = reject_all", "", MAIN, 2, "unknown restriction reject_all"),
    // Open relays.
    Fault("smtpd_relay_restrictions = permit_mynetworks, permit", "", MAIN, 1, "open relay: a client at 203.0.113.9"),
    Fault("mynetworks = 127.0.0.0/8,\n  0.0.0.0/0", "", MAIN, 2, "permit_mynetworks (mynetworks has 0.0.0.0/0)"),
    Fault("relay_domains = static:all", "", MAIN, 1, "open relay"),
    Fault("smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks", "", MAIN, 1, "reject_unauth_destination is missing"),
    Fault("smtpd_relay_restrictions =\n  check_client_access static:OK,\n  reject_unauth_destination", "", MAIN, 2, "open relay"),
    Fault("", "2525 inet n - y - - smtpd\n  -o smtpd_relay_restrictions=permit", MASTER, 2, "the smtpd of 2525/inet"),
    // Tables.
    Fault("virtual_alias_maps = hash:@DIR@/nosuch", "", MAIN, 1, "nosuch.db exists"),
    Fault("virtual_alias_maps = hash:@DIR@/unbuilt", "", MAIN, 1, "is not built; run postmap hash:"),
    Fault("virtual_alias_maps = static:x,\n  lmdb:@DIR@/old", "", MAIN, 2, "is newer than"),
    Fault("header_checks = regexp:@DIR@/nosuch", "", MAIN, 1, "does not exist"),
    Fault("virtual_alias_maps = hasch:/etc/x", "", MAIN, 1, "did you mean hash?"),
    Fault("virtual_alias_maps = hash:relative", "", MAIN, 1, "give the whole path"),
    Fault("virtual_alias_maps = mongodb:/etc/x", "", MAIN, 1, "this build has no tables of type mongodb"),
    // Services.
    Fault("", "smtp inet n - y - - smtpd", MASTER, 0, "replaces this one"),
    Fault("", "25 inet n - y - - smtpd", MASTER, 0, "replaces this one"),
    Fault("", "x unix - -", MASTER, 1, "an entry needs"),
    Fault("", "x unix q - n - - smtp", MASTER, 1, "invalid private field"),
    Fault("", "x tcp n - n - - smtp", MASTER, 1, "invalid type field"),
    Fault("", "x inet - - n - - smtpd", MASTER, 1, "cannot be private"),
    Fault("", "x unix - - n - - smpt", MASTER, 1, "did you mean smtp?"),
    Fault("", "x unix - - n - - pipe user=a argv=/b", MASTER, 1, "needs root's rights"),
    Fault("", "x unix - n y - - pipe user=a argv=/b", MASTER, 1, "cannot work in a chroot"),
    Fault("", "x unix - n n - - pipe argv=/b", MASTER, 1, "pipe needs user="),
    Fault("", "x unix - n n - - pipe\n  flags=R\n  user=root argv=/b", MASTER, 3, "refuses to run commands as root"),
    Fault("", "x unix - n n - - spawn user=a", MASTER, 1, "spawn needs argv="),
    Fault("", "q2 unix n - n 300 - qmgr", MASTER, 1, "the process limit must be 1"),
    Fault("", "2525 inet n - y - - smtpd\n  -o smtpd_banr=x", MASTER, 2, "did you mean smtpd_banner?"),
    Fault("", "2525 inet n - y - - smtpd\n  -v\n  -o smtpd_timeout=soon", MASTER, 3, "wanted is a time"),
    Fault("", "2525 inet n - y - - smtpd\n  -o myhostname = x", MASTER, 2, "without blanks"),
    Fault("", "2525 inet n - y - - smtpd\n  -o proxy_interfaces=$nosuch", MASTER, 2, "$nosuch is nowhere defined"),
    Fault("", "2525 inet n - y - - smtpd -o", MASTER, 1, "no name=value behind it"),
    Fault("content_filter = scan:[127.0.0.1]:10025", "", MAIN, 1, "master.cf has no transport scan"),
    Fault("relay_transport = rela:x", "", MAIN, 1, "did you mean relay?"),
];

#[test]
fn stock_files_are_fine() {
    for stock in ["debian", "fedora"] {
        let folder = stock_folder(stock);
        let (code, text) = lint(&folder);
        assert_eq!((code, text.as_str()), (0, ""), "{stock}");
    }
}

#[test]
fn faults_are_found_in_their_lines() {
    let scratch = std::env::temp_dir().join(format!("postconf-lint-{}", std::process::id()));
    let stock = stock_folder("debian");
    let mut wrong = Vec::new();
    for (number, Fault(main, master, file, line, what)) in FAULTS.iter().enumerate() {
        let folder = scratch.join(number.to_string());
        fs::create_dir_all(&folder).expect("create a folder");
        for name in ["unbuilt", "old"] {
            fs::write(folder.join(name), "a b\n").expect("write a table's source");
        }
        let built = folder.join("old.lmdb");
        fs::write(&built, "").expect("write a table");
        let past = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
        let file_of = fs::File::options().write(true).open(&built).expect("open a table");
        file_of.set_modified(past).expect("set its time");
        let mut start = 0;
        for (name, added) in [(MAIN, main), (MASTER, master)] {
            let mut text = fs::read_to_string(stock.join(name)).expect("read a stock file");
            // A setting of the stock file that the fault sets gives way, so that it is the only fault.
            let own = |line: &str| line.split('=').next().map(|n| n.trim().to_string());
            let replaced: Vec<_> = added.lines().filter(|l| !l.starts_with([' ', '#'])).map(own).collect();
            text = text
                .lines()
                .filter(|l| name == MASTER || !replaced.contains(&own(l)))
                .map(|l| format!("{l}\n"))
                .collect();
            if name == *file {
                start = text.lines().count();
            }
            let added = added.replace("@DIR@", &folder.display().to_string());
            fs::write(folder.join(name), format!("{text}{added}\n")).expect("write a file");
        }
        let (code, text) = lint(&folder);
        let place = format!("{}/{file}:{}: ", folder.display(), start + line);
        let hit = match *line {
            // The place is in the stock part, or there is no fault.
            0 if what.is_empty() => text.is_empty(),
            0 => text.contains(what),
            _ => text.lines().any(|l| l.starts_with(&place) && l.contains(what)),
        };
        let single = text.lines().count() == usize::from(!what.is_empty());
        if !hit || !single || code != i32::from(!what.is_empty()) {
            wrong.push(format!("{main}{master}\n  want {place}{what}\n  got {code} {text}"));
        }
    }
    fs::remove_dir_all(&scratch).expect("remove the folder");
    assert!(FAULTS.len() >= 60);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), FAULTS.len(), wrong.join("\n"));
}

fn stock_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stock").join(name)
}

fn lint(folder: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_postconf"))
        .args(["--lint", "-c"])
        .arg(folder)
        .env_remove("MAIL_CONFIG")
        .output()
        .expect("postconf runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
}
