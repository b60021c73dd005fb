//! A bounded filter of addresses already seen in one message (duplicate_filter_limit).

use bstr::{BString, ByteSlice};
use std::collections::HashSet;

/// Remembers up to `limit` keys; when full, further keys pass as new and are not remembered.
#[derive(Debug, Default)]
pub struct Filter {
    seen: HashSet<BString>,
    limit: usize,
    fold: bool,
}

impl Filter {
    /// A filter with room for `limit` keys (0: no limit); with `fold`, case does not matter.
    pub fn new(limit: usize, fold: bool) -> Self {
        Filter { seen: HashSet::new(), limit, fold }
    }

    /// Was `key` seen before? Remembers it if there is room.
    pub fn seen(&mut self, key: &[u8]) -> bool {
        let key = self.key(key);
        if self.seen.contains(&key) {
            return true;
        }
        if self.limit == 0 || self.seen.len() < self.limit {
            self.seen.insert(key);
        }
        false
    }

    /// Was `key` seen before? Does not remember it.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.seen.contains(&self.key(key))
    }

    /// Forgets `key`.
    pub fn forget(&mut self, key: &[u8]) {
        let key = self.key(key);
        self.seen.remove(&key);
    }

    fn key(&self, key: &[u8]) -> BString {
        if self.fold { crate::text::fold_case(key) } else { key.as_bstr().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_and_forgets_nothing_within_its_limit() {
        let mut filter = Filter::new(2, true);
        assert!(!filter.seen(b"A@x"));
        assert!(filter.seen(b"a@X"));
        assert!(!filter.seen(b"b"));
        assert!(!filter.seen(b"c"));
        assert!(!filter.seen(b"c"));
        assert!(filter.contains(b"B"));
        filter.forget(b"B");
        assert!(!filter.contains(b"b"));
    }
}
