//! What cleanup(8) is asked to do with local submissions.

use config::params::{RECEIVE_OVERRIDE_OPTIONS, SMTPUTF8_AUTODETECT_CLASSES, SMTPUTF8_ENABLE};
use config::{Config, ConfigError};
use ipc::cleanup::flag;

/// The flags of `receive_override_options` and `smtputf8_autodetect_classes`.
pub fn cleanup_flags(config: &Config) -> Result<i32, ConfigError> {
    let mut flags = flag::BOUNCE | flag::EXTERNAL;
    for word in words(config.get(RECEIVE_OVERRIDE_OPTIONS)) {
        flags &= match word {
            "no_address_mappings" => !(flag::MAP_OK | flag::BCC_OK),
            "no_header_body_checks" => !flag::FILTER,
            "no_milters" => !flag::MILTER,
            "no_unknown_recipient_checks" => !0,
            _ => {
                let name = RECEIVE_OVERRIDE_OPTIONS.name();
                return Err(ConfigError::new(format!("unknown {name} value \"{word}\"")));
            }
        };
    }
    if config.get(SMTPUTF8_ENABLE)
        && words(config.get(SMTPUTF8_AUTODETECT_CLASSES)).any(|class| class == "sendmail" || class == "all")
    {
        flags |= flag::AUTOUTF8;
    }
    Ok(flags)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags() {
        for (value, expect) in [
            ("", Some(627)),
            ("no_milters, no_unknown_recipient_checks", Some(627 - 64)),
            ("no_address_mappings no_header_body_checks", Some(627 - 32 - 16 - 2)),
            ("no_such_thing", None),
        ] {
            let config =
                Config::from_pairs(&[("receive_override_options", value), ("compatibility_level", "3.6")]);
            assert_eq!(cleanup_flags(&config).ok(), expect, "{value}");
        }
        let config = Config::from_pairs(&[("smtputf8_enable", "no")]);
        assert_eq!(cleanup_flags(&config).ok(), Some(627 - 512));
    }
}
