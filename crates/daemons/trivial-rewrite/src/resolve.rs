//! Resolving: from an address to transport, next hop and recipient.
//!
//! First the own domains are taken off, again and again, with what `%`, `!` and quotes hide behind them; what is left is
//! local or not. The domain's class (local, virtual alias, virtual mailbox, relay, anything else) gives a first answer,
//! which transport and relocated tables may override.

use crate::plan::{Plan, Setting};
use crate::rewrite::{Context, Rules, last};
use crate::transport::Route;
use bstr::{BString, ByteSlice};
use ipc::rewrite::{Resolved, flag};
use mail::rfc822::{self, Token};
use mail::{address, host, quote};
use tables::address::Order;
use tables::{LocalDomains, Maps, MatchList, TableError};

/// What does not depend on who asks.
pub struct Resolver {
    /// Rewriting rules, applied to what is found behind an own domain.
    pub rules: Rules,
    /// The context for that.
    pub context: Context,
    /// The own domains.
    pub local: LocalDomains,
    /// `virtual_alias_domains`
    pub alias_domains: MatchList,
    /// `virtual_mailbox_domains`
    pub mailbox_domains: MatchList,
    /// `relay_domains`
    pub relay_domains: MatchList,
    /// `relocated_maps`
    pub relocated: Maps,
    /// Answers for deliveries.
    pub regular: Plan,
    /// Answers for address probes.
    pub probe: Plan,
    /// The small settings.
    pub options: Options,
}

/// Settings of a word or a number each.
pub struct Options {
    /// `myhostname`
    pub myhostname: BString,
    /// `empty_address_recipient`
    pub empty_address_recipient: BString,
    /// `empty_address_relayhost_maps_lookup_key`
    pub null_relayhost_key: BString,
    /// `empty_address_default_transport_maps_lookup_key`
    pub null_transport_key: BString,
    /// `recipient_delimiter`
    pub delimiters: BString,
    /// owner_request_special and double_bounce_sender: local parts that are never split.
    pub owner_request_special: bool,
    pub double_bounce: BString,
    /// `resolve_dequoted_address`
    pub dequote: bool,
    /// `resolve_null_domain`
    pub null_domain: bool,
    /// `resolve_numeric_domain`
    pub numeric_domain: bool,
    /// `show_user_unknown_table_name`
    pub show_table: bool,
    /// `allow_min_user`
    pub allow_min_user: bool,
    /// `relocated_prefix_enable`
    pub relocated_prefix: bool,
    /// `helpful_warnings`
    pub helpful_warnings: bool,
    /// `smtputf8_enable`
    pub utf8: bool,
    /// `config_directory`, for warnings.
    pub config_directory: String,
}

/// Why there is no answer now. The reason is logged where it is found.
struct Failed;

/// A domain's class.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Local,
    Alias,
    Mailbox,
    Relay,
    Default,
}

impl Class {
    fn flag(self) -> i32 {
        match self {
            Class::Local => flag::LOCAL,
            Class::Alias => flag::ALIAS,
            Class::Mailbox => flag::VIRTUAL,
            Class::Relay => flag::RELAY,
            Class::Default => flag::DEFAULT,
        }
    }
}

impl Resolver {
    /// Resolves `address` (internal form), for mail from `sender`.
    pub fn resolve(&self, plan: &Plan, sender: &[u8], address: &[u8]) -> Resolved {
        // An incomplete answer must still be one that clients can read.
        let mut answer = Resolved {
            server_flags: 0,
            transport: "CHANNEL NOT UPDATED".into(),
            nexthop: "NEXTHOP NOT UPDATED".into(),
            recipient: "NEXTRCPT NOT UPDATED".into(),
            flags: 0,
        };
        if self.find(plan, sender, address, &mut answer).is_err() {
            answer.flags |= flag::FAIL;
        }
        answer
    }

    fn find(&self, plan: &Plan, sender: &[u8], address: &[u8], answer: &mut Resolved) -> Result<(), Failed> {
        let (tokens, mut is_local) = self.strip_own_domains(address)?;
        let mut recipient = rfc822::internal(&tokens);
        if !self.check_domain(&mut recipient, &mut is_local)? {
            answer.recipient = recipient;
            answer.flags |= flag::ERROR | flag::DEFAULT;
            return Ok(());
        }
        let domain = BString::from(address::domain(&recipient).unwrap_or_default());
        answer.recipient = recipient;
        if has_routing(&answer.recipient, &domain) {
            answer.flags |= flag::ROUTED;
        }
        let class = self.classify(&domain, is_local)?;
        answer.flags |= class.flag();
        let mut route = self.route(plan, class, sender, &domain)?;
        if class != Class::Alias
            && let Some(maps) = &plan.transport_maps
        {
            maps.apply(&answer.recipient, &mut route).map_err(lookup_failure(maps.title()))?;
        }
        if let Some(place) = self.address_lookup(&self.relocated, &answer.recipient)? {
            route.transport = "error".into();
            route.nexthop = self.moved(&place);
        }
        answer.transport = route.transport;
        answer.nexthop = route.nexthop;
        // A command might take such an address for an option.
        if !self.options.allow_min_user && answer.recipient.starts_with(b"-") {
            answer.flags |= flag::ERROR;
        }
        Ok(())
    }

    /// Takes own domains off the end, and brings out what was routed behind them. The result has a domain; the flag says
    /// whether it is an own one.
    fn strip_own_domains(&self, address: &[u8]) -> Result<(Vec<Token>, bool), Failed> {
        let mut tokens = rfc822::scan(&quote::quote_822_local(address), 0);
        let mut own: Option<Vec<Token>> = None;
        for _ in 0..address.len() + 100 {
            self.tidy_end(&mut tokens);
            if let Some(at) = last(&tokens, b'@') {
                let domain = tokens.get(at + 1..).unwrap_or_default();
                if !domain.is_empty() {
                    let local = self.local.contains(&rfc822::internal(domain));
                    if !local.map_err(lookup_failure("mydestination"))? {
                        return Ok((tokens, false));
                    }
                }
                own = Some(tokens.split_off(at));
            }
            if last(&tokens, b'@').is_some()
                || (self.rules.swap_bangpath && last(&tokens, b'!').is_some())
                || (self.rules.percent_hack && last(&tokens, b'%').is_some())
            {
                self.rules.apply(&self.context, &mut tokens);
                continue;
            }
            if let [Token::Quoted(word)] = tokens.as_slice()
                && let Some(opened) = self.open_quotes(word)
            {
                tokens = opened;
                self.rules.apply(&self.context, &mut tokens);
                continue;
            }
            if matches!(tokens.as_slice(), [Token::Quoted(word)] if word.is_empty()) {
                tokens.clear();
            }
            if tokens.is_empty() {
                tokens = rfc822::scan(&self.options.empty_address_recipient, 0);
                continue;
            }
            match own {
                Some(domain) => {
                    tokens.extend(domain);
                    return Ok((tokens, true));
                }
                None => {
                    tokens.push(Token::Op(b'@'));
                    tokens.extend(rfc822::scan(&self.options.myhostname, 0));
                }
            }
        }
        log::warning!(
            "resolve_addr: <{}>: giving up after {} iterations",
            address.as_bstr(),
            address.len() + 100
        );
        Err(Failed)
    }

    /// Takes a dot, or an `@` alone, off the end.
    fn tidy_end(&self, tokens: &mut Vec<Token>) {
        if let [.., before, Token::Op(b'.')] = tokens.as_slice()
            && !matches!(before, Token::Op(b'.' | b'@'))
            && last(tokens, b'@').is_some()
        {
            tokens.pop();
        }
        if self.options.null_domain && tokens.last() == Some(&Token::Op(b'@')) {
            tokens.pop();
        }
    }

    /// A quoted local part with routing inside, as tokens again. Wrong by the standard, but it keeps
    /// `"user@elsewhere"@here` from being relayed.
    fn open_quotes(&self, word: &[u8]) -> Option<Vec<Token>> {
        if !self.options.dequote {
            return None;
        }
        let operators: [(u8, bool); 3] =
            [(b'@', true), (b'%', self.rules.percent_hack), (b'!', self.rules.swap_bangpath)];
        let (operator, at) = operators
            .into_iter()
            .filter(|(_, wanted)| *wanted)
            .find_map(|(operator, _)| word.rfind_byte(operator).map(|at| (operator, at)))?;
        let mut text = BString::from(word);
        if operator == b'%'
            && let Some(byte) = text.get_mut(at)
        {
            *byte = b'@';
        }
        let text = if operator == b'!' { text } else { quote::quote_822_local(&text) };
        Some(rfc822::scan(&text, 0))
    }

    /// Is the domain of `recipient` well-formed? A bare address gets its brackets, if that is allowed.
    fn check_domain(&self, recipient: &mut BString, is_local: &mut bool) -> Result<bool, Failed> {
        let domain = address::domain(recipient).unwrap_or_default();
        if domain.starts_with(b"[") {
            return Ok(host::parse_literal(domain).is_some());
        }
        if host::is_hostname(domain) || (self.options.utf8 && host::is_utf8_hostname(domain)) {
            return Ok(true);
        }
        if !self.options.numeric_domain || !host::is_address(domain) {
            return Ok(false);
        }
        let literal = BString::from([b"[", domain, b"]"].concat());
        let local = BString::from(address::local_part(recipient));
        if self.local.contains(&literal).map_err(lookup_failure("mydestination"))? {
            *is_local = true;
        }
        *recipient = [local.as_slice(), b"@", &literal].concat().into();
        Ok(true)
    }

    fn classify(&self, domain: &[u8], is_local: bool) -> Result<Class, Failed> {
        let listed = |list: &MatchList, name: &str| list.matches(domain).map_err(lookup_failure(name));
        // Warnings are worth no failed request.
        let also = |list: &MatchList| self.options.helpful_warnings && list.matches(domain).unwrap_or(false);
        let warn = |one: &str, other: &str| {
            log::warning!("do not list domain {} in BOTH {one} and {other}", domain.as_bstr());
        };
        const ALIAS: &str = "virtual_alias_domains";
        const MAILBOX: &str = "virtual_mailbox_domains";
        const RELAY: &str = "relay_domains";
        if is_local {
            if also(&self.alias_domains) {
                warn("mydestination", ALIAS);
            }
            if also(&self.mailbox_domains) {
                warn("mydestination", MAILBOX);
            }
            return Ok(Class::Local);
        }
        if listed(&self.alias_domains, ALIAS)? {
            if also(&self.mailbox_domains) {
                warn(ALIAS, MAILBOX);
            }
            if also(&self.relay_domains) {
                warn(ALIAS, RELAY);
            }
            return Ok(Class::Alias);
        }
        if listed(&self.mailbox_domains, MAILBOX)? {
            if also(&self.relay_domains) {
                warn(MAILBOX, RELAY);
            }
            return Ok(Class::Mailbox);
        }
        if listed(&self.relay_domains, RELAY)? {
            return Ok(Class::Relay);
        }
        Ok(Class::Default)
    }

    /// What main.cf says for this class.
    fn route(&self, plan: &Plan, class: Class, sender: &[u8], domain: &[u8]) -> Result<Route, Failed> {
        let nexthop = match class {
            Class::Alias => {
                let table = if self.options.show_table { " in virtual alias table" } else { "" };
                let nexthop = format!("5.1.1 User unknown{table}").into();
                return Ok(Route { transport: "error".into(), nexthop });
            }
            Class::Local | Class::Mailbox => domain.into(),
            Class::Relay | Class::Default => self.relayhost(plan, sender, domain)?,
        };
        let setting = match class {
            Class::Local => plan.local_transport.clone(),
            Class::Mailbox => plan.virtual_transport.clone(),
            Class::Relay => plan.relay_transport.clone(),
            Class::Alias | Class::Default => self.default_transport(plan, sender)?,
        };
        let (transport, explicit) = match setting.value.split_once_str(":") {
            Some((transport, explicit)) => (transport, explicit),
            None => (setting.value.as_slice(), b"".as_slice()),
        };
        if transport.is_empty() {
            log::warning!(
                "file {}/main.cf: parameter {}: null transport is not allowed",
                self.options.config_directory,
                setting.name
            );
            return Err(Failed);
        }
        let nexthop = if explicit.is_empty() { nexthop } else { explicit.into() };
        Ok(Route { transport: transport.into(), nexthop })
    }

    /// The sender's own default transport, or everybody's.
    fn default_transport(&self, plan: &Plan, sender: &[u8]) -> Result<Setting, Failed> {
        let key = if sender.is_empty() { self.options.null_transport_key.as_slice() } else { sender };
        let maps = &plan.sender_transport_maps;
        match self.sender_lookup(maps, key)? {
            Some(value) => Ok(Setting { name: maps.title().to_owned(), value }),
            None => Ok(plan.default_transport.clone()),
        }
    }

    /// The sender's own relay host, or everybody's, or the domain itself.
    fn relayhost(&self, plan: &Plan, sender: &[u8], domain: &[u8]) -> Result<BString, Failed> {
        let key = if sender.is_empty() { self.options.null_relayhost_key.as_slice() } else { sender };
        let maps = &plan.sender_relayhost_maps;
        if maps.is_empty() {
            return Ok(self.common_relayhost(plan, domain));
        }
        match self.address_lookup(maps, key)? {
            None => Ok(self.common_relayhost(plan, domain)),
            Some(value) if is_dunno(maps, key, &value) => Ok(domain.into()),
            Some(value) => Ok(value),
        }
    }

    fn common_relayhost(&self, plan: &Plan, domain: &[u8]) -> BString {
        if plan.relayhost.is_empty() { domain.into() } else { plan.relayhost.clone() }
    }

    /// A sender-dependent answer; DUNNO is none.
    fn sender_lookup(&self, maps: &Maps, key: &[u8]) -> Result<Option<BString>, Failed> {
        let found = self.address_lookup(maps, key)?;
        Ok(found.filter(|value| !is_dunno(maps, key, value)))
    }

    fn address_lookup(&self, maps: &Maps, key: &[u8]) -> Result<Option<BString>, Failed> {
        if maps.is_empty() {
            return Ok(None);
        }
        let is_local = |domain: &[u8]| self.local.is_origin_or_local(domain);
        let rules = tables::address::Rules {
            delimiter: &self.options.delimiters,
            owner_request_special: self.options.owner_request_special,
            double_bounce: &self.options.double_bounce,
            is_local: &is_local,
        };
        let found = tables::address::find(maps, key, Order::ADDRESS, &rules);
        Ok(found.map_err(lookup_failure(maps.title()))?.map(|found| found.value))
    }

    /// The reason for a result of `relocated_maps`.
    fn moved(&self, result: &[u8]) -> BString {
        let shown = result.as_bstr();
        if self.options.relocated_prefix {
            return format!("5.1.6 User has moved to {shown}").into();
        }
        match mail::dsn::Status::prefix(result) {
            Some((_, length)) if length < result.len() => result.into(),
            _ => {
                log::warning!("relocated_maps result must contain RFC 3463 status and text: '{shown}'");
                "5.2.0 Mailbox is unavailable".into()
            }
        }
    }

    /// The name of the first table whose file changed since it was opened.
    pub fn changed(&self) -> Option<&str> {
        self.local
            .changed()
            .or_else(|| self.alias_domains.changed())
            .or_else(|| self.mailbox_domains.changed())
            .or_else(|| self.relay_domains.changed())
            .or_else(|| self.relocated.changed())
            .or_else(|| self.regular.changed())
            .or_else(|| self.probe.changed())
    }
}

fn is_dunno(maps: &Maps, key: &[u8], value: &[u8]) -> bool {
    if value.is_empty() {
        log::warning!("{}: ignoring null lookup result for {}", maps.title(), key.as_bstr());
    }
    value.is_empty() || value.eq_ignore_ascii_case(b"DUNNO")
}

/// Turns a table's failure into the warning about its parameter.
fn lookup_failure(title: &str) -> impl Fn(TableError) -> Failed + '_ {
    move |error| {
        log::debug!("{title}: {error}");
        log::warning!("{title} lookup failure");
        Failed
    }
}

/// Is there more than one way to read the address? The next host may know `%` and `!` even if we do not.
fn has_routing(recipient: &[u8], domain: &[u8]) -> bool {
    let at = recipient.find_byteset(b"@!%").unwrap_or(recipient.len());
    recipient.get(at + 1..).unwrap_or_default() != domain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routing_is_noticed() {
        assert!(!has_routing(b"joe@d", b"d"));
        assert!(has_routing(b"joe%x@d", b"d"));
        assert!(has_routing(b"x!joe@d", b"d"));
        assert!(has_routing(b"joe@x@d", b"d"));
    }
}
