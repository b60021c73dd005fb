//! Log lines as Postfix writes them, to syslog, postlogd or a terminal.
