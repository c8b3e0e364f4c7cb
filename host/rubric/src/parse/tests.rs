//! What is a criterion, and what is said about it.

use super::*;

fn texts(rubric: &str) -> Vec<(u32, String)> {
    parse(rubric).unwrap().into_iter().map(|item| (item.line, item.text)).collect()
}

/// The text, whether it must be met, its weight and its check.
fn marks(rubric: &str) -> Vec<(String, bool, f64, Option<String>)> {
    let row = |c: Criterion| (c.text, c.must, c.weight, c.check.map(|check| check.text));
    parse(rubric).unwrap().into_iter().map(row).collect()
}

fn row(text: &str, must: bool, weight: f64, check: &str) -> (String, bool, f64, Option<String>) {
    (text.to_owned(), must, weight, (!check.is_empty()).then(|| check.to_owned()))
}

#[test]
fn leaf_items_are_criteria_and_their_parents_are_context() {
    let rubric = "# Done\n\nIntro.\n\n- Data\n  - has rows\n  - is\n    sorted\n1. [ ] Text\n";
    let expected = [(6, "has rows"), (7, "is sorted"), (9, "Text")];
    let expected: Vec<(u32, String)> = expected.map(|(l, t)| (l, t.to_owned())).into();
    assert_eq!(texts(rubric), expected);
}

#[test]
fn without_lists_the_paragraphs_under_headings_are_criteria() {
    assert_eq!(texts("Intro.\n\n# Done\n\nIt works.\n"), [(5, "It works.".to_owned())]);
    assert_eq!(texts("It works.\n"), [(1, "It works.".to_owned())]);
    assert!(parse("").unwrap().is_empty());
}

#[test]
fn a_check_is_taken_out_of_the_text_and_knows_its_line() {
    let items = parse("- All are small.\n  `check: size('a') < 3`\n").unwrap();
    assert_eq!(items[0].text, "All are small.");
    let check = items[0].check.as_ref().unwrap();
    assert_eq!((check.text.as_str(), check.line), ("size('a') < 3", 2));
    let bare = parse("- `check: true`").unwrap();
    assert_eq!(bare[0].text, "true");
}

#[test]
fn a_check_that_would_never_run_is_a_mistake() {
    let parent = parse("- Data `check: true`\n  - rows\n").unwrap_err();
    assert_eq!(parent.line, 1);
    let heading = parse("# T `check: true`\n\n- rows\n").unwrap_err();
    assert_eq!(heading.line, 1);
    let paragraph = parse("- rows\n\nText `check: true`\n").unwrap_err();
    assert_eq!(paragraph.line, 3);
    let preamble = parse("Text `check: true`\n\n# T\n\nrows\n").unwrap_err();
    assert_eq!(preamble.line, 1);
    let table = "- a\n\n| A | B |\n|---|---|\n| x | `check: true` |\n";
    assert_eq!(parse(table).unwrap_err().line, 5);
    assert_eq!(parse(&table.replace("| A | B", "| A | `check: 1`")).unwrap_err().line, 3);
}

#[test]
fn two_checks_in_one_criterion_are_a_mistake() {
    let error = parse("- a `check: true`\n  b `check: false`\n").unwrap_err();
    assert_eq!(error.line, 2);
    let table = "| A | Check |\n|---|---|\n| x `check: true` | `false` |\n";
    assert_eq!(parse(table).unwrap_err().line, 3);
}

#[test]
fn a_hostile_rubric_is_read_without_recursion() {
    let deep = "- ".repeat(50_000);
    assert!(parse(&deep).is_ok());
    assert!(parse(&"> ".repeat(100_000)).is_ok());
    assert!(parse(&"- a\n".repeat(MAX_CRITERIA)).is_ok());
    assert!(parse(&"- a\n".repeat(MAX_CRITERIA + 1)).is_err());
    assert!(parse(&"a".repeat(MAX_RUBRIC + 1)).is_err());
    assert!(parse(&format!("| A | Must |\n|---|---|\n{}", "| x | |\n".repeat(10_001))).is_err());
    assert!(parse(&format!("# {}\n\n- a\n", "a".repeat(100_000))).is_ok());
}

#[test]
fn a_criterion_knows_its_headings_and_the_item_above_it() {
    let rubric = "# Done\n\n## `a.md` now\n\n- Data\n  - is sorted\n\n# Else\n\n- b\n";
    let criteria = parse(rubric).unwrap();
    let path = |at: usize| criteria[at].section.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(path(0), ["Done", "a.md now"]);
    assert_eq!(criteria[0].parent.as_deref(), Some("Data"));
    assert_eq!(path(1), ["Else"]);
    assert_eq!(criteria[1].parent, None);
}

#[test]
fn marks_say_what_a_criterion_weighs_and_whether_it_must_be_met() {
    let rubric = "- a (weight 2) `check: true`\n- (should) b `check: 1 < 2` (weight 0.5)\n- c\n\n\
                  ## Should\n\n- d\n- e (must)\n\n### Size\n\n- f\n\n## Must\n\n- g (weight 0)\n";
    let expected = [
        row("a", true, 2.0, "true"),
        row("b", false, 0.5, "1 < 2"),
        row("c", true, 1.0, ""),
        row("d", false, 1.0, ""),
        row("e", true, 1.0, ""),
        row("f", false, 1.0, ""),
        row("g", true, 0.0, ""),
    ];
    assert_eq!(marks(rubric), expected);
}

#[test]
fn rows_of_a_table_are_criteria_with_a_check_a_weight_and_a_must() {
    let rubric = "# Done\n\nSome words.\n\n\
                  | What | Check | Weight | Must | Why |\n|---|---|---|---|---|\n\
                  | a \\| b | `size('a') > 1 \\|\\| true` | 2 | no | x |\n\
                  | c `check: true` | - | | yes | |\n| | `check: false` | | | |\n| | | | | |\n\
                  | (should) d | none |\n";
    let expected = [
        row("a | b", false, 2.0, "size('a') > 1 || true"),
        row("c", true, 1.0, "true"),
        row("false", true, 1.0, "false"),
        row("d", false, 1.0, ""),
    ];
    assert_eq!(marks(rubric), expected);
    let lines: Vec<u32> = texts(rubric).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [7, 8, 9, 11]);
}

#[test]
fn a_table_that_does_not_say_that_it_has_criteria_is_data_beside_any() {
    let data = "| Site | Limit |\n|---|---|\n| a | 3 |\n";
    assert_eq!(texts(&format!("- x\n\n{data}")), [(1, "x".to_owned())]);
    assert_eq!(texts(&format!("# D\n\nIt works.\n\n{data}")), [(3, "It works.".to_owned())]);
    assert_eq!(texts(&format!("Intro.\n\n# D\n\n{data}")), [(7, "a".to_owned())]);
    let named = data.replace("Site", "Criterion");
    assert_eq!(texts(&format!("- x\n\n{named}")), [(1, "x".to_owned()), (5, "a".to_owned())]);
}

#[test]
fn a_cell_that_cannot_be_read_is_a_mistake_with_its_line() {
    let table = |cells: &str| {
        format!("| A | Check | Weight | Must |\n|---|---|---|---|\n| ok |\n{cells}\n")
    };
    for (cells, about) in [
        ("| a | exists('b') | | |", "code span"),
        ("| a | `exists('b') || true` | | |", "code span"),
        ("| a | | heavy | |", "`heavy` is not a number"),
        ("| a | | 1e999 | |", "not a number"),
        ("| a | | | perhaps |", "neither yes nor no"),
    ] {
        let error = parse(&table(cells)).unwrap_err();
        assert_eq!(error.line, 4, "{cells}");
        assert!(error.message.contains(about), "{cells}: {error}");
    }
}
