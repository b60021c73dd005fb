//! Queue files: records, names, directories and the one way to commit.
