//! cleanup: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("cleanup: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
