//! What people do with sessions: go on with them, write to them, put them away.

#![allow(clippy::disallowed_methods, reason = "works on folders that the host made itself")]

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{
    Clock, Content, Entropy, Event, EventId, EventRecord, Failure, Result, SessionId, SessionState,
    SessionStatus, Via, read_sessions,
};
use lucid_store::SessionFilter;

use crate::ambient::{SystemClock, SystemEntropy};
use crate::lease::{self, Claim};
use crate::managed::is_own_mission;
use crate::mission::Mission;
use crate::runs::RunOptions;
use crate::session::{SessionEnd, SessionLog, Start, Workspace};
use crate::state::Runtime;

/// What the metadata of a session say of the run that it is a part of.
const OF_A_RUN: [&str; 3] = ["lucid.run", "lucid.part", "lucid.asked"];

/// How often an outcome is evaluated at most, as the API has it.
const ITERATIONS_MAX: u32 = 20;

/// The longest rubric of an outcome, in bytes.
const RUBRIC_BYTES_MAX: usize = 1 << 20;

/// How often the removal of a folder is tried into which somebody still writes.
const REMOVALS_MAX: usize = 16;

/// Events read at once.
const PAGE: u32 = 1_000;

/// Bytes of events that a session's log has at most by what people say, unless the options say
/// otherwise: a log is read whole by whoever works on its session, and by whoever checks what is
/// said to it. What ends a turn or lets it go on ([`Event::Interrupt`],
/// [`Event::ToolConfirmation`]) is taken beyond it too. What agents and tools say is not refused; a
/// budget bounds that, where a session has one.
pub const LOG_BYTES_MAX: u64 = 256 << 20;

/// What became of events that somebody posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// Whether a living process runs the session, and so will see them.
    pub is_running: bool,
}

impl Runtime {
    /// Goes on with a session, in the mission that it was begun with.
    ///
    /// # Errors
    /// Invalid, when there is no such session, Lucid did not begin it, it is archived, or its
    /// mission has changed since; failed, when another process runs it.
    pub async fn resume(&self, id: &SessionId, options: &RunOptions) -> Result<SessionEnd> {
        let state = self.session_state(id).await?;
        self.go_on(&self.can_go_on(id, &state).await?, id, &state, options).await
    }

    /// The mission that a session goes on with, where it can: for whoever wants to know before
    /// something is written to it.
    ///
    /// # Errors
    /// Invalid, as for [`Runtime::resume`].
    pub async fn can_go_on(&self, id: &SessionId, state: &SessionState) -> Result<Mission> {
        if state.status == SessionStatus::Terminated {
            return Err(Failure::invalid(format!("session {id} is archived"))
                .hint("an archived session can be read; begin another with `lucid run`"));
        }
        let start = Start::read(state.start.as_ref()).map_err(|f| f.about(id))?;
        // A session is its log and its files: of one that was imported, only the log is here.
        if !self.session_folder(id).is_dir() {
            return Err(Failure::invalid(format!("the files of session {id} are not here"))
                .hint("go on with it where it ran; an imported session can be read"));
        }
        if is_own_mission(id, &start) {
            // It is changed by whoever talks to the session.
            return self.load(&self.own_mission(id)).await;
        }
        let mission = self.load(&start.mission).await?;
        if mission.digest != start.digest {
            let folder = start.mission.display();
            return Err(Failure::invalid(format!("the mission of session {id} has changed since"))
                .hint(format!("put {folder} back as it was, or begin another session")));
        }
        Ok(mission)
    }

    /// The sessions that a process left while they worked, and nobody runs now.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn interrupted(&self) -> Result<Vec<SessionId>> {
        let mut left = Vec::new();
        for status in [SessionStatus::Running, SessionStatus::Rescheduling] {
            let filter = SessionFilter { status: Some(status), ..Default::default() };
            for found in self.store.sessions(&filter).await? {
                let id = found.session.id;
                // Dreams have sessions as well, which `lucid run` alone goes on with.
                let begun = self.session_state(&id).await?.start.is_some();
                if begun && self.session_folder(&id).is_dir() && !self.is_running(&id).await? {
                    left.push(id);
                }
            }
        }
        Ok(left)
    }

    /// Whether a living process runs a session.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn is_running(&self, id: &SessionId) -> Result<bool> {
        lease::is_run(self.store.as_ref(), &self.owner, id).await
    }

    /// What a session is now, by its log.
    ///
    /// # Errors
    /// Invalid, when there is no such session; failed, when the store fails.
    pub async fn session_state(&self, id: &SessionId) -> Result<SessionState> {
        if self.store.session(id).await?.is_none() {
            return Err(no_session(id));
        }
        let (mut state, mut after) = (SessionState::new(), None);
        loop {
            let page = self.store.events(id, after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(state) };
            after = Some(*last);
            page.iter().for_each(|(_, record)| state.apply(record));
        }
    }

    /// Writes what somebody says into a session, whoever runs it: `user.message`,
    /// `user.interrupt` and `user.tool_confirmation`. Nothing runs here.
    ///
    /// # Errors
    /// Invalid, when there is no such session, it is archived, or an event makes no sense in
    /// it; exceeded, when its log would have more than it may
    /// ([`RuntimeOptions::log_bytes_max`](crate::RuntimeOptions)): nothing is written then.
    pub async fn post(&self, id: &SessionId, events: Vec<Event>) -> Result<Posted> {
        self.post_events(id, events).await?;
        // Asked afterwards: a process that has the session now looks once more before it ends.
        let is_running = self.is_running(id).await?;
        Ok(Posted { is_running })
    }

    /// Writes what somebody says into a session, as [`Runtime::post`], and gives what stands in
    /// the log now: one event each, and the message to the lead behind an outcome.
    ///
    /// # Errors
    /// As [`Runtime::post`].
    pub async fn post_events(
        &self,
        id: &SessionId,
        events: Vec<Event>,
    ) -> Result<Vec<EventRecord>> {
        let mut state = self.session_state(id).await?;
        let (clock, entropy) = (SystemClock::default(), SystemEntropy);
        let mut records = Vec::new();
        // The agent starts at once: what it is to achieve is said to it.
        let events = events.into_iter().flat_map(|event| {
            let said = match &event {
                Event::DefineOutcome { description, .. } => {
                    Some(Event::UserMessage { content: Content::text(description) })
                }
                _ => None,
            };
            std::iter::once(event).chain(said)
        });
        let mut adds = false;
        for event in events {
            let thread = check_posted(id, &state, &event)?;
            adds |= !matches!(event, Event::Interrupt { .. } | Event::ToolConfirmation { .. });
            let child = thread.is_some_and(|index| index > 0);
            let thread = thread.and_then(|index| state.threads.get(index));
            let thread = thread.and_then(|thread| thread.id.clone());
            let now = clock.now().max(state.updated_at.unwrap_or_default());
            let event_id = EventId::new(&clock as &dyn Clock, &entropy as &dyn Entropy);
            let record = EventRecord::new(event_id, &event, thread, child, now)?;
            // What follows is checked against it: a call is decided once.
            state.apply_event(&record, &event);
            records.push(record);
        }
        if adds {
            self.check_room(id, state.bytes)?;
        }
        self.store.post_events(id, records.clone()).await?;
        Ok(records)
    }

    /// Puts a session away: it can be read, and nothing is added to it any more.
    ///
    /// # Errors
    /// Invalid, when there is no such session or it works; failed, when another process runs
    /// it.
    pub async fn archive(&self, id: &SessionId) -> Result<()> {
        let state = self.session_state(id).await?;
        if state.status == SessionStatus::Terminated {
            return Ok(());
        }
        let claim = Claim::take(self.store.clone(), &self.owner, id).await?;
        let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy));
        let store = self.store.clone();
        let mut log = SessionLog::new(store, id.clone(), claim.epoch(), clock, entropy);
        log.catch_up().await?;
        if log.state().status == SessionStatus::Terminated {
            return claim.give_back().await;
        }
        let lead = log.state().threads.first().and_then(|lead| lead.id.clone());
        log.write(lead.as_ref(), &Event::StatusTerminated {})?;
        log.flush().await?;
        claim.give_back().await
    }

    /// Removes a session, its log and its folders, and frees all dreams of it that read it.
    ///
    /// # Errors
    /// Those of [`Runtime::forget_session`], which says which dreams these are.
    pub async fn delete(&self, id: &SessionId) -> Result<()> {
        self.forget_session(id).await.map(drop)
    }

    /// Removes a session, its log and its folders; dreams that read it are left alone.
    ///
    /// # Errors
    /// Invalid, when there is no such session; failed, when another process runs it.
    pub(crate) async fn remove(&self, id: &SessionId) -> Result<()> {
        if self.store.session(id).await?.is_none() {
            return Err(no_session(id));
        }
        let claim = Claim::take(self.store.clone(), &self.owner, id).await?;
        self.remove_folder(id)?;
        // Last: a process that is killed between the two leaves a session that is deleted again.
        self.store.delete_session(id, claim.epoch()).await?;
        claim.gone();
        self.lenders.forget(id);
        Ok(())
    }

    /// Removes what a session has on disk.
    ///
    /// # Errors
    /// Failed, when the disk refuses.
    pub(crate) fn remove_folder(&self, id: &SessionId) -> Result<()> {
        let folder = self.session_folder(id);
        for _ in 1..REMOVALS_MAX {
            match std::fs::remove_dir_all(&folder) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
                // A call that was stopped, or an upload, wrote once more meanwhile.
                Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {}
                Err(_) => break,
            }
        }
        std::fs::remove_dir_all(&folder).map_err(|error| {
            Failure::failed(format!("folder {}: {error}", folder.display()))
                .hint("nothing of the session's log was removed; delete it again")
        })
    }

    /// Takes in sessions from JSON lines, all or none, and gives their ids.
    ///
    /// # Errors
    /// Invalid, when a line makes no sense, or one of the sessions is there already.
    pub async fn import(&self, text: &str) -> Result<Vec<SessionId>> {
        let mut sessions = read_sessions(text, &SystemClock::default(), &SystemEntropy)?;
        for (session, _) in &mut sessions {
            // What somebody sends is no part of a run of this machine.
            session.metadata.retain(|name, _| !OF_A_RUN.contains(&name.as_str()));
        }
        let ids = sessions.iter().map(|(session, _)| session.id.clone()).collect();
        self.store.import_sessions(sessions).await?;
        Ok(ids)
    }

    /// Where the folders of a session are.
    pub(crate) fn session_folder(&self, id: &SessionId) -> PathBuf {
        self.state.join("sessions").join(id.as_str())
    }

    /// The folders of a session that ran.
    #[must_use]
    pub fn workspace(&self, id: &SessionId) -> Workspace {
        Workspace::existing(self.session_folder(id))
    }

    /// Checks that a session's log may have so many bytes of events by what people say.
    ///
    /// # Errors
    /// Exceeded, when these are more than the runtime's options let it have.
    pub fn check_room(&self, id: &SessionId, bytes: u64) -> Result<()> {
        if bytes <= self.log_bytes_max {
            return Ok(());
        }
        let most = self.log_bytes_max >> 20;
        Err(Failure::exceeded(format!("the log of session {id} would have more than {most} MiB"))
            .hint("begin another session; this one can be read, interrupted and deleted"))
    }
}

/// Checks that an event may be posted, and says to which thread it belongs.
fn check_posted(id: &SessionId, state: &SessionState, event: &Event) -> Result<Option<usize>> {
    match event {
        Event::UserMessage { .. } => Ok(Some(0)),
        Event::DefineOutcome { description, rubric, max_iterations, .. } => {
            check_outcome(id, state, description, rubric, *max_iterations).map(|()| Some(0))
        }
        Event::Interrupt { session_thread_id: None } => Ok(Some(0)),
        Event::Interrupt { session_thread_id: Some(thread) } => match state.thread(thread) {
            Some((index, _)) => Ok(Some(index)),
            None => Err(Failure::invalid(format!("session {id} has no thread {thread}"))
                .hint(format!("`lucid session show {id}` lists its threads"))),
        },
        Event::ToolConfirmation { tool_use_id, .. } => {
            let call = state.call(tool_use_id).filter(|(_, call)| call.asks());
            call.map(|(index, _)| Some(index)).ok_or_else(|| {
                let waiting: Vec<_> =
                    state.asks().map(|(_, call)| call.event.to_string()).collect();
                let hint = if waiting.is_empty() {
                    "no call of it waits for anybody".to_owned()
                } else {
                    format!("these wait: {}", waiting.join(", "))
                };
                Failure::invalid(format!("call {tool_use_id} of session {id} waits for nobody"))
                    .hint(hint)
            })
        }
        Event::CustomToolResult { custom_tool_use_id, .. } => {
            owed(id, state, custom_tool_use_id, &Via::Custom).map(Some)
        }
        Event::WorkerToolResult { tool_use_id, .. } => {
            owed(id, state, tool_use_id, &Via::Worker).map(Some)
        }
        _ => Err(Failure::invalid(
            "only messages, outcomes, interrupts and confirmations can be sent",
        )
        .hint("agents and the host write the rest")),
    }
}

/// Checks that a call waits for its result from outside, and says in which thread.
fn owed(id: &SessionId, state: &SessionState, call: &EventId, via: &Via) -> Result<usize> {
    let found = state.call(call).filter(|(_, call)| call.is_owed());
    let found = found.filter(|(_, call)| call.via.as_ref() == Some(via));
    found.map(|(index, _)| index).ok_or_else(|| {
        Failure::invalid(format!("call {call} of session {id} waits for no such result"))
            .hint("answer a call once, when it may run, with the event of its kind")
    })
}

/// Checks that an outcome may be defined: one at a time, with a rubric.
fn check_outcome(
    id: &SessionId,
    state: &SessionState,
    description: &str,
    rubric: &serde_json::Value,
    max_iterations: u32,
) -> Result<()> {
    if state.outcome.as_ref().is_some_and(lucid_core::OutcomeState::is_open) {
        return Err(Failure::invalid(format!("session {id} works for an outcome already")).hint(
            format!(
                "let it end with `lucid session resume {id}`, or give it up with `lucid session \
                 interrupt {id}`"
            ),
        ));
    }
    if description.trim().is_empty() {
        return Err(Failure::invalid("the outcome has no description")
            .hint("say in a sentence what it is about: the lead is told"));
    }
    let text = rubric.get("content").and_then(serde_json::Value::as_str).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Failure::invalid("the outcome has no rubric")
            .hint("say in Markdown what done means, a list item for each criterion"));
    }
    if text.len() > RUBRIC_BYTES_MAX {
        return Err(Failure::invalid(format!("the rubric has {} bytes", text.len()))
            .hint(format!("give at most {RUBRIC_BYTES_MAX}")));
    }
    if !(1..=ITERATIONS_MAX).contains(&max_iterations) {
        return Err(Failure::invalid(format!("max_iterations is {max_iterations}"))
            .hint(format!("give 1 to {ITERATIONS_MAX}")));
    }
    Ok(())
}

fn no_session(id: &SessionId) -> Failure {
    Failure::invalid(format!("there is no session {id}"))
        .hint("`lucid session list` shows the sessions there are")
}
