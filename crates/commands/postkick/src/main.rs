//! postkick(1): sends a request to a service of the mail system, for scripts.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use config::params::APPLICATION_EVENT_DRAIN_TIME;

const HELP: &str = "postkick [-c config_dir] [-v] class service request\nSends a request to a service.";
const USAGE: &str = "usage: postkick [-c config_dir] [-v] class service request";

/// How long a connection may take.
const TRIGGER_LIMIT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    command::begin("postkick", HELP);
    let options = command::options("c:v", USAGE);
    let [class, service, request] = options.operands.as_slice() else { log::fatal!("{USAGE}") };
    let config = command::configure("postkick", options.value('c'));
    command::enter_queue_directory(config);
    // The names are the caller's: they stay below the queue directory's two socket directories.
    let class = class.to_str().filter(|class| matches!(*class, "public" | "private"));
    let Some(class) = class else { log::fatal!("class must be \"public\" or \"private\"") };
    let Some(service) = service.to_str().filter(|name| !name.is_empty() && !name.contains('/')) else {
        log::fatal!("bad service name: {}", service.to_string_lossy())
    };
    let path = Path::new(class).join(service);
    if let Err(error) = kick(&path, request.as_bytes(), config.get(APPLICATION_EVENT_DRAIN_TIME)) {
        log::fatal!(
            "Cannot contact class {class} service {service} - perhaps the mail system is down: {}",
            sys::errno_text(&error)
        );
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
