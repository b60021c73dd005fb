//! The DNS stub resolver.
