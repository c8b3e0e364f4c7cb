//! Sessions that somebody talks to: made without a run, with a mission of their own.
//!
//! Whoever serves the API writes the session's mission, which lies in the session's folder, so
//! that any process can go on with it. It has no first message: what is said comes as events.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{
    Clock as _, Event, EventId, EventRecord, Failure, MemoryStoreId, Result, Session, SessionId,
    SessionState, SessionStatus, ThreadId, Timestamp,
};

use crate::ambient::{SystemClock, SystemEntropy};
use crate::lease::Claim;
use crate::making::Making;
use crate::mission::Mission;
use crate::runs::{Driven, RunOptions, Who};
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
        let runtime = self.clone();
        // A task of its own: whoever asked may go away, and half a session is none.
        let made = tokio::spawn(async move { Box::pin(runtime.make_whole(&new)).await });
        made.await.map_err(|error| Failure::bug(format!("making a session: {error}")))?
    }

    async fn make_whole(&self, new: &NewSession) -> Result<Session> {
        if self.store.session(&new.id).await?.is_some() {
            return Err(Failure::invalid(format!("there is a session {} already", new.id)));
        }
        let making = self.begin_session(&new.id, &new.mission).await?;
        let made = self.make_session(new, &making).await;
        // What cannot be taken away now is taken away later.
        if made.is_ok() || self.discard(&new.id).await.is_ok() {
            making.done();
        }
        made
    }

    async fn make_session(&self, new: &NewSession, making: &Making) -> Result<Session> {
        for mounted in &new.memory {
            if self.store.memory_store(&mounted.id).await?.is_none() {
                return Err(Failure::invalid(format!("there is no memory store {}", mounted.id))
                    .hint("`lucid memory list` shows the stores there are"));
            }
        }
        let mission = self.load(making.trial()).await?;
        let views: Vec<_> = mission.agents.values().map(|agent| &agent.view).collect();
        let folder = self.session_folder(&new.id);
        Workspace::create(folder, Vec::new(), &views, &mission.files, mission.disk)?;
        making.put(self.own_mission(&new.id)).await?;
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

    /// Gives the stores that a session may write folders of its own, and brings them up to date.
    /// Only for whoever has claimed the session. A store that was deleted is left out.
    pub(crate) async fn mount_writable(
        &self,
        id: &SessionId,
        start: &Start,
        mounts: &mut Vec<MemoryMount>,
    ) -> Result<()> {
        for store_id in &start.writable {
            let Some(store) = self.store.memory_store(store_id).await? else { continue };
            let folder = self.session_folder(id).join("memory").join(store_id.as_str());
            let remembered = Remembered::new(store_id.clone(), folder.clone(), id.clone());
            remembered.meet(&self.store, &SystemClock::default(), &SystemEntropy).await?;
            mounts.push(MemoryMount {
                slug: store.slug(),
                description: store.description,
                folder,
                store: store_id.clone(),
                writable: Some(remembered),
                _in_use: None,
            });
        }
        // As the session named them.
        mounts.sort_by_key(|mount| start.memory.iter().position(|id| *id == mount.store));
        Ok(())
    }

    /// The folder of a session's own mission.
    pub(crate) fn own_mission(&self, id: &SessionId) -> PathBuf {
        let folder = self.session_folder(id).join(MISSION);
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// Puts away one thread of a session beside the primary one. One that begins to work just
    /// then is stopped by whoever runs the session: nothing of it stays open.
    ///
    /// # Errors
    /// Invalid, when there is no such thread, it is the primary one, it works, or calls of it
    /// wait for somebody.
    pub async fn archive_thread(&self, id: &SessionId, thread: &ThreadId) -> Result<()> {
        let state = self.session_state(id).await?;
        let found = state.thread(thread).filter(|(index, _)| *index > 0);
        let Some((_, found)) = found else {
            let text = format!("session {id} has no thread {thread} beside its primary one");
            let hint = format!("`lucid session show {id}` lists its threads");
            return Err(Failure::invalid(text).hint(hint));
        };
        if found.status == SessionStatus::Terminated {
            return Ok(());
        }
        if found.is_left() || found.open_calls().next().is_some() {
            return Err(Failure::invalid(format!("thread {thread} works, or waits for somebody"))
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
    /// somebody wait on. Says what it came to, or who else has it.
    ///
    /// # Errors
    /// Those of [`Runtime::resume`]; invalid, when the session is deterministic.
    pub(crate) async fn work_on(
        &self,
        mission: &Mission,
        id: &SessionId,
        state: &SessionState,
    ) -> Result<Driven> {
        check_talks(id, state)?;
        let options =
            RunOptions { approver: Arc::new(crate::live::LeavesCalls), ..RunOptions::default() };
        self.try_go_on(mission, id, state, (Who::Woken, &options)).await
    }
}

/// Whether a session began in a mission of its own, wherever its state folder was then.
pub(crate) fn is_own_mission(id: &SessionId, start: &Start) -> bool {
    let folder: PathBuf = ["sessions", id.as_str(), MISSION].iter().collect();
    start.mission.ends_with(folder)
}

/// Checks that somebody may talk to a session: all that a deterministic one does follows from
/// its seed.
///
/// # Errors
/// Invalid, when it is deterministic.
pub fn check_talks(id: &SessionId, state: &SessionState) -> Result<()> {
    let start = Start::read(state.start.as_ref());
    if start.is_ok_and(|start| start.fixed.is_some()) {
        return Err(Failure::invalid(format!("session {id} is part of a deterministic run"))
            .hint("go on with it with `lucid run --resume`, or begin another session"));
    }
    Ok(())
}
