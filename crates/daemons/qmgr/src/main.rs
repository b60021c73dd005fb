//! qmgr: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("qmgr: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
