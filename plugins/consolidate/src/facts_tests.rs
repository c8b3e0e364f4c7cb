use super::*;

/// 2026-09-21.
const LATER: u64 = 1_790_000_000_000;

/// Settles `(path, updated_at_ms, text)`.
fn settled(facts: &[(&str, u64, &str)]) -> Vec<Settled> {
    settled_under(&[], facts)
}

/// The same under a heading each.
fn settled_under(titles: &[&str], facts: &[(&str, u64, &str)]) -> Vec<Settled> {
    let entries: Vec<Entry> = facts
        .iter()
        .enumerate()
        .map(|(number, (path, updated_at_ms, text))| Entry {
            id: format!("e{number}"),
            path: (*path).to_owned(),
            index: number as u32,
            headings: titles.get(number).map(|title| (*title).to_owned()).into_iter().collect(),
            kind: EntryKind::Item,
            text: (*text).to_owned(),
            // What is dated was written after its date, or it would not hold yet.
            updated_at_ms: *updated_at_ms + if text.contains("2026-") { LATER } else { 0 },
        })
        .collect();
    settle(&entries)
}

fn superseded(facts: &[(&str, u64, &str)]) -> Vec<(usize, usize)> {
    settled(facts)
        .into_iter()
        .filter_map(|settled| match settled {
            Settled::Superseded { loser, winner, .. } => Some((loser, winner)),
            Settled::Conflict { .. } | Settled::Retracted { .. } => None,
        })
        .collect()
}

#[test]
fn the_newer_date_wins_wherever_it_stands() {
    for (old, new) in [
        ("- Port: 8080 (as of 2026-04-02)", "- **Port**: 9090 (as of 2026-05-02)"),
        ("- 2026-04-02: Port: 8080", "- Port: 9090 since 2026-05-02"),
        (
            "- The deploy day is Friday (2026-04-02).",
            "- The deploy day is now Monday (2026-05-02).",
        ),
        ("- Ann's team is Blue [2026-04-02]", "- Ann's team is Red [2026-05-02]"),
    ] {
        assert_eq!(superseded(&[("/a.md", 1, old), ("/a.md", 1, new)]), [(0, 1)], "{old}");
        assert_eq!(superseded(&[("/a.md", 1, new), ("/a.md", 1, old)]), [(1, 0)], "{old}");
    }
}

#[test]
fn without_dates_neither_wins_whichever_memory_was_written_to_last() {
    let (old, new) = ("Deploy day: Friday", "Deploy day: Monday");
    let conflict = Settled::Conflict { members: vec![0, 1], key: "deploy day".to_owned() };
    assert_eq!(settled(&[("/a.md", 5, old), ("/a.md", 5, new)]), std::slice::from_ref(&conflict));
    for (a, b) in [(5, 5), (5, 9), (9, 5)] {
        assert_eq!(
            settled(&[("/a.md", a, old), ("/b.md", b, new)]),
            std::slice::from_ref(&conflict)
        );
    }
}

#[test]
fn a_fact_without_a_date_is_only_surely_older_than_a_later_date() {
    let dated = "Deploy day: Monday (as of 2026-04-02)";
    let after = 1_775_088_000_000 + 1;
    assert_eq!(superseded(&[("/a.md", 5, "Deploy day: Friday"), ("/b.md", 9, dated)]), [(0, 1)]);
    let found = settled(&[("/a.md", after, "Deploy day: Friday"), ("/b.md", 9, dated)]);
    assert!(matches!(found[..], [Settled::Conflict { .. }]));
}

#[test]
fn hedged_text_never_supersedes() {
    for hedged in [
        "Deploy day: maybe Monday (as of 2026-05-02)",
        "I think the deploy day is Monday (2026-05-02)",
        "Deploy day: Monday? (as of 2026-05-02)",
        "The deploy day is probably Monday (2026-05-02)",
    ] {
        let facts = [("/a.md", 1, "Deploy day: Friday (as of 2026-04-02)"), ("/b.md", 2, hedged)];
        assert!(settled(&facts).is_empty(), "{hedged}");
    }
}

#[test]
fn what_can_be_true_at_once_is_left_alone() {
    for (a, b) in [
        ("The server is slow (2026-04-02)", "The server is red (2026-05-02)"),
        ("Tip: brake late (2026-04-02)", "Tip: burn early (2026-05-02)"),
        ("Reviewers for web: Ann, Bob (2026-04-02)", "Reviewers for web: Cy, Di (2026-05-02)"),
        ("Alice is a nurse (2026-04-02)", "Alice is a singer (2026-05-02)"),
    ] {
        assert!(settled(&[("/a.md", 1, a), ("/a.md", 1, b)]).is_empty(), "{a}");
    }
    let several = ["Contact point: Ann", "Contact point: Bob", "Contact point: Cy"];
    assert!(settled(&several.map(|text| ("/a.md", 1, text))).is_empty());
}

#[test]
fn without_a_key_match_recency_says_nothing() {
    let (old, new) = ("Deploy day: Friday (2026-04-02)", "Release day: Monday (2026-05-02)");
    assert!(settled(&[("/a.md", 1, old), ("/a.md", 1, new)]).is_empty());
    // A bare key names no entity: another memory may mean another port.
    let (old, new) = ("Port: 8080 (2026-04-02)", "Port: 9090 (2026-05-02)");
    assert!(settled(&[("/api.md", 1, old), ("/web.md", 1, new)]).is_empty());
}

#[test]
fn sentences_that_differ_in_a_measure_only_are_a_conflict_unless_both_are_dated() {
    let (a, b) = ("Reports are archived for 30 days.", "Reports are archived for 90 days.");
    let conflict = settled(&[("/a.md", 1, a), ("/b.md", 2, b)]);
    assert!(matches!(&conflict[..], [Settled::Conflict { members, .. }] if *members == [0, 1]));
    let (a, b) = (
        "Reports are archived for 30 days (as of 2026-04-02)",
        "Reports are archived for 90 days (as of 2026-05-02)",
    );
    assert_eq!(superseded(&[("/a.md", 1, a), ("/b.md", 2, b)]), [(0, 1)]);
    // Numbers without a unit are names as often as not.
    let (a, b) = ("We merged PR 260 into main today", "We merged PR 480 into main today");
    assert!(settled(&[("/a.md", 1, a), ("/b.md", 2, b)]).is_empty());
}

#[test]
fn all_older_values_give_way_to_the_newest() {
    let facts = [
        ("/a.md", 1, "Port: 1 (2026-01-02)"),
        ("/a.md", 1, "Port: 3 (2026-03-02)"),
        ("/a.md", 1, "Port: 2 (2026-02-02)"),
        ("/a.md", 1, "Port: 3 (2026-02-20)"),
    ];
    assert_eq!(superseded(&facts), [(0, 1), (2, 1)]);
}

#[test]
fn what_is_taken_back_later_goes_and_what_was_taken_back_earlier_stays() {
    let stated = |date: &str| format!("The deploy day is Friday (as of {date})");
    let back = "The deploy day is no longer Friday (as of 2026-04-02)";
    let found = settled(&[("/a.md", 1, &stated("2026-03-02")), ("/b.md", 1, back)]);
    assert!(matches!(&found[..], [Settled::Retracted { loser: 0, by: 1, .. }]), "{found:?}");
    assert!(settled(&[("/a.md", 1, &stated("2026-05-02")), ("/b.md", 1, back)]).is_empty());
}

#[test]
fn an_entry_that_says_more_wins_but_is_never_replaced() {
    let old = "Deploy day: Friday (as of 2026-04-02)";
    let new = "The deploy day is Monday (as of 2026-05-02). Ann has the keys of the lander.";
    assert_eq!(superseded(&[("/a.md", 1, old), ("/b.md", 1, new)]), [(0, 1)]);
    let old = "The deploy day is Friday (as of 2026-04-02). Ann has the keys of the lander.";
    let new = "Deploy day: Monday (as of 2026-05-02)";
    assert!(superseded(&[("/a.md", 1, old), ("/b.md", 1, new)]).is_empty());
}

#[test]
fn what_stands_under_another_title_or_in_another_memory_is_not_replaced() {
    let old = "API port: 8080 (as of 2026-04-02)";
    let new = "API port: 9090 (as of 2026-05-02)";
    let apart = [("/staging.md", 1, old), ("/production.md", 1, new)];
    assert!(settled(&apart).is_empty());
    let one = [("/a.md", 1, old), ("/b.md", 1, new)];
    assert!(settled_under(&["Staging", "Production"], &one).is_empty());
    assert_eq!(superseded(&one), [(0, 1)]);
    let notes = settled_under(&["Notes 1", "Notes 2"], &one);
    assert!(matches!(notes[..], [Settled::Superseded { loser: 0, winner: 1, .. }]), "{notes:?}");
    let (old, new) = (
        "Reports are archived for 30 days (as of 2026-04-02)",
        "Reports are archived for 90 days (as of 2026-05-02)",
    );
    let found = settled_under(&["Staging", "Production"], &[("/a.md", 1, old), ("/b.md", 1, new)]);
    assert!(
        !found.iter().any(|settled| matches!(settled, Settled::Superseded { .. })),
        "{found:?}"
    );
}
