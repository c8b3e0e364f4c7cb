//! `lucid session files`.

use lucid_core::{Result, SessionSummary};
use lucid_runtime::Store;

use crate::show::{files as shown, print, print_list};

pub(super) async fn files(store: &dyn Store, session: &SessionSummary, json: bool) -> Result<()> {
    let found = shown::of(&super::all_events(store, &session.session.id).await?);
    if found.unlisted > 0 {
        let unlisted = found.unlisted;
        anstream::eprintln!("{unlisted} changes and denials are counted in the log, not listed");
    }
    if json {
        return print_list(found.files.iter().map(shown::document));
    }
    print(&shown::text(&found))
}
