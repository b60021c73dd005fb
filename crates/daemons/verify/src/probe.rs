//! Probe messages.

use bstr::BString;
use config::Config;
use config::params::{ADDRESS_VERIFY_SENDER, ADDRESS_VERIFY_SENDER_TTL, SMTPUTF8_AUTODETECT_CLASSES};
use delivery::post::{Envelope, Letter};
use ipc::cleanup::flag;
use ipc::delivery::flag::MTA_VERIFY;
use std::io;

/// Sends a probe. It needs no content: nobody gets it.
pub fn send(cf: &'static Config, address: &[u8]) -> io::Result<()> {
    let now = u64::try_from(sys::clock::now()).unwrap_or(0);
    let ttl = cf.get(ADDRESS_VERIFY_SENDER_TTL).as_secs();
    let sender = mail::verify_sender::current(cf.get(ADDRESS_VERIFY_SENDER).as_bytes(), ttl, now);
    let detect = cf
        .get(SMTPUTF8_AUTODETECT_CLASSES)
        .split([' ', '\t', ',', '\n'])
        .any(|class| class.eq_ignore_ascii_case("verify") || class.eq_ignore_ascii_case("all"));
    let letter = Letter::open(
        cf,
        &Envelope {
            sender: &sender,
            recipients: &[BString::from(address)],
            cleanup_flags: flag::INTERNAL | if detect { flag::AUTOUTF8 } else { 0 },
            trace_flags: MTA_VERIFY,
        },
    )?;
    let answer = letter.send()?;
    if answer.status != 0 {
        log::warning!("probe for {}: {}", bstr::BStr::new(address), ipc::cleanup::detail(answer.status).text);
    }
    Ok(())
}
