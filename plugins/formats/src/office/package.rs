//! What all office files have: parts, relations between them, and properties.

use crate::archive::Archive;
use crate::budget::Budget;
use crate::error::{FormatError, excerpt};
use crate::limits::Limits;
use crate::xml::{Node, Xml};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Which properties are read, and what they are called here.
const PROPERTIES: [(&str, &str); 10] = [
    ("title", "title"),
    ("creator", "author"),
    ("subject", "subject"),
    ("description", "description"),
    ("keywords", "keywords"),
    ("category", "category"),
    ("lastModifiedBy", "last_modified_by"),
    ("created", "created"),
    ("modified", "modified"),
    ("language", "language"),
];

/// An office file that is open.
pub(super) struct Package<'a> {
    archive: Archive<'a>,
    pub(super) limits: &'a Limits,
    pub(super) budget: Budget,
}

/// A relation of a part to another, or to a place outside.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// The last part of the type's name: `hyperlink`, `slide`.
    pub(super) kind: String,
    /// A part's name in the archive, or an address outside.
    pub(super) target: String,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &'a Limits) -> Result<Self, FormatError> {
        let archive = Archive::open(bytes, limits)?;
        Ok(Self { archive, limits, budget: Budget::new(limits) })
    }

    /// The names of the parts below a folder, sorted.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        self.archive.names(folder)
    }

    /// A part, or `None` if the file has it not.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, FormatError> {
        self.archive.read(name)
    }

    /// A part that the file must have.
    pub(super) fn needed(&mut self, name: &str) -> Result<Vec<u8>, FormatError> {
        let missing = || FormatError::new(format!("the file has no part `{}`", excerpt(name)));
        self.part(name)?.ok_or_else(missing)
    }

    /// The relations of a part, by their ids.
    pub(super) fn relations(
        &mut self,
        part: &str,
    ) -> Result<HashMap<String, Relation>, FormatError> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let mut found = HashMap::new();
        let Some(bytes) = self.part(&format!("{folder}/_rels/{name}.rels"))? else {
            return Ok(found);
        };
        let mut xml = Xml::new(&bytes, self.limits.markup_depth);
        while let Some(node) = xml.next_part()? {
            let Node::Open(element) = node else { continue };
            let (Some(id), Some(target)) = (element.attribute("Id"), element.attribute("Target"))
            else {
                continue;
            };
            self.budget.items(1)?;
            self.budget.bytes(id.len() + target.len())?;
            let kind = element.attribute("Type").unwrap_or_default();
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            let outside = element.attribute("TargetMode").is_some_and(|mode| mode == "External");
            let target = if outside { target } else { inside(folder, &target) };
            found.insert(id, Relation { kind, target });
        }
        Ok(found)
    }

    /// `docProps/core.xml` as an object; empty if the file has none.
    pub(super) fn properties(&mut self) -> Result<Value, FormatError> {
        let mut found = Map::new();
        let Some(bytes) = self.part("docProps/core.xml")? else { return Ok(Value::Object(found)) };
        let mut xml = Xml::new(&bytes, self.limits.markup_depth);
        let mut open: Option<(&str, String)> = None;
        while let Some(node) = xml.next_part()? {
            match node {
                Node::Open(element) => {
                    let name = element.name();
                    let known = PROPERTIES.iter().find(|(tag, _)| *tag == name);
                    open = known.map(|(_, property)| (*property, String::new()));
                }
                Node::Text(text) => {
                    if let Some((_, value)) = &mut open {
                        self.budget.push(value, &text)?;
                    }
                }
                Node::Close(_) => {
                    if let Some((property, value)) = open.take() {
                        self.budget.items(1)?;
                        found.insert(property.to_owned(), Value::String(value));
                    }
                }
                Node::Doctype => {}
            }
        }
        Ok(Value::Object(found))
    }
}

/// Where a target leads inside the archive; `..` goes no further up than its top.
fn inside(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    if !target.starts_with('/') {
        parts.extend(folder.split('/').filter(|part| !part.is_empty()));
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
