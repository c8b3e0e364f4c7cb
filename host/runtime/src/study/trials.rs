//! The sessions of a study: each does a task, and some run at once.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use lucid_core::{Failure, Result};

use super::tasks::Trial;
use crate::mission::Mission;
use crate::observer::Note;
use crate::runs::{RunName, RunOptions, SessionStart};
use crate::session::SessionEnd;
use crate::state::{Runtime, Stores, succeeded};
use crate::world::World;

/// Sessions that run at once. Their calls share two or more cores; their waits for the disk
/// overlap, and one write to it serves many.
const SESSIONS_AT_ONCE: usize = 16;

/// What all sessions of a study share.
pub(super) struct Trials<'a> {
    pub(super) runtime: &'a Runtime,
    pub(super) mission: &'a Mission,
    pub(super) seed: u64,
    pub(super) world: World,
    pub(super) run: RunName,
    pub(super) how: &'a RunOptions,
}

/// Some sessions of a study that begin in the same way.
pub(super) struct Phase<'a> {
    pub(super) name: &'static str,
    /// For people who wait.
    pub(super) title: &'a str,
    pub(super) trials: Vec<Trial>,
    pub(super) stores: &'a Stores,
    /// How often a result is evaluated at most, where it is not what the mission says.
    pub(super) iterations: Option<u32>,
}

/// One session that ended.
pub(super) struct Ended {
    pub(super) trial: Trial,
    pub(super) session: lucid_core::Session,
    pub(super) end: SessionEnd,
}

impl Ended {
    pub(super) fn success(&self) -> bool {
        succeeded(self.end.outcome) == Some(true)
    }
}

/// What all sessions of a study made.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) tool_calls: u64,
    pub(super) threads: u64,
    pub(super) events: u64,
}

impl Trials<'_> {
    /// Runs the sessions of a phase; what comes back is in the order of its trials.
    pub(super) async fn run(&self, phase: Phase<'_>, totals: &mut Totals) -> Result<Vec<Ended>> {
        let Phase { name, title, trials, stores, iterations } = phase;
        self.how.observer.note(Note::Phase { title, total: trials.len() as u64 });
        let memory = &self.runtime.mount_memory(stores).await?;
        let run = |trial: Trial| {
            let source = self.world.part();
            let started_at = self.world.next_start(&source);
            let start = SessionStart {
                title: format!("{} {name} task {}", self.mission.name, trial.task),
                variables: trial.variables(self.seed),
                started_at,
                phase: name,
                memory,
                stores,
                run: &self.run,
                iterations,
            };
            async move {
                let ran = self.runtime.run_session(self.mission, source, start, self.how);
                let (session, end) = ran.await?;
                let succeeded = succeeded(end.outcome);
                self.how.observer.note(Note::SessionEnded { succeeded });
                Ok::<_, Failure>(Ended { trial, session, end })
            }
        };
        let runs: Vec<_> = trials.into_iter().map(run).collect();
        let ended: Vec<Ended> = stream::iter(runs).buffered(SESSIONS_AT_ONCE).try_collect().await?;
        for ended in &ended {
            totals.tool_calls += u64::from(ended.end.tool_calls);
            totals.threads += u64::from(ended.end.threads);
            totals.events += u64::from(ended.end.events);
        }
        Ok(ended)
    }
}

/// How many sessions there are of a kind.
pub(super) fn count(ended: &[Ended], which: impl Fn(&Ended) -> bool) -> u32 {
    u32::try_from(ended.iter().filter(|ended| which(ended)).count()).unwrap_or(u32::MAX)
}
