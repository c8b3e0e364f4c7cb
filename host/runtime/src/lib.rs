//! Missions, sessions, threads, outcomes and dreams: what people mean by Lucid.
//!
//! A [`Runtime`] holds a store, an engine and the folder of state. It loads a [`Mission`],
//! runs it once ([`Runtime::run_once`]) or as a study ([`Runtime::run_study`]), and answers
//! what happened from the event log.
#![forbid(unsafe_code)]

mod ambient;
mod asking;
pub mod conformance;
mod copies;
mod dream;
mod grading;
mod lease;
mod lenders;
mod live;
mod making;
mod managed;
mod mission;
mod observer;
mod owner;
mod plugins;
mod runs;
mod schedule;
mod session;
pub mod session_bench;
mod session_files;
mod sessions;
mod state;
mod stats;
mod study;
mod transports;
mod unattended;
mod world;

pub use ambient::{SystemClock, SystemEntropy};
pub use dream::{
    Chosen, DiffOf, DreamAsked, DreamRun, EntryStanding, EvaluateOptions, Evaluated, Forgetting,
    Forgotten, ForgottenDream, SessionChoice, Waiting, WaitsFor, Why,
};
pub use grading::{FolderGraded, GraderChoice, Graders, Member};
pub use live::{Held, LeavesCalls, Live, Tell as LiveTell};
pub use lucid_engine::{Call, Compiler, Engine, GuestTime, Mount, Plugin, Report, ToolAnswer};
pub use lucid_engine::{Credentials, Lent, LentVariable, NotLent, UnusableCredential};
pub use lucid_engine::{bench, compile_for_parent};
pub use lucid_memory::{Entry, FileDiff, MemoryDiff, Snapshot, WhyStep, apply_proposed, diff};
pub use lucid_model::cassette::Pace;
pub use lucid_model::{Prices, RemoteModel};
pub use lucid_store::{
    AppendFigures, DreamChange, DreamJob, DreamStore, ProofNeeded, SessionFilter, Store,
    StrategySource, measure_appends,
};
pub use lucid_store::{Document, DocumentChange, DocumentFilter, DocumentStore, DocumentWrite};
pub use making::MissionChange;
pub use managed::{MountedStore, NewSession, check_talks};
pub use mission::{
    Agent, AgentModel, BoundPlugin, BoundTool, ClientTool, DiskQuota, DreamPlan, InputFile,
    LimitChanges, MemorySource, Mission, OutcomePlan, OutcomeStudySection, PlotSection, ProofPlan,
    ResultSection, SchedulePlan, Secrets, StudySection, VariableSource, check_needs,
};
pub use observer::{NoObserver, Note, Observer};
pub use plugins::Bundled;
pub use runs::RunOptions;
pub use schedule::{
    JITTER_MS_MAX, Occurrence, ScheduleAsked, Scheduler, SchedulerNote, SchedulerPlace, Taken,
    Tell, Timing,
};
pub use session::{Approval, Approver, Ask, Heard, NobodyAsks, SessionEnd, Workspace};
pub use session_files::OutputFile;
pub use sessions::{LOG_BYTES_MAX, Posted};
pub use state::{Lends, Runtime, RuntimeOptions};
pub use stats::{PairedDifference, paired_difference, paired_lower_bound};
pub use study::{
    CriterionReport, Curve, DreamReport, HeldOutReport, OutcomeStudyReport, PhaseReport,
    StudyOptions, StudyReport, StudyResult, TaskReport,
};
pub use transports::Transports;
pub use unattended::Unattended;
pub use world::World;
