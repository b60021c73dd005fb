//! proxymap(8): opens lookup tables for programs that cannot (chroot) or should not each (connection counts).
//! Service `proxymap` reads the tables that proxy_read_maps approves, `proxywrite` those of proxy_write_maps.

mod approval;
mod session;
mod stores;

use std::process::ExitCode;

use config::ConfigError;
use config::params::{
    DEFAULT_DATABASE_TYPE, LMDB_MAP_SIZE, PROXY_READ_MAPS, PROXY_WRITE_MAPS, PROXYMAP_SERVICE_NAME,
    PROXYWRITE_SERVICE_NAME, SMTPUTF8_ENABLE,
};
use daemon::{Context, Setup};
use ipc::Peer;

use crate::approval::Approved;
use crate::stores::Stores;

/// What all sessions share.
struct Service {
    approved: Approved,
    /// Set in the writing service only.
    writable: Option<Stores>,
}

fn main() -> ExitCode {
    daemon::sessions("proxymap")
        .many()
        .parameters(&[
            PROXY_READ_MAPS.into(),
            PROXY_WRITE_MAPS.into(),
            PROXYMAP_SERVICE_NAME.into(),
            PROXYWRITE_SERVICE_NAME.into(),
            DEFAULT_DATABASE_TYPE.into(),
            LMDB_MAP_SIZE.into(),
            SMTPUTF8_ENABLE.into(),
        ])
        .before_jail(open)
        .serve(serve)
}

fn open(setup: &Setup) -> Result<Service, ConfigError> {
    let cf = setup.config;
    let writing = setup.service == cf.get(PROXYWRITE_SERVICE_NAME);
    let parameter = if writing { PROXY_WRITE_MAPS } else { PROXY_READ_MAPS };
    let service = if writing { PROXYWRITE_SERVICE_NAME } else { PROXYMAP_SERVICE_NAME };
    Ok(Service {
        approved: Approved::new(cf, parameter, cf.get(service)),
        writable: writing.then(Stores::default),
    })
}

fn serve(cx: &Context<Service>, stream: net::Stream) {
    let mut peer = Peer::from(stream);
    if let Err(error) = session::serve(&cx.state, &mut peer) {
        log::debug!("proxymap client: {}", sys::errno_text(&error));
    }
}
