//! The attribute protocol and one module for each conversation between programs.
