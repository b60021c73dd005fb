//! A recipient's fate: `ID: to=<…>, relay=…, delay=…, delays=a/b/c/d, dsn=…, status=… (…)`.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bstr::BString;

/// When a message passed each stage; what did not happen is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// The client began to send the message.
    pub incoming_arrival: Option<SystemTime>,
    /// The queue manager made it active.
    pub active_arrival: Option<SystemTime>,
    /// A delivery agent got it.
    pub agent_handoff: Option<SystemTime>,
    /// The agent's connection was ready.
    pub conn_setup_done: Option<SystemTime>,
    /// The delivery ended (a multi-recipient transaction gives each recipient the same moment).
    pub deliver_done: Option<SystemTime>,
}

/// The delivery line of one recipient.
#[derive(Clone, Debug, Default)]
pub struct Delivery<'a> {
    /// The message.
    pub queue_id: &'a str,
    /// The recipient.
    pub to: &'a [u8],
    /// The recipient before aliases; empty when unknown. Left out when equal to `to`, case aside.
    pub orig_to: &'a [u8],
    /// `host[address]:port`, `local`, `none`, …
    pub relay: &'a [u8],
    /// How often the connection was used before.
    pub reuse_count: u32,
    /// The stages.
    pub times: Times,
    /// `delay_logging_resolution_limit`: digits after the decimal point, at most.
    pub resolution: u32,
    /// 3.11's TLS summary of a client delivery (`tls=…`), without the name; empty for none.
    pub tls: &'a [u8],
    /// The enhanced status code.
    pub dsn: &'a str,
    /// `sent`, `deferred`, `bounced`, …
    pub status: &'a str,
    /// The text in parentheses.
    pub reason: &'a [u8],
}

impl Delivery<'_> {
    /// The line, with delays counted to now unless the delivery's end is known.
    pub fn line(&self) -> BString {
        self.line_at(SystemTime::now())
    }

    fn line_at(&self, clock: SystemTime) -> BString {
        let mut line = Vec::with_capacity(256);
        // Writing to a Vec cannot fail.
        let _ = write!(line, "{}: to=<", self.queue_id);
        line.extend_from_slice(self.to);
        if !self.orig_to.is_empty() && !self.orig_to.eq_ignore_ascii_case(self.to) {
            line.extend_from_slice(b">, orig_to=<");
            line.extend_from_slice(self.orig_to);
        }
        line.extend_from_slice(b">, relay=");
        line.extend_from_slice(self.relay);
        if self.reuse_count > 0 {
            let _ = write!(line, ", conn_use={}", self.reuse_count.saturating_add(1));
        }
        let delays = delays(&self.times, self.times.deliver_done.unwrap_or(clock));
        let text = delays.map(|delay| delay_text(delay, self.resolution));
        let [total, before, active, setup, transfer] = text;
        let _ = write!(line, ", delay={total}, delays={before}/{active}/{setup}/{transfer}");
        if !self.tls.is_empty() {
            line.extend_from_slice(b", tls=");
            line.extend_from_slice(self.tls);
        }
        let _ = write!(line, ", dsn={}, status={} (", self.dsn, self.status);
        line.extend_from_slice(self.reason);
        line.push(b')');
        line.into()
    }
}

/// Total; before the queue manager; in the queue manager; connection set-up; transmission.
/// A stage that was never reached takes no time, the last one reached takes what remains.
fn delays(times: &Times, now: SystemTime) -> [Duration; 5] {
    let arrival = times.incoming_arrival.unwrap_or(UNIX_EPOCH);
    // A clock that was set back makes no negative delay.
    let since = |later: SystemTime, earlier: SystemTime| later.duration_since(earlier).unwrap_or_default();
    let total = since(now, arrival);
    let none = Duration::ZERO;
    let Some(active) = times.active_arrival else {
        return [total, total, none, none, none];
    };
    let before = since(active, arrival);
    let Some(handoff) = times.agent_handoff else {
        return [total, before, since(now, active), none, none];
    };
    let waiting = since(handoff, active);
    match times.conn_setup_done {
        Some(ready) => [total, before, waiting, since(ready, handoff), since(now, ready)],
        None => [total, before, waiting, none, since(now, handoff)],
    }
}

/// A delay as logs show it: whole seconds from 10 s on, else two significant digits, at most `resolution`
/// digits after the point, rounded half up, without trailing zeros.
pub fn delay_text(delay: Duration, resolution: u32) -> String {
    const SECOND: u128 = 1_000_000;
    let micros = delay.as_micros();
    let finest = SECOND / 10u128.pow(resolution.min(6));
    let mut unit = finest;
    while unit < SECOND && micros >= unit * 100 {
        unit *= 10;
    }
    // compat: with whole seconds (resolution 0) the reference truncates after rounding, like every other unit.
    let rounded = (micros + unit / 2) / unit * unit;
    let mut text = format!("{}.{:06}", rounded / SECOND, rounded % SECOND);
    let kept = text.trim_end_matches('0').trim_end_matches('.').len();
    text.truncate(kept);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_rounded_as_the_reference_does() {
        let cases = [
            (0, 2, "0"),
            (4_999, 2, "0"),
            (5_000, 2, "0.01"),
            (123_456, 2, "0.12"),
            (125_000, 2, "0.13"),
            (99_500, 2, "0.1"),
            (995_000, 2, "1"),
            (999_999, 2, "1"),
            (1_230_000, 2, "1.2"),
            (1_250_000, 2, "1.3"),
            (9_960_000, 2, "10"),
            (10_400_000, 2, "10"),
            (12_500_000, 2, "13"),
            (3_600_000_000, 2, "3600"),
            (123_456, 6, "0.12"),
            (1_234, 6, "0.0012"),
            (1_600_000, 0, "2"),
            (90_000, 1, "0.1"),
        ];
        for (micros, resolution, text) in cases {
            assert_eq!(delay_text(Duration::from_micros(micros), resolution), text, "{micros} {resolution}");
        }
    }

    #[test]
    fn the_line_of_a_delivery() {
        let start = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let after = |millis| Some(start + Duration::from_millis(millis));
        let delivery = Delivery {
            queue_id: "4dF1Yz0x0Xz5",
            to: b"user@example.com",
            orig_to: b"alias@example.com",
            relay: b"mx.example.com[192.0.2.1]:25",
            reuse_count: 1,
            times: Times {
                incoming_arrival: Some(start),
                active_arrival: after(50),
                agent_handoff: after(60),
                conn_setup_done: after(310),
                deliver_done: after(1_510),
            },
            resolution: 2,
            tls: b"",
            dsn: "2.0.0",
            status: "sent",
            reason: b"250 2.0.0 Ok: queued as 12345",
        };
        assert_eq!(
            delivery.line(),
            "4dF1Yz0x0Xz5: to=<user@example.com>, orig_to=<alias@example.com>, relay=mx.example.com[192.0.2.1]:25, \
             conn_use=2, delay=1.5, delays=0.05/0.01/0.25/1.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 12345)"
        );
        let bounced = Delivery {
            orig_to: b"USER@example.com",
            reuse_count: 0,
            relay: b"none",
            times: Times { incoming_arrival: Some(start), ..Times::default() },
            dsn: "5.4.4",
            status: "bounced",
            reason: b"x",
            tls: b"may",
            ..delivery
        };
        assert_eq!(
            bounced.line_at(start + Duration::from_millis(1_010)),
            "4dF1Yz0x0Xz5: to=<user@example.com>, relay=none, delay=1, delays=1/0/0/0, tls=may, dsn=5.4.4, status=bounced (x)"
        );
    }

    #[test]
    fn stages_that_were_not_reached() {
        let start = UNIX_EPOCH + Duration::from_secs(10);
        let now = start + Duration::from_secs(9);
        let times = Times {
            incoming_arrival: Some(start),
            active_arrival: Some(start + Duration::from_secs(2)),
            ..Times::default()
        };
        assert_eq!(delays(&times, now).map(|d| d.as_secs()), [9, 2, 7, 0, 0]);
        let times = Times { agent_handoff: Some(start + Duration::from_secs(3)), ..times };
        assert_eq!(delays(&times, now).map(|d| d.as_secs()), [9, 2, 1, 0, 6]);
        assert_eq!(delays(&times, UNIX_EPOCH).map(|d| d.as_secs()), [0, 2, 1, 0, 0]);
    }
}
