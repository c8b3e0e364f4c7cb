//! What the place that a scheduler runs in has to say about its dreams.

use async_trait::async_trait;
use lucid_core::{DreamId, Failure, MemoryStoreId, Result, ReviewPolicy};

/// What a scheduler asks the place that it runs in, such as a server.
#[async_trait]
pub trait SchedulerPlace: Send + Sync {
    /// Checks that a memory store may be dreamt over now, and a policy decide so much of that
    /// without a person. A schedule that may not leaves its time out.
    ///
    /// # Errors
    /// Invalid, when the store takes no dreams any more; denied, when whoever runs this place
    /// wants a person to decide; failed, when the store fails: then its time is tried again.
    async fn check(&self, memory_store: &MemoryStoreId, policy: ReviewPolicy) -> Result<()>;

    /// Takes a dream, so that nobody else in this process runs it; none where somebody else
    /// here does, or will.
    ///
    /// # Errors
    /// Failed, when the store fails.
    async fn take(&self, id: &DreamId) -> Result<Option<Taken>>;
}

/// A dream that is the scheduler's to run. It is told when that has ended, and what went wrong;
/// when it is dropped instead, the dream was left before it ended.
pub type Taken = Box<dyn FnOnce(Option<Failure>) + Send>;

/// A process that does nothing but run schedules, for somebody who has the folder.
pub(super) struct Alone;

#[async_trait]
impl SchedulerPlace for Alone {
    async fn check(&self, _memory_store: &MemoryStoreId, _policy: ReviewPolicy) -> Result<()> {
        Ok(())
    }

    async fn take(&self, _id: &DreamId) -> Result<Option<Taken>> {
        Ok(Some(Box::new(|_| ())))
    }
}
