//! virtual(8): delivers to the mailboxes of virtual domains, which tables name, and nothing else: no aliases, no
//! commands, no users of this machine.

mod setup;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::ExitCode;

use bstr::{BString, ByteSlice};
use daemon::Context;
use delivery::loops::{self, folded};
use delivery::mailbox::{self, Mbox, Trouble};
use delivery::{Delivery, Fate, Outcome, Recipient, Status, copy};
use mail::duplicates::Filter;
use tables::{Kind, Maps};

use crate::setup::Virtual;

fn main() -> ExitCode {
    daemon::agent("virtual")
        .privileged()
        .parameters(&setup::parameters())
        .before_jail(setup::open)
        .watch(|agent| agent.changed().map(str::to_owned))
        .serve(session)
}

fn session(cx: &mut Context<Virtual>, stream: net::Stream) {
    if let Some(argument) = cx.args.first() {
        log::fatal!("unexpected command-line argument: {argument}");
    }
    let agent = &cx.state;
    let service = cx.service.as_bytes();
    delivery::serve(&agent.agent, stream, |delivery| deliver(agent, service, delivery));
}

/// Delivers one message to the recipients of a request. Each address gets it once.
fn deliver(agent: &Virtual, service: &[u8], delivery: &Delivery<'_>) {
    let mut seen = Filter::new(0, true);
    let delivered_to = loops::delivered_to(delivery);
    for recipient in &delivery.request.recipients {
        if seen.seen(&recipient.address) {
            let _ = delivery.settle(recipient, Fate::Settled);
            continue;
        }
        let job = Job { agent, service, delivery, recipient, user: folded(&recipient.address) };
        if loops::has_been(&delivered_to, &recipient.address) {
            let why = format!("mail forwarding loop for {}", recipient.address);
            let _ = job.because(Status::new(5, 4, 6), why);
            continue;
        }
        let _: Fate = job.mailbox();
    }
}

/// One recipient of a message.
struct Job<'a> {
    agent: &'a Virtual,
    service: &'a [u8],
    delivery: &'a Delivery<'a>,
    recipient: &'a Recipient,
    user: BString,
}

/// What tables say, or the result when they cannot.
type Answer<T> = Result<T, Fate>;

impl Job<'_> {
    fn result(&self, outcome: &Outcome) -> Fate {
        self.delivery.report(self.recipient, self.service, b"", outcome)
    }

    fn because(&self, status: Status, why: impl Into<BString>) -> Fate {
        self.result(&Outcome::new(status, why))
    }

    fn misconfigured(&self) -> Fate {
        self.because(Status::new(4, 3, 5), "mail system configuration error")
    }

    /// Finds the mailbox and its owner, and delivers.
    fn mailbox(&self) -> Fate {
        let found = match self.ask(&self.agent.mailboxes) {
            Ok(found) => found,
            Err(fate) => return fate,
        };
        let Some(mailbox) = found else {
            return self.because(Status::new(5, 1, 1), format!("unknown user: \"{}\"", self.user));
        };
        let path = BString::from([self.agent.base.as_bytes(), b"/", &mailbox].concat());
        let (uid, gid) = match self.owner() {
            Ok(owner) => owner,
            Err(fate) => return fate,
        };
        if mailbox::is_maildir(&path) { self.maildir(&path, uid, gid) } else { self.file(&path, uid, gid) }
    }

    /// The user and group of the mailbox. Low user ids belong to the system.
    fn owner(&self) -> Answer<(u32, u32)> {
        let uid = self.number(&self.agent.uids, "uid", |uid| i64::from(uid) >= self.agent.minimum_uid)?;
        let gid = self.number(&self.agent.gids, "gid", |gid| gid > 0)?;
        Ok((uid, gid))
    }

    fn number(&self, maps: &Maps, what: &str, valid: impl Fn(u32) -> bool) -> Answer<u32> {
        let Some(text) = self.ask(maps)? else {
            log::warning!("recipient {}: not found in {}", self.user, maps.title());
            return Err(self.misconfigured());
        };
        let number = text.to_str().ok().and_then(|text| text.trim().parse::<u32>().ok());
        number.filter(|number| valid(*number)).ok_or_else(|| {
            log::warning!("recipient {}: bad {what} {text} in {}", self.user, maps.title());
            self.misconfigured()
        })
    }

    /// Looks the recipient up: whole, without extension, `@domain`.
    fn ask(&self, maps: &Maps) -> Answer<Option<BString>> {
        self.search(maps).map_err(|_| self.misconfigured())
    }

    fn search(&self, maps: &Maps) -> Result<Option<BString>, tables::TableError> {
        let domain = mail::address::domain(&self.user);
        if let Some(value) = maps.find(&self.user)? {
            return Ok(Some(value));
        }
        let agent = self.agent;
        if !agent.delimiter.is_empty() {
            let special = agent.owner_request_special;
            let stripped = mail::address::strip_extension(
                &self.user,
                agent.delimiter.as_bytes(),
                special,
                agent.double_bounce.as_bytes(),
            );
            if let Some((bare, _)) = stripped {
                if let Some(value) = maps.find_only(Kind::Fixed, &bare)? {
                    return Ok(Some(value));
                }
            }
        }
        match domain {
            Some(domain) => maps.find_only(Kind::Fixed, &[b"@", domain].concat()),
            None => Ok(None),
        }
    }

    fn options(&self, mbox: bool) -> copy::Options<'_> {
        let sender = &self.delivery.sender;
        let form = if mbox { copy::Options::mbox(sender) } else { copy::Options::plain(sender) };
        copy::Options {
            return_path: true,
            original_to: Some(&self.recipient.original),
            delivered_to: Some(&self.recipient.address),
            ..form
        }
    }

    fn maildir(&self, path: &[u8], uid: u32, gid: u32) -> Fate {
        if self.delivery.is_probe() {
            return self.because(Status::SENT, "delivers to maildir");
        }
        let directory = Path::new(OsStr::from_bytes(path));
        let options = self.options(false);
        // The administrator says where mailboxes are: what goes wrong may be mended.
        let work = || mailbox::maildir(self.delivery, directory, &options, Status::new(4, 2, 0));
        let result = self.agent.privileges.run_as(uid, gid, work);
        self.finish(result, "delivered to maildir", "maildir delivery failed: ")
    }

    fn file(&self, path: &[u8], uid: u32, gid: u32) -> Fate {
        if self.delivery.is_probe() {
            return self.because(Status::SENT, "delivers to mailbox");
        }
        let shown = path.as_bstr();
        let status = Status::new(4, 2, 0);
        let mbox = Mbox {
            path: Path::new(OsStr::from_bytes(path)),
            owner: None,
            locking: self.agent.locking,
            dotlock_may_fail: false,
            status,
        };
        let options = self.options(true);
        let work = || {
            let opened = mailbox::open(&mbox)?;
            let metadata = opened.metadata();
            if !metadata.is_file() {
                log::warning!("recipient {}: not a mailbox file: {shown}", self.user);
                return Err(Outcome::new(
                    Status::new(5, 2, 0),
                    format!("destination {shown} is not a regular file"),
                )
                .into());
            }
            if self.agent.strict_ownership && std::os::unix::fs::MetadataExt::uid(metadata) != uid {
                log::warning!(
                    "specify \"strict_mailbox_ownership = no\" to ignore mailbox ownership mismatch"
                );
                return Err(
                    Outcome::new(status, format!("destination {shown} is not owned by recipient")).into()
                );
            }
            opened.write(self.delivery, &options)
        };
        let result = self.agent.privileges.run_as(uid, gid, work);
        self.finish(result, "delivered to mailbox", &format!("delivery failed to mailbox {shown}: "))
    }

    fn finish(
        &self,
        result: Result<Result<(), Trouble>, delivery::privilege::Refused>,
        done: &str,
        failed: &str,
    ) -> Fate {
        match result {
            Ok(Ok(())) => self.because(Status::SENT, done),
            Ok(Err(Trouble::Corrupt)) => Fate::Kept,
            Ok(Err(Trouble::Failed(mut outcome))) => {
                outcome.reason = BString::from([failed.as_bytes(), &outcome.reason].concat());
                self.result(&outcome)
            }
            Err(refused) => self.because(Status::new(4, 3, 0), refused.to_string()),
        }
    }
}
