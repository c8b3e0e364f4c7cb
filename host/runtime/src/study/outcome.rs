//! What the revisions of an outcome are worth: each task is done with one evaluation, and again
//! with as many as the mission allows.
//!
//! Both sessions of a task have the same seed. Where the agents follow from it, they hand in the
//! same first draft, and the difference is what came after it.

use std::collections::BTreeMap;

use lucid_core::{Failure, Result, Verdict};
use serde::{Deserialize, Serialize};

use super::report::HeldOutReport;
use super::run::StudyOptions;
use super::tasks::Trial;
use super::trials::{Ended, Phase, Totals, Trials};
use crate::mission::{Mission, OutcomePlan, OutcomeStudySection};
use crate::runs::RunOptions;
use crate::state::Runtime;
use crate::stats::paired_difference;
use crate::world::World;

/// How often one criterion was not met at the end of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionReport {
    /// Its line in the rubric.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// Sessions with one evaluation that ended without it.
    pub unmet_without: u32,
    /// Sessions with all evaluations that ended without it.
    pub unmet_with: u32,
}

/// What a study of an outcome came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeStudyReport {
    /// The mission.
    pub mission: String,
    /// The seed.
    pub seed: u64,
    /// How often a result is evaluated at most, with revisions.
    pub max_iterations: u32,
    /// Tasks that were satisfied: before is without revisions, after is with them.
    pub satisfied: HeldOutReport,
    /// Each criterion of the rubric.
    pub criteria: Vec<CriterionReport>,
    /// A session with revisions, to look further.
    pub session_id: Option<String>,
    /// Tool calls of all sessions.
    pub tool_calls: u64,
    /// Threads of all sessions.
    pub threads: u64,
    /// Events of all sessions.
    pub events: u64,
    /// How long all of it took; 0 in a deterministic run.
    pub wall_ms: u64,
}

impl Runtime {
    /// Runs the study of a mission's outcome.
    ///
    /// # Errors
    /// Invalid, when the mission has none; failed, when the store or the disk fails.
    pub async fn run_outcome_study(
        &self,
        mission: &Mission,
        options: &StudyOptions,
        how: &RunOptions,
    ) -> Result<OutcomeStudyReport> {
        let (plan, study) = parts(mission)?;
        let seed = options.seed.unwrap_or(study.seed);
        let world = if options.deterministic { World::deterministic(seed) } else { World::real() };
        let what = format!("outcome study, seed {seed}");
        let run = self.name_run(mission, &world, &what, how).await?;
        let trials = Trials { runtime: self, mission, seed, world, run, how };
        let started = trials.world.wall();
        let source = trials.world.part();
        let stores = &self.stores(mission, &source, &trials.run, how).await?;
        let tasks: Vec<_> = (1..=study.tasks).map(|task| Trial { task, attempt: 0 }).collect();
        let mut totals = Totals::default();
        let without = Phase {
            name: "without-revisions",
            title: "Without revisions",
            trials: tasks.clone(),
            stores,
            iterations: Some(1),
        };
        let without = trials.run(without, &mut totals).await?;
        let with = Phase {
            name: "with-revisions",
            title: "With revisions",
            trials: tasks,
            stores,
            iterations: None,
        };
        let with = trials.run(with, &mut totals).await?;
        let pairs: Vec<_> =
            without.iter().zip(&with).map(|(b, a)| (b.success(), a.success())).collect();
        let wall_ms = if options.deterministic { 0 } else { trials.world.since(started) };
        Ok(OutcomeStudyReport {
            mission: mission.name.clone(),
            seed,
            max_iterations: plan.max_iterations,
            satisfied: paired_difference(&pairs).into(),
            criteria: criteria(&without, &with),
            session_id: with.first().map(|ended| ended.session.id.to_string()),
            tool_calls: totals.tool_calls,
            threads: totals.threads,
            events: totals.events,
            wall_ms,
        })
    }
}

fn parts(mission: &Mission) -> Result<(&OutcomePlan, &OutcomeStudySection)> {
    let missing = || {
        let message = format!("mission `{}` has no [outcome.study]", mission.name);
        Failure::invalid(message).hint("add [outcome.study] with `seed` and `tasks`")
    };
    let plan = mission.outcome.as_ref().ok_or_else(missing)?;
    Ok((plan, plan.study.as_ref().ok_or_else(missing)?))
}

fn criteria(without: &[Ended], with: &[Ended]) -> Vec<CriterionReport> {
    let mut found: BTreeMap<(u32, &str), [u32; 2]> = BTreeMap::new();
    for (at, ended) in [without, with].into_iter().enumerate() {
        let evaluations = ended.iter().filter_map(|ended| ended.end.evaluation.as_ref());
        for criterion in evaluations.flat_map(|evaluation| &evaluation.criteria) {
            let counts = found.entry((criterion.line, &criterion.text)).or_default();
            counts[at] += u32::from(criterion.verdict == Verdict::Unmet);
        }
    }
    let report = |((line, text), [unmet_without, unmet_with]): ((u32, &str), [u32; 2])| {
        CriterionReport { line, text: text.to_owned(), unmet_without, unmet_with }
    };
    found.into_iter().map(report).collect()
}
