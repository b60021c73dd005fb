//! ETRN: delivers what is queued for a site (RFC 1985).

use config::params::*;
use ipc::flush::{Request, Status, stat};
use wire::Token;

use crate::errors::{Step, class};
use crate::session::Session;
use crate::text::head;

/// ETRN site
pub fn etrn(session: &mut Session, words: &[Token]) -> Step {
    if session.cf.get(SMTPD_HELO_REQUIRED) && session.helo.is_none() {
        return session.refuse(class::POLICY, "503 Error: send HELO/EHLO first");
    }
    if session.in_transaction() {
        return session.refuse_protocol("503 Error: MAIL transaction in progress");
    }
    let [_, site] = words else {
        return session.refuse_protocol("500 Syntax: ETRN domain");
    };
    let site = site.text.strip_prefix(b"@").or(site.text.strip_prefix(b"#")).unwrap_or(&site.text);
    if !mail::host::is_hostname(site) && mail::host::parse_literal(site).is_none() {
        return session.refuse_protocol("501 Error: invalid parameter syntax");
    }
    if session.standalone {
        log::warning!("do not use ETRN in \"sendmail -bs\" mode");
        session.reply("458 Unable to queue messages")?;
        return Ok(false);
    }
    if let Some(refusal) = session.check_etrn(site)? {
        session.reply(refusal)?;
        return Ok(false);
    }
    let (shown, client) = (bstr::BStr::new(head(site, 100)), session.client.name_address.clone());
    // Sites that have no list of their own mail are refused here, without asking.
    let answer = match session.server.flush_domains.matches(site) {
        Ok(true) => {
            session.server.old_defaults.tell_of_flush(site);
            session.server.flush.ask::<_, Status>(&Request::SendSite { site: site.into() })
        }
        Ok(false) => Ok(Status(stat::DENY)),
        Err(error) => {
            log::warning!("fast_flush_domains: {error}");
            Ok(Status(stat::FAIL))
        }
    };
    match answer {
        Ok(Status(stat::OK)) => {
            session.reply("250 Queuing started")?;
            return Ok(true);
        }
        Ok(Status(stat::DENY)) => {
            log::warning!("reject: ETRN {shown}... from {client}");
            session.reply(cat!("459 <", site, ">: service unavailable"))?;
        }
        Ok(Status(stat::BAD)) => {
            log::warning!("bad ETRN {shown}... from {client}");
            session.reply("458 Unable to queue messages")?;
        }
        _ => {
            log::warning!("unable to talk to fast flush service");
            session.reply("458 Unable to queue messages")?;
        }
    }
    Ok(false)
}
