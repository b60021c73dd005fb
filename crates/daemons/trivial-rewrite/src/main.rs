//! trivial-rewrite: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("trivial-rewrite: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
