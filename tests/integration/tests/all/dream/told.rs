//! A strategy that does what it is told, over sessions in which people say what a test wants.

use std::collections::BTreeMap;

use lucid_core::{Dream, Event, MemoryStoreId, SessionId};
use lucid_runtime::{DreamAsked, DreamRun, LimitChanges, Runtime, RuntimeOptions, SessionChoice};
use lucid_tests::{Missions, log};
use serde_json::{Value, json};

pub(super) type Texts = BTreeMap<String, String>;

/// A memory with one entry twice.
pub(super) const NOTES: &str = "# Notes\n\n- The pump hums.\n- the pump HUMS.\n- One door.\n";

/// A state folder with the strategy beside it.
pub(super) struct Told {
    missions: Missions,
    pub(super) runtime: Runtime,
    pub(super) store: MemoryStoreId,
}

impl Told {
    pub(super) async fn new() -> Self {
        Self::with_limits(LimitChanges::default()).await
    }

    pub(super) async fn with_limits(limits: LimitChanges) -> Self {
        let missions = Missions::new(&[("README.md", "")], &["told-dream"]);
        let options = RuntimeOptions { limits, ..Missions::options(&missions.state()) };
        let runtime = Runtime::open(options).unwrap();
        let texts = Texts::from([("/notes.md".to_owned(), NOTES.to_owned())]);
        let store = runtime.import_memory_store("notes", "", texts).await.unwrap().id;
        Self { missions, runtime, store }
    }

    /// Another process on the same state folder.
    pub(super) fn another(&self) -> Runtime {
        Runtime::open(Missions::options(&self.missions.state())).unwrap()
    }

    /// The state folder.
    pub(super) fn state(&self) -> std::path::PathBuf {
        self.missions.state()
    }

    /// The file of the strategy.
    pub(super) fn strategy(&self) -> std::path::PathBuf {
        self.missions.mission().join("told-dream.wasm")
    }

    /// Sessions, numbered from some number on, in each of which somebody says one thing.
    pub(super) async fn sessions(&self, from: usize, said: &[&str]) -> Vec<SessionId> {
        let sessions = said.iter().enumerate().map(|(place, text)| session(from + place, text));
        self.runtime.import(&sessions.collect::<String>()).await.unwrap()
    }

    /// A dream over all sessions.
    pub(super) fn asked(&self, steps: &Value) -> DreamAsked {
        DreamAsked {
            instructions: Some(steps.to_string()),
            ..DreamAsked::new(
                self.strategy().to_str().unwrap(),
                self.store.clone(),
                SessionChoice::All,
            )
        }
    }

    pub(super) async fn dream(&self, steps: &Value) -> Dream {
        self.runtime.start_dream(&self.asked(steps), &DreamRun::default()).await.unwrap()
    }

    pub(super) async fn texts(&self, store: &MemoryStoreId) -> Texts {
        let memories = self.runtime.store.memories(store).await.unwrap();
        memories.into_iter().map(|memory| (memory.path, memory.content)).collect()
    }

    /// What a dream's output store holds.
    pub(super) async fn output(&self, dream: &Dream) -> Texts {
        self.texts(dream.memory_store_out.as_ref().unwrap()).await
    }

    pub(super) async fn input(&self) -> Texts {
        self.texts(&self.store).await
    }

    /// The events of a dream's own session.
    pub(super) async fn events(&self, dream: &Dream) -> Vec<Event> {
        let log = log(&self.runtime, dream.session_id.as_ref().unwrap()).await;
        log.into_iter().map(|(_, _, event)| event).collect()
    }
}

fn session(number: usize, text: &str) -> String {
    let at =
        |second: usize| format!("2026-01-01T{:02}:{:02}:{second:02}Z", number / 60, number % 60);
    let begins = json!({
        "type": "session",
        "id": format!("sesn_01told{number:04}"),
        "title": format!("Session {number}"),
        "created_at": at(0),
        "agent": {"name": "worker"},
        "metadata": {},
    });
    let said = json!({
        "id": format!("sevt_01told{number:04}"),
        "type": "user.message",
        "content": [{"type": "text", "text": text}],
        "processed_at": at(1),
    });
    format!("{begins}\n{said}\n")
}

/// What people say of `speed`, and a merge of what the notes say twice.
pub(super) fn say_and_merge() -> Value {
    json!([
        {"step": "merge"},
        {"step": "say", "path": "/playbook.md", "quote": "slow down"},
        {"step": "say", "path": "/playbook.md", "quote": "look left"},
    ])
}
