//! Handles and table of every parameter, made by `cargo xtask gen` from man/params. Do not edit.

use crate::param::{Bool, Family, Int, Kind, Param, Row, Str, Time};

/// `2bounce_notice_recipient`: Who gets the postmaster's copy of mail that could be neither delivered nor returned (notify_classes 2bounce) (default `postmaster`).
pub const _2BOUNCE_NOTICE_RECIPIENT: Param<Str> = Param::new(0);

/// `access_map_defer_code`: The SMTP reply code for a DEFER action (default `450`).
pub const ACCESS_MAP_DEFER_CODE: Param<Int> = Param::new(1);

/// `access_map_reject_code`: The SMTP reply code for a REJECT action (default `554`).
pub const ACCESS_MAP_REJECT_CODE: Param<Int> = Param::new(2);

/// `address_verify_cache_cleanup_interval`: How often old entries are removed from address_verify_map (default `12h`).
pub const ADDRESS_VERIFY_CACHE_CLEANUP_INTERVAL: Param<Time> = Param::new(3);

/// `address_verify_default_transport`: default_transport for probes (default `$default_transport`).
pub const ADDRESS_VERIFY_DEFAULT_TRANSPORT: Param<Str> = Param::new(4);

/// `address_verify_local_transport`: local_transport for probes (default `$local_transport`).
pub const ADDRESS_VERIFY_LOCAL_TRANSPORT: Param<Str> = Param::new(5);

/// `address_verify_map`: Where verify(8) keeps outcomes of probes; empty keeps them in memory (default `$default_cache_db_type:$data_directory/verify_cache`).
pub const ADDRESS_VERIFY_MAP: Param<Str> = Param::new(6);

/// `address_verify_negative_cache`: Remember that probes failed (default `yes`).
pub const ADDRESS_VERIFY_NEGATIVE_CACHE: Param<Bool> = Param::new(7);

/// `address_verify_negative_expire_time`: How long a failed probe is remembered (default `3d`).
pub const ADDRESS_VERIFY_NEGATIVE_EXPIRE_TIME: Param<Time> = Param::new(8);

/// `address_verify_negative_refresh_time`: When a failed probe is repeated (default `3h`).
pub const ADDRESS_VERIFY_NEGATIVE_REFRESH_TIME: Param<Time> = Param::new(9);

/// `address_verify_pending_request_limit`: How many probes may be in the queue (default `5000`).
pub const ADDRESS_VERIFY_PENDING_REQUEST_LIMIT: Param<Int> = Param::new(10);

/// `address_verify_poll_count`: How often to ask for a probe's outcome while the client waits (default `${stress?{1}:{3}}`).
pub const ADDRESS_VERIFY_POLL_COUNT: Param<Int> = Param::new(11);

/// `address_verify_poll_delay`: How long to wait between (default `3s`).
pub const ADDRESS_VERIFY_POLL_DELAY: Param<Time> = Param::new(12);

/// `address_verify_positive_expire_time`: How long a good probe is remembered (default `31d`).
pub const ADDRESS_VERIFY_POSITIVE_EXPIRE_TIME: Param<Time> = Param::new(13);

/// `address_verify_positive_refresh_time`: When a good probe is repeated (default `7d`).
pub const ADDRESS_VERIFY_POSITIVE_REFRESH_TIME: Param<Time> = Param::new(14);

/// `address_verify_relay_transport`: relay_transport for probes (default `$relay_transport`).
pub const ADDRESS_VERIFY_RELAY_TRANSPORT: Param<Str> = Param::new(15);

/// `address_verify_relayhost`: relayhost for probes (default `$relayhost`).
pub const ADDRESS_VERIFY_RELAYHOST: Param<Str> = Param::new(16);

/// `address_verify_sender`: The sender of probes (default `$double_bounce_sender`).
pub const ADDRESS_VERIFY_SENDER: Param<Str> = Param::new(17);

/// `address_verify_sender_dependent_default_transport_maps`: sender_dependent_default_transport_maps for probes (default `$sender_dependent_default_transport_maps`).
pub const ADDRESS_VERIFY_SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS: Param<Str> = Param::new(18);

/// `address_verify_sender_dependent_relayhost_maps`: sender_dependent_relayhost_maps for probes (default `$sender_dependent_relayhost_maps`).
pub const ADDRESS_VERIFY_SENDER_DEPENDENT_RELAYHOST_MAPS: Param<Str> = Param::new(19);

/// `address_verify_sender_ttl`: How often the sender of probes changes; 0 is never (default `0s`).
pub const ADDRESS_VERIFY_SENDER_TTL: Param<Time> = Param::new(20);

/// `address_verify_service_name`: The service that remembers probes (default `verify`).
pub const ADDRESS_VERIFY_SERVICE_NAME: Param<Str> = Param::new(21);

/// `address_verify_transport_maps`: transport_maps for probes (default `$transport_maps`).
pub const ADDRESS_VERIFY_TRANSPORT_MAPS: Param<Str> = Param::new(22);

/// `address_verify_virtual_transport`: virtual_transport for probes (default `$virtual_transport`).
pub const ADDRESS_VERIFY_VIRTUAL_TRANSPORT: Param<Str> = Param::new(23);

/// `alias_database`: The alias tables that newaliases builds (default `$default_database_type:/etc/aliases`).
pub const ALIAS_DATABASE: Param<Str> = Param::new(24);

/// `alias_maps`: The alias tables that local(8) asks; see aliases(5) (default `$default_database_type:/etc/aliases, nis:mail.aliases`).
pub const ALIAS_MAPS: Param<Str> = Param::new(25);

/// `allow_mail_to_commands`: Where a |command may stand: alias, forward, include (default `alias, forward`).
pub const ALLOW_MAIL_TO_COMMANDS: Param<Str> = Param::new(26);

/// `allow_mail_to_files`: Where a /file may stand: alias, forward, include (default `alias, forward`).
pub const ALLOW_MAIL_TO_FILES: Param<Str> = Param::new(27);

/// `allow_min_user`: Accept recipients that begin with a dash (default `no`).
pub const ALLOW_MIN_USER: Param<Bool> = Param::new(28);

/// `allow_percent_hack`: Take user%domain for user@domain (default `yes`).
pub const ALLOW_PERCENT_HACK: Param<Bool> = Param::new(29);

/// `allow_srv_lookup_fallback`: Look for MX records when there is no SRV record (default `no`).
pub const ALLOW_SRV_LOOKUP_FALLBACK: Param<Bool> = Param::new(30);

/// `allow_untrusted_routing`: Accept mail with sender-given routing (user@domain@domain) for domains that this host relays for (default `no`).
pub const ALLOW_UNTRUSTED_ROUTING: Param<Bool> = Param::new(31);

/// `alternate_config_directories`: Directories that set-gid commands accept by -c or MAIL_CONFIG, besides the default (default empty).
pub const ALTERNATE_CONFIG_DIRECTORIES: Param<Str> = Param::new(32);

/// `always_add_missing_headers`: Add missing From, To, Date and Message-Id headers to mail from all clients, not only from those that local_header_rewrite_clients lists (default `no`).
pub const ALWAYS_ADD_MISSING_HEADERS: Param<Bool> = Param::new(33);

/// `always_bcc`: An address that gets a copy of every message (default empty).
pub const ALWAYS_BCC: Param<Str> = Param::new(34);

/// `anvil_rate_time_unit`: The period over which anvil(8) counts for the client rate limits (default `60s`).
pub const ANVIL_RATE_TIME_UNIT: Param<Time> = Param::new(35);

/// `anvil_status_update_time`: How often anvil(8) logs the largest counts that it has seen (default `600s`).
pub const ANVIL_STATUS_UPDATE_TIME: Param<Time> = Param::new(36);

/// `append_at_myorigin`: Complete addresses without domain by myorigin (default `yes`).
pub const APPEND_AT_MYORIGIN: Param<Bool> = Param::new(37);

/// `append_dot_mydomain`: Complete domains without dot by mydomain (default `${{$compatibility_level} <level {1} ? {yes} : {no}}`).
pub const APPEND_DOT_MYDOMAIN: Param<Bool> = Param::new(38);

/// `application_event_drain_time`: How long the exit of a process waits for replies that it owes to clients to be taken (default `100s`).
pub const APPLICATION_EVENT_DRAIN_TIME: Param<Time> = Param::new(39);

/// `authorized_flush_users`: Which users may flush the queue (default `static:anyone`).
pub const AUTHORIZED_FLUSH_USERS: Param<Str> = Param::new(40);

/// `authorized_mailq_users`: Which users may list the queue (default `static:anyone`).
pub const AUTHORIZED_MAILQ_USERS: Param<Str> = Param::new(41);

/// `authorized_submit_users`: Which users may submit mail with sendmail and postdrop (default `static:anyone`).
pub const AUTHORIZED_SUBMIT_USERS: Param<Str> = Param::new(42);

/// `authorized_verp_clients`: default empty.
pub const AUTHORIZED_VERP_CLIENTS: Param<Str> = Param::new(43);

/// `backwards_bounce_logfile_compatibility`: Write delivery status also in the format of old releases (default `yes`).
pub const BACKWARDS_BOUNCE_LOGFILE_COMPATIBILITY: Param<Bool> = Param::new(44);

/// `berkeley_db_create_buffer_size`: Memory for making hash and btree tables (default `16777216`).
pub const BERKELEY_DB_CREATE_BUFFER_SIZE: Param<Int> = Param::new(45);

/// `berkeley_db_read_buffer_size`: Memory for reading hash and btree tables (default `131072`).
pub const BERKELEY_DB_READ_BUFFER_SIZE: Param<Int> = Param::new(46);

/// `best_mx_transport`: The transport for mail that a destination's MX record sends to this host though it is in none of its domains; empty returns it as a loop (default empty).
pub const BEST_MX_TRANSPORT: Param<Str> = Param::new(47);

/// `biff`: Tell the biff service about new mail (default `yes`).
pub const BIFF: Param<Bool> = Param::new(48);

/// `body_checks`: Tables of patterns for lines of the body; see header_checks(5) (default empty).
pub const BODY_CHECKS: Param<Str> = Param::new(49);

/// `body_checks_size_limit`: How much of each body part body_checks sees (default `51200`).
pub const BODY_CHECKS_SIZE_LIMIT: Param<Int> = Param::new(50);

/// `bounce_notice_recipient`: Who gets the postmaster's copy of notices to senders (notify_classes bounce), with the message's header only (default `postmaster`).
pub const BOUNCE_NOTICE_RECIPIENT: Param<Str> = Param::new(51);

/// `bounce_queue_lifetime`: How long a notice from the mail system itself (null sender) may stay in the queue before it is given up (default `5d`).
pub const BOUNCE_QUEUE_LIFETIME: Param<Time> = Param::new(52);

/// `bounce_service_name`: The service that sends notices about undeliverable mail (default `bounce`).
pub const BOUNCE_SERVICE_NAME: Param<Str> = Param::new(53);

/// `bounce_size_limit`: How many bytes of the original message a notice holds (default `50000`).
pub const BOUNCE_SIZE_LIMIT: Param<Int> = Param::new(54);

/// `bounce_template_file`: A file with the texts of notices; what it does not have is built in (default empty).
pub const BOUNCE_TEMPLATE_FILE: Param<Str> = Param::new(55);

/// `broken_sasl_auth_clients`: Announce AUTH also in the form AUTH=, for old clients (default `no`).
pub const BROKEN_SASL_AUTH_CLIENTS: Param<Bool> = Param::new(56);

/// `canonical_classes`: Which addresses canonical_maps rewrites: envelope_sender, envelope_recipient, header_sender, header_recipient (default `envelope_sender, envelope_recipient, header_sender, header_recipient`).
pub const CANONICAL_CLASSES: Param<Str> = Param::new(57);

/// `canonical_maps`: Tables that rewrite addresses in the envelope and in headers; see canonical(5) (default empty).
pub const CANONICAL_MAPS: Param<Str> = Param::new(58);

/// `cleanup_replace_stray_cr_lf`: Replace each CR or LF that is not part of a line ending by a blank (default `yes`).
pub const CLEANUP_REPLACE_STRAY_CR_LF: Param<Bool> = Param::new(59);

/// `cleanup_service_name`: The service that completes new mail; with -o in master.cf one with other settings (default `cleanup`).
pub const CLEANUP_SERVICE_NAME: Param<Str> = Param::new(60);

/// `command_directory`: Where the commands are (default `/usr/sbin`).
pub const COMMAND_DIRECTORY: Param<Str> = Param::new(61);

/// `command_execution_directory`: The directory in which local(8) runs commands; empty is the queue directory (default empty).
pub const COMMAND_EXECUTION_DIRECTORY: Param<Str> = Param::new(62);

/// `command_expansion_filter`: The characters that values in mailbox_command and command_execution_directory may have; others become underscores (default `1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ`).
pub const COMMAND_EXPANSION_FILTER: Param<Str> = Param::new(63);

/// `command_time_limit`: How long a command run by local(8) may take, and the default of transport time limits (default `1000s`).
pub const COMMAND_TIME_LIMIT: Param<Time> = Param::new(64);

/// `compatibility_level`: The release whose defaults this configuration was written for (default `0`).
pub const COMPATIBILITY_LEVEL: Param<Str> = Param::new(65);

/// `config_directory`: Where main.cf and master.cf are (default `computed`).
pub const CONFIG_DIRECTORY: Param<Str> = Param::new(66);

/// `confirm_delay_cleared`: Tell the sender when mail that he had a delay warning for is delivered (default `no`).
pub const CONFIRM_DELAY_CLEARED: Param<Bool> = Param::new(67);

/// `connection_cache_protocol_timeout`: How long a cached connection's hand-over may take (default `5s`).
pub const CONNECTION_CACHE_PROTOCOL_TIMEOUT: Param<Time> = Param::new(68);

/// `connection_cache_service_name`: The service that keeps connections (default `scache`).
pub const CONNECTION_CACHE_SERVICE_NAME: Param<Str> = Param::new(69);

/// `connection_cache_status_update_time`: How often scache(8) logs how well it does (default `600s`).
pub const CONNECTION_CACHE_STATUS_UPDATE_TIME: Param<Time> = Param::new(70);

/// `connection_cache_ttl_limit`: How long scache(8) keeps a connection at most (default `2s`).
pub const CONNECTION_CACHE_TTL_LIMIT: Param<Time> = Param::new(71);

/// `content_filter`: A transport and nexthop to which all new mail goes for inspection before it is delivered (default empty).
pub const CONTENT_FILTER: Param<Str> = Param::new(72);

/// `cyrus_sasl_config_path`: default empty.
pub const CYRUS_SASL_CONFIG_PATH: Param<Str> = Param::new(73);

/// `daemon_directory`: Where the daemons are (default `/usr/lib/postfix/sbin`).
pub const DAEMON_DIRECTORY: Param<Str> = Param::new(74);

/// `daemon_table_open_error_is_fatal`: End a daemon that cannot open a table, instead of having lookups in it fail (default `no`).
pub const DAEMON_TABLE_OPEN_ERROR_IS_FATAL: Param<Bool> = Param::new(75);

/// `daemon_timeout`: How long a daemon may work on a request before a watchdog ends it (default `18000s`).
pub const DAEMON_TIMEOUT: Param<Time> = Param::new(76);

/// `data_directory`: Where data that a daemon writes are: caches and locks (default `/var/lib/postfix`).
pub const DATA_DIRECTORY: Param<Str> = Param::new(77);

/// `debug_peer_level`: How much more is logged for clients and servers of debug_peer_list (default `2`).
pub const DEBUG_PEER_LEVEL: Param<Int> = Param::new(78);

/// `debug_peer_list`: Clients and servers, by name, address or network, whose sessions are logged in detail (default empty).
pub const DEBUG_PEER_LIST: Param<Str> = Param::new(79);

/// `debugger_command`: The shell command that is run with $daemon_directory, $process_name and $process_id when a daemon starts with -D (default empty).
pub const DEBUGGER_COMMAND: Param<Str> = Param::new(80);

/// `default_cache_db_type`: The table type of caches whose name has none (default `lmdb`).
pub const DEFAULT_CACHE_DB_TYPE: Param<Str> = Param::new(81);

/// `default_database_type`: The table type where none is given, for postmap, postalias and newaliases (default `cdb`).
pub const DEFAULT_DATABASE_TYPE: Param<Str> = Param::new(82);

/// `default_delivery_slot_cost`: The default of transport delivery slot costs (default `5`).
pub const DEFAULT_DELIVERY_SLOT_COST: Param<Int> = Param::new(83);

/// `default_delivery_slot_discount`: The default of transport delivery slot discounts (default `50`).
pub const DEFAULT_DELIVERY_SLOT_DISCOUNT: Param<Int> = Param::new(84);

/// `default_delivery_slot_loan`: The default of transport delivery slot loans (default `3`).
pub const DEFAULT_DELIVERY_SLOT_LOAN: Param<Int> = Param::new(85);

/// `default_delivery_status_filter`: A table that changes delivery status codes and reasons: unless an agent has its own (default empty).
pub const DEFAULT_DELIVERY_STATUS_FILTER: Param<Str> = Param::new(86);

/// `default_destination_concurrency_failed_cohort_limit`: After how many rounds of failure in a row a destination counts as dead, unless its transport has a limit of its own (default `1`).
pub const DEFAULT_DESTINATION_CONCURRENCY_FAILED_COHORT_LIMIT: Param<Int> = Param::new(87);

/// `default_destination_concurrency_limit`: How many deliveries to the same destination run at once at most, unless the transport has a limit of its own (default `20`).
pub const DEFAULT_DESTINATION_CONCURRENCY_LIMIT: Param<Int> = Param::new(88);

/// `default_destination_concurrency_negative_feedback`: How much failure lowers the concurrency of a destination: a number, or 1/concurrency (default `1`).
pub const DEFAULT_DESTINATION_CONCURRENCY_NEGATIVE_FEEDBACK: Param<Str> = Param::new(89);

/// `default_destination_concurrency_positive_feedback`: How much success raises the concurrency of a destination: a number, or 1/concurrency (default `1`).
pub const DEFAULT_DESTINATION_CONCURRENCY_POSITIVE_FEEDBACK: Param<Str> = Param::new(90);

/// `default_destination_rate_delay`: How long to wait between deliveries to the same destination, unless the transport has a delay of its own (default `0s`).
pub const DEFAULT_DESTINATION_RATE_DELAY: Param<Time> = Param::new(91);

/// `default_destination_recipient_limit`: How many recipients one delivery has, unless the transport has a limit of its own (default `50`).
pub const DEFAULT_DESTINATION_RECIPIENT_LIMIT: Param<Int> = Param::new(92);

/// `default_extra_recipient_limit`: The default of transport extra recipient limits (default `1000`).
pub const DEFAULT_EXTRA_RECIPIENT_LIMIT: Param<Int> = Param::new(93);

/// `default_filter_nexthop`: The nexthop of a content_filter that names none; empty is the recipient's domain (default empty).
pub const DEFAULT_FILTER_NEXTHOP: Param<Str> = Param::new(94);

/// `default_minimum_delivery_slots`: The default of transport minimum delivery slots (default `3`).
pub const DEFAULT_MINIMUM_DELIVERY_SLOTS: Param<Int> = Param::new(95);

/// `default_privs`: The user whose rights a command or file delivery gets when no recipient's rights apply (default `nobody`).
pub const DEFAULT_PRIVS: Param<Str> = Param::new(96);

/// `default_process_limit`: How many processes of a service run at once, where master.cf does not say (default `100`).
pub const DEFAULT_PROCESS_LIMIT: Param<Int> = Param::new(97);

/// `default_rbl_reply`: The reply to clients on a DNS list, with $rbl_code, $rbl_class, $rbl_what, $rbl_domain, $rbl_reason and so on (default `$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason}`).
pub const DEFAULT_RBL_REPLY: Param<Str> = Param::new(98);

/// `default_recipient_limit`: How many recipients of a transport the queue manager has in memory, unless the transport has a limit of its own (default `20000`).
pub const DEFAULT_RECIPIENT_LIMIT: Param<Int> = Param::new(99);

/// `default_recipient_refill_delay`: The default of transport recipient refill delays (default `5s`).
pub const DEFAULT_RECIPIENT_REFILL_DELAY: Param<Time> = Param::new(100);

/// `default_recipient_refill_limit`: The default of transport recipient refill limits (default `100`).
pub const DEFAULT_RECIPIENT_REFILL_LIMIT: Param<Int> = Param::new(101);

/// `default_transport`: The transport for domains that are nobody's else (default `smtp`).
pub const DEFAULT_TRANSPORT: Param<Str> = Param::new(102);

/// `default_transport_rate_delay`: The default of transport rate delays (default `0s`).
pub const DEFAULT_TRANSPORT_RATE_DELAY: Param<Time> = Param::new(103);

/// `default_verp_delimiters`: The two characters that VERP puts into sender addresses (default `+=`).
pub const DEFAULT_VERP_DELIMITERS: Param<Str> = Param::new(104);

/// `defer_code`: The SMTP reply code for a defer restriction (default `450`).
pub const DEFER_CODE: Param<Int> = Param::new(105);

/// `defer_service_name`: The service that keeps records of deferred mail (default `defer`).
pub const DEFER_SERVICE_NAME: Param<Str> = Param::new(106);

/// `defer_transports`: Transports whose mail waits until someone flushes the queue (default empty).
pub const DEFER_TRANSPORTS: Param<Str> = Param::new(107);

/// `delay_logging_resolution_limit`: How many digits after the decimal point delays have in the log (default `2`).
pub const DELAY_LOGGING_RESOLUTION_LIMIT: Param<Int> = Param::new(108);

/// `delay_notice_recipient`: Who gets the postmaster's copy of delay warnings (notify_classes delay), with the message's header only (default `postmaster`).
pub const DELAY_NOTICE_RECIPIENT: Param<Str> = Param::new(109);

/// `delay_warning_time`: After this time in the queue the sender is told that his mail is late (default `0h`).
pub const DELAY_WARNING_TIME: Param<Time> = Param::new(110);

/// `deliver_lock_attempts`: How often to try for a mailbox lock (default `20`).
pub const DELIVER_LOCK_ATTEMPTS: Param<Int> = Param::new(111);

/// `deliver_lock_delay`: How long to wait between tries for a mailbox lock (default `1s`).
pub const DELIVER_LOCK_DELAY: Param<Time> = Param::new(112);

/// `destination_concurrency_feedback_debug`: Log how concurrencies change (default `no`).
pub const DESTINATION_CONCURRENCY_FEEDBACK_DEBUG: Param<Bool> = Param::new(113);

/// `detect_8bit_encoding_header`: Let a Content-Transfer-Encoding header decide whether a message counts as 8-bit (default `yes`).
pub const DETECT_8BIT_ENCODING_HEADER: Param<Bool> = Param::new(114);

/// `disable_dns_lookups`: Deprecated: look up hosts without DNS (default `no`).
pub const DISABLE_DNS_LOOKUPS: Param<Bool> = Param::new(115);

/// `disable_mime_input_processing`: Do not look at the MIME structure of incoming mail (default `no`).
pub const DISABLE_MIME_INPUT_PROCESSING: Param<Bool> = Param::new(116);

/// `disable_mime_output_conversion`: Do not convert 8-bit mail to quoted-printable for servers without 8BITMIME (default `no`).
pub const DISABLE_MIME_OUTPUT_CONVERSION: Param<Bool> = Param::new(117);

/// `disable_verp_bounces`: Send one notice for all recipients of a message even when the sender asked for one each (VERP) (default `no`).
pub const DISABLE_VERP_BOUNCES: Param<Bool> = Param::new(118);

/// `disable_vrfy_command`: Turn VRFY off (default `no`).
pub const DISABLE_VRFY_COMMAND: Param<Bool> = Param::new(119);

/// `dns_ncache_ttl_fix_enable`: Work around resolver libraries that report a wrong time to live for names that do not exist (default `no`).
pub const DNS_NCACHE_TTL_FIX_ENABLE: Param<Bool> = Param::new(120);

/// `dnsblog_reply_delay`: default `0s`.
pub const DNSBLOG_REPLY_DELAY: Param<Time> = Param::new(121);

/// `dnsblog_service_name`: default `dnsblog`.
pub const DNSBLOG_SERVICE_NAME: Param<Str> = Param::new(122);

/// `dnssec_probe`: The query, TYPE:name, that finds out whether the resolver checks DNSSEC (default `ns:.`).
pub const DNSSEC_PROBE: Param<Str> = Param::new(123);

/// `dont_remove`: For debugging: keep queue files that would be removed, in the queue saved (default `0`).
pub const DONT_REMOVE: Param<Int> = Param::new(124);

/// `double_bounce_sender`: The sender of notices to the postmaster, and of address probes (default `double-bounce`).
pub const DOUBLE_BOUNCE_SENDER: Param<Str> = Param::new(125);

/// `duplicate_filter_limit`: How many addresses are remembered in order to drop duplicate recipients of a message (default `1000`).
pub const DUPLICATE_FILTER_LIMIT: Param<Int> = Param::new(126);

/// `empty_address_default_transport_maps_lookup_key`: The key of the empty sender in sender_dependent_default_transport_maps (default `<>`).
pub const EMPTY_ADDRESS_DEFAULT_TRANSPORT_MAPS_LOOKUP_KEY: Param<Str> = Param::new(127);

/// `empty_address_local_login_sender_maps_lookup_key`: The key of the empty sender in local_login_sender_maps (default `<>`).
pub const EMPTY_ADDRESS_LOCAL_LOGIN_SENDER_MAPS_LOOKUP_KEY: Param<Str> = Param::new(128);

/// `empty_address_recipient`: Who gets mail for the empty address (default `MAILER-DAEMON`).
pub const EMPTY_ADDRESS_RECIPIENT: Param<Str> = Param::new(129);

/// `empty_address_relayhost_maps_lookup_key`: The key of the empty sender in sender_dependent_relayhost_maps (default `<>`).
pub const EMPTY_ADDRESS_RELAYHOST_MAPS_LOOKUP_KEY: Param<Str> = Param::new(130);

/// `enable_idna2003_compatibility`: Use the older rules for internationalized domain names (default `no`).
pub const ENABLE_IDNA2003_COMPATIBILITY: Param<Bool> = Param::new(131);

/// `enable_long_queue_ids`: Use queue ids that are not used again for a long time (default `no`).
pub const ENABLE_LONG_QUEUE_IDS: Param<Bool> = Param::new(132);

/// `enable_original_recipient`: Treat the same address as different recipients when they come from different original recipients, and record X-Original-To (default `yes`).
pub const ENABLE_ORIGINAL_RECIPIENT: Param<Bool> = Param::new(133);

/// `enable_threaded_bounces`: Give notices References and In-Reply-To headers, so that mail programs show them with the message (default `no`).
pub const ENABLE_THREADED_BOUNCES: Param<Bool> = Param::new(134);

/// `error_notice_recipient`: Who gets notices about errors of software, policy, protocol and resources (notify_classes) (default `postmaster`).
pub const ERROR_NOTICE_RECIPIENT: Param<Str> = Param::new(135);

/// `error_service_name`: The service that bounces with a reason (default `error`).
pub const ERROR_SERVICE_NAME: Param<Str> = Param::new(136);

/// `execution_directory_expansion_filter`: The characters that values in command_execution_directory may have (default `1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ`).
pub const EXECUTION_DIRECTORY_EXPANSION_FILTER: Param<Str> = Param::new(137);

/// `expand_owner_alias`: When an alias has an owner- alias, use what that expands to, not its name, as the sender (default `no`).
pub const EXPAND_OWNER_ALIAS: Param<Bool> = Param::new(138);

/// `export_environment`: The environment variables, with or without a value, that programs outside the mail system inherit (default `TZ MAIL_CONFIG LANG`).
pub const EXPORT_ENVIRONMENT: Param<Str> = Param::new(139);

/// `fallback_relay`: default empty.
pub const FALLBACK_RELAY: Param<Str> = Param::new(140);

/// `fallback_transport`: The transport for users that local(8) does not find (default empty).
pub const FALLBACK_TRANSPORT: Param<Str> = Param::new(141);

/// `fallback_transport_maps`: Tables that give such a transport for a recipient (default empty).
pub const FALLBACK_TRANSPORT_MAPS: Param<Str> = Param::new(142);

/// `fast_flush_domains`: The domains for which flush(8) remembers which messages wait, so that ETRN and postqueue -s work (default `$relay_domains`).
pub const FAST_FLUSH_DOMAINS: Param<Str> = Param::new(143);

/// `fast_flush_purge_time`: After this time without a refresh a domain's file is removed (default `7d`).
pub const FAST_FLUSH_PURGE_TIME: Param<Time> = Param::new(144);

/// `fast_flush_refresh_time`: How often a domain's file is brought up to date at least (default `12h`).
pub const FAST_FLUSH_REFRESH_TIME: Param<Time> = Param::new(145);

/// `fault_injection_code`: For tests: the SMTP reply code of a restriction that always fails (default `0`).
pub const FAULT_INJECTION_CODE: Param<Int> = Param::new(146);

/// `ferropost_version`: The version of Ferropost (default `computed`).
pub const FERROPOST_VERSION: Param<Str> = Param::new(147);

/// `flush_service_name`: The service that knows mail by destination (default `flush`).
pub const FLUSH_SERVICE_NAME: Param<Str> = Param::new(148);

/// `force_mime_input_conversion`: Convert 8-bit bodies to quoted-printable when they come in (default `no`).
pub const FORCE_MIME_INPUT_CONVERSION: Param<Bool> = Param::new(149);

/// `fork_attempts`: How often to try to start a process (default `5`).
pub const FORK_ATTEMPTS: Param<Int> = Param::new(150);

/// `fork_delay`: How long to wait between tries to start a process (default `1s`).
pub const FORK_DELAY: Param<Time> = Param::new(151);

/// `forward_expansion_filter`: The characters that values in forward_path may have (default `1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ`).
pub const FORWARD_EXPANSION_FILTER: Param<Str> = Param::new(152);

/// `forward_path`: Where local(8) looks for a recipient's .forward file: names with $home, $user, $extension, $recipient_delimiter and so on (default `$home/.forward${recipient_delimiter}${extension}, $home/.forward`).
pub const FORWARD_PATH: Param<Str> = Param::new(153);

/// `frozen_delivered_to`: Keep a message's Delivered-To for all of an alias expansion instead of changing it at each step (default `yes`).
pub const FROZEN_DELIVERED_TO: Param<Bool> = Param::new(154);

/// `full_name_encoding_charset`: The character set of a full name that is not ASCII, for the From header that sendmail makes (default `utf-8`).
pub const FULL_NAME_ENCODING_CHARSET: Param<Str> = Param::new(155);

/// `hash_queue_depth`: How many levels of subdirectories the queues of hash_queue_names have (default `1`).
pub const HASH_QUEUE_DEPTH: Param<Int> = Param::new(156);

/// `hash_queue_names`: Queues whose files are spread over subdirectories (default `deferred, defer`).
pub const HASH_QUEUE_NAMES: Param<Str> = Param::new(157);

/// `header_address_token_limit`: How many tokens of an address header are parsed; the rest is dropped (default `10240`).
pub const HEADER_ADDRESS_TOKEN_LIMIT: Param<Int> = Param::new(158);

/// `header_checks`: Tables of patterns for header lines; see header_checks(5) (default empty).
pub const HEADER_CHECKS: Param<Str> = Param::new(159);

/// `header_from_format`: Where the full name stands in a From header that is added: standard (name <address>) or obsolete (address (name)) (default `standard`).
pub const HEADER_FROM_FORMAT: Param<Str> = Param::new(160);

/// `header_size_limit`: How many bytes a header may have; the rest is cut off (default `102400`).
pub const HEADER_SIZE_LIMIT: Param<Int> = Param::new(161);

/// `helpful_warnings`: Warn of problems with configuration or protocol that do not stop anything (default `yes`).
pub const HELPFUL_WARNINGS: Param<Bool> = Param::new(162);

/// `home_mailbox`: The mailbox, relative to the home directory; Maildir when the name ends in a slash (default empty).
pub const HOME_MAILBOX: Param<Str> = Param::new(163);

/// `hopcount_limit`: How many Received or Delivered-To headers a message may have before it counts as looping (default `50`).
pub const HOPCOUNT_LIMIT: Param<Int> = Param::new(164);

/// `html_directory`: Where documentation in HTML is, or no (default `/usr/share/doc/postfix/html`).
pub const HTML_DIRECTORY: Param<Str> = Param::new(165);

/// `ignore_mx_lookup_error`: Take the host itself when its MX lookup fails for a while (default `no`).
pub const IGNORE_MX_LOOKUP_ERROR: Param<Bool> = Param::new(166);

/// `ignore_srv_lookup_error`: Look for MX records when the SRV lookup fails for a while (default `no`).
pub const IGNORE_SRV_LOOKUP_ERROR: Param<Bool> = Param::new(167);

/// `import_environment`: The environment variables, with or without a value, that the mail system takes over when it is started (default `MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME XDG_RUNTIME_DIR`).
pub const IMPORT_ENVIRONMENT: Param<Str> = Param::new(168);

/// `in_flow_delay`: How long new mail is held up for when the incoming queue grows faster than it empties (default `1s`).
pub const IN_FLOW_DELAY: Param<Time> = Param::new(169);

/// `inet_interfaces`: The addresses on which mail is received, and which count as this host's own: names, addresses, all, or loopback-only (default `all`).
pub const INET_INTERFACES: Param<Str> = Param::new(170);

/// `inet_protocols`: The Internet protocols to use: ipv4, ipv6, or all that this host has (default `all`).
pub const INET_PROTOCOLS: Param<Str> = Param::new(171);

/// `info_log_address_format`: How the log shows addresses: external (quoted as in mail) or internal (default `external`).
pub const INFO_LOG_ADDRESS_FORMAT: Param<Str> = Param::new(172);

/// `initial_destination_concurrency`: How many deliveries to a destination run at once at first (default `5`).
pub const INITIAL_DESTINATION_CONCURRENCY: Param<Int> = Param::new(173);

/// `internal_mail_filter_classes`: Which mail that the system itself makes is filtered: bounce, notify (default empty).
pub const INTERNAL_MAIL_FILTER_CLASSES: Param<Str> = Param::new(174);

/// `invalid_hostname_reject_code`: The SMTP reply code for reject_invalid_helo_hostname (default `501`).
pub const INVALID_HOSTNAME_REJECT_CODE: Param<Int> = Param::new(175);

/// `ipc_idle`: How long an internal connection that nobody uses stays open at the client's side (default `5s`).
pub const IPC_IDLE: Param<Time> = Param::new(176);

/// `ipc_timeout`: How long to wait for a reply on an internal connection (default `3600s`).
pub const IPC_TIMEOUT: Param<Time> = Param::new(177);

/// `ipc_ttl`: How long an internal connection is used before it is closed and opened anew (default `1000s`).
pub const IPC_TTL: Param<Time> = Param::new(178);

/// `known_tcp_ports`: Names of ports, as name=number, that are known without asking the system (default `lmtp=24, smtp=25, smtps=submissions=465, submission=587`).
pub const KNOWN_TCP_PORTS: Param<Str> = Param::new(179);

/// `line_length_limit`: How long a line of mail may be on its way through the system; longer ones are split (default `2048`).
pub const LINE_LENGTH_LIMIT: Param<Int> = Param::new(180);

/// `lmdb_map_size`: How large an LMDB file may become at first; it grows by itself (default `16777216`).
pub const LMDB_MAP_SIZE: Param<Int> = Param::new(181);

/// `lmtp_address_preference`: default `any`.
pub const LMTP_ADDRESS_PREFERENCE: Param<Str> = Param::new(182);

/// `lmtp_address_verify_target`: default `rcpt`.
pub const LMTP_ADDRESS_VERIFY_TARGET: Param<Str> = Param::new(183);

/// `lmtp_assume_final`: default `no`.
pub const LMTP_ASSUME_FINAL: Param<Bool> = Param::new(184);

/// `lmtp_balance_inet_protocols`: default `yes`.
pub const LMTP_BALANCE_INET_PROTOCOLS: Param<Bool> = Param::new(185);

/// `lmtp_bind_address`: default empty.
pub const LMTP_BIND_ADDRESS: Param<Str> = Param::new(186);

/// `lmtp_bind_address6`: default empty.
pub const LMTP_BIND_ADDRESS6: Param<Str> = Param::new(187);

/// `lmtp_bind_address_enforce`: default `no`.
pub const LMTP_BIND_ADDRESS_ENFORCE: Param<Bool> = Param::new(188);

/// `lmtp_body_checks`: default empty.
pub const LMTP_BODY_CHECKS: Param<Str> = Param::new(189);

/// `lmtp_cname_overrides_servername`: default `no`.
pub const LMTP_CNAME_OVERRIDES_SERVERNAME: Param<Bool> = Param::new(190);

/// `lmtp_connect_timeout`: default `0s`.
pub const LMTP_CONNECT_TIMEOUT: Param<Time> = Param::new(191);

/// `lmtp_connection_cache_destinations`: default empty.
pub const LMTP_CONNECTION_CACHE_DESTINATIONS: Param<Str> = Param::new(192);

/// `lmtp_connection_cache_on_demand`: default `yes`.
pub const LMTP_CONNECTION_CACHE_ON_DEMAND: Param<Bool> = Param::new(193);

/// `lmtp_connection_cache_time_limit`: default `2s`.
pub const LMTP_CONNECTION_CACHE_TIME_LIMIT: Param<Time> = Param::new(194);

/// `lmtp_connection_reuse_count_limit`: default `0`.
pub const LMTP_CONNECTION_REUSE_COUNT_LIMIT: Param<Int> = Param::new(195);

/// `lmtp_connection_reuse_time_limit`: default `300s`.
pub const LMTP_CONNECTION_REUSE_TIME_LIMIT: Param<Time> = Param::new(196);

/// `lmtp_data_done_timeout`: default `600s`.
pub const LMTP_DATA_DONE_TIMEOUT: Param<Time> = Param::new(197);

/// `lmtp_data_init_timeout`: default `120s`.
pub const LMTP_DATA_INIT_TIMEOUT: Param<Time> = Param::new(198);

/// `lmtp_data_xfer_timeout`: default `180s`.
pub const LMTP_DATA_XFER_TIMEOUT: Param<Time> = Param::new(199);

/// `lmtp_defer_if_no_mx_address_found`: default `no`.
pub const LMTP_DEFER_IF_NO_MX_ADDRESS_FOUND: Param<Bool> = Param::new(200);

/// `lmtp_delivery_status_filter`: default `$default_delivery_status_filter`.
pub const LMTP_DELIVERY_STATUS_FILTER: Param<Str> = Param::new(201);

/// `lmtp_discard_lhlo_keyword_address_maps`: default empty.
pub const LMTP_DISCARD_LHLO_KEYWORD_ADDRESS_MAPS: Param<Str> = Param::new(202);

/// `lmtp_discard_lhlo_keywords`: default empty.
pub const LMTP_DISCARD_LHLO_KEYWORDS: Param<Str> = Param::new(203);

/// `lmtp_dns_reply_filter`: default empty.
pub const LMTP_DNS_REPLY_FILTER: Param<Str> = Param::new(204);

/// `lmtp_dns_resolver_options`: default empty.
pub const LMTP_DNS_RESOLVER_OPTIONS: Param<Str> = Param::new(205);

/// `lmtp_dns_support_level`: default empty.
pub const LMTP_DNS_SUPPORT_LEVEL: Param<Str> = Param::new(206);

/// `lmtp_enforce_tls`: default `no`.
pub const LMTP_ENFORCE_TLS: Param<Bool> = Param::new(207);

/// `lmtp_fallback_relay`: default empty.
pub const LMTP_FALLBACK_RELAY: Param<Str> = Param::new(208);

/// `lmtp_generic_maps`: default empty.
pub const LMTP_GENERIC_MAPS: Param<Str> = Param::new(209);

/// `lmtp_header_checks`: default empty.
pub const LMTP_HEADER_CHECKS: Param<Str> = Param::new(210);

/// `lmtp_host_lookup`: default `dns`.
pub const LMTP_HOST_LOOKUP: Param<Str> = Param::new(211);

/// `lmtp_lhlo_name`: default `$myhostname`.
pub const LMTP_LHLO_NAME: Param<Str> = Param::new(212);

/// `lmtp_lhlo_timeout`: default `300s`.
pub const LMTP_LHLO_TIMEOUT: Param<Time> = Param::new(213);

/// `lmtp_line_length_limit`: default `998`.
pub const LMTP_LINE_LENGTH_LIMIT: Param<Int> = Param::new(214);

/// `lmtp_log_tls_feature_status`: default `yes`.
pub const LMTP_LOG_TLS_FEATURE_STATUS: Param<Bool> = Param::new(215);

/// `lmtp_mail_timeout`: default `300s`.
pub const LMTP_MAIL_TIMEOUT: Param<Time> = Param::new(216);

/// `lmtp_mime_header_checks`: default empty.
pub const LMTP_MIME_HEADER_CHECKS: Param<Str> = Param::new(217);

/// `lmtp_min_data_rate`: default `500`.
pub const LMTP_MIN_DATA_RATE: Param<Int> = Param::new(218);

/// `lmtp_mx_address_limit`: default `5`.
pub const LMTP_MX_ADDRESS_LIMIT: Param<Int> = Param::new(219);

/// `lmtp_mx_session_limit`: default `2`.
pub const LMTP_MX_SESSION_LIMIT: Param<Int> = Param::new(220);

/// `lmtp_nested_header_checks`: default empty.
pub const LMTP_NESTED_HEADER_CHECKS: Param<Str> = Param::new(221);

/// `lmtp_per_record_deadline`: default empty.
pub const LMTP_PER_RECORD_DEADLINE: Param<Str> = Param::new(222);

/// `lmtp_per_request_deadline`: default `${lmtp_per_record_deadline?{$lmtp_per_record_deadline}:{no}}`.
pub const LMTP_PER_REQUEST_DEADLINE: Param<Bool> = Param::new(223);

/// `lmtp_pix_workaround_delay_time`: default `10s`.
pub const LMTP_PIX_WORKAROUND_DELAY_TIME: Param<Time> = Param::new(224);

/// `lmtp_pix_workaround_maps`: default empty.
pub const LMTP_PIX_WORKAROUND_MAPS: Param<Str> = Param::new(225);

/// `lmtp_pix_workaround_threshold_time`: default `500s`.
pub const LMTP_PIX_WORKAROUND_THRESHOLD_TIME: Param<Time> = Param::new(226);

/// `lmtp_pix_workarounds`: default `disable_esmtp,delay_dotcrlf`.
pub const LMTP_PIX_WORKAROUNDS: Param<Str> = Param::new(227);

/// `lmtp_quit_timeout`: default `300s`.
pub const LMTP_QUIT_TIMEOUT: Param<Time> = Param::new(228);

/// `lmtp_quote_rfc821_envelope`: default `yes`.
pub const LMTP_QUOTE_RFC821_ENVELOPE: Param<Bool> = Param::new(229);

/// `lmtp_randomize_addresses`: default `yes`.
pub const LMTP_RANDOMIZE_ADDRESSES: Param<Bool> = Param::new(230);

/// `lmtp_rcpt_timeout`: default `300s`.
pub const LMTP_RCPT_TIMEOUT: Param<Time> = Param::new(231);

/// `lmtp_reply_filter`: default empty.
pub const LMTP_REPLY_FILTER: Param<Str> = Param::new(232);

/// `lmtp_requiretls_policy`: default `opportunistic`.
pub const LMTP_REQUIRETLS_POLICY: Param<Str> = Param::new(233);

/// `lmtp_rset_timeout`: default `20s`.
pub const LMTP_RSET_TIMEOUT: Param<Time> = Param::new(234);

/// `lmtp_sasl_auth_cache_name`: default empty.
pub const LMTP_SASL_AUTH_CACHE_NAME: Param<Str> = Param::new(235);

/// `lmtp_sasl_auth_cache_time`: default `90d`.
pub const LMTP_SASL_AUTH_CACHE_TIME: Param<Time> = Param::new(236);

/// `lmtp_sasl_auth_enable`: default `no`.
pub const LMTP_SASL_AUTH_ENABLE: Param<Bool> = Param::new(237);

/// `lmtp_sasl_auth_soft_bounce`: default `yes`.
pub const LMTP_SASL_AUTH_SOFT_BOUNCE: Param<Bool> = Param::new(238);

/// `lmtp_sasl_mechanism_filter`: default empty.
pub const LMTP_SASL_MECHANISM_FILTER: Param<Str> = Param::new(239);

/// `lmtp_sasl_password_maps`: default empty.
pub const LMTP_SASL_PASSWORD_MAPS: Param<Str> = Param::new(240);

/// `lmtp_sasl_password_result_delimiter`: default `:`.
pub const LMTP_SASL_PASSWORD_RESULT_DELIMITER: Param<Str> = Param::new(241);

/// `lmtp_sasl_path`: default empty.
pub const LMTP_SASL_PATH: Param<Str> = Param::new(242);

/// `lmtp_sasl_security_options`: default `noplaintext, noanonymous`.
pub const LMTP_SASL_SECURITY_OPTIONS: Param<Str> = Param::new(243);

/// `lmtp_sasl_tls_security_options`: default `$lmtp_sasl_security_options`.
pub const LMTP_SASL_TLS_SECURITY_OPTIONS: Param<Str> = Param::new(244);

/// `lmtp_sasl_tls_verified_security_options`: default `$lmtp_sasl_tls_security_options`.
pub const LMTP_SASL_TLS_VERIFIED_SECURITY_OPTIONS: Param<Str> = Param::new(245);

/// `lmtp_sasl_type`: default `cyrus`.
pub const LMTP_SASL_TYPE: Param<Str> = Param::new(246);

/// `lmtp_send_dummy_mail_auth`: default `no`.
pub const LMTP_SEND_DUMMY_MAIL_AUTH: Param<Bool> = Param::new(247);

/// `lmtp_send_xforward_command`: default `no`.
pub const LMTP_SEND_XFORWARD_COMMAND: Param<Bool> = Param::new(248);

/// `lmtp_sender_dependent_authentication`: default `no`.
pub const LMTP_SENDER_DEPENDENT_AUTHENTICATION: Param<Bool> = Param::new(249);

/// `lmtp_skip_5xx_greeting`: default `yes`.
pub const LMTP_SKIP_5XX_GREETING: Param<Bool> = Param::new(250);

/// `lmtp_skip_quit_response`: default `no`.
pub const LMTP_SKIP_QUIT_RESPONSE: Param<Bool> = Param::new(251);

/// `lmtp_starttls_timeout`: default `300s`.
pub const LMTP_STARTTLS_TIMEOUT: Param<Time> = Param::new(252);

/// `lmtp_tcp_port`: default `24`.
pub const LMTP_TCP_PORT: Param<Str> = Param::new(253);

/// `lmtp_tls_CAfile`: default empty.
pub const LMTP_TLS_CAFILE: Param<Str> = Param::new(254);

/// `lmtp_tls_CApath`: default empty.
pub const LMTP_TLS_CAPATH: Param<Str> = Param::new(255);

/// `lmtp_tls_block_early_mail_reply`: default `no`.
pub const LMTP_TLS_BLOCK_EARLY_MAIL_REPLY: Param<Bool> = Param::new(256);

/// `lmtp_tls_cert_file`: default empty.
pub const LMTP_TLS_CERT_FILE: Param<Str> = Param::new(257);

/// `lmtp_tls_chain_files`: default empty.
pub const LMTP_TLS_CHAIN_FILES: Param<Str> = Param::new(258);

/// `lmtp_tls_ciphers`: default `medium`.
pub const LMTP_TLS_CIPHERS: Param<Str> = Param::new(259);

/// `lmtp_tls_connection_reuse`: default `no`.
pub const LMTP_TLS_CONNECTION_REUSE: Param<Bool> = Param::new(260);

/// `lmtp_tls_dcert_file`: default empty.
pub const LMTP_TLS_DCERT_FILE: Param<Str> = Param::new(261);

/// `lmtp_tls_dkey_file`: default `$lmtp_tls_dcert_file`.
pub const LMTP_TLS_DKEY_FILE: Param<Str> = Param::new(262);

/// `lmtp_tls_eccert_file`: default empty.
pub const LMTP_TLS_ECCERT_FILE: Param<Str> = Param::new(263);

/// `lmtp_tls_eckey_file`: default `$lmtp_tls_eccert_file`.
pub const LMTP_TLS_ECKEY_FILE: Param<Str> = Param::new(264);

/// `lmtp_tls_enable_rpk`: default `no`.
pub const LMTP_TLS_ENABLE_RPK: Param<Bool> = Param::new(265);

/// `lmtp_tls_enforce_peername`: default `yes`.
pub const LMTP_TLS_ENFORCE_PEERNAME: Param<Bool> = Param::new(266);

/// `lmtp_tls_enforce_sts_mx_patterns`: default `yes`.
pub const LMTP_TLS_ENFORCE_STS_MX_PATTERNS: Param<Bool> = Param::new(267);

/// `lmtp_tls_exclude_ciphers`: default empty.
pub const LMTP_TLS_EXCLUDE_CIPHERS: Param<Str> = Param::new(268);

/// `lmtp_tls_fingerprint_cert_match`: default empty.
pub const LMTP_TLS_FINGERPRINT_CERT_MATCH: Param<Str> = Param::new(269);

/// `lmtp_tls_fingerprint_digest`: default `${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}`.
pub const LMTP_TLS_FINGERPRINT_DIGEST: Param<Str> = Param::new(270);

/// `lmtp_tls_force_insecure_host_tlsa_lookup`: default `no`.
pub const LMTP_TLS_FORCE_INSECURE_HOST_TLSA_LOOKUP: Param<Bool> = Param::new(271);

/// `lmtp_tls_key_file`: default `$lmtp_tls_cert_file`.
pub const LMTP_TLS_KEY_FILE: Param<Str> = Param::new(272);

/// `lmtp_tls_loglevel`: default `0`.
pub const LMTP_TLS_LOGLEVEL: Param<Str> = Param::new(273);

/// `lmtp_tls_mandatory_ciphers`: default `medium`.
pub const LMTP_TLS_MANDATORY_CIPHERS: Param<Str> = Param::new(274);

/// `lmtp_tls_mandatory_exclude_ciphers`: default empty.
pub const LMTP_TLS_MANDATORY_EXCLUDE_CIPHERS: Param<Str> = Param::new(275);

/// `lmtp_tls_mandatory_protocols`: default `>=TLSv1`.
pub const LMTP_TLS_MANDATORY_PROTOCOLS: Param<Str> = Param::new(276);

/// `lmtp_tls_note_starttls_offer`: default `no`.
pub const LMTP_TLS_NOTE_STARTTLS_OFFER: Param<Bool> = Param::new(277);

/// `lmtp_tls_per_site`: default empty.
pub const LMTP_TLS_PER_SITE: Param<Str> = Param::new(278);

/// `lmtp_tls_policy_maps`: default empty.
pub const LMTP_TLS_POLICY_MAPS: Param<Str> = Param::new(279);

/// `lmtp_tls_protocols`: default `>=TLSv1`.
pub const LMTP_TLS_PROTOCOLS: Param<Str> = Param::new(280);

/// `lmtp_tls_scert_verifydepth`: default `9`.
pub const LMTP_TLS_SCERT_VERIFYDEPTH: Param<Int> = Param::new(281);

/// `lmtp_tls_secure_cert_match`: default `nexthop`.
pub const LMTP_TLS_SECURE_CERT_MATCH: Param<Str> = Param::new(282);

/// `lmtp_tls_security_level`: default empty.
pub const LMTP_TLS_SECURITY_LEVEL: Param<Str> = Param::new(283);

/// `lmtp_tls_servername`: default empty.
pub const LMTP_TLS_SERVERNAME: Param<Str> = Param::new(284);

/// `lmtp_tls_session_cache_database`: default empty.
pub const LMTP_TLS_SESSION_CACHE_DATABASE: Param<Str> = Param::new(285);

/// `lmtp_tls_session_cache_timeout`: default `3600s`.
pub const LMTP_TLS_SESSION_CACHE_TIMEOUT: Param<Time> = Param::new(286);

/// `lmtp_tls_trust_anchor_file`: default empty.
pub const LMTP_TLS_TRUST_ANCHOR_FILE: Param<Str> = Param::new(287);

/// `lmtp_tls_verify_cert_match`: default `hostname`.
pub const LMTP_TLS_VERIFY_CERT_MATCH: Param<Str> = Param::new(288);

/// `lmtp_tls_wrappermode`: default `no`.
pub const LMTP_TLS_WRAPPERMODE: Param<Bool> = Param::new(289);

/// `lmtp_tlsrpt_enable`: default `no`.
pub const LMTP_TLSRPT_ENABLE: Param<Bool> = Param::new(290);

/// `lmtp_tlsrpt_skip_reused_handshakes`: default `no`.
pub const LMTP_TLSRPT_SKIP_REUSED_HANDSHAKES: Param<Bool> = Param::new(291);

/// `lmtp_tlsrpt_socket_name`: default empty.
pub const LMTP_TLSRPT_SOCKET_NAME: Param<Str> = Param::new(292);

/// `lmtp_use_tls`: default `no`.
pub const LMTP_USE_TLS: Param<Bool> = Param::new(293);

/// `lmtp_xforward_timeout`: default `300s`.
pub const LMTP_XFORWARD_TIMEOUT: Param<Time> = Param::new(294);

/// `local_command_shell`: The shell for commands of local(8); empty runs them without one where possible (default empty).
pub const LOCAL_COMMAND_SHELL: Param<Str> = Param::new(295);

/// `local_delivery_status_filter`: default_delivery_status_filter of local(8) (default `$default_delivery_status_filter`).
pub const LOCAL_DELIVERY_STATUS_FILTER: Param<Str> = Param::new(296);

/// `local_destination_concurrency_limit`: How many deliveries to the same local recipient run at once (default `2`).
pub const LOCAL_DESTINATION_CONCURRENCY_LIMIT: Param<Int> = Param::new(297);

/// `local_destination_recipient_limit`: How many recipients one local delivery has (default `1`).
pub const LOCAL_DESTINATION_RECIPIENT_LIMIT: Param<Int> = Param::new(298);

/// `local_header_rewrite_clients`: From which clients header addresses are completed with this host's domains: permit_inet_interfaces, permit_mynetworks, permit_sasl_authenticated, check_address_map type:table and so on (default `permit_inet_interfaces`).
pub const LOCAL_HEADER_REWRITE_CLIENTS: Param<Str> = Param::new(299);

/// `local_login_sender_maps`: Which envelope senders a login name may use with sendmail and postdrop (default `static:*`).
pub const LOCAL_LOGIN_SENDER_MAPS: Param<Str> = Param::new(300);

/// `local_recipient_maps`: The tables of all local users; others are refused at RCPT TO (default `proxy:unix:passwd.byname $alias_maps`).
pub const LOCAL_RECIPIENT_MAPS: Param<Str> = Param::new(301);

/// `local_transport`: The transport for domains of mydestination and for addresses in brackets that are this host's (default `local:$myhostname`).
pub const LOCAL_TRANSPORT: Param<Str> = Param::new(302);

/// `luser_relay`: Where mail for unknown local users goes, with $user, $extension and so on (default empty).
pub const LUSER_RELAY: Param<Str> = Param::new(303);

/// `mail_name`: The name of the mail system in greetings, Received headers and notices (default `Postfix`).
pub const MAIL_NAME: Param<Str> = Param::new(304);

/// `mail_owner`: The user that owns the queue and as whom most daemons run (default `postfix`).
pub const MAIL_OWNER: Param<Str> = Param::new(305);

/// `mail_release_date`: The date of the release of Postfix whose behaviour this is (default `20260907`).
pub const MAIL_RELEASE_DATE: Param<Str> = Param::new(306);

/// `mail_spool_directory`: Where mailboxes are: one file a user, or one Maildir, when the name ends in a slash (default `/var/mail`).
pub const MAIL_SPOOL_DIRECTORY: Param<Str> = Param::new(307);

/// `mail_version`: The release of Postfix whose behaviour this is (default `3.11.7`).
pub const MAIL_VERSION: Param<Str> = Param::new(308);

/// `mailbox_command`: A command that delivers to every mailbox, with the recipient's rights (default empty).
pub const MAILBOX_COMMAND: Param<Str> = Param::new(309);

/// `mailbox_command_maps`: Tables that give a command for a recipient (default empty).
pub const MAILBOX_COMMAND_MAPS: Param<Str> = Param::new(310);

/// `mailbox_delivery_lock`: How mailboxes are locked: fcntl, flock, dotlock (default `fcntl, dotlock`).
pub const MAILBOX_DELIVERY_LOCK: Param<Str> = Param::new(311);

/// `mailbox_size_limit`: How many bytes a mailbox, or any file that local(8) writes, may have (default `51200000`).
pub const MAILBOX_SIZE_LIMIT: Param<Int> = Param::new(312);

/// `mailbox_transport`: A transport that delivers to every mailbox of a user, after aliases and .forward (default empty).
pub const MAILBOX_TRANSPORT: Param<Str> = Param::new(313);

/// `mailbox_transport_maps`: Tables that give a mailbox transport for a recipient (default empty).
pub const MAILBOX_TRANSPORT_MAPS: Param<Str> = Param::new(314);

/// `maillog_file`: The log file; empty logs to syslog (default empty).
pub const MAILLOG_FILE: Param<Str> = Param::new(315);

/// `maillog_file_compressor`: The command that compresses a log file after rotation (default `gzip`).
pub const MAILLOG_FILE_COMPRESSOR: Param<Str> = Param::new(316);

/// `maillog_file_permissions`: The mode of a new log file (default `0600`).
pub const MAILLOG_FILE_PERMISSIONS: Param<Str> = Param::new(317);

/// `maillog_file_prefixes`: Where maillog_file may be (default `/var, /dev/stdout`).
pub const MAILLOG_FILE_PREFIXES: Param<Str> = Param::new(318);

/// `maillog_file_rotate_suffix`: What a rotated log file's name gets, as for strftime (default `%Y%m%d-%H%M%S`).
pub const MAILLOG_FILE_ROTATE_SUFFIX: Param<Str> = Param::new(319);

/// `mailq_path`: Where the command mailq is (default `/usr/bin/mailq`).
pub const MAILQ_PATH: Param<Str> = Param::new(320);

/// `manpage_directory`: Where manual pages are (default `/usr/share/man`).
pub const MANPAGE_DIRECTORY: Param<Str> = Param::new(321);

/// `maps_rbl_domains`: Deprecated: DNS lists (default empty).
pub const MAPS_RBL_DOMAINS: Param<Str> = Param::new(322);

/// `maps_rbl_reject_code`: The SMTP reply code for clients on DNS lists (default `554`).
pub const MAPS_RBL_REJECT_CODE: Param<Int> = Param::new(323);

/// `masquerade_classes`: Which addresses masquerade_domains changes (default `envelope_sender, header_sender, header_recipient`).
pub const MASQUERADE_CLASSES: Param<Str> = Param::new(324);

/// `masquerade_domains`: Domains whose subdomains are cut off from addresses; with ! a domain is left as it is (default empty).
pub const MASQUERADE_DOMAINS: Param<Str> = Param::new(325);

/// `masquerade_exceptions`: Users whose addresses are not masqueraded (default empty).
pub const MASQUERADE_EXCEPTIONS: Param<Str> = Param::new(326);

/// `master_service_disable`: Services of master.cf that do not run: names, or name/type (default empty).
pub const MASTER_SERVICE_DISABLE: Param<Str> = Param::new(327);

/// `max_idle`: How long a process waits for work before it ends (default `100s`).
pub const MAX_IDLE: Param<Time> = Param::new(328);

/// `max_use`: How many requests a process serves before it ends (default `100`).
pub const MAX_USE: Param<Int> = Param::new(329);

/// `maximal_backoff_time`: How long deferred mail waits at most before the next try (default `4000s`).
pub const MAXIMAL_BACKOFF_TIME: Param<Time> = Param::new(330);

/// `maximal_queue_lifetime`: How long mail stays in the queue before it is returned (default `5d`).
pub const MAXIMAL_QUEUE_LIFETIME: Param<Time> = Param::new(331);

/// `message_drop_headers`: Headers that are removed from every message (default `bcc, content-length, resent-bcc, return-path`).
pub const MESSAGE_DROP_HEADERS: Param<Str> = Param::new(332);

/// `message_reject_characters`: Characters that make cleanup(8) refuse a message (default empty).
pub const MESSAGE_REJECT_CHARACTERS: Param<Str> = Param::new(333);

/// `message_size_limit`: How many bytes a message may have, envelope included (default `10240000`).
pub const MESSAGE_SIZE_LIMIT: Param<Int> = Param::new(334);

/// `message_strip_characters`: Characters that are taken out of messages (default empty).
pub const MESSAGE_STRIP_CHARACTERS: Param<Str> = Param::new(335);

/// `meta_directory`: Where files that packages share between instances are (default `/usr/share/postfix`).
pub const META_DIRECTORY: Param<Str> = Param::new(336);

/// `milter_command_timeout`: default `30s`.
pub const MILTER_COMMAND_TIMEOUT: Param<Time> = Param::new(337);

/// `milter_connect_macros`: default `j {daemon_name} {daemon_addr} v _`.
pub const MILTER_CONNECT_MACROS: Param<Str> = Param::new(338);

/// `milter_connect_timeout`: default `30s`.
pub const MILTER_CONNECT_TIMEOUT: Param<Time> = Param::new(339);

/// `milter_content_timeout`: default `300s`.
pub const MILTER_CONTENT_TIMEOUT: Param<Time> = Param::new(340);

/// `milter_data_macros`: default `i`.
pub const MILTER_DATA_MACROS: Param<Str> = Param::new(341);

/// `milter_default_action`: What to do when a milter cannot be asked: accept, reject, tempfail, quarantine, shutdown (default `shutdown`).
pub const MILTER_DEFAULT_ACTION: Param<Str> = Param::new(342);

/// `milter_end_of_data_macros`: default `i`.
pub const MILTER_END_OF_DATA_MACROS: Param<Str> = Param::new(343);

/// `milter_end_of_header_macros`: default `i`.
pub const MILTER_END_OF_HEADER_MACROS: Param<Str> = Param::new(344);

/// `milter_header_checks`: default empty.
pub const MILTER_HEADER_CHECKS: Param<Str> = Param::new(345);

/// `milter_helo_macros`: default `{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}`.
pub const MILTER_HELO_MACROS: Param<Str> = Param::new(346);

/// `milter_macro_daemon_name`: default `$myhostname`.
pub const MILTER_MACRO_DAEMON_NAME: Param<Str> = Param::new(347);

/// `milter_macro_defaults`: default empty.
pub const MILTER_MACRO_DEFAULTS: Param<Str> = Param::new(348);

/// `milter_macro_v`: default `$mail_name $mail_version`.
pub const MILTER_MACRO_V: Param<Str> = Param::new(349);

/// `milter_mail_macros`: default `i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}`.
pub const MILTER_MAIL_MACROS: Param<Str> = Param::new(350);

/// `milter_protocol`: default `6`.
pub const MILTER_PROTOCOL: Param<Str> = Param::new(351);

/// `milter_rcpt_macros`: default `i {rcpt_addr} {rcpt_host} {rcpt_mailer}`.
pub const MILTER_RCPT_MACROS: Param<Str> = Param::new(352);

/// `milter_unknown_command_macros`: default empty.
pub const MILTER_UNKNOWN_COMMAND_MACROS: Param<Str> = Param::new(353);

/// `mime_boundary_length_limit`: How many characters of a MIME boundary are compared (default `2048`).
pub const MIME_BOUNDARY_LENGTH_LIMIT: Param<Int> = Param::new(354);

/// `mime_header_checks`: Tables of patterns for headers of MIME parts; see header_checks(5) (default `$header_checks`).
pub const MIME_HEADER_CHECKS: Param<Str> = Param::new(355);

/// `mime_nesting_limit`: How deep MIME parts may be nested (default `100`).
pub const MIME_NESTING_LIMIT: Param<Int> = Param::new(356);

/// `minimal_backoff_time`: How long deferred mail waits at least before the next try, and how long a dead destination is left alone (default `300s`).
pub const MINIMAL_BACKOFF_TIME: Param<Time> = Param::new(357);

/// `multi_instance_directories`: Configuration directories of further mail systems on this host, besides the one that this main.cf belongs to (default empty).
pub const MULTI_INSTANCE_DIRECTORIES: Param<Str> = Param::new(358);

/// `multi_instance_enable`: default `no`.
pub const MULTI_INSTANCE_ENABLE: Param<Bool> = Param::new(359);

/// `multi_instance_group`: The group that this instance belongs to, for postmulti (default empty).
pub const MULTI_INSTANCE_GROUP: Param<Str> = Param::new(360);

/// `multi_instance_name`: default empty.
pub const MULTI_INSTANCE_NAME: Param<Str> = Param::new(361);

/// `multi_instance_wrapper`: The command that postfix(1) runs instead of itself when there are several instances (default empty).
pub const MULTI_INSTANCE_WRAPPER: Param<Str> = Param::new(362);

/// `multi_recipient_bounce_reject_code`: The SMTP reply code for a notice (null sender) with several recipients, for reject_multi_recipient_bounce (default `550`).
pub const MULTI_RECIPIENT_BOUNCE_REJECT_CODE: Param<Int> = Param::new(363);

/// `mydestination`: The domains that this host delivers to its users: names, files, type:table (default `$myhostname, localhost.$mydomain, localhost`).
pub const MYDESTINATION: Param<Str> = Param::new(364);

/// `mydomain`: The domain of this host: myhostname without its first part, unless set (default `computed`).
pub const MYDOMAIN: Param<Str> = Param::new(365);

/// `myhostname`: This host's full name on the Internet (default `computed`).
pub const MYHOSTNAME: Param<Str> = Param::new(366);

/// `mynetworks`: The client addresses that are trusted to send mail to anywhere: addresses, networks with a prefix length, files, type:table (default `computed`).
pub const MYNETWORKS: Param<Str> = Param::new(367);

/// `mynetworks_style`: How the default of mynetworks is computed: host trusts this host alone, subnet its networks, class its class A, B or C networks (default `${{$compatibility_level} <level {2} ? {subnet} : {host}}`).
pub const MYNETWORKS_STYLE: Param<Str> = Param::new(368);

/// `myorigin`: The domain that local mail comes from, and by which addresses without one are completed (default `$myhostname`).
pub const MYORIGIN: Param<Str> = Param::new(369);

/// `nested_header_checks`: Tables of patterns for headers of attached messages; see header_checks(5) (default `$header_checks`).
pub const NESTED_HEADER_CHECKS: Param<Str> = Param::new(370);

/// `newaliases_path`: Where the command newaliases is (default `/usr/bin/newaliases`).
pub const NEWALIASES_PATH: Param<Str> = Param::new(371);

/// `non_bdb_custom_mapping`: Tables that say which type stands for `hash` and for `btree`, instead of the default types (default empty).
pub const NON_BDB_CUSTOM_MAPPING: Param<Str> = Param::new(372);

/// `non_bdb_migration_allow_root_prefixes`: default `/etc /usr/local/etc`.
pub const NON_BDB_MIGRATION_ALLOW_ROOT_PREFIXES: Param<Str> = Param::new(373);

/// `non_bdb_migration_allow_user_prefixes`: default `$data_directory /var/lib/mailman /var/lib/mailman3`.
pub const NON_BDB_MIGRATION_ALLOW_USER_PREFIXES: Param<Str> = Param::new(374);

/// `non_bdb_migration_level`: Whether hash: and btree: tables stand for other types: `disable`, `enable-redirect` or `enable-reindex` (which is as `enable-redirect` here: run postmap or postalias for each table) (default `disable`).
pub const NON_BDB_MIGRATION_LEVEL: Param<Str> = Param::new(375);

/// `non_bdb_migration_log_redirect`: Log each table that stands for one of another type, once in a process (default `yes`).
pub const NON_BDB_MIGRATION_LOG_REDIRECT: Param<Bool> = Param::new(376);

/// `non_bdb_migration_service_name`: default `nbdb_reindex`.
pub const NON_BDB_MIGRATION_SERVICE_NAME: Param<Str> = Param::new(377);

/// `non_empty_end_of_header_action`: What to do when a header ends with something other than an empty line: fix_quietly, add_header, or reject (default `fix_quietly`).
pub const NON_EMPTY_END_OF_HEADER_ACTION: Param<Str> = Param::new(378);

/// `non_fqdn_reject_code`: The SMTP reply code for reject_non_fqdn restrictions (default `504`).
pub const NON_FQDN_REJECT_CODE: Param<Int> = Param::new(379);

/// `non_smtpd_milters`: Milters for other mail (default empty).
pub const NON_SMTPD_MILTERS: Param<Str> = Param::new(380);

/// `notify_classes`: Which kinds of trouble the postmaster is told of: bounce, 2bounce, data, delay, policy, protocol, resource, software (default `resource, software`).
pub const NOTIFY_CLASSES: Param<Str> = Param::new(381);

/// `openssl_path`: Where the command openssl is (default `openssl`).
pub const OPENSSL_PATH: Param<Str> = Param::new(382);

/// `owner_request_special`: Treat owner-list and list-request addresses as such: no split at the delimiter, and owner- as sender of list (default `yes`).
pub const OWNER_REQUEST_SPECIAL: Param<Bool> = Param::new(383);

/// `parent_domain_matches_subdomains`: Parameters in which a domain stands for its subdomains, too; in others that takes a leading dot (default `debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains,smtpd_access_maps`).
pub const PARENT_DOMAIN_MATCHES_SUBDOMAINS: Param<Str> = Param::new(384);

/// `permit_mx_backup_networks`: Networks that a destination's first mail server must be in for permit_mx_backup (default empty).
pub const PERMIT_MX_BACKUP_NETWORKS: Param<Str> = Param::new(385);

/// `pickup_service_name`: The service that takes mail from the maildrop queue (default `pickup`).
pub const PICKUP_SERVICE_NAME: Param<Str> = Param::new(386);

/// `pipe_delivery_status_filter`: default_delivery_status_filter of pipe(8) (default `$default_delivery_status_filter`).
pub const PIPE_DELIVERY_STATUS_FILTER: Param<Str> = Param::new(387);

/// `plaintext_reject_code`: The SMTP reply code for reject_plaintext_session (default `450`).
pub const PLAINTEXT_REJECT_CODE: Param<Int> = Param::new(388);

/// `postlog_service_name`: The service that writes the log file (default `postlog`).
pub const POSTLOG_SERVICE_NAME: Param<Str> = Param::new(389);

/// `postlogd_watchdog_timeout`: How long postlogd(8) may take for one line (default `10s`).
pub const POSTLOGD_WATCHDOG_TIMEOUT: Param<Time> = Param::new(390);

/// `postmulti_control_commands`: default `reload flush`.
pub const POSTMULTI_CONTROL_COMMANDS: Param<Str> = Param::new(391);

/// `postmulti_start_commands`: default `start`.
pub const POSTMULTI_START_COMMANDS: Param<Str> = Param::new(392);

/// `postmulti_stop_commands`: default `stop abort drain quick-stop`.
pub const POSTMULTI_STOP_COMMANDS: Param<Str> = Param::new(393);

/// `postscreen_access_list`: default `permit_mynetworks`.
pub const POSTSCREEN_ACCESS_LIST: Param<Str> = Param::new(394);

/// `postscreen_allowlist_interfaces`: default `${postscreen_whitelist_interfaces?{$postscreen_whitelist_interfaces}:{static:all}}`.
pub const POSTSCREEN_ALLOWLIST_INTERFACES: Param<Str> = Param::new(395);

/// `postscreen_bare_newline_action`: default `ignore`.
pub const POSTSCREEN_BARE_NEWLINE_ACTION: Param<Str> = Param::new(396);

/// `postscreen_bare_newline_enable`: default `no`.
pub const POSTSCREEN_BARE_NEWLINE_ENABLE: Param<Bool> = Param::new(397);

/// `postscreen_bare_newline_ttl`: default `30d`.
pub const POSTSCREEN_BARE_NEWLINE_TTL: Param<Time> = Param::new(398);

/// `postscreen_blacklist_action`: default empty.
pub const POSTSCREEN_BLACKLIST_ACTION: Param<Str> = Param::new(399);

/// `postscreen_cache_cleanup_interval`: default `12h`.
pub const POSTSCREEN_CACHE_CLEANUP_INTERVAL: Param<Time> = Param::new(400);

/// `postscreen_cache_map`: default `$default_cache_db_type:$data_directory/postscreen_cache`.
pub const POSTSCREEN_CACHE_MAP: Param<Str> = Param::new(401);

/// `postscreen_cache_retention_time`: default `7d`.
pub const POSTSCREEN_CACHE_RETENTION_TIME: Param<Time> = Param::new(402);

/// `postscreen_client_connection_count_limit`: default `$smtpd_client_connection_count_limit`.
pub const POSTSCREEN_CLIENT_CONNECTION_COUNT_LIMIT: Param<Int> = Param::new(403);

/// `postscreen_command_count_limit`: default `20`.
pub const POSTSCREEN_COMMAND_COUNT_LIMIT: Param<Int> = Param::new(404);

/// `postscreen_command_filter`: default empty.
pub const POSTSCREEN_COMMAND_FILTER: Param<Str> = Param::new(405);

/// `postscreen_command_time_limit`: default `${stress?{10}:{300}}s`.
pub const POSTSCREEN_COMMAND_TIME_LIMIT: Param<Time> = Param::new(406);

/// `postscreen_denylist_action`: default `${postscreen_blacklist_action?{$postscreen_blacklist_action}:{ignore}}`.
pub const POSTSCREEN_DENYLIST_ACTION: Param<Str> = Param::new(407);

/// `postscreen_disable_vrfy_command`: default `$disable_vrfy_command`.
pub const POSTSCREEN_DISABLE_VRFY_COMMAND: Param<Bool> = Param::new(408);

/// `postscreen_discard_ehlo_keyword_address_maps`: default `$smtpd_discard_ehlo_keyword_address_maps`.
pub const POSTSCREEN_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS: Param<Str> = Param::new(409);

/// `postscreen_discard_ehlo_keywords`: default `$smtpd_discard_ehlo_keywords`.
pub const POSTSCREEN_DISCARD_EHLO_KEYWORDS: Param<Str> = Param::new(410);

/// `postscreen_dnsbl_action`: default `ignore`.
pub const POSTSCREEN_DNSBL_ACTION: Param<Str> = Param::new(411);

/// `postscreen_dnsbl_allowlist_threshold`: default `${postscreen_dnsbl_whitelist_threshold?{$postscreen_dnsbl_whitelist_threshold}:{0}}`.
pub const POSTSCREEN_DNSBL_ALLOWLIST_THRESHOLD: Param<Int> = Param::new(412);

/// `postscreen_dnsbl_max_ttl`: default `${postscreen_dnsbl_ttl?{$postscreen_dnsbl_ttl}:{1}}h`.
pub const POSTSCREEN_DNSBL_MAX_TTL: Param<Time> = Param::new(413);

/// `postscreen_dnsbl_min_ttl`: default `60s`.
pub const POSTSCREEN_DNSBL_MIN_TTL: Param<Time> = Param::new(414);

/// `postscreen_dnsbl_reply_map`: default empty.
pub const POSTSCREEN_DNSBL_REPLY_MAP: Param<Str> = Param::new(415);

/// `postscreen_dnsbl_sites`: default empty.
pub const POSTSCREEN_DNSBL_SITES: Param<Str> = Param::new(416);

/// `postscreen_dnsbl_threshold`: default `1`.
pub const POSTSCREEN_DNSBL_THRESHOLD: Param<Int> = Param::new(417);

/// `postscreen_dnsbl_timeout`: default `10s`.
pub const POSTSCREEN_DNSBL_TIMEOUT: Param<Time> = Param::new(418);

/// `postscreen_dnsbl_ttl`: default empty.
pub const POSTSCREEN_DNSBL_TTL: Param<Str> = Param::new(419);

/// `postscreen_dnsbl_whitelist_threshold`: default empty.
pub const POSTSCREEN_DNSBL_WHITELIST_THRESHOLD: Param<Str> = Param::new(420);

/// `postscreen_enforce_tls`: default `$smtpd_enforce_tls`.
pub const POSTSCREEN_ENFORCE_TLS: Param<Bool> = Param::new(421);

/// `postscreen_expansion_filter`: default `$smtpd_expansion_filter`.
pub const POSTSCREEN_EXPANSION_FILTER: Param<Str> = Param::new(422);

/// `postscreen_forbidden_commands`: default `$smtpd_forbidden_commands`.
pub const POSTSCREEN_FORBIDDEN_COMMANDS: Param<Str> = Param::new(423);

/// `postscreen_greet_action`: default `ignore`.
pub const POSTSCREEN_GREET_ACTION: Param<Str> = Param::new(424);

/// `postscreen_greet_banner`: default `$smtpd_banner`.
pub const POSTSCREEN_GREET_BANNER: Param<Str> = Param::new(425);

/// `postscreen_greet_ttl`: default `1d`.
pub const POSTSCREEN_GREET_TTL: Param<Time> = Param::new(426);

/// `postscreen_greet_wait`: default `${stress?{2}:{6}}s`.
pub const POSTSCREEN_GREET_WAIT: Param<Time> = Param::new(427);

/// `postscreen_helo_required`: default `$smtpd_helo_required`.
pub const POSTSCREEN_HELO_REQUIRED: Param<Bool> = Param::new(428);

/// `postscreen_non_smtp_command_action`: default `drop`.
pub const POSTSCREEN_NON_SMTP_COMMAND_ACTION: Param<Str> = Param::new(429);

/// `postscreen_non_smtp_command_enable`: default `no`.
pub const POSTSCREEN_NON_SMTP_COMMAND_ENABLE: Param<Bool> = Param::new(430);

/// `postscreen_non_smtp_command_ttl`: default `30d`.
pub const POSTSCREEN_NON_SMTP_COMMAND_TTL: Param<Time> = Param::new(431);

/// `postscreen_pipelining_action`: default `enforce`.
pub const POSTSCREEN_PIPELINING_ACTION: Param<Str> = Param::new(432);

/// `postscreen_pipelining_enable`: default `no`.
pub const POSTSCREEN_PIPELINING_ENABLE: Param<Bool> = Param::new(433);

/// `postscreen_pipelining_ttl`: default `30d`.
pub const POSTSCREEN_PIPELINING_TTL: Param<Time> = Param::new(434);

/// `postscreen_post_queue_limit`: default `$default_process_limit`.
pub const POSTSCREEN_POST_QUEUE_LIMIT: Param<Int> = Param::new(435);

/// `postscreen_pre_queue_limit`: default `$default_process_limit`.
pub const POSTSCREEN_PRE_QUEUE_LIMIT: Param<Int> = Param::new(436);

/// `postscreen_reject_footer`: default `$smtpd_reject_footer`.
pub const POSTSCREEN_REJECT_FOOTER: Param<Str> = Param::new(437);

/// `postscreen_reject_footer_maps`: default `$smtpd_reject_footer_maps`.
pub const POSTSCREEN_REJECT_FOOTER_MAPS: Param<Str> = Param::new(438);

/// `postscreen_tls_security_level`: default `$smtpd_tls_security_level`.
pub const POSTSCREEN_TLS_SECURITY_LEVEL: Param<Str> = Param::new(439);

/// `postscreen_upstream_proxy_protocol`: default empty.
pub const POSTSCREEN_UPSTREAM_PROXY_PROTOCOL: Param<Str> = Param::new(440);

/// `postscreen_upstream_proxy_timeout`: default `5s`.
pub const POSTSCREEN_UPSTREAM_PROXY_TIMEOUT: Param<Time> = Param::new(441);

/// `postscreen_use_tls`: default `$smtpd_use_tls`.
pub const POSTSCREEN_USE_TLS: Param<Bool> = Param::new(442);

/// `postscreen_watchdog_timeout`: default `10s`.
pub const POSTSCREEN_WATCHDOG_TIMEOUT: Param<Time> = Param::new(443);

/// `postscreen_whitelist_interfaces`: default empty.
pub const POSTSCREEN_WHITELIST_INTERFACES: Param<Str> = Param::new(444);

/// `prepend_delivered_header`: Where local(8) adds Delivered-To: command, file, forward (default `command, file, forward`).
pub const PREPEND_DELIVERED_HEADER: Param<Str> = Param::new(445);

/// `process_id`: The process id of the program that asks (default `computed`).
pub const PROCESS_ID: Param<Int> = Param::new(446);

/// `process_id_directory`: Where process id files are, below queue_directory (default `pid`).
pub const PROCESS_ID_DIRECTORY: Param<Str> = Param::new(447);

/// `process_name`: The name of the program that asks (default `computed`).
pub const PROCESS_NAME: Param<Str> = Param::new(448);

/// `propagate_unmatched_extensions`: Where an address extension that a table does not mention is added to the result: canonical, virtual, alias, forward, include, generic (default `canonical, virtual`).
pub const PROPAGATE_UNMATCHED_EXTENSIONS: Param<Str> = Param::new(449);

/// `proxy_interfaces`: Addresses of a proxy or address translator in front through which mail for this host comes, so that it is no loop (default empty).
pub const PROXY_INTERFACES: Param<Str> = Param::new(450);

/// `proxy_read_maps`: The tables that proxymap(8) may look up; parameters and type:name (default `$local_recipient_maps $mydestination $virtual_alias_maps $virtual_alias_domains $virtual_mailbox_maps $virtual_mailbox_domains $relay_recipient_maps $relay_domains $canonical_maps $sender_canonical_maps $recipient_canonical_maps $relocated_maps $transport_maps $mynetworks $smtpd_sender_login_maps $sender_bcc_maps $recipient_bcc_maps $smtp_generic_maps $lmtp_generic_maps $alias_maps $smtpd_client_restrictions $smtpd_helo_restrictions $smtpd_sender_restrictions $smtpd_relay_restrictions $smtpd_recipient_restrictions $address_verify_sender_dependent_default_transport_maps $address_verify_sender_dependent_relayhost_maps $address_verify_transport_maps $fallback_transport_maps $lmtp_discard_lhlo_keyword_address_maps $lmtp_pix_workaround_maps $lmtp_sasl_password_maps $lmtp_tls_policy_maps $mailbox_command_maps $mailbox_transport_maps $postscreen_discard_ehlo_keyword_address_maps $rbl_reply_maps $sender_dependent_default_transport_maps $sender_dependent_relayhost_maps $smtp_discard_ehlo_keyword_address_maps $smtp_pix_workaround_maps $smtp_sasl_password_maps $smtp_tls_policy_maps $smtpd_discard_ehlo_keyword_address_maps $smtpd_milter_maps $virtual_gid_maps $virtual_uid_maps $local_login_sender_maps $postscreen_reject_footer_maps $smtpd_reject_footer_maps $tls_server_sni_maps $tlsproxy_client_policy_maps $default_delivery_status_filter $lmtp_delivery_status_filter $lmtp_dns_reply_filter $lmtp_reply_filter $local_delivery_status_filter $pipe_delivery_status_filter $postscreen_command_filter $smtp_delivery_status_filter $smtp_dns_reply_filter $smtp_reply_filter $smtpd_command_filter $smtpd_dns_reply_filter $virtual_delivery_status_filter $body_checks $header_checks $lmtp_body_checks $lmtp_header_checks $lmtp_mime_header_checks $lmtp_nested_header_checks $milter_header_checks $mime_header_checks $nested_header_checks $smtp_body_checks $smtp_header_checks $smtp_mime_header_checks $smtp_nested_header_checks $smtpd_reject_filter_maps $debug_peer_list $smtpd_etrn_restrictions $fast_flush_domains $authorized_flush_users $lmtp_connection_cache_destinations $local_header_rewrite_clients $masquerade_exceptions $postscreen_access_list $postscreen_allowlist_interfaces $postscreen_forbidden_commands $qmqpd_authorized_clients $authorized_mailq_users $smtp_connection_cache_destinations $smtpd_log_access_permit_actions $smtpd_forbidden_commands $smtpd_client_event_limit_exceptions $smtpd_sasl_exceptions_networks $smtpd_sasl_mechanism_filter $smtp_requiretls_policy $smtp_sasl_mechanism_filter $authorized_submit_users $smtpd_authorized_verp_clients $smtpd_authorized_xclient_hosts $smtpd_authorized_xforward_hosts`).
pub const PROXY_READ_MAPS: Param<Str> = Param::new(451);

/// `proxy_write_maps`: The tables that proxymap(8) may change (default `$smtp_sasl_auth_cache_name $lmtp_sasl_auth_cache_name $address_verify_map $postscreen_cache_map`).
pub const PROXY_WRITE_MAPS: Param<Str> = Param::new(452);

/// `proxymap_service_name`: The service that looks up tables (default `proxymap`).
pub const PROXYMAP_SERVICE_NAME: Param<Str> = Param::new(453);

/// `proxywrite_service_name`: The service that updates tables (default `proxywrite`).
pub const PROXYWRITE_SERVICE_NAME: Param<Str> = Param::new(454);

/// `qmgr_clog_warn_time`: How often to warn that one destination fills the active queue (default `300s`).
pub const QMGR_CLOG_WARN_TIME: Param<Time> = Param::new(455);

/// `qmgr_daemon_timeout`: How long the queue manager may work on one thing before a watchdog ends it (default `1000s`).
pub const QMGR_DAEMON_TIMEOUT: Param<Time> = Param::new(456);

/// `qmgr_fudge_factor`: Has no effect, also in Postfix (default `100`).
pub const QMGR_FUDGE_FACTOR: Param<Int> = Param::new(457);

/// `qmgr_ipc_timeout`: How long the queue manager waits for a reply on an internal connection (default `60s`).
pub const QMGR_IPC_TIMEOUT: Param<Time> = Param::new(458);

/// `qmgr_message_active_limit`: How many messages the active queue holds (default `20000`).
pub const QMGR_MESSAGE_ACTIVE_LIMIT: Param<Int> = Param::new(459);

/// `qmgr_message_recipient_limit`: How many recipients the queue manager has in memory (default `20000`).
pub const QMGR_MESSAGE_RECIPIENT_LIMIT: Param<Int> = Param::new(460);

/// `qmgr_message_recipient_minimum`: How many recipients of a message are in memory at least (default `10`).
pub const QMGR_MESSAGE_RECIPIENT_MINIMUM: Param<Int> = Param::new(461);

/// `qmqpd_authorized_clients`: default empty.
pub const QMQPD_AUTHORIZED_CLIENTS: Param<Str> = Param::new(462);

/// `qmqpd_client_port_logging`: default `no`.
pub const QMQPD_CLIENT_PORT_LOGGING: Param<Bool> = Param::new(463);

/// `qmqpd_error_delay`: default `1s`.
pub const QMQPD_ERROR_DELAY: Param<Time> = Param::new(464);

/// `qmqpd_timeout`: How long a QMQP client may take (default `300s`).
pub const QMQPD_TIMEOUT: Param<Time> = Param::new(465);

/// `queue_directory`: Where the queue is; the root of daemons that run chrooted (default `/var/spool/postfix`).
pub const QUEUE_DIRECTORY: Param<Str> = Param::new(466);

/// `queue_file_attribute_count_limit`: How many attributes a queue file may have (default `100`).
pub const QUEUE_FILE_ATTRIBUTE_COUNT_LIMIT: Param<Int> = Param::new(467);

/// `queue_minfree`: How many bytes must be free on the queue's disk before MAIL FROM is accepted; 0 for none but what the message limit demands (default `0`).
pub const QUEUE_MINFREE: Param<Int> = Param::new(468);

/// `queue_run_delay`: How often the queue manager looks at the deferred queue (default `300s`).
pub const QUEUE_RUN_DELAY: Param<Time> = Param::new(469);

/// `queue_service_name`: The service that manages the queue (default `qmgr`).
pub const QUEUE_SERVICE_NAME: Param<Str> = Param::new(470);

/// `rbl_reply_maps`: Tables of replies by DNS list (default empty).
pub const RBL_REPLY_MAPS: Param<Str> = Param::new(471);

/// `readme_directory`: Where README files are, or no (default `/usr/share/doc/postfix`).
pub const README_DIRECTORY: Param<Str> = Param::new(472);

/// `receive_override_options`: What to leave out for mail that has been through it already: no_unknown_recipient_checks, no_address_mappings, no_header_body_checks, no_milters (default empty).
pub const RECEIVE_OVERRIDE_OPTIONS: Param<Str> = Param::new(473);

/// `recipient_bcc_maps`: Tables that give, for a recipient, an address that gets a copy (default empty).
pub const RECIPIENT_BCC_MAPS: Param<Str> = Param::new(474);

/// `recipient_canonical_classes`: Which addresses recipient_canonical_maps rewrites (default `envelope_recipient, header_recipient`).
pub const RECIPIENT_CANONICAL_CLASSES: Param<Str> = Param::new(475);

/// `recipient_canonical_maps`: Tables that rewrite recipient addresses, before canonical_maps (default empty).
pub const RECIPIENT_CANONICAL_MAPS: Param<Str> = Param::new(476);

/// `recipient_delimiter`: The characters that separate user name and address extension (default empty).
pub const RECIPIENT_DELIMITER: Param<Str> = Param::new(477);

/// `reject_code`: The SMTP reply code for a reject restriction (default `554`).
pub const REJECT_CODE: Param<Int> = Param::new(478);

/// `reject_tempfail_action`: What reject restrictions do when they cannot know: defer_if_permit or defer (default `defer_if_permit`).
pub const REJECT_TEMPFAIL_ACTION: Param<Str> = Param::new(479);

/// `relay_clientcerts`: Tables of client certificate fingerprints that may relay (default empty).
pub const RELAY_CLIENTCERTS: Param<Str> = Param::new(480);

/// `relay_domains`: The domains that this host accepts mail for and passes on (default `${{$compatibility_level} <level {2} ? {$mydestination} : {}}`).
pub const RELAY_DOMAINS: Param<Str> = Param::new(481);

/// `relay_domains_reject_code`: The SMTP reply code for destinations that a client may not relay to (default `554`).
pub const RELAY_DOMAINS_REJECT_CODE: Param<Int> = Param::new(482);

/// `relay_recipient_maps`: The tables of all addresses of relay_domains; empty accepts all (default empty).
pub const RELAY_RECIPIENT_MAPS: Param<Str> = Param::new(483);

/// `relay_transport`: The transport for relay_domains (default `relay`).
pub const RELAY_TRANSPORT: Param<Str> = Param::new(484);

/// `relayhost`: Where mail for other hosts goes instead of to their own mail servers: a domain, [host], with :port (default empty).
pub const RELAYHOST: Param<Str> = Param::new(485);

/// `relocated_maps`: Tables of users who have moved; see relocated(5) (default empty).
pub const RELOCATED_MAPS: Param<Str> = Param::new(486);

/// `relocated_prefix_enable`: Begin the reason from relocated_maps with the status code and "User has moved to" (default `yes`).
pub const RELOCATED_PREFIX_ENABLE: Param<Bool> = Param::new(487);

/// `remote_header_rewrite_domain`: The domain that completes header addresses of mail from other clients; empty leaves them alone (default empty).
pub const REMOTE_HEADER_REWRITE_DOMAIN: Param<Str> = Param::new(488);

/// `require_home_directory`: Put off mail for users whose home directory is not there (default `no`).
pub const REQUIRE_HOME_DIRECTORY: Param<Bool> = Param::new(489);

/// `requiretls_enable`: Support of REQUIRETLS (RFC 8689): the SMTP server announces it, and mail that asks for it goes only to servers that support it over verified TLS; a TLS-Required: no header is obeyed (default `yes`).
pub const REQUIRETLS_ENABLE: Param<Bool> = Param::new(490);

/// `requiretls_esmtp_header`: Record in a Require-TLS-ESMTP header that mail was submitted with REQUIRETLS, for later hops that cannot pass the request on, and heed such a header (default `yes`).
pub const REQUIRETLS_ESMTP_HEADER: Param<Bool> = Param::new(491);

/// `requiretls_redact_dsn`: default `yes`.
pub const REQUIRETLS_REDACT_DSN: Param<Bool> = Param::new(492);

/// `reset_owner_alias`: Begin anew with the original sender when an alias without owner- alias expands one that has it (default `no`).
pub const RESET_OWNER_ALIAS: Param<Bool> = Param::new(493);

/// `resolve_dequoted_address`: Look for routing in addresses with their quotes removed (default `yes`).
pub const RESOLVE_DEQUOTED_ADDRESS: Param<Bool> = Param::new(494);

/// `resolve_null_domain`: Take user@ for a local user (default `no`).
pub const RESOLVE_NULL_DOMAIN: Param<Bool> = Param::new(495);

/// `resolve_numeric_domain`: Take user@1.2.3.4 for user@[1.2.3.4] (default `no`).
pub const RESOLVE_NUMERIC_DOMAIN: Param<Bool> = Param::new(496);

/// `respectful_logging`: Log the words allowlist and denylist instead of their predecessors (default `${{$compatibility_level} <level {3.6} ? {no} : {yes}}`).
pub const RESPECTFUL_LOGGING: Param<Bool> = Param::new(497);

/// `rewrite_service_name`: The service that completes addresses and finds routes (default `rewrite`).
pub const REWRITE_SERVICE_NAME: Param<Str> = Param::new(498);

/// `sample_directory`: Where sample files are (default `/etc/postfix`).
pub const SAMPLE_DIRECTORY: Param<Str> = Param::new(499);

/// `send_cyrus_sasl_authzid`: default `no`.
pub const SEND_CYRUS_SASL_AUTHZID: Param<Bool> = Param::new(500);

/// `sender_bcc_maps`: Tables that give, for a sender, an address that gets a copy (default empty).
pub const SENDER_BCC_MAPS: Param<Str> = Param::new(501);

/// `sender_canonical_classes`: Which addresses sender_canonical_maps rewrites (default `envelope_sender, header_sender`).
pub const SENDER_CANONICAL_CLASSES: Param<Str> = Param::new(502);

/// `sender_canonical_maps`: Tables that rewrite sender addresses, before canonical_maps (default empty).
pub const SENDER_CANONICAL_MAPS: Param<Str> = Param::new(503);

/// `sender_dependent_default_transport_maps`: Tables that give, for a sender, the default transport (default empty).
pub const SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS: Param<Str> = Param::new(504);

/// `sender_dependent_relayhost_maps`: Tables that give, for a sender, the relayhost (default empty).
pub const SENDER_DEPENDENT_RELAYHOST_MAPS: Param<Str> = Param::new(505);

/// `sendmail_fix_line_endings`: How sendmail treats CR LF on its input: always makes it a line ending, never leaves CR, strict only if the first line has it (default `always`).
pub const SENDMAIL_FIX_LINE_ENDINGS: Param<Str> = Param::new(506);

/// `sendmail_path`: Where the command sendmail is (default `/usr/sbin/sendmail`).
pub const SENDMAIL_PATH: Param<Str> = Param::new(507);

/// `service_name`: The name in master.cf under which the program runs (default `amnesiac`).
pub const SERVICE_NAME: Param<Str> = Param::new(508);

/// `service_throttle_time`: How long master(8) waits before it starts a program again that failed at once (default `60s`).
pub const SERVICE_THROTTLE_TIME: Param<Time> = Param::new(509);

/// `service_workers`: How a service's sessions are spread: threads has several in each process, classic one, as Postfix does (default `threads`).
pub const SERVICE_WORKERS: Param<Str> = Param::new(510);

/// `setgid_group`: The group of the commands that write to the maildrop queue and talk to daemons (default `postdrop`).
pub const SETGID_GROUP: Param<Str> = Param::new(511);

/// `shlib_directory`: Where shared libraries and table plug-ins are (default `/usr/lib/postfix`).
pub const SHLIB_DIRECTORY: Param<Str> = Param::new(512);

/// `show_user_unknown_table_name`: Name the table in replies to unknown recipients (default `yes`).
pub const SHOW_USER_UNKNOWN_TABLE_NAME: Param<Bool> = Param::new(513);

/// `showq_service_name`: The service that lists the queue (default `showq`).
pub const SHOWQ_SERVICE_NAME: Param<Str> = Param::new(514);

/// `smtp_address_preference`: Which address to try first: any, ipv4, ipv6 (default `any`).
pub const SMTP_ADDRESS_PREFERENCE: Param<Str> = Param::new(515);

/// `smtp_address_verify_target`: At which command an address probe ends: rcpt or data (default `rcpt`).
pub const SMTP_ADDRESS_VERIFY_TARGET: Param<Str> = Param::new(516);

/// `smtp_always_send_ehlo`: Begin with EHLO whatever the greeting says (default `yes`).
pub const SMTP_ALWAYS_SEND_EHLO: Param<Bool> = Param::new(517);

/// `smtp_balance_inet_protocols`: Make sure that addresses of both protocols are tried when there are more than smtp_mx_address_limit (default `yes`).
pub const SMTP_BALANCE_INET_PROTOCOLS: Param<Bool> = Param::new(518);

/// `smtp_bind_address`: The IPv4 address to connect from (default empty).
pub const SMTP_BIND_ADDRESS: Param<Str> = Param::new(519);

/// `smtp_bind_address6`: The IPv6 address to connect from (default empty).
pub const SMTP_BIND_ADDRESS6: Param<Str> = Param::new(520);

/// `smtp_bind_address_enforce`: Put off mail when smtp_bind_address cannot be used, instead of going without (default `no`).
pub const SMTP_BIND_ADDRESS_ENFORCE: Param<Bool> = Param::new(521);

/// `smtp_body_checks`: body_checks of the SMTP client (default empty).
pub const SMTP_BODY_CHECKS: Param<Str> = Param::new(522);

/// `smtp_cname_overrides_servername`: When a host name is an alias, use its real name for authentication and TLS (default `no`).
pub const SMTP_CNAME_OVERRIDES_SERVERNAME: Param<Bool> = Param::new(523);

/// `smtp_connect_timeout`: How long a connection attempt may take; 0 is the system's limit (default `30s`).
pub const SMTP_CONNECT_TIMEOUT: Param<Time> = Param::new(524);

/// `smtp_connection_cache_destinations`: Destinations to which connections are always kept for the next message (default empty).
pub const SMTP_CONNECTION_CACHE_DESTINATIONS: Param<Str> = Param::new(525);

/// `smtp_connection_cache_on_demand`: Keep connections to destinations with much mail waiting (default `yes`).
pub const SMTP_CONNECTION_CACHE_ON_DEMAND: Param<Bool> = Param::new(526);

/// `smtp_connection_cache_time_limit`: How long an unused connection is kept (default `2s`).
pub const SMTP_CONNECTION_CACHE_TIME_LIMIT: Param<Time> = Param::new(527);

/// `smtp_connection_reuse_count_limit`: How often a connection is used; 0 for no limit (default `0`).
pub const SMTP_CONNECTION_REUSE_COUNT_LIMIT: Param<Int> = Param::new(528);

/// `smtp_connection_reuse_time_limit`: How long a connection is used (default `300s`).
pub const SMTP_CONNECTION_REUSE_TIME_LIMIT: Param<Time> = Param::new(529);

/// `smtp_data_done_timeout`: How long to wait for the reply to the end of the data (default `600s`).
pub const SMTP_DATA_DONE_TIMEOUT: Param<Time> = Param::new(530);

/// `smtp_data_init_timeout`: How long to wait for the reply to DATA (default `120s`).
pub const SMTP_DATA_INIT_TIMEOUT: Param<Time> = Param::new(531);

/// `smtp_data_xfer_timeout`: How long sending a piece of the message may take (default `180s`).
pub const SMTP_DATA_XFER_TIMEOUT: Param<Time> = Param::new(532);

/// `smtp_defer_if_no_mx_address_found`: Put off mail when no mail server's name has an address, instead of returning it (default `no`).
pub const SMTP_DEFER_IF_NO_MX_ADDRESS_FOUND: Param<Bool> = Param::new(533);

/// `smtp_delivery_status_filter`: default_delivery_status_filter of the SMTP client (default `$default_delivery_status_filter`).
pub const SMTP_DELIVERY_STATUS_FILTER: Param<Str> = Param::new(534);

/// `smtp_discard_ehlo_keyword_address_maps`: Tables of EHLO keywords to ignore, by server address (default empty).
pub const SMTP_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS: Param<Str> = Param::new(535);

/// `smtp_discard_ehlo_keywords`: EHLO keywords to ignore: pipelining, starttls, size and so on (default empty).
pub const SMTP_DISCARD_EHLO_KEYWORDS: Param<Str> = Param::new(536);

/// `smtp_dns_reply_filter`: A table that changes or drops DNS answers (default empty).
pub const SMTP_DNS_REPLY_FILTER: Param<Str> = Param::new(537);

/// `smtp_dns_resolver_options`: Resolver options: res_defnames, res_dnsrch (default empty).
pub const SMTP_DNS_RESOLVER_OPTIONS: Param<Str> = Param::new(538);

/// `smtp_dns_support_level`: How to use DNS: disabled, enabled, dnssec (default empty).
pub const SMTP_DNS_SUPPORT_LEVEL: Param<Str> = Param::new(539);

/// `smtp_enforce_tls`: Deprecated: use TLS always (default `no`).
pub const SMTP_ENFORCE_TLS: Param<Bool> = Param::new(540);

/// `smtp_fallback_relay`: Hosts to try when the destination's servers cannot be reached (default `$fallback_relay`).
pub const SMTP_FALLBACK_RELAY: Param<Str> = Param::new(541);

/// `smtp_generic_maps`: Tables that rewrite addresses of mail that leaves by SMTP; see generic(5) (default empty).
pub const SMTP_GENERIC_MAPS: Param<Str> = Param::new(542);

/// `smtp_header_checks`: header_checks of the SMTP client (default empty).
pub const SMTP_HEADER_CHECKS: Param<Str> = Param::new(543);

/// `smtp_helo_name`: The name in HELO or EHLO (default `$myhostname`).
pub const SMTP_HELO_NAME: Param<Str> = Param::new(544);

/// `smtp_helo_timeout`: How long to wait for the greeting, and for the reply to HELO or EHLO (default `300s`).
pub const SMTP_HELO_TIMEOUT: Param<Time> = Param::new(545);

/// `smtp_host_lookup`: How to find host addresses: dns, native, or both in order (default `dns`).
pub const SMTP_HOST_LOOKUP: Param<Str> = Param::new(546);

/// `smtp_line_length_limit`: How long a line may be; longer ones are folded (default `998`).
pub const SMTP_LINE_LENGTH_LIMIT: Param<Int> = Param::new(547);

/// `smtp_log_tls_feature_status`: Log in delivery records which TLS features were used (default `yes`).
pub const SMTP_LOG_TLS_FEATURE_STATUS: Param<Bool> = Param::new(548);

/// `smtp_mail_timeout`: How long to wait for the reply to MAIL FROM (default `300s`).
pub const SMTP_MAIL_TIMEOUT: Param<Time> = Param::new(549);

/// `smtp_mime_header_checks`: mime_header_checks of the SMTP client (default empty).
pub const SMTP_MIME_HEADER_CHECKS: Param<Str> = Param::new(550);

/// `smtp_min_data_rate`: How many bytes a second a server must take at least when deadlines are per request (default `500`).
pub const SMTP_MIN_DATA_RATE: Param<Int> = Param::new(551);

/// `smtp_mx_address_limit`: How many addresses of a destination are tried; 0 for all (default `5`).
pub const SMTP_MX_ADDRESS_LIMIT: Param<Int> = Param::new(552);

/// `smtp_mx_session_limit`: How many sessions with a destination are tried before giving up for now; 0 for all (default `2`).
pub const SMTP_MX_SESSION_LIMIT: Param<Int> = Param::new(553);

/// `smtp_nested_header_checks`: nested_header_checks of the SMTP client (default empty).
pub const SMTP_NESTED_HEADER_CHECKS: Param<Str> = Param::new(554);

/// `smtp_never_send_ehlo`: Always begin with HELO (default `no`).
pub const SMTP_NEVER_SEND_EHLO: Param<Bool> = Param::new(555);

/// `smtp_per_record_deadline`: default empty.
pub const SMTP_PER_RECORD_DEADLINE: Param<Str> = Param::new(556);

/// `smtp_per_request_deadline`: Time limits hold for a whole request instead of each read and write (default `${smtp_per_record_deadline?{$smtp_per_record_deadline}:{no}}`).
pub const SMTP_PER_REQUEST_DEADLINE: Param<Bool> = Param::new(557);

/// `smtp_pix_workaround_delay_time`: How long to wait before the final dot, for broken firewalls (default `10s`).
pub const SMTP_PIX_WORKAROUND_DELAY_TIME: Param<Time> = Param::new(558);

/// `smtp_pix_workaround_maps`: Tables of workarounds for broken firewalls, by server address (default empty).
pub const SMTP_PIX_WORKAROUND_MAPS: Param<Str> = Param::new(559);

/// `smtp_pix_workaround_threshold_time`: How long mail must be in the queue before workarounds are used (default `500s`).
pub const SMTP_PIX_WORKAROUND_THRESHOLD_TIME: Param<Time> = Param::new(560);

/// `smtp_pix_workarounds`: Workarounds for broken firewalls: delay_dotcrlf, disable_esmtp (default `disable_esmtp,delay_dotcrlf`).
pub const SMTP_PIX_WORKAROUNDS: Param<Str> = Param::new(561);

/// `smtp_quit_timeout`: How long to wait for the reply to QUIT (default `300s`).
pub const SMTP_QUIT_TIMEOUT: Param<Time> = Param::new(562);

/// `smtp_quote_rfc821_envelope`: Quote addresses in commands as RFC 5321 demands (default `yes`).
pub const SMTP_QUOTE_RFC821_ENVELOPE: Param<Bool> = Param::new(563);

/// `smtp_randomize_addresses`: Try servers of equal preference in random order (default `yes`).
pub const SMTP_RANDOMIZE_ADDRESSES: Param<Bool> = Param::new(564);

/// `smtp_rcpt_timeout`: How long to wait for the reply to RCPT TO (default `300s`).
pub const SMTP_RCPT_TIMEOUT: Param<Time> = Param::new(565);

/// `smtp_reply_filter`: A table that changes server replies (default empty).
pub const SMTP_REPLY_FILTER: Param<Str> = Param::new(566);

/// `smtp_requiretls_policy`: For mail that asks for REQUIRETLS: what a next-hop domain or server must offer (default `inline:{{${domain_to_ascii{$mydomain}}=opportunistic}, {.${domain_to_ascii{$mydomain}}=opportunistic}, {localhost=opportunistic}}, cidr:{{0.0.0.0/0 opportunistic}, {::/0 opportunistic}}, enforce`).
pub const SMTP_REQUIRETLS_POLICY: Param<Str> = Param::new(567);

/// `smtp_rset_timeout`: How long to wait for the reply to RSET (default `20s`).
pub const SMTP_RSET_TIMEOUT: Param<Time> = Param::new(568);

/// `smtp_sasl_auth_cache_name`: default empty.
pub const SMTP_SASL_AUTH_CACHE_NAME: Param<Str> = Param::new(569);

/// `smtp_sasl_auth_cache_time`: default `90d`.
pub const SMTP_SASL_AUTH_CACHE_TIME: Param<Time> = Param::new(570);

/// `smtp_sasl_auth_enable`: Authenticate to servers that smtp_sasl_password_maps has a password for (default `no`).
pub const SMTP_SASL_AUTH_ENABLE: Param<Bool> = Param::new(571);

/// `smtp_sasl_auth_soft_bounce`: default `yes`.
pub const SMTP_SASL_AUTH_SOFT_BOUNCE: Param<Bool> = Param::new(572);

/// `smtp_sasl_mechanism_filter`: default empty.
pub const SMTP_SASL_MECHANISM_FILTER: Param<Str> = Param::new(573);

/// `smtp_sasl_password_maps`: Tables of user:password for servers (default empty).
pub const SMTP_SASL_PASSWORD_MAPS: Param<Str> = Param::new(574);

/// `smtp_sasl_password_result_delimiter`: default `:`.
pub const SMTP_SASL_PASSWORD_RESULT_DELIMITER: Param<Str> = Param::new(575);

/// `smtp_sasl_path`: default empty.
pub const SMTP_SASL_PATH: Param<Str> = Param::new(576);

/// `smtp_sasl_security_options`: default `noplaintext, noanonymous`.
pub const SMTP_SASL_SECURITY_OPTIONS: Param<Str> = Param::new(577);

/// `smtp_sasl_tls_security_options`: default `$smtp_sasl_security_options`.
pub const SMTP_SASL_TLS_SECURITY_OPTIONS: Param<Str> = Param::new(578);

/// `smtp_sasl_tls_verified_security_options`: default `$smtp_sasl_tls_security_options`.
pub const SMTP_SASL_TLS_VERIFIED_SECURITY_OPTIONS: Param<Str> = Param::new(579);

/// `smtp_sasl_type`: The SASL plug-in of the client; see postconf -A (default `cyrus`).
pub const SMTP_SASL_TYPE: Param<Str> = Param::new(580);

/// `smtp_send_dummy_mail_auth`: Send AUTH=<> with MAIL FROM when authenticated (default `no`).
pub const SMTP_SEND_DUMMY_MAIL_AUTH: Param<Bool> = Param::new(581);

/// `smtp_send_xforward_command`: Tell a filter about the original client by XFORWARD (default `no`).
pub const SMTP_SEND_XFORWARD_COMMAND: Param<Bool> = Param::new(582);

/// `smtp_sender_dependent_authentication`: Choose passwords, and connections, by sender (default `no`).
pub const SMTP_SENDER_DEPENDENT_AUTHENTICATION: Param<Bool> = Param::new(583);

/// `smtp_skip_5xx_greeting`: Go on to the next server when a greeting refuses (default `yes`).
pub const SMTP_SKIP_5XX_GREETING: Param<Bool> = Param::new(584);

/// `smtp_skip_quit_response`: Do not wait for the reply to QUIT (default `yes`).
pub const SMTP_SKIP_QUIT_RESPONSE: Param<Bool> = Param::new(585);

/// `smtp_starttls_timeout`: How long the TLS handshake may take (default `300s`).
pub const SMTP_STARTTLS_TIMEOUT: Param<Time> = Param::new(586);

/// `smtp_tcp_port`: The port to connect to (default `smtp`).
pub const SMTP_TCP_PORT: Param<Str> = Param::new(587);

/// `smtp_tls_CAfile`: A file of certificates of authorities that may have signed a server's certificate (default empty).
pub const SMTP_TLS_CAFILE: Param<Str> = Param::new(588);

/// `smtp_tls_CApath`: A directory of such certificates, by hash (default empty).
pub const SMTP_TLS_CAPATH: Param<Str> = Param::new(589);

/// `smtp_tls_block_early_mail_reply`: Refuse a server that answers commands that came before STARTTLS after it (default `no`).
pub const SMTP_TLS_BLOCK_EARLY_MAIL_REPLY: Param<Bool> = Param::new(590);

/// `smtp_tls_cert_file`: The client's RSA certificate, with intermediate ones; none by default (default empty).
pub const SMTP_TLS_CERT_FILE: Param<Str> = Param::new(591);

/// `smtp_tls_chain_files`: Files with the client's keys and certificate chains, key first (default empty).
pub const SMTP_TLS_CHAIN_FILES: Param<Str> = Param::new(592);

/// `smtp_tls_ciphers`: The weakest cipher grade for TLS that is not enforced: medium, high, null (default `medium`).
pub const SMTP_TLS_CIPHERS: Param<Str> = Param::new(593);

/// `smtp_tls_connection_reuse`: Use TLS connections again, by tlsproxy (default `no`).
pub const SMTP_TLS_CONNECTION_REUSE: Param<Bool> = Param::new(594);

/// `smtp_tls_dane_insecure_mx_policy`: The TLS level for a mail exchanger with DANE records whose own name came from an unsigned MX record, at level dane: dane, encrypt or may (default `dane`).
pub const SMTP_TLS_DANE_INSECURE_MX_POLICY: Param<Str> = Param::new(595);

/// `smtp_tls_dcert_file`: The client's DSA certificate (default empty).
pub const SMTP_TLS_DCERT_FILE: Param<Str> = Param::new(596);

/// `smtp_tls_dkey_file`: The key of smtp_tls_dcert_file (default `$smtp_tls_dcert_file`).
pub const SMTP_TLS_DKEY_FILE: Param<Str> = Param::new(597);

/// `smtp_tls_eccert_file`: The client's ECDSA certificate (default empty).
pub const SMTP_TLS_ECCERT_FILE: Param<Str> = Param::new(598);

/// `smtp_tls_eckey_file`: The key of smtp_tls_eccert_file (default `$smtp_tls_eccert_file`).
pub const SMTP_TLS_ECKEY_FILE: Param<Str> = Param::new(599);

/// `smtp_tls_enable_rpk`: Ask for the server's raw public key (default `no`).
pub const SMTP_TLS_ENABLE_RPK: Param<Bool> = Param::new(600);

/// `smtp_tls_enforce_peername`: Deprecated: the server's name must be in its certificate (default `yes`).
pub const SMTP_TLS_ENFORCE_PEERNAME: Param<Bool> = Param::new(601);

/// `smtp_tls_enforce_sts_mx_patterns`: When a policy service passes on an MTA-STS policy: connect only to mail exchangers that its patterns name, and expect the exchanger's own name in the certificate (default `yes`).
pub const SMTP_TLS_ENFORCE_STS_MX_PATTERNS: Param<Bool> = Param::new(602);

/// `smtp_tls_exclude_ciphers`: Ciphers never to use (default empty).
pub const SMTP_TLS_EXCLUDE_CIPHERS: Param<Str> = Param::new(603);

/// `smtp_tls_fingerprint_cert_match`: Fingerprints of the server's certificate or key for the level fingerprint (default empty).
pub const SMTP_TLS_FINGERPRINT_CERT_MATCH: Param<Str> = Param::new(604);

/// `smtp_tls_fingerprint_digest`: How fingerprints are made (default `${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}`).
pub const SMTP_TLS_FINGERPRINT_DIGEST: Param<Str> = Param::new(605);

/// `smtp_tls_force_insecure_host_tlsa_lookup`: Ask for TLSA records also where a mail exchanger's addresses are in an unsigned zone (default `no`).
pub const SMTP_TLS_FORCE_INSECURE_HOST_TLSA_LOOKUP: Param<Bool> = Param::new(606);

/// `smtp_tls_key_file`: The key of smtp_tls_cert_file (default `$smtp_tls_cert_file`).
pub const SMTP_TLS_KEY_FILE: Param<Str> = Param::new(607);

/// `smtp_tls_loglevel`: How much to log of TLS: 0 nothing, 1 a line a handshake, 2 the handshake, more for debugging (default `0`).
pub const SMTP_TLS_LOGLEVEL: Param<Str> = Param::new(608);

/// `smtp_tls_mandatory_ciphers`: The weakest cipher grade for TLS that is enforced (default `medium`).
pub const SMTP_TLS_MANDATORY_CIPHERS: Param<Str> = Param::new(609);

/// `smtp_tls_mandatory_exclude_ciphers`: Ciphers never to use when TLS is enforced (default empty).
pub const SMTP_TLS_MANDATORY_EXCLUDE_CIPHERS: Param<Str> = Param::new(610);

/// `smtp_tls_mandatory_protocols`: TLS versions when TLS is enforced: >=TLSv1.2, <=TLSv1.3, or !names (default `>=TLSv1`).
pub const SMTP_TLS_MANDATORY_PROTOCOLS: Param<Str> = Param::new(611);

/// `smtp_tls_note_starttls_offer`: Log which servers offer STARTTLS that was not used (default `no`).
pub const SMTP_TLS_NOTE_STARTTLS_OFFER: Param<Bool> = Param::new(612);

/// `smtp_tls_per_site`: Deprecated: TLS settings by site (default empty).
pub const SMTP_TLS_PER_SITE: Param<Str> = Param::new(613);

/// `smtp_tls_policy_maps`: Tables of TLS levels and attributes by nexthop (default empty).
pub const SMTP_TLS_POLICY_MAPS: Param<Str> = Param::new(614);

/// `smtp_tls_protocols`: TLS versions when TLS is not enforced (default `>=TLSv1`).
pub const SMTP_TLS_PROTOCOLS: Param<Str> = Param::new(615);

/// `smtp_tls_scert_verifydepth`: How long a server's certificate chain may be (default `9`).
pub const SMTP_TLS_SCERT_VERIFYDEPTH: Param<Int> = Param::new(616);

/// `smtp_tls_secure_cert_match`: What the server's certificate must match at level secure: nexthop, dot-nexthop, hostname, or names (default `nexthop, dot-nexthop`).
pub const SMTP_TLS_SECURE_CERT_MATCH: Param<Str> = Param::new(617);

/// `smtp_tls_security_level`: Whether to use TLS: none, may (when the server offers it), encrypt (always), and levels that also check who the server is (default `${{$compatibility_level} <level {3.11} ? {} : {may}}`).
pub const SMTP_TLS_SECURITY_LEVEL: Param<Str> = Param::new(618);

/// `smtp_tls_servername`: The name to send for SNI: empty, hostname, nexthop, or a name (default empty).
pub const SMTP_TLS_SERVERNAME: Param<Str> = Param::new(619);

/// `smtp_tls_session_cache_database`: Where tlsmgr(8) keeps TLS sessions with servers, as type:name (default empty).
pub const SMTP_TLS_SESSION_CACHE_DATABASE: Param<Str> = Param::new(620);

/// `smtp_tls_session_cache_timeout`: How long a TLS session may be used again (default `3600s`).
pub const SMTP_TLS_SESSION_CACHE_TIMEOUT: Param<Time> = Param::new(621);

/// `smtp_tls_trust_anchor_file`: Files of certificates or keys to trust instead of authorities (default empty).
pub const SMTP_TLS_TRUST_ANCHOR_FILE: Param<Str> = Param::new(622);

/// `smtp_tls_verify_cert_match`: What the server's certificate must match at level verify (default `hostname`).
pub const SMTP_TLS_VERIFY_CERT_MATCH: Param<Str> = Param::new(623);

/// `smtp_tls_wrappermode`: TLS from the first byte instead of STARTTLS (default `no`).
pub const SMTP_TLS_WRAPPERMODE: Param<Bool> = Param::new(624);

/// `smtp_tlsrpt_enable`: default `no`.
pub const SMTP_TLSRPT_ENABLE: Param<Bool> = Param::new(625);

/// `smtp_tlsrpt_skip_reused_handshakes`: default `no`.
pub const SMTP_TLSRPT_SKIP_REUSED_HANDSHAKES: Param<Bool> = Param::new(626);

/// `smtp_tlsrpt_socket_name`: default empty.
pub const SMTP_TLSRPT_SOCKET_NAME: Param<Str> = Param::new(627);

/// `smtp_use_tls`: Deprecated: use TLS when offered (default `no`).
pub const SMTP_USE_TLS: Param<Bool> = Param::new(628);

/// `smtp_xforward_timeout`: How long to wait for the reply to XFORWARD (default `300s`).
pub const SMTP_XFORWARD_TIMEOUT: Param<Time> = Param::new(629);

/// `smtpd_authorized_verp_clients`: Clients that may ask for VERP (default `$authorized_verp_clients`).
pub const SMTPD_AUTHORIZED_VERP_CLIENTS: Param<Str> = Param::new(630);

/// `smtpd_authorized_xclient_hosts`: Clients that may use XCLIENT (default empty).
pub const SMTPD_AUTHORIZED_XCLIENT_HOSTS: Param<Str> = Param::new(631);

/// `smtpd_authorized_xforward_hosts`: Clients that may use XFORWARD (default empty).
pub const SMTPD_AUTHORIZED_XFORWARD_HOSTS: Param<Str> = Param::new(632);

/// `smtpd_banner`: The text after 220 in the greeting (default `$myhostname ESMTP $mail_name`).
pub const SMTPD_BANNER: Param<Str> = Param::new(633);

/// `smtpd_client_auth_rate_limit`: How many AUTH commands a client may send in anvil_rate_time_unit; 0 for no limit (default `0`).
pub const SMTPD_CLIENT_AUTH_RATE_LIMIT: Param<Int> = Param::new(634);

/// `smtpd_client_connection_count_limit`: How many connections a client may have at once; 0 for no limit (default `50`).
pub const SMTPD_CLIENT_CONNECTION_COUNT_LIMIT: Param<Int> = Param::new(635);

/// `smtpd_client_connection_limit_exceptions`: default empty.
pub const SMTPD_CLIENT_CONNECTION_LIMIT_EXCEPTIONS: Param<Str> = Param::new(636);

/// `smtpd_client_connection_rate_limit`: How many connections a client may make in anvil_rate_time_unit; 0 for no limit (default `0`).
pub const SMTPD_CLIENT_CONNECTION_RATE_LIMIT: Param<Int> = Param::new(637);

/// `smtpd_client_event_limit_exceptions`: Clients without these limits (default `${smtpd_client_connection_limit_exceptions:$mynetworks}`).
pub const SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS: Param<Str> = Param::new(638);

/// `smtpd_client_ipv4_prefix_length`: How many bits of an IPv4 address make a client, for the limits (default `32`).
pub const SMTPD_CLIENT_IPV4_PREFIX_LENGTH: Param<Int> = Param::new(639);

/// `smtpd_client_ipv6_prefix_length`: How many bits of an IPv6 address make a client, for the limits (default `84`).
pub const SMTPD_CLIENT_IPV6_PREFIX_LENGTH: Param<Int> = Param::new(640);

/// `smtpd_client_message_rate_limit`: How many messages a client may send in anvil_rate_time_unit; 0 for no limit (default `0`).
pub const SMTPD_CLIENT_MESSAGE_RATE_LIMIT: Param<Int> = Param::new(641);

/// `smtpd_client_new_tls_session_rate_limit`: How many new TLS sessions a client may begin in anvil_rate_time_unit; 0 for no limit (default `0`).
pub const SMTPD_CLIENT_NEW_TLS_SESSION_RATE_LIMIT: Param<Int> = Param::new(642);

/// `smtpd_client_port_logging`: Log the client's port after its name and address (default `no`).
pub const SMTPD_CLIENT_PORT_LOGGING: Param<Bool> = Param::new(643);

/// `smtpd_client_recipient_rate_limit`: How many recipients a client may name in anvil_rate_time_unit; 0 for no limit (default `0`).
pub const SMTPD_CLIENT_RECIPIENT_RATE_LIMIT: Param<Int> = Param::new(644);

/// `smtpd_client_restrictions`: Restrictions for the client's connection (default empty).
pub const SMTPD_CLIENT_RESTRICTIONS: Param<Str> = Param::new(645);

/// `smtpd_command_filter`: A table that changes client commands (default empty).
pub const SMTPD_COMMAND_FILTER: Param<Str> = Param::new(646);

/// `smtpd_data_restrictions`: Restrictions at DATA (default empty).
pub const SMTPD_DATA_RESTRICTIONS: Param<Str> = Param::new(647);

/// `smtpd_delay_open_until_valid_rcpt`: Begin a queue file only when a recipient has been accepted (default `yes`).
pub const SMTPD_DELAY_OPEN_UNTIL_VALID_RCPT: Param<Bool> = Param::new(648);

/// `smtpd_delay_reject`: Apply client, HELO and sender restrictions only at RCPT TO (default `yes`).
pub const SMTPD_DELAY_REJECT: Param<Bool> = Param::new(649);

/// `smtpd_discard_ehlo_keyword_address_maps`: Tables of EHLO keywords not to announce, by client address (default empty).
pub const SMTPD_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS: Param<Str> = Param::new(650);

/// `smtpd_discard_ehlo_keywords`: EHLO keywords not to announce: pipelining, size, starttls and so on (default empty).
pub const SMTPD_DISCARD_EHLO_KEYWORDS: Param<Str> = Param::new(651);

/// `smtpd_dns_reply_filter`: A table that changes or drops DNS answers (default empty).
pub const SMTPD_DNS_REPLY_FILTER: Param<Str> = Param::new(652);

/// `smtpd_end_of_data_restrictions`: Restrictions after the message (default empty).
pub const SMTPD_END_OF_DATA_RESTRICTIONS: Param<Str> = Param::new(653);

/// `smtpd_enforce_tls`: Deprecated: require TLS (default `no`).
pub const SMTPD_ENFORCE_TLS: Param<Bool> = Param::new(654);

/// `smtpd_error_sleep_time`: How long to wait before replying to a client that has made errors (default `1s`).
pub const SMTPD_ERROR_SLEEP_TIME: Param<Time> = Param::new(655);

/// `smtpd_etrn_restrictions`: Restrictions for ETRN (default empty).
pub const SMTPD_ETRN_RESTRICTIONS: Param<Str> = Param::new(656);

/// `smtpd_expansion_filter`: The characters that values in replies may have; others become underscores (default `\t\40!"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_'abcdefghijklmnopqrstuvwxyz{|}~`).
pub const SMTPD_EXPANSION_FILTER: Param<Str> = Param::new(657);

/// `smtpd_forbid_bare_newline`: What to do with a LF without CR: normalize takes it for a line ending but not for the end of the message, reject refuses, note logs, no does nothing (default `normalize`).
pub const SMTPD_FORBID_BARE_NEWLINE: Param<Str> = Param::new(658);

/// `smtpd_forbid_bare_newline_exclusions`: Clients that smtpd_forbid_bare_newline leaves alone (default `$mynetworks`).
pub const SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS: Param<Str> = Param::new(659);

/// `smtpd_forbid_bare_newline_reject_code`: The SMTP reply code for a LF without CR (default `550`).
pub const SMTPD_FORBID_BARE_NEWLINE_REJECT_CODE: Param<Int> = Param::new(660);

/// `smtpd_forbid_unauth_pipelining`: Hang up on clients that send commands before they may (default `yes`).
pub const SMTPD_FORBID_UNAUTH_PIPELINING: Param<Bool> = Param::new(661);

/// `smtpd_forbidden_commands`: Commands that end the session at once: those of other protocols (default `CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}}`).
pub const SMTPD_FORBIDDEN_COMMANDS: Param<Str> = Param::new(662);

/// `smtpd_hard_error_limit`: After how many errors a client is disconnected (default `${stress?{1}:{20}}`).
pub const SMTPD_HARD_ERROR_LIMIT: Param<Int> = Param::new(663);

/// `smtpd_helo_required`: Refuse MAIL FROM before HELO or EHLO (default `no`).
pub const SMTPD_HELO_REQUIRED: Param<Bool> = Param::new(664);

/// `smtpd_helo_restrictions`: Restrictions at HELO and EHLO (default empty).
pub const SMTPD_HELO_RESTRICTIONS: Param<Str> = Param::new(665);

/// `smtpd_hide_client_session`: Leave client name, address and protocol out of the Received header (default `no`).
pub const SMTPD_HIDE_CLIENT_SESSION: Param<Bool> = Param::new(666);

/// `smtpd_history_flush_threshold`: How many lines of a session's record are kept for notices to the postmaster (default `100`).
pub const SMTPD_HISTORY_FLUSH_THRESHOLD: Param<Int> = Param::new(667);

/// `smtpd_junk_command_limit`: How many commands that do nothing (NOOP, VRFY, ETRN, RSET) a client may send before they count as errors (default `${stress?{1}:{100}}`).
pub const SMTPD_JUNK_COMMAND_LIMIT: Param<Int> = Param::new(668);

/// `smtpd_log_access_permit_actions`: Which permit actions are logged (default empty).
pub const SMTPD_LOG_ACCESS_PERMIT_ACTIONS: Param<Str> = Param::new(669);

/// `smtpd_milter_maps`: Milters for single clients: asked with the client's address; the answer takes the place of smtpd_milters, DISABLE means none (default empty).
pub const SMTPD_MILTER_MAPS: Param<Str> = Param::new(670);

/// `smtpd_milters`: Milters for mail that comes by SMTP (default empty).
pub const SMTPD_MILTERS: Param<Str> = Param::new(671);

/// `smtpd_min_data_rate`: How many bytes a second a client must send at least when deadlines are per request (default `500`).
pub const SMTPD_MIN_DATA_RATE: Param<Int> = Param::new(672);

/// `smtpd_noop_commands`: Commands that are answered like NOOP (default empty).
pub const SMTPD_NOOP_COMMANDS: Param<Str> = Param::new(673);

/// `smtpd_null_access_lookup_key`: The lookup key for the empty sender (default `<>`).
pub const SMTPD_NULL_ACCESS_LOOKUP_KEY: Param<Str> = Param::new(674);

/// `smtpd_peername_lookup`: Look up client names (default `yes`).
pub const SMTPD_PEERNAME_LOOKUP: Param<Bool> = Param::new(675);

/// `smtpd_per_record_deadline`: default empty.
pub const SMTPD_PER_RECORD_DEADLINE: Param<Str> = Param::new(676);

/// `smtpd_per_request_deadline`: Time limits hold for a whole command instead of each read and write (default `${smtpd_per_record_deadline?{$smtpd_per_record_deadline}:{${stress?{yes}:{no}}}}`).
pub const SMTPD_PER_REQUEST_DEADLINE: Param<Bool> = Param::new(677);

/// `smtpd_policy_service_default_action`: The action when a policy service cannot be asked (default `451 4.3.5 Server configuration problem`).
pub const SMTPD_POLICY_SERVICE_DEFAULT_ACTION: Param<Str> = Param::new(678);

/// `smtpd_policy_service_max_idle`: How long an unused connection to a policy service is kept (default `300s`).
pub const SMTPD_POLICY_SERVICE_MAX_IDLE: Param<Time> = Param::new(679);

/// `smtpd_policy_service_max_ttl`: How long a connection to a policy service is used (default `1000s`).
pub const SMTPD_POLICY_SERVICE_MAX_TTL: Param<Time> = Param::new(680);

/// `smtpd_policy_service_policy_context`: A text for the policy service that tells which request it is (default empty).
pub const SMTPD_POLICY_SERVICE_POLICY_CONTEXT: Param<Str> = Param::new(681);

/// `smtpd_policy_service_request_limit`: How many requests a connection to a policy service carries; 0 for no limit (default `0`).
pub const SMTPD_POLICY_SERVICE_REQUEST_LIMIT: Param<Int> = Param::new(682);

/// `smtpd_policy_service_retry_delay`: How long to wait before a policy service is tried again (default `1s`).
pub const SMTPD_POLICY_SERVICE_RETRY_DELAY: Param<Time> = Param::new(683);

/// `smtpd_policy_service_timeout`: How long a policy service may take (default `100s`).
pub const SMTPD_POLICY_SERVICE_TIMEOUT: Param<Time> = Param::new(684);

/// `smtpd_policy_service_try_limit`: How often to try a policy service (default `2`).
pub const SMTPD_POLICY_SERVICE_TRY_LIMIT: Param<Int> = Param::new(685);

/// `smtpd_proxy_ehlo`: The name in EHLO to a filter (default `$myhostname`).
pub const SMTPD_PROXY_EHLO: Param<Str> = Param::new(686);

/// `smtpd_proxy_filter`: The filter that all mail passes while the client waits (default empty).
pub const SMTPD_PROXY_FILTER: Param<Str> = Param::new(687);

/// `smtpd_proxy_options`: How to talk to the filter: speed_adjust (default empty).
pub const SMTPD_PROXY_OPTIONS: Param<Str> = Param::new(688);

/// `smtpd_proxy_timeout`: How long the filter may take (default `100s`).
pub const SMTPD_PROXY_TIMEOUT: Param<Time> = Param::new(689);

/// `smtpd_recipient_limit`: How many recipients a message may have (default `1000`).
pub const SMTPD_RECIPIENT_LIMIT: Param<Int> = Param::new(690);

/// `smtpd_recipient_overshoot_limit`: How many recipients beyond the limit are refused before they count as errors (default `1000`).
pub const SMTPD_RECIPIENT_OVERSHOOT_LIMIT: Param<Int> = Param::new(691);

/// `smtpd_recipient_restrictions`: Restrictions at RCPT TO, after smtpd_relay_restrictions (default empty).
pub const SMTPD_RECIPIENT_RESTRICTIONS: Param<Str> = Param::new(692);

/// `smtpd_reject_filter_maps`: Tables that change refusals before they are sent (default empty).
pub const SMTPD_REJECT_FILTER_MAPS: Param<Str> = Param::new(693);

/// `smtpd_reject_footer`: A text that is added to refusals (default empty).
pub const SMTPD_REJECT_FOOTER: Param<Str> = Param::new(694);

/// `smtpd_reject_footer_maps`: Tables of texts that are added to refusals (default empty).
pub const SMTPD_REJECT_FOOTER_MAPS: Param<Str> = Param::new(695);

/// `smtpd_reject_unlisted_recipient`: Refuse recipients that do not exist even where no restriction says so (default `yes`).
pub const SMTPD_REJECT_UNLISTED_RECIPIENT: Param<Bool> = Param::new(696);

/// `smtpd_reject_unlisted_sender`: Refuse senders of our domains that do not exist even where no restriction says so (default `no`).
pub const SMTPD_REJECT_UNLISTED_SENDER: Param<Bool> = Param::new(697);

/// `smtpd_relay_before_recipient_restrictions`: Apply smtpd_relay_restrictions before smtpd_recipient_restrictions (default `${{$compatibility_level} <level {3.6} ? {no} : {yes}}`).
pub const SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS: Param<Bool> = Param::new(698);

/// `smtpd_relay_restrictions`: Restrictions at RCPT TO that decide who may send to other hosts (default `${{$compatibility_level} <level {1} ? {} : {permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}`).
pub const SMTPD_RELAY_RESTRICTIONS: Param<Str> = Param::new(699);

/// `smtpd_restriction_classes`: Names of the user's own that stand for lists of restrictions, and are parameters themselves (default empty).
pub const SMTPD_RESTRICTION_CLASSES: Param<Str> = Param::new(700);

/// `smtpd_sasl_auth_enable`: Offer AUTH to clients (default `no`).
pub const SMTPD_SASL_AUTH_ENABLE: Param<Bool> = Param::new(701);

/// `smtpd_sasl_authenticated_header`: Name the authenticated user in the Received header (default `no`).
pub const SMTPD_SASL_AUTHENTICATED_HEADER: Param<Bool> = Param::new(702);

/// `smtpd_sasl_exceptions_networks`: default empty.
pub const SMTPD_SASL_EXCEPTIONS_NETWORKS: Param<Str> = Param::new(703);

/// `smtpd_sasl_local_domain`: default empty.
pub const SMTPD_SASL_LOCAL_DOMAIN: Param<Str> = Param::new(704);

/// `smtpd_sasl_mechanism_filter`: default `!external, static:rest`.
pub const SMTPD_SASL_MECHANISM_FILTER: Param<Str> = Param::new(705);

/// `smtpd_sasl_path`: default `smtpd`.
pub const SMTPD_SASL_PATH: Param<Str> = Param::new(706);

/// `smtpd_sasl_response_limit`: default `12288`.
pub const SMTPD_SASL_RESPONSE_LIMIT: Param<Int> = Param::new(707);

/// `smtpd_sasl_security_options`: default `noanonymous`.
pub const SMTPD_SASL_SECURITY_OPTIONS: Param<Str> = Param::new(708);

/// `smtpd_sasl_service`: default `smtp`.
pub const SMTPD_SASL_SERVICE: Param<Str> = Param::new(709);

/// `smtpd_sasl_tls_security_options`: default `$smtpd_sasl_security_options`.
pub const SMTPD_SASL_TLS_SECURITY_OPTIONS: Param<Str> = Param::new(710);

/// `smtpd_sasl_type`: The SASL plug-in of the server; see postconf -a (default `cyrus`).
pub const SMTPD_SASL_TYPE: Param<Str> = Param::new(711);

/// `smtpd_sender_login_maps`: Tables of login names that own a sender address (default empty).
pub const SMTPD_SENDER_LOGIN_MAPS: Param<Str> = Param::new(712);

/// `smtpd_sender_restrictions`: Restrictions at MAIL FROM (default empty).
pub const SMTPD_SENDER_RESTRICTIONS: Param<Str> = Param::new(713);

/// `smtpd_service_name`: The service that smtpd's clients are handed to by postscreen (default `smtpd`).
pub const SMTPD_SERVICE_NAME: Param<Str> = Param::new(714);

/// `smtpd_soft_error_limit`: After how many errors every reply is delayed (default `10`).
pub const SMTPD_SOFT_ERROR_LIMIT: Param<Int> = Param::new(715);

/// `smtpd_starttls_timeout`: How long the TLS handshake may take (default `${stress?{10}:{300}}s`).
pub const SMTPD_STARTTLS_TIMEOUT: Param<Time> = Param::new(716);

/// `smtpd_timeout`: How long to wait for a client's command, and for it to take a reply (default `${stress?{10}:{300}}s`).
pub const SMTPD_TIMEOUT: Param<Time> = Param::new(717);

/// `smtpd_tls_CAfile`: A file of certificates of authorities that may have signed a client's certificate (default empty).
pub const SMTPD_TLS_CAFILE: Param<Str> = Param::new(718);

/// `smtpd_tls_CApath`: A directory of such certificates, by hash (default empty).
pub const SMTPD_TLS_CAPATH: Param<Str> = Param::new(719);

/// `smtpd_tls_always_issue_session_ids`: Give out session ids although sessions are not kept, for some clients (default `yes`).
pub const SMTPD_TLS_ALWAYS_ISSUE_SESSION_IDS: Param<Bool> = Param::new(720);

/// `smtpd_tls_ask_ccert`: Ask for a client certificate (default `no`).
pub const SMTPD_TLS_ASK_CCERT: Param<Bool> = Param::new(721);

/// `smtpd_tls_auth_only`: Offer AUTH only under TLS (default `no`).
pub const SMTPD_TLS_AUTH_ONLY: Param<Bool> = Param::new(722);

/// `smtpd_tls_ccert_verifydepth`: How long a client's certificate chain may be (default `9`).
pub const SMTPD_TLS_CCERT_VERIFYDEPTH: Param<Int> = Param::new(723);

/// `smtpd_tls_cert_file`: The server's RSA certificate, with intermediate ones (default empty).
pub const SMTPD_TLS_CERT_FILE: Param<Str> = Param::new(724);

/// `smtpd_tls_chain_files`: Files with the server's keys and certificate chains, key first (default empty).
pub const SMTPD_TLS_CHAIN_FILES: Param<Str> = Param::new(725);

/// `smtpd_tls_ciphers`: The weakest cipher grade for TLS that is not enforced (default `medium`).
pub const SMTPD_TLS_CIPHERS: Param<Str> = Param::new(726);

/// `smtpd_tls_dcert_file`: The server's DSA certificate (default empty).
pub const SMTPD_TLS_DCERT_FILE: Param<Str> = Param::new(727);

/// `smtpd_tls_dh1024_param_file`: Parameters for ephemeral Diffie-Hellman; best left to the TLS library (default empty).
pub const SMTPD_TLS_DH1024_PARAM_FILE: Param<Str> = Param::new(728);

/// `smtpd_tls_dh512_param_file`: Has no effect, also in Postfix (default empty).
pub const SMTPD_TLS_DH512_PARAM_FILE: Param<Str> = Param::new(729);

/// `smtpd_tls_dkey_file`: The key of smtpd_tls_dcert_file (default `$smtpd_tls_dcert_file`).
pub const SMTPD_TLS_DKEY_FILE: Param<Str> = Param::new(730);

/// `smtpd_tls_eccert_file`: The server's ECDSA certificate (default empty).
pub const SMTPD_TLS_ECCERT_FILE: Param<Str> = Param::new(731);

/// `smtpd_tls_eckey_file`: The key of smtpd_tls_eccert_file (default `$smtpd_tls_eccert_file`).
pub const SMTPD_TLS_ECKEY_FILE: Param<Str> = Param::new(732);

/// `smtpd_tls_eecdh_grade`: How elliptic curves are chosen: auto, strong, ultra, none (default `auto`).
pub const SMTPD_TLS_EECDH_GRADE: Param<Str> = Param::new(733);

/// `smtpd_tls_enable_rpk`: Accept raw public keys from clients (default `no`).
pub const SMTPD_TLS_ENABLE_RPK: Param<Bool> = Param::new(734);

/// `smtpd_tls_exclude_ciphers`: Ciphers never to use (default empty).
pub const SMTPD_TLS_EXCLUDE_CIPHERS: Param<Str> = Param::new(735);

/// `smtpd_tls_fingerprint_digest`: How fingerprints of client certificates are made (default `${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}`).
pub const SMTPD_TLS_FINGERPRINT_DIGEST: Param<Str> = Param::new(736);

/// `smtpd_tls_key_file`: The key of smtpd_tls_cert_file (default `$smtpd_tls_cert_file`).
pub const SMTPD_TLS_KEY_FILE: Param<Str> = Param::new(737);

/// `smtpd_tls_loglevel`: How much to log of TLS: 0 nothing, 1 a line a handshake, 2 the handshake, more for debugging (default `0`).
pub const SMTPD_TLS_LOGLEVEL: Param<Str> = Param::new(738);

/// `smtpd_tls_mandatory_ciphers`: The weakest cipher grade for TLS that is enforced (default `medium`).
pub const SMTPD_TLS_MANDATORY_CIPHERS: Param<Str> = Param::new(739);

/// `smtpd_tls_mandatory_exclude_ciphers`: Ciphers never to use when TLS is enforced (default empty).
pub const SMTPD_TLS_MANDATORY_EXCLUDE_CIPHERS: Param<Str> = Param::new(740);

/// `smtpd_tls_mandatory_protocols`: TLS versions when TLS is enforced: >=TLSv1.2, <=TLSv1.3, or !names (default `>=TLSv1`).
pub const SMTPD_TLS_MANDATORY_PROTOCOLS: Param<Str> = Param::new(741);

/// `smtpd_tls_protocols`: TLS versions when TLS is not enforced (default `>=TLSv1`).
pub const SMTPD_TLS_PROTOCOLS: Param<Str> = Param::new(742);

/// `smtpd_tls_received_header`: Tell of TLS in the Received header (default `no`).
pub const SMTPD_TLS_RECEIVED_HEADER: Param<Bool> = Param::new(743);

/// `smtpd_tls_req_ccert`: Require a client certificate, when TLS is enforced (default `no`).
pub const SMTPD_TLS_REQ_CCERT: Param<Bool> = Param::new(744);

/// `smtpd_tls_security_level`: Whether to use TLS: none, may (offer STARTTLS), encrypt (require it) (default empty).
pub const SMTPD_TLS_SECURITY_LEVEL: Param<Str> = Param::new(745);

/// `smtpd_tls_session_cache_database`: Where tlsmgr(8) keeps TLS sessions with clients, as type:name (default empty).
pub const SMTPD_TLS_SESSION_CACHE_DATABASE: Param<Str> = Param::new(746);

/// `smtpd_tls_session_cache_timeout`: How long a TLS session may be used again (default `3600s`).
pub const SMTPD_TLS_SESSION_CACHE_TIMEOUT: Param<Time> = Param::new(747);

/// `smtpd_tls_wrappermode`: TLS from the first byte instead of STARTTLS (default `no`).
pub const SMTPD_TLS_WRAPPERMODE: Param<Bool> = Param::new(748);

/// `smtpd_upstream_proxy_protocol`: The protocol by which a proxy in front tells the client's address: haproxy (default empty).
pub const SMTPD_UPSTREAM_PROXY_PROTOCOL: Param<Str> = Param::new(749);

/// `smtpd_upstream_proxy_timeout`: How long the proxy in front may take (default `5s`).
pub const SMTPD_UPSTREAM_PROXY_TIMEOUT: Param<Time> = Param::new(750);

/// `smtpd_use_tls`: Deprecated: offer TLS (default `no`).
pub const SMTPD_USE_TLS: Param<Bool> = Param::new(751);

/// `smtputf8_autodetect_classes`: For which mail the need of SMTPUTF8 is found out from addresses and headers (default `sendmail, verify`).
pub const SMTPUTF8_AUTODETECT_CLASSES: Param<Str> = Param::new(752);

/// `smtputf8_enable`: Offer and use SMTPUTF8 (default `${{$compatibility_level} <level {1} ? {no} : {yes}}`).
pub const SMTPUTF8_ENABLE: Param<Bool> = Param::new(753);

/// `socketmap_max_reply_size`: The longest reply of a socketmap server, in bytes, without the netstring around it (default `100000`).
pub const SOCKETMAP_MAX_REPLY_SIZE: Param<Int> = Param::new(754);

/// `soft_bounce`: For tests: turn all permanent refusals into temporary ones, so that no mail is returned (default `no`).
pub const SOFT_BOUNCE: Param<Bool> = Param::new(755);

/// `stale_lock_time`: How old a lock file may become before it is removed (default `500s`).
pub const STALE_LOCK_TIME: Param<Time> = Param::new(756);

/// `stress`: Not empty while master(8) finds all processes of a public service busy; defaults that mention it then become stricter (default empty).
pub const STRESS: Param<Str> = Param::new(757);

/// `strict_7bit_headers`: Refuse mail with 8-bit characters in headers (default `no`).
pub const STRICT_7BIT_HEADERS: Param<Bool> = Param::new(758);

/// `strict_8bitmime`: Both strict_7bit_headers and strict_8bitmime_body (default `no`).
pub const STRICT_8BITMIME: Param<Bool> = Param::new(759);

/// `strict_8bitmime_body`: Refuse mail with 8-bit text in its body and no MIME header that says so (default `no`).
pub const STRICT_8BITMIME_BODY: Param<Bool> = Param::new(760);

/// `strict_mailbox_ownership`: Put off mail for a mailbox that does not belong to the recipient (default `yes`).
pub const STRICT_MAILBOX_OWNERSHIP: Param<Bool> = Param::new(761);

/// `strict_mime_encoding_domain`: Refuse mail whose Content-Transfer-Encoding is not one that its type may have (default `no`).
pub const STRICT_MIME_ENCODING_DOMAIN: Param<Bool> = Param::new(762);

/// `strict_rfc821_envelopes`: Refuse addresses in MAIL FROM and RCPT TO without <> or with comments (default `no`).
pub const STRICT_RFC821_ENVELOPES: Param<Bool> = Param::new(763);

/// `strict_smtputf8`: Refuse senders and recipients that are not valid UTF-8 even if smtputf8_enable allows them (default `no`).
pub const STRICT_SMTPUTF8: Param<Bool> = Param::new(764);

/// `sun_mailtool_compatibility`: Deprecated: lock mailboxes as Sun's mailtool does (default `no`).
pub const SUN_MAILTOOL_COMPATIBILITY: Param<Bool> = Param::new(765);

/// `swap_bangpath`: Take site!user for user@site (default `yes`).
pub const SWAP_BANGPATH: Param<Bool> = Param::new(766);

/// `syslog_facility`: The syslog facility (default `mail`).
pub const SYSLOG_FACILITY: Param<Str> = Param::new(767);

/// `syslog_name`: The name that log lines begin with, before the slash and the program (default `${multi_instance_name?{$multi_instance_name}:{postfix}}`).
pub const SYSLOG_NAME: Param<Str> = Param::new(768);

/// `tcp_windowsize`: The size of TCP receive buffers; 0 leaves it to the system (default `0`).
pub const TCP_WINDOWSIZE: Param<Int> = Param::new(769);

/// `tls_append_default_CA`: Trust the system's certificate authorities, too (default `no`).
pub const TLS_APPEND_DEFAULT_CA: Param<Bool> = Param::new(770);

/// `tls_config_file`: The TLS library's configuration file: default, none, or a path (default `default`).
pub const TLS_CONFIG_FILE: Param<Str> = Param::new(771);

/// `tls_config_name`: The section of that file to use (default empty).
pub const TLS_CONFIG_NAME: Param<Str> = Param::new(772);

/// `tls_daemon_random_bytes`: How many random bytes a process asks tlsmgr(8) for (default `32`).
pub const TLS_DAEMON_RANDOM_BYTES: Param<Int> = Param::new(773);

/// `tls_dane_digests`: The digests of TLSA records that are used, best first (default `sha512 sha256`).
pub const TLS_DANE_DIGESTS: Param<Str> = Param::new(774);

/// `tls_disable_workarounds`: Workarounds for bugs of others that are not to be used (default empty).
pub const TLS_DISABLE_WORKAROUNDS: Param<Str> = Param::new(775);

/// `tls_eecdh_auto_curves`: The elliptic curves to offer, best first (default `?X25519MLKEM768:DEFAULT`).
pub const TLS_EECDH_AUTO_CURVES: Param<Str> = Param::new(776);

/// `tls_eecdh_strong_curve`: The curve of grade strong (default `prime256v1`).
pub const TLS_EECDH_STRONG_CURVE: Param<Str> = Param::new(777);

/// `tls_eecdh_ultra_curve`: The curve of grade ultra (default `secp384r1`).
pub const TLS_EECDH_ULTRA_CURVE: Param<Str> = Param::new(778);

/// `tls_export_cipherlist`: Has no effect, also in Postfix (default empty).
pub const TLS_EXPORT_CIPHERLIST: Param<Str> = Param::new(779);

/// `tls_fast_shutdown_enable`: Do not wait for the other side's goodbye (default `yes`).
pub const TLS_FAST_SHUTDOWN_ENABLE: Param<Bool> = Param::new(780);

/// `tls_ffdhe_auto_groups`: The finite-field groups to offer (default empty).
pub const TLS_FFDHE_AUTO_GROUPS: Param<Str> = Param::new(781);

/// `tls_high_cipherlist`: The ciphers of grade high (default `aNULL:-aNULL:HIGH:!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5:@STRENGTH`).
pub const TLS_HIGH_CIPHERLIST: Param<Str> = Param::new(782);

/// `tls_low_cipherlist`: Has no effect, also in Postfix (default empty).
pub const TLS_LOW_CIPHERLIST: Param<Str> = Param::new(783);

/// `tls_medium_cipherlist`: The ciphers of grade medium (default `aNULL:-aNULL:HIGH:MEDIUM:!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5:+RC4:@STRENGTH`).
pub const TLS_MEDIUM_CIPHERLIST: Param<Str> = Param::new(784);

/// `tls_null_cipherlist`: The ciphers without encryption (default `eNULL:!kDH:!kECDH:!aDSS:!MD5:!aNULL`).
pub const TLS_NULL_CIPHERLIST: Param<Str> = Param::new(785);

/// `tls_preempt_cipherlist`: Follow the server's order of ciphers instead of the client's (default `no`).
pub const TLS_PREEMPT_CIPHERLIST: Param<Bool> = Param::new(786);

/// `tls_random_bytes`: How many bytes tlsmgr(8) reads from tls_random_source (default `32`).
pub const TLS_RANDOM_BYTES: Param<Int> = Param::new(787);

/// `tls_random_exchange_name`: A file in which random state is kept between runs (default `${data_directory}/prng_exch`).
pub const TLS_RANDOM_EXCHANGE_NAME: Param<Str> = Param::new(788);

/// `tls_random_prng_update_period`: How often that file is written (default `3600s`).
pub const TLS_RANDOM_PRNG_UPDATE_PERIOD: Param<Time> = Param::new(789);

/// `tls_random_reseed_period`: How often tlsmgr(8) reads tls_random_source, at most (default `3600s`).
pub const TLS_RANDOM_RESEED_PERIOD: Param<Time> = Param::new(790);

/// `tls_random_source`: Where randomness comes from: dev:path, egd:path, or a file (default `dev:/dev/urandom`).
pub const TLS_RANDOM_SOURCE: Param<Str> = Param::new(791);

/// `tls_required_enable`: Follow the header TLS-Required: no (default `yes`).
pub const TLS_REQUIRED_ENABLE: Param<Bool> = Param::new(792);

/// `tls_server_sni_maps`: Tables of keys and certificates by the name that a client asks for (default empty).
pub const TLS_SERVER_SNI_MAPS: Param<Str> = Param::new(793);

/// `tls_session_ticket_cipher`: The cipher of session tickets; empty turns them off (default `aes-256-cbc`).
pub const TLS_SESSION_TICKET_CIPHER: Param<Str> = Param::new(794);

/// `tls_ssl_options`: Options of the TLS library by name or number (default empty).
pub const TLS_SSL_OPTIONS: Param<Str> = Param::new(795);

/// `tls_wildcard_matches_multiple_labels`: A * in a certificate stands for several labels, too (default `yes`).
pub const TLS_WILDCARD_MATCHES_MULTIPLE_LABELS: Param<Bool> = Param::new(796);

/// `tlsmgr_service_name`: The service that keeps TLS sessions and keys (default `tlsmgr`).
pub const TLSMGR_SERVICE_NAME: Param<Str> = Param::new(797);

/// `tlsproxy_client_CAfile`: default `$smtp_tls_CAfile`.
pub const TLSPROXY_CLIENT_CAFILE: Param<Str> = Param::new(798);

/// `tlsproxy_client_CApath`: default `$smtp_tls_CApath`.
pub const TLSPROXY_CLIENT_CAPATH: Param<Str> = Param::new(799);

/// `tlsproxy_client_cert_file`: default `$smtp_tls_cert_file`.
pub const TLSPROXY_CLIENT_CERT_FILE: Param<Str> = Param::new(800);

/// `tlsproxy_client_chain_files`: default `$smtp_tls_chain_files`.
pub const TLSPROXY_CLIENT_CHAIN_FILES: Param<Str> = Param::new(801);

/// `tlsproxy_client_dcert_file`: default `$smtp_tls_dcert_file`.
pub const TLSPROXY_CLIENT_DCERT_FILE: Param<Str> = Param::new(802);

/// `tlsproxy_client_dkey_file`: default `$smtp_tls_dkey_file`.
pub const TLSPROXY_CLIENT_DKEY_FILE: Param<Str> = Param::new(803);

/// `tlsproxy_client_eccert_file`: default `$smtp_tls_eccert_file`.
pub const TLSPROXY_CLIENT_ECCERT_FILE: Param<Str> = Param::new(804);

/// `tlsproxy_client_eckey_file`: default `$smtp_tls_eckey_file`.
pub const TLSPROXY_CLIENT_ECKEY_FILE: Param<Str> = Param::new(805);

/// `tlsproxy_client_enforce_tls`: default `$smtp_enforce_tls`.
pub const TLSPROXY_CLIENT_ENFORCE_TLS: Param<Bool> = Param::new(806);

/// `tlsproxy_client_fingerprint_digest`: default `$smtp_tls_fingerprint_digest`.
pub const TLSPROXY_CLIENT_FINGERPRINT_DIGEST: Param<Str> = Param::new(807);

/// `tlsproxy_client_key_file`: default `$smtp_tls_key_file`.
pub const TLSPROXY_CLIENT_KEY_FILE: Param<Str> = Param::new(808);

/// `tlsproxy_client_level`: default empty.
pub const TLSPROXY_CLIENT_LEVEL: Param<Str> = Param::new(809);

/// `tlsproxy_client_loglevel`: default `$smtp_tls_loglevel`.
pub const TLSPROXY_CLIENT_LOGLEVEL: Param<Str> = Param::new(810);

/// `tlsproxy_client_loglevel_parameter`: default `smtp_tls_loglevel`.
pub const TLSPROXY_CLIENT_LOGLEVEL_PARAMETER: Param<Str> = Param::new(811);

/// `tlsproxy_client_per_site`: default `$smtp_tls_per_site`.
pub const TLSPROXY_CLIENT_PER_SITE: Param<Str> = Param::new(812);

/// `tlsproxy_client_policy`: default empty.
pub const TLSPROXY_CLIENT_POLICY: Param<Str> = Param::new(813);

/// `tlsproxy_client_policy_maps`: default `${tlsproxy_client_policy?{$tlsproxy_client_policy}:{$smtp_tls_policy_maps}}`.
pub const TLSPROXY_CLIENT_POLICY_MAPS: Param<Str> = Param::new(814);

/// `tlsproxy_client_scert_verifydepth`: default `$smtp_tls_scert_verifydepth`.
pub const TLSPROXY_CLIENT_SCERT_VERIFYDEPTH: Param<Int> = Param::new(815);

/// `tlsproxy_client_security_level`: default `${tlsproxy_client_level?{$tlsproxy_client_level}:{$smtp_tls_security_level}}`.
pub const TLSPROXY_CLIENT_SECURITY_LEVEL: Param<Str> = Param::new(816);

/// `tlsproxy_client_use_tls`: default `$smtp_use_tls`.
pub const TLSPROXY_CLIENT_USE_TLS: Param<Bool> = Param::new(817);

/// `tlsproxy_enforce_tls`: default `$smtpd_enforce_tls`.
pub const TLSPROXY_ENFORCE_TLS: Param<Bool> = Param::new(818);

/// `tlsproxy_service_name`: default `tlsproxy`.
pub const TLSPROXY_SERVICE_NAME: Param<Str> = Param::new(819);

/// `tlsproxy_tls_CAfile`: default `$smtpd_tls_CAfile`.
pub const TLSPROXY_TLS_CAFILE: Param<Str> = Param::new(820);

/// `tlsproxy_tls_CApath`: default `$smtpd_tls_CApath`.
pub const TLSPROXY_TLS_CAPATH: Param<Str> = Param::new(821);

/// `tlsproxy_tls_always_issue_session_ids`: default `$smtpd_tls_always_issue_session_ids`.
pub const TLSPROXY_TLS_ALWAYS_ISSUE_SESSION_IDS: Param<Bool> = Param::new(822);

/// `tlsproxy_tls_ask_ccert`: default `$smtpd_tls_ask_ccert`.
pub const TLSPROXY_TLS_ASK_CCERT: Param<Bool> = Param::new(823);

/// `tlsproxy_tls_ccert_verifydepth`: default `$smtpd_tls_ccert_verifydepth`.
pub const TLSPROXY_TLS_CCERT_VERIFYDEPTH: Param<Int> = Param::new(824);

/// `tlsproxy_tls_cert_file`: default `$smtpd_tls_cert_file`.
pub const TLSPROXY_TLS_CERT_FILE: Param<Str> = Param::new(825);

/// `tlsproxy_tls_chain_files`: default `$smtpd_tls_chain_files`.
pub const TLSPROXY_TLS_CHAIN_FILES: Param<Str> = Param::new(826);

/// `tlsproxy_tls_ciphers`: default `$smtpd_tls_ciphers`.
pub const TLSPROXY_TLS_CIPHERS: Param<Str> = Param::new(827);

/// `tlsproxy_tls_dcert_file`: default `$smtpd_tls_dcert_file`.
pub const TLSPROXY_TLS_DCERT_FILE: Param<Str> = Param::new(828);

/// `tlsproxy_tls_dh1024_param_file`: default `$smtpd_tls_dh1024_param_file`.
pub const TLSPROXY_TLS_DH1024_PARAM_FILE: Param<Str> = Param::new(829);

/// `tlsproxy_tls_dh512_param_file`: default `$smtpd_tls_dh512_param_file`.
pub const TLSPROXY_TLS_DH512_PARAM_FILE: Param<Str> = Param::new(830);

/// `tlsproxy_tls_dkey_file`: default `$smtpd_tls_dkey_file`.
pub const TLSPROXY_TLS_DKEY_FILE: Param<Str> = Param::new(831);

/// `tlsproxy_tls_eccert_file`: default `$smtpd_tls_eccert_file`.
pub const TLSPROXY_TLS_ECCERT_FILE: Param<Str> = Param::new(832);

/// `tlsproxy_tls_eckey_file`: default `$smtpd_tls_eckey_file`.
pub const TLSPROXY_TLS_ECKEY_FILE: Param<Str> = Param::new(833);

/// `tlsproxy_tls_eecdh_grade`: default `$smtpd_tls_eecdh_grade`.
pub const TLSPROXY_TLS_EECDH_GRADE: Param<Str> = Param::new(834);

/// `tlsproxy_tls_enable_rpk`: default `$smtpd_tls_enable_rpk`.
pub const TLSPROXY_TLS_ENABLE_RPK: Param<Bool> = Param::new(835);

/// `tlsproxy_tls_exclude_ciphers`: default `$smtpd_tls_exclude_ciphers`.
pub const TLSPROXY_TLS_EXCLUDE_CIPHERS: Param<Str> = Param::new(836);

/// `tlsproxy_tls_fingerprint_digest`: default `$smtpd_tls_fingerprint_digest`.
pub const TLSPROXY_TLS_FINGERPRINT_DIGEST: Param<Str> = Param::new(837);

/// `tlsproxy_tls_key_file`: default `$smtpd_tls_key_file`.
pub const TLSPROXY_TLS_KEY_FILE: Param<Str> = Param::new(838);

/// `tlsproxy_tls_loglevel`: default `$smtpd_tls_loglevel`.
pub const TLSPROXY_TLS_LOGLEVEL: Param<Str> = Param::new(839);

/// `tlsproxy_tls_mandatory_ciphers`: default `$smtpd_tls_mandatory_ciphers`.
pub const TLSPROXY_TLS_MANDATORY_CIPHERS: Param<Str> = Param::new(840);

/// `tlsproxy_tls_mandatory_exclude_ciphers`: default `$smtpd_tls_mandatory_exclude_ciphers`.
pub const TLSPROXY_TLS_MANDATORY_EXCLUDE_CIPHERS: Param<Str> = Param::new(841);

/// `tlsproxy_tls_mandatory_protocols`: default `$smtpd_tls_mandatory_protocols`.
pub const TLSPROXY_TLS_MANDATORY_PROTOCOLS: Param<Str> = Param::new(842);

/// `tlsproxy_tls_protocols`: default `$smtpd_tls_protocols`.
pub const TLSPROXY_TLS_PROTOCOLS: Param<Str> = Param::new(843);

/// `tlsproxy_tls_req_ccert`: default `$smtpd_tls_req_ccert`.
pub const TLSPROXY_TLS_REQ_CCERT: Param<Bool> = Param::new(844);

/// `tlsproxy_tls_security_level`: default `$smtpd_tls_security_level`.
pub const TLSPROXY_TLS_SECURITY_LEVEL: Param<Str> = Param::new(845);

/// `tlsproxy_use_tls`: default `$smtpd_use_tls`.
pub const TLSPROXY_USE_TLS: Param<Bool> = Param::new(846);

/// `tlsproxy_watchdog_timeout`: default `10s`.
pub const TLSPROXY_WATCHDOG_TIMEOUT: Param<Time> = Param::new(847);

/// `trace_service_name`: The service that keeps records for reports to senders (default `trace`).
pub const TRACE_SERVICE_NAME: Param<Str> = Param::new(848);

/// `transport_maps`: Tables of transports and nexthops by recipient and domain; see transport(5) (default empty).
pub const TRANSPORT_MAPS: Param<Str> = Param::new(849);

/// `transport_retry_time`: How long the queue manager waits before it tries a delivery agent again that could not be reached (default `60s`).
pub const TRANSPORT_RETRY_TIME: Param<Time> = Param::new(850);

/// `trigger_timeout`: How long to wait for a service to take a wake-up (default `10s`).
pub const TRIGGER_TIMEOUT: Param<Time> = Param::new(851);

/// `undisclosed_recipients_header`: A header for messages that name no recipient in To, Cc or their Resent- forms; empty adds none (default empty).
pub const UNDISCLOSED_RECIPIENTS_HEADER: Param<Str> = Param::new(852);

/// `unknown_address_reject_code`: The SMTP reply code for reject_unknown_sender_domain and reject_unknown_recipient_domain (default `450`).
pub const UNKNOWN_ADDRESS_REJECT_CODE: Param<Int> = Param::new(853);

/// `unknown_address_tempfail_action`: What they do when DNS does not answer (default `$reject_tempfail_action`).
pub const UNKNOWN_ADDRESS_TEMPFAIL_ACTION: Param<Str> = Param::new(854);

/// `unknown_client_reject_code`: The SMTP reply code for reject_unknown_client_hostname (default `450`).
pub const UNKNOWN_CLIENT_REJECT_CODE: Param<Int> = Param::new(855);

/// `unknown_helo_hostname_tempfail_action`: What reject_unknown_helo_hostname does when DNS does not answer (default `$reject_tempfail_action`).
pub const UNKNOWN_HELO_HOSTNAME_TEMPFAIL_ACTION: Param<Str> = Param::new(856);

/// `unknown_hostname_reject_code`: The SMTP reply code for reject_unknown_helo_hostname (default `450`).
pub const UNKNOWN_HOSTNAME_REJECT_CODE: Param<Int> = Param::new(857);

/// `unknown_local_recipient_reject_code`: The SMTP reply code for local recipients that are not in local_recipient_maps (default `550`).
pub const UNKNOWN_LOCAL_RECIPIENT_REJECT_CODE: Param<Int> = Param::new(858);

/// `unknown_relay_recipient_reject_code`: The SMTP reply code for addresses of relay_domains that are not in relay_recipient_maps (default `550`).
pub const UNKNOWN_RELAY_RECIPIENT_REJECT_CODE: Param<Int> = Param::new(859);

/// `unknown_virtual_alias_reject_code`: The SMTP reply code for unknown addresses of virtual_alias_domains (default `550`).
pub const UNKNOWN_VIRTUAL_ALIAS_REJECT_CODE: Param<Int> = Param::new(860);

/// `unknown_virtual_mailbox_reject_code`: The SMTP reply code for unknown addresses of virtual_mailbox_domains (default `550`).
pub const UNKNOWN_VIRTUAL_MAILBOX_REJECT_CODE: Param<Int> = Param::new(861);

/// `unverified_recipient_defer_code`: The SMTP reply code while a recipient's probe has no outcome (default `450`).
pub const UNVERIFIED_RECIPIENT_DEFER_CODE: Param<Int> = Param::new(862);

/// `unverified_recipient_reject_code`: The SMTP reply code for recipients whose probe failed (default `450`).
pub const UNVERIFIED_RECIPIENT_REJECT_CODE: Param<Int> = Param::new(863);

/// `unverified_recipient_reject_reason`: The reason to give instead of the probe's (default empty).
pub const UNVERIFIED_RECIPIENT_REJECT_REASON: Param<Str> = Param::new(864);

/// `unverified_recipient_tempfail_action`: What reject_unverified_recipient does when the outcome is not known (default `$reject_tempfail_action`).
pub const UNVERIFIED_RECIPIENT_TEMPFAIL_ACTION: Param<Str> = Param::new(865);

/// `unverified_sender_defer_code`: The SMTP reply code while a sender's probe has no outcome (default `450`).
pub const UNVERIFIED_SENDER_DEFER_CODE: Param<Int> = Param::new(866);

/// `unverified_sender_reject_code`: The SMTP reply code for senders whose probe failed (default `450`).
pub const UNVERIFIED_SENDER_REJECT_CODE: Param<Int> = Param::new(867);

/// `unverified_sender_reject_reason`: The reason to give instead of the probe's (default empty).
pub const UNVERIFIED_SENDER_REJECT_REASON: Param<Str> = Param::new(868);

/// `unverified_sender_tempfail_action`: What reject_unverified_sender does when the outcome is not known (default `$reject_tempfail_action`).
pub const UNVERIFIED_SENDER_TEMPFAIL_ACTION: Param<Str> = Param::new(869);

/// `use_srv_lookup`: Services, such as submission, whose servers are found by SRV records (default empty).
pub const USE_SRV_LOOKUP: Param<Str> = Param::new(870);

/// `verp_delimiter_filter`: The characters that default_verp_delimiters and sendmail -XV may use (default `-=+`).
pub const VERP_DELIMITER_FILTER: Param<Str> = Param::new(871);

/// `virtual_alias_address_length_limit`: How long an address may become by virtual alias expansion (default `1000`).
pub const VIRTUAL_ALIAS_ADDRESS_LENGTH_LIMIT: Param<Int> = Param::new(872);

/// `virtual_alias_domains`: Domains whose every address is an alias for addresses elsewhere (default `$virtual_alias_maps`).
pub const VIRTUAL_ALIAS_DOMAINS: Param<Str> = Param::new(873);

/// `virtual_alias_expansion_limit`: How many addresses one recipient may expand to (default `1000`).
pub const VIRTUAL_ALIAS_EXPANSION_LIMIT: Param<Int> = Param::new(874);

/// `virtual_alias_maps`: Tables that replace recipients of any domain by other addresses; see virtual(5) (default `$virtual_maps`).
pub const VIRTUAL_ALIAS_MAPS: Param<Str> = Param::new(875);

/// `virtual_alias_recursion_limit`: How often the result of an alias is itself looked up (default `1000`).
pub const VIRTUAL_ALIAS_RECURSION_LIMIT: Param<Int> = Param::new(876);

/// `virtual_delivery_status_filter`: default_delivery_status_filter of virtual(8) (default `$default_delivery_status_filter`).
pub const VIRTUAL_DELIVERY_STATUS_FILTER: Param<Str> = Param::new(877);

/// `virtual_gid_maps`: Tables of group ids by recipient; static:5000 for one (default empty).
pub const VIRTUAL_GID_MAPS: Param<Str> = Param::new(878);

/// `virtual_mailbox_base`: What all mailbox names begin with (default empty).
pub const VIRTUAL_MAILBOX_BASE: Param<Str> = Param::new(879);

/// `virtual_mailbox_domains`: The domains whose mailboxes virtual_mailbox_maps lists (default `$virtual_mailbox_maps`).
pub const VIRTUAL_MAILBOX_DOMAINS: Param<Str> = Param::new(880);

/// `virtual_mailbox_limit`: How many bytes a mailbox may have (default `51200000`).
pub const VIRTUAL_MAILBOX_LIMIT: Param<Int> = Param::new(881);

/// `virtual_mailbox_lock`: How mailboxes are locked: fcntl, flock, dotlock (default `fcntl, dotlock`).
pub const VIRTUAL_MAILBOX_LOCK: Param<Str> = Param::new(882);

/// `virtual_mailbox_maps`: Tables of mailboxes by recipient: below virtual_mailbox_base, Maildir when it ends in a slash (default empty).
pub const VIRTUAL_MAILBOX_MAPS: Param<Str> = Param::new(883);

/// `virtual_maps`: default empty.
pub const VIRTUAL_MAPS: Param<Str> = Param::new(884);

/// `virtual_minimum_uid`: The smallest user id that virtual_uid_maps may give (default `100`).
pub const VIRTUAL_MINIMUM_UID: Param<Int> = Param::new(885);

/// `virtual_transport`: The transport for virtual_mailbox_domains (default `virtual`).
pub const VIRTUAL_TRANSPORT: Param<Str> = Param::new(886);

/// `virtual_uid_maps`: Tables of user ids by recipient (default empty).
pub const VIRTUAL_UID_MAPS: Param<Str> = Param::new(887);

/// `<transport>_delivery_slot_cost`: After how many recipients a message may be overtaken by a smaller one (default `$default_delivery_slot_cost`).
pub const TRANSPORT_DELIVERY_SLOT_COST: Family<Int> = Family::new(Row { name: "_delivery_slot_cost", kind: Kind::Int, min: 0, max: 0, default: "$default_delivery_slot_cost", computed: false, hidden: false });

/// `<transport>_delivery_slot_discount`: What percentage of the recipients due a message may be overtaken early (default `$default_delivery_slot_discount`).
pub const TRANSPORT_DELIVERY_SLOT_DISCOUNT: Family<Int> = Family::new(Row { name: "_delivery_slot_discount", kind: Kind::Int, min: 0, max: 0, default: "$default_delivery_slot_discount", computed: false, hidden: false });

/// `<transport>_delivery_slot_loan`: How many recipients ahead of its due a message may be overtaken (default `$default_delivery_slot_loan`).
pub const TRANSPORT_DELIVERY_SLOT_LOAN: Family<Int> = Family::new(Row { name: "_delivery_slot_loan", kind: Kind::Int, min: 0, max: 0, default: "$default_delivery_slot_loan", computed: false, hidden: false });

/// `<transport>_destination_concurrency_failed_cohort_limit`: After how many rounds of failure in a row a destination counts as dead (default `$default_destination_concurrency_failed_cohort_limit`).
pub const TRANSPORT_DESTINATION_CONCURRENCY_FAILED_COHORT_LIMIT: Family<Int> = Family::new(Row { name: "_destination_concurrency_failed_cohort_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_destination_concurrency_failed_cohort_limit", computed: false, hidden: false });

/// `<transport>_destination_concurrency_limit`: How many deliveries to the same destination of this transport run at once at most (default `$default_destination_concurrency_limit`).
pub const TRANSPORT_DESTINATION_CONCURRENCY_LIMIT: Family<Int> = Family::new(Row { name: "_destination_concurrency_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_destination_concurrency_limit", computed: false, hidden: false });

/// `<transport>_destination_concurrency_negative_feedback`: How much failure lowers the concurrency of a destination: a number, or 1/concurrency (default `$default_destination_concurrency_negative_feedback`).
pub const TRANSPORT_DESTINATION_CONCURRENCY_NEGATIVE_FEEDBACK: Family<Str> = Family::new(Row { name: "_destination_concurrency_negative_feedback", kind: Kind::Str, min: 1, max: 0, default: "$default_destination_concurrency_negative_feedback", computed: false, hidden: false });

/// `<transport>_destination_concurrency_positive_feedback`: How much success raises the concurrency of a destination: a number, or 1/concurrency (default `$default_destination_concurrency_positive_feedback`).
pub const TRANSPORT_DESTINATION_CONCURRENCY_POSITIVE_FEEDBACK: Family<Str> = Family::new(Row { name: "_destination_concurrency_positive_feedback", kind: Kind::Str, min: 1, max: 0, default: "$default_destination_concurrency_positive_feedback", computed: false, hidden: false });

/// `<transport>_destination_rate_delay`: How long to wait between deliveries to the same destination (default `$default_destination_rate_delay`).
pub const TRANSPORT_DESTINATION_RATE_DELAY: Family<Time> = Family::new(Row { name: "_destination_rate_delay", kind: Kind::Time('s'), min: 0, max: 0, default: "$default_destination_rate_delay", computed: false, hidden: false });

/// `<transport>_destination_recipient_limit`: How many recipients one delivery has (default `$default_destination_recipient_limit`).
pub const TRANSPORT_DESTINATION_RECIPIENT_LIMIT: Family<Int> = Family::new(Row { name: "_destination_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_destination_recipient_limit", computed: false, hidden: false });

/// `<transport>_extra_recipient_limit`: How many more recipients a message may bring to a destination that is delivered to first (default `$default_extra_recipient_limit`).
pub const TRANSPORT_EXTRA_RECIPIENT_LIMIT: Family<Int> = Family::new(Row { name: "_extra_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_extra_recipient_limit", computed: false, hidden: false });

/// `<transport>_initial_destination_concurrency`: How many deliveries to a destination of this transport run at once at first (default `$initial_destination_concurrency`).
pub const TRANSPORT_INITIAL_DESTINATION_CONCURRENCY: Family<Int> = Family::new(Row { name: "_initial_destination_concurrency", kind: Kind::Int, min: 1, max: 0, default: "$initial_destination_concurrency", computed: false, hidden: false });

/// `<transport>_minimum_delivery_slots`: Messages with fewer recipients than this many slots' worth are not overtaken (default `$default_minimum_delivery_slots`).
pub const TRANSPORT_MINIMUM_DELIVERY_SLOTS: Family<Int> = Family::new(Row { name: "_minimum_delivery_slots", kind: Kind::Int, min: 0, max: 0, default: "$default_minimum_delivery_slots", computed: false, hidden: false });

/// `<transport>_recipient_limit`: How many recipients of this transport the queue manager has in memory (default `$default_recipient_limit`).
pub const TRANSPORT_RECIPIENT_LIMIT: Family<Int> = Family::new(Row { name: "_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_recipient_limit", computed: false, hidden: false });

/// `<transport>_recipient_refill_delay`: How long to wait at most before more recipients of a message are read (default `$default_recipient_refill_delay`).
pub const TRANSPORT_RECIPIENT_REFILL_DELAY: Family<Time> = Family::new(Row { name: "_recipient_refill_delay", kind: Kind::Time('s'), min: 1, max: 0, default: "$default_recipient_refill_delay", computed: false, hidden: false });

/// `<transport>_recipient_refill_limit`: How many recipients are read at a time when a message has more than memory has room for (default `$default_recipient_refill_limit`).
pub const TRANSPORT_RECIPIENT_REFILL_LIMIT: Family<Int> = Family::new(Row { name: "_recipient_refill_limit", kind: Kind::Int, min: 1, max: 0, default: "$default_recipient_refill_limit", computed: false, hidden: false });

/// `<transport>_time_limit`: How long the command of a pipe(8) or spawn(8) service may take (default `$command_time_limit`).
pub const TRANSPORT_TIME_LIMIT: Family<Time> = Family::new(Row { name: "_time_limit", kind: Kind::Time('s'), min: 1, max: 0, default: "$command_time_limit", computed: false, hidden: false });

/// `<transport>_transport_rate_delay`: How long to wait between any two deliveries by this transport (default `$default_transport_rate_delay`).
pub const TRANSPORT_TRANSPORT_RATE_DELAY: Family<Time> = Family::new(Row { name: "_transport_rate_delay", kind: Kind::Time('s'), min: 0, max: 0, default: "$default_transport_rate_delay", computed: false, hidden: false });

/// Every parameter that is not a family, sorted by name.
pub(crate) static TABLE: [Row; 888] = [
    Row { name: "2bounce_notice_recipient", kind: Kind::Str, min: 1, max: 0, default: "postmaster", computed: false, hidden: false },
    Row { name: "access_map_defer_code", kind: Kind::Int, min: 0, max: 0, default: "450", computed: false, hidden: false },
    Row { name: "access_map_reject_code", kind: Kind::Int, min: 0, max: 0, default: "554", computed: false, hidden: false },
    Row { name: "address_verify_cache_cleanup_interval", kind: Kind::Time('h'), min: 0, max: 0, default: "12h", computed: false, hidden: false },
    Row { name: "address_verify_default_transport", kind: Kind::Str, min: 1, max: 0, default: "$default_transport", computed: false, hidden: false },
    Row { name: "address_verify_local_transport", kind: Kind::Str, min: 1, max: 0, default: "$local_transport", computed: false, hidden: false },
    Row { name: "address_verify_map", kind: Kind::Str, min: 0, max: 0, default: "$default_cache_db_type:$data_directory/verify_cache", computed: false, hidden: false },
    Row { name: "address_verify_negative_cache", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "address_verify_negative_expire_time", kind: Kind::Time('d'), min: 1, max: 0, default: "3d", computed: false, hidden: false },
    Row { name: "address_verify_negative_refresh_time", kind: Kind::Time('h'), min: 1, max: 0, default: "3h", computed: false, hidden: false },
    Row { name: "address_verify_pending_request_limit", kind: Kind::Int, min: 1, max: 0, default: "5000", computed: false, hidden: false },
    Row { name: "address_verify_poll_count", kind: Kind::Int, min: 1, max: 0, default: "${stress?{1}:{3}}", computed: false, hidden: false },
    Row { name: "address_verify_poll_delay", kind: Kind::Time('s'), min: 1, max: 0, default: "3s", computed: false, hidden: false },
    Row { name: "address_verify_positive_expire_time", kind: Kind::Time('d'), min: 1, max: 0, default: "31d", computed: false, hidden: false },
    Row { name: "address_verify_positive_refresh_time", kind: Kind::Time('d'), min: 1, max: 0, default: "7d", computed: false, hidden: false },
    Row { name: "address_verify_relay_transport", kind: Kind::Str, min: 1, max: 0, default: "$relay_transport", computed: false, hidden: false },
    Row { name: "address_verify_relayhost", kind: Kind::Str, min: 0, max: 0, default: "$relayhost", computed: false, hidden: false },
    Row { name: "address_verify_sender", kind: Kind::Str, min: 0, max: 0, default: "$double_bounce_sender", computed: false, hidden: false },
    Row { name: "address_verify_sender_dependent_default_transport_maps", kind: Kind::Str, min: 0, max: 0, default: "$sender_dependent_default_transport_maps", computed: false, hidden: false },
    Row { name: "address_verify_sender_dependent_relayhost_maps", kind: Kind::Str, min: 0, max: 0, default: "$sender_dependent_relayhost_maps", computed: false, hidden: false },
    Row { name: "address_verify_sender_ttl", kind: Kind::Time('s'), min: 0, max: 0, default: "0s", computed: false, hidden: false },
    Row { name: "address_verify_service_name", kind: Kind::Str, min: 1, max: 0, default: "verify", computed: false, hidden: false },
    Row { name: "address_verify_transport_maps", kind: Kind::Str, min: 0, max: 0, default: "$transport_maps", computed: false, hidden: false },
    Row { name: "address_verify_virtual_transport", kind: Kind::Str, min: 1, max: 0, default: "$virtual_transport", computed: false, hidden: false },
    Row { name: "alias_database", kind: Kind::Str, min: 0, max: 0, default: "$default_database_type:/etc/aliases", computed: false, hidden: false },
    Row { name: "alias_maps", kind: Kind::Str, min: 0, max: 0, default: "$default_database_type:/etc/aliases, nis:mail.aliases", computed: false, hidden: false },
    Row { name: "allow_mail_to_commands", kind: Kind::Str, min: 0, max: 0, default: "alias, forward", computed: false, hidden: false },
    Row { name: "allow_mail_to_files", kind: Kind::Str, min: 0, max: 0, default: "alias, forward", computed: false, hidden: false },
    Row { name: "allow_min_user", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "allow_percent_hack", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "allow_srv_lookup_fallback", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "allow_untrusted_routing", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "alternate_config_directories", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "always_add_missing_headers", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "always_bcc", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "anvil_rate_time_unit", kind: Kind::Time('s'), min: 1, max: 0, default: "60s", computed: false, hidden: false },
    Row { name: "anvil_status_update_time", kind: Kind::Time('s'), min: 1, max: 0, default: "600s", computed: false, hidden: false },
    Row { name: "append_at_myorigin", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "append_dot_mydomain", kind: Kind::Bool, min: 0, max: 0, default: "${{$compatibility_level} <level {1} ? {yes} : {no}}", computed: false, hidden: false },
    Row { name: "application_event_drain_time", kind: Kind::Time('s'), min: 1, max: 0, default: "100s", computed: false, hidden: false },
    Row { name: "authorized_flush_users", kind: Kind::Str, min: 0, max: 0, default: "static:anyone", computed: false, hidden: false },
    Row { name: "authorized_mailq_users", kind: Kind::Str, min: 0, max: 0, default: "static:anyone", computed: false, hidden: false },
    Row { name: "authorized_submit_users", kind: Kind::Str, min: 0, max: 0, default: "static:anyone", computed: false, hidden: false },
    Row { name: "authorized_verp_clients", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "backwards_bounce_logfile_compatibility", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "berkeley_db_create_buffer_size", kind: Kind::Int, min: 1, max: 0, default: "16777216", computed: false, hidden: false },
    Row { name: "berkeley_db_read_buffer_size", kind: Kind::Int, min: 1, max: 0, default: "131072", computed: false, hidden: false },
    Row { name: "best_mx_transport", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "biff", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "body_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "body_checks_size_limit", kind: Kind::Int, min: 0, max: 0, default: "51200", computed: false, hidden: false },
    Row { name: "bounce_notice_recipient", kind: Kind::Str, min: 1, max: 0, default: "postmaster", computed: false, hidden: false },
    Row { name: "bounce_queue_lifetime", kind: Kind::Time('d'), min: 0, max: 8640000, default: "5d", computed: false, hidden: false },
    Row { name: "bounce_service_name", kind: Kind::Str, min: 1, max: 0, default: "bounce", computed: false, hidden: false },
    Row { name: "bounce_size_limit", kind: Kind::Int, min: 1, max: 0, default: "50000", computed: false, hidden: false },
    Row { name: "bounce_template_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "broken_sasl_auth_clients", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "canonical_classes", kind: Kind::Str, min: 1, max: 0, default: "envelope_sender, envelope_recipient, header_sender, header_recipient", computed: false, hidden: false },
    Row { name: "canonical_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "cleanup_replace_stray_cr_lf", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "cleanup_service_name", kind: Kind::Str, min: 1, max: 0, default: "cleanup", computed: false, hidden: false },
    Row { name: "command_directory", kind: Kind::Str, min: 1, max: 0, default: "/usr/sbin", computed: false, hidden: false },
    Row { name: "command_execution_directory", kind: Kind::Raw, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "command_expansion_filter", kind: Kind::Str, min: 1, max: 0, default: "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", computed: false, hidden: false },
    Row { name: "command_time_limit", kind: Kind::Time('s'), min: 1, max: 0, default: "1000s", computed: false, hidden: false },
    Row { name: "compatibility_level", kind: Kind::Str, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "config_directory", kind: Kind::Str, min: 1, max: 0, default: "", computed: true, hidden: false },
    Row { name: "confirm_delay_cleared", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "connection_cache_protocol_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "5s", computed: false, hidden: false },
    Row { name: "connection_cache_service_name", kind: Kind::Str, min: 1, max: 0, default: "scache", computed: false, hidden: false },
    Row { name: "connection_cache_status_update_time", kind: Kind::Time('s'), min: 1, max: 0, default: "600s", computed: false, hidden: false },
    Row { name: "connection_cache_ttl_limit", kind: Kind::Time('s'), min: 1, max: 0, default: "2s", computed: false, hidden: false },
    Row { name: "content_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "cyrus_sasl_config_path", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "daemon_directory", kind: Kind::Str, min: 1, max: 0, default: "/usr/lib/postfix/sbin", computed: false, hidden: false },
    Row { name: "daemon_table_open_error_is_fatal", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "daemon_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "18000s", computed: false, hidden: false },
    Row { name: "data_directory", kind: Kind::Str, min: 1, max: 0, default: "/var/lib/postfix", computed: false, hidden: false },
    Row { name: "debug_peer_level", kind: Kind::Int, min: 1, max: 0, default: "2", computed: false, hidden: false },
    Row { name: "debug_peer_list", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "debugger_command", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "default_cache_db_type", kind: Kind::Str, min: 1, max: 0, default: "lmdb", computed: false, hidden: false },
    Row { name: "default_database_type", kind: Kind::Str, min: 1, max: 0, default: "cdb", computed: false, hidden: false },
    Row { name: "default_delivery_slot_cost", kind: Kind::Int, min: 0, max: 0, default: "5", computed: false, hidden: false },
    Row { name: "default_delivery_slot_discount", kind: Kind::Int, min: 0, max: 100, default: "50", computed: false, hidden: false },
    Row { name: "default_delivery_slot_loan", kind: Kind::Int, min: 0, max: 0, default: "3", computed: false, hidden: false },
    Row { name: "default_delivery_status_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "default_destination_concurrency_failed_cohort_limit", kind: Kind::Int, min: 0, max: 0, default: "1", computed: false, hidden: false },
    Row { name: "default_destination_concurrency_limit", kind: Kind::Int, min: 0, max: 0, default: "20", computed: false, hidden: false },
    Row { name: "default_destination_concurrency_negative_feedback", kind: Kind::Str, min: 1, max: 0, default: "1", computed: false, hidden: false },
    Row { name: "default_destination_concurrency_positive_feedback", kind: Kind::Str, min: 1, max: 0, default: "1", computed: false, hidden: false },
    Row { name: "default_destination_rate_delay", kind: Kind::Time('s'), min: 0, max: 0, default: "0s", computed: false, hidden: false },
    Row { name: "default_destination_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "50", computed: false, hidden: false },
    Row { name: "default_extra_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "1000", computed: false, hidden: false },
    Row { name: "default_filter_nexthop", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "default_minimum_delivery_slots", kind: Kind::Int, min: 0, max: 0, default: "3", computed: false, hidden: false },
    Row { name: "default_privs", kind: Kind::Str, min: 1, max: 0, default: "nobody", computed: false, hidden: false },
    Row { name: "default_process_limit", kind: Kind::Int, min: 1, max: 0, default: "100", computed: false, hidden: false },
    Row { name: "default_rbl_reply", kind: Kind::Raw, min: 1, max: 0, default: "$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason}", computed: false, hidden: false },
    Row { name: "default_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "20000", computed: false, hidden: false },
    Row { name: "default_recipient_refill_delay", kind: Kind::Time('s'), min: 1, max: 0, default: "5s", computed: false, hidden: false },
    Row { name: "default_recipient_refill_limit", kind: Kind::Int, min: 1, max: 0, default: "100", computed: false, hidden: false },
    Row { name: "default_transport", kind: Kind::Str, min: 1, max: 0, default: "smtp", computed: false, hidden: false },
    Row { name: "default_transport_rate_delay", kind: Kind::Time('s'), min: 0, max: 0, default: "0s", computed: false, hidden: false },
    Row { name: "default_verp_delimiters", kind: Kind::Str, min: 2, max: 2, default: "+=", computed: false, hidden: false },
    Row { name: "defer_code", kind: Kind::Int, min: 0, max: 0, default: "450", computed: false, hidden: false },
    Row { name: "defer_service_name", kind: Kind::Str, min: 1, max: 0, default: "defer", computed: false, hidden: false },
    Row { name: "defer_transports", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "delay_logging_resolution_limit", kind: Kind::Int, min: 0, max: 6, default: "2", computed: false, hidden: false },
    Row { name: "delay_notice_recipient", kind: Kind::Str, min: 1, max: 0, default: "postmaster", computed: false, hidden: false },
    Row { name: "delay_warning_time", kind: Kind::Time('h'), min: 0, max: 0, default: "0h", computed: false, hidden: false },
    Row { name: "deliver_lock_attempts", kind: Kind::Int, min: 1, max: 0, default: "20", computed: false, hidden: false },
    Row { name: "deliver_lock_delay", kind: Kind::Time('s'), min: 1, max: 0, default: "1s", computed: false, hidden: false },
    Row { name: "destination_concurrency_feedback_debug", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "detect_8bit_encoding_header", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "disable_dns_lookups", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "disable_mime_input_processing", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "disable_mime_output_conversion", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "disable_verp_bounces", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "disable_vrfy_command", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "dns_ncache_ttl_fix_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "dnsblog_reply_delay", kind: Kind::Time('s'), min: 0, max: 0, default: "0s", computed: false, hidden: false },
    Row { name: "dnsblog_service_name", kind: Kind::Str, min: 1, max: 0, default: "dnsblog", computed: false, hidden: false },
    Row { name: "dnssec_probe", kind: Kind::Str, min: 0, max: 0, default: "ns:.", computed: false, hidden: false },
    Row { name: "dont_remove", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "double_bounce_sender", kind: Kind::Str, min: 1, max: 0, default: "double-bounce", computed: false, hidden: false },
    Row { name: "duplicate_filter_limit", kind: Kind::Int, min: 0, max: 0, default: "1000", computed: false, hidden: false },
    Row { name: "empty_address_default_transport_maps_lookup_key", kind: Kind::Str, min: 1, max: 0, default: "<>", computed: false, hidden: false },
    Row { name: "empty_address_local_login_sender_maps_lookup_key", kind: Kind::Str, min: 0, max: 0, default: "<>", computed: false, hidden: false },
    Row { name: "empty_address_recipient", kind: Kind::Str, min: 1, max: 0, default: "MAILER-DAEMON", computed: false, hidden: false },
    Row { name: "empty_address_relayhost_maps_lookup_key", kind: Kind::Str, min: 1, max: 0, default: "<>", computed: false, hidden: false },
    Row { name: "enable_idna2003_compatibility", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "enable_long_queue_ids", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "enable_original_recipient", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "enable_threaded_bounces", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "error_notice_recipient", kind: Kind::Str, min: 1, max: 0, default: "postmaster", computed: false, hidden: false },
    Row { name: "error_service_name", kind: Kind::Str, min: 1, max: 0, default: "error", computed: false, hidden: false },
    Row { name: "execution_directory_expansion_filter", kind: Kind::Str, min: 1, max: 0, default: "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", computed: false, hidden: false },
    Row { name: "expand_owner_alias", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "export_environment", kind: Kind::Str, min: 0, max: 0, default: "TZ MAIL_CONFIG LANG", computed: false, hidden: false },
    Row { name: "fallback_relay", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "fallback_transport", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "fallback_transport_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "fast_flush_domains", kind: Kind::Str, min: 0, max: 0, default: "$relay_domains", computed: false, hidden: false },
    Row { name: "fast_flush_purge_time", kind: Kind::Time('d'), min: 1, max: 0, default: "7d", computed: false, hidden: false },
    Row { name: "fast_flush_refresh_time", kind: Kind::Time('h'), min: 1, max: 0, default: "12h", computed: false, hidden: false },
    Row { name: "fault_injection_code", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "ferropost_version", kind: Kind::Str, min: 0, max: 0, default: "", computed: true, hidden: false },
    Row { name: "flush_service_name", kind: Kind::Str, min: 1, max: 0, default: "flush", computed: false, hidden: false },
    Row { name: "force_mime_input_conversion", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "fork_attempts", kind: Kind::Int, min: 1, max: 0, default: "5", computed: false, hidden: false },
    Row { name: "fork_delay", kind: Kind::Time('s'), min: 1, max: 0, default: "1s", computed: false, hidden: false },
    Row { name: "forward_expansion_filter", kind: Kind::Str, min: 1, max: 0, default: "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", computed: false, hidden: false },
    Row { name: "forward_path", kind: Kind::Raw, min: 0, max: 0, default: "$home/.forward${recipient_delimiter}${extension}, $home/.forward", computed: false, hidden: false },
    Row { name: "frozen_delivered_to", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "full_name_encoding_charset", kind: Kind::Str, min: 1, max: 0, default: "utf-8", computed: false, hidden: false },
    Row { name: "hash_queue_depth", kind: Kind::Int, min: 1, max: 0, default: "1", computed: false, hidden: false },
    Row { name: "hash_queue_names", kind: Kind::Str, min: 1, max: 0, default: "deferred, defer", computed: false, hidden: false },
    Row { name: "header_address_token_limit", kind: Kind::Int, min: 1, max: 0, default: "10240", computed: false, hidden: false },
    Row { name: "header_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "header_from_format", kind: Kind::Str, min: 1, max: 0, default: "standard", computed: false, hidden: false },
    Row { name: "header_size_limit", kind: Kind::Int, min: 1, max: 0, default: "102400", computed: false, hidden: false },
    Row { name: "helpful_warnings", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "home_mailbox", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "hopcount_limit", kind: Kind::Int, min: 1, max: 0, default: "50", computed: false, hidden: false },
    Row { name: "html_directory", kind: Kind::Str, min: 1, max: 0, default: "/usr/share/doc/postfix/html", computed: false, hidden: false },
    Row { name: "ignore_mx_lookup_error", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "ignore_srv_lookup_error", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "import_environment", kind: Kind::Str, min: 0, max: 0, default: "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME XDG_RUNTIME_DIR", computed: false, hidden: false },
    Row { name: "in_flow_delay", kind: Kind::Time('s'), min: 0, max: 10, default: "1s", computed: false, hidden: false },
    Row { name: "inet_interfaces", kind: Kind::Str, min: 0, max: 0, default: "all", computed: false, hidden: false },
    Row { name: "inet_protocols", kind: Kind::Str, min: 0, max: 0, default: "all", computed: false, hidden: false },
    Row { name: "info_log_address_format", kind: Kind::Str, min: 1, max: 0, default: "external", computed: false, hidden: false },
    Row { name: "initial_destination_concurrency", kind: Kind::Int, min: 1, max: 0, default: "5", computed: false, hidden: false },
    Row { name: "internal_mail_filter_classes", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "invalid_hostname_reject_code", kind: Kind::Int, min: 0, max: 0, default: "501", computed: false, hidden: false },
    Row { name: "ipc_idle", kind: Kind::Time('s'), min: 1, max: 0, default: "5s", computed: false, hidden: false },
    Row { name: "ipc_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "3600s", computed: false, hidden: false },
    Row { name: "ipc_ttl", kind: Kind::Time('s'), min: 1, max: 0, default: "1000s", computed: false, hidden: false },
    Row { name: "known_tcp_ports", kind: Kind::Str, min: 0, max: 0, default: "lmtp=24, smtp=25, smtps=submissions=465, submission=587", computed: false, hidden: false },
    Row { name: "line_length_limit", kind: Kind::Int, min: 512, max: 0, default: "2048", computed: false, hidden: false },
    Row { name: "lmdb_map_size", kind: Kind::Long, min: 1, max: 0, default: "16777216", computed: false, hidden: false },
    Row { name: "lmtp_address_preference", kind: Kind::Str, min: 1, max: 0, default: "any", computed: false, hidden: false },
    Row { name: "lmtp_address_verify_target", kind: Kind::Str, min: 1, max: 0, default: "rcpt", computed: false, hidden: false },
    Row { name: "lmtp_assume_final", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_balance_inet_protocols", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "lmtp_bind_address", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_bind_address6", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_bind_address_enforce", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_body_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_cname_overrides_servername", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_connect_timeout", kind: Kind::Time('s'), min: 0, max: 0, default: "0s", computed: false, hidden: false },
    Row { name: "lmtp_connection_cache_destinations", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_connection_cache_on_demand", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "lmtp_connection_cache_time_limit", kind: Kind::Time('s'), min: 1, max: 0, default: "2s", computed: false, hidden: false },
    Row { name: "lmtp_connection_reuse_count_limit", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "lmtp_connection_reuse_time_limit", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "lmtp_data_done_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "600s", computed: false, hidden: false },
    Row { name: "lmtp_data_init_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "120s", computed: false, hidden: false },
    Row { name: "lmtp_data_xfer_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "180s", computed: false, hidden: false },
    Row { name: "lmtp_defer_if_no_mx_address_found", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_delivery_status_filter", kind: Kind::Str, min: 0, max: 0, default: "$default_delivery_status_filter", computed: false, hidden: false },
    Row { name: "lmtp_discard_lhlo_keyword_address_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_discard_lhlo_keywords", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_dns_reply_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_dns_resolver_options", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_dns_support_level", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_enforce_tls", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_fallback_relay", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_generic_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_header_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_host_lookup", kind: Kind::Str, min: 1, max: 0, default: "dns", computed: false, hidden: false },
    Row { name: "lmtp_lhlo_name", kind: Kind::Str, min: 1, max: 0, default: "$myhostname", computed: false, hidden: false },
    Row { name: "lmtp_lhlo_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "lmtp_line_length_limit", kind: Kind::Int, min: 0, max: 0, default: "998", computed: false, hidden: false },
    Row { name: "lmtp_log_tls_feature_status", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "lmtp_mail_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "lmtp_mime_header_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_min_data_rate", kind: Kind::Int, min: 1, max: 0, default: "500", computed: false, hidden: false },
    Row { name: "lmtp_mx_address_limit", kind: Kind::Int, min: 0, max: 0, default: "5", computed: false, hidden: false },
    Row { name: "lmtp_mx_session_limit", kind: Kind::Int, min: 0, max: 0, default: "2", computed: false, hidden: false },
    Row { name: "lmtp_nested_header_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_per_record_deadline", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "lmtp_per_request_deadline", kind: Kind::Bool, min: 0, max: 0, default: "${lmtp_per_record_deadline?{$lmtp_per_record_deadline}:{no}}", computed: false, hidden: false },
    Row { name: "lmtp_pix_workaround_delay_time", kind: Kind::Time('s'), min: 1, max: 0, default: "10s", computed: false, hidden: false },
    Row { name: "lmtp_pix_workaround_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_pix_workaround_threshold_time", kind: Kind::Time('s'), min: 0, max: 0, default: "500s", computed: false, hidden: false },
    Row { name: "lmtp_pix_workarounds", kind: Kind::Str, min: 0, max: 0, default: "disable_esmtp,delay_dotcrlf", computed: false, hidden: false },
    Row { name: "lmtp_quit_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "lmtp_quote_rfc821_envelope", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "lmtp_randomize_addresses", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "lmtp_rcpt_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "lmtp_reply_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_requiretls_policy", kind: Kind::Str, min: 0, max: 0, default: "opportunistic", computed: false, hidden: false },
    Row { name: "lmtp_rset_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "20s", computed: false, hidden: false },
    Row { name: "lmtp_sasl_auth_cache_name", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_sasl_auth_cache_time", kind: Kind::Time('d'), min: 0, max: 0, default: "90d", computed: false, hidden: false },
    Row { name: "lmtp_sasl_auth_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_sasl_auth_soft_bounce", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "lmtp_sasl_mechanism_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_sasl_password_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_sasl_password_result_delimiter", kind: Kind::Str, min: 1, max: 1, default: ":", computed: false, hidden: false },
    Row { name: "lmtp_sasl_path", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_sasl_security_options", kind: Kind::Str, min: 0, max: 0, default: "noplaintext, noanonymous", computed: false, hidden: false },
    Row { name: "lmtp_sasl_tls_security_options", kind: Kind::Str, min: 0, max: 0, default: "$lmtp_sasl_security_options", computed: false, hidden: false },
    Row { name: "lmtp_sasl_tls_verified_security_options", kind: Kind::Str, min: 0, max: 0, default: "$lmtp_sasl_tls_security_options", computed: false, hidden: false },
    Row { name: "lmtp_sasl_type", kind: Kind::Str, min: 1, max: 0, default: "cyrus", computed: false, hidden: false },
    Row { name: "lmtp_send_dummy_mail_auth", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_send_xforward_command", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_sender_dependent_authentication", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_skip_5xx_greeting", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "lmtp_skip_quit_response", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_starttls_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "lmtp_tcp_port", kind: Kind::Str, min: 0, max: 0, default: "24", computed: false, hidden: false },
    Row { name: "lmtp_tls_CAfile", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_CApath", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_block_early_mail_reply", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_tls_cert_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_chain_files", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_ciphers", kind: Kind::Str, min: 1, max: 0, default: "medium", computed: false, hidden: false },
    Row { name: "lmtp_tls_connection_reuse", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_tls_dcert_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_dkey_file", kind: Kind::Str, min: 0, max: 0, default: "$lmtp_tls_dcert_file", computed: false, hidden: false },
    Row { name: "lmtp_tls_eccert_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_eckey_file", kind: Kind::Str, min: 0, max: 0, default: "$lmtp_tls_eccert_file", computed: false, hidden: false },
    Row { name: "lmtp_tls_enable_rpk", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_tls_enforce_peername", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "lmtp_tls_enforce_sts_mx_patterns", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "lmtp_tls_exclude_ciphers", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_fingerprint_cert_match", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_fingerprint_digest", kind: Kind::Str, min: 1, max: 0, default: "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}", computed: false, hidden: false },
    Row { name: "lmtp_tls_force_insecure_host_tlsa_lookup", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_tls_key_file", kind: Kind::Str, min: 0, max: 0, default: "$lmtp_tls_cert_file", computed: false, hidden: false },
    Row { name: "lmtp_tls_loglevel", kind: Kind::Str, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "lmtp_tls_mandatory_ciphers", kind: Kind::Str, min: 1, max: 0, default: "medium", computed: false, hidden: false },
    Row { name: "lmtp_tls_mandatory_exclude_ciphers", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_mandatory_protocols", kind: Kind::Str, min: 0, max: 0, default: ">=TLSv1", computed: false, hidden: false },
    Row { name: "lmtp_tls_note_starttls_offer", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_tls_per_site", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_policy_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_protocols", kind: Kind::Str, min: 0, max: 0, default: ">=TLSv1", computed: false, hidden: false },
    Row { name: "lmtp_tls_scert_verifydepth", kind: Kind::Int, min: 0, max: 0, default: "9", computed: false, hidden: false },
    Row { name: "lmtp_tls_secure_cert_match", kind: Kind::Str, min: 1, max: 0, default: "nexthop", computed: false, hidden: false },
    Row { name: "lmtp_tls_security_level", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_servername", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_session_cache_database", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_session_cache_timeout", kind: Kind::Time('s'), min: 0, max: 8640000, default: "3600s", computed: false, hidden: false },
    Row { name: "lmtp_tls_trust_anchor_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_tls_verify_cert_match", kind: Kind::Str, min: 1, max: 0, default: "hostname", computed: false, hidden: false },
    Row { name: "lmtp_tls_wrappermode", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_tlsrpt_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_tlsrpt_skip_reused_handshakes", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_tlsrpt_socket_name", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "lmtp_use_tls", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "lmtp_xforward_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "local_command_shell", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "local_delivery_status_filter", kind: Kind::Str, min: 0, max: 0, default: "$default_delivery_status_filter", computed: false, hidden: false },
    Row { name: "local_destination_concurrency_limit", kind: Kind::Int, min: 0, max: 0, default: "2", computed: false, hidden: false },
    Row { name: "local_destination_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "1", computed: false, hidden: false },
    Row { name: "local_header_rewrite_clients", kind: Kind::Str, min: 0, max: 0, default: "permit_inet_interfaces", computed: false, hidden: false },
    Row { name: "local_login_sender_maps", kind: Kind::Str, min: 0, max: 0, default: "static:*", computed: false, hidden: false },
    Row { name: "local_recipient_maps", kind: Kind::Str, min: 0, max: 0, default: "proxy:unix:passwd.byname $alias_maps", computed: false, hidden: false },
    Row { name: "local_transport", kind: Kind::Str, min: 1, max: 0, default: "local:$myhostname", computed: false, hidden: false },
    Row { name: "luser_relay", kind: Kind::Raw, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "mail_name", kind: Kind::Str, min: 1, max: 0, default: "Postfix", computed: false, hidden: false },
    Row { name: "mail_owner", kind: Kind::Str, min: 1, max: 0, default: "postfix", computed: false, hidden: false },
    Row { name: "mail_release_date", kind: Kind::Str, min: 1, max: 0, default: "20260907", computed: false, hidden: false },
    Row { name: "mail_spool_directory", kind: Kind::Str, min: 0, max: 0, default: "/var/mail", computed: false, hidden: false },
    Row { name: "mail_version", kind: Kind::Str, min: 1, max: 0, default: "3.11.7", computed: false, hidden: false },
    Row { name: "mailbox_command", kind: Kind::Raw, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "mailbox_command_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "mailbox_delivery_lock", kind: Kind::Str, min: 1, max: 0, default: "fcntl, dotlock", computed: false, hidden: false },
    Row { name: "mailbox_size_limit", kind: Kind::Long, min: 0, max: 0, default: "51200000", computed: false, hidden: false },
    Row { name: "mailbox_transport", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "mailbox_transport_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "maillog_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "maillog_file_compressor", kind: Kind::Str, min: 1, max: 0, default: "gzip", computed: false, hidden: false },
    Row { name: "maillog_file_permissions", kind: Kind::Str, min: 1, max: 0, default: "0600", computed: false, hidden: false },
    Row { name: "maillog_file_prefixes", kind: Kind::Str, min: 1, max: 0, default: "/var, /dev/stdout", computed: false, hidden: false },
    Row { name: "maillog_file_rotate_suffix", kind: Kind::Str, min: 1, max: 0, default: "%Y%m%d-%H%M%S", computed: false, hidden: false },
    Row { name: "mailq_path", kind: Kind::Str, min: 1, max: 0, default: "/usr/bin/mailq", computed: false, hidden: false },
    Row { name: "manpage_directory", kind: Kind::Str, min: 1, max: 0, default: "/usr/share/man", computed: false, hidden: false },
    Row { name: "maps_rbl_domains", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "maps_rbl_reject_code", kind: Kind::Int, min: 0, max: 0, default: "554", computed: false, hidden: false },
    Row { name: "masquerade_classes", kind: Kind::Str, min: 0, max: 0, default: "envelope_sender, header_sender, header_recipient", computed: false, hidden: false },
    Row { name: "masquerade_domains", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "masquerade_exceptions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "master_service_disable", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "max_idle", kind: Kind::Time('s'), min: 1, max: 0, default: "100s", computed: false, hidden: false },
    Row { name: "max_use", kind: Kind::Int, min: 1, max: 0, default: "100", computed: false, hidden: false },
    Row { name: "maximal_backoff_time", kind: Kind::Time('s'), min: 1, max: 0, default: "4000s", computed: false, hidden: false },
    Row { name: "maximal_queue_lifetime", kind: Kind::Time('d'), min: 0, max: 8640000, default: "5d", computed: false, hidden: false },
    Row { name: "message_drop_headers", kind: Kind::Str, min: 0, max: 0, default: "bcc, content-length, resent-bcc, return-path", computed: false, hidden: false },
    Row { name: "message_reject_characters", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "message_size_limit", kind: Kind::Long, min: 0, max: 0, default: "10240000", computed: false, hidden: false },
    Row { name: "message_strip_characters", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "meta_directory", kind: Kind::Str, min: 1, max: 0, default: "/usr/share/postfix", computed: false, hidden: false },
    Row { name: "milter_command_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "30s", computed: false, hidden: false },
    Row { name: "milter_connect_macros", kind: Kind::Str, min: 0, max: 0, default: "j {daemon_name} {daemon_addr} v _", computed: false, hidden: false },
    Row { name: "milter_connect_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "30s", computed: false, hidden: false },
    Row { name: "milter_content_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "milter_data_macros", kind: Kind::Str, min: 0, max: 0, default: "i", computed: false, hidden: false },
    Row { name: "milter_default_action", kind: Kind::Str, min: 1, max: 0, default: "shutdown", computed: false, hidden: false },
    Row { name: "milter_end_of_data_macros", kind: Kind::Str, min: 0, max: 0, default: "i", computed: false, hidden: false },
    Row { name: "milter_end_of_header_macros", kind: Kind::Str, min: 0, max: 0, default: "i", computed: false, hidden: false },
    Row { name: "milter_header_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "milter_helo_macros", kind: Kind::Str, min: 0, max: 0, default: "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}", computed: false, hidden: false },
    Row { name: "milter_macro_daemon_name", kind: Kind::Str, min: 1, max: 0, default: "$myhostname", computed: false, hidden: false },
    Row { name: "milter_macro_defaults", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "milter_macro_v", kind: Kind::Str, min: 1, max: 0, default: "$mail_name $mail_version", computed: false, hidden: false },
    Row { name: "milter_mail_macros", kind: Kind::Str, min: 0, max: 0, default: "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}", computed: false, hidden: false },
    Row { name: "milter_protocol", kind: Kind::Str, min: 1, max: 0, default: "6", computed: false, hidden: false },
    Row { name: "milter_rcpt_macros", kind: Kind::Str, min: 0, max: 0, default: "i {rcpt_addr} {rcpt_host} {rcpt_mailer}", computed: false, hidden: false },
    Row { name: "milter_unknown_command_macros", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "mime_boundary_length_limit", kind: Kind::Int, min: 1, max: 0, default: "2048", computed: false, hidden: false },
    Row { name: "mime_header_checks", kind: Kind::Str, min: 0, max: 0, default: "$header_checks", computed: false, hidden: false },
    Row { name: "mime_nesting_limit", kind: Kind::Int, min: 1, max: 0, default: "100", computed: false, hidden: false },
    Row { name: "minimal_backoff_time", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "multi_instance_directories", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "multi_instance_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "multi_instance_group", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "multi_instance_name", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "multi_instance_wrapper", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "multi_recipient_bounce_reject_code", kind: Kind::Int, min: 0, max: 0, default: "550", computed: false, hidden: false },
    Row { name: "mydestination", kind: Kind::Str, min: 0, max: 0, default: "$myhostname, localhost.$mydomain, localhost", computed: false, hidden: false },
    Row { name: "mydomain", kind: Kind::Str, min: 1, max: 0, default: "", computed: true, hidden: false },
    Row { name: "myhostname", kind: Kind::Str, min: 1, max: 0, default: "", computed: true, hidden: false },
    Row { name: "mynetworks", kind: Kind::Str, min: 0, max: 0, default: "", computed: true, hidden: false },
    Row { name: "mynetworks_style", kind: Kind::Str, min: 1, max: 0, default: "${{$compatibility_level} <level {2} ? {subnet} : {host}}", computed: false, hidden: false },
    Row { name: "myorigin", kind: Kind::Str, min: 1, max: 0, default: "$myhostname", computed: false, hidden: false },
    Row { name: "nested_header_checks", kind: Kind::Str, min: 0, max: 0, default: "$header_checks", computed: false, hidden: false },
    Row { name: "newaliases_path", kind: Kind::Str, min: 1, max: 0, default: "/usr/bin/newaliases", computed: false, hidden: false },
    Row { name: "non_bdb_custom_mapping", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "non_bdb_migration_allow_root_prefixes", kind: Kind::Str, min: 0, max: 0, default: "/etc /usr/local/etc", computed: false, hidden: false },
    Row { name: "non_bdb_migration_allow_user_prefixes", kind: Kind::Str, min: 0, max: 0, default: "$data_directory /var/lib/mailman /var/lib/mailman3", computed: false, hidden: false },
    Row { name: "non_bdb_migration_level", kind: Kind::Str, min: 1, max: 0, default: "disable", computed: false, hidden: false },
    Row { name: "non_bdb_migration_log_redirect", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "non_bdb_migration_service_name", kind: Kind::Str, min: 0, max: 0, default: "nbdb_reindex", computed: false, hidden: false },
    Row { name: "non_empty_end_of_header_action", kind: Kind::Str, min: 1, max: 0, default: "fix_quietly", computed: false, hidden: false },
    Row { name: "non_fqdn_reject_code", kind: Kind::Int, min: 0, max: 0, default: "504", computed: false, hidden: false },
    Row { name: "non_smtpd_milters", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "notify_classes", kind: Kind::Str, min: 0, max: 0, default: "resource, software", computed: false, hidden: false },
    Row { name: "openssl_path", kind: Kind::Str, min: 1, max: 0, default: "openssl", computed: false, hidden: false },
    Row { name: "owner_request_special", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "parent_domain_matches_subdomains", kind: Kind::Str, min: 0, max: 0, default: "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains,smtpd_access_maps", computed: false, hidden: false },
    Row { name: "permit_mx_backup_networks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "pickup_service_name", kind: Kind::Str, min: 1, max: 0, default: "pickup", computed: false, hidden: false },
    Row { name: "pipe_delivery_status_filter", kind: Kind::Str, min: 0, max: 0, default: "$default_delivery_status_filter", computed: false, hidden: false },
    Row { name: "plaintext_reject_code", kind: Kind::Int, min: 0, max: 0, default: "450", computed: false, hidden: false },
    Row { name: "postlog_service_name", kind: Kind::Str, min: 1, max: 0, default: "postlog", computed: false, hidden: false },
    Row { name: "postlogd_watchdog_timeout", kind: Kind::Time('s'), min: 10, max: 0, default: "10s", computed: false, hidden: false },
    Row { name: "postmulti_control_commands", kind: Kind::Str, min: 0, max: 0, default: "reload flush", computed: false, hidden: false },
    Row { name: "postmulti_start_commands", kind: Kind::Str, min: 0, max: 0, default: "start", computed: false, hidden: false },
    Row { name: "postmulti_stop_commands", kind: Kind::Str, min: 0, max: 0, default: "stop abort drain quick-stop", computed: false, hidden: false },
    Row { name: "postscreen_access_list", kind: Kind::Str, min: 0, max: 0, default: "permit_mynetworks", computed: false, hidden: false },
    Row { name: "postscreen_allowlist_interfaces", kind: Kind::Str, min: 0, max: 0, default: "${postscreen_whitelist_interfaces?{$postscreen_whitelist_interfaces}:{static:all}}", computed: false, hidden: false },
    Row { name: "postscreen_bare_newline_action", kind: Kind::Str, min: 1, max: 0, default: "ignore", computed: false, hidden: false },
    Row { name: "postscreen_bare_newline_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "postscreen_bare_newline_ttl", kind: Kind::Time('d'), min: 1, max: 0, default: "30d", computed: false, hidden: false },
    Row { name: "postscreen_blacklist_action", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "postscreen_cache_cleanup_interval", kind: Kind::Time('h'), min: 0, max: 0, default: "12h", computed: false, hidden: false },
    Row { name: "postscreen_cache_map", kind: Kind::Str, min: 0, max: 0, default: "$default_cache_db_type:$data_directory/postscreen_cache", computed: false, hidden: false },
    Row { name: "postscreen_cache_retention_time", kind: Kind::Time('d'), min: 1, max: 0, default: "7d", computed: false, hidden: false },
    Row { name: "postscreen_client_connection_count_limit", kind: Kind::Int, min: 0, max: 0, default: "$smtpd_client_connection_count_limit", computed: false, hidden: false },
    Row { name: "postscreen_command_count_limit", kind: Kind::Int, min: 1, max: 0, default: "20", computed: false, hidden: false },
    Row { name: "postscreen_command_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "postscreen_command_time_limit", kind: Kind::Time('s'), min: 1, max: 0, default: "${stress?{10}:{300}}s", computed: false, hidden: false },
    Row { name: "postscreen_denylist_action", kind: Kind::Str, min: 1, max: 0, default: "${postscreen_blacklist_action?{$postscreen_blacklist_action}:{ignore}}", computed: false, hidden: false },
    Row { name: "postscreen_disable_vrfy_command", kind: Kind::Bool, min: 0, max: 0, default: "$disable_vrfy_command", computed: false, hidden: false },
    Row { name: "postscreen_discard_ehlo_keyword_address_maps", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_discard_ehlo_keyword_address_maps", computed: false, hidden: false },
    Row { name: "postscreen_discard_ehlo_keywords", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_discard_ehlo_keywords", computed: false, hidden: false },
    Row { name: "postscreen_dnsbl_action", kind: Kind::Str, min: 1, max: 0, default: "ignore", computed: false, hidden: false },
    Row { name: "postscreen_dnsbl_allowlist_threshold", kind: Kind::Int, min: 0, max: 0, default: "${postscreen_dnsbl_whitelist_threshold?{$postscreen_dnsbl_whitelist_threshold}:{0}}", computed: false, hidden: false },
    Row { name: "postscreen_dnsbl_max_ttl", kind: Kind::Time('s'), min: 1, max: 0, default: "${postscreen_dnsbl_ttl?{$postscreen_dnsbl_ttl}:{1}}h", computed: false, hidden: false },
    Row { name: "postscreen_dnsbl_min_ttl", kind: Kind::Time('s'), min: 1, max: 0, default: "60s", computed: false, hidden: false },
    Row { name: "postscreen_dnsbl_reply_map", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "postscreen_dnsbl_sites", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "postscreen_dnsbl_threshold", kind: Kind::Int, min: 1, max: 0, default: "1", computed: false, hidden: false },
    Row { name: "postscreen_dnsbl_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "10s", computed: false, hidden: false },
    Row { name: "postscreen_dnsbl_ttl", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "postscreen_dnsbl_whitelist_threshold", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "postscreen_enforce_tls", kind: Kind::Bool, min: 0, max: 0, default: "$smtpd_enforce_tls", computed: false, hidden: false },
    Row { name: "postscreen_expansion_filter", kind: Kind::Raw, min: 1, max: 0, default: "$smtpd_expansion_filter", computed: false, hidden: false },
    Row { name: "postscreen_forbidden_commands", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_forbidden_commands", computed: false, hidden: false },
    Row { name: "postscreen_greet_action", kind: Kind::Str, min: 1, max: 0, default: "ignore", computed: false, hidden: false },
    Row { name: "postscreen_greet_banner", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_banner", computed: false, hidden: false },
    Row { name: "postscreen_greet_ttl", kind: Kind::Time('d'), min: 1, max: 0, default: "1d", computed: false, hidden: false },
    Row { name: "postscreen_greet_wait", kind: Kind::Time('s'), min: 1, max: 0, default: "${stress?{2}:{6}}s", computed: false, hidden: false },
    Row { name: "postscreen_helo_required", kind: Kind::Bool, min: 0, max: 0, default: "$smtpd_helo_required", computed: false, hidden: false },
    Row { name: "postscreen_non_smtp_command_action", kind: Kind::Str, min: 1, max: 0, default: "drop", computed: false, hidden: false },
    Row { name: "postscreen_non_smtp_command_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "postscreen_non_smtp_command_ttl", kind: Kind::Time('d'), min: 1, max: 0, default: "30d", computed: false, hidden: false },
    Row { name: "postscreen_pipelining_action", kind: Kind::Str, min: 1, max: 0, default: "enforce", computed: false, hidden: false },
    Row { name: "postscreen_pipelining_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "postscreen_pipelining_ttl", kind: Kind::Time('d'), min: 1, max: 0, default: "30d", computed: false, hidden: false },
    Row { name: "postscreen_post_queue_limit", kind: Kind::Int, min: 5, max: 0, default: "$default_process_limit", computed: false, hidden: false },
    Row { name: "postscreen_pre_queue_limit", kind: Kind::Int, min: 10, max: 0, default: "$default_process_limit", computed: false, hidden: false },
    Row { name: "postscreen_reject_footer", kind: Kind::Raw, min: 0, max: 0, default: "$smtpd_reject_footer", computed: false, hidden: false },
    Row { name: "postscreen_reject_footer_maps", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_reject_footer_maps", computed: false, hidden: false },
    Row { name: "postscreen_tls_security_level", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_security_level", computed: false, hidden: false },
    Row { name: "postscreen_upstream_proxy_protocol", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "postscreen_upstream_proxy_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "5s", computed: false, hidden: false },
    Row { name: "postscreen_use_tls", kind: Kind::Bool, min: 0, max: 0, default: "$smtpd_use_tls", computed: false, hidden: false },
    Row { name: "postscreen_watchdog_timeout", kind: Kind::Time('s'), min: 10, max: 0, default: "10s", computed: false, hidden: false },
    Row { name: "postscreen_whitelist_interfaces", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "prepend_delivered_header", kind: Kind::Str, min: 0, max: 0, default: "command, file, forward", computed: false, hidden: false },
    Row { name: "process_id", kind: Kind::Int, min: 0, max: 0, default: "", computed: true, hidden: false },
    Row { name: "process_id_directory", kind: Kind::Str, min: 1, max: 0, default: "pid", computed: false, hidden: false },
    Row { name: "process_name", kind: Kind::Str, min: 0, max: 0, default: "", computed: true, hidden: false },
    Row { name: "propagate_unmatched_extensions", kind: Kind::Str, min: 0, max: 0, default: "canonical, virtual", computed: false, hidden: false },
    Row { name: "proxy_interfaces", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "proxy_read_maps", kind: Kind::Str, min: 0, max: 0, default: "$local_recipient_maps $mydestination $virtual_alias_maps $virtual_alias_domains $virtual_mailbox_maps $virtual_mailbox_domains $relay_recipient_maps $relay_domains $canonical_maps $sender_canonical_maps $recipient_canonical_maps $relocated_maps $transport_maps $mynetworks $smtpd_sender_login_maps $sender_bcc_maps $recipient_bcc_maps $smtp_generic_maps $lmtp_generic_maps $alias_maps $smtpd_client_restrictions $smtpd_helo_restrictions $smtpd_sender_restrictions $smtpd_relay_restrictions $smtpd_recipient_restrictions $address_verify_sender_dependent_default_transport_maps $address_verify_sender_dependent_relayhost_maps $address_verify_transport_maps $fallback_transport_maps $lmtp_discard_lhlo_keyword_address_maps $lmtp_pix_workaround_maps $lmtp_sasl_password_maps $lmtp_tls_policy_maps $mailbox_command_maps $mailbox_transport_maps $postscreen_discard_ehlo_keyword_address_maps $rbl_reply_maps $sender_dependent_default_transport_maps $sender_dependent_relayhost_maps $smtp_discard_ehlo_keyword_address_maps $smtp_pix_workaround_maps $smtp_sasl_password_maps $smtp_tls_policy_maps $smtpd_discard_ehlo_keyword_address_maps $smtpd_milter_maps $virtual_gid_maps $virtual_uid_maps $local_login_sender_maps $postscreen_reject_footer_maps $smtpd_reject_footer_maps $tls_server_sni_maps $tlsproxy_client_policy_maps $default_delivery_status_filter $lmtp_delivery_status_filter $lmtp_dns_reply_filter $lmtp_reply_filter $local_delivery_status_filter $pipe_delivery_status_filter $postscreen_command_filter $smtp_delivery_status_filter $smtp_dns_reply_filter $smtp_reply_filter $smtpd_command_filter $smtpd_dns_reply_filter $virtual_delivery_status_filter $body_checks $header_checks $lmtp_body_checks $lmtp_header_checks $lmtp_mime_header_checks $lmtp_nested_header_checks $milter_header_checks $mime_header_checks $nested_header_checks $smtp_body_checks $smtp_header_checks $smtp_mime_header_checks $smtp_nested_header_checks $smtpd_reject_filter_maps $debug_peer_list $smtpd_etrn_restrictions $fast_flush_domains $authorized_flush_users $lmtp_connection_cache_destinations $local_header_rewrite_clients $masquerade_exceptions $postscreen_access_list $postscreen_allowlist_interfaces $postscreen_forbidden_commands $qmqpd_authorized_clients $authorized_mailq_users $smtp_connection_cache_destinations $smtpd_log_access_permit_actions $smtpd_forbidden_commands $smtpd_client_event_limit_exceptions $smtpd_sasl_exceptions_networks $smtpd_sasl_mechanism_filter $smtp_requiretls_policy $smtp_sasl_mechanism_filter $authorized_submit_users $smtpd_authorized_verp_clients $smtpd_authorized_xclient_hosts $smtpd_authorized_xforward_hosts", computed: false, hidden: false },
    Row { name: "proxy_write_maps", kind: Kind::Str, min: 0, max: 0, default: "$smtp_sasl_auth_cache_name $lmtp_sasl_auth_cache_name $address_verify_map $postscreen_cache_map", computed: false, hidden: false },
    Row { name: "proxymap_service_name", kind: Kind::Str, min: 1, max: 0, default: "proxymap", computed: false, hidden: false },
    Row { name: "proxywrite_service_name", kind: Kind::Str, min: 1, max: 0, default: "proxywrite", computed: false, hidden: false },
    Row { name: "qmgr_clog_warn_time", kind: Kind::Time('s'), min: 0, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "qmgr_daemon_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "1000s", computed: false, hidden: false },
    Row { name: "qmgr_fudge_factor", kind: Kind::Int, min: 10, max: 100, default: "100", computed: false, hidden: false },
    Row { name: "qmgr_ipc_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "60s", computed: false, hidden: false },
    Row { name: "qmgr_message_active_limit", kind: Kind::Int, min: 1, max: 0, default: "20000", computed: false, hidden: false },
    Row { name: "qmgr_message_recipient_limit", kind: Kind::Int, min: 1, max: 0, default: "20000", computed: false, hidden: false },
    Row { name: "qmgr_message_recipient_minimum", kind: Kind::Int, min: 1, max: 0, default: "10", computed: false, hidden: false },
    Row { name: "qmqpd_authorized_clients", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "qmqpd_client_port_logging", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "qmqpd_error_delay", kind: Kind::Time('s'), min: 0, max: 0, default: "1s", computed: false, hidden: false },
    Row { name: "qmqpd_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "queue_directory", kind: Kind::Str, min: 1, max: 0, default: "/var/spool/postfix", computed: false, hidden: false },
    Row { name: "queue_file_attribute_count_limit", kind: Kind::Int, min: 1, max: 0, default: "100", computed: false, hidden: false },
    Row { name: "queue_minfree", kind: Kind::Long, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "queue_run_delay", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "queue_service_name", kind: Kind::Str, min: 1, max: 0, default: "qmgr", computed: false, hidden: false },
    Row { name: "rbl_reply_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "readme_directory", kind: Kind::Str, min: 1, max: 0, default: "/usr/share/doc/postfix", computed: false, hidden: false },
    Row { name: "receive_override_options", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "recipient_bcc_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "recipient_canonical_classes", kind: Kind::Str, min: 1, max: 0, default: "envelope_recipient, header_recipient", computed: false, hidden: false },
    Row { name: "recipient_canonical_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "recipient_delimiter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "reject_code", kind: Kind::Int, min: 0, max: 0, default: "554", computed: false, hidden: false },
    Row { name: "reject_tempfail_action", kind: Kind::Str, min: 1, max: 0, default: "defer_if_permit", computed: false, hidden: false },
    Row { name: "relay_clientcerts", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "relay_domains", kind: Kind::Str, min: 0, max: 0, default: "${{$compatibility_level} <level {2} ? {$mydestination} : {}}", computed: false, hidden: false },
    Row { name: "relay_domains_reject_code", kind: Kind::Int, min: 0, max: 0, default: "554", computed: false, hidden: false },
    Row { name: "relay_recipient_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "relay_transport", kind: Kind::Str, min: 1, max: 0, default: "relay", computed: false, hidden: false },
    Row { name: "relayhost", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "relocated_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "relocated_prefix_enable", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "remote_header_rewrite_domain", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "require_home_directory", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "requiretls_enable", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "requiretls_esmtp_header", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "requiretls_redact_dsn", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "reset_owner_alias", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "resolve_dequoted_address", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "resolve_null_domain", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "resolve_numeric_domain", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "respectful_logging", kind: Kind::Bool, min: 0, max: 0, default: "${{$compatibility_level} <level {3.6} ? {no} : {yes}}", computed: false, hidden: false },
    Row { name: "rewrite_service_name", kind: Kind::Str, min: 1, max: 0, default: "rewrite", computed: false, hidden: false },
    Row { name: "sample_directory", kind: Kind::Str, min: 1, max: 0, default: "/etc/postfix", computed: false, hidden: false },
    Row { name: "send_cyrus_sasl_authzid", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "sender_bcc_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "sender_canonical_classes", kind: Kind::Str, min: 1, max: 0, default: "envelope_sender, header_sender", computed: false, hidden: false },
    Row { name: "sender_canonical_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "sender_dependent_default_transport_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "sender_dependent_relayhost_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "sendmail_fix_line_endings", kind: Kind::Str, min: 1, max: 0, default: "always", computed: false, hidden: false },
    Row { name: "sendmail_path", kind: Kind::Str, min: 1, max: 0, default: "/usr/sbin/sendmail", computed: false, hidden: false },
    Row { name: "service_name", kind: Kind::Str, min: 0, max: 0, default: "amnesiac", computed: false, hidden: false },
    Row { name: "service_throttle_time", kind: Kind::Time('s'), min: 1, max: 0, default: "60s", computed: false, hidden: false },
    Row { name: "service_workers", kind: Kind::Enum(&["threads", "classic"]), min: 0, max: 0, default: "threads", computed: false, hidden: false },
    Row { name: "setgid_group", kind: Kind::Str, min: 1, max: 0, default: "postdrop", computed: false, hidden: false },
    Row { name: "shlib_directory", kind: Kind::Str, min: 1, max: 0, default: "/usr/lib/postfix", computed: false, hidden: false },
    Row { name: "show_user_unknown_table_name", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "showq_service_name", kind: Kind::Str, min: 1, max: 0, default: "showq", computed: false, hidden: false },
    Row { name: "smtp_address_preference", kind: Kind::Str, min: 1, max: 0, default: "any", computed: false, hidden: false },
    Row { name: "smtp_address_verify_target", kind: Kind::Str, min: 1, max: 0, default: "rcpt", computed: false, hidden: false },
    Row { name: "smtp_always_send_ehlo", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_balance_inet_protocols", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_bind_address", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_bind_address6", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_bind_address_enforce", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_body_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_cname_overrides_servername", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_connect_timeout", kind: Kind::Time('s'), min: 0, max: 0, default: "30s", computed: false, hidden: false },
    Row { name: "smtp_connection_cache_destinations", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_connection_cache_on_demand", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_connection_cache_time_limit", kind: Kind::Time('s'), min: 1, max: 0, default: "2s", computed: false, hidden: false },
    Row { name: "smtp_connection_reuse_count_limit", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "smtp_connection_reuse_time_limit", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "smtp_data_done_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "600s", computed: false, hidden: false },
    Row { name: "smtp_data_init_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "120s", computed: false, hidden: false },
    Row { name: "smtp_data_xfer_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "180s", computed: false, hidden: false },
    Row { name: "smtp_defer_if_no_mx_address_found", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_delivery_status_filter", kind: Kind::Str, min: 0, max: 0, default: "$default_delivery_status_filter", computed: false, hidden: false },
    Row { name: "smtp_discard_ehlo_keyword_address_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_discard_ehlo_keywords", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_dns_reply_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_dns_resolver_options", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_dns_support_level", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_enforce_tls", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_fallback_relay", kind: Kind::Str, min: 0, max: 0, default: "$fallback_relay", computed: false, hidden: false },
    Row { name: "smtp_generic_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_header_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_helo_name", kind: Kind::Str, min: 1, max: 0, default: "$myhostname", computed: false, hidden: false },
    Row { name: "smtp_helo_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "smtp_host_lookup", kind: Kind::Str, min: 1, max: 0, default: "dns", computed: false, hidden: false },
    Row { name: "smtp_line_length_limit", kind: Kind::Int, min: 0, max: 0, default: "998", computed: false, hidden: false },
    Row { name: "smtp_log_tls_feature_status", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_mail_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "smtp_mime_header_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_min_data_rate", kind: Kind::Int, min: 1, max: 0, default: "500", computed: false, hidden: false },
    Row { name: "smtp_mx_address_limit", kind: Kind::Int, min: 0, max: 0, default: "5", computed: false, hidden: false },
    Row { name: "smtp_mx_session_limit", kind: Kind::Int, min: 0, max: 0, default: "2", computed: false, hidden: false },
    Row { name: "smtp_nested_header_checks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_never_send_ehlo", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_per_record_deadline", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "smtp_per_request_deadline", kind: Kind::Bool, min: 0, max: 0, default: "${smtp_per_record_deadline?{$smtp_per_record_deadline}:{no}}", computed: false, hidden: false },
    Row { name: "smtp_pix_workaround_delay_time", kind: Kind::Time('s'), min: 1, max: 0, default: "10s", computed: false, hidden: false },
    Row { name: "smtp_pix_workaround_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_pix_workaround_threshold_time", kind: Kind::Time('s'), min: 0, max: 0, default: "500s", computed: false, hidden: false },
    Row { name: "smtp_pix_workarounds", kind: Kind::Str, min: 0, max: 0, default: "disable_esmtp,delay_dotcrlf", computed: false, hidden: false },
    Row { name: "smtp_quit_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "smtp_quote_rfc821_envelope", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_randomize_addresses", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_rcpt_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "smtp_reply_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_requiretls_policy", kind: Kind::Str, min: 0, max: 0, default: "inline:{{${domain_to_ascii{$mydomain}}=opportunistic}, {.${domain_to_ascii{$mydomain}}=opportunistic}, {localhost=opportunistic}}, cidr:{{0.0.0.0/0 opportunistic}, {::/0 opportunistic}}, enforce", computed: false, hidden: false },
    Row { name: "smtp_rset_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "20s", computed: false, hidden: false },
    Row { name: "smtp_sasl_auth_cache_name", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_sasl_auth_cache_time", kind: Kind::Time('d'), min: 0, max: 0, default: "90d", computed: false, hidden: false },
    Row { name: "smtp_sasl_auth_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_sasl_auth_soft_bounce", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_sasl_mechanism_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_sasl_password_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_sasl_password_result_delimiter", kind: Kind::Str, min: 1, max: 1, default: ":", computed: false, hidden: false },
    Row { name: "smtp_sasl_path", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_sasl_security_options", kind: Kind::Str, min: 0, max: 0, default: "noplaintext, noanonymous", computed: false, hidden: false },
    Row { name: "smtp_sasl_tls_security_options", kind: Kind::Str, min: 0, max: 0, default: "$smtp_sasl_security_options", computed: false, hidden: false },
    Row { name: "smtp_sasl_tls_verified_security_options", kind: Kind::Str, min: 0, max: 0, default: "$smtp_sasl_tls_security_options", computed: false, hidden: false },
    Row { name: "smtp_sasl_type", kind: Kind::Str, min: 1, max: 0, default: "cyrus", computed: false, hidden: false },
    Row { name: "smtp_send_dummy_mail_auth", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_send_xforward_command", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_sender_dependent_authentication", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_skip_5xx_greeting", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_skip_quit_response", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_starttls_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "smtp_tcp_port", kind: Kind::Str, min: 0, max: 0, default: "smtp", computed: false, hidden: false },
    Row { name: "smtp_tls_CAfile", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_CApath", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_block_early_mail_reply", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_tls_cert_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_chain_files", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_ciphers", kind: Kind::Str, min: 1, max: 0, default: "medium", computed: false, hidden: false },
    Row { name: "smtp_tls_connection_reuse", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_tls_dane_insecure_mx_policy", kind: Kind::Str, min: 0, max: 0, default: "dane", computed: false, hidden: false },
    Row { name: "smtp_tls_dcert_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_dkey_file", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_dcert_file", computed: false, hidden: false },
    Row { name: "smtp_tls_eccert_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_eckey_file", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_eccert_file", computed: false, hidden: false },
    Row { name: "smtp_tls_enable_rpk", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_tls_enforce_peername", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_tls_enforce_sts_mx_patterns", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtp_tls_exclude_ciphers", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_fingerprint_cert_match", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_fingerprint_digest", kind: Kind::Str, min: 1, max: 0, default: "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}", computed: false, hidden: false },
    Row { name: "smtp_tls_force_insecure_host_tlsa_lookup", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_tls_key_file", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_cert_file", computed: false, hidden: false },
    Row { name: "smtp_tls_loglevel", kind: Kind::Str, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "smtp_tls_mandatory_ciphers", kind: Kind::Str, min: 1, max: 0, default: "medium", computed: false, hidden: false },
    Row { name: "smtp_tls_mandatory_exclude_ciphers", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_mandatory_protocols", kind: Kind::Str, min: 0, max: 0, default: ">=TLSv1", computed: false, hidden: false },
    Row { name: "smtp_tls_note_starttls_offer", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_tls_per_site", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_policy_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_protocols", kind: Kind::Str, min: 0, max: 0, default: ">=TLSv1", computed: false, hidden: false },
    Row { name: "smtp_tls_scert_verifydepth", kind: Kind::Int, min: 0, max: 0, default: "9", computed: false, hidden: false },
    Row { name: "smtp_tls_secure_cert_match", kind: Kind::Str, min: 1, max: 0, default: "nexthop, dot-nexthop", computed: false, hidden: false },
    Row { name: "smtp_tls_security_level", kind: Kind::Str, min: 0, max: 0, default: "${{$compatibility_level} <level {3.11} ? {} : {may}}", computed: false, hidden: false },
    Row { name: "smtp_tls_servername", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_session_cache_database", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_session_cache_timeout", kind: Kind::Time('s'), min: 0, max: 8640000, default: "3600s", computed: false, hidden: false },
    Row { name: "smtp_tls_trust_anchor_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_tls_verify_cert_match", kind: Kind::Str, min: 1, max: 0, default: "hostname", computed: false, hidden: false },
    Row { name: "smtp_tls_wrappermode", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_tlsrpt_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_tlsrpt_skip_reused_handshakes", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_tlsrpt_socket_name", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtp_use_tls", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtp_xforward_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "smtpd_authorized_verp_clients", kind: Kind::Str, min: 0, max: 0, default: "$authorized_verp_clients", computed: false, hidden: false },
    Row { name: "smtpd_authorized_xclient_hosts", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_authorized_xforward_hosts", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_banner", kind: Kind::Str, min: 1, max: 0, default: "$myhostname ESMTP $mail_name", computed: false, hidden: false },
    Row { name: "smtpd_client_auth_rate_limit", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "smtpd_client_connection_count_limit", kind: Kind::Int, min: 0, max: 0, default: "50", computed: false, hidden: false },
    Row { name: "smtpd_client_connection_limit_exceptions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "smtpd_client_connection_rate_limit", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "smtpd_client_event_limit_exceptions", kind: Kind::Str, min: 0, max: 0, default: "${smtpd_client_connection_limit_exceptions:$mynetworks}", computed: false, hidden: false },
    Row { name: "smtpd_client_ipv4_prefix_length", kind: Kind::Int, min: 0, max: 32, default: "32", computed: false, hidden: false },
    Row { name: "smtpd_client_ipv6_prefix_length", kind: Kind::Int, min: 0, max: 128, default: "84", computed: false, hidden: false },
    Row { name: "smtpd_client_message_rate_limit", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "smtpd_client_new_tls_session_rate_limit", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "smtpd_client_port_logging", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_client_recipient_rate_limit", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "smtpd_client_restrictions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_command_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_data_restrictions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_delay_open_until_valid_rcpt", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtpd_delay_reject", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtpd_discard_ehlo_keyword_address_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_discard_ehlo_keywords", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_dns_reply_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_end_of_data_restrictions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_enforce_tls", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_error_sleep_time", kind: Kind::Time('s'), min: 0, max: 0, default: "1s", computed: false, hidden: false },
    Row { name: "smtpd_etrn_restrictions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_expansion_filter", kind: Kind::Raw, min: 1, max: 0, default: "\\t\\40!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~", computed: false, hidden: false },
    Row { name: "smtpd_forbid_bare_newline", kind: Kind::Str, min: 1, max: 0, default: "normalize", computed: false, hidden: false },
    Row { name: "smtpd_forbid_bare_newline_exclusions", kind: Kind::Str, min: 0, max: 0, default: "$mynetworks", computed: false, hidden: false },
    Row { name: "smtpd_forbid_bare_newline_reject_code", kind: Kind::Int, min: 500, max: 599, default: "550", computed: false, hidden: false },
    Row { name: "smtpd_forbid_unauth_pipelining", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtpd_forbidden_commands", kind: Kind::Str, min: 0, max: 0, default: "CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}}", computed: false, hidden: false },
    Row { name: "smtpd_hard_error_limit", kind: Kind::Int, min: 1, max: 0, default: "${stress?{1}:{20}}", computed: false, hidden: false },
    Row { name: "smtpd_helo_required", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_helo_restrictions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_hide_client_session", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_history_flush_threshold", kind: Kind::Int, min: 1, max: 0, default: "100", computed: false, hidden: false },
    Row { name: "smtpd_junk_command_limit", kind: Kind::Int, min: 1, max: 0, default: "${stress?{1}:{100}}", computed: false, hidden: false },
    Row { name: "smtpd_log_access_permit_actions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_milter_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_milters", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_min_data_rate", kind: Kind::Int, min: 1, max: 0, default: "500", computed: false, hidden: false },
    Row { name: "smtpd_noop_commands", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_null_access_lookup_key", kind: Kind::Str, min: 0, max: 0, default: "<>", computed: false, hidden: false },
    Row { name: "smtpd_peername_lookup", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtpd_per_record_deadline", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "smtpd_per_request_deadline", kind: Kind::Bool, min: 0, max: 0, default: "${smtpd_per_record_deadline?{$smtpd_per_record_deadline}:{${stress?{yes}:{no}}}}", computed: false, hidden: false },
    Row { name: "smtpd_policy_service_default_action", kind: Kind::Str, min: 1, max: 0, default: "451 4.3.5 Server configuration problem", computed: false, hidden: false },
    Row { name: "smtpd_policy_service_max_idle", kind: Kind::Time('s'), min: 1, max: 0, default: "300s", computed: false, hidden: false },
    Row { name: "smtpd_policy_service_max_ttl", kind: Kind::Time('s'), min: 1, max: 0, default: "1000s", computed: false, hidden: false },
    Row { name: "smtpd_policy_service_policy_context", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_policy_service_request_limit", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "smtpd_policy_service_retry_delay", kind: Kind::Time('s'), min: 1, max: 0, default: "1s", computed: false, hidden: false },
    Row { name: "smtpd_policy_service_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "100s", computed: false, hidden: false },
    Row { name: "smtpd_policy_service_try_limit", kind: Kind::Int, min: 1, max: 0, default: "2", computed: false, hidden: false },
    Row { name: "smtpd_proxy_ehlo", kind: Kind::Str, min: 0, max: 0, default: "$myhostname", computed: false, hidden: false },
    Row { name: "smtpd_proxy_filter", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_proxy_options", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_proxy_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "100s", computed: false, hidden: false },
    Row { name: "smtpd_recipient_limit", kind: Kind::Int, min: 1, max: 0, default: "1000", computed: false, hidden: false },
    Row { name: "smtpd_recipient_overshoot_limit", kind: Kind::Int, min: 1, max: 0, default: "1000", computed: false, hidden: false },
    Row { name: "smtpd_recipient_restrictions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_reject_filter_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_reject_footer", kind: Kind::Raw, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_reject_footer_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_reject_unlisted_recipient", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtpd_reject_unlisted_sender", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_relay_before_recipient_restrictions", kind: Kind::Bool, min: 0, max: 0, default: "${{$compatibility_level} <level {3.6} ? {no} : {yes}}", computed: false, hidden: false },
    Row { name: "smtpd_relay_restrictions", kind: Kind::Str, min: 0, max: 0, default: "${{$compatibility_level} <level {1} ? {} : {permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}", computed: false, hidden: false },
    Row { name: "smtpd_restriction_classes", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_sasl_auth_enable", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_sasl_authenticated_header", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_sasl_exceptions_networks", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_sasl_local_domain", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_sasl_mechanism_filter", kind: Kind::Str, min: 0, max: 0, default: "!external, static:rest", computed: false, hidden: false },
    Row { name: "smtpd_sasl_path", kind: Kind::Str, min: 1, max: 0, default: "smtpd", computed: false, hidden: false },
    Row { name: "smtpd_sasl_response_limit", kind: Kind::Int, min: 12288, max: 0, default: "12288", computed: false, hidden: false },
    Row { name: "smtpd_sasl_security_options", kind: Kind::Str, min: 0, max: 0, default: "noanonymous", computed: false, hidden: false },
    Row { name: "smtpd_sasl_service", kind: Kind::Str, min: 1, max: 0, default: "smtp", computed: false, hidden: false },
    Row { name: "smtpd_sasl_tls_security_options", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_sasl_security_options", computed: false, hidden: false },
    Row { name: "smtpd_sasl_type", kind: Kind::Str, min: 1, max: 0, default: "cyrus", computed: false, hidden: false },
    Row { name: "smtpd_sender_login_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_sender_restrictions", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_service_name", kind: Kind::Str, min: 1, max: 0, default: "smtpd", computed: false, hidden: false },
    Row { name: "smtpd_soft_error_limit", kind: Kind::Int, min: 1, max: 0, default: "10", computed: false, hidden: false },
    Row { name: "smtpd_starttls_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "${stress?{10}:{300}}s", computed: false, hidden: false },
    Row { name: "smtpd_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "${stress?{10}:{300}}s", computed: false, hidden: false },
    Row { name: "smtpd_tls_CAfile", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_CApath", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_always_issue_session_ids", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "smtpd_tls_ask_ccert", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_tls_auth_only", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_tls_ccert_verifydepth", kind: Kind::Int, min: 0, max: 0, default: "9", computed: false, hidden: false },
    Row { name: "smtpd_tls_cert_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_chain_files", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_ciphers", kind: Kind::Str, min: 1, max: 0, default: "medium", computed: false, hidden: false },
    Row { name: "smtpd_tls_dcert_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_dh1024_param_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_dh512_param_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_dkey_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_dcert_file", computed: false, hidden: false },
    Row { name: "smtpd_tls_eccert_file", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_eckey_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_eccert_file", computed: false, hidden: false },
    Row { name: "smtpd_tls_eecdh_grade", kind: Kind::Str, min: 1, max: 0, default: "auto", computed: false, hidden: false },
    Row { name: "smtpd_tls_enable_rpk", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_tls_exclude_ciphers", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_fingerprint_digest", kind: Kind::Str, min: 1, max: 0, default: "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}", computed: false, hidden: false },
    Row { name: "smtpd_tls_key_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_cert_file", computed: false, hidden: false },
    Row { name: "smtpd_tls_loglevel", kind: Kind::Str, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "smtpd_tls_mandatory_ciphers", kind: Kind::Str, min: 1, max: 0, default: "medium", computed: false, hidden: false },
    Row { name: "smtpd_tls_mandatory_exclude_ciphers", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_mandatory_protocols", kind: Kind::Str, min: 0, max: 0, default: ">=TLSv1", computed: false, hidden: false },
    Row { name: "smtpd_tls_protocols", kind: Kind::Str, min: 0, max: 0, default: ">=TLSv1", computed: false, hidden: false },
    Row { name: "smtpd_tls_received_header", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_tls_req_ccert", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_tls_security_level", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_session_cache_database", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_tls_session_cache_timeout", kind: Kind::Time('s'), min: 0, max: 8640000, default: "3600s", computed: false, hidden: false },
    Row { name: "smtpd_tls_wrappermode", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtpd_upstream_proxy_protocol", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "smtpd_upstream_proxy_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "5s", computed: false, hidden: false },
    Row { name: "smtpd_use_tls", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "smtputf8_autodetect_classes", kind: Kind::Str, min: 1, max: 0, default: "sendmail, verify", computed: false, hidden: false },
    Row { name: "smtputf8_enable", kind: Kind::Bool, min: 0, max: 0, default: "${{$compatibility_level} <level {1} ? {no} : {yes}}", computed: false, hidden: false },
    Row { name: "socketmap_max_reply_size", kind: Kind::Int, min: 1, max: 0, default: "100000", computed: false, hidden: false },
    Row { name: "soft_bounce", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "stale_lock_time", kind: Kind::Time('s'), min: 1, max: 0, default: "500s", computed: false, hidden: false },
    Row { name: "stress", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "strict_7bit_headers", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "strict_8bitmime", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "strict_8bitmime_body", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "strict_mailbox_ownership", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "strict_mime_encoding_domain", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "strict_rfc821_envelopes", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "strict_smtputf8", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "sun_mailtool_compatibility", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "swap_bangpath", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "syslog_facility", kind: Kind::Str, min: 1, max: 0, default: "mail", computed: false, hidden: false },
    Row { name: "syslog_name", kind: Kind::Str, min: 1, max: 0, default: "${multi_instance_name?{$multi_instance_name}:{postfix}}", computed: false, hidden: false },
    Row { name: "tcp_windowsize", kind: Kind::Int, min: 0, max: 0, default: "0", computed: false, hidden: false },
    Row { name: "tls_append_default_CA", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "tls_config_file", kind: Kind::Str, min: 0, max: 0, default: "default", computed: false, hidden: false },
    Row { name: "tls_config_name", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "tls_daemon_random_bytes", kind: Kind::Int, min: 1, max: 0, default: "32", computed: false, hidden: false },
    Row { name: "tls_dane_digests", kind: Kind::Str, min: 1, max: 0, default: "sha512 sha256", computed: false, hidden: false },
    Row { name: "tls_disable_workarounds", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "tls_eecdh_auto_curves", kind: Kind::Str, min: 0, max: 0, default: "?X25519MLKEM768:DEFAULT", computed: false, hidden: false },
    Row { name: "tls_eecdh_strong_curve", kind: Kind::Str, min: 0, max: 0, default: "prime256v1", computed: false, hidden: false },
    Row { name: "tls_eecdh_ultra_curve", kind: Kind::Str, min: 0, max: 0, default: "secp384r1", computed: false, hidden: false },
    Row { name: "tls_export_cipherlist", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "tls_fast_shutdown_enable", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "tls_ffdhe_auto_groups", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "tls_high_cipherlist", kind: Kind::Str, min: 1, max: 0, default: "aNULL:-aNULL:HIGH:!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5:@STRENGTH", computed: false, hidden: false },
    Row { name: "tls_low_cipherlist", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "tls_medium_cipherlist", kind: Kind::Str, min: 1, max: 0, default: "aNULL:-aNULL:HIGH:MEDIUM:!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5:+RC4:@STRENGTH", computed: false, hidden: false },
    Row { name: "tls_null_cipherlist", kind: Kind::Str, min: 1, max: 0, default: "eNULL:!kDH:!kECDH:!aDSS:!MD5:!aNULL", computed: false, hidden: false },
    Row { name: "tls_preempt_cipherlist", kind: Kind::Bool, min: 0, max: 0, default: "no", computed: false, hidden: false },
    Row { name: "tls_random_bytes", kind: Kind::Int, min: 1, max: 0, default: "32", computed: false, hidden: false },
    Row { name: "tls_random_exchange_name", kind: Kind::Str, min: 0, max: 0, default: "${data_directory}/prng_exch", computed: false, hidden: false },
    Row { name: "tls_random_prng_update_period", kind: Kind::Time('s'), min: 1, max: 0, default: "3600s", computed: false, hidden: false },
    Row { name: "tls_random_reseed_period", kind: Kind::Time('s'), min: 1, max: 0, default: "3600s", computed: false, hidden: false },
    Row { name: "tls_random_source", kind: Kind::Str, min: 0, max: 0, default: "dev:/dev/urandom", computed: false, hidden: false },
    Row { name: "tls_required_enable", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "tls_server_sni_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "tls_session_ticket_cipher", kind: Kind::Str, min: 0, max: 0, default: "aes-256-cbc", computed: false, hidden: false },
    Row { name: "tls_ssl_options", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "tls_wildcard_matches_multiple_labels", kind: Kind::Bool, min: 0, max: 0, default: "yes", computed: false, hidden: false },
    Row { name: "tlsmgr_service_name", kind: Kind::Str, min: 1, max: 0, default: "tlsmgr", computed: false, hidden: false },
    Row { name: "tlsproxy_client_CAfile", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_CAfile", computed: false, hidden: false },
    Row { name: "tlsproxy_client_CApath", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_CApath", computed: false, hidden: false },
    Row { name: "tlsproxy_client_cert_file", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_cert_file", computed: false, hidden: false },
    Row { name: "tlsproxy_client_chain_files", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_chain_files", computed: false, hidden: false },
    Row { name: "tlsproxy_client_dcert_file", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_dcert_file", computed: false, hidden: false },
    Row { name: "tlsproxy_client_dkey_file", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_dkey_file", computed: false, hidden: false },
    Row { name: "tlsproxy_client_eccert_file", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_eccert_file", computed: false, hidden: false },
    Row { name: "tlsproxy_client_eckey_file", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_eckey_file", computed: false, hidden: false },
    Row { name: "tlsproxy_client_enforce_tls", kind: Kind::Bool, min: 0, max: 0, default: "$smtp_enforce_tls", computed: false, hidden: false },
    Row { name: "tlsproxy_client_fingerprint_digest", kind: Kind::Str, min: 1, max: 0, default: "$smtp_tls_fingerprint_digest", computed: false, hidden: false },
    Row { name: "tlsproxy_client_key_file", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_key_file", computed: false, hidden: false },
    Row { name: "tlsproxy_client_level", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "tlsproxy_client_loglevel", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_loglevel", computed: false, hidden: false },
    Row { name: "tlsproxy_client_loglevel_parameter", kind: Kind::Str, min: 0, max: 0, default: "smtp_tls_loglevel", computed: false, hidden: false },
    Row { name: "tlsproxy_client_per_site", kind: Kind::Str, min: 0, max: 0, default: "$smtp_tls_per_site", computed: false, hidden: false },
    Row { name: "tlsproxy_client_policy", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "tlsproxy_client_policy_maps", kind: Kind::Str, min: 0, max: 0, default: "${tlsproxy_client_policy?{$tlsproxy_client_policy}:{$smtp_tls_policy_maps}}", computed: false, hidden: false },
    Row { name: "tlsproxy_client_scert_verifydepth", kind: Kind::Int, min: 0, max: 0, default: "$smtp_tls_scert_verifydepth", computed: false, hidden: false },
    Row { name: "tlsproxy_client_security_level", kind: Kind::Str, min: 0, max: 0, default: "${tlsproxy_client_level?{$tlsproxy_client_level}:{$smtp_tls_security_level}}", computed: false, hidden: false },
    Row { name: "tlsproxy_client_use_tls", kind: Kind::Bool, min: 0, max: 0, default: "$smtp_use_tls", computed: false, hidden: false },
    Row { name: "tlsproxy_enforce_tls", kind: Kind::Bool, min: 0, max: 0, default: "$smtpd_enforce_tls", computed: false, hidden: false },
    Row { name: "tlsproxy_service_name", kind: Kind::Str, min: 1, max: 0, default: "tlsproxy", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_CAfile", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_CAfile", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_CApath", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_CApath", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_always_issue_session_ids", kind: Kind::Bool, min: 0, max: 0, default: "$smtpd_tls_always_issue_session_ids", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_ask_ccert", kind: Kind::Bool, min: 0, max: 0, default: "$smtpd_tls_ask_ccert", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_ccert_verifydepth", kind: Kind::Int, min: 0, max: 0, default: "$smtpd_tls_ccert_verifydepth", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_cert_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_cert_file", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_chain_files", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_chain_files", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_ciphers", kind: Kind::Str, min: 1, max: 0, default: "$smtpd_tls_ciphers", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_dcert_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_dcert_file", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_dh1024_param_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_dh1024_param_file", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_dh512_param_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_dh512_param_file", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_dkey_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_dkey_file", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_eccert_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_eccert_file", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_eckey_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_eckey_file", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_eecdh_grade", kind: Kind::Str, min: 1, max: 0, default: "$smtpd_tls_eecdh_grade", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_enable_rpk", kind: Kind::Bool, min: 0, max: 0, default: "$smtpd_tls_enable_rpk", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_exclude_ciphers", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_exclude_ciphers", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_fingerprint_digest", kind: Kind::Str, min: 1, max: 0, default: "$smtpd_tls_fingerprint_digest", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_key_file", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_key_file", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_loglevel", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_loglevel", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_mandatory_ciphers", kind: Kind::Str, min: 1, max: 0, default: "$smtpd_tls_mandatory_ciphers", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_mandatory_exclude_ciphers", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_mandatory_exclude_ciphers", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_mandatory_protocols", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_mandatory_protocols", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_protocols", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_protocols", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_req_ccert", kind: Kind::Bool, min: 0, max: 0, default: "$smtpd_tls_req_ccert", computed: false, hidden: false },
    Row { name: "tlsproxy_tls_security_level", kind: Kind::Str, min: 0, max: 0, default: "$smtpd_tls_security_level", computed: false, hidden: false },
    Row { name: "tlsproxy_use_tls", kind: Kind::Bool, min: 0, max: 0, default: "$smtpd_use_tls", computed: false, hidden: false },
    Row { name: "tlsproxy_watchdog_timeout", kind: Kind::Time('s'), min: 10, max: 0, default: "10s", computed: false, hidden: false },
    Row { name: "trace_service_name", kind: Kind::Str, min: 1, max: 0, default: "trace", computed: false, hidden: false },
    Row { name: "transport_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "transport_retry_time", kind: Kind::Time('s'), min: 1, max: 0, default: "60s", computed: false, hidden: false },
    Row { name: "trigger_timeout", kind: Kind::Time('s'), min: 1, max: 0, default: "10s", computed: false, hidden: false },
    Row { name: "undisclosed_recipients_header", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "unknown_address_reject_code", kind: Kind::Int, min: 0, max: 0, default: "450", computed: false, hidden: false },
    Row { name: "unknown_address_tempfail_action", kind: Kind::Str, min: 1, max: 0, default: "$reject_tempfail_action", computed: false, hidden: false },
    Row { name: "unknown_client_reject_code", kind: Kind::Int, min: 0, max: 0, default: "450", computed: false, hidden: false },
    Row { name: "unknown_helo_hostname_tempfail_action", kind: Kind::Str, min: 1, max: 0, default: "$reject_tempfail_action", computed: false, hidden: false },
    Row { name: "unknown_hostname_reject_code", kind: Kind::Int, min: 0, max: 0, default: "450", computed: false, hidden: false },
    Row { name: "unknown_local_recipient_reject_code", kind: Kind::Int, min: 0, max: 0, default: "550", computed: false, hidden: false },
    Row { name: "unknown_relay_recipient_reject_code", kind: Kind::Int, min: 0, max: 0, default: "550", computed: false, hidden: false },
    Row { name: "unknown_virtual_alias_reject_code", kind: Kind::Int, min: 0, max: 0, default: "550", computed: false, hidden: false },
    Row { name: "unknown_virtual_mailbox_reject_code", kind: Kind::Int, min: 0, max: 0, default: "550", computed: false, hidden: false },
    Row { name: "unverified_recipient_defer_code", kind: Kind::Int, min: 200, max: 499, default: "450", computed: false, hidden: false },
    Row { name: "unverified_recipient_reject_code", kind: Kind::Int, min: 200, max: 599, default: "450", computed: false, hidden: false },
    Row { name: "unverified_recipient_reject_reason", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "unverified_recipient_tempfail_action", kind: Kind::Str, min: 1, max: 0, default: "$reject_tempfail_action", computed: false, hidden: false },
    Row { name: "unverified_sender_defer_code", kind: Kind::Int, min: 200, max: 499, default: "450", computed: false, hidden: false },
    Row { name: "unverified_sender_reject_code", kind: Kind::Int, min: 200, max: 599, default: "450", computed: false, hidden: false },
    Row { name: "unverified_sender_reject_reason", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "unverified_sender_tempfail_action", kind: Kind::Str, min: 1, max: 0, default: "$reject_tempfail_action", computed: false, hidden: false },
    Row { name: "use_srv_lookup", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "verp_delimiter_filter", kind: Kind::Str, min: 1, max: 0, default: "-=+", computed: false, hidden: false },
    Row { name: "virtual_alias_address_length_limit", kind: Kind::Int, min: 1, max: 0, default: "1000", computed: false, hidden: false },
    Row { name: "virtual_alias_domains", kind: Kind::Str, min: 0, max: 0, default: "$virtual_alias_maps", computed: false, hidden: false },
    Row { name: "virtual_alias_expansion_limit", kind: Kind::Int, min: 1, max: 0, default: "1000", computed: false, hidden: false },
    Row { name: "virtual_alias_maps", kind: Kind::Str, min: 0, max: 0, default: "$virtual_maps", computed: false, hidden: false },
    Row { name: "virtual_alias_recursion_limit", kind: Kind::Int, min: 1, max: 0, default: "1000", computed: false, hidden: false },
    Row { name: "virtual_delivery_status_filter", kind: Kind::Str, min: 0, max: 0, default: "$default_delivery_status_filter", computed: false, hidden: false },
    Row { name: "virtual_gid_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "virtual_mailbox_base", kind: Kind::Str, min: 1, max: 0, default: "", computed: false, hidden: false },
    Row { name: "virtual_mailbox_domains", kind: Kind::Str, min: 0, max: 0, default: "$virtual_mailbox_maps", computed: false, hidden: false },
    Row { name: "virtual_mailbox_limit", kind: Kind::Long, min: 0, max: 0, default: "51200000", computed: false, hidden: false },
    Row { name: "virtual_mailbox_lock", kind: Kind::Str, min: 1, max: 0, default: "fcntl, dotlock", computed: false, hidden: false },
    Row { name: "virtual_mailbox_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
    Row { name: "virtual_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: true },
    Row { name: "virtual_minimum_uid", kind: Kind::Int, min: 1, max: 0, default: "100", computed: false, hidden: false },
    Row { name: "virtual_transport", kind: Kind::Str, min: 1, max: 0, default: "virtual", computed: false, hidden: false },
    Row { name: "virtual_uid_maps", kind: Kind::Str, min: 0, max: 0, default: "", computed: false, hidden: false },
];

/// The families: their names are suffixes.
pub static FAMILIES: [Row; 17] = [
    Row { name: "_delivery_slot_cost", kind: Kind::Int, min: 0, max: 0, default: "$default_delivery_slot_cost", computed: false, hidden: false },
    Row { name: "_delivery_slot_discount", kind: Kind::Int, min: 0, max: 0, default: "$default_delivery_slot_discount", computed: false, hidden: false },
    Row { name: "_delivery_slot_loan", kind: Kind::Int, min: 0, max: 0, default: "$default_delivery_slot_loan", computed: false, hidden: false },
    Row { name: "_destination_concurrency_failed_cohort_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_destination_concurrency_failed_cohort_limit", computed: false, hidden: false },
    Row { name: "_destination_concurrency_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_destination_concurrency_limit", computed: false, hidden: false },
    Row { name: "_destination_concurrency_negative_feedback", kind: Kind::Str, min: 1, max: 0, default: "$default_destination_concurrency_negative_feedback", computed: false, hidden: false },
    Row { name: "_destination_concurrency_positive_feedback", kind: Kind::Str, min: 1, max: 0, default: "$default_destination_concurrency_positive_feedback", computed: false, hidden: false },
    Row { name: "_destination_rate_delay", kind: Kind::Time('s'), min: 0, max: 0, default: "$default_destination_rate_delay", computed: false, hidden: false },
    Row { name: "_destination_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_destination_recipient_limit", computed: false, hidden: false },
    Row { name: "_extra_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_extra_recipient_limit", computed: false, hidden: false },
    Row { name: "_initial_destination_concurrency", kind: Kind::Int, min: 1, max: 0, default: "$initial_destination_concurrency", computed: false, hidden: false },
    Row { name: "_minimum_delivery_slots", kind: Kind::Int, min: 0, max: 0, default: "$default_minimum_delivery_slots", computed: false, hidden: false },
    Row { name: "_recipient_limit", kind: Kind::Int, min: 0, max: 0, default: "$default_recipient_limit", computed: false, hidden: false },
    Row { name: "_recipient_refill_delay", kind: Kind::Time('s'), min: 1, max: 0, default: "$default_recipient_refill_delay", computed: false, hidden: false },
    Row { name: "_recipient_refill_limit", kind: Kind::Int, min: 1, max: 0, default: "$default_recipient_refill_limit", computed: false, hidden: false },
    Row { name: "_time_limit", kind: Kind::Time('s'), min: 1, max: 0, default: "$command_time_limit", computed: false, hidden: false },
    Row { name: "_transport_rate_delay", kind: Kind::Time('s'), min: 0, max: 0, default: "$default_transport_rate_delay", computed: false, hidden: false },
];

/// For each row the row of its lmtp_ twin, or its own.
pub(crate) static TWINS: [u16; 888] = [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    29,
    30,
    31,
    32,
    33,
    34,
    35,
    36,
    37,
    38,
    39,
    40,
    41,
    42,
    43,
    44,
    45,
    46,
    47,
    48,
    49,
    50,
    51,
    52,
    53,
    54,
    55,
    56,
    57,
    58,
    59,
    60,
    61,
    62,
    63,
    64,
    65,
    66,
    67,
    68,
    69,
    70,
    71,
    72,
    73,
    74,
    75,
    76,
    77,
    78,
    79,
    80,
    81,
    82,
    83,
    84,
    85,
    86,
    87,
    88,
    89,
    90,
    91,
    92,
    93,
    94,
    95,
    96,
    97,
    98,
    99,
    100,
    101,
    102,
    103,
    104,
    105,
    106,
    107,
    108,
    109,
    110,
    111,
    112,
    113,
    114,
    115,
    116,
    117,
    118,
    119,
    120,
    121,
    122,
    123,
    124,
    125,
    126,
    127,
    128,
    129,
    130,
    131,
    132,
    133,
    134,
    135,
    136,
    137,
    138,
    139,
    140,
    141,
    142,
    143,
    144,
    145,
    146,
    147,
    148,
    149,
    150,
    151,
    152,
    153,
    154,
    155,
    156,
    157,
    158,
    159,
    160,
    161,
    162,
    163,
    164,
    165,
    166,
    167,
    168,
    169,
    170,
    171,
    172,
    173,
    174,
    175,
    176,
    177,
    178,
    179,
    180,
    181,
    182,
    183,
    184,
    185,
    186,
    187,
    188,
    189,
    190,
    191,
    192,
    193,
    194,
    195,
    196,
    197,
    198,
    199,
    200,
    201,
    202,
    203,
    204,
    205,
    206,
    207,
    208,
    209,
    210,
    211,
    212,
    213,
    214,
    215,
    216,
    217,
    218,
    219,
    220,
    221,
    222,
    223,
    224,
    225,
    226,
    227,
    228,
    229,
    230,
    231,
    232,
    233,
    234,
    235,
    236,
    237,
    238,
    239,
    240,
    241,
    242,
    243,
    244,
    245,
    246,
    247,
    248,
    249,
    250,
    251,
    252,
    253,
    254,
    255,
    256,
    257,
    258,
    259,
    260,
    261,
    262,
    263,
    264,
    265,
    266,
    267,
    268,
    269,
    270,
    271,
    272,
    273,
    274,
    275,
    276,
    277,
    278,
    279,
    280,
    281,
    282,
    283,
    284,
    285,
    286,
    287,
    288,
    289,
    290,
    291,
    292,
    293,
    294,
    295,
    296,
    297,
    298,
    299,
    300,
    301,
    302,
    303,
    304,
    305,
    306,
    307,
    308,
    309,
    310,
    311,
    312,
    313,
    314,
    315,
    316,
    317,
    318,
    319,
    320,
    321,
    322,
    323,
    324,
    325,
    326,
    327,
    328,
    329,
    330,
    331,
    332,
    333,
    334,
    335,
    336,
    337,
    338,
    339,
    340,
    341,
    342,
    343,
    344,
    345,
    346,
    347,
    348,
    349,
    350,
    351,
    352,
    353,
    354,
    355,
    356,
    357,
    358,
    359,
    360,
    361,
    362,
    363,
    364,
    365,
    366,
    367,
    368,
    369,
    370,
    371,
    372,
    373,
    374,
    375,
    376,
    377,
    378,
    379,
    380,
    381,
    382,
    383,
    384,
    385,
    386,
    387,
    388,
    389,
    390,
    391,
    392,
    393,
    394,
    395,
    396,
    397,
    398,
    399,
    400,
    401,
    402,
    403,
    404,
    405,
    406,
    407,
    408,
    409,
    410,
    411,
    412,
    413,
    414,
    415,
    416,
    417,
    418,
    419,
    420,
    421,
    422,
    423,
    424,
    425,
    426,
    427,
    428,
    429,
    430,
    431,
    432,
    433,
    434,
    435,
    436,
    437,
    438,
    439,
    440,
    441,
    442,
    443,
    444,
    445,
    446,
    447,
    448,
    449,
    450,
    451,
    452,
    453,
    454,
    455,
    456,
    457,
    458,
    459,
    460,
    461,
    462,
    463,
    464,
    465,
    466,
    467,
    468,
    469,
    470,
    471,
    472,
    473,
    474,
    475,
    476,
    477,
    478,
    479,
    480,
    481,
    482,
    483,
    484,
    485,
    486,
    487,
    488,
    489,
    490,
    491,
    492,
    493,
    494,
    495,
    496,
    497,
    498,
    499,
    500,
    501,
    502,
    503,
    504,
    505,
    506,
    507,
    508,
    509,
    510,
    511,
    512,
    513,
    514,
    182,
    183,
    517,
    185,
    186,
    187,
    188,
    189,
    190,
    191,
    192,
    193,
    194,
    195,
    196,
    197,
    198,
    199,
    200,
    201,
    202,
    203,
    204,
    205,
    206,
    207,
    208,
    209,
    210,
    212,
    213,
    211,
    214,
    215,
    216,
    217,
    218,
    219,
    220,
    221,
    555,
    222,
    223,
    224,
    225,
    226,
    227,
    228,
    229,
    230,
    231,
    232,
    233,
    234,
    235,
    236,
    237,
    238,
    239,
    240,
    241,
    242,
    243,
    244,
    245,
    246,
    247,
    248,
    249,
    250,
    251,
    252,
    253,
    254,
    255,
    256,
    257,
    258,
    259,
    260,
    595,
    261,
    262,
    263,
    264,
    265,
    266,
    267,
    268,
    269,
    270,
    271,
    272,
    273,
    274,
    275,
    276,
    277,
    278,
    279,
    280,
    281,
    282,
    283,
    284,
    285,
    286,
    287,
    288,
    289,
    290,
    291,
    292,
    293,
    294,
    630,
    631,
    632,
    633,
    634,
    635,
    636,
    637,
    638,
    639,
    640,
    641,
    642,
    643,
    644,
    645,
    646,
    647,
    648,
    649,
    650,
    651,
    652,
    653,
    654,
    655,
    656,
    657,
    658,
    659,
    660,
    661,
    662,
    663,
    664,
    665,
    666,
    667,
    668,
    669,
    670,
    671,
    672,
    673,
    674,
    675,
    676,
    677,
    678,
    679,
    680,
    681,
    682,
    683,
    684,
    685,
    686,
    687,
    688,
    689,
    690,
    691,
    692,
    693,
    694,
    695,
    696,
    697,
    698,
    699,
    700,
    701,
    702,
    703,
    704,
    705,
    706,
    707,
    708,
    709,
    710,
    711,
    712,
    713,
    714,
    715,
    716,
    717,
    718,
    719,
    720,
    721,
    722,
    723,
    724,
    725,
    726,
    727,
    728,
    729,
    730,
    731,
    732,
    733,
    734,
    735,
    736,
    737,
    738,
    739,
    740,
    741,
    742,
    743,
    744,
    745,
    746,
    747,
    748,
    749,
    750,
    751,
    752,
    753,
    754,
    755,
    756,
    757,
    758,
    759,
    760,
    761,
    762,
    763,
    764,
    765,
    766,
    767,
    768,
    769,
    770,
    771,
    772,
    773,
    774,
    775,
    776,
    777,
    778,
    779,
    780,
    781,
    782,
    783,
    784,
    785,
    786,
    787,
    788,
    789,
    790,
    791,
    792,
    793,
    794,
    795,
    796,
    797,
    798,
    799,
    800,
    801,
    802,
    803,
    804,
    805,
    806,
    807,
    808,
    809,
    810,
    811,
    812,
    813,
    814,
    815,
    816,
    817,
    818,
    819,
    820,
    821,
    822,
    823,
    824,
    825,
    826,
    827,
    828,
    829,
    830,
    831,
    832,
    833,
    834,
    835,
    836,
    837,
    838,
    839,
    840,
    841,
    842,
    843,
    844,
    845,
    846,
    847,
    848,
    849,
    850,
    851,
    852,
    853,
    854,
    855,
    856,
    857,
    858,
    859,
    860,
    861,
    862,
    863,
    864,
    865,
    866,
    867,
    868,
    869,
    870,
    871,
    872,
    873,
    874,
    875,
    876,
    877,
    878,
    879,
    880,
    881,
    882,
    883,
    884,
    885,
    886,
    887,
];
