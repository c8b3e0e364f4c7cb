use super::*;
use crate::contrast::rng::Rng;
use crate::contrast::synthetic::{planted, value};
use crate::contrast::{Column, Values};
use crate::corpus;
use crate::instructions;
use crate::model::EntryKind;

const ROOM: Budget = Budget { operations_max: 100, new_bytes_max: 100_000 };

/// The synthetic sessions as they come from the host.
fn sessions(seed: u64) -> Vec<Session> {
    let table = planted(seed, 100);
    let input = |row: usize| {
        let mut text = String::from("{\"plan\":{");
        for (number, column) in table.columns.iter().enumerate() {
            let Column { values, .. } = column;
            let value = match values {
                Values::Numbers(_) => value(column, row).map(|value| value.to_string()),
                Values::Levels { names, of } => of[row].map(|level| names[level as usize].clone()),
            };
            let comma = if number == 0 { "" } else { "," };
            text.push_str(&format!("{comma}\"p{number}\": {}", value.unwrap_or_default()));
        }
        text + "},\"seed\":1}"
    };
    (0..100)
        .map(|row| {
            let body = format!(r#"{{"name":"fly","input":{}}}"#, input(row));
            let mut reader = corpus::Reader::default();
            reader.event(&format!("sevt_{row}"), "agent.tool_use", true, &body);
            Session {
                id: format!("sesn_{row:03}"),
                title: "Land".to_owned(),
                started_at_ms: row as u64 / 10,
                labels: [("task".to_owned(), row.to_string())].into(),
                succeeded: table.outcomes[row],
                fields: reader.fields(),
            }
        })
        .collect()
}

fn entries() -> Vec<Entry> {
    let texts = [
        ("/a.md", "- Deploy day: Friday (as of 2026-01-02)"),
        ("/a.md", "- The log is kept on the lander."),
        ("/b.md", "- Deploy day: Monday (as of 2026-02-02)"),
        ("/b.md", "- the log is kept on the lander"),
        ("/b.md", "- **Deploy day**: Friday (as of 2026-01-02)"),
    ];
    let entry = |(number, (path, text)): (usize, &(&str, &str))| Entry {
        id: format!("entry_{number}"),
        path: (*path).to_owned(),
        index: number as u32,
        headings: Vec::new(),
        kind: EntryKind::Item,
        text: (*text).to_owned(),
        updated_at_ms: 0,
    };
    texts.iter().enumerate().map(entry).collect()
}

fn planned(entries: Vec<Entry>, sessions: Vec<Session>, text: &str, budget: Budget) -> Plan {
    plan(entries, sessions, instructions::read(text), budget, 1, &mut |_, _, _| ())
}

fn changes(plan: &Plan) -> Vec<&Change> {
    plan.steps.iter().map(|step| &step.operation.change).collect()
}

#[test]
fn sessions_become_rules_about_the_inputs_that_matter() {
    let plan = planned(Vec::new(), sessions(2), "", ROOM);
    let statements: BTreeSet<String> = changes(&plan)
        .iter()
        .filter_map(|change| match change {
            Change::Add { support, .. } => support.statement.split(' ').next().map(str::to_owned),
            _ => None,
        })
        .collect();
    let expected = ["fly.plan.p0", "fly.plan.p1", "fly.plan.p2"].map(str::to_owned);
    assert_eq!(statements, BTreeSet::from(expected));
    assert!(plan.steps.iter().all(|step| step.operation.evidence.len() == 6));
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
    for (number, session) in renamed.iter_mut().enumerate() {
        session.id = format!("sesn_{:03}", (number * 37) % 100);
    }
    let plan = |sessions| {
        let plan = planned(Vec::new(), sessions, "", ROOM);
        plan.mined.findings
    };
    assert_eq!(plan(sessions(2)), plan(renamed));
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
        updated_at_ms: 5,
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
    assert_eq!(changes(&plan), expected.iter().collect::<Vec<_>>());
}
