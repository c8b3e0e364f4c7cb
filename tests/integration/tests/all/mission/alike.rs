//! Logs without what may differ between two runs: ids, times, and how long it took.

use std::collections::HashMap;

use lucid_core::{
    DreamId, EventId, MemoryId, MemoryStoreId, MemoryVersionId, OutcomeId, SessionId, ThreadId,
};
use serde_json::Value;

const PREFIXES: [&str; 8] = [
    SessionId::PREFIX,
    EventId::PREFIX,
    ThreadId::PREFIX,
    OutcomeId::PREFIX,
    MemoryStoreId::PREFIX,
    MemoryId::PREFIX,
    MemoryVersionId::PREFIX,
    DreamId::PREFIX,
];

/// How many letters and digits an id has behind its prefix.
const ID_CHARACTERS: usize = 24;

/// Replaces ids by the order in which they first appear.
#[derive(Default)]
pub(super) struct Alike {
    seen: HashMap<String, usize>,
}

impl Alike {
    /// One event's body without what may differ.
    pub(super) fn body(&mut self, body: &str) -> String {
        let mut value: Value = serde_json::from_str(body).unwrap();
        clear(&mut value);
        self.ids(&value.to_string())
    }

    fn ids(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let apart = !out.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            let id = PREFIXES.iter().filter(|_| apart).find_map(|prefix| id(rest, prefix));
            let Some(id) = id else {
                out.push(next);
                rest = &rest[next.len_utf8()..];
                continue;
            };
            let number = self.seen.len();
            let number = *self.seen.entry(id.to_owned()).or_insert(number);
            out.push_str(&format!("<{number}>"));
            rest = &rest[id.len()..];
        }
        out
    }
}

/// The id that a text starts with.
fn id<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let body = text.strip_prefix(prefix)?;
    let length = body.bytes().take_while(u8::is_ascii_alphanumeric).count();
    (length == ID_CHARACTERS).then(|| &text[..prefix.len() + length])
}

fn clear(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "processed_at" | "since" | "wall_ms" => *field = Value::Null,
                    _ => clear(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clear),
        _ => {}
    }
}

#[test]
fn only_ids_and_times_are_taken_out() {
    let id = |end: char| format!("sesn_{}{end}", "0".repeat(ID_CHARACTERS - 1));
    let body = |id: &str, text: &str, ms: u32| {
        format!(r#"{{"id":"{id}","text":"of {id}: {text}","u":{{"wall_ms":{ms}}}}}"#)
    };
    let alike = |body: &str| Alike::default().body(body);
    assert_eq!(alike(&body(&id('a'), "x", 1)), alike(&body(&id('b'), "x", 2)));
    assert_ne!(alike(&body(&id('a'), "x", 1)), alike(&body(&id('a'), "y", 1)));
    assert_ne!(alike(&body("sesn_a", "x", 1)), alike(&body("sesn_b", "x", 1)));
}
