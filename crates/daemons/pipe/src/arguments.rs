//! Macros in the command's arguments. An argument that names something of a recipient's becomes one for each recipient.

use bstr::{BString, ByteSlice};
use delivery::{Recipient, Request};

use crate::attributes::Attributes;

/// Where the values come from.
pub struct Expander<'a> {
    pub attributes: &'a Attributes,
    pub service: &'a str,
    /// The path of master.cf, for messages.
    pub master_cf: String,
    pub request: &'a Request,
    /// The envelope sender, or what stands for none.
    pub sender: &'a [u8],
    pub delimiter: &'a str,
    pub owner_request_special: bool,
    pub double_bounce: &'a str,
}

enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Macros that differ from recipient to recipient.
const OF_RECIPIENT: [&str; 6] = ["recipient", "original_recipient", "user", "extension", "mailbox", "domain"];

impl Expander<'_> {
    /// The arguments for the command; `None` when one names what does not exist (which is logged).
    pub fn expand(&self, arguments: &[String]) -> Option<Vec<BString>> {
        let mut all = Vec::new();
        for argument in arguments {
            let parts = split(argument).or_else(|| {
                log::warning!("service {}: bad macro syntax in argument: \"{argument}\"", self.service);
                None
            })?;
            let named =
                |name: &str| parts.iter().any(|part| matches!(part, Part::Name(found) if *found == name));
            if !OF_RECIPIENT.iter().any(|name| named(name)) {
                all.push(self.fill(&parts, None)?);
                continue;
            }
            for recipient in &self.request.recipients {
                all.push(self.fill(&parts, Some(recipient))?);
            }
        }
        Some(all)
    }

    fn fill(&self, parts: &[Part<'_>], recipient: Option<&Recipient>) -> Option<BString> {
        let mut text = BString::default();
        for part in parts {
            match part {
                Part::Text(literal) => text.extend_from_slice(literal.as_bytes()),
                Part::Name(name) => {
                    let value =
                        recipient.and_then(|r| self.of_recipient(name, r)).or_else(|| self.of_request(name));
                    let Some(value) = value else {
                        log::warning!(
                            "file {}: service {}: unknown macro name: \"{name}\"",
                            self.master_cf,
                            self.service
                        );
                        return None;
                    };
                    text.extend_from_slice(&value);
                }
            }
        }
        Some(text)
    }

    fn of_request(&self, name: &str) -> Option<BString> {
        let request = self.request;
        Some(match name {
            "nexthop" if self.attributes.fold_host => request.nexthop.to_ascii_lowercase().into(),
            "nexthop" => request.nexthop.clone(),
            "sender" if self.attributes.quote && !self.sender.is_empty() => {
                mail::quote::quote_822_local(self.sender)
            }
            "sender" => self.sender.into(),
            "size" => request.data_size.to_string().into(),
            "queue_id" => request.queue_id.clone(),
            "envid" => request.dsn_envid.clone(),
            "client_address" => request.client_addr.clone(),
            "client_helo" => request.client_helo.clone(),
            "client_hostname" => request.client_name.clone(),
            "client_port" => request.client_port.clone(),
            "client_protocol" => request.client_proto.clone(),
            "sasl_method" => request.sasl_method.clone(),
            "sasl_sender" => request.sasl_sender.clone(),
            "sasl_username" => request.sasl_username.clone(),
            _ => return None,
        })
    }

    fn of_recipient(&self, name: &str, recipient: &Recipient) -> Option<BString> {
        Some(match name {
            "recipient" => self.whole(&recipient.address),
            "original_recipient" => self.whole(&recipient.original),
            "user" => self.user(recipient),
            "extension" => self.split(recipient).1,
            "mailbox" => self.local(recipient),
            "domain" => {
                let folded = self.folded(&recipient.address);
                mail::address::domain(&folded).map(BString::from).unwrap_or_default()
            }
            _ => return None,
        })
    }

    /// A whole address, quoted and folded as the flags say.
    fn whole(&self, address: &[u8]) -> BString {
        if self.attributes.quote {
            self.folded(&mail::quote::quote_822_local(address))
        } else {
            self.folded(address)
        }
    }

    fn folded(&self, address: &[u8]) -> BString {
        let at = address.rfind_byte(b'@');
        let (mut local, mut domain) = match at {
            Some(at) => {
                let (local, domain) = address.split_at(at);
                (local.to_vec(), domain.to_vec())
            }
            None => (address.to_vec(), Vec::new()),
        };
        if self.attributes.fold_user {
            local.make_ascii_lowercase();
        }
        if self.attributes.fold_host {
            domain.make_ascii_lowercase();
        }
        local.extend(domain);
        local.into()
    }

    fn local(&self, recipient: &Recipient) -> BString {
        let folded = self.folded(&recipient.address);
        if mail::address::domain(&folded).is_none() {
            log::warning!("no @ in recipient address: {}", recipient.address);
        }
        mail::address::local_part(&folded).into()
    }

    fn split(&self, recipient: &Recipient) -> (BString, BString) {
        let local = self.local(recipient);
        let parts = (!self.delimiter.is_empty())
            .then(|| {
                let (delimiters, double_bounce) = (self.delimiter.as_bytes(), self.double_bounce.as_bytes());
                mail::address::split_extension(&local, delimiters, self.owner_request_special, double_bounce)
            })
            .flatten()
            .map(|(user, extension)| (BString::from(user), BString::from(extension)));
        parts.unwrap_or((local, BString::default()))
    }

    fn user(&self, recipient: &Recipient) -> BString {
        self.split(recipient).0
    }
}

/// An argument as text and names; `None` when a brace is not closed.
fn split(argument: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = argument;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        parts.push(Part::Text(before));
        let after = after.get(1..)?;
        if let Some(tail) = after.strip_prefix('$') {
            parts.push(Part::Text("$"));
            rest = tail;
            continue;
        }
        let close = match after.chars().next() {
            Some('{') => Some('}'),
            Some('(') => Some(')'),
            _ => None,
        };
        let (name, tail) = match close {
            Some(close) => after.get(1..)?.split_once(close)?,
            None => {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                after.split_at(end)
            }
        };
        if name.is_empty() {
            return None;
        }
        parts.push(Part::Name(name));
        rest = tail;
    }
    parts.push(Part::Text(rest));
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::Config;
    use delivery::Privileges;

    #[test]
    fn recipients_multiply_arguments() {
        let config = Config::from_pairs(&[]);
        let privileges = Privileges::new(&config);
        let words: Vec<String> = ["flags=huq", "user=nobody", "argv=/bin/x"].map(str::to_owned).into();
        let Ok(attributes) = Attributes::parse(&words, &config, &privileges) else {
            println!("skipped: no user that commands can run as");
            return;
        };
        let recipient = |address: &str| Recipient { address: address.into(), ..Recipient::default() };
        let request = Request {
            nexthop: "Next.Hop".into(),
            data_size: 7,
            recipients: vec![recipient("A b+Ext@C.test"), recipient("+bb@d.test")],
            ..Request::default()
        };
        let expander = Expander {
            attributes: &attributes,
            service: "x",
            master_cf: "master.cf".to_owned(),
            request: &request,
            sender: b"s t@u",
            delimiter: "+",
            owner_request_special: true,
            double_bounce: "double-bounce",
        };
        let expand = |text: &str| expander.expand(&[text.to_owned()]);
        let words = |list: &[&str]| Some(list.iter().map(|w| BString::from(*w)).collect::<Vec<_>>());
        assert_eq!(expand("$recipient"), words(&["\"a b+ext\"@c.test", "+bb@d.test"]));
        assert_eq!(expand("u=${user}"), words(&["u=a b", "u=+bb"]));
        assert_eq!(expand("$(extension)"), words(&["ext", ""]));
        assert_eq!(expand("${mailbox}-$domain"), words(&["a b+ext-c.test", "+bb-d.test"]));
        assert_eq!(expand("$nexthop $size $$ $sender"), words(&["next.hop 7 $ \"s t\"@u"]));
        assert_eq!(expand("$bogus"), None);
        assert_eq!(expand("${user"), None);
    }
}
