//! The users and groups of main.cf: they exist, are not root's, and are not shared.

use crate::params::{DEFAULT_PRIVS, MAIL_OWNER, SETGID_GROUP};
use crate::{Config, ConfigError};

/// Checks default_privs, mail_owner and setgid_group as the reference does before anything else. Without root's
/// rights there is nobody else to become, and only mail_owner has to exist.
pub fn check(cf: &Config) -> Result<(), ConfigError> {
    let say = |text: String| ConfigError::new(format!("file {}/main.cf: {text}", cf.directory().display()));
    let owner = || user("mail_owner", cf.try_get(MAIL_OWNER)?).map_err(say);
    if sys::user::effective_uid() != 0 {
        return owner().map(|_| ());
    }
    let other = user("default_privs", cf.try_get(DEFAULT_PRIVS)?).map_err(say)?;
    unprivileged("default_privs", &other).map_err(say)?;
    let owner = owner()?;
    unprivileged("mail_owner", &owner).map_err(say)?;
    owner_is_the_first(cf, &owner).map_err(say)?;
    let group = group(cf.try_get(SETGID_GROUP)?).map_err(say)?;
    distinct(&owner, &other, &group).map_err(say)
}

struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

struct Group {
    name: String,
    gid: u32,
}

fn user(parameter: &str, name: &str) -> Result<Account, String> {
    let failed = |e: std::io::Error| format!("parameter {parameter}: {name}: {}", sys::errno_text(&e));
    let Some(found) = sys::user::by_name(name).map_err(failed)? else {
        return Err(format!("parameter {parameter}: unknown user name value: {name}"));
    };
    Ok(Account { name: name.into(), uid: found.uid, gid: found.gid })
}

/// mail_owner must be nobody else's other name. (Of default_privs the reference does not ask it.)
fn owner_is_the_first(cf: &Config, owner: &Account) -> Result<(), String> {
    if !cf.is_set("mail_owner") {
        return Ok(());
    }
    let failed = |e: std::io::Error| format!("parameter mail_owner: {}: {}", owner.name, sys::errno_text(&e));
    match sys::user::by_uid(owner.uid).map_err(failed)? {
        Some(first) if first.name != owner.name => Err(format!(
            "parameter mail_owner: user {} has the same user ID {} as user {}",
            owner.name, owner.uid, first.name
        )),
        _ => Ok(()),
    }
}

fn group(name: &str) -> Result<Group, String> {
    let failed = |e: std::io::Error| format!("parameter setgid_group: {name}: {}", sys::errno_text(&e));
    let Some(gid) = sys::user::group_by_name(name).map_err(failed)? else {
        return Err(format!("parameter setgid_group: unknown group name: {name}"));
    };
    if gid == 0 {
        return Err(format!("parameter setgid_group: group {name} has privileged group ID"));
    }
    match sys::user::group_by_gid(gid).map_err(failed)? {
        Some(first) if first != name => {
            Err(format!("parameter setgid_group: group {name} has the same group ID {gid} as group {first}"))
        }
        _ => Ok(Group { name: name.into(), gid }),
    }
}

fn unprivileged(parameter: &str, user: &Account) -> Result<(), String> {
    let what = match (user.uid, user.gid) {
        (0, _) => "user",
        (_, 0) => "group",
        _ => return Ok(()),
    };
    Err(format!("parameter {parameter}: user {} has privileged {what} ID", user.name))
}

fn distinct(owner: &Account, other: &Account, group: &Group) -> Result<(), String> {
    let both = "parameters default_privs and mail_owner";
    if owner.name == other.name {
        return Err(format!("{both} specify the same user {}", owner.name));
    }
    let (o, p) = (&owner.name, &other.name);
    if owner.uid == other.uid {
        return Err(format!("{both}: users {p} and {o} have the same user ID: {}", owner.uid));
    }
    if owner.gid == other.gid {
        return Err(format!("{both}: users {p} and {o} have the same group ID: {}", owner.gid));
    }
    for (parameter, user) in [("default_privs", other), ("mail_owner", owner)] {
        if user.gid == group.gid {
            return Err(format!(
                "parameters {parameter} and setgid_group: user {} and group {} have the same group ID: {}",
                user.name, group.name, group.gid
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, uid: u32, gid: u32) -> Account {
        Account { name: name.into(), uid, gid }
    }

    #[test]
    fn sharing_is_refused() {
        let group = Group { name: "postdrop".into(), gid: 12 };
        for (owner, other, why) in [
            (account("postfix", 10, 10), account("nobody", 11, 11), None),
            (
                account("a", 10, 10),
                account("a", 10, 10),
                Some("parameters default_privs and mail_owner specify the same user a"),
            ),
            (
                account("a", 10, 10),
                account("b", 10, 11),
                Some("parameters default_privs and mail_owner: users b and a have the same user ID: 10"),
            ),
            (
                account("a", 10, 10),
                account("b", 11, 10),
                Some("parameters default_privs and mail_owner: users b and a have the same group ID: 10"),
            ),
            (
                account("a", 10, 12),
                account("b", 11, 11),
                Some(
                    "parameters mail_owner and setgid_group: user a and group postdrop have the same group ID: 12",
                ),
            ),
        ] {
            assert_eq!(distinct(&owner, &other, &group).err().as_deref(), why);
        }
        assert!(unprivileged("mail_owner", &account("root", 0, 0)).is_err());
    }

    #[test]
    fn unknown_users_are_named() {
        let cf = Config::from_pairs(&[("mail_owner", "no-such-user")]);
        assert_eq!(
            check(&cf).unwrap_err().to_string(),
            "file /etc/postfix/main.cf: parameter mail_owner: unknown user name value: no-such-user"
        );
    }
}
