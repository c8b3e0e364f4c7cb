use super::*;
use crate::fake::{item, wanted};

fn because() -> Because {
    Because { reason: "r".to_owned(), evidence: Vec::new() }
}

fn entries() -> Vec<Entry> {
    let texts = ["The relay hums at night.", "the relay hums at night", "At night, relays hum."];
    texts.into_iter().enumerate().map(|(at, text)| item("/a.md", at, text)).collect()
}

fn taken(ideas: Vec<Idea>, wanted: &Wanted) -> (Plan, usize) {
    let (mut plan, mut dropped) = (Plan::default(), Dropped::default());
    plan.take_all(ideas, &entries(), wanted, &mut dropped);
    (plan, dropped.counts()[2])
}

fn changes(plan: &Plan) -> Vec<Change> {
    plan.operations.iter().map(|operation| operation.change.clone()).collect()
}

fn merge(survivor: usize, losers: &[usize]) -> Idea {
    Idea::Merge { survivor, losers: losers.to_vec(), because: because() }
}

fn supersede(loser: usize, winner: usize) -> Idea {
    Idea::Supersede { loser, winner, since_ms: 5, because: because() }
}

fn add(text: &str) -> Idea {
    Idea::Add { path: "/p.md".to_owned(), text: text.to_owned(), because: because() }
}

fn ids(places: &[usize]) -> Vec<String> {
    places.iter().map(|place| format!("ent_{place}")).collect()
}

#[test]
fn what_a_machine_sees_to_be_the_same_is_merged_by_itself() {
    let (plan, dropped) = taken(vec![merge(0, &[1, 2])], &wanted(""));
    let survivor_id = "ent_0".to_owned();
    let expected = [
        Change::Merge { entry_ids: ids(&[0, 1]), survivor_id: survivor_id.clone() },
        Change::Merge { entry_ids: ids(&[0, 2]), survivor_id },
    ];
    assert_eq!((changes(&plan).as_slice(), dropped), (expected.as_slice(), 0));
}

#[test]
fn a_merge_of_more_than_the_host_takes_is_several() {
    let texts = (0..2_000).map(|at| item("/a.md", at, "The relay hums at night."));
    let entries: Vec<Entry> = texts.collect();
    let (mut plan, mut dropped) = (Plan::default(), Dropped::default());
    let losers: Vec<usize> = (1..2_000).collect();
    plan.take_all(vec![merge(0, &losers)], &entries, &wanted(""), &mut dropped);
    let merged: Vec<usize> = changes(&plan)
        .iter()
        .map(|change| match change {
            Change::Merge { entry_ids, .. } => entry_ids.len(),
            _ => 0,
        })
        .collect();
    assert_eq!(merged, [1_024, 977]);
}

#[test]
fn each_entry_has_one_place() {
    for (ideas, operations) in [
        (vec![supersede(0, 2), merge(0, &[2])], 1),
        (vec![supersede(0, 2), supersede(0, 1)], 1),
        (vec![supersede(0, 2), supersede(2, 1)], 1),
        (vec![supersede(0, 2), supersede(1, 2)], 2),
        (vec![supersede(0, 2), merge(2, &[1])], 2),
        (vec![merge(2, &[0]), Idea::Flag { entries: vec![0, 1], because: because() }], 1),
        (vec![Idea::Keep(vec![0]), supersede(0, 2), merge(0, &[1])], 0),
    ] {
        let shown = format!("{ideas:?}");
        let (plan, dropped) = taken(ideas.clone(), &wanted(""));
        assert_eq!(plan.operations.len(), operations, "{shown}");
        let kept = ideas.iter().filter(|idea| matches!(idea, Idea::Keep(_))).count();
        assert_eq!(dropped, ideas.len() - kept - operations, "{shown}");
    }
}

#[test]
fn the_same_entry_is_added_once() {
    let ideas = vec![add("- The door is blue."), add("- the **door** is blue")];
    let (plan, dropped) = taken(ideas, &wanted(""));
    assert_eq!((plan.operations.len(), dropped), (1, 1));
}

#[test]
fn bounds_are_kept_and_what_is_left_out_is_counted() {
    let few = Wanted { operations_max: 1, ..wanted("") };
    let (plan, _) = taken(vec![add("- a"), supersede(0, 2)], &few);
    assert!(matches!(changes(&plan)[..], [Change::Supersede { .. }]));
    assert_eq!(plan.left_out, 1);
    let short = Wanted { new_bytes_max: 5, ..wanted("") };
    let (plan, _) = taken(vec![add("- abc"), add("- d")], &short);
    assert_eq!((plan.operations.len(), plan.left_out), (1, 1));
}

#[test]
fn what_was_settled_comes_before_what_a_model_says() {
    let mut plan = Plan::default();
    let mut dropped = Dropped::default();
    let settled = vec![
        Settled::Newer { loser: 2, winner: 0, since_ms: 5, key: "relay".to_owned() },
        Settled::Same { survivor: 0, losers: vec![1] },
    ];
    plan.settle(settled, &entries(), &wanted(""));
    plan.take_all(vec![supersede(1, 0)], &entries(), &wanted(""), &mut dropped);
    let reasons: Vec<_> = plan.operations.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(reasons, ["a newer value of \"relay\" replaces it", "2 entries say the same"]);
    assert_eq!(dropped.counts(), [0, 0, 1]);
}
