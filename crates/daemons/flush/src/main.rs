//! flush: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("flush: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
