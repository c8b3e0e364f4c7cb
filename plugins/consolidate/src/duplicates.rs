//! Duplicates: entries that say the same become one.
//!
//! Two entries are the same where their texts are equal once normalised, or where one says
//! all that the other says: `lucid-facts` tells both, for the host checks with it. On top of
//! that all guards are equal here and the words are in the same order.
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

/// Entries that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// Places of the entries in the list, the survivor first.
    pub(crate) members: Vec<usize>,
    /// Whether their texts are equal once normalised.
    pub(crate) identical: bool,
    /// Whether few words set them apart that nobody but a person can judge.
    pub(crate) near: bool,
}

struct Item<'a> {
    place: usize,
    text: &'a str,
    normal: String,
    stems: Vec<String>,
    capitals: BTreeSet<String>,
    /// What the entry is about, beside its own words.
    frame: Vec<String>,
}

/// Finds clusters among `entries` (in canonical order), `settled` ones left out. An entry
/// in `winners` replaced another one and stays: where it has duplicates it survives.
///
/// First come those that surely say the same, then those that nearly do: what a person has
/// to judge must not hold back what is sure.
pub(crate) fn find(
    entries: &[Entry],
    settled: &BTreeSet<usize>,
    winners: &BTreeSet<usize>,
) -> Vec<Cluster> {
    let mut clusters = pass(entries, settled, winners, false);
    let (mut settled, mut winners) = (settled.clone(), winners.clone());
    for cluster in &clusters {
        winners.extend(cluster.members.first());
        settled.extend(cluster.members.iter().skip(1));
    }
    clusters.extend(pass(entries, &settled, &winners, true));
    clusters
}

fn pass(
    entries: &[Entry],
    settled: &BTreeSet<usize>,
    winners: &BTreeSet<usize>,
    near: bool,
) -> Vec<Cluster> {
    let mut groups: BTreeMap<(EntryKind, Guards), Vec<Item<'_>>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let text_kind = matches!(entry.kind, EntryKind::Item | EntryKind::Paragraph);
        if text_kind && !settled.contains(&place) && !entry.text.trim().is_empty() {
            let guards = text::guards(&entry.text);
            groups.entry((entry.kind, guards)).or_default().push(item(place, entry));
        }
    }
    let mut clusters = Vec::new();
    for items in groups.into_values() {
        clusters.extend(link(&items, entries, winners, near));
    }
    clusters.sort_by(|a: &Cluster, b| a.members.cmp(&b.members));
    clusters
}

fn item(place: usize, entry: &Entry) -> Item<'_> {
    let stems = text::words(&entry.text).into_iter().map(|word| text::stem(&word).to_owned());
    Item {
        place,
        text: &entry.text,
        normal: lucid_facts::normal(&entry.text),
        stems: stems.collect(),
        capitals: text::capitalised(&entry.text),
        frame: lucid_facts::frame(&entry.path, &entry.headings),
    }
}

/// Greedy complete linkage, in canonical order.
fn link(
    items: &[Item<'_>],
    entries: &[Entry],
    winners: &BTreeSet<usize>,
    near: bool,
) -> Vec<Cluster> {
    let mut clusters: Vec<Vec<&Item<'_>>> = Vec::new();
    for item in items {
        let home = clusters.iter_mut().find(|cluster| {
            cluster.iter().all(|other| same(item, other, near))
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
            // The most specific text, then the newest, then the first.
            cluster.sort_by_key(|item| {
                let entry = &entries[item.place];
                (
                    !winners.contains(&item.place),
                    usize::MAX - item.normal.len(),
                    u64::MAX - entry.updated_at_ms,
                    entry.id.clone(),
                )
            });
            Cluster {
                identical: cluster.iter().all(|item| item.normal == cluster[0].normal),
                members: cluster.iter().map(|item| item.place).collect(),
                near,
            }
        })
        .collect()
}

fn same(a: &Item<'_>, b: &Item<'_>, near: bool) -> bool {
    // Under "Staging" and under "Production" the same words are two facts, and so are those
    // of `/people/ann.md` and `/people/bob.md`.
    if a.frame != b.frame {
        return false;
    }
    if a.normal == b.normal {
        return true;
    }
    let (short, long) = if a.stems.len() <= b.stems.len() { (a, b) } else { (b, a) };
    let named = |names: &BTreeSet<String>, stems: &[String]| {
        names.iter().all(|name| stems.iter().any(|stem| stem == text::stem(name)))
    };
    let alike = short.stems.len() >= WORDS_MIN
        && is_subsequence(&short.stems, &long.stems)
        && named(&short.capitals, &long.stems)
        && named(&long.capitals, &short.stems);
    match near {
        true => alike && short.stems.len() as f64 >= SHARE_MIN * long.stems.len() as f64,
        false => alike && lucid_facts::subsumes(long.text, short.text),
    }
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
