//! Who may append to a session.

use lucid_core::{SessionId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::Outcome;
use super::events;
use super::values::{integer, millis, time, unsigned};
use crate::rules;
use crate::store::Lease;

/// What somebody who claims a session says.
pub(super) struct Claim {
    pub(super) owner: String,
    /// An owner who is known to be dead.
    pub(super) from: Option<String>,
    pub(super) until: Timestamp,
    pub(super) now: Timestamp,
}

pub(super) fn claim(
    connection: &Connection,
    session_id: &SessionId,
    claim: &Claim,
) -> Outcome<Option<u64>> {
    let epoch: Option<i64> = connection
        .prepare_cached(
            "UPDATE sessions
             SET lease_owner = ?2, lease_until = ?3, lease_epoch = max(lease_epoch + 1, ?4)
             WHERE id = ?1 AND (lease_owner IS NULL OR lease_owner IN (?2, ?5) OR lease_until <= ?4)
             RETURNING lease_epoch",
        )?
        .query_row(
            params![
                session_id.as_str(),
                claim.owner,
                millis(claim.until)?,
                millis(claim.now)?,
                claim.from,
            ],
            |row| row.get(0),
        )
        .optional()?;
    if epoch.is_none() && events::head(connection, session_id)?.is_none() {
        return Err(rules::no_session(session_id).into());
    }
    epoch.map(unsigned).transpose()
}

pub(super) fn heartbeat(
    connection: &Connection,
    session_id: &SessionId,
    epoch: u64,
    until: Timestamp,
) -> Outcome<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE sessions SET lease_until = ?3
             WHERE id = ?1 AND lease_epoch = ?2 AND lease_owner IS NOT NULL",
        )?
        .execute(params![session_id.as_str(), integer(epoch)?, millis(until)?])?;
    Ok(changed > 0)
}

pub(super) fn release(connection: &Connection, session_id: &SessionId, epoch: u64) -> Outcome<()> {
    connection
        .prepare_cached(
            "UPDATE sessions SET lease_owner = NULL, lease_until = 0
             WHERE id = ?1 AND lease_epoch = ?2",
        )?
        .execute(params![session_id.as_str(), integer(epoch)?])?;
    Ok(())
}

pub(super) fn lease(connection: &Connection, session_id: &SessionId) -> Outcome<Option<Lease>> {
    let mut statement = connection.prepare_cached(
        "SELECT lease_owner, lease_until, lease_epoch FROM sessions
         WHERE id = ?1 AND lease_owner IS NOT NULL",
    )?;
    let mut rows = statement.query(params![session_id.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (until, epoch) = (time(row.get(1)?)?, unsigned(row.get(2)?)?);
    Ok(Some(Lease { owner: row.get(0)?, until, epoch }))
}

/// How many events a session has, where somebody may write to it with this epoch.
pub(super) fn fenced(connection: &Connection, session_id: &SessionId, epoch: u64) -> Outcome<u32> {
    let row = connection
        .prepare_cached("SELECT head_seq, lease_epoch FROM sessions WHERE id = ?1")?
        .query_row(params![session_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (head, current) = row.ok_or_else(|| rules::no_session(session_id))?;
    rules::check_epoch(session_id, epoch, unsigned(current)?)?;
    Ok(head)
}
