//! CSV, TOML, YAML, JSON Schema and source code.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use formats::{csv, csv_rules, json_schema, source, toml, yaml, yaml_all};
use serde_json::{Value, json};
use support::{limits, sentence};

#[test]
fn csv_rows_keep_their_text_and_wrong_rows_their_place() {
    let found = csv("\u{feff}a, b\n1,\"x\ny\"\n2\n,7,8\n", &limits()).unwrap();
    assert_eq!(found["columns"], json!(["a", "b"]));
    assert_eq!(found["rows"], json!([["1", "x\ny"], ["2"], ["", "7", "8"]]));
    assert_eq!(found["errors"][0]["row"], 2);
    assert_eq!(found["errors"][0]["line"], 4);
    assert_eq!(found["errors"][1]["row"], 3);
    let doubled = csv("a,a,\n", &limits()).unwrap();
    assert_eq!(doubled["errors"].as_array().unwrap().len(), 2);
}

fn broken(text: &str, rules: Value) -> Vec<(u64, String)> {
    let found = csv_rules(text, &rules, &limits()).unwrap();
    let errors = found["errors"].as_array().unwrap();
    assert_eq!(found["valid"].as_bool().unwrap(), errors.is_empty());
    let place = |error: &Value| {
        (error["row"].as_u64().unwrap(), error["column"].as_str().unwrap_or_default().to_owned())
    };
    errors.iter().map(place).collect()
}

#[test]
fn each_column_rule_finds_what_breaks_it_and_nothing_else() {
    let at = |row: u64| vec![(row, "v".to_owned())];
    let cases = [
        ("v\n1\n-2\n1.0\n", json!({"type": "int"}), at(3)),
        ("v\n1\n-2.5e3\nnan\n", json!({"type": "float"}), at(3)),
        ("v\n2024-02-29\n2023-02-29\n", json!({"type": "date"}), at(2)),
        ("v\ntrue\nFalse\nyes\n", json!({"type": "bool"}), at(3)),
        ("v,w\na,\n,b\n", json!({"required": true}), at(2)),
        ("v\na\nb\na\n", json!({"unique": true}), at(3)),
        ("v\n1\n5\n6\n", json!({"type": "int", "min": 1, "max": 5}), at(3)),
        ("v\n0.5\n-0.1\n", json!({"type": "float", "min": 0}), at(2)),
        ("v\n2024-05-01\n2024-04-30\n", json!({"type": "date", "min": "2024-05-01"}), at(2)),
        ("v\nab\nabc\n", json!({"max": 2}), at(2)),
        ("v\nA1\nB\n", json!({"pattern": "^[A-Z][0-9]$"}), at(2)),
        ("v\nx\nz\n", json!({"one_of": ["x", "y"]}), at(2)),
        ("v\n2.0\n3\n", json!({"type": "float", "one_of": [2]}), at(2)),
        ("v\n9007199254740993\n", json!({"type": "int", "max": 9007199254740992u64}), at(1)),
    ];
    for (text, rule, expected) in cases {
        let shown = rule.to_string();
        assert_eq!(broken(text, json!({"columns": {"v": rule}})), expected, "{shown}");
    }
    assert_eq!(broken("v\n\"\"\n", json!({"columns": {"v": {"type": "int"}}})), []);
}

#[test]
fn columns_and_rows_that_are_missing_or_too_many_are_found() {
    let rules = json!({"columns": {"a": {}, "b": {}}, "other_columns": false, "max_rows": 1});
    let places = broken("a,c\n1,2\n3,4\n", rules);
    let expected = [(0, "b".to_owned()), (0, "c".to_owned()), (0, String::new())];
    assert_eq!(places, expected);
    assert_eq!(broken("a\n", json!({"min_rows": 1})), [(0, String::new())]);
}

#[test]
fn a_rule_that_does_not_exist_is_named() {
    let wrong = |rules: Value| sentence(csv_rules("a\n1\n", &rules, &limits()));
    assert!(wrong(json!({"colums": {}})).contains("`colums`"));
    assert!(wrong(json!({"columns": {"a": {"requird": true}}})).contains("`requird`"));
    assert!(wrong(json!({"columns": {"a": {"type": "number"}}})).contains("`type`"));
    assert!(wrong(json!({"columns": {"a": {"min": "x"}}})).contains("`min`"));
    assert!(wrong(json!({"columns": {"a": {"pattern": "("}}})).contains("pattern"));
}

#[test]
fn toml_is_read_with_its_dates() {
    let found = toml("a = 1\nb = 2024-01-02\n[c]\nd = [1.5, true, inf]\n", &limits()).unwrap();
    assert_eq!(found, json!({"a": 1, "b": "2024-01-02", "c": {"d": [1.5, true, "inf"]}}));
    assert!(sentence(toml("a = 1\nb = = 2\n", &limits())).contains("line 2"));
    assert!(sentence(toml("a = 1\na = 2\n", &limits())).contains("line 2"));
}

#[test]
fn yaml_is_read_by_the_core_schema() {
    let text = "a: [1, 0x1f, -2.5, 1e3, 007, yes, 'true', true, ~, .nan, 12:30]\n\
                b: &x {k: v}\nc: *x\nd:\n  <<: *x\n  e: !!str 1\n1: |\n  line\n  two\n";
    let found = yaml(text, &limits()).unwrap();
    let expected = json!({
        "a": [1, 31, -2.5, 1000.0, 7, "yes", "true", true, null, ".nan", "12:30"],
        "b": {"k": "v"}, "c": {"k": "v"}, "d": {"e": "1", "k": "v"}, "1": "line\ntwo\n",
    });
    assert_eq!(found, expected);
    assert_eq!(yaml("", &limits()).unwrap(), Value::Null);
    assert_eq!(yaml_all("a\n---\nb\n", &limits()).unwrap(), json!(["a", "b"]));
}

#[test]
fn yaml_that_json_cannot_say_is_an_error() {
    let wrong = |text: &str| sentence(yaml(text, &limits()));
    assert!(wrong("a\n---\nb\n").contains("2 documents"));
    assert!(wrong("a: 1\na: 2\n").contains("`a`"));
    assert!(wrong("? [a]\n: b\n").contains("key"));
    assert!(wrong("a: !Ref b\n").contains("Ref"));
    assert!(wrong("a: [1\n").contains("line"));
    assert!(wrong("a: !!int x\n").contains("int"));
    assert!(wrong("a: *b\n").contains("anchor"));
}

/// What is wrong with a value, by its paths.
fn paths(value: Value, schema: Value) -> Vec<String> {
    let found = json_schema(&value, &schema, &limits()).unwrap();
    let errors = found["errors"].as_array().unwrap();
    assert_eq!(found["valid"].as_bool().unwrap(), errors.is_empty());
    errors.iter().map(|error| error["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_keyword_of_a_schema_admits_and_refuses() {
    let cases = [
        (json!({"type": "integer"}), json!(1.0), json!(1.5)),
        (json!({"type": ["string", "null"]}), json!(null), json!(1)),
        (json!({"enum": [1, {"a": 2}]}), json!({"a": 2.0}), json!({"a": 3})),
        (json!({"const": [1]}), json!([1.0]), json!([2])),
        (json!({"minimum": 1, "exclusiveMaximum": 2}), json!(1), json!(2)),
        (json!({"maximum": 1, "exclusiveMinimum": 0}), json!(1), json!(0)),
        (json!({"multipleOf": 0.1}), json!(0.3), json!(0.35)),
        (json!({"minLength": 2, "maxLength": 3}), json!("äöü"), json!("ä")),
        (json!({"pattern": "^a+$"}), json!("aa"), json!("ab")),
        (json!({"format": "date"}), json!("2024-02-29"), json!("2023-02-29")),
        (json!({"format": "date-time"}), json!("2024-01-01T00:00:00Z"), json!("2024-01-01")),
        (json!({"format": "ipv4"}), json!("1.2.3.4"), json!("1.2.3")),
        (json!({"format": "ipv6"}), json!("::1"), json!("1.2.3.4")),
        (json!({"minItems": 1, "maxItems": 2}), json!([1]), json!([])),
        (json!({"uniqueItems": true}), json!([1, "1", [1]]), json!([1, 1.0])),
        (json!({"contains": {"const": 1}, "maxContains": 1}), json!([1, 2]), json!([1, 1])),
        (json!({"required": ["a"]}), json!({"a": 1}), json!({"b": 1})),
        (json!({"minProperties": 1, "maxProperties": 1}), json!({"a": 1}), json!({})),
        (json!({"propertyNames": {"maxLength": 1}}), json!({"a": 1}), json!({"ab": 1})),
        (json!({"dependentRequired": {"a": ["b"]}}), json!({"b": 1}), json!({"a": 1})),
        (json!({"dependentSchemas": {"a": {"required": ["b"]}}}), json!({}), json!({"a": 1})),
        (json!({"allOf": [{"minimum": 1}, {"maximum": 2}]}), json!(2), json!(3)),
        (json!({"anyOf": [{"type": "string"}, {"minimum": 5}]}), json!(5), json!(4)),
        (json!({"oneOf": [{"minimum": 1}, {"minimum": 2}]}), json!(1), json!(2)),
        (json!({"not": {"type": "string"}}), json!(1), json!("a")),
        (json!({"if": {"minimum": 5}, "then": {"maximum": 6}, "else": false}), json!(5), json!(1)),
        (json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}}), json!(null), json!(1)),
        (
            json!({"$ref": "#x", "$defs": {"a": {"$anchor": "x", "type": "null"}}}),
            json!(null),
            json!(1),
        ),
        (json!(true), json!(1), json!(null)),
    ];
    for (schema, right, wrong) in cases {
        let shown = schema.to_string();
        assert_eq!(paths(right, schema.clone()), [] as [&str; 0], "{shown}");
        if schema != json!(true) {
            assert_eq!(paths(wrong, schema), [""], "{shown}");
        }
    }
}

#[test]
fn a_schema_error_says_where_in_the_value_it_is() {
    let schema = json!({
        "properties": {"a/b": {"items": {"type": "integer"}}},
        "patternProperties": {"^x": {"type": "string"}},
        "additionalProperties": false,
    });
    let value = json!({"a/b": [1, "2", 3.5], "x1": 1, "y": 1});
    assert_eq!(paths(value, schema), ["/a~1b/1", "/a~1b/2", "/x1", "/y"]);
    let schema = json!({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}});
    assert_eq!(paths(json!(["a", "b"]), schema), ["/1"]);
}

#[test]
fn a_schema_may_refer_to_itself_for_what_is_inside() {
    let schema = json!({
        "properties": {"next": {"$ref": "#"}, "v": {"type": "integer"}}, "required": ["v"],
    });
    let value = json!({"v": 1, "next": {"v": 2, "next": {"v": "x"}}});
    assert_eq!(paths(value, schema), ["/next/next/v"]);
}

#[test]
fn a_keyword_that_is_not_read_is_named_wherever_it_stands() {
    let wrong = |schema: Value| sentence(json_schema(&json!(1), &schema, &limits()));
    assert!(wrong(json!({"requried": ["a"]})).contains("`requried`"));
    assert!(wrong(json!({"properties": {"a": {"anyOf": [{"foo": 1}]}}})).contains("`foo`"));
    assert!(wrong(json!({"unevaluatedProperties": false})).contains("unevaluatedProperties"));
    assert!(wrong(json!({"format": "email"})).contains("format"));
    assert!(wrong(json!({"$ref": "https://example.com/s"})).contains("refers"));
    assert!(wrong(json!({"$ref": "#/nothing"})).contains("refers"));
    assert!(wrong(json!({"$ref": "#/x-a", "x-a": {"foo": 1}})).contains("`foo`"));
    assert!(wrong(json!({"type": "text"})).contains("`type`"));
    assert!(wrong(json!({"pattern": "(?=a)"})).contains("pattern"));
    assert!(wrong(json!(1)).contains("schema"));
    assert_eq!(paths(json!(1), json!({"x-note": 1, "title": "t"})), [] as [&str; 0]);
}

fn parses(text: &str, language: &str) -> (bool, Vec<u64>) {
    let found = source(text, language, &limits()).unwrap();
    let errors = found["errors"].as_array().unwrap();
    let lines = errors.iter().map(|error| error["line"].as_u64().unwrap()).collect();
    (found["parses"].as_bool().unwrap(), lines)
}

#[test]
fn broken_source_is_found_with_its_line() {
    let cases = [
        ("json", "{\n\"a\": 1,\n}", 3),
        ("toml", "a = 1\nb = \n", 2),
        ("yaml", "a: 1\nb: [1\nc: 2\n", 3),
        ("xml", "<a>\n<b></a>", 2),
        ("xml", "<a/>\n<b/>", 2),
        ("xml", "<a>\n&nope;</a>", 2),
        ("xml", "<a b='1' b='2'/>", 1),
        ("xml", "<a>", 1),
        ("rust", "fn a() {\n    b(]\n}", 2),
        ("rust", "fn a() {\n", 1),
        ("rust", "let a = \"x;\n", 1),
        ("rust", "/* a /* b */\n", 1),
        ("go", "func a() {\n\tb := \"x\n}", 2),
        ("go", "func a() {\n}}\n", 2),
        ("python", "def a(:\n    pass\n", 1),
        ("python", "def a():\npass\n", 1),
        ("python", "a = 1\n  b = 2\n", 2),
        ("python", "if a:\n    b\n  c\n", 3),
        ("python", "a = 'x\n", 1),
        ("python", "a = f\"{b\"\nc = )\n", 2),
    ];
    for (language, text, line) in cases {
        assert_eq!(parses(text, language), (false, vec![line]), "{language}: {text}");
    }
}

#[test]
fn correct_source_is_never_called_broken() {
    let cases = [
        (
            "xml",
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><!-- x --><a b='&lt;'>&b;</a>\n",
        ),
        ("rust", include_str!("../src/source/rust.rs")),
        ("rust", include_str!("../src/xml.rs")),
        (
            "rust",
            "#!/usr/bin/env x\nfn f<'a>(c: &'a str) -> char {\n\
             'label: loop { break 'label '\\''; } '\u{1F600}' }",
        ),
        (
            "rust",
            "let a = r#\"{\"#; let r#type = b'{'; let c = br##\"\"#(\"##;\
             let d = c\"}\"; let e = 'é';",
        ),
        ("go", "package a\n// {\nvar b = `\n{\"`\nfunc c() { d := '{'; e := \"\\\"{\" }\n"),
        (
            "python",
            "def a(b: int = 1,\n  c=2):\n    '''doc {\n  x'''\n    if b: return c\n    \
             else:\n\n# note\n        d = {\n1: 2}\n    return \\\n  d\n",
        ),
        (
            "python",
            "a = f'{b!r:>{c}} {{}} {d[\"e\"]:%Y-%m-%d}' rb'\\''\nf = f\"{g(\"h\")} {f'{i}'}\"\n",
        ),
        ("python", "class A:\n\tdef b(self): pass\n\n\tc = lambda: 1\nx = y[1:2]\n"),
        ("python", "a = f'{x}' if y else u\"\\N{DASH}\"\nprint(f\"{a}\\n\")\n"),
    ];
    for (language, text) in cases {
        assert_eq!(parses(text, language), (true, vec![]), "{language}: {text}");
    }
}

#[test]
fn a_language_that_is_not_checked_is_unsupported() {
    for language in ["javascript", "c", "", "cobol\n"] {
        let sentence = sentence(source("x", language, &limits()));
        assert!(sentence.contains("unsupported"), "{sentence}");
    }
    assert_eq!(source("1", "json", &limits()).unwrap()["checked"], "grammar");
    assert_eq!(source("a", "rs", &limits()).unwrap()["checked"], "tokens");
}
