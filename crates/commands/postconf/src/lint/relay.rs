//! Can a stranger send mail to strangers? Each smtpd is asked, in thought, for what an open relay is found by: a client from
//! far away, a sender and a recipient that have nothing to do with this host.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Finding;
use super::restrictions::{Takes, classes, takes};
use super::source::{Setting, Source, words};
use crate::services::FIELDS;

/// Where the stranger comes from, if mynetworks does not say better.
const STRANGER: &str = "203.0.113.9";

enum Verdict {
    /// With the word that did it.
    Permit(String, String),
    Reject,
    Dunno,
}

/// Looks at each smtpd of master.cf; at main.cf by itself if there is none.
pub fn check(source: &Source, found: &mut BTreeSet<Finding>) {
    let mut servers: Vec<Option<usize>> = Vec::new();
    for (at, entry) in source.entries.iter().enumerate() {
        let name = entry.service.field(0);
        let local = ["127.", "[::1]", "localhost:"].iter().any(|l| name.starts_with(l));
        let smtpd = entry.service.field(FIELDS - 1).rsplit('/').next() == Some("smtpd");
        if smtpd && !local && entry.service.field(1) != "unix" {
            servers.push(Some(at));
        }
    }
    if servers.is_empty() {
        servers.push(None);
    }
    for server in servers {
        one(source, server, found);
    }
}

fn one(source: &Source, server: Option<usize>, found: &mut BTreeSet<Finding>) {
    let config = source.config_of(server);
    let text = |name: &str| config.try_text(name).ok().flatten().unwrap_or_default();
    let who = server
        .and_then(|at| source.entries.get(at))
        .map_or("smtpd".to_string(), |e| format!("the smtpd of {}", e.service.name()));
    let wide = words(&text("mynetworks")).into_iter().find(|word| is_wide(word));
    let stranger = wide.as_deref().and_then(stranger_in).unwrap_or_else(|| STRANGER.into());
    let catch_all = words(&text("relay_domains"))
        .iter()
        .any(|word| word.starts_with("static:"))
        .then_some("relay_domains");
    let mut steps = Vec::new();
    let mut cause: Option<(&Setting, String)> = None;
    let lists = [
        "smtpd_client_restrictions",
        "smtpd_helo_restrictions",
        "smtpd_sender_restrictions",
        "smtpd_relay_restrictions",
        "smtpd_recipient_restrictions",
    ];
    for list in lists {
        let mut judge = Judge {
            classes: classes(source, server),
            class_text: &text,
            wide: wide.as_deref(),
            catch_all,
            depth: 0,
        };
        match judge.list(&text(list)) {
            Verdict::Reject => return,
            Verdict::Permit(word, why) => {
                if list.contains("relay") || list.contains("recipient") || cause.is_none() {
                    let blamed = match (word.as_str(), &catch_all) {
                        ("permit_mynetworks", _) => source.seen_by("mynetworks", server),
                        ("permit_auth_destination", Some(name)) => source.seen_by(name, server),
                        _ => source.seen_by(list, server),
                    };
                    let word = if word == "permit_mynetworks" { wide.clone().unwrap_or(word) } else { word };
                    cause = blamed.map(|setting| (setting, word)).or(cause);
                }
                steps.push(format!("{list}: {why}"));
            }
            Verdict::Dunno if text(list).trim().is_empty() => steps.push(format!("{list}: empty")),
            Verdict::Dunno => steps.push(format!("{list}: nothing refuses")),
        }
    }
    if cause.is_none() {
        let blamed = catch_all.and_then(|name| source.seen_by(name, server));
        let blamed = blamed.or_else(|| source.seen_by("smtpd_relay_restrictions", server));
        let blamed = blamed.or_else(|| source.seen_by("smtpd_recipient_restrictions", server));
        cause = blamed.map(|setting| (setting, "static".to_string()));
    }
    // compat: smtpd does not even start without one of these.
    let guards =
        ["reject_unauth_destination", "defer_unauth_destination", "reject", "defer", "defer_if_permit"];
    let guarded = ["smtpd_relay_restrictions", "smtpd_recipient_restrictions"]
        .iter()
        .any(|list| words(&text(list)).iter().any(|word| guards.contains(&word.as_str())));
    let end = if !guarded {
        "smtpd refuses to run like this; reject_unauth_destination is missing".to_string()
    } else {
        "250 2.1.5 Ok".to_string()
    };
    let proof = format!(
        "open relay: a client at {stranger} says MAIL FROM:<a@far.example>, RCPT TO:<b@away.example> to {who}: {}; {end}",
        steps.join("; ")
    );
    match cause {
        Some((setting, word)) => found.insert(source.finding(setting, &word, proof)),
        None => false,
    };
}

struct Judge<'a> {
    classes: Vec<String>,
    class_text: &'a dyn Fn(&str) -> String,
    wide: Option<&'a str>,
    catch_all: Option<&'a str>,
    depth: usize,
}

impl Judge<'_> {
    fn list(&mut self, value: &str) -> Verdict {
        let list = words(value);
        let mut rest = list.iter();
        while let Some(word) = rest.next() {
            let plain = word.to_ascii_lowercase();
            let permit = |why: String| Verdict::Permit(word.clone(), why);
            match plain.as_str() {
                "warn_if_reject" => {
                    if rest.next().is_some_and(|next| takes(next).is_some_and(|t| t != Takes::Nothing)) {
                        rest.next();
                    }
                    continue;
                }
                "permit" => return permit("permit".into()),
                "reject" | "defer" | "defer_if_permit" => return Verdict::Reject,
                "reject_unauth_destination" | "defer_unauth_destination" if self.catch_all.is_none() => {
                    return Verdict::Reject;
                }
                "permit_auth_destination" => {
                    if let Some(name) = self.catch_all {
                        return permit(format!("permit_auth_destination ({name} has every domain)"));
                    }
                }
                "permit_mynetworks" => {
                    if let Some(wide) = self.wide {
                        return permit(format!("permit_mynetworks (mynetworks has {wide})"));
                    }
                }
                _ if self.classes.contains(word) && self.depth < 20 => {
                    self.depth += 1;
                    let value = (self.class_text)(word);
                    let verdict = self.list(&value);
                    self.depth -= 1;
                    match verdict {
                        Verdict::Dunno => {}
                        Verdict::Permit(_, why) => return permit(format!("{word}: {why}")),
                        Verdict::Reject => return Verdict::Reject,
                    }
                }
                _ => {}
            }
            if takes(word).is_some_and(|t| t != Takes::Nothing) {
                let Some(argument) = rest.next() else { continue };
                let answer = argument.strip_prefix("static:").map(str::to_ascii_lowercase);
                match answer.as_deref() {
                    Some("ok" | "permit") => return permit(format!("{word} {argument}")),
                    Some(a) if a.starts_with("reject") || a.starts_with("defer") => return Verdict::Reject,
                    _ => {}
                }
            }
        }
        Verdict::Dunno
    }
}

/// Whether a word of mynetworks has strangers in it: more than any one network's addresses.
fn is_wide(word: &str) -> bool {
    if word.starts_with("static:") {
        return true;
    }
    let Some((address, bits)) = word.rsplit_once('/') else { return false };
    let address = address.trim_matches(['[', ']']);
    match (address.parse::<IpAddr>(), bits.parse::<u8>()) {
        (Ok(IpAddr::V4(v4)), Ok(bits)) => bits < 8 && !(v4.is_loopback() && bits >= 7),
        (Ok(IpAddr::V6(_)), Ok(bits)) => bits < 8,
        _ => false,
    }
}

/// An address in such a network.
fn stranger_in(word: &str) -> Option<String> {
    let (address, bits) = word.rsplit_once('/')?;
    let address = address.trim_matches(['[', ']']);
    match (address.parse::<IpAddr>().ok()?, bits) {
        (IpAddr::V4(_), "0") => None,
        (IpAddr::V6(_), "0") => Some("2001:db8::9".into()),
        (other, _) => Some(other.to_string()),
    }
}
