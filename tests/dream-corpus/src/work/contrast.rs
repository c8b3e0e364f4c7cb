//! Fields of calls that go with success, and some that only seem to.

use lucid_score::{Condition, Rule};
use serde_json::json;

use super::{Kind, Work};
use crate::chance::Chance;
use crate::script::Call;

/// What the right choice adds to the probability of success, and the wrong one takes away.
const HALF: f64 = 0.25;

/// How far a stated bound may be off: so much of the other side that it still separates well.
/// How well it can be placed follows from the number of sessions, and chance.
const BOUND: f64 = 30.0;
const BAND: f64 = 2.5;

fn side(right: bool) -> f64 {
    if right { HALF } else { -HALF }
}

/// No faster than 120 degrees an hour. Nothing is drawn near the bound, so that every cut
/// between the two sides is as good as the planted one.
pub(super) fn fire(work: Work, chance: &mut Chance) -> (f64, Vec<Call>) {
    let right = chance.is(0.5);
    let ramp = if right { chance.between(60.0, 116.0) } else { chance.between(124.0, 200.0) };
    let input = json!({
        "ramp_c_per_h": ramp,
        "peak_c": chance.between(1_180.0, 1_260.0),
        "hold_min": 5 + chance.below(36),
        "seat": chance.of(&["left", "middle", "right"]),
    });
    (side(right), vec![Call::new(work.tool(), input, "the kiln is on")])
}

/// Between 28 and 34 percent of water.
pub(super) fn mix(work: Work, chance: &mut Chance) -> (f64, Vec<Call>) {
    let right = chance.is(0.5);
    let water = match (right, chance.is(0.5)) {
        (true, _) => chance.between(28.2, 33.8),
        (false, true) => chance.between(20.0, 27.6),
        (false, false) => chance.between(34.4, 42.0),
    };
    let input = json!({
        "water_percent": water,
        "minutes": 4 + chance.below(17),
        "bucket": chance.of(&["blue", "grey", "white"]),
    });
    (side(right), vec![Call::new(work.tool(), input, "mixed")])
}

/// With the base of ash.
pub(super) fn glaze(work: Work, chance: &mut Chance) -> (f64, Vec<Call>) {
    let right = chance.is(0.5);
    let base = if right { "ash" } else { chance.of(&["tin", "feldspar", "borax"]) };
    let input = json!({
        "base": base,
        "coats": 1 + chance.below(3),
        "brush": chance.of(&["flat", "round"]),
    });
    (side(right), vec![Call::new(work.tool(), input, "glazed")])
}

/// The blue courier takes the easy jobs, and heavy ones are hard: within a task neither
/// changes anything.
pub(super) fn dispatch(work: Work, easy: bool, chance: &mut Chance) -> Call {
    let blue = chance.is(if easy { 0.9 } else { 0.1 });
    let weight = if easy { chance.between(2.0, 14.0) } else { chance.between(10.0, 30.0) };
    let input = json!({
        "courier": if blue { "blue" } else { "red" },
        "weight_kg": weight,
        "shelf": 1 + chance.below(90),
    });
    Call::new(work.tool(), input, "on its way")
}

pub(super) fn superstitions(work: Work) -> Vec<String> {
    let field = |name: &str| format!("{}.{name}", work.tool());
    vec![field("courier"), field("weight_kg")]
}

pub(super) fn rule(work: Work) -> Rule {
    match work.kind {
        Kind::Firing => {
            let condition = Condition::AtMost { value: 120.0, tolerance: BOUND };
            work.planted("ramp", "ramp_c_per_h", condition)
        }
        Kind::Mixing => {
            let condition = Condition::Between { low: 28.0, high: 34.0, tolerance: BAND };
            work.planted("water", "water_percent", condition)
        }
        _ => work.planted("base", "base", Condition::Is { value: "ash".to_owned() }),
    }
}
