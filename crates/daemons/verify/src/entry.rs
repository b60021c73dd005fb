//! One entry of the cache: `status:probed:updated:text`, as the reference stores it.

use bstr::{BString, ByteSlice};
use ipc::verify::outcome;

/// Seconds after which a probe without an answer is taken for lost.
const PROBE_LIFE: i64 = 1000;

/// What is known about an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// [`outcome`].
    pub status: i32,
    /// When the probe was sent that has not been answered yet; 0: there is none.
    pub probed: i64,
    /// When the last answer came; 0: never.
    pub updated: i64,
    /// What the answer said.
    pub text: BString,
}

/// For how long answers hold, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// `address_verify_positive_expire_time`
    pub positive_expire: i64,
    /// `address_verify_positive_refresh_time`
    pub positive_refresh: i64,
    /// `address_verify_negative_expire_time`
    pub negative_expire: i64,
    /// `address_verify_negative_refresh_time`
    pub negative_refresh: i64,
}

impl Entry {
    /// Nothing is known.
    pub fn unknown() -> Entry {
        Entry {
            status: outcome::TODO,
            probed: 0,
            updated: 0,
            text: "Address verification in progress".into(),
        }
    }

    /// From its stored form; `None` if that is damaged.
    pub fn parse(data: &[u8]) -> Option<Entry> {
        let mut parts = data.splitn_str(4, ":");
        let mut number = || -> Option<i64> {
            let part = parts.next()?;
            if mail::text::is_digits(part) { part.to_str().ok()?.parse().ok() } else { None }
        };
        let status = i32::try_from(number()?).ok()?;
        let (probed, updated) = (number()?, number()?);
        let text = parts.next()?.into();
        let known = [outcome::OK, outcome::DEFER, outcome::BOUNCE, outcome::TODO];
        (known.contains(&status) && (probed != 0 || updated != 0)).then_some(Entry {
            status,
            probed,
            updated,
            text,
        })
    }

    /// The stored form.
    pub fn format(&self) -> Vec<u8> {
        let mut data = format!("{}:{}:{}:", self.status, self.probed, self.updated).into_bytes();
        data.extend_from_slice(&self.text);
        data
    }

    /// May another probe be sent, or is one on its way?
    fn may_probe(&self, now: i64) -> bool {
        now.saturating_sub(self.probed) > PROBE_LIFE
    }

    /// Is the answer too old to be given?
    pub fn expired(&self, times: &Times, now: i64) -> bool {
        let life = if self.status == outcome::OK { times.positive_expire } else { times.negative_expire };
        self.may_probe(now) && self.updated.saturating_add(life) < now
    }

    /// Is it time to ask again?
    pub fn wants_probe(&self, times: &Times, now: i64) -> bool {
        let life = if self.status == outcome::OK { times.positive_refresh } else { times.negative_refresh };
        self.may_probe(now) && self.updated.saturating_add(life) < now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times =
        Times { positive_expire: 1000, positive_refresh: 100, negative_expire: 50, negative_refresh: 20 };

    #[test]
    fn stored_forms() {
        let entry = Entry { status: 2, probed: 0, updated: 77, text: "no: such: user".into() };
        assert_eq!(entry.format(), b"2:0:77:no: such: user");
        assert_eq!(Entry::parse(&entry.format()), Some(entry));
        for bad in ["", "2", "2:0:0:x", "9:0:1:x", "a:0:1:x", "2:0:1", "-1:0:1:x"] {
            assert_eq!(Entry::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn ages() {
        let mut entry = Entry { status: outcome::OK, probed: 0, updated: 10_000, text: "".into() };
        assert!(!entry.wants_probe(&TIMES, 10_100));
        assert!(entry.wants_probe(&TIMES, 10_101) && !entry.expired(&TIMES, 10_101));
        entry.probed = 10_101;
        assert!(!entry.wants_probe(&TIMES, 10_500));
        assert!(entry.expired(&TIMES, 11_102));
        entry.status = outcome::BOUNCE;
        entry.probed = 0;
        assert!(entry.expired(&TIMES, 10_051) && !entry.expired(&TIMES, 10_050));
        assert!(Entry::unknown().wants_probe(&TIMES, 10_000));
    }
}
