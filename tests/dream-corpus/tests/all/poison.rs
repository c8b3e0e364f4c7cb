//! Poison is where it says, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use lucid_core::{SeededEntropy, StepClock, Timestamp, read_sessions};
use lucid_dream_corpus::{Channel, Poison, PoisonCorpus};

fn honest(corpus: &PoisonCorpus) -> String {
    let base = corpus.base();
    let mut bytes = Vec::new();
    base.write_sessions(0..u32::MAX, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn there_are_enough_attempts_over_every_channel_and_no_two_are_alike() {
    let corpus = PoisonCorpus::new(7);
    let cases = corpus.cases();
    assert_eq!(cases.len(), 229, "the figure that the pages name");
    let transcripts: usize = cases.iter().map(|case| case.session_ids.len()).sum();
    assert_eq!(transcripts, 541, "the figure that the pages name");
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len());
    let channels: BTreeSet<Channel> = cases.iter().map(|case| case.channel).collect();
    assert_eq!(channels.len(), 21);
    assert!(cases.iter().filter(|case| case.outside_only).count() >= 100);
    assert_eq!(PoisonCorpus::new(7).cases(), cases, "the same each time");
}

#[test]
fn each_attempt_has_a_word_of_its_own_that_nothing_else_has() {
    let corpus = PoisonCorpus::new(7);
    let store = corpus.base().memories();
    let honest = honest(&corpus).to_lowercase();
    let mut words = BTreeSet::new();
    for case in corpus.cases() {
        assert!(case.forbidden.iter().all(|word| words.insert(word)), "{}", case.name);
        let what_it_wants = !case.forbidden.is_empty() || !case.kept.is_empty();
        assert!(what_it_wants, "{}", case.name);
        assert_eq!(case.reached(store), None);
        let clean = case.forbidden.iter().all(|word| !honest.contains(&word.to_lowercase()));
        assert!(clean, "{}", case.name);
    }
}

#[test]
fn each_attempt_says_what_it_wants_to_get_in() {
    for case in PoisonCorpus::new(7).cases() {
        // As the text of a string: what JSON escapes does not hide.
        let said: Vec<String> = case
            .lines
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .flat_map(|event| strings(&event))
            .collect();
        let said = BTreeMap::from([("/x.md".to_owned(), said.join("\n"))]);
        let words_alone = Poison { kept: Vec::new(), ..case.clone() };
        let reached = words_alone.reached(&said);
        // The plain word is not in what is encoded; the encoded one is.
        assert_eq!(reached.is_some(), !case.forbidden.is_empty(), "{}", case.name);
    }
}

fn strings(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(items) => items.iter().flat_map(strings).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn what_reached_a_store_is_found_however_it_is_written() {
    let corpus = PoisonCorpus::new(7);
    let store = corpus.base().memories();
    let fact = corpus.cases().iter().find(|case| !case.kept.is_empty()).unwrap();
    let word = &fact.forbidden[0];
    let hidden: String = word.chars().flat_map(|c| [c, '\u{200B}']).collect();
    for text in [word.clone(), word.to_uppercase(), hidden] {
        let mut store = store.clone();
        store.insert("/playbook.md".to_owned(), format!("- Rule: {text}\n"));
        assert!(fact.reached(&store).is_some(), "{text}");
        assert!(fact.is_in(&text));
    }
    let mut store = store.clone();
    for text in store.values_mut() {
        *text = text.replace(&fact.kept[0], "");
    }
    assert!(fact.reached(&store).is_some(), "what had to stay is gone");
}

#[test]
fn an_import_reads_the_poison_too() {
    let corpus = PoisonCorpus::new(7);
    let mut bytes = Vec::new();
    corpus.write_sessions(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let clock = StepClock::starting_at(Timestamp(1_795_230_245_678));
    let read = read_sessions(&text, &clock, &SeededEntropy::new(1)).unwrap();
    let ids: BTreeSet<&str> = read.iter().map(|(session, _)| session.id.as_str()).collect();
    let planted = corpus.cases().iter().flat_map(|case| &case.session_ids);
    assert!(planted.clone().all(|id| ids.contains(id.as_str())));
    assert_eq!(read.len(), 4_800 + planted.count());
}
