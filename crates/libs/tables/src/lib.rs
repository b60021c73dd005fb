//! Lookup tables: one module a type, one row in the registry.
