use super::*;
use crate::fake::{START_MS, item};

fn entries(texts: &[(&str, &str)]) -> Vec<Entry> {
    let entry = |(index, (path, text)): (usize, &(&str, &str))| item(path, index, text);
    texts.iter().enumerate().map(entry).collect()
}

fn settled(entries: &[Entry]) -> Vec<Settled> {
    settle(entries, &BTreeSet::new())
}

#[test]
fn entries_that_say_the_same_go_into_the_one_that_says_most() {
    let entries = entries(&[
        ("/a.md", "The log is kept on the lander."),
        ("/b.md", "The door is blue."),
        ("/b.md", "the log is kept on the **lander**"),
    ]);
    assert_eq!(settled(&entries), [Settled::Same { survivor: 0, losers: vec![2] }]);
}

#[test]
fn the_same_words_under_headings_of_different_things_are_two_facts() {
    let mut entries =
        entries(&[("/a.md", "Logs are kept here."), ("/a.md", "Logs are kept here.")]);
    entries[0].headings = vec!["Staging".to_owned()];
    entries[1].headings = vec!["Production".to_owned()];
    assert!(settled(&entries).is_empty());
    entries[1].headings = vec!["Notes".to_owned()];
    assert_eq!(settled(&entries).len(), 1);
    for (one, other) in [("/site-3.md", "/site-4.md"), ("/people/ann.md", "/people/bob.md")] {
        let sites = self::entries(&[(one, "The rim is rough."), (other, "The rim is rough.")]);
        assert!(settled(&sites).is_empty() && !are_compatible(&sites[0], &sites[1]));
    }
    entries[0].headings = vec!["Notes 7".to_owned()];
    entries[1].headings = vec!["Log 2026-04-02".to_owned()];
    assert_eq!(settled(&entries).len(), 1, "numbers and days of notes frame nothing");
}

#[test]
fn what_stands_elsewhere_is_merged_by_itself() {
    let text = "The log is kept on the lander.";
    let entries = entries(&[("/a.md", text), ("/b.md", text), ("/lander.md", text)]);
    let same = |losers: Vec<usize>| Settled::Same { survivor: 0, losers };
    assert_eq!(settled(&entries), [same(vec![1]), same(vec![2])]);
}

#[test]
fn values_in_the_memories_of_two_things_never_compete() {
    let texts = ["API port: 8080 (as of 2026-02-11)", "API port: 9090 (as of 2026-04-02)"];
    let apart = entries(&[("/staging.md", texts[0]), ("/production.md", texts[1])]);
    assert!(settled(&apart).is_empty(), "{:?}", settled(&apart));
    assert_eq!(order(&apart[0], &apart[1]), Order::Unknown);
    let one = entries(&[("/notes/1.md", texts[0]), ("/staging.md", texts[1])]);
    assert_eq!(settled(&one).len(), 1);
}

#[test]
fn of_two_dated_values_of_one_key_the_newer_holds() {
    let entries = entries(&[
        ("/a.md", "Relay channel: 3 (as of 2026-02-11)"),
        ("/a.md", "Relay channel: 7 (as of 2026-04-02)"),
    ]);
    let settled = settled(&entries);
    let [Settled::Newer { loser: 0, winner: 1, since_ms, .. }] = settled.as_slice() else {
        panic!("{settled:?}")
    };
    assert_eq!(*since_ms, 1_775_088_000_000);
    assert_eq!(order(&entries[0], &entries[1]), Order::Newer { since_ms: *since_ms });
    assert_eq!(order(&entries[1], &entries[0]), Order::Older);
}

#[test]
fn without_dates_in_one_memory_a_person_decides() {
    let entries = entries(&[("/a.md", "Relay channel: 3"), ("/a.md", "Relay channel: 7")]);
    let settled = settled(&entries);
    let [Settled::Conflict { entries: members, .. }] = settled.as_slice() else {
        panic!("{settled:?}")
    };
    assert_eq!(members, &[0, 1]);
    assert_eq!(order(&entries[0], &entries[1]), Order::Unknown);
}

#[test]
fn when_a_memory_was_changed_says_nothing_of_a_fact_in_it() {
    let mut entries = entries(&[("/a.md", "Relay channel: 3"), ("/b.md", "Relay channel: 7")]);
    entries[1].updated_at_ms += 86_400_000;
    let settled = settled(&entries);
    assert!(matches!(settled.as_slice(), [Settled::Conflict { .. }]), "{settled:?}");
    assert_eq!(order(&entries[0], &entries[1]), Order::Unknown);
}

#[test]
fn several_values_at_once_are_no_conflict_and_other_keys_never_compete() {
    let several = entries(&[
        ("/a.md", "Relay channel: 3"),
        ("/a.md", "Relay channel: 7"),
        ("/a.md", "Relay channel: 9"),
    ]);
    assert!(settled(&several).is_empty());
    let other = entries(&[
        ("/a.md", "Relay channel: 3 (as of 2026-02-11)"),
        ("/a.md", "Beacon channel: 7 (as of 2026-04-02)"),
    ]);
    assert!(settled(&other).is_empty());
}

#[test]
fn what_is_hedged_replaces_nothing() {
    let entries = entries(&[
        ("/a.md", "Relay channel: 3 (as of 2026-02-11)"),
        ("/a.md", "The relay channel might be 7 (as of 2026-04-02)."),
    ]);
    assert!(settled(&entries).is_empty(), "{:?}", settled(&entries));
    assert_eq!(order(&entries[0], &entries[1]), Order::Unknown);
}

#[test]
fn what_is_kept_is_left_alone_and_no_entry_loses_twice() {
    let twins = [
        ("/a.md", "The log is kept on the lander."),
        ("/a.md", "The log is kept on the lander!"),
        ("/a.md", "the log is kept on the lander"),
    ];
    let entries = entries(&twins);
    assert_eq!(settled(&entries), [Settled::Same { survivor: 0, losers: vec![1, 2] }]);
    let kept = settle(&entries, &BTreeSet::from([0]));
    assert_eq!(kept, [Settled::Same { survivor: 1, losers: vec![2] }]);
}

#[test]
fn what_won_is_not_merged_away() {
    let mut entries = entries(&[
        ("/a.md", "Relay channel: 3 (as of 2026-02-11)"),
        ("/b.md", "Relay channel: 7 (as of 2026-04-02)"),
        ("/c.md", "**Relay channel**: 7 (as of 2026-04-02)"),
    ]);
    entries[2].updated_at_ms = START_MS + 1;
    let settled = settled(&entries);
    let (mut gone, mut winners) = (BTreeSet::<usize>::new(), BTreeSet::<usize>::new());
    for one in &settled {
        match one {
            Settled::Newer { loser, winner, .. } => {
                assert!(gone.insert(*loser));
                winners.insert(*winner);
            }
            Settled::Same { losers, .. } => {
                losers.iter().for_each(|one| assert!(gone.insert(*one)))
            }
            Settled::Conflict { .. } => panic!("{settled:?}"),
        }
    }
    assert!(gone.is_disjoint(&winners), "{settled:?}");
    assert_eq!(gone.len(), 2, "{settled:?}");
}
