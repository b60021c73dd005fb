//! discard: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("discard: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
