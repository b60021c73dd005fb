//! The helper's end: opens its table, takes mail_owner's rights, and answers, several requests at a time.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};

use bstr::{BString, ByteSlice};

use super::frames::{BAD_CONFIGURATION, FAILED, FOUND, Frame, LOOKUP, NOT_FOUND, OPEN};
use crate::parameters::Parameters;
use crate::table::{Kind, OpenError, TableError};

/// What the daemon shall log, as warnings.
#[derive(Debug, Default)]
pub struct Say(Vec<BString>);

impl Say {
    /// Another line.
    pub fn warn(&mut self, line: impl Into<BString>) {
        self.0.push(line.into());
    }
}

/// A table by a client library.
pub trait Backend: Send + Sync {
    /// Looks a key up (folded already, where that is wanted).
    fn lookup(&self, key: &[u8], say: &mut Say) -> Result<Option<BString>, TableError>;

    /// Whether parts of keys are asked for.
    fn kind(&self) -> Kind;
}

/// Opens the table that these settings describe.
pub type Open = fn(&Parameters) -> Result<Box<dyn Backend>, OpenError>;

/// Requests that are answered at a time.
const THREADS: usize = 8;

/// The whole of a helper's main: serves the daemon that started it until it closes its end.
pub fn serve(open: Open) -> ExitCode {
    let Some(socket) = sys::fd::inherited(0).map(|fd: OwnedFd| UnixStream::from(fd)) else {
        return ExitCode::FAILURE;
    };
    match session(socket, open) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("table helper: {}", sys::errno_text(&error));
            ExitCode::FAILURE
        }
    }
}

fn session(mut socket: UnixStream, open: Open) -> std::io::Result<()> {
    let Some(first) = Frame::read(&mut socket)?.filter(|frame| frame.field(0) == OPEN) else {
        eprintln!("this program is started by Postfix's programs, for a lookup table");
        return Err(std::io::ErrorKind::InvalidInput.into());
    };
    let parameters = Parameters::from_fields(first.fields.get(3..).unwrap_or_default());
    let opened = open(&parameters).and_then(|table| {
        give_up_rights(&first).map_err(OpenError::Unavailable)?;
        Ok(table)
    });
    let (status, text, table) = match opened {
        Ok(table) if table.kind() == Kind::Pattern => (FOUND, "pattern".to_owned(), Some(table)),
        Ok(table) => (FOUND, "fixed".to_owned(), Some(table)),
        Err(OpenError::Config(why)) => (BAD_CONFIGURATION, why, None),
        Err(OpenError::Unavailable(why)) => (FAILED, why, None),
    };
    Frame { number: first.number, fields: vec![status.into(), text.into()] }.write(&mut socket)?;
    let Some(table) = table else { return Ok(()) };
    let table: Arc<dyn Backend> = Arc::from(table);
    let replies = Arc::new(Mutex::new(socket.try_clone()?));
    let (send, receive) = channel::<Frame>();
    let receive = Arc::new(Mutex::new(receive));
    for _ in 0..THREADS {
        let (table, replies, receive) = (Arc::clone(&table), Arc::clone(&replies), Arc::clone(&receive));
        std::thread::Builder::new().spawn(move || answer_all(&*table, &replies, &receive))?;
    }
    while let Some(request) = Frame::read(&mut socket)? {
        if send.send(request).is_err() {
            break;
        }
    }
    Ok(())
}

fn answer_all(table: &dyn Backend, replies: &Mutex<UnixStream>, requests: &Mutex<Receiver<Frame>>) {
    loop {
        let request = requests.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(request) = request else { return };
        let mut say = Say::default();
        let found = match request.field(0) {
            LOOKUP => table.lookup(request.field(1), &mut say),
            _ => Err(TableError::new("unknown request")),
        };
        let (status, text): (&[u8], BString) = match found {
            Ok(Some(value)) => (FOUND, value),
            Ok(None) => (NOT_FOUND, BString::default()),
            Err(error) => (FAILED, error.to_string().into()),
        };
        let mut fields = vec![status.into(), text];
        fields.extend(say.0);
        let mut replies = replies.lock().unwrap_or_else(PoisonError::into_inner);
        if (Frame { number: request.number, fields }).write(&mut *replies).is_err() {
            return;
        }
    }
}

/// Becomes the user and group that the daemon named, for good.
fn give_up_rights(open: &Frame) -> Result<(), String> {
    let number = |index: usize| open.field(index).to_str().ok().and_then(|text| text.parse::<u32>().ok());
    let (Some(uid), Some(gid)) = (number(1), number(2)) else { return Ok(()) };
    sys::user::become_for_good(&sys::user::Identity::plain(uid, gid))
        .map_err(|error| format!("cannot become user {uid}: {}", sys::errno_text(&error)))
}
