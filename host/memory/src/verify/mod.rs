//! What the host says to each operation a dream proposes, and the ledger.
//!
//! The strategy is not trusted: it may be wrong, or steered by text it read. So nothing it
//! says is taken on faith that can be checked here.

mod addition;
mod bounds;
mod evidence;
mod form;
mod numbers;
mod record;
mod size;
mod standing;
mod time;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use lucid_core::{Change, Class, DreamOperation, LedgerLine, Operation, Rejection};

use crate::index::Index;
use crate::{Entry, Snapshot, class, ledger};
use standing::{Effect, Fate};

pub use bounds::Bounds;
pub use evidence::Quotes;
pub use form::check_path;
pub(crate) use form::distinct;

/// What came of all proposals.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// All proposals in the order they came, those that were refused among them; the others
    /// wait.
    pub operations: Vec<DreamOperation>,
    /// How many more were refused than are kept in `operations`.
    pub rejections_dropped: u64,
    /// What becomes of every entry of the input store, in the store's order.
    pub ledger: Vec<LedgerLine>,
}

/// An operation that may be taken.
struct Judged {
    effect: Effect,
    record: DreamOperation,
}

/// Checks the operations of one dream, one by one.
pub struct Verifier<Q> {
    index: Index,
    fates: Vec<Fate>,
    lost: usize,
    /// How large each file can get, were all additions accepted and nothing else.
    file_bytes: BTreeMap<String, u64>,
    new_bytes: u64,
    evidence_bytes: u64,
    rejected_bytes: u64,
    /// What the additions so far say, in normal form.
    added: BTreeMap<String, String>,
    /// What the store says, in normal form, with the number of the first that does.
    said: OnceLock<HashMap<String, usize>>,
    /// What the store names.
    names: OnceLock<BTreeSet<String>>,
    bounds: Bounds,
    quotes: Q,
    taken: u32,
    operations: Vec<DreamOperation>,
    /// Whether the newest proposal is in `operations`.
    is_last_kept: bool,
    rejections: u32,
    rejections_dropped: u64,
}

impl<Q: Quotes> Verifier<Q> {
    /// Starts with every entry of the input store kept.
    pub fn new(snapshot: &Snapshot, bounds: Bounds, quotes: Q) -> Self {
        let index = Index::of(snapshot);
        let sizes = snapshot.memories.iter();
        Self {
            fates: vec![Fate::default(); index.entries().len()],
            index,
            lost: 0,
            file_bytes: sizes
                .map(|(path, memory)| (path.clone(), memory.content.len() as u64))
                .collect(),
            new_bytes: 0,
            evidence_bytes: 0,
            rejected_bytes: 0,
            added: BTreeMap::new(),
            said: OnceLock::new(),
            names: OnceLock::new(),
            bounds,
            quotes,
            taken: 0,
            operations: Vec::new(),
            is_last_kept: false,
            rejections: 0,
            rejections_dropped: 0,
        }
    }

    /// The entries of the input store, ordered by path, then by place.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        self.index.entries()
    }

    /// The newest proposal as it is kept: masked, with its id and class. None where nothing
    /// was proposed, or the newest is a refusal too many to be kept.
    #[must_use]
    pub fn last(&self) -> Option<&DreamOperation> {
        self.operations.last().filter(|_| self.is_last_kept)
    }

    /// Takes an operation and says how many were taken before it, or refuses it.
    ///
    /// # Errors
    /// The first reason to refuse it: malformed, its own size, an unknown entry, an entry
    /// that is settled, evidence, time, what an addition says, the loss cap, the size of all.
    pub fn propose(&mut self, operation: Operation) -> Result<u32, Rejection> {
        match self.judge(&operation) {
            Ok(judged) => Ok(self.take(judged)),
            Err(rejection) => {
                self.refuse(&operation, &rejection);
                Err(rejection)
            }
        }
    }

    /// Ends the dream: every entry of the input store has exactly one line in the ledger.
    #[must_use]
    pub fn finish(self) -> Outcome {
        Outcome {
            ledger: ledger::lines(self.index.entries(), &self.operations),
            operations: self.operations,
            rejections_dropped: self.rejections_dropped,
        }
    }

    fn judge(&self, operation: &Operation) -> Result<Judged, Rejection> {
        form::check(operation)?;
        self.check_own_size(operation)?;
        let effect = self.effect(&operation.change)?;
        self.check_standing(&effect)?;
        let quoted = evidence::look_up(operation, &self.quotes)?;
        evidence::check(operation, &quoted, &self.quotes)?;
        self.check_time(&operation.change)?;
        let class = class::of(&operation.change, &self.index);
        self.check_addition(operation, &quoted)?;
        self.check_loss(&effect, class)?;
        let id = self.next_id();
        let record = record::record(id, operation, class, &self.index, &self.bounds);
        if let Change::Add { draft, .. } = &record.change {
            // What is left when secrets are masked has to be one entry still.
            form::check_draft(draft)?;
        }
        self.check_size(&record)?;
        Ok(Judged { effect, record })
    }

    fn next_id(&self) -> String {
        format!("dop_{}", self.operations.len() + 1)
    }

    fn take(&mut self, Judged { effect, record }: Judged) -> u32 {
        let number = self.operations.len();
        if loses(record.class) {
            self.lost += effect.lost();
        }
        self.settle(&effect, number);
        if let Change::Add { draft, .. } = &record.change {
            let bytes = self.file_bytes_with(draft);
            self.file_bytes.insert(draft.path.clone(), bytes);
            self.new_bytes += draft.text.len() as u64;
            self.added.insert(lucid_facts::normal(&draft.text), record.id.clone());
        }
        self.evidence_bytes += size::evidence_bytes(&record);
        self.operations.push(record);
        self.is_last_kept = true;
        self.taken += 1;
        self.taken - 1
    }

    fn refuse(&mut self, operation: &Operation, rejection: &Rejection) {
        let id = self.next_id();
        let record = record::refused(id, operation, rejection, &self.index, &self.bounds);
        let bytes = self.rejected_bytes + size::bytes(&record);
        self.is_last_kept =
            self.rejections < self.bounds.operations_max && bytes <= self.bounds.rejected_bytes_max;
        if self.is_last_kept {
            self.rejected_bytes = bytes;
            self.rejections += 1;
            self.operations.push(record);
        } else {
            self.rejections_dropped += 1;
        }
    }

    fn check_loss(&self, effect: &Effect, class: Class) -> Result<(), Rejection> {
        let losses = if loses(class) { effect.lost() } else { 0 };
        // A hair more, because 0.29 of 100 entries has to be 29.
        let entries = self.index.entries().len();
        let cap = entries as f64 * self.bounds.loss_fraction_max + 1e-9;
        let fits = ((self.lost + losses) as f64) <= cap;
        if losses == 0 || fits {
            return Ok(());
        }
        Err(Rejection::LossCap(format!(
            "{} of {entries} entries would be lost, and at most a share of {} may be",
            self.lost + losses,
            self.bounds.loss_fraction_max,
        )))
    }
}

/// Whether what an operation of a class takes out counts as lost: what is merged into an
/// entry that says all of it is not.
fn loses(class: Class) -> bool {
    !matches!(class, Class::Identical | Class::Subsumed)
}
