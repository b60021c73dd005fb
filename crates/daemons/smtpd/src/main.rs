//! smtpd: not written yet.
fn main() -> std::process::ExitCode {
    eprintln!("smtpd: fatal: not implemented in this build");
    std::process::ExitCode::FAILURE
}
