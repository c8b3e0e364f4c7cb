//! What a kill left of files that were being written: nobody will give it a name of its own.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use cap_std::fs::Dir;
use lucid_core::Timestamp;

use super::bytes::{PARTIAL, in_folder};
use crate::limits::BODY_TIME;
use crate::skills;
use crate::space::Space;

/// How long after it was last written something is taken for left behind. No upload takes as
/// long.
const AGE: Duration = BODY_TIME.saturating_mul(2);

/// Removes what was left behind, also what is still too young for that when the server starts.
pub(crate) async fn tidy(space: Arc<Space>) {
    loop {
        match remove_old(&space, space.clock.now()).await {
            Ok(0) => return,
            Ok(_) => tokio::time::sleep(AGE).await,
            Err(error) => {
                let why = format!("files that were left half written: {error}");
                return space.log.error(&why);
            }
        }
    }
}

/// Removes what is old at a time, and says how many there are that are not yet.
pub(super) async fn remove_old(space: &Space, now: Timestamp) -> io::Result<usize> {
    let removed = in_folder(space, move |files| {
        let left = remove_in(files, now)?;
        match files.open_dir(skills::FOLDER) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(left),
            folder => Ok(left.saturating_add(remove_in(&folder?, now)?)),
        }
    });
    removed.await
}

fn remove_in(folder: &Dir, now: Timestamp) -> io::Result<usize> {
    let mut left = 0_usize;
    for entry in folder.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_str().is_some_and(|name| name.ends_with(PARTIAL)) {
            continue;
        }
        let modified = match entry.metadata() {
            // It has its own name by now, or was given up.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            metadata => metadata?.modified()?.into_std(),
        };
        let written = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        if Duration::from_millis(now.as_millis()).saturating_sub(written) < AGE {
            left = left.saturating_add(1);
            continue;
        }
        match folder.remove_file(&name) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(left)
}
