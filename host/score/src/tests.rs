//! Each number counts what it says, and nothing else.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

fn truth() -> Truth {
    let text = json!({
        "version": 1, "seed": 1, "sessions": 0, "entries": 9,
        "duplicates": [
            {"id": "dup-1", "kind": "exact", "texts": ["- Oil press 1.", "- Oil press 1."]},
            {"id": "dup-2", "kind": "subsumed", "keep": "- Press 2 needs oil on both sides.",
             "texts": ["- Press 2 needs oil.", "- Press 2 needs oil on both sides."]},
        ],
        "facts": [{"id": "fact-1", "kind": "changed", "form": "labelled",
            "current": ["- Hall 3 code: B (as of 2026-03-01)"],
            "stale": ["- Hall 3 code: A (as of 2026-02-01)"]}],
        "conflicts": [{"id": "con-1", "texts": ["- Hall 4 code: C", "- Hall 4 code: D"]}],
        "rules": [{"id": "rule-1", "class": "contrast", "required": true, "field": "fire.ramp",
            "condition": {"type": "at_most", "value": 120.0, "tolerance": 5.0}}],
        "superstitions": ["dispatch.courier"],
        "unmended": ["E77"],
    });
    Truth::read(&text.to_string()).unwrap()
}

const LINES: [&str; 9] = [
    "# Notes",
    "- Oil press 1.",
    "- Oil press 1.",
    "- Press 2 needs oil.",
    "- Press 2 needs oil on both sides.",
    "- Hall 3 code: A (as of 2026-02-01)",
    "- Hall 3 code: B (as of 2026-03-01)",
    "- Hall 4 code: C",
    "- Hall 4 code: D",
];

/// The store, with some of its lines left in the output.
fn stores(left: &[usize]) -> Stores {
    let entry = |(number, text): (usize, &&str)| StoreEntry {
        id: format!("ent_{number}"),
        path: "/notes.md".to_owned(),
        text: (*text).to_owned(),
    };
    let text: Vec<&str> = left.iter().map(|line| LINES[*line]).collect();
    Stores {
        entries: LINES.iter().enumerate().map(entry).collect(),
        output: BTreeMap::from([("/notes.md".to_owned(), text.join("\n"))]),
    }
}

fn line(number: usize, fate: &str, operation: Value) -> Value {
    json!({"entry": format!("ent_{number}"), "fate": fate, "operation": operation})
}

fn dream(operations: Value, ledger: Vec<Value>) -> String {
    json!({"id": "drm_1", "status": "completed", "strategy": "s", "ms": 12,
        "usage": {"input_tokens": 30, "output_tokens": 4},
        "operations": operations, "ledger": ledger})
    .to_string()
}

fn kept() -> Vec<Value> {
    (0..LINES.len()).map(|number| line(number, "kept", Value::Null)).collect()
}

fn all() -> Vec<usize> {
    (0..LINES.len()).collect()
}

fn merge(id: &str, before: &[usize], after: usize, state: &str) -> Value {
    let before: Vec<&str> = before.iter().map(|number| LINES[*number]).collect();
    json!({"id": id, "op": "merge", "class": "identical", "state": state,
        "memory_path": "/notes.md", "before": before, "after": LINES[after]})
}

#[test]
fn a_dream_that_does_nothing_misses_everything_and_breaks_nothing() {
    let score = score(&dream(json!([]), kept()), &truth(), &stores(&all())).unwrap();
    assert_eq!((score.duplicates, score.duplicates_merged, score.duplicates_missed), (2, 0, 2));
    assert_eq!((score.stale, score.stale_served), (1, 1));
    assert_eq!((score.conflicts, score.conflicts_found), (1, 0));
    assert_eq!((score.rules, score.rules_true, score.rules_false), (1, 0, 0));
    assert_eq!((score.lost, score.wrong_merges, score.wrong_supersessions), (0, 0, 0));
    assert_eq!(score.ledger_violations, 0, "{:?}", score.problems);
    assert_eq!((score.tokens, score.ms), (34, 12));
}

#[test]
fn a_dream_that_does_all_that_is_right_has_a_full_score() {
    let operations = json!([
        merge("dop_1", &[1, 2], 1, "accepted"),
        merge("dop_2", &[3, 4], 4, "accepted"),
        {"id": "dop_3", "op": "supersede", "class": "keyed", "state": "accepted",
         "before": [LINES[5], LINES[6]], "after": LINES[6]},
        {"id": "dop_4", "op": "flag_conflict", "class": "theme", "state": "proposed",
         "before": [LINES[7], LINES[8]]},
        {"id": "dop_5", "op": "add", "class": "contrast", "state": "proposed",
         "after": "- Rule: `fire.ramp` at most 118.", "statistics": {"field": "fire.ramp",
         "comparison": "at most", "value": "118", "with_success": 70, "with_total": 100,
         "without_success": 30, "without_total": 100}},
    ]);
    let mut ledger = kept();
    ledger[2] = line(2, "merged", json!("dop_1"));
    ledger[3] = line(3, "merged", json!("dop_2"));
    ledger[5] = line(5, "superseded", json!("dop_3"));
    ledger[7] = line(7, "in_conflict", json!("dop_4"));
    ledger[8] = line(8, "in_conflict", json!("dop_4"));
    let score = score(&dream(operations, ledger), &truth(), &stores(&[0, 1, 4, 6, 7, 8])).unwrap();
    assert_eq!(score.problems, [""; 0]);
    assert_eq!((score.duplicates_merged, score.duplicates_missed), (2, 0));
    assert_eq!((score.stale_served, score.lost), (0, 0));
    assert_eq!((score.conflicts_found, score.rules_true), (1, 1));
}

#[test]
fn what_is_wrong_is_counted_where_it_belongs() {
    let operations = json!([
        merge("dop_1", &[1, 4], 1, "accepted"),
        {"id": "dop_2", "op": "supersede", "class": "keyed", "state": "accepted",
         "before": [LINES[6]], "after": LINES[5]},
        {"id": "dop_3", "op": "flag-conflict", "class": "theme", "state": "proposed",
         "before": [LINES[1], LINES[7]]},
        {"id": "dop_4", "op": "add", "class": "contrast", "state": "proposed", "after": "- x",
         "statistics": {"field": "dispatch.courier", "comparison": "is", "value": "blue"}},
        {"id": "dop_5", "op": "add", "class": "failure_fix", "state": "proposed",
         "after": "- After E77, retry."},
        {"id": "dop_8", "op": "add", "class": "sequence", "state": "proposed",
         "after": "- Sequence: a, b.", "statistics": {"with_success": 6, "with_total": 10,
         "without_success": 5, "without_total": 10, "p": 0.5}},
        {"id": "dop_6", "op": "add", "class": "theme", "state": "proposed", "after": "- A theme."},
        merge("dop_7", &[7, 8], 7, "rejected"),
    ]);
    let mut ledger = kept();
    ledger[4] = line(4, "merged", json!("dop_1"));
    ledger[6] = line(6, "superseded", json!("dop_2"));
    let left = [0, 1, 2, 3, 5, 7, 8];
    let score = score(&dream(operations, ledger), &truth(), &stores(&left)).unwrap();
    assert_eq!((score.wrong_merges, score.wrong_supersessions), (1, 1));
    assert_eq!(score.conflicts_false, 1);
    assert_eq!((score.rules_false, score.superstitions, score.themes), (2, 1, 2));
    assert_eq!((score.lost, score.rejected), (2, 1), "{:?}", score.problems);
    assert_eq!(score.ledger_violations, 0, "{:?}", score.problems);
}

#[test]
fn a_ledger_that_forgets_repeats_or_lies_is_found() {
    let mut ledger = kept();
    ledger.remove(1);
    ledger.push(line(2, "kept", Value::Null));
    ledger.push(line(99, "kept", Value::Null));
    ledger[3] = line(4, "merged", json!("dop_9"));
    let score = score(&dream(json!([]), ledger), &truth(), &stores(&all()[1..])).unwrap();
    // One missing, one twice, one unknown, one by no operation, and the heading that is gone.
    assert_eq!(score.ledger_violations, 5, "{:?}", score.problems);
    let other = super::score(&dream(json!([]), kept()), &truth(), &Stores::default());
    assert!(matches!(other, Err(ScoreError::OtherStore(_))));
    assert!(matches!(super::score("{}", &truth(), &stores(&[])), Err(ScoreError::Dream(_))));
}

#[test]
fn a_rule_is_the_same_however_it_is_put() {
    let states = |comparison: &str, value: Value, with: u64, condition: Value| {
        let mut truth = truth();
        truth.rules[0].condition = Some(serde_json::from_value(condition).unwrap());
        let operations = json!([{"id": "dop_1", "op": "add", "class": "contrast",
            "state": "proposed", "after": "- x", "statistics": {"field": "kiln/fire.ramp",
            "comparison": comparison, "value": value, "with_success": with, "with_total": 10,
            "without_success": 5, "without_total": 10}}]);
        score(&dream(operations, kept()), &truth, &stores(&all())).unwrap().rules_true == 1
    };
    let most = || json!({"type": "at_most", "value": 120, "tolerance": 5});
    assert!(states("<=", json!(121.5), 9, most()));
    assert!(states("at least", json!("119"), 1, most()), "the other side fails");
    assert!(states("between", json!("60 and 119"), 9, most()));
    assert!(!states("at least", json!("119"), 9, most()));
    assert!(!states("<=", json!(90), 9, most()), "too far off");
    let band = || json!({"type": "between", "low": 28, "high": 34, "tolerance": 1.1});
    assert!(states("between", json!("27.5..34.2"), 9, band()));
    assert!(states("at_most", json!(34.5), 9, band()), "half of it is true");
    assert!(!states("at_most", json!(28.5), 9, band()));
    let is = || json!({"type": "is", "value": "ash"});
    assert!(states("is", json!("ash"), 9, is()));
    assert!(states("is", json!("tin"), 1, is()), "another value fails");
    assert!(!states("is", json!("tin"), 9, is()));
}

#[test]
fn steps_are_true_in_their_order_or_as_a_warning() {
    let rules_true = |after: &str, with: u64| {
        let mut truth = truth();
        truth.rules = vec![
            serde_json::from_value(json!({"id": "rule-1", "class": "sequence", "required": true,
                "mentions": ["unlock", "calibrate", "press"]}))
            .unwrap(),
        ];
        let operations = json!([{"id": "dop_1", "op": "add", "class": "sequence",
            "state": "proposed", "after": after, "statistics": {"with_success": with,
            "with_total": 10, "without_success": 5, "without_total": 10}}]);
        score(&dream(operations, kept()), &truth, &stores(&all())).unwrap().rules_true
    };
    assert_eq!(rules_true("- Sequence: note, unlock, calibrate, press", 9), 1);
    assert_eq!(rules_true("- Sequence: unlock, press, calibrate", 9), 0);
    assert_eq!(rules_true("- Sequence: unlock, press, calibrate", 1), 1, "it goes with failure");
    assert_eq!(rules_true("- Sequence: unlock_2, calibrate_2, press_2", 9), 0, "other tools");
}

#[test]
fn numbers_are_read_with_sign_and_fraction_and_ranges_are_no_signs() {
    assert_eq!(text::numbers("between 28 and 34.5"), [28.0, 34.5]);
    assert_eq!(text::numbers("28-34"), [28.0, 34.0]);
    assert_eq!(text::numbers("-3..4."), [-3.0, 4.0]);
    assert_eq!(text::numbers("none - at .all"), [0.0; 0]);
}
