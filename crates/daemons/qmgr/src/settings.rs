//! The queue manager's own parameters, read once.

use std::time::Duration;

use config::params::*;
use config::{Config, ParamRef};
use ipc::Place;

/// Their values.
pub struct Settings {
    /// Most messages in the active queue.
    pub active_limit: usize,
    /// Most recipients in memory.
    pub recipient_limit: usize,
    /// Recipients that any message may have in memory.
    pub recipient_minimum: usize,
    /// A message with fewer recipients in memory than this reads more.
    pub refill_below: usize,
    /// Shortest rest of a deferred message, and of a dead destination.
    pub minimal_backoff: Duration,
    /// Longest rest of a deferred message.
    pub maximal_backoff: Duration,
    /// Between runs over the deferred queue.
    pub queue_run_delay: Duration,
    /// How long a message may wait, in seconds.
    pub queue_lifetime: i64,
    /// How long a bounce may wait, in seconds.
    pub bounce_lifetime: i64,
    /// Before a dead transport is tried again.
    pub transport_retry: Duration,
    /// Between warnings about a clogged active queue; zero: none.
    pub clog_warn_time: Duration,
    /// How long a delivery agent may take.
    pub daemon_timeout: Duration,
    /// How long other programs may take.
    pub ipc_timeout: Duration,
    /// Most address probes at once.
    pub probe_limit: usize,
    /// Transports that wait for a flush.
    pub defer_transports: Vec<String>,
    /// Next hop of filters without one.
    pub filter_nexthop: String,
    /// This host.
    pub hostname: String,
    /// Sender of bounces of bounces: mail to it is dropped.
    pub double_bounce_sender: String,
    /// `recipient_delimiter`.
    pub delimiters: String,
    /// `owner-list` and `list-request` have no extension.
    pub owner_request_special: bool,
    /// Tokens for cleanup(8); 0: no inflow control.
    pub flow_tokens: usize,
    /// Who was told of a delay is told of the delivery, too.
    pub confirm_delay_cleared: bool,
    /// VERP bounces are not wanted.
    pub disable_verp: bool,
    /// The answer of the resolver depends on the sender.
    pub by_sender: bool,
    /// Addresses in logs: as in mail, or as they are.
    pub log_external: bool,
    /// `delay_logging_resolution_limit`.
    pub resolution: u32,
    /// Status services.
    pub bounce: Place,
    /// Status services.
    pub defer: Place,
    /// Status services.
    pub trace: Place,
    /// Results of address probes.
    pub verify: Place,
    /// The resolver.
    pub rewrite: Place,
    /// Mail by site.
    pub flush: Option<Place>,
}

impl Settings {
    /// What main.cf says.
    pub fn configured(config: &Config) -> Settings {
        let count = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let words = |text: &str| -> Vec<String> {
            text.split([' ', '\t', '\r', '\n', ','])
                .filter(|word| !word.is_empty())
                .map(String::from)
                .collect()
        };
        let by_sender = [
            SENDER_DEPENDENT_RELAYHOST_MAPS,
            SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS,
            ADDRESS_VERIFY_SENDER_DEPENDENT_RELAYHOST_MAPS,
            ADDRESS_VERIFY_SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS,
        ];
        Settings {
            active_limit: count(config.get(QMGR_MESSAGE_ACTIVE_LIMIT)),
            recipient_limit: count(config.get(QMGR_MESSAGE_RECIPIENT_LIMIT)),
            recipient_minimum: count(config.get(QMGR_MESSAGE_RECIPIENT_MINIMUM)).max(1),
            refill_below: count(config.get(DEFAULT_RECIPIENT_REFILL_LIMIT)).max(1),
            minimal_backoff: config.get(MINIMAL_BACKOFF_TIME),
            maximal_backoff: config.get(MAXIMAL_BACKOFF_TIME),
            queue_run_delay: config.get(QUEUE_RUN_DELAY),
            queue_lifetime: seconds(config.get(MAXIMAL_QUEUE_LIFETIME)),
            bounce_lifetime: seconds(config.get(BOUNCE_QUEUE_LIFETIME)),
            transport_retry: config.get(TRANSPORT_RETRY_TIME),
            clog_warn_time: config.get(QMGR_CLOG_WARN_TIME),
            daemon_timeout: config.get(QMGR_DAEMON_TIMEOUT),
            ipc_timeout: config.get(QMGR_IPC_TIMEOUT),
            probe_limit: count(config.get(ADDRESS_VERIFY_PENDING_REQUEST_LIMIT)),
            defer_transports: words(config.get(DEFER_TRANSPORTS)),
            filter_nexthop: config.get(DEFAULT_FILTER_NEXTHOP).to_string(),
            hostname: config.get(MYHOSTNAME).to_string(),
            double_bounce_sender: config.get(DOUBLE_BOUNCE_SENDER).to_string(),
            owner_request_special: config.get(OWNER_REQUEST_SPECIAL),
            delimiters: config.get(RECIPIENT_DELIMITER).to_string(),
            flow_tokens: if config.get(IN_FLOW_DELAY).is_zero() {
                0
            } else {
                count(config.get(DEFAULT_PROCESS_LIMIT))
            },
            confirm_delay_cleared: config.get(CONFIRM_DELAY_CLEARED),
            disable_verp: config.get(DISABLE_VERP_BOUNCES),
            by_sender: by_sender.iter().any(|maps| !config.get(*maps).is_empty()),
            log_external: config.get(INFO_LOG_ADDRESS_FORMAT) == "external",
            resolution: u32::try_from(config.get(DELAY_LOGGING_RESOLUTION_LIMIT)).unwrap_or(2),
            bounce: Place::private(config.get(BOUNCE_SERVICE_NAME)),
            defer: Place::private(config.get(DEFER_SERVICE_NAME)),
            trace: Place::private(config.get(TRACE_SERVICE_NAME)),
            verify: Place::private(config.get(ADDRESS_VERIFY_SERVICE_NAME)),
            rewrite: Place::private(config.get(REWRITE_SERVICE_NAME)),
            flush: (!config.get(FAST_FLUSH_DOMAINS).is_empty())
                .then(|| Place::public(config.get(FLUSH_SERVICE_NAME))),
        }
    }
}

/// All parameters that the program reads, apart from those of each transport.
pub fn parameters() -> Vec<ParamRef> {
    vec![
        QMGR_MESSAGE_ACTIVE_LIMIT.into(),
        QMGR_MESSAGE_RECIPIENT_LIMIT.into(),
        QMGR_MESSAGE_RECIPIENT_MINIMUM.into(),
        DEFAULT_RECIPIENT_REFILL_LIMIT.into(),
        MINIMAL_BACKOFF_TIME.into(),
        MAXIMAL_BACKOFF_TIME.into(),
        QUEUE_RUN_DELAY.into(),
        MAXIMAL_QUEUE_LIFETIME.into(),
        BOUNCE_QUEUE_LIFETIME.into(),
        TRANSPORT_RETRY_TIME.into(),
        QMGR_CLOG_WARN_TIME.into(),
        QMGR_DAEMON_TIMEOUT.into(),
        QMGR_IPC_TIMEOUT.into(),
        ADDRESS_VERIFY_PENDING_REQUEST_LIMIT.into(),
        DEFER_TRANSPORTS.into(),
        DEFAULT_FILTER_NEXTHOP.into(),
        MYHOSTNAME.into(),
        DOUBLE_BOUNCE_SENDER.into(),
        RECIPIENT_DELIMITER.into(),
        OWNER_REQUEST_SPECIAL.into(),
        IN_FLOW_DELAY.into(),
        DEFAULT_PROCESS_LIMIT.into(),
        CONFIRM_DELAY_CLEARED.into(),
        DISABLE_VERP_BOUNCES.into(),
        INFO_LOG_ADDRESS_FORMAT.into(),
        DELAY_LOGGING_RESOLUTION_LIMIT.into(),
        BOUNCE_SERVICE_NAME.into(),
        DEFER_SERVICE_NAME.into(),
        TRACE_SERVICE_NAME.into(),
        REWRITE_SERVICE_NAME.into(),
        ADDRESS_VERIFY_SERVICE_NAME.into(),
        FLUSH_SERVICE_NAME.into(),
        FAST_FLUSH_DOMAINS.into(),
        HASH_QUEUE_NAMES.into(),
        HASH_QUEUE_DEPTH.into(),
        ENABLE_LONG_QUEUE_IDS.into(),
        DEFAULT_DESTINATION_CONCURRENCY_LIMIT.into(),
        DEFAULT_DESTINATION_RECIPIENT_LIMIT.into(),
        DEFAULT_DESTINATION_RATE_DELAY.into(),
        DEFAULT_TRANSPORT_RATE_DELAY.into(),
        INITIAL_DESTINATION_CONCURRENCY.into(),
    ]
}
