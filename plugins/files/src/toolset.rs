//! The tools beside the toolset they are to be: every name, every property, every answer.

use crate::tools;
use lucid_sdk::serde_json::{Value, json};
use lucid_sdk::testing::{Host, call_tool};
use lucid_sdk::tool::{Annotations, Content, Definition, ToolError};
use std::collections::BTreeSet;

/// `agent_toolset_20260401` without what needs a shell or the network: tool, then property and
/// type, with a star where it is required.
const TOOLSET: &str = "
    read  | file_path* string | view_range [integer]
    write | file_path* string | content* string
    edit  | file_path* string | old_string* string | new_string* string | replace_all boolean
    glob  | pattern* string | path string
    grep  | pattern* string | path string
";

/// One tool of the table: its name, its properties with their types, and those required.
type Row = (String, BTreeSet<(String, String)>, BTreeSet<String>);

fn table() -> Vec<Row> {
    let row = |line: &str| {
        let mut parts = line.split('|').map(str::trim);
        let mut row: Row = (parts.next().unwrap().to_owned(), BTreeSet::new(), BTreeSet::new());
        for part in parts {
            let (name, kind) = part.split_once(' ').unwrap();
            if let Some(name) = name.strip_suffix('*') {
                row.2.insert(name.to_owned());
            }
            row.1.insert((name.trim_end_matches('*').to_owned(), kind.to_owned()));
        }
        row
    };
    TOOLSET.trim().lines().map(row).collect()
}

/// The type of a property, without whether it may be null.
fn kind(schema: &Value) -> String {
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let mut types = types.iter().filter_map(Value::as_str).filter(|name| *name != "null");
    let only = types.next().unwrap();
    assert_eq!(types.next(), None, "{schema}");
    if only == "array" { format!("[{}]", kind(&schema["items"])) } else { only.to_owned() }
}

fn definitions() -> Vec<Definition> {
    tools().iter().map(lucid_sdk::tool::Tool::definition).collect()
}

#[test]
fn names_properties_types_and_what_is_required_are_those_of_the_toolset() {
    let ours = definitions().into_iter().map(|tool| {
        let schema: Value = lucid_sdk::serde_json::from_str(&tool.input_schema).unwrap();
        assert_eq!(schema["type"], "object", "{}", tool.name);
        assert_eq!(schema["additionalProperties"], false, "{}", tool.name);
        let properties = schema["properties"].as_object().unwrap();
        let described = |value: &Value| !value["description"].as_str().unwrap().is_empty();
        assert!(properties.values().all(described), "{schema}");
        let properties = properties.iter().map(|(name, value)| (name.clone(), kind(value)));
        let required = schema["required"].as_array().unwrap().iter();
        let required = required.map(|name| name.as_str().unwrap().to_owned());
        (tool.name, properties.collect(), required.collect())
    });
    assert_eq!(ours.collect::<Vec<Row>>(), table());
}

#[test]
fn what_is_optional_may_be_null() {
    for (name, properties, required) in table() {
        let definition = definitions().into_iter().find(|tool| tool.name == name).unwrap();
        let schema: Value = lucid_sdk::serde_json::from_str(&definition.input_schema).unwrap();
        for (property, _) in properties.iter().filter(|(name, _)| !required.contains(name)) {
            let types = schema["properties"][property]["type"].as_array().unwrap();
            assert!(types.contains(&json!("null")), "{name}.{property}");
        }
    }
}

#[test]
fn annotations_say_what_a_call_may_do() {
    let looks = Annotations::READ_ONLY | Annotations::IDEMPOTENT;
    let expected = [
        ("read", looks),
        ("write", Annotations::DESTRUCTIVE | Annotations::IDEMPOTENT),
        ("edit", Annotations::DESTRUCTIVE),
        ("glob", looks),
        ("grep", looks),
    ];
    let ours = definitions().into_iter().map(|tool| (tool.name, tool.annotations));
    let expected = expected.map(|(name, annotations)| (name.to_owned(), annotations));
    assert_eq!(ours.collect::<Vec<_>>(), expected);
}

fn said(tool: &str, input: Value) -> String {
    match call_tool(&tools(), tool, &input).unwrap().as_slice() {
        [Content::Text(text)] => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_tools_answer_in_the_words_of_the_toolset() {
    let host = Host::new();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let path = format!("{root}/new/folder/a.txt");
    let content = "one two\ntwo\n";
    assert_eq!(
        said("write", json!({"file_path": path, "content": content})),
        format!("wrote 12 bytes to {path}")
    );
    assert_eq!(said("read", json!({"file_path": path, "view_range": null})), content);
    assert_eq!(said("read", json!({"file_path": path, "view_range": [2, 0]})), "two\n");
    let edit = |old: &str, all: Value| {
        let input = json!({"file_path": path, "old_string": old, "new_string": "2",
            "replace_all": all});
        call_tool(&tools(), "edit", input)
    };
    let twice = edit("two", Value::Null);
    assert!(matches!(twice, Err(ToolError::InvalidInput(why)) if why.contains("2 times")));
    let text = |answer: &str| Ok(vec![Content::Text(answer.to_owned())]);
    assert_eq!(edit("two", json!(true)), text(&format!("edited {path} (2 replacement(s))")));
    assert_eq!(edit("one", json!(false)), text(&format!("edited {path} (1 replacement(s))")));
    assert_eq!(said("glob", json!({"pattern": "**/*.txt", "path": root})), path);
    assert_eq!(said("glob", json!({"pattern": "*.md", "path": root})), "no matches");
    let found = said("grep", json!({"pattern": "^2$", "path": root}));
    assert_eq!(found, format!("{path}:2:2"));
    assert_eq!(said("grep", json!({"pattern": "three", "path": root})), "no matches");
    assert!(host.logs().is_empty());
}

#[test]
fn an_input_that_the_schema_does_not_allow_is_invalid() {
    let wrong = [
        ("read", json!({})),
        ("read", json!({"file_path": "/a", "view_range": ["1", "2"]})),
        ("read", json!({"file_path": "/a", "lines": 3})),
        ("write", json!({"file_path": "/a"})),
        ("edit", json!({"file_path": "/a", "old_string": "b"})),
        ("glob", json!({"path": "/"})),
        ("grep", json!({"pattern": 5})),
    ];
    for (tool, input) in wrong {
        let answer = call_tool(&tools(), tool, &input);
        assert!(matches!(answer, Err(ToolError::InvalidInput(_))), "{tool} {input}");
    }
}
