//! One dream, from start to the new store.

use std::sync::Arc;

use lucid_core::{
    Author, Clock, Dream, DreamId, DreamStatus, Entropy, Event, Failure, IdleReason, MemoryId,
    MemoryOperation, MemoryStore, MemoryStoreId, MemoryVersion, MemoryVersionId, ModelUsage,
    Result, Session, SessionId, SessionSummary,
};
use lucid_engine::{Call, DreamRequest, DreamSummary, GuestTime, Report};
use lucid_memory::{Bounds, Outcome, Snapshot, Verifier};
use lucid_store::Store;

use super::host::Desk;
use super::quotes::QuoteBook;
use crate::asking::model_for;
use crate::lease::Claim;
use crate::mission::BoundPlugin;
use crate::observer::Observer;
use crate::owner::Owner;
use crate::session::SessionLog;

/// One past session that a dream reads.
#[derive(Debug, Clone)]
pub(crate) struct DreamInput {
    /// The session.
    pub(crate) summary: SessionSummary,
    /// Whether it succeeded; none when nobody knows.
    pub(crate) succeeded: Option<bool>,
    /// What else is known about it, such as its task.
    pub(crate) labels: Vec<(String, String)>,
}

/// What a dream needs to run.
pub(crate) struct DreamPlanned {
    /// The strategy.
    pub(crate) strategy: Arc<BoundPlugin>,
    /// What people want of it.
    pub(crate) instructions: String,
    /// The store it reads.
    pub(crate) memory_store: MemoryStoreId,
    /// The sessions it reads, in any order.
    pub(crate) inputs: Vec<DreamInput>,
    /// Fixes the strategy's random choices.
    pub(crate) seed: u64,
    /// Its clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// Its ids.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Who writes its log.
    pub(crate) owner: Owner,
}

/// What a dream came to.
#[derive(Debug, Clone)]
pub(crate) struct DreamEnd {
    /// The dream.
    pub(crate) dream: Dream,
    /// Events in its own log.
    pub(crate) events: u32,
}

/// Runs a dream.
///
/// # Errors
/// Failed, when the store or the log fails; what the strategy does wrong ends in a dream
/// that failed.
pub(crate) async fn run(
    store: Arc<dyn Store>,
    mut plan: DreamPlanned,
    observer: Arc<dyn Observer>,
) -> Result<DreamEnd> {
    let input = store.memory_store(&plan.memory_store).await?.ok_or_else(|| {
        Failure::invalid(format!("no such memory store: {}", plan.memory_store))
            .hint("`lucid memory list` shows those there are")
    })?;
    // The order a strategy sees never depends on the order somebody listed them in.
    plan.inputs.sort_by(|a, b| {
        let key = |input: &DreamInput| {
            (input.summary.session.created_at, input.summary.session.id.clone())
        };
        key(a).cmp(&key(b))
    });
    let snapshot = Snapshot::of(&store.memories(&plan.memory_store).await?);
    let (mut dream, claim, log) = start(&store, &plan).await?;
    let sessions = plan.inputs.iter().map(|input| input.summary.session.id.to_string()).collect();
    let quotes = QuoteBook::new(sessions);
    let bounds = Bounds::default();
    let verifier = Verifier::new(&snapshot, bounds, quotes.clone());
    let desk = Arc::new(Desk::new(
        store.clone(),
        plan.inputs.clone(),
        snapshot.clone(),
        verifier,
        quotes,
        log,
        observer,
    ));
    let report = dream_on(&plan, &bounds, desk.clone()).await;
    let outcome = desk.finish().await?;
    close(store.as_ref(), &plan, &input, &snapshot, &desk, &mut dream, report, outcome).await?;
    claim.give_back().await?;
    let session = dream.session_id.clone();
    let events = match session {
        Some(id) => store.session_summary(&id).await?.map_or(0, |summary| summary.events),
        None => 0,
    };
    Ok(DreamEnd { dream, events })
}

/// The dream that was planned, where it was dreamt to its end before.
pub(crate) async fn completed(store: &dyn Store, plan: &DreamPlanned) -> Result<Option<DreamEnd>> {
    let key = |id: &SessionId| id.to_string();
    let mut wanted: Vec<_> = plan.inputs.iter().map(|i| key(&i.summary.session.id)).collect();
    wanted.sort();
    for dream in store.dreams().await? {
        let mut read: Vec<_> = dream.input_session_ids.iter().map(key).collect();
        read.sort();
        let same = dream.status == DreamStatus::Completed
            && dream.memory_store_in == plan.memory_store
            && dream.strategy == plan.strategy.name
            && dream.instructions == plan.instructions
            && read == wanted;
        if !same {
            continue;
        }
        let events = match &dream.session_id {
            Some(id) => store.session_summary(id).await?.map_or(0, |summary| summary.events),
            None => 0,
        };
        return Ok(Some(DreamEnd { dream, events }));
    }
    Ok(None)
}

/// Opens the dream and its own session.
async fn start(store: &Arc<dyn Store>, plan: &DreamPlanned) -> Result<(Dream, Claim, SessionLog)> {
    let (clock, entropy) = (plan.clock.as_ref(), plan.entropy.as_ref());
    let strategy = &plan.strategy.name;
    let created_at = clock.now();
    let id = DreamId::new(clock, entropy);
    let session = Session {
        id: SessionId::new(clock, entropy),
        title: format!("Dream with {strategy}"),
        agent: strategy.clone(),
        metadata: [("lucid.dream".to_owned(), id.to_string())].into(),
        created_at,
    };
    let mut dream = Dream {
        id,
        status: DreamStatus::Pending,
        strategy: strategy.clone(),
        instructions: plan.instructions.clone(),
        memory_store_in: plan.memory_store.clone(),
        memory_store_out: None,
        input_session_ids: plan.inputs.iter().map(|i| i.summary.session.id.clone()).collect(),
        session_id: None,
        operations: Vec::new(),
        rejections: Vec::new(),
        ledger: Vec::new(),
        summary: String::new(),
        error: None,
        created_at,
        ended_at: None,
    };
    store.put_dream(&dream).await?;
    if store.session(&session.id).await?.is_some() {
        // Of a deterministic dream that was interrupted: it dreams again from its beginning.
        let claim = Claim::take(store.clone(), &plan.owner, &session.id).await?;
        store.delete_session(&session.id, claim.epoch()).await?;
        claim.gone();
    }
    store.create_session(&session).await?;
    let claim = Claim::take(store.clone(), &plan.owner, &session.id).await?;
    dream.status = DreamStatus::Running;
    dream.session_id = Some(session.id.clone());
    store.put_dream(&dream).await?;
    let (clock, entropy) = (plan.clock.clone(), plan.entropy.clone());
    let mut log = SessionLog::new(store.clone(), session.id, claim.epoch(), clock, entropy);
    log.write(None, &Event::StatusRunning {})?;
    log.flush().await?;
    Ok((dream, claim, log))
}

async fn dream_on(plan: &DreamPlanned, bounds: &Bounds, desk: Arc<Desk>) -> Report<DreamSummary> {
    let now = plan.clock.now();
    // A dream is reproducible byte for byte: no clock, no chance but its seed.
    let time = GuestTime::Fixed { now, seed: plan.seed };
    let call = Call {
        time,
        model: model_for(&plan.strategy, time),
        dream: Some(desk),
        ..Call::bare(plan.strategy.limits)
    };
    let request = DreamRequest {
        instructions: plan.instructions.clone(),
        operations_max: bounds.operations_max,
        new_bytes_max: u32::try_from(bounds.new_bytes_max).unwrap_or(u32::MAX),
        seed: plan.seed,
        now,
    };
    plan.strategy.plugin.dream(call, &request).await
}

/// Writes the ledger, builds the new store, and ends the log.
#[expect(clippy::too_many_arguments, reason = "one place where everything of a dream meets")]
async fn close(
    store: &dyn Store,
    plan: &DreamPlanned,
    input: &MemoryStore,
    snapshot: &Snapshot,
    desk: &Desk,
    dream: &mut Dream,
    report: Report<DreamSummary>,
    outcome: Outcome,
) -> Result<()> {
    for line in report.logs {
        let plugin = plan.strategy.name.clone();
        desk.write(&Event::Log { plugin, level: line.level, message: line.message }).await?;
    }
    dream.operations = outcome.operations;
    dream.rejections = outcome.rejections;
    dream.ledger = outcome.ledger;
    match report.result {
        Ok(summary) => {
            dream.summary = summary.text;
            // What was proposed and accepted is on disk before a store is made of it.
            desk.flush().await?;
            let out = new_store(store, plan, input, snapshot, dream).await?;
            dream.memory_store_out = Some(out);
            dream.status = DreamStatus::Completed;
        }
        Err(failure) => {
            dream.error = Some(failure.to_string());
            dream.status = DreamStatus::Failed;
            let error = serde_json::json!({
                "type": "unknown_error",
                "message": failure.to_string(),
                "retry_status": {"type": "terminal"},
                "lucid": failure,
            });
            desk.write(&Event::Error { error }).await?;
        }
    }
    dream.ended_at = Some(plan.clock.now());
    desk.write(&Event::Usage { usage: ModelUsage::default() }).await?;
    desk.write(&Event::StatusIdle { stop_reason: IdleReason::EndTurn }).await?;
    desk.write(&Event::StatusTerminated {}).await?;
    desk.flush().await?;
    store.put_dream(dream).await
}

/// Builds the new store from the accepted operations.
async fn new_store(
    store: &dyn Store,
    plan: &DreamPlanned,
    input: &MemoryStore,
    snapshot: &Snapshot,
    dream: &Dream,
) -> Result<MemoryStoreId> {
    let (clock, entropy) = (plan.clock.as_ref(), plan.entropy.as_ref());
    let out = MemoryStore {
        id: MemoryStoreId::new(clock, entropy),
        name: input.name.clone(),
        description: input.description.clone(),
        created_at: clock.now(),
        dreamt_from: Some(input.id.clone()),
    };
    let texts = lucid_memory::apply(snapshot, &dream.operations);
    let author = Author::Dream { dream_id: dream.id.clone() };
    let versions = first_versions(&out.id, texts, &author, clock, entropy);
    make_store(store, &out, versions).await?;
    Ok(out.id)
}

/// Makes a store with its first memories; what of it is there already stays as it is.
pub(crate) async fn make_store(
    store: &dyn Store,
    made: &MemoryStore,
    versions: Vec<MemoryVersion>,
) -> Result<()> {
    if store.memory_store(&made.id).await?.is_none() {
        store.create_memory_store(made).await?;
    }
    if store.memories(&made.id).await?.is_empty() {
        store.write_memories(&made.id, versions).await?;
    }
    Ok(())
}

/// The first versions of a store's memories.
pub(crate) fn first_versions(
    store: &MemoryStoreId,
    texts: impl IntoIterator<Item = (String, String)>,
    author: &Author,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Vec<MemoryVersion> {
    let version = |(path, content)| MemoryVersion {
        id: MemoryVersionId::new(clock, entropy),
        memory_id: MemoryId::new(clock, entropy),
        memory_store_id: store.clone(),
        operation: MemoryOperation::Created,
        path,
        content: Some(content),
        created_by: author.clone(),
        created_at: clock.now(),
    };
    texts.into_iter().map(version).collect()
}
