//! Deciding about what a dream proposed. The output store is always the input as the dream
//! read it with the accepted operations applied, so undoing everything is the input again.

use lucid_core::{
    Author, Change, Dream, DreamId, DreamStatus, Failure, MemoryStoreId, OperationState, Proof,
    Result,
};
use lucid_memory::{Decision, MemoryDiff, Snapshot};
use lucid_store::{DreamChange, DreamJob, ProofNeeded};

use super::output::{Pen, snapshot_of, towards};
use crate::ambient::{SystemClock, SystemEntropy};
use crate::state::Runtime;

/// Which operations of a dream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// All that can be: to accept or reject those that wait or were undone, to undo those
    /// that are accepted.
    All,
    /// These, such as `dop_1`.
    These(Vec<String>),
}

impl Chosen {
    fn ids(&self) -> Option<&[String]> {
        match self {
            Self::All => None,
            Self::These(ids) => Some(ids),
        }
    }
}

/// What a diff of a dream shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiffOf {
    /// What is in the output store.
    Accepted,
    /// That, and what waits.
    #[default]
    AcceptedAndProposed,
}

/// A dream that completed, with what it read.
pub(super) struct Read {
    pub(super) dream: Dream,
    pub(super) job: DreamJob,
    pub(super) snapshot: Snapshot,
    pub(super) output: MemoryStoreId,
}

impl Runtime {
    /// Takes operations into the output store, in one transaction.
    ///
    /// # Errors
    /// Invalid, when there is no such dream or operation, the dream did not complete, or the
    /// host refused the operation; denied, when the dream's mission requires a proof for it
    /// and there is none; failed, when the store fails.
    pub async fn accept_dream(&self, id: &DreamId, chosen: &Chosen) -> Result<Dream> {
        self.decide(id, Decision::Accept, chosen).await
    }

    /// Says no to operations that wait.
    ///
    /// # Errors
    /// As [`Runtime::accept_dream`]; invalid also for an operation that is accepted.
    pub async fn reject_dream(&self, id: &DreamId, chosen: &Chosen) -> Result<Dream> {
        self.decide(id, Decision::Reject, chosen).await
    }

    /// Takes operations out of the output store again, in one transaction. When all are, it
    /// holds what the input held, byte for byte.
    ///
    /// # Errors
    /// As [`Runtime::accept_dream`]; invalid also for an operation that is not accepted.
    pub async fn undo_dream(&self, id: &DreamId, chosen: &Chosen) -> Result<Dream> {
        self.decide(id, Decision::Undo, chosen).await
    }

    /// What a dream changes, by memory, with its operations and at most three quotes of each.
    ///
    /// # Errors
    /// Invalid, when there is no such dream, it did not complete, or what it read was
    /// redacted.
    pub async fn dream_diff(&self, id: &DreamId, of: DiffOf) -> Result<Vec<MemoryDiff>> {
        let Read { dream, snapshot, .. } = self.read_dream(id).await?;
        let with_proposed = of == DiffOf::AcceptedAndProposed;
        Ok(lucid_memory::diff_dream(&snapshot, &dream.operations, with_proposed))
    }

    async fn decide(&self, id: &DreamId, decision: Decision, chosen: &Chosen) -> Result<Dream> {
        self.settle_forgetting(id).await?;
        let mut read = self.read_dream(id).await?;
        loop {
            let mut after = read.dream.clone();
            if lucid_memory::decide(&mut after.operations, decision, chosen.ids())? == 0 {
                return Ok(read.dream);
            }
            check_proof(&read, &after)?;
            let refused = match self.write_decided(&read, after).await {
                Ok(written) => return Ok(written),
                Err(refused) => refused,
            };
            // Somebody decided about others this moment, or wrote a proof: it is decided about
            // what there is by now.
            let now = self.read_dream(id).await?;
            if now.dream == read.dream {
                return Err(refused);
            }
            read = now;
        }
    }

    /// Writes a dream whose operations were decided about, and its output store.
    pub(super) async fn write_decided(&self, read: &Read, mut after: Dream) -> Result<Dream> {
        let Read { dream, snapshot, output, .. } = read;
        after.ledger = lucid_memory::ledger(snapshot, &after.operations);
        let change = self.change_to(after.clone(), snapshot, output).await?;
        self.store.change_dream(dream, change).await?;
        Ok(after)
    }

    /// The change that makes a dream's output store what its operations say.
    pub(super) async fn change_to(
        &self,
        after: Dream,
        snapshot: &Snapshot,
        output: &MemoryStoreId,
    ) -> Result<DreamChange> {
        let (clock, entropy) = (SystemClock::default(), SystemEntropy);
        let pen = Pen { clock: &clock, entropy: &entropy };
        let heads = self.store.memories(output).await?;
        let texts = lucid_memory::apply(snapshot, &after.operations);
        let author = Author::Dream { dream_id: after.id.clone() };
        let versions = towards(output, &heads, &texts, &author, pen);
        let earlier = self.store.intervals(&after.memory_store_in).await?;
        let held = lucid_memory::intervals(&earlier, snapshot, &after.id, &after.operations);
        let (versions, intervals) =
            (Some((output.clone(), versions)), Some((output.clone(), held)));
        Ok(DreamChange { versions, intervals, ..DreamChange::to(after) })
    }

    /// A dream that completed, with the store as it read it.
    pub(super) async fn read_dream(&self, id: &DreamId) -> Result<Read> {
        let dream = self.dream(id).await?;
        let output = match (dream.status, &dream.memory_store_out) {
            (DreamStatus::Completed, Some(output)) => output.clone(),
            (status, _) => {
                return Err(Failure::invalid(format!("dream {id} is {}", status.as_str()))
                    .hint("only what a dream that completed proposed can be decided about"));
            }
        };
        let job = self.job(id).await?;
        let snapshot = self.snapshot(&job).await?.ok_or_else(|| {
            Failure::invalid(format!("what dream {id} read was redacted"))
                .hint("dream again with `lucid dream start`")
        })?;
        Ok(Read { dream, job, snapshot, output })
    }

    /// The input store as a dream read it; none where a part of it was redacted since.
    pub(super) async fn snapshot(&self, job: &DreamJob) -> Result<Option<Snapshot>> {
        let mut versions = Vec::with_capacity(job.input_versions.len());
        for id in &job.input_versions {
            let Some(version) = self.store.memory_version(id).await? else { return Ok(None) };
            versions.push(version);
        }
        Ok(snapshot_of(versions))
    }
}

/// What was mined is accepted only with the proof that the dream's mission requires: the one
/// that the dream is to have.
pub(super) fn check_proof(read: &Read, after: &Dream) -> Result<()> {
    let Some(needed) = read.job.proof.as_ref() else { return Ok(()) };
    let has_passed = after.proof.as_ref().is_some_and(|proof| proves(proof, needed));
    let was_accepted = |id: &str| {
        read.dream.in_state(OperationState::Accepted).any(|operation| operation.id == id)
    };
    let mined = after.in_state(OperationState::Accepted).find(|operation| {
        let changes =
            !matches!(operation.change, Change::Keep { .. } | Change::FlagConflict { .. });
        changes && !operation.class.is_earned() && !was_accepted(&operation.id)
    });
    let (false, Some(operation)) = (has_passed, mined) else { return Ok(()) };
    let (dream, operation) = (&read.dream.id, &operation.id);
    let message = format!("operation {operation} of dream {dream} needs a proof that it helps");
    let ProofNeeded { mission, n, margin } = needed;
    let of = if mission.is_empty() { String::new() } else { format!(" of mission `{mission}`") };
    Err(Failure::denied(message).hint(format!(
        "`lucid dream evaluate {dream} --mission M --n {n}` makes one on tasks{of}, with a margin \
         of {margin}"
    )))
}

/// Whether a proof is the one that is asked for: that of another mission, which may be an
/// easier one, is not.
fn proves(proof: &Proof, needed: &ProofNeeded) -> bool {
    proof.passed
        && proof.n >= needed.n
        && proof.margin >= needed.margin
        && (needed.mission.is_empty() || proof.mission == needed.mission)
}

#[cfg(test)]
mod tests {
    use lucid_core::Timestamp;

    use super::*;

    #[test]
    fn a_proof_counts_where_it_holds_for_the_mission_that_asks_with_enough_tasks() {
        let proof = Proof {
            mission: "harbour".to_owned(),
            n: 50,
            before_rate: 0.5,
            after_rate: 0.9,
            lower_bound: 0.3,
            ci95: None,
            margin: 0.1,
            passed: true,
            seed: 7,
            at: Timestamp(1),
        };
        let needed = ProofNeeded { mission: "harbour".to_owned(), n: 50, margin: 0.1 };
        assert!(proves(&proof, &needed));
        // Jobs of older versions do not say which mission.
        assert!(proves(&proof, &ProofNeeded { mission: String::new(), ..needed.clone() }));
        for wrong in [
            Proof { mission: "easy".to_owned(), ..proof.clone() },
            Proof { n: 49, ..proof.clone() },
            Proof { margin: 0.0, ..proof.clone() },
            Proof { passed: false, ..proof.clone() },
        ] {
            assert!(!proves(&wrong, &needed), "{wrong:?}");
        }
    }
}
