//! A message in the active queue: its envelope, and how far its delivery has come.

use std::collections::{HashMap, VecDeque};
use std::time::SystemTime;

use bstr::BString;
use ipc::delivery::{Request, flag};
use ipc::rewrite::Resolved;
use ipc::{MsgStats, Recipient};
use spool::{QueueId, SizeRecord};

use crate::entry::{Entry, Peer};
use crate::queue::Queue;
use crate::slab::Id;

/// The queue that all messages here are in.
pub const QUEUE: &str = "active";

/// One message.
pub struct Message {
    /// Its queue file.
    pub id: QueueId,
    /// What the queue file says apart from recipients.
    pub envelope: Envelope,
    /// When it became active.
    pub active_since: SystemTime,
    /// Asked for by name or by a flush: dead destinations are tried.
    pub flush: bool,
    /// Some recipient is left for later.
    pub unfinished: bool,
    /// Recipients that were read and have no destination yet.
    pub unresolved: VecDeque<Recipient>,
    /// Recipients whose destination is known, until it is known for all that were read.
    pub assigned: Vec<(Recipient, Resolved)>,
    /// Waiting for the resolver's answer.
    pub waiting: bool,
    /// A round's end is being worked on; nothing may begin another.
    pub closing: bool,
    /// Where reading goes on, when not all recipients were read.
    pub next_recipient: Option<u64>,
    /// Waiting requests by destination.
    pub peers: HashMap<Id<Queue>, Id<Peer>>,
    /// Requests that wait or run.
    pub requests: usize,
    /// Recipients in those requests.
    pub in_core: usize,
    /// One request for each recipient (VERP).
    pub single_recipient: bool,
    /// The redirect has been carried out: other recipients are ignored.
    pub redirected: bool,
    /// Some recipient asked to be told of success, so a trace log may exist.
    pub notifies_success: bool,
}

/// The envelope of a queue file, recipients apart.
#[derive(Clone, Debug, Default)]
pub struct Envelope {
    /// Sizes, offsets and hints.
    pub size: SizeRecord,
    /// When it arrived.
    pub arrival: Option<SystemTime>,
    /// When its sender began to wait, in seconds: age and expiry count from here.
    pub create_time: i64,
    /// The sender.
    pub sender: BString,
    /// `content_filter` of this message.
    pub filter: BString,
    /// All recipients are replaced by this one.
    pub redirect: Option<BString>,
    /// `7bit`, `8bit` or empty.
    pub encoding: BString,
    /// ENVID=.
    pub dsn_envid: BString,
    /// RET=, bits.
    pub dsn_ret: i32,
    /// VERP delimiters, or empty.
    pub verp: BString,
    /// Verification and reporting bits.
    pub trace_flags: i32,
    /// Where the record of a one-time report request is.
    pub trace_offset: Option<u64>,
    /// When to send a delay warning, in seconds; 0: never.
    pub warn_time: i64,
    /// Where the record of the warning time is.
    pub warn_offset: Option<u64>,
    /// `postsuper -e`.
    pub forced_expire: bool,
    /// Client name, as agents and logs show it.
    pub client_name: BString,
    /// Client address.
    pub client_addr: BString,
    /// Client port.
    pub client_port: BString,
    /// Client protocol.
    pub client_proto: BString,
    /// Client's HELO.
    pub client_helo: BString,
    /// SASL mechanism.
    pub sasl_method: BString,
    /// SASL login.
    pub sasl_username: BString,
    /// SASL sender.
    pub sasl_sender: BString,
    /// The id under which the message came in first.
    pub log_ident: BString,
    /// `local` or `remote`.
    pub rewrite_context: BString,
}

impl Message {
    /// A message whose file was just read.
    pub fn new(id: QueueId, envelope: Envelope, flush: bool) -> Message {
        Message {
            id,
            single_recipient: !envelope.verp.is_empty(),
            envelope,
            active_since: SystemTime::now(),
            flush,
            unfinished: false,
            unresolved: VecDeque::new(),
            assigned: Vec::new(),
            waiting: false,
            closing: false,
            next_recipient: None,
            peers: HashMap::new(),
            requests: 0,
            in_core: 0,
            redirected: false,
            notifies_success: false,
        }
    }

    /// Recipients are still on their way from the file to their destinations.
    pub fn is_reading(&self) -> bool {
        self.waiting || self.closing || !self.unresolved.is_empty() || !self.assigned.is_empty()
    }

    /// The file holds recipients that were not read.
    pub fn more_on_file(&self) -> bool {
        self.next_recipient.is_some()
    }

    /// The stages passed so far.
    pub fn stats(&self) -> MsgStats {
        MsgStats {
            incoming_arrival: self.envelope.arrival,
            active_arrival: Some(self.active_since),
            ..MsgStats::default()
        }
    }

    /// What a delivery agent is asked for `entry`.
    pub fn request(&self, entry: &Entry, queue: &Queue) -> Request {
        let envelope = &self.envelope;
        let sender = match entry.recipients.first() {
            Some(first) if !envelope.verp.is_empty() => {
                mail::verp::sender(&envelope.sender, &envelope.verp, &first.address)
            }
            _ => envelope.sender.clone(),
        };
        Request {
            flags: envelope.trace_flags | queue.cache_flags | flag::SUCCESS | flag::BOUNCE,
            queue_name: QUEUE.into(),
            queue_id: self.id.as_bytes().into(),
            data_offset: envelope.size.data_offset,
            data_size: envelope.size.content_length,
            nexthop: queue.nexthop.clone(),
            encoding: envelope.encoding.clone(),
            sendopts: i32::try_from(envelope.size.sendopts).unwrap_or(0),
            sender,
            dsn_envid: envelope.dsn_envid.clone(),
            dsn_ret: envelope.dsn_ret,
            stats: self.stats(),
            client_name: envelope.client_name.clone(),
            client_addr: envelope.client_addr.clone(),
            client_port: envelope.client_port.clone(),
            client_proto: envelope.client_proto.clone(),
            client_helo: envelope.client_helo.clone(),
            sasl_method: envelope.sasl_method.clone(),
            sasl_username: envelope.sasl_username.clone(),
            sasl_sender: envelope.sasl_sender.clone(),
            log_ident: envelope.log_ident.clone(),
            rewrite_context: envelope.rewrite_context.clone(),
            recipients: entry.recipients.clone(),
        }
    }
}
