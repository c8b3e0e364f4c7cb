//! YAML 1.2 as a value.
//!
//! Built on the events of a parser that does not recurse, so that what an alias repeats is
//! counted before it is copied: a billion laughs is an error after as many values as
//! [`Limits::items`] allows.

mod scalar;

use crate::budget::Budget;
use crate::error::{FormatError, excerpt};
use crate::limits::Limits;
use granit_parser::{Event, Parser, ScanError};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Reads YAML that is one document.
///
/// Values are those of the core schema (`null`, `true`, `1`, `0x1f`, `1.5`; `yes` is a string).
/// `.inf` and `.nan`, which JSON has not, become strings. Keys become strings. `<<` merges.
/// Nothing at all is `null`.
///
/// # Errors
/// Where it is not YAML, what has no counterpart in JSON (a tag of one's own, a key that is a
/// list or a mapping, a key that stands twice), or which limit it is over.
pub fn yaml(text: &str, limits: &Limits) -> Result<Value, FormatError> {
    let mut documents = documents(text, limits)?;
    match documents.len() {
        0 => Ok(Value::Null),
        1 => Ok(documents.remove(0)),
        many => Err(FormatError::new(format!("the YAML holds {many} documents, not one"))),
    }
}

/// Reads YAML that may be several documents, into a list of them. As [`yaml`] otherwise.
///
/// # Errors
/// As [`yaml`] has.
pub fn yaml_all(text: &str, limits: &Limits) -> Result<Value, FormatError> {
    documents(text, limits).map(Value::Array)
}

/// Only looks whether it is YAML; a mistake is a line, from 1, and what is wrong there.
pub(crate) fn check(text: &str) -> Result<(), (usize, String)> {
    for event in Parser::new_from_str(text) {
        event.map_err(|error| (line(&error), mistake(&error)))?;
    }
    Ok(())
}

fn line(error: &ScanError) -> usize {
    error.marker().line()
}

fn mistake(error: &ScanError) -> String {
    excerpt(&error.to_string())
}

fn documents(text: &str, limits: &Limits) -> Result<Vec<Value>, FormatError> {
    limits.admit_markup(text.len())?;
    let mut composer = Composer::new(limits);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            FormatError::new(format!("not YAML, line {}: {}", line(&error), mistake(&error)))
        })?;
        let at = span.start.line();
        let placed = |error: FormatError| FormatError::new(format!("YAML line {at}: {error}"));
        composer.read(event).map_err(placed)?;
    }
    Ok(composer.documents)
}

/// A list or mapping that is open.
struct Open {
    anchor: usize,
    container: Container,
}

enum Container {
    List(Vec<Value>),
    Mapping { members: Map<String, Value>, key: Option<String>, merged: Vec<Value> },
}

/// A value that an alias may repeat, and what that costs.
struct Anchored {
    value: Value,
    items: usize,
    bytes: usize,
}

struct Composer<'a> {
    limits: &'a Limits,
    budget: Budget,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    documents: Vec<Value>,
}

impl<'a> Composer<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            budget: Budget::new(limits),
            open: Vec::new(),
            anchors: HashMap::new(),
            documents: Vec::new(),
        }
    }

    fn read(&mut self, event: Event<'_>) -> Result<(), FormatError> {
        match event {
            Event::Alias(anchor, ..) => {
                let Some(anchored) = self.anchors.get(&anchor) else {
                    return Err(FormatError::new("an alias is inside what it names"));
                };
                self.budget.items(anchored.items)?;
                self.budget.bytes(anchored.bytes)?;
                let value = anchored.value.clone();
                if depth(&value) + self.open.len() > self.limits.depth {
                    return Err(FormatError::new("the YAML nests too deep"));
                }
                self.add(value, None)
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.budget.text(&text)?;
                let value = scalar::value(&text, style, tag.as_deref())?;
                self.keep(anchor, &value)?;
                self.add(value, Some(&text))
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => self.start(event),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let value = close(open.container)?;
                self.keep(open.anchor, &value)?;
                self.add(value, None)
            }
            // Anchors are of one document.
            Event::DocumentEnd => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, event: Event<'_>) -> Result<(), FormatError> {
        if self.open.len() >= self.limits.depth {
            return Err(FormatError::new("the YAML nests too deep"));
        }
        self.budget.items(1)?;
        let (anchor, tag, container) = match event {
            Event::SequenceStart(_, anchor, tag) => (anchor, tag, Container::List(Vec::new())),
            Event::MappingStart(_, anchor, tag) => {
                let (members, merged) = (Map::new(), Vec::new());
                (anchor, tag, Container::Mapping { members, key: None, merged })
            }
            _ => return Ok(()),
        };
        scalar::check_collection(tag.as_deref())?;
        self.open.push(Open { anchor, container });
        Ok(())
    }

    /// Keeps a value that has an anchor; the copy counts as well.
    fn keep(&mut self, anchor: usize, value: &Value) -> Result<(), FormatError> {
        if anchor == 0 {
            return Ok(());
        }
        let (mut items, mut bytes) = (0, 0);
        measure(value, &mut items, &mut bytes);
        self.budget.items(items)?;
        self.budget.bytes(bytes)?;
        self.anchors.insert(anchor, Anchored { value: value.clone(), items, bytes });
        Ok(())
    }

    /// Adds a value to what is open; `text` is that of a scalar.
    fn add(&mut self, value: Value, text: Option<&str>) -> Result<(), FormatError> {
        match self.open.last_mut().map(|open| &mut open.container) {
            None => self.documents.push(value),
            Some(Container::List(items)) => items.push(value),
            Some(Container::Mapping { members, key, merged }) => match key.take() {
                None => *key = Some(scalar::key(value, text)?),
                Some(name) if name == "<<" => merged.push(value),
                Some(name) => {
                    if members.contains_key(&name) {
                        let name = excerpt(&name);
                        return Err(FormatError::new(format!("the key `{name}` stands twice")));
                    }
                    members.insert(name, value);
                }
            },
        }
        Ok(())
    }
}

/// The value of what ended. What a mapping says itself goes before what it merges.
fn close(container: Container) -> Result<Value, FormatError> {
    let (mut members, merged) = match container {
        Container::List(items) => return Ok(Value::Array(items)),
        Container::Mapping { members, merged, .. } => (members, merged),
    };
    let flat = merged.into_iter().flat_map(|value| match value {
        Value::Array(values) => values,
        value => vec![value],
    });
    for value in flat {
        let Value::Object(more) = value else {
            return Err(FormatError::new("`<<` merges only mappings"));
        };
        for (name, value) in more {
            members.entry(name).or_insert(value);
        }
    }
    Ok(Value::Object(members))
}

/// How many values and bytes of text a value holds. It nests at most as deep as the limit.
fn measure(value: &Value, items: &mut usize, bytes: &mut usize) {
    *items += 1;
    match value {
        Value::String(text) => *bytes += text.len(),
        Value::Array(values) => values.iter().for_each(|value| measure(value, items, bytes)),
        Value::Object(members) => {
            for (name, value) in members {
                *bytes += name.len();
                measure(value, items, bytes);
            }
        }
        _ => {}
    }
}

/// How deep a value nests.
fn depth(value: &Value) -> usize {
    let inside = match value {
        Value::Array(values) => values.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => return 0,
    };
    1 + inside.unwrap_or_default()
}
