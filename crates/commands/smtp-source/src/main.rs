//! smtp-source: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("smtp-source: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
