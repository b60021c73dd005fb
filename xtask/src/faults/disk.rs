//! File systems in files, whose power can be cut.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::system::tool;

/// What is made of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Ext4,
    Xfs,
}

/// A loop-mounted file system. Gone, with its file, when dropped.
pub struct Disk {
    image: PathBuf,
    pub mount: PathBuf,
    /// Folders of the disk that are also seen elsewhere.
    binds: Vec<(PathBuf, PathBuf)>,
}

impl Disk {
    /// Makes one in the file `image` and mounts it at `mount`.
    pub fn make(format: Format, image: &Path, mount: &Path) -> Result<Disk, String> {
        let err = |err: std::io::Error| format!("{}: {err}", image.display());
        std::fs::create_dir_all(mount).map_err(err)?;
        let file = image.to_string_lossy();
        let (mkfs, options, size): (_, &[&str], u64) = match format {
            Format::Ext4 => ("mkfs.ext4", &["-q", "-F", "-m", "0"], 400 << 20),
            Format::Xfs => ("mkfs.xfs", &["-q", "-f"], 600 << 20),
        };
        File::create(image).and_then(|f| f.set_len(size)).map_err(err)?;
        tool(mkfs, &[options, &[&file]].concat())?;
        let disk = Disk { image: image.to_path_buf(), mount: mount.to_path_buf(), binds: Vec::new() };
        disk.mount()?;
        std::fs::set_permissions(mount, PermissionsExt::from_mode(0o755)).map_err(err)?;
        Ok(disk)
    }

    /// Shows a folder of the disk at `place` too.
    pub fn bind(&mut self, folder: &str, place: &Path) -> Result<(), String> {
        let from = self.mount.join(folder);
        for path in [&from, &place.to_path_buf()] {
            std::fs::create_dir_all(path).map_err(|err| format!("{}: {err}", path.display()))?;
        }
        tool("mount", &["--bind", &from.to_string_lossy(), &place.to_string_lossy()])?;
        self.binds.push((from, place.to_path_buf()));
        Ok(())
    }

    fn mount(&self) -> Result<(), String> {
        tool("mount", &["-o", "loop", &self.image.to_string_lossy(), &self.mount.to_string_lossy()])?;
        for (from, place) in &self.binds {
            tool("mount", &["--bind", &from.to_string_lossy(), &place.to_string_lossy()])?;
        }
        Ok(())
    }

    /// Cuts the power: nothing more is written, not even what the journal has in memory (the ioctl that xfstests uses,
    /// SHUTDOWN with NOLOGFLUSH).
    pub fn cut(&self) -> Result<(), String> {
        let script =
            "open(F, '<', $ARGV[0]) or die $!; my $how = pack('L', 2); ioctl(F, 0x8004587D, $how) or die $!";
        tool("perl", &["-e", script, &self.mount.to_string_lossy()]).map(drop)
    }

    /// The machine starts again: unmounts and mounts, so that the journal is played back.
    pub fn replay(&self) -> Result<(), String> {
        self.unmount()?;
        self.mount()
    }

    fn unmount(&self) -> Result<(), String> {
        let places = self.binds.iter().rev().map(|(_, place)| place).chain([&self.mount]);
        for place in places {
            let end = Instant::now() + Duration::from_secs(20);
            while let Err(why) = tool("umount", &[&place.to_string_lossy()]) {
                if Instant::now() > end {
                    return Err(why);
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        for place in self.binds.iter().rev().map(|(_, place)| place).chain([&self.mount]) {
            let _ = tool("umount", &["-l", &place.to_string_lossy()]);
        }
        let _ = std::fs::remove_file(&self.image);
    }
}

/// A file system in memory, of this size; gone when dropped.
pub struct Memory {
    mount: PathBuf,
}

impl Memory {
    pub fn mount(mount: &Path, options: &str) -> Result<Memory, String> {
        std::fs::create_dir_all(mount).map_err(|err| format!("{}: {err}", mount.display()))?;
        let place = mount.to_string_lossy();
        tool("mount", &["-t", "tmpfs", "-o", &format!("mode=755,{options}"), "none", &place])?;
        Ok(Memory { mount: mount.to_path_buf() })
    }

    /// Makes it larger.
    pub fn resize(&self, options: &str) -> Result<(), String> {
        tool("mount", &["-o", &format!("remount,{options}"), &self.mount.to_string_lossy()]).map(drop)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let _ = tool("umount", &["-l", &self.mount.to_string_lossy()]);
    }
}
