//! virtual: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("virtual: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
