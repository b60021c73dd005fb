//! `unix:` – the user and group databases – and `nis:`, which is off without a NIS domain.

use std::sync::Arc;

use bstr::BString;

use crate::registry::{Spec, TableType};
use crate::table::{Flags, OpenError, Owner, Table, TableError};

/// The row of `unix:passwd.byname` and `unix:group.byname`.
pub const UNIX: TableType = TableType { name: "unix", open, can_create: false };
/// The row of `nis:`: distributions name it in the default of alias_maps.
pub const NIS: TableType = TableType { name: "nis", open: open_nis, can_create: false };

struct Database {
    kind: Entries,
    /// Keys are looked up in lower case.
    folds: bool,
}

enum Entries {
    Users,
    Groups,
}

fn open(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let kind = match spec.name {
        "passwd.byname" => Entries::Users,
        "group.byname" => Entries::Groups,
        _ => return Err(OpenError::Unavailable(format!("unknown table: {}", spec.text))),
    };
    Ok(Arc::new(Database { kind, folds: spec.flags.has(Flags::FOLD) }))
}

impl Table for Database {
    fn lookup(&self, key: &[u8]) -> Result<Option<BString>, TableError> {
        let Ok(name) = std::str::from_utf8(key) else { return Ok(None) };
        let name = if self.folds { name.to_lowercase() } else { name.to_owned() };
        let name = name.as_str();
        if name.is_empty() {
            return Ok(None);
        }
        let failed = |e: std::io::Error| TableError::new(sys::errno_text(&e));
        Ok(match self.kind {
            Entries::Users => sys::user::by_name(name).map_err(failed)?.map(|user| {
                let (home, shell) = (user.home.display(), user.shell.display());
                BString::from(format!(
                    "{}:x:{}:{}:{}:{home}:{shell}",
                    user.name, user.uid, user.gid, user.gecos
                ))
            }),
            Entries::Groups => sys::user::group_entry(name)
                .map_err(failed)?
                .map(|(gid, members)| BString::from(format!("{name}:x:{gid}:{}", members.join(",")))),
        })
    }

    fn owner(&self) -> Owner {
        Owner::Trusted
    }
}

struct Disabled;

fn open_nis(spec: &Spec<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let domain = std::fs::read_to_string("/proc/sys/kernel/domainname").unwrap_or_default();
    if matches!(domain.trim(), "" | "(none)") {
        log::warning!("dict_nis_init: NIS domain name not set - NIS lookups disabled");
        return Ok(Arc::new(Disabled));
    }
    Err(OpenError::Unavailable(format!("{}: NIS lookups are not implemented in this build", spec.text)))
}

impl Table for Disabled {
    fn lookup(&self, _key: &[u8]) -> Result<Option<BString>, TableError> {
        // compat: without a domain nothing is found, and that is no error.
        Ok(None)
    }

    fn owner(&self) -> Owner {
        Owner::Trusted
    }
}

#[cfg(test)]
mod tests {
    use crate::{Flags, open};

    #[test]
    fn users_and_groups() {
        let users = open("unix:passwd.byname", Flags::LOOKUP).unwrap();
        assert!(users.lookup(b"root").unwrap().unwrap().starts_with(b"root:x:0:0:"));
        assert_eq!(users.lookup(b"no-such-user").unwrap(), None);
        let folding = open("unix:passwd.byname", Flags::FOLD).unwrap();
        assert!(folding.lookup(b"ROOT").unwrap().is_some());
        let groups = open("unix:group.byname", Flags::LOOKUP).unwrap();
        assert!(groups.lookup(b"root").unwrap().unwrap().starts_with(b"root:x:0:"));
        assert!(open("unix:shadow", Flags::LOOKUP).is_err());
    }
}
