//! What people do with sessions: run them, go on with them, write to them, put them away.

#![allow(clippy::disallowed_methods, reason = "works on folders that the host made itself")]

use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{
    Clock, Entropy, Event, EventId, EventRecord, Failure, IdleReason, Result, Session, SessionId,
    SessionState, SessionStatus, Timestamp, read_sessions, sha256_hex,
};
use lucid_store::SessionFilter;

use crate::ambient::{SystemClock, SystemEntropy};
use crate::lease::{self, Claim};
use crate::mission::{Mission, Variables, fill};
use crate::observer::{NoObserver, Observer};
use crate::session::{
    self, Approver, MemoryMount, NobodyAsks, SessionEnd, SessionLog, SessionPlan, Start, Workspace,
};
use crate::state::{Runtime, Stores};
use crate::world::{Source, World};

/// Characters of the hash that says what was asked for.
const ASKED_CHARACTERS: usize = 24;

/// Sessions of a run whose first events are looked at: as many as may have begun at once.
const SESSIONS_LOOKED_AT: u32 = 16;

/// What the metadata of a session say of the run that it is a part of.
const OF_A_RUN: [&str; 3] = ["lucid.run", "lucid.part", "lucid.asked"];

/// Events read at once.
const PAGE: u32 = 1_000;

/// How missions and sessions are run.
#[derive(Clone)]
pub struct RunOptions {
    /// Decides about calls whose permission is to ask; nobody, unless somebody is named, and
    /// then they are denied.
    pub approver: Arc<dyn Approver>,
    /// Watches.
    pub observer: Arc<dyn Observer>,
    /// Whether the newest run of the mission with the same options is gone on with.
    pub resume: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        let (approver, observer) = (Arc::new(NobodyAsks), Arc::new(NoObserver));
        Self { approver, observer, resume: false }
    }
}

/// What became of events that somebody posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// Whether a living process runs the session, and so will see them.
    pub is_running: bool,
}

/// What one session starts with.
pub(crate) struct SessionStart<'a> {
    pub(crate) title: String,
    pub(crate) variables: Variables,
    pub(crate) started_at: Timestamp,
    pub(crate) phase: &'static str,
    pub(crate) memory: &'a [MemoryMount],
    pub(crate) stores: &'a Stores,
    pub(crate) run: &'a RunName,
}

/// One run of a mission; each session knows of which it is a part.
#[derive(Debug, Clone)]
pub(crate) struct RunName {
    /// Its name.
    name: String,
    /// A hash over what was asked for: the mission and the options.
    asked: String,
}

impl Runtime {
    /// Runs one session of a mission, or goes on with it where its run did not finish it.
    pub(crate) async fn run_session(
        &self,
        mission: &Mission,
        source: Source,
        start: SessionStart<'_>,
        options: &RunOptions,
    ) -> Result<(Session, SessionEnd)> {
        if options.resume
            && let Some(session) = self.session_of(start.run, source.number).await?
        {
            let state = self.session_state(&session.id).await?;
            if is_finished(&state) {
                let workspace = self.workspace(&session.id);
                return Ok((session, SessionEnd::of(&state, workspace)));
            }
            if state.start.is_some() && source.fixed.is_none() {
                let end = self.go_on(mission, &session.id, &state, options).await?;
                return Ok((session, end));
            }
            // A deterministic session is worth nothing in halves, and one that wrote nothing
            // is none: it is run again from its beginning.
            self.delete(&session.id).await?;
        }
        let (clock, entropy) = (source.clock.as_ref(), source.entropy.as_ref());
        let session = Session {
            id: SessionId::new(clock, entropy),
            title: start.title,
            agent: mission.lead.clone(),
            metadata: [
                ("lucid.mission".to_owned(), mission.name.clone()),
                ("lucid.phase".to_owned(), start.phase.to_owned()),
                ("lucid.task".to_owned(), fill("{task}", &start.variables)),
                ("lucid.run".to_owned(), start.run.name.clone()),
                ("lucid.part".to_owned(), source.number.to_string()),
                ("lucid.asked".to_owned(), start.run.asked.clone()),
            ]
            .into(),
            created_at: start.started_at,
        };
        self.store.create_session(&session).await.map_err(|failure| match source.fixed {
            Some(_) => failure.hint(
                "a deterministic run needs a state folder of its own: `--state DIR`; one that \
                 was interrupted goes on with `--resume`",
            ),
            None => failure,
        })?;
        let begin = Start {
            mission: absolute(&mission.folder),
            digest: mission.digest.clone(),
            variables: start.variables,
            memory: start.stores.iter().map(|(_, id)| id.clone()).collect(),
            fixed: source.fixed,
        };
        let plan = |epoch| SessionPlan {
            id: session.id.clone(),
            epoch,
            start: begin.clone(),
            folder: self.session_folder(&session.id),
            memory: start.memory.to_vec(),
            clock: source.clock.clone(),
            entropy: source.entropy.clone(),
            approver: options.approver.clone(),
        };
        let end = self.drive(mission, &session.id, plan).await?;
        Ok((session, end))
    }

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

    async fn go_on(
        &self,
        mission: &Mission,
        id: &SessionId,
        state: &SessionState,
        options: &RunOptions,
    ) -> Result<SessionEnd> {
        let start = Start::read(state.start.as_ref()).map_err(|f| f.about(id))?;
        let names = mission.memory.keys().cloned();
        let stores: Stores = names.zip(start.memory.iter().cloned()).collect();
        let memory = self.mount_memory(&stores).await?;
        let plan = |epoch| SessionPlan {
            id: id.clone(),
            epoch,
            start: start.clone(),
            folder: self.session_folder(id),
            memory: memory.clone(),
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
            approver: options.approver.clone(),
        };
        self.drive(mission, id, plan).await
    }

    /// Runs a session under a claim until nothing is left to do, also of what is written to
    /// it while the claim is given back.
    async fn drive(
        &self,
        mission: &Mission,
        id: &SessionId,
        plan: impl Fn(u64) -> SessionPlan,
    ) -> Result<SessionEnd> {
        let mut rested = None;
        loop {
            let taken = Claim::take(self.store.clone(), &self.owner, id).await;
            let mut claim = match (taken, rested.take()) {
                (Ok(claim), _) => claim,
                // Whoever has it now goes on with what came after its end here.
                (Err(_), Some(ended)) => return Ok(ended),
                (Err(failure), None) => return Err(failure),
            };
            let running = session::run(mission, self.store.clone(), plan(claim.epoch()));
            let ended = tokio::select! {
                ended = running => ended,
                () = claim.lost() => Err(lease::taken(id)),
            };
            let given = claim.give_back().await;
            let ended = ended?;
            given?;
            let head = self.store.head(id).await?;
            if head.is_none_or(|head| head <= ended.events) {
                return Ok(ended);
            }
            rested = Some(ended);
        }
    }

    /// The session that is a part of a run.
    async fn session_of(&self, run: &RunName, number: u64) -> Result<Option<Session>> {
        let metadata = vec![
            ("lucid.run".to_owned(), run.name.clone()),
            ("lucid.part".to_owned(), number.to_string()),
        ];
        let filter = SessionFilter { metadata, ..Default::default() };
        let found = self.store.sessions(&filter).await?;
        Ok(found.into_iter().next().map(|summary| summary.session))
    }

    /// Names a run: a new one, or the newest of the mission with the same options.
    ///
    /// # Errors
    /// Invalid, when there is none to go on with.
    pub(crate) async fn name_run(
        &self,
        mission: &Mission,
        world: &World,
        what: &str,
        options: &RunOptions,
    ) -> Result<RunName> {
        let asked = sha256_hex(format!("{}\n{what}", mission.digest).as_bytes());
        let asked = asked[..ASKED_CHARACTERS].to_owned();
        if world.is_deterministic() {
            // The same every time; whether it goes on is seen from its sessions.
            return Ok(RunName { name: format!("run-{asked}"), asked });
        }
        if !options.resume {
            return Ok(RunName { name: format!("run-{:016x}", SystemEntropy.next_u64()), asked });
        }
        let metadata = vec![
            ("lucid.mission".to_owned(), mission.name.clone()),
            ("lucid.asked".to_owned(), asked.clone()),
        ];
        let limit = Some(1);
        let filter = SessionFilter { metadata, limit, newest_first: true, ..Default::default() };
        let found = self.store.sessions(&filter).await?;
        let run = found.first().and_then(|found| found.session.metadata.get("lucid.run"));
        let name = run.cloned().ok_or_else(|| {
            let message = format!("there is no run of mission `{}` to go on with", mission.name);
            Failure::invalid(message)
                .hint("give the same options and the same mission as then, or leave out --resume")
        })?;
        Ok(RunName { name, asked })
    }

    /// The memory stores that the first session of a run saw.
    pub(crate) async fn stores_of(
        &self,
        mission: &Mission,
        run: &RunName,
    ) -> Result<Option<Stores>> {
        let metadata = vec![("lucid.run".to_owned(), run.name.clone())];
        let limit = Some(SESSIONS_LOOKED_AT);
        let filter = SessionFilter { metadata, limit, ..Default::default() };
        for found in self.store.sessions(&filter).await? {
            let state = self.session_state(&found.session.id).await?;
            // One that was killed before its first event says nothing.
            if let Ok(start) = Start::read(state.start.as_ref()) {
                return Ok(Some(mission.memory.keys().cloned().zip(start.memory).collect()));
            }
        }
        Ok(None)
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
    /// it: nothing is written then.
    pub async fn post(&self, id: &SessionId, events: Vec<Event>) -> Result<Posted> {
        let mut state = self.session_state(id).await?;
        let (clock, entropy) = (SystemClock::default(), SystemEntropy);
        let mut records = Vec::new();
        for event in events {
            let thread = check_posted(id, &state, &event)?;
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
        self.store.post_events(id, records).await?;
        // Asked afterwards: a process that has the session now looks once more before it ends.
        let is_running = self.is_running(id).await?;
        Ok(Posted { is_running })
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

    /// Removes a session, its log and its folders.
    ///
    /// # Errors
    /// Invalid, when there is no such session; failed, when another process runs it.
    pub async fn delete(&self, id: &SessionId) -> Result<()> {
        if self.store.session(id).await?.is_none() {
            return Err(no_session(id));
        }
        let claim = Claim::take(self.store.clone(), &self.owner, id).await?;
        let folder = self.session_folder(id);
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::failed(format!("folder {}: {error}", folder.display()))
                    .hint("nothing of the session's log was removed; delete it again"));
            }
            _ => {}
        }
        // Last: a process that is killed between the two leaves a session that is deleted again.
        self.store.delete_session(id, claim.epoch()).await?;
        claim.gone();
        Ok(())
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

    fn session_folder(&self, id: &SessionId) -> PathBuf {
        self.state.join("sessions").join(id.as_str())
    }

    /// The folders of a session that ran.
    #[must_use]
    pub fn workspace(&self, id: &SessionId) -> Workspace {
        Workspace::existing(self.session_folder(id))
    }
}

/// Whether a session has nothing left to do.
fn is_finished(state: &SessionState) -> bool {
    let rests = matches!(state.status, SessionStatus::Idle | SessionStatus::Terminated);
    let waits =
        matches!(state.idle, Some(IdleReason::RequiresAction { .. } | IdleReason::BudgetReached));
    let over = state.status == SessionStatus::Terminated;
    state.start.is_some() && (over || (rests && !waits && !state.is_working()))
}

/// Checks that an event may be posted, and says to which thread it belongs.
fn check_posted(id: &SessionId, state: &SessionState, event: &Event) -> Result<Option<usize>> {
    match event {
        Event::UserMessage { .. } => Ok(Some(0)),
        Event::Interrupt { session_thread_id: None } => Ok(Some(0)),
        Event::Interrupt { session_thread_id: Some(thread) } => match state.thread(thread) {
            Some((index, _)) => Ok(Some(index)),
            None => Err(Failure::invalid(format!("session {id} has no thread {thread}"))
                .hint(format!("`lucid session show {id}` lists its threads"))),
        },
        Event::ToolConfirmation { tool_use_id, .. } => {
            let call = state.call(tool_use_id).filter(|(_, call)| call.waits());
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
        _ => Err(Failure::invalid("only messages, interrupts and confirmations can be sent")
            .hint("agents and the host write the rest")),
    }
}

fn no_session(id: &SessionId) -> Failure {
    Failure::invalid(format!("there is no session {id}"))
        .hint("`lucid session list` shows the sessions there are")
}

/// Another process may stand elsewhere.
fn absolute(folder: &std::path::Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}
