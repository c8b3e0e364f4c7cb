//! Memory stores as files that sessions were shown.

#![allow(clippy::disallowed_methods, reason = "works on folders that the host made itself")]

use std::io::ErrorKind;

use lucid_core::{Failure, MemoryStoreId, Result};

use crate::state::Runtime;

impl Runtime {
    /// Removes what a store was to sessions until now: what is forgotten is not left in files
    /// either. A session that goes on is shown what the store holds then.
    pub(super) fn remove_mounted(&self, store: &MemoryStoreId) -> Result<()> {
        let folder = self.state.join("memory");
        let failed = |error: std::io::Error| {
            Failure::failed(format!("memory folder {}: {error}", folder.display()))
        };
        let found = match std::fs::read_dir(&folder) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        for entry in found {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let of_store = name.to_str().and_then(|name| name.strip_prefix(store.as_str()));
            if of_store.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')) {
                match std::fs::remove_dir_all(entry.path()) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(failed(error));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
