//! The tool `outline`: the same in seven languages.

use serde_json::Value;

use super::{built, made, run};

/// What it says of the sample that each template has.
const OUTLINE: &str = concat!(
    r#"{"path":"/workspace/notes.md","headings":[{"level":1,"line":1,"text":"Notes"},"#,
    r#"{"level":2,"line":5,"text":"Method"},{"level":2,"line":12,"text":"Results"},"#,
    r#"{"level":3,"line":14,"text":"The \"fast\" way"}]}"#
);

const NOTES: &str = r#"{"path": "/workspace/notes.md"}"#;

const MISSION: &str = r#"
name = "outline"
lead = "reader"
message = "What is in the notes?"

[files]
"/workspace/notes.md" = "notes.md"

[plugins.sample-tool]
file = "plugin.wasm"
files = "read-only"

[agents.reader]
model = "plugin:script"
system = '''
call outline {"path": "/workspace/notes.md"}
call outline {"path": "/workspace/gone.md"}
say {result}
'''
tools = ["sample-tool"]
view = { "/workspace" = "ro" }
"#;

fn from_an_empty_folder_to_a_mission(language: &str) {
    let (author, name) = made(language, "tool");
    built(&author, &name);
    let call = |input: &str| {
        let arguments =
            ["plugin", "call", "sample-tool.wasm", "outline", input, "--dir", "sample::/workspace"];
        author.lucid("sample-tool", &arguments)
    };
    let called = call(NOTES).ok();
    assert_eq!(called.out.trim_end(), OUTLINE, "the same answer in every language");
    assert!(called.err.contains(" host calls"), "{}", called.err);
    let missing = call(r#"{"path": "/workspace/gone.md"}"#);
    assert!(missing.out.starts_with("not found: ") && missing.code == 1, "{missing:?}");
    assert!(missing.out.contains("/workspace/gone.md"), "{missing:?}");
    let wrong = call(r#"{"path": 7}"#);
    assert!(wrong.out.starts_with("invalid input: "), "{wrong:?}");

    let tried = author.lucid("sample-tool", &["plugin", "dev", "--once", "--json"]).ok();
    let tried: Value = serde_json::from_str(&tried.out).unwrap();
    assert_eq!((&tried["passed"], &tried["checks_failed"]), (&true.into(), &Value::Array(vec![])));
    assert!(!tried["examples"].as_array().unwrap().is_empty());

    let plugin =
        ["bench", "plugin", "sample-tool.wasm", "outline", NOTES, "--calls", "3", "--json"];
    let dir = ["--dir", "sample::/workspace"];
    let measured = author.lucid("sample-tool", &[&plugin[..], &dir[..]].concat()).ok();
    let measured: Value = serde_json::from_str(&measured.out).unwrap();
    let figure = |name: &str| measured[name].as_f64().unwrap();
    // Which of them is more is a matter of the machine, too: that what was compiled is kept is
    // held by `what_was_compiled_once_loads_without_a_compiler`.
    for name in ["load_cold_ms", "load_warm_ms", "first_call_us", "second_call_us"] {
        assert!(figure(name) > 0.0, "{name}: {measured}");
    }

    let notes = std::fs::read_to_string(author.root().join("sample-tool/sample/notes.md")).unwrap();
    let report = run(&author, &name, MISSION, &[("notes.md", &notes)], 0);
    let text = report["text"].as_str().unwrap();
    assert!(text.contains("not found: "), "the script says what its last call gave: {text}");
    let events = author.lucid("", &["session", "events", "latest", "--json"]).ok();
    let outline = serde_json::to_string(OUTLINE).unwrap();
    assert!(events.out.contains(&outline[1..outline.len() - 1]), "{}", events.out);
}

#[test]
fn a_tool_in_rust_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("rust");
}

#[test]
fn a_tool_in_python_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("python");
}

#[test]
fn a_tool_in_javascript_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("js");
}

#[test]
fn a_tool_in_c_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("c");
}

#[test]
fn a_tool_in_cpp_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("cpp");
}

#[test]
fn a_tool_in_zig_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("zig");
}

#[test]
fn a_tool_in_go_goes_from_an_empty_folder_to_a_mission() {
    from_an_empty_folder_to_a_mission("go");
}
