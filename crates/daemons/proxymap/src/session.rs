//! One client: requests and replies until it closes.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use bstr::BString;
use ipc::Peer;
use ipc::proxymap::{Changed, Found, Opened, PROTOCOL, Pair, Request, Table as Wanted, stat};
use tables::{Kind, OpenError, Table, wire};

use crate::Service;

/// Tables that this client has asked for; [`tables`] shares them among clients.
#[derive(Default)]
struct Client {
    open: HashMap<(BString, i32), Arc<dyn Table>>,
    /// Where a walk through a writable table stands.
    walks: HashMap<BString, BString>,
}

/// Serves a client to the end of its connection.
pub fn serve(service: &Service, peer: &mut Peer) -> io::Result<()> {
    let mut client = Client::default();
    peer.announce(PROTOCOL)?;
    while let Some(request) = peer.next_message()? {
        match request {
            Request::Open { table, instance_flags } => {
                peer.send(&client.opened(service, &table, instance_flags))?
            }
            Request::Lookup { table, key } => peer.send(&client.found(service, &table, &key))?,
            Request::Update { table, key, value } => {
                peer.send(&Changed {
                    status: change(service, &table, |store| store.put(&key, &value).map(|()| true)),
                    flags: wire::opened(table.instance_flags | table.flags, Kind::Fixed),
                })?;
            }
            Request::Delete { table, key } => {
                peer.send(&Changed {
                    status: change(service, &table, |store| store.delete(&key)),
                    flags: wire::opened(table.instance_flags | table.flags, Kind::Fixed),
                })?;
            }
            Request::Sequence { table, function } => peer.send(&client.step(service, &table, function))?,
        }
    }
    Ok(())
}

/// Why a table cannot be used, as the protocol says it.
type Refusal = i32;

impl Client {
    fn table(&mut self, service: &Service, name: &BString, flags: i32) -> Result<Arc<dyn Table>, Refusal> {
        let approved = service.approved.check(name).ok_or(stat::DENY)?;
        if let Some(table) = self.open.get(&(name.clone(), flags)).filter(|table| !table.changed()) {
            return Ok(Arc::clone(table));
        }
        match tables::open(approved, wire::decode(flags)) {
            Ok(table) => {
                self.open.insert((name.clone(), flags), Arc::clone(&table));
                Ok(table)
            }
            Err(OpenError::Unavailable(why)) => {
                // Not kept: the table may be there when it is asked for next.
                log::warning!("{approved} is unavailable. {why}");
                Err(stat::RETRY)
            }
            Err(OpenError::Config(why)) => {
                log::warning!("{why}");
                Err(stat::CONFIG)
            }
        }
    }

    fn opened(&mut self, service: &Service, name: &BString, flags: i32) -> Opened {
        if service.writable.is_some() {
            let status = if service.approved.check(name).is_some() { stat::OK } else { stat::DENY };
            return Opened { status, flags: wire::opened(flags, Kind::Fixed) };
        }
        match self.table(service, name, flags) {
            Ok(table) => Opened { status: stat::OK, flags: wire::opened(flags, table.kind()) },
            // compat: a table that is away opens, and fails when it is asked.
            Err(stat::RETRY) => Opened { status: stat::OK, flags: wire::opened(flags, Kind::Fixed) },
            Err(status) => Opened { status, flags: 0 },
        }
    }

    fn found(&mut self, service: &Service, wanted: &Wanted, key: &BString) -> Found {
        let requested = wanted.instance_flags | wanted.flags;
        let reply = |status, kind, value| Found { status, flags: wire::opened(requested, kind), value };
        let not = |status| reply(status, Kind::Fixed, BString::default());
        if let Some(stores) = &service.writable {
            let Some(approved) = service.approved.check(&wanted.table) else { return not(stat::DENY) };
            return match stores.with(approved, |store| store.get(key)) {
                Ok(Some(value)) => reply(stat::OK, Kind::Fixed, value),
                Ok(None) => not(stat::NO_KEY),
                Err(()) => not(stat::RETRY),
            };
        }
        let table = match self.table(service, &wanted.table, requested) {
            Ok(table) => table,
            Err(status) => return not(status),
        };
        match table.lookup(key) {
            Ok(Some(value)) => reply(stat::OK, table.kind(), value),
            Ok(None) => reply(stat::NO_KEY, table.kind(), BString::default()),
            Err(error) => {
                log::warning!("{} lookup error for \"{:.100}\": {error}", wanted.table, key.to_string());
                reply(stat::RETRY, table.kind(), BString::default())
            }
        }
    }

    /// The first entry, or the one behind the last that was given.
    fn step(&mut self, service: &Service, wanted: &Wanted, function: i32) -> Pair {
        let flags = wire::opened(wanted.instance_flags | wanted.flags, Kind::Fixed);
        let not = |status| Pair { status, flags, key: BString::default(), value: BString::default() };
        let Some(approved) = service.approved.check(&wanted.table) else { return not(stat::DENY) };
        let Some(stores) = &service.writable else { return not(stat::DENY) };
        let after = if function == 0 { None } else { self.walks.get(&wanted.table) };
        match stores.with(approved, |store| store.next(after.map(|key| key.as_slice()))) {
            Ok(Some((key, value))) => {
                self.walks.insert(wanted.table.clone(), key.clone());
                Pair { status: stat::OK, flags, key, value }
            }
            Ok(None) => not(stat::NO_KEY),
            Err(()) => not(stat::RETRY),
        }
    }
}

fn change(
    service: &Service,
    wanted: &Wanted,
    work: impl FnOnce(&cache::Cache) -> Result<bool, cache::CacheError>,
) -> i32 {
    let Some(stores) = &service.writable else {
        log::warning!("refusing update of {}: this service only reads", wanted.table);
        return stat::DENY;
    };
    let Some(approved) = service.approved.check(&wanted.table) else { return stat::DENY };
    match stores.with(approved, work) {
        Ok(true) => stat::OK,
        Ok(false) => stat::NO_KEY,
        Err(()) => stat::RETRY,
    }
}
