//! `{ … }` groups in table names: balanced splitting.

/// Splits `text` at commas and blanks, but not inside braces.
pub fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = None;
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' | ' ' | '\t' | '\r' | '\n' if depth == 0 => {
                if let Some(from) = start.take() {
                    parts.push(&text[from..at]);
                }
                continue;
            }
            _ => {}
        }
        start.get_or_insert(at);
    }
    if let Some(from) = start {
        parts.push(&text[from..]);
    }
    parts
}

/// The members of `{a, b, {c d}}`.
pub fn list(text: &str) -> Result<Vec<String>, String> {
    let inside = inside(text)?;
    Ok(split(inside).into_iter().map(str::to_owned).collect())
}

/// What stands between the outer braces of `{ … }`, without blanks around it.
pub fn inside(text: &str) -> Result<&str, String> {
    let Some(open) = text.strip_prefix('{') else { return Err(format!("missing '{{' in \"{text}\"")) };
    let mut depth = 1usize;
    for (at, c) in open.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (inside, after) = open.split_at(at);
            let after = &after[1..];
            return if after.trim().is_empty() {
                Ok(inside.trim_matches(|c: char| c.is_ascii_whitespace()))
            } else {
                Err(format!("syntax error after '}}' in \"{text}\""))
            };
        }
    }
    Err(format!("missing '}}' in \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stay_whole() {
        assert_eq!(split("hash:/a, inline:{x=y, {z = 1 2}} b"), ["hash:/a", "inline:{x=y, {z = 1 2}}", "b"]);
        assert_eq!(list("{ { a b }, c}").unwrap(), ["{ a b }", "c"]);
        assert_eq!(inside("{ a b }").unwrap(), "a b");
        assert!(inside("{a").is_err());
        assert!(inside("{a}b").is_err());
    }
}
