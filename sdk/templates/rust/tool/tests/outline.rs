//! Runs natively: `cargo test`.

use std::fs;

use lucid_sdk::prelude::*;
use lucid_sdk::testing::call_tool;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sample/notes.md");

/// Writes a file of this test's own and calls the tool as an agent does.
fn outline(name: &str, markdown: &[u8]) -> Result<Value, ToolError> {
    let path = format!("{}/{name}.md", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&path, markdown).unwrap();
    Ok(my_plugin::outline(my_plugin::Input { path })?.0["headings"].take())
}

#[test]
fn the_headings_of_the_sample_are_listed_and_its_code_is_not() {
    let answer = call_tool(&my_plugin::tools(), "outline", json!({ "path": SAMPLE }));
    let headings = json!([
        { "level": 1, "line": 1, "text": "Notes" },
        { "level": 2, "line": 5, "text": "Method" },
        { "level": 2, "line": 12, "text": "Results" },
        { "level": 3, "line": 14, "text": "The \"fast\" way" },
    ]);
    let expected = json!({ "path": SAMPLE, "headings": headings }).to_string();
    assert_eq!(answer, Ok(vec![Content::Json(expected)]));
}

#[test]
fn a_heading_is_one_to_six_marks_and_a_space() {
    let markdown = "###### a ##\n####### b\n#c\n##\n # d\n## e#\n# f # #\n### ###\n";
    let expected = json!([
        { "level": 6, "line": 1, "text": "a" },
        { "level": 2, "line": 4, "text": "" },
        { "level": 2, "line": 6, "text": "e#" },
        { "level": 1, "line": 7, "text": "f #" },
        { "level": 3, "line": 8, "text": "" },
    ]);
    assert_eq!(outline("marks", markdown.as_bytes()), Ok(expected));
}

#[test]
fn code_that_is_not_closed_goes_on_to_the_end() {
    let markdown = "~~~\n# a\n```\n# b\n~~~ \n# c\r\n  ```sh\n# d\n";
    let expected = json!([{ "level": 1, "line": 6, "text": "c" }]);
    assert_eq!(outline("code", markdown.as_bytes()), Ok(expected));
}

#[test]
fn an_error_says_which_file_and_what_about_it() {
    let call = |path: &str| call_tool(&my_plugin::tools(), "outline", json!({ "path": path }));
    let missing = ToolError::not_found("/workspace/nothing.md does not exist");
    assert_eq!(call("/workspace/nothing.md"), Err(missing));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sample");
    assert!(matches!(call(folder), Err(ToolError::NotFound(message)) if message.contains(folder)));
    assert!(matches!(outline("latin", b"# caf\xe9\n"), Err(ToolError::Failed(_))));
}

#[test]
fn input_that_makes_no_sense_is_invalid() {
    for input in ["{}", "{\"path\": 1}", "[]", "null", "", "{\"path\":"] {
        let answer = call_tool(&my_plugin::tools(), "outline", input);
        assert!(matches!(answer, Err(ToolError::InvalidInput(_))), "{input}: {answer:?}");
    }
}
