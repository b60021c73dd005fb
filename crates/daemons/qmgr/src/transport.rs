//! Transports: the master.cf services that deliver, each with its limits, its destinations and
//! its agents.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use bstr::BString;
use config::Config;
use config::params::*;
use mail::dsn::Outcome;

use crate::agent::Agent;
use crate::feedback::Feedback;
use crate::queue::Queue;
use crate::slab::Id;

/// One transport.
pub struct Transport {
    /// Its name in master.cf.
    pub name: BString,
    /// What main.cf allows it.
    pub limits: Limits,
    /// Why nothing is sent this way now.
    pub dead: Option<Outcome>,
    /// Destinations by name.
    pub queues: HashMap<BString, Id<Queue>>,
    /// Destinations that can be served, in turn. May hold some that no longer can.
    pub line: VecDeque<Id<Queue>>,
    /// Agents that were asked for and have not announced themselves.
    pub pending: u32,
    /// Agents that wait for another request.
    pub idle: Vec<Id<Agent>>,
    /// With `transport_rate_delay`: nothing starts before this.
    pub rest_until: Option<Instant>,
}

/// What main.cf allows a transport: `<transport>_destination_…`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Most deliveries at once to one destination; 0: no limit.
    pub window_limit: u32,
    /// Deliveries at once to a destination that nothing is known of.
    pub initial_window: u32,
    /// Most recipients in one request; 0: no limit.
    pub recipient_limit: usize,
    /// Cohorts of failures after which a destination is dead; 0: never.
    pub failed_cohort_limit: u32,
    /// What a success does to the window.
    pub positive: Feedback,
    /// What a failure does to the window.
    pub negative: Feedback,
    /// Rest after each delivery to a destination.
    pub rate_delay: Duration,
    /// Rest after each delivery by the transport.
    pub transport_rate_delay: Duration,
}

impl Limits {
    /// The limits of the transport of that name.
    pub fn configured(config: &Config, name: &str) -> Limits {
        let number = |value: i64| u32::try_from(value).unwrap_or(0);
        let rate_delay = config.transport(TRANSPORT_DESTINATION_RATE_DELAY, name);
        let window_limit = if rate_delay.is_zero() {
            number(config.transport(TRANSPORT_DESTINATION_CONCURRENCY_LIMIT, name))
        } else {
            1
        };
        let mut initial_window =
            number(config.transport(TRANSPORT_INITIAL_DESTINATION_CONCURRENCY, name)).max(1);
        if window_limit > 0 {
            initial_window = initial_window.min(window_limit);
        }
        let positive = config.transport(TRANSPORT_DESTINATION_CONCURRENCY_POSITIVE_FEEDBACK, name);
        let negative = config.transport(TRANSPORT_DESTINATION_CONCURRENCY_NEGATIVE_FEEDBACK, name);
        Limits {
            window_limit,
            initial_window,
            recipient_limit: usize::try_from(config.transport(TRANSPORT_DESTINATION_RECIPIENT_LIMIT, name))
                .unwrap_or(0),
            failed_cohort_limit: number(
                config.transport(TRANSPORT_DESTINATION_CONCURRENCY_FAILED_COHORT_LIMIT, name),
            ),
            positive: feedback(&TRANSPORT_DESTINATION_CONCURRENCY_POSITIVE_FEEDBACK.member(name), positive),
            negative: feedback(&TRANSPORT_DESTINATION_CONCURRENCY_NEGATIVE_FEEDBACK.member(name), negative),
            rate_delay,
            transport_rate_delay: config.transport(TRANSPORT_TRANSPORT_RATE_DELAY, name),
        }
    }
}

fn feedback(parameter: &str, text: &str) -> Feedback {
    Feedback::parse(text).unwrap_or_else(|| {
        log::warning!("{parameter}: ignoring malformed or unreasonable feedback: {text}");
        Feedback::ONE
    })
}

impl Transport {
    /// A transport without destinations.
    pub fn new(name: BString, limits: Limits) -> Transport {
        Transport {
            name,
            limits,
            dead: None,
            queues: HashMap::new(),
            line: VecDeque::new(),
            pending: 0,
            idle: Vec::new(),
            rest_until: None,
        }
    }

    /// Whether agents may be given work now.
    pub fn is_open(&self, now: Instant) -> bool {
        self.dead.is_none() && self.rest_until.is_none_or(|until| until <= now)
    }
}
