//! showq: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("showq: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
