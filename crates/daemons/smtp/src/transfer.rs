//! One transaction: MAIL, RCPT, DATA, the message, and what the server says to each.
//!
//! With PIPELINING the commands travel together, as far as they fit the socket's buffers; replies are taken in their order.

use std::borrow::Cow;

use bstr::BString;
use delivery::Recipient;
use mail::dsn::{Notify, Outcome, Status};
use wire::command::{self, MailOptions, RcptOptions};
use wire::{Body, Feature};

use crate::chat::{Answer, Trouble};
use crate::generic::MapTrouble;
use crate::job::{Job, Mark};
use crate::require_tls::Rule;
use crate::session::Session;
use crate::state::State;
use crate::trouble::{local, said};
use crate::{message, xforward};

/// A command of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Mail,
    Rcpt(usize),
    Data,
}

impl Step {
    /// What we are doing, when the conversation breaks off.
    fn doing(self) -> &'static str {
        match self {
            Step::Mail => "sending MAIL FROM",
            Step::Rcpt(_) => "sending RCPT TO",
            Step::Data => "sending DATA command",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Step::Mail => "MAIL FROM command",
            Step::Rcpt(_) => "RCPT TO command",
            Step::Data => "DATA command",
        }
    }
}

const SENDING_BODY: &str = "sending message body";
const SENDING_END: &str = "sending end of data -- message may be sent more than once";

/// Where a transaction broke off.
struct Broken {
    trouble: Trouble,
    doing: &'static str,
    /// The server has answered nothing.
    at_once: bool,
}

/// A transaction in a fresh session.
pub fn run(job: &mut Job<'_>, session: &mut Session) {
    if let Err(broken) = transaction(job, session) {
        job.conversation_failed(session, broken.trouble, broken.doing);
    }
}

/// A transaction in a session that has waited. False: the connection was gone before the server answered anything, and
/// nothing has happened.
pub fn run_again(job: &mut Job<'_>, session: &mut Session) -> bool {
    match transaction(job, session) {
        Ok(()) => true,
        Err(broken) if broken.at_once && broken.trouble == Trouble::Lost => {
            session.spoilt = true;
            false
        }
        Err(broken) => {
            job.conversation_failed(session, broken.trouble, broken.doing);
            true
        }
    }
}

/// Takes back an unfinished transaction, so that another may follow. False: the session is of no more use.
pub fn reset(cx: &State, session: &mut Session) -> bool {
    if !session.needs_reset {
        return true;
    }
    session.limit(cx, cx.set.timeouts.rset);
    match session.ask(cx, "RSET") {
        Ok(answer) if answer.class() == 2 => {
            session.needs_reset = false;
            !session.spoilt
        }
        _ => {
            session.spoilt = true;
            false
        }
    }
}

fn transaction(job: &mut Job<'_>, session: &mut Session) -> Result<(), Broken> {
    if refused_beforehand(job, session) {
        return Ok(());
    }
    let addresses = match Addresses::of(job) {
        Ok(addresses) => addresses,
        Err(why) => {
            job.message_failed(session, why.outcome());
            return Ok(());
        }
    };
    let break_off = |trouble, doing: &'static str, at_once| Broken { trouble, doing, at_once };
    xforward::send(job, session).map_err(|(trouble, doing)| break_off(trouble, doing, true))?;
    let mut steps = vec![Step::Mail];
    steps.extend((0..job.left.len()).map(Step::Rcpt));
    if !job.delivery.is_probe() || job.cx.set.verify_at_data {
        steps.push(Step::Data);
    }
    session.needs_reset = true;
    let pipelining = session.has(Feature::Pipelining);
    let mut dialogue = Dialogue { sent: 0, heard: 0, on_the_way: 0, aborted: false, ready_for_data: false };
    let mut line = Vec::with_capacity(256);
    while dialogue.heard < steps.len() {
        let next = steps
            .get(dialogue.sent)
            .copied()
            .filter(|step| !dialogue.aborted && worth_sending(job, *step, &dialogue));
        if let Some(step) = next {
            line.clear();
            compose(job, session, &addresses, step, &mut line);
            let room = dialogue.on_the_way + line.len() <= session.window;
            if dialogue.heard == dialogue.sent || pipelining && room {
                let at_once = dialogue.heard == 0;
                set_limit(job, session, steps.get(dialogue.heard).copied().unwrap_or(step));
                session.put(&line).map_err(|trouble| break_off(trouble, step.doing(), at_once))?;
                dialogue.sent += 1;
                dialogue.on_the_way += line.len();
                continue;
            }
        }
        if dialogue.heard == dialogue.sent {
            break;
        }
        let Some(step) = steps.get(dialogue.heard).copied() else { break };
        set_limit(job, session, step);
        let answer = session
            .answer(job.cx)
            .map_err(|trouble| break_off(trouble, step.doing(), dialogue.heard == 0))?;
        if answer.code == 421 && dialogue.heard == 0 && session.uses > 0 {
            // The server had given up on a connection that idled; it says so only now.
            return Err(break_off(Trouble::Lost, step.doing(), true));
        }
        dialogue.heard += 1;
        if dialogue.heard == dialogue.sent {
            dialogue.on_the_way = 0;
        }
        heard(job, session, step, &answer, &mut dialogue);
    }
    if dialogue.ready_for_data {
        send_message(job, session).map_err(|(trouble, doing)| break_off(trouble, doing, false))?;
    }
    Ok(())
}

/// How far a transaction has come.
struct Dialogue {
    sent: usize,
    heard: usize,
    /// Bytes of commands without a reply.
    on_the_way: usize,
    /// The message is refused: what is still on its way is only heard out.
    aborted: bool,
    /// The server waits for the message.
    ready_for_data: bool,
}

/// DATA waits for all recipients' replies only where it is known already that nobody is left.
fn worth_sending(job: &Job<'_>, step: Step, dialogue: &Dialogue) -> bool {
    step != Step::Data || dialogue.heard < dialogue.sent || job.count(Mark::Accepted) > 0
}

fn set_limit(job: &Job<'_>, session: &mut Session, step: Step) {
    let timeouts = &job.cx.set.timeouts;
    let limit = match step {
        Step::Mail => timeouts.mail,
        Step::Rcpt(_) => timeouts.rcpt,
        Step::Data => timeouts.data_init,
    };
    session.limit(job.cx, limit);
}

/// What the server has announced that it will not take.
fn refused_beforehand(job: &mut Job<'_>, session: &mut Session) -> bool {
    if let (Some(limit), Ok(size)) = (session.capabilities.size, u64::try_from(job.delivery.data_size)) {
        if size > limit {
            let reason =
                format!("message size {size} exceeds size limit {limit} of server {}", session.namaddr);
            job.message_failed(session, local(Status::new(5, 3, 4), reason));
            return true;
        }
    }
    if session.spoke_early {
        let parameter = if job.cx.set.is_lmtp { "lmtp" } else { "smtp" };
        log::warning!("server {} violates {parameter}_tls_block_early_mail_reply policy", session.namaddr);
        job.site_failed(session, local(Status::new(4, 7, 0), "unexpected server message"));
        return true;
    }
    if job.needs_smtputf8() && !session.has(Feature::Smtputf8) {
        let reason = format!("SMTPUTF8 is required, but was not offered by host {}", session.namaddr);
        job.message_failed(session, local(Status::new(5, 6, 7), reason));
        return true;
    }
    false
}

fn compose(job: &Job<'_>, session: &Session, addresses: &Addresses, step: Step, line: &mut Vec<u8>) {
    let request = &job.delivery.request;
    match step {
        Step::Mail => {
            let dsn = session.has(Feature::Dsn);
            let options = MailOptions {
                size: session.has(Feature::Size).then_some(request.data_size),
                body: match request.encoding.as_slice() {
                    _ if !session.has(Feature::EightBitMime) => None,
                    b"8bit" => Some(Body::EightBitMime),
                    b"7bit" => Some(Body::SevenBit),
                    _ => None,
                },
                smtputf8: session.has(Feature::Smtputf8)
                    && request.sendopts & ipc::delivery::sendopt::SMTPUTF8_ALL != 0,
                require_tls: job.rule > Rule::Disable
                    && session.tls.is_some()
                    && session.has(Feature::RequireTls),
                ret: if dsn { mail::dsn::Return::from_bits(i64::from(request.dsn_ret)) } else { None },
                envid: (dsn && !request.dsn_envid.is_empty()).then_some(request.dsn_envid.as_slice()),
            };
            let sender = addresses.sender.as_ref().unwrap_or(&request.sender);
            command::mail(line, &external(job.cx, sender), &options);
        }
        Step::Rcpt(at) => {
            let Some(recipient) = job.recipient(at) else { return };
            let dsn = session.has(Feature::Dsn);
            let options = RcptOptions {
                notify: mail::dsn::Notify::from_bits(i64::from(recipient.dsn_notify))
                    .filter(|_| dsn)
                    .unwrap_or(mail::dsn::Notify::NONE),
                orcpt: (dsn && !recipient.dsn_orcpt.is_empty()).then_some(recipient.dsn_orcpt.as_slice()),
            };
            let mapped = addresses.recipients.get(at).and_then(Option::as_ref);
            command::rcpt(line, &external(job.cx, mapped.unwrap_or(&recipient.address)), &options);
        }
        Step::Data => line.extend_from_slice(b"DATA\r\n"),
    }
}

/// What `*_generic_maps` makes of the envelope; `None` where an address stays.
#[derive(Default)]
struct Addresses {
    sender: Option<BString>,
    recipients: Vec<Option<BString>>,
}

impl Addresses {
    fn of(job: &Job<'_>) -> Result<Addresses, MapTrouble> {
        let Some(generic) = &job.cx.generic else { return Ok(Addresses::default()) };
        let recipients = (0..job.left.len()).map(|at| match job.recipient(at) {
            Some(recipient) => generic.map(&recipient.address),
            None => Ok(None),
        });
        Ok(Addresses {
            recipients: recipients.collect::<Result<_, _>>()?,
            sender: generic.map(&job.delivery.sender)?,
        })
    }
}

fn external(cx: &State, address: &[u8]) -> BString {
    if cx.set.quote_envelope { mail::quote::quote_821(address) } else { address.into() }
}

fn heard(job: &mut Job<'_>, session: &mut Session, step: Step, answer: &Answer, dialogue: &mut Dialogue) {
    match step {
        Step::Mail if answer.class() != 2 => {
            let outcome = said(session, answer, step.name());
            job.message_failed(session, outcome);
            dialogue.aborted = true;
        }
        Step::Mail => {}
        // After a refused MAIL the rest is only heard out.
        Step::Rcpt(_) if dialogue.aborted => {}
        Step::Rcpt(at) if answer.class() == 2 => {
            if job.delivery.is_probe() && !job.cx.set.verify_at_data {
                recipient_done(job, session, at, answer);
            } else {
                job.mark(at, Mark::Accepted);
            }
        }
        Step::Rcpt(at) => {
            let outcome = said(session, answer, step.name());
            job.recipient_failed(at, session, outcome);
        }
        Step::Data if answer.class() == 3 && job.delivery.is_probe() => {
            // A probe shows that the server would take the message; it gets none.
            (0..job.left.len()).for_each(|at| {
                if is_accepted(job, at) {
                    recipient_done(job, session, at, answer);
                }
            });
            session.spoilt = true;
        }
        Step::Data if answer.class() == 3 => dialogue.ready_for_data = true,
        Step::Data => {
            if job.count(Mark::Accepted) > 0 {
                let outcome = said(session, answer, step.name());
                job.message_failed(session, outcome);
            }
            dialogue.aborted = true;
        }
    }
}

/// The message and its end; then the server's verdict.
fn send_message(job: &mut Job<'_>, session: &mut Session) -> Result<(), (Trouble, &'static str)> {
    let cx = job.cx;
    let timeouts = &cx.set.timeouts;
    let accepted = job.count(Mark::Accepted);
    if accepted > 0 {
        session.limit(cx, timeouts.data_xfer);
        message::send(job, session).map_err(|trouble| (trouble, SENDING_BODY))?;
    }
    session.limit(cx, timeouts.data_done);
    // Nobody is left, and yet the server waits: an empty message to no one.
    session.put(b".\r\n").map_err(|trouble| (trouble, SENDING_END))?;
    if cx.set.is_lmtp {
        verdicts(job, session)?;
    } else {
        let answer = session.answer(cx).map_err(|trouble| (trouble, SENDING_END))?;
        verdict(job, session, &answer);
    }
    session.needs_reset = false;
    Ok(())
}

fn is_accepted(job: &Job<'_>, at: usize) -> bool {
    matches!(job.left.get(at), Some((_, Mark::Accepted)))
}

/// SMTP: one reply for all.
fn verdict(job: &mut Job<'_>, session: &mut Session, answer: &Answer) {
    if job.count(Mark::Accepted) == 0 {
        return;
    }
    if answer.class() == 2 {
        // Before anything else: a process that is ended here has the mail sent again.
        for at in 0..job.left.len() {
            if is_accepted(job, at) {
                note_sent(job, session, at);
            }
        }
    }
    job.delivery.finished();
    if answer.class() != 2 {
        let outcome = said(session, answer, "end of DATA command");
        job.message_failed(session, outcome);
        return;
    }
    for at in 0..job.left.len() {
        if is_accepted(job, at) {
            recipient_done(job, session, at, answer);
        }
    }
}

/// LMTP: one reply for each recipient that was accepted.
fn verdicts(job: &mut Job<'_>, session: &mut Session) -> Result<(), (Trouble, &'static str)> {
    for at in 0..job.left.len() {
        if !is_accepted(job, at) {
            continue;
        }
        let answer = session.answer(job.cx).map_err(|trouble| (trouble, SENDING_END))?;
        if answer.class() == 2 {
            note_sent(job, session, at);
        }
        job.delivery.finished();
        if answer.class() == 2 {
            recipient_done(job, session, at, &answer);
        } else {
            let outcome = said(session, &answer, "end of DATA command");
            job.recipient_failed(at, session, outcome);
        }
    }
    Ok(())
}

/// The server has taken over.
fn recipient_done(job: &mut Job<'_>, session: &Session, at: usize, answer: &Answer) {
    let Some(recipient) = job.recipient(at) else { return };
    let status = if answer.status.is_success() { answer.status } else { Status::SENT };
    let knows_dsn = session.has(Feature::Dsn);
    let is_final = job.cx.set.is_lmtp && job.cx.set.assume_final && !knows_dsn;
    let outcome = Outcome::new(status, answer.text.clone())
        .diagnosed("smtp", answer.text.clone())
        .by_mta("dns", session.host.as_str())
        .acting(if is_final { "delivered" } else { "relayed" });
    job.report_as(at, &told(recipient, session), Some(session), &outcome);
}

/// Marks a recipient that the server has taken, ahead of its report.
fn note_sent(job: &Job<'_>, session: &Session, at: usize) {
    if let Some(recipient) = job.recipient(at) {
        job.delivery.note_sent(&told(recipient, session));
    }
}

/// The recipient as it is reported: a server that knows DSN tells the sender of success itself.
fn told<'a>(recipient: &'a Recipient, session: &Session) -> Cow<'a, Recipient> {
    let success = i32::from(Notify::SUCCESS.bits());
    if session.has(Feature::Dsn) && recipient.dsn_notify & success != 0 {
        let dsn_notify = recipient.dsn_notify & !success;
        Cow::Owned(Recipient { dsn_notify, ..recipient.clone() })
    } else {
        Cow::Borrowed(recipient)
    }
}
