//! Who may append to a session.

use lucid_core::{SessionId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::Outcome;
use super::values::{integer, millis, unsigned};
use crate::rules;

/// What somebody who claims a session says.
pub(super) struct Claim {
    pub(super) owner: String,
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
             SET lease_owner = ?2, lease_until = ?3, lease_epoch = lease_epoch + 1
             WHERE id = ?1 AND (lease_owner IS NULL OR lease_owner = ?2 OR lease_until <= ?4)
             RETURNING lease_epoch",
        )?
        .query_row(
            params![session_id.as_str(), claim.owner, millis(claim.until)?, millis(claim.now)?],
            |row| row.get(0),
        )
        .optional()?;
    if epoch.is_none() && !exists(connection, session_id)? {
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

fn exists(connection: &Connection, session_id: &SessionId) -> Outcome<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM sessions WHERE id = ?1")?;
    Ok(statement.exists(params![session_id.as_str()])?)
}
