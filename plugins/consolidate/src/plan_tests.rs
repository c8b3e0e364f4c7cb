use super::*;
use crate::contrast::rng::Rng;
use crate::contrast::synthetic::{planted, value};
use crate::contrast::{Column, Values};
use crate::made::{self, Made, ROOM, Tape, added, session};
use crate::model::{EntryKind, RuleKind};
use serde_json::json;

/// The synthetic sessions as they come from the host.
fn sessions(seed: u64) -> Vec<Made> {
    let table = planted(seed, 100);
    let input = |row: usize| {
        let mut plan = serde_json::Map::new();
        for (number, column) in table.columns.iter().enumerate() {
            let Column { values, .. } = column;
            let value = match values {
                Values::Numbers(_) => json!(value(column, row)),
                Values::Levels { names, of } => {
                    let name = &names[of[row].unwrap_or_default() as usize];
                    serde_json::from_str(name).unwrap_or_default()
                }
            };
            plan.insert(format!("p{number}"), value);
        }
        json!({"plan": plan, "seed": 1})
    };
    (0..100)
        .map(|row| {
            let digest = Tape::default().calls("fly", input(row), "flown").digest();
            (session(row, row, table.outcomes[row]), digest)
        })
        .collect()
}

fn entries() -> Vec<Entry> {
    made::entries(&[
        ("/a.md", "- Deploy day: Friday (as of 2026-01-02)"),
        ("/a.md", "- The log is kept on the lander."),
        ("/b.md", "- Deploy day: Monday (as of 2026-02-02)"),
        ("/b.md", "- the log is kept on the lander"),
        ("/b.md", "- **Deploy day**: Friday (as of 2026-01-02)"),
    ])
}

fn planned(entries: Vec<Entry>, sessions: Vec<Made>, text: &str, budget: Budget) -> Plan {
    made::planned(entries, &sessions, text, budget, 1)
}

fn changes(plan: &Plan) -> Vec<&Change> {
    plan.steps.iter().map(|step| &step.operation.change).collect()
}

#[test]
fn sessions_become_rules_about_the_inputs_that_matter() {
    let plan = planned(Vec::new(), sessions(2), "", ROOM);
    let rules = added(&plan, RuleKind::Contrast);
    let fields: BTreeSet<String> = rules
        .iter()
        .filter_map(|rule| match &rule.change {
            Change::Add { statistics, .. } => statistics.as_ref().map(|found| found.field.clone()),
            _ => None,
        })
        .collect();
    let expected = ["fly.plan.p0", "fly.plan.p1", "fly.plan.p2"].map(str::to_owned);
    assert_eq!(fields, BTreeSet::from(expected));
    assert!(rules.iter().all(|rule| rule.evidence.len() == 6));
}

#[test]
fn the_order_of_sessions_does_not_matter() {
    let plain = planned(entries(), sessions(2), "", ROOM);
    let (mut shuffled_entries, mut shuffled_sessions) = (entries(), sessions(2));
    Rng::new(9, 9).shuffle(&mut shuffled_entries);
    Rng::new(8, 8).shuffle(&mut shuffled_sessions);
    let shuffled = planned(shuffled_entries, shuffled_sessions, "", ROOM);
    assert_eq!(plain.steps, shuffled.steps);
}

#[test]
fn other_ids_give_the_same_rules() {
    let mut renamed = sessions(2);
    for (number, (session, _)) in renamed.iter_mut().enumerate() {
        session.id = format!("sesn_{:03}", (number * 37) % 100);
    }
    let findings = |sessions| planned(Vec::new(), sessions, "", ROOM).mined.findings;
    assert_eq!(findings(sessions(2)), findings(renamed));
}

#[test]
fn each_entry_is_settled_once() {
    let plan = planned(entries(), Vec::new(), "", ROOM);
    let mut gone: Vec<&String> = Vec::new();
    for change in changes(&plan) {
        match change {
            Change::Supersede { loser_id, .. } => gone.push(loser_id),
            Change::Merge { entry_ids, survivor_id } => {
                gone.extend(entry_ids.iter().filter(|id| *id != survivor_id));
            }
            _ => panic!("unexpected {change:?}"),
        }
    }
    gone.sort();
    assert_eq!(gone, ["entry_0", "entry_3", "entry_4"]);
}

#[test]
fn a_second_dream_over_the_result_changes_nothing() {
    let plan = planned(entries(), Vec::new(), "", ROOM);
    let mut left = entries();
    for change in changes(&plan) {
        match change {
            Change::Supersede { loser_id, .. } => left.retain(|entry| entry.id != *loser_id),
            Change::Merge { entry_ids, survivor_id } => {
                left.retain(|entry| !entry_ids.contains(&entry.id) || entry.id == *survivor_id);
            }
            _ => {}
        }
    }
    assert!(planned(left, Vec::new(), "", ROOM).steps.is_empty());
}

#[test]
fn budgets_are_kept_and_what_is_left_out_is_counted() {
    let few = Budget { operations_max: 1, ..ROOM };
    let plan = planned(entries(), sessions(2), "", few);
    assert_eq!((plan.steps.len(), plan.left_out), (1, 5));
    let short = Budget { new_bytes_max: 0, ..ROOM };
    let plan = planned(entries(), sessions(2), "", short);
    assert!(changes(&plan).iter().all(|change| !matches!(change, Change::Add { .. })));
    assert_eq!(plan.left_out, 3);
}

#[test]
fn instructions_switch_parts_off() {
    let plan = planned(entries(), sessions(2), "only duplicates", ROOM);
    assert!(changes(&plan).iter().all(|change| matches!(change, Change::Merge { .. })));
    let plan = planned(entries(), sessions(2), "no rules", ROOM);
    assert!(changes(&plan).iter().all(|change| !matches!(change, Change::Add { .. })));
}

#[test]
fn the_example_store_is_tidied_without_losing_what_differs() {
    let texts = [
        ("/a.md", "# Communication", "- Relay channel: 3 (as of 2026-02-11)"),
        ("/a.md", "# Communication", "- Relay channel: 7 (as of 2026-04-02)"),
        ("/a.md", "# Communication", "- Reports are archived for 90 days."),
        ("/b.md", "# Habits", "- Reports are archived for 30 days."),
        ("/c.md", "# Site notes", "- The rim loses line of sight for two hours a day."),
        ("/c.md", "# Site notes", "- The rim loses line of sight for two hours each day."),
        ("/c.md", "# Site notes", "- The other rim never loses line of sight."),
    ];
    let entry = |(number, (path, title, text)): (usize, &(&str, &str, &str))| Entry {
        id: format!("entry_{number}"),
        path: (*path).to_owned(),
        index: number as u32,
        headings: vec![(*title).to_owned()],
        kind: EntryKind::Item,
        text: (*text).to_owned(),
        updated_at_ms: 1_780_000_000_000,
    };
    let entries = texts.iter().enumerate().map(entry).collect();
    let plan = planned(entries, Vec::new(), "", ROOM);
    let ids = |numbers: [u32; 2]| numbers.map(|number| format!("entry_{number}")).to_vec();
    let expected = [
        Change::FlagConflict(ids([2, 3])),
        Change::Supersede {
            loser_id: "entry_0".to_owned(),
            winner_id: "entry_1".to_owned(),
            since_ms: 1_775_088_000_000,
        },
        Change::Merge { entry_ids: ids([5, 4]), survivor_id: "entry_5".to_owned() },
    ];
    let sorted = |changes: Vec<&Change>| {
        let mut texts: Vec<String> = changes.iter().map(|change| format!("{change:?}")).collect();
        texts.sort();
        texts
    };
    assert_eq!(sorted(changes(&plan)), sorted(expected.iter().collect()));
}
