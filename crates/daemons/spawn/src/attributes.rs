//! `user=name[:group] argv=command…`, the arguments of a spawn service in master.cf.

use sys::user::{Identity, User};

/// What to run, and as whom.
#[derive(Debug, PartialEq, Eq)]
pub struct Attributes {
    /// The command's identity; `None` when this process already is that user and cannot be another.
    pub identity: Option<Identity>,
    /// The command.
    pub argv: Vec<String>,
}

/// Reads the attributes; an error is the text of a complaint. Neither root nor the mail system's own user may run a command.
pub fn parse(arguments: &[String], owner: &User, rootless: bool) -> Result<Attributes, String> {
    let mut ids = None;
    let mut arguments = arguments.iter();
    let argv = loop {
        let Some(argument) = arguments.next() else { return Err("missing argv= attribute".into()) };
        let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
        if name.eq_ignore_ascii_case("user") {
            ids = Some(look_up(value)?);
        } else if name.eq_ignore_ascii_case("argv") {
            break std::iter::once(value.to_owned()).chain(arguments.by_ref().cloned()).collect::<Vec<_>>();
        } else {
            return Err(format!("unknown attribute name: {argument}"));
        }
    };
    let (uid, gid) = ids.ok_or("missing user= attribute")?;
    if rootless {
        let own = sys::user::effective_uid();
        return if uid == own {
            Ok(Attributes { identity: None, argv })
        } else {
            Err(format!("without the superuser's privileges commands run as user {own} only, not as {uid}"))
        };
    }
    if uid == 0 {
        return Err("request to deliver as root".into());
    }
    if uid == owner.uid {
        return Err("request to deliver as mail system owner".into());
    }
    if gid == 0 {
        return Err(format!("request to use privileged group id {gid}"));
    }
    if gid == owner.gid {
        return Err(format!("request to use mail system owner group id {gid}"));
    }
    if uid == u32::MAX || gid == u32::MAX {
        return Err("user and group must not have ID -1".into());
    }
    Ok(Attributes { identity: Some(Identity::plain(uid, gid)), argv })
}

fn look_up(value: &str) -> Result<(u32, u32), String> {
    let (name, group) = value.split_once(':').unwrap_or((value, ""));
    let user =
        sys::user::by_name(name).map_err(|error| format!("user {name}: {}", sys::errno_text(&error)))?;
    let user = user.ok_or_else(|| format!("unknown user name: {name}"))?;
    if group.is_empty() {
        return Ok((user.uid, user.gid));
    }
    let gid = sys::user::group_by_name(group)
        .map_err(|error| format!("group {group}: {}", sys::errno_text(&error)))?;
    Ok((user.uid, gid.ok_or_else(|| format!("unknown group name: {group}"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_run_what() {
        let owner = sys::user::by_name("daemon").unwrap().unwrap();
        let parsed = |text: &str| {
            let arguments: Vec<String> = text.split(' ').map(String::from).collect();
            parse(&arguments, &owner, false)
        };
        let good = parsed("user=nobody argv=/bin/cat -n").unwrap();
        assert_eq!(good.argv, ["/bin/cat", "-n"]);
        assert!(good.identity.is_some());
        for (text, complaint) in [
            ("user=root argv=/bin/cat", "as root"),
            ("user=daemon argv=/bin/cat", "mail system owner"),
            ("user=nobody:root argv=/bin/cat", "privileged group"),
            ("argv=/bin/cat", "missing user="),
            ("user=nobody", "missing argv="),
            ("user=no-such-user argv=x", "unknown user name"),
            ("flags=R argv=x", "unknown attribute name"),
        ] {
            let text = parsed(text).unwrap_err();
            assert!(text.contains(complaint), "{text}");
        }
    }
}
