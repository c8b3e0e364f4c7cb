//! A session from its first event, or from where its last process left it.

use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{
    Clock, Content, Entropy, Evaluation, Event, Failure, IdleReason, MemoryStoreId, OutcomeResult,
    Result, SessionId, SessionState, SessionStatus,
};
use lucid_engine::Lender;
use lucid_store::Store;
use tokio::sync::broadcast;

use super::approval::Approver;
use super::driver::Driver;
use super::effects::Surroundings;
use super::log::SessionLog;
use super::outcome;
use super::preview::Heard;
use super::start::Start;
use super::workspace::{MemoryMount, Workspace};
use crate::mission::{Mission, fill};

/// What a session needs to run.
pub(crate) struct SessionPlan {
    /// The session, already in the store.
    pub(crate) id: SessionId,
    /// The lease under which it writes.
    pub(crate) epoch: u64,
    /// How it begins.
    pub(crate) start: Start,
    /// Where its folders are.
    pub(crate) folder: PathBuf,
    /// The memory stores its agents see.
    pub(crate) memory: Vec<MemoryMount>,
    /// Its clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// Its ids.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Who decides about calls whose permission is to ask.
    pub(crate) approver: Arc<dyn Approver>,
    /// How often its result is evaluated at most, where it is not what the mission says.
    pub(crate) iterations: Option<u32>,
    /// Where answers are heard while they come.
    pub(crate) previews: broadcast::Sender<Heard>,
    /// Who lends credentials to its plugins' requests.
    pub(crate) lender: Option<Arc<Lender>>,
}

/// What a session came to.
#[derive(Debug, Clone)]
pub struct SessionEnd {
    /// What became of its outcome.
    pub outcome: Option<OutcomeResult>,
    /// Evaluations that it had.
    pub evaluations: u32,
    /// What was said with the last.
    pub explanation: Option<String>,
    /// The last evaluation.
    pub evaluation: Option<Evaluation>,
    /// Why it rests.
    pub idle: IdleReason,
    /// What the lead said last.
    pub last_text: String,
    /// Its folders.
    pub workspace: Workspace,
    /// Threads it had.
    pub threads: u32,
    /// Tool calls it made.
    pub tool_calls: u32,
    /// Events in its log.
    pub events: u32,
}

impl SessionEnd {
    /// What a log says a session came to.
    #[must_use]
    pub(crate) fn of(state: &SessionState, workspace: Workspace) -> Self {
        Self {
            outcome: state.outcome.as_ref().and_then(|outcome| outcome.result),
            evaluations: state.outcome.as_ref().map_or(0, |outcome| outcome.iteration),
            explanation: state.outcome.as_ref().and_then(|outcome| outcome.explanation.clone()),
            evaluation: state.outcome.as_ref().and_then(|outcome| outcome.evaluation.clone()),
            idle: state.idle.clone().unwrap_or(IdleReason::EndTurn),
            last_text: state.last_text().to_owned(),
            workspace,
            threads: u32::try_from(state.threads.len()).unwrap_or(u32::MAX),
            tool_calls: state.tool_calls,
            events: state.events,
        }
    }
}

/// Runs a session of a mission until nothing is left to do that needs no person.
///
/// # Errors
/// Failed or a bug, when the log cannot be written; what goes wrong inside the session is in
/// its log.
pub(crate) async fn run(
    mission: &Mission,
    store: Arc<dyn Store>,
    plan: SessionPlan,
) -> Result<SessionEnd> {
    let (iterations, previews, lender) = (plan.iterations, plan.previews.clone(), plan.lender);
    let SessionPlan { id, epoch, start, folder, memory, clock, entropy, approver, .. } = plan;
    let views: Vec<_> = mission.agents.values().map(|agent| &agent.view).collect();
    let mut log = SessionLog::new(store, id.clone(), epoch, clock, entropy);
    log.catch_up().await?;
    // Somebody may have written to it before it began.
    let went_on = log.state().start.is_some();
    let workspace = if went_on {
        Workspace::open(folder, memory, mission.disk)?
    } else {
        Workspace::create(folder, memory, &views, &mission.files, mission.disk)?
    };
    let (variables, time) = (start.variables.clone(), start.time());
    let gone = gone(&start, &workspace);
    let deterministic = start.fixed.is_some();
    if !went_on {
        begin(mission, &start, iterations, &mut log)?;
    }
    let world = Surroundings { workspace, variables, time, lender };
    let mut driver = Driver::new(mission, id, log, world, approver, deterministic);
    driver.previews = Some(previews);
    if went_on && driver.log.state().status != SessionStatus::Terminated {
        driver.recover()?;
    }
    if driver.log.state().status != SessionStatus::Terminated {
        for message in gone {
            driver.warn(message)?;
        }
        driver.tell_of_memory()?;
    }
    driver.run().await?;
    let state = driver.log.state();
    Ok(SessionEnd::of(state, driver.world.workspace.clone()))
}

/// What is said of stores that were deleted since the session began, once.
fn gone(start: &Start, workspace: &Workspace) -> Vec<String> {
    let mounted = |id: &&MemoryStoreId| workspace.memory().iter().any(|one| one.store == **id);
    let gone = start.memory.iter().filter(|id| !mounted(id));
    let gone = gone.filter(|id| workspace.is_news(&format!("gone-{id}")));
    let say = |id| format!("memory store {id} was deleted: the session goes on without it");
    gone.map(say).collect()
}

/// Writes the first events.
fn begin(
    mission: &Mission,
    start: &Start,
    iterations: Option<u32>,
    log: &mut SessionLog,
) -> Result<()> {
    let lead = log.new_thread();
    let agent_name = mission.lead.clone();
    let running = Event::ThreadRunning { session_thread_id: lead.clone(), agent_name };
    log.write(Some(&lead), &Event::StatusRunning {})?;
    log.write(Some(&lead), &running)?;
    let start_json = serde_json::to_value(start)
        .map_err(|error| Failure::bug(format!("a start that is not JSON: {error}")))?;
    log.write(Some(&lead), &Event::SessionStarted { start: start_json, agent_name: None })?;
    if let Some(message) = &mission.message {
        let message = fill(message, &start.variables);
        let said = Event::UserMessage { content: Content::text(message) };
        log.write(Some(&lead), &said)?;
    }
    match &mission.outcome {
        Some(plan) => outcome::define(plan, iterations, &start.variables, &lead, log),
        None => Ok(()),
    }
}
