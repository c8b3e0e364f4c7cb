//! `lucid session list`.

use lucid_core::Result;
use lucid_runtime::Store;

use crate::show::{print, print_list, session, table};

pub(super) async fn list(store: &dyn Store, limit: u32, json: bool) -> Result<()> {
    let sessions = super::sessions(store, Some(limit)).await?;
    if json {
        print_list(sessions.iter().map(session::brief))
    } else {
        print(&table::sessions(&sessions))
    }
}
