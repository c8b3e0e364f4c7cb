//! What people stated, and the store does not know yet.
//!
//! A fact becomes an entry where persons stated it in several sessions; where the
//! instructions name a theme, one session is enough for what is about it. What agents say
//! is a guess and is not looked at; what was taken back since is left out. An older entry
//! with another value stays: once the new one is accepted, both have a key and a time, and
//! the next dream replaces the older.

use crate::cite::{self, Citer};
use crate::digest::{Digest, KEY_SEPARATOR, Spot};
use crate::fold::{Corpus, Statement, fair};
use crate::instructions::Wanted;
use crate::model::{Change, Entry, Evidence, Operation, RuleKind};
use crate::plan::Step;
use std::collections::{BTreeMap, BTreeSet};

/// Sessions in which a fact was stated, where it is about no theme.
const SESSIONS_MIN: usize = 2;
/// Sessions quoted.
const QUOTED_MAX: usize = 3;
/// At most so many facts are proposed.
const PROPOSED_MAX: usize = 64;
/// At most so many are read again from their digests.
const TRIED_MAX: usize = 4 * PROPOSED_MAX;

/// The steps that add facts to `path`.
pub(crate) fn steps(
    corpus: &Corpus,
    entries: &[Entry],
    wanted: &Wanted,
    path: &str,
    citer: &mut Citer<'_>,
) -> Vec<Step> {
    let stated = stated(entries);
    let mut found = Vec::new();
    for (key, statements) in &corpus.said {
        let Some((latest, rows)) = standing(corpus, statements) else { continue };
        let words: String = key.split(KEY_SEPARATOR).collect::<Vec<_>>().join(" ");
        let themed = wanted.is_about(&format!("{words} {}", latest.value));
        let least = if themed { 1 } else { SESSIONS_MIN };
        let wanted = rows.len() >= least && (themed || !wanted.restricted);
        let known = stated.contains(&(key.to_string(), latest.value.to_string()));
        if wanted && !known {
            found.push((themed, rows, key, latest));
        }
    }
    found.sort_by_key(|(themed, rows, key, _)| (!*themed, usize::MAX - rows.len(), *key));
    let there: Vec<String> = entries.iter().map(|entry| lucid_facts::normal(&entry.text)).collect();
    let mut steps = Vec::new();
    for (_, rows, key, latest) in found.into_iter().take(TRIED_MAX) {
        if steps.len() == PROPOSED_MAX {
            break;
        }
        let Some((text, evidence)) = quoted(corpus, &rows, key, latest, citer) else { continue };
        let normal = lucid_facts::normal(&text);
        if there.iter().any(|entry| entry.contains(&*normal)) {
            continue;
        }
        let (text, _) = lucid_facts::mask(&dated(&text, latest.at_ms));
        let rows = rows.len();
        let reason = format!("stated by people in {rows} sessions, and not in the store");
        let worth = 0.3 * f64::from((rows as u32 + 1).ilog2());
        let kind = RuleKind::Theme;
        let change = Change::Add { path: path.to_owned(), text, kind, statistics: None };
        let operation = Operation { change, reason, evidence };
        steps.push(Step { operation, then: Vec::new(), worth });
    }
    steps
}

/// The statement that holds, and the sessions that state it; none where the last word took
/// it back, or two were said at once. Where several principals have a say, what one of them
/// alone says counts for nothing: it must not hide what others state either.
fn standing<'a>(corpus: &Corpus, statements: &'a [Statement]) -> Option<(&'a Statement, Vec<u32>)> {
    let whose = |statement: &Statement| &corpus.sessions[statement.row as usize].principal;
    let mut first: BTreeMap<(&str, bool), &String> = BTreeMap::new();
    let mut seconded: BTreeSet<(&str, bool)> = BTreeSet::new();
    for statement in statements {
        let what = (&*statement.value, statement.retracts);
        if *first.entry(what).or_insert(whose(statement)) != whose(statement) {
            seconded.insert(what);
        }
    }
    let counts = |statement: &&Statement| {
        !corpus.several || seconded.contains(&(&*statement.value, statement.retracts))
    };
    let latest = statements.iter().rfind(counts)?;
    let disputed = statements.iter().filter(counts).any(|other| {
        other.at_ms == latest.at_ms
            && (other.value != latest.value || other.retracts != latest.retracts)
    });
    if latest.retracts || disputed {
        return None;
    }
    let same = statements.iter().filter(|other| other.value == latest.value && !other.retracts);
    let rows: BTreeSet<u32> = same.map(|statement| statement.row).collect();
    let rows = fair(corpus, &rows.into_iter().collect::<Vec<_>>());
    (!rows.is_empty()).then_some((latest, rows))
}

/// The sentence as an item, and the quotes; the newest session's words are taken.
fn quoted(
    corpus: &Corpus,
    rows: &[u32],
    key: &str,
    latest: &Statement,
    citer: &mut Citer<'_>,
) -> Option<(String, Vec<Evidence>)> {
    let mut sentence = None;
    let evidence = cite::quoted(corpus, rows.iter().rev().copied(), QUOTED_MAX, |row| {
        let Some(digest) = citer.digest(row) else { return Vec::new() };
        let Some((text, spot)) = said(&digest, key, &latest.value) else { return Vec::new() };
        sentence.get_or_insert(text);
        citer.at(row, &spot).into_iter().collect()
    });
    let sentence = sentence.filter(|text| !lucid_facts::instructs(text))?;
    let bare = crate::text::unmarked(&sentence).trim();
    let whole = bare.matches('`').count().is_multiple_of(2) && !bare.contains(char::is_control);
    let fits = whole && !bare.is_empty() && !evidence.is_empty();
    fits.then(|| (format!("- {bare}"), evidence))
}

fn said(digest: &Digest, key: &str, value: &str) -> Option<(String, Spot)> {
    let same = digest.said.iter().rev().find(|said| *said.key == *key && *said.value == *value)?;
    Some((same.text.to_string(), same.spot.clone()))
}

/// Key and value of everything that the entries state.
fn stated(entries: &[Entry]) -> BTreeSet<(String, String)> {
    let facts = entries
        .iter()
        .flat_map(|entry| lucid_facts::facts(&entry.text, &entry.headings, entry.updated_at_ms));
    facts.map(|fact| (crate::digest::key_of(&fact), fact.value)).collect()
}

/// The text with the day since when it holds, where it names none.
fn dated(text: &str, at_ms: u64) -> String {
    let dates = lucid_facts::facts(text, &[], 0).iter().any(|fact| fact.at_ms.is_some());
    let bare = text.trim_end_matches('.');
    match dates || at_ms == 0 {
        true => text.to_owned(),
        false => format!("{bare} (as of {})", lucid_facts::day(at_ms)),
    }
}
