//! `lucid session list`.

use lucid_core::Result;
use lucid_verbs::ListSessions;

use super::read::sessions;
use crate::place::Place;
use crate::show::{print, print_list, session, table};

pub(super) async fn list(place: &Place, limit: u32, json: bool) -> Result<()> {
    let newest = ListSessions { newest_first: true, ..ListSessions::default() };
    let sessions = sessions(place, newest, Some(limit)).await?;
    if json {
        print_list(sessions.iter().map(session::brief))
    } else {
        print(&table::sessions(&sessions))
    }
}
