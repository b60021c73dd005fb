//! Table servers that answer anything: tcp, socketmap, memcache.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::sync::{LazyLock, Mutex, PoisonError};

use tables::Flags;

use crate::Target;
use crate::files::scratch;
use crate::input::{Input, texts};

pub const TARGET: Target = Target {
    name: "table-servers",
    about: "tcp, socketmap and memcache servers: any reply is an answer or an error, at once",
    check,
    seeds: || {
        texts(&[
            "\x00200 a%20b\n",
            "\x00500 no\n400 later\n",
            "\x0118:OK somebody@d.test,",
            "\x019:NOTFOUND ,",
            "\x0110:TEMP later,",
            "\x02VALUE k 0 5\r\nhello\r\nEND\r\n",
            "\x02END\r\n",
            "\x02VALUE k 0 99999999999\r\nx",
        ])
    },
};

/// What the servers say to whoever asks, before they hang up.
static REPLY: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The three tables, whose servers run for as long as this process does.
static TABLES: LazyLock<[String; 3]> = LazyLock::new(|| {
    let inet = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = inet.local_addr().expect("an address").port();
    std::thread::spawn(move || inet.incoming().flatten().for_each(serve));
    let path = scratch("server");
    let _ = std::fs::remove_file(&path);
    let unix = UnixListener::bind(&path).expect("a socket");
    std::thread::spawn(move || unix.incoming().flatten().for_each(serve));
    let file = scratch("memcache.cf");
    let settings = format!("memcache = unix:{path}\nretry_pause = 0\nmax_try = 1\ntimeout = 2\n");
    std::fs::write(&file, settings).expect("a file");
    [format!("tcp:127.0.0.1:{port}"), format!("socketmap:unix:{path}:name"), format!("memcache:{file}")]
});

fn serve(mut client: impl Read + Write) {
    let mut request = [0; 4096];
    if client.read(&mut request).is_ok_and(|count| count > 0) {
        let reply = REPLY.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let _ = client.write_all(&reply);
    }
}

fn check(bytes: &[u8]) {
    // One process has one set of servers, which serve one check at a time.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut input = Input::new(bytes);
    let which = usize::from(input.byte() % 3);
    *REPLY.lock().unwrap_or_else(PoisonError::into_inner) = input.rest.to_vec();
    let Some(name) = TABLES.get(which) else { return };
    let table = tables::open(name, Flags::LOOKUP).unwrap_or_else(|why| panic!("{why}"));
    for _ in 0..2 {
        if let Ok(Some(value)) = table.lookup(b"k") {
            assert!(!value.is_empty() || bytes.len() > 1, "an answer comes from the server");
            assert!(value.len() <= bytes.len(), "and is no longer than what it said");
        }
    }
}
