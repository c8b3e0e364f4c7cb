//! Holds what a model would change to what bears it out.

use crate::answer::{SaidOperation, line};
use crate::batch::Batch;
use crate::dropped::Dropped;
use crate::groups::{Cited, Group, chosen, evidence};
use crate::note::may_be_said;
use crate::settle::{self, Order};
use crate::support::{stands_for, topics};
use crate::types::{Entry, EntryKind, Evidence, Session};
use std::collections::BTreeSet;

/// The most bytes of a path.
const PATH_BYTES_MAX: usize = 200;
/// The most entries that a conflict names.
const CONFLICT_MAX: usize = 32;
/// The most bytes of a new entry.
const TEXT_BYTES_MAX: usize = 500;

/// Why something is to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// In one sentence.
    pub reason: String,
    /// What supports it.
    pub evidence: Vec<Evidence>,
}

/// A change that may be proposed. Entries are named by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idea {
    /// They stay.
    Keep(Vec<usize>),
    /// They say the same.
    Merge {
        /// The one that stays.
        survivor: usize,
        /// The others.
        losers: Vec<usize>,
        /// Why.
        because: Because,
    },
    /// The one replaces the other.
    Supersede {
        /// What no longer holds.
        loser: usize,
        /// What replaces it.
        winner: usize,
        /// From when on, in milliseconds since 1970-01-01T00:00Z.
        since_ms: u64,
        /// Why.
        because: Because,
    },
    /// They contradict each other.
    Flag {
        /// Two or more.
        entries: Vec<usize>,
        /// Why.
        because: Because,
    },
    /// A new entry.
    Add {
        /// The memory it goes to.
        path: String,
        /// Its text.
        text: String,
        /// Why.
        because: Because,
    },
}

/// What operations are about: everything, and what of it one question showed.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// The entries that operations may name, in order of path and place.
    pub entries: &'a [Entry],
    /// The notes, by rank.
    pub groups: &'a [Group],
    /// The sessions, by start and id.
    pub sessions: &'a [Session],
}

impl Desk<'_> {
    /// The operations that are borne out; what is not is counted.
    pub fn checked(
        &self,
        said: Vec<SaidOperation>,
        shown: &Batch,
        dropped: &mut Dropped,
    ) -> Vec<Idea> {
        let mut ideas = Vec::new();
        for said in said {
            match self.check(&said, shown, dropped) {
                Ok(idea) => ideas.push(idea),
                Err(why) => dropped.operation(why),
            }
        }
        ideas
    }

    fn check(
        &self,
        said: &SaidOperation,
        shown: &Batch,
        dropped: &mut Dropped,
    ) -> Result<Idea, &'static str> {
        let groups = self.notes(&said.notes, shown)?;
        let cited = chosen(&groups, self.sessions);
        match said.op.as_str() {
            "keep" => Ok(Idea::Keep(entries(&said.entries, shown)?)),
            "merge" => self.merge(said, shown, &cited, dropped),
            "supersede" => self.supersede(said, shown, &cited),
            "flag" => {
                let entries = entries(&said.entries, shown)?;
                if !(2..=CONFLICT_MAX).contains(&entries.len()) {
                    return Err("a conflict of one entry, or of too many");
                }
                Ok(Idea::Flag { entries, because: self.because(said, &cited) })
            }
            "add" => self.add(said, &cited),
            _ => Err("an operation that there is not"),
        }
    }

    fn notes(&self, names: &[String], shown: &Batch) -> Result<Vec<&Group>, &'static str> {
        let places =
            places(names, 'n', &shown.notes).ok_or("it names a note that was not shown")?;
        Ok(places.into_iter().filter_map(|place| self.groups.get(place)).collect())
    }

    fn because(&self, said: &SaidOperation, cited: &[Cited]) -> Because {
        let (reason, _) = lucid_facts::mask(&line(&said.reason));
        let reason = match reason.is_empty() {
            true => "the model gave no reason".to_owned(),
            false => reason,
        };
        // What comes from outside alone supports nothing, so it is not offered as support.
        let bears = cited.iter().any(|one| one.quote.origin.bears());
        let evidence = if bears { evidence(cited, self.sessions) } else { Vec::new() };
        Because { reason, evidence }
    }

    fn merge(
        &self,
        said: &SaidOperation,
        shown: &Batch,
        cited: &[Cited],
        dropped: &mut Dropped,
    ) -> Result<Idea, &'static str> {
        let mut losers = entries(&said.entries, shown)?;
        let survivor = entry(said.survivor.as_ref(), shown)?;
        if !losers.contains(&survivor) {
            return Err("a merge whose survivor is not among its entries");
        }
        losers.retain(|loser| *loser != survivor);
        let Some(whole) = self.entries.get(survivor) else { return Err(UNKNOWN) };
        losers.retain(|loser| {
            let fault = match self.entries.get(*loser) {
                Some(part) => merge_fault(whole, part),
                None => Some(UNKNOWN),
            };
            fault.inspect(|why| dropped.operation(why)).is_none()
        });
        match losers.is_empty() {
            true => Err("a merge of fewer than two entries"),
            false => Ok(Idea::Merge { survivor, losers, because: self.because(said, cited) }),
        }
    }

    fn supersede(
        &self,
        said: &SaidOperation,
        shown: &Batch,
        cited: &[Cited],
    ) -> Result<Idea, &'static str> {
        let loser = entry(said.loser.as_ref(), shown)?;
        let winner = entry(said.winner.as_ref(), shown)?;
        let (Some(old), Some(new)) = (self.entries.get(loser), self.entries.get(winner)) else {
            return Err(UNKNOWN);
        };
        if loser == winner {
            return Err("an entry that replaces itself");
        }
        if topics(&old.text).is_disjoint(&topics(&new.text)) {
            return Err("entries about different things");
        }
        if !settle::is_asserted(new) {
            return Err("what is not said for certain replaces nothing");
        }
        let because = self.because(said, cited);
        let order = settle::order(old, new);
        if order == Order::Older {
            return Err("an older entry replaces nothing");
        }
        if let Order::Newer { since_ms } = order {
            return Ok(Idea::Supersede { loser, winner, since_ms, because });
        }
        // Without a key and dates, only sessions can show that it changed.
        let shows = may_be_said(&new.text, cited.iter().map(|one| &one.quote)).is_ok();
        let bearing = cited.iter().filter(|one| one.quote.origin.bears());
        match bearing.map(|one| one.quote.at_ms).min().filter(|_| shows) {
            Some(since_ms) => Ok(Idea::Supersede { loser, winner, since_ms, because }),
            None => Ok(Idea::Flag { entries: vec![loser, winner], because }),
        }
    }

    fn add(&self, said: &SaidOperation, cited: &[Cited]) -> Result<Idea, &'static str> {
        let path = said.path.as_deref().unwrap_or_default();
        if !is_path(path) {
            return Err("a path that no memory has");
        }
        let text = self.new_text(said.text.as_deref().unwrap_or_default(), cited)?;
        let because = self.because(said, cited);
        Ok(Idea::Add { path: path.to_owned(), text, because })
    }

    /// The text of a new entry, where it may be written.
    ///
    /// # Errors
    /// Why not.
    pub fn new_text(&self, text: &str, cited: &[Cited]) -> Result<String, &'static str> {
        let marks = |c: char| c.is_whitespace() || matches!(c, '-' | '*' | '+' | '#' | '>' | '|');
        let plain = line(text.trim_start_matches(marks));
        // At the beginning of an item, these would make it something else.
        if plain.is_empty() || plain.len() > TEXT_BYTES_MAX || plain.starts_with(['`', '~', '=']) {
            return Err("a new entry that is not one sentence");
        }
        let (text, _) = lucid_facts::mask(&plain);
        may_be_said(&text, cited.iter().map(|one| &one.quote))?;
        let normal = lucid_facts::normal(&text);
        let known = |entry: &Entry| {
            lucid_facts::normal(&entry.text) == normal || lucid_facts::subsumes(&entry.text, &text)
        };
        match self.entries.iter().any(known) {
            true => Err("the store has it already"),
            false => Ok(format!("- {text}")),
        }
    }
}

const UNKNOWN: &str = "it names an entry that was not shown";

/// Why one entry cannot go into another.
fn merge_fault(whole: &Entry, part: &Entry) -> Option<&'static str> {
    if settle::says_same(&whole.text, &part.text) {
        let alike = settle::are_compatible(whole, part);
        return (!alike).then_some("the same words about different things are not merged");
    }
    if whole.kind == EntryKind::Block || part.kind == EntryKind::Block {
        return Some("blocks that differ are not merged");
    }
    (!stands_for(&whole.text, &part.text)).then_some("a merge would lose a number or a name")
}

/// Places by their names, each once; none where one of them was not shown.
fn places(names: &[String], letter: char, shown: &[usize]) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    let mut seen = BTreeSet::new();
    for name in names {
        let place = name.trim().strip_prefix(letter)?.parse::<usize>().ok()?;
        if !shown.contains(&place) {
            return None;
        }
        if seen.insert(place) {
            places.push(place);
        }
    }
    Some(places)
}

fn entries(names: &[String], shown: &Batch) -> Result<Vec<usize>, &'static str> {
    places(names, 'e', &shown.entries).ok_or(UNKNOWN)
}

fn entry(name: Option<&String>, shown: &Batch) -> Result<usize, &'static str> {
    let name = name.map(std::slice::from_ref).unwrap_or_default();
    entries(name, shown)?.first().copied().ok_or("it does not name the entries it needs")
}

/// Whether a memory can have this path.
fn is_path(path: &str) -> bool {
    let Some(inner) = path.strip_prefix('/') else { return false };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    let segment = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', ' '])
            && !part.ends_with(' ')
            && part.chars().all(plain)
    };
    path.len() <= PATH_BYTES_MAX
        && inner.split('/').all(segment)
        && inner.rsplit('/').next().is_some_and(|name| name.len() > 3 && name.ends_with(".md"))
}

#[cfg(test)]
#[path = "ideas_tests.rs"]
mod tests;
