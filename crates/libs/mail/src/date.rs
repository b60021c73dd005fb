//! Dates of message headers (RFC 5322 §3.3), in local time with offset and zone name.

use sys::clock::{self, LocalTime, MONTHS, WEEKDAYS};

/// `Sun, 22 Nov 2026 02:52:42 +0000 (UTC)`: what Date: and Received: show for this moment
/// (seconds since the epoch).
pub fn header(seconds: i64) -> String {
    format(&clock::local(seconds))
}

fn format(at: &LocalTime) -> String {
    let weekday = WEEKDAYS.get(at.weekday as usize).unwrap_or(&"Sun");
    let month = MONTHS.get(at.month as usize).unwrap_or(&"Jan");
    let sign = if at.utc_offset < 0 { '-' } else { '+' };
    let minutes = at.utc_offset.unsigned_abs() / 60;
    let mut text = format!(
        "{weekday}, {:2} {month} {} {:02}:{:02}:{:02} {sign}{:02}{:02}",
        at.day,
        at.year,
        at.hour,
        at.minute,
        at.second,
        minutes / 60,
        minutes % 60,
    );
    if !at.zone.is_empty() {
        text += &format!(" ({})", at.zone);
    }
    text
}

/// `20261122025242`, in UTC: the time stamp of Message-Id.
pub fn message_id_stamp(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

/// The Gregorian date of a day number counted from 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted in years that start on 1 March, so that the leap day comes last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_dates() {
        let mut at = LocalTime {
            year: 2026,
            month: 10,
            day: 1,
            hour: 2,
            minute: 3,
            second: 4,
            weekday: 0,
            utc_offset: -12_600,
            zone: "NST".to_owned(),
        };
        assert_eq!(format(&at), "Sun,  1 Nov 2026 02:03:04 -0330 (NST)");
        at.utc_offset = 3600;
        at.zone.clear();
        assert_eq!(format(&at), "Sun,  1 Nov 2026 02:03:04 +0100");
    }

    #[test]
    fn stamps_are_utc() {
        for (seconds, stamp) in [
            (0, "19700101000000"),
            (951_782_400, "20000229000000"),
            (1_795_315_962, "20261122025242"),
            (4_107_542_399, "21000228235959"),
        ] {
            assert_eq!(message_id_stamp(seconds), stamp);
        }
    }
}
