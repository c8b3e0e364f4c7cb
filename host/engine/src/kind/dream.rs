//! Calls of kind `dream`, and operations to and from WIT.

use lucid_core::{
    Change, Draft, Evidence, Failure, Operation, Ratio, Rejection, RuleKind, Statistics, Timestamp,
};

use super::wrong_kind;
use crate::bindings::dream::exports::lucid::plugin::dream_strategy as wit;
use crate::bindings::imports::lucid::plugin::proposals;
use crate::call::{Call, Report};
use crate::plugin::{Entry, Plugin};
use crate::run::run;

/// What a dream is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DreamRequest {
    /// What people want from it.
    pub instructions: String,
    /// At most so many operations are accepted.
    pub operations_max: u32,
    /// At most so many bytes of new text are accepted.
    pub new_bytes_max: u32,
    /// Fixes every random choice.
    pub seed: u64,
    /// The time of the dream.
    pub now: Timestamp,
}

/// What a strategy says it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DreamSummary {
    /// In a few sentences.
    pub text: String,
    /// Sessions it read.
    pub sessions_read: u32,
    /// Hypotheses it tested.
    pub hypotheses_tested: u32,
}

impl Plugin {
    /// Lets a strategy dream.
    pub async fn dream(&self, call: Call, request: &DreamRequest) -> Report<DreamSummary> {
        let plugin = self.clone();
        let bytes = request.instructions.len();
        let request = wit::Request {
            instructions: request.instructions.clone(),
            operations_max: request.operations_max,
            new_bytes_max: request.new_bytes_max,
            seed: request.seed,
            now_ms: request.now.as_millis(),
        };
        let size = |answer: &Answer| answer.as_ref().map_or(0, |summary| summary.text.len());
        let dreamt = run(self, call, bytes, size, move |store| {
            Box::pin(async move {
                let Entry::Dream(entry) = plugin.entry() else { return Err(wrong_kind(&plugin)) };
                let strategy = entry.instantiate_async(&mut *store).await?;
                strategy.lucid_plugin_dream_strategy().call_dream(&mut *store, &request).await
            })
        });
        let name = &self.manifest().name;
        dreamt.await.and_then(|answer| match answer {
            Ok(summary) => Ok(DreamSummary {
                text: summary.text,
                sessions_read: summary.sessions_read,
                hypotheses_tested: summary.hypotheses_tested,
            }),
            Err(error) => Err(error_from_wit(name, error)),
        })
    }
}

type Answer = Result<wit::Summary, wit::DreamError>;

fn error_from_wit(name: &str, error: wit::DreamError) -> Failure {
    match error {
        wit::DreamError::InvalidInstructions(message) => {
            Failure::invalid(format!("strategy `{name}` cannot follow the instructions: {message}"))
        }
        wit::DreamError::UnreadableInput(message) | wit::DreamError::Failed(message) => {
            Failure::failed(format!("strategy `{name}`: {message}"))
        }
    }
}

fn ratio(ratio: proposals::Ratio) -> Ratio {
    Ratio { hits: ratio.hits, total: ratio.total }
}

fn rule_kind(kind: proposals::RuleKind) -> RuleKind {
    match kind {
        proposals::RuleKind::Contrast => RuleKind::Contrast,
        proposals::RuleKind::FailureFix => RuleKind::FailureFix,
        proposals::RuleKind::Sequence => RuleKind::Sequence,
        proposals::RuleKind::Theme => RuleKind::Theme,
    }
}

fn statistics_from_wit(statistics: proposals::Statistics) -> Statistics {
    Statistics {
        statement: statistics.statement,
        field: statistics.field,
        comparison: statistics.comparison,
        value: statistics.value,
        with: ratio(statistics.with),
        without: ratio(statistics.without),
        p: statistics.p,
        q: statistics.q,
        check_with: ratio(statistics.check_with),
        check_without: ratio(statistics.check_without),
        session_ids: statistics.session_ids,
    }
}

/// A proposal as the host's own type.
pub(crate) fn operation_from_wit(operation: proposals::Operation) -> Operation {
    let change = match operation.change {
        proposals::Change::Keep(entry_id) => Change::Keep { entry_id },
        proposals::Change::Merge(merge) => {
            Change::Merge { entry_ids: merge.entry_ids, survivor_id: merge.survivor_id }
        }
        proposals::Change::Supersede(supersede) => Change::Supersede {
            loser_id: supersede.loser_id,
            winner_id: supersede.winner_id,
            since: Timestamp(supersede.since_ms),
        },
        proposals::Change::Add(addition) => Change::Add {
            draft: Draft { path: addition.draft.path, text: addition.draft.text },
            kind: rule_kind(addition.kind),
            statistics: addition.statistics.map(statistics_from_wit),
        },
        proposals::Change::Drop(entry_id) => Change::Drop { entry_id },
        proposals::Change::FlagConflict(conflict) => {
            Change::FlagConflict { entry_ids: conflict.entry_ids }
        }
    };
    let evidence = |evidence: proposals::Evidence| Evidence {
        session_id: evidence.session_id,
        event_id: evidence.event_id,
        quote: evidence.quote,
    };
    let evidence = operation.evidence.into_iter().map(evidence).collect();
    Operation { change, reason: operation.reason, evidence }
}

/// A refusal as the guest sees it.
pub(crate) fn rejection_to_wit(rejection: Rejection) -> proposals::Rejection {
    match rejection {
        Rejection::UnknownEntry(message) => proposals::Rejection::UnknownEntry(message),
        Rejection::AlreadySettled(message) => proposals::Rejection::AlreadySettled(message),
        Rejection::QuoteNotFound(message) => proposals::Rejection::QuoteNotFound(message),
        Rejection::Unsupported(message) => proposals::Rejection::Unsupported(message),
        Rejection::LossCap(message) => proposals::Rejection::LossCap(message),
        Rejection::TooLarge(message) => proposals::Rejection::TooLarge(message),
        Rejection::Malformed(message) => proposals::Rejection::Malformed(message),
    }
}
