//! The listing for people, as mailq(1) has always printed it.

use crate::listing::Printer;
use bstr::{BStr, BString};
use ipc::showq::{Entry, Recipient};
use std::io::{self, Write};

/// Prints messages, and a summary at the end.
pub struct Table {
    long_ids: bool,
    messages: u64,
    bytes: i64,
    reason: BString,
}

/// Reasons end at this column, or begin at the left margin.
const REASON_END: usize = 76;

impl Table {
    /// `long_ids` widens the column of queue ids.
    pub fn new(long_ids: bool) -> Table {
        Table { long_ids, messages: 0, bytes: 0, reason: BString::default() }
    }

    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.long_ids {
            true => {
                writeln!(out, "----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------")
            }
            false => writeln!(out, "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------"),
        }
    }
}

impl Printer for Table {
    fn message(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
        if self.messages == 0 {
            self.head(out)?;
        }
        self.messages += 1;
        self.bytes = self.bytes.saturating_add(entry.size);
        self.reason.clear();
        let mark = match entry.queue_name.as_slice() {
            b"active" => "*",
            b"hold" => "!",
            _ if entry.forced_expire != 0 => "#",
            _ => "",
        };
        // compat: an expired message shows both
        let both = if entry.forced_expire != 0 && !mark.is_empty() && mark != "#" { "#" } else { "" };
        let id = format!("{}{mark}{both}", entry.queue_id);
        let (size, date) = (entry.size, date(entry.time));
        match self.long_ids {
            true => write!(out, "{id:<17} {size:8} {date:<19} ")?,
            false => write!(out, "{id:<11} {size:7} {date:<20} ")?,
        }
        out.write_all(&log::printable(&entry.sender))?;
        writeln!(out)
    }

    fn recipient(&mut self, out: &mut dyn Write, recipient: &Recipient) -> io::Result<()> {
        // Also where the recipient before has a reason and this one has none.
        if self.reason != recipient.reason {
            self.reason.clone_from(&recipient.reason);
            let reason: &BStr =
                if self.reason.is_empty() { "reason unavailable".into() } else { self.reason.as_ref() };
            let indent = REASON_END.saturating_sub(reason.len());
            write!(out, "{:indent$}(", "")?;
            out.write_all(&log::printable(reason))?;
            writeln!(out, ")")?;
        }
        let indent = if self.long_ids { 47 } else { 41 };
        write!(out, "{:indent$}", "")?;
        out.write_all(&log::printable(&recipient.address))?;
        writeln!(out)
    }

    fn end_of_message(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let (kbytes, count) = (self.bytes / 1024, self.messages);
        match count {
            0 => writeln!(out, "Mail queue is empty"),
            1 => writeln!(out, "-- {kbytes} Kbytes in 1 Request."),
            _ => writeln!(out, "-- {kbytes} Kbytes in {count} Requests."),
        }
    }
}

/// `Sun Nov 22 02:54:40`, local time.
fn date(seconds: i64) -> String {
    let time = sys::clock::local(seconds);
    let name = |names: &[&'static str], number: u32| {
        usize::try_from(number).ok().and_then(|n| names.get(n).copied()).unwrap_or("???")
    };
    let weekday = name(&sys::clock::WEEKDAYS, time.weekday);
    let month = name(&sys::clock::MONTHS, time.month);
    let (day, hour, minute, second) = (time.day, time.hour, time.minute, time.second);
    format!("{weekday} {month} {day:2} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_reference_prints() {
        let mut table = Table::new(false);
        let mut out = Vec::new();
        let entry = Entry {
            queue_name: "deferred".into(),
            queue_id: "5E11098C1A8".into(),
            size: 2236,
            sender: "me@here.test".into(),
            ..Entry::default()
        };
        table.message(&mut out, &entry).unwrap();
        let recipient = Recipient {
            address: "x@c2.test".into(),
            log_class: "defer".into(),
            reason: "connect to 127.0.0.1[127.0.0.1]:20002: Connection refused".into(),
            ..Recipient::default()
        };
        table.recipient(&mut out, &recipient).unwrap();
        table.recipient(&mut out, &recipient).unwrap();
        let not_tried = Recipient { address: "y@c2.test".into(), ..Recipient::default() };
        table.recipient(&mut out, &not_tried).unwrap();
        table.end_of_message(&mut out).unwrap();
        table.end(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------");
        assert!(
            lines[1].starts_with("5E11098C1A8    2236 ") && lines[1].ends_with("  me@here.test"),
            "{}",
            lines[1]
        );
        assert_eq!(
            lines[2],
            "                   (connect to 127.0.0.1[127.0.0.1]:20002: Connection refused)"
        );
        assert_eq!(lines[3], "                                         x@c2.test");
        assert_eq!(lines[4], lines[3]);
        assert_eq!(lines[5].trim_start(), "(reason unavailable)");
        assert_eq!(lines[6].trim_start(), "y@c2.test");
        assert_eq!(lines[8], "-- 2 Kbytes in 1 Request.");
    }
}
