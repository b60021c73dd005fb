//! Which envelope senders a user may use: `local_login_sender_maps`.

use bstr::{BString, ByteSlice};
use config::Config;
use config::params::{
    EMPTY_ADDRESS_LOCAL_LOGIN_SENDER_MAPS_LOOKUP_KEY, LOCAL_LOGIN_SENDER_MAPS, RECIPIENT_DELIMITER,
};
use tables::{Flags, Maps};

/// The rule for one user.
pub enum Senders {
    /// Any sender.
    Any,
    /// Senders that match one of the patterns.
    Listed {
        /// `*`, an address, `@domain`, or what stands for the null sender.
        patterns: Vec<BString>,
        /// What stands for the null sender.
        null: BString,
        /// `recipient_delimiter`: an address with an extension is its owner's.
        delimiters: BString,
    },
}

impl Senders {
    /// Looks the user up. An error of the tables is for the sender to try again.
    pub fn of(config: &Config, uid: u32) -> Result<Senders, String> {
        let (name, value) = (LOCAL_LOGIN_SENDER_MAPS.name(), config.get(LOCAL_LOGIN_SENDER_MAPS));
        if value.trim() == "static:*" {
            return Ok(Senders::Any);
        }
        let maps = Maps::open(name, value, Flags::default()).map_err(|error| error.to_string())?;
        let user =
            sys::user::by_uid(uid).ok().flatten().map_or_else(|| format!("uid:{uid}"), |user| user.name);
        let found = maps.find(user.as_bytes());
        let found = found.map_err(|error| format!("{name} table lookup error for '{user}': {error}"))?;
        let is_separator = |b: char| b == ',' || b.is_ascii_whitespace();
        let patterns = found.unwrap_or_default();
        let patterns =
            patterns.split_str("\n").flat_map(|line| line.fields_with(is_separator)).map(BString::from);
        Ok(Senders::Listed {
            patterns: patterns.collect(),
            null: config.get(EMPTY_ADDRESS_LOCAL_LOGIN_SENDER_MAPS_LOOKUP_KEY).into(),
            delimiters: config.get(RECIPIENT_DELIMITER).into(),
        })
    }

    /// Whether the user may use this sender.
    pub fn allow(&self, sender: &[u8]) -> bool {
        let Senders::Listed { patterns, null, delimiters } = self else { return true };
        let sender: BString = match sender {
            b"" => null.clone(),
            _ => strip_extension(sender, delimiters),
        };
        let domain = sender.rfind_byte(b'@').and_then(|at| sender.get(at..));
        patterns.iter().any(|pattern| {
            pattern == "*"
                || pattern.eq_ignore_ascii_case(&sender)
                || pattern.starts_with(b"@")
                    && domain.is_some_and(|domain| pattern.eq_ignore_ascii_case(domain))
        })
    }
}

/// `user+extension@domain` is `user@domain`.
fn strip_extension(address: &[u8], delimiters: &[u8]) -> BString {
    let (local, domain) = match address.rfind_byte(b'@') {
        Some(at) => address.split_at_checked(at).unwrap_or((address, b"")),
        None => (address, &b""[..]),
    };
    match local.find_byteset(delimiters).filter(|&at| at > 0) {
        Some(at) => [local.get(..at).unwrap_or(local), domain].concat().into(),
        None => address.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let senders = |text: &str| Senders::Listed {
            patterns: text.split(' ').map(BString::from).collect(),
            null: "<>".into(),
            delimiters: "+".into(),
        };
        for (list, sender, allowed) in [
            ("*", "a@b", true),
            ("joe joe@x.test", "JOE@x.test", true),
            ("joe@x.test", "joe+list@x.test", true),
            ("joe", "joe@x.test", false),
            ("@x.test", "any@x.test", true),
            ("@x.test", "any@y.test", false),
            ("<>", "", true),
            ("joe", "", false),
            ("", "joe", false),
        ] {
            assert_eq!(senders(list).allow(sender.as_bytes()), allowed, "{list} {sender}");
        }
    }
}
