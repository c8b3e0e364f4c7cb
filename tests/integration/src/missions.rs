//! Missions that are written for one test, with a state folder beside them.

use std::fs;
use std::path::{Path, PathBuf};

use lucid_core::{Event, EventRecord, SessionId};
use lucid_runtime::{Mission, Runtime, RuntimeOptions};
use tempfile::TempDir;

/// A folder for one test: a mission, and the state of its runs.
pub struct Missions {
    folder: TempDir,
}

impl Missions {
    /// Writes a mission: its files, and components beside them.
    #[must_use]
    pub fn new(files: &[(&str, &str)], guests: &[&str]) -> Self {
        let missions = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            missions.write(name, text);
        }
        for name in guests {
            let file = missions.mission().join(format!("{name}.wasm"));
            fs::write(file, crate::guest(name)).unwrap();
        }
        missions
    }

    /// Writes a file of the mission.
    pub fn write(&self, name: &str, text: &str) {
        let file = self.mission().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// The folder of everything.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The mission's folder.
    #[must_use]
    pub fn mission(&self) -> PathBuf {
        self.root().join("mission")
    }

    /// The state folder.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.root().join("state")
    }

    /// A runtime over a state folder.
    #[must_use]
    pub fn options(state: &Path) -> RuntimeOptions {
        RuntimeOptions {
            bundled: vec![crate::release().join("plugins")],
            owner: "tests".to_owned(),
            ..RuntimeOptions::new(state.to_owned())
        }
    }

    /// Opens the state and loads the mission.
    pub async fn load(&self) -> (Runtime, Mission) {
        Runtime::open_for(Self::options(&self.state()), &self.mission()).await.unwrap()
    }
}

/// The whole log of a session, with the events as types.
pub async fn log(runtime: &Runtime, session: &SessionId) -> Vec<(u32, EventRecord, Event)> {
    let mut events = Vec::new();
    loop {
        let after = events.last().map(|(seq, _)| *seq);
        let page = runtime.store.events(session, after, u32::MAX).await.unwrap();
        if page.is_empty() {
            break;
        }
        events.extend(page);
    }
    let read = |(seq, record): (u32, EventRecord)| {
        let event = record.event().expect("an event of a known type");
        (seq, record, event)
    };
    events.into_iter().map(read).collect()
}
