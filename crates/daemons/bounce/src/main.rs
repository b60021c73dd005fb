//! bounce: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("bounce: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
