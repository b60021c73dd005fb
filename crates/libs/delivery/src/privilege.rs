//! Acting as a recipient: the effective user and group, taken on for one piece of work.
//!
//! Under a root master(8) an agent's real user is root and its effective one the mail owner. Under an ordinary user
//! (rootless) nothing can be taken on: what needs another user than that one is refused.

use std::fmt;

use config::Config;
use config::params::MAIL_OWNER;
use sys::user::{self, Identity};

/// Who this process is when it acts for nobody, and whether it can act for others.
pub struct Privileges {
    owner: Identity,
    switching: bool,
}

/// Another user's rights are needed, and cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The user whose rights are needed.
    pub uid: u32,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "delivery as user id {} needs a mail system that is started by root", self.uid)
    }
}

impl Privileges {
    /// As master(8) started this process. Call after the runtime has dropped privileges, or before: both will do.
    pub fn new(config: &Config) -> Privileges {
        let switching = user::real_uid() == 0;
        let mine = Identity::plain(user::effective_uid(), user::effective_gid());
        let owner = match user::by_name(config.get(MAIL_OWNER)) {
            Ok(Some(owner)) if switching => {
                Identity::of(&owner).unwrap_or(Identity::plain(owner.uid, owner.gid))
            }
            _ => mine,
        };
        Privileges { owner, switching }
    }

    /// Does `work` with the rights of `uid` and `gid`, then is the mail owner again.
    pub fn run_as<R>(&self, uid: u32, gid: u32, work: impl FnOnce() -> R) -> Result<R, Refused> {
        if !self.switching {
            return if uid == user::effective_uid() { Ok(work()) } else { Err(Refused { uid }) };
        }
        take_on(&Identity::plain(uid, gid));
        let result = work();
        take_on(&self.owner);
        Ok(result)
    }

    /// Whether this process can take on other users' rights.
    pub fn can_switch(&self) -> bool {
        self.switching
    }

    /// Whether [`Privileges::run_as`] would work.
    pub fn may(&self, uid: u32) -> Result<(), Refused> {
        if self.switching || uid == user::effective_uid() { Ok(()) } else { Err(Refused { uid }) }
    }

    /// The identity for a child that acts for the user; `None` where it is this process's own anyway.
    pub fn child(&self, uid: u32, gid: u32) -> Result<Option<Identity>, Refused> {
        self.may(uid)?;
        Ok(self.switching.then(|| Identity::plain(uid, gid)))
    }
}

/// There is no going on with the wrong rights.
fn take_on(identity: &Identity) {
    if let Err(error) = user::become_effective(identity) {
        log::fatal!(
            "set effective user and group id {}/{}: {}",
            identity.uid,
            identity.gid,
            sys::errno_text(&error)
        );
    }
}
