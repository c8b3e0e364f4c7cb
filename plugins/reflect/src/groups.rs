//! Notes of several sessions that say the same, and what speaks for them.

use crate::note::{Note, Quote};
use crate::support::topics;
use crate::types::{Evidence, Session};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The most notes that a reduction takes in. More than that is more than a store should hold.
pub const NOTES_MAX: usize = 20_000;
/// The most quotes that are kept of notes that say the same.
const QUOTES_MAX: usize = 12;
/// The most quotes of one session among them.
const QUOTES_OF_SESSION_MAX: usize = 3;

/// A quote, and the session it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// The session: its place among all of them.
    pub session: usize,
    /// The quote.
    pub quote: Quote,
}

/// Notes that say the same in the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they say, in the words of the first session.
    pub text: String,
    /// What they rest on, the earliest sessions first.
    pub cited: Vec<Cited>,
    /// The sessions they are of.
    pub sessions: BTreeSet<usize>,
    /// How many sessions speak for it, where none of several principals speaks louder than
    /// all others together.
    pub support: usize,
}

/// Groups notes, given with the place of their session among `sessions` (ordered by start,
/// then by id): what fits the theme first, then what most sessions bear out, then the newest.
/// The order in which notes are given does not matter beyond that of their session's own.
pub fn group(mut notes: Vec<(usize, Note)>, sessions: &[Session], theme: &str) -> Vec<Group> {
    // Stable, so the notes of one session keep their order.
    notes.sort_by_key(|(session, _)| *session);
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (session, note) in notes {
        let group = groups.entry(lucid_facts::normal(&note.text)).or_insert_with(|| Group {
            text: note.text.clone(),
            cited: Vec::new(),
            sessions: BTreeSet::new(),
            support: 0,
        });
        group.sessions.insert(session);
        for quote in note.quotes {
            let cited = Cited { session, quote };
            // Notes come session by session, so those of this one are the last.
            let of_session = group.cited.iter().rev().take_while(|one| one.session == session);
            let (count, is_new) = of_session
                .fold((0, true), |(count, is_new), one| (count + 1, is_new && *one != cited));
            if count < QUOTES_OF_SESSION_MAX && is_new {
                group.cited.push(cited);
            }
        }
    }
    let several = principals(sessions, 0..sessions.len()).len() > 1;
    let theme = topics(theme);
    let mut ranked: Vec<_> = groups
        .into_iter()
        .map(|(normal, mut group)| {
            group.support = support(&group.sessions, sessions, several);
            group.cited = fewer(std::mem::take(&mut group.cited));
            let fits = topics(&group.text).intersection(&theme).count();
            let newest = group.sessions.last().copied();
            ((Reverse(fits), Reverse(group.support), Reverse(newest), normal), group)
        })
        .collect();
    ranked.sort_by(|(one, _), (other, _)| one.cmp(other));
    ranked.into_iter().map(|(_, group)| group).take(NOTES_MAX).collect()
}

/// So many quotes of those, of as many sessions as can be.
fn fewer(cited: Vec<Cited>) -> Vec<Cited> {
    let mut of_session: BTreeMap<usize, usize> = BTreeMap::new();
    let mut rounds: Vec<(usize, usize, Cited)> = Vec::new();
    for (place, one) in cited.into_iter().enumerate() {
        let round = of_session.entry(one.session).or_default();
        rounds.push((*round, place, one));
        *round += 1;
    }
    rounds.sort_by_key(|(round, place, one)| (!one.quote.origin.bears(), *round, *place));
    rounds.truncate(QUOTES_MAX);
    rounds.sort_by_key(|(_, place, _)| *place);
    rounds.into_iter().map(|(_, _, one)| one).collect()
}

/// How many of these sessions each principal has.
fn principals(
    sessions: &[Session],
    places: impl IntoIterator<Item = usize>,
) -> BTreeMap<&str, usize> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for session in places.into_iter().filter_map(|place| sessions.get(place)) {
        *counts.entry(session.principal.as_str()).or_default() += 1;
    }
    counts
}

fn support(of: &BTreeSet<usize>, sessions: &[Session], several: bool) -> usize {
    let counts = principals(sessions, of.iter().copied());
    let all: usize = counts.values().sum();
    let loudest = counts.values().max().copied().unwrap_or_default();
    let others = all - loudest;
    // Where there are others, who repeats something alone is one voice.
    if several { others + loudest.min(others.max(1)) } else { all }
}

/// What several groups rest on: quotes of as many sessions as can be, what bears first, and
/// none of several principals with more than half of the sessions.
pub fn chosen(groups: &[&Group], sessions: &[Session]) -> Vec<Cited> {
    let mut cited: Vec<Cited> = Vec::new();
    for one in groups.iter().flat_map(|group| &group.cited) {
        if !cited.contains(one) {
            cited.push(one.clone());
        }
    }
    cited.sort_by_key(|one| one.session);
    let mut cited = fewer(cited);
    loop {
        let places: BTreeSet<usize> = cited.iter().map(|one| one.session).collect();
        let counts = principals(sessions, places.iter().copied());
        let loudest = counts.iter().max_by_key(|(name, count)| (**count, Reverse(**name)));
        let Some((name, count)) = loudest.map(|(name, count)| (*name, *count)) else { break };
        if counts.len() < 2 || 2 * count <= places.len() {
            break;
        }
        let of_name =
            |place: &&usize| sessions.get(**place).is_some_and(|session| session.principal == name);
        let Some(last) = places.iter().rev().find(of_name).copied() else { break };
        cited.retain(|one| one.session != last);
    }
    cited
}

/// Quotes as the host wants them.
pub fn evidence(cited: &[Cited], sessions: &[Session]) -> Vec<Evidence> {
    let evidence = cited.iter().filter_map(|one| {
        Some(Evidence {
            session_id: sessions.get(one.session)?.id.clone(),
            event_id: one.quote.event_id.clone(),
            quote: one.quote.text.clone(),
        })
    });
    evidence.collect()
}

#[cfg(test)]
#[path = "groups_tests.rs"]
mod tests;
