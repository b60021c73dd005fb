//! Parameters of MAIL and RCPT, one at a time. The server decides which of them it supports.

use bstr::BString;

use crate::xtext;
use mail::dsn::{Notify, Return};

/// BODY=: what the content may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    SevenBit,
    EightBitMime,
}

impl Body {
    /// The parameter's value.
    pub fn name(self) -> &'static str {
        match self {
            Body::SevenBit => "7BIT",
            Body::EightBitMime => "8BITMIME",
        }
    }
}

/// A parameter of MAIL FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailParameter<'a> {
    Body(Body),
    /// Announced size in bytes.
    Size(i64),
    Ret(Return),
    /// Decoded envelope identifier.
    Envid(BString),
    /// The sender and later recipients may hold UTF-8.
    Smtputf8,
    RequireTls,
    /// AUTH= and its value, still encoded.
    Auth(&'a [u8]),
    /// XVERP without or with its delimiters.
    Xverp(Option<&'a [u8]>),
    /// Something else.
    Other(&'a [u8]),
}

/// A parameter of RCPT TO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RcptParameter<'a> {
    Notify(Notify),
    Orcpt { kind: &'a [u8], address: BString },
    Other(&'a [u8]),
}

/// A parameter that is known by name and wrong in its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterError {
    SizeSyntax,
    SizeOverflow,
    Ret,
    Envid,
    Notify,
    Orcpt,
}

impl std::fmt::Display for ParameterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ParameterError::SizeSyntax => "bad message size syntax",
            ParameterError::SizeOverflow => "message size exceeds any limit",
            ParameterError::Ret => "bad RET parameter syntax",
            ParameterError::Envid => "bad ENVID parameter syntax",
            ParameterError::Notify => "bad NOTIFY parameter syntax",
            ParameterError::Orcpt => "bad ORCPT parameter syntax",
        })
    }
}

impl std::error::Error for ParameterError {}

/// Reads one parameter of MAIL FROM.
pub fn mail_parameter(text: &[u8]) -> Result<MailParameter<'_>, ParameterError> {
    if text.eq_ignore_ascii_case(b"BODY=8BITMIME") {
        return Ok(MailParameter::Body(Body::EightBitMime));
    }
    if text.eq_ignore_ascii_case(b"BODY=7BIT") {
        return Ok(MailParameter::Body(Body::SevenBit));
    }
    if text.eq_ignore_ascii_case(b"SMTPUTF8") {
        return Ok(MailParameter::Smtputf8);
    }
    if text.eq_ignore_ascii_case(b"REQUIRETLS") {
        return Ok(MailParameter::RequireTls);
    }
    if text.eq_ignore_ascii_case(b"XVERP") {
        return Ok(MailParameter::Xverp(None));
    }
    let (name, Some(value)) = split(text) else {
        return Ok(MailParameter::Other(text));
    };
    Ok(match name.to_ascii_uppercase().as_slice() {
        b"SIZE" => MailParameter::Size(size(value)?),
        b"RET" => MailParameter::Ret(Return::parse(value).ok_or(ParameterError::Ret)?),
        b"ENVID" => {
            let id = xtext::unquote(value).ok_or(ParameterError::Envid)?;
            let printable = !id.is_empty() && id.iter().all(|&b| b.is_ascii_graphic() || b == b' ');
            MailParameter::Envid(printable.then_some(id).ok_or(ParameterError::Envid)?)
        }
        b"AUTH" => MailParameter::Auth(value),
        b"XVERP" => MailParameter::Xverp(Some(value)),
        _ => MailParameter::Other(text),
    })
}

/// Reads one parameter of RCPT TO.
pub fn rcpt_parameter(text: &[u8]) -> Result<RcptParameter<'_>, ParameterError> {
    let (name, Some(value)) = split(text) else {
        return Ok(RcptParameter::Other(text));
    };
    Ok(match name.to_ascii_uppercase().as_slice() {
        b"NOTIFY" => RcptParameter::Notify(Notify::parse(value).ok_or(ParameterError::Notify)?),
        b"ORCPT" => {
            let at = memchr::memchr(b';', value).ok_or(ParameterError::Orcpt)?;
            let (kind, coded) = value.split_at(at);
            let address = xtext::unquote(coded.get(1..).unwrap_or_default()).ok_or(ParameterError::Orcpt)?;
            if kind.is_empty() {
                return Err(ParameterError::Orcpt);
            }
            RcptParameter::Orcpt { kind, address }
        }
        _ => RcptParameter::Other(text),
    })
}

fn split(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'=', text) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

fn size(digits: &[u8]) -> Result<i64, ParameterError> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(ParameterError::SizeSyntax);
    }
    digits
        .iter()
        .try_fold(0i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')))
        .ok_or(ParameterError::SizeOverflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_mail() {
        let cases: &[(&str, Result<MailParameter, ParameterError>)] = &[
            ("body=8bitmime", Ok(MailParameter::Body(Body::EightBitMime))),
            ("BODY=7BIT", Ok(MailParameter::Body(Body::SevenBit))),
            ("BODY=BINARYMIME", Ok(MailParameter::Other(b"BODY=BINARYMIME"))),
            ("SIZE=1000", Ok(MailParameter::Size(1000))),
            ("SIZE=", Err(ParameterError::SizeSyntax)),
            ("SIZE=-1", Err(ParameterError::SizeSyntax)),
            ("SIZE=99999999999999999999", Err(ParameterError::SizeOverflow)),
            ("ret=hdrs", Ok(MailParameter::Ret(Return::Headers))),
            ("RET=", Err(ParameterError::Ret)),
            ("ENVID=a+2Bb", Ok(MailParameter::Envid("a+b".into()))),
            ("ENVID=a+0Ab", Err(ParameterError::Envid)),
            ("ENVID=", Err(ParameterError::Envid)),
            ("SMTPUTF8", Ok(MailParameter::Smtputf8)),
            ("AUTH=<>", Ok(MailParameter::Auth(b"<>"))),
            ("XVERP", Ok(MailParameter::Xverp(None))),
            ("XVERP=+=", Ok(MailParameter::Xverp(Some(b"+=")))),
            ("FOO", Ok(MailParameter::Other(b"FOO"))),
        ];
        for (text, expected) in cases {
            assert_eq!(mail_parameter(text.as_bytes()), *expected, "{text}");
        }
    }

    #[test]
    fn parameters_of_rcpt() {
        let orcpt = |kind, address: &str| Ok(RcptParameter::Orcpt { kind, address: address.into() });
        let cases: &[(&str, Result<RcptParameter, ParameterError>)] = &[
            ("NOTIFY=NEVER", Ok(RcptParameter::Notify(Notify::NEVER))),
            ("NOTIFY=NEVER,DELAY", Err(ParameterError::Notify)),
            ("orcpt=rfc822;a+40b", orcpt(b"rfc822", "a@b")),
            ("ORCPT=rfc822", Err(ParameterError::Orcpt)),
            ("ORCPT=;a", Err(ParameterError::Orcpt)),
            ("ORCPT=rfc822;a+4", Err(ParameterError::Orcpt)),
            ("X", Ok(RcptParameter::Other(b"X"))),
        ];
        for (text, expected) in cases {
            assert_eq!(rcpt_parameter(text.as_bytes()), *expected, "{text}");
        }
    }
}
