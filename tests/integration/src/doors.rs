//! A mission whose agent knows the right door only where its memory says so, and a dream that
//! says it.

use std::path::Path;

use lucid_core::{Dream, OperationState};
use lucid_runtime::{DreamAsked, DreamRun, Runtime, SessionChoice};

use crate::Missions;

/// Its one memory, which does not know the door.
const NOTES: &str = "# Notes\n\n- The pump hums.\n";

const RUBRIC: &str = "- The blue door is known. `check: text('doors.md').contains('blue door')`\n";

/// One session, in which somebody says which door it is.
const SAID: &str = concat!(
    r#"{"type": "session", "id": "sesn_01door", "title": "t", "agent": {"name": "a"}, "#,
    r#""created_at": "2026-01-01T00:00:00Z", "metadata": {}}"#,
    "\n",
    r#"{"type": "user.message", "id": "sevt_01door", "processed_at": "2026-01-01T00:00:01Z", "#,
    r#""content": [{"type": "text", "text": "take the blue door"}]}"#,
    "\n",
);

/// An agent that hands in what its memory says of doors, and what dreams and studies of it do;
/// `dream` is more of its `[dream]`.
fn mission(dream: &str) -> String {
    format!(
        r#"
name = "doors"
lead = "porter"
message = "Do task {{task}}."

[plugins.copier]
file = "copier.wasm"
files = "read-write"

[plugins.told-dream]
file = "told-dream.wasm"

[agents.porter]
model = "plugin:script"
system = '''
call copy {{"from": "/mnt/memory/notes/doors.md", "to": "/mnt/session/outputs/doors.md"}}
say Done.
'''
tools = ["copier"]
view = {{ "/mnt/session/outputs" = "rw" }}

[memory.notes]
folder = "memory"

[outcome]
description = "The doors are known."
rubric = "rubric.md"
grader = "checks"
max_iterations = 1

[dream]
strategy = "told-dream"
memory = "notes"
{dream}

[study]
seed = 1
training_tasks = 1
training_sessions = 1
shown_tasks = 1
held_out_tasks = 1

[study.result]
file = "report.json"
result = "result"
measures = []
"#
    )
}

/// What a dream is told that adds what was said of the door to a file.
#[must_use]
pub fn say_the_door(path: &str) -> String {
    format!(r#"[{{"step": "say", "path": "{path}", "quote": "the blue door"}}]"#)
}

impl Missions {
    /// The mission about doors; `dream` is more of its `[dream]`.
    #[must_use]
    pub fn doors(dream: &str) -> Self {
        let mission = mission(dream);
        let files =
            [("mission.toml", mission.as_str()), ("rubric.md", RUBRIC), ("memory/notes.md", NOTES)];
        Self::new(&files, &["copier", "told-dream"])
    }
}

/// A dream for the mission about doors that lies in a folder: its one proposal, which waits, adds
/// what somebody said to the file at `path`. It helps where that is `/doors.md`.
pub async fn dream_of_doors(runtime: &Runtime, mission: &Path, path: &str) -> Dream {
    let ids = runtime.import(SAID).await.unwrap();
    let texts = [("/notes.md".to_owned(), NOTES.to_owned())];
    let store = runtime.import_memory_store("notes", "", texts.into()).await.unwrap().id;
    let asked = DreamAsked {
        instructions: Some(say_the_door(path)),
        mission: Some(mission.to_owned()),
        ..DreamAsked::new("told-dream", store, SessionChoice::These(ids))
    };
    let dream = runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    assert_eq!(dream.in_state(OperationState::Proposed).count(), 1, "{:?}", dream.operations);
    dream
}
