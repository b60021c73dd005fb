//! What is sent: made-up text of a given length, four lines of song, or a file.

use std::path::Path;

use wire::dot::{END, stuff_line};

use crate::options::Options;

/// The part of the data that is the same for each message: everything behind the made-up headers, with the final dot.
pub struct Message {
    /// A file brings its own headers.
    pub with_headers: bool,
    pub body: Vec<u8>,
}

impl Message {
    pub fn new(options: &Options) -> Message {
        let mut body = Vec::new();
        if let Some(file) = &options.file {
            add_file(&mut body, file);
        } else if let Some(length) = options.length {
            add_filler(&mut body, length);
        } else {
            for line in 1..=4 {
                body.extend_from_slice(format!("La de da de da {line}.\r\n").as_bytes());
            }
        }
        body.extend_from_slice(END);
        Message { with_headers: options.file.is_none() && !options.old, body }
    }

    /// Appends the headers of one message, ending in an empty line.
    pub fn add_headers(&self, out: &mut Vec<u8>, options: &Options, recipient: &[u8], id: &str) {
        if !self.with_headers {
            return;
        }
        let mut line = |name: &str, parts: &[&[u8]]| {
            out.extend_from_slice(name.as_bytes());
            parts.iter().for_each(|part| out.extend_from_slice(part));
            out.extend_from_slice(b"\r\n");
        };
        line("From: <", &[&options.sender, b">"]);
        line("To: <", &[recipient, b">"]);
        line("Date: ", &[mail::date::header(sys::clock::now()).as_bytes()]);
        line("Message-Id: <", &[id.as_bytes(), b"@", options.hostname.as_bytes(), b">"]);
        if let Some(subject) = &options.subject {
            line("Subject: ", &[subject]);
        }
        line("", &[]);
    }
}

fn add_file(body: &mut Vec<u8>, file: &Path) {
    let content = std::fs::read(file)
        .unwrap_or_else(|error| log::fatal!("open {}: {}", file.display(), sys::errno_text(&error)));
    let content = content.strip_suffix(b"\n").unwrap_or(&content);
    for line in content.split(|&b| b == b'\n') {
        stuff_line(body, line);
    }
}

/// Lines of 80 bytes, each beginning with a digit and ending in CR LF; what is left over is X.
fn add_filler(body: &mut Vec<u8>, length: usize) {
    let mut digits = (b'1'..=b'9').chain(std::iter::once(b'0')).cycle();
    for _ in 0..length / 80 {
        body.push(digits.next().unwrap_or(b'0'));
        body.extend_from_slice(&[b'X'; 77]);
        body.extend_from_slice(b"\r\n");
    }
    body.resize(body.len() + length % 80, b'X');
    body.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_has_the_asked_length() {
        for length in [1, 79, 80, 81, 1024] {
            let mut body = Vec::new();
            add_filler(&mut body, length);
            assert_eq!(body.len(), length + 2);
            assert!(body.split(|&b| b == b'\n').all(|line| line.len() < 81));
        }
    }
}
