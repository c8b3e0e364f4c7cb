use super::*;

fn entry(id: &str, path: &str, headings: &[&str], text: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        path: path.to_owned(),
        index: 0,
        headings: headings.iter().map(|heading| (*heading).to_owned()).collect(),
        kind: EntryKind::Item,
        text: text.to_owned(),
        updated_at_ms: 1,
    }
}

fn clusters(texts: &[&str]) -> Vec<Vec<usize>> {
    let entries: Vec<Entry> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| entry(&format!("e{number}"), "/notes.md", &[], text))
        .collect();
    find(&entries, &BTreeSet::new(), &BTreeSet::new())
        .into_iter()
        .map(|cluster| cluster.members)
        .collect()
}

#[test]
fn the_same_words_merge_whatever_their_marks() {
    assert_eq!(clusters(&["- Deploys are on Friday", "* **deploys** are on friday."]), [[0, 1]]);
}

#[test]
fn the_most_specific_of_near_identical_entries_survives() {
    let texts = [
        "- Restart the worker pool before each deploy of staging",
        "- Always restart worker pool before each deploy",
        "- Restart the whole worker pool before each deploy of staging",
    ];
    assert_eq!(clusters(&texts), [[2, 0]]);
}

#[test]
fn entities_that_differ_in_a_number_never_merge() {
    for (a, b) in [
        (
            "PR #260 fixed the flaky login test on main",
            "PR #480 fixed the flaky login test on main",
        ),
        ("The timeout of the api client is 10 ms", "The timeout of the api client is 10 s"),
        (
            "Site 3 needs a long burn before the landing",
            "Site 5 needs a long burn before the landing",
        ),
    ] {
        assert!(clusters(&[a, b]).is_empty(), "{a}");
    }
}

#[test]
fn names_negation_order_and_words_that_differ_never_merge() {
    for (a, b) in [
        (
            "The CEO signs every contract with a vendor",
            "The CTO signs every contract with a vendor",
        ),
        (
            "Alice reports to Bob in the weekly meeting",
            "Bob reports to Alice in the weekly meeting",
        ),
        ("Do cache the results of the search call", "Do not cache the results of the search call"),
        (
            "the api server restarts every night at home",
            "the web server restarts every night at home",
        ),
        ("Use `npm ci` to install what tests need", "Use `npm i` to install what tests need"),
        (
            "Use the cache for reads of the index file",
            "Use the cache for reads of the index file if stale",
        ),
        ("Data moves from lake to store every night", "Data moves to lake from store every night"),
    ] {
        assert!(clusters(&[a, b]).is_empty(), "{a}");
    }
}

#[test]
fn a_chain_of_likenesses_is_not_one_cluster() {
    let texts = [
        "one two three four five six seven eight",
        "one two three four five six seven eight nine ten eleven twelve",
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
         sixteen seventeen",
    ];
    assert_eq!(clusters(&texts).into_iter().map(|c| c.len()).max(), Some(2));
}

#[test]
fn headings_that_name_something_keep_the_same_words_apart() {
    let text = "- The password rotates every month";
    let find = |a: &[&str], b: &[&str]| {
        let entries = [entry("a", "/a.md", a, text), entry("b", "/b.md", b, text)];
        find(&entries, &BTreeSet::new(), &BTreeSet::new()).len()
    };
    assert_eq!(find(&["# Staging"], &["# Production"]), 0);
    assert_eq!(find(&["# Notes"], &["# Learnings"]), 1);
    assert_eq!(find(&["# Notes 7"], &["# Log 2026-04-02"]), 1, "a number frames no notes");
    // One of them is bound to a place.
    assert_eq!(find(&["# Notes"], &["# Notes", "## Staging"]), 0);
}

#[test]
fn memories_that_name_something_keep_the_same_words_apart() {
    let text = "- The ground is soft near the rim";
    let entries = [entry("a", "/site-3.md", &[], text), entry("b", "/site-5.md", &[], text)];
    assert!(find(&entries, &BTreeSet::new(), &BTreeSet::new()).is_empty());
    let text = "- Prefers a window seat on trains";
    let entries =
        [entry("a", "/people/ann.md", &[], text), entry("b", "/people/bob.md", &[], text)];
    assert!(find(&entries, &BTreeSet::new(), &BTreeSet::new()).is_empty());
    let entries = [entry("a", "/notes-3.md", &[], text), entry("b", "/2026-04-02.md", &[], text)];
    assert_eq!(find(&entries, &BTreeSet::new(), &BTreeSet::new()).len(), 1);
}

#[test]
fn what_is_settled_is_left_alone_and_a_winner_survives() {
    let entries = [
        entry("a", "/a.md", &[], "- Brake late here."),
        entry("b", "/b.md", &[], "- Brake late here"),
        entry("c", "/c.md", &[], "- brake late here"),
    ];
    let found = find(&entries, &BTreeSet::from([0]), &BTreeSet::from([2]));
    assert_eq!(found[0].members, [2, 1]);
}

#[test]
fn headings_and_blocks_never_merge() {
    for kind in [EntryKind::Heading, EntryKind::Block] {
        let mut entries =
            [entry("a", "/a.md", &[], "# Notes"), entry("b", "/b.md", &[], "# Notes")];
        entries.iter_mut().for_each(|entry| entry.kind = kind);
        assert!(find(&entries, &BTreeSet::new(), &BTreeSet::new()).is_empty());
    }
}
