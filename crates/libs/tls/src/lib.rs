//! TLS in both directions, over OpenSSL.
