//! What delivery agents share: requests, results, mailboxes, commands.
