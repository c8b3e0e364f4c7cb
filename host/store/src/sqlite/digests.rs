//! What strategies keep of sessions, and hashes of sessions' logs.

use lucid_core::{SessionId, SessionSummary};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::Outcome;
use super::{events, sessions};
use crate::dream_store::{ContentHash, Digest};
use crate::hash;

/// Events read at once. Each may have 16 MiB.
const PAGE: u32 = 32;

pub(super) fn summaries(
    connection: &Connection,
    ids: &[SessionId],
) -> Outcome<Vec<Option<SessionSummary>>> {
    ids.iter().map(|id| sessions::summary(connection, id)).collect()
}

/// The hashes of logs, and which of them are new.
pub(super) struct Hashed {
    pub(super) hashes: Vec<Option<ContentHash>>,
    pub(super) fresh: Vec<(SessionId, ContentHash)>,
}

pub(super) fn hashes(connection: &Connection, ids: &[SessionId]) -> Outcome<Hashed> {
    let mut hashed = Hashed { hashes: Vec::with_capacity(ids.len()), fresh: Vec::new() };
    for id in ids {
        let Some(head) = events::head(connection, id)? else {
            hashed.hashes.push(None);
            continue;
        };
        let kept = kept(connection, id)?;
        let is_fresh = kept.events != head;
        let hash = if is_fresh { extended(connection, id, kept, head)? } else { kept };
        if is_fresh {
            hashed.fresh.push((id.clone(), hash.clone()));
        }
        hashed.hashes.push(Some(hash));
    }
    Ok(hashed)
}

/// What is kept; the hash of nothing where nothing is.
fn kept(connection: &Connection, id: &SessionId) -> Outcome<ContentHash> {
    let sql = "SELECT head_seq, hash FROM session_hashes WHERE session_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let kept = statement
        .query_row(params![id.as_str()], |row| {
            Ok(ContentHash { events: row.get(0)?, hash: row.get(1)? })
        })
        .optional()?;
    Ok(kept.unwrap_or_else(hash::of_nothing))
}

/// Goes on where the kept hash ends; what was written meanwhile is for the next time.
fn extended(
    connection: &Connection,
    id: &SessionId,
    mut kept: ContentHash,
    head: u32,
) -> Outcome<ContentHash> {
    if kept.events > head {
        // Not of this log: one of the same id was deleted.
        kept = hash::of_nothing();
    }
    while kept.events < head {
        let limit = PAGE.min(head - kept.events);
        let page = events::list(connection, id, kept.events.checked_sub(1), limit)?;
        if page.is_empty() {
            break;
        }
        for (_, event) in &page {
            kept = hash::with(kept, event);
        }
    }
    Ok(kept)
}

pub(super) fn put_hashes(
    connection: &Connection,
    fresh: &[(SessionId, ContentHash)],
) -> Outcome<()> {
    // A session that was deleted meanwhile has none, and must not get one.
    let mut insert = connection.prepare_cached(
        "INSERT INTO session_hashes (session_id, head_seq, hash)
         SELECT id, ?2, ?3 FROM sessions WHERE id = ?1 AND head_seq >= ?2
         ON CONFLICT (session_id) DO UPDATE SET
             head_seq = excluded.head_seq, hash = excluded.hash",
    )?;
    for (id, ContentHash { events, hash }) in fresh {
        insert.execute(params![id.as_str(), events, hash])?;
    }
    Ok(())
}

pub(super) fn read(
    connection: &Connection,
    component: &str,
    wanted: &[(SessionId, String)],
    bytes_max: usize,
) -> Outcome<Vec<Option<Vec<u8>>>> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM digests WHERE component = ?1 AND session_id = ?2 AND key = ?3",
    )?;
    let (mut digests, mut bytes) = (Vec::with_capacity(wanted.len()), 0_usize);
    for (session_id, key) in wanted {
        let body: Option<Vec<u8>> = statement
            .query_row(params![component, session_id.as_str(), key], |row| row.get(0))
            .optional()?;
        bytes = bytes.saturating_add(body.as_ref().map_or(0, Vec::len));
        if bytes > bytes_max && !digests.is_empty() {
            break;
        }
        digests.push(body);
    }
    Ok(digests)
}

pub(super) fn put(connection: &Connection, component: &str, digests: &[Digest]) -> Outcome<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO digests (component, session_id, key, body)
         SELECT ?1, id, ?3, ?4 FROM sessions WHERE id = ?2
         ON CONFLICT (component, session_id) DO UPDATE SET
             key = excluded.key, body = excluded.body",
    )?;
    for Digest { session_id, key, body } in digests {
        insert.execute(params![component, session_id.as_str(), key, body])?;
    }
    Ok(())
}

/// Removes what was kept of a session.
pub(super) fn forget(connection: &Connection, id: &SessionId) -> Outcome<()> {
    for sql in [
        "DELETE FROM digests WHERE session_id = ?1",
        "DELETE FROM session_hashes WHERE session_id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute(params![id.as_str()])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn what_was_kept_of_a_session_is_removed_without_reading_what_was_kept_of_others() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, Path::new("x")).unwrap();
        for table in ["digests", "session_hashes"] {
            let sql = format!("EXPLAIN QUERY PLAN DELETE FROM {table} WHERE session_id = 'x'");
            let mut statement = connection.prepare(&sql).unwrap();
            let steps = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
            let steps: Vec<String> = steps.map(Result::unwrap).collect();
            assert!(steps.iter().all(|step| step.contains("(session_id=?)")), "{steps:#?}");
        }
    }
}
