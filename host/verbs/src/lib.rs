//! What the command line asks of a workspace, as data.
//!
//! A [`Verb`] is one thing to ask: it can be performed where the workspace's folder is open, and
//! it can be sent to a server that has it open ([`answer_to`]). Both perform the same code on a
//! [`Stage`]; what differs between them is behind [`Around`], and nowhere else.
#![forbid(unsafe_code)]

mod dream;
mod dreams;
mod events;
mod find;
mod hidden;
mod interrupt;
mod keep;
mod memory;
mod run;
mod sessions;
mod short;
mod stage;
mod table;
mod verb;
mod work;

pub use dream::inputs::DreamSessions;
pub use dream::look::{DreamLog, DreamSeen, LogPlace, LookAtDream};
pub use dream::review::{DecideDream, DreamDecided, DreamDecision, DreamOperations};
pub use dream::schedule::{
    AddSchedule, ListSchedules, PauseSchedule, RemoveSchedule, ScheduleShown,
};
pub use dream::start::{CancelDream, ResumeDream, Resumed, StartDream};
pub use dream::{DiffDream, ListDreams, ListWaitingDreams, ReadDream};
pub use dreams::{DreamTurn, Dreams, DreamsStarted};
pub use events::{
    AwaitEvents, AwaitRest, EVENTS_MAX, EventPage, News, Numbered, SessionEvents, WAIT_MS_MAX,
};
pub use find::pick;
pub use interrupt::{InterruptSession, Interrupted};
pub use keep::{ArchiveSession, DeleteSession, ImportSessions};
pub use memory::redact::{FindMemoryVersion, RedactMemoryVersion};
pub use memory::why::ExplainEntry;
pub use memory::{
    ImportMemoryStore, ListMemoryHistory, ListMemoryStores, ListMemoryVersions, ReadMemories,
};
pub use run::list::{RunEnd, RunSeen, Runs};
pub use run::note::RunNote;
pub use run::start::{RunBegan, StartProof, StartRun};
pub use run::watch::{CancelRun, WatchRun};
pub use run::work::{
    ProofAsked, RunAsked, RunKind, RunResult, check_run, prove_dream, run_mission,
};
pub use sessions::{FindSession, ListSessions, SESSIONS_MAX};
pub use stage::{Around, Stage, Turn};
pub use table::{NAMES, answer_to, changes};
pub use verb::Verb;
pub use work::{ConfirmCall, DefineOutcome, LeftSessions, ResumeSession, Said, SendMessage};
