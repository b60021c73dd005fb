//! postlogd: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postlogd: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
