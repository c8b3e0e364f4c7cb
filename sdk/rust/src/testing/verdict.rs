//! What the fake host says to a proposal: the host's rules, in short.

use std::collections::{HashMap, HashSet};

use crate::dream::{Change, Entry, Event, Operation, Rejection, Trust};

/// Bytes of a quote, and of a reason.
const QUOTE_BYTES_MAX: usize = 1_024;
/// Bytes of a new entry.
const DRAFT_BYTES_MAX: usize = 4_096;
/// Quotes for one operation.
const EVIDENCE_MAX: usize = 256;

/// Whether later operations may still name an entry.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    /// Others were merged into it or replaced by it; more may follow.
    Winner,
    Settled,
}

/// What was accepted so far.
#[derive(Default)]
pub(super) struct Ledger {
    standings: HashMap<String, Standing>,
    lost: usize,
    accepted: u32,
    new_bytes: usize,
}

/// What a proposal is checked against.
pub(super) struct Inputs<'a> {
    pub(super) entries: &'a [Entry],
    /// An event, by its session's id and its own.
    pub(super) event: &'a dyn Fn(&str, &str) -> Option<&'a Event>,
    pub(super) operations_max: u32,
    pub(super) new_bytes_max: u32,
}

impl Ledger {
    /// Accepts an operation and gives its number, or refuses it.
    pub(super) fn propose(
        &mut self,
        operation: &Operation,
        inputs: &Inputs<'_>,
    ) -> Result<u32, Rejection> {
        form(operation)?;
        let effect = Effect::of(&operation.change);
        for id in effect.winner.iter().chain(&effect.settled) {
            if !inputs.entries.iter().any(|entry| entry.id == *id) {
                return Err(Rejection::UnknownEntry(id.clone()));
            }
        }
        let wins = |id: &String| self.standings.get(id) == Some(&Standing::Winner);
        let free = |id: &String| !self.standings.contains_key(id);
        let mut taken = effect.winner.iter().filter(|id| !free(id) && !wins(id));
        if let Some(id) = taken.next().or_else(|| effect.settled.iter().find(|id| !free(id))) {
            return Err(Rejection::AlreadySettled(id.clone()));
        }
        evidence(operation, inputs)?;
        let lost = self.lost + effect.lost;
        if effect.lost > 0 && 2 * lost > inputs.entries.len() {
            let message = format!("{lost} of {} entries would be lost", inputs.entries.len());
            return Err(Rejection::LossCap(message));
        }
        let bytes = self.new_bytes + new_bytes(&operation.change);
        if self.accepted >= inputs.operations_max || bytes > inputs.new_bytes_max as usize {
            return Err(Rejection::TooLarge("more than was asked for".to_owned()));
        }
        self.standings.extend(effect.winner.map(|id| (id, Standing::Winner)));
        self.standings.extend(effect.settled.into_iter().map(|id| (id, Standing::Settled)));
        (self.lost, self.new_bytes) = (lost, bytes);
        self.accepted += 1;
        Ok(self.accepted - 1)
    }
}

/// What a change does to entries, by their ids.
#[derive(Default)]
struct Effect {
    winner: Option<String>,
    settled: Vec<String>,
    lost: usize,
}

impl Effect {
    fn of(change: &Change) -> Self {
        match change {
            Change::Keep(id) => Self { settled: vec![id.clone()], ..Self::default() },
            Change::Drop(id) => Self { settled: vec![id.clone()], lost: 1, winner: None },
            Change::Merge(merge) => {
                let ids = distinct(&merge.entry_ids).filter(|id| **id != merge.survivor_id);
                let settled: Vec<_> = ids.cloned().collect();
                let winner = Some(merge.survivor_id.clone());
                Self { winner, lost: settled.len(), settled }
            }
            Change::Supersede(change) => Self {
                winner: Some(change.winner_id.clone()),
                settled: vec![change.loser_id.clone()],
                lost: 1,
            },
            Change::FlagConflict(conflict) => {
                let settled = distinct(&conflict.entry_ids).cloned().collect();
                Self { settled, ..Self::default() }
            }
            Change::Add(_) => Self::default(),
        }
    }
}

fn distinct(ids: &[String]) -> impl Iterator<Item = &String> {
    let mut seen = HashSet::new();
    ids.iter().filter(move |id| seen.insert(*id))
}

fn new_bytes(change: &Change) -> usize {
    match change {
        Change::Add(addition) => addition.draft.text.len(),
        _ => 0,
    }
}

fn form(operation: &Operation) -> Result<(), Rejection> {
    let malformed = |why: &str| Err(Rejection::Malformed(why.to_owned()));
    if operation.reason.trim().is_empty() {
        return malformed("a reason is needed");
    }
    if operation.evidence.iter().any(|evidence| evidence.quote.is_empty()) {
        return malformed("an empty quote");
    }
    let long = |text: &String| text.len() > QUOTE_BYTES_MAX;
    let quotes = || operation.evidence.iter().map(|evidence| &evidence.quote);
    if long(&operation.reason) || quotes().any(long) || quotes().count() > EVIDENCE_MAX {
        return Err(Rejection::TooLarge("a reason, a quote, or the number of quotes".to_owned()));
    }
    match &operation.change {
        Change::Merge(merge) if distinct(&merge.entry_ids).count() < 2 => {
            malformed("a merge of fewer than two entries")
        }
        Change::Merge(merge) if !merge.entry_ids.contains(&merge.survivor_id) => {
            malformed("the survivor of a merge is not among its entries")
        }
        Change::Supersede(change) if change.winner_id == change.loser_id => {
            malformed("an entry cannot supersede itself")
        }
        Change::FlagConflict(conflict) if distinct(&conflict.entry_ids).count() < 2 => {
            malformed("a conflict of fewer than two entries")
        }
        Change::Add(addition) => {
            let (path, text) = (&addition.draft.path, &addition.draft.text);
            if !path.starts_with('/') || !path.ends_with(".md") || path.contains("..") {
                return malformed("a path is absolute and ends in .md");
            }
            if text.trim().is_empty() || text.trim() != text {
                return malformed("an addition without text, or with blanks around it");
            }
            if text.len() > DRAFT_BYTES_MAX {
                return Err(Rejection::TooLarge("bytes of an addition".to_owned()));
            }
            if super::memory::entries(path, text, 0).len() != 1 {
                return malformed("an addition that is more than one entry");
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn evidence(operation: &Operation, inputs: &Inputs<'_>) -> Result<(), Rejection> {
    let mut trusted = false;
    for evidence in &operation.evidence {
        let event = (inputs.event)(&evidence.session_id, &evidence.event_id);
        let found = event.filter(|event| event.body_json.contains(&evidence.quote));
        let Some(event) = found else {
            return Err(Rejection::QuoteNotFound(evidence.quote.clone()));
        };
        trusted |= event.trust == Trust::Trusted;
    }
    let adds = matches!(operation.change, Change::Add(_));
    if operation.evidence.is_empty() && adds {
        return Err(Rejection::Unsupported("an addition needs a quote".to_owned()));
    }
    if !operation.evidence.is_empty() && !trusted {
        return Err(Rejection::Unsupported("every quote is from untrusted text".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::dream::{self, Operation, Rejection};
    use crate::testing::{Host, Session};

    fn host() -> Host {
        let host = Host::new();
        host.add_memory("/notes.md", "- a\n- b\n- c\n- d\n");
        host.add_session(Session::new("s").saying("trusted").saying("hearsay").untrusted());
        host
    }

    #[test]
    fn an_addition_needs_a_trusted_quote_that_is_there() {
        let _host = host();
        let events: Vec<_> = dream::each_event("s").map(Result::unwrap).collect();
        let add = || Operation::add("/p.md", "- e").because("r");
        assert!(matches!(add().propose(), Err(Rejection::Unsupported(_))));
        let hearsay = add().quoting(&events[1], "hearsay");
        assert!(matches!(hearsay.propose(), Err(Rejection::Unsupported(_))));
        let misquoted = add().quoting(&events[0], "hearsay");
        assert!(matches!(misquoted.propose(), Err(Rejection::QuoteNotFound(_))));
        assert_eq!(hearsay.quoting(&events[0], "trusted").propose(), Ok(0));
    }

    #[test]
    fn an_entry_has_one_place_and_half_of_them_stay() {
        let _host = host();
        let entries = dream::entries();
        let merge = |from: usize| Operation::merge(&entries[0], [&entries[from]]).because("r");
        assert_eq!((merge(1).propose(), merge(2).propose()), (Ok(0), Ok(1)));
        assert!(matches!(merge(1).propose(), Err(Rejection::AlreadySettled(_))));
        assert!(matches!(merge(3).propose(), Err(Rejection::LossCap(_))));
        let again = Operation::keep(&entries[0]).because("r");
        assert!(matches!(again.propose(), Err(Rejection::AlreadySettled(_))));
        let mut stranger = entries[3].clone();
        stranger.id = "x".into();
        let stranger = Operation::drop(&stranger).because("r");
        assert!(matches!(stranger.propose(), Err(Rejection::UnknownEntry(_))));
    }

    #[test]
    fn what_makes_no_sense_is_malformed() {
        let _host = host();
        let entries = dream::entries();
        let event = dream::each_event("s").next().unwrap().unwrap();
        let one = &entries[0];
        let add = |path: &str, text: &str| Operation::add(path, text).quoting(&event, "trusted");
        for operation in [
            Operation::merge(one, []),
            Operation::supersede(one, one, 0),
            Operation::flag_conflict([one, one]),
            Operation::drop(one).because(" "),
            Operation::drop(one).quoting(&event, ""),
            add("p.md", "a"),
            add("/p.txt", "a"),
            add("/p.md", " a"),
            add("/p.md", "a\n\nb"),
        ] {
            let operation = match operation.reason.as_str() {
                "" => operation.because("r"),
                _ => operation,
            };
            let answer = operation.propose();
            assert!(matches!(answer, Err(Rejection::Malformed(_))), "{operation:?}: {answer:?}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let host = host();
        let event = dream::each_event("s").next().unwrap().unwrap();
        let add = |text: String| Operation::add("/p.md", text).quoting(&event, "trusted");
        let many = (0..257).fold(add("a".into()), |operation, _| operation.quoting(&event, "t"));
        for operation in [
            add("a".repeat(4_097)).because("r"),
            add("a".into()).because("r".repeat(1_025)),
            many.because("r"),
        ] {
            assert!(matches!(operation.propose(), Err(Rejection::TooLarge(_))));
        }
        host.allow(1, 10);
        assert_eq!(add("a".repeat(10)).because("r").propose(), Ok(0));
        assert!(matches!(add("a".into()).because("r").propose(), Err(Rejection::TooLarge(_))));
    }
}
