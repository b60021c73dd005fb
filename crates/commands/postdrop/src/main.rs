//! postdrop: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postdrop: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
