//! Each mistake by itself: it is made, its criterion finds it, and no other is to blame.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that failed")]

#[allow(dead_code, reason = "the other tests use more of it")]
mod office;

use std::collections::BTreeSet;
use std::fs;

use checks::Checks;
use clerks::close;
use clerks::mistake::{HABITS, Habit, Mistake};
use clerks::source::{FILES, Source};
use lucid_sdk::grader::{Evaluation, Judgement, Verdict};
use lucid_sdk::testing::grade;
use office::RUBRIC;
use till::month::Month;

/// Months that each mistake is made in.
const MONTHS: u32 = 4;

/// What else is not met when a mistake is made, because it cannot be told or follows from it.
const ALSO: [(Mistake, &[&str]); 5] = [
    (Mistake::MissingFile, &["title is", "in euros", "row for each", "is noted", "links to"]),
    (
        Mistake::InvalidJson,
        &[
            "number of lines",
            "revenue_cents are",
            "rounded to a cent",
            "branch and month",
            "is listed once",
            "number of its orders",
            "largest of its amounts",
        ],
    ),
    (Mistake::MissingColumn, &["units of its correction", "units of the export", "in whole cents"]),
    (Mistake::DateFormat, &["day of the export"]),
    (Mistake::WrongUnit, &["balance runs", "largest of its amounts"]),
];

fn source(branch: u32) -> (Month, Source) {
    let month = Month::of(11, branch);
    let files = month.files();
    let texts = FILES.map(|name| {
        let file = files.iter().find(|(file, _)| *file == name);
        file.map_or("", |(_, text)| text.as_str())
    });
    let source = Source::read(texts).unwrap();
    (month, source)
}

fn graded(branch: u32, made: &[Mistake]) -> Evaluation {
    let (month, source) = source(branch);
    let root = tempfile::tempdir().unwrap();
    till::export::write(&month, &root.path().join("source")).unwrap();
    let folder = root.path().join("close");
    fs::create_dir(&folder).unwrap();
    for (name, text) in close::files(&source, &made.iter().copied().collect()) {
        fs::write(folder.join(name), text).unwrap();
    }
    grade::<Checks>(RUBRIC, root.path().to_str().unwrap()).unwrap()
}

/// The criteria that are not met, in lower case.
fn unmet(evaluation: &Evaluation) -> Vec<String> {
    let criteria = evaluation.criteria.iter().filter(|c| c.verdict != Verdict::Met);
    criteria.map(|criterion| criterion.text.to_lowercase()).collect()
}

fn is_about(criterion: &str, habit: &Habit) -> bool {
    habit.words.iter().any(|words| criterion.contains(words))
}

#[test]
fn a_right_close_meets_every_criterion() {
    for branch in 1..=60 {
        let evaluation = graded(branch, &[]);
        assert_eq!(evaluation.judgement, Judgement::Satisfied, "{}", evaluation.explanation);
        assert_eq!(evaluation.criteria.len(), 24);
    }
}

#[test]
fn every_mistake_that_a_check_can_find_is_found_and_nothing_else_is_blamed() {
    for habit in HABITS.iter().filter(|habit| habit.is_checkable()) {
        let also = ALSO.iter().find(|(mistake, _)| *mistake == habit.mistake);
        let also = also.map_or(&[][..], |(_, words)| words);
        for branch in 1..=MONTHS {
            let evaluation = graded(branch, &[habit.mistake]);
            let unmet = unmet(&evaluation);
            let found = unmet.iter().filter(|criterion| is_about(criterion, habit));
            assert_eq!(found.count(), 1, "{}, branch {branch}: {unmet:?}", habit.name);
            for criterion in &unmet {
                let explained = also.iter().any(|words| criterion.contains(words));
                let explained = explained || is_about(criterion, habit);
                assert!(explained, "{}: {criterion} was met", habit.name);
            }
        }
    }
}

#[test]
fn a_mistake_in_the_sense_of_a_sentence_is_not_found_by_any_check() {
    for habit in HABITS.iter().filter(|habit| !habit.is_checkable()) {
        let (_, source) = source(1);
        let right = close::files(&source, &BTreeSet::new());
        let wrong = close::files(&source, &BTreeSet::from([habit.mistake]));
        assert_ne!(right["report.md"], wrong["report.md"], "{}", habit.name);
        let evaluation = graded(1, &[habit.mistake]);
        assert_eq!(evaluation.judgement, Judgement::Satisfied, "{}", habit.name);
    }
}

#[test]
fn two_mistakes_at_once_are_both_found() {
    let checkable = || HABITS.iter().filter(|habit| habit.is_checkable());
    for one in checkable() {
        for other in checkable().filter(|other| other.mistake > one.mistake) {
            let unmet = unmet(&graded(3, &[one.mistake, other.mistake]));
            for habit in [one, other] {
                let found = unmet.iter().any(|criterion| is_about(criterion, habit));
                assert!(found, "{} beside {}: {unmet:?}", habit.name, one.name);
            }
        }
    }
}

#[test]
fn every_criterion_is_there_for_some_mistake() {
    let evaluation = graded(1, &[]);
    for criterion in &evaluation.criteria {
        let text = criterion.text.to_lowercase();
        assert!(HABITS.iter().any(|habit| is_about(&text, habit)), "{text}");
    }
}
