//! Address lists of message headers: tokens, a permissive parser, and text again.
//!
//! Nothing that is not understood is thrown away: a list that makes no sense still comes back as
//! text. Missing commas are added, comments move behind the address they stand in. Besides RFC 822
//! the tokenizer knows `%`, `!` and `|` as operators, and bytes above 127 as parts of words.

use crate::quote;
use bstr::BString;

/// One piece of an address list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word that needs no quotes.
    Atom(BString),
    /// A word in quotes: the text without them and without backslashes.
    Quoted(BString),
    /// A comment in external form, parentheses included.
    Comment(BString),
    /// `[text]`: the text.
    Literal(BString),
    /// A single-character operator.
    Op(u8),
    /// The colon behind a group's name.
    GroupStart,
    /// One address: its tokens.
    Address(Vec<Token>),
}

impl Token {
    /// A word, comment, literal or address: two of them in a row want a blank between.
    fn is_operand(&self) -> bool {
        !matches!(self, Token::Op(_) | Token::GroupStart)
    }
}

const OPERATORS: &[u8] = b"|%!()<>@,;:\\\".[]";

/// Splits text into a flat list of at most `limit` tokens (0: no limit).
pub fn scan(text: &[u8], limit: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        if is_blank(*first) {
            rest = tail;
            continue;
        }
        let token;
        (token, rest) = match first {
            b'(' => comment(tail),
            b'[' => {
                let (word, after) = collect(tail, |b| b != b']');
                (Token::Literal(word), after.get(1..).unwrap_or_default())
            }
            b'"' => {
                let (word, after) = collect(tail, |b| b != b'"');
                (Token::Quoted(word), after.get(1..).unwrap_or_default())
            }
            op if *op != b'\\' && OPERATORS.contains(op) => (Token::Op(*op), tail),
            _ => {
                let (word, after) = collect(rest, |b| !is_blank(b) && !OPERATORS.contains(&b));
                (atom(word), after)
            }
        };
        tokens.push(token);
        if limit > 0 && tokens.len() >= limit {
            break;
        }
    }
    tokens
}

/// Parses an address list into top-level tokens with [`Token::Address`] nodes among them.
/// Works from right to left: what stands between an operator on the left and what is already
/// understood on the right is an address.
pub fn parse(text: &[u8], limit: usize) -> Vec<Token> {
    let mut parser = Parser::default();
    let mut input = scan(text, limit);
    let mut word_ok = true;
    let mut in_group = false;
    while let Some(token) = input.pop() {
        match token {
            Token::Comment(_) => parser.done.push(token),
            Token::Op(b';') => {
                parser.close_address(true);
                parser.done.push(token);
                (in_group, word_ok) = (true, true);
            }
            Token::Op(b':') if in_group => {
                parser.close_address(false);
                parser.done.push(Token::GroupStart);
                parser.keep_until(&mut input, b",");
            }
            Token::Op(b'>') => {
                parser.close_address(true);
                parser.done.push(token);
                parser.route(&mut input);
                word_ok = true;
            }
            Token::Atom(_) | Token::Quoted(_) | Token::Literal(_) => {
                if !word_ok {
                    parser.close_address(true);
                }
                parser.open.push(token);
                word_ok = false;
            }
            Token::Op(b',') => {
                parser.close_address(false);
                parser.done.push(token);
                word_ok = true;
            }
            other => {
                parser.open.push(other);
                word_ok = true;
            }
        }
    }
    parser.close_address(false);
    parser.done.reverse();
    parser.done
}

/// The parser's state; both lists hold their tokens in reverse.
#[derive(Default)]
struct Parser {
    /// Understood: everything to the right of `open`.
    done: Vec<Token>,
    /// The tokens that may become an address.
    open: Vec<Token>,
}

impl Parser {
    /// Makes the open tokens one address; a comma goes in front of it if asked for.
    fn close_address(&mut self, comma: bool) {
        if self.open.is_empty() {
            return;
        }
        self.open.reverse();
        self.done.push(Token::Address(std::mem::take(&mut self.open)));
        if comma {
            self.done.push(Token::Op(b','));
        }
    }

    /// The inside of `<…>`, then the phrase in front of it, which stays as it is.
    fn route(&mut self, input: &mut Vec<Token>) {
        while let Some(token) = input.pop() {
            match token {
                Token::Comment(_) => self.done.push(token),
                Token::Op(b'<') => {
                    self.close_address(false);
                    self.done.push(token);
                    break;
                }
                other => self.open.push(other),
            }
        }
        self.close_address(false);
        self.keep_until(input, b">;,:");
    }

    /// Copies tokens until one of `stops` is next.
    fn keep_until(&mut self, input: &mut Vec<Token>, stops: &[u8]) {
        while let Some(token) = input.pop() {
            if matches!(&token, Token::Op(op) if stops.contains(op)) {
                input.push(token);
                return;
            }
            self.done.push(token);
        }
    }
}

/// External form, for headers. With `lines`, a line feed instead of a blank follows each comma;
/// the caller joins short lines.
pub fn external(tokens: &[Token], lines: bool) -> BString {
    write(tokens, lines, true, &|out, token| match token {
        Token::Quoted(word) => {
            out.push(b'"');
            escape(out, word, b"\"\\\r\n");
            out.push(b'"');
        }
        Token::Literal(word) => {
            out.push(b'[');
            escape(out, word, b"\\\r\n");
            out.push(b']');
        }
        // Quoting atoms one by one would not do: whether a local part needs quotes depends on all of it.
        Token::Address(parts) => out.extend_from_slice(&quote::quote_822_local(&internal_address(parts))),
        other => plain(out, other),
    })
}

/// Internal form: no quotes anywhere.
pub fn internal(tokens: &[Token]) -> BString {
    write(tokens, false, true, &plain)
}

/// The internal form of one address node of a parsed list: its tokens stand close together.
pub fn internal_address(parts: &[Token]) -> BString {
    write(parts, false, false, &plain)
}

/// The external form of one address node, token by token.
pub fn external_address(parts: &[Token]) -> BString {
    write(parts, false, false, &|out, token| match token {
        Token::Quoted(word) => {
            out.push(b'"');
            escape(out, word, b"\"\\\r\n");
            out.push(b'"');
        }
        other => plain(out, other),
    })
}

/// The addresses of a parsed list, in internal form.
pub fn addresses(tokens: &[Token]) -> impl Iterator<Item = BString> + '_ {
    tokens.iter().filter_map(|token| match token {
        Token::Address(parts) => Some(internal_address(parts)),
        _ => None,
    })
}

fn write(tokens: &[Token], lines: bool, spaced: bool, put: &dyn Fn(&mut BString, &Token)) -> BString {
    let mut out = BString::default();
    for (index, token) in tokens.iter().enumerate() {
        put(&mut out, token);
        if lines && *token == Token::Op(b',') {
            out.push(b'\n');
        } else if spaced && tokens.get(index + 1).is_some_and(|next| wants_blank(token, next)) {
            out.push(b' ');
        }
    }
    out
}

fn wants_blank(token: &Token, next: &Token) -> bool {
    matches!(token, Token::Op(b',') | Token::GroupStart)
        || *next == Token::Op(b'<')
        || (token.is_operand() && next.is_operand())
}

fn plain(out: &mut BString, token: &Token) {
    match token {
        Token::Atom(word) | Token::Quoted(word) | Token::Comment(word) => out.extend_from_slice(word),
        Token::Literal(word) => {
            out.push(b'[');
            out.extend_from_slice(word);
            out.push(b']');
        }
        Token::Op(op) => out.push(*op),
        Token::GroupStart => out.push(b':'),
        Token::Address(parts) => out.extend_from_slice(&internal_address(parts)),
    }
}

fn escape(out: &mut BString, word: &[u8], special: &[u8]) {
    for byte in word {
        if special.contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Bytes while `wanted`, with backslashes taken off and blanks made spaces; then what is left.
fn collect(text: &[u8], wanted: impl Fn(u8) -> bool) -> (BString, &[u8]) {
    let mut word = BString::default();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let (byte, after) = match (first, tail) {
            (b'\\', [escaped, after @ ..]) => (*escaped, after),
            (b'\\', []) => {
                rest = tail;
                break;
            }
            _ if !wanted(*first) => break,
            _ => (*first, tail),
        };
        word.push(if is_blank(byte) { b' ' } else { byte });
        rest = after;
    }
    (word, rest)
}

/// A word taken from unquoted text may need quotes all the same: its backslashes are gone.
fn atom(word: BString) -> Token {
    let needs_quotes = word.iter().any(|b| *b == b' ' || b.is_ascii_control() || OPERATORS.contains(b));
    if needs_quotes { Token::Quoted(word) } else { Token::Atom(word) }
}

/// The rest of a comment, behind its opening parenthesis; comments nest.
fn comment(text: &[u8]) -> (Token, &[u8]) {
    let (inside, rest) = text.split_at(comment_length(text));
    let mut word = BString::from("(");
    word.extend_from_slice(inside);
    (Token::Comment(word), rest)
}

/// The length of a comment behind its opening parenthesis, the closing one included; all of `text` if there is none.
pub(crate) fn comment_length(text: &[u8]) -> usize {
    let mut depth = 1usize;
    let mut escaped = false;
    for (index, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> BString {
        external(&parse(text.as_bytes(), 0), false)
    }

    #[test]
    fn lists_come_back_as_text() {
        let cases = [
            ("joe@d.test", "joe@d.test"),
            ("Joe User <joe@d.test>", "Joe User <joe@d.test>"),
            ("\"Joe, User\" <joe@d.test>", "\"Joe, User\" <joe@d.test>"),
            ("joe@d.test (Joe User)", "joe@d.test (Joe User)"),
            ("(a) joe@d.test (b)", "joe@d.test (a) (b)"),
            ("a@x b@y", "a@x, b@y"),
            ("a@x, b@y,c", "a@x, b@y, c"),
            ("friends: a@x, b@y;", "friends: a@x, b@y;"),
            ("undisclosed-recipients:;", "undisclosed-recipients: ;"),
            ("<@r1,@r2:joe@d>", "<@r1,@r2:joe@d>"),
            ("\"a b\"@d", "\"a b\"@d"),
            ("a\\ b@d", "\"a b\"@d"),
            ("<>", "<>"),
            ("joe@[192.0.2.1]", "joe@[192.0.2.1]"),
            ("host!user", "host!user"),
            ("user%host@gw", "user%host@gw"),
            ("", ""),
            ("<a@x> <b@y>", "<a@x> <b@y>"),
            ("a (x(y)z) @ d", "a@d (x(y)z)"),
        ];
        for (text, expected) in cases {
            assert_eq!(round(text), expected.as_bytes(), "{text}");
        }
    }

    #[test]
    fn addresses_are_found() {
        let list = parse(b"Joe <joe@d>, \"a b\"@x (c), grp: one@y, <two@z>;", 0);
        let found: Vec<BString> = addresses(&list).collect();
        assert_eq!(found, ["joe@d", "a b@x", "one@y", "two@z"]);
    }

    #[test]
    fn the_limit_counts_tokens() {
        assert_eq!(scan(b"a b c d", 2).len(), 2);
    }

    #[test]
    fn damaged_text_does_no_harm() {
        for text in
            ["\"", "(", "[", "\\", "a\\", "<", ">", "<<a>", ";;:", ":;", "a:b;c:d", "(\\", ">a<", ",,,"]
        {
            let tokens = parse(text.as_bytes(), 0);
            external(&tokens, true);
            internal(&tokens);
        }
    }
}
