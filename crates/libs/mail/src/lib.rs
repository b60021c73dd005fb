//! The grammars of mail, as pure text: addresses, headers, MIME, DSN codes, dates.
//! No input or output, no configuration: callers pass limits and delimiters in.
//! Everything is bytes; text types appear only where the grammar says UTF-8.

pub mod address;
pub mod base64;
pub mod date;
pub mod dsn;
pub mod duplicates;
pub mod encoded_word;
pub mod header;
pub mod host;
pub mod masquerade;
pub mod mime;
pub mod quote;
pub mod rfc822;
pub mod sendopts;
pub mod text;
pub mod verify_sender;
pub mod verp;
