//! Disposable caches on an embedded store.
