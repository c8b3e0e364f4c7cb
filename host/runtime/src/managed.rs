//! Sessions that somebody talks to: made without a run, with a mission of their own.
//!
//! Whoever serves the API writes the session's mission, which lies in the session's folder, so
//! that any process can go on with it. It has no first message: what is said comes as events.

#![allow(clippy::disallowed_methods, reason = "works on folders that the host made itself")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{
    Clock as _, Event, EventId, EventRecord, Failure, IdleReason, MemoryStoreId, ModelUsage,
    Result, Session, SessionId, SessionState, SessionStatus, ThreadId, Timestamp,
};
use lucid_store::SessionFilter;

use crate::ambient::{SystemClock, SystemEntropy};
use crate::lease::Claim;
use crate::mission::Mission;
use crate::session::{MemoryMount, Remembered, SessionLog, Start, Workspace};
use crate::state::Runtime;

/// The folder of a session's own mission, inside the session's.
const MISSION: &str = "mission";

/// A memory store that a session sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountedStore {
    /// The store.
    pub id: MemoryStoreId,
    /// Whether its agents may change it.
    pub writable: bool,
}

/// A session to be made.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Its title.
    pub title: String,
    /// The name of its lead, as its mission has it.
    pub agent: String,
    /// What is known about it.
    pub metadata: BTreeMap<String, String>,
    /// The text of its mission file.
    pub mission: String,
    /// The memory stores its agents see.
    pub memory: Vec<MountedStore>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Runtime {
    /// Makes a session that waits for somebody to say something; nothing runs.
    ///
    /// # Errors
    /// Invalid or denied, when its mission does not load or a memory store is not there;
    /// failed, when the disk or the store fails. Nothing is left behind then.
    pub async fn create_session(&self, new: NewSession) -> Result<Session> {
        let folder = self.session_folder(&new.id);
        let made = self.make_session(&new).await;
        if made.is_err() && !matches!(self.store.session(&new.id).await, Ok(Some(_))) {
            // What cannot be removed is in nobody's way: its id is not used again.
            let _ = std::fs::remove_dir_all(&folder);
        }
        made
    }

    async fn make_session(&self, new: &NewSession) -> Result<Session> {
        for mounted in &new.memory {
            if self.store.memory_store(&mounted.id).await?.is_none() {
                return Err(Failure::invalid(format!("there is no memory store {}", mounted.id))
                    .hint("`lucid memory list` shows the stores there are"));
            }
        }
        let mission = self.write_mission(&new.id, &new.mission).await?;
        let views: Vec<_> = mission.agents.values().map(|agent| &agent.view).collect();
        let folder = self.session_folder(&new.id);
        Workspace::create(folder, Vec::new(), &views, &mission.files, mission.disk)?;
        let session = Session {
            id: new.id.clone(),
            title: new.title.clone(),
            agent: new.agent.clone(),
            metadata: new.metadata.clone(),
            created_at: new.created_at,
        };
        let ids = |writable: bool| {
            let stores = new.memory.iter().filter(move |store| !writable || store.writable);
            stores.map(|store| store.id.clone()).collect::<Vec<_>>()
        };
        let start = Start {
            mission: self.own_mission(&new.id),
            digest: mission.digest.clone(),
            variables: BTreeMap::new(),
            memory: ids(false),
            writable: ids(true),
            fixed: None,
        };
        self.store.create_session(&session).await?;
        self.write_first(&session, &start).await?;
        Ok(session)
    }

    /// Writes how a session began, which also says what its primary thread is called.
    async fn write_first(&self, session: &Session, start: &Start) -> Result<()> {
        let claim = Claim::take(self.store.clone(), &self.owner, &session.id).await?;
        let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy));
        let (store, id) = (self.store.clone(), session.id.clone());
        let mut log = SessionLog::new(store, id, claim.epoch(), clock, entropy);
        let lead = log.new_thread();
        let start = serde_json::to_value(start)
            .map_err(|error| Failure::bug(format!("a start that is not JSON: {error}")))?;
        let agent_name = session.agent.clone();
        log.write(Some(&lead), &Event::SessionStarted { start, agent_name: Some(agent_name) })?;
        log.flush().await?;
        claim.give_back().await
    }

    /// Writes another mission for a session of this kind; what runs goes on with the old one
    /// until it rests.
    ///
    /// # Errors
    /// Invalid or denied, when it does not load: the old one stays then.
    pub async fn change_mission(&self, id: &SessionId, mission: &str) -> Result<()> {
        self.write_mission(id, mission).await.map(drop)
    }

    /// Writes a mission beside the one there is, loads it, and puts it in its place.
    async fn write_mission(&self, id: &SessionId, text: &str) -> Result<Mission> {
        let folder = self.own_mission(id);
        let trial = folder.with_extension("new");
        let write = || {
            std::fs::create_dir_all(&trial)?;
            std::fs::create_dir_all(&folder)?;
            std::fs::write(trial.join("mission.toml"), text)
        };
        let failed = |error: std::io::Error| {
            Failure::failed(format!("session folder {}: {error}", folder.display()))
        };
        write().map_err(failed)?;
        let mission = self.load(&trial).await;
        if mission.is_ok() {
            std::fs::rename(trial.join("mission.toml"), folder.join("mission.toml"))
                .map_err(failed)?;
        }
        let _ = std::fs::remove_dir_all(&trial);
        mission
    }

    /// Gives the stores that a session may write folders of its own, and brings them up to date.
    pub(crate) async fn mount_writable(
        &self,
        id: &SessionId,
        start: &Start,
        mounts: &mut [MemoryMount],
    ) -> Result<()> {
        // Mounts come in the order of the stores.
        for (store, mount) in start.memory.iter().zip(mounts) {
            if !start.writable.contains(store) {
                continue;
            }
            let folder = self.session_folder(id).join("memory").join(store.as_str());
            let remembered =
                Remembered { store_id: store.clone(), folder: folder.clone(), session: id.clone() };
            remembered.meet(&self.store, &SystemClock::default(), &SystemEntropy).await?;
            (mount.folder, mount.writable) = (folder, Some(store.clone()));
        }
        Ok(())
    }

    /// The folder of a session's own mission.
    pub(crate) fn own_mission(&self, id: &SessionId) -> PathBuf {
        let folder = self.session_folder(id).join(MISSION);
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// The sessions that have something to do and that nobody works on: those that a process
    /// left while they worked, and those to which somebody wrote just before it ended.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn unattended(&self) -> Result<Vec<SessionId>> {
        let mut left = self.interrupted().await?;
        let filter = SessionFilter { status: Some(SessionStatus::Idle), ..Default::default() };
        for found in self.store.sessions(&filter).await? {
            let id = found.session.id;
            if self.was_written_to(&id, found.events).await? && !self.is_running(&id).await? {
                left.push(id);
            }
        }
        Ok(left)
    }

    /// Whether the last event is one that somebody sent.
    async fn was_written_to(&self, id: &SessionId, events: u32) -> Result<bool> {
        let Some(last) = events.checked_sub(1) else { return Ok(false) };
        let page = self.store.events(id, last.checked_sub(1), 1).await?;
        let sent = page.first().is_some_and(|(_, record)| record.kind.starts_with("user."));
        Ok(sent && self.session_folder(id).is_dir())
    }

    /// Writes down that a session cannot go on, so that nobody waits for it. One that another
    /// process runs is left alone.
    pub(crate) async fn cannot_go_on(&self, id: &SessionId, failure: &Failure) -> Result<()> {
        let claim = Claim::take(self.store.clone(), &self.owner, id).await?;
        let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy));
        let (store, epoch) = (self.store.clone(), claim.epoch());
        let mut log = SessionLog::new(store, id.clone(), epoch, clock, entropy);
        log.catch_up().await?;
        let lead = log.state().threads.first();
        let lead = lead.and_then(|lead| Some((lead.id.clone()?, lead.agent.clone())));
        if let (Some((lead, agent_name)), true) = (lead, log.state().is_working()) {
            let error = serde_json::json!({
                "type": "unknown_error",
                "message": failure.to_string(),
                "retry_status": {"type": "exhausted"},
                "lucid": failure,
            });
            log.write(Some(&lead), &Event::Error { error })?;
            let stop_reason = IdleReason::RetriesExhausted;
            let session_thread_id = lead.clone();
            let idle = Event::ThreadIdle {
                session_thread_id,
                agent_name,
                stop_reason: stop_reason.clone(),
            };
            log.write(Some(&lead), &idle)?;
            let usage = ModelUsage::from(log.state().usage);
            log.write(Some(&lead), &Event::Usage { usage, cost_micro_usd: None })?;
            log.write(Some(&lead), &Event::StatusIdle { stop_reason })?;
            log.flush().await?;
        }
        claim.give_back().await
    }

    /// Puts away one thread of a session beside the primary one.
    ///
    /// # Errors
    /// Invalid, when there is no such thread, it is the primary one, or it works.
    pub async fn archive_thread(&self, id: &SessionId, thread: &ThreadId) -> Result<()> {
        let state = self.session_state(id).await?;
        let found = state.thread(thread).filter(|(index, _)| *index > 0);
        let Some((_, found)) = found else {
            return Err(Failure::invalid(format!(
                "session {id} has no thread {thread} beside its                 primary one"
            ))
            .hint(format!("`lucid session show {id}` lists its threads")));
        };
        if found.status == SessionStatus::Terminated {
            return Ok(());
        }
        if found.is_working() {
            return Err(Failure::invalid(format!("thread {thread} works"))
                .hint("interrupt it, and wait until it is idle"));
        }
        let (clock, entropy) = (SystemClock::default(), SystemEntropy);
        let event = Event::ThreadTerminated {
            session_thread_id: thread.clone(),
            agent_name: found.agent.clone(),
        };
        let event_id = EventId::new(&clock, &entropy);
        let now = clock.now().max(state.updated_at.unwrap_or_default());
        let record = EventRecord::new(event_id, &event, Some(thread.clone()), true, now)?;
        self.store.post_events(id, vec![record]).await.map(drop)
    }

    /// Goes on with a session as long as there is something to do; calls that wait for
    /// somebody wait on.
    ///
    /// # Errors
    /// Those of [`Runtime::resume`].
    pub(crate) async fn work_on(&self, mission: &Mission, id: &SessionId) -> Result<()> {
        let state: SessionState = self.session_state(id).await?;
        if state.status == SessionStatus::Terminated {
            return Ok(());
        }
        let options = crate::runs::RunOptions {
            approver: Arc::new(crate::live::LeavesCalls),
            ..crate::runs::RunOptions::default()
        };
        self.go_on(mission, id, &state, &options).await.map(drop)
    }
}
