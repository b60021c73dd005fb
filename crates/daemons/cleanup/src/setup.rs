//! What cleanup works with: settings, tables and clients of other services. Made before the jail.

use crate::mapping::Table;
use crate::waker::Waker;
use bstr::BString;
use config::params::*;
use config::{Config, ConfigError, Int, Param, ParamRef, Str};
use delivery::Reporter;
use ipc::Client;
use ipc::rewrite::Rewriter;
use mail::masquerade::Masquerade;
use mail::mime;
use spool::Spool;
use std::time::Duration;
use tables::{Against, Flags, LocalDomains, Maps, MatchList, configured};

/// Where an address stands: the words of `canonical_classes` and `masquerade_classes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `envelope_sender`
    EnvelopeSender,
    /// `envelope_recipient`
    EnvelopeRecipient,
    /// `header_sender`
    HeaderSender,
    /// `header_recipient`
    HeaderRecipient,
}

/// Some places.
#[derive(Clone, Copy, Debug, Default)]
struct Places(u8);

impl Places {
    fn parse(param: Param<Str>, text: &str) -> Result<Places, ConfigError> {
        let mut all = Places(0);
        for word in words(text) {
            all.0 |= match word.to_ascii_lowercase().as_str() {
                "envelope_sender" => Place::EnvelopeSender.bit(),
                "envelope_recipient" => Place::EnvelopeRecipient.bit(),
                "header_sender" => Place::HeaderSender.bit(),
                "header_recipient" => Place::HeaderRecipient.bit(),
                _ => {
                    return Err(ConfigError::new(format!(
                        "unknown {} value \"{word}\" in \"{text}\"",
                        param.name()
                    )));
                }
            };
        }
        Ok(all)
    }

    fn has(self, place: Place) -> bool {
        self.0 & place.bit() != 0
    }
}

impl Place {
    fn bit(self) -> u8 {
        match self {
            Place::EnvelopeSender => 1,
            Place::EnvelopeRecipient => 2,
            Place::HeaderSender => 4,
            Place::HeaderRecipient => 8,
        }
    }
}

/// Numbers from main.cf.
pub struct Limits {
    /// `message_size_limit`; 0: none.
    pub message_size: u64,
    /// `line_length_limit`
    pub line_length: usize,
    /// `header_size_limit`
    pub header_size: usize,
    /// `header_address_token_limit`
    pub header_tokens: usize,
    /// For the MIME machine.
    pub mime: mime::Limits,
    /// `hopcount_limit`
    pub hops: i64,
    /// `duplicate_filter_limit`
    pub duplicates: usize,
    /// `virtual_alias_expansion_limit`
    pub expansion: usize,
    /// `virtual_alias_recursion_limit`
    pub recursion: usize,
    /// `virtual_alias_address_length_limit`
    pub alias_length: usize,
    /// `queue_file_attribute_count_limit`
    pub attributes: usize,
    /// `body_checks_size_limit`; 0: none.
    pub body_checks: u64,
    /// `delay_warning_time`, in seconds.
    pub delay_warning: i64,
}

/// Words and switches from main.cf.
pub struct Options {
    pub myhostname: String,
    pub empty_address: BString,
    pub always_bcc: BString,
    pub undisclosed: BString,
    pub verp_filter: BString,
    pub name_charset: String,
    pub reject_characters: BString,
    pub strip_characters: BString,
    pub milters: String,
    pub milter_default_action: String,
    pub log_external: bool,
    pub utf8: bool,
    pub rewrite_remote: bool,
    pub always_add_headers: bool,
    pub standard_from: bool,
    pub original_recipient: bool,
    pub no_verp_bounces: bool,
    pub disable_mime: bool,
    pub strict_8bitmime: bool,
    pub strict_7bit_headers: bool,
    pub strict_8bitmime_body: bool,
    pub strict_encoding: bool,
    pub force_conversion: bool,
    pub replace_stray: bool,
    pub detect_encoding: bool,
    pub tls_required: bool,
    pub require_tls: bool,
    pub show_require_tls: bool,
    pub reject_unterminated_header: bool,
    pub mark_unterminated_header: bool,
}

/// Everything that sessions share.
pub struct Service {
    pub config: &'static Config,
    pub spool: Spool,
    pub limits: Limits,
    pub options: Options,
    pub rewriter: Rewriter,
    pub reporter: Reporter,
    pub bounces: Client,
    pub trace: Client,
    pub waker: Waker,
    pub local: LocalDomains,
    pub header_checks: Maps,
    pub mime_header_checks: Maps,
    pub nested_header_checks: Maps,
    pub body_checks: Maps,
    pub masquerade: Masquerade,
    pub exceptions: MatchList,
    /// How long a client may think before its next message.
    pub keep: Duration,
    in_flow_delay: Duration,
    canonical: Maps,
    sender_canonical: Maps,
    recipient_canonical: Maps,
    virtual_alias: Maps,
    sender_bcc: Maps,
    recipient_bcc: Maps,
    canonical_places: Places,
    sender_places: Places,
    recipient_places: Places,
    masquerade_places: Places,
    propagate_canonical: bool,
    propagate_virtual: bool,
    dropped_headers: Vec<String>,
}

impl Service {
    /// Waits if mail comes faster than the queue manager takes it (`in_flow_delay`).
    pub fn pace(&self) {
        if !self.in_flow_delay.is_zero() {
            daemon::flow::wait(self.in_flow_delay);
        }
    }

    /// The tables of a parameter.
    pub fn maps(&self, table: Table) -> &Maps {
        match table {
            Table::SenderCanonical => &self.sender_canonical,
            Table::RecipientCanonical => &self.recipient_canonical,
            Table::Canonical => &self.canonical,
            Table::VirtualAlias => &self.virtual_alias,
            Table::SenderBcc => &self.sender_bcc,
            Table::RecipientBcc => &self.recipient_bcc,
        }
    }

    /// Is this table for addresses there?
    pub fn applies(&self, table: Table, place: Place) -> bool {
        match table {
            Table::SenderCanonical => self.sender_places.has(place),
            Table::RecipientCanonical => self.recipient_places.has(place),
            Table::Canonical => self.canonical_places.has(place),
            Table::VirtualAlias | Table::SenderBcc | Table::RecipientBcc => true,
        }
    }

    /// Are addresses there masqueraded?
    pub fn masquerades(&self, place: Place) -> bool {
        self.masquerade_places.has(place)
    }

    /// Does an extension that no key had go to the result (`propagate_unmatched_extensions`)?
    pub fn propagates(&self, table: Table) -> bool {
        match table {
            Table::VirtualAlias => self.propagate_virtual,
            _ => self.propagate_canonical,
        }
    }

    /// Are there any header checks?
    pub fn has_header_checks(&self) -> bool {
        [&self.header_checks, &self.mime_header_checks, &self.nested_header_checks]
            .iter()
            .any(|maps| !maps.is_empty())
    }

    /// Is this header left out (`message_drop_headers`)?
    pub fn drops(&self, name: &str) -> bool {
        self.dropped_headers.iter().any(|dropped| dropped.eq_ignore_ascii_case(name))
    }

    /// The same for a header of a name that means nothing else.
    pub fn drops_unknown(&self, name: &[u8]) -> bool {
        std::str::from_utf8(name).is_ok_and(|name| self.drops(name))
    }

    /// The name of the first table whose file changed.
    pub fn changed(&self) -> Option<&str> {
        let maps = [
            &self.canonical,
            &self.sender_canonical,
            &self.recipient_canonical,
            &self.virtual_alias,
            &self.sender_bcc,
            &self.recipient_bcc,
            &self.header_checks,
            &self.mime_header_checks,
            &self.nested_header_checks,
            &self.body_checks,
        ];
        maps.into_iter()
            .find_map(Maps::changed)
            .or_else(|| self.exceptions.changed())
            .or_else(|| self.local.changed())
    }
}

/// What is checked at start.
pub fn parameters() -> Vec<ParamRef> {
    let numbers = [
        MESSAGE_SIZE_LIMIT.into(),
        LINE_LENGTH_LIMIT.into(),
        HEADER_SIZE_LIMIT.into(),
        HEADER_ADDRESS_TOKEN_LIMIT.into(),
        MIME_NESTING_LIMIT.into(),
        MIME_BOUNDARY_LENGTH_LIMIT.into(),
        HOPCOUNT_LIMIT.into(),
        DUPLICATE_FILTER_LIMIT.into(),
        VIRTUAL_ALIAS_EXPANSION_LIMIT.into(),
        VIRTUAL_ALIAS_RECURSION_LIMIT.into(),
        VIRTUAL_ALIAS_ADDRESS_LENGTH_LIMIT.into(),
        QUEUE_FILE_ATTRIBUTE_COUNT_LIMIT.into(),
        BODY_CHECKS_SIZE_LIMIT.into(),
        DELAY_WARNING_TIME.into(),
        IN_FLOW_DELAY.into(),
        HASH_QUEUE_DEPTH.into(),
    ];
    let switches = [
        ALWAYS_ADD_MISSING_HEADERS.into(),
        ENABLE_ORIGINAL_RECIPIENT.into(),
        ENABLE_LONG_QUEUE_IDS.into(),
        DISABLE_VERP_BOUNCES.into(),
        DISABLE_MIME_INPUT_PROCESSING.into(),
        STRICT_8BITMIME.into(),
        STRICT_7BIT_HEADERS.into(),
        STRICT_8BITMIME_BODY.into(),
        STRICT_MIME_ENCODING_DOMAIN.into(),
        FORCE_MIME_INPUT_CONVERSION.into(),
        CLEANUP_REPLACE_STRAY_CR_LF.into(),
        DETECT_8BIT_ENCODING_HEADER.into(),
        SMTPUTF8_ENABLE.into(),
        TLS_REQUIRED_ENABLE.into(),
        REQUIRETLS_ENABLE.into(),
        REQUIRETLS_ESMTP_HEADER.into(),
    ];
    let texts = [
        CANONICAL_MAPS.into(),
        CANONICAL_CLASSES.into(),
        SENDER_CANONICAL_MAPS.into(),
        SENDER_CANONICAL_CLASSES.into(),
        RECIPIENT_CANONICAL_MAPS.into(),
        RECIPIENT_CANONICAL_CLASSES.into(),
        VIRTUAL_ALIAS_MAPS.into(),
        SENDER_BCC_MAPS.into(),
        RECIPIENT_BCC_MAPS.into(),
        ALWAYS_BCC.into(),
        MASQUERADE_DOMAINS.into(),
        MASQUERADE_CLASSES.into(),
        MASQUERADE_EXCEPTIONS.into(),
        HEADER_CHECKS.into(),
        MIME_HEADER_CHECKS.into(),
        NESTED_HEADER_CHECKS.into(),
        BODY_CHECKS.into(),
        MESSAGE_DROP_HEADERS.into(),
        MESSAGE_REJECT_CHARACTERS.into(),
        MESSAGE_STRIP_CHARACTERS.into(),
        UNDISCLOSED_RECIPIENTS_HEADER.into(),
        HEADER_FROM_FORMAT.into(),
        FULL_NAME_ENCODING_CHARSET.into(),
        NON_EMPTY_END_OF_HEADER_ACTION.into(),
        EMPTY_ADDRESS_RECIPIENT.into(),
        REMOTE_HEADER_REWRITE_DOMAIN.into(),
        PROPAGATE_UNMATCHED_EXTENSIONS.into(),
        VERP_DELIMITER_FILTER.into(),
        INFO_LOG_ADDRESS_FORMAT.into(),
        NON_SMTPD_MILTERS.into(),
        MILTER_DEFAULT_ACTION.into(),
        MYHOSTNAME.into(),
        QUEUE_SERVICE_NAME.into(),
        REWRITE_SERVICE_NAME.into(),
    ];
    numbers.into_iter().chain(switches).chain(texts).collect()
}

/// Opens the tables and reads the settings.
pub fn open(cf: &'static Config) -> Result<Service, ConfigError> {
    let maps = |param: Param<Str>| configured::maps(cf, param, Flags::LOOKUP);
    let places = |param: Param<Str>| Places::parse(param, cf.get(param));
    let propagate = propagated(cf.get(PROPAGATE_UNMATCHED_EXTENSIONS))?;
    let private = |name: Param<Str>, protocol| Client::new(ipc::Place::private(cf.get(name)), protocol);
    Ok(Service {
        config: cf,
        spool: Spool::new(cf.get(HASH_QUEUE_NAMES), cf.get(HASH_QUEUE_DEPTH), cf.get(ENABLE_LONG_QUEUE_IDS)),
        limits: limits(cf),
        options: options(cf)?,
        rewriter: Rewriter::new(cf.get(REWRITE_SERVICE_NAME)),
        reporter: Reporter::open(cf, "")?,
        bounces: private(BOUNCE_SERVICE_NAME, ipc::bounce::PROTOCOL),
        trace: private(TRACE_SERVICE_NAME, ipc::bounce::PROTOCOL),
        waker: Waker::new(cf.get(QUEUE_SERVICE_NAME)),
        local: LocalDomains::open(cf).map_err(|error| ConfigError::new(error.to_string()))?,
        header_checks: maps(HEADER_CHECKS)?,
        mime_header_checks: maps(MIME_HEADER_CHECKS)?,
        nested_header_checks: maps(NESTED_HEADER_CHECKS)?,
        body_checks: maps(BODY_CHECKS)?,
        masquerade: Masquerade::new(words(cf.get(MASQUERADE_DOMAINS)).map(str::as_bytes)),
        exceptions: configured::list(cf, MASQUERADE_EXCEPTIONS, Against::String)?,
        keep: cf.get(IPC_IDLE),
        in_flow_delay: cf.get(IN_FLOW_DELAY),
        canonical: maps(CANONICAL_MAPS)?,
        sender_canonical: maps(SENDER_CANONICAL_MAPS)?,
        recipient_canonical: maps(RECIPIENT_CANONICAL_MAPS)?,
        virtual_alias: maps(VIRTUAL_ALIAS_MAPS)?,
        sender_bcc: maps(SENDER_BCC_MAPS)?,
        recipient_bcc: maps(RECIPIENT_BCC_MAPS)?,
        canonical_places: places(CANONICAL_CLASSES)?,
        sender_places: places(SENDER_CANONICAL_CLASSES)?,
        recipient_places: places(RECIPIENT_CANONICAL_CLASSES)?,
        masquerade_places: places(MASQUERADE_CLASSES)?,
        propagate_canonical: propagate.0,
        propagate_virtual: propagate.1,
        dropped_headers: words(cf.get(MESSAGE_DROP_HEADERS)).map(str::to_owned).collect(),
    })
}

fn limits(cf: &Config) -> Limits {
    let count = |param: Param<Int>| usize::try_from(cf.get(param)).unwrap_or(0);
    Limits {
        message_size: cf.size(MESSAGE_SIZE_LIMIT),
        line_length: count(LINE_LENGTH_LIMIT).max(1),
        header_size: count(HEADER_SIZE_LIMIT),
        header_tokens: count(HEADER_ADDRESS_TOKEN_LIMIT),
        mime: mime::Limits {
            header_size: count(HEADER_SIZE_LIMIT),
            nesting: count(MIME_NESTING_LIMIT),
            boundary_length: count(MIME_BOUNDARY_LENGTH_LIMIT),
        },
        hops: cf.get(HOPCOUNT_LIMIT),
        duplicates: count(DUPLICATE_FILTER_LIMIT),
        expansion: count(VIRTUAL_ALIAS_EXPANSION_LIMIT),
        recursion: count(VIRTUAL_ALIAS_RECURSION_LIMIT),
        alias_length: count(VIRTUAL_ALIAS_ADDRESS_LENGTH_LIMIT),
        attributes: count(QUEUE_FILE_ATTRIBUTE_COUNT_LIMIT),
        body_checks: cf.size(BODY_CHECKS_SIZE_LIMIT),
        delay_warning: i64::try_from(cf.get(DELAY_WARNING_TIME).as_secs()).unwrap_or(0),
    }
}

fn options(cf: &Config) -> Result<Options, ConfigError> {
    let standard_from = match cf.get(HEADER_FROM_FORMAT) {
        "standard" => true,
        "obsolete" => false,
        other => return Err(ConfigError::new(format!("invalid setting: \"header_from_format = {other}\""))),
    };
    let end_of_header = cf.get(NON_EMPTY_END_OF_HEADER_ACTION);
    if !["fix_quietly", "add_header", "reject"].contains(&end_of_header) {
        return Err(ConfigError::new(format!(
            "invalid setting: \"non_empty_end_of_header_action = {end_of_header}\""
        )));
    }
    Ok(Options {
        myhostname: cf.get(MYHOSTNAME).to_owned(),
        empty_address: cf.get(EMPTY_ADDRESS_RECIPIENT).into(),
        always_bcc: cf.get(ALWAYS_BCC).into(),
        undisclosed: cf.get(UNDISCLOSED_RECIPIENTS_HEADER).into(),
        verp_filter: cf.get(VERP_DELIMITER_FILTER).into(),
        name_charset: cf.get(FULL_NAME_ENCODING_CHARSET).to_owned(),
        reject_characters: unescape(cf.get(MESSAGE_REJECT_CHARACTERS)),
        strip_characters: unescape(cf.get(MESSAGE_STRIP_CHARACTERS)),
        milters: cf.get(NON_SMTPD_MILTERS).to_owned(),
        milter_default_action: cf.get(MILTER_DEFAULT_ACTION).to_owned(),
        log_external: cf.get(INFO_LOG_ADDRESS_FORMAT) == "external",
        utf8: cf.get(SMTPUTF8_ENABLE),
        rewrite_remote: !cf.get(REMOTE_HEADER_REWRITE_DOMAIN).is_empty(),
        always_add_headers: cf.get(ALWAYS_ADD_MISSING_HEADERS),
        standard_from,
        original_recipient: cf.get(ENABLE_ORIGINAL_RECIPIENT),
        no_verp_bounces: cf.get(DISABLE_VERP_BOUNCES),
        disable_mime: cf.get(DISABLE_MIME_INPUT_PROCESSING),
        strict_8bitmime: cf.get(STRICT_8BITMIME),
        strict_7bit_headers: cf.get(STRICT_7BIT_HEADERS),
        strict_8bitmime_body: cf.get(STRICT_8BITMIME_BODY),
        strict_encoding: cf.get(STRICT_MIME_ENCODING_DOMAIN),
        force_conversion: cf.get(FORCE_MIME_INPUT_CONVERSION),
        replace_stray: cf.get(CLEANUP_REPLACE_STRAY_CR_LF),
        detect_encoding: cf.get(DETECT_8BIT_ENCODING_HEADER),
        tls_required: cf.get(TLS_REQUIRED_ENABLE),
        require_tls: cf.get(REQUIRETLS_ENABLE),
        show_require_tls: cf.get(REQUIRETLS_ESMTP_HEADER),
        reject_unterminated_header: end_of_header == "reject",
        mark_unterminated_header: end_of_header == "add_header",
    })
}

/// Whether `propagate_unmatched_extensions` names canonical and virtual.
fn propagated(text: &str) -> Result<(bool, bool), ConfigError> {
    let (mut canonical, mut virtual_alias) = (false, false);
    for word in words(text) {
        match word.to_ascii_lowercase().as_str() {
            "canonical" => canonical = true,
            "virtual" => virtual_alias = true,
            "alias" | "forward" | "include" | "generic" => {}
            _ => {
                return Err(ConfigError::new(format!(
                    "unknown propagate_unmatched_extensions value \"{word}\" in \"{text}\""
                )));
            }
        }
    }
    Ok((canonical, virtual_alias))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', '\r', '\n', ',']).filter(|word| !word.is_empty())
}

/// Characters written with C escapes: `\0`, `\r`, `\177`.
fn unescape(text: &str) -> BString {
    let mut out = BString::default();
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'a') => out.push(7),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b't') => out.push(b'\t'),
            Some(b'v') => out.push(11),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    match bytes.next_if(|next| (b'0'..=b'7').contains(next)) {
                        Some(next) => value = value * 8 + u32::from(next - b'0'),
                        None => break,
                    }
                }
                out.extend(u8::try_from(value).ok());
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(unescape("\\0\\r\\177x\\\\"), b"\0\r\x7fx\\".as_slice());
        assert_eq!(unescape("\\12"), "\n");
        assert_eq!(unescape("\\777"), "");
    }

    #[test]
    fn classes() {
        let both = Places::parse(CANONICAL_CLASSES, "envelope_sender, Header_Recipient").unwrap();
        assert!(both.has(Place::EnvelopeSender) && both.has(Place::HeaderRecipient));
        assert!(!both.has(Place::HeaderSender));
        let error = Places::parse(CANONICAL_CLASSES, "header").map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "unknown canonical_classes value \"header\" in \"header\"");
        assert_eq!(propagated("virtual, alias").unwrap(), (false, true));
    }
}
