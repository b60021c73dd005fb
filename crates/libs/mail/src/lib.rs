//! Addresses, headers, MIME and DSN codes: pure grammars of mail.
