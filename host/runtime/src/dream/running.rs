//! Beginning a dream: its inputs are checked and pinned, and its session and output store are
//! there before a strategy runs.

use std::sync::Arc;

use futures::future::BoxFuture;
use lucid_core::{
    Author, Clock, Dream, DreamError, DreamErrorKind, DreamStatus, Entropy, Event, MemoryStore,
    MemoryStoreId, MemoryVersionId, Result, Session, SessionId,
};
use lucid_memory::Snapshot;
use lucid_store::{Digest, DreamChange, DreamJob, Store};

use super::ended::{self, failed};
use super::inputs::{self, DreamInput, OF_A_DREAM};
use super::output::{Pen, first_versions, towards};
use crate::lease::Claim;
use crate::mission::BoundPlugin;
use crate::observer::Observer;
use crate::owner::Owner;
use crate::session::SessionLog;

/// The largest input store, in bytes of all its texts: what a strategy is given has to fit its
/// memory beside what it makes of it.
pub(super) const INPUT_BYTES_MAX: u64 = 32 << 20;

/// What it takes to run dreams of one strategy.
pub(crate) struct Dreaming {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) owner: Owner,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) strategy: Arc<BoundPlugin>,
    /// Whether it is kept how long it took; not in a run that repeats byte for byte.
    pub(crate) is_timed: bool,
}

/// A dream that runs.
pub(super) struct Begun {
    /// As the store has it now.
    pub(super) dream: Dream,
    pub(super) job: DreamJob,
    pub(super) session: SessionId,
    pub(super) output: MemoryStoreId,
    pub(super) claim: Claim,
    pub(super) log: SessionLog,
    pub(super) snapshot: Snapshot,
    pub(super) inputs: Vec<DreamInput>,
}

/// Ids of a dream that runs. They are made in one order whatever is there already, so that a
/// deterministic run that was interrupted makes the same ones.
struct Ids {
    session: SessionId,
    output: MemoryStoreId,
}

impl Dreaming {
    pub(super) fn pen(&self) -> Pen<'_> {
        Pen { clock: self.clock.as_ref(), entropy: self.entropy.as_ref() }
    }

    /// Runs a dream that is pending or was left, to its end; gives one that others ended before
    /// it could begin here as it is.
    ///
    /// # Errors
    /// Failed, when the store or the log fails, or another process runs it; what the strategy
    /// or the inputs are to blame for ends in a dream that failed.
    // Boxed, as a mission's loading is.
    pub(crate) fn run(&self, dream: Dream, job: DreamJob) -> BoxFuture<'_, Result<Dream>> {
        Box::pin(async move {
            let id = dream.id.clone();
            match self.begin(dream, job).await {
                Ok(Ok(begun)) => self.dream_on(begun).await,
                Ok(Err(failed)) => Ok(failed),
                Err(failure) => ended::by_others(self.store.as_ref(), &id, failure).await,
            }
        })
    }

    /// Pins the inputs and opens the dream's session and output store; a dream whose inputs
    /// are not there has failed instead.
    async fn begin(&self, dream: Dream, job: DreamJob) -> Result<Result<Begun, Dream>> {
        let ids = Ids {
            session: SessionId::new(self.clock.as_ref(), self.entropy.as_ref()),
            output: MemoryStoreId::new(self.clock.as_ref(), self.entropy.as_ref()),
        };
        let Some(input) = self.store.memory_store(&dream.memory_store_in).await? else {
            let message = format!("there is no memory store {}", dream.memory_store_in);
            let kind = DreamErrorKind::InputMemoryStoreUnavailable;
            return self.not_begun(dream, DreamError { kind, message }).await;
        };
        let heads = self.store.memories(&input.id).await?;
        if let Some(message) = too_large(heads.iter().map(|head| head.content.len() as u64)) {
            let kind = DreamErrorKind::InputMemoryStoreTooLarge;
            return self.not_begun(dream, DreamError { kind, message }).await;
        }
        let loaded =
            inputs::load(self.store.as_ref(), &dream.input_session_ids, &job.labels).await?;
        let inputs = match loaded {
            Ok(inputs) => inputs,
            Err(gone) => return self.not_begun(dream, ended::no_session(&gone)).await,
        };
        let versions: Vec<MemoryVersionId> =
            heads.iter().map(|head| head.memory_version_id.clone()).collect();
        let (snapshot, before) = (Snapshot::of(&heads), dream.session_id.clone());
        let (claim, log) = self.open_session(&dream, &ids.session).await?;
        let began = self.write_down(dream, job, &input, &snapshot, versions, &ids).await;
        let (dream, job, output) = match began {
            Ok(began) => began,
            Err(failure) => {
                // Somebody else was faster: the session that nobody knows of goes again.
                self.store.delete_session(&ids.session, claim.epoch()).await?;
                claim.gone();
                return Err(failure);
            }
        };
        if let Some(before) = before.filter(|before| *before != ids.session) {
            let next = ids.session.clone();
            ended::end_session(&self.store, &self.owner, &before, Some(&next)).await?;
        }
        let session = ids.session;
        Ok(Ok(Begun { dream, job, session, output, claim, log, snapshot, inputs }))
    }

    /// The dream as running, with its output store, in one transaction.
    async fn write_down(
        &self,
        before: Dream,
        mut job: DreamJob,
        input: &MemoryStore,
        snapshot: &Snapshot,
        versions: Vec<MemoryVersionId>,
        ids: &Ids,
    ) -> Result<(Dream, DreamJob, MemoryStoreId)> {
        let pen = self.pen();
        let output = before.memory_store_out.clone().unwrap_or_else(|| ids.output.clone());
        let made = MemoryStore {
            id: output.clone(),
            name: input.name.clone(),
            description: input.description.clone(),
            created_at: pen.clock.now(),
            dreamt_from: Some(input.id.clone()),
        };
        let author = Author::Dream { dream_id: before.id.clone() };
        let texts = snapshot.contents();
        // Also where they are not needed, for the sake of the ids that follow.
        let first = first_versions(&output, texts.clone(), &author, pen.clock, pen.entropy);
        let mut after = before.clone();
        after.status = DreamStatus::Running;
        after.session_id = Some(ids.session.clone());
        after.memory_store_out = Some(output.clone());
        after.operations.clear();
        after.ledger.clear();
        job.input_versions = versions;
        let (new_store, versions) = match before.memory_store_out {
            None => (Some(made), first),
            Some(_) => {
                let heads = self.store.memories(&output).await?;
                (None, towards(&output, &heads, &texts, &author, pen))
            }
        };
        let versions = Some((output.clone(), versions));
        loop {
            // What it is to forget may have been written down since the job was read.
            let stored = self.store.dream_job(&before.id).await?;
            if let Some(stored) = &stored {
                job.forget.clone_from(&stored.forget);
            }
            let change = DreamChange {
                job: Some(job.clone()),
                job_before: stored.clone(),
                new_store: new_store.clone(),
                versions: versions.clone(),
                ..DreamChange::to(after.clone())
            };
            let Err(refused) = self.store.change_dream(&before, change).await else {
                return Ok((after, job, output));
            };
            // Or this moment: that is no reason not to dream.
            if self.store.dream_job(&before.id).await? == stored {
                return Err(refused);
            }
        }
    }

    pub(super) async fn open_session(
        &self,
        dream: &Dream,
        id: &SessionId,
    ) -> Result<(Claim, SessionLog)> {
        let session = Session {
            id: id.clone(),
            title: format!("Dream with {}", dream.strategy),
            agent: dream.strategy.clone(),
            metadata: [(OF_A_DREAM.to_owned(), dream.id.to_string())].into(),
            created_at: dream.created_at,
        };
        if self.store.session(id).await?.is_some() {
            // Of a deterministic dream that was interrupted: it dreams again from its beginning.
            let claim = Claim::take(self.store.clone(), &self.owner, id).await?;
            self.store.delete_session(id, claim.epoch()).await?;
            claim.gone();
            // What it had kept of sessions by then would be read in their place this time.
            let nothing = dream.input_session_ids.iter().map(|session| Digest {
                session_id: session.clone(),
                key: String::new(),
                body: Vec::new(),
            });
            let component = self.strategy.plugin.digest();
            self.store.put_digests(component, nothing.collect()).await?;
        }
        self.store.create_session(&session).await?;
        let claim = Claim::take(self.store.clone(), &self.owner, id).await?;
        let (clock, entropy) = (self.clock.clone(), self.entropy.clone());
        let mut log =
            SessionLog::new(self.store.clone(), id.clone(), claim.epoch(), clock, entropy);
        log.write(None, &Event::StatusRunning {})?;
        log.flush().await?;
        Ok((claim, log))
    }

    async fn not_begun<T>(&self, dream: Dream, error: DreamError) -> Result<Result<T, Dream>> {
        let after = failed(&dream, error, self.clock.now());
        self.store.change_dream(&dream, DreamChange::to(after.clone())).await?;
        if let Some(session) = &after.session_id {
            // That of the process which left it.
            ended::end_session(&self.store, &self.owner, session, None).await?;
        }
        Ok(Err(after))
    }
}

/// Why texts are too large together, where they are.
pub(super) fn too_large(sizes: impl Iterator<Item = u64>) -> Option<String> {
    let bytes: u64 = sizes.sum();
    let what = format!("the memory store has {bytes} bytes, and {INPUT_BYTES_MAX} are the most");
    (bytes > INPUT_BYTES_MAX).then_some(what)
}
