//! What the truth says of the sessions can be counted in their text.

use std::collections::{BTreeMap, BTreeSet};

use lucid_core::{SeededEntropy, StepClock, Timestamp, read_sessions};
use lucid_dream_corpus::truth::{Condition, FactKind, Rule, RuleClass};
use lucid_dream_corpus::{Corpus, Plan};

use crate::read::{Read, rate, read};

fn written(corpus: &Corpus) -> String {
    let mut bytes = Vec::new();
    let count = corpus.write_sessions(0..u32::MAX, &mut bytes).unwrap();
    assert_eq!(count, bytes.len() as u64);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_corpus_is_the_same_each_time_and_another_for_another_seed() {
    let make = |seed| {
        let corpus = Corpus::new(Plan { sessions: 120, ..Plan::new(seed) });
        (corpus.memories().clone(), corpus.truth().clone(), written(&corpus))
    };
    assert!(make(7) == make(7));
    let (one, other) = (make(7), make(8));
    assert!(one.0 != other.0 && one.1 != other.1 && one.2 != other.2);
}

#[test]
fn a_session_is_the_same_whatever_was_made_before_it() {
    let corpus = Corpus::new(Plan { sessions: 60, bytes: 600_000, ..Plan::new(7) });
    let all: String = (0..60).map(|number| corpus.session(number).lines).collect();
    assert_eq!(all, written(&corpus));
    let mut part = Vec::new();
    corpus.write_sessions(41..43, &mut part).unwrap();
    let two = format!("{}{}", corpus.session(41).lines, corpus.session(42).lines);
    assert_eq!(String::from_utf8(part).unwrap(), two);
    let session = corpus.session(41);
    let read = read(&session.lines);
    assert_eq!((&read[0].id, &read[0].task), (&session.id, &session.task));
    assert_eq!(read[0].success, session.success);
}

#[test]
fn an_import_reads_every_session_as_it_stands() {
    let corpus = Corpus::new(Plan { sessions: 48, bytes: 480_000, ..Plan::new(7) });
    let text = written(&corpus);
    let clock = StepClock::starting_at(Timestamp(1_795_230_245_678));
    let read = read_sessions(&text, &clock, &SeededEntropy::new(1)).unwrap();
    assert_eq!(read.len(), 48);
    let mut lines = text.lines();
    for (number, (session, events)) in (0..).zip(&read) {
        assert_eq!(session.id.as_str(), corpus.session(number).id);
        lines.next().unwrap();
        for event in events {
            assert_eq!(Some(event.body.as_str()), lines.next(), "no id was replaced");
            assert!(event.event().is_some(), "{}", event.body);
        }
    }
    let ids: BTreeSet<&str> =
        read.iter().flat_map(|(_, events)| events).map(|event| event.id.as_str()).collect();
    let events: usize = read.iter().map(|(_, events)| events.len()).sum();
    assert_eq!(ids.len(), events, "no two events have one id");
}

#[test]
fn a_corpus_is_as_large_as_it_was_asked_to_be() {
    for (sessions, bytes) in [(40, 4_000_000_u64), (200, 1_000_000)] {
        let corpus = Corpus::new(Plan { sessions, bytes, ..Plan::new(7) });
        let text = written(&corpus);
        let found = text.len() as u64;
        assert!(found.abs_diff(bytes) < bytes / 5, "{found} bytes instead of {bytes}");
        assert!(text.lines().map(str::len).max().unwrap() < 64 << 10, "events stay readable");
        assert_eq!(read(&text).len(), sessions as usize, "each line is JSON");
    }
}

/// Whether a session meets a condition; nothing where it has not the field.
fn meets(session: &Read, rule: &Rule) -> Option<bool> {
    let field = rule.field.as_deref().unwrap();
    match rule.condition.as_ref().unwrap() {
        Condition::AtMost { value, .. } => Some(session.number(field)? <= *value),
        Condition::AtLeast { value, .. } => Some(session.number(field)? >= *value),
        Condition::Between { low, high, .. } => {
            Some((*low..=*high).contains(&session.number(field)?))
        }
        Condition::Is { value } => Some(session.text(field)? == value),
    }
}

#[test]
fn planted_effects_are_in_the_text() {
    for plan in [Plan { sessions: 4_800, ..Plan::new(7) }, Plan { variants: 2, ..Plan::new(9) }] {
        let corpus = Corpus::new(plan);
        let sessions = read(&written(&corpus));
        let slack = if plan.variants == 1 { 0.08 } else { 0.22 };
        for rule in corpus.truth().rules.iter().filter(|rule| rule.field.is_some()) {
            let planted = rule.planted.unwrap();
            let side = |wanted| sessions.iter().filter(move |one| meets(one, rule) == Some(wanted));
            let ((with, n), (without, m)) = (rate(side(true)), rate(side(false)));
            assert!(n >= 25 && m >= 25, "{}: {n} and {m}", rule.id);
            assert!((with - planted.with).abs() < slack, "{}: {with}", rule.id);
            assert!((without - planted.without).abs() < slack, "{}: {without}", rule.id);
        }
    }
}

#[test]
fn the_error_has_a_fix_that_works_and_the_other_one_has_none() {
    let corpus = Corpus::new(Plan { sessions: 4_800, ..Plan::new(7) });
    let sessions = read(&written(&corpus));
    let rule = corpus.truth().rules.iter().find(|rule| rule.id == "rule-locked").unwrap();
    let [tool, error, fix] = rule.mentions.as_slice() else { panic!("{rule:?}") };
    let mode = format!("{tool}.mode");
    let failed = |one: &&Read| one.errors.iter().any(|text| text.contains(error.as_str()));
    let mended = |one: &&Read| one.text(&mode) == Some(fix.as_str());
    let (with, n) = rate(sessions.iter().filter(failed).filter(mended));
    let (without, m) = rate(sessions.iter().filter(failed).filter(|one| !mended(one)));
    assert!(n > 100 && m > 100 && with > 0.75 && without < 0.3, "{with} of {n}, {without} of {m}");
    let unmended = &corpus.truth().unmended[0];
    let errors = |one: &&Read| one.errors.iter().filter(|e| e.contains("out of paper")).count();
    let calls = |one: &&Read| one.tools.iter().filter(|tool| *tool == unmended).count();
    assert!(sessions.iter().all(|one| errors(&one) == calls(&one)), "no call of it succeeds");
    assert!(sessions.iter().any(|one| errors(&one) > 0));
}

#[test]
fn the_right_order_succeeds_and_every_other_one_does_not() {
    let corpus = Corpus::new(Plan { sessions: 4_800, ..Plan::new(7) });
    let sessions = read(&written(&corpus));
    let rule = corpus.truth().rules.iter().find(|rule| rule.id == "rule-order").unwrap();
    let pressed = |one: &&Read| one.tools.iter().any(|tool| tool == "press");
    let right = |one: &&Read| one.tools.windows(3).any(|steps| steps == rule.mentions);
    let (with, n) = rate(sessions.iter().filter(pressed).filter(right));
    let (without, m) = rate(sessions.iter().filter(pressed).filter(|one| !right(one)));
    assert!(n > 200 && m > 200 && with > 0.67 && without < 0.33, "{with} of {n}, {without} of {m}");
}

#[test]
fn superstitions_go_with_success_over_all_tasks_and_within_none() {
    let corpus = Corpus::new(Plan { sessions: 9_600, ..Plan::new(7) });
    let sessions = read(&written(&corpus));
    let field = "dispatch.courier";
    assert!(corpus.truth().superstitions.iter().any(|name| name == field));
    let blue = |one: &&Read| one.text(field) == Some("blue");
    let red = |one: &&Read| one.text(field) == Some("red");
    let overall = rate(sessions.iter().filter(blue)).0 - rate(sessions.iter().filter(red)).0;
    assert!(overall > 0.4, "{overall}");
    let mut tasks: BTreeMap<&str, Vec<&Read>> = BTreeMap::new();
    for session in sessions.iter().filter(|one| one.text(field).is_some()) {
        tasks.entry(&session.task).or_default().push(session);
    }
    // As Mantel and Haenszel weigh: n1 n2 / n for each task.
    let (mut sum, mut weight) = (0.0, 0.0);
    for of_task in tasks.values() {
        let (with, n) = rate(of_task.iter().copied().filter(|one| blue(one)));
        let (without, m) = rate(of_task.iter().copied().filter(|one| red(one)));
        let share = (n * m) as f64 / (n + m) as f64;
        sum += share * (with - without);
        weight += share;
    }
    let within = sum / weight;
    assert!(within.abs() < 0.12, "{within}");
}

#[test]
fn without_planted_effects_nothing_goes_with_success_within_tasks() {
    let planted = Corpus::new(Plan { sessions: 4_800, ..Plan::new(7) });
    let corpus = Corpus::new(Plan { shuffled: true, ..*planted.plan() });
    assert_eq!(corpus.memories(), planted.memories());
    let rules = &corpus.truth().rules;
    assert!(rules.iter().all(|rule| rule.class == RuleClass::FailureFix) && rules.len() == 1);
    let sessions = read(&written(&corpus));
    for rule in planted.truth().rules.iter().filter(|rule| rule.field.is_some()) {
        let side = |wanted| sessions.iter().filter(move |one| meets(one, rule) == Some(wanted));
        let difference = rate(side(true)).0 - rate(side(false)).0;
        assert!(difference.abs() < 0.13, "{}: {difference}", rule.id);
    }
}

#[test]
fn what_is_told_is_told_once_and_by_a_person() {
    let corpus = Corpus::new(Plan::new(7));
    let sessions = read(&written(&corpus));
    let told = corpus.truth().facts.iter().filter(|fact| fact.kind == FactKind::Told);
    let told: Vec<&String> = told.filter_map(|fact| fact.told.as_ref()).collect();
    assert!(told.len() >= 5);
    for value in told {
        let says = |one: &&Read| one.said.iter().any(|text| text.contains(value));
        assert_eq!(sessions.iter().filter(says).count(), 1, "{value}");
        assert!(!corpus.memories().values().any(|text| text.contains(value.as_str())), "{value}");
    }
}

#[test]
fn every_task_has_sessions_enough_to_tell_within_it() {
    let corpus = Corpus::new(Plan::new(7));
    let mut tasks: BTreeMap<String, u32> = BTreeMap::new();
    for session in read(&written(&corpus)) {
        *tasks.entry(session.task).or_default() += 1;
    }
    assert_eq!(tasks.len(), 300, "50 tasks of six kinds");
    assert!(tasks.values().all(|sessions| *sessions == 4), "{tasks:?}");
}
