//! What the styles of a Word document make of its paragraphs.

use super::package::Package;
use crate::error::FormatError;
use crate::xml::{Node, Xml};
use std::collections::HashMap;

/// How far a style is followed to those it is based on.
const BASED_ON: usize = 12;

/// What one style says, or leaves to the one it is based on.
#[derive(Debug, Default)]
struct Style {
    level: Option<u8>,
    hidden: Option<bool>,
    based_on: Option<String>,
}

/// The styles of a document, by their ids.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

impl Styles {
    pub(super) fn read(package: &mut Package<'_>) -> Result<Self, FormatError> {
        let mut styles = HashMap::new();
        let Some(bytes) = package.part("word/styles.xml")? else { return Ok(Self(styles)) };
        let mut xml = Xml::new(&bytes, package.limits.markup_depth);
        let mut open: Option<(String, Style)> = None;
        while let Some(node) = xml.next_part()? {
            match node {
                Node::Open(element) => match (element.name().as_str(), &mut open) {
                    ("style", _) => {
                        let id = element.attribute("styleId").unwrap_or_default();
                        package.budget.text(&id)?;
                        open = Some((id, Style::default()));
                    }
                    ("name", Some((_, style))) => {
                        let name = element.attribute("val").unwrap_or_default();
                        style.level = style.level.or_else(|| level_of(&name));
                    }
                    ("basedOn", Some((_, style))) => style.based_on = element.attribute("val"),
                    ("outlineLvl", Some((_, style))) => {
                        style.level = style.level.or_else(|| outline(element.attribute("val")));
                    }
                    ("vanish", Some((_, style))) => style.hidden = Some(element.is_on()),
                    _ => {}
                },
                Node::Close(name) if name == "style" => styles.extend(open.take()),
                _ => {}
            }
        }
        Ok(Self(styles))
    }

    fn chain<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s Style> {
        let next = |style: &&'s Style| self.0.get(style.based_on.as_deref()?);
        std::iter::successors(self.0.get(id), next).take(BASED_ON)
    }

    /// The level of the heading a style makes; 0 is a document's title.
    pub(super) fn level(&self, id: &str) -> Option<u8> {
        self.chain(id).find_map(|style| style.level).or_else(|| level_of(id))
    }

    /// Whether a style hides its text.
    pub(super) fn hides(&self, id: &str) -> bool {
        self.chain(id).find_map(|style| style.hidden).unwrap_or_default()
    }
}

/// The level by a style's name: `heading 1`, `Heading1`, `Title`.
fn level_of(name: &str) -> Option<u8> {
    let name = name.to_ascii_lowercase();
    if name == "title" {
        return Some(0);
    }
    let level: u8 = name.strip_prefix("heading")?.trim_start().parse().ok()?;
    (1..=9).contains(&level).then_some(level)
}

/// The level by an outline level, which counts from 0; 9 is plain text.
pub(super) fn outline(value: Option<String>) -> Option<u8> {
    let level: u8 = value?.parse().ok()?;
    (level < 9).then_some(level + 1)
}
