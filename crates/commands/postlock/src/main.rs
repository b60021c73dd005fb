//! postlock: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postlock: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
