//! Running sessions: a run of a mission, the sessions it is made of, and what claims them.

use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{
    Entropy, Failure, IdleReason, Result, Session, SessionId, SessionState, SessionStatus,
    Timestamp, sha256_hex,
};
use lucid_store::SessionFilter;

use crate::ambient::{SystemClock, SystemEntropy};
use crate::lease::{self, Claim};
use crate::mission::{Mission, Variables, fill};
use crate::observer::{NoObserver, Note, Observer};
use crate::owner::Drive;
use crate::session::{self, Approver, MemoryMount, NobodyAsks, SessionEnd, SessionPlan, Start};
use crate::state::{Runtime, Stores};
use crate::world::{Source, World};

/// Characters of the hash that says what was asked for.
const ASKED_CHARACTERS: usize = 24;

/// Sessions of a run whose first events are looked at: as many as may have begun at once.
const SESSIONS_LOOKED_AT: u32 = 16;

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

/// What one session starts with.
pub(crate) struct SessionStart<'a> {
    pub(crate) title: String,
    pub(crate) variables: Variables,
    pub(crate) started_at: Timestamp,
    pub(crate) phase: &'static str,
    pub(crate) memory: &'a [MemoryMount],
    pub(crate) stores: &'a Stores,
    pub(crate) run: &'a RunName,
    /// How often its result is evaluated at most, where it is not what the mission says.
    pub(crate) iterations: Option<u32>,
}

/// One run of a mission; each session knows of which it is a part.
#[derive(Debug, Clone)]
pub(crate) struct RunName {
    /// Its name.
    name: String,
    /// A hash over what was asked for: the mission and the options.
    asked: String,
}

/// Who goes on with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// A run, or somebody who resumes it: when that is dropped, the session stays as it stands.
    Run,
    /// Whoever looks after it because something was said into it; not what a run is at, or left.
    Woken,
}

/// What a session came to, or who else has it.
pub(crate) type Driven = Result<SessionEnd, Failure>;

impl Runtime {
    /// Runs one session of a mission, or goes on with it where its run did not finish it.
    pub(crate) async fn run_session(
        &self,
        mission: &Mission,
        source: Source,
        start: SessionStart<'_>,
        options: &RunOptions,
    ) -> Result<(Session, SessionEnd)> {
        if mission.message.is_none() {
            return Err(Failure::invalid(format!("mission `{}` has no `message`", mission.name))
                .hint("say in `message` what its lead is told first"));
        }
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
            self.remove(&session.id).await?;
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
            writable: Vec::new(),
            fixed: source.fixed,
        };
        let plan = |epoch, memory| SessionPlan {
            id: session.id.clone(),
            epoch,
            start: begin.clone(),
            folder: self.session_folder(&session.id),
            memory,
            clock: source.clock.clone(),
            entropy: source.entropy.clone(),
            approver: options.approver.clone(),
            iterations: start.iterations,
            previews: self.previews.clone(),
            lender: None,
        };
        let (id, lead) = (&session.id, mission.lead.as_str());
        options.observer.note(Note::SessionBegan { id, lead, events: 0 });
        let end = self.drive(mission, id, (&begin, start.memory), Who::Run, plan).await??;
        Ok((session, end))
    }

    /// Goes on with a session in its mission.
    pub(crate) async fn go_on(
        &self,
        mission: &Mission,
        id: &SessionId,
        state: &SessionState,
        options: &RunOptions,
    ) -> Result<SessionEnd> {
        self.try_go_on(mission, id, state, (Who::Run, options)).await?
    }

    /// The same, where nobody else has the session.
    pub(crate) async fn try_go_on(
        &self,
        mission: &Mission,
        id: &SessionId,
        state: &SessionState,
        (who, options): (Who, &RunOptions),
    ) -> Result<Driven> {
        let start = Start::read(state.start.as_ref()).map_err(|f| f.about(id))?;
        // Those that it may write have files of their own, once it is claimed.
        let read = start.memory.iter().filter(|store| !start.writable.contains(store));
        let stores: Stores = read.map(|store| (String::new(), store.clone())).collect();
        let memory = self.mount_memory(&stores).await?;
        let plan = |epoch, memory| SessionPlan {
            id: id.clone(),
            epoch,
            start: start.clone(),
            folder: self.session_folder(id),
            memory,
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
            approver: options.approver.clone(),
            // Its log says it by now.
            iterations: None,
            previews: self.previews.clone(),
            lender: self.lender(id),
        };
        let (lead, events) = (mission.lead.as_str(), state.events);
        options.observer.note(Note::SessionBegan { id, lead, events });
        self.drive(mission, id, (&start, &memory), who, plan).await
    }

    /// Runs a session under a claim until nothing is left to do, also of what is written to
    /// it while the claim is given back.
    async fn drive(
        &self,
        mission: &Mission,
        id: &SessionId,
        stands: (&Start, &[MemoryMount]),
        who: Who,
        plan: impl Fn(u64, Vec<MemoryMount>) -> SessionPlan,
    ) -> Result<Driven> {
        // Dropped behind the claim: nobody has the session in between who was only woken.
        let mut drive = None;
        let driven = self.drive_as(mission, id, stands, (who, &mut drive), plan).await;
        if let Some(drive) = drive {
            drive.done();
        }
        driven
    }

    async fn drive_as(
        &self,
        mission: &Mission,
        id: &SessionId,
        (start, memory): (&Start, &[MemoryMount]),
        (who, drive): (Who, &mut Option<Drive>),
        plan: impl Fn(u64, Vec<MemoryMount>) -> SessionPlan,
    ) -> Result<Driven> {
        let mut rested = None;
        loop {
            let taken = Claim::try_take(self.store.clone(), &self.owner, id).await?;
            let mut claim = match (taken, rested.take()) {
                (Ok(claim), _) => claim,
                // Whoever has it now goes on with what came after its end here.
                (Err(_), Some(ended)) => return Ok(Ok(ended)),
                (Err(busy), None) => return Ok(Err(busy)),
            };
            match who {
                // Now that it is claimed: its run may have been canceled this moment.
                Who::Woken if self.owner.is_driven(id) => {
                    claim.give_back().await?;
                    return Ok(Err(lease::of_a_run(id)));
                }
                Who::Run if drive.is_none() => *drive = Some(self.owner.drive(id)),
                Who::Woken | Who::Run => {}
            }
            let epoch = claim.epoch();
            let running = async {
                // Only now: the files of a session are those of whoever has claimed it.
                let mut memory = memory.to_vec();
                self.mount_writable(id, start, &mut memory).await?;
                session::run(mission, self.store.clone(), plan(epoch, memory)).await
            };
            let ended = tokio::select! {
                ended = running => Some(ended),
                () = claim.lost() => None,
            };
            let given = claim.give_back().await;
            let Some(ended) = ended else { return Ok(Err(lease::taken(id))) };
            let ended = ended?;
            given?;
            let head = self.store.head(id).await?;
            if head.is_none_or(|head| head <= ended.events) {
                return Ok(Ok(ended));
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
}

/// Whether a session has nothing left to do.
fn is_finished(state: &SessionState) -> bool {
    let rests = matches!(state.status, SessionStatus::Idle | SessionStatus::Terminated);
    let waits =
        matches!(state.idle, Some(IdleReason::RequiresAction { .. } | IdleReason::BudgetReached));
    let over = state.status == SessionStatus::Terminated;
    state.start.is_some() && (over || (rests && !waits && !state.is_working()))
}

/// Another process may stand elsewhere.
fn absolute(folder: &std::path::Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}
