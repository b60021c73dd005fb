//! XFORWARD: tells a content filter whom the mail came from (`smtp_send_xforward_command`).

use bstr::BString;

use crate::chat::Trouble;
use crate::job::Job;
use crate::session::Session;
use wire::Feature;

const UNAVAILABLE: &[u8] = b"[UNAVAILABLE]";
/// RFC 5321's limit for a command line, with some room for the reader's taste.
const LINE_MAX: usize = 512;

/// Sends what the server announced that it wants to know. A refusal changes nothing.
pub fn send(job: &mut Job<'_>, session: &mut Session) -> Result<(), (Trouble, &'static str)> {
    if !job.cx.set.send_xforward || !session.has(Feature::XForward) {
        return Ok(());
    }
    let request = &job.delivery.request;
    let source: &[u8] = if request.rewrite_context == "local" { b"LOCAL" } else { b"REMOTE" };
    let first: [(&str, &[u8]); 3] =
        [("NAME", &request.client_name), ("ADDR", &request.client_addr), ("PORT", &request.client_port)];
    let second: [(&str, &[u8]); 4] = [
        ("PROTO", &request.client_proto),
        ("HELO", &request.client_helo),
        ("IDENT", &request.log_ident),
        ("SOURCE", source),
    ];
    for (attributes, doing) in
        [(&first[..], "sending XFORWARD name/address"), (&second[..], "sending XFORWARD protocol/helo_name")]
    {
        let Some(line) = line(attributes, |name| {
            session.capabilities.xforward.iter().any(|known| known.eq_ignore_ascii_case(name.as_bytes()))
        }) else {
            continue;
        };
        session.limit(job.cx, job.cx.set.timeouts.xforward);
        session.put(&line).map_err(|trouble| (trouble, doing))?;
        let answer = session.answer(job.cx).map_err(|trouble| (trouble, doing))?;
        if answer.class() != 2 {
            log::warning!(
                "host {} said: {} (in reply to {})",
                session.namaddrport,
                answer.text,
                if doing.contains("address") {
                    "XFORWARD name/address command"
                } else {
                    "XFORWARD helo/protocol command"
                }
            );
        }
    }
    Ok(())
}

/// One command with the attributes that the server knows; `None`: it knows none of them.
fn line(attributes: &[(&str, &[u8])], known: impl Fn(&str) -> bool) -> Option<BString> {
    let mut line = BString::from("XFORWARD");
    let bare = line.len();
    for (name, value) in attributes.iter().filter(|(name, _)| known(name)) {
        let value = if value.is_empty() || *value == b"unknown" { UNAVAILABLE } else { value };
        let value = wire::xtext::quote(value, b"");
        if line.len() + name.len() + value.len() + 2 < LINE_MAX {
            line.push(b' ');
            line.extend_from_slice(name.as_bytes());
            line.push(b'=');
            line.extend_from_slice(&value);
        }
    }
    if line.len() == bare {
        return None;
    }
    line.extend_from_slice(b"\r\n");
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_knows() {
        let attributes: [(&str, &[u8]); 2] = [("NAME", b"a b"), ("ADDR", b"")];
        assert_eq!(line(&attributes, |_| false), None);
        assert_eq!(line(&attributes, |name| name == "ADDR").unwrap(), "XFORWARD ADDR=[UNAVAILABLE]\r\n");
        assert_eq!(line(&attributes, |_| true).unwrap(), "XFORWARD NAME=a+20b ADDR=[UNAVAILABLE]\r\n");
    }
}
