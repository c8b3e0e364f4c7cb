//! What a later call did otherwise than the one that failed.

use super::Scalar;
use super::pack::{Packer, Unpacker};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Calls are about the same thing where their arguments are alike by at least this much.
const ALIKE_MIN: f64 = 0.5;
/// More changed arguments are another plan, not a fix.
const CHANGED_MAX: usize = 2;
/// A longer value is not named in a fix.
const VALUE_BYTES_MAX: usize = 80;

/// What was different.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// An argument had another value; its JSON text, empty where it is too long.
    Set(Rc<str>, Rc<str>),
    /// An argument was left out.
    Left(Rc<str>),
    /// Another tool worked first.
    After(Rc<str>),
    /// Nothing: the same call again.
    Again,
}

impl Change {
    pub(super) fn pack(&self, out: &mut Packer) {
        match self {
            Change::Set(name, value) => {
                out.number(0);
                out.text(name);
                out.text(value);
            }
            Change::Left(name) => {
                out.number(1);
                out.text(name);
            }
            Change::After(shape) => {
                out.number(2);
                out.text(shape);
            }
            Change::Again => out.number(3),
        }
    }

    pub(super) fn read(from: &mut Unpacker<'_>) -> Option<Self> {
        Some(match from.number()? {
            0 => Change::Set(from.text()?, from.text()?),
            1 => Change::Left(from.text()?),
            2 => Change::After(from.text()?),
            3 => Change::Again,
            _ => return None,
        })
    }
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Argument {
    /// Its value, where it is one.
    pub(super) value: Scalar,
    /// Its whole JSON text, to compare.
    pub(super) text: Rc<str>,
}

/// The arguments of a call by name.
pub(super) type Arguments = BTreeMap<Rc<str>, Argument>;

/// What `later` changed of `earlier`; none where they are about different things. Empty
/// where they are equal.
pub(super) fn between(earlier: &Arguments, later: &Arguments) -> Option<Vec<Change>> {
    let names: BTreeSet<&Rc<str>> = earlier.keys().chain(later.keys()).collect();
    let alike: f64 = names.iter().map(|name| alike(earlier.get(*name), later.get(*name))).sum();
    if !names.is_empty() && alike < ALIKE_MIN * names.len() as f64 {
        return None;
    }
    let mut changes = Vec::new();
    for name in names {
        match (earlier.get(name), later.get(name)) {
            (Some(before), Some(after)) if before.text == after.text => {}
            (_, Some(after)) => {
                let short = after.text.len() <= VALUE_BYTES_MAX;
                let value = if short { after.text.clone() } else { Rc::from("") };
                changes.push(Change::Set(name.clone(), value));
            }
            _ => changes.push(Change::Left(name.clone())),
        }
    }
    (changes.len() <= CHANGED_MAX).then_some(changes)
}

/// How alike two values of an argument are, from 0 to 1. Another number or truth value is
/// another setting of the same thing; another text is alike by the words it shares.
fn alike(a: Option<&Argument>, b: Option<&Argument>) -> f64 {
    let (Some(a), Some(b)) = (a, b) else {
        // An argument that was added or left out is a setting as well.
        return ALIKE_MIN;
    };
    if a.text == b.text {
        return 1.0;
    }
    match (&a.value, &b.value) {
        (Scalar::Number(_), Scalar::Number(_)) | (Scalar::Bool(_), Scalar::Bool(_)) => ALIKE_MIN,
        (Scalar::Text(_) | Scalar::Long, Scalar::Text(_) | Scalar::Long) => {
            let words = |text: &'_ str| -> BTreeSet<String> {
                text.split(|c: char| !c.is_alphanumeric())
                    .filter(|word| !word.is_empty())
                    .map(str::to_lowercase)
                    .collect()
            };
            let (a, b) = (words(&a.text), words(&b.text));
            let shared = a.intersection(&b).count() as f64;
            shared / (a.union(&b).count() as f64).max(1.0)
        }
        _ => 0.0,
    }
}
