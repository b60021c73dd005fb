//! SMTP commands and replies: pure grammars without I/O.
