//! postfix: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postfix: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
