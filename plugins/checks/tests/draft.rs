//! What is drafted from a result is in the language of checks, and the result meets it.
#![allow(clippy::unwrap_used, reason = "a test says what it found")]

use checks::Checks;
use checks::check::{Fault, Language};
use checks::documents::READERS;
use checks::functions::arguments;
use lucid_rubric::{Draft, check, lint, parse};
use lucid_sdk::grader::{Evaluation, Grader, Judgement, Request, Verdict};
use std::fs;

const REPORT: &str = r#"{
    "version": 1, "unit": "m/s", "title": "Landing", "n": 2.0, "ok": true, "none": null,
    "sites": [{"s": "a", "v": 1, "unit": "m"}, {"s": "b", "v": 2.5, "unit": "m"},
              {"s": "c", "v": 18446744073709551615, "unit": "m"}],
    "by name": {"it's": {"deep": [1, "x"]}, "in": -1, "a`b": "c"}, "empty": [], "two": [[1], [2]]
}"#;
const FILES: [(&str, &str); 9] = [
    ("report.json", REPORT),
    ("list.json", r#"["a", "b"]"#),
    ("number.json", "3.5"),
    ("d/a table.csv", "site,v,code,the name\na,1,007,x\nb,-2.5,8,\n"),
    ("d/it's.md", "# The report\n\n## What's new (now)? \r\n\n### A, b: c/d + e.f!\n\nx\n"),
    ("bom.md", "\u{feff}# Title\n"),
    ("empty.txt", ""),
    ("broken.json", "{"),
    ("`odd` name.bin", "\u{1}\u{2}"),
];

fn drafted(files: &[(&str, &str)]) -> String {
    let mut draft = Draft::default();
    for (path, content) in files {
        draft.add(path, content.len() as u64, Some(content.as_bytes()));
    }
    assert_eq!(draft.files(), files.len());
    draft.markdown()
}

/// What the language of checks says of a check.
fn read(language: &Language, check: &str) -> Result<(), String> {
    let refused = language.read(check).map(|_| ());
    refused.map_err(|(Fault::Mistake(message) | Fault::TooLarge(message))| message)
}

fn grade(rubric: &str, files: &[(&str, &str)]) -> Evaluation {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let request = Request {
        description: String::new(),
        rubric: rubric.to_owned(),
        iteration: 0,
        outputs_path: folder.path().to_str().unwrap().to_owned(),
    };
    Checks::grade(&request).unwrap()
}

#[test]
fn the_result_that_a_rubric_was_drafted_from_satisfies_it() {
    let evaluation = grade(&drafted(&FILES), &FILES);
    assert_eq!(evaluation.judgement, Judgement::Satisfied, "{}", evaluation.explanation);
    assert!(evaluation.criteria.len() > 40, "{}", evaluation.criteria.len());
}

#[test]
fn each_drafted_check_finds_what_it_is_about() {
    let rubric = drafted(&FILES);
    let spoilt = |path: &str, content: &str| -> Vec<String> {
        let files: Vec<_> = FILES
            .iter()
            .map(|(name, old)| (*name, if *name == path { content } else { *old }))
            .collect();
        let criteria = grade(&rubric, &files).criteria;
        let unmet = criteria.into_iter().filter(|criterion| criterion.verdict != Verdict::Met);
        unmet.map(|criterion| criterion.text).collect()
    };
    let seen = spoilt("report.json", &REPORT.replacen("\"v\": 1", "\"v\": \"1\"", 1));
    assert_eq!(seen, ["`v` is a number in every entry of `sites` of `report.json`."]);
    let seen = spoilt("report.json", &REPORT.replace("m/s", "ft/s"));
    assert_eq!(seen, ["`unit` of `report.json` is `'m/s'`."]);
    let seen = spoilt("report.json", &REPORT.replace("\"none\"", "\"some\""));
    assert_eq!(seen, ["`none` of `report.json` is there."]);
    let seen = spoilt("d/a table.csv", "site,v,code,the title\na,x,7,y\nb,1,2,y\n");
    assert_eq!(seen.len(), 2, "{seen:?}");
    let seen =
        spoilt("d/it's.md", "# The report\n\n### What's new (now)?\n\n### A, b: c/d + e.f!\n");
    assert_eq!(seen, ["`d/it's.md` has the heading “What's new (now)?”."]);
    let seen = spoilt("list.json", "[\"a\", \"b\", \"c\"]");
    assert!(seen.is_empty(), "{seen:?}");
}

#[test]
fn a_draft_has_nothing_wrong_with_it_for_the_language_of_checks() {
    let language = Language::new().unwrap();
    let checker = |check: &str| read(&language, check);
    let found = lint(&drafted(&FILES), Some(&checker));
    assert!(found.is_empty(), "{found:#?}");
}

/// Two crates say what a check may call and how long it may be: they have to say the same.
#[test]
fn what_lint_knows_of_checks_is_what_checks_are() {
    let language = Language::new().unwrap();
    let is_unknown = |name: &&str| {
        let refused = read(&language, &format!("{name}('a') == {name}('a')"));
        refused.is_err_and(|message| message.contains("no function"))
    };
    let unknown: Vec<_> = check::FUNCTIONS.into_iter().filter(is_unknown).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    for (name, _) in READERS {
        assert!(check::FUNCTIONS.contains(&name), "{name}");
    }
    let own = check::FUNCTIONS.iter().filter(|name| arguments(name).is_some());
    // The readers, and what gives a fact about files: exists, size, lines, sha256, files.
    assert_eq!(own.count(), READERS.len() + 5);
    for text in ["", &"(".repeat(33), &"!".repeat(161), &"a".repeat(2_049), "a"] {
        let own = check::bounded(text).err();
        let theirs = read(&language, text).err();
        assert!(own.is_none() || own == theirs, "{own:?} {theirs:?}");
    }
}

#[test]
fn what_is_refused_as_a_name_is_refused_by_the_language_too() {
    let language = Language::new().unwrap();
    for (text, known) in [
        ("report.n == 1", false),
        ("jsn('a').n == 1", false),
        ("[1].all(s, t > 1)", false),
        ("[1].all(s, s > 1)", true),
        ("math.greatest(1, 2) == 2", true),
        ("type(json('a')) in [int, uint, double, null_type]", true),
        ("json('a').m.exists_one(k, k == 'all')", true),
        ("lists.range(2).map(i, i * 2) == [0, 2]", true),
    ] {
        let found = lint(&format!("- it is so ``check: {text}``\n"), None);
        assert_eq!(found.is_empty(), known, "{text}: {found:?}");
        assert_eq!(read(&language, text).is_ok(), known, "{text}");
    }
    assert!(parse("- it ``check: 1 == 1``\n").is_ok());
}
