//! What a check can say, what an evaluation says back, and that it is always the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it found"
)]

mod support;

use checks::shelf::HELD_BYTES;
use checks::{Checks, evaluate};
use lucid_sdk::grader::{Grader, Judgement, Verdict};
use support::{File, folder, grade, grade_in, one};

const FILES: [File<'_>; 9] = [
    ("report.json", br#"{"sites":[{"s":"a","v":[1,2]},{"s":"b","v":[3]}],"totals":{"n":2}}"#),
    ("data/a.csv", b"site,v\na,1\nb,2.5\n"),
    ("data/more/b.csv", b"site,v\n\"x\ny\",1\nb,9\n"),
    ("notes.md", b"# Notes\n\nText\n"),
    ("c.toml", b"[tool]\nname = \"x\"\nsizes = [1, 2]\n"),
    ("c.yaml", b"{\"a\": [1, 2]}\n"),
    ("schema.json", br#"{"type": "object"}"#),
    ("list.json", b"[1]"),
    ("p.py", b"x = 1\n"),
];

fn met(check: &str) {
    let criterion = one(check, &FILES);
    assert_eq!(criterion.verdict, Verdict::Met, "{check}: {}", criterion.explanation);
}

fn unmet(check: &str, seen: &str) {
    let criterion = one(check, &FILES);
    assert_eq!(criterion.verdict, Verdict::Unmet, "{check}");
    assert!(criterion.explanation.contains(seen), "{check}: {}", criterion.explanation);
}

fn mistake(check: &str, about: &str) {
    let rubric = format!("- one\n- two ``check: {check}``\n");
    let error = Checks::check_rubric(&rubric).unwrap_err();
    assert_eq!(error.line, 2, "{check}");
    assert!(error.message.contains(about), "{check}: {}", error.message);
}

#[test]
fn checks_ask_for_facts_about_files() {
    met("size('data/a.csv') == 17 && lines('data/a.csv') == 3 && lines('notes.md') == 3");
    met("sha256('list.json').startsWith('80a078f3d3ff') || sha256('list.json').size() == 64");
    met("sha256('p.py') == sha256('./p.py') && sha256('p.py') != sha256('c.toml')");
    met("files('data/**').size() == 2 && files('*.none') == []");
    met("files('**/*.csv') == ['data/a.csv', 'data/more/b.csv']");
    met("files('data/*.csv').all(p, csv(p).size() == 2 && lines(p) > 2)");
    unmet("lines('notes.md') > 3", "3 > 3 is false");
    unmet("sha256('p.py') == 'abc'", "== \"abc\" is false");
    unmet("files('**/*.csv').size() == 3", "2 == 3 is false");
    unmet("files('**/*.csv').all(p, size(p) > 17)", "[0] is \"data/a.csv\": 17 > 17 is false");
}

#[test]
fn checks_read_configuration_and_documents() {
    met("toml('c.toml').tool.sizes == [1, 2] && toml('c.toml').tool.name == 'x'");
    met("yaml('c.yaml').a[1] == 2");
    met("markdown('notes.md').text.contains('Text')");
    met("json_schema('report.json', 'schema.json').valid");
    met("source('p.py', 'python').errors == []");
    unmet("json_schema('list.json', 'schema.json').valid", "`valid` is false in {\"errors\":[");
    unmet("csv_rules('data/a.csv', 'none.json').valid", "'none.json': no such file");
    unmet("pptx('notes.md').slides == []", "`pptx('notes.md')`: ");
    mistake("json_schema('a.json') == 1", "takes a path and one more argument");
    mistake("json_schema('a.json', '../s.json').valid", "leads out");
    mistake("files('../*') == []", "leads out");
    mistake("files('{a,b}') == []", "has more than");
    mistake("lines() == 1", "takes one path");
    mistake("'a'.sha256() == ''", "called as");
    mistake("'a'.matches('(')", "no regular expression");
}

#[test]
fn a_gap_says_where_it_was_seen() {
    unmet("json('report.json').totals.n == 3", "2 == 3 is false at report.json: totals.n");
    unmet("json('report.json').sites[1].v[0] < 3", "3 < 3 is false at report.json: sites[1].v[0]");
    unmet(
        "json('report.json').sites.all(s, s.v.all(n, n < 3))",
        "report.json: sites[1] is {\"s\":\"b\",\"v\":[3]}: report.json: sites[1].v[0] is 3: 3 < 3",
    );
    unmet("csv('data/a.csv').all(r, r.v < 2)", "data/a.csv line 3, [1] is {\"site\":\"b\"");
    unmet("csv('data/more/b.csv').all(r, r.v < 2)", "data/more/b.csv line 4, [1] is");
    unmet(
        "json('report.json').sites.exists(s, s.s == 'c')",
        "none of the 2 elements of report.json: sites fits",
    );
    unmet("json('list.json').all(x, x > 1)", "list.json: [0] is 1: 1 > 1 is false");
    unmet("has(json('report.json').totals.m)", "there is no `m` in {\"n\":2}");
    unmet("text('notes.md').matches('^x')", "`matches(\"^x\")` is false for \"# Notes");
    unmet("text('notes.md').contains('x y')", "`contains(\"x y\")` is false for \"# Notes");
}

#[test]
fn what_should_be_met_is_reported_and_keeps_no_result_from_being_satisfied() {
    let judgement = |rubric: &str| grade(rubric, &[]).judgement;
    let (yes, no) = ("`check: true`", "`check: 1 > 2`");
    assert_eq!(judgement(&format!("- a {yes}\n- b (should) {no}\n")), Judgement::Satisfied);
    assert_eq!(judgement(&format!("- a {no}\n- b (should) {yes}\n")), Judgement::NeedsRevision);
    assert_eq!(judgement(&format!("- a {yes}\n- b (should)\n")), Judgement::Satisfied);
    assert_eq!(judgement(&format!("- a\n- b (should) {yes}\n")), Judgement::Failed);
    assert_eq!(judgement("- a (should)\n"), Judgement::Failed);
    let rubric = format!("- a {yes}\n- b (should) (weight 2.5) {no}\n- c (weight 2) {yes}\n");
    let evaluation = grade(&rubric, &[]);
    let expected = "2 of 3 criteria are met (must: 2 of 2, should: 0 of 1; weight: 3 of 5.5).\n\
        Line 2, “b” (should): 1 > 2 is false.";
    assert_eq!(evaluation.explanation, expected);
}

#[test]
fn what_does_not_fit_into_an_explanation_is_still_named() {
    let rubric: String = (0..500).map(|at| format!("- number {at} `check: {at} < 0`\n")).collect();
    let explanation = grade(&rubric, &[]).explanation;
    assert!(explanation.starts_with("0 of 500 criteria are met.\nLine 1, “number 0”: 0 < 0 is"));
    let last = explanation.lines().last().unwrap();
    assert!(last.contains(" more criteria are not met: lines "), "{last}");
    assert!(last.ends_with("-500."), "{last}");
    assert!(explanation.len() <= 8 * 1024);
}

#[test]
fn the_same_outputs_give_the_same_evaluation_byte_for_byte() {
    let rubric = "# Done\n\n\
        - a `check: files('**').map(p, size(p)) == []`\n\
        - b `check: files('**/*.csv').all(p, csv(p).all(r, r.v < 2))`\n\
        - c `check: json('report.json').map(k, k) == ['x']`\n\
        - d (should) `check: json('report.json').sites.all(s, s.v == [])`\n\
        - e `check: markdown('notes.md').text == ''`\n\
        - f `check: {'b': 1, 'a': 2, 'c': 3}.all(k, k == 'z')`\n\
        - g\n";
    let mut backwards = FILES;
    backwards.reverse();
    let first = grade_in(rubric, folder(&FILES).path()).unwrap();
    let second = grade_in(rubric, folder(&backwards).path()).unwrap();
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    // Nor does it matter what was held in memory.
    let files = folder(&FILES);
    let rubric = evaluate::read(rubric).unwrap();
    let (held, work) = rubric.judge_within(files.path(), HELD_BYTES);
    let (not_held, more) = rubric.judge_within(files.path(), 0);
    assert_eq!(format!("{held:?}"), format!("{not_held:?}"));
    assert_eq!(format!("{held:?}"), format!("{first:?}"));
    assert!(more.loads > work.loads, "{more:?} {work:?}");
}

#[test]
fn a_check_that_stands_twice_is_evaluated_once() {
    let rubric = "- a `check: 1 < 2`\n- b `check: 1 < 2`\n- c `check: 1 > 2`\n";
    let rubric = evaluate::read(rubric).unwrap();
    let (evaluation, work) = rubric.judge_within(folder(&[]).path(), HELD_BYTES);
    assert_eq!(work.checks, 2);
    let verdicts: Vec<Verdict> = evaluation.criteria.iter().map(|c| c.verdict).collect();
    assert_eq!(verdicts, [Verdict::Met, Verdict::Met, Verdict::Unmet]);
}

#[test]
fn files_are_parsed_once_for_all_checks() {
    let rubric: String = (0..50)
        .map(|at| format!("- {at} `check: json('report.json').totals.n < {at} || {at} < 3`\n"))
        .collect();
    let rubric = evaluate::read(&rubric).unwrap();
    let files = folder(&FILES);
    let (evaluation, work) = rubric.judge_within(files.path(), HELD_BYTES);
    assert_eq!(evaluation.judgement, Judgement::Satisfied);
    assert_eq!((work.loads, work.bytes_read), (1, FILES[0].1.len() as u64));
}

#[test]
fn a_file_larger_than_any_that_is_read_still_has_facts() {
    let large = b"line\n".repeat(2_000_000);
    let files = [("large.txt", large.as_slice())];
    let facts = "size('large.txt') == 10000000 && lines('large.txt') == 2000000";
    let criterion = one(&format!("{facts} && sha256('large.txt').size() == 64"), &files);
    assert_eq!(criterion.verdict, Verdict::Met, "{}", criterion.explanation);
    let criterion = one("text('large.txt') == ''", &files);
    assert!(criterion.explanation.contains("larger than 8 MiB"), "{}", criterion.explanation);
}
