//! The words of Lucid as types.
//!
//! Nothing here does anything outside its own memory: no files, no network, no clock. What
//! time it is and what is random comes in through [`Clock`] and [`Entropy`], so that a run
//! can be repeated byte for byte.
#![forbid(unsafe_code)]

mod budget;
mod clock;
mod conversation;
mod dream;
mod effect;
mod evaluation;
mod event;
mod exchange;
mod failure;
mod hash;
mod id;
mod limits;
mod memory;
mod operation;
mod session;
mod state;
mod tool;

pub use budget::Budget;
pub use clock::{Clock, Entropy, SeededEntropy, StepClock, Timestamp};
pub use conversation::{
    Block, Completion, CompletionRequest, Message, Role, StopReason, TokenUsage, ToolOffer,
};
pub use dream::{
    Class, Dream, DreamError, DreamErrorKind, DreamOperation, DreamStatus, EntryInterval,
    LedgerLine, MaskedNote, OperationState, Place, Proof, ReviewPolicy, Schedule,
};
pub use effect::{Denial, EFFECTS_LISTED_MAX, FileChange, FileChangeKind};
pub use evaluation::{Criterion, Evaluation, Judgement, OutcomeResult, Quote, Verdict};
pub use event::{
    Compaction, Confirmation, Content, Event, EventRecord, IdleReason, LogLevel, ModelUsage,
    Permission, Span, Thought, Via,
};
pub use exchange::{read_sessions, write_session};
pub use failure::{Failure, FailureKind, Result};
pub use hash::{derive_seed, sha256_hex};
pub use id::{
    AgentId, ApiKeyId, CredentialId, DeploymentId, DeploymentRunId, DreamId, EnvironmentId,
    EventId, FileId, MemoryId, MemoryStoreId, MemoryVersionId, OutcomeId, RequestId, RunId,
    ScheduleId, SessionId, SessionResourceId, SkillId, SkillVersionId, ThreadId, VaultId,
    WebhookEventId, WebhookId, WorkId, WorkspaceId,
};
pub use limits::{CallUsage, Limits};
pub use memory::{
    Author, MEMORIES_MAX, MEMORY_BYTES_MAX, Memory, MemoryOperation, MemoryStore, MemoryVersion,
};
pub use operation::{
    Change, Draft, Evidence, Operation, Origin, Ratio, Rejection, RuleKind, Statistics,
};
pub use session::{Outcome, Session, SessionStatus, SessionSummary};
pub use state::{CallState, OutcomeState, SessionState, ThreadState, letter};
pub use tool::{Annotations, ToolContent, ToolSpec};
