//! What agents changed goes to the store.

use std::sync::Arc;

use lucid_core::{
    Author, Failure, FailureKind, MEMORIES_MAX, MEMORY_BYTES_MAX, MemoryVersion, Result,
};
use lucid_store::Store;

use super::heads::{Change, Heads, Plan};
use super::notice::Why;
use super::{GONE, Pen, Remembered, Work, blocking, folder};

/// How often a write is tried again that somebody else was quicker than.
const TRIES: usize = 16;

/// What is said of a store that is archived.
const ARCHIVED: &str = "The memory store was archived: what is written there is not kept.";

impl Remembered {
    /// Whether the store takes no changes any more, none of which is kept then.
    pub(super) async fn is_closed(
        &self,
        store: &Arc<dyn Store>,
        changes: &[Change],
        work: &mut Work,
    ) -> Result<bool> {
        work.say.store = self.standing(store).await?;
        if work.say.store.is_none() {
            return Ok(false);
        }
        for change in changes.iter().filter(|change| change.hash.is_some()) {
            work.refuse(&change.path, Why::of("was written to a store that takes nothing more"));
        }
        Ok(true)
    }

    /// What is in the way of every change of the store; none where nothing is.
    async fn standing(&self, store: &Arc<dyn Store>) -> Result<Option<&'static str>> {
        if store.memory_store(&self.store_id).await?.is_none() {
            return Ok(Some(GONE));
        }
        // What a server notes beside a store has the store's id, and says when it was archived.
        let noted = store.document(self.store_id.as_str()).await?;
        let archived = noted.is_some_and(|noted| noted.archived_at.is_some());
        Ok(archived.then_some(ARCHIVED))
    }

    /// Writes changes over what the store holds now; those that a rule refuses alone, so that
    /// they do not take the others with them.
    pub(super) async fn write(
        &self,
        pen: Pen<'_>,
        heads: &mut Heads,
        changes: &[Change],
        work: &mut Work,
    ) -> Result<()> {
        for _ in 0..TRIES {
            let versions = self.versions(pen, heads, changes, work).await?;
            let written = match versions.is_empty() {
                true => Ok(true),
                false => {
                    let newest = heads.newest.as_ref();
                    let versions = versions.clone();
                    pen.store.write_memories_after(&self.store_id, newest, versions).await
                }
            };
            if written != Ok(true) && self.is_closed(pen.store, changes, work).await? {
                return Ok(());
            }
            match written {
                Ok(true) => {
                    heads.apply(&versions);
                    let done = changes.iter().filter(|change| !work.is_refused(&change.path));
                    let done: Vec<_> = done.cloned().collect();
                    done.into_iter().for_each(|change| work.list.set(&change.path, change.hash));
                    return Ok(());
                }
                // Others were quicker.
                Ok(false) => *heads = Heads::read(pen.store, &self.store_id).await?,
                Err(failure) if matches!(failure.kind, FailureKind::Failed | FailureKind::Bug) => {
                    return Err(failure);
                }
                Err(failure) => match changes {
                    [change] => {
                        work.refuse(&change.path, refusal(failure));
                        return Ok(());
                    }
                    changes => {
                        for change in changes.chunks(1) {
                            Box::pin(self.write(pen, heads, change, work)).await?;
                        }
                        return Ok(());
                    }
                },
            }
        }
        for change in changes {
            let why = Why::of("waits, because too many change the store at once");
            work.refuse(&change.path, why);
        }
        Ok(())
    }

    /// The versions that changes come to, as the store is now. What needs none has none.
    async fn versions(
        &self,
        pen: Pen<'_>,
        heads: &Heads,
        changes: &[Change],
        work: &mut Work,
    ) -> Result<Vec<MemoryVersion>> {
        let (mut versions, mut count) = (Vec::new(), heads.at.len());
        let author = Author::Session { session_id: self.session.clone() };
        for change in changes {
            let known = work.list.known.get(&change.path);
            let plan = heads.plan(change, known);
            if let Plan::Over = plan
                && self.was_kept(pen.store, change, known.cloned()).await?
            {
                continue;
            }
            let content = match (&plan, &change.hash) {
                (Plan::Nothing, _) => continue,
                (Plan::Leave, _) => {
                    let what = "was taken away, and stays: somebody else changed it meanwhile";
                    work.say.happened.insert(change.path.clone(), what);
                    continue;
                }
                (_, None) => None,
                (_, Some(hash)) => {
                    let (folder, path) = (self.folder.clone(), change.path.clone());
                    let text = blocking(move || Ok(folder::text(&folder, &path))).await?;
                    match text.ok().filter(|text| folder::hash(text) == *hash) {
                        Some(text) => Some(text),
                        None => {
                            work.refuse(&change.path, Why::of("changed while it was read"));
                            continue;
                        }
                    }
                }
            };
            match (&content, heads.at.contains_key(&change.path)) {
                (Some(_), false) if count >= MEMORIES_MAX => {
                    let why = format!("is one too many: a store has at most {MEMORIES_MAX}");
                    work.refuse(&change.path, Why::of(why));
                    continue;
                }
                (Some(_), false) => count += 1,
                (Some(_), true) => {}
                (None, _) => count = count.saturating_sub(1),
            }
            if let Plan::Over = plan
                && heads.at.contains_key(&change.path)
            {
                let what = "was written over what somebody else wrote there meanwhile, which is \
                            the version before it";
                work.say.happened.insert(change.path.clone(), what);
            }
            versions.push(heads.version(&self.store_id, change, content, &author, pen));
        }
        Ok(versions)
    }

    /// Whether the text of a change is kept already: a process wrote it down, and ended before
    /// it could note that it had.
    async fn was_kept(
        &self,
        store: &Arc<dyn Store>,
        change: &Change,
        known: Option<String>,
    ) -> Result<bool> {
        let ours = Author::Session { session_id: self.session.clone() };
        for version in store.memory_versions(&self.store_id, Some(&change.path)).await? {
            let hash = version.content.as_deref().map(folder::hash);
            if hash == known {
                return Ok(false);
            }
            if hash == change.hash && version.created_by == ours {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Why the store refused a text.
fn refusal(failure: Failure) -> Why {
    let words = match failure.kind {
        FailureKind::Exceeded => format!("has more than {MEMORY_BYTES_MAX} bytes, or is too many"),
        _ => "cannot be beside what others wrote: one is a file where the other is a folder".into(),
    };
    let hint = failure.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    Why { words, whole: Some(format!("{}{hint}", failure.message)) }
}
