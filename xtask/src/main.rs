//! Developer tasks: `cargo xtask gen|demo|bench|diff|install`.
fn main() {}
