//! What the truth says of the store stands in it.

use std::collections::{BTreeMap, BTreeSet};

use lucid_dream_corpus::truth::{DuplicateKind, FactKind, Truth};
use lucid_dream_corpus::{Corpus, Plan};
use lucid_memory::{Document, EntryKind};

fn corpus() -> Corpus {
    Corpus::new(Plan::new(7))
}

/// How often each entry stands in the store.
fn entries(corpus: &Corpus) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (path, text) in corpus.memories() {
        for entry in Document::parse(path, text).entries {
            *counts.entry(entry.text).or_default() += 1;
        }
    }
    counts
}

/// Every text that the truth names, with how often it names it.
fn named(truth: &Truth) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    let texts = truth
        .duplicates
        .iter()
        .flat_map(|one| &one.texts)
        .chain(truth.distinct.iter().flat_map(|one| &one.texts))
        .chain(truth.conflicts.iter().flat_map(|one| &one.texts))
        .chain(
            truth
                .facts
                .iter()
                .flat_map(|one| one.current.iter().chain(&one.stale).chain(&one.either)),
        );
    for text in texts {
        *counts.entry(text.as_str()).or_default() += 1;
    }
    counts
}

#[test]
fn every_text_of_the_truth_is_an_entry_and_stands_for_itself() {
    for plan in [Plan::new(7), Plan { notes: 2_000, ..Plan::new(8) }] {
        let corpus = Corpus::new(plan);
        let entries = entries(&corpus);
        for (text, times) in named(corpus.truth()) {
            assert_eq!(entries.get(text), Some(&times), "{text}");
        }
        for group in &corpus.truth().duplicates {
            let different: BTreeSet<&String> = group.texts.iter().collect();
            let expected = if group.kind == DuplicateKind::Exact { 1 } else { group.texts.len() };
            assert_eq!(different.len(), expected, "{}", group.id);
            assert!(group.keep.as_ref().is_none_or(|keep| group.texts.contains(keep)));
        }
    }
}

#[test]
fn the_number_of_entries_is_that_of_the_split() {
    let corpus = corpus();
    let entries: usize = entries(&corpus).values().sum();
    assert_eq!(corpus.truth().entries as usize, entries);
    let lines = corpus.memories().values().flat_map(|text| text.lines());
    let lines = lines.filter(|line| !line.trim().is_empty()).count();
    assert_eq!(lines, entries, "a score compares lines, so each entry is one");
    for (path, text) in corpus.memories() {
        let document = Document::parse(path, text);
        let known = [EntryKind::Heading, EntryKind::Item];
        assert!(document.entries.iter().all(|entry| known.contains(&entry.kind)), "{path}");
    }
}

#[test]
fn every_memory_fits_whatever_the_size_of_the_store() {
    for notes in [0, 100, 400, 20_000] {
        let corpus = Corpus::new(Plan { notes, ..Plan::new(3) });
        let largest = corpus.memories().values().map(String::len).max().unwrap();
        assert!(largest <= 102_400, "{notes} notes: {largest} bytes");
        assert!(corpus.memories().len() <= 2_000);
        assert!(corpus.truth().entries >= notes);
    }
}

/// The date in a text.
fn date(text: &str) -> Option<&str> {
    let at = text.find("2026-")?;
    text.get(at..at + 10)
}

#[test]
fn what_is_current_has_the_newest_date_and_every_kind_of_fact_is_there() {
    let corpus = corpus();
    let facts = &corpus.truth().facts;
    let changed =
        facts.iter().filter(|one| matches!(one.kind, FactKind::Changed | FactKind::Recurred));
    for fact in changed {
        let newest = date(&fact.current[0]).unwrap();
        let older = fact.stale.iter().chain(&fact.either);
        assert!(older.clone().count() > 0, "{}", fact.id);
        assert!(older.clone().all(|text| date(text).unwrap() < newest), "{fact:?}");
    }
    let kinds: BTreeSet<FactKind> = facts.iter().map(|fact| fact.kind).collect();
    assert_eq!(kinds.len(), 7);
    let forms: BTreeSet<&str> = facts.iter().map(|fact| fact.form.as_str()).collect();
    assert_eq!(forms.len(), 5, "{forms:?}");
    let kinds: BTreeSet<DuplicateKind> =
        corpus.truth().duplicates.iter().map(|group| group.kind).collect();
    assert_eq!(kinds.len(), 5);
    let differs: BTreeSet<&str> =
        corpus.truth().distinct.iter().map(|one| one.differs.as_str()).collect();
    assert_eq!(differs.len(), 6, "{differs:?}");
    assert!(!corpus.truth().conflicts.is_empty());
}

#[test]
fn the_truth_comes_back_from_its_json() {
    let corpus = corpus();
    let json = serde_json::to_string_pretty(corpus.truth()).unwrap();
    assert_eq!(&Truth::read(&json).unwrap(), corpus.truth());
    let newer = json.replacen("\"version\": 1", "\"version\": 2", 1);
    assert!(Truth::read(&newer).is_err());
}
