//! The grader `facts`: judges what a rubric says of files.

use serde_json::Value;

use super::{made, run};

const MISSION: &str = r#"
name = "facts"
lead = "writer"
message = "Write the report."

[plugins.files]
files = "read-write"

[plugins.sample-grader]
file = "plugin.wasm"

[agents.writer]
model = "plugin:script"
system = '''
call write {"file_path": "/mnt/session/outputs/report.md", "content": "three fine words"}
say done
'''
tools = ["files.write"]
view = { "/mnt/session/outputs" = "rw" }

[outcome]
description = "The report."
rubric = "rubric.md"
grader = "sample-grader"
max_iterations = 1
"#;

const RUBRIC: &str = "# Done\n\n- `report.md` exists.\n- `report.md` has at least 3 words.\n\
                      - `report.md` contains \"fine\".\n";

fn from_an_empty_folder_to_a_mission(language: &str) {
    let (author, name) = made(language, "grader");
    let verdicts = |report: &Value| -> Vec<String> {
        let criteria = report["criteria"].as_array().unwrap().iter();
        criteria.map(|one| one["verdict"].as_str().unwrap().to_owned()).collect()
    };
    let report = run(&author, &name, MISSION, &[("rubric.md", RUBRIC)], 0);
    assert_eq!(report["outcome"], "satisfied", "{report}");
    assert_eq!(verdicts(&report), ["met", "met", "met"]);

    let more = format!("{RUBRIC}- `gone.md` exists.\n- It reads well.\n- `../x` exists.\n");
    let report = run(&author, &name, MISSION, &[("rubric.md", &more)], 6);
    let expected = ["met", "met", "met", "unmet", "not_gradable", "unmet"];
    assert_eq!(verdicts(&report), expected, "{report}");
}

#[test]
fn a_grader_in_rust_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("rust");
}

#[test]
fn a_grader_in_python_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("python");
}

#[test]
fn a_grader_in_javascript_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("js");
}
