//! `service[/type[/item]]` operands: each part a name, or `*`.

use std::cell::Cell;

use crate::services::Service;

/// One operand.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    parts: Vec<String>,
    hits: Cell<usize>,
}

impl Pattern {
    /// Splits at slashes; several count as one.
    pub fn parse(text: &str) -> Pattern {
        Pattern {
            text: text.into(),
            parts: text.split('/').filter(|part| !part.is_empty()).map(str::to_string).collect(),
            hits: Cell::new(0),
        }
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// The part after service and type.
    pub fn item(&self) -> Option<&str> {
        self.parts.get(2).map(String::as_str)
    }

    /// Whether it means this service.
    pub fn is_for(&self, service: &Service) -> bool {
        self.means(service.field(0), service.field(1))
    }

    /// Whether it means the service of that name and type.
    pub fn means(&self, name: &str, kind: &str) -> bool {
        let part = |at: usize, text: &str| self.parts.get(at).is_none_or(|p| p == "*" || p == text);
        part(0, name) && part(1, kind)
    }

    /// Whether it means every item.
    pub fn is_for_all(&self) -> bool {
        self.item().is_none_or(|item| item == "*")
    }

    /// Counts a use; true if it is the first.
    pub fn hit(&self) -> bool {
        self.hits.set(self.hits.get() + 1);
        self.hits.get() == 1
    }

    /// Whether nothing has matched.
    pub fn is_unused(&self) -> bool {
        self.hits.get() == 0
    }

    /// As the user wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Complains about operands that fit nothing.
pub fn report_unmatched(patterns: &[Pattern]) {
    for pattern in patterns.iter().filter(|p| p.is_unused()) {
        log::warning!("unmatched request: \"{}\"", pattern.text());
    }
}
