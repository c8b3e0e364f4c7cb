//! Credentials that somebody lends to single requests of a call.
//!
//! Secrets of a mission are known when it is loaded. These are asked for at every request, so
//! that what was taken back is lent no more, and they are somebody's own: two sessions with
//! the same plugin have different ones. No guest sees either.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use http::HeaderValue;
use lucid_core::{Failure, Result};
use lucid_policy::Secret;
use lucid_policy::http::Target;
use lucid_policy::redact::Redactor;

use super::replace::Replacer;

/// Who has credentials for the requests of a session.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// What belongs to a request that policy allows. `path` has its query.
    ///
    /// # Errors
    /// When there is a credential and it cannot be used: the request is not sent, and the
    /// failure is told. It names no secret.
    async fn lend(&self, target: &Target, path: &str) -> Result<Lent, NotLent>;

    /// A server answered 401 to what was lent: what to try once more, where there is something
    /// else.
    ///
    /// # Errors
    /// When there should be something else and it cannot be had; told beside the answer.
    async fn renew(
        &self,
        target: &Target,
        path: &str,
        refused: &Lent,
    ) -> Result<Option<Lent>, NotLent>;
}

/// Why nothing is lent to a request that should have had something. It names no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotLent {
    /// What the guest's agent is told.
    pub failure: Failure,
    /// The credential that could not be had anew, where that is what failed.
    pub credential: Option<UnusableCredential>,
}

/// A credential that could not be had anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusableCredential {
    /// Its vault.
    pub vault_id: String,
    /// It.
    pub credential_id: String,
    /// Whether the host that gives it anew was not reached; else it was refused there, or where
    /// it goes.
    pub is_unreached: bool,
    /// What happened, for people.
    pub message: String,
}

impl From<Failure> for NotLent {
    fn from(failure: Failure) -> Self {
        Self { failure, credential: None }
    }
}

/// What is lent to one request.
#[derive(Debug, Clone, Default)]
pub struct Lent {
    /// A header field; what the guest set under its name is replaced.
    pub header: Option<Secret>,
    /// Whether there may be another value, where a server refuses that of `header`.
    pub renewable: bool,
    /// Values that guests know by a placeholder.
    pub variables: Vec<LentVariable>,
}

/// A value that stands in the environment as a placeholder.
#[derive(Clone, PartialEq, Eq)]
pub struct LentVariable {
    /// The variable. A plugin that may not see it cannot use it.
    pub name: String,
    /// What a guest sees.
    pub placeholder: String,
    /// What is sent in its place.
    pub value: String,
    /// Whether it is put into the values of the header.
    pub header: bool,
    /// Whether it is put into the body.
    pub body: bool,
}

/// Says nothing of the value.
impl fmt::Debug for LentVariable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, header, body, .. } = self;
        let mut shown = formatter.debug_struct("LentVariable");
        shown.field("name", name).field("header", header).field("body", body).finish()
    }
}

impl Lent {
    /// What replaces placeholders in a body; none where nothing is put into bodies.
    pub(super) fn for_body(&self) -> Option<Replacer> {
        Replacer::new(self.variables.iter().filter(|variable| variable.body))
    }

    /// A value of the header with what stands for placeholders; none where it has no
    /// placeholder.
    pub(super) fn fill(&self, value: &HeaderValue) -> Option<Vec<u8>> {
        Replacer::new(self.variables.iter().filter(|variable| variable.header))?
            .whole(value.as_bytes())
    }

    /// Masks all of it, whether it is used or not.
    fn redactor(&self) -> Redactor {
        let values = self.variables.iter().map(|variable| &variable.value);
        Redactor::of_values(values).and(&Redactor::of(&self.header))
    }
}

/// Bytes that a lender remembers at most of what it lent.
const REMEMBERED_BYTES_MAX: usize = 256 << 10;

/// Lends credentials, and remembers them: they are masked in all that comes back, also when
/// there are others by then. What was lent longest ago is forgotten first, at 256 KiB.
pub struct Lender {
    credentials: Arc<dyn Credentials>,
    lent: Mutex<Remembered>,
}

/// What was lent, the newest last, and what masks all of it.
#[derive(Default)]
struct Remembered {
    each: VecDeque<Redactor>,
    all: Redactor,
}

impl Remembered {
    fn add(&mut self, lent: Redactor) {
        if lent.is_empty() {
            return;
        }
        if let Some(at) = self.each.iter().position(|known| *known == lent) {
            self.each.remove(at);
        } else {
            self.all = self.all.and(&lent);
        }
        self.each.push_back(lent);
        let (mut bytes, count) = (self.each.iter().map(Redactor::bytes).sum(), self.each.len());
        while bytes > REMEMBERED_BYTES_MAX && self.each.len() > 1 {
            let oldest = self.each.pop_front().unwrap_or_default();
            bytes = usize::saturating_sub(bytes, oldest.bytes());
        }
        if self.each.len() < count {
            self.all = Redactor::of_all(&self.each);
        }
    }
}

impl Lender {
    /// Lends what somebody has. Calls with one lender mask what any of them could send, so a
    /// session has the same one as long as it is talked to.
    #[must_use]
    pub fn new(credentials: Arc<dyn Credentials>) -> Self {
        Self { credentials, lent: Mutex::default() }
    }

    /// Masks all that was lent so far.
    #[must_use]
    pub fn redactor(&self) -> Redactor {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).all.clone()
    }

    pub(super) fn credentials(&self) -> &dyn Credentials {
        self.credentials.as_ref()
    }

    /// Remembers what fits a request, also where this request has no use for it: a server may
    /// send back what it was sent in an earlier run, by another plugin.
    pub(super) fn remember(&self, lent: &Lent) {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).add(lent.redactor());
    }
}

/// Says nothing of what it lends.
impl fmt::Debug for Lender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Lender")
    }
}
