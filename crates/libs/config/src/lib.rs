//! main.cf and master.cf: the language, the typed parameters, their defaults.
