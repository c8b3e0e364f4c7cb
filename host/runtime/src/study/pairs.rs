//! Held-out tasks in pairs, for whoever wants to know what a memory is worth.

use lucid_core::Result;

use super::tasks;
use super::trials::{Phase, Totals, Trials};
use crate::mission::{Mission, StudySection};
use crate::runs::{RunName, RunOptions};
use crate::state::{Runtime, Stores};
use crate::world::World;

/// Runs each held-out task of a study with two sets of memory stores: the same task and the
/// same session seed, so that the memory is the difference. Whether it succeeded, in pairs.
///
/// # Errors
/// Failed, when the store or the disk fails.
pub(crate) async fn held_out_pairs(
    runtime: &Runtime,
    mission: &Mission,
    study: &StudySection,
    (seed, world, run): (u64, World, RunName),
    (before, after): (&Stores, &Stores),
    how: &RunOptions,
) -> Result<Vec<(bool, bool)>> {
    let trials = Trials { runtime, mission, seed, world, run, how };
    let mut totals = Totals::default();
    let phase = |name, title, stores| Phase {
        name,
        title,
        trials: tasks::held_out(study),
        stores,
        iterations: None,
    };
    let title = "Held-out tasks, old memory";
    let old = trials.run(phase("evaluate-before", title, before), &mut totals).await?;
    let title = "Held-out tasks, new memory";
    let new = trials.run(phase("evaluate-after", title, after), &mut totals).await?;
    Ok(old.iter().zip(&new).map(|(old, new)| (old.success(), new.success())).collect())
}
