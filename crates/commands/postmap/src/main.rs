//! postmap: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postmap: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
