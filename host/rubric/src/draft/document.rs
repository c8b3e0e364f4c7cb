//! JSON as it is looked at for a draft: with its doubles refused and its values counted, as the
//! functions of checks do.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The most values of a document; a map counts as four. Checks read a few more.
const MAX_VALUES: usize = 300_000;

/// One JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool,
    /// A number, as JSON writes it.
    Number(String),
    Text(String),
    List(Vec<Self>),
    /// In the document's order.
    Map(Vec<(String, Self)>),
}

impl Node {
    /// Reads a document; nothing, when a check could not read it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let left = Cell::new(MAX_VALUES);
        let node = Seed(&left).deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(node)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

#[derive(Clone, Copy)]
struct Seed<'a>(&'a Cell<usize>);

impl Seed<'_> {
    fn spend<E: Error>(self, values: usize) -> Result<(), E> {
        let left = self.0.get().checked_sub(values);
        self.0.set(left.ok_or_else(|| E::custom("too many values"))?);
        Ok(())
    }

    fn one<E: Error>(self, node: Node) -> Result<Node, E> {
        self.spend(1)?;
        Ok(node)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Node, E> {
        self.one(Node::Bool)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        self.one(Node::Number(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        self.one(Node::Number(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        self.one(Node::Number(format!("{value:?}")))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        self.one(Node::Text(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.one(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        self.one(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        self.spend(3)?;
        let (mut map, mut names) = (Vec::new(), HashSet::new());
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(self)?;
            if !names.insert(name.clone()) {
                return Err(A::Error::custom("a key stands twice"));
            }
            map.push((name, value));
        }
        self.one(Node::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_a_check_could_not_read_is_none() {
        assert!(Node::read(r#"{"a":[1,-2.5,true,null,"x"]}"#).is_some());
        assert!(Node::read(r#"{"a":1,"a":2}"#).is_none());
        assert!(Node::read("1 2").is_none());
        assert!(Node::read(&"[".repeat(100_000)).is_none());
        assert!(Node::read(&format!("[{}1]", "1,".repeat(MAX_VALUES))).is_none());
    }
}
