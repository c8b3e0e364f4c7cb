//! Values and texts, short enough for a sentence.

use cel::common::types::{
    CelBool, CelBytes, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelString, CelUInt,
};
use cel::common::value::Val;

/// The text on one line, cut after about `limit` bytes.
pub fn shorten(text: &str, limit: usize) -> String {
    let mut short = String::new();
    for character in text.chars() {
        if short.len() >= limit {
            short.push('…');
            break;
        }
        short.push(if character.is_control() { ' ' } else { character });
    }
    short
}

/// A value as JSON, with sorted keys, cut after about `limit` bytes.
pub fn show(value: &dyn Val, limit: usize) -> String {
    let mut text = String::new();
    write(value, limit, &mut text);
    shorten(&text, limit)
}

/// Values nest no deeper than JSON may (128) and a check's brackets together.
fn write(value: &dyn Val, limit: usize, text: &mut String) {
    if text.len() > limit {
        return;
    }
    if let Some(string) = value.downcast_ref::<CelString>() {
        quote(string.inner(), limit, text);
    } else if let Some(double) = value.downcast_ref::<CelDouble>() {
        text.push_str(&double.inner().to_string());
    } else if let Some(int) = value.downcast_ref::<CelInt>() {
        text.push_str(&int.inner().to_string());
    } else if let Some(int) = value.downcast_ref::<CelUInt>() {
        text.push_str(&int.inner().to_string());
    } else if let Some(bool) = value.downcast_ref::<CelBool>() {
        text.push_str(&bool.inner().to_string());
    } else if let Some(bytes) = value.downcast_ref::<CelBytes>() {
        text.push_str(&format!("{} bytes", bytes.inner().len()));
    } else if let Some(list) = value.downcast_ref::<CelList>() {
        text.push('[');
        for (at, item) in list.inner().iter().enumerate() {
            if text.len() > limit {
                break;
            }
            text.push_str(if at == 0 { "" } else { "," });
            write(item.as_ref(), limit, text);
        }
        text.push(']');
    } else if let Some(map) = value.downcast_ref::<CelMap>() {
        write_map(map, limit, text);
    } else {
        text.push_str(value.get_type().name().trim_end_matches("_type"));
    }
}

fn write_map(map: &CelMap<'_>, limit: usize, text: &mut String) {
    let mut entries: Vec<(&CelMapKey<'_>, &Box<dyn Val + '_>)> = map.inner().iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    text.push('{');
    for (at, (key, value)) in entries.into_iter().enumerate() {
        if text.len() > limit {
            break;
        }
        text.push_str(if at == 0 { "" } else { "," });
        write(key.inner(), limit, text);
        text.push(':');
        write(value.as_ref(), limit, text);
    }
    text.push('}');
}

fn quote(string: &str, limit: usize, text: &mut String) {
    let string = shorten(string, limit);
    text.push_str(&serde_json::Value::String(string).to_string());
}
