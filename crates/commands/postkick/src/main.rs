//! postkick: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postkick: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
