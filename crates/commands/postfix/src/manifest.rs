//! postfix-files: `name:type:owner:group:mode:flags`, one a line; `$names` are main.cf's.

use std::path::{Path, PathBuf};

use config::Config;
use config::params::META_DIRECTORY;

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A file.
    File,
}

/// One line. Hard and symbolic links (types `h`, `l`) have no rights of their own and are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its place.
    pub path: PathBuf,
    /// Directory or file.
    pub kind: Kind,
    /// The user's name.
    pub owner: String,
    /// The group's name; `None` to leave it.
    pub group: Option<String>,
    /// Rights.
    pub mode: u32,
    /// `c`: created when missing.
    pub create: bool,
    /// `r`: everything below belongs to the owner too.
    pub recursive: bool,
    /// `o`: obsolete.
    pub obsolete: bool,
}

/// The manifest of this installation: postfix-files, its parts in postfix-files.d, and in any case the queue.
pub fn load(config: &Config) -> Vec<Item> {
    let meta = Path::new(config.get(META_DIRECTORY));
    let mut text = String::from(QUEUE);
    let mut files = vec![meta.join("postfix-files")];
    if let Ok(parts) = std::fs::read_dir(meta.join("postfix-files.d")) {
        let mut parts: Vec<PathBuf> = parts.flatten().map(|part| part.path()).collect();
        parts.sort();
        files.extend(parts);
    }
    for file in files {
        text.push('\n');
        text.push_str(&std::fs::read_to_string(file).unwrap_or_default());
    }
    let mut items: Vec<Item> = Vec::new();
    for item in text.lines().filter_map(|line| parse(line, config)) {
        // A later line for the same place wins, in the place of the first.
        match items.iter_mut().find(|known| known.path == item.path) {
            Some(known) => *known = item,
            None => items.push(item),
        }
    }
    items
}

fn parse(line: &str, config: &Config) -> Option<Item> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let expanded = config.expand(line).ok()?;
    let mut fields = expanded.split(':');
    let mut field = || fields.next().unwrap_or_default();
    let (path, kind, owner, group, mode, flags) = (field(), field(), field(), field(), field(), field());
    // Directories that this installation does not have (`html_directory = no`).
    if path == "no" || path.starts_with("no/") || !path.starts_with('/') {
        return None;
    }
    let kind = match kind {
        "d" => Kind::Directory,
        "f" => Kind::File,
        _ => return None,
    };
    Some(Item {
        path: path.into(),
        kind,
        owner: owner.into(),
        group: (group != "-" && !group.is_empty()).then(|| group.into()),
        mode: u32::from_str_radix(mode, 8).ok()?,
        create: flags.contains('c'),
        recursive: flags.contains('r'),
        obsolete: flags.contains('o'),
    })
}

/// What every instance has, also without a postfix-files.
const QUEUE: &str = "\
$data_directory:d:$mail_owner:-:700:uc
$queue_directory:d:root:-:755:uc
$queue_directory/active:d:$mail_owner:-:700:ucr
$queue_directory/bounce:d:$mail_owner:-:700:ucr
$queue_directory/corrupt:d:$mail_owner:-:700:ucr
$queue_directory/defer:d:$mail_owner:-:700:ucr
$queue_directory/deferred:d:$mail_owner:-:700:ucr
$queue_directory/flush:d:$mail_owner:-:700:ucr
$queue_directory/hold:d:$mail_owner:-:700:ucr
$queue_directory/incoming:d:$mail_owner:-:700:ucr
$queue_directory/private:d:$mail_owner:-:700:uc
$queue_directory/maildrop:d:$mail_owner:$setgid_group:730:uc
$queue_directory/public:d:$mail_owner:$setgid_group:710:uc
$queue_directory/pid:d:root:-:755:uc
$queue_directory/saved:d:$mail_owner:-:700:ucr
$queue_directory/trace:d:$mail_owner:-:700:ucr";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_expanded() {
        let config = Config::from_pairs(&[
            ("queue_directory", "/q"),
            ("mail_owner", "joe"),
            ("setgid_group", "drop"),
            ("meta_directory", "/nonexistent"),
            ("html_directory", "no"),
        ]);
        let items = load(&config);
        let drop = items.iter().find(|item| item.path == Path::new("/q/maildrop")).unwrap();
        assert_eq!(
            (drop.owner.as_str(), drop.group.as_deref(), drop.mode, drop.create),
            ("joe", Some("drop"), 0o730, true)
        );
        for line in [
            "",
            "# x",
            "$html_directory/x:f:root:-:644",
            "/x:h:/y",
            "/x:f:root:-:wrong",
            "relative:f:root:-:644",
        ] {
            assert_eq!(parse(line, &config), None, "{line}");
        }
        assert_eq!(parse("/x:f:root:-:644:o", &config).map(|item| item.obsolete), Some(true));
    }
}
