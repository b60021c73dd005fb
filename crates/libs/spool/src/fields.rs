//! Records with structure: what is inside the data.

use bstr::ByteSlice;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The first record of a queue file: six numbers of fixed width, rewritten before the commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SizeRecord {
    /// Content bytes, without what cleanup(8) or milters added behind it.
    pub message_size: i64,
    /// Where the first content record is.
    pub data_offset: i64,
    /// Recipients.
    pub recipients: i64,
    /// Hints for the queue manager, [`queue_opts`].
    pub queue_opts: i64,
    /// Content bytes as delivered.
    pub content_length: i64,
    /// What the next hop must be able to do (SMTPUTF8, REQUIRETLS); absent before 3.0.
    pub sendopts: i64,
}

/// Bits of [`SizeRecord::queue_opts`].
pub mod queue_opts {
    /// Read all envelope records: there may be recipients behind other records.
    pub const READ_ALL: i64 = 1 << 0;
    /// What the recipients' NOTIFY bits (all of them or'ed) become.
    pub const fn notify(bits: u8) -> i64 {
        (bits as i64 & 15) << 1
    }
    /// Some recipient asked for NOTIFY=SUCCESS.
    pub const NOTIFY_SUCCESS: i64 = notify(2);
    /// All bits that have a meaning; others are damage.
    pub const ALL: i64 = READ_ALL | notify(15);
}

impl SizeRecord {
    /// The data, always of the same length.
    pub fn format(&self) -> Vec<u8> {
        let SizeRecord { message_size, data_offset, recipients, queue_opts, content_length, sendopts } = self;
        let numbers = [message_size, data_offset, recipients, queue_opts, content_length, sendopts];
        let mut out = Vec::with_capacity(numbers.len() * (WIDTH + 1));
        for number in numbers {
            if !out.is_empty() {
                out.push(b' ');
            }
            put_number(&mut out, *number);
        }
        out
    }

    /// Reads the data. Older files have fewer numbers; `None` when the first two are not there.
    pub fn parse(data: &[u8]) -> Option<SizeRecord> {
        let mut numbers = words(data).map(|word| word.to_str().ok()?.parse::<i64>().ok());
        let mut next = || numbers.next().flatten();
        let (message_size, data_offset) = (next()?, next()?);
        let (recipients, queue_opts) = (next().unwrap_or(0), next().unwrap_or(0));
        // compat: a file made before 2.4 has no content length
        let content_length = next().unwrap_or(message_size);
        let sendopts = next().unwrap_or(0);
        let sound = message_size >= 0 && data_offset >= 0 && content_length >= 0 && recipients >= 0;
        sound.then_some(SizeRecord {
            message_size,
            data_offset,
            recipients,
            queue_opts,
            content_length,
            sendopts,
        })
    }
}

/// The width of a number that is overwritten in place.
const WIDTH: usize = 15;

/// A number, right-aligned. Every message has a dozen of them, which the general formatter is slow at.
fn put_number(out: &mut Vec<u8>, number: i64) {
    let text = number.to_string();
    out.extend(std::iter::repeat_n(b' ', WIDTH.saturating_sub(text.len())));
    out.extend_from_slice(text.as_bytes());
}

fn words(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// The data of a time record.
pub fn format_time(time: SystemTime) -> Vec<u8> {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{} {}", since.as_secs(), since.subsec_micros()).into_bytes()
}

/// Reads a time record: seconds, perhaps microseconds.
pub fn parse_time(data: &[u8]) -> Option<SystemTime> {
    let mut words = words(data).map(|word| word.to_str().ok()?.parse::<u64>().ok());
    let seconds = words.next()??;
    let micros = words.next().flatten().unwrap_or(0).min(999_999);
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds).checked_add(Duration::from_micros(micros))?)
}

/// The data of a pointer record.
pub fn format_pointer(offset: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(WIDTH);
    put_number(&mut out, i64::try_from(offset).unwrap_or(i64::MAX));
    out
}

/// Where a pointer record points; zero means nowhere. No file is longer than a signed number tells.
pub fn pointer(data: &[u8]) -> Option<u64> {
    data.trim_ascii().to_str().ok()?.parse().ok().filter(|&offset| i64::try_from(offset).is_ok())
}

/// The data of a warning-time record.
pub fn format_warn(seconds: i64) -> Vec<u8> {
    format!("{seconds:15}").into_bytes()
}

/// Reads a number that stands alone in a record, leading blanks allowed.
pub fn parse_number(data: &[u8]) -> Option<i64> {
    data.trim_ascii().to_str().ok()?.parse().ok()
}

/// Splits a named attribute `name=value`; the value may be empty, the name not.
pub fn attribute(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, value) = data.split_once_str("=")?;
    (!name.is_empty()).then_some((name, value))
}

/// The data of a named attribute.
pub fn format_attribute(name: &str, value: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(name.len() + 1 + value.len());
    data.extend_from_slice(name.as_bytes());
    data.push(b'=');
    data.extend_from_slice(value);
    data
}

/// Names of the attributes stored in queue files.
pub mod attr {
    /// `8bit` or `7bit`.
    pub const ENCODING: &str = "encoding";
    /// The submitting client's name.
    pub const LOG_CLIENT_NAME: &str = "log_client_name";
    /// Its address.
    pub const LOG_CLIENT_ADDR: &str = "log_client_address";
    /// Its port.
    pub const LOG_CLIENT_PORT: &str = "log_client_port";
    /// Its HELO name.
    pub const LOG_HELO_NAME: &str = "log_helo_name";
    /// Its protocol.
    pub const LOG_PROTO_NAME: &str = "log_protocol_name";
    /// `name[address]`.
    pub const LOG_ORIGIN: &str = "log_message_origin";
    /// The queue id under which the message came in first.
    pub const LOG_IDENT: &str = "log_ident";
    /// For milters and checks: the client's name as known now.
    pub const CLIENT_NAME: &str = "client_name";
    /// The reverse name.
    pub const REVERSE_CLIENT_NAME: &str = "reverse_client_name";
    /// The address.
    pub const CLIENT_ADDR: &str = "client_address";
    /// The port.
    pub const CLIENT_PORT: &str = "client_port";
    /// The address family.
    pub const CLIENT_ADDR_TYPE: &str = "client_address_type";
    /// HELO.
    pub const HELO_NAME: &str = "helo_name";
    /// Protocol.
    pub const PROTO_NAME: &str = "protocol_name";
    /// Our address.
    pub const SERVER_ADDR: &str = "server_address";
    /// Our port.
    pub const SERVER_PORT: &str = "server_port";
    /// SASL mechanism.
    pub const SASL_METHOD: &str = "sasl_method";
    /// SASL user.
    pub const SASL_USERNAME: &str = "sasl_username";
    /// SASL sender.
    pub const SASL_SENDER: &str = "sasl_sender";
    /// `local` or `remote`.
    pub const REWRITE_CONTEXT: &str = "rewrite_context";
    /// [`crate::fields::attr`]: verify, record and such bits.
    pub const TRACE_FLAGS: &str = "trace_flags";
    /// ENVID.
    pub const DSN_ENVID: &str = "envelope_id";
    /// RET bits.
    pub const DSN_RET: &str = "ret_flags";
    /// NOTIFY bits, before the recipient.
    pub const DSN_NOTIFY: &str = "notify_flags";
    /// ORCPT, before the recipient.
    pub const DSN_ORCPT: &str = "dsn_orig_rcpt";
    /// When the file was made, if it came from another queue.
    pub const CREATE_TIME: &str = "create_time";
    /// Not zero after `postsuper -e`.
    pub const FORCED_EXPIRE: &str = "forced_expire";
    /// The Message-Id, behind the content.
    pub const MESSAGE_ID: &str = "message_id";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_record_as_the_reference_writes_it() {
        let data = b"            236             307               2               0             236               0";
        let size = SizeRecord::parse(data).unwrap();
        assert_eq!((size.message_size, size.data_offset, size.recipients), (236, 307, 2));
        assert_eq!(size.format().as_bstr(), data.as_bstr());
        assert_eq!(SizeRecord::parse(b"10 20").unwrap().content_length, 10);
        for bad in ["", "12", "x y", "-1 2", "1 -2"] {
            assert_eq!(SizeRecord::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn times() {
        let time = parse_time(b"1795316080 318660").unwrap();
        assert_eq!(format_time(time), b"1795316080 318660");
        assert_eq!(format_time(parse_time(b"5").unwrap()), b"5 0");
        assert_eq!(parse_time(b"x"), None);
        assert_eq!(parse_time(b"99999999999999999999"), None);
    }

    #[test]
    fn attributes() {
        assert_eq!(attribute(b"a=b=c"), Some((&b"a"[..], &b"b=c"[..])));
        assert_eq!(attribute(b"=b"), None);
        assert_eq!(attribute(b"a"), None);
    }
}
