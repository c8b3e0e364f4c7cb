//! Freeing one dream of what it read and is gone: it is dreamt again without it, or what
//! rested on it is taken back.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use lucid_core::{
    Author, Change, Class, Dream, DreamOperation, DreamStatus, EventId, Failure, MemoryStoreId,
    MemoryVersionId, OperationState, Result, SessionId,
};
use lucid_memory::Snapshot;
use lucid_store::{DreamChange, DreamJob, SessionFilter};

use super::forget::{Forgetting, ForgottenDream, Freed, counted};
use super::inputs::{self, OF_A_DREAM};
use super::job::{Ran, accept};
use super::origins::Origins;
use super::running::{Begun, Dreaming};
use crate::ambient::{SystemClock, SystemEntropy};
use crate::observer::NoObserver;
use crate::state::Runtime;

impl Runtime {
    /// Frees a dream that has ended of what it is to forget.
    pub(super) async fn freed(&self, dream: Dream, job: DreamJob) -> Result<Option<Freed>> {
        let mut gone = BTreeSet::new();
        for id in &job.forget {
            if self.is_gone(id).await? {
                gone.insert(id.clone());
            }
        }
        if gone.is_empty() {
            // Somebody is about to take it away: the mark stays.
            return Ok(None);
        }
        let job_before = Some(job.clone());
        let job = self.pinned_anew(job, &gone).await?;
        let mut without = dream.clone();
        without.input_session_ids.retain(|id| !gone.contains(id.as_str()));
        let Some(output) = dream.memory_store_out.clone() else {
            let change = DreamChange { job: Some(job), job_before, ..DreamChange::to(without) };
            return self.store.change_dream(&dream, change).await.map(|()| None);
        };
        let Some(snapshot) = self.snapshot(&job).await? else {
            return Err(Failure::failed(format!("dream {} read more that is gone", dream.id)));
        };
        let ran = self.dreamt_again(&without, &job, &snapshot, &output).await?;
        let (mut after, how) = match &ran {
            Some((_, ran)) => (carried(&dream, ran, &job), Forgetting::Rescored),
            None => (self.retracted(without, &gone, &snapshot).await?, Forgetting::Retracted),
        };
        after.ledger = lucid_memory::ledger(&snapshot, &after.operations);
        if !says_the_same(&dream, &after) {
            // It was a proof of something else.
            after.proof = None;
        }
        let mut change = self.change_to(after.clone(), &snapshot, &output).await?;
        (change.job, change.job_before) = (Some(job), job_before);
        change.redact = self.outdated(&dream, &output, &snapshot, &change).await?;
        let redacted = change.redact.clone();
        let mut texts = Vec::new();
        for version in &redacted {
            self.mark(version.as_str()).await?;
            texts.extend(self.store.memory_version(version).await?);
        }
        if let Some((_, ran)) = &ran {
            ran.desk.flush().await?;
        }
        if let Err(failure) = self.store.change_dream(&dream, change).await {
            // What was dreamt in vain is not left behind.
            let session = ran.and_then(|(_, ran)| ran.dream.session_id.clone());
            if let Some(session) = session {
                self.remove(&session).await?;
            }
            return Err(failure);
        }
        self.remove_mounted(&output).await?;
        for version in &texts {
            self.forget_in_sessions(version).await?;
        }
        if let Some((dreaming, ran)) = ran {
            dreaming.end_log(ran).await?;
        }
        self.remove_logs(&after).await?;
        self.clear_tried(&after).await?;
        let (operations_before, operations_after) = (counted(&dream), counted(&after));
        let memory_store = Some(output);
        let dream_id = dream.id;
        let dream =
            ForgottenDream { dream_id, how, operations_before, operations_after, memory_store };
        Ok(Some(Freed { dream, redacted }))
    }

    /// Removes the logs of earlier runs of a dream: they quote what is gone.
    async fn remove_logs(&self, dream: &Dream) -> Result<()> {
        let metadata = vec![(OF_A_DREAM.to_owned(), dream.id.to_string())];
        let filter = SessionFilter { metadata, ..SessionFilter::default() };
        for found in self.store.sessions(&filter).await? {
            if Some(&found.session.id) != dream.session_id.as_ref() {
                self.remove(&found.session.id).await?;
            }
        }
        Ok(())
    }

    /// The job without what is gone: versions that were redacted give way to what their
    /// memories are now.
    async fn pinned_anew(&self, mut job: DreamJob, gone: &BTreeSet<String>) -> Result<DreamJob> {
        job.forget.retain(|id| !gone.contains(id));
        job.labels.retain(|labels| !gone.contains(labels.session_id.as_str()));
        let mut versions = Vec::with_capacity(job.input_versions.len());
        for id in std::mem::take(&mut job.input_versions) {
            if !gone.contains(id.as_str()) {
                versions.push(id);
                continue;
            }
            if let Some(version) = self.store.memory_version(&id).await? {
                let heads = self.store.memories(&version.memory_store_id).await?;
                let head = heads.into_iter().find(|head| head.id == version.memory_id);
                versions.extend(head.map(|head| head.memory_version_id));
            }
        }
        job.input_versions = versions;
        Ok(job)
    }

    /// Dreams again over what is left, where that takes no model; none where it does, or the
    /// strategy is not there any more or fails.
    async fn dreamt_again(
        &self,
        dream: &Dream,
        job: &DreamJob,
        snapshot: &Snapshot,
        output: &MemoryStoreId,
    ) -> Result<Option<(Dreaming, Ran)>> {
        let strategy = match self.strategy(&job.source).await {
            Ok(strategy) if strategy.model.is_none() => strategy,
            _ => return Ok(None),
        };
        let store = self.store.as_ref();
        let loaded = inputs::load(store, &dream.input_session_ids, &job.labels).await?;
        let (DreamStatus::Completed, Ok(inputs)) = (dream.status, loaded) else {
            return Ok(None);
        };
        let dreaming = Dreaming {
            store: self.store.clone(),
            owner: self.owner.clone(),
            observer: Arc::new(NoObserver),
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
            strategy,
            is_timed: true,
        };
        let session = SessionId::new(dreaming.clock.as_ref(), dreaming.entropy.as_ref());
        let (claim, log) = dreaming.open_session(dream, &session).await?;
        let begun = Begun {
            dream: dream.clone(),
            job: job.clone(),
            session: session.clone(),
            output: output.clone(),
            claim,
            log,
            snapshot: snapshot.clone(),
            inputs,
        };
        let mut ran = dreaming.strategy_on(begun).await?;
        if !matches!(ran.ended, Some(Ok(_))) {
            dreaming.end_log(ran).await?;
            self.remove(&session).await?;
            return Ok(None);
        }
        ran.dream.session_id = Some(session);
        Ok(Some((dreaming, ran)))
    }

    /// A dream without what rested on what is gone.
    async fn retracted(
        &self,
        mut dream: Dream,
        gone: &BTreeSet<String>,
        snapshot: &Snapshot,
    ) -> Result<Dream> {
        let entries: HashSet<String> =
            snapshot.entries().into_iter().map(|entry| entry.id).collect();
        let mut kept = Vec::new();
        for mut operation in std::mem::take(&mut dream.operations) {
            if operation.rejection.is_some() {
                continue;
            }
            let quotes = operation.evidence.len();
            operation.evidence.retain(|evidence| !gone.contains(&evidence.session_id));
            let mut counts = operation.statistics.iter().flat_map(|numbers| &numbers.session_ids);
            let counts_it = counts.any(|id| gone.contains(id));
            let is_there = named(&operation.change).iter().all(|id| entries.contains(*id));
            let lost = operation.evidence.len() < quotes;
            if is_there && !counts_it && (!lost || self.still_stands(&operation).await?) {
                if lost {
                    // It may have named what is gone.
                    "some of what it rested on was deleted".clone_into(&mut operation.reason);
                }
                kept.push(operation);
            }
        }
        dream.operations = kept;
        dream.session_id = None;
        dream.summary.clear();
        Ok(dream)
    }

    /// Whether an operation that lost a quote stands: what the texts themselves show does, what
    /// was added does not, because its words may be those that are gone, and what else there
    /// is needs another quote that can be believed.
    async fn still_stands(&self, operation: &DreamOperation) -> Result<bool> {
        match operation.class {
            Class::Identical | Class::Subsumed | Class::Keyed => return Ok(true),
            _ if matches!(operation.change, Change::Add { .. }) => return Ok(false),
            _ => {}
        }
        for evidence in &operation.evidence {
            let ids = (SessionId::parse(&evidence.session_id), EventId::parse(&evidence.event_id));
            let (Some(session), Some(event)) = ids else { continue };
            let Some(record) = self.store.event(&session, &event).await? else { continue };
            let store = self.store.as_ref();
            if Origins::of(session).origin(store, &record).await?.is_trusted() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Versions that the dream wrote before, and whose text is neither of its input nor what
    /// its memory is now.
    async fn outdated(
        &self,
        dream: &Dream,
        output: &MemoryStoreId,
        snapshot: &Snapshot,
        change: &DreamChange,
    ) -> Result<Vec<MemoryVersionId>> {
        let author = Author::Dream { dream_id: dream.id.clone() };
        let heads = self.store.memories(output).await?;
        let written = change.versions.iter().flat_map(|(_, versions)| versions);
        let moved: HashSet<_> = written.map(|version| version.memory_id.clone()).collect();
        let stands = heads.into_iter().filter(|head| !moved.contains(&head.id));
        let stands: HashSet<_> = stands.map(|head| head.memory_version_id).collect();
        let input = snapshot.contents();
        let versions = self.store.memory_versions(output, None).await?;
        let outdated = versions.into_iter().filter(|version| {
            version.created_by == author
                && version.content.is_some()
                && version.content.as_ref() != input.get(&version.path)
                && !stands.contains(&version.id)
        });
        Ok(outdated.map(|version| version.id).collect())
    }
}

/// The dream as it was dreamt again, with what was decided about the same operations before.
fn carried(before: &Dream, ran: &Ran, job: &DreamJob) -> Dream {
    let (mut exact, mut alike) = (HashMap::new(), HashMap::new());
    for operation in before.operations.iter().filter(|one| one.rejection.is_none()) {
        exact.insert(wording(operation), operation.state);
        // Where two that differ in numbers alone were decided about differently, neither
        // decision is the other's.
        let state = Some(operation.state);
        let kept = alike.entry(identity(operation)).or_insert(state);
        *kept = kept.filter(|kept| Some(*kept) == state);
    }
    let mut after = ran.dream.clone();
    for operation in after.operations.iter_mut().filter(|one| one.rejection.is_none()) {
        let decided = exact.get(&wording(operation)).copied();
        if let Some(state) = decided.or_else(|| alike.get(&identity(operation)).copied().flatten())
        {
            operation.state = state;
        }
    }
    accept(&mut after, job);
    if let Some(Ok(summary)) = &ran.ended {
        summary.clone_into(&mut after.summary);
    }
    (after.ms, after.ended_at) = (before.ms, before.ended_at);
    after
}

/// An operation word for word.
fn wording(operation: &DreamOperation) -> String {
    serde_json::to_string(&operation.change).unwrap_or_default()
}

/// What makes an operation the same one, though its numbers are others without a session.
fn identity(operation: &DreamOperation) -> String {
    let Change::Add { draft, kind, .. } = &operation.change else {
        return wording(operation);
    };
    if let Some(numbers) = &operation.statistics {
        let (field, comparison, value) = (&numbers.field, &numbers.comparison, &numbers.value);
        return format!("{kind:?}\n{}\n{field}\n{comparison}\n{value}", draft.path);
    }
    let text = lucid_facts::normal(&draft.text);
    let text: String = text.chars().filter(|character| !character.is_ascii_digit()).collect();
    format!("{kind:?}\n{}\n{text}", draft.path)
}

fn says_the_same(one: &Dream, other: &Dream) -> bool {
    let changes = |dream: &Dream| -> Vec<(Change, OperationState)> {
        let operations = dream.operations.iter().filter(|one| one.rejection.is_none());
        operations.map(|operation| (operation.change.clone(), operation.state)).collect()
    };
    changes(one) == changes(other)
}

/// The entries that a change names.
fn named(change: &Change) -> Vec<&str> {
    match change {
        Change::Keep { entry_id } | Change::Drop { entry_id } => vec![entry_id.as_str()],
        Change::Merge { entry_ids, .. } | Change::FlagConflict { entry_ids } => {
            entry_ids.iter().map(String::as_str).collect()
        }
        Change::Supersede { loser_id, winner_id, .. } => {
            vec![loser_id.as_str(), winner_id.as_str()]
        }
        Change::Add { .. } => Vec::new(),
    }
}
