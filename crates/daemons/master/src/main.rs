//! master: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("master: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
