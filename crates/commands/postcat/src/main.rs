//! postcat: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postcat: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
