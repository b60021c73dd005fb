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
    /// Splits at slashes. `limit` parts at most; the last one keeps what is left of an item with slashes.
    pub fn parse(text: &str) -> Pattern {
        Pattern {
            text: text.into(),
            parts: text.split('/').map(str::to_string).collect(),
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
        let part = |at: usize| self.parts.get(at).is_none_or(|p| p == "*" || p == service.field(at));
        part(0) && part(1)
    }

    /// Whether it means this item of this service; counted.
    pub fn matches(&self, service: &Service, item: &str) -> bool {
        let hit = self.is_for(service) && self.item().is_none_or(|p| p == "*" || p == item);
        if hit {
            self.hits.set(self.hits.get() + 1);
        }
        hit
    }

    /// Notes a use that [`Pattern::matches`] did not see.
    pub fn hit(&self) {
        self.hits.set(self.hits.get() + 1);
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
