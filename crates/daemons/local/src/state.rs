//! What is known about a delivery. A state is handed down by value: what an alias or a .forward file changes ends with it.

use std::cell::RefCell;

use bstr::BString;
use delivery::report::Envelope;
use delivery::{Delivery, Fate, Outcome, Recipient, Status};
use mail::duplicates::Filter;
use sys::user::User;

use crate::forward::Forwards;
use crate::setup::Local;

/// What all deliveries to one recipient of a request share.
pub struct Job<'a> {
    pub local: &'a Local,
    pub delivery: &'a Delivery<'a>,
    /// Our name in master.cf: addresses that resolve to it are ours.
    pub service: &'a str,
    /// The addresses in the message's Delivered-To headers, folded.
    pub delivered_to: &'a [BString],
    pub seen: RefCell<Filter>,
    pub forwards: RefCell<Forwards>,
}

/// Where a recipient comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expansion {
    Alias,
    Forward,
    Include,
}

/// Whose rights commands and files are delivered with. User 0 means: nobody has been chosen yet.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    pub uid: u32,
    pub gid: u32,
    pub home: Option<BString>,
    pub shell: Option<BString>,
    pub login: Option<BString>,
}

impl Rights {
    /// A user's.
    pub fn of(user: &User) -> Rights {
        use std::os::unix::ffi::OsStrExt;
        let path = |path: &std::path::Path| {
            Some(BString::from(path.as_os_str().as_bytes())).filter(|path| !path.is_empty())
        };
        Rights {
            uid: user.uid,
            gid: user.gid,
            home: path(&user.home),
            shell: path(&user.shell),
            login: Some(BString::from(user.name.as_str())),
        }
    }
}

/// One delivery.
#[derive(Clone, Debug)]
pub struct State {
    /// How deep we are in expansions.
    pub level: u32,
    /// Whom to tell of problems: the envelope sender, or an owner- alias.
    pub sender: BString,
    pub envid: BString,
    pub ret: i32,
    /// Who forwards: the owner- alias or the owner of the .forward file.
    pub owner: Option<BString>,
    pub expansion: Option<Expansion>,
    /// The name whose expansion this is.
    pub expanded_from: Option<BString>,
    pub recipient: Recipient,
    /// For the Delivered-To header.
    pub delivered: Option<BString>,
    /// The local part, folded; with extension, and without.
    pub local: BString,
    pub user: BString,
    pub extension: Option<BString>,
    pub domain: Option<BString>,
    /// The extension that members of an expansion inherit.
    pub unmatched: Option<BString>,
    pub rights: Rights,
}

impl State {
    /// At the start of a recipient.
    pub fn new(delivery: &Delivery<'_>, recipient: &Recipient) -> State {
        State {
            level: 0,
            sender: delivery.sender.clone(),
            envid: delivery.dsn_envid.clone(),
            ret: delivery.dsn_ret,
            owner: None,
            expansion: None,
            expanded_from: None,
            recipient: recipient.clone(),
            delivered: None,
            local: BString::default(),
            user: BString::default(),
            extension: None,
            domain: None,
            unmatched: None,
            rights: Rights::default(),
        }
    }
}

impl Job<'_> {
    /// Whether this has been done for the recipient already; from now on it has.
    pub fn seen(&self, key: &str) -> bool {
        self.seen.borrow_mut().seen(key.as_bytes())
    }

    /// Whether it has been done, without noting it.
    pub fn was_seen(&self, key: &str) -> bool {
        self.seen.borrow().contains(key.as_bytes())
    }

    /// A result by its class, for the current (perhaps expanded) recipient. The record in the queue file is marked
    /// when all of the recipient's expansion is done; at once, before the log line, where there is no expansion.
    pub fn report(&self, state: &State, outcome: &Outcome) -> Fate {
        if outcome.status.is_success() && state.expansion.is_none() {
            self.delivery.note_sent(&state.recipient);
        }
        let attempt = self.delivery.attempt(&state.recipient, self.service.as_bytes(), b"", outcome);
        self.delivery.agent.reporter.by_class(&attempt)
    }

    /// Delivered.
    pub fn sent(&self, state: &State, text: impl Into<BString>) -> Fate {
        self.report(state, &Outcome::new(Status::SENT, text))
    }

    /// Delivered, or undeliverable, or to be tried again, by the class of `status`.
    pub fn result(&self, state: &State, status: Status, text: impl Into<BString>) -> Fate {
        self.report(state, &Outcome::new(status, text))
    }

    /// As [`Job::report`], but a failure is told to the recipient's owner- alias, if it has one.
    pub fn report_to_owner(&self, state: &State, outcome: &Outcome) -> Fate {
        if outcome.status.class != 5 {
            return self.report(state, outcome);
        }
        match crate::alias::owner_of(self, &state.recipient.address) {
            Err(()) => self.result(state, Status::new(4, 3, 0), "alias database unavailable"),
            Ok(None) => self.report(state, outcome),
            Ok(Some(owner)) => {
                let envelope = Envelope {
                    queue_name: &self.delivery.queue_name,
                    encoding: &self.delivery.encoding,
                    sendopts: self.delivery.sendopts,
                    sender: &owner,
                    envid: &state.envid,
                    ret: state.ret,
                };
                let attempt = self.delivery.attempt(&state.recipient, self.service.as_bytes(), b"", outcome);
                self.delivery.agent.reporter.bounced_to(&attempt, &envelope)
            }
        }
    }

    /// Tells senders who asked for success notices that an alias was expanded (or, for a list, delivered).
    pub fn report_expanded(&self, state: &State, action: &str) {
        let outcome = Outcome::new(Status::SENT, "alias expanded").acting(action);
        let attempt = self.delivery.attempt(&state.recipient, self.service.as_bytes(), b"", &outcome);
        self.delivery.agent.reporter.expanded(&attempt);
    }

    /// An address in canonical, internal form. The rewriting service being away is a reason to try again later.
    pub fn canonical(&self, address: &[u8]) -> Result<BString, ()> {
        self.local.rewriter.rewrite_internal("local", address).map_err(|error| {
            log::warning!("problem talking to the address rewriting service: {}", sys::errno_text(&error));
        })
    }
}

/// Two results of one recipient: done when both are.
pub fn both(first: Fate, second: Fate) -> Fate {
    if first == Fate::Settled { second } else { first }
}
