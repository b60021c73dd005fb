//! Private mail system instances for black-box tests.
