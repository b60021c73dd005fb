//! spawn: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("spawn: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
