//! postlog: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postlog: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
