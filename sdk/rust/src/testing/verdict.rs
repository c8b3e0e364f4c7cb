//! What the fake host says to a proposal: the host's rules, in short.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::session::Session;
use crate::dream::{Addition, Change, Entry, Event, Operation, Rejection, RuleKind};

/// Bytes of a quote, and of a reason.
const QUOTE_BYTES_MAX: usize = 1_024;

/// Bytes of a quote at least.
const QUOTE_BYTES_MIN: usize = 3;
/// Bytes of a new entry.
const DRAFT_BYTES_MAX: usize = 4_096;
/// Quotes for one operation.
const EVIDENCE_MAX: usize = 256;

/// What became of an entry. It has one such place; others may still end in it unless it is
/// dropped.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Stays,
    Lost,
    Dropped,
}

/// What was accepted so far.
#[derive(Default)]
pub(super) struct Ledger {
    standings: HashMap<String, Standing>,
    /// What each that lost ended in.
    into: HashMap<String, String>,
    lost: usize,
    accepted: u32,
    new_bytes: usize,
}

/// What a proposal is checked against.
pub(super) struct Inputs<'a> {
    pub(super) entries: &'a [Entry],
    pub(super) sessions: &'a [Session],
    pub(super) operations_max: u32,
    pub(super) new_bytes_max: u32,
}

impl Inputs<'_> {
    fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.summary.id == id)
    }

    fn event(&self, session_id: &str, event_id: &str) -> Option<&Event> {
        self.session(session_id)?.events.iter().find(|event| event.id == event_id)
    }
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
        for id in effect.winner.iter().chain(effect.settled.iter().map(|(id, _)| id)) {
            if !inputs.entries.iter().any(|entry| entry.id == *id) {
                return Err(Rejection::UnknownEntry(id.clone()));
            }
        }
        if let Some(id) = self.settled(&effect) {
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
        if let Some(winner) = &effect.winner {
            let lost = effect.settled.iter().map(|(id, _)| (id.clone(), winner.clone()));
            self.into.extend(lost);
        }
        self.standings.extend(effect.settled);
        (self.lost, self.new_bytes) = (lost, bytes);
        self.accepted += 1;
        Ok(self.accepted - 1)
    }

    /// The first entry that cannot be given the place that it would get.
    fn settled<'a>(&'a self, effect: &'a Effect) -> Option<&'a String> {
        let wins = |id: &String| self.into.values().any(|winner| winner == id);
        let taken = effect.settled.iter().find(|(id, standing)| {
            self.standings.contains_key(id) || (*standing == Standing::Dropped && wins(id))
        });
        let gone = |id: &&String| self.standings.get(*id) == Some(&Standing::Dropped);
        // Up from the winner, as far as it lost itself: nothing loses in a circle.
        let mut above = effect.winner.as_ref();
        while let Some(id) = above {
            if effect.settled.iter().any(|(other, _)| other == id) {
                return Some(id);
            }
            above = self.into.get(id);
        }
        effect.winner.as_ref().filter(gone).or(taken.map(|(id, _)| id))
    }
}

/// What a change does to entries, by their ids.
#[derive(Default)]
struct Effect {
    winner: Option<String>,
    settled: Vec<(String, Standing)>,
    lost: usize,
}

impl Effect {
    fn of(change: &Change) -> Self {
        let one = |id: &String, standing| vec![(id.clone(), standing)];
        match change {
            Change::Keep(id) => Self { settled: one(id, Standing::Stays), ..Self::default() },
            Change::Drop(id) => Self { settled: one(id, Standing::Dropped), lost: 1, winner: None },
            Change::Merge(merge) => {
                let ids = distinct(&merge.entry_ids).filter(|id| **id != merge.survivor_id);
                let settled: Vec<_> = ids.map(|id| (id.clone(), Standing::Lost)).collect();
                let winner = Some(merge.survivor_id.clone());
                Self { winner, lost: settled.len(), settled }
            }
            Change::Supersede(change) => Self {
                winner: Some(change.winner_id.clone()),
                settled: one(&change.loser_id, Standing::Lost),
                lost: 1,
            },
            Change::FlagConflict(conflict) => {
                let ids = distinct(&conflict.entry_ids);
                let settled = ids.map(|id| (id.clone(), Standing::Stays)).collect();
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
    if operation.evidence.iter().any(|evidence| evidence.quote.len() < QUOTE_BYTES_MIN) {
        return malformed("a quote of fewer than three bytes");
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
        let event = inputs.event(&evidence.session_id, &evidence.event_id);
        let found = event.filter(|event| event.body_json.contains(&evidence.quote));
        let Some(event) = found else {
            return Err(Rejection::QuoteNotFound(evidence.quote.clone()));
        };
        trusted |= event.is_trusted();
    }
    let adds = matches!(operation.change, Change::Add(_));
    if operation.evidence.is_empty() && adds {
        return unsupported("an addition needs a quote");
    }
    if !operation.evidence.is_empty() && !trusted {
        return unsupported("every quote is from untrusted text");
    }
    match &operation.change {
        Change::Add(addition) => counted(addition, operation, inputs),
        _ => Ok(()),
    }
}

/// The sessions a rule counts are read here, and not more than half of them are of one
/// principal where there are several.
fn counted(
    addition: &Addition,
    operation: &Operation,
    inputs: &Inputs<'_>,
) -> Result<(), Rejection> {
    let quoted = || operation.evidence.iter().map(|evidence| &evidence.session_id);
    let counted: BTreeSet<&String> = match &addition.statistics {
        Some(statistics) => statistics.session_ids.iter().collect(),
        None if addition.kind == RuleKind::Theme => return Ok(()),
        None => quoted().collect(),
    };
    let mut principals: HashMap<&str, usize> = HashMap::new();
    for id in &counted {
        let Some(session) = inputs.session(id) else {
            return unsupported("a session that is counted is not read here");
        };
        *principals.entry(session.summary.principal.as_str()).or_default() += 1;
    }
    let all: HashSet<_> = inputs.sessions.iter().map(|it| &it.summary.principal).collect();
    if all.len() > 1 && principals.values().any(|sessions| 2 * sessions > counted.len()) {
        return unsupported("more than half of the sessions counted are of one principal");
    }
    Ok(())
}

fn unsupported(why: &str) -> Result<(), Rejection> {
    Err(Rejection::Unsupported(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use crate::dream::{self, Operation, Origin, Rejection, RuleKind};
    use crate::testing::{Host, Session};

    fn host() -> Host {
        let host = Host::new();
        host.add_memory("/notes.md", "- a\n- b\n- c\n- d\n");
        let session = Session::new("s").saying("trusted").saying("hearsay");
        host.add_session(session.coming_from(Origin::Outside));
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
    fn a_rule_that_rests_on_one_principal_among_several_is_unsupported() {
        let host = host();
        for (id, principal) in [("a1", "ada"), ("a2", "ada"), ("b1", "bob"), ("b2", "bob")] {
            host.add_session(Session::new(id).on_behalf_of(principal).saying("slowly"));
        }
        let rule = |ids: &[&str]| {
            let rule = Operation::add("/p.md", "- e").of_kind(RuleKind::Sequence).because("r");
            let events = ids.iter().map(|id| dream::each_event(id).next().unwrap().unwrap());
            events.fold(rule, |rule, event| rule.quoting(&event, "slowly")).propose()
        };
        assert!(matches!(rule(&["a1", "a2", "b1"]), Err(Rejection::Unsupported(_))));
        assert_eq!(rule(&["a1", "a2", "b1", "b2"]), Ok(0));
        let theme = Operation::add("/p.md", "- f").because("r");
        let event = dream::each_event("a1").next().unwrap().unwrap();
        assert_eq!(theme.quoting(&event, "slowly").propose(), Ok(1));
    }

    #[test]
    fn an_entry_has_one_place_and_half_of_them_stay() {
        let _host = host();
        let entries = dream::entries();
        let merge = |from: usize| Operation::merge(&entries[0], [&entries[from]]).because("r");
        assert_eq!((merge(1).propose(), merge(2).propose()), (Ok(0), Ok(1)));
        assert!(matches!(merge(1).propose(), Err(Rejection::AlreadySettled(_))));
        assert!(matches!(merge(3).propose(), Err(Rejection::LossCap(_))));
        let again = Operation::keep(&entries[1]).because("r");
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
        let many = (0..257).fold(add("a".into()), |operation, _| operation.quoting(&event, "tru"));
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
