//! Lists of events: which records one has, in which order, and from where.

use lucid_core::{Event, EventRecord, Permission, ThreadId, Timestamp, Via};
use serde_json::Value;

use super::project;
use crate::error::{ApiError, Result};
use crate::page::{Cursor, Span};
use crate::query::Query;

/// Events of a page, by itself and at most.
const LIMIT: usize = 1_000;

/// The type that nobody can list: the log is gone then.
const DELETED: &str = "session.deleted";

/// The types that a list can be asked for.
pub static TYPES: std::sync::LazyLock<Vec<&'static str>> =
    std::sync::LazyLock::new(|| project::types().filter(|kind| *kind != DELETED).collect());

/// In which order a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The oldest first.
    #[default]
    Ascending,
    /// The newest first.
    Descending,
}

impl Order {
    /// Reads `order`.
    ///
    /// # Errors
    /// Invalid, when it is neither `asc` nor `desc`.
    pub fn read(query: &mut Query, standard: Self) -> Result<Self> {
        match query.text("order")?.as_deref() {
            None => Ok(standard),
            Some("asc") => Ok(Self::Ascending),
            Some("desc") => Ok(Self::Descending),
            Some(_) => Err(ApiError::invalid("order: `asc` or `desc` may be here")),
        }
    }

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// Whose events a list or a stream has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Log {
    /// The session's: those of its primary thread, and of the others what concerns a client.
    Session {
        /// The primary thread, where its id is known.
        primary: Option<ThreadId>,
    },
    /// One thread's.
    Thread {
        /// Which.
        id: ThreadId,
        /// Whether it is the primary one, to which belongs what names no thread.
        is_primary: bool,
    },
}

impl Log {
    /// Shows a record, where it belongs to this log and the API has such an event.
    #[must_use]
    pub fn show(&self, record: &EventRecord) -> Option<Value> {
        let own = match (self, &record.thread_id) {
            (Self::Session { .. }, None) => true,
            (Self::Session { primary }, Some(id)) => primary.as_ref().is_none_or(|p| p == id),
            (Self::Thread { is_primary, .. }, None) => *is_primary,
            (Self::Thread { id, .. }, Some(of)) => id == of,
        };
        let shown = || project(record);
        match self {
            _ if own => shown(),
            Self::Session { .. } => shown().filter(|event| concerns_clients(record, event)),
            Self::Thread { .. } => None,
        }
    }
}

/// Whether an event of another thread than the primary one is told to everybody: where the
/// thread stands, the calls that a client has to settle, and what clients said to it.
fn concerns_clients(record: &EventRecord, event: &Value) -> bool {
    match event.get("type").and_then(Value::as_str).unwrap_or_default() {
        "agent.tool_use" | "agent.mcp_tool_use" | "agent.custom_tool_use" => {
            let Some(Event::ToolUse { evaluated_permission, lucid, .. }) = record.event() else {
                return false;
            };
            let outside = lucid.as_ref().is_some_and(Via::is_outside);
            match evaluated_permission {
                Permission::Ask => true,
                Permission::Allow => outside,
                Permission::Deny => false,
            }
        }
        "user.interrupt"
        | "user.tool_confirmation"
        | "user.custom_tool_result"
        | "user.tool_result" => true,
        kind => kind.starts_with("session.thread_"),
    }
}

/// What a list of events is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The types it has; all, when none is named.
    pub types: Vec<String>,
    /// When its events were processed.
    pub span: Span,
    /// Its order.
    pub order: Order,
    /// How many a page has.
    pub limit: usize,
    /// The number of the event that it starts behind.
    pub behind: Option<u32>,
    list: String,
}

impl Listing {
    /// Reads what a session's list is asked for.
    ///
    /// # Errors
    /// Invalid, naming the parameter.
    pub fn of_session(mut query: Query, session: &str) -> Result<Self> {
        let types = query.list("types")?;
        for kind in &types {
            crate::one_of("types", kind, &TYPES)?;
        }
        let span = query.span("created_at")?;
        let order = Order::read(&mut query, Order::Ascending)?;
        Self::read(query, session, types, span, order)
    }

    /// Reads what a thread's list is asked for.
    ///
    /// # Errors
    /// Invalid, naming the parameter.
    pub fn of_thread(query: Query, thread: &str) -> Result<Self> {
        Self::read(query, thread, Vec::new(), Span::default(), Order::Ascending)
    }

    fn read(
        mut query: Query,
        of: &str,
        types: Vec<String>,
        span: Span,
        order: Order,
    ) -> Result<Self> {
        let list = format!("events {of} {}", order.as_str());
        let limit = query.limit(LIMIT, LIMIT)?;
        let cursor = query.page(&list)?;
        query.done()?;
        let wrong = || ApiError::invalid("page: not a cursor of this list");
        let number = |cursor: Cursor| cursor.id.parse().map_err(|_| wrong());
        let behind = cursor.map(number).transpose()?;
        Ok(Self { types, span, order, limit, behind, list })
    }

    /// Whether the list has an event, by what is asked for.
    #[must_use]
    pub fn has(&self, event: &Value, at: Timestamp) -> bool {
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
        let wanted = self.types.is_empty() || self.types.iter().any(|name| name == kind);
        wanted && self.span.has(at)
    }

    /// The place behind an event of some number. Logs only grow, so it stays where it is.
    #[must_use]
    pub fn cursor(&self, number: u32) -> Cursor {
        Cursor { list: self.list.clone(), at: Timestamp(0), id: number.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::{EventId, SeededEntropy, StepClock};

    use super::*;

    fn thread(number: u32) -> ThreadId {
        ThreadId::parse(&format!("sthr_{number}")).unwrap()
    }

    fn call(permission: Permission, lucid: Option<Via>) -> Event {
        Event::ToolUse {
            name: "fly".into(),
            input: serde_json::json!({}),
            evaluated_permission: permission,
            evaluation: None,
            lucid,
        }
    }

    fn record(event: &Event, of: u32) -> EventRecord {
        let id = EventId::new(&StepClock::starting_at(Timestamp(1)), &SeededEntropy::new(1));
        EventRecord::new(id, event, Some(thread(of)), of > 1, Timestamp(1)).unwrap()
    }

    #[test]
    fn of_other_threads_a_session_shows_what_a_client_has_to_know() {
        let session = Log::Session { primary: Some(thread(1)) };
        let said = Event::AgentMessage { content: Vec::new() };
        let running = Event::ThreadRunning { session_thread_id: thread(2), agent_name: "a".into() };
        for (event, is_shown) in [
            (said, false),
            (running, true),
            (call(Permission::Allow, None), false),
            (call(Permission::Deny, None), false),
            (call(Permission::Ask, None), true),
            (call(Permission::Allow, Some(Via::Custom)), true),
            (call(Permission::Allow, Some(Via::Worker)), true),
            (call(Permission::Ask, Some(Via::Mcp { server: "s".into() })), true),
        ] {
            assert!(session.show(&record(&event, 1)).is_some());
            let shown = session.show(&record(&event, 2));
            assert_eq!(shown.is_some(), is_shown, "{event:?}");
            if let Some(shown) = shown {
                assert_eq!(shown["session_thread_id"], "sthr_2");
            }
            let own = Log::Thread { id: thread(2), is_primary: false };
            assert!(own.show(&record(&event, 2)).is_some());
            assert!(own.show(&record(&event, 1)).is_none());
        }
    }

    #[test]
    fn a_cursor_goes_with_its_order() {
        let listing = |raw: &str| Listing::of_session(Query::parse(raw)?, "sesn_1");
        let page = listing("").unwrap().cursor(7).encode();
        assert_eq!(listing(&format!("page={page}&order=asc")).unwrap().behind, Some(7));
        assert!(listing(&format!("page={page}&order=desc")).is_err());
        assert!(Listing::of_thread(Query::parse(&format!("page={page}")).unwrap(), "x").is_err());
    }

    #[test]
    fn every_type_but_one_can_be_asked_for() {
        assert_eq!(TYPES.len(), 41);
        let listing = |raw: &str| Listing::of_session(Query::parse(raw)?, "sesn_1");
        assert_eq!(listing("types[]=agent.message&types[]=user.message").unwrap().types.len(), 2);
        for wrong in ["types=session.deleted", "types=lucid.log", "order=up", "limit=1001"] {
            assert_eq!(listing(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}
