//! Cipher grades and exclusions: `*_tls_ciphers`, `*_tls_exclude_ciphers`, `tls_*_cipherlist`.

use config::Config;
use config::params::*;

/// The OpenSSL cipher list of a grade without the excluded ciphers; `Err` says what is wrong with the configuration.
pub fn list(config: &Config, grade: &str, excluded: &[&str]) -> Result<String, String> {
    let base = match grade.to_ascii_lowercase().as_str() {
        "high" => config.get(TLS_HIGH_CIPHERLIST),
        // compat: 3.9 withdrew the two weakest grades; they mean medium
        "medium" | "low" | "export" => config.get(TLS_MEDIUM_CIPHERLIST),
        "null" => config.get(TLS_NULL_CIPHERLIST),
        _ => return Err(format!("invalid cipher grade: \"{grade}\"")),
    };
    let mut list = base.to_owned();
    for name in excluded.iter().flat_map(|names| words(names)) {
        if name.starts_with(['!', '+', '-', '@']) {
            return Err(format!("invalid unary '!+-@' in cipher exclusion: {name}"));
        }
        list.push_str(":!");
        list.push_str(name);
    }
    Ok(list)
}

/// Splits at blanks, commas and colons.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_ascii_whitespace() || c == ',' || c == ':').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_and_exclusions() {
        let config =
            Config::from_pairs(&[("tls_high_cipherlist", "HIGH"), ("tls_medium_cipherlist", "MEDIUM")]);
        assert_eq!(list(&config, "high", &["aNULL, RC4", "MD5"]), Ok("HIGH:!aNULL:!RC4:!MD5".to_owned()));
        assert_eq!(list(&config, "Medium", &[""]), Ok("MEDIUM".to_owned()));
        assert!(list(&config, "best", &[]).is_err());
        assert!(list(&config, "high", &["!RC4"]).is_err());
    }
}
