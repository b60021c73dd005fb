//! postconf: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postconf: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
