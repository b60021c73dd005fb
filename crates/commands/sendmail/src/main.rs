//! sendmail: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("sendmail: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
