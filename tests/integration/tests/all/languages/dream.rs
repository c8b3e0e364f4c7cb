//! The dream strategy `failures`: merges what is double, and writes down what kept failing.

use super::{made, run};

const MISSION: &str = r#"
name = "failures"
lead = "clerk"
message = "Do task {task}."

[plugins.files]
files = "read-write"

[plugins.sample-dream]
file = "plugin.wasm"

[agents.clerk]
model = "plugin:script"
system = '''
call read {"file_path": "/workspace/missing.txt"}
say It is not there.
'''
tools = ["files.read"]
view = { "/workspace" = "rw" }

[memory.notes]
folder = "memory"

[outcome]
description = "There is a report."
rubric = "rubric.md"
grader = "checks"
max_iterations = 1

[dream]
strategy = "sample-dream"
memory = "notes"

[study]
seed = 1
training_tasks = 4
training_sessions = 4
shown_tasks = 1
held_out_tasks = 1

[study.result]
file = "report.json"
result = "result"
measures = []
"#;

const NOTES: &str = "# Notes\n\n- Read  the notes first.\n- read the notes FIRST.\n- Be brief.\n";

fn from_an_empty_folder_to_a_mission(language: &str) {
    let (author, name) = made(language, "dream");
    let rubric = "- There is a report. `check: exists('report.json')`\n";
    let files = [("rubric.md", rubric), ("memory/notes.md", NOTES)];
    let report = run(&author, &name, MISSION, &files, 0);
    assert_eq!(report["dream"]["operations"], 2, "{report}");
    let shown = author.lucid("", &["dream", "show", "latest", "--json"]).ok().out;
    assert!(shown.contains("Tool `read` failed in 4 sessions with: "), "{shown}");
    let store = report["dream"]["memory_store_out"].as_str().unwrap();
    let shown = author.lucid("", &["memory", "show", store]).ok().out;
    assert!(shown.contains("- Read  the notes first.") && shown.contains("- Be brief."), "{shown}");
    assert!(!shown.contains("FIRST") && shown.contains("failed in 4 sessions"), "{shown}");
}

#[test]
fn a_dream_in_rust_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("rust");
}

#[test]
fn a_dream_in_python_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("python");
}

#[test]
fn a_dream_in_javascript_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("js");
}
