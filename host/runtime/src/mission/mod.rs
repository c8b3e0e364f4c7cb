//! Missions: a folder with `mission.toml` that binds agents, plugins, files, rubric, memory
//! and dream.
//!
//! Loading reads and checks everything before anything runs or is written: the file, the
//! plugins with their grants, the agents' tools and views, the rubric's checks.

mod bind;
mod budget;
mod dream;
mod file;
mod files;
mod inputs;
mod limits;
mod load;
mod models;
mod narrow;
mod panel;
mod permissions;
mod secrets;
mod source;
mod template;

pub use bind::{Agent, AgentModel, BoundPlugin, BoundTool, ClientTool};
pub use dream::{DreamPlan, ProofPlan, SchedulePlan};
pub(crate) use dream::{check_instructions, check_proof, load_strategy};
pub use file::{OutcomeStudySection, PlotSection, ResultSection, StudySection};
pub use inputs::InputFile;
pub(crate) use limits::standard as standard_limits;
pub use limits::{DiskQuota, LimitChanges, check_needs};
pub(crate) use load::{Loading, load, load_graders};
pub use load::{MemorySource, Mission, OutcomePlan};
pub(crate) use models::{TransportFactory, http_transport};
pub use secrets::{Secrets, VariableSource};
pub(crate) use template::{Variables, fill};
