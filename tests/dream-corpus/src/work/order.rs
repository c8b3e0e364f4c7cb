//! Calls whose order decides.

use lucid_score::{Rule, RuleClass};
use serde_json::json;

use super::{PLANTED, Work};
use crate::chance::Chance;
use crate::script::Call;

/// The order that succeeds.
const RIGHT: [&str; 3] = ["unlock", "calibrate", "press"];
/// Orders that do not.
const WRONG: [&[&str]; 3] =
    [&["unlock", "press", "calibrate"], &["calibrate", "unlock", "press"], &["unlock", "press"]];

pub(super) fn press(work: Work, chance: &mut Chance) -> (f64, Vec<Call>) {
    let right = chance.is(0.5);
    let wrong = usize::try_from(chance.below(WRONG.len() as u64)).unwrap_or_default();
    let steps: &[&str] = if right { &RIGHT } else { WRONG.get(wrong).copied().unwrap_or(&RIGHT) };
    let call = |step: &&str| {
        let input = json!({"hall": 1 + chance.below(9)});
        Call::new(work.name(step), input, "done")
    };
    let calls = steps.iter().map(call).collect();
    (if right { 0.25 } else { -0.25 }, calls)
}

pub(super) fn rules(work: Work) -> Vec<Rule> {
    let rule = |name: &str, class: RuleClass, steps: &[&str]| Rule {
        mentions: steps.iter().map(|step| work.name(step)).collect(),
        ..work.rule(name, class)
    };
    let planted = Rule {
        required: true,
        planted: Some(PLANTED),
        ..rule("order", RuleClass::Sequence, &RIGHT)
    };
    // Parts of the order, and what stands in wrong ones, go with the outcome too; so does
    // whether there was a calibration at all.
    vec![
        planted,
        rule("order-end", RuleClass::Sequence, &["calibrate", "press"]),
        rule("order-start", RuleClass::Sequence, &["unlock", "calibrate"]),
        rule("order-short", RuleClass::Sequence, &["unlock", "press"]),
        rule("order-late", RuleClass::Sequence, &["press", "calibrate"]),
        rule("order-contrast", RuleClass::Contrast, &["calibrate"]),
    ]
}
