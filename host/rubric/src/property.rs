//! Whatever stands in a rubric, reading it ends in an answer about its own lines.

use proptest::prelude::*;

use crate::{Draft, lint, parse};

/// A part of a rubric, or of something that looks like one.
fn part() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "- ",
        "* ",
        "1. ",
        "  - ",
        "# ",
        "## Should\n",
        "> ",
        "| ",
        "| A | Check | Weight | Must |\n",
        "|---|---|---|---|\n",
        "`",
        "``",
        "check: ",
        "`check: true`",
        "`check: size('a') > 3`",
        "`check: !exists('a') && (1 < 2 || x.size() == 2)`",
        "(should)",
        "[should]",
        "(weight 2)",
        "(weight -1e)",
        "[ ] ",
        "should: ",
        "The report must not have a title. ",
        "good ",
        "\\|",
        "<!-- ",
        " -->",
        "```\n",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "é",
        "\u{0}",
        "\u{feff}",
        "“",
        "”",
        "&&",
        "'",
        "\"",
        "(",
        ")",
        "=====\n",
        "[a]: b\n",
        "<b>",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

fn check(rubric: &str) {
    let lines = u32::try_from(1 + rubric.matches('\n').count()).unwrap();
    match parse(rubric) {
        Err(mistake) => assert!((1..=lines).contains(&mistake.line), "{mistake}"),
        Ok(criteria) => {
            assert!(criteria.is_sorted_by_key(|criterion| criterion.line));
            for criterion in &criteria {
                assert!((1..=lines).contains(&criterion.line), "{criterion:?}");
                assert!(!criterion.text.contains('\n'), "{criterion:?}");
                let line = criterion.check.as_ref().map_or(criterion.line, |check| check.line);
                assert!((criterion.line..=lines).contains(&line), "{criterion:?}");
            }
        }
    }
    let found = lint(rubric, None);
    assert!(found.is_sorted_by_key(|finding| finding.line));
    for finding in found {
        assert!((1..=lines).contains(&finding.line), "{finding:?}");
        assert!(!finding.hint.is_empty() && !finding.message.is_empty(), "{finding:?}");
    }
}

/// A value as JSON.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(3, 40, 6, |inner| {
        let key = any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap());
        let entry = (key, inner.clone()).prop_map(|(key, value)| format!("{key}:{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(entry, 0..6).prop_map(|items| format!("{{{}}}", items.join(","))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_with_a_line(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn so_is_any_heap_of_what_rubrics_are_made_of(parts in prop::collection::vec(part(), 0..60)) {
        check(&parts.concat());
    }

    #[test]
    fn any_check_is_looked_at_without_a_panic(
        parts in prop::collection::vec(prop::sample::select(vec![
            "(", ")", "[", "]", "!", "&&", "||", "==", "<", ">=", "-", "1", "2.5", "'a'", "size",
            ".size()", "true", "x", ".", "?", ":", "in", " ", "r'\\", "0x1", "//",
        ]), 0..40)
    ) {
        check(&format!("- a ``check: {}``\n", parts.concat()));
    }

    #[test]
    fn a_draft_of_any_files_is_read_again_whole(
        files in prop::collection::vec(
            (".{0,12}", "json|csv|md|txt", json(), any::<String>()), 0..6
        )
    ) {
        let mut draft = Draft::default();
        for (name, extension, document, text) in &files {
            let content = if extension == "json" { document } else { text };
            let (path, size) = (format!("{name}.{extension}"), content.len() as u64);
            draft.add(&path, size, Some(content.as_bytes()));
        }
        let criteria = parse(&draft.markdown());
        let criteria = criteria.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(criteria.len(), draft.criteria());
        prop_assert!(criteria.iter().all(|criterion| criterion.check.is_some()));
    }
}
