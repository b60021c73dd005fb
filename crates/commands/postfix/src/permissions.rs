//! Directories that must be there, and owners and modes as postfix-files says. Nothing follows a symbolic
//! link: set-permissions runs as root over directories that others may write.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::ExitCode;

use crate::instance::Instance;
use crate::manifest::{self, Item, Kind};

/// Creates directories that are missing. False when one cannot be had; what went wrong has been said.
pub fn create_missing(instance: &Instance) -> bool {
    let mut good = true;
    for item in manifest::load(instance.config) {
        if item.kind != Kind::Directory || !item.create || item.path.is_dir() {
            continue;
        }
        let made =
            std::fs::DirBuilder::new().mode(0o700).create(&item.path).and_then(|()| apply(&item, instance));
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                log::error!("create directory {}: {}", item.path.display(), sys::errno_text(&error));
                good = false;
            }
            _ => {}
        }
    }
    good
}

/// `set-permissions [name=value ...]`
pub fn set_permissions(instance: &Instance, settings: &[String]) -> ExitCode {
    if instance.rootless {
        log::fatal!("set-permissions is reserved for the superuser");
    }
    if !settings.is_empty() {
        // The new settings decide about owners: postconf writes them, and a new process reads them.
        edit(instance, settings);
        let mut again = instance.command("postfix");
        return match again.arg("set-permissions").status() {
            Ok(status) if status.success() => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        };
    }
    let mut good = create_missing(instance);
    for item in manifest::load(instance.config) {
        if item.obsolete || std::fs::symlink_metadata(&item.path).is_err() {
            continue;
        }
        if let Err(error) = apply(&item, instance).and_then(|()| apply_below(&item)) {
            log::warning!("set permissions of {}: {}", item.path.display(), sys::errno_text(&error));
            good = false;
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes settings into main.cf.
pub fn edit(instance: &Instance, settings: &[String]) {
    if let Some(bad) = settings.iter().find(|setting| !setting.contains('=')) {
        log::fatal!("not a name=value setting: {bad}");
    }
    match instance.command("postconf").arg("-e").args(settings).status() {
        Ok(status) if status.success() => {}
        _ => log::fatal!("cannot update {}/main.cf", instance.config.directory().display()),
    }
}

fn apply(item: &Item, instance: &Instance) -> io::Result<()> {
    let open = open_no_follow(&item.path)?;
    if !instance.rootless {
        let (uid, gid) = ids(item)?;
        sys::fs::change_owner(open.as_fd(), uid, gid)?;
    }
    // After the change of owner, which drops set-gid bits.
    open.set_permissions(std::fs::Permissions::from_mode(item.mode))
}

/// Files below a queue directory belong to its owner.
fn apply_below(item: &Item) -> io::Result<()> {
    if !item.recursive {
        return Ok(());
    }
    let (uid, _) = ids(item)?;
    let mut todo = vec![item.path.clone()];
    while let Some(directory) = todo.pop() {
        for entry in std::fs::read_dir(directory)?.flatten() {
            let found = entry.file_type()?;
            if found.is_dir() || found.is_file() {
                sys::fs::change_owner(open_no_follow(&entry.path())?.as_fd(), uid, u32::MAX)?;
            }
            if found.is_dir() {
                todo.push(entry.path());
            }
        }
    }
    Ok(())
}

fn open_no_follow(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(sys::fs::NO_FOLLOW | sys::fs::NON_BLOCK).open(path)
}

/// -1 in chown(2) leaves an id as it is.
fn ids(item: &Item) -> io::Result<(u32, u32)> {
    let unknown = |what: &str, name: &str| io::Error::other(format!("unknown {what}: {name}"));
    let uid = sys::user::by_name(&item.owner)?.ok_or_else(|| unknown("user", &item.owner))?.uid;
    let gid = match &item.group {
        Some(name) => sys::user::group_by_name(name)?.ok_or_else(|| unknown("group", name))?,
        None => u32::MAX,
    };
    Ok((uid, gid))
}
