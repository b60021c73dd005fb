//! The sender's options of a message, as the bits of queue files and delivery requests.

/// SMTPUTF8 was requested by the client, or found necessary.
pub const SMTPUTF8_REQUESTED: u32 = 1 << 0;
/// A header holds UTF-8.
pub const SMTPUTF8_HEADER: u32 = 1 << 1;
/// The envelope sender holds UTF-8.
pub const SMTPUTF8_SENDER: u32 = 1 << 2;
/// A recipient of this delivery request holds UTF-8.
pub const SMTPUTF8_RECIPIENT: u32 = 1 << 3;
/// The bits that say where UTF-8 was found.
pub const SMTPUTF8_DERIVED: u32 = SMTPUTF8_HEADER | SMTPUTF8_SENDER | SMTPUTF8_RECIPIENT;
/// All bits about SMTPUTF8.
pub const SMTPUTF8_ALL: u32 = SMTPUTF8_REQUESTED | SMTPUTF8_DERIVED;
/// The message says `TLS-Required: no` (RFC 8689).
pub const REQUIRETLS_HEADER: u32 = 1 << 4;
/// MAIL FROM said REQUIRETLS (RFC 8689).
pub const REQUIRETLS_ESMTP: u32 = 1 << 5;
/// All bits.
pub const ALL: u32 = SMTPUTF8_ALL | REQUIRETLS_HEADER | REQUIRETLS_ESMTP;
