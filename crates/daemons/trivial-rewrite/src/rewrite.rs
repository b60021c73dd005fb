//! Rewriting: bringing one address to its canonical form.
//! Works on tokens, because `%`, `!` and `@` count only outside quotes.

use bstr::BString;
use mail::quote;
use mail::rfc822::{self, Token};

/// What rewriting may do.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// `swap_bangpath`: `site!user` becomes `user@site`.
    pub swap_bangpath: bool,
    /// `allow_percent_hack`: `user%site` becomes `user@site`.
    pub percent_hack: bool,
    /// `append_at_myorigin`
    pub append_at_myorigin: bool,
    /// `append_dot_mydomain`
    pub append_dot_mydomain: bool,
    /// That is an old default, whose use is logged.
    pub tell_of_dot: bool,
}

/// What completes incomplete addresses: the host's own names, or `remote_header_rewrite_domain`.
#[derive(Clone, Debug)]
pub struct Context {
    origin: Vec<Token>,
    domain: Vec<Token>,
}

impl Context {
    /// From the domain for `user` and the one for `user@host`. Empty: leave such addresses alone.
    pub fn new(origin: &str, domain: &str) -> Context {
        Context { origin: rfc822::scan(origin.as_bytes(), 0), domain: rfc822::scan(domain.as_bytes(), 0) }
    }
}

impl Rules {
    /// The canonical form of an address; both are in external form.
    pub fn rewrite(self, context: &Context, address: &[u8]) -> BString {
        if address.is_empty() {
            log::warning!("rewrite_addr: null address");
            return BString::default();
        }
        let mut tokens = rfc822::scan(address, 0);
        self.apply(context, &mut tokens);
        quote::quote_822_local(&rfc822::internal(&tokens))
    }

    /// Rewrites the tokens of one address in place.
    pub fn apply(self, context: &Context, tokens: &mut Vec<Token>) {
        match tokens.as_slice() {
            [] => return,
            [Token::Quoted(word)] if word.is_empty() => return,
            [Token::Op(b'@')] => {
                *tokens = vec![Token::Quoted(BString::default())];
                return;
            }
            _ => {}
        }
        strip_source_route(tokens);
        if last(tokens, b'@').is_none() {
            self.give_domain(context, tokens);
        }
        if self.append_dot_mydomain && !context.domain.is_empty() && has_one_label(tokens) {
            if self.tell_of_dot {
                tell_of_dot(context, tokens);
            }
            tokens.push(Token::Op(b'.'));
            tokens.extend_from_slice(&context.domain);
        }
        if let [.., before, Token::Op(b'.')] = tokens.as_slice()
            && !matches!(before, Token::Op(b'.' | b'@'))
        {
            tokens.pop();
        }
    }

    /// An address without `@`.
    fn give_domain(self, context: &Context, tokens: &mut Vec<Token>) {
        if self.swap_bangpath
            && let Some(at) = tokens.iter().position(|token| *token == Token::Op(b'!'))
        {
            let mut swapped = tokens.split_off(at);
            swapped.remove(0);
            swapped.push(Token::Op(b'@'));
            swapped.append(tokens);
            *tokens = swapped;
        } else if self.percent_hack
            && let Some(at) = last(tokens, b'%')
            && let Some(token) = tokens.get_mut(at)
        {
            *token = Token::Op(b'@');
        } else if self.append_at_myorigin && !context.origin.is_empty() {
            tokens.push(Token::Op(b'@'));
            tokens.extend_from_slice(&context.origin);
        }
    }
}

/// Says that a name is completed only because nobody has chosen otherwise yet.
fn tell_of_dot(context: &Context, tokens: &[Token]) {
    let start = last(tokens, b'@').map_or(0, |at| at + 1);
    let name = rfc822::internal(tokens.get(start..).unwrap_or_default());
    let domain = rfc822::internal(&context.domain);
    let advice = match name.eq_ignore_ascii_case(b"localhost") {
        true => "; please add \"localhost\" to mydestination or other address class",
        false => "",
    };
    log::info!(
        "using backwards-compatible default setting append_dot_mydomain=yes to rewrite \"{name}\" to \
         \"{name}.{domain}\"{advice}"
    );
}

/// `@relay,@relay:user@host` without its relays.
fn strip_source_route(tokens: &mut Vec<Token>) {
    if tokens.first() != Some(&Token::Op(b'@')) {
        return;
    }
    let colon = tokens.iter().position(|token| matches!(token, Token::Op(b':') | Token::GroupStart));
    if let Some(at) = colon
        && at + 1 < tokens.len()
    {
        tokens.drain(..=at);
    }
}

/// `user@host`: a domain that is neither missing, nor has a dot, nor is a literal.
fn has_one_label(tokens: &[Token]) -> bool {
    let Some(at) = last(tokens, b'@') else { return false };
    let domain = tokens.get(at + 1..).unwrap_or_default();
    !domain.is_empty() && !domain.iter().any(|token| matches!(token, Token::Op(b'.') | Token::Literal(_)))
}

/// Where the last operator of this kind is.
pub fn last(tokens: &[Token], operator: u8) -> Option<usize> {
    tokens.iter().rposition(|token| *token == Token::Op(operator))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Rules = Rules {
        swap_bangpath: true,
        percent_hack: true,
        append_at_myorigin: true,
        append_dot_mydomain: true,
        tell_of_dot: false,
    };

    /// What ipc's client takes for canonical without asking.
    #[test]
    fn plain_addresses_stay_as_they_are() {
        let context = Context::new("origin.test", "domain.test");
        for address in ["user@example.com", "a.b+c=d@x-y.example.org", "1@1.2", "o'neil/x#y$z&*~@a.b"] {
            assert_eq!(ALL.rewrite(&context, address.as_bytes()), address);
        }
    }

    #[test]
    fn canonical_forms() {
        let context = Context::new("origin.test", "dom.test");
        let cases = [
            ("joe", "joe@origin.test"),
            ("joe@host", "joe@host.dom.test"),
            ("joe@host.other", "joe@host.other"),
            ("joe@host.", "joe@host"),
            ("joe@host.other.", "joe@host.other"),
            ("joe@host..", "joe@host.."),
            ("joe@.", "joe@."),
            ("joe@", "joe@"),
            ("joe%host", "joe@host.dom.test"),
            ("joe%a@b", "joe%a@b.dom.test"),
            ("site!joe", "joe@site.dom.test"),
            ("a!b!joe", "b!joe@a.dom.test"),
            ("site!joe%x", "joe%x@site.dom.test"),
            ("@r1,@r2:joe@h.x", "joe@h.x"),
            ("@r1:", "@r1:\".dom.test\""),
            ("a b@c", "\"a b\"@c.dom.test"),
            ("a\\@b@c.d", "\"a@b\"@c.d"),
            ("!x", "x@"),
            ("%x", "\"\"@x.dom.test"),
            ("joe@[192.0.2.1]", "joe@[192.0.2.1]"),
            ("\"a b\"", "\"a b\"@origin.test"),
            ("\"a@b\"", "\"a@b\"@origin.test"),
            ("\"\"", "\"\""),
            ("@", "\"\""),
            ("\"a!b\"@x.y", "a!b@x.y"),
        ];
        for (address, expected) in cases {
            assert_eq!(ALL.rewrite(&context, address.as_bytes()), expected.as_bytes(), "{address}");
        }
    }

    #[test]
    fn switched_off() {
        let off = Rules { swap_bangpath: false, percent_hack: false, ..ALL };
        let context = Context::new("origin.test", "");
        assert_eq!(off.rewrite(&context, b"site!joe"), "site!joe@origin.test");
        assert_eq!(off.rewrite(&context, b"joe%x"), "joe%x@origin.test");
        assert_eq!(off.rewrite(&context, b"joe@x"), "joe@x");
        assert_eq!(off.rewrite(&Context::new("", ""), b"joe"), "joe");
    }
}
