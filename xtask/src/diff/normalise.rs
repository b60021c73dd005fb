//! Takes out what cannot be the same on both sides: queue ids, process ids, times, ports and paths.

/// What is a side's own.
pub struct Facts {
    pub root: String,
    /// The other side's root.
    pub other: String,
    pub port: u16,
    pub sink: u16,
    pub commands: String,
    pub daemons: String,
}

impl Facts {
    /// Text with this side's own names and numbers replaced.
    pub fn text(&self, text: &str) -> String {
        let text = text
            .replace(&self.root, "/ROOT")
            .replace(&self.other, "/OTHER")
            .replace(&self.commands, "/SBIN")
            .replace(&self.daemons, "/DAEMONS")
            .replace(&self.port.to_string(), "PORT")
            .replace(&self.sink.to_string(), "SINK");
        mask(&text)
    }

    /// `Nov 22 04:06:10 host postfix/smtpd[123]: text` as `smtpd: text`.
    pub fn log_line(&self, line: &str) -> String {
        let line = self.text(line);
        let Some((head, text)) = line.split_once(": ") else { return line };
        let tag = head.rsplit(' ').next().unwrap_or(head);
        let tag = tag.split('[').next().unwrap_or(tag);
        let program = tag.rsplit('/').next().unwrap_or(tag);
        format!("{program}: {}", delays(text))
    }
}

/// `delay=0.01, delays=0/0/0/0` without the figures, and `conn_use=`, which depends on time.
fn delays(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split(", ").enumerate() {
        let masked = match part.split_once('=') {
            Some((name @ ("delay" | "delays"), _)) => format!("{name}=…"),
            Some(("conn_use", _)) => continue,
            _ => part.to_string(),
        };
        if at > 0 {
            out += ", ";
        }
        out += &masked;
    }
    out
}

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let inside_word = out.ends_with(|c: char| c.is_ascii_alphanumeric());
        if !inside_word {
            if let Some((length, name)) = volatile(rest) {
                out += name;
                rest = rest.get(length..).unwrap_or("");
                continue;
            }
        }
        let Some(first) = rest.chars().next() else { break };
        out.push(first);
        rest = rest.get(first.len_utf8()..).unwrap_or("");
    }
    out
}

/// What stands at the start of `text` and differs from run to run: its length, and the name to show.
fn volatile(text: &str) -> Option<(usize, &'static str)> {
    date(text).map(|n| (n, "DATE")).or_else(|| time(text).map(|n| (n, "TIME"))).or_else(|| word(text))
}

/// Words that are numbers of a kind: queue ids, stamps, epochs.
fn word(text: &str) -> Option<(usize, &'static str)> {
    let length = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let word = text.get(..length)?;
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    let hex = word.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    match length {
        14 if digits && word.starts_with("20") => Some((length, "STAMP")),
        10 if digits && (word.starts_with("17") || word.starts_with("18")) => Some((length, "EPOCH")),
        8..=12 if hex => Some((length, "QID")),
        // Long queue ids: base 52 time, `z`, base 51 inode.
        13..=20 if word.starts_with('4') && word.get(10..11) == Some("z") => Some((length, "QID")),
        _ => None,
    }
}

/// `Sun, 22 Nov 2026 04:06:10 +0000 (UTC)` or `Sun Nov 22 04:06:10 2026` or `Sun Nov 22 04:06:10`.
fn date(text: &str) -> Option<usize> {
    let day = text.get(..3)?;
    if !DAYS.contains(&day) {
        return None;
    }
    let mut length = 3;
    let mut months = 0;
    let rest = text.get(3..)?;
    for part in rest.split_inclusive(' ') {
        let word = part.trim_end_matches([' ', ',']);
        let fits = word.is_empty()
            || word.bytes().all(|b| b.is_ascii_digit() || b == b':')
            || MONTHS.contains(&word)
            || (word.len() == 5
                && word.starts_with(['+', '-'])
                && word.get(1..)?.bytes().all(|b| b.is_ascii_digit()))
            || word == "(UTC)";
        if !fits {
            // The zone may be followed by text: `(UTC)\n`, `(UTC);`.
            let zone = word
                .split(|c: char| c != '(' && c != ')' && c != '+' && !c.is_ascii_alphanumeric())
                .next()?;
            if zone == "(UTC)" || zone == "+0000" {
                length += zone.len();
                return (months == 1).then_some(length);
            }
            break;
        }
        months += usize::from(MONTHS.contains(&word));
        length += part.len();
    }
    let used = text.get(..length)?;
    (months == 1 && used.contains(':')).then(|| used.trim_end().len())
}

/// `Nov 22 04:06:10`, as the log begins its lines.
fn time(text: &str) -> Option<usize> {
    let month = text.get(..3)?;
    let bytes = text.as_bytes();
    let colon = |at: usize| bytes.get(at) == Some(&b':');
    (MONTHS.contains(&month) && bytes.get(3) == Some(&b' ') && colon(9) && colon(12)).then_some(15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_masked() {
        let cases = [
            ("Nov 22 04:06:10 box x", "TIME box x"),
            ("id 4CxA7B1F02; Sun, 22 Nov 2026 04:06:10 +0000 (UTC)", "id 4CxA7B1F02; DATE"),
            ("4DC4F12345*   1 Sun Nov 22 04:06:10  a@b", "QID*   1 DATE  a@b"),
            ("<20261122040610.A1B2C3D4E5@mx.test>", "<STAMP.QID@mx.test>"),
            ("=\"A1B2C3D4E5.1795317417/mx.test\"", "=\"QID.EPOCH/mx.test\""),
            ("Sunday is a day", "Sunday is a day"),
            ("550 5.1.1 x", "550 5.1.1 x"),
        ];
        for (text, want) in cases {
            assert_eq!(mask(text), want);
        }
    }

    #[test]
    fn log_lines_are_short() {
        let facts = Facts {
            root: "/tmp/x/ours".into(),
            other: "/tmp/x/theirs".into(),
            port: 10025,
            sink: 10026,
            commands: "/s".into(),
            daemons: "/d".into(),
        };
        let line = "Nov 22 04:06:10 box postfix/local[77]: A1B2C3D4E5: to=<a@b>, relay=local, delay=0.1, delays=0/0, dsn=2.0.0";
        assert_eq!(facts.log_line(line), "local: QID: to=<a@b>, relay=local, delay=…, delays=…, dsn=2.0.0");
    }
}
