//! How settings are printed: `name = value`, folded or not, or JSON.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Mutex;

use crate::options::Options;
use crate::services::{FIELDS, Service};

/// Folded lines stay about as short as this.
const WIDTH: usize = 80;

/// Continuation lines start with this.
const INDENT: &str = "    ";

/// `name = value` as the options want it.
pub fn setting(options: &Options, name: &str, value: &str) -> String {
    if options.json {
        return format!("{{{}: {}}}\n", json(name), json(value));
    }
    match (options.hide_names, options.hide_values) {
        (_, true) => format!("{name}\n"),
        (true, false) => words("", value, options.fold),
        (false, false) => words(&format!("{name} = "), value, options.fold),
    }
}

/// The words of a text one blank apart, on lines shorter than 80 if folded.
fn words(label: &str, value: &str, fold: bool) -> String {
    let mut line = Line::default();
    for word in label.split_whitespace().chain(value.split([' ', '\t', '\r', '\n']).filter(|w| !w.is_empty()))
    {
        line.word(word, fold);
    }
    line.text.push('\n');
    line.text
}

/// Text with the length of its last line.
#[derive(Default)]
struct Line {
    text: String,
    length: usize,
}

impl Line {
    fn word(&mut self, word: &str, fold: bool) {
        if !self.text.is_empty() {
            // compat: a line of text may be of just this width, one of master.cf may not.
            if fold && self.length + word.len() >= WIDTH {
                self.text.push('\n');
                self.text.push_str(INDENT);
                self.length = INDENT.len();
            } else {
                self.text.push(' ');
                self.length += 1;
            }
        }
        self.text.push_str(word);
        self.length += word.len();
    }
}

/// A master.cf entry in columns, its arguments folded or on one line. `safe` braces every argument that
/// needs it, so that what is written is read back as it was.
pub fn entry(service: &Service, arguments: &[String], fold: bool, safe: bool) -> String {
    const COLUMNS: [usize; FIELDS] = [0, 11, 17, 25, 33, 41, 49, 57];
    let mut text = String::new();
    for (field, column) in service.fields.iter().zip(COLUMNS) {
        if !text.is_empty() {
            text.push(' ');
            while text.len() < column {
                text.push(' ');
            }
        }
        text.push_str(field);
    }
    let line = Line { length: text.len(), text };
    command(line, arguments, fold, safe)
}

/// The command field with its arguments.
pub fn command_field(label: &str, name: &str, arguments: &[String], fold: bool, safe: bool) -> String {
    let text = format!("{label}{name}");
    command(Line { length: text.len(), text }, arguments, fold, safe)
}

fn command(mut line: Line, arguments: &[String], fold: bool, safe: bool) -> String {
    let mut options = true;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut item = argument.clone();
        let mut valued = false;
        let mut braces = needs_braces(argument) && (safe || !options);
        if options {
            if !argument.starts_with('-') || argument == "--" {
                // compat: the first argument that is no option is shown without braces.
                options = false;
            } else if argument.starts_with("-o") {
                braces = false;
                if let Some(value) = rest.next() {
                    valued = true;
                    let value = if needs_braces(value) { format!("{{{value}}}") } else { value.clone() };
                    item = format!("{argument} {value}");
                    line.length = WIDTH;
                }
            }
        }
        if braces {
            item = format!("{{{argument}}}");
        }
        if fold && line.length + 1 + item.len() >= WIDTH {
            line.text.push('\n');
            line.text.push_str(INDENT);
            line.length = INDENT.len();
        } else {
            line.text.push(' ');
            line.length += 1;
        }
        line.text.push_str(&item);
        line.length += item.len();
        if valued {
            line.length = WIDTH;
        }
    }
    line.text.push('\n');
    line.text
}

/// The arguments on one line with one blank between, as `-j` shows them.
pub fn plain_command(parts: &[&str], arguments: &[String]) -> String {
    let mut text = parts.join(" ");
    let shown = command(Line { length: 0, text: String::new() }, arguments, false, false);
    text.push_str(shown.trim_end_matches('\n'));
    text
}

fn needs_braces(argument: &str) -> bool {
    argument.contains([' ', '\t', '\r', '\n'])
}

/// A JSON string.
pub fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if u32::from(c) < 32 || c == '\u{7f}' => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Bytes that are not UTF-8 are these characters, which no text has, and the byte's number, until they are written.
const FOREIGN: u32 = 0x10_fe00;

/// The text of a file or argument. Each byte that is not UTF-8 becomes a character of its own.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|&byte| char::from_u32(FOREIGN + u32::from(byte))));
    }
    text
}

/// The bytes that [`text`] was made from.
pub fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match u32::from(letter).checked_sub(FOREIGN).and_then(|n| u8::try_from(n).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

static PENDING: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// How much is written at a time.
const BLOCK: usize = 4096;

/// Puts text out; it is written by [`flush`] at the latest.
pub fn print(text: &str) -> Result<(), String> {
    pending().extend(bytes(text));
    blocks()
}

/// Writes what is left.
pub fn flush() -> Result<(), String> {
    let text = std::mem::take(&mut *pending());
    write(&text)
}

/// compat: what has not filled a block is not seen when a later value turns out to be unusable.
fn blocks() -> Result<(), String> {
    let mut pending = pending();
    let whole = pending.len() / BLOCK * BLOCK;
    let text: Vec<u8> = pending.drain(..whole).collect();
    write(&text)
}

fn pending() -> std::sync::MutexGuard<'static, Vec<u8>> {
    PENDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A reader that has gone away (`postconf | head`) is no error.
fn write(text: &[u8]) -> Result<(), String> {
    match std::io::stdout().write_all(text).and_then(|()| std::io::stdout().flush()) {
        Err(why) if why.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(1),
        Err(why) => Err(format!("write: {}", sys::errno_text(&why))),
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        let text = words("a = ", &"12345678 ".repeat(10), true);
        assert!(text.lines().all(|l| l.len() <= 80), "{text}");
        assert_eq!(text.lines().count(), 2);
        assert_eq!(words("a = ", "b   c\td ", false), "a = b c d\n");
        assert_eq!(words("a = ", "", false), "a =\n");
    }

    #[test]
    fn any_byte_comes_back() {
        let all: Vec<u8> = (0..=255).chain(*b"caf\xe9 caf\xc3\xa9").collect();
        assert_eq!(bytes(&text(&all)), all);
    }

    #[test]
    fn strings() {
        assert_eq!(json("a\"b\\c\td\u{1}"), "\"a\\\"b\\\\c\\td\\u0001\"");
    }
}
