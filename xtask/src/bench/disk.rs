//! Where the queues and mailboxes of a benchmark are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// What to work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The file system that is there.
    Folder,
    /// An ext4 image.
    Image,
    /// An ext4 image with room for more than a million files.
    LargeImage,
}

/// A folder to work in; on a loop-mounted ext4 image if asked for. Unmounted and removed in the end.
pub struct Disk {
    folder: PathBuf,
    mounted: Option<PathBuf>,
    pub description: String,
}

impl Disk {
    pub fn prepare(dir: &Path, kind: Kind) -> Result<Disk, String> {
        std::fs::create_dir_all(dir).map_err(|err| format!("{}: {err}", dir.display()))?;
        if kind == Kind::Folder {
            let description = format!("the file system of {}", dir.display());
            return Ok(Disk { folder: dir.to_path_buf(), mounted: None, description });
        }
        let (file, mount) = (dir.join("disk.img"), dir.join("mnt"));
        std::fs::create_dir_all(&mount).map_err(|err| format!("{}: {err}", mount.display()))?;
        let (size, inodes) = if kind == Kind::Image { (3 << 30, "200000") } else { (10 << 30, "1300000") };
        let made = std::fs::File::create(&file).and_then(|f| f.set_len(size));
        made.map_err(|err| format!("{}: {err}", file.display()))?;
        // Nothing is left for the kernel to write while it is measured.
        let now = "lazy_itable_init=0,lazy_journal_init=0";
        tool("mkfs.ext4", &["-q", "-F", "-N", inodes, "-E", now, &file.to_string_lossy()])?;
        tool("mount", &["-o", "loop", &file.to_string_lossy(), &mount.to_string_lossy()])?;
        Ok(Disk {
            folder: mount.clone(),
            mounted: Some(mount),
            description: "journaled ext4 on a loop mount".into(),
        })
    }

    /// An empty folder of its own.
    pub fn fresh(&self) -> Result<PathBuf, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = self.folder.join(format!("run{}", NEXT.fetch_add(1, Ordering::Relaxed)));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|err| format!("{}: {err}", folder.display()))?;
        Ok(folder)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(mount) = &self.mounted {
            // The last daemon of a mail system that was stopped may still be on its way out.
            let gone = testkit::eventually(|| {
                let quietly = Command::new("umount").arg(mount).stderr(std::process::Stdio::null()).status();
                quietly.ok().filter(|status| status.success())
            });
            if gone.is_none() {
                eprintln!("xtask: cannot unmount {}", mount.display());
                return;
            }
            let _ = std::fs::remove_file(mount.with_file_name("disk.img"));
        }
    }
}

fn tool(name: &str, args: &[&str]) -> Result<(), String> {
    let status = Command::new(name).args(args).status().map_err(|err| format!("{name}: {err}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} {args:?}: {status}")) }
}
