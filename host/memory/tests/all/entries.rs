//! Splitting memories.

use std::collections::HashSet;

use lucid_memory::{Document, EntryKind};

use crate::generate::documents;
use crate::kit::snapshot;

fn texts(text: &str) -> Vec<(EntryKind, String)> {
    let entries = Document::parse("/a.md", text).entries;
    entries.into_iter().map(|entry| (entry.kind, entry.text)).collect()
}

#[test]
fn splitting_and_joining_gives_back_every_byte() {
    for text in documents() {
        let document = Document::parse("/a.md", &text);
        assert_eq!(document.render(), text);
        for (place, entry) in (0..).zip(&document.entries) {
            assert_eq!(entry.index, place);
            assert!(!entry.text.trim_matches([' ', '\t', '\r', '\n']).is_empty(), "{text:?}");
            let between = [' ', '\t', '\r', '\n', '\u{feff}'];
            assert_eq!(entry.leading.trim_matches(between), "", "{text:?}");
            assert!(!entry.text.ends_with(['\n', '\r']), "{text:?}");
        }
        assert_eq!(document.tail.trim_matches([' ', '\t', '\r', '\n', '\u{feff}']), "");
    }
}

#[test]
fn an_entry_on_its_own_is_the_same_entry() {
    for text in documents() {
        for entry in Document::parse("/a.md", &text).entries {
            let alone = Document::parse("/a.md", &format!("\n{}", entry.text));
            let front = entry.index == 0 && entry.text.starts_with("---");
            let alone = if front { Document::parse("/a.md", &entry.text) } else { alone };
            assert_eq!(alone.entries.len(), 1, "{:?} of {text:?}", entry.text);
            assert_eq!(alone.entries[0].text, entry.text);
            assert_eq!(alone.entries[0].kind, entry.kind);
        }
    }
}

#[test]
fn ids_are_unique_and_stable_against_changes_elsewhere() {
    for text in documents() {
        let ids: Vec<_> =
            Document::parse("/a.md", &text).entries.into_iter().map(|entry| entry.id).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{text:?}");
    }
    let id = |path: &str, text: &str, wanted: &str| {
        let entries = Document::parse(path, text).entries;
        entries.into_iter().find(|entry| entry.text == wanted).unwrap().id
    };
    let before = id("/a.md", "# A\n\n- x\n", "- x");
    assert_eq!(before, id("/a.md", "# B\n\nnew\n\n- y\n- x\n- z\n", "- x"));
    assert_ne!(before, id("/b.md", "# A\n\n- x\n", "- x"));
    assert!(before.len() == 20 && before.starts_with("ent_"), "{before}");
    let twice = Document::parse("/a.md", "- x\n- x\n").entries;
    assert_eq!(twice[0].id, before);
    assert_ne!(twice[1].id, before);
}

#[test]
fn a_list_item_has_what_is_nested_under_it() {
    let text = "- a\n  more\n\n  - nested\n\n    ```\n    code\n    ```\n- b\nwrapped\n\nafter\n";
    let expected = [
        (EntryKind::Item, "- a\n  more\n\n  - nested\n\n    ```\n    code\n    ```"),
        (EntryKind::Item, "- b\nwrapped"),
        (EntryKind::Paragraph, "after"),
    ];
    assert_eq!(texts(text), expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn what_belongs_together_is_one_block() {
    for block in [
        "```sh\n# no heading\n\n- no item\n```",
        "~~~\nnever closed\n\n# still code",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "> quoted\n> more\nlazy",
        "<!-- one\n\ntwo -->",
        "    code\n\n    more",
        "* * *",
    ] {
        assert_eq!(texts(&format!("\n{block}\n")), [(EntryKind::Block, block.to_owned())]);
    }
    let front = "---\ntitle: x\n---";
    let expected = [(EntryKind::Block, front.to_owned()), (EntryKind::Item, "- a".to_owned())];
    assert_eq!(texts(&format!("{front}\n- a\n")), expected);
}

#[test]
fn what_can_follow_without_a_blank_line_is_an_entry_of_its_own() {
    let text = "para\n# H\npara\n- a\n1. b\n> q\n```\nc\n```\npara\n***\nTitle\n===\nend";
    let kinds: Vec<_> = texts(text).into_iter().map(|(kind, _)| kind).collect();
    use EntryKind::{Block, Heading, Item, Paragraph};
    let expected = [
        Paragraph, Heading, Paragraph, Item, Item, Block, Block, Paragraph, Block, Heading,
        Paragraph,
    ];
    assert_eq!(kinds, expected);
    // A wrapped line that starts with a number is no list.
    assert_eq!(texts("It was in\n1986. A good year.").len(), 1);
}

#[test]
fn entries_know_the_headings_above_them() {
    let text = "# A\n\n## B ##\n\n- x\n\n### C\n\ny\n\nD\n-\n\nz\n\n# E\n\nw\n";
    let entries = Document::parse("/a.md", text).entries;
    let above = |wanted: &str| {
        entries.iter().find(|entry| entry.text == wanted).unwrap().headings.join("/")
    };
    assert_eq!(above("# A"), "");
    assert_eq!(above("## B ##"), "A");
    assert_eq!(above("- x"), "A/B");
    assert_eq!(above("y"), "A/B/C");
    assert_eq!(above("z"), "A/D");
    assert_eq!(above("w"), "E");
}

#[test]
fn a_snapshot_lists_entries_by_path_then_place() {
    let snapshot = snapshot(&[("/b.md", "three"), ("/a/x.md", "one\n\ntwo")]);
    let texts: Vec<_> = snapshot.entries().into_iter().map(|entry| entry.text).collect();
    assert_eq!(texts, ["one", "two", "three"]);
    assert!(snapshot.updated_at("/b.md").is_some());
}
