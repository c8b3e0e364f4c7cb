//! What an operation has to look like, and how large it may be.

use std::collections::BTreeMap;

use lucid_core::{
    Change, Draft, MEMORY_BYTES_MAX, Operation, OperationState, Ratio, RuleKind, Statistics,
};
use lucid_memory::{Bounds, apply_proposed, check_path};

use crate::kit::{
    add, bounded, conflict, drop, ids, keep, list_of, merge, operation, quote, snapshot, supersede,
    verifier, why,
};

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
        assert_eq!(
            why(verifier(&snapshot).propose(operation.clone())),
            "malformed",
            "{operation:?}"
        );
    }
    let quoting = |text: &str| Operation {
        evidence: vec![quote("sevt_trusted", text)],
        ..add("/a.md", "- the descent was too fast")
    };
    for short in ["", "e", "to", "\u{e9}"] {
        assert_eq!(why(verifier(&snapshot).propose(quoting(short))), "malformed", "{short:?}");
    }
    assert_eq!(why(verifier(&snapshot).propose(quoting("too"))), "accepted");
    let many: Vec<String> = (0..1_025).map(|number| format!("ent_{number}")).collect();
    let many: Vec<&String> = many.iter().collect();
    assert_eq!(why(verifier(&snapshot).propose(merge(&many, "ent_0"))), "too large");
    assert_eq!(why(verifier(&snapshot).propose(merge(&many[1..], "ent_1"))), "unknown entry");
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
        "",
        "/",
        "a.md",
        "/a",
        "/a.txt",
        "/.md",
        "/a/.md",
        "//a.md",
        "/../a.md",
        "/a/../b.md",
        "/./a.md",
        "/a//b.md",
        "/a/",
        "/a\\b.md",
        "/a\n.md",
        "/a\0.md",
        &long,
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
    assert_eq!(why(both.propose(add("/deep/a.md", "- z"))), "malformed");
    assert_eq!(why(both.propose(add("/deep/a.mdx.md", "- y"))), "accepted");
}

fn rule(change: impl FnOnce(&mut Statistics)) -> Operation {
    let ratio = |hits, total| Ratio { hits, total };
    let mut statistics = Statistics {
        statement: "land.speed in [1, 2]".to_owned(),
        field: "land.speed".to_owned(),
        comparison: "between".to_owned(),
        value: "1 and 2".to_owned(),
        with: ratio(1, 1),
        without: ratio(0, 1),
        p: 0.01,
        q: 0.02,
        check_with: ratio(1, 1),
        check_without: ratio(0, 1),
        session_ids: vec!["sesn_1".to_owned(), "sesn_2".to_owned()],
    };
    change(&mut statistics);
    let draft = Draft { path: "/rules.md".to_owned(), text: "- the descent was slow".to_owned() };
    let evidence = vec![quote("sevt_trusted", "too fast")];
    let statistics = Some(statistics);
    Operation { evidence, ..operation(Change::Add { draft, kind: RuleKind::Contrast, statistics }) }
}

#[test]
fn numbers_that_cannot_be_are_refused() {
    let snapshot = list_of(2);
    let outcome = |change: fn(&mut Statistics)| why(verifier(&snapshot).propose(rule(change)));
    assert_eq!(outcome(|_| {}), "accepted");
    assert_eq!(outcome(|numbers| numbers.with.hits = 2), "malformed");
    assert_eq!(outcome(|numbers| numbers.check_without.hits = 2), "malformed");
    let wrong: [fn(&mut Statistics, f64); 2] =
        [|numbers, value| numbers.p = value, |numbers, value| numbers.q = value];
    for wrong in wrong {
        for value in [1.1, -0.1, f64::NAN, f64::INFINITY] {
            let outcome = verifier(&snapshot).propose(rule(|numbers| wrong(numbers, value)));
            assert_eq!(why(outcome), "malformed", "{value}");
        }
    }
    // Each session that is named was counted once, and nothing else was.
    assert_eq!(outcome(|numbers| numbers.with.total = 2), "malformed");
    assert_eq!(outcome(|numbers| numbers.without = Ratio::default()), "malformed");
    assert_eq!(outcome(|numbers| numbers.check_with.total = u32::MAX), "malformed");
    assert_eq!(outcome(|numbers| numbers.session_ids[1] = "sesn_1".to_owned()), "malformed");
    assert_eq!(outcome(|numbers| numbers.statement.clear()), "malformed");
    assert_eq!(outcome(|numbers| numbers.statement.push_str("\nx")), "malformed");
    assert_eq!(outcome(|numbers| numbers.value.push_str("\nx")), "malformed");
    assert_eq!(outcome(|numbers| numbers.field = "x".repeat(1_025)), "too large");
    assert_eq!(outcome(|numbers| numbers.session_ids[1] = "sesn_9".to_owned()), "unsupported");
    let mut bare = rule(|_| {});
    let Change::Add { statistics, .. } = &mut bare.change else { unreachable!() };
    *statistics = None;
    assert_eq!(why(verifier(&snapshot).propose(bare)), "malformed", "a contrast has numbers");
}

#[test]
fn a_refusal_that_is_kept_can_be_written_and_read() {
    let snapshot = list_of(2);
    let mut verifier = verifier(&snapshot);
    let nowhere = rule(|numbers| numbers.p = f64::NAN);
    assert_eq!(why(verifier.propose(nowhere)), "malformed");
    let long = "x".repeat(1 << 20);
    let crowd: Vec<String> = (0..10_000).map(|number| format!("{long:.9}{number}")).collect();
    let crowd: Vec<&String> = crowd.iter().collect();
    assert_eq!(why(verifier.propose(merge(&crowd, "none"))), "too large");
    assert_eq!(why(verifier.propose(add("/a.md", &long))), "too large");
    assert_eq!(why(verifier.propose(Operation { reason: long, ..keep("none") })), "too large");
    let kept = verifier.finish().operations;
    assert_eq!(kept.len(), 4);
    for operation in kept {
        assert_eq!(operation.state, OperationState::Rejected);
        assert!(operation.rejection.is_some());
        let text = serde_json::to_string(&operation).unwrap();
        assert!(text.len() < 20_000, "{}", text.len());
        assert_eq!(serde_json::from_str::<lucid_core::DreamOperation>(&text).unwrap(), operation);
    }
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
    let text = |bytes: usize| Operation {
        evidence: vec![short.clone()],
        ..add("/a.md", &"x".repeat(bytes))
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
    let refused = outcome.operations.iter().filter(|one| one.rejection.is_some()).count();
    assert_eq!((outcome.operations.len(), refused, outcome.rejections_dropped), (4, 2, 4));
}

#[test]
fn a_file_never_gets_larger_than_a_memory_may_be() {
    let nearly = "x".repeat(MEMORY_BYTES_MAX - 100);
    let snapshot = snapshot(&[("/full.md", &nearly)]);
    let mut verifier = verifier(&snapshot);
    assert_eq!(why(verifier.propose(add("/full.md", &"y".repeat(60)))), "accepted");
    assert_eq!(why(verifier.propose(add("/full.md", &"z".repeat(60)))), "too large");
    assert_eq!(why(verifier.propose(add("/else.md", &"z".repeat(60)))), "accepted");
    let files = apply_proposed(&snapshot, &verifier.finish().operations);
    let sizes: BTreeMap<_, _> = files.iter().map(|(path, text)| (path, text.len())).collect();
    assert!(sizes.values().all(|size| *size <= MEMORY_BYTES_MAX), "{sizes:?}");
}
