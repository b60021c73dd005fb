//! What a failure means for the recipients that are left: another server, another day, or back to the sender.
//!
//! The texts are the reference's, to the letter: people and programs search logs and notices for them.

use bstr::BString;
use mail::dsn::{Outcome, Status};

use crate::chat::{Answer, Trouble};
use crate::job::{Job, Mark};
use crate::session::Session;

/// A failed step that the server answered.
fn refused(session: &Session, answer: &Answer, reason: String) -> Outcome {
    let (status, reason) = match answer.status.class {
        4 | 5 => (answer.status, reason),
        // A yes where only "go on" would do.
        _ => (Status::new(5, 5, 0), format!("Protocol error: {reason}")),
    };
    Outcome::new(status, reason).diagnosed("smtp", answer.text.clone()).by_mta("dns", session.host.as_str())
}

/// "host mx[192.0.2.1] said: 550 … (in reply to RCPT TO command)".
pub fn said(session: &Session, answer: &Answer, command: &str) -> Outcome {
    let reason = format!("host {} said: {} (in reply to {command})", session.namaddr, answer.text);
    refused(session, answer, reason)
}

/// "host mx[192.0.2.1] refused to talk to me: 554 …".
pub fn refused_to_talk(session: &Session, answer: &Answer) -> Outcome {
    refused(session, answer, format!("host {} refused to talk to me: {}", session.namaddr, answer.text))
}

/// STARTTLS failed, where there must be TLS.
pub fn refused_to_start_tls(session: &Session, answer: &Answer) -> Outcome {
    let reason =
        format!("TLS is required, but host {} refused to start TLS: {}", session.namaddr, answer.text);
    refused(session, answer, reason)
}

/// A failure of our own finding, told as if the server had said it.
pub fn local(status: Status, reason: impl Into<BString>) -> Outcome {
    Outcome::new(status, reason)
}

impl Job<'_> {
    /// There is no server to talk to.
    pub fn session_failed(&mut self, outcome: Outcome) {
        self.bulk_failed(None, &outcome, true);
    }

    /// This server does not want to talk, or cannot.
    pub fn site_failed(&mut self, session: &mut Session, outcome: Outcome) {
        session.spoilt = true;
        self.bulk_failed(Some(session), &outcome, true);
    }

    /// This server cannot do what the sender asks for; another one may.
    pub fn wish_failed(&mut self, session: &mut Session, outcome: Outcome) {
        session.spoilt = true;
        if !self.final_server {
            log::info!("{}: {}", self.queue_id(), outcome.reason);
            for at in 0..self.left.len() {
                if matches!(self.left.get(at), Some((_, Mark::Open | Mark::Accepted))) {
                    self.mark(at, Mark::Kept);
                }
            }
            self.why = Some(outcome);
            return;
        }
        self.bulk_failed(Some(session), &outcome, false);
    }

    /// This server does not want this message.
    pub fn message_failed(&mut self, session: &mut Session, outcome: Outcome) {
        self.bulk_failed(Some(session), &outcome, false);
    }

    /// This server does not want this recipient.
    pub fn recipient_failed(&mut self, at: usize, session: &Session, outcome: Outcome) {
        if self.is_soft(&outcome) && !self.final_server {
            log::info!("{}: {}", self.queue_id(), outcome.reason);
            self.mark(at, Mark::Kept);
            self.why = Some(outcome);
        } else {
            self.report(at, Some(session), &outcome);
        }
    }

    /// The conversation broke off while we were `doing` something.
    pub fn conversation_failed(&mut self, session: &mut Session, trouble: Trouble, doing: &str) {
        session.spoilt = true;
        if trouble == Trouble::Lost && session.tls.is_some() && self.may_retry_plain() {
            // With TLS 1.3 a server tells only after the handshake what it did not like of it.
            self.retry_plain = true;
            self.final_server = false;
        }
        let name = &session.namaddr;
        let (status, reason) = match trouble {
            Trouble::Lost => (Status::new(4, 4, 2), format!("lost connection with {name} while {doing}")),
            Trouble::Timeout => {
                (Status::new(4, 4, 2), format!("conversation with {name} timed out while {doing}"))
            }
            Trouble::Protocol => {
                (Status::new(4, 5, 0), format!("remote protocol error from {name} while {doing}"))
            }
            // What is wrong with the message has been reported.
            Trouble::Local => return,
        };
        self.bulk_failed(Some(session), &Outcome::new(status, reason), true);
    }

    fn is_soft(&self, outcome: &Outcome) -> bool {
        outcome.status.class == 4 || self.cx.agent.reporter.soft_bounce()
    }

    /// The same for all recipients without a result.
    fn bulk_failed(&mut self, session: Option<&Session>, outcome: &Outcome, throttle: bool) {
        let open: Vec<usize> = (0..self.left.len())
            .filter(|&at| matches!(self.left.get(at), Some((_, Mark::Open | Mark::Accepted))))
            .collect();
        let soft = self.is_soft(outcome);
        self.why = Some(outcome.clone());
        if soft && !self.final_server {
            // Another server may take them; say why this one was left.
            log::info!("{}: {}", self.queue_id(), outcome.reason);
            open.into_iter().for_each(|at| self.mark(at, Mark::Kept));
            return;
        }
        for at in open {
            self.report(at, session, outcome);
        }
        if throttle && soft {
            self.throttle(outcome);
        }
    }
}
