//! What is scored of the corpus: a dream that does nothing, and one that knows the truth.

use std::collections::{BTreeMap, BTreeSet};

use lucid_dream_corpus::truth::{Condition, FactKind, Score, StoreEntry, Stores, Truth, score};
use lucid_dream_corpus::{Corpus, Plan};
use lucid_memory::{Document, Entry};
use serde_json::{Value, json};

fn entries(corpus: &Corpus) -> Vec<Entry> {
    let memories = corpus.memories().iter();
    memories.flat_map(|(path, text)| Document::parse(path, text).entries).collect()
}

/// Scores a dream that leaves out these entries, each by an operation.
fn scored(corpus: &Corpus, operations: &[Value], gone: &BTreeMap<String, (&str, String)>) -> Score {
    let entries = entries(corpus);
    let ledger: Vec<Value> = entries
        .iter()
        .map(|entry| match gone.get(&entry.id) {
            Some((fate, operation)) => {
                json!({"entry": entry.id, "fate": fate, "operation": operation})
            }
            None => json!({"entry": entry.id, "fate": "kept", "operation": null}),
        })
        .collect();
    let mut output: BTreeMap<String, String> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !gone.contains_key(&entry.id)) {
        let text = output.entry(entry.path.clone()).or_default();
        text.push_str(&entry.text);
        text.push('\n');
    }
    let entry = |entry: &Entry| StoreEntry {
        id: entry.id.clone(),
        path: entry.path.clone(),
        text: entry.text.clone(),
    };
    let stores = Stores { entries: entries.iter().map(entry).collect(), output };
    let dream = json!({"status": "completed", "strategy": "test", "usage": {}, "ms": 1,
        "operations": operations, "ledger": ledger});
    score(&dream.to_string(), corpus.truth(), &stores).unwrap()
}

#[test]
fn a_dream_that_does_nothing_has_everything_before_it_and_no_mistake() {
    let corpus = Corpus::new(Plan::new(7));
    let score = scored(&corpus, &[], &BTreeMap::new());
    assert!(score.duplicates >= 30 && score.duplicates_missed == score.duplicates);
    assert!(score.stale >= 30 && score.stale_served == score.stale);
    assert!(score.conflicts >= 10 && score.conflicts_found == 0);
    assert_eq!((score.rules, score.rules_true, score.rules_false), (5, 0, 0));
    assert_eq!((score.told, score.told_known), (5, 0));
    let mistakes = score.wrong_merges + score.wrong_supersessions + score.conflicts_false;
    assert_eq!((mistakes, score.lost, score.ledger_violations), (0, 0, 0));
}

/// What a dream would do that knows the truth: its operations, and what goes by which.
struct Knowing {
    entries: Vec<Entry>,
    operations: Vec<Value>,
    gone: BTreeMap<String, (&'static str, String)>,
}

impl Knowing {
    fn operation(&mut self, op: &str, class: &str, before: &[String], more: Value) -> String {
        let id = format!("dop_{}", self.operations.len() + 1);
        let mut operation = json!({"id": id, "op": op, "class": class, "state": "accepted",
            "before": before, "reason": "it is so"});
        for (name, value) in more.as_object().unwrap() {
            operation[name] = value.clone();
        }
        self.operations.push(operation);
        id
    }

    /// Lets the entries of a text go, but for so many.
    fn let_go(&mut self, text: &str, but: usize, fate: &'static str, operation: &str) {
        for entry in self.entries.iter().filter(|entry| entry.text == text).skip(but) {
            self.gone.insert(entry.id.clone(), (fate, operation.to_owned()));
        }
    }

    fn store(&mut self, truth: &Truth) {
        for group in truth.duplicates.iter().filter(|group| group.kind.is_required()) {
            let keep = group.keep.as_ref().unwrap_or(&group.texts[0]);
            let id = self.operation("merge", "identical", &group.texts, json!({"after": keep}));
            let texts: BTreeSet<&String> = group.texts.iter().collect();
            for text in texts {
                self.let_go(text, usize::from(text == keep), "merged", &id);
            }
        }
        for fact in truth.facts.iter().filter(|fact| fact.kind != FactKind::Told) {
            for text in fact.stale.iter().chain(&fact.either) {
                let before = [text.clone(), fact.current[0].clone()];
                let after = json!({"after": fact.current[0]});
                let id = self.operation("supersede", "keyed", &before, after);
                self.let_go(text, 0, "superseded", &id);
            }
        }
        for conflict in &truth.conflicts {
            self.operation("flag_conflict", "theme", &conflict.texts, json!({}));
        }
    }

    fn rules(&mut self, truth: &Truth) {
        for rule in &truth.rules {
            let (comparison, value) = match &rule.condition {
                Some(Condition::AtMost { value, .. }) => ("at most", value.to_string()),
                Some(Condition::AtLeast { value, .. }) => ("at least", value.to_string()),
                Some(Condition::Between { low, high, .. }) => {
                    ("between", format!("{low} and {high}"))
                }
                Some(Condition::Is { value }) => ("is", value.clone()),
                None => ("", String::new()),
            };
            let statistics = json!({"field": rule.field, "comparison": comparison, "value": value,
                "with_success": 3, "with_total": 4, "without_success": 1, "without_total": 4});
            let mut more = json!({"after": rule.mentions.join(", ")});
            if rule.field.is_some() {
                more["statistics"] = statistics;
            }
            self.operation("add", rule.class.name(), &[], more);
        }
    }
}

#[test]
fn a_dream_that_knows_the_truth_has_a_full_score() {
    for plan in [Plan::new(7), Plan { variants: 3, notes: 1_500, ..Plan::new(8) }] {
        let corpus = Corpus::new(plan);
        let mut knowing =
            Knowing { entries: entries(&corpus), operations: Vec::new(), gone: BTreeMap::new() };
        knowing.store(corpus.truth());
        knowing.rules(corpus.truth());
        let score = scored(&corpus, &knowing.operations, &knowing.gone);
        assert_eq!(score.problems, [""; 0]);
        assert_eq!(score.duplicates_merged, score.duplicates);
        assert_eq!((score.stale_served, score.lost, score.ledger_violations), (0, 0, 0));
        assert_eq!(score.conflicts_found, score.conflicts);
        assert_eq!((score.rules_true, score.rules_false), (5 * plan.variants, 0));
        assert_eq!((score.wrong_merges, score.wrong_supersessions), (0, 0));
    }
}
