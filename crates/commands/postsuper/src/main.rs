//! postsuper: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postsuper: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
