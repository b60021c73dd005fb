//! Named attributes of a message, in one piece of memory: each message from the network has a dozen.

use bstr::{BStr, ByteSlice};
use std::ops::Range;

/// Names and values.
#[derive(Debug, Default)]
pub struct Attributes {
    text: Vec<u8>,
    pairs: Vec<(Range<usize>, Range<usize>)>,
}

impl Attributes {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// The value of that name.
    pub fn get(&self, name: &[u8]) -> Option<&BStr> {
        let (_, value) = self.pairs.iter().find(|(known, _)| self.bytes(known) == name)?;
        Some(self.bytes(value).as_bstr())
    }

    /// Adds a value, or replaces the one of that name.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        if self.text.capacity() == 0 {
            self.text.reserve(512);
            self.pairs.reserve(16);
        }
        match self.pairs.iter().position(|(known, _)| self.bytes(known) == name) {
            Some(at) => {
                let value = self.keep(value);
                if let Some((_, old)) = self.pairs.get_mut(at) {
                    *old = value;
                }
            }
            None => {
                let pair = (self.keep(name), self.keep(value));
                self.pairs.push(pair);
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        start..self.text.len()
    }

    fn bytes(&self, at: &Range<usize>) -> &[u8] {
        self.text.get(at.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_name_counts() {
        let mut attributes = Attributes::default();
        for (name, value) in
            [("encoding", "7bit"), ("log_helo_name", "a.test"), ("encoding", "8bit"), ("x", "")]
        {
            attributes.set(name.as_bytes(), value.as_bytes());
        }
        assert_eq!(attributes.len(), 3);
        assert_eq!(attributes.get(b"encoding").unwrap(), "8bit");
        assert_eq!(attributes.get(b"log_helo_name").unwrap(), "a.test");
        assert_eq!(attributes.get(b"x").unwrap(), "");
        assert!(attributes.get(b"log_helo").is_none());
    }
}
