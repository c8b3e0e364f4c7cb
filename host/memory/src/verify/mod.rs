//! What the host says to each operation a dream proposes, and the ledger.
//!
//! The strategy is not trusted: it may be wrong, or steered by text it read. So nothing it
//! says is taken on faith that can be checked here.

mod evidence;
mod form;
mod size;

use std::collections::{BTreeMap, HashMap};

use lucid_core::{Change, LedgerLine, Operation, Place, Rejection};

use crate::{Entry, Snapshot};

pub use evidence::Quotes;
pub use form::check_path;

/// What an addition may add to its file beside its text: what sets it apart from the entry
/// before, and a final line break.
const SEAM_BYTES_MAX: u64 = 32;

/// What one dream may propose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Accepted operations; as many rejected ones are kept to be shown. 10,000.
    pub operations_max: u32,
    /// Bytes of all additions together. 256 KiB.
    pub new_bytes_max: u64,
    /// The share of the input's entries that may be dropped, superseded or merged away,
    /// 0 to 1. A half.
    pub loss_fraction_max: f64,
    /// Bytes of one quote; it has at least one. 1,024.
    pub quote_bytes_max: u64,
    /// Bytes of one addition's text. 4,096.
    pub draft_bytes_max: u64,
    /// Bytes of one reason. 1,024.
    pub reason_bytes_max: u64,
    /// Quotes for one operation. 256.
    pub evidence_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            operations_max: 10_000,
            new_bytes_max: 256 << 10,
            loss_fraction_max: 0.5,
            quote_bytes_max: 1_024,
            draft_bytes_max: 4_096,
            reason_bytes_max: 1_024,
            evidence_max: 256,
        }
    }
}

/// What came of all proposals.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The accepted operations; an operation's number is its place here.
    pub operations: Vec<Operation>,
    /// The refused ones, each with why, in the order they came.
    pub rejections: Vec<(Operation, Rejection)>,
    /// How many more were refused than are kept in `rejections`.
    pub rejections_dropped: u64,
    /// What became of every entry of the input store, in the store's order.
    pub ledger: Vec<LedgerLine>,
}

/// Whether later operations may still name an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing named it.
    Free,
    /// Others were merged into it or superseded by it: it stays, and more may follow.
    Winner,
    /// It has its place.
    Settled,
}

/// What became of one entry so far.
struct Fate {
    standing: Standing,
    place: Place,
    operation: Option<u32>,
}

/// What an operation does to the input's entries, by their numbers.
#[derive(Default)]
struct Effect {
    winner: Option<usize>,
    settled: Vec<(usize, Place)>,
}

/// Checks the operations of one dream, one by one.
pub struct Verifier<Q> {
    entries: Vec<Entry>,
    numbers: HashMap<String, usize>,
    fates: Vec<Fate>,
    lost: usize,
    /// How large each file can get, were all additions accepted and nothing else.
    file_bytes: BTreeMap<String, u64>,
    new_bytes: u64,
    bounds: Bounds,
    quotes: Q,
    operations: Vec<Operation>,
    rejections: Vec<(Operation, Rejection)>,
    rejections_dropped: u64,
}

impl<Q: Quotes> Verifier<Q> {
    /// Starts with every entry of the input store kept.
    pub fn new(snapshot: &Snapshot, bounds: Bounds, quotes: Q) -> Self {
        let entries = snapshot.entries();
        let numbers = entries.iter().map(|entry| entry.id.clone()).zip(0..).collect();
        let free = || Fate { standing: Standing::Free, place: Place::Kept, operation: None };
        let sizes = snapshot.memories.iter();
        Self {
            fates: entries.iter().map(|_| free()).collect(),
            numbers,
            entries,
            lost: 0,
            file_bytes: sizes
                .map(|(path, memory)| (path.clone(), memory.content.len() as u64))
                .collect(),
            new_bytes: 0,
            bounds,
            quotes,
            operations: Vec::new(),
            rejections: Vec::new(),
            rejections_dropped: 0,
        }
    }

    /// The entries of the input store, ordered by path, then by place.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Accepts an operation and gives its number, or refuses it.
    ///
    /// # Errors
    /// The first reason to refuse it: malformed, an unknown entry, an entry that is settled,
    /// evidence, the loss cap, size.
    pub fn propose(&mut self, operation: Operation) -> Result<u32, Rejection> {
        match self.check(&operation) {
            Ok(effect) => Ok(self.accept(operation, effect)),
            Err(rejection) => {
                if self.rejections.len() < self.bounds.operations_max as usize {
                    self.rejections.push((operation, rejection.clone()));
                } else {
                    self.rejections_dropped += 1;
                }
                Err(rejection)
            }
        }
    }

    /// Ends the dream: every entry of the input store has exactly one line in the ledger.
    #[must_use]
    pub fn finish(self) -> Outcome {
        let lines = self.entries.into_iter().zip(self.fates);
        let ledger = lines.map(|(entry, fate)| LedgerLine {
            entry_id: entry.id,
            path: entry.path,
            text: entry.text,
            place: fate.place,
            operation: fate.operation,
        });
        Outcome {
            ledger: ledger.collect(),
            operations: self.operations,
            rejections: self.rejections,
            rejections_dropped: self.rejections_dropped,
        }
    }

    fn check(&self, operation: &Operation) -> Result<Effect, Rejection> {
        form::check(operation)?;
        let effect = self.effect(&operation.change)?;
        self.check_standing(&effect)?;
        evidence::check(operation, &self.quotes)?;
        self.check_loss(&effect)?;
        self.check_size(operation)?;
        Ok(effect)
    }

    fn number(&self, entry_id: &str) -> Result<usize, Rejection> {
        let number = self.numbers.get(entry_id).copied();
        number.ok_or_else(|| Rejection::UnknownEntry(form::shown(entry_id)))
    }

    fn effect(&self, change: &Change) -> Result<Effect, Rejection> {
        let mut effect = Effect::default();
        match change {
            Change::Keep { entry_id } => {
                effect.settled.push((self.number(entry_id)?, Place::Kept));
            }
            Change::Drop { entry_id } => {
                effect.settled.push((self.number(entry_id)?, Place::Dropped));
            }
            Change::Merge { entry_ids, survivor_id } => {
                effect.winner = Some(self.number(survivor_id)?);
                for entry_id in form::distinct(entry_ids).filter(|id| *id != survivor_id) {
                    let place = Place::MergedInto { entry_id: survivor_id.clone() };
                    effect.settled.push((self.number(entry_id)?, place));
                }
            }
            Change::Supersede { loser_id, winner_id, since } => {
                let place = Place::SupersededBy { entry_id: winner_id.clone(), since: *since };
                effect.settled.push((self.number(loser_id)?, place));
                effect.winner = Some(self.number(winner_id)?);
            }
            Change::FlagConflict { entry_ids } => {
                for entry_id in form::distinct(entry_ids) {
                    let others = form::distinct(entry_ids).filter(|id| *id != entry_id);
                    let entry_ids = others.map(str::to_owned).collect();
                    effect.settled.push((self.number(entry_id)?, Place::InConflict { entry_ids }));
                }
            }
            Change::Add { .. } => {}
        }
        Ok(effect)
    }

    fn check_standing(&self, effect: &Effect) -> Result<(), Rejection> {
        let settled = effect.settled.iter().map(|(number, _)| (*number, false));
        let winner = effect.winner.iter().map(|number| (*number, true));
        for (number, wins) in winner.chain(settled) {
            let fate = &self.fates[number];
            let free = match fate.standing {
                Standing::Free => true,
                Standing::Winner => wins,
                Standing::Settled => false,
            };
            if !free {
                let by = fate.operation.unwrap_or_default();
                let entry_id = &self.entries[number].id;
                return Err(Rejection::AlreadySettled(format!("{entry_id} by operation {by}")));
            }
        }
        Ok(())
    }

    fn check_loss(&self, effect: &Effect) -> Result<(), Rejection> {
        let losses = losses(effect);
        // A hair more, because 0.29 of 100 entries has to be 29.
        let cap = self.entries.len() as f64 * self.bounds.loss_fraction_max + 1e-9;
        let fits = ((self.lost + losses) as f64) <= cap;
        if losses == 0 || fits {
            return Ok(());
        }
        Err(Rejection::LossCap(format!(
            "{} of {} entries would be lost, and at most a share of {} may be",
            self.lost + losses,
            self.entries.len(),
            self.bounds.loss_fraction_max,
        )))
    }

    fn accept(&mut self, operation: Operation, effect: Effect) -> u32 {
        // `check_size` keeps the count within `operations_max`, a u32.
        let number = u32::try_from(self.operations.len()).unwrap_or(u32::MAX);
        self.lost += losses(&effect);
        if let Some(winner) = effect.winner {
            self.fates[winner].standing = Standing::Winner;
            self.fates[winner].operation.get_or_insert(number);
        }
        for (settled, place) in effect.settled {
            let operation = Some(number);
            self.fates[settled] = Fate { standing: Standing::Settled, place, operation };
        }
        if let Change::Add { draft, .. } = &operation.change {
            let bytes = self.file_bytes_with(draft);
            self.file_bytes.insert(draft.path.clone(), bytes);
            self.new_bytes += draft.text.len() as u64;
        }
        self.operations.push(operation);
        number
    }
}

fn losses(effect: &Effect) -> usize {
    let lost = |place: &Place| {
        matches!(place, Place::Dropped | Place::MergedInto { .. } | Place::SupersededBy { .. })
    };
    effect.settled.iter().filter(|(_, place)| lost(place)).count()
}
