//! Languages for data.

use super::{Checked, Mistake};
use crate::budget::Lines;
use crate::error::{FormatError, excerpt};
use crate::limits::Limits;
use crate::xml::{Node, Xml};
use serde::de::IgnoredAny;

/// Values that nobody keeps are read without recursion.
pub(super) fn json(text: &str) -> Vec<Mistake> {
    let read = serde_json::from_str::<IgnoredAny>(text);
    let mistake = |error: serde_json::Error| (error.line().max(1), excerpt(&error.to_string()));
    read.err().map(mistake).into_iter().collect()
}

pub(super) fn toml(text: &str) -> Checked {
    match crate::toml::parse(text) {
        Ok(_) => Ok(Vec::new()),
        Err((_, message)) if message.contains("recursion limit") => {
            Err(FormatError::new("the TOML nests too deep to be checked"))
        }
        Err(mistake) => Ok(vec![mistake]),
    }
}

pub(super) fn yaml(text: &str) -> Vec<Mistake> {
    crate::yaml::check(text).err().into_iter().collect()
}

pub(super) fn xml(text: &str, limits: &Limits) -> Checked {
    let lines = Lines::new(text);
    let mut xml = Xml::new(text.as_bytes(), limits.markup_depth);
    let mut mistakes = Vec::new();
    let mut roots = 0;
    loop {
        let at = xml.position();
        let mut wrong = |message: &str| mistakes.push((lines.of(at), message.to_owned()));
        match xml.next() {
            Ok(None) => break,
            Ok(Some(Node::Open(element))) => {
                if let Some(mistake) = element.mistake() {
                    wrong(&excerpt(&mistake));
                }
                if xml.depth() == 1 {
                    roots += 1;
                    if roots == 2 {
                        wrong("a second element stands beside the first");
                    }
                }
            }
            Ok(Some(Node::Text(text))) if xml.depth() == 0 && !text.trim().is_empty() => {
                wrong("text stands outside the element");
            }
            Ok(Some(Node::Doctype)) if roots > 0 => wrong("a document type stands too late"),
            Ok(_) => {}
            Err(error) if error.message().contains("over the limit") => return Err(error),
            Err(error) => {
                mistakes.push((lines.of(xml.position().max(at)), error.to_string()));
                break;
            }
        }
        if mistakes.len() > limits.errors {
            break;
        }
    }
    if roots == 0 && mistakes.is_empty() {
        mistakes.push((1, "there is no element".to_owned()));
    }
    Ok(mistakes)
}
