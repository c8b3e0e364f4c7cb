//! `lucid session files`.

use lucid_core::{Result, SessionSummary};

use super::read::all_events;
use crate::place::Place;
use crate::show::{files as shown, print, print_list};

pub(super) async fn files(place: &Place, session: &SessionSummary, json: bool) -> Result<()> {
    let found = shown::of(&all_events(place, &session.session.id).await?);
    if found.unlisted > 0 {
        let unlisted = found.unlisted;
        anstream::eprintln!("{unlisted} changes and denials are counted in the log, not listed");
    }
    if json {
        return print_list(found.files.iter().map(shown::document));
    }
    print(&shown::text(&found))
}
