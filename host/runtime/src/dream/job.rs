//! A dream that runs: its strategy is called until it is done, somebody stops it, or its
//! claim is lost; then everything that came of it is written down at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use lucid_core::{
    Author, Clock as _, Dream, DreamError, DreamStatus, Failure, MemoryStoreId, ModelUsage,
    OperationState, Result, Timestamp,
};
use lucid_engine::{Call, DreamRequest, DreamSummary, GuestTime, ModelHost, Report};
use lucid_memory::{Bounds, Outcome, Snapshot, Verifier};
use lucid_store::{DreamChange, DreamJob};

use super::desk::{Desk, Given};
use super::echoes::Echoes;
use super::ended;
use super::output::towards;
use super::quotes::QuoteBook;
use super::running::{Begun, Dreaming};
use crate::ambient::SystemClock;
use crate::asking::model_for;
use crate::grading::Counted;
use crate::lease::{self, Claim};
use crate::mission::AgentModel;

/// How often a dream looks whether somebody wants it to stop, and writes down what it did.
const LOOK: Duration = Duration::from_millis(100);

/// How a strategy's call ended.
enum Ending {
    /// By itself, with what it logged.
    Returned(Box<Report<DreamSummary>>),
    /// Something failed before it was called.
    NotCalled(Failure),
    /// Somebody stopped it.
    Canceled,
}

/// A dream whose strategy is done, before anything of it is written down.
pub(super) struct Ran {
    /// As the store has it.
    pub(super) before: Dream,
    /// With what it proposed and used.
    pub(super) dream: Dream,
    pub(super) job: DreamJob,
    pub(super) output: MemoryStoreId,
    pub(super) snapshot: Snapshot,
    pub(super) desk: Arc<Desk>,
    claim: Claim,
    /// What the strategy says it did, or why there is nothing; none where somebody stopped it.
    pub(super) ended: Option<Result<String, Ended>>,
}

/// Why a dream failed.
pub(super) struct Ended {
    pub(super) error: DreamError,
    pub(super) failure: Failure,
}

impl Dreaming {
    /// Runs the strategy and writes down what came of it.
    pub(super) async fn dream_on(&self, begun: Begun) -> Result<Dream> {
        let mut ran = self.strategy_on(begun).await?;
        let at = self.clock.now();
        let dream = ran.dream.clone();
        let after = match &ran.ended {
            None => ended::canceled(&dream, at),
            Some(Ok(summary)) => completed(dream, &ran.job, summary, at),
            Some(Err(Ended { error, .. })) => ended::failed(&dream, error.clone(), at),
        };
        // What was proposed is on disk before a store is made of it.
        ran.desk.flush().await?;
        self.write_ended(&ran, &after).await?;
        ran.dream = after;
        self.end_log(ran).await
    }

    /// Runs the strategy until it is done, or somebody stops it.
    pub(super) async fn strategy_on(&self, begun: Begun) -> Result<Ran> {
        let Begun { dream, job, session, output, mut claim, log, snapshot, inputs } = begun;
        let started = self.clock.now();
        let written = Echoes::of(self.store.as_ref(), &dream.memory_store_in, &dream.id).await?;
        let quotes = QuoteBook::new(&inputs, written);
        let bounds = Bounds::default();
        let verifier = Verifier::new(&snapshot, bounds, quotes.clone());
        let desk = Arc::new(Desk::new(Given {
            store: self.store.clone(),
            component: self.strategy.plugin.digest().to_owned(),
            model: self.model_name().map(str::to_owned),
            inputs,
            snapshot: snapshot.clone(),
            verifier,
            quotes,
            log,
            observer: self.observer.clone(),
        }));
        let counted = Counted::default();
        let wall = SystemClock::default();
        let began = wall.now();
        let ending = tokio::select! {
            ending = self.call(&dream, &job, &bounds, &desk, &counted, started) => ending,
            stopped = self.watch(&dream, &desk) => stopped?,
            () = claim.lost() => return Err(lease::taken(&session)),
        };
        let Outcome { operations, rejections_dropped, ledger } = desk.finish().await?;
        let usage = ModelUsage::from(counted.total());
        let ms = wall.now().as_millis().saturating_sub(began.as_millis());
        let ms = if self.is_timed { ms } else { 0 };
        let before = dream.clone();
        let dream = Dream { operations, rejections_dropped, ledger, usage, ms, ..dream };
        let ended = self.ended(&desk, ending).await?;
        Ok(Ran { before, dream, job, output, snapshot, desk, claim, ended })
    }

    /// Writes the last events of a dream's session, and gives its claim back.
    pub(super) async fn end_log(&self, ran: Ran) -> Result<Dream> {
        if let Some(Err(Ended { error, failure })) = &ran.ended {
            ran.desk.write(&ended::event(error, Some(failure))).await?;
        }
        for event in ended::last_events(ran.dream.usage) {
            ran.desk.write(&event).await?;
        }
        ran.desk.flush().await?;
        ran.claim.give_back().await?;
        Ok(ran.dream)
    }

    /// Calls the strategy.
    async fn call(
        &self,
        dream: &Dream,
        job: &DreamJob,
        bounds: &Bounds,
        desk: &Arc<Desk>,
        counted: &Counted,
        now: Timestamp,
    ) -> Ending {
        if let Err(failure) = desk.hash_inputs().await {
            return Ending::NotCalled(failure);
        }
        // A dream is reproducible byte for byte: no clock, no chance but its seed.
        let time = GuestTime::Fixed { now, seed: job.seed };
        let call = Call {
            time,
            model: self.model(time, counted),
            dream: Some(desk.clone()),
            ..Call::bare(self.strategy.limits)
        };
        let request = DreamRequest {
            instructions: dream.instructions.clone(),
            operations_max: bounds.operations_max,
            new_bytes_max: u32::try_from(bounds.new_bytes_max).unwrap_or(u32::MAX),
            seed: job.seed,
            now,
        };
        Ending::Returned(Box::new(self.strategy.plugin.dream(call, &request).await))
    }

    fn model_name(&self) -> Option<&str> {
        self.strategy.model.as_ref().map(AgentModel::name)
    }

    /// The model that the strategy may ask, with its tokens counted.
    fn model(&self, time: GuestTime, counted: &Counted) -> Option<Arc<dyn ModelHost>> {
        let model = model_for(&self.strategy, time)?;
        let name = self.model_name().unwrap_or_default();
        Some(counted.count(name, model, &Arc::new(AtomicBool::new(false))))
    }

    /// Comes back when somebody wants the dream to stop. Until then it puts on disk what the
    /// strategy does, so that whoever watches sees it come.
    async fn watch(&self, dream: &Dream, desk: &Arc<Desk>) -> Result<Ending> {
        // One that had ended before is dreamt again for another reason.
        let can_stop = !dream.status.is_terminal();
        loop {
            if can_stop && self.store.cancel_requested(&dream.id).await? {
                return Ok(Ending::Canceled);
            }
            tokio::time::sleep(LOOK).await;
            // In a task of its own: a flush that is dropped half way loses what it had taken.
            let desk = desk.clone();
            let flushed = tokio::spawn(async move { desk.flush().await }).await;
            flushed.map_err(|_| Failure::bug("a dream's log that panicked"))??;
        }
    }

    /// What came of the call.
    async fn ended(&self, desk: &Desk, ending: Ending) -> Result<Option<Result<String, Ended>>> {
        let failure = match ending {
            Ending::Canceled => return Ok(None),
            Ending::NotCalled(failure) => failure,
            Ending::Returned(report) => {
                desk.write_logs(&self.strategy.name, report.logs).await?;
                match report.result {
                    Ok(summary) => return Ok(Some(Ok(lucid_facts::mask(&summary.text).0))),
                    Err(failure) => failure,
                }
            }
        };
        let error = match desk.gone() {
            Some(gone) => ended::no_session(gone),
            None => ended::error_of(&failure),
        };
        Ok(Some(Err(Ended { error, failure })))
    }

    /// The end of a dream, with its output store and what it says of time, in one transaction.
    async fn write_ended(&self, ran: &Ran, after: &Dream) -> Result<()> {
        let (store, output, snapshot) = (self.store.as_ref(), &ran.output, &ran.snapshot);
        let mut change = DreamChange::to(after.clone());
        if after.status == DreamStatus::Completed {
            let heads = store.memories(output).await?;
            let texts = lucid_memory::apply(snapshot, &after.operations);
            let author = Author::Dream { dream_id: after.id.clone() };
            let versions = towards(output, &heads, &texts, &author, self.pen());
            change.versions = Some((output.clone(), versions));
            let earlier = store.intervals(&after.memory_store_in).await?;
            let held = lucid_memory::intervals(&earlier, snapshot, &after.id, &after.operations);
            change.intervals = Some((output.clone(), held));
        }
        store.change_dream(&ran.before, change).await
    }
}

/// A dream that came to its end: what its policy takes is accepted, the rest waits.
fn completed(mut dream: Dream, job: &DreamJob, summary: &str, at: Timestamp) -> Dream {
    accept(&mut dream, job);
    dream.status = DreamStatus::Completed;
    summary.clone_into(&mut dream.summary);
    dream.ended_at = Some(at);
    dream
}

/// Accepts what needs nobody.
pub(super) fn accept(dream: &mut Dream, job: &DreamJob) {
    if !job.accept_all {
        lucid_memory::accept_earned(&mut dream.operations, dream.policy);
        return;
    }
    for operation in &mut dream.operations {
        if operation.state == OperationState::Proposed {
            operation.state = OperationState::Accepted;
        }
    }
}
