//! Duplicates: entries that say the same become one.
//!
//! Two entries are the same where their texts are equal once normalised, or where all
//! guards are equal and one has the other's words in the same order and few of its own.
//! Clusters need *complete* linkage: every pair in them is the same. Single linkage would
//! chain unlike entries together.

use crate::model::{Entry, EntryKind};
use crate::text::{self, Guards};
use std::collections::{BTreeMap, BTreeSet};

/// The shorter of two near-identical entries has at least this share of the longer's
/// words (with subset words this is the Jaccard index).
const SHARE_MIN: f64 = 0.8;
/// Fewer words are a label, and labels are never near-identical.
const WORDS_MIN: usize = 4;
/// Headings that frame nothing in particular.
const GENERIC: [&str; 24] = [
    "notes",
    "note",
    "memory",
    "memories",
    "facts",
    "learnings",
    "lessons",
    "learned",
    "misc",
    "general",
    "log",
    "logs",
    "journal",
    "archive",
    "knowledge",
    "tips",
    "insights",
    "summary",
    "playbook",
    "rules",
    "observations",
    "findings",
    "what",
    "we",
];

/// Entries that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// Places of the entries in the list, the survivor first.
    pub(crate) members: Vec<usize>,
    /// Whether their texts are equal once normalised.
    pub(crate) identical: bool,
}

struct Item {
    place: usize,
    normal: String,
    stems: Vec<String>,
    capitals: BTreeSet<String>,
    /// Headings that say what the entry is about.
    scope: Vec<String>,
}

/// Finds clusters among `entries` (in canonical order), `settled` ones left out. An entry
/// in `winners` replaced another one and stays: where it has duplicates it survives.
pub(crate) fn find(
    entries: &[Entry],
    settled: &BTreeSet<usize>,
    winners: &BTreeSet<usize>,
) -> Vec<Cluster> {
    let mut groups: BTreeMap<(EntryKind, Guards), Vec<Item>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let text_kind = matches!(entry.kind, EntryKind::Item | EntryKind::Paragraph);
        if text_kind && !settled.contains(&place) && !entry.text.trim().is_empty() {
            let guards = text::guards(&entry.text);
            groups.entry((entry.kind, guards)).or_default().push(item(place, entry));
        }
    }
    let mut clusters = Vec::new();
    for items in groups.into_values() {
        clusters.extend(link(&items, entries, winners));
    }
    clusters.sort_by(|a, b| a.members.cmp(&b.members));
    clusters
}

fn item(place: usize, entry: &Entry) -> Item {
    let stems = text::words(&entry.text).into_iter().map(|word| text::stem(&word).to_owned());
    Item {
        place,
        normal: text::normalise(&entry.text),
        stems: stems.collect(),
        capitals: text::capitalised(&entry.text),
        scope: scope(entry),
    }
}

/// What an entry is about, beside its own words: the headings without those that frame
/// nothing in particular, and the path where it is one of several that are numbered
/// (`/site-3.md`, not `/notes-3.md` or `/2026-04-02.md`).
pub(crate) fn scope(entry: &Entry) -> Vec<String> {
    let is_generic = |text: &str| text.split_whitespace().all(|word| GENERIC.contains(&word));
    let path = entry.path.to_lowercase();
    let path = path.strip_suffix(".md").unwrap_or(&path);
    let letters: String = path.chars().map(|c| if c.is_alphabetic() { c } else { ' ' }).collect();
    let numbered = path.contains(|c: char| c.is_ascii_digit()) && !is_generic(&letters);
    let headings = entry.headings.iter().map(|heading| text::normalise(heading));
    numbered
        .then(|| path.to_owned())
        .into_iter()
        .chain(headings.filter(|h| !is_generic(h)))
        .collect()
}

/// Greedy complete linkage, in canonical order.
fn link(items: &[Item], entries: &[Entry], winners: &BTreeSet<usize>) -> Vec<Cluster> {
    let mut clusters: Vec<Vec<&Item>> = Vec::new();
    for item in items {
        let home = clusters.iter_mut().find(|cluster| {
            cluster.iter().all(|other| same(item, other))
                && !(winners.contains(&item.place)
                    && cluster.iter().any(|other| winners.contains(&other.place)))
        });
        match home {
            Some(cluster) => cluster.push(item),
            None => clusters.push(vec![item]),
        }
    }
    clusters
        .into_iter()
        .filter(|cluster| cluster.len() > 1)
        .map(|mut cluster| {
            // The widest scope, for it says the most; then the most specific text, then the
            // newest; then the first.
            cluster.sort_by_key(|item| {
                let entry = &entries[item.place];
                (
                    !winners.contains(&item.place),
                    item.scope.len(),
                    usize::MAX - item.normal.len(),
                    u64::MAX - entry.updated_at_ms,
                    entry.id.clone(),
                )
            });
            Cluster {
                identical: cluster.iter().all(|item| item.normal == cluster[0].normal),
                members: cluster.iter().map(|item| item.place).collect(),
            }
        })
        .collect()
}

fn same(a: &Item, b: &Item) -> bool {
    if a.normal == b.normal {
        // Under "Staging" and under "Production" the same words are two facts; under
        // "Staging" and under nothing they are one.
        return a.scope.starts_with(&b.scope) || b.scope.starts_with(&a.scope);
    }
    let (short, long) = if a.stems.len() <= b.stems.len() { (a, b) } else { (b, a) };
    let named = |names: &BTreeSet<String>, stems: &[String]| {
        names.iter().all(|name| stems.iter().any(|stem| stem == text::stem(name)))
    };
    a.scope == b.scope
        && short.stems.len() >= WORDS_MIN
        && short.stems.len() as f64 >= SHARE_MIN * long.stems.len() as f64
        && is_subsequence(&short.stems, &long.stems)
        && named(&short.capitals, &long.stems)
        && named(&long.capitals, &short.stems)
}

/// Whether `short` is `long` with words left out. The order counts: "Alice reports to
/// Bob" is not "Bob reports to Alice".
fn is_subsequence(short: &[String], long: &[String]) -> bool {
    let mut long = long.iter();
    short.iter().all(|word| long.any(|other| other == word))
}

#[cfg(test)]
#[path = "duplicates_tests.rs"]
mod tests;
