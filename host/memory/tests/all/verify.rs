//! What the host says to operations.

use lucid_core::{Operation, OperationState, Place, Timestamp};
use lucid_memory::{Bounds, ledger};

use crate::kit::{
    CHANGED, add, bounded, conflict, drop, ids, keep, list_of, merge, quote, snapshot, supersede,
    supersede_at, verifier, why,
};

#[test]
fn every_input_entry_is_in_the_ledger_exactly_once() {
    let snapshot = list_of(10);
    let id = ids(&snapshot);
    let mut verifier = verifier(&snapshot);
    assert_eq!(verifier.propose(merge(&[&id[1], &id[2], &id[3]], &id[1])), Ok(0));
    assert_eq!(why(verifier.propose(drop("ent_none"))), "unknown entry");
    assert_eq!(verifier.propose(supersede(&id[4], &id[1])), Ok(1));
    assert_eq!(verifier.propose(add("/new.md", "- new")), Ok(2));
    assert_eq!(verifier.propose(drop(&id[5])), Ok(3));
    assert_eq!(verifier.propose(conflict(&[&id[6], &id[7]])), Ok(4));
    assert_eq!(verifier.propose(keep(&id[8])), Ok(5));
    let outcome = verifier.finish();
    let merged = || Place::MergedInto { entry_id: id[1].clone() };
    let against = |other: &String| Place::InConflict { entry_ids: vec![other.clone()] };
    let expected = [
        (Place::Kept, None),
        (Place::Kept, Some("dop_1")),
        (merged(), Some("dop_1")),
        (merged(), Some("dop_1")),
        (Place::SupersededBy { entry_id: id[1].clone(), since: CHANGED }, Some("dop_3")),
        (Place::Dropped, Some("dop_5")),
        (against(&id[7]), Some("dop_6")),
        (against(&id[6]), Some("dop_6")),
        (Place::Kept, Some("dop_7")),
        (Place::Kept, None),
    ];
    let places: Vec<_> =
        outcome.ledger.iter().map(|line| (line.place.clone(), line.operation.as_deref())).collect();
    assert_eq!(places, expected);
    assert_eq!(outcome.ledger.iter().map(|line| &line.entry_id).collect::<Vec<_>>(), {
        id.iter().collect::<Vec<_>>()
    });
    // Every proposal is kept with an id of its own, the refused one too.
    let kept: Vec<_> = outcome.operations.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(kept, ["dop_1", "dop_2", "dop_3", "dop_4", "dop_5", "dop_6", "dop_7"]);
    let states = outcome.operations.iter().map(|operation| operation.state);
    assert_eq!(states.filter(|state| *state == OperationState::Rejected).count(), 1);
}

#[test]
fn what_is_refused_or_undone_has_no_place_in_the_ledger() {
    let snapshot = list_of(4);
    let id = ids(&snapshot);
    let mut verifier = verifier(&snapshot);
    for operation in [drop(&id[0]), drop(&id[1]), drop(&id[2])] {
        verifier.propose(operation).unwrap();
    }
    let mut outcome = verifier.finish();
    assert_eq!(outcome.ledger, ledger(&snapshot, &outcome.operations));
    outcome.operations[0].state = OperationState::Undone;
    outcome.operations[1].state = OperationState::Rejected;
    outcome.operations[2].state = OperationState::Accepted;
    let lines = ledger(&snapshot, &outcome.operations);
    let places: Vec<_> = lines.into_iter().map(|line| line.place).collect();
    assert_eq!(places, [Place::Kept, Place::Kept, Place::Dropped, Place::Kept]);
}

#[test]
fn an_operation_says_what_it_is_about() {
    let snapshot = snapshot(&[("/a.md", "- old\n- same\n"), ("/b.md", "- new\n- same\n")]);
    let id = ids(&snapshot);
    let mut verifier = verifier(&snapshot);
    let mut record = |operation: Operation| {
        verifier.propose(operation).unwrap();
        let last = verifier.last().unwrap();
        (last.op.clone(), last.memory_path.clone(), last.before.clone(), last.after.clone())
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect::<Vec<_>>();
    let after = |text: &str| Some(text.to_owned());
    let expected = ("supersede".into(), "/b.md".into(), texts(&["- old"]), after("- new"));
    assert_eq!(record(supersede(&id[0], &id[2])), expected);
    let expected = ("merge".into(), "/a.md".into(), texts(&["- same", "- same"]), after("- same"));
    assert_eq!(record(merge(&[&id[1], &id[3]], &id[1])), expected);
    let expected = ("add".into(), "/c.md".into(), texts(&[]), after("- more"));
    assert_eq!(record(add("/c.md", "- more")), expected);
    let mut other = crate::kit::verifier(&snapshot);
    other.propose(drop(&id[0])).unwrap();
    let dropped = other.last().unwrap();
    assert_eq!((dropped.before.clone(), dropped.after.clone()), (texts(&["- old"]), None));
    assert_eq!(why(other.propose(drop(&id[0]))), "already settled");
    let refused = other.last().unwrap();
    assert_eq!((refused.id.as_str(), refused.state), ("dop_2", OperationState::Rejected));
}

#[test]
fn a_quote_that_is_not_there_is_refused() {
    let snapshot = list_of(10);
    let id = ids(&snapshot);
    let with = |evidence| Operation { evidence: vec![evidence], ..add("/a.md", "- new") };
    let fine = quote("sevt_trusted", "too fast at site 3");
    let other_session = lucid_core::Evidence { session_id: "sesn_2".into(), ..fine.clone() };
    let wrong = [
        quote("sevt_trusted", "too fast at site 4"),
        quote("sevt_trusted", "Too fast"),
        quote("sevt_page", "too fast"),
        quote("sevt_none", "too fast"),
        other_session,
    ];
    for evidence in wrong {
        let mut verifier = verifier(&snapshot);
        assert_eq!(why(verifier.propose(with(evidence.clone()))), "quote not found");
        // Beside one that is there, and for any other change, too.
        let both = Operation { evidence: vec![fine.clone(), evidence.clone()], ..drop(&id[0]) };
        assert_eq!(why(verifier.propose(both)), "quote not found");
        assert_eq!(why(verifier.propose(drop(&id[0]))), "accepted");
    }
    assert_eq!(why(verifier(&snapshot).propose(with(quote("sevt_trusted", "")))), "malformed");
}

#[test]
fn an_entry_ends_in_one_place() {
    let snapshot = list_of(12);
    let id = ids(&snapshot);
    // What gives the entry another place, and what lets others end in it.
    let places = |one: &String, free: &String| {
        vec![
            keep(one),
            drop(one),
            merge(&[one, free], free),
            supersede(one, free),
            conflict(&[one, free]),
        ]
    };
    let wins = |one: &String, free: &String| vec![merge(&[one, free], one), supersede(free, one)];
    let settling = [
        (keep(&id[0]), "accepted"),
        (drop(&id[0]), "already settled"),
        (merge(&[&id[0], &id[1]], &id[1]), "accepted"),
        (supersede(&id[0], &id[1]), "accepted"),
        (conflict(&[&id[0], &id[1]]), "accepted"),
    ];
    for (first, winning) in settling {
        for again in places(&id[0], &id[5]) {
            let mut verifier = verifier(&snapshot);
            assert_eq!(verifier.propose(first.clone()), Ok(0));
            assert_eq!(why(verifier.propose(again.clone())), "already settled", "{again:?}");
        }
        for again in wins(&id[0], &id[5]) {
            let mut verifier = verifier(&snapshot);
            assert_eq!(verifier.propose(first.clone()), Ok(0));
            assert_eq!(why(verifier.propose(again.clone())), winning, "{first:?} {again:?}");
        }
    }
}

#[test]
fn a_winner_may_win_again_and_lose_but_not_go() {
    let snapshot = list_of(12);
    let id = ids(&snapshot);
    for first in [merge(&[&id[0], &id[1]], &id[0]), supersede(&id[1], &id[0])] {
        let mut verifier = verifier(&snapshot);
        assert_eq!(why(verifier.propose(first.clone())), "accepted");
        assert_eq!(why(verifier.propose(drop(&id[0]))), "already settled");
        assert_eq!(why(verifier.propose(merge(&[&id[2], &id[0]], &id[0]))), "accepted");
        assert_eq!(why(verifier.propose(supersede(&id[3], &id[0]))), "accepted");
        for then in [
            supersede(&id[0], &id[5]),
            merge(&[&id[0], &id[5]], &id[5]),
            conflict(&[&id[0], &id[5]]),
            keep(&id[0]),
        ] {
            let mut verifier = crate::kit::verifier(&snapshot);
            assert_eq!(why(verifier.propose(first.clone())), "accepted");
            assert_eq!(why(verifier.propose(then.clone())), "accepted", "{then:?}");
        }
    }
}

#[test]
fn no_chain_of_losers_is_a_circle() {
    let snapshot = list_of(6);
    let id = ids(&snapshot);
    let mut verifier = verifier(&snapshot);
    for number in [3, 1, 2, 0] {
        let next = supersede(&id[number], &id[number + 1]);
        assert_eq!(why(verifier.propose(next)), "accepted");
    }
    for number in 0..4 {
        let back = supersede(&id[4], &id[number]);
        assert_eq!(why(verifier.propose(back)), "already settled", "{number}");
        let back = merge(&[&id[5], &id[4], &id[number]], &id[number]);
        assert_eq!(why(verifier.propose(back)), "already settled", "{number}");
    }
    assert_eq!(why(verifier.propose(supersede(&id[4], &id[5]))), "accepted");
    let lost = verifier.finish().ledger.into_iter().filter(|line| line.place != Place::Kept);
    assert_eq!(lost.count(), 5);
}

#[test]
fn supersession_goes_forward_in_time_only() {
    let snapshot = list_of(6);
    let id = ids(&snapshot);
    let at = |day: u64| Timestamp(CHANGED.as_millis() + day * 86_400_000);
    let both = |first: Operation, then: Operation| {
        let mut verifier = verifier(&snapshot);
        assert_eq!(why(verifier.propose(first)), "accepted");
        why(verifier.propose(then))
    };
    let (one, two) = (supersede_at(&id[0], &id[1], at(2)), supersede_at(&id[1], &id[2], at(1)));
    // The second value ended on day 1, before it began on day 2.
    assert_eq!(both(one.clone(), two.clone()), "malformed");
    assert_eq!(both(two, one.clone()), "malformed");
    let fine = supersede_at(&id[1], &id[2], at(2));
    assert_eq!(both(one.clone(), fine.clone()), "accepted");
    assert_eq!(both(fine, one), "accepted");
    let never = supersede_at(&id[0], &id[1], Timestamp(u64::MAX));
    assert_eq!(why(verifier(&snapshot).propose(never)), "malformed");
}

#[test]
fn what_the_store_says_already_is_not_added_again() {
    let snapshot = snapshot(&[("/a.md", "# Notes\n\n- Deploys go out on Fridays.\n- yes\n")]);
    let mut verifier = verifier(&snapshot);
    for (path, text, answer) in [
        ("/a.md", "* **Deploys** go out on fridays", "already settled"),
        ("/b.md", "Deploys go out on Fridays!", "already settled"),
        ("/a.md", "- yes.", "already settled"),
        ("/b.md", "- yes", "accepted"),
        ("/b.md", "# Notes", "accepted"),
        ("/b.md", "- Deploys go out on Mondays.", "accepted"),
        ("/c.md", "Deploys go out on mondays", "already settled"),
    ] {
        assert_eq!(why(verifier.propose(add(path, text))), answer, "{path} {text:?}");
    }
}

#[test]
fn the_loss_cap_holds() {
    let half = Bounds { loss_fraction_max: 0.5, ..Bounds::default() };
    for entries in 1..=9 {
        let snapshot = list_of(entries);
        let mut verifier = bounded(&snapshot, half);
        for id in ids(&snapshot) {
            let _ = verifier.propose(drop(&id));
        }
        let kept = verifier.finish().operations.into_iter();
        assert_eq!(kept.filter(|one| one.rejection.is_none()).count(), entries / 2);
    }
    let snapshot = list_of(10);
    let id = ids(&snapshot);
    let mut verifier = bounded(&snapshot, half);
    let all: Vec<_> = id.iter().collect();
    assert_eq!(why(verifier.propose(merge(&all, &id[0]))), "loss cap");
    assert_eq!(why(verifier.propose(merge(&all[..5], &id[0]))), "accepted");
    assert_eq!(why(verifier.propose(supersede(&id[5], &id[0]))), "accepted");
    assert_eq!(why(verifier.propose(supersede(&id[6], &id[0]))), "loss cap");
    assert_eq!(why(verifier.propose(drop(&id[6]))), "loss cap");
    // What loses nothing is always welcome.
    assert_eq!(why(verifier.propose(conflict(&[&id[6], &id[7]]))), "accepted");
    for share in [0.0, -1.0, f64::NAN] {
        let mut verifier = bounded(&snapshot, Bounds { loss_fraction_max: share, ..half });
        assert_eq!(why(verifier.propose(drop(&id[0]))), "loss cap");
        assert_eq!(why(verifier.propose(add("/a.md", "- new"))), "accepted");
    }
    // In binary, 0.29 times 100 is a hair less than 29.
    let snapshot = list_of(100);
    let mut verifier = bounded(&snapshot, Bounds { loss_fraction_max: 0.29, ..half });
    let ids = ids(&snapshot);
    assert_eq!(ids.iter().filter(|id| verifier.propose(drop(id)).is_ok()).count(), 29);
}

#[test]
fn what_is_still_said_is_not_lost() {
    let text = "- Bob feeds the cats.\n".repeat(9);
    let snapshot = snapshot(&[("/a.md", &text), ("/b.md", "- Ann waters the plants.\n")]);
    let id = ids(&snapshot);
    let most = Bounds { loss_fraction_max: 0.1, ..Bounds::default() };
    let mut verifier = bounded(&snapshot, most);
    let all: Vec<_> = id.iter().take(9).collect();
    assert_eq!(why(verifier.propose(merge(&all, &id[0]))), "accepted");
    assert_eq!(why(verifier.propose(drop(&id[9]))), "accepted");
    let lost = verifier.finish().ledger.into_iter().filter(|line| line.place != Place::Kept);
    assert_eq!(lost.count(), 9);
}
