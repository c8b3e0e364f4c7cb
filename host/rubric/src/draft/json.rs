//! Facts about a JSON document that another good result has too: which keys there are, what they
//! hold, and about how many.

use super::document::Node;
use super::{Fact, around, quote};

/// A map with more keys is keyed by data, which the next result has not.
const KEYS: usize = 24;
/// Keys of maps in a list that are looked at.
const ELEMENT_KEYS: usize = 12;
/// Maps and lists this deep are looked into.
const DEPTH: usize = 2;
/// Longer lists are only counted: to go through all of it takes what other checks need.
const ELEMENTS: usize = 20_000;
/// The longest text that is taken for a constant, in bytes.
const CONSTANT: usize = 40;

/// Keys whose value says how the rest is to be read: it is a constant.
const CONSTANTS: [&str; 14] = [
    "$schema",
    "schema",
    "schema_version",
    "version",
    "format",
    "kind",
    "type",
    "unit",
    "units",
    "encoding",
    "language",
    "currency",
    "crs",
    "api_version",
];

/// Facts about the document in a file.
pub(super) fn facts(path: &str, text: &str) -> Vec<Fact> {
    let Some(node) = Node::read(text) else { return Vec::new() };
    let mut facts = Vec::new();
    let whole = Value { check: format!("json({})", quote::text(path)), name: quote::code(path) };
    match &node {
        Node::Map(_) => whole.inside(&node, DEPTH, &mut facts),
        Node::List(_) => {
            whole.is(&node, &mut facts);
            whole.inside(&node, DEPTH, &mut facts);
        }
        _ => whole.is(&node, &mut facts),
    }
    facts
}

/// A value of a document: how a check reads it, and what it is called.
struct Value {
    check: String,
    name: String,
}

impl Value {
    fn key(&self, key: &str) -> Self {
        let check = quote::key(&self.check, key);
        Self { check, name: format!("{} of {}", quote::code(key), self.name) }
    }

    /// What it is.
    fn is(&self, node: &Node, facts: &mut Vec<Fact>) {
        if let Some((word, types)) = type_of(node) {
            let check = of_types(&self.check, types);
            facts.push(Fact::new(format!("{} is {word}.", self.name), check));
        }
    }

    /// What is in it.
    fn inside(&self, node: &Node, depth: usize, facts: &mut Vec<Fact>) {
        match node {
            Node::Map(entries) if entries.len() > KEYS => {
                self.counted(entries.len(), "keys", facts);
            }
            Node::Map(entries) => {
                for (key, value) in entries.iter().filter(|(key, _)| quote::is_name(key)) {
                    self.entry(key, value, depth, facts);
                }
            }
            Node::List(items) if !items.is_empty() => {
                self.counted(items.len(), "entries", facts);
                if items.len() <= ELEMENTS {
                    self.elements(items, facts);
                }
            }
            _ => {}
        }
    }

    fn entry(&self, key: &str, node: &Node, depth: usize, facts: &mut Vec<Fact>) {
        let value = self.key(key);
        if let Some(literal) = constant(key, node) {
            let text = format!("{} is {}.", value.name, quote::code(&literal));
            facts.push(Fact::new(text, format!("{} == {literal}", value.check)));
            return;
        }
        if matches!(node, Node::Null) {
            let text = format!("{} is there.", value.name);
            facts.push(Fact::new(text, format!("{} in {}", quote::text(key), self.check)));
        }
        value.is(node, facts);
        if depth > 1 {
            value.inside(node, depth - 1, facts);
        }
    }

    fn counted(&self, count: usize, what: &str, facts: &mut Vec<Fact>) {
        let (low, high) = around(count);
        let size = format!("{}.size()", self.check);
        let text = format!("{} has {low} to {high} {what}.", self.name);
        facts.push(Fact::new(text, format!("{size} >= {low} && {size} <= {high}")));
    }

    /// What all elements of a list have.
    fn elements(&self, items: &[Node], facts: &mut Vec<Fact>) {
        let mut all = |what: &str, condition: String| {
            let text = format!("{what} in every entry of {}.", self.name);
            facts.push(Fact::new(text, format!("{}.all(e, {condition})", self.check)));
        };
        let Some(first) = items.first() else { return };
        let Node::Map(entries) = first else {
            let same = |item: &Node| type_of(item) == type_of(first);
            if let Some((word, types)) = type_of(first).filter(|_| items.iter().all(same)) {
                let text = format!("Every entry of {} is {word}.", self.name);
                let check = format!("{}.all(e, {})", self.check, of_types("e", types));
                facts.push(Fact::new(text, check));
            }
            return;
        };
        let shared = |key: &str| items.iter().all(|item| item.get(key).is_some());
        let keys = entries.iter().filter(|(key, _)| quote::is_name(key) && shared(key));
        for (key, value) in keys.take(ELEMENT_KEYS) {
            let (check, name) = (quote::key("e", key), quote::code(key));
            let values = || items.iter().filter_map(|item| item.get(key));
            let same = values().all(|other| type_of(other) == type_of(value));
            let literal = constant(key, value).filter(|_| values().all(|other| other == value));
            if let Some(literal) = literal.filter(|_| items.len() > 2) {
                all(
                    &format!("{name} is {}", quote::code(&literal)),
                    format!("{check} == {literal}"),
                );
            } else if let Some((word, types)) = type_of(value).filter(|_| same) {
                all(&format!("{name} is {word}"), of_types(&check, types));
            } else {
                all(&format!("{name} is there"), format!("{} in e", quote::text(key)));
            }
        }
    }
}

/// What a value is called, and the types of CEL it may have: `2` and `2.0` are the same.
fn type_of(node: &Node) -> Option<(&'static str, &'static [&'static str])> {
    Some(match node {
        Node::Null => return None,
        Node::Bool => ("true or false", &["bool"]),
        Node::Number(_) => ("a number", &["int", "uint", "double"]),
        Node::Text(_) => ("a text", &["string"]),
        Node::List(_) => ("a list", &["list"]),
        Node::Map(_) => ("a map", &["map"]),
    })
}

fn of_types(value: &str, types: &[&str]) -> String {
    match types {
        [one] => format!("type({value}) == {one}"),
        several => format!("type({value}) in [{}]", several.join(", ")),
    }
}

/// The value as CEL writes it, if it is clearly a constant.
fn constant(key: &str, node: &Node) -> Option<String> {
    if !CONSTANTS.contains(&key.to_ascii_lowercase().as_str()) {
        return None;
    }
    match node {
        Node::Text(text) if quote::is_name(text) && text.len() <= CONSTANT => {
            Some(quote::text(text))
        }
        Node::Number(number) if number.parse::<i32>().is_ok() => Some(number.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(text: &str) -> Vec<String> {
        facts("r.json", text).into_iter().map(|fact| fact.check).collect()
    }

    #[test]
    fn keys_and_what_they_hold_are_facts_and_values_are_not() {
        let found = checks(r#"{"n":3,"ok":true,"who":"me","none":null,"in":{"a b":1.5}}"#);
        assert_eq!(
            found,
            [
                "type(json('r.json').n) in [int, uint, double]",
                "type(json('r.json').ok) == bool",
                "type(json('r.json').who) == string",
                "'none' in json('r.json')",
                "type(json('r.json')['in']) == map",
                "type(json('r.json')['in']['a b']) in [int, uint, double]",
            ]
        );
    }

    #[test]
    fn lists_have_bounds_and_what_all_their_entries_share() {
        let found = checks(r#"[{"v":1,"u":"m","x":1},{"v":2.5,"u":null},{"u":"m","v":-1}]"#);
        assert_eq!(
            found,
            [
                "type(json('r.json')) == list",
                "json('r.json').size() >= 1 && json('r.json').size() <= 13",
                "json('r.json').all(e, type(e.v) in [int, uint, double])",
                "json('r.json').all(e, 'u' in e)",
            ]
        );
        assert_eq!(checks(r#"["a","b"]"#)[2], "json('r.json').all(e, type(e) == string)");
        assert_eq!(checks("[]"), ["type(json('r.json')) == list"]);
        assert_eq!(checks("[1,\"a\"]").len(), 2);
    }

    #[test]
    fn only_what_is_clearly_a_constant_is_held_to_its_value() {
        let found = checks(r#"{"version":2,"unit":"m/s","name":"x","type":"it's","kind":1.5}"#);
        assert_eq!(
            found,
            [
                "json('r.json').version == 2",
                "json('r.json').unit == 'm/s'",
                "type(json('r.json').name) == string",
                "json('r.json').type == 'it\\'s'",
                "type(json('r.json').kind) in [int, uint, double]",
            ]
        );
        let list = r#"[{"unit":"m"},{"unit":"m"},{"unit":"m"}]"#;
        assert_eq!(checks(list)[2], "json('r.json').all(e, e.unit == 'm')");
        assert!(checks(&list.replacen("\"m\"", "\"k\"", 1))[2].contains("type(e.unit)"));
    }

    #[test]
    fn a_map_that_is_keyed_by_data_is_only_counted() {
        let entries: Vec<String> = (0..100).map(|n| format!("\"k{n}\":1")).collect();
        let found = checks(&format!("{{{}}}", entries.join(",")));
        assert_eq!(found, ["json('r.json').size() >= 50 && json('r.json').size() <= 200"]);
    }

    #[test]
    fn what_is_no_json_has_no_facts() {
        assert!(checks("{").is_empty());
        assert!(checks(r#"{"a":1,"a":2}"#).is_empty());
    }
}
