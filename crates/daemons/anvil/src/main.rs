//! anvil: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("anvil: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
