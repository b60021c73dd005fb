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
                    flags: 0,
                })?;
            }
            Request::Delete { table, key } => {
                peer.send(&Changed {
                    status: change(service, &table, |store| store.delete(&key)),
                    flags: 0,
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
            return Opened { status, flags: wire::FIXED };
        }
        match self.table(service, name, flags) {
            Ok(table) => Opened { status: stat::OK, flags: kind_flag(&*table) },
            // compat: a table that is away opens, and fails when it is asked.
            Err(stat::RETRY) => Opened { status: stat::OK, flags: wire::FIXED },
            Err(status) => Opened { status, flags: 0 },
        }
    }

    fn found(&mut self, service: &Service, wanted: &Wanted, key: &BString) -> Found {
        let not = |status| Found { status, flags: 0, value: BString::default() };
        if let Some(stores) = &service.writable {
            let Some(approved) = service.approved.check(&wanted.table) else { return not(stat::DENY) };
            return match stores.with(approved, |store| store.get(key)) {
                Ok(Some(value)) => Found { status: stat::OK, flags: 0, value },
                Ok(None) => not(stat::NO_KEY),
                Err(()) => not(stat::RETRY),
            };
        }
        match self
            .table(service, &wanted.table, wanted.instance_flags | wanted.flags)
            .map(|table| table.lookup(key))
        {
            Ok(Ok(Some(value))) => Found { status: stat::OK, flags: 0, value },
            Ok(Ok(None)) => not(stat::NO_KEY),
            Ok(Err(error)) => {
                log::warning!("{} lookup error for \"{:.100}\": {error}", wanted.table, key.to_string());
                not(stat::RETRY)
            }
            Err(status) => not(status),
        }
    }

    /// The first entry, or the one behind the last that was given.
    fn step(&mut self, service: &Service, wanted: &Wanted, function: i32) -> Pair {
        let not = |status| Pair { status, flags: 0, key: BString::default(), value: BString::default() };
        let Some(approved) = service.approved.check(&wanted.table) else { return not(stat::DENY) };
        let Some(stores) = &service.writable else { return not(stat::DENY) };
        let after = if function == 0 { None } else { self.walks.get(&wanted.table) };
        match stores.with(approved, |store| store.next(after.map(|key| key.as_slice()))) {
            Ok(Some((key, value))) => {
                self.walks.insert(wanted.table.clone(), key.clone());
                Pair { status: stat::OK, flags: 0, key, value }
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

fn kind_flag(table: &dyn Table) -> i32 {
    match table.kind() {
        Kind::Fixed => wire::FIXED,
        Kind::Pattern => wire::PATTERN,
    }
}
