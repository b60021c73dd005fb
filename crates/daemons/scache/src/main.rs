//! scache: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("scache: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
