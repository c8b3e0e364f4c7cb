//! Running a study.

use lucid_core::{DreamStatus, Failure, MemoryStoreId, Result, derive_seed};
use lucid_memory::Snapshot;

use super::measure::{Curve, measures, points};
use super::report::{
    DreamReport, HeldOutReport, PhaseReport, StudyReport, StudyResult, TaskReport,
};
use super::tasks::{self, Trial};
use super::trials::{Ended, Phase, Totals, Trials, count};
use crate::dream::{self, DreamInput, DreamStudied, Dreaming};
use crate::mission::{DreamPlan, Mission, StudySection};
use crate::observer::Note;
use crate::runs::RunOptions;
use crate::state::{Runtime, Stores, succeeded};
use crate::stats::paired_difference;
use crate::world::World;

/// What people may change about a study.
#[derive(Debug, Clone, Copy, Default)]
pub struct StudyOptions {
    /// Another seed.
    pub seed: Option<u64>,
    /// Another number of held-out tasks.
    pub held_out: Option<u32>,
    /// Another number of training sessions.
    pub training: Option<u32>,
    /// Whether the outcomes are shuffled among the training sessions: a control, in which a
    /// dream must find nothing.
    pub shuffle_labels: bool,
    /// Whether clocks and ids follow from the seed.
    pub deterministic: bool,
}

impl Runtime {
    /// Runs a mission as a study.
    ///
    /// # Errors
    /// Invalid, when the mission has no study, outcome or dream; failed, when the store, the
    /// disk or the dream fails.
    pub async fn run_study(
        &self,
        mission: &Mission,
        options: &StudyOptions,
        how: &RunOptions,
    ) -> Result<StudyResult> {
        let (study, plan) = parts(mission, options)?;
        let seed = options.seed.unwrap_or(study.seed);
        let world = if options.deterministic { World::deterministic(seed) } else { World::real() };
        let what = format!(
            "study, seed {seed}, held out {}, training {}, shuffled {}",
            study.held_out_tasks, study.training_sessions, options.shuffle_labels
        );
        let run = self.name_run(mission, &world, &what, how).await?;
        let trials = Trials { runtime: self, mission, seed, world, run, how };
        Lab { trials, study, plan }.run(options).await
    }
}

fn parts<'a>(
    mission: &'a Mission,
    options: &StudyOptions,
) -> Result<(StudySection, &'a DreamPlan)> {
    let missing = |what: &str| {
        Failure::invalid(format!("mission `{}` has no [{what}], which a study needs", mission.name))
            .hint(format!("add [{what}] to its mission.toml"))
    };
    let mut study = mission.study.clone().ok_or_else(|| missing("study"))?;
    let plan = mission.dream.as_ref().ok_or_else(|| missing("dream"))?;
    if mission.outcome.is_none() {
        return Err(missing("outcome"));
    }
    study.held_out_tasks = options.held_out.unwrap_or(study.held_out_tasks);
    study.training_sessions = options.training.unwrap_or(study.training_sessions);
    if study.training_tasks == 0 || study.training_sessions == 0 {
        return Err(Failure::invalid("a study without training has nothing to dream of")
            .hint("give `training_tasks` and `training_sessions` 1 or more"));
    }
    Ok((study, plan))
}

/// A study while it runs.
struct Lab<'a> {
    trials: Trials<'a>,
    study: StudySection,
    plan: &'a DreamPlan,
}

impl Lab<'_> {
    async fn run(&self, options: &StudyOptions) -> Result<StudyResult> {
        let started = self.trials.world.wall();
        let mut totals = Totals::default();
        let source = self.trials.world.part();
        let Trials { runtime, mission, run, how, .. } = &self.trials;
        let old = runtime.stores(mission, &source, run, how).await?;
        let training = tasks::training(&self.study);
        let trained = self.sessions("train", "Past work", training, &old, &mut totals).await?;
        let shown = tasks::shown(&self.study);
        let before =
            self.sessions("before", "Before the dream", shown.clone(), &old, &mut totals).await?;
        let (dreamt, dream_ms) = self.dream(&trained, &old, options).await?;
        totals.events += u64::from(dreamt.events);
        let new = self.with_new_memory(&old, &dreamt.dream)?;
        let after = self.sessions("after", "After the dream", shown, &new, &mut totals).await?;
        let held_out = self.prove(&old, &new, &mut totals).await?;
        let ms = |ms: u64| if options.deterministic { 0 } else { ms };
        let report = StudyReport {
            mission: self.trials.mission.name.clone(),
            seed: self.trials.seed,
            shuffled_labels: options.shuffle_labels,
            training_sessions: count(&trained, |_| true),
            training_succeeded: count(&trained, Ended::success),
            before: self.phase(&before),
            after: self.phase(&after),
            held_out,
            dream: DreamReport::new(&dreamt.dream, ms(dream_ms)),
            tool_calls: totals.tool_calls,
            threads: totals.threads,
            events: totals.events,
            wall_ms: ms(self.trials.world.since(started)),
        };
        let diff = self.diff(&old, &new).await?;
        let plots = self.study.plots.iter().map(|plot| {
            let curves = |ended: &[Ended]| ended.iter().map(|ended| curve(ended, plot)).collect();
            (plot.clone(), curves(&before), curves(&after))
        });
        let plots = plots.collect();
        Ok(StudyResult { report, dream: dreamt.dream, diff, plots })
    }

    async fn sessions(
        &self,
        name: &'static str,
        title: &str,
        trials: Vec<Trial>,
        stores: &Stores,
        totals: &mut Totals,
    ) -> Result<Vec<Ended>> {
        let phase = Phase { name, title, trials, stores, iterations: None };
        self.trials.run(phase, totals).await
    }

    async fn dream(
        &self,
        trained: &[Ended],
        old: &Stores,
        options: &StudyOptions,
    ) -> Result<(dream::DreamEnd, u64)> {
        self.trials.how.observer.note(Note::Phase { title: "The dream", total: 0 });
        let mut outcomes: Vec<_> = trained.iter().map(|e| succeeded(e.end.outcome)).collect();
        if options.shuffle_labels {
            tasks::shuffle(&mut outcomes, self.trials.seed);
        }
        let mut inputs = Vec::new();
        for (ended, succeeded) in trained.iter().zip(outcomes) {
            let id = &ended.session.id;
            let summary = self.trials.runtime.store.session_summary(id).await?;
            let summary = summary.ok_or_else(|| Failure::bug(format!("no session {id}")))?;
            let labels = vec![("task".to_owned(), ended.trial.task.to_string())];
            inputs.push(DreamInput { summary, succeeded, labels });
        }
        let source = self.trials.world.part();
        let started = self.trials.world.wall();
        let dreaming = Dreaming {
            store: self.trials.runtime.store.clone(),
            owner: self.trials.runtime.owner.clone(),
            observer: self.trials.how.observer.clone(),
            clock: source.clock,
            entropy: source.entropy,
            strategy: self.plan.strategy.clone(),
            is_timed: !options.deterministic,
        };
        let planned = DreamStudied {
            instructions: self.plan.instructions.clone(),
            memory_store: self.memory(old)?,
            inputs,
            seed: derive_seed(self.trials.seed, "dream"),
            policy: self.plan.names_policy.then_some(self.plan.policy),
            mission: self.trials.mission.folder.clone(),
            dreaming,
        };
        if self.trials.how.resume
            && let Some(dreamt) = planned.completed().await?
        {
            return Ok((dreamt, self.trials.world.since(started)));
        }
        let dreamt = planned.run().await?;
        if dreamt.dream.status == DreamStatus::Canceled {
            return Err(Failure::failed("the dream was canceled")
                .hint("go on with the study with `--resume`"));
        }
        if let Some(error) = &dreamt.dream.error {
            return Err(Failure::failed(format!("the dream failed: {}", error.message))
                .hint(format!("`lucid dream show {}` has its log", dreamt.dream.id)));
        }
        Ok((dreamt, self.trials.world.since(started)))
    }

    /// The store that is dreamt over.
    fn memory(&self, stores: &Stores) -> Result<MemoryStoreId> {
        let store = stores.iter().find(|(name, _)| *name == self.plan.memory);
        let store = store.ok_or_else(|| Failure::bug("a dream over a memory that is not there"))?;
        Ok(store.1.clone())
    }

    fn with_new_memory(&self, old: &Stores, dream: &lucid_core::Dream) -> Result<Stores> {
        let Some(out) = &dream.memory_store_out else {
            return Err(Failure::bug("a dream that completed without a store"));
        };
        let renewed = |(name, id): &(String, MemoryStoreId)| {
            let id = if *name == self.plan.memory { out.clone() } else { id.clone() };
            (name.clone(), id)
        };
        Ok(old.iter().map(renewed).collect())
    }

    async fn prove(
        &self,
        old: &Stores,
        new: &Stores,
        totals: &mut Totals,
    ) -> Result<HeldOutReport> {
        let trials = tasks::held_out(&self.study);
        let title = "Held-out tasks, old memory";
        let before = self.sessions("held-out-before", title, trials.clone(), old, totals).await?;
        let title = "Held-out tasks, new memory";
        let after = self.sessions("held-out-after", title, trials, new, totals).await?;
        let pairs: Vec<_> =
            before.iter().zip(&after).map(|(b, a)| (b.success(), a.success())).collect();
        Ok(paired_difference(&pairs).into())
    }

    fn phase(&self, ended: &[Ended]) -> PhaseReport {
        let task = |ended: &Ended| {
            let (result, measures) = measures(&ended.end.workspace, &self.study.result);
            let evaluation = ended.end.evaluation.iter().flat_map(|e| &e.criteria);
            TaskReport {
                task: ended.trial.task,
                success: ended.success(),
                result,
                measures,
                session_id: ended.session.id.to_string(),
                criteria: evaluation.map(|c| (c.text.clone(), c.verdict)).collect(),
            }
        };
        PhaseReport {
            succeeded: count(ended, Ended::success),
            total: count(ended, |_| true),
            tasks: ended.iter().map(task).collect(),
        }
    }

    async fn diff(&self, old: &Stores, new: &Stores) -> Result<Vec<lucid_memory::FileDiff>> {
        let store = &self.trials.runtime.store;
        let before = Snapshot::of(&store.memories(&self.memory(old)?).await?);
        let after = Snapshot::of(&store.memories(&self.memory(new)?).await?);
        Ok(lucid_memory::diff(&before.contents(), &after.contents()))
    }
}

fn curve(ended: &Ended, plot: &crate::mission::PlotSection) -> Curve {
    // A task that wrote no such file has a curve without points.
    let points = points(&ended.end.workspace, plot).unwrap_or_default();
    Curve { task: ended.trial.task, success: ended.success(), points }
}
