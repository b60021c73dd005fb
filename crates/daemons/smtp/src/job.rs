//! One delivery request on its way from server to server: which recipients are left, and what to tell of them.

use std::time::{Duration, SystemTime};

use bstr::{BStr, ByteSlice};
use delivery::{Delivery, Fate, Recipient};
use ipc::delivery::{flag, sendopt};
use mail::dsn::Outcome;
use tls::{Level, Policy};

use crate::features::Features;
use crate::pool::Wish;
use crate::require_tls::Rule;
use crate::session::Session;
use crate::state::State;

/// What became of a recipient in the present session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing yet.
    Open,
    /// The server has accepted the recipient, not yet the message.
    Accepted,
    /// Its result is reported.
    Done,
    /// To be tried with the next server.
    Kept,
}

pub struct Job<'a> {
    pub cx: &'a State,
    pub delivery: &'a Delivery<'a>,
    /// Indices of the recipients without a result, with their mark.
    pub left: Vec<(usize, Mark)>,
    /// Nobody else can be asked after this server: what it says goes.
    pub final_server: bool,
    /// Why the last server did not take the mail.
    pub why: Option<Outcome>,
    pub loops: bool,
    /// How TLS is spoken with the present server.
    pub policy: Policy,
    /// What REQUIRETLS means for the present next hop.
    pub rule: Rule,
    /// What came of TLS with the present server.
    pub features: Features,
    /// The present server shall be tried again, without TLS.
    pub retry_plain: bool,
    hop_told: bool,
}

impl<'a> Job<'a> {
    pub fn new(cx: &'a State, delivery: &'a Delivery<'a>) -> Job<'a> {
        let left = (0..delivery.recipients.len()).map(|n| (n, Mark::Open)).collect();
        Job {
            cx,
            delivery,
            left,
            final_server: false,
            why: None,
            loops: false,
            policy: Policy::none(),
            rule: Rule::Disable,
            features: Features::default(),
            retry_plain: false,
            hop_told: false,
        }
    }

    pub fn queue_id(&self) -> &'a BStr {
        self.delivery.queue_id.as_bstr()
    }

    pub fn recipient(&self, at: usize) -> Option<&'a Recipient> {
        let (n, _) = self.left.get(at)?;
        self.delivery.request.recipients.get(*n)
    }

    pub fn mark(&mut self, at: usize, mark: Mark) {
        if let Some((_, old)) = self.left.get_mut(at) {
            *old = mark;
        }
    }

    pub fn count(&self, mark: Mark) -> usize {
        self.left.iter().filter(|(_, m)| *m == mark).count()
    }

    /// Before a session: what is left is open again.
    pub fn begin_session(&mut self) {
        self.left.retain(|(_, mark)| *mark != Mark::Done);
        self.left.iter_mut().for_each(|(_, mark)| *mark = Mark::Open);
    }

    /// Whether anybody has no result yet.
    pub fn is_unfinished(&self) -> bool {
        self.left.iter().any(|(_, mark)| *mark != Mark::Done)
    }

    pub fn wants_cached_session(&self) -> bool {
        self.delivery.flags & flag::CONN_LOAD != 0
    }

    pub fn wants_session_kept(&self) -> bool {
        self.delivery.flags & flag::CONN_STORE != 0
    }

    pub fn needs_smtputf8(&self) -> bool {
        self.delivery.sendopts & sendopt::SMTPUTF8_ALL & !sendopt::SMTPUTF8_REQUESTED != 0
    }

    /// Reports one recipient's result: log line, lasting record and mark in the queue file.
    pub fn report(&mut self, at: usize, session: Option<&Session>, outcome: &Outcome) {
        let Some(recipient) = self.recipient(at) else { return };
        self.report_as(at, recipient, session, outcome);
    }

    /// As [`Job::report`], for a recipient whose wishes have changed on the way.
    pub fn report_as(
        &mut self,
        at: usize,
        recipient: &Recipient,
        session: Option<&Session>,
        outcome: &Outcome,
    ) {
        let relay = session.map_or("none", |session| session.namaddrport.as_str());
        let fate: Fate =
            self.delivery.report(recipient, relay.as_bytes(), self.tls_text().as_bytes(), outcome);
        let _ = fate;
        self.mark(at, Mark::Done);
    }

    /// Tells the queue manager, once, that this destination is in trouble.
    pub fn throttle(&mut self, why: &Outcome) {
        if !self.hop_told {
            self.hop_told = true;
            self.delivery.hop_failed(why.clone());
        }
    }

    fn tls_text(&self) -> String {
        if self.cx.set.tls_feature_status { self.features.text() } else { String::new() }
    }

    /// What the message asks of the way that it goes.
    pub fn wish(&self) -> Wish {
        Wish { tls_not_required: self.tls_not_required(), require_tls: self.wants_require_tls() }
    }

    /// REQUIRETLS was asked for.
    pub fn wants_require_tls(&self) -> bool {
        self.delivery.sendopts & sendopt::REQUIRETLS_ESMTP != 0
    }

    /// `TLS-Required: no`, unless REQUIRETLS says otherwise.
    pub fn tls_not_required(&self) -> bool {
        self.delivery.sendopts & sendopt::REQUIRETLS_HEADER != 0 && !self.wants_require_tls()
    }

    /// Whether a server with which TLS broke off may be tried without: a message that has waited for a while goes out in
    /// the clear rather than not at all.
    pub fn may_retry_plain(&self) -> bool {
        let stats = self.delivery.stats();
        let waited = match (stats.incoming_arrival, stats.active_arrival) {
            (Some(arrival), Some(active)) => active.duration_since(arrival).unwrap_or_default(),
            (Some(arrival), None) => SystemTime::now().duration_since(arrival).unwrap_or_default(),
            _ => Duration::ZERO,
        };
        self.policy.level == Level::May && !self.rule.wants_tls() && waited >= self.cx.set.min_backoff
    }
}
