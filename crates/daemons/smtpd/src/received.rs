//! Our Received header.

use bstr::BString;
use config::params::*;

use crate::session::Session;

/// The header's lines. `for` is there only when there is one recipient.
pub fn lines(session: &Session, queue_id: &[u8], seconds: i64) -> Vec<BString> {
    let cf = session.cf;
    let mut lines = Vec::with_capacity(4);
    let hide = cf.get(SMTPD_HIDE_CLIENT_SESSION);
    if !hide {
        let client = &session.client;
        let helo = session.helo.as_ref().unwrap_or(&client.name);
        lines.push(cat!("Received: from ", helo, " (", client.name, " [", client.rfc_address, "])"));
        if let (Some(tls), true) = (&session.tls, cf.get(SMTPD_TLS_RECEIVED_HEADER)) {
            lines.extend(
                tls.received_lines(cf.get(SMTPD_TLS_FINGERPRINT_DIGEST)).iter().map(|line| cat!("\t", line)),
            );
        }
    }
    let mut by =
        cat!(if hide { "Received: " } else { "\t" }, "by ", cf.get(MYHOSTNAME), " (", cf.get(MAIL_NAME), ")");
    if !hide {
        by = cat!(by, " with ", protocol(session));
    }
    by = cat!(by, " id ", queue_id);
    let date = mail::date::header(seconds);
    match &session.recipient {
        Some(recipient) if session.mail.recipients == 1 => {
            lines.push(by);
            lines.push(cat!("\tfor <", mail::quote::quote_822_local(recipient), ">; ", date));
        }
        _ => {
            lines.push(cat!(by, ";"));
            lines.push(cat!("\t", date));
        }
    }
    lines
}

/// SMTP, ESMTP, with S for TLS; UTF8SMTP and so on with SMTPUTF8 (RFC 3848, RFC 6531).
fn protocol(session: &Session) -> BString {
    if session.protocol != "ESMTP" {
        return session.protocol.into();
    }
    let base = if session.mail.smtputf8 { "UTF8SMTP" } else { "ESMTP" };
    cat!(base, if session.tls.is_some() { "S" } else { "" })
}
