//! One call of a plugin: what it is given, and what comes back.

use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{CallUsage, Failure, Limits, LogLevel, Result, Timestamp};
use lucid_policy::http::Domains;
use lucid_policy::{Access, Secret};

use crate::capability::dream::DreamHost;
use crate::capability::files::FileQuota;
use crate::capability::graders::GradersHost;
use crate::capability::http::Lender;
use crate::capability::model::ModelHost;
use crate::effects::Effects;

/// One folder a call can see.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Where it is on this machine.
    pub host_folder: PathBuf,
    /// Where the guest sees it: an absolute path.
    pub guest_path: String,
    /// What may be done in it.
    pub access: Access,
}

/// What time it is for a guest, and what is random.
#[derive(Debug, Clone, Copy)]
pub enum GuestTime {
    /// The machine's.
    Real,
    /// A clock that stands still, and random numbers that follow from a seed.
    Fixed {
        /// The time.
        now: Timestamp,
        /// The seed.
        seed: u64,
    },
}

/// What one call is given. What the plugin has no capability for is not passed on.
#[derive(Clone)]
pub struct Call {
    /// What it may use.
    pub limits: Limits,
    /// The folders it can see.
    pub mounts: Vec<Mount>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// Its clocks and random numbers.
    pub time: GuestTime,
    /// The model it may ask.
    pub model: Option<Arc<dyn ModelHost>>,
    /// The graders it may ask.
    pub graders: Option<Arc<dyn GradersHost>>,
    /// The dream it is part of.
    pub dream: Option<Arc<dyn DreamHost>>,
    /// Secrets that the host adds to requests to their own origins; a guest never sees one.
    pub secrets: Arc<[Secret]>,
    /// Who lends credentials to its requests, each time anew; a guest never sees one.
    pub lender: Option<Arc<Lender>>,
    /// Lists of domains that its requests have to satisfy, each of them, beside what the
    /// plugin is granted.
    pub domains: Arc<[Domains]>,
    /// What is left of the filesystem that its folders are part of, beside its own limits.
    pub files: Option<Arc<FileQuota>>,
}

impl Call {
    /// A call that is given nothing but its limits.
    #[must_use]
    pub fn bare(limits: Limits) -> Self {
        Self {
            limits,
            mounts: Vec::new(),
            environment: Vec::new(),
            time: GuestTime::Real,
            model: None,
            graders: None,
            dream: None,
            secrets: Arc::default(),
            lender: None,
            domains: Arc::default(),
            files: None,
        }
    }
}

/// One log message of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// The message, control characters escaped.
    pub message: String,
}

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Report<T> {
    /// The result, or one of the five kinds of failure.
    pub result: Result<T>,
    /// What it used, also after a failure.
    pub usage: CallUsage,
    /// What it logged.
    pub logs: Vec<LogLine>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// What it changed outside of itself, and what it tried and was not allowed.
    pub effects: Effects,
}

impl<T> Report<T> {
    pub(crate) fn failed(failure: Failure) -> Self {
        Self {
            result: Err(failure),
            usage: CallUsage::default(),
            logs: Vec::new(),
            stdout: String::new(),
            stderr: String::new(),
            effects: Effects::default(),
        }
    }

    /// Turns the result into another.
    pub(crate) fn and_then<U>(self, then: impl FnOnce(T) -> Result<U>) -> Report<U> {
        Report {
            result: self.result.and_then(then),
            usage: self.usage,
            logs: self.logs,
            stdout: self.stdout,
            stderr: self.stderr,
            effects: self.effects,
        }
    }
}
