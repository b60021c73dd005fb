//! POSIX option parsing: single letters, `-abc` together, values attached or next, `--` ends; the first operand ends too.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What a command line gave.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Options {
    /// Letters in the order given, with the value of those that take one.
    pub options: Vec<(char, Option<OsString>)>,
    /// What is left behind the options.
    pub operands: Vec<OsString>,
}

/// An option letter that is unknown, or lacks its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionError {
    Unknown(char),
    ValueMissing(char),
}

impl std::fmt::Display for OptionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OptionError::Unknown(letter) => write!(f, "invalid option -- '{letter}'"),
            OptionError::ValueMissing(letter) => {
                write!(f, "option requires an argument -- '{letter}'")
            }
        }
    }
}

impl std::error::Error for OptionError {}

/// Parses arguments (without the program's name). In `letters`, a colon follows each letter that takes a value.
pub fn parse(letters: &str, arguments: impl IntoIterator<Item = OsString>) -> Result<Options, OptionError> {
    let mut result = Options::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let bytes = argument.as_bytes();
        if bytes == b"--" {
            break;
        }
        let Some(mut cluster) = bytes.strip_prefix(b"-").filter(|rest| !rest.is_empty()) else {
            result.operands.push(argument);
            break;
        };
        while let Some((&byte, rest)) = cluster.split_first() {
            let letter = char::from(byte);
            let at = letters.find(letter).filter(|_| letter != ':' && letter.is_ascii());
            let at = at.ok_or(OptionError::Unknown(letter))?;
            if letters.as_bytes().get(at + 1) != Some(&b':') {
                result.options.push((letter, None));
                cluster = rest;
                continue;
            }
            let value = if rest.is_empty() {
                arguments.next().ok_or(OptionError::ValueMissing(letter))?
            } else {
                OsString::from_vec(rest.to_vec())
            };
            result.options.push((letter, Some(value)));
            break;
        }
    }
    result.operands.extend(arguments);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn letters_values_and_operands() {
        let parsed = parse("ab:c", words("-ac -bx -b y -b=z op -a")).unwrap();
        let value = |text: &str| Some(OsString::from(text));
        assert_eq!(
            parsed.options,
            [('a', None), ('c', None), ('b', value("x")), ('b', value("y")), ('b', value("=z"))]
        );
        assert_eq!(parsed.operands, words("op -a"));
        assert_eq!(parse("a", words("-a -- -a")).unwrap().operands, words("-a"));
        assert_eq!(parse("a", words("-")).unwrap().operands, words("-"));
    }

    #[test]
    fn mistakes() {
        assert_eq!(parse("a", words("-ax")), Err(OptionError::Unknown('x')));
        assert_eq!(parse("a:", words("-:")), Err(OptionError::Unknown(':')));
        assert_eq!(parse("a:", words("-a")), Err(OptionError::ValueMissing('a')));
    }
}
