//! What an author can get wrong, and the sentence and the hint for each. In the languages that
//! are the quickest to build; the host says the same of all.

use lucid_tests::{Author, Said};

/// A project as the template has it.
fn new(language: &str) -> Author {
    let author = Author::new();
    let arguments = ["plugin", "new", "p", "--lang", language];
    let _ = author.lucid("", &arguments).ok();
    author
}

fn build(author: &Author) -> Said {
    author.lucid("p", &["plugin", "build"])
}

/// Builds and calls `outline`.
fn call(author: &Author) -> Said {
    let _ = build(author).ok();
    let input = r#"{"path": "/workspace/notes.md"}"#;
    let arguments = ["plugin", "call", "p.wasm", "outline", input, "--dir", "sample::/workspace"];
    author.lucid("p", &arguments)
}

/// Puts a statement in front of what a function does.
fn begin(author: &Author, file: &str, function: &str, statement: &str) {
    let text = std::fs::read_to_string(author.root().join(file)).unwrap();
    let at = text.find(function).unwrap_or_else(|| panic!("{file} has no {function}"));
    let body = at + text[at..].find('{').unwrap() + 1;
    author.write(file, &format!("{}\n{statement}\n{}", &text[..body], &text[body..]));
}

#[track_caller]
fn says(error: &str, sentence: &str, hint: &str) {
    let last: Vec<&str> = error.lines().rev().take(2).collect();
    let [told, message] = last.as_slice() else { panic!("{error}") };
    assert!(message.starts_with("error: ") && message.contains(sentence), "{error}");
    assert!(told.starts_with("hint: ") && told.contains(hint), "{error}");
}

#[test]
fn a_wrong_version_of_the_interfaces_is_named_with_both_versions() {
    let author = new("js");
    author.edit("p/wit/plugin.wit", "@0.1.0", "@0.2.0");
    let deps = author.root().join("p/wit/deps/lucid-plugin@0.1.0");
    for file in std::fs::read_dir(deps).unwrap().flatten() {
        let name = format!("p/wit/deps/lucid-plugin@0.1.0/{}", file.file_name().to_string_lossy());
        author.edit(&name, "0.1.0", "0.2.0");
    }
    let error = build(&author).fails(2);
    says(&error, "interfaces 0.2.0, and this Lucid has 0.1.0", "`lucid plugin wit`");
}

#[test]
fn a_missing_export_is_named_with_the_line_to_write() {
    let author = new("c");
    author.edit("p/wit/plugin.wit", "export lucid:plugin/tools@0.1.0;", "");
    says(
        &build(&author).fails(2),
        "exports no `lucid:plugin/tools`",
        "`export lucid:plugin/tools@0.1.0;`",
    );
    // The same of a component that something else has built: one without any export.
    author.write("p/empty.wasm", "");
    std::fs::write(author.root().join("p/empty.wasm"), b"\0asm\x0d\0\x01\0").unwrap();
    let packed = author.lucid("p", &["plugin", "pack", "empty.wasm"]).fails(2);
    says(
        &packed,
        "is no tool: it exports no `lucid:plugin/tools`",
        "export lucid:plugin/tools@0.1.0;",
    );
}

#[test]
fn a_manifest_that_does_not_match_is_named_with_the_line_to_change() {
    let author = new("c");
    let _ = build(&author).ok();
    author.edit("p/plugin.toml", "kind = \"tool\"", "kind = \"grader\"");
    says(&build(&author).fails(2), "exports no `lucid:plugin/grading`", "another `kind`");
    let packed = author.lucid("p", &["plugin", "pack", "p.wasm", "--out", "q.wasm"]).fails(2);
    says(&packed, "is no grader", "`kind = \"tool\"`");
    author.edit("p/plugin.toml", "kind = \"grader\"", "kind = \"tool\"\nauthor = \"me\"");
    says(&build(&author).fails(2), "plugin.toml:", "is never ignored");
    author.edit("p/plugin.toml", "\nauthor = \"me\"", "");
    author.edit("p/wit/plugin.wit", "export", "import lucid:plugin/model@0.1.0;\n  export");
    begin(
        &author,
        "p/src/plugin.c",
        "exports_lucid_plugin_tools_call_tool(",
        "lucid_plugin_model_request_t asked = {0}; lucid_plugin_model_completion_t told; \
         lucid_plugin_model_model_error_t why; \
         lucid_plugin_model_complete(&asked, &told, &why);",
    );
    says(&build(&author).fails(3), "imports `lucid:plugin/model`", "`model = true`");
}

#[test]
fn a_core_module_is_told_from_a_component() {
    let author = new("c");
    std::fs::write(author.root().join("p/core.wasm"), b"\0asm\x01\0\0\0").unwrap();
    let packed = author.lucid("p", &["plugin", "pack", "core.wasm"]).fails(2);
    says(&packed, "core module", "wasm32-wasip2");
    assert!(!author.root().join("p/p.wasm").exists(), "what does not load is not written");
}

#[test]
fn a_guest_that_prints_is_shown_and_does_not_pass_the_check() {
    let author = new("c");
    begin(
        &author,
        "p/src/plugin.c",
        "exports_lucid_plugin_tools_call_tool(",
        "printf(\"looking\\n\"); fflush(stdout);",
    );
    let called = call(&author).ok();
    assert!(called.err.contains("stdout: looking"), "{}", called.err);
    assert!(called.err.contains("hint: no agent and no log sees"), "{}", called.err);
    assert!(!called.out.contains("looking"), "it is no part of the answer: {}", called.out);
    let checked = author.lucid("p", &["plugin", "check", "p.wasm"]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains("FAILED  printing") && checked.out.contains("looking"));
}

#[test]
fn a_guest_that_panics_is_stopped_with_what_it_said() {
    let author = new("rust");
    begin(
        &author,
        "p/src/lib.rs",
        "fn outline(",
        "    assert!(input.path.is_empty(), \"no path today\");",
    );
    says(&call(&author).fails(5), "was stopped: no path today", "mistake in the plugin");
    let author = new("js");
    begin(&author, "p/src/plugin.js", "callTool(", "null.path;");
    says(&call(&author).fails(5), "cannot read property 'path' of null", "mistake in the plugin");
    let author = new("c");
    begin(&author, "p/src/plugin.c", "exports_lucid_plugin_tools_call_tool(", "abort();");
    says(&call(&author).fails(5), "`unreachable` instruction", "mistake in the plugin");
}

#[test]
fn a_language_runtime_that_exits_is_told_to_return_an_error() {
    let author = new("c");
    begin(&author, "p/src/plugin.c", "exports_lucid_plugin_tools_call_tool(", "exit(0);");
    says(&call(&author).fails(5), "ended its program (exit code", "return an error");
    let author = new("python");
    let app = std::fs::read_to_string(author.root().join("p/app.py")).unwrap();
    let at = app.find("def call_tool").unwrap();
    let body = at + app[at..].find(":\n").unwrap() + 2;
    let exits = format!("{}        raise SystemExit(3)\n{}", &app[..body], &app[body..]);
    author.write("p/app.py", &exits);
    says(&call(&author).fails(5), "ended its program (exit code", "return an error");
}

#[test]
fn a_missing_toolchain_is_named_with_the_command_that_gets_it() {
    for (language, program, command) in [
        ("python", "componentize-py", ".venv/bin/pip install -r requirements.txt"),
        ("js", "componentize-qjs", "npm install"),
        ("c", "zig", ".venv/bin/pip install -r requirements.txt"),
        ("rust", "cargo", "rustup target add wasm32-wasip2"),
    ] {
        let author = new(language);
        let lucid = lucid_tests::release().join("lucid");
        let mut build = author.command("p", &lucid.to_string_lossy());
        let output = build.args(["plugin", "build"]).env("PATH", "/nowhere").output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        says(&error, &format!("{program}, which builds "), command);
        assert_eq!(output.status.code(), Some(1));
    }
}
