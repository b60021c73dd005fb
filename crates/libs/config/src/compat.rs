//! compatibility_level: `major[.minor[.patch]]`, compared as numbers.

/// The three numbers, for comparison.
pub fn parse(text: &str) -> Option<(u64, u64, u64)> {
    let mut parts = text.split('.');
    let mut next = |limit: u64| match parts.next() {
        None => Some(0),
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse::<u64>().ok().filter(|&n| n <= limit)
        }
        Some(_) => None,
    };
    let level = (next(i64::MAX as u64 >> 20)?, next(1023)?, next(1023)?);
    parts.next().is_none().then_some(level)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn levels() {
        for (text, level) in [
            ("2", Some((2, 0, 0))),
            ("3.10", Some((3, 10, 0))),
            ("3.10.2", Some((3, 10, 2))),
            ("3.1024", None),
            ("3.", None),
            ("", None),
            ("x", None),
            ("1.2.3.4", None),
        ] {
            assert_eq!(parse(text), level, "{text:?}");
        }
        assert!(parse("3.9") < parse("3.10"));
    }
}
