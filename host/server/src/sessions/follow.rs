//! Following a session while it works: webhooks and traces are told, and workers are called.

use std::sync::Arc;
use std::time::Duration;

use lucid_api::ApiError;
use lucid_core::{Event, EventRecord, IdleReason, SessionId, ThreadId, Via};
use serde_json::Map;

use super::start::workers;
use super::{PAGE, find};
use crate::space::Space;
use crate::traces::Runs;

/// How long is waited before a session is looked at again, whatever is heard of it.
const LOOK: Duration = Duration::from_secs(1);

/// Follows a session from an event's number on, until it rests. Call it after the session was
/// woken. One that is followed already is followed on.
pub(crate) fn follow(space: &Arc<Space>, id: &SessionId, from: u32) {
    let mut followed = space.sessions.followed();
    if let Some(again) = followed.get_mut(id) {
        *again = true;
        return;
    }
    followed.insert(id.clone(), false);
    drop(followed);
    let (space, id) = (space.clone(), id.clone());
    tokio::spawn(async move {
        if let Err(error) = to_its_rest(&space, &id, from).await {
            let why = error.internal.unwrap_or(error.message);
            space.log.error(&format!("session {id} is not followed: {why}"));
            space.sessions.followed().remove(&id);
        }
    });
}

async fn to_its_rest(space: &Space, id: &SessionId, mut from: u32) -> Result<(), ApiError> {
    let store = &space.runtime.store;
    let mut news = store.watch(id);
    let mut tells = Tells { space, id, primary: None, is_out: false, runs: Runs::default() };
    loop {
        // Looked at first: what a session writes before it rests is read below.
        let works = space.live.is_working(id);
        news.borrow_and_update();
        let page = store.events(id, from.checked_sub(1), PAGE).await?;
        if !page.is_empty() {
            let mut called = false;
            for (number, record) in page {
                from = number.saturating_add(1);
                called |= tells.tell(&record).await?;
            }
            if called {
                call_workers(space, id).await?;
            }
            continue;
        }
        if !works && is_over(space, id) {
            return Ok(());
        }
        // Heard of, or not: another process may have written.
        let _ = tokio::time::timeout(LOOK, news.changed()).await;
    }
}

/// Whether nobody woke the session since it was looked at: then it is not followed any more.
fn is_over(space: &Space, id: &SessionId) -> bool {
    let mut followed = space.sessions.followed();
    match followed.get_mut(id) {
        Some(again) if *again => {
            *again = false;
            false
        }
        _ => {
            followed.remove(id);
            true
        }
    }
}

/// Calls a worker where a call waits for one.
async fn call_workers(space: &Space, id: &SessionId) -> Result<(), ApiError> {
    let found = match find(space, id.as_str()).await {
        Ok(found) => found,
        Err(error) if error.status == 404 => return Ok(()),
        Err(error) => return Err(error),
    };
    let Some(environment) = workers(&found.record) else { return Ok(()) };
    let state = space.runtime.session_state(id).await?;
    let mut calls = state.threads.iter().flat_map(|thread| thread.open_calls());
    if calls.any(|call| call.via == Some(Via::Worker) && call.is_owed()) {
        crate::work::needed(space, &environment, id).await?;
    }
    Ok(())
}

/// Tells webhooks and traces of what happens in one session.
struct Tells<'a> {
    space: &'a Space,
    id: &'a SessionId,
    primary: Option<ThreadId>,
    /// Whether its budget was used up when it last rested.
    is_out: bool,
    /// What of its log is traced.
    runs: Runs,
}

impl Tells<'_> {
    /// Tells of one event; says whether a worker may be needed for it.
    async fn tell(&mut self, record: &EventRecord) -> Result<bool, ApiError> {
        if self.space.traces.are_on() {
            self.space.traces.ended(self.runs.read(self.id, record));
        }
        let Some(event) = record.event() else { return Ok(false) };
        match &event {
            Event::StatusRunning {} => {
                self.session(&["session.status_run_started", "session.running"]);
                self.is_out = false;
            }
            Event::StatusIdle { stop_reason } => self.idle(stop_reason),
            Event::StatusRescheduled {} => self.session(&["session.status_rescheduled"]),
            Event::EvaluationEnd { .. } => self.session(&["session.outcome_evaluation_ended"]),
            Event::ThreadCreated { session_thread_id, .. } => {
                self.thread("session.thread_created", session_thread_id).await?;
            }
            Event::ThreadIdle { session_thread_id, .. } => {
                self.thread("session.thread_idled", session_thread_id).await?;
            }
            Event::ThreadTerminated { session_thread_id, .. } => {
                self.thread("session.thread_terminated", session_thread_id).await?;
            }
            Event::ToolUse { lucid: Some(Via::Worker), .. } | Event::ToolConfirmation { .. } => {
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    fn session(&self, kinds: &[&str]) {
        for kind in kinds {
            self.space.hooks.tell(kind, self.id.as_str());
        }
    }

    fn idle(&mut self, reason: &IdleReason) {
        self.session(&["session.status_idled", "session.idled"]);
        match reason {
            IdleReason::RequiresAction { .. } => self.session(&["session.requires_action"]),
            IdleReason::BudgetReached if !std::mem::replace(&mut self.is_out, true) => {
                self.session(&["session.budget_reached"]);
            }
            _ => {}
        }
    }

    /// Tells of a thread, unless it is the primary one.
    async fn thread(&mut self, kind: &str, thread: &ThreadId) -> Result<(), ApiError> {
        if self.primary.is_none() {
            let store = self.space.runtime.store.as_ref();
            let standing = self.space.sessions.standing(store, self.id).await?;
            self.primary = standing.primary().cloned();
        }
        if self.primary.as_ref() != Some(thread) {
            let mut extra = Map::new();
            extra.insert("session_thread_id".into(), thread.as_str().into());
            self.space.hooks.tell_with(kind, self.id.as_str(), extra);
        }
        Ok(())
    }
}
