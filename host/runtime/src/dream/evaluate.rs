//! Whether a dream helps: the same held-out tasks with the memory as it was and with all that
//! the dream wants of it.

use std::collections::BTreeMap;

use lucid_core::{
    Author, Clock as _, Dream, DreamId, Failure, MemoryStore, MemoryStoreId, OperationState, Proof,
    Result,
};
use serde::{Deserialize, Serialize};

use super::inputs::{self, DreamInput};
use super::output::{Pen, first_versions, make_store, towards};
use super::review::{Read, check_proof};
use crate::ambient::{SystemClock, SystemEntropy};
use crate::mission::{Mission, StudySection, check_proof as check_bounds};
use crate::runs::RunOptions;
use crate::state::{Runtime, Stores};
use crate::stats::{paired_difference, paired_lower_bound};
use crate::study::held_out_pairs;
use crate::world::{Source, World};

/// How a dream is proved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvaluateOptions {
    /// Held-out tasks, each run with both memories: 1 to 10,000.
    pub n: u32,
    /// Another seed than the mission's.
    pub seed: Option<u64>,
    /// What the lower bound of the change has to be above, -1 to 1; what the dream's mission
    /// says, else 0, where there is none.
    pub margin: Option<f64>,
    /// Whether what waits is accepted where it is proved.
    pub accept: bool,
    /// Whether clocks and ids follow from the seed.
    pub deterministic: bool,
}

impl EvaluateOptions {
    /// So many tasks, with what the mission says of the rest; what is proved is accepted.
    #[must_use]
    pub fn new(n: u32) -> Self {
        Self { n, seed: None, margin: None, accept: true, deterministic: false }
    }
}

/// What the proof of a dream came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// The dream, with its proof, and with what was accepted for it.
    pub dream: Dream,
    /// The proof.
    pub proof: Proof,
    /// The two-sided 95 % interval of the change.
    pub ci95: [f64; 2],
    /// Sessions that were run.
    pub sessions: u32,
}

impl Runtime {
    /// Runs the held-out tasks of a mission in pairs, with the store that a dream read and with
    /// all that it proposed and nobody refused, and keeps the result with the dream. Where the
    /// one-sided 95 % lower bound of the change is above the margin, what waits is accepted.
    ///
    /// # Errors
    /// Invalid, when there is no such dream, it did not complete or proposes nothing, the
    /// mission has no outcome, study or memory for it, or a number is out of bounds; failed,
    /// when somebody decided about the dream meanwhile, or the store or the disk fails.
    pub async fn evaluate_dream(
        &self,
        id: &DreamId,
        mission: &Mission,
        options: &EvaluateOptions,
        how: &RunOptions,
    ) -> Result<Evaluated> {
        self.settle_forgetting(id).await?;
        let read = self.read_dream(id).await?;
        let margin = margin(&read, mission, options);
        check_bounds(options.n, margin)?;
        let (study, memory) = parts(mission, options.n)?;
        self.check_unseen(&read.dream, mission).await?;
        let (old, new) = texts(&read);
        if old == new {
            return Err(Failure::invalid(format!("dream {id} proposes no change"))
                .hint(format!("`lucid dream show {id}` says what became of its proposals")));
        }
        let seed = options.seed.unwrap_or(study.seed);
        let world = if options.deterministic { World::deterministic(seed) } else { World::real() };
        let what = format!("evaluate {id}, seed {seed}, n {}", options.n);
        let run = self.name_run(mission, &world, &what, how).await?;
        let source = world.part();
        let stores = self.stores(mission, &source, &run, how).await?;
        let before = self.store_with(&read, &read.dream.memory_store_in, &old, &source).await?;
        let after = self.store_with(&read, &read.output, &new, &source).await?;
        let with = |tried| with(&stores, memory, tried);
        let mounts = (&with(&before), &with(&after));
        let pairs = held_out_pairs(self, mission, &study, (seed, world, run), mounts, how).await;
        // No others: another proof of the dream may work with those.
        for made in [&before, &after] {
            if *made != read.dream.memory_store_in && *made != read.output {
                self.empty_tried(made, &read.dream).await?;
            }
        }
        let pairs = pairs?;
        let difference = paired_difference(&pairs);
        let lower_bound = paired_lower_bound(&pairs);
        let proof = Proof {
            mission: mission.name.clone(),
            n: difference.n,
            before_rate: difference.before_rate,
            after_rate: difference.after_rate,
            lower_bound,
            ci95: Some(difference.ci95),
            margin,
            passed: lower_bound > margin,
            seed,
            at: SystemClock::default().now(),
        };
        let dream = self.write_proof(&new, id, &proof, options.accept).await?;
        let sessions = difference.n.saturating_mul(2);
        Ok(Evaluated { dream, proof, ci95: difference.ci95, sessions })
    }

    /// A dream that read what proved it, or another, is not proved by running it again.
    async fn check_unseen(&self, dream: &Dream, mission: &Mission) -> Result<()> {
        let store = self.store.as_ref();
        // A session that went since was forgotten as well.
        let Ok(inputs) = inputs::load(store, &dream.input_session_ids, &[]).await? else {
            return Ok(());
        };
        let read_it = |input: &&DreamInput| {
            let name = input.summary.session.metadata.get("lucid.mission");
            inputs::proves(&input.summary) && name == Some(&mission.name)
        };
        let Some(seen) = inputs.iter().find(read_it) else { return Ok(()) };
        Err(Failure::invalid(format!(
            "dream {} read session {}, which is a proof with this mission itself",
            dream.id,
            seen.id()
        ))
        .hint("dream without the sessions of proofs, as `--last` does, and evaluate that"))
    }

    /// Keeps a proof with its dream, and accepts what it proves. Where the dream was changed
    /// between the look at it and the change, as another proof does, it is looked at again:
    /// what was run for is not lost to a moment.
    async fn write_proof(
        &self,
        proved: &BTreeMap<String, String>,
        id: &DreamId,
        proof: &Proof,
        accept: bool,
    ) -> Result<Dream> {
        let mut read = self.read_dream(id).await?;
        loop {
            if texts(&read).1 != *proved {
                return Err(Failure::failed(format!(
                    "somebody decided about dream {id} meanwhile"
                ))
                .hint("the proof is of something else now: evaluate it again"));
            }
            let after = with_proof(&read, proof, accept);
            let refused = match self.write_decided(&read, after).await {
                Ok(written) => return Ok(written),
                Err(refused) => refused,
            };
            let now = self.read_dream(id).await?;
            if now.dream == read.dream {
                return Err(refused);
            }
            read = now;
        }
    }

    /// Empties all stores that proofs of a dream were run with: what they hold is in the dream,
    /// and what it is to forget is not to stay there.
    pub(super) async fn clear_tried(&self, dream: &Dream) -> Result<()> {
        for tried in self.store.memory_stores().await? {
            if tried.dreamt_from.as_ref() == Some(&dream.memory_store_in)
                && dream.memory_store_out.as_ref() != Some(&tried.id)
            {
                self.empty_tried(&tried.id, dream).await?;
            }
        }
        Ok(())
    }

    /// Empties a store, where all in it was written to try a dream.
    async fn empty_tried(&self, tried: &MemoryStoreId, dream: &Dream) -> Result<()> {
        let author = Author::Dream { dream_id: dream.id.clone() };
        let versions = self.store.memory_versions(tried, None).await?;
        if versions.is_empty() || versions.iter().any(|one| one.created_by != author) {
            return Ok(());
        }
        let heads = self.store.memories(tried).await?;
        let (clock, entropy) = (SystemClock::default(), SystemEntropy);
        let pen = Pen { clock: &clock, entropy: &entropy };
        let emptied = towards(tried, &heads, &BTreeMap::new(), &author, pen);
        if !emptied.is_empty() {
            self.store.write_memories(tried, emptied).await?;
        }
        for version in versions.iter().filter(|version| version.content.is_some()) {
            self.store.redact_version(&version.id).await?;
        }
        self.remove_mounted(tried).await
    }

    /// A store that holds some texts: the one that is named where it does, else a new one.
    async fn store_with(
        &self,
        read: &Read,
        named: &MemoryStoreId,
        texts: &BTreeMap<String, String>,
        source: &Source,
    ) -> Result<MemoryStoreId> {
        let heads = self.store.memories(named).await?;
        let here = heads.into_iter().map(|head| (head.path, head.content));
        if here.collect::<BTreeMap<_, _>>() == *texts {
            return Ok(named.clone());
        }
        let (clock, entropy) = (source.clock.as_ref(), source.entropy.as_ref());
        let like = self.store.memory_store(named).await?;
        let like = like.ok_or_else(|| Failure::failed(format!("no memory store {named}")))?;
        let made = MemoryStore {
            id: MemoryStoreId::new(clock, entropy),
            created_at: clock.now(),
            dreamt_from: Some(read.dream.memory_store_in.clone()),
            ..like
        };
        let author = Author::Dream { dream_id: read.dream.id.clone() };
        let versions = first_versions(&made.id, texts.clone(), &author, clock, entropy);
        make_store(self.store.as_ref(), &made, versions).await?;
        Ok(made.id)
    }
}

/// A dream with a proof, and with what waits accepted where that is asked for and proved.
fn with_proof(read: &Read, proof: &Proof, accept: bool) -> Dream {
    let mut kept = read.dream.clone();
    // One that holds is not replaced by one of fewer tasks, which says less.
    let says_less = |old: &Proof| old.passed && old.mission == proof.mission && old.n > proof.n;
    if !kept.proof.as_ref().is_some_and(says_less) {
        kept.proof = Some(proof.clone());
    }
    if !(proof.passed && accept) {
        return kept;
    }
    let mut accepted = kept.clone();
    for operation in &mut accepted.operations {
        if operation.state == OperationState::Proposed {
            operation.state = OperationState::Accepted;
        }
    }
    // Of fewer tasks, or with less of a margin, than its mission wants, it accepts nothing.
    if check_proof(read, &accepted).is_ok() { accepted } else { kept }
}

/// What the dream read, and what it wants of it.
fn texts(read: &Read) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let new = lucid_memory::apply_proposed(&read.snapshot, &read.dream.operations);
    (read.snapshot.contents(), new)
}

fn margin(read: &Read, mission: &Mission, options: &EvaluateOptions) -> f64 {
    let of_dream = read.job.proof.as_ref().map(|proof| proof.margin);
    let plan = mission.dream.as_ref();
    let of_mission = || plan.and_then(|plan| plan.proof).map(|proof| proof.margin);
    options.margin.or(of_dream).or_else(of_mission).unwrap_or(0.0)
}

/// What of a mission a proof needs: its study with so many held-out tasks, and the name of
/// the memory that is tried.
fn parts(mission: &Mission, n: u32) -> Result<(StudySection, &str)> {
    let missing = |what: &str| {
        Failure::invalid(format!("mission `{}` has no [{what}], which a proof needs", mission.name))
            .hint(format!("add [{what}] to its mission.toml"))
    };
    let mut study = mission.study.clone().ok_or_else(|| missing("study"))?;
    if mission.outcome.is_none() {
        return Err(missing("outcome"));
    }
    study.held_out_tasks = n;
    let mut names = mission.memory.keys();
    let memory = match (&mission.dream, names.next(), names.next()) {
        (Some(dream), ..) => dream.memory.as_str(),
        (None, Some(only), None) => only.as_str(),
        (None, None, _) => return Err(missing("memory")),
        (None, Some(_), Some(_)) => {
            let message = format!("mission `{}` has several memories", mission.name);
            return Err(Failure::invalid(message)
                .hint("say in its [dream] section which one dreams are about"));
        }
    };
    Ok((study, memory))
}

fn with(stores: &Stores, memory: &str, store: &MemoryStoreId) -> Stores {
    let one = |(name, id): &(String, MemoryStoreId)| {
        (name.clone(), if name == memory { store.clone() } else { id.clone() })
    };
    stores.iter().map(one).collect()
}
