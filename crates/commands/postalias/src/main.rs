//! postalias: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("postalias: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
