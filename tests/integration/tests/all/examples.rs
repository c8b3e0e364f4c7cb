//! The second mission, with plugins in three languages.

use lucid_tests::{Author, repository};
use serde_json::Value;

/// The mission in a folder of its own, with the plugins as they were built.
fn air_report() -> Author {
    let author = Author::new();
    let from = repository().join("examples/air-report");
    for file in ["mission.toml", "rubric.md"] {
        author.write(&format!("m/{file}"), &std::fs::read_to_string(from.join(file)).unwrap());
    }
    let copied = author.run("", "cp", &["-r", &from.join("inbox").to_string_lossy(), "m/inbox"]);
    let _ = copied.ok();
    for plugin in ["table", "office", "extract", "stats"] {
        let file = from.join("plugins").join(format!("{plugin}.wasm"));
        let bytes = std::fs::read(&file).unwrap_or_else(|error| {
            panic!("{}: {error}; `cargo xtask test` builds it", file.display())
        });
        author.write("m/plugins/x", "");
        std::fs::write(author.root().join(format!("m/plugins/{plugin}.wasm")), bytes).unwrap();
    }
    author
}

/// Runs it, and gives its report and the report that it wrote.
fn run(author: &Author) -> (Value, Value) {
    let ran = author.lucid("", &["run", "m", "--json"]).ok();
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let outputs = std::path::PathBuf::from(report["outputs"].as_str().unwrap());
    let written = std::fs::read_to_string(outputs.join("report.json")).unwrap();
    (report, serde_json::from_str(&written).unwrap())
}

#[test]
fn the_air_report_is_right_and_follows_its_data() {
    let author = air_report();
    let (report, written) = run(&author);
    assert_eq!(report["outcome"], "satisfied", "{report}");
    assert_eq!((&report["threads"], report["criteria"].as_array().unwrap().len()), (&3.into(), 13));
    let said = written.to_string();
    let stations: Vec<&str> = written["stations"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["id"].as_str().or_else(|| one["station"].as_str()))
        .collect();
    assert_eq!(stations.len(), 7, "{said}");
    assert_eq!((stations[0], stations.contains(&"AQ-05")), ("AQ-03", false), "{said}");
    assert!(written["left_out"].to_string().contains("AQ-05"), "{said}");
    assert!(written["suspect"].to_string().contains("AQ-08"), "{said}");
    assert!(written["unusual"].to_string().contains("AQ-04"), "{said}");
    assert!(written["units"].to_string().contains("AQ-07"), "{said}");

    // Another notice, another report: nothing of it is known beforehand.
    author.edit(
        "m/inbox/notices/2026-04-13-stations.html",
        "AQ-02<td>in service",
        "AQ-02<td>closed",
    );
    let (_, changed) = run(&author);
    let left_out = changed["left_out"].to_string();
    assert!(left_out.contains("AQ-02") && left_out.contains("AQ-05"), "{changed}");
}

#[test]
fn the_own_tests_of_plugins_in_other_languages_pass() {
    let author = Author::new();
    for (plugin, program, arguments) in
        [("extract", "node", &["--test"][..]), ("stats", "python3", &["-B", "-m", "unittest"][..])]
    {
        let folder = repository().join("examples/air-report/plugins").join(plugin);
        let tested = author.run(&folder.to_string_lossy(), program, arguments).ok();
        let said = format!("{}{}", tested.out, tested.err);
        assert!(said.contains("pass") || said.contains("OK"), "{said}");
    }
    let folder = repository().join("examples/air-report");
    let made = author.run(&folder.to_string_lossy(), "python3", &["generate.py", "--check"]);
    let _ = made.ok();
}

#[test]
fn what_two_javascript_templates_share_is_the_same_in_both() {
    let templates = repository().join("sdk/templates/js");
    let read = |kind: &str, file: &str| std::fs::read(templates.join(kind).join(file)).unwrap();
    for file in ["src/files.js", "src/utf8.js", "test/utf8.test.js"] {
        assert_eq!(read("tool", file), read("grader", file), "{file}");
    }
}

#[test]
fn the_tool_template_in_rust_has_at_most_25_lines_of_code() {
    let file = repository().join("sdk/templates/rust/tool/src/lib.rs");
    let text = std::fs::read_to_string(file).unwrap();
    let code = text.lines().map(str::trim).filter(|line| !line.is_empty());
    assert!(code.filter(|line| !line.starts_with("//")).count() <= 25);
}
