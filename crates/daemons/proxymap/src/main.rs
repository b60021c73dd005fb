//! proxymap: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("proxymap: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
