//! Queue ids: the name of a message's queue file.
//!
//! Short: five hexadecimal digits of microseconds, then the inode number in hexadecimal; unique
//! while the file exists. Long (`enable_long_queue_ids`): seconds and microseconds in base 52
//! (six or more, and four digits), `z`, the inode number in base 51; never repeated. The digits
//! of the long form are the decimal digits and the consonants, so that no words come about.

use bstr::{BStr, BString, ByteSlice};
use std::fmt;

const SAFE: &[u8; 52] = b"0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
const SEPARATOR: u8 = b'z';

/// A legal queue id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(BString);

impl QueueId {
    /// Takes a name as a queue id when it is a legal one.
    pub fn parse(name: &[u8]) -> Option<QueueId> {
        is_legal(name).then(|| QueueId(name.into()))
    }

    /// The short id.
    pub fn short(micros: u32, inode: u64) -> QueueId {
        QueueId(format!("{micros:05X}{inode:X}").into())
    }

    /// The long id.
    pub fn long(seconds: u64, micros: u32, inode: u64) -> QueueId {
        let mut name = digits(seconds, 52, 6);
        name.extend(digits(u64::from(micros), 52, 4));
        name.push(SEPARATOR);
        name.extend(digits(inode, 51, 1));
        QueueId(name.into())
    }

    /// The id as text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is the long form.
    pub fn is_long(&self) -> bool {
        separator(&self.0).is_some()
    }

    /// The inode number the id was made from.
    pub fn inode(&self) -> Option<u64> {
        inode(&self.0)
    }

    /// The same time with another inode number: what a file that was copied must be called.
    pub fn with_inode(&self, inode: u64) -> QueueId {
        match separator(&self.0) {
            Some(at) => {
                let mut name = self.0.get(..=at).unwrap_or_default().to_vec();
                name.extend(digits(inode, 51, 1));
                QueueId(name.into())
            }
            None => {
                let mut name = self.0.get(..5).unwrap_or(&self.0).to_vec();
                name.extend_from_slice(format!("{inode:X}").as_bytes());
                QueueId(name.into())
            }
        }
    }

    /// The microseconds as five hexadecimal digits: what directories are hashed by.
    pub fn hash_text(&self) -> BString {
        hash_text(&self.0)
    }
}

impl AsRef<[u8]> for QueueId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        BStr::new(&self.0).fmt(f)
    }
}

/// Whether a file name could be a queue id: letters, digits and `_`, and not longer than a file
/// name may be.
pub fn is_legal(name: &[u8]) -> bool {
    !name.is_empty() && name.len() <= 255 && name.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The inode number in a name of either form.
pub fn inode(name: &[u8]) -> Option<u64> {
    match separator(name) {
        Some(at) => number(name.get(at + 1..)?, 51),
        None => u64::from_str_radix(name.get(5..)?.to_str().ok()?, 16).ok(),
    }
}

/// What directories are hashed by; for a name of no known form, the name itself.
pub fn hash_text(name: &[u8]) -> BString {
    let micros = || {
        let at = separator(name)?;
        let micros = number(name.get(at.checked_sub(4)?..at)?, 52)?;
        (micros <= 0xf_ffff).then(|| format!("{micros:05X}").into())
    };
    micros().unwrap_or_else(|| name.into())
}

fn separator(name: &[u8]) -> Option<usize> {
    name.rfind_byte(SEPARATOR).filter(|&at| at >= 10)
}

fn digits(mut value: u64, base: u64, width: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(width);
    while value > 0 || out.len() < width {
        let digit = usize::try_from(value % base).unwrap_or(0);
        out.push(SAFE.get(digit).copied().unwrap_or(b'0'));
        value /= base;
    }
    out.reverse();
    out
}

fn number(digits: &[u8], base: u64) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, &digit| {
        let value = SAFE.find_byte(digit).map(|v| v as u64).filter(|&v| v < base)?;
        sum.checked_mul(base)?.checked_add(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ids() {
        let id = QueueId::short(0x5E110, 0x98C1A8);
        assert_eq!(id.to_string(), "5E11098C1A8");
        assert_eq!(id.inode(), Some(0x98C1A8));
        assert_eq!(QueueId::short(7, 1).to_string(), "000071");
        assert_eq!(id.hash_text(), "5E11098C1A8");
        assert!(!id.is_long());
    }

    #[test]
    fn long_ids() {
        let id = QueueId::long(1_795_316_080, 385_296, 10_011_048);
        assert!(id.is_long());
        assert_eq!(id.inode(), Some(10_011_048));
        assert_eq!(id.hash_text(), "5E110");
        assert_eq!(id.as_bytes().find_byte(b'z'), Some(10));
        assert_eq!(QueueId::long(0, 0, 0).to_string(), "0000000000z0");
    }

    #[test]
    fn legality() {
        for (name, legal) in [
            ("5E11098C1A8", true),
            ("a_b", true),
            ("", false),
            ("a.b", false),
            ("../x", false),
            ("a/b", false),
        ] {
            assert_eq!(QueueId::parse(name.as_bytes()).is_some(), legal, "{name}");
        }
        assert!(!is_legal(&[b'a'; 256]));
    }
}
