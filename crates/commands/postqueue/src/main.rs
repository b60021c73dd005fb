//! postqueue: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postqueue: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
