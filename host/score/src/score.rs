//! The numbers, and what is behind each that is not as it should be.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::dream::{Dream, Operation};
use crate::text::{key, lines};
use crate::truth::{Fact, FactKind, Rule, Truth};
use crate::{ScoreError, ledger, rules};

/// The most that is said about what went wrong.
const PROBLEMS_MAX: usize = 1_000;

/// One entry of the store that a dream read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreEntry {
    /// Its id, as the ledger has it.
    pub id: String,
    /// The memory it stands in.
    pub path: String,
    /// Its exact text.
    pub text: String,
}

/// What a dream read and what it would leave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stores {
    /// Every entry of the store that it read, headings among them.
    pub entries: Vec<StoreEntry>,
    /// The memories by path, with every operation applied that is proposed or accepted: what
    /// agents would be served if nobody objected.
    pub output: BTreeMap<String, String>,
}

/// What a dream came to. Operations that were rejected or undone count nowhere but in
/// [`Score::rejected`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Score {
    /// The strategy.
    pub strategy: String,
    /// How the dream ended.
    pub status: String,
    /// Entries that say what another one says, and could go.
    pub duplicates: u32,
    /// Of these, those that went.
    pub duplicates_merged: u32,
    /// Of these, those that stayed.
    pub duplicates_missed: u32,
    /// Entries that say the same in another order or other words, and went; none has to.
    pub paraphrases_merged: u32,
    /// Merges of entries that do not say the same.
    pub wrong_merges: u32,
    /// Values that are no longer true.
    pub stale: u32,
    /// Of these, those that the output still serves.
    pub stale_served: u32,
    /// Supersessions of what still holds.
    pub wrong_supersessions: u32,
    /// Facts that a person told in a session and the store did not know.
    pub told: u32,
    /// Of these, those that the output knows.
    pub told_known: u32,
    /// Contradictions of equal standing.
    pub conflicts: u32,
    /// Of these, those that were flagged.
    pub conflicts_found: u32,
    /// Flagged entries that do not contradict each other.
    pub conflicts_false: u32,
    /// Entries that had to stay, in one form at least, and are gone.
    pub lost: u32,
    /// Rules that the sessions show and a dream should find.
    pub rules: u32,
    /// Of these, those that it states.
    pub rules_true: u32,
    /// Rules that it states and the sessions do not show.
    pub rules_false: u32,
    /// Of these, those on fields that go with success only because tasks differ.
    pub superstitions: u32,
    /// Other additions: neither true nor false here, such as calls that often follow each
    /// other without anybody saying that it helps.
    pub themes: u32,
    /// Places in which the ledger does not account for an entry.
    pub ledger_violations: u32,
    /// Operations that the host or a person refused.
    pub rejected: u32,
    /// Tokens of models.
    pub tokens: u64,
    /// How long it took; 0 where nobody says.
    pub ms: u64,
    /// What is behind the numbers, at most 1,000 lines.
    pub problems: Vec<String>,
}

/// Scores a dream.
///
/// # Errors
/// [`ScoreError::Dream`] when the dream is not as `lucid dream show --json` prints it;
/// [`ScoreError::OtherStore`] when the store does not have as many entries as the truth says.
pub fn score(dream_json: &str, truth: &Truth, stores: &Stores) -> Result<Score, ScoreError> {
    let dream = Dream::read(dream_json)?;
    let entries = count(stores.entries.len());
    if entries != truth.entries {
        let what = format!("it has {} entries, the dream's input {entries}", truth.entries);
        return Err(ScoreError::OtherStore(what));
    }
    let left = lines(&stores.output);
    let mut tally = Tally { score: Score::default(), left: &left };
    tally.duplicates(truth);
    tally.facts(truth, &stores.output);
    tally.lost(truth, stores);
    tally.operations(truth, &dream);
    let violations = ledger::violations(&dream, stores);
    let mut score = tally.score;
    score.ledger_violations = count(violations.len());
    score.problems.extend(violations);
    score.problems.truncate(PROBLEMS_MAX);
    score.rejected = count(dream.operations.iter().filter(|one| one.state == "rejected").count());
    score.tokens = dream.tokens();
    score.ms = dream.ms.unwrap_or_default();
    score.strategy = dream.strategy;
    score.status = dream.status;
    Ok(score)
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

struct Tally<'a> {
    score: Score,
    /// How often each line stands in the output.
    left: &'a BTreeMap<&'a str, usize>,
}

impl Tally<'_> {
    fn problem(&mut self, text: String) {
        self.score.problems.push(text);
    }

    fn is_left(&self, text: &str) -> bool {
        self.left.contains_key(key(text))
    }

    fn duplicates(&mut self, truth: &Truth) {
        for group in &truth.duplicates {
            let texts: BTreeSet<&str> = group.texts.iter().map(|text| key(text)).collect();
            let left: usize =
                texts.iter().map(|text| self.left.get(text).copied().unwrap_or_default()).sum();
            let left = left.clamp(1, group.texts.len().max(1));
            let gone = count(group.texts.len().saturating_sub(left));
            if !group.kind.is_required() {
                self.score.paraphrases_merged += gone;
                continue;
            }
            self.score.duplicates += count(group.texts.len().saturating_sub(1));
            self.score.duplicates_merged += gone;
            self.score.duplicates_missed += count(left - 1);
            if left > 1 {
                self.problem(format!("{}: {} duplicates stay", group.id, left - 1));
            }
        }
    }

    fn facts(&mut self, truth: &Truth, output: &BTreeMap<String, String>) {
        for fact in &truth.facts {
            if fact.kind == FactKind::Told {
                self.score.told += 1;
                let knows = |value: &String| output.values().any(|text| text.contains(value));
                self.score.told_known += u32::from(fact.told.as_ref().is_some_and(knows));
                continue;
            }
            for text in &fact.stale {
                self.score.stale += 1;
                if self.is_left(text) {
                    self.score.stale_served += 1;
                    self.problem(format!("{}: stale, and served: {text}", fact.id));
                }
            }
        }
    }

    /// Entries that are gone though nothing left says what they say.
    fn lost(&mut self, truth: &Truth, stores: &Stores) {
        let mut may_go: BTreeSet<&str> = BTreeSet::new();
        for fact in &truth.facts {
            may_go.extend(fact.stale.iter().chain(&fact.either).map(|text| key(text)));
        }
        for group in &truth.duplicates {
            let kept = match &group.keep {
                Some(text) => self.is_left(text),
                None => group.texts.iter().any(|text| self.is_left(text)),
            };
            if kept {
                may_go.extend(group.texts.iter().map(|text| key(text)));
            }
        }
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for entry in &stores.entries {
            let text = key(&entry.text);
            let there = entry.text.lines().all(|line| self.is_left(line) || line.trim().is_empty());
            if !there && !may_go.contains(text) && told.insert(text) {
                self.score.lost += 1;
                self.score.problems.push(format!("lost: {text}"));
            }
        }
    }

    fn operations(&mut self, truth: &Truth, dream: &Dream) {
        let groups = Groups::of(truth);
        let mut found_conflicts = BTreeSet::new();
        let mut found_rules = BTreeSet::new();
        for operation in dream.standing() {
            if operation.is("merge") {
                self.merge(operation, &groups);
            } else if operation.is("supersede") {
                self.supersession(operation, &groups);
            } else if operation.is("flag_conflict") {
                self.conflict(operation, &groups, &mut found_conflicts);
            } else if operation.is("add") {
                self.addition(operation, truth, &mut found_rules);
            }
        }
        self.score.conflicts = count(truth.conflicts.len());
        self.score.conflicts_found = count(found_conflicts.len());
        for conflict in &truth.conflicts {
            if !found_conflicts.contains(conflict.id.as_str()) {
                self.problem(format!("{}: not flagged", conflict.id));
            }
        }
        let required = || truth.rules.iter().filter(|rule| rule.required);
        self.score.rules = count(required().count());
        for rule in required() {
            if found_rules.contains(rule.id.as_str()) {
                self.score.rules_true += 1;
            } else {
                self.problem(format!("{}: not stated", rule.id));
            }
        }
    }

    fn merge(&mut self, operation: &Operation, groups: &Groups<'_>) {
        let texts = operation.before.iter().chain(&operation.after).map(|text| key(text));
        let ids: BTreeSet<Option<&str>> =
            texts.map(|text| groups.mergeable.get(text).copied()).collect();
        if ids.len() != 1 || ids.contains(&None) {
            self.score.wrong_merges += 1;
            self.problem(format!("{}: wrong merge: {:?}", operation.id, operation.before));
        }
    }

    fn supersession(&mut self, operation: &Operation, groups: &Groups<'_>) {
        // The loser, and perhaps the winner beside it; what stays is no loser.
        let losers = operation.before.iter().map(|text| key(text));
        let wrong: Vec<&str> = losers
            .filter(|text| !groups.may_be_superseded.contains(text) && !self.is_left(text))
            .collect();
        if !wrong.is_empty() {
            self.score.wrong_supersessions += 1;
            self.problem(format!("{}: wrong supersession: {wrong:?}", operation.id));
        }
    }

    fn conflict<'a>(
        &mut self,
        operation: &Operation,
        groups: &Groups<'a>,
        found: &mut BTreeSet<&'a str>,
    ) {
        let flagged: BTreeSet<&str> = operation.before.iter().map(|text| key(text)).collect();
        let hit = groups.conflicts.iter().find(|(_, texts)| texts.is_subset(&flagged));
        if let Some((id, _)) = hit {
            found.insert(*id);
        } else if !groups.doubtful.iter().any(|texts| flagged.is_subset(texts)) {
            self.score.conflicts_false += 1;
            self.problem(format!("{}: no conflict: {flagged:?}", operation.id));
        }
    }

    fn addition<'a>(
        &mut self,
        operation: &Operation,
        truth: &'a Truth,
        found: &mut BTreeSet<&'a str>,
    ) {
        let said = operation.said();
        let names_unmended = truth.unmended.iter().any(|part| rules::mentions(&said, part));
        let stated: Vec<&Rule> =
            truth.rules.iter().filter(|rule| rules::states(operation, rule)).collect();
        let mends_nothing = names_unmended && operation.class == "failure_fix";
        if !stated.is_empty() && !mends_nothing {
            found.extend(stated.iter().map(|rule| rule.id.as_str()));
            return;
        }
        let claims = operation.statistics.as_ref().is_some_and(|numbers| numbers.claims());
        let mined = match operation.class.as_str() {
            "contrast" | "failure_fix" => true,
            // That calls often follow each other is so, as long as nobody says that it helps.
            "sequence" => claims,
            _ => operation.statistics.is_some(),
        };
        if !mined {
            self.score.themes += 1;
            return;
        }
        self.score.rules_false += 1;
        let field = operation.statistics.as_ref().map_or("", |numbers| numbers.field.as_str());
        if truth.superstitions.iter().any(|name| rules::is_field(field, name)) {
            self.score.superstitions += 1;
        }
        let said = operation.after.as_deref().unwrap_or(&operation.reason);
        self.problem(format!("{}: not so: {said}", operation.id));
    }
}

/// The truth by text.
struct Groups<'a> {
    /// What may be merged, with the name of its group.
    mergeable: BTreeMap<&'a str, &'a str>,
    may_be_superseded: BTreeSet<&'a str>,
    conflicts: Vec<(&'a str, BTreeSet<&'a str>)>,
    /// Sets that somebody may well want to look at, so that flagging them is no mistake.
    doubtful: Vec<BTreeSet<&'a str>>,
}

impl<'a> Groups<'a> {
    fn of(truth: &'a Truth) -> Self {
        let set = |texts: &'a [String]| -> BTreeSet<&'a str> {
            texts.iter().map(|text| key(text)).collect()
        };
        let mut mergeable = BTreeMap::new();
        for group in &truth.duplicates {
            mergeable.extend(group.texts.iter().map(|text| (key(text), group.id.as_str())));
        }
        let mut may_be_superseded = BTreeSet::new();
        let mut doubtful: Vec<_> = truth.distinct.iter().map(|one| set(&one.texts)).collect();
        for fact in &truth.facts {
            may_be_superseded.extend(fact.stale.iter().chain(&fact.either).map(|text| key(text)));
            // An older assertion of the same value is a duplicate but for its date.
            if fact.kind == FactKind::Recurred {
                let same = fact.either.iter().chain(&fact.current);
                mergeable.extend(same.map(|text| (key(text), fact.id.as_str())));
            }
            doubtful.push(all_of(fact));
        }
        let conflicts = truth.conflicts.iter();
        let conflicts = conflicts.map(|one| (one.id.as_str(), set(&one.texts))).collect();
        Self { mergeable, may_be_superseded, conflicts, doubtful }
    }
}

fn all_of(fact: &Fact) -> BTreeSet<&str> {
    // Look-alikes and values side by side are no contradiction: to flag them is a mistake.
    match fact.kind {
        FactKind::LookAlike | FactKind::Scoped | FactKind::MultiValued => BTreeSet::new(),
        _ => fact.current.iter().chain(&fact.stale).chain(&fact.either).map(|t| key(t)).collect(),
    }
}
