//! smtp-sink: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("smtp-sink: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
