//! The largest counts seen, for the log: there is no other way to ask for them.

use bstr::{BStr, BString};

use crate::clients::Counts;
use ipc::anvil::Event;

#[derive(Default)]
struct Peak {
    value: i32,
    ident: BString,
    /// Seconds since 1970.
    when: i64,
}

/// Since the last report.
#[derive(Default)]
pub struct Peaks {
    connection_rate: Peak,
    connection_count: Peak,
    message_rate: Peak,
    recipient_rate: Peak,
    newtls_rate: Peak,
    auth_rate: Peak,
    cache: (usize, i64),
}

impl Peaks {
    /// Notes what an event has led to.
    pub fn note(&mut self, event: Event, ident: &BStr, counts: Counts) {
        let mut peak = |peak: fn(&mut Peaks) -> &mut Peak, value: i32| {
            let peak = peak(self);
            if value > peak.value {
                *peak = Peak { value, ident: ident.to_owned(), when: sys::clock::now() };
            }
        };
        match event {
            Event::Connect => {
                peak(|all| &mut all.connection_rate, counts.rate);
                peak(|all| &mut all.connection_count, counts.connections);
            }
            Event::Message => peak(|all| &mut all.message_rate, counts.mail),
            Event::Recipient => peak(|all| &mut all.recipient_rate, counts.rcpt),
            Event::NewTls => peak(|all| &mut all.newtls_rate, counts.newtls),
            Event::Auth => peak(|all| &mut all.auth_rate, counts.auth),
            Event::Disconnect | Event::NewTlsStatus | Event::Lookup => {}
        }
    }

    /// Notes how many clients are known.
    pub fn note_size(&mut self, size: usize) {
        if size > self.cache.0 {
            self.cache = (size, sys::clock::now());
        }
    }

    /// Logs what was seen, and begins anew.
    pub fn report(&mut self, unit: std::time::Duration) {
        for line in self.lines(unit.as_secs()) {
            log::info!("{line}");
        }
        *self = Peaks::default();
    }

    fn lines(&self, unit: u64) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = |what: &str, per: &str, peak: &Peak| {
            if peak.value > 0 {
                let (ident, when) = (&peak.ident, stamp(peak.when));
                lines.push(format!("statistics: max {what} {}{per} for ({ident}) at {when}", peak.value));
            }
        };
        let per = format!("/{unit}s");
        line("connection rate", &per, &self.connection_rate);
        line("connection count", "", &self.connection_count);
        line("message rate", &per, &self.message_rate);
        line("recipient rate", &per, &self.recipient_rate);
        line("newtls rate", &per, &self.newtls_rate);
        line("auth rate", &per, &self.auth_rate);
        if self.cache.0 > 0 {
            lines.push(format!("statistics: max cache size {} at {}", self.cache.0, stamp(self.cache.1)));
        }
        lines
    }
}

/// `Nov 22 03:04:05`
fn stamp(seconds: i64) -> String {
    let time = sys::clock::local(seconds);
    let month = sys::clock::MONTHS.get(time.month as usize).copied().unwrap_or_default();
    format!("{month} {:2} {:02}:{:02}:{:02}", time.day, time.hour, time.minute, time.second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_reported_once() {
        let mut peaks = Peaks::default();
        let who = BStr::new("smtp:192.0.2.1");
        peaks.note(Event::Connect, who, Counts { connections: 1, rate: 3, ..Counts::default() });
        peaks.note(Event::Connect, who, Counts { connections: 2, rate: 1, ..Counts::default() });
        peaks.note(Event::Auth, who, Counts { auth: 4, ..Counts::default() });
        peaks.note_size(7);
        let lines = peaks.lines(60);
        assert_eq!(lines.len(), 4);
        assert!(lines[0].starts_with("statistics: max connection rate 3/60s for (smtp:192.0.2.1) at "));
        assert!(lines[1].starts_with("statistics: max connection count 2 for (smtp:192.0.2.1) at "));
        assert!(lines[2].starts_with("statistics: max auth rate 4/60s for "));
        assert!(lines[3].starts_with("statistics: max cache size 7 at "));
        peaks.report(std::time::Duration::from_secs(60));
        assert!(peaks.lines(60).is_empty());
    }
}
