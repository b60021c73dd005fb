//! The way to a log service: a datagram socket that all threads share, that finds a restarted server again,
//! and that holds up at most one session at a time.
//!
//! Such a socket takes few records (`net.unix.max_dgram_qlen`, usually 10) before it is full. The thread that
//! finds it full waits for room; the others leave their records with it and go on. Where the service takes
//! several lines in a datagram, what has gathered goes in one.

use std::collections::VecDeque;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};
use std::time::Duration;

/// How long a thread waits for room. After such a wait records are dropped, and counted, for a second.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bytes that may wait in memory.
const GATHERED_MOST: usize = 256 * 1024;

/// What postlogd takes in a datagram.
const DATAGRAM_MOST: usize = 4000;

/// May several records go in one datagram?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joining {
    /// As lines.
    Lines,
    /// No.
    Single,
}

/// See the module.
pub(crate) struct Wire {
    paths: Vec<PathBuf>,
    joining: Joining,
    socket: RwLock<Option<Arc<UnixDatagram>>>,
    gathered: Mutex<Gathered>,
    /// Somebody waits for room, so that the others need not even try.
    waiting: AtomicBool,
    stuck_until: AtomicI64,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Gathered {
    records: VecDeque<Vec<u8>>,
    bytes: usize,
    /// A thread is sending these.
    led: bool,
}

impl Wire {
    /// Connects at once, so that a later chroot does not matter; `paths` are tried in order, then and later.
    pub(crate) fn new(paths: Vec<PathBuf>, joining: Joining) -> Wire {
        let socket = paths.iter().find_map(|path| connect(path).ok());
        Wire {
            paths,
            joining,
            socket: RwLock::new(socket),
            gathered: Mutex::default(),
            waiting: AtomicBool::new(false),
            stuck_until: AtomicI64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Sends one record. `Err` means that nobody listens; a record dropped because the server is stuck counts as sent.
    pub(crate) fn send(&self, record: &[u8]) -> io::Result<()> {
        if sys::clock::now() < self.stuck_until.load(Ordering::Relaxed) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        if !self.waiting.load(Ordering::Acquire) {
            match self.try_send(record) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
        let mut gathered = self.gathered();
        if gathered.bytes > GATHERED_MOST {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        gathered.bytes = gathered.bytes.saturating_add(record.len());
        gathered.records.push_back(record.to_vec());
        if gathered.led {
            return Ok(());
        }
        gathered.led = true;
        // Under the lock: nobody's next record may overtake one that he left here.
        self.waiting.store(true, Ordering::Release);
        drop(gathered);
        self.lead()
    }

    /// The number of records dropped since the last call: the next line may report it.
    pub(crate) fn take_dropped(&self) -> u64 {
        // Most lines find zero: a plain load keeps the cache line shared.
        if self.dropped.load(Ordering::Relaxed) == 0
            || sys::clock::now() < self.stuck_until.load(Ordering::Relaxed)
        {
            return 0;
        }
        self.dropped.swap(0, Ordering::Relaxed)
    }

    /// Sends what has gathered, and what gathers meanwhile.
    fn lead(&self) -> io::Result<()> {
        loop {
            let mut gathered = self.gathered();
            let batch = gathered.take(self.joining);
            if batch.is_empty() {
                gathered.led = false;
                // Under the lock: whoever adds a record from now on sees that nobody leads.
                self.waiting.store(false, Ordering::Release);
                return Ok(());
            }
            drop(gathered);
            let outcome = self.send_patiently(&batch);
            let Err(error) = outcome else { continue };
            let mut gathered = self.gathered();
            let lost = u64::try_from(gathered.records.len()).unwrap_or(u64::MAX).saturating_add(1);
            *gathered = Gathered::default();
            self.waiting.store(false, Ordering::Release);
            if error.kind() != io::ErrorKind::WouldBlock {
                return Err(error);
            }
            self.dropped.fetch_add(lost, Ordering::Relaxed);
            self.stuck_until.store(sys::clock::now().saturating_add(2), Ordering::Relaxed);
            return Ok(());
        }
    }

    fn send_patiently(&self, record: &[u8]) -> io::Result<()> {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            match self.try_send(record) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let left = end.saturating_duration_since(std::time::Instant::now());
                    let socket = self.connected().filter(|_| !left.is_zero()).ok_or(error)?;
                    sys::poll::writable(&*socket, Some(left))?;
                }
                other => return other,
            }
        }
    }

    /// Without waiting; connects anew where the connection is lost.
    fn try_send(&self, record: &[u8]) -> io::Result<()> {
        let kept = self.connected();
        let outcome = match &kept {
            Some(socket) => send(socket, record),
            None => Err(io::ErrorKind::NotConnected.into()),
        };
        match outcome {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                self.reconnect(kept).and_then(|socket| send(&socket, record))
            }
            other => other,
        }
    }

    fn connected(&self) -> Option<Arc<UnixDatagram>> {
        self.socket.read().ok().and_then(|socket| socket.clone())
    }

    fn reconnect(&self, failed: Option<Arc<UnixDatagram>>) -> io::Result<Arc<UnixDatagram>> {
        let Ok(mut slot) = self.socket.write() else { return Err(io::ErrorKind::NotConnected.into()) };
        // Another thread may have been here first.
        match (&*slot, &failed) {
            (Some(current), Some(old)) if !Arc::ptr_eq(current, old) => return Ok(current.clone()),
            (Some(current), None) => return Ok(current.clone()),
            _ => {}
        }
        let mut outcome = Err(io::ErrorKind::NotFound.into());
        for path in &self.paths {
            outcome = connect(path);
            if outcome.is_ok() {
                break;
            }
        }
        *slot = outcome.as_ref().ok().cloned();
        outcome
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        // A panic between these lines leaves at worst a record unsent.
        self.gathered.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Gathered {
    /// The next datagram; empty when there is nothing.
    fn take(&mut self, joining: Joining) -> Vec<u8> {
        let Some(mut batch) = self.records.pop_front() else {
            self.bytes = 0;
            return Vec::new();
        };
        if joining == Joining::Lines {
            while self
                .records
                .front()
                .is_some_and(|next| batch.len().saturating_add(next.len()) < DATAGRAM_MOST)
            {
                batch.push(b'\n');
                batch.extend(self.records.pop_front().unwrap_or_default());
            }
        }
        self.bytes = self.bytes.saturating_sub(batch.len());
        batch
    }
}

fn connect(path: &Path) -> io::Result<Arc<UnixDatagram>> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    socket.set_nonblocking(true)?;
    Ok(Arc::new(socket))
}

fn send(socket: &UnixDatagram, record: &[u8]) -> io::Result<()> {
    loop {
        match socket.send(record) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn listener(name: &str) -> (PathBuf, UnixDatagram) {
        let path = std::env::temp_dir().join(format!("{name}.{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        (path, socket)
    }

    fn receive(socket: &UnixDatagram) -> String {
        let mut record = [0; 8192];
        let length = socket.recv(&mut record).unwrap();
        String::from_utf8(record[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_restarted_server_is_found_again() {
        let (path, first) = listener("wire-restart");
        let wire = Wire::new(vec![path.clone()], Joining::Single);
        wire.send(b"one").unwrap();
        assert_eq!(receive(&first), "one");
        drop(first);
        std::fs::remove_file(&path).unwrap();
        assert!(wire.send(b"lost").is_err());
        let (path, second) = listener("wire-restart");
        wire.send(b"two").unwrap();
        assert_eq!(receive(&second), "two");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_stuck_server_costs_one_wait_and_a_count() {
        let (path, server) = listener("wire-stuck");
        let wire = Wire::new(vec![path.clone()], Joining::Lines);
        let began = Instant::now();
        for _ in 0..3000 {
            wire.send(b"x").unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert!(wire.dropped.load(Ordering::Relaxed) > 0);
        drop(server);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_slow_server_loses_nothing_and_holds_up_one_thread() {
        const THREADS: usize = 8;
        const EACH: usize = 400;
        let (path, server) = listener("wire-slow");
        let wire = Arc::new(Wire::new(vec![path.clone()], Joining::Lines));
        let senders: Vec<_> = (0..THREADS)
            .map(|thread| {
                let wire = wire.clone();
                std::thread::spawn(move || {
                    (0..EACH).for_each(|n| wire.send(format!("{thread} {n}").as_bytes()).unwrap());
                })
            })
            .collect();
        let mut next = [0; THREADS];
        let (mut lines, mut datagrams) = (0, 0);
        while lines < THREADS * EACH {
            std::thread::sleep(Duration::from_micros(200));
            datagrams += 1;
            for line in receive(&server).lines() {
                let (thread, n) = line.split_once(' ').unwrap();
                let (thread, n): (usize, usize) = (thread.parse().unwrap(), n.parse().unwrap());
                // Each thread's own order is kept.
                assert_eq!(next[thread], n);
                next[thread] += 1;
                lines += 1;
            }
        }
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        assert!(datagrams < lines / 2, "{datagrams} datagrams for {lines} lines");
        std::fs::remove_file(path).unwrap();
    }
}
