//! The arguments in master.cf: `user=`, `flags=`, … and, last, `argv=`.

use std::path::PathBuf;

use bstr::BString;
use config::Config;
use config::params::MAIL_OWNER;
use delivery::Privileges;

/// What master.cf says about the command.
#[derive(Debug)]
pub struct Attributes {
    /// Program and arguments, with their macros.
    pub command: Vec<String>,
    pub uid: u32,
    pub gid: u32,
    pub root: Option<PathBuf>,
    pub directory: Option<PathBuf>,
    /// What ends a line.
    pub eol: BString,
    /// What stands for the null sender.
    pub null_sender: BString,
    /// Bytes; larger messages are returned.
    pub size_limit: Option<u64>,
    /// `B`
    pub blank: bool,
    /// `D`
    pub delivered_to: bool,
    /// `F`
    pub from_line: bool,
    /// `O`
    pub original_to: bool,
    /// `R`
    pub return_path: bool,
    /// `X`: success notices say "delivered".
    pub is_final: bool,
    /// `.`
    pub dot: bool,
    /// `>`
    pub quote_from: bool,
    /// `h`, `u`: domains and local parts of arguments in lower case.
    pub fold_host: bool,
    pub fold_user: bool,
    /// `q`: addresses in arguments are quoted.
    pub quote: bool,
}

impl Attributes {
    /// Reads them. The error is the text of a fatal line.
    pub fn parse(
        arguments: &[String],
        config: &Config,
        privileges: &Privileges,
    ) -> Result<Attributes, String> {
        let mut found = Attributes {
            command: Vec::new(),
            uid: 0,
            gid: 0,
            root: None,
            directory: None,
            eol: "\n".into(),
            null_sender: "MAILER-DAEMON".into(),
            size_limit: None,
            blank: false,
            delivered_to: false,
            from_line: false,
            original_to: false,
            return_path: false,
            is_final: false,
            dot: false,
            quote_from: false,
            fold_host: false,
            fold_user: false,
            quote: false,
        };
        let mut user = None;
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
            match name.to_ascii_lowercase().as_str() {
                _ if !argument.contains('=') => return Err(format!("unknown attribute name: {argument}")),
                "flags" => found.flags(value)?,
                "user" => {
                    (found.uid, found.gid) = identity(value)?;
                    user = Some(value);
                }
                "directory" => found.directory = Some(value.into()),
                "chroot" => found.root = Some(value.into()),
                "eol" => found.eol = unescape(value.as_bytes()),
                "null_sender" => found.null_sender = value.into(),
                "size" => {
                    let size =
                        value.parse().map_err(|_| format!("get_service_attr: bad size= value: {value}"))?;
                    found.size_limit = Some(size).filter(|size| *size > 0);
                }
                "argv" => {
                    found.command.push(value.to_owned());
                    found.command.extend(rest.by_ref().cloned());
                }
                _ => return Err(format!("unknown attribute name: {argument}")),
            }
        }
        user.ok_or("missing user= command-line attribute")?;
        if found.command.is_empty() {
            return Err("missing argv= command-line attribute".to_owned());
        }
        found.refuse_privileges(config, privileges)?;
        Ok(found)
    }

    fn flags(&mut self, letters: &str) -> Result<(), String> {
        for letter in letters.chars() {
            match letter {
                'B' => self.blank = true,
                'D' => self.delivered_to = true,
                'F' => self.from_line = true,
                'O' => self.original_to = true,
                'R' => self.return_path = true,
                'X' => self.is_final = true,
                '.' => self.dot = true,
                '>' => self.quote_from = true,
                'h' => self.fold_host = true,
                'q' => self.quote = true,
                'u' => self.fold_user = true,
                other => return Err(format!("unknown flag: {other} (ignored)")),
            }
        }
        Ok(())
    }

    /// Commands never run as root, nor as the mail system; where all runs as one ordinary user there is no other.
    fn refuse_privileges(&self, config: &Config, privileges: &Privileges) -> Result<(), String> {
        if self.uid == 0 {
            return Err("user= command-line attribute specifies root privileges".to_owned());
        }
        if self.gid == 0 {
            return Err("user= command-line attribute specifies privileged group id 0".to_owned());
        }
        if !privileges.can_switch() {
            return privileges.may(self.uid).map_err(|refused| refused.to_string());
        }
        let name = config.get(MAIL_OWNER);
        if let Ok(Some(owner)) = sys::user::by_name(name) {
            if self.uid == owner.uid {
                return Err(format!("user= command-line attribute specifies mail system owner {name}"));
            }
            if self.gid == owner.gid {
                return Err(format!(
                    "user= command-line attribute specifies mail system owner {name} group id {}",
                    self.gid
                ));
            }
        }
        Ok(())
    }
}

/// `user` or `user:group`.
fn identity(value: &str) -> Result<(u32, u32), String> {
    let (user, group) = value.split_once(':').unwrap_or((value, ""));
    let found = sys::user::by_name(user).ok().flatten();
    let found = found.ok_or_else(|| format!("get_service_attr: unknown username: {user}"))?;
    if group.is_empty() {
        return Ok((found.uid, found.gid));
    }
    let gid = sys::user::group_by_name(group).ok().flatten();
    Ok((found.uid, gid.ok_or_else(|| format!("get_service_attr: unknown group: {group}"))?))
}

/// C escapes: `\n`, `\r`, `\012`, …
fn unescape(text: &[u8]) -> BString {
    let mut out = BString::default();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let digits = rest.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
        if digits > 0 {
            let (octal, after) = rest.split_at(digits);
            let value = octal.iter().fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0'));
            out.push((value & 0xff) as u8);
            rest = after;
            continue;
        }
        let Some((letter, after)) = rest.split_first() else {
            out.push(b'\\');
            break;
        };
        rest = after;
        out.push(match letter {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            other => *other,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Attributes, String> {
        let config = Config::from_pairs(&[("mail_owner", "daemon")]);
        let arguments: Vec<String> = text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect();
        Attributes::parse(&arguments, &config, &Privileges::new(&config))
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(b"\\r\\n\\\\x\\012\\7"), "\r\n\\x\n\x07");
    }

    #[test]
    fn faults_are_fatal_texts() {
        for (text, why) in [
            ("", "missing user= command-line attribute"),
            ("user=root argv=/bin/cat", "user= command-line attribute specifies root privileges"),
            ("user=no-such-user argv=/bin/cat", "get_service_attr: unknown username: no-such-user"),
            ("flags=Z user=nobody argv=x", "unknown flag: Z (ignored)"),
            ("bogus=1", "unknown attribute name: bogus=1"),
            ("user=root size=x", "get_service_attr: bad size= value: x"),
        ] {
            assert_eq!(parse(text).unwrap_err(), why, "{text}");
        }
    }
}
