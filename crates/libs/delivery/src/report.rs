//! Results of deliveries: the lasting record first (bounce, defer or trace log; the verify
//! database for probes), then the log line. Agents call this through [`crate::Delivery`], which
//! also marks the recipient in the queue file; the queue manager and cleanup call it themselves.
//!
//! A bounce that cannot be recorded becomes a deferral; a deferral that cannot be recorded is a
//! warning, because the recipient stays in the queue file anyway.

use bstr::{BString, ByteSlice};
use config::params::*;
use config::{Config, ConfigError};
use ipc::delivery::flag;
use ipc::verify::outcome as verify;
use ipc::{Client, Dsn, MsgStats, Place, Recipient};
use mail::dsn::{Notify, Outcome, Status};

/// What becomes of a recipient after its result is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Fate {
    /// Delivered, returned or reported: the recipient's record may be marked as done.
    Settled,
    /// To be tried again.
    Kept,
}

/// One result, before it is known how it will be recorded.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// [`flag`] bits of the request.
    pub flags: i32,
    /// Queue id of the message.
    pub queue_id: &'a [u8],
    /// Times of the stages so far.
    pub stats: MsgStats,
    /// Whose result it is.
    pub recipient: &'a Recipient,
    /// `relay=` of the log line: `host[address]:port`, `local`, `none`.
    pub relay: &'a [u8],
    /// `tls=` of the log line; empty: not shown.
    pub tls: &'a [u8],
    /// What happened; its class need not match the method that is called.
    pub outcome: &'a Outcome,
}

/// The envelope that a one-recipient bounce is returned with.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    /// Queue that holds the message.
    pub queue_name: &'a [u8],
    /// `7bit`, `8bit` or empty.
    pub encoding: &'a [u8],
    /// SMTPUTF8 and friends, as in the request.
    pub sendopts: i32,
    /// Whom to tell.
    pub sender: &'a [u8],
    /// ENVID= of the message.
    pub envid: &'a [u8],
    /// RET= of the message, as bits.
    pub ret: i32,
}

/// Records results. One for a process; every method takes `&self` and may be called by any thread.
pub struct Reporter {
    soft_bounce: bool,
    negative_cache: bool,
    flush_domains: bool,
    log_external: bool,
    resolution: u32,
    bounce: Client,
    defer: Client,
    trace: Client,
    flush: Client,
    verify: Client,
    filter: tables::Maps,
}

impl Reporter {
    /// `filter` names the agent's delivery status filter parameter; empty for programs without one.
    pub fn open(config: &'static Config, filter: &str) -> Result<Reporter, ConfigError> {
        let spec = if filter.is_empty() { String::new() } else { config.text(filter).unwrap_or_default() };
        let filter = tables::Maps::open(filter, &spec, tables::Flags::NONE)
            .map_err(|error| ConfigError::new(error.to_string()))?;
        let log = |name: &str| Client::new(Place::private(name), ipc::bounce::PROTOCOL);
        Ok(Reporter {
            soft_bounce: config.get(SOFT_BOUNCE),
            negative_cache: config.get(ADDRESS_VERIFY_NEGATIVE_CACHE),
            flush_domains: !config.get(FAST_FLUSH_DOMAINS).is_empty(),
            log_external: config.get(INFO_LOG_ADDRESS_FORMAT) == "external",
            resolution: u32::try_from(config.get(DELAY_LOGGING_RESOLUTION_LIMIT)).unwrap_or(2),
            bounce: log(config.get(BOUNCE_SERVICE_NAME)),
            defer: log(config.get(DEFER_SERVICE_NAME)),
            trace: log(config.get(TRACE_SERVICE_NAME)),
            flush: Client::new(Place::public(config.get(FLUSH_SERVICE_NAME)), ipc::flush::PROTOCOL),
            verify: Client::new(
                Place::private(config.get(ADDRESS_VERIFY_SERVICE_NAME)),
                ipc::verify::PROTOCOL,
            ),
            filter,
        })
    }

    /// Whether permanent failures are treated as temporary (`soft_bounce`).
    pub fn soft_bounce(&self) -> bool {
        self.soft_bounce
    }

    /// Records a result by the class of its status: 2 sent, 4 deferred, 5 bounced.
    pub fn by_class(&self, attempt: &Attempt<'_>) -> Fate {
        match attempt.outcome.status.class {
            2 => self.sent(attempt),
            4 => self.deferred(attempt),
            _ => self.bounced(attempt),
        }
    }

    /// Whether a successful delivery is put on record elsewhere, which may fail, before the recipient is done.
    pub fn records_success(&self, flags: i32, recipient: &Recipient) -> bool {
        flags & (flag::MTA_VERIFY | flag::USER_VERIFY) != 0 || success_reports(flags, recipient) > 0
    }

    /// The recipient has it.
    pub fn sent(&self, attempt: &Attempt<'_>) -> Fate {
        let mut outcome = attempt.outcome.clone();
        if !outcome.status.is_success() {
            log::warning!("sent: ignoring dsn code \"{}\"", outcome.status);
            outcome.status = Status::SENT;
        }
        if let Some(other) = self.filtered(&outcome) {
            outcome = other;
        }
        if attempt.flags & flag::MTA_VERIFY != 0 {
            outcome.action = "deliverable".into();
            return self.record_verify(attempt, &outcome, verify::OK);
        }
        if attempt.flags & flag::USER_VERIFY != 0 {
            outcome.action = "deliverable".into();
            return self.record_trace(attempt, &outcome);
        }
        if outcome.action.is_empty() {
            outcome.action = "delivered".into();
        }
        for _ in 0..success_reports(attempt.flags, attempt.recipient) {
            if !self.append_trace(attempt, &outcome) {
                let reason = format!("{}: {} service failed", attempt.queue_id.as_bstr(), name(&self.trace));
                return self.record_defer(attempt, because(outcome, reason));
            }
        }
        self.log(attempt, &outcome, "sent");
        Fate::Settled
    }

    /// The recipient will never have it.
    pub fn bounced(&self, attempt: &Attempt<'_>) -> Fate {
        self.bounce(attempt, None)
    }

    /// Like [`Reporter::bounced`], but tells `envelope.sender` at once, about this recipient alone.
    pub fn bounced_to(&self, attempt: &Attempt<'_>, envelope: &Envelope<'_>) -> Fate {
        self.bounce(attempt, Some(envelope))
    }

    /// The recipient will be tried again.
    pub fn deferred(&self, attempt: &Attempt<'_>) -> Fate {
        let mut outcome = attempt.outcome.clone();
        if outcome.status.class != 4 {
            log::warning!("defer_append: ignoring dsn code \"{}\"", outcome.status);
            outcome.status = Status::new(4, 0, 0);
        }
        match self.filtered(&outcome) {
            Some(other) if other.status.class == 5 => self.record_bounce(attempt, other, None),
            Some(other) => self.record_defer(attempt, other),
            None => self.record_defer(attempt, outcome),
        }
    }

    fn bounce(&self, attempt: &Attempt<'_>, envelope: Option<&Envelope<'_>>) -> Fate {
        let mut outcome = attempt.outcome.clone();
        if !outcome.status.is_permanent() {
            log::warning!("bounce_append: ignoring dsn code \"{}\"", outcome.status);
            outcome.status = Status::new(5, 0, 0);
        }
        match self.filtered(&outcome) {
            Some(other) if other.status.class == 4 => self.record_defer(attempt, other),
            Some(other) => self.record_bounce(attempt, other, envelope),
            None => self.record_bounce(attempt, outcome, envelope),
        }
    }

    fn record_bounce(
        &self,
        attempt: &Attempt<'_>,
        mut outcome: Outcome,
        envelope: Option<&Envelope<'_>>,
    ) -> Fate {
        if let Some(fate) = self.record_probe(attempt, &mut outcome, verify::BOUNCE) {
            return fate;
        }
        if self.soft_bounce {
            outcome.status = outcome.status.with_class(4);
            outcome.action = "delayed".into();
        } else {
            outcome.action = "failed".into();
        }
        let recorded = match envelope {
            Some(envelope) if !self.soft_bounce => self.send_one(attempt, envelope, &outcome),
            _ => self.append(if self.soft_bounce { &self.defer } else { &self.bounce }, attempt, &outcome),
        };
        let traced = recorded && (attempt.flags & flag::RECORD == 0 || self.append_trace(attempt, &outcome));
        if !traced {
            let reason = format!("{} or {} service failure", name(&self.bounce), name(&self.trace));
            return self.record_defer(attempt, because(outcome, reason));
        }
        self.log(attempt, &outcome, if self.soft_bounce { "SOFTBOUNCE" } else { "bounced" });
        if self.soft_bounce { Fate::Kept } else { Fate::Settled }
    }

    fn record_defer(&self, attempt: &Attempt<'_>, mut outcome: Outcome) -> Fate {
        if let Some(fate) = self.record_probe(attempt, &mut outcome, verify::DEFER) {
            return fate;
        }
        outcome.action = "delayed".into();
        let id = attempt.queue_id.as_bstr();
        if !self.append(&self.defer, attempt, &outcome) {
            log::warning!("{id}: {} service failure", name(&self.defer));
        }
        self.log(attempt, &outcome, "deferred");
        if attempt.flags & flag::RECORD != 0 && !self.append_trace(attempt, &outcome) {
            log::warning!("{id}: {} service failure", name(&self.trace));
        }
        if let Some(domain) = domain(&attempt.recipient.address)
            && !self.add_to_flush(domain, attempt.queue_id)
        {
            log::warning!("{id}: {} service failure", name(&self.flush));
        }
        Fate::Kept
    }

    /// Probes end in the verify database or in the trace log, never in a bounce.
    fn record_probe(&self, attempt: &Attempt<'_>, outcome: &mut Outcome, verdict: i32) -> Option<Fate> {
        if attempt.flags & flag::MTA_VERIFY != 0 {
            outcome.action = "undeliverable".into();
            Some(self.record_verify(attempt, outcome, verdict))
        } else if attempt.flags & flag::USER_VERIFY != 0 {
            outcome.action = "undeliverable".into();
            Some(self.record_trace(attempt, outcome))
        } else {
            None
        }
    }

    fn log(&self, attempt: &Attempt<'_>, outcome: &Outcome, status: &str) {
        let stats = attempt.stats;
        let line = log::lines::Delivery {
            queue_id: &attempt.queue_id.to_str_lossy(),
            to: &self.shown(&attempt.recipient.address),
            orig_to: &self.shown(&attempt.recipient.original),
            relay: attempt.relay,
            reuse_count: u32::try_from(stats.reuse_count).unwrap_or(0),
            times: log::lines::Times {
                incoming_arrival: stats.incoming_arrival,
                active_arrival: stats.active_arrival,
                agent_handoff: stats.agent_handoff,
                conn_setup_done: stats.conn_setup_done,
                deliver_done: stats.deliver_done,
            },
            resolution: self.resolution,
            tls: attempt.tls,
            dsn: &outcome.status.to_string(),
            status,
            reason: &outcome.reason,
        };
        log::info_line(&line.line());
    }

    /// Updates the verify database for the address as asked and as delivered to.
    fn record_verify(&self, attempt: &Attempt<'_>, outcome: &Outcome, verdict: i32) -> Fate {
        if verdict != verify::OK && !self.negative_cache {
            self.log(attempt, outcome, "undeliverable-but-not-cached");
            return Fate::Settled;
        }
        let recipient = attempt.recipient;
        let update = |address: &BString| {
            let request = ipc::verify::Request::Update {
                address: address.clone(),
                recipient_status: verdict,
                reason: outcome.reason.clone(),
            };
            let answer = self.verify.ask::<_, ipc::verify::Status>(&request);
            answer.is_ok_and(|answer| answer.0 == ipc::verify::stat::OK)
        };
        let done = (recipient.original.is_empty() || update(&recipient.original))
            && (recipient.original == recipient.address || update(&recipient.address));
        if !done {
            log::warning!("{}: {} service failure", attempt.queue_id.as_bstr(), name(&self.verify));
            return Fate::Kept;
        }
        self.log(attempt, outcome, &outcome.action.to_str_lossy());
        Fate::Settled
    }

    /// Notes the result of a `sendmail -bv` probe for the report to its sender.
    fn record_trace(&self, attempt: &Attempt<'_>, outcome: &Outcome) -> Fate {
        if !self.append_trace(attempt, outcome) {
            return Fate::Kept;
        }
        self.log(attempt, outcome, &outcome.action.to_str_lossy());
        Fate::Settled
    }

    /// The trace log also tells by which way a delivery went.
    /// Reports an expansion to trace(8), for senders who asked for success notices. No log line: the members have theirs.
    pub fn expanded(&self, attempt: &Attempt<'_>) {
        // compat: a report that fails has been logged, and changes nothing about the delivery.
        let _ = self.append_trace(attempt, attempt.outcome);
    }

    fn append_trace(&self, attempt: &Attempt<'_>, outcome: &Outcome) -> bool {
        let mut outcome = outcome.clone();
        if attempt.relay != b"none" {
            let mut reason = BString::from("delivery via ");
            reason.extend_from_slice(attempt.relay);
            reason.extend_from_slice(b": ");
            reason.extend_from_slice(&outcome.reason);
            outcome.reason = reason;
        }
        let done = self.append(&self.trace, attempt, &outcome);
        if !done {
            log::warning!("{}: {} service failure", attempt.queue_id.as_bstr(), name(&self.trace));
        }
        done
    }

    fn append(&self, service: &Client, attempt: &Attempt<'_>, outcome: &Outcome) -> bool {
        let request = ipc::bounce::Request::Append {
            flags: attempt.flags,
            queue_id: attempt.queue_id.into(),
            recipient: attempt.recipient.clone(),
            dsn: wire_dsn(outcome),
        };
        asked(service, &request)
    }

    fn send_one(&self, attempt: &Attempt<'_>, envelope: &Envelope<'_>, outcome: &Outcome) -> bool {
        let request = ipc::bounce::Request::One {
            about: ipc::bounce::About {
                flags: attempt.flags,
                queue_name: envelope.queue_name.into(),
                queue_id: attempt.queue_id.into(),
                encoding: envelope.encoding.into(),
                sendopts: envelope.sendopts,
                sender: envelope.sender.into(),
                dsn_envid: envelope.envid.into(),
                dsn_ret: envelope.ret,
            },
            recipient: attempt.recipient.clone(),
            dsn: wire_dsn(outcome),
        };
        asked(&self.bounce, &request)
    }

    fn add_to_flush(&self, domain: &[u8], queue_id: &[u8]) -> bool {
        if !self.flush_domains {
            return true;
        }
        let request = ipc::flush::Request::Add { site: domain.into(), queue_id: queue_id.into() };
        let answer = self.flush.ask::<_, ipc::bounce::Status>(&request);
        answer.is_ok_and(|answer| matches!(answer.0, ipc::flush::stat::OK | ipc::flush::stat::DENY))
    }

    /// An address as logs show it.
    fn shown(&self, address: &[u8]) -> BString {
        let quote = self.log_external && !address.is_empty();
        if quote { mail::quote::quote_822_local(address) } else { address.into() }
    }

    /// What the delivery status filter makes of it; `None`: it stays as it is.
    fn filtered(&self, outcome: &Outcome) -> Option<Outcome> {
        if self.filter.is_empty() {
            return None;
        }
        let mut key = outcome.status.to_string().into_bytes();
        key.push(b' ');
        key.extend_from_slice(&outcome.reason);
        let found = self.filter.find(&key).ok()??;
        match Status::prefix(&found) {
            Some((status, length)) if status.is_success() == outcome.status.is_success() => {
                let text = found.get(length..).unwrap_or_default().trim_ascii_start();
                Some(Outcome { status, reason: text.into(), ..outcome.clone() })
            }
            _ => {
                log::warning!("{}: bad status code: {found}", self.filter.title());
                None
            }
        }
    }
}

/// How many lines of the trace log a successful delivery makes.
fn success_reports(flags: i32, recipient: &Recipient) -> usize {
    let notify = recipient.dsn_notify;
    let asks = |wish: Notify| notify & i32::from(wish.bits()) != 0;
    let late = flags & flag::RECORD_DELAYED != 0 && (notify == 0 || asks(Notify::DELAY));
    usize::from(flags & flag::RECORD != 0 || late) + usize::from(asks(Notify::SUCCESS))
}

fn asked(service: &Client, request: &ipc::bounce::Request) -> bool {
    match service.ask::<_, ipc::bounce::Status>(request) {
        Ok(answer) => answer.0 == 0,
        Err(error) => {
            log::warning!("problem talking to service {}: {}", name(service), sys::errno_text(&error));
            false
        }
    }
}

fn name(service: &Client) -> &str {
    &service.place().name
}

fn because(outcome: Outcome, reason: String) -> Outcome {
    Outcome { status: Status::new(4, 3, 0), reason: reason.into(), ..outcome }
}

fn domain(address: &[u8]) -> Option<&[u8]> {
    let at = address.rfind_byte(b'@')?;
    address.get(at + 1..).filter(|domain| !domain.is_empty())
}

/// The status as the delivery status services take it.
pub fn wire_dsn(outcome: &Outcome) -> Dsn {
    Dsn {
        status: outcome.status.to_string().into(),
        action: outcome.action.clone(),
        diag_type: outcome.diagnostic_type.clone(),
        diag_text: outcome.diagnostic_text.clone(),
        mta_type: outcome.mta_type.clone(),
        mta_name: outcome.mta_name.clone(),
        reason: outcome.reason.clone(),
    }
}
