//! What a tool passes on to the programs it starts.

use config::Config;
use config::params::IMPORT_ENVIRONMENT;

/// The environment that `import_environment` lets through, as name and value, with MAIL_CONFIG
/// set to the configuration in use.
pub fn imported(config: &Config) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = Vec::new();
    for word in words(config.get(IMPORT_ENVIRONMENT)) {
        match word.split_once('=') {
            Some((name, value)) => set(&mut kept, name.trim(), value.trim()),
            None => {
                if let Ok(value) = std::env::var(&word) {
                    set(&mut kept, &word, &value);
                }
            }
        }
    }
    set(&mut kept, config::directory::VARIABLE, &config.directory().to_string_lossy());
    set(&mut kept, "PATH", "/usr/bin:/bin");
    kept
}

fn set(kept: &mut Vec<(String, String)>, name: &str, value: &str) {
    match kept.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => value.clone_into(old),
        None => kept.push((name.to_owned(), value.to_owned())),
    }
}

/// Splits at commas and blanks; `{ name = value }` is one word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let is_separator = |c: char| c == ',' || c.is_ascii_whitespace();
        let (word, after) = match rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((inner, after)) => (inner.trim(), after),
            None => rest.split_at(rest.find(is_separator).unwrap_or(rest.len())),
        };
        words.push(word.to_owned());
        rest = after.trim_start_matches(is_separator);
    }
    words
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_and_braces() {
        assert_eq!(super::words("A, B=c  {D = e f} G"), ["A", "B=c", "D = e f", "G"]);
    }
}
