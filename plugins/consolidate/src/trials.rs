//! What the whole strategy promises, measured on made-up sessions with known truth.
//!
//! `LUCID_DREAM_CASES` says over how many dreams; 200 by default, 1,000 at night.

use crate::contrast::rng::Rng;
use crate::contrast::synthetic::{chance, uniform};
use crate::digest::{Digest, Scalar};
use crate::made::{Made, ROOM, added, entries, field, planned, session, step};
use crate::model::{Change, RuleKind};
use std::rc::Rc;

/// Tasks, and sessions of each.
const TASKS: usize = 50;
const SESSIONS: usize = 4;

/// How many dreams are dreamt.
#[allow(clippy::disallowed_methods, reason = "a test's size is set from outside")]
fn cases() -> u64 {
    std::env::var("LUCID_DREAM_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

/// A number rounded to two decimals.
fn number(rng: &mut Rng, low: f64, high: f64) -> Scalar {
    Scalar::Number((uniform(rng, low, high) * 100.0).round() / 100.0)
}

fn word(rng: &mut Rng, words: &[&str]) -> Scalar {
    Scalar::Text(Rc::from(words[rng.below(words.len())]))
}

/// The features that say nothing of success: inputs and results, drawn anew or by the task.
fn decoys(rng: &mut Rng, task: usize) -> Vec<(&'static str, Scalar)> {
    let by_task = Scalar::Number(task as f64 % 7.0 + (uniform(rng, 0.0, 2.0)).round());
    vec![
        ("fly.mode", word(rng, &["soft", "hard", "auto"])),
        ("fly.rate", number(rng, 0.0, 10.0)),
        ("fly.speed", number(rng, 1.0, 3.0)),
        ("fly.tries", by_task),
        ("fly.wait", Scalar::Bool(chance(rng, 0.5))),
        ("fly:calls", Scalar::Number(1.0 + rng.below(3) as f64)),
        ("fly:result.fuel", number(rng, 0.0, 100.0)),
        ("fly:result.light", word(rng, &["sun", "shade"])),
        ("look.height", number(rng, 5.0, 200.0)),
        ("look:result.count", Scalar::Number(rng.below(20) as f64)),
    ]
}

fn digest(features: Vec<(&'static str, Scalar)>) -> Digest {
    let mut fields: Vec<_> = features.into_iter().map(|(name, value)| field(name, value)).collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    let steps = vec![step("look(height)", 0), step("fly(mode, speed)", 1)];
    Digest { fields, steps, ..Digest::default() }
}

/// How success follows from a planted feature.
#[derive(Clone, Copy)]
enum Planted {
    /// Numbers below 2 are better.
    Input,
    /// One of two words is better.
    Category,
    /// Numbers of a result below 50 are better.
    Result,
}

impl Planted {
    fn name(self) -> &'static str {
        match self {
            Planted::Input => "fly.speed",
            Planted::Category => "fly:result.light",
            Planted::Result => "fly:result.fuel",
        }
    }

    fn holds(self, features: &[(&'static str, Scalar)]) -> bool {
        features.iter().find(|(name, _)| *name == self.name()).is_some_and(|(_, value)| match value
        {
            Scalar::Number(value) => *value < if self.name() == "fly.speed" { 2.0 } else { 50.0 },
            Scalar::Text(text) => &**text == "sun",
            Scalar::Bool(_) | Scalar::Long => false,
        })
    }
}

/// Sessions in which success has a rate of its own in each task, and `points` more where
/// the planted feature is right.
fn sessions(seed: u64, planted: Planted, points: f64) -> Vec<Made> {
    let mut rng = Rng::new(seed, 10_000);
    let mut out = Vec::new();
    for task in 0..TASKS {
        let base = uniform(&mut rng, 0.0, 1.0 - points);
        for _ in 0..SESSIONS {
            let features = decoys(&mut rng, task);
            let rate = base + if planted.holds(&features) { points } else { 0.0 };
            let succeeded = chance(&mut rng, rate);
            out.push((session(out.len(), task, succeeded), digest(features)));
        }
    }
    out
}

/// The same sessions with their outcomes exchanged within tasks.
fn exchanged(mut sessions: Vec<Made>, seed: u64) -> Vec<Made> {
    let mut rng = Rng::new(seed, 11_000);
    for task in sessions.chunks_mut(SESSIONS) {
        let mut outcomes: Vec<_> = task.iter().map(|(session, _)| session.succeeded).collect();
        rng.shuffle(&mut outcomes);
        for ((session, _), outcome) in task.iter_mut().zip(outcomes) {
            session.succeeded = outcome;
        }
    }
    sessions
}

#[test]
fn outcomes_exchanged_within_tasks_give_a_contrast_in_at_most_5_percent_of_dreams() {
    let cases = cases();
    let superstitious = (0..cases).filter(|seed| {
        let sessions = exchanged(sessions(*seed, Planted::Input, 0.5), *seed);
        !added(&planned(Vec::new(), &sessions, "", ROOM, *seed), RuleKind::Contrast).is_empty()
    });
    let count = superstitious.count() as u64;
    assert!(count * 20 <= cases, "{count} of {cases}");
}

#[test]
fn an_effect_of_50_points_within_tasks_is_found_in_at_least_95_percent_of_dreams() {
    let cases = cases();
    let kinds = [Planted::Input, Planted::Category, Planted::Result];
    let found = (0..cases).filter(|seed| {
        let kind = kinds[(*seed % 3) as usize];
        let plan = planned(Vec::new(), &sessions(*seed, kind, 0.5), "", ROOM, *seed);
        added(&plan, RuleKind::Contrast).iter().any(|operation| match &operation.change {
            Change::Add { statistics: Some(found), .. } => found.field == kind.name(),
            _ => false,
        })
    });
    let count = found.count() as u64;
    assert!(count * 20 >= cases * 19, "{count} of {cases}");
}

#[test]
fn numbers_of_a_rule_add_up_and_its_q_is_not_below_its_p() {
    for seed in 0..5 {
        let plan = planned(Vec::new(), &sessions(seed, Planted::Input, 0.5), "", ROOM, seed);
        for operation in plan.steps.iter().map(|step| &step.operation) {
            let Change::Add { statistics: Some(found), .. } = &operation.change else { continue };
            let counted = (found.with.total + found.without.total) as usize;
            assert_eq!(counted, found.session_ids.len(), "{}", found.statement);
            let kept = found.check_with.total + found.check_without.total;
            assert!(kept as usize <= counted, "{}", found.statement);
            assert!((0.0..=1.0).contains(&found.p) && found.p <= found.q && found.q <= 1.0);
        }
    }
}

#[test]
fn the_order_of_sessions_and_entries_changes_nothing() {
    let texts = [
        ("/a.md", "- Deploy day: Friday (as of 2026-01-02)"),
        ("/b.md", "- The log is kept on the lander."),
        ("/b.md", "- the log is kept on the lander"),
        ("/b.md", "- Deploy day: Monday (as of 2026-02-02)"),
    ];
    for seed in 0..10 {
        let plain = sessions(seed, Planted::Input, 0.5);
        let expected = planned(entries(&texts), &plain, "", ROOM, 1);
        let (mut shuffled, mut memory) = (plain, entries(&texts));
        Rng::new(seed, 12_000).shuffle(&mut shuffled);
        Rng::new(seed, 13_000).shuffle(&mut memory);
        let found = planned(memory, &shuffled, "", ROOM, 1);
        assert_eq!(found.steps, expected.steps, "seed {seed}");
        assert!(!found.steps.is_empty());
    }
}

#[test]
fn ten_thousand_sessions_are_planned_and_a_hundred_more_change_no_older_digest() {
    let mut rng = Rng::new(1, 14_000);
    let mut many: Vec<Made> = Vec::new();
    for number in 0..10_100 {
        let task = number / SESSIONS;
        let features = decoys(&mut rng, task);
        let succeeded = chance(&mut rng, if Planted::Input.holds(&features) { 0.8 } else { 0.4 });
        many.push((session(number, task, succeeded), digest(features)));
    }
    let plan = planned(Vec::new(), &many, "", ROOM, 1);
    let fields: Vec<String> = added(&plan, RuleKind::Contrast)
        .iter()
        .filter_map(|operation| match &operation.change {
            Change::Add { statistics: Some(found), .. } => Some(found.field.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(fields, ["fly.speed"]);
    let bytes = many.iter().map(|(_, digest)| digest.clone().bytes().len()).max();
    assert!(bytes.is_some_and(|bytes| bytes < 4_096), "{bytes:?}");
}
