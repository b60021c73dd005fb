//! The black-box suite: private instances, real clients.
