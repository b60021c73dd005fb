//! System calls and C libraries behind safe functions: the only crate with unsafe code.
