//! Users, groups, and who this process is.

use std::io;
use std::path::PathBuf;

use nix::unistd::{Gid, Uid};

/// A row of the user database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    pub gecos: String,
    pub home: PathBuf,
    pub shell: PathBuf,
}

/// What a process takes on to act for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub uid: u32,
    pub gid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
}

/// Looks a user up by name: `Ok(None)` when there is none, an error when the database fails.
pub fn by_name(name: &str) -> io::Result<Option<User>> {
    if name.contains('\0') {
        return Ok(None);
    }
    Ok(nix::unistd::User::from_name(name)?.map(User::from))
}

/// Looks a user up by number.
pub fn by_uid(uid: u32) -> io::Result<Option<User>> {
    Ok(nix::unistd::User::from_uid(Uid::from_raw(uid))?.map(User::from))
}

/// A group's number by name.
pub fn group_by_name(name: &str) -> io::Result<Option<u32>> {
    if name.contains('\0') {
        return Ok(None);
    }
    Ok(nix::unistd::Group::from_name(name)?.map(|g| g.gid.as_raw()))
}

/// A group's number and members by name.
pub fn group_entry(name: &str) -> io::Result<Option<(u32, Vec<String>)>> {
    if name.contains('\0') {
        return Ok(None);
    }
    Ok(nix::unistd::Group::from_name(name)?.map(|g| (g.gid.as_raw(), g.mem)))
}

/// A group's name by number.
pub fn group_by_gid(gid: u32) -> io::Result<Option<String>> {
    Ok(nix::unistd::Group::from_gid(Gid::from_raw(gid))?.map(|g| g.name))
}

impl From<nix::unistd::User> for User {
    fn from(u: nix::unistd::User) -> User {
        User {
            name: u.name,
            uid: u.uid.as_raw(),
            gid: u.gid.as_raw(),
            gecos: u.gecos.to_string_lossy().into_owned(),
            home: u.dir,
            shell: u.shell,
        }
    }
}

impl Identity {
    /// The user with all groups of the group database.
    pub fn of(user: &User) -> io::Result<Identity> {
        let name = std::ffi::CString::new(user.name.as_str()).map_err(|_| crate::nul_error())?;
        let groups = nix::unistd::getgrouplist(&name, Gid::from_raw(user.gid))?;
        Ok(Identity { uid: user.uid, gid: user.gid, groups: groups.into_iter().map(Gid::as_raw).collect() })
    }

    /// These ids and no other group.
    pub fn plain(uid: u32, gid: u32) -> Identity {
        Identity { uid, gid, groups: vec![gid] }
    }
}

/// The real user id.
pub fn real_uid() -> u32 {
    nix::unistd::getuid().as_raw()
}

/// The effective user id.
pub fn effective_uid() -> u32 {
    nix::unistd::geteuid().as_raw()
}

/// The real group id.
pub fn real_gid() -> u32 {
    nix::unistd::getgid().as_raw()
}

/// The effective group id.
pub fn effective_gid() -> u32 {
    nix::unistd::getegid().as_raw()
}

/// Becomes `identity` for good: groups, group, user, with no way back.
pub fn become_for_good(identity: &Identity) -> io::Result<()> {
    let groups: Vec<Gid> = identity.groups.iter().copied().map(Gid::from_raw).collect();
    if effective_uid() != 0 {
        nix::unistd::seteuid(Uid::from_raw(0))?;
    }
    nix::unistd::setgroups(&groups)?;
    let (uid, gid) = (Uid::from_raw(identity.uid), Gid::from_raw(identity.gid));
    nix::unistd::setresgid(gid, gid, gid)?;
    nix::unistd::setresuid(uid, uid, uid)?;
    if identity.uid != 0 && nix::unistd::seteuid(Uid::from_raw(0)).is_ok() {
        return Err(io::Error::other("privileges could be taken back"));
    }
    Ok(())
}

/// Takes an identity as the effective one; the real user stays root, so that
/// [`become_effective`] can change it again. For single-threaded agents.
pub fn become_effective(identity: &Identity) -> io::Result<()> {
    let groups: Vec<Gid> = identity.groups.iter().copied().map(Gid::from_raw).collect();
    if effective_uid() != 0 {
        nix::unistd::seteuid(Uid::from_raw(0))?;
    }
    nix::unistd::setegid(Gid::from_raw(identity.gid))?;
    nix::unistd::setgroups(&groups)?;
    nix::unistd::seteuid(Uid::from_raw(identity.uid))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_known() {
        let root = by_name("root").unwrap().unwrap();
        assert_eq!((root.uid, root.gid), (0, 0));
        assert_eq!(by_uid(0).unwrap().unwrap().name, "root");
        assert_eq!(by_name("no-such-user").unwrap(), None);
        assert!(Identity::of(&root).unwrap().groups.contains(&0));
        assert_eq!(group_by_name("root").unwrap(), Some(0));
    }
}
