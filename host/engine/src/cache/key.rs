//! The key that seals the cache's files: made once, by whoever comes first.

use std::io::{self, Write as _};
use std::path::Path;

use lucid_core::Entropy;

use super::{private, temporary};

const KEY_BYTES: usize = 32;

pub(super) type Key = [u8; KEY_BYTES];

/// The name of its file.
pub(super) const NAME: &str = "key";

/// Reads the key of a folder; makes both where they are not there.
///
/// Processes that do so at the same time end with the same key: it is written under a name
/// of its own and then linked to the one name, which only one of them can do.
pub(super) fn open(folder: &Path, entropy: &dyn Entropy) -> io::Result<Key> {
    private::folder(folder)?;
    let file = folder.join(NAME);
    match read(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        // It was whole when it got its name, so this is damage: what was sealed with it is
        // lost, and compiled again.
        Ok(None) => std::fs::remove_file(&file)?,
        Ok(Some(key)) => return Ok(key),
        Err(error) => return Err(about_key(error)),
    }
    make(folder, &file, entropy)?;
    read(&file).map_err(about_key)?.ok_or_else(|| io::Error::other("the key is damaged"))
}

fn make(folder: &Path, file: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    let mut key = [0; KEY_BYTES];
    for chunk in key.chunks_mut(8) {
        chunk.copy_from_slice(&entropy.next_u64().to_le_bytes());
    }
    let temporary = temporary(folder, entropy);
    let mut writer = private::create(&temporary)?;
    let linked = writer
        .write_all(&key)
        .and_then(|()| writer.sync_all())
        .and_then(|()| std::fs::hard_link(&temporary, file));
    let _ = std::fs::remove_file(&temporary);
    match linked {
        // Another was first.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// `None` when it is not of a key's size.
fn read(file: &Path) -> io::Result<Option<Key>> {
    Ok(private::read(file, 4_096)?.try_into().ok())
}

fn about_key(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("its key: {error}"))
}
