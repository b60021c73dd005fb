//! smtp-sink(1): takes test mail and throws it away, or keeps it in files; misbehaves as asked.
//!
//! One thread accepts, one small thread runs each session as straight-line code. The dialogue, the options and the
//! dump format are the reference's.

mod commands;
mod dump;
mod options;
mod session;

use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use net::Stream;
use options::{Listen, Options};
use session::Sink;

const SESSION_STACK: usize = 128 * 1024;

fn main() -> ExitCode {
    cli::answer(options::cli);
    log::init_early("smtp-sink", log::Kind::Command);
    let options = options::from_command_line(std::env::args_os().skip(1));
    let listeners = listen(&options);
    drop_privileges(&options);
    let sink = Arc::new(Sink::new(options));
    let gate = Arc::new(Gate::new(sink.options.most_sessions));
    let threads: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let (sink, gate) = (Arc::clone(&sink), Arc::clone(&gate));
            std::thread::spawn(move || accept(&sink, &gate, &listener))
        })
        .collect();
    for thread in threads {
        if thread.join().is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

enum Listener {
    Inet(TcpListener),
    Unix(UnixListener),
}

fn listen(options: &Options) -> Vec<Listener> {
    let complain =
        |what: &str, error: std::io::Error| -> ! { log::fatal!("{what}: {}", sys::errno_text(&error)) };
    match &options.listen {
        Listen::Unix(path) => {
            // A socket left by a run before.
            let _ = std::fs::remove_file(path);
            match UnixListener::bind(path) {
                Ok(listener) => vec![Listener::Unix(listener)],
                Err(error) => complain(&format!("bind {}", path.display()), error),
            }
        }
        Listen::Inet(addresses) => addresses
            .iter()
            .map(|address| match sys::listen::listen_tcp(*address, options.backlog) {
                Ok(listener) => Listener::Inet(listener),
                Err(error) => complain(&format!("bind {address}"), error),
            })
            .collect(),
    }
}

fn drop_privileges(options: &Options) {
    let user = options.user.as_deref().map(|name| match sys::user::by_name(name) {
        Ok(Some(user)) => user,
        _ => log::fatal!("unknown user: {name}"),
    });
    if user.is_none() && sys::user::real_uid() == 0 {
        log::fatal!("-u option is required if running as root");
    }
    // The time zone and the user's groups are outside the new root.
    sys::clock::load_zone();
    let identity = user.map(|user| sys::user::Identity::of(&user)).transpose();
    let identity = identity.unwrap_or_else(|error| log::fatal!("-u: {}", sys::errno_text(&error)));
    if let Some(root) = &options.root {
        if let Err(error) = sys::fs::chroot(root) {
            log::fatal!("chroot {}: {}", root.display(), sys::errno_text(&error));
        }
    }
    if let Some(identity) = identity {
        if let Err(error) = sys::user::become_for_good(&identity) {
            log::fatal!("-u: {}", sys::errno_text(&error));
        }
    }
}

fn accept(sink: &Arc<Sink>, gate: &Arc<Gate>, listener: &Listener) {
    loop {
        gate.enter();
        let accepted = match listener {
            Listener::Inet(listener) => listener.accept().map(|(socket, peer)| {
                let _ = TcpStream::set_nodelay(&socket, true);
                if let Some(size) = sink.options.window {
                    let _ = sys::socket::set_window(socket.as_fd(), size);
                }
                Stream::accepted(socket, peer)
            }),
            Listener::Unix(listener) => {
                listener.accept().map(|(socket, _): (UnixStream, _)| Stream::from(socket))
            }
        };
        let stream = match accepted {
            Ok(stream) => stream,
            Err(error) => {
                log::warning!("accept: {}", sys::errno_text(&error));
                gate.leave();
                std::thread::sleep(std::time::Duration::from_millis(100));
                continue;
            }
        };
        let (session_sink, session_gate) = (Arc::clone(sink), Arc::clone(gate));
        let spawned = std::thread::Builder::new().stack_size(SESSION_STACK).spawn(move || {
            session::run(&session_sink, stream);
            session_gate.leave();
        });
        if let Err(error) = spawned {
            log::warning!("cannot start a session: {}", sys::errno_text(&error));
            gate.leave();
        }
    }
}

/// Bounds the sessions at a time; more wait in the kernel's queue.
struct Gate {
    free: Mutex<usize>,
    changed: Condvar,
}

impl Gate {
    fn new(most: usize) -> Gate {
        Gate { free: Mutex::new(most), changed: Condvar::new() }
    }

    fn enter(&self) {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.changed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
    }

    fn leave(&self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_one();
    }
}
