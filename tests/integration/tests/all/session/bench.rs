//! `lucid bench store` and `lucid bench session`, as people type them.

use lucid_tests::Author;
use serde_json::Value;

fn measured(arguments: &[&str]) -> Value {
    let author = Author::new();
    let said = author.lucid("", arguments).ok();
    let left: Vec<_> = std::fs::read_dir(author.root().join(".state")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    serde_json::from_str(&said.out).unwrap()
}

#[test]
fn sessions_are_measured_with_and_without_a_plugin_and_leave_nothing_behind() {
    let line = ["bench", "session", "--turns", "60", "--threads", "20", "--json"];
    let figures = measured(&line);
    for kind in ["turn_ms", "without_disk_ms", "own_tool_ms"] {
        assert_eq!(figures["turns"][kind]["n"], 60, "{figures:#}");
    }
    assert_eq!(figures["threads"]["n"], 20);
}

#[test]
fn appends_are_measured_beside_a_bare_loop_and_leave_nothing_behind() {
    let figures = measured(&["bench", "store", "--rounds", "1", "--json"]);
    assert!(figures["ratio"].as_f64().unwrap() > 0.0, "{figures:#}");
}
