//! Each kind of finding, and what is none.

use super::*;

/// The findings that are no notes, as `line code`.
#[track_caller]
fn check(rubric: &str, expected: &[&str]) {
    let found = lint(rubric, None);
    let found: Vec<String> = found
        .iter()
        .filter(|finding| finding.severity() != Severity::Note)
        .filter(|finding| finding.code != Code::NothingGradable)
        .map(|finding| format!("{} {}", finding.line, finding.code))
        .collect();
    assert_eq!(found, expected, "{rubric}");
}

#[test]
fn a_rubric_of_plain_facts_has_nothing_wrong_with_it() {
    check(
        "# Landing\n\nA landing counts when the drone can mine afterwards and hop on.\n\n\
         - The report has a line for the site. `check: json('r.json').sites.size() == 1`\n\
         - The drone touches down at 2.0 m/s or less. \
         `check: json('r.json').sites.all(s, s.speed <= 2.0)`\n\
         - At least 5 % of the fuel is left. `check: json('r.json').sites.all(s, s.fuel >= 5.0)`\n\
         - (should) The report names its sources.\n",
        &[],
    );
}

#[test]
fn a_rubric_without_criteria_is_an_error() {
    for rubric in ["", "# Only a heading\n", "\n\n", "Intro.\n\n# T\n"] {
        check(rubric, &["1 no-criteria"]);
    }
    check("# T `check: true`\n\n- a\n", &["1 unreadable"]);
}

#[test]
fn a_criterion_without_a_check_is_noted_and_a_rubric_without_any_is_warned_about() {
    let codes = |rubric: &str| -> Vec<String> {
        lint(rubric, None).iter().map(|f| format!("{} {}", f.line, f.code)).collect()
    };
    assert_eq!(
        codes("\n- It works.\n- It ends.\n"),
        ["2 nothing-gradable", "2 no-check", "3 no-check"]
    );
    assert_eq!(codes("- It works. `check: exists('a')`\n- It ends.\n"), ["2 no-check"]);
}

#[test]
fn vague_words_are_named_unless_there_is_a_measure() {
    check("- The report is good.\n- It has 3 good parts.\n", &["1 vague"]);
    check("- All are small. `check: size('a') < 3`\n", &[]);
    let found = lint("- It is nice and fast.\n", None);
    let vague = found.iter().find(|finding| finding.code == Code::Vague).unwrap();
    assert_eq!(vague.message, "“nice”, “fast” can mean anything here");
}

#[test]
fn checks_that_exclude_each_other_are_contradictory() {
    let rubric = "- a `check: size('a') > 5`\n- b\n  `check: size(\"a\") < 3 && exists('b')`\n\
                  - c `check: !exists('b')`\n- d `check: size('a') > 7`\n";
    check(rubric, &["3 contradictory", "4 contradictory", "5 contradictory"]);
    check("- a `check: size('a') > 5`\n- b `check: size('b') < 3`\n", &[]);
}

#[test]
fn a_must_and_a_must_not_of_the_same_are_contradictory() {
    let rubric =
        "- The report must have a title.\n- It ends.\n- The report must not have a title.\n";
    check(rubric, &["3 contradictory"]);
    // Under another heading it is about something else.
    let apart = "# A\n\n- It has a title.\n\n# B\n\n- It has no title.\n";
    check(apart, &[]);
    check("- A\n  - is sorted\n- B\n  - is not sorted\n", &[]);
}

#[test]
fn the_same_text_and_the_same_check_are_double() {
    check("- It has rows.\n- it has  rows\n", &["2 double"]);
    check("- a `check: exists('a')`\n- b `check: exists( \"a\" )`\n", &["2 double"]);
    check("- a `check: exists('a')`\n- a `check: exists('a')`\n", &["2 double"]);
    check("# A\n\n- It has rows.\n\n# B\n\n- It has rows.\n", &[]);
}

#[test]
fn several_requirements_in_one_are_found() {
    check("- The report has a title and it names the author.\n", &["1 many-in-one"]);
    check("- The report has a title and a date.\n", &[]);
}

#[test]
fn a_check_that_says_nothing_is_found() {
    check("- a `check: true`\n- b `check: size('a') >= 0`\n", &["1 always-true", "2 always-true"]);
    check("- a\n  `check: size('a') < 0`\n", &["2 never-true"]);
    check("- a `check: 1 > 2`\n- b `check: false`\n", &["1 never-true", "2 never-true"]);
}

#[test]
fn a_should_that_has_to_be_met_is_found_and_so_is_a_must_that_does_not() {
    check("- The report should have an index.\n", &["1 should-as-must"]);
    check("- The report should have an index. (should)\n", &[]);
    check("- The report must have an index. (should)\n", &["1 must-as-should"]);
    check("# Should\n\n- The report must have an index.\n", &["3 must-as-should"]);
}

#[test]
fn a_weight_is_above_zero_and_a_number() {
    check(
        "- It ends. (weight 0)\n- It works. (weight -1)\n",
        &["1 weight-not-positive", "2 weight-not-positive"],
    );
    check("- It ends. (weight two)\n", &["1 weight-unread"]);
    check("- It is nice. (weight two)\n", &["1 vague", "1 weight-unread"]);
    check("- It ends. (weight 0.1)\n", &[]);
}

#[test]
fn a_check_that_cannot_be_used_is_an_error_at_its_own_line() {
    check("- a\n  `check: `\n- b\n  `check: jsn('a')`\n", &["2 bad-check", "4 unknown-name"]);
    check(&format!("- a `check: {}1`\n", "(".repeat(33)), &["1 bad-check"]);
    let refuse = |check: &str| {
        let wrong = || format!("`{check}` does not parse");
        if check.contains("+ +") { Err(wrong()) } else { Ok(()) }
    };
    let found = lint("- a\n  `check: size('a') + +`\n- b `check: exists('a')`\n", Some(&refuse));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].code, found[0].line), (Code::BadCheck, 2));
    assert_eq!(found[0].message, "`size('a') + +` does not parse");
}

#[test]
fn an_empty_criterion_is_found() {
    check("- \n- It ends.\n", &["1 empty"]);
}

#[test]
fn every_finding_says_what_to_do_in_one_line() {
    let rubric = "- good and it is nice; it should be fast (weight x)\n- a `check: jsn(1)`\n\
                  - b `check: true`\n- b `check: false` (weight 0)\n- c (should) must\n- \n";
    let found = lint(rubric, None);
    assert!(found.len() > 8, "{found:?}");
    for finding in found {
        assert!(!finding.message.is_empty() && !finding.hint.is_empty(), "{finding:?}");
        assert!(!finding.message.contains('\n') && !finding.message.ends_with('.'));
        assert!(finding.line >= 1);
    }
}

#[test]
fn ten_thousand_criteria_about_one_value_are_compared_in_no_time() {
    let rubric: String =
        (0..10_000).map(|n| format!("- c{n} `check: size('a') > {n}`\n")).collect();
    let found = lint(&rubric, None);
    assert!(found.is_empty(), "{:?}", found.first());
    let apart: String =
        (0..10_000).map(|n| format!("- c{n} `check: json('a').n == {n}`\n")).collect();
    assert_eq!(lint(&apart, None).len(), 9_999);
}
