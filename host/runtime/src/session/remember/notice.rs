//! What agents and those who watch are told of memory that was not kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::list::List;
use super::name;

/// Files that are named one by one; more are counted.
const NAMED_MAX: usize = 20;

/// What is said of one memory store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notices(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    agents: Vec<String>,
    not_shown: Vec<String>,
    fresh: Vec<String>,
}

/// What there is to say, before it is.
#[derive(Debug, Default)]
pub(super) struct ToSay {
    /// What is so of the whole store.
    pub(super) store: Option<&'static str>,
    /// What is so of files as long as nobody changes them.
    pub(super) files: BTreeMap<String, Why>,
    /// Memories that are in no file as the store has them; none where nobody looked for some.
    pub(super) not_shown: Option<BTreeMap<String, Why>>,
    /// What happened to files just now.
    pub(super) happened: BTreeMap<String, &'static str>,
}

/// Why something is so.
#[derive(Debug)]
pub(super) struct Why {
    /// In words of the host alone, which agents may be told.
    pub(super) words: String,
    /// All that is known, for the log.
    pub(super) whole: Option<String>,
}

impl Why {
    pub(super) fn of(words: impl Into<String>) -> Self {
        Self { words: words.into(), whole: None }
    }
}

impl Notices {
    /// What agents are told, as long as it is so. Names of files are a guest's words: one that
    /// has more in it than names have is not repeated.
    pub(crate) fn for_agents(&self) -> Vec<String> {
        let said = self.said();
        said.agents.iter().chain(&said.not_shown).cloned().collect()
    }

    /// What was not said yet, for the log.
    pub(crate) fn take_fresh(&self) -> Vec<String> {
        std::mem::take(&mut self.said().fresh)
    }

    /// Says what there is to say; what the list has was said before.
    pub(super) fn say(&self, say: &ToSay, list: &mut List) {
        let (mut agents, mut told) = lines("not kept in memory", &say.files);
        if let Some(store) = say.store {
            agents.insert(0, store.to_owned());
            told.insert(store.to_owned());
        }
        let mut fresh: Vec<String> = told.difference(&list.told).cloned().collect();
        list.told = told;
        for (path, what) in say.happened.iter().take(NAMED_MAX) {
            agents.push(format!("{} {what}.", shown(path)));
            fresh.push(format!("memory {path:?} {what}"));
        }
        let mut said = self.said();
        if let Some(not_shown) = &say.not_shown {
            let (lines, told) = lines("not shown of memory", not_shown);
            fresh.extend(told.difference(&list.told_not_shown).cloned());
            (said.not_shown, list.told_not_shown) = (lines, told);
        }
        said.agents = agents;
        said.fresh.extend(fresh);
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What agents are told of some files, and what the log is.
fn lines(what: &str, files: &BTreeMap<String, Why>) -> (Vec<String>, BTreeSet<String>) {
    let (mut agents, mut told) = (Vec::new(), BTreeSet::new());
    for (path, why) in files.iter().take(NAMED_MAX) {
        agents.push(format!("Note: {what}: {} {}.", shown(path), why.words));
        let whole = why.whole.clone().unwrap_or_else(|| format!("{path:?} {}", why.words));
        told.insert(format!("{what}: {whole}"));
    }
    let more = files.len().saturating_sub(NAMED_MAX);
    if more > 0 {
        agents.push(format!("Note: {what}: {more} more."));
        // Without the number, which changes all the time.
        told.insert(format!("{what}: more than {NAMED_MAX} files"));
    }
    (agents, told)
}

fn shown(path: &str) -> String {
    match name::is_plain(path) {
        true => format!("`{path}`"),
        false => "a file whose name is not repeated here".to_owned(),
    }
}
