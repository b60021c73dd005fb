//! postqueue(1): lists the mail queue and asks for its delivery, for ordinary users too.
//!
//! Runs set-gid, to reach the public services; what it prints comes from showq(8).
//! compat: every failure, usage included, exits with "service unavailable" (69).

mod flush;
mod json;
mod listing;
mod table;

use config::params::MAIL_OWNER;
use std::ffi::OsString;
use std::process::ExitCode;

const HELP: &str = "postqueue -f | postqueue -i queueid | postqueue -j | postqueue -p | postqueue -s site\n  \
    -c DIR  configuration directory\n  \
    -f      try to deliver all mail now\n  \
    -i ID   try to deliver one message now\n  \
    -j      list the queue in JSON, one object a line\n  \
    -p      list the queue as mailq(1) does\n  \
    -s SITE try to deliver the mail that waits for a site now\n  \
    -v      verbose logging, for the super-user";

const USAGE: &str =
    "usage: postqueue -f | postqueue -i queueid | postqueue -j | postqueue -p | postqueue -s site";

enum Request {
    Flush,
    File(OsString),
    Site(OsString),
    List(listing::Format),
}

fn main() -> ExitCode {
    command::begin("postqueue");
    command::answer("postqueue", HELP);
    log::set_fatal_status(i32::from(command::exit::UNAVAILABLE));
    let options = command::options_or("c:fi:jps:v", |error| {
        eprintln!("postqueue: {error}");
        usage()
    });
    if !options.operands.is_empty() {
        usage();
    }
    let mut requests = options.options.iter().filter_map(|(letter, value)| {
        let value = value.clone().unwrap_or_default();
        Some(match letter {
            'f' => Request::Flush,
            'i' => Request::File(value),
            's' => Request::Site(value),
            'j' => Request::List(listing::Format::Json),
            'p' => Request::List(listing::Format::Table),
            _ => return None,
        })
    });
    let (Some(request), None) = (requests.next(), requests.next()) else { usage() };
    let uid = sys::user::real_uid();
    if uid != 0 {
        log::set_verbose(0);
    }
    let config = command::configure("postqueue", options.value('c'));
    command::enter_queue_directory(config);
    let owner = sys::user::by_name(config.get(MAIL_OWNER)).ok().flatten();
    let caller = Caller { uid, is_trusted: uid == 0 || owner.is_some_and(|owner| owner.uid == uid) };
    match request {
        Request::List(format) => listing::run(config, &caller, format),
        Request::Flush => flush::everything(config, &caller),
        Request::File(id) => flush::file(config, &caller, &id),
        Request::Site(site) => flush::site(config, &caller, &site),
    }
}

/// Who asks.
struct Caller {
    uid: u32,
    /// The super-user and the mail owner need no permission.
    is_trusted: bool,
}

impl Caller {
    /// Ends the program unless `list` has the caller.
    fn must_be_on(&self, title: &str, list: &str, what: &str) {
        if self.is_trusted {
            return;
        }
        match command::access::is_listed(title, list, self.uid) {
            Ok(true) => {}
            Ok(false) => {
                let name = command::access::user_name(self.uid);
                log::fatal_status!(
                    i32::from(command::exit::UNAVAILABLE),
                    "User {name}({}) is not allowed to {what} the mail queue",
                    self.uid
                );
            }
            Err(error) => log::fatal_status!(i32::from(command::exit::UNAVAILABLE), "{error}"),
        }
    }
}

fn usage() -> ! {
    log::fatal_status!(i32::from(command::exit::UNAVAILABLE), "{USAGE}")
}
