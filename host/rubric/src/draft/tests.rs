//! A draft is a rubric.

use super::*;
use crate::check::Outline;
use crate::{Severity, lint, parse};

const FILES: [(&str, &str); 9] = [
    ("report.json", r#"{"sites":[{"s":"a","v":1},{"s":"b","v":2.5}],"n":3,"unit":"m"}"#),
    ("a b/it's `so`.json", r#"{"a`b":{"c d":[1,2]},"check: x":1,"":2,"x\ny":3}"#),
    ("t.csv", "site,v,`w`\na,1,x\nb,2,y\n"),
    ("report.md", "# Report\n\n## What is, and is not\n\nIt is.\n"),
    ("raw.bin", "\u{1}"),
    ("empty.txt", ""),
    ("bad.json", "{"),
    ("not/there is no.md", "# No\n"),
    ("not/there is.md", "# No\n"),
];

fn draft(files: &[(&str, &str)]) -> Draft {
    let mut draft = Draft::default();
    for (path, content) in files {
        draft.add(path, content.len() as u64, Some(content.as_bytes()));
    }
    draft
}

#[test]
fn a_draft_is_read_again_with_every_criterion_and_its_check() {
    let draft = draft(&FILES);
    let criteria = parse(&draft.markdown()).unwrap();
    assert_eq!(criteria.len(), draft.criteria());
    assert!(criteria.iter().all(|criterion| criterion.check.is_some() && criterion.must));
    assert_eq!((draft.files(), draft.left_out()), (FILES.len(), &[][..]));
    let checks: Vec<&str> =
        criteria.iter().map(|c| c.check.as_ref().unwrap().text.as_str()).collect();
    assert!(checks.contains(&r"exists('a b/it\'s `so`.json')"), "{checks:?}");
    assert!(checks.contains(&r"type(json('a b/it\'s `so`.json')['a`b']['c d']) == list"));
}

#[test]
fn a_draft_has_nothing_wrong_with_it() {
    let found = lint(&draft(&FILES).markdown(), None);
    let wrong: Vec<_> = found.iter().filter(|f| f.severity() != Severity::Note).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn drafted_checks_call_only_what_checks_have() {
    for criterion in parse(&draft(&FILES).markdown()).unwrap() {
        let check = criterion.check.unwrap().text;
        let outline = Outline::read(&check).unwrap();
        assert!(outline.unknown_functions().is_empty(), "{check}");
    }
}

#[test]
fn bounds_are_wide_and_round() {
    assert_eq!([0, 9, 10, 1_234].map(|n| round(n, false)), [0, 9, 10, 1_000]);
    assert_eq!([0, 9, 10, 1_234, 950].map(|n| round(n, true)), [0, 9, 10, 2_000, 1_000]);
    assert_eq!(round(u64::MAX, true), u64::MAX);
    assert_eq!([1, 2, 100].map(around), [(1, 11), (1, 12), (50, 200)]);
}

#[test]
fn a_file_that_cannot_be_named_is_left_out_and_said() {
    let mut draft = Draft::default();
    for path in ["a\nb", "../a", "check: true", "a\\b", &"a".repeat(300)] {
        draft.add(path, 1, None);
    }
    assert_eq!((draft.files(), draft.left_out().len()), (0, 5));
    assert!(parse(&draft.markdown()).unwrap().is_empty());
    for number in 0..=MAX_DRAFTED_FILES {
        draft.add(&format!("{number}.txt"), 1, None);
    }
    assert_eq!((draft.files(), draft.left_out().len()), (MAX_DRAFTED_FILES, 6));
    let counted = |draft: &Draft| draft.markdown().contains("files('**').size() >= 53");
    assert!(counted(&draft));
    draft.add("a\0", 1, None);
    assert!(!draft.markdown().contains("files('**')"));
}

#[test]
fn a_file_that_is_too_large_to_be_read_still_has_a_size() {
    let mut draft = Draft::default();
    draft.add("big.json", 50_000_000, None);
    let criteria = parse(&draft.markdown()).unwrap();
    let checks: Vec<_> = criteria.into_iter().map(|c| c.check.unwrap().text).collect();
    let size = "size('big.json') >= 10000000 && size('big.json') <= 200000000";
    assert_eq!(checks[1..], ["exists('big.json')", size]);
}
