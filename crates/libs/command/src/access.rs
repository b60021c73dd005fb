//! Which users may use a tool: `authorized_submit_users` and its like.

use tables::{Against, MatchList, OpenError, Parents, TableError};

/// Whether the user with this id is on `list` (a parameter's value: names, files, tables, `!`).
/// A user without a name is listed as `unknown`.
pub fn is_listed(title: &str, list: &str, uid: u32) -> Result<bool, String> {
    if list.trim() == "static:anyone" {
        return Ok(true);
    }
    let name = sys::user::by_uid(uid).ok().flatten().map_or_else(|| "unknown".to_owned(), |user| user.name);
    let open = MatchList::open(title, list, Against::String, Parents::Dotted);
    let list = open.map_err(|error: OpenError| error.to_string())?;
    list.matches(name.as_bytes()).map_err(|error: TableError| error.to_string())
}

/// The user's name for messages.
pub fn user_name(uid: u32) -> String {
    sys::user::by_uid(uid).ok().flatten().map_or_else(|| "unknown".to_owned(), |user| user.name)
}
