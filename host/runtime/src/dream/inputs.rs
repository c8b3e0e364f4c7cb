//! The sessions a dream reads: which they are, and what is known about each.

use std::collections::{HashMap, HashSet};

use lucid_core::{Failure, Result, SessionId, SessionStatus, SessionSummary, Timestamp};
use lucid_store::{InputLabels, SessionFilter, Store};

use crate::state::succeeded;

/// Sessions looked at in one go.
pub(super) const PAGE: u32 = 1_000;

/// Metadata that says of which dream a session is.
pub(super) const OF_A_DREAM: &str = "lucid.dream";

/// Whose session it was, where its metadata say so.
const PRINCIPAL: &str = "lucid.principal";

/// What people said of its success.
const LABEL: &str = "lucid.label";

/// Which sessions a dream reads. Those of dreams are never among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionChoice {
    /// These, each once.
    These(Vec<SessionId>),
    /// The newest that do not work at the moment, at most so many.
    Last(u32),
    /// All that were written to behind this moment and do not work at the moment.
    Since(Timestamp),
    /// All that do not work at the moment.
    All,
}

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

impl DreamInput {
    /// A session as its log and its metadata have it.
    pub(crate) fn of(summary: SessionSummary) -> Self {
        let metadata = &summary.session.metadata;
        let task = metadata.get("lucid.task").or_else(|| metadata.get("task"));
        let task = task.map(|task| ("task".to_owned(), task.clone()));
        let own =
            metadata.iter().filter(|(name, _)| !name.starts_with("lucid.") && *name != "task");
        let own = own.map(|(name, value)| (name.clone(), value.clone()));
        let labels = task.into_iter().chain(own).collect();
        // A session that was made elsewhere may say it in its metadata alone.
        let said = match metadata.get(LABEL).map(String::as_str) {
            Some("success") => Some(true),
            Some("failure") => Some(false),
            _ => None,
        };
        Self { succeeded: succeeded(summary.outcome).or(said), labels, summary }
    }

    pub(crate) fn id(&self) -> &SessionId {
        &self.summary.session.id
    }

    /// Whose session it was: who is named, else the mission that it was a part of.
    pub(crate) fn principal(&self) -> &str {
        let metadata = &self.summary.session.metadata;
        let named = metadata.get(PRINCIPAL).or_else(|| metadata.get("lucid.mission"));
        named.map(String::as_str).unwrap_or_default()
    }
}

/// The order a strategy sees, whatever order somebody listed them in.
pub(crate) fn sort(inputs: &mut [DreamInput]) {
    inputs.sort_by(|a, b| {
        let key = |input: &DreamInput| (input.summary.session.created_at, input.id().clone());
        key(a).cmp(&key(b))
    });
}

/// The sessions of a choice.
///
/// # Errors
/// Invalid, when one of those that were named is not there, is named twice or is of a dream,
/// or when there are none.
pub(super) async fn choose(store: &dyn Store, choice: &SessionChoice) -> Result<Vec<SessionId>> {
    let ids = match choice {
        SessionChoice::These(ids) => {
            check_named(store, ids).await?;
            ids.clone()
        }
        SessionChoice::Last(count) => newest(store, Some(*count), |_| true).await?,
        SessionChoice::Since(then) => {
            newest(store, None, |summary| summary.updated_at > *then).await?
        }
        SessionChoice::All => newest(store, None, |_| true).await?,
    };
    if ids.is_empty() {
        return Err(Failure::invalid("there are no sessions to dream of")
            .hint("`lucid session list` shows those there are, `lucid run` makes some"));
    }
    Ok(ids)
}

async fn check_named(store: &dyn Store, ids: &[SessionId]) -> Result<()> {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(Failure::invalid(format!("session {id} is named twice")));
        }
    }
    for ids in ids.chunks(PAGE as usize) {
        for (id, found) in ids.iter().zip(store.session_summaries(ids).await?) {
            let summary = found.ok_or_else(|| no_session(id))?;
            if summary.session.metadata.contains_key(OF_A_DREAM) {
                return Err(Failure::invalid(format!("session {id} is that of a dream"))
                    .hint("what a dream wrote is no evidence for another"));
            }
        }
    }
    Ok(())
}

/// The newest sessions that rest and are no dream's.
async fn newest(
    store: &dyn Store,
    count: Option<u32>,
    fits: impl Fn(&SessionSummary) -> bool,
) -> Result<Vec<SessionId>> {
    let wanted = count.map_or(usize::MAX, |count| count as usize);
    let (mut ids, mut after) = (Vec::new(), None);
    while ids.len() < wanted {
        let filter = SessionFilter {
            newest_first: true,
            limit: Some(PAGE),
            after: after.take(),
            ..SessionFilter::default()
        };
        let page = store.sessions(&filter).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.session.id.clone());
        let fitting =
            page.iter().filter(|summary| can_be_chosen(summary)).filter(|summary| fits(summary));
        ids.extend(fitting.map(|summary| summary.session.id.clone()));
    }
    ids.truncate(wanted);
    Ok(ids)
}

/// How the phases begin whose sessions prove something.
const PROVING: [&str; 2] = ["evaluate-", "held-out-"];

/// Whether a dream reads a session that nobody named: one that rests, is no dream's own, and
/// proved nothing. A dream that had read such a proof would be proved by what it had seen.
pub(super) fn can_be_chosen(summary: &SessionSummary) -> bool {
    matches!(summary.status, SessionStatus::Idle | SessionStatus::Terminated)
        && !summary.session.metadata.contains_key(OF_A_DREAM)
        && !proves(summary)
}

/// Whether a session was run to prove something.
pub(super) fn proves(summary: &SessionSummary) -> bool {
    let phase = summary.session.metadata.get("lucid.phase");
    phase.is_some_and(|phase| PROVING.iter().any(|start| phase.starts_with(start)))
}

/// Reads the sessions of a dream, in the order a strategy sees; the first that is not there
/// any more is the error.
pub(super) async fn load(
    store: &dyn Store,
    ids: &[SessionId],
    labels: &[InputLabels],
) -> Result<Result<Vec<DreamInput>, SessionId>> {
    let mut inputs = Vec::with_capacity(ids.len());
    for ids in ids.chunks(PAGE as usize) {
        for (id, found) in ids.iter().zip(store.session_summaries(ids).await?) {
            let Some(summary) = found else { return Ok(Err(id.clone())) };
            inputs.push(DreamInput::of(summary));
        }
    }
    let labels: HashMap<&SessionId, &InputLabels> =
        labels.iter().map(|given| (&given.session_id, given)).collect();
    for input in &mut inputs {
        if let Some(given) = labels.get(input.id()).copied() {
            input.succeeded = given.succeeded;
            input.labels.clone_from(&given.labels);
        }
    }
    sort(&mut inputs);
    Ok(Ok(inputs))
}

pub(super) fn no_session(id: &SessionId) -> Failure {
    Failure::invalid(format!("there is no session {id}"))
        .hint("`lucid session list` shows the sessions there are")
}
