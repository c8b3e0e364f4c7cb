//! Questions and their answers, as an agent would ask them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it found")]

use lucid_sdk::prelude::*;
use lucid_sdk::testing::call_tool;
use table::file::Table;
use table::{describe, query};

const SALES: &str = "\
day,shop,goods,pieces,price
2026-04-06,North,bread,10,2.50
2026-04-06,South,bread,4,2.50
2026-04-07,North,rolls,30,0.40
2026-04-07,South,rolls,,0.50
2026-04-08,North,bread,9,2.50
2026-04-08,East,cake,1,18.00
";

fn ask(question: Value) -> Result<Value, ToolError> {
    let table = Table::of(SALES.to_owned(), "/sales.csv")?;
    let mut whole = json!({"path": "/sales.csv"});
    for (name, value) in question.as_object().unwrap() {
        whole[name] = value.clone();
    }
    let input = serde_json::from_value(whole).unwrap();
    query::answer(&table, &input).map(|output| serde_json::to_value(output).unwrap())
}

#[track_caller]
fn rows(question: Value, expected: Value) {
    assert_eq!(ask(question).unwrap()["rows"], expected);
}

#[test]
fn columns_are_picked_and_rows_filtered_sorted_and_cut() {
    rows(
        json!({
            "columns": ["shop", "pieces"],
            "where": [{"column": "pieces", "op": ">=", "value": 9}],
            "sort": [{"column": "pieces", "descending": true}],
            "limit": 2,
        }),
        json!([["North", 30], ["North", 10]]),
    );
    let cut = ask(json!({"limit": 2})).unwrap();
    assert_eq!((&cut["matched"], &cut["left_out"]), (&json!(6), &json!(4)));
    assert_eq!(cut["columns"], json!(["day", "shop", "goods", "pieces", "price"]));
}

#[test]
fn a_column_that_only_sorting_needs_is_not_shown() {
    rows(
        json!({
            "columns": ["goods"],
            "sort": [{"column": "price", "descending": true}],
            "limit": 1,
        }),
        json!([["cake"]]),
    );
}

#[test]
fn groups_are_counted_summed_and_averaged_without_the_empty_cells() {
    rows(
        json!({
            "group_by": ["shop"],
            "aggregate": [
                {"op": "count"},
                {"op": "count", "column": "pieces"},
                {"op": "sum", "column": "pieces"},
                {"op": "mean", "column": "price", "as": "price"},
                {"op": "min", "column": "day"},
                {"op": "max", "column": "goods"},
            ],
            "sort": [{"column": "shop"}],
        }),
        json!([
            ["East", 1, 1, 1.0, 18.0, "2026-04-08", "cake"],
            ["North", 3, 3, 49.0, 1.8, "2026-04-06", "rolls"],
            ["South", 2, 1, 4.0, 1.5, "2026-04-06", "rolls"],
        ]),
    );
}

#[test]
fn without_groups_all_rows_are_one() {
    let question = json!({
        "where": [{"column": "shop", "op": "=", "value": "West"}],
        "aggregate": [{"op": "count"}, {"op": "mean", "column": "price"}],
    });
    rows(question, json!([[0, null]]));
}

#[test]
fn groups_alone_are_the_different_values() {
    rows(
        json!({"group_by": ["goods"], "sort": [{"column": "goods"}]}),
        json!([["bread"], ["cake"], ["rolls"]]),
    );
}

#[test]
fn empty_cells_come_last_however_rows_are_sorted() {
    for descending in [false, true] {
        let sort = json!([{"column": "pieces", "descending": descending}]);
        let answer = ask(json!({"columns": ["pieces"], "sort": sort})).unwrap();
        assert_eq!(answer["rows"][5], json!([null]));
    }
}

#[test]
fn a_question_that_makes_no_sense_says_why() {
    for (question, says) in [
        (json!({"columns": ["colour"]}), "there is no column `colour`"),
        (json!({"columns": ["shop"], "aggregate": [{"op": "count"}]}), "`columns`"),
        (json!({"aggregate": [{"op": "sum", "column": "shop"}]}), "no numbers"),
        (json!({"aggregate": [{"op": "mean"}]}), "needs a column"),
        (json!({"aggregate": [{"op": "count"}, {"op": "count"}]}), "two columns `count`"),
        (json!({"group_by": ["shop"], "sort": [{"column": "price"}]}), "to sort by"),
        (json!({"limit": 5001}), "at most 5000"),
    ] {
        match ask(question) {
            Err(ToolError::InvalidInput(message)) => assert!(message.contains(says), "{message}"),
            other => panic!("{says}: {other:?}"),
        }
    }
}

#[test]
fn a_file_is_described_by_its_columns() {
    let table = Table::of(SALES.to_owned(), "/sales.csv").unwrap();
    let output = describe::of(&table, "/sales.csv".to_owned()).unwrap();
    let output = serde_json::to_value(output).unwrap();
    assert_eq!((&output["rows"], &output["delimiter"]), (&json!(6), &json!(",")));
    assert_eq!(
        output["columns"][3],
        json!({
            "name": "pieces", "type": "integer", "filled": 5, "empty": 1, "distinct": 5,
            "min": 1, "max": 30, "examples": [10, 4, 30],
        })
    );
    assert_eq!(output["columns"][0]["type"], "date");
    assert_eq!(output["columns"][1]["distinct"], 3);
}

#[test]
fn an_agent_calls_both_tools_with_json() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/sample/sales.csv");
    let call = |tool: &str, input: Value| call_tool(&table::tools(), tool, input);
    let Ok(answer) = call("query", json!({"path": path, "aggregate": [{"op": "count"}]})) else {
        panic!("no answer");
    };
    let counted = r#"{"columns":["count"],"rows":[[6]],"matched":6,"left_out":0}"#;
    assert_eq!(answer, [Content::Json(counted.to_owned())]);
    assert!(call("describe", json!({"path": path})).is_ok());
    for (tool, input) in [
        ("describe", json!({})),
        ("describe", json!({"path": path, "more": 1})),
        ("query", json!({"path": path, "where": [{"column": "shop", "op": "like"}]})),
        ("query", json!({"path": path, "limit": -1})),
    ] {
        assert!(matches!(call(tool, input), Err(ToolError::InvalidInput(_))), "{tool}");
    }
}
