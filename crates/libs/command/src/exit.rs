//! Exit codes of sysexits.h, which programs that call sendmail(1) look at.

/// Done.
pub const OK: u8 = 0;
/// Command line used wrongly.
pub const USAGE: u8 = 64;
/// Data format error.
pub const DATA: u8 = 65;
/// Cannot open input.
pub const NO_INPUT: u8 = 66;
/// Addressee unknown.
pub const NO_USER: u8 = 67;
/// Service unavailable.
pub const UNAVAILABLE: u8 = 69;
/// Internal software error.
pub const SOFTWARE: u8 = 70;
/// System error.
pub const OS_ERROR: u8 = 71;
/// Critical file missing.
pub const OS_FILE: u8 = 72;
/// Cannot create output.
pub const CANNOT_CREATE: u8 = 73;
/// Input/output error.
pub const IO_ERROR: u8 = 74;
/// Temporary failure: try again later.
pub const TEMP_FAIL: u8 = 75;
/// Remote error in protocol.
pub const PROTOCOL: u8 = 76;
/// Permission denied.
pub const NO_PERMISSION: u8 = 77;
/// Configuration error.
pub const CONFIG: u8 = 78;
