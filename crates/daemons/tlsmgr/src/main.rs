//! tlsmgr: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("tlsmgr: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
