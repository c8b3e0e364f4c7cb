//! What a list of sessions is asked for.

use lucid_core::{SessionStatus, Timestamp};

use super::{Resource, SessionRecord};
use crate::error::{ApiError, Result};
use crate::event::Order;
use crate::page::{Cursor, Span};
use crate::query::Query;

const LIMIT: usize = 20;
const LIMIT_MAX: usize = 1_000;
const STATUSES: [&str; 4] = ["rescheduling", "running", "idle", "terminated"];

/// What a list of sessions is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionQuery {
    agent_id: Option<String>,
    agent_version: Option<u64>,
    deployment_id: Option<String>,
    memory_store_id: Option<String>,
    statuses: Vec<String>,
    span: Span,
    archived: bool,
    /// Its order.
    pub order: Order,
    /// How many a page has.
    pub limit: usize,
    /// The place that the page begins behind, or ends before.
    pub cursor: Option<Cursor>,
    /// Whether the page ends before the cursor.
    pub back: bool,
}

impl SessionQuery {
    /// Reads it.
    ///
    /// # Errors
    /// Invalid, naming the parameter.
    pub fn read(mut query: Query) -> Result<Self> {
        let agent_id = query.text("agent_id")?;
        let agent_version = query.number("agent_version", 1..=u64::from(u32::MAX))?;
        let deployment_id = query.text("deployment_id")?;
        let memory_store_id = query.text("memory_store_id")?;
        let statuses = query.list("statuses")?;
        for status in &statuses {
            crate::one_of("statuses", status, &STATUSES)?;
        }
        let span = query.span("created_at")?;
        let archived = query.flag("include_archived")?;
        let order = Order::read(&mut query, Order::Descending)?;
        let limit = query.limit(LIMIT, LIMIT_MAX)?;
        let (cursor, back) = match query.text("page")? {
            None => (None, false),
            Some(text) => {
                let back = Cursor::decode(&name(order, true), &text).ok();
                let is_back = back.is_some();
                let found = back.map_or_else(|| Cursor::decode(&name(order, false), &text), Ok);
                (Some(found?), is_back)
            }
        };
        query.done()?;
        if cursor.as_ref().is_some_and(|cursor| !span.has(cursor.at)) {
            let text = "page: `created_at` leaves out the place of this cursor; begin anew";
            return Err(ApiError::invalid(text));
        }
        Ok(Self {
            agent_id,
            agent_version,
            deployment_id,
            memory_store_id,
            statuses,
            span,
            archived,
            order,
            limit,
            cursor,
            back,
        })
    }

    /// Whether sessions are read from the newest one on.
    #[must_use]
    pub fn newest_first(&self) -> bool {
        (self.order == Order::Descending) != self.back
    }

    /// Whether a place comes behind the cursor, in the direction of reading.
    #[must_use]
    pub fn is_behind(&self, at: Timestamp, id: &str) -> bool {
        let Some(cursor) = &self.cursor else { return true };
        let (place, cursor) = ((at, id), (cursor.at, cursor.id.as_str()));
        if self.newest_first() { place < cursor } else { place > cursor }
    }

    /// Whether the list has a session of this moment.
    #[must_use]
    pub fn has_moment(&self, created_at: Timestamp) -> bool {
        self.span.has(created_at)
    }

    /// Whether the list has a session in this status.
    #[must_use]
    pub fn has_status(&self, status: SessionStatus) -> bool {
        self.statuses.is_empty() || self.statuses.iter().any(|name| name == status.as_str())
    }

    /// Whether the list has a session, but for its status and moment.
    #[must_use]
    pub fn has(&self, record: &SessionRecord) -> bool {
        let same = |wanted: &Option<String>, has: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| has == Some(wanted))
        };
        let mounts = |wanted: &str| {
            let is = |resource: &Resource| match resource {
                Resource::MemoryStore { memory_store_id, .. } => memory_store_id == wanted,
                Resource::File { .. } => false,
            };
            record.resources.iter().any(is)
        };
        let version = self.agent_version;
        (self.archived || record.archived_at.is_none())
            && same(&self.agent_id, Some(record.agent.id.as_str()))
            && version.is_none_or(|version| version == u64::from(record.agent.version))
            && same(&self.deployment_id, record.deployment_id.as_deref())
            && self.memory_store_id.as_deref().is_none_or(mounts)
    }

    /// A cursor at a session.
    #[must_use]
    pub fn at(&self, created_at: Timestamp, id: &str, back: bool) -> Cursor {
        Cursor { list: name(self.order, back), at: created_at, id: id.to_owned() }
    }
}

fn name(order: Order, back: bool) -> String {
    format!("sessions {}{}", order.as_str(), if back { " back" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Result<SessionQuery> {
        SessionQuery::read(Query::parse(raw)?)
    }

    #[test]
    fn a_cursor_goes_with_its_order_and_within_the_span() {
        let first = read("").unwrap();
        assert!(first.newest_first());
        let next = first.at(Timestamp(1_000), "sesn_1", false).encode();
        let before = first.at(Timestamp(1_000), "sesn_1", true).encode();
        let on = read(&format!("page={next}&limit=5&statuses[]=idle")).unwrap();
        assert!(!on.back && on.newest_first());
        assert!(on.is_behind(Timestamp(999), "sesn_2") && on.is_behind(Timestamp(1_000), "sesn_0"));
        assert!(!on.is_behind(Timestamp(1_000), "sesn_1"));
        let back = read(&format!("page={before}")).unwrap();
        assert!(back.back && !back.newest_first());
        assert!(back.is_behind(Timestamp(1_001), "sesn_1"));
        assert!(read(&format!("page={next}&order=asc")).is_err());
        let span = "created_at%5Blte%5D=1970-01-01T00:00:00Z";
        assert!(read(&format!("page={next}&{span}")).is_err());
        let span = "created_at[lte]=1970-01-01T00:00:01Z";
        assert!(read(&format!("page={next}&{span}")).is_ok());
    }

    #[test]
    fn a_filter_that_makes_no_sense_is_refused() {
        for wrong in ["statuses=sleeping", "agent_version=0", "order=x", "status=idle", "page=p"] {
            assert_eq!(read(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}
