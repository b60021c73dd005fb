//! smtp: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("smtp: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
