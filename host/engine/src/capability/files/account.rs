//! What one call writes: counted against its own limits and the quota of its folders.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lucid_core::{FileChangeKind, Limits};

use super::quota::FileQuota;
use crate::effects::EffectLog;
use crate::stopped::LimitReached;

/// Clones share the account: each open stream holds one.
#[derive(Debug, Clone)]
pub(super) struct Account(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bytes: AtomicU64,
    bytes_max: u64,
    made: AtomicU64,
    made_max: u64,
    quota: Option<Arc<FileQuota>>,
    reached: Mutex<Option<LimitReached>>,
    effects: EffectLog,
}

impl Account {
    pub(super) fn new(limits: &Limits, quota: Option<Arc<FileQuota>>, effects: EffectLog) -> Self {
        Self(Arc::new(Shared {
            bytes: AtomicU64::new(0),
            bytes_max: limits.file_bytes,
            made: AtomicU64::new(0),
            made_max: limits.files,
            quota,
            reached: Mutex::default(),
            effects,
        }))
    }

    /// Charges what a file is about to grow by.
    pub(super) fn grow(&self, bytes: u64) -> Result<(), LimitReached> {
        let shared = &self.0;
        self.touch();
        let total = shared.bytes.load(Ordering::Relaxed).saturating_add(bytes);
        if total > shared.bytes_max {
            return Err(self.refuse("file bytes", shared.bytes_max, "bytes", "file_bytes"));
        }
        if let Some(quota) = &shared.quota
            && !quota.grow(bytes)
        {
            let (limit, setting) = (quota.bytes_max(), "session.disk_bytes");
            return Err(self.refuse("bytes in the session's folders", limit, "bytes", setting));
        }
        shared.bytes.store(total, Ordering::Relaxed);
        Ok(())
    }

    /// Charges a file, folder or link that is about to be made.
    pub(super) fn make(&self) -> Result<(), LimitReached> {
        let shared = &self.0;
        self.touch();
        let made = shared.made.load(Ordering::Relaxed);
        if made >= shared.made_max {
            return Err(self.refuse("files made", shared.made_max, "files", "files"));
        }
        if let Some(quota) = &shared.quota
            && !quota.add_file()
        {
            let (limit, setting) = (quota.files_max(), "session.disk_files");
            return Err(self.refuse("files in the session's folders", limit, "files", setting));
        }
        shared.made.store(made + 1, Ordering::Relaxed);
        Ok(())
    }

    /// Notes a change that was made.
    pub(super) fn changed(&self, path: &str, change: FileChangeKind, bytes: u64) {
        self.touch();
        self.0.effects.changed(path, change, bytes);
    }

    /// What was charged may turn out not to be there.
    fn touch(&self) {
        if let Some(quota) = &self.0.quota {
            quota.touch();
        }
    }

    fn refuse(
        &self,
        what: &'static str,
        limit: u64,
        unit: &'static str,
        setting: &'static str,
    ) -> LimitReached {
        let reached = LimitReached { what, limit, unit, setting };
        self.0.reached.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reached);
        reached
    }

    /// The first limit that was reached.
    pub(super) fn reached(&self) -> Option<LimitReached> {
        *self.0.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn made(&self) -> u64 {
        self.0.made.load(Ordering::Relaxed)
    }
}
