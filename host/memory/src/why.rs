//! Where an entry comes from, back through the dreams to what they quote.

use std::collections::{BTreeSet, HashMap, VecDeque};

use lucid_core::{
    Change, Dream, DreamId, DreamOperation, LedgerLine, MemoryStoreId, OperationState,
};
use serde::{Deserialize, Serialize};

use crate::entry::entry_id;

/// How many entries of one memory with the same text are told apart.
const OCCURRENCES_MAX: u32 = 64;

/// The most entries that are followed back.
const STEPS_MAX: usize = 10_000;

/// What is known of one entry in one store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhyStep {
    /// The store.
    pub memory_store_id: MemoryStoreId,
    /// The entry in it.
    pub entry_id: String,
    /// The dream that made the store; none for a store that no dream made, and for an entry
    /// that was written into the store afterwards: there its story begins.
    pub dream_id: Option<DreamId>,
    /// The accepted operations of that dream that the entry is there by: the one that added
    /// it, or those that merged others into it, let it replace others, or kept it.
    pub operations: Vec<DreamOperation>,
}

/// Follows an entry back, the newest store first: through the dreams that made the stores,
/// to the operations with their quotes, and to the entries that were merged into it. The
/// dreams may come in any order; those that do not belong are left alone.
#[must_use]
pub fn why(store: &MemoryStoreId, entry_id: &str, dreams: &[Dream]) -> Vec<WhyStep> {
    let made = |id: &MemoryStoreId| {
        dreams.iter().find(|dream| dream.memory_store_out.as_ref() == Some(id))
    };
    let mut queue = VecDeque::from([(store.clone(), entry_id.to_owned())]);
    let mut seen = BTreeSet::new();
    let mut steps = Vec::new();
    while let Some((memory_store_id, entry_id)) = queue.pop_front() {
        let is_new = seen.insert((memory_store_id.as_str().to_owned(), entry_id.clone()));
        if !is_new || steps.len() >= STEPS_MAX {
            continue;
        }
        let (dream_id, operations) = match made(&memory_store_id) {
            Some(dream) => {
                let found = Past::of(dream).find(&entry_id);
                let before = found.before.into_iter();
                queue.extend(before.map(|id| (dream.memory_store_in.clone(), id)));
                (found.is_known.then(|| dream.id.clone()), found.operations)
            }
            None => (None, Vec::new()),
        };
        steps.push(WhyStep { memory_store_id, entry_id, dream_id, operations });
    }
    steps
}

/// What a dream knows of an entry of the store it made.
#[derive(Default)]
struct Found {
    is_known: bool,
    operations: Vec<DreamOperation>,
    /// The entries of the input store that it goes back to.
    before: Vec<String>,
}

/// What a dream did, by entry.
struct Past<'a> {
    dream: &'a Dream,
    /// The lines of the ledger by entry.
    lines: HashMap<&'a str, &'a LedgerLine>,
    /// What took an entry out, by entry: what stands for it, if anything.
    lost: HashMap<&'a str, Option<&'a str>>,
}

impl<'a> Past<'a> {
    fn of(dream: &'a Dream) -> Self {
        let lines = dream.ledger.iter().map(|line| (line.entry_id.as_str(), line)).collect();
        let mut lost = HashMap::new();
        for operation in dream.in_state(OperationState::Accepted) {
            let winner = operation.change.winner_id();
            lost.extend(operation.change.lost_ids().map(|id| (id, winner)));
        }
        Self { dream, lines, lost }
    }

    fn accepted(&self) -> impl Iterator<Item = &'a DreamOperation> + use<'a> {
        self.dream.in_state(OperationState::Accepted)
    }

    fn find(&self, id: &str) -> Found {
        if let Some(source) = self.source(id) {
            return self.kept(source);
        }
        let added = self.accepted().find(|operation| match &operation.change {
            Change::Add { draft, .. } => {
                (0..OCCURRENCES_MAX).any(|place| entry_id(&draft.path, &draft.text, place) == id)
            }
            _ => false,
        });
        match added {
            Some(operation) => {
                Found { is_known: true, operations: vec![operation.clone()], before: Vec::new() }
            }
            None => Found::default(),
        }
    }

    /// The entry of the input store that an entry of the output store is. Its id may be
    /// another's in the input store: of two with the same text the first went.
    fn source(&self, id: &str) -> Option<&'a str> {
        let line = *self.lines.get(id)?;
        if !self.lost.contains_key(line.entry_id.as_str()) {
            return Some(line.entry_id.as_str());
        }
        let same = |other: &&LedgerLine| other.path == line.path && other.text == line.text;
        let stands = |other: &&LedgerLine| !self.lost.contains_key(other.entry_id.as_str());
        let twin = self.dream.ledger.iter().filter(same).find(stands);
        twin.map(|line| line.entry_id.as_str())
    }

    fn kept(&self, id: &str) -> Found {
        let mut found = Found { is_known: true, before: vec![id.to_owned()], ..Found::default() };
        for operation in self.accepted() {
            match &operation.change {
                Change::Merge { survivor_id, .. } if survivor_id == id => {
                    found.before.extend(operation.change.lost_ids().map(str::to_owned));
                }
                Change::Supersede { winner_id, .. } if winner_id == id => {}
                Change::Keep { entry_id } if entry_id == id => {}
                Change::FlagConflict { entry_ids } if entry_ids.iter().any(|one| one == id) => {}
                _ => continue,
            }
            found.operations.push(operation.clone());
        }
        found
    }
}
