//! pipe: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("pipe: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
