use super::*;
use crate::fake::{Fake, item, operations, wanted};
use crate::types::{Change, Entry};
use serde_json::{Value, json};

fn reduced(fake: &mut Fake, entries: &[Entry], instructions: &str) -> Reduced {
    let desk = Desk { entries, groups: &[], sessions: &[] };
    let (mut asker, mut dropped) = (Asker::default(), Dropped::default());
    reduce(fake, desk, &wanted(instructions), &mut asker, &mut dropped)
}

fn twins() -> Vec<Entry> {
    let texts = ["The pump hums at night.", "The pump hums at night!", "The door is blue."];
    texts.into_iter().enumerate().map(|(at, text)| item("/a.md", at, text)).collect()
}

fn keep(entries: &[&str]) -> Value {
    json!({ "op": "keep", "entries": entries, "reason": "asked for" })
}

#[test]
fn duplicates_are_merged_though_the_model_saw_none_unless_it_keeps_them() {
    let mut fake = Fake::default().answering(operations(&[]));
    let reduction = reduced(&mut fake, &twins(), "");
    assert!(matches!(reduction.plan.operations[0].change, Change::Merge { .. }));
    assert_eq!((reduction.plan.operations.len(), reduction.without_model), (1, None));
    let mut fake = Fake::default().answering(operations(&[keep(&["e0", "e1"])]));
    assert!(reduced(&mut fake, &twins(), "").plan.operations.is_empty());
}

#[test]
fn under_instructions_the_model_alone_decides() {
    let mut fake = Fake::default().answering(operations(&[]));
    assert!(reduced(&mut fake, &twins(), "Only doors.").plan.operations.is_empty());
}

#[test]
fn a_model_that_answers_nothing_leaves_what_needs_none() {
    let mut fake = Fake::default().answering("no").answering("no");
    let reduction = reduced(&mut fake, &twins(), "Only doors.");
    assert_eq!(reduction.plan.operations.len(), 1);
    let why = "an answer could not be used: it is not one JSON object and nothing else";
    assert_eq!(reduction.without_model.as_deref(), Some(why));
    assert_eq!(reduction.questions_unanswered, 1);
}

#[test]
fn one_entry_alone_is_not_asked_about() {
    let mut fake = Fake::default();
    let reduction = reduced(&mut fake, &twins()[..1], "");
    assert!(fake.asked.is_empty() && reduction.plan.operations.is_empty());
}

#[test]
fn a_large_store_is_asked_about_in_several_questions_and_one_without_an_answer_is_counted() {
    let texts: Vec<String> =
        (0..100).map(|number| format!("Site {number} {}", "is rough ".repeat(100))).collect();
    let entries: Vec<Entry> =
        texts.iter().enumerate().map(|(at, text)| item("/a.md", at, text)).collect();
    let flag = json!({ "op": "flag", "entries": ["e0", "e1"], "reason": "r" });
    let fake = Fake::default().answering("no").answering("no");
    let mut fake =
        (0..10).fold(fake, |fake, _| fake.answering(operations(std::slice::from_ref(&flag))));
    let reduction = reduced(&mut fake, &entries, "Find contradictions.");
    assert!((4..8).contains(&(fake.asked.len() - 1)), "{}", fake.asked.len());
    assert_eq!(reduction.questions_unanswered, 1);
    // The first question alone showed these entries, and it had no answer.
    assert!(reduction.plan.operations.is_empty() && reduction.without_model.is_none());
    let whole: String = fake.asked.iter().map(|question| question.message.as_str()).collect();
    assert!((0..100).all(|number| whole.contains(&format!("Site {number} is"))));
}
