//! error: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("error: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
