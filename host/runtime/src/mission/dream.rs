//! How a mission dreams: its `[dream]` section, and strategies that are loaded without one.

use std::path::Path;
use std::sync::Arc;

use futures::future::BoxFuture;
use lucid_core::{Failure, Result, ReviewPolicy};
use lucid_policy::manifest::Kind;

use super::bind::{Binder, BoundPlugin};
use super::file::{DreamSection, MissionFile, StrategyFile};
use super::load::Loading;
use super::source::Source;
use crate::schedule::Timing;

/// Characters of what people may want of a dream, at most, as the API has it.
pub(crate) const INSTRUCTIONS_CHARS_MAX: usize = 4_096;

/// Held-out tasks of a proof, at most.
pub(crate) const PROOF_TASKS_MAX: u32 = 10_000;

/// Which strategy reads which memory, and what becomes of what it proposes.
pub struct DreamPlan {
    /// The strategy.
    pub strategy: Arc<BoundPlugin>,
    /// The memory's name in the mission.
    pub memory: String,
    /// What people want of it.
    pub instructions: String,
    /// Who decides about its operations.
    pub policy: ReviewPolicy,
    /// Whether the mission says so. Where it does not, a study accepts everything, because it
    /// proves it afterwards.
    pub names_policy: bool,
    /// What has to be shown before anything mined is accepted.
    pub proof: Option<ProofPlan>,
    /// When it is dreamt.
    pub schedule: Option<SchedulePlan>,
}

/// What has to be shown before anything that a dream mined is accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProofPlan {
    /// Held-out tasks, at least.
    pub n: u32,
    /// What the lower bound of the change has to be above: a share, -1 to 1.
    pub margin: f64,
}

/// When a mission's memory is dreamt over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchedulePlan {
    /// Five cron fields, or `@hourly`, `@nightly`, `@weekly`.
    pub cron: String,
    /// An IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// How many new sessions there have to be.
    pub min_new: u32,
}

/// Loads the section of a mission.
pub(super) async fn load(
    binder: &mut Binder<'_>,
    mission: &MissionFile,
) -> Result<Option<DreamPlan>> {
    let Some(section) = &mission.dream else { return Ok(None) };
    let memory = section.memory.get_ref();
    if !mission.memory.contains_key(memory) {
        let failure = Failure::invalid(format!("no such memory: `{memory}`"))
            .hint(format!("add `[memory.{memory}]` with its folder"));
        return Err(binder.source.at(&section.memory.span(), failure));
    }
    let instructions = section.instructions.get_ref();
    if !instructions.is_empty() {
        check_instructions(instructions)
            .map_err(|failure| binder.source.at(&section.instructions.span(), failure))?;
    }
    let proof = proof(binder.source, mission, section)?;
    let schedule = schedule(binder.source, section)?;
    let place = section.strategy.span();
    let strategy = binder.plugin(section.strategy.get_ref(), &place, Kind::Dream).await?;
    Ok(Some(DreamPlan {
        strategy,
        memory: memory.clone(),
        instructions: instructions.clone(),
        policy: section.policy.unwrap_or_default(),
        names_policy: section.policy.is_some(),
        proof,
        schedule,
    }))
}

/// Loads a strategy without a mission, from the lines that a mission would have for it.
// Boxed, as a mission's loading is.
pub(crate) fn load_strategy<'a>(
    text: String,
    folder: &'a Path,
    loading: &'a Loading<'a>,
) -> BoxFuture<'a, Result<Arc<BoundPlugin>>> {
    Box::pin(read_strategy(text, folder, loading))
}

async fn read_strategy(
    text: String,
    folder: &Path,
    loading: &Loading<'_>,
) -> Result<Arc<BoundPlugin>> {
    let source = Source::given(text);
    let file: StrategyFile =
        toml::from_str(source.text()).map_err(|error| source.syntax(&error))?;
    let mut binder = Binder::new(&source, folder, loading, &file.plugins, &file.models);
    let place = file.strategy.span();
    binder.plugin(file.strategy.get_ref(), &place, Kind::Dream).await
}

/// Checks what people want of a dream.
///
/// # Errors
/// Invalid, when it is nothing or too long.
pub(crate) fn check_instructions(instructions: &str) -> Result<()> {
    let count = instructions.chars().count();
    if instructions.trim().is_empty() || count > INSTRUCTIONS_CHARS_MAX {
        return Err(Failure::invalid(format!("instructions of {count} characters")).hint(format!(
            "say in 1 to {INSTRUCTIONS_CHARS_MAX} characters what the dream is to look for"
        )));
    }
    Ok(())
}

/// Checks a number of held-out tasks and a margin.
///
/// # Errors
/// Invalid, when they are out of bounds.
pub(crate) fn check_proof(n: u32, margin: f64) -> Result<()> {
    if !(1..=PROOF_TASKS_MAX).contains(&n) {
        return Err(Failure::invalid(format!("a proof of {n} held-out tasks"))
            .hint(format!("give 1 to {PROOF_TASKS_MAX}")));
    }
    // NaN is in no range.
    if !(-1.0..=1.0).contains(&margin) {
        return Err(Failure::invalid(format!("a margin of {margin}"))
            .hint("give a share of the tasks, -1 to 1; 0 is that the memory helps at all"));
    }
    Ok(())
}

fn proof(
    source: &Source,
    mission: &MissionFile,
    section: &DreamSection,
) -> Result<Option<ProofPlan>> {
    let margin = section.margin.as_ref();
    let Some(n) = &section.proof else {
        return match margin {
            Some(margin) => {
                let failure = Failure::invalid("a margin without a proof")
                    .hint("add `proof = N`: how many held-out tasks there have to be");
                Err(source.at(&margin.span(), failure))
            }
            None => Ok(None),
        };
    };
    check_proof(*n.get_ref(), 0.0).map_err(|failure| source.at(&n.span(), failure))?;
    if mission.study.is_none() || mission.outcome.is_none() {
        let failure = Failure::invalid("a proof needs an [outcome] and a [study]")
            .hint("they say what success is, and which tasks are held out");
        return Err(source.at(&n.span(), failure));
    }
    if let Some(margin) = margin {
        check_proof(1, *margin.get_ref()).map_err(|failure| source.at(&margin.span(), failure))?;
    }
    Ok(Some(ProofPlan { n: *n.get_ref(), margin: margin.map_or(0.0, |m| *m.get_ref()) }))
}

fn schedule(source: &Source, section: &DreamSection) -> Result<Option<SchedulePlan>> {
    let Some(cron) = &section.schedule else { return Ok(None) };
    let time_zone = section.time_zone.clone().unwrap_or_else(|| "UTC".to_owned());
    Timing::parse(cron.get_ref(), &time_zone)
        .map_err(|failure| source.at(&cron.span(), failure))?;
    let min_new = section.min_new.unwrap_or(1);
    Ok(Some(SchedulePlan { cron: cron.get_ref().clone(), time_zone, min_new }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(more: &str) -> MissionFile {
        let text = format!(
            "name = 'm'\nlead = 'a'\nmessage = 'Go.'\n[agents]\n[dream]\nstrategy = 's'\n\
             memory = 'notes'\n{more}\n"
        );
        toml::from_str(&text).unwrap()
    }

    fn read(more: &str) -> Result<(Option<ProofPlan>, Option<SchedulePlan>)> {
        let (source, mission) = (Source::of(more), section(more));
        let dream = mission.dream.clone().unwrap();
        Ok((proof(&source, &mission, &dream)?, schedule(&source, &dream)?))
    }

    #[test]
    fn a_section_that_says_nothing_needs_no_proof_and_waits_for_a_person() {
        assert_eq!(read("").unwrap(), (None, None));
        assert_eq!(section("").dream.unwrap().policy, None);
        assert_eq!(section("policy = 'auto'").dream.unwrap().policy, Some(ReviewPolicy::Auto));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for more in ["proof = 0", "proof = 5", "margin = 0.1", "schedule = 'every day'"] {
            assert!(read(more).is_err(), "{more}");
        }
        assert!(check_proof(5, f64::NAN).is_err() && check_proof(5, 1.5).is_err());
        assert!(check_instructions(" ").is_err() && check_instructions("rules only").is_ok());
        assert!(check_instructions(&"é".repeat(INSTRUCTIONS_CHARS_MAX)).is_ok());
        assert!(check_instructions(&"e".repeat(INSTRUCTIONS_CHARS_MAX + 1)).is_err());
    }

    #[test]
    fn a_schedule_has_a_place_and_a_gate() {
        let (_, plan) = read("schedule = '@nightly'\ntime_zone = 'Europe/Berlin'").unwrap();
        let (cron, time_zone) = ("@nightly".to_owned(), "Europe/Berlin".to_owned());
        assert_eq!(plan, Some(SchedulePlan { cron, time_zone, min_new: 1 }));
    }
}
