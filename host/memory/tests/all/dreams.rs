//! What holds of every dream, whatever is proposed: thousands of them, each from a seed that
//! a failure names. `LUCID_DREAM_CASES` says how many.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lucid_core::{
    Change, DreamId, DreamOperation, MEMORY_BYTES_MAX, Operation, OperationState, Place,
    ReviewPolicy,
};
use lucid_memory::{
    Bounds, Decision, Outcome, Quotes, Snapshot, Verifier, accept_earned, apply, apply_proposed,
    class_of, decide, diff_dream, intervals, ledger,
};

use crate::apply::check as check_store;
use crate::generate::Dice;
use crate::world::{SECRET, World};

/// Dreams of a test, where nobody says how many.
const CASES: u64 = 1_000;

/// Runs a check on many dreams, each of its own seed.
fn for_each_dream(check: impl Fn(&Dice, &World)) {
    #[expect(clippy::disallowed_methods, reason = "a longer run says so in the environment")]
    let cases = std::env::var("LUCID_DREAM_CASES");
    let cases = cases.map_or(CASES, |cases| cases.parse().unwrap());
    for seed in 0..cases {
        let run = std::panic::AssertUnwindSafe(|| {
            let dice = Dice::new(seed);
            let world = World::new(&dice);
            check(&dice, &world);
        });
        if std::panic::catch_unwind(run).is_err() {
            panic!("the dream of seed {seed}");
        }
    }
}

fn dream(world: &World, proposals: &[Operation], bounds: Bounds) -> Outcome {
    let mut verifier = Verifier::new(&world.snapshot, bounds, &world.sessions);
    for operation in proposals {
        let _ = verifier.propose(operation.clone());
    }
    verifier.finish()
}

fn unbounded() -> Bounds {
    Bounds { loss_fraction_max: 1.0, ..Bounds::default() }
}

fn taken(outcome: &Outcome) -> Vec<Operation> {
    let taken = outcome.operations.iter().filter(|one| one.rejection.is_none());
    taken.map(DreamOperation::operation).collect()
}

/// The places by entry.
fn places(snapshot: &Snapshot, operations: &[DreamOperation]) -> BTreeMap<String, Place> {
    let lines = ledger(snapshot, operations).into_iter();
    lines.map(|line| (line.entry_id, line.place)).collect()
}

/// Who follows the losers up arrives at an entry that stands.
fn check_stands(places: &BTreeMap<String, Place>) {
    for start in places.keys() {
        let mut at = start;
        let mut steps = 0;
        while let Place::MergedInto { entry_id } | Place::SupersededBy { entry_id, .. } =
            &places[at]
        {
            (at, steps) = (entry_id, steps + 1);
            assert!(steps <= places.len(), "a circle at {at}");
        }
        let stands = places[at] != Place::Dropped;
        assert!(stands || at == start, "{start} lost to {at}, which is dropped");
    }
}

/// Some of the operations accepted, the rest as they were.
fn subset(dice: &Dice, operations: &[DreamOperation]) -> Vec<DreamOperation> {
    let mut operations = operations.to_vec();
    for operation in &mut operations {
        if operation.rejection.is_none() && dice.below(2) == 0 {
            operation.state = OperationState::Accepted;
        } else if operation.rejection.is_none() {
            operation.state = OperationState::Rejected;
        }
    }
    operations
}

/// What the other tests promise they promise of dreams in which all this happens.
#[test]
fn the_dreams_have_every_class_and_every_refusal() {
    let (mut classes, mut refusals) = (BTreeMap::new(), BTreeMap::new());
    for seed in 0..2 * CASES {
        let world = World::new(&Dice::new(seed));
        for kept in dream(&world, &world.proposals, Bounds::default()).operations {
            let kind = match &kept.rejection {
                None => classes.entry(format!("{:?} {}", kept.class, kept.op)).or_insert(0),
                Some(rejection) => {
                    let said = rejection.to_string();
                    let name = said.split(':').next().unwrap().to_owned();
                    refusals.entry(name).or_insert(0)
                }
            };
            *kind += 1;
        }
    }
    let often = |counts: &BTreeMap<String, u32>, name: &str| {
        counts.get(name).copied().unwrap_or_default() >= 5
    };
    for name in [
        "Identical merge",
        "Subsumed merge",
        "Theme merge",
        "Keyed supersede",
        "Theme supersede",
        "Contrast add",
        "FailureFix add",
        "Sequence add",
        "Theme add",
        "Theme keep",
        "Theme drop",
        "Theme flag_conflict",
    ] {
        assert!(often(&classes, name), "{name}: {classes:?}");
    }
    for name in [
        "unknown entry",
        "already settled",
        "quote not found",
        "unsupported",
        "loss cap",
        "too large",
        "malformed",
    ] {
        assert!(often(&refusals, name), "{name}: {refusals:?}");
    }
}

#[test]
fn every_entry_ends_in_exactly_one_place() {
    for_each_dream(|_, world| {
        let outcome = dream(world, &world.proposals, unbounded());
        let entries = world.snapshot.entries();
        let lines: Vec<_> = outcome.ledger.iter().map(|line| &line.entry_id).collect();
        assert_eq!(lines, entries.iter().map(|entry| &entry.id).collect::<Vec<_>>());
        assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), lines.len());
        assert_eq!(outcome.operations.len(), world.proposals.len());
        let states: HashMap<_, _> =
            outcome.operations.iter().map(|one| (one.id.as_str(), one.state)).collect();
        assert_eq!(states.len(), outcome.operations.len());
        for line in &outcome.ledger {
            let state = line.operation.as_deref().map(|id| states[id]);
            assert_ne!(state, Some(OperationState::Rejected), "{line:?}");
            assert!(line.place == Place::Kept || state.is_some(), "{line:?}");
        }
        check_stands(&places(&world.snapshot, &outcome.operations));
    });
}

#[test]
fn any_accepted_subset_is_a_valid_store_and_undoing_it_is_exact() {
    for_each_dream(|dice, world| {
        let outcome = dream(world, &world.proposals, unbounded());
        let snapshot = &world.snapshot;
        assert_eq!(apply(snapshot, &outcome.operations), snapshot.contents());
        for _ in 0..4 {
            let mut operations = subset(dice, &outcome.operations);
            let accepted = operations.iter().filter(|one| one.state == OperationState::Accepted);
            let accepted: Vec<_> = accepted.map(DreamOperation::operation).collect();
            check_store(snapshot, &accepted);
            check_stands(&places(snapshot, &operations));
            let store = apply(snapshot, &operations);
            assert!(store.values().all(|text| text.len() <= MEMORY_BYTES_MAX));
            let undone = decide(&mut operations, Decision::Undo, None).unwrap();
            assert_eq!(undone, accepted.len());
            assert_eq!(apply(snapshot, &operations), snapshot.contents());
            assert!(diff_dream(snapshot, &operations, false).is_empty());
            decide(&mut operations, Decision::Accept, None).unwrap();
            assert_eq!(apply(snapshot, &operations), store);
            assert_eq!(apply_proposed(snapshot, &operations), store);
        }
    });
}

#[test]
fn what_is_refused_leaves_no_trace() {
    for_each_dream(|_, world| {
        for bounds in [unbounded(), Bounds::default()] {
            let outcome = dream(world, &world.proposals, bounds);
            let taken = taken(&outcome);
            let again = dream(world, &taken_raw(world, &outcome), bounds);
            assert_eq!(self::taken(&again), taken);
            let snapshot = &world.snapshot;
            assert_eq!(places(snapshot, &again.operations), places(snapshot, &outcome.operations));
        }
    });
}

/// The proposals that were taken, as they were proposed.
fn taken_raw(world: &World, outcome: &Outcome) -> Vec<Operation> {
    let pairs = world.proposals.iter().zip(&outcome.operations);
    pairs.filter(|(_, kept)| kept.rejection.is_none()).map(|(raw, _)| raw.clone()).collect()
}

#[test]
fn the_order_of_proposals_that_agree_does_not_matter() {
    for_each_dream(|dice, world| {
        let outcome = dream(world, &world.proposals, unbounded());
        let in_order = taken_raw(world, &outcome);
        // Additions stand in the order they came, so that a playbook can be ranked.
        let (adds, mut others): (Vec<_>, Vec<_>) =
            in_order.into_iter().partition(|one| matches!(one.change, Change::Add { .. }));
        let mut shuffled = Vec::new();
        while !others.is_empty() {
            shuffled.push(others.swap_remove(dice.below(others.len())));
        }
        for (number, add) in adds.into_iter().enumerate() {
            let earliest = shuffled
                .iter()
                .rposition(|one| matches!(one.change, Change::Add { .. }))
                .map_or(0, |place| place + 1);
            let place = earliest + dice.below(shuffled.len() - earliest + 1);
            assert!(number <= place);
            shuffled.insert(place, add);
        }
        let again = dream(world, &shuffled, unbounded());
        let refused = again.operations.iter().find(|one| one.rejection.is_some());
        assert_eq!(refused, None);
        let snapshot = &world.snapshot;
        assert_eq!(places(snapshot, &again.operations), places(snapshot, &outcome.operations));
        let class = |one: &DreamOperation| (format!("{:?}", one.change), one.class);
        let classes = |outcome: &Outcome| {
            let kept = outcome.operations.iter().filter(|one| one.rejection.is_none());
            kept.map(class).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(classes(&again), classes(&outcome));
        let stores = [&outcome, &again].map(|one| apply_proposed(snapshot, &one.operations));
        assert_eq!(stores[0], stores[1]);
    });
}

#[test]
fn nothing_rests_on_what_cannot_be_believed_and_no_secret_stays() {
    for_each_dream(|_, world| {
        let outcome = dream(world, &world.proposals, unbounded());
        for (raw, kept) in world.proposals.iter().zip(&outcome.operations) {
            if kept.rejection.is_some() || raw.evidence.is_empty() {
                let adds = matches!(raw.change, Change::Add { .. });
                assert!(kept.rejection.is_some() || !adds, "{kept:?}");
                continue;
            }
            let origins: Vec<_> = raw
                .evidence
                .iter()
                .map(|one| {
                    let event = world.sessions.event(&one.session_id, &one.event_id);
                    let (body, origin) = event.unwrap();
                    assert!(body.contains(&one.quote), "{one:?}");
                    origin
                })
                .collect();
            assert!(origins.iter().any(|origin| origin.is_trusted()), "{kept:?}");
        }
        let text = serde_json::to_string(&outcome.operations).unwrap();
        assert!(!text.contains(SECRET), "{text}");
        let read: Vec<DreamOperation> = serde_json::from_str(&text).unwrap();
        assert_eq!(read, outcome.operations);
        let store = apply_proposed(&world.snapshot, &outcome.operations);
        assert!(store.values().all(|text| !text.contains(SECRET)));
    });
}

#[test]
fn auto_takes_nothing_but_what_the_texts_themselves_say() {
    for_each_dream(|_, world| {
        let mut operations = dream(world, &world.proposals, unbounded()).operations;
        accept_earned(&mut operations, ReviewPolicy::Auto);
        for operation in operations {
            let class = class_of(&operation.operation(), &world.snapshot);
            if operation.rejection.is_none() {
                assert_eq!(class, operation.class);
            }
            let is_accepted = operation.state == OperationState::Accepted;
            assert_eq!(is_accepted, operation.rejection.is_none() && class.is_earned());
            let merges = matches!(operation.change, Change::Merge { .. });
            let replaces = matches!(operation.change, Change::Supersede { .. });
            assert!(!is_accepted || merges || replaces, "{operation:?}");
        }
    });
}

#[test]
fn what_was_superseded_keeps_an_interval_that_ends() {
    let id = DreamId::parse("drm_1").unwrap();
    for_each_dream(|dice, world| {
        let outcome = dream(world, &world.proposals, unbounded());
        let snapshot = &world.snapshot;
        let mut operations = subset(dice, &outcome.operations);
        let history = intervals(&[], snapshot, &id, &operations);
        for interval in &history {
            let ends = interval.valid_until.is_none_or(|until| until >= interval.valid_from);
            assert!(ends, "{interval:?}");
            assert_eq!(interval.valid_until.is_some(), interval.superseded_by.is_some());
        }
        let losers = operations.iter().filter(|one| one.state == OperationState::Accepted);
        let losers = losers.filter(|one| matches!(one.change, Change::Supersede { .. }));
        let ended = history.iter().filter(|interval| interval.valid_until.is_some());
        assert_eq!(ended.count(), losers.count());
        decide(&mut operations, Decision::Undo, None).unwrap();
        assert!(intervals(&[], snapshot, &id, &operations).is_empty());
    });
}
