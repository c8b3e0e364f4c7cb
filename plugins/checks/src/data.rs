//! JSON and CSV as CEL values.
//!
//! Values are built straight from the text, without a document in between, and counted: a
//! small file can hold very many of them.

use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelUInt,
};
use cel::common::value::Val;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most values one check reads from all its files; a map counts as four.
pub const MAX_VALUES: usize = 400_000;

type Boxed = Box<dyn Val>;

/// Reads a JSON document.
///
/// # Errors
/// Where it is not JSON, or that it holds too many values.
pub fn json(text: &str, count: &AtomicUsize) -> Result<Boxed, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Json(count).deserialize(&mut deserializer);
    let ended = value.and_then(|value| deserializer.end().map(|()| value));
    ended.map_err(|error| format!("it is not usable JSON: {error}"))
}

/// Reads CSV: one map per row, by the names in the header. A cell that is a number is one.
///
/// # Errors
/// Where it is not CSV, or that it holds too many values.
pub fn csv(text: &str, count: &AtomicUsize) -> Result<Boxed, String> {
    csv_rows(text, count).map(|(rows, _)| rows)
}

/// As [`csv`], with the line each row starts on, from 1.
///
/// # Errors
/// As [`csv`].
pub fn csv_rows(text: &str, count: &AtomicUsize) -> Result<(Boxed, Vec<u32>), String> {
    let wrong = |error: csv::Error| format!("it is not usable CSV: {error}");
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(wrong)?.clone();
    let mut names = HashSet::new();
    for name in &headers {
        // Each name stands in every row, so it counts as a value does.
        spend(count, 1)?;
        if !names.insert(name) {
            let name = crate::text::shorten(name, 80);
            return Err(format!("its header names `{name}` twice"));
        }
    }
    let (mut rows, mut lines): (Vec<Boxed>, Vec<u32>) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let line = record.position().map_or(0, csv::Position::line);
        lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        spend(count, 4 + record.len())?;
        let mut row: HashMap<CelMapKey<'static>, Boxed> = HashMap::with_capacity(record.len());
        for (name, cell) in headers.iter().zip(record.iter()) {
            row.insert(CelMapKey::String(name.to_owned().into()), self::cell(cell));
        }
        rows.push(Box::new(CelMap::from(row)));
    }
    Ok((Box::new(CelList::from(rows)), lines))
}

/// The value of a document that was read elsewhere. Documents nest within their reader's own
/// bounds, so recursion is bounded too.
///
/// # Errors
/// That it holds too many values.
pub fn convert(document: Value, count: &AtomicUsize) -> Result<Boxed, String> {
    spend(count, 1)?;
    Ok(match document {
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(value)),
        Value::String(value) => Box::new(CelString::from(value)),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(value), ..) => Box::new(CelInt::from(value)),
            (_, Some(value), _) => Box::new(CelUInt::from(value)),
            (.., value) => Box::new(CelDouble::from(value.unwrap_or(f64::NAN))),
        },
        Value::Array(items) => {
            let items: Result<Vec<Boxed>, String> =
                items.into_iter().map(|item| convert(item, count)).collect();
            Box::new(CelList::from(items?))
        }
        Value::Object(entries) => {
            spend(count, 3)?;
            let mut map: HashMap<CelMapKey<'static>, Boxed> = HashMap::new();
            for (name, value) in entries {
                map.insert(CelMapKey::String(name.into()), convert(value, count)?);
            }
            Box::new(CelMap::from(map))
        }
    })
}

/// A number if the whole cell is a finite one; `007` is a name with digits in it.
fn cell(text: &str) -> Boxed {
    let digits = text.trim_start_matches(['-', '+']);
    let padded = digits.len() > 1
        && digits.starts_with('0')
        && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && !padded;
    if numeric && let Ok(int) = text.parse::<i64>() {
        return Box::new(CelInt::from(int));
    }
    match text.parse::<f64>() {
        Ok(double) if numeric && double.is_finite() => Box::new(CelDouble::from(double)),
        _ => Box::new(CelString::from(text.to_owned())),
    }
}

fn spend(count: &AtomicUsize, more: usize) -> Result<(), String> {
    if count.fetch_add(more, Ordering::Relaxed) + more > MAX_VALUES {
        return Err(format!("a check reads at most {MAX_VALUES} values"));
    }
    Ok(())
}

/// Builds one JSON value.
#[derive(Clone, Copy)]
struct Json<'a>(&'a AtomicUsize);

impl Json<'_> {
    fn one<E: Error>(self, value: impl Val + 'static) -> Result<Boxed, E> {
        spend(self.0, 1).map_err(E::custom)?;
        Ok(Box::new(value))
    }
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = Boxed;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Boxed, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = Boxed;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Boxed, E> {
        self.one(CelBool::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Boxed, E> {
        self.one(CelInt::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Boxed, E> {
        match i64::try_from(value) {
            Ok(value) => self.one(CelInt::from(value)),
            Err(_) => self.one(CelUInt::from(value)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Boxed, E> {
        self.one(CelDouble::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Boxed, E> {
        self.one(CelString::from(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Boxed, E> {
        self.one(CelNull)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Boxed, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        self.one(CelList::from(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Boxed, A::Error> {
        spend(self.0, 3).map_err(A::Error::custom)?;
        let mut map: HashMap<CelMapKey<'static>, Boxed> = HashMap::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(self)?;
            // A document that says two things lets each reader pick the one it likes.
            if map.insert(CelMapKey::String(name.clone().into()), value).is_some() {
                let name = crate::text::shorten(&name, 80);
                return Err(A::Error::custom(format!("the key `{name}` stands twice")));
            }
        }
        self.one(CelMap::from(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::show;

    fn shown(value: Result<Boxed, String>) -> String {
        show(value.unwrap().as_ref(), 1_000)
    }

    #[test]
    fn json_keeps_every_kind_of_value() {
        let text = r#"{"b":[1,-2,2.5,18446744073709551615,true,null,"x"],"a":{}}"#;
        assert_eq!(
            shown(json(text, &AtomicUsize::new(0))),
            r#"{"a":{},"b":[1,-2,2.5,18446744073709551615,true,null,"x"]}"#,
        );
    }

    #[test]
    fn a_csv_row_is_a_map_and_a_numeric_cell_a_number() {
        let text = "site, v,code\nabc, 2.5,007\nd,-3,nan\n";
        assert_eq!(
            shown(csv(text, &AtomicUsize::new(0))),
            r#"[{"code":"007","site":"abc","v":2.5},{"code":"nan","site":"d","v":-3}]"#,
        );
        assert!(csv("a,b\n1\n", &AtomicUsize::new(0)).is_err());
        assert!(csv("a,a\n1,2\n", &AtomicUsize::new(0)).is_err());
    }

    #[test]
    fn hostile_documents_are_errors() {
        let count = || AtomicUsize::new(0);
        assert!(json(&"[".repeat(100_000), &count()).is_err());
        assert!(json(&format!("[{}1]", "1,".repeat(MAX_VALUES)), &count()).is_err());
        assert!(json(&format!("[{}{{}}]", "{},".repeat(MAX_VALUES / 4)), &count()).is_err());
        assert!(json(r#"{"a":1,"a":2}"#, &count()).is_err());
        assert!(json("1 2", &count()).is_err());
        assert!(json("1e999", &count()).is_err());
        assert!(csv(&format!("a\n{}", "1\n".repeat(MAX_VALUES)), &count()).is_err());
    }
}
