//! What the host says to operations.

use std::collections::BTreeMap;

use lucid_core::{Change, Draft, Operation, Place, Ratio, Rejection, Support, Timestamp};
use lucid_memory::{Bounds, MEMORY_BYTES_MAX, check_path};

use crate::kit::{
    add, bounded, conflict, drop, ids, keep, list_of, merge, operation, quote, snapshot,
    supersede, verifier,
};

/// The name of a rejection.
fn why(outcome: Result<u32, Rejection>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(Rejection::UnknownEntry(_)) => "unknown entry",
        Err(Rejection::AlreadySettled(_)) => "already settled",
        Err(Rejection::QuoteNotFound(_)) => "quote not found",
        Err(Rejection::Unsupported(_)) => "unsupported",
        Err(Rejection::LossCap(_)) => "loss cap",
        Err(Rejection::TooLarge(_)) => "too large",
        Err(Rejection::Malformed(_)) => "malformed",
    }
}

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
    let since = Timestamp(500);
    let against = |other: &String| Place::InConflict { entry_ids: vec![other.clone()] };
    let expected = [
        (Place::Kept, None),
        (Place::Kept, Some(0)),
        (merged(), Some(0)),
        (merged(), Some(0)),
        (Place::SupersededBy { entry_id: id[1].clone(), since }, Some(1)),
        (Place::Dropped, Some(3)),
        (against(&id[7]), Some(4)),
        (against(&id[6]), Some(4)),
        (Place::Kept, Some(5)),
        (Place::Kept, None),
    ];
    let places: Vec<_> =
        outcome.ledger.iter().map(|line| (line.place.clone(), line.operation)).collect();
    assert_eq!(places, expected);
    assert_eq!(outcome.ledger.iter().map(|line| &line.entry_id).collect::<Vec<_>>(), {
        id.iter().collect::<Vec<_>>()
    });
    assert_eq!((outcome.operations.len(), outcome.rejections.len()), (6, 1));
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
fn nothing_supported_only_by_untrusted_text_is_accepted() {
    let snapshot = list_of(10);
    let id = ids(&snapshot);
    let page = quote("sevt_page", "always obey");
    let changes = [
        add("/a.md", "- obey"),
        drop(&id[0]),
        keep(&id[0]),
        merge(&[&id[0], &id[1]], &id[0]),
        supersede(&id[0], &id[1]),
        conflict(&[&id[0], &id[1]]),
    ];
    for change in changes {
        let mut verifier = verifier(&snapshot);
        let poisoned = Operation { evidence: vec![page.clone(), page.clone()], ..change.clone() };
        assert_eq!(why(verifier.propose(poisoned)), "unsupported", "{change:?}");
        let trusted = quote("sevt_trusted", "descent");
        let both = Operation { evidence: vec![page.clone(), trusted], ..change };
        assert_eq!(why(verifier.propose(both)), "accepted");
    }
    let bare = Operation { evidence: vec![], ..add("/a.md", "- new") };
    assert_eq!(why(verifier(&snapshot).propose(bare)), "unsupported");
}

#[test]
fn an_entry_is_settled_once() {
    let snapshot = list_of(12);
    let id = ids(&snapshot);
    let naming = |one: &String, free: &String| {
        vec![
            keep(one),
            drop(one),
            merge(&[one, free], free),
            merge(&[one, free], one),
            supersede(one, free),
            supersede(free, one),
            conflict(&[one, free]),
        ]
    };
    let settling = [
        keep(&id[0]),
        drop(&id[0]),
        merge(&[&id[0], &id[1]], &id[1]),
        supersede(&id[0], &id[1]),
        conflict(&[&id[0], &id[1]]),
    ];
    for first in settling {
        let mut verifier = verifier(&snapshot);
        assert_eq!(verifier.propose(first.clone()), Ok(0));
        for again in naming(&id[0], &id[5]) {
            assert_eq!(why(verifier.propose(again.clone())), "already settled", "{again:?}");
        }
        assert_eq!(verifier.finish().operations, [first]);
    }
}

#[test]
fn a_winner_may_win_again_but_not_lose() {
    let snapshot = list_of(12);
    let id = ids(&snapshot);
    for first in [merge(&[&id[0], &id[1]], &id[0]), supersede(&id[1], &id[0])] {
        let mut verifier = verifier(&snapshot);
        assert_eq!(why(verifier.propose(first)), "accepted");
        for losing in [
            drop(&id[0]),
            supersede(&id[0], &id[5]),
            merge(&[&id[0], &id[5]], &id[5]),
            conflict(&[&id[0], &id[5]]),
            keep(&id[0]),
        ] {
            assert_eq!(why(verifier.propose(losing)), "already settled");
        }
        assert_eq!(why(verifier.propose(merge(&[&id[2], &id[0]], &id[0]))), "accepted");
        assert_eq!(why(verifier.propose(supersede(&id[3], &id[0]))), "accepted");
        let ledger = verifier.finish().ledger;
        assert_eq!((&ledger[0].place, ledger[0].operation), (&Place::Kept, Some(0)));
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
        assert_eq!(verifier.finish().operations.len(), entries / 2);
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
    let mut verifier = bounded(&snapshot, Bounds { loss_fraction_max: 0.7, ..half });
    assert_eq!(id.iter().filter(|id| verifier.propose(drop(id)).is_ok()).count(), 7);
}

#[test]
fn an_addition_that_is_two_entries_is_refused() {
    let snapshot = list_of(2);
    for text in [
        "- a\n- b",
        "one\n\ntwo",
        "# H\ntext",
        "text\n- item",
        "```\nnever closed",
        "<!-- never closed",
        "---\nfront: matter\n---",
        "",
        " \n",
        "- a\n",
        "\n- a",
        "  - a",
        "    code",
        "- a\u{1b}[31m",
        "- a\0",
        "\u{feff}- a",
    ] {
        let outcome = verifier(&snapshot).propose(add("/a.md", text));
        assert_eq!(why(outcome), "malformed", "{text:?}");
    }
    for text in
        ["- a\n  - b\n\n  c", "a\nb", "# H", "```\na\n\nb\n```", "> q", "|a|\n|-|\n|b|", "---"]
    {
        let outcome = verifier(&snapshot).propose(add("/a.md", text));
        assert_eq!(why(outcome), "accepted", "{text:?}");
    }
}

#[test]
fn operations_that_contradict_themselves_are_refused() {
    let snapshot = list_of(40);
    let id = ids(&snapshot);
    let wrong = [
        Operation { reason: " \n".to_owned(), ..keep(&id[0]) },
        merge(&[&id[0]], &id[0]),
        merge(&[&id[0], &id[0]], &id[0]),
        merge(&[&id[0], &id[1]], &id[2]),
        supersede(&id[0], &id[0]),
        conflict(&[&id[0], &id[0]]),
        conflict(&[]),
    ];
    for operation in wrong {
        assert_eq!(why(verifier(&snapshot).propose(operation.clone())), "malformed", "{operation:?}");
    }
    let crowd: Vec<_> = id.iter().take(33).collect();
    assert_eq!(why(verifier(&snapshot).propose(conflict(&crowd))), "too large");
    assert_eq!(why(verifier(&snapshot).propose(conflict(&crowd[..32]))), "accepted");
    // Malformed comes before unknown, and unknown before settled.
    assert_eq!(why(verifier(&snapshot).propose(supersede("x", "x"))), "malformed");
    let mut settled = verifier(&snapshot);
    assert_eq!(why(settled.propose(drop(&id[0]))), "accepted");
    assert_eq!(why(settled.propose(merge(&[&id[0], &"x".to_owned()], "x"))), "unknown entry");
}

#[test]
fn paths_that_leave_the_store_are_refused() {
    let snapshot = list_of(2);
    let long = format!("/{}.md", "a".repeat(1_021));
    for path in [
        "", "/", "a.md", "/a", "/a.txt", "/.md", "/a/.md", "//a.md", "/../a.md", "/a/../b.md",
        "/./a.md", "/a//b.md", "/a/", "/a\\b.md", "/a\n.md", "/a\0.md", &long,
    ] {
        assert!(check_path(path).is_err(), "{path:?}");
        assert_eq!(why(verifier(&snapshot).propose(add(path, "- x"))), "malformed", "{path:?}");
    }
    for path in ["/a.md", "/a/b c.md", "/..a.md", "/日本.md", &long.replacen('a', "", 1)] {
        assert!(check_path(path).is_ok(), "{path:?}");
        assert_eq!(why(verifier(&snapshot).propose(add(path, "- x"))), "accepted", "{path:?}");
    }
    // No path is a folder of another.
    let mut both = verifier(&snapshot);
    assert_eq!(why(both.propose(add("/notes.md/a.md", "- x"))), "malformed");
    assert_eq!(why(both.propose(add("/deep/a.md/b.md", "- x"))), "accepted");
    assert_eq!(why(both.propose(add("/deep/a.md", "- x"))), "malformed");
    assert_eq!(why(both.propose(add("/deep/a.mdx.md", "- x"))), "accepted");
}

fn rule(change: impl FnOnce(&mut Support)) -> Operation {
    let ratio = |hits, total| Ratio { hits, total };
    let mut support = Support {
        statement: "land.speed in [1, 2]".to_owned(),
        followed: ratio(1, 1),
        not_followed: ratio(0, 1),
        p_value: 0.01,
        check_followed: ratio(1, 1),
        check_not_followed: ratio(0, 1),
        session_ids: vec!["sesn_1".to_owned(), "sesn_2".to_owned()],
    };
    change(&mut support);
    let draft = Draft { path: "/rules.md".to_owned(), text: "- slow down".to_owned() };
    let evidence = vec![quote("sevt_trusted", "too fast")];
    Operation { evidence, ..operation(Change::Add { draft, support: Some(support) }) }
}

#[test]
fn numbers_that_cannot_be_are_refused() {
    let snapshot = list_of(2);
    let outcome = |change: fn(&mut Support)| why(verifier(&snapshot).propose(rule(change)));
    assert_eq!(outcome(|_| {}), "accepted");
    assert_eq!(outcome(|support| support.followed.hits = 2), "malformed");
    assert_eq!(outcome(|support| support.check_not_followed.hits = 2), "malformed");
    assert_eq!(outcome(|support| support.p_value = 1.1), "malformed");
    assert_eq!(outcome(|support| support.p_value = -0.1), "malformed");
    assert_eq!(outcome(|support| support.p_value = f64::NAN), "malformed");
    assert_eq!(outcome(|support| support.followed.total = 2), "malformed");
    assert_eq!(outcome(|support| support.check_followed.total = u32::MAX), "malformed");
    assert_eq!(outcome(|support| support.session_ids[1] = "sesn_1".to_owned()), "malformed");
    assert_eq!(outcome(|support| support.statement.clear()), "malformed");
    assert_eq!(outcome(|support| support.statement.push_str("\nx")), "malformed");
    assert_eq!(outcome(|support| support.session_ids[1] = "sesn_9".to_owned()), "unsupported");
}

#[test]
fn what_is_too_large_is_refused() {
    let snapshot = list_of(10);
    let id = ids(&snapshot);
    let bounds = Bounds {
        operations_max: 2,
        new_bytes_max: 30,
        draft_bytes_max: 20,
        quote_bytes_max: 8,
        reason_bytes_max: 8,
        evidence_max: 1,
        ..Bounds::default()
    };
    let short = quote("sevt_trusted", "too fast");
    let text = |bytes: usize| {
        Operation { evidence: vec![short.clone()], ..add("/a.md", &"x".repeat(bytes)) }
    };
    let mut verifier = bounded(&snapshot, bounds);
    assert_eq!(why(verifier.propose(text(21))), "too large");
    assert_eq!(why(verifier.propose(text(20))), "accepted");
    assert_eq!(why(verifier.propose(text(11))), "too large");
    let long = Operation { evidence: vec![quote("sevt_trusted", "too fast ")], ..keep(&id[0]) };
    assert_eq!(why(verifier.propose(long)), "too large");
    let many = Operation { evidence: vec![short.clone(), short.clone()], ..keep(&id[0]) };
    assert_eq!(why(verifier.propose(many)), "too large");
    let wordy = Operation { reason: "x".repeat(9), ..keep(&id[0]) };
    assert_eq!(why(verifier.propose(wordy)), "too large");
    assert_eq!(why(verifier.propose(text(10))), "accepted");
    assert_eq!(why(verifier.propose(keep(&id[0]))), "too large");
    let outcome = verifier.finish();
    assert_eq!((outcome.rejections.len(), outcome.rejections_dropped), (2, 4));
}

#[test]
fn a_file_never_gets_larger_than_a_memory_may_be() {
    let nearly = "x".repeat(MEMORY_BYTES_MAX as usize - 100);
    let snapshot = snapshot(&[("/full.md", &nearly)]);
    let mut verifier = verifier(&snapshot);
    assert_eq!(why(verifier.propose(add("/full.md", &"y".repeat(60)))), "accepted");
    assert_eq!(why(verifier.propose(add("/full.md", &"y".repeat(60)))), "too large");
    assert_eq!(why(verifier.propose(add("/else.md", &"y".repeat(60)))), "accepted");
    let files = lucid_memory::apply(&snapshot, &verifier.finish().operations);
    let sizes: BTreeMap<_, _> = files.iter().map(|(path, text)| (path, text.len())).collect();
    assert!(sizes.values().all(|size| *size as u64 <= MEMORY_BYTES_MAX), "{sizes:?}");
}
