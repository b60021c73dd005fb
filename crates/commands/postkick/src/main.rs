//! postkick(1): sends a request to a service of the mail system, for scripts.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Command;
use config::params::APPLICATION_EVENT_DRAIN_TIME;

const USAGE: &str = "usage: postkick [-c config_dir] [-v] class service request";

/// How long a connection may take.
const TRIGGER_LIMIT: Duration = Duration::from_secs(1);

fn cli() -> Command {
    cli::table("postkick", "Sends a request to a service.").args([
        cli::config_dir(),
        cli::verbose(),
        cli::operand("class", "private or public"),
        cli::operand("service", "its name in master.cf"),
        cli::operand("request", "letters that the service knows"),
    ])
}

fn main() -> ExitCode {
    cli::begin("postkick", cli);
    let options = cli::parse(cli, USAGE);
    let operand = |name| cli::text(&options, name).unwrap_or_default();
    let (class, service, request) = (operand("class"), operand("service"), operand("request"));
    let config = command::configure("postkick", cli::text(&options, "config_dir"));
    command::enter_queue_directory(config);
    // The names are the caller's: they stay below the queue directory's two socket directories.
    let class = class.to_str().filter(|class| matches!(*class, "public" | "private"));
    let Some(class) = class else { log::fatal!("class must be \"public\" or \"private\"") };
    let Some(service) = service.to_str().filter(|name| !name.is_empty() && !name.contains('/')) else {
        log::fatal!("bad service name: {}", service.to_string_lossy())
    };
    let path = Path::new(class).join(service);
    if let Err(error) = kick(&path, request.as_bytes(), config.get(APPLICATION_EVENT_DRAIN_TIME)) {
        if error.kind() == io::ErrorKind::NotFound {
            log::warning!("unable to look up {class}/{service}: {}", sys::errno_text(&error));
        }
        log::warning!("Cannot contact class {class} service {service} - perhaps the mail system is down");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Sends the bytes and waits until the service has taken them.
fn kick(path: &Path, request: &[u8], drain: Duration) -> io::Result<()> {
    if std::fs::symlink_metadata(path)?.file_type().is_fifo() {
        let mut options = OpenOptions::new();
        options.write(true).custom_flags(sys::file::O_NONBLOCK | sys::file::O_NOFOLLOW);
        return options.open(path)?.write_all(request);
    }
    let mut stream = sys::socket::connect_unix(path, Some(TRIGGER_LIMIT))?;
    stream.write_all(request)?;
    // compat: the server closes once it has read the request; a slow one is not an error.
    sys::poll::readable(&stream, Some(drain)).map(|_| ())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_options_are_the_references() {
        super::cli().debug_assert();
        assert_eq!(cli::letters(&super::cli()), "c:v");
    }
}
