//! The model `steps`: makes the calls that its task lists.

use super::{made, run};

const MISSION: &str = r#"
name = "steps"
lead = "worker"
message = '''
Do this:
write {"file_path": "/workspace/a.txt", "content": "kept for later"}
read {"file_path": "/workspace/a.txt"}
'''

[plugins.files]
files = "read-write"

[plugins.sample-model]
file = "plugin.wasm"

[agents.worker]
model = "plugin:sample-model"
tools = ["files"]
view = { "/workspace" = "rw" }
"#;

fn from_an_empty_folder_to_a_mission(language: &str) {
    let (author, name) = made(language, "model");
    let report = run(&author, &name, MISSION, &[], 0);
    assert!(report["text"].as_str().unwrap().contains("kept for later"), "{report}");
    assert_eq!(report["tool_calls"], 2);
    let report = run(&author, &name, &MISSION.replace("\nread {", "\nfly {"), &[], 0);
    assert!(report["text"].as_str().unwrap().contains("`fly`"), "{report}");
}

#[test]
fn a_model_in_rust_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("rust");
}

#[test]
fn a_model_in_python_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("python");
}

#[test]
fn a_model_in_javascript_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("js");
}
