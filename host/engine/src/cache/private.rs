//! Files and folders that are their owner's alone: made so, and used only if they are so.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// Makes a folder, or takes the one there is if nobody else can read or change it.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    // Of the path itself: a link could lead anywhere, later to somewhere else.
    let found = std::fs::symlink_metadata(path)?;
    if !found.is_dir() {
        return Err(io::Error::other("it is not a folder"));
    }
    owned(&found, "700")
}

/// Makes a file that was not there.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens a file of at most so many bytes, and says how many it has. Links are not followed.
pub(super) fn open(path: &Path, bytes_max: u64) -> io::Result<(File, u64)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        // Opening a pipe would wait for who writes to it.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    let file = options.open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    owned(&found, "600")?;
    if found.len() > bytes_max {
        return Err(io::Error::other("it is too large"));
    }
    Ok((file, found.len()))
}

/// Reads a whole file of at most so many bytes.
pub(super) fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let (file, len) = open(path, bytes_max)?;
    // A little more than it has, so that its end is seen without growing.
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0) + 64);
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn owned(found: &Metadata, wanted: &str) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    let own = rustix::process::geteuid().as_raw();
    match unfit(found.uid(), found.mode(), own, wanted) {
        None => Ok(()),
        Some(why) => Err(io::Error::other(why)),
    }
}

/// Why something of this owner and mode is not used.
#[cfg(unix)]
fn unfit(owner: u32, mode: u32, own: u32, wanted: &str) -> Option<String> {
    if owner != own {
        return Some("it belongs to another user".to_owned());
    }
    let open = mode & 0o077 != 0;
    open.then(|| format!("others can read or change it: run `chmod {wanted}` on it"))
}

/// Where files have no such owner, the state folder's place is what keeps others out.
#[cfg(not(unix))]
fn owned(_found: &Metadata, _wanted: &str) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_another_user_could_have_made_is_not_used() {
        assert_eq!(unfit(7, 0o100_600, 7, "600"), None);
        assert_eq!(unfit(7, 0o040_700, 7, "700"), None);
        for mode in [0o600, 0o644, 0o666] {
            assert!(unfit(8, mode, 7, "600").is_some(), "{mode:o}");
        }
        for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001] {
            let why = unfit(7, 0o100_600 | bit, 7, "600").unwrap();
            assert!(why.contains("chmod 600"), "{bit:o}: {why}");
        }
    }
}
