//! The promises of the grader, held against real rubrics and folders.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says what it found"
)]

use checks::Checks;
use lucid_sdk::grader::{Evaluation, GradeError, Grader, Judgement, Request, Verdict};
use std::fs;

const REPORT: &str = r#"{"sites":[{"s":"a","v":1},{"s":"b","v":2.0},{"s":"c","v":2.5}],"n":3}"#;

fn grade(rubric: &str, files: &[(&str, &str)]) -> Result<Evaluation, GradeError> {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    Checks::grade(&Request {
        description: String::new(),
        rubric: rubric.to_owned(),
        iteration: 0,
        outputs_path: folder.path().to_str().unwrap().to_owned(),
    })
}

fn one(check: &str, files: &[(&str, &str)]) -> (Verdict, String) {
    let evaluation = grade(&format!("- it ``check: {check}``"), files).unwrap();
    let criterion = &evaluation.criteria[0];
    (criterion.verdict, criterion.explanation.clone())
}

fn met(check: &str) {
    let csv = "site,v\na,1\nb,2.5\n";
    let files = [("report.json", REPORT), ("d/t.csv", csv), ("a.md", "# Méthode\n\nx\n")];
    assert_eq!(one(check, &files), (Verdict::Met, "its check is true".to_owned()), "{check}");
}

fn unmet(check: &str, seen: &str) {
    let csv = "site,v\na,1\nb,2.5\n";
    let files = [("report.json", REPORT), ("d/t.csv", csv), ("a.md", "# Méthode\n")];
    let (verdict, explanation) = one(check, &files);
    assert_eq!(verdict, Verdict::Unmet, "{check}");
    assert!(explanation.contains(seen), "{check}: {explanation}");
}

fn mistake(check: &str, about: &str) {
    let rubric = format!("# Done\n\n- one\n- two\n  ``check: {check}``\n");
    let error = Checks::check_rubric(&rubric).unwrap_err();
    assert_eq!(error.line, 5, "{check}");
    assert!(error.message.contains(about), "{check}: {}", error.message);
    let graded = grade(&rubric, &[]);
    assert!(matches!(graded, Err(GradeError::InvalidRubric(mistake)) if mistake.line == 5));
}

#[test]
fn checks_read_json_csv_and_text() {
    met("json('report.json').sites.exists(s, s.v > 2.4)");
    met("json('./report.json').n == json('report.json').sites.size()");
    met("csv('d/t.csv').map(r, r.v) == [1, 2.5]");
    met("text('a.md').startsWith('# M') && text('a.md').contains('x')");
    met("text('a.md').matches('(?m)^# ')");
    met("exists('d') && exists('d/t.csv') && !exists('nothing')");
    met("has(json('report.json').n) && !has(json('report.json').m)");
    met("['report.json', 'a.md'].all(p, exists(p))");
    met("math.greatest(1, 2) == 2 && 'a,b'.split(',') == ['a', 'b']");
    met("json('report.json').sites.map(s, s.s).distinct().size() == 3");
}

#[test]
fn size_of_a_string_is_a_file_and_everything_else_keeps_cels_size() {
    met("size('d/t.csv') == 17");
    met("size([1, 2]) == 2 && size({'a': 1}) == 1 && size(json('report.json').sites) == 3");
    met("'abc'.size() == 3 && text('a.md').size() == 13");
    unmet("size('abc') == 3", "no such file");
    unmet("size(text('a.md')) > 3", "the length of a string is `.size()`");
}

#[test]
fn it_makes_no_difference_whether_a_number_was_written_2_or_2_0() {
    for bound in ["2", "2.0"] {
        for value in ["2", "2.0"] {
            let files = [("r.json", &*format!("{{\"v\":{value}}}"))];
            for operator in ["<=", ">=", "=="] {
                let check = format!("json('r.json').v {operator} {bound}");
                assert_eq!(one(&check, &files).0, Verdict::Met, "{check} for {value}");
            }
            let check = format!("json('r.json').v * {bound} + 1 - 0.5 == 4.5");
            assert_eq!(one(&check, &files).0, Verdict::Met, "{check} for {value}");
        }
    }
    met("[1, 2.5].map(x, x * 2) == [2, 5.0] && [1, 2].exists_one(x, x + 0.5 > 2)");
    met("7 / 2 == 3 && 7 % 4 == 3 && [1] + [2] == [1, 2] && 'a' + 'b' == 'ab'");
}

#[test]
fn an_unmet_criterion_says_what_was_seen() {
    unmet("json('report.json').sites.all(s, s.v <= 2.0)", r#"[2] is {"s":"c","v":2.5}: 2.5 <= 2"#);
    unmet("json('report.json').n == 4", "3 == 4 is false");
    unmet("true && json('report.json').n > 3", "3 > 3 is false");
    unmet("json('none.json').n == 4", "`json('none.json')`: no such file");
    unmet("[1, 'x'].all(n, n < 2)", "[1] is \"x\": `<` does not work on string and int");
    unmet("exists('none.json')", "there is no 'none.json'");
    unmet("json('a.md') == 1", "not usable JSON");
    unmet("json('report.json').m == 1", "there is no key \"m\"");
    unmet("json('report.json').sites[7].v == 1", "there is no element (7)");
    unmet("json('report.json').n", "gives 3 instead of true or false");
    unmet("json('report.json').n < 'x'", "does not work on int and string");
    unmet("json('d') == 1", "not a regular file");
    unmet("'z' in json('report.json')", "\"z\" is not in {");
    unmet("{'b': 1, 'a': 2}.all(k, k == 'b')", "at \"a\"");
    unmet("1 / 0 == 1", "Division by zero");
    unmet("csv('d/t.csv').all(r, r.v <= 2)", r#"[1] is {"site":"b","v":2.5}: 2.5 <= 2 is false"#);
}

#[test]
fn a_criterion_without_a_check_is_never_met() {
    let evaluation = grade("- good prose\n- true `check: true`\n", &[]).unwrap();
    assert_eq!(evaluation.criteria[0].verdict, Verdict::NotGradable);
    assert_eq!(evaluation.criteria[1].verdict, Verdict::Met);
    assert_eq!(evaluation.judgement, Judgement::Failed);
    assert!(evaluation.explanation.contains("line 1"), "{}", evaluation.explanation);
}

#[test]
fn an_evaluation_is_satisfied_only_when_every_check_is_true() {
    let judgement = |rubric| grade(rubric, &[]).unwrap().judgement;
    assert_eq!(judgement("- a `check: true`\n- b `check: 1 < 2`\n"), Judgement::Satisfied);
    assert_eq!(judgement("- a `check: true`\n- b `check: 1 > 2`\n"), Judgement::NeedsRevision);
    assert_eq!(judgement("- a\n- b `check: 1 > 2`\n"), Judgement::NeedsRevision);
    assert_eq!(judgement("- a\n"), Judgement::Failed);
    for none in ["", "# Only a heading\n"] {
        let refused = grade(none, &[]).unwrap_err();
        assert!(format!("{refused:?}").contains("no criteria"), "{refused:?}");
    }
}

#[test]
fn the_explanation_names_each_gap_with_its_line_and_files() {
    let rubric = "- small `check: json('report.json').n < 2`\n- a log `check: exists('log')`\n";
    let evaluation = grade(rubric, &[("report.json", REPORT)]).unwrap();
    let expected = "0 of 2 criteria are met.\n\
        Line 1, “small”: 3 < 2 is false (looked at report.json).\n\
        Line 2, “a log”: there is no 'log' (looked at log).";
    assert_eq!(evaluation.explanation, expected);
    assert_eq!(evaluation.criteria[0].evidence_paths, ["report.json"]);
}

#[test]
fn a_check_that_does_not_parse_names_its_line() {
    mistake("1 +", "does not parse");
    mistake("json('a'", "does not parse");
    mistake("1.all(2, true)", "does not parse");
    mistake("", "empty");
    mistake("Foo{a: 1}.a", "struct");
}

#[test]
fn a_name_that_means_nothing_is_a_mistake_before_anything_runs() {
    mistake("report.n == 1", "`report` is not the name");
    mistake("jsn('a').n == 1", "no function `jsn`");
    mistake("json('a').al(s, true)", "`s` is not the name");
    mistake("[1].frobnicate()", "no function `frobnicate`");
    mistake("math.gratest(1, 2) == 2", "`math` is not the name");
    mistake("[1].all(s, t > 1)", "`t` is not the name");
    mistake("json('a', 'b') == 1", "takes one path");
    mistake("'a'.json() == 1", "called as");
}

#[test]
fn a_check_cannot_read_outside_the_outputs() {
    for path in ["../secret", "/etc/passwd", "a/../../b", "", "a\\\\b"] {
        mistake(&format!("text('{path}') == ''"), "path");
    }
    unmet("['..'].all(p, text(p + '/secret') == '')", "leads out of the outputs folder");
    unmet("exists('/etc/' + 'passwd')", "leads out of the outputs folder");
}

#[test]
fn map_order_does_not_depend_on_a_hash() {
    met("{'d': 1, 'b': 1, 'a': 1, 'c': 1}.map(k, k) == ['a', 'b', 'c', 'd']");
    met("json('report.json').map(k, k) == ['n', 'sites']");
}

/// A component has a stack of a megabyte; a debug build's frames are larger than its.
#[test]
fn a_hostile_check_neither_overflows_the_stack_nor_panics() {
    let work = || {
        let open = |text: &str, close: &str, times: usize| {
            format!("{}1{}", text.repeat(times), close.repeat(times))
        };
        let mut checks = vec![
            open("(", ")", 10_000),
            open("(", ")", 64),
            open("[", "]", 64),
            open("!", "", 400),
            open("-", "", 380),
            open("1?1:", "", 190),
            open("1+", "", 380),
            open("1 in ", "", 380),
            open("{1:", "}", 60),
            open("[1].all(x,", ")", 30),
            open("size(", ")", 64),
            format!("1{}", "[0]".repeat(64)),
            format!("json('a'){}", ".a".repeat(370)),
            format!("'a'{}", ".trim()".repeat(60)),
            "'".to_owned(),
            "\u{0}".to_owned(),
            "has(1)".to_owned(),
            "[1].map(x, y, z, 1)".to_owned(),
            "b'\\xff' == 1".to_owned(),
            "-9223372036854775808 / -1 == 1".to_owned(),
            "lists.range(-1) == []".to_owned(),
            "'%s'.format([1, 2, 3]) == ''".to_owned(),
            "'abc'.substring(2, 1) == ''".to_owned(),
            "optional.of(1)".to_owned(),
            "type(1)".to_owned(),
            "{}.?a".to_owned(),
        ];
        checks.push(open("1&&", "", 120));
        for check in checks {
            let _ = grade(&format!("- it ``check: {check}``"), &[]);
        }
    };
    std::thread::Builder::new().stack_size(8 << 20).spawn(work).unwrap().join().unwrap();
}
