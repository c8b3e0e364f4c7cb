//! What others wrote comes to the files.

use std::collections::{BTreeMap, BTreeSet};

use lucid_core::{Memory, Result};

use super::notice::Why;
use super::{AT_ONCE, Pen, Remembered, Work, blocking, folder, hidden};

/// What is to be at a path; none where nothing is.
type Text = (String, Option<String>);

impl Remembered {
    /// Makes the files what the store holds, but for what agents wrote that is not kept.
    pub(super) async fn fetch(&self, pen: Pen<'_>, work: &mut Work) -> Result<()> {
        work.held = work.say.files.keys().cloned().collect();
        let mut not_shown = BTreeMap::new();
        let heads = pen.store.memories_in_short(&self.store_id).await?;
        let heads: Vec<Memory> = heads.into_iter().map(|(memory, _)| memory).collect();
        let paths: Vec<&str> = heads.iter().map(|head| head.path.as_str()).collect();
        let cannot = hidden(&paths);
        let mut shown = BTreeSet::new();
        let mut wanted = Vec::new();
        for head in &heads {
            let path = &head.path;
            if cannot.contains(path.as_str()) || work.is_held(path) {
                if !work.held.contains(path) {
                    let why = "is in the store, and something else stands in its place here";
                    not_shown.insert(path.clone(), Why::of(why));
                }
                continue;
            }
            shown.insert(path.clone());
            if work.seen.files.get(path) == Some(&head.content_sha256) {
                work.list.set(path, Some(head.content_sha256.clone()));
            } else {
                wanted.push(head);
            }
        }
        let gone = |path: &&String| !shown.contains(*path) && !work.is_held(path);
        let gone: Vec<String> = work.list.known.keys().filter(gone).cloned().collect();
        // What goes makes room.
        let gone = gone.into_iter().map(|path| (path, None)).collect();
        not_shown.extend(self.bring(work, gone).await?);
        for heads in wanted.chunks(AT_ONCE) {
            let mut texts = Vec::new();
            for head in heads {
                // What somebody changes this moment comes the next time.
                let memory = pen.store.memory(&head.id).await?;
                let same = |memory: &Memory| {
                    memory.path == head.path && memory.content_sha256 == head.content_sha256
                };
                let memory = memory.filter(same);
                texts.extend(memory.map(|memory| (memory.path, Some(memory.content))));
            }
            not_shown.extend(self.bring(work, texts).await?);
        }
        work.say.not_shown = Some(not_shown);
        Ok(())
    }

    /// Changes files: none goes, the others get these texts. What is about to be is written
    /// down first, so that a process that ends in between leaves no change of an agent's.
    /// Gives those that could not be changed.
    async fn bring(&self, work: &mut Work, texts: Vec<Text>) -> Result<Vec<(String, Why)>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let (this, mut list) = (self.clone(), work.list.clone());
        let (list, failed) = blocking(move || {
            let hash = |text: &Option<String>| text.as_deref().map(folder::hash);
            list.coming = texts.iter().map(|(path, text)| (path.clone(), hash(text))).collect();
            this.note(&list)?;
            let mut failed = Vec::new();
            for (path, text) in &texts {
                let done = match text {
                    Some(text) => folder::put(&this.folder, path, text),
                    None => folder::remove(&this.folder, path),
                };
                match done {
                    Ok(()) => list.set(path, hash(text)),
                    Err(error) => failed.push((path.clone(), error.to_string())),
                }
            }
            list.coming.clear();
            this.note(&list)?;
            Ok((list, failed))
        })
        .await?;
        (work.list, work.noted) = (list.clone(), list);
        let words = "could not be brought up to date with the store";
        let why = |(path, error): (String, String)| {
            let whole = Some(format!("{path:?} {words}: {error}"));
            (path, Why { words: words.to_owned(), whole })
        };
        Ok(failed.into_iter().map(why).collect())
    }
}

impl Work {
    /// Whether something stands at a path, above it or below it that is not kept, and stays.
    fn is_held(&self, path: &str) -> bool {
        let mut ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        let below = format!("{path}/");
        let mut behind = self.held.range(below.clone()..);
        ends.any(|end| path.get(..end).is_some_and(|part| self.held.contains(part)))
            || behind.next().is_some_and(|other| other.starts_with(&below))
    }
}
