//! Dreams as versions before 0.2 wrote them: they are read as dreams of this version, and
//! stand in the file as they are.

use std::collections::BTreeMap;

use lucid_core::Dream;
use serde_json::{Map, Value, json};

use super::error::Outcome;
use super::values::from_json;

/// Reads a dream of any version.
pub(super) fn read(text: &str) -> Outcome<Dream> {
    from_json(text).or_else(|error| {
        let old: Option<Value> = serde_json::from_str(text).ok();
        // What is of no version is told as what this version makes of it.
        let renewed = old.and_then(renewed).and_then(|dream| serde_json::from_value(dream).ok());
        renewed.ok_or(error)
    })
}

/// An entry of the input store: its memory and its text.
type Entries = BTreeMap<String, (Value, Value)>;

fn renewed(old: Value) -> Option<Value> {
    let Value::Object(mut dream) = old else { return None };
    let sessions = dream.remove("input_session_ids")?;
    dream.insert("session_ids".to_owned(), sessions);
    if let Some(Value::String(message)) = dream.get("error") {
        let error = json!({"type": "internal_error", "message": message});
        dream.insert("error".to_owned(), error);
    }
    let lines = dream.remove("ledger")?;
    let entries = lines.as_array()?.iter().filter_map(entry).collect();
    let ledger: Option<Vec<Value>> = lines.as_array()?.iter().map(line).collect();
    dream.insert("ledger".to_owned(), Value::Array(ledger?));
    let accepted = dream.remove("operations")?;
    let refused = dream.remove("rejections")?;
    let accepted = accepted.as_array()?.iter().map(|operation| (operation, Value::Null));
    let refused = refused.as_array()?.iter().filter_map(|pair| Some((pair.get(0)?, pair.get(1)?)));
    let refused = refused.map(|(operation, rejection)| (operation, rejection.clone()));
    let operations = (1..).zip(accepted.chain(refused));
    let operations: Option<Vec<Value>> = operations
        .map(|(number, (old, rejection))| operation(number, old, rejection, &entries))
        .collect();
    dream.insert("operations".to_owned(), Value::Array(operations?));
    Some(Value::Object(dream))
}

fn entry(line: &Value) -> Option<(String, (Value, Value))> {
    let id = line.get("entry_id")?.as_str()?.to_owned();
    Some((id, (line.get("path")?.clone(), line.get("text")?.clone())))
}

fn line(old: &Value) -> Option<Value> {
    let place = old.get("place")?;
    let mut line = Map::new();
    for (name, before) in [("entry", "entry_id"), ("path", "path"), ("text", "text")] {
        line.insert(name.to_owned(), old.get(before)?.clone());
    }
    let (fate, fields): (_, &[(&str, &str)]) = match place.get("type")?.as_str()? {
        "merged_into" => ("merged", &[("into", "entry_id")]),
        "superseded_by" => ("superseded", &[("by", "entry_id"), ("since", "since")]),
        "in_conflict" => ("in_conflict", &[("with", "entry_ids")]),
        fate => (fate, &[]),
    };
    line.insert("fate".to_owned(), fate.into());
    for (name, before) in fields {
        line.insert((*name).to_owned(), place.get(before)?.clone());
    }
    let operation = old.get("operation").and_then(Value::as_u64);
    line.insert("operation".to_owned(), operation.map(|n| format!("dop_{}", n + 1)).into());
    Some(Value::Object(line))
}

fn operation(number: u32, old: &Value, rejection: Value, entries: &Entries) -> Option<Value> {
    let mut change = old.get("change")?.clone();
    let op = change.get("type")?.as_str()?.to_owned();
    let statistics = change.as_object_mut()?.remove("support").and_then(|old| statistics(&old));
    let class = if statistics.is_some() { "contrast" } else { "theme" };
    if op == "add" {
        change.as_object_mut()?.insert("kind".to_owned(), class.into());
    }
    let text = |name: &str| change.get(name).and_then(Value::as_str);
    let one = text("entry_id").or(text("loser_id"));
    let many = change.get("entry_ids").and_then(Value::as_array).into_iter().flatten();
    let named = one.into_iter().chain(many.filter_map(Value::as_str));
    let named: Vec<_> = named.filter_map(|id| entries.get(id)).collect();
    let draft = change.get("draft");
    let winner = text("survivor_id").or(text("winner_id")).and_then(|id| entries.get(id));
    let (path, after) = match (draft, winner) {
        (Some(draft), _) => (draft.get("path")?.clone(), draft.get("text")?.clone()),
        (None, Some((path, after))) => (path.clone(), after.clone()),
        (None, None) => match named.first() {
            Some((path, text)) if op == "keep" => (path.clone(), text.clone()),
            Some((path, _)) => (path.clone(), Value::Null),
            None => ("".into(), Value::Null),
        },
    };
    let before: Vec<_> = named.iter().map(|(_, text)| text.clone()).collect();
    let state = if rejection.is_null() { "accepted" } else { "rejected" };
    Some(json!({
        "id": format!("dop_{number}"),
        "op": op,
        "class": class,
        "state": state,
        "memory_path": path,
        "before": before,
        "after": after,
        "reason": old.get("reason")?,
        "rejection": rejection,
        "evidence": old.get("evidence")?,
        "statistics": statistics,
        "change": change,
    }))
}

fn statistics(old: &Value) -> Option<Value> {
    let count = |ratio: &str, what: &str| old.get(ratio)?.get(what).cloned();
    let p = old.get("p_value")?;
    Some(json!({
        "statement": old.get("statement")?,
        "field": "",
        "comparison": "",
        "value": "",
        "with_success": count("followed", "hits")?,
        "with_total": count("followed", "total")?,
        "without_success": count("not_followed", "hits")?,
        "without_total": count("not_followed", "total")?,
        // It was corrected for everything that was tried.
        "p": p,
        "q": p,
        "check_with_success": count("check_followed", "hits")?,
        "check_with_total": count("check_followed", "total")?,
        "check_without_success": count("check_not_followed", "hits")?,
        "check_without_total": count("check_not_followed", "total")?,
        "session_ids": old.get("session_ids")?,
    }))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lucid_core::{OperationState, Place, Rejection};
    use rusqlite::Connection;

    use super::*;
    use crate::sqlite::{dreams, schema};

    const OLD: &str = r#"{"id":"drm_1","status":"failed","strategy":"consolidate",
"instructions":"","memory_store_in":"memstore_1","memory_store_out":null,
"input_session_ids":["sesn_1"],"session_id":null,
"operations":[
{"change":{"type":"supersede","loser_id":"ent_1","winner_id":"ent_2",
"since":"2026-01-01T00:00:00.000Z"},"reason":"newer","evidence":[]},
{"change":{"type":"add","draft":{"path":"/b.md","text":"- slow"},"support":{"statement":"s",
"followed":{"hits":9,"total":10},"not_followed":{"hits":1,"total":10},"p_value":0.01,
"check_followed":{"hits":3,"total":4},"check_not_followed":{"hits":0,"total":4},
"session_ids":["sesn_1"]}},"reason":"counted",
"evidence":[{"session_id":"sesn_1","event_id":"sevt_1","quote":"q"}]}],
"rejections":[[{"change":{"type":"drop","entry_id":"ent_2"},"reason":"r","evidence":[]},
{"type":"loss_cap","message":"too much"}]],
"ledger":[
{"entry_id":"ent_1","path":"/a.md","text":"- old","place":{"type":"superseded_by",
"entry_id":"ent_2","since":"2026-01-01T00:00:00.000Z"},"operation":0},
{"entry_id":"ent_2","path":"/a.md","text":"- new","place":{"type":"kept"},"operation":null}],
"summary":"","error":"it broke","created_at":"2026-01-01T00:00:00.000Z","ended_at":null}"#;

    #[test]
    fn a_dream_of_an_older_version_is_read_with_all_it_holds() {
        let dream = read(OLD).unwrap();
        assert_eq!(dream.input_session_ids.len(), 1);
        assert_eq!(dream.error.unwrap().message, "it broke");
        let [newer, rule, refused] = dream.operations.as_slice() else { panic!("three") };
        assert_eq!(
            (newer.before.as_slice(), newer.after.as_deref()),
            (["- old".to_owned()].as_slice(), Some("- new"),)
        );
        assert_eq!((rule.state, rule.id.as_str()), (OperationState::Accepted, "dop_2"));
        let numbers = rule.statistics.as_ref().unwrap();
        assert_eq!((numbers.with.hits, numbers.check_without.total), (9, 4));
        assert_eq!(refused.rejection, Some(Rejection::LossCap("too much".to_owned())));
        assert_eq!(refused.state, OperationState::Rejected);
        assert!(matches!(&dream.ledger[0].place, Place::SupersededBy { entry_id, .. }
            if entry_id == "ent_2"));
        assert_eq!(dream.ledger[0].operation.as_deref(), Some("dop_1"));
    }

    #[test]
    fn a_dream_of_an_older_version_is_listed_in_short() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, Path::new("x")).unwrap();
        let sql = "INSERT INTO dreams (id, status, created_at, body)
                   VALUES ('drm_1', 'failed', 1, ?1)";
        connection.execute(sql, [OLD]).unwrap();
        let dreams = dreams::list_in_short(&connection).unwrap();
        let [dream] = dreams.as_slice() else { panic!("one") };
        assert!(dream.operations.is_empty() && dream.ledger.is_empty());
        assert_eq!(dream.error.as_ref().unwrap().message, "it broke");
    }

    #[test]
    fn what_is_no_dream_is_told_as_damage() {
        for text in ["", "[]", "{}", r#"{"id":"drm_1"}"#] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
