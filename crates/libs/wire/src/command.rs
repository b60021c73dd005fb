//! Commands as a client sends them. Addresses are given in their external (quoted) form.

use crate::esmtp::Body;
use crate::xtext;
use mail::dsn::{Notify, Return};

/// What a client says with MAIL FROM, as far as the server offers it.
#[derive(Clone, Debug, Default)]
pub struct MailOptions<'a> {
    pub size: Option<i64>,
    pub body: Option<Body>,
    pub smtputf8: bool,
    /// REQUIRETLS (RFC 8689).
    pub require_tls: bool,
    pub ret: Option<Return>,
    /// Decoded envelope identifier.
    pub envid: Option<&'a [u8]>,
}

/// Appends `MAIL FROM:<sender> …` with its line ending.
pub fn mail(out: &mut Vec<u8>, sender: &[u8], options: &MailOptions) {
    out.extend_from_slice(b"MAIL FROM:<");
    out.extend_from_slice(sender);
    out.push(b'>');
    if let Some(size) = options.size {
        out.extend_from_slice(format!(" SIZE={size}").as_bytes());
    }
    if let Some(body) = options.body {
        out.extend_from_slice(b" BODY=");
        out.extend_from_slice(body.name().as_bytes());
    }
    if options.smtputf8 {
        out.extend_from_slice(b" SMTPUTF8");
    }
    if options.require_tls {
        out.extend_from_slice(b" REQUIRETLS");
    }
    if let Some(envid) = options.envid {
        out.extend_from_slice(b" ENVID=");
        out.extend_from_slice(&xtext::quote(envid, b"+="));
    }
    if let Some(ret) = options.ret {
        out.extend_from_slice(b" RET=");
        out.extend_from_slice(ret.keyword().as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// What a client says with RCPT TO, as far as the server offers it.
#[derive(Clone, Debug, Default)]
pub struct RcptOptions<'a> {
    pub notify: Notify,
    /// `type;address` as the queue keeps it, the address decoded.
    pub orcpt: Option<&'a [u8]>,
}

/// Appends `RCPT TO:<recipient> …` with its line ending.
pub fn rcpt(out: &mut Vec<u8>, recipient: &[u8], options: &RcptOptions) {
    out.extend_from_slice(b"RCPT TO:<");
    out.extend_from_slice(recipient);
    out.push(b'>');
    if let Some(orcpt) = options.orcpt {
        let at = memchr::memchr(b';', orcpt).map_or(0, |at| at + 1);
        let (kind, address) = orcpt.split_at_checked(at).unwrap_or((b"", orcpt));
        if is_address_type(kind) {
            out.extend_from_slice(b" ORCPT=");
            out.extend_from_slice(kind);
            out.extend_from_slice(&xtext::quote(address, b"+="));
        }
    }
    if !options.notify.is_none() {
        out.extend_from_slice(format!(" NOTIFY={}", options.notify).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// `type;`: what a client may say of the type is not checked on the way in, and must not become another parameter or
/// another command on the way out.
fn is_address_type(kind: &[u8]) -> bool {
    let word = kind.strip_suffix(b";").unwrap_or_default();
    !word.is_empty() && word.iter().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\".[]=".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_parameter_by_way_of_a_type() {
        for orcpt in ["\"a NOTIFY=NEVER\";x@y", "a\r\nDATA;x@y", "a NOTIFY=NEVER;x@y"] {
            let mut out = Vec::new();
            rcpt(&mut out, b"c@d", &RcptOptions { notify: Notify::NONE, orcpt: Some(orcpt.as_bytes()) });
            assert_eq!(bstr::BStr::new(&out), bstr::BStr::new("RCPT TO:<c@d>\r\n"), "{orcpt:?}");
        }
    }

    #[test]
    fn commands_with_options() {
        let mut out = Vec::new();
        mail(&mut out, b"", &MailOptions::default());
        let options = MailOptions {
            size: Some(9),
            body: Some(Body::EightBitMime),
            smtputf8: true,
            require_tls: true,
            ret: Some(Return::Headers),
            envid: Some(b"a b"),
        };
        mail(&mut out, b"a@b", &options);
        rcpt(&mut out, b"c@d", &RcptOptions::default());
        let notify = Notify::parse(b"DELAY,SUCCESS").unwrap_or_default();
        rcpt(&mut out, b"c@d", &RcptOptions { notify, orcpt: Some(b"rfc822;x+y@z") });
        rcpt(&mut out, b"c@d", &RcptOptions { notify: Notify::NONE, orcpt: Some(b"no type") });
        let expected = "MAIL FROM:<>\r\n\
            MAIL FROM:<a@b> SIZE=9 BODY=8BITMIME SMTPUTF8 REQUIRETLS ENVID=a+20b RET=HDRS\r\n\
            RCPT TO:<c@d>\r\n\
            RCPT TO:<c@d> ORCPT=rfc822;x+2By@z NOTIFY=SUCCESS,DELAY\r\n\
            RCPT TO:<c@d>\r\n";
        assert_eq!(bstr::BStr::new(&out), bstr::BStr::new(expected));
    }
}
