//! pickup: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("pickup: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
