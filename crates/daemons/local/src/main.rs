//! local: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("local: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
