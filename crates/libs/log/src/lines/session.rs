//! smtpd's session lines: `connect from`, `client=`, `NOQUEUE: reject: …`, `disconnect from … mail=1 …`.

use std::io::Write;

use bstr::BString;

use super::line;

/// `connect from name[address]`
pub fn connect(client: &[u8]) -> BString {
    line(&[b"connect from ", client])
}

/// How often a session's commands succeeded, out of how many tries, in the order they are to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// `(name in lower case, successes, tries)`
    pub each: Vec<(&'static str, u64, u64)>,
}

impl Commands {
    /// Counts a command's try; its success, if it comes to that, is counted by [`Commands::succeeded`].
    pub fn tried(&mut self, name: &'static str) {
        self.count(name, false);
    }

    /// Counts the success of a command that was tried.
    pub fn succeeded(&mut self, name: &'static str) {
        if let Some((_, good, _)) = self.each.iter_mut().find(|(known, _, _)| *known == name) {
            *good = good.saturating_add(1);
        }
    }

    /// Counts a command's try, and its success.
    pub fn count(&mut self, name: &'static str, success: bool) {
        let done = u64::from(success);
        match self.each.iter_mut().find(|(known, _, _)| *known == name) {
            Some((_, good, all)) => {
                *good = good.saturating_add(done);
                *all = all.saturating_add(1);
            }
            None => self.each.push((name, done, 1)),
        }
    }
}

/// `disconnect from name[address] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4`
pub fn disconnect(client: &[u8], commands: &Commands) -> BString {
    let mut text = line(&[b"disconnect from ", client]);
    let mut show = |name: &str, good: u64, all: u64| {
        // Writing to a Vec cannot fail.
        let _ = if good == all && all > 0 {
            write!(text, " {name}={good}")
        } else {
            write!(text, " {name}={good}/{all}")
        };
    };
    let (mut good_sum, mut sum) = (0u64, 0u64);
    for (name, good, all) in commands.each.iter().filter(|(_, _, all)| *all > 0) {
        show(name, *good, *all);
        good_sum = good_sum.saturating_add(*good);
        sum = sum.saturating_add(*all);
    }
    show("commands", good_sum, sum);
    text
}

/// Who sent a message, as `client=` names it; empty parts are left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client<'a> {
    /// `name[address]`, with `:port` if smtpd_client_port_logging is on.
    pub name_address: &'a [u8],
    /// SASL mechanism.
    pub sasl_method: &'a [u8],
    /// SASL login.
    pub sasl_username: &'a [u8],
    /// MAIL FROM's AUTH=.
    pub sasl_sender: &'a [u8],
    /// XFORWARD IDENT.
    pub orig_queue_id: &'a [u8],
    /// XFORWARD name and address.
    pub orig_client: &'a [u8],
}

/// `ID: client=name[address], sasl_method=…, sasl_username=…, sasl_sender=…, orig_queue_id=…, orig_client=…`
pub fn client(queue_id: &str, client: &Client<'_>) -> BString {
    let mut text = line(&[queue_id.as_bytes(), b": client=", client.name_address]);
    let optional: [(&str, &[u8]); 5] = [
        ("sasl_method", client.sasl_method),
        ("sasl_username", client.sasl_username),
        ("sasl_sender", client.sasl_sender),
        ("orig_queue_id", client.orig_queue_id),
        ("orig_client", client.orig_client),
    ];
    for (name, value) in optional.into_iter().filter(|(_, value)| !value.is_empty()) {
        text.extend_from_slice(format!(", {name}=").as_bytes());
        text.extend_from_slice(value);
    }
    text
}

/// What is known of the transaction when a command is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct Envelope<'a> {
    /// MAIL FROM; `None` before it.
    pub sender: Option<&'a [u8]>,
    /// RCPT TO; `None` before it.
    pub recipient: Option<&'a [u8]>,
    /// `SMTP` or `ESMTP`; `None` before HELO.
    pub protocol: Option<&'a str>,
    /// HELO's argument.
    pub helo: Option<&'a [u8]>,
    /// SASL login.
    pub sasl_username: Option<&'a [u8]>,
}

/// `ID: reject: RCPT from name[address]: 554 5.7.1 text; from=<…> to=<…> proto=ESMTP helo=<…>`
///
/// `verdict` is `reject`, `warn`, `hold`, `discard`, …; `queue_id` is `NOQUEUE` while there is no queue file.
pub fn reject(
    queue_id: &str,
    verdict: &str,
    command: &[u8],
    client: &[u8],
    text: &[u8],
    envelope: &Envelope<'_>,
) -> BString {
    let head = format!("{queue_id}: {verdict}: ");
    let mut text = line(&[head.as_bytes(), command, b" from ", client, b": ", text, b";"]);
    let mut attribute = |before: &str, value: Option<&[u8]>, after: &str| {
        if let Some(value) = value {
            text.extend_from_slice(before.as_bytes());
            text.extend_from_slice(value);
            text.extend_from_slice(after.as_bytes());
        }
    };
    attribute(" from=<", envelope.sender, ">");
    attribute(" to=<", envelope.recipient, ">");
    attribute(" proto=", envelope.protocol.map(str::as_bytes), "");
    attribute(" helo=<", envelope.helo, ">");
    attribute(" sasl_username=<", envelope.sasl_username, ">");
    text
}

/// `lost connection after RCPT from name[address]`; `after` may carry `DATA (12 bytes)`.
pub fn lost_connection(after: &str, client: &[u8]) -> BString {
    line(&[b"lost connection after ", after.as_bytes(), b" from ", client])
}

/// `timeout after RCPT from name[address]`
pub fn timeout(after: &str, client: &[u8]) -> BString {
    line(&[b"timeout after ", after.as_bytes(), b" from ", client])
}

/// `too many errors after RCPT from name[address]`
pub fn too_many_errors(after: &str, client: &[u8]) -> BString {
    line(&[b"too many errors after ", after.as_bytes(), b" from ", client])
}

#[cfg(test)]
mod tests {
    use super::*;

    const MX: &[u8] = b"mx.test[192.0.2.1]";

    #[test]
    fn goldens() {
        let sasl =
            Client { name_address: MX, sasl_method: b"PLAIN", sasl_username: b"joe", ..Client::default() };
        let cases = [
            (connect(MX), "connect from mx.test[192.0.2.1]"),
            (
                lost_connection("DATA (5 bytes)", MX),
                "lost connection after DATA (5 bytes) from mx.test[192.0.2.1]",
            ),
            (timeout("END-OF-MESSAGE", MX), "timeout after END-OF-MESSAGE from mx.test[192.0.2.1]"),
            (too_many_errors("RCPT", MX), "too many errors after RCPT from mx.test[192.0.2.1]"),
            (client("4ABC", &sasl), "4ABC: client=mx.test[192.0.2.1], sasl_method=PLAIN, sasl_username=joe"),
        ];
        for (line, golden) in cases {
            assert_eq!(line, golden);
        }
    }

    #[test]
    fn a_session_ends_with_its_commands() {
        let mut commands = Commands::default();
        assert_eq!(disconnect(MX, &commands), "disconnect from mx.test[192.0.2.1] commands=0/0");
        for (name, success) in
            [("ehlo", true), ("mail", true), ("rcpt", false), ("rcpt", true), ("quit", true)]
        {
            commands.count(name, success);
        }
        assert_eq!(
            disconnect(MX, &commands),
            "disconnect from mx.test[192.0.2.1] ehlo=1 mail=1 rcpt=1/2 quit=1 commands=4/5"
        );
    }

    #[test]
    fn a_refusal_tells_what_is_known() {
        let mut envelope = Envelope::default();
        assert_eq!(
            reject("NOQUEUE", "reject", b"CONNECT", MX, b"554 5.7.1 no", &envelope),
            "NOQUEUE: reject: CONNECT from mx.test[192.0.2.1]: 554 5.7.1 no;"
        );
        envelope.sender = Some(b"");
        envelope.recipient = Some(b"joe@example.com");
        envelope.protocol = Some("ESMTP");
        envelope.helo = Some(b"host");
        assert_eq!(
            reject(
                "NOQUEUE",
                "reject",
                b"RCPT",
                MX,
                b"454 4.7.1 <joe@example.com>: Relay access denied",
                &envelope
            ),
            "NOQUEUE: reject: RCPT from mx.test[192.0.2.1]: 454 4.7.1 <joe@example.com>: Relay access denied; \
             from=<> to=<joe@example.com> proto=ESMTP helo=<host>"
        );
    }
}
