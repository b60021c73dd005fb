//! The conversation with postdrop(1): records there, a status back.

use bstr::BString;
use config::Config;
use config::params::{COMMAND_DIRECTORY, LINE_LENGTH_LIMIT};
use ipc::cleanup::Status;
use ipc::postdrop::Opening;
use ipc::{Decoded, Message};
use spool::record::{self, kind};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// postdrop(1), running.
pub struct Submission {
    to: Option<File>,
    from: File,
    heard: Vec<u8>,
    buffer: Vec<u8>,
    child: i32,
    line_limit: usize,
    is_open: bool,
}

const BUFFER: usize = 64 * 1024;

impl Submission {
    /// Starts postdrop(1), which takes as long to get ready as the envelope does: see [`Submission::opened`].
    pub fn start(config: &Config, verbose: u32) -> Result<Submission, String> {
        let program = program(config);
        let mut argv = vec![program.to_string_lossy().into_owned(), "-r".to_owned()];
        argv.extend((0..verbose).map(|_| "-v".to_owned()));
        let start = || -> io::Result<(i32, OwnedFd, OwnedFd)> {
            let (child_in, to) = sys::fd::pipe()?;
            let (from, child_out) = sys::fd::pipe()?;
            let mut spawn =
                sys::spawn::Spawn::new(&program, &argv)?.descriptor(child_in, 0)?.descriptor(child_out, 1)?;
            for (name, value) in command::environment::imported(config) {
                spawn = spawn.env(&name, value)?;
            }
            Ok((spawn.start()?, to, from))
        };
        let (child, to, from) = start().map_err(|error| unable(config, &error))?;
        // postdrop may refuse before it has read everything; its status tells why, not a signal.
        let _ = sys::signal::ignore(sys::signal::PIPE);
        Ok(Submission {
            to: Some(to.into()),
            from: from.into(),
            heard: Vec::new(),
            buffer: Vec::with_capacity(BUFFER),
            child,
            line_limit: usize::try_from(config.get(LINE_LENGTH_LIMIT)).unwrap_or(2048).max(1),
            is_open: false,
        })
    }

    /// Waits until postdrop(1) is ready. Before the message is read: whoever types it hears of a refusal first.
    pub fn opened(&mut self, config: &Config) -> Result<(), String> {
        self.open().map_err(|error| unable(config, &error))
    }

    fn open(&mut self) -> io::Result<()> {
        if !self.is_open {
            self.hear::<Opening>()?;
            self.is_open = true;
        }
        Ok(())
    }

    /// Sends a record.
    pub fn record(&mut self, kind: u8, data: &[u8]) -> io::Result<()> {
        record::put(&mut self.buffer, kind, data);
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Sends a named attribute.
    pub fn attribute(&mut self, name: &str, value: &[u8]) -> io::Result<()> {
        self.record(kind::ATTR, &spool::fields::format_attribute(name, value))
    }

    /// Sends a line of content, in pieces when it is long; `ended` says that the line is whole.
    pub fn text(&mut self, line: &[u8], ended: bool) -> io::Result<()> {
        let mut rest = line;
        while let Some((piece, tail)) =
            rest.split_at_checked(self.line_limit).filter(|(_, tail)| !tail.is_empty())
        {
            self.record(kind::CONT, piece)?;
            rest = tail;
        }
        self.record(if ended { kind::NORM } else { kind::CONT }, rest)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open()?;
        let to = self.to.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        to.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends the message and returns what became of it. A message that postdrop(1) did not confirm
    /// is not submitted.
    pub fn finish(mut self) -> Result<(), BString> {
        let sent = self.flush();
        self.to = None;
        let status = self.hear::<Status>();
        if sys::proc::wait(self.child).is_ok_and(|ended| ended != sys::proc::Ended::Exit(0)) {
            log::warning!("mail_stream_cleanup: close error");
        }
        match (status, sent) {
            (Ok(Status { status: 0, .. }), Ok(())) => Ok(()),
            (Ok(Status { status, reason }), _) if status != 0 => Err(match reason.is_empty() {
                true => ipc::cleanup::detail(status).text.into(),
                false => reason,
            }),
            _ => Err(ipc::cleanup::detail(ipc::cleanup::stat::WRITE).text.into()),
        }
    }

    fn hear<M: Message>(&mut self) -> io::Result<M> {
        let mut piece = [0; 4096];
        loop {
            match ipc::decode::<M>(&self.heard) {
                Ok(Decoded::Complete(message, taken)) => {
                    self.heard.drain(..taken);
                    return Ok(message);
                }
                Ok(Decoded::NeedMore) => {}
                Err(fault) => return Err(io::Error::new(io::ErrorKind::InvalidData, fault)),
            }
            let count = self.from.read(&mut piece)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.heard.extend_from_slice(piece.get(..count).unwrap_or_default());
        }
    }
}

fn program(config: &Config) -> PathBuf {
    Path::new(config.get(COMMAND_DIRECTORY)).join("postdrop")
}

fn unable(config: &Config, error: &io::Error) -> String {
    format!("unable to execute {} -r: {}", program(config).display(), sys::errno_text(error))
}
