//! What a dream keeps of a session: everything that mining needs, and nothing else.
//!
//! A digest follows from its session alone. The plan follows from the digests, the entries,
//! the instructions and the seed; so a dream that reads the events of new sessions only
//! comes to the same as one that reads all, byte for byte.

mod change;
mod failures;
mod fields;
mod mask;
mod pack;
mod quote;
mod reader;
mod said;
#[cfg(test)]
mod tests;
mod threads;

use crate::hash::Fnv;
use pack::{Packer, Unpacker};
use std::rc::Rc;

pub(crate) use change::Change;
pub(crate) use mask::tokens;
pub(crate) use reader::{Reader, Seen};
pub(crate) use said::key_of;

/// Between the parts of a fact's key; no text has it.
pub(crate) const KEY_SEPARATOR: char = '\u{1f}';
/// The host keeps no more of a session.
pub(crate) const BYTES_MAX: usize = 256 << 10;

/// Where the text of an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// A person.
    Person,
    /// An agent of the session.
    Agent,
    /// A tool that works inside of the session.
    Tool,
    /// Brought in from outside.
    Outside,
    /// What a dream wrote, or memory that was read back.
    Dream,
}

impl Origin {
    /// Whether what it says can support anything.
    pub(crate) fn counts(self) -> bool {
        matches!(self, Origin::Person | Origin::Agent | Origin::Tool)
    }
}

/// A value of a tool's input or result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    /// A finite number.
    Number(f64),
    /// A short text.
    Text(Rc<str>),
    /// A truth value.
    Bool(bool),
    /// A text that is too long to be a category.
    Long,
}

/// Where something stands: an event, and text that occurs in its body byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The event.
    pub(crate) event_id: Rc<str>,
    /// The quote; empty where none was found.
    pub(crate) quote: Rc<str>,
}

/// A feature of the session: a field of the last call of a tool, or of its result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// `<tool>.<path>` of an input, `<tool>:result.<path>` of a result, `<tool>:calls`,
    /// `<tool>:errors`.
    pub(crate) name: Rc<str>,
    /// Its value.
    pub(crate) value: Scalar,
    /// Where it stands.
    pub(crate) spot: Spot,
}

/// One call of a tool, or the gap between the calls of two threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The tool and the names of its arguments: `fly(speed, target)`; empty for a gap.
    pub(crate) shape: Rc<str>,
    /// Where it stands.
    pub(crate) spot: Spot,
}

impl Step {
    /// A gap: what comes after it does not follow on what came before.
    fn gap() -> Self {
        let nothing = || Rc::from("");
        Step { shape: nothing(), spot: Spot { event_id: nothing(), quote: nothing() } }
    }

    /// Whether it is a gap.
    pub(crate) fn is_gap(&self) -> bool {
        self.shape.is_empty()
    }
}

/// What was done after a failure, and whether the next call of the tool then worked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attempt {
    /// What was different.
    pub(crate) change: Change,
    /// Whether the call worked.
    pub(crate) worked: bool,
    /// The call, or the step before it.
    pub(crate) spot: Spot,
}

/// A kind of failure that the session saw.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// The tool.
    pub(crate) tool: Rc<str>,
    /// The first line of its error with everything masked that varies.
    pub(crate) error: Rc<str>,
    /// Where it was seen first.
    pub(crate) spot: Spot,
    /// What was tried after it.
    pub(crate) attempts: Vec<Attempt>,
}

/// A keyed fact that a person stated. What agents say is a guess until a person says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The sentence.
    pub(crate) text: Rc<str>,
    /// Entity, attribute and scope, normalised, with [`KEY_SEPARATOR`] between them.
    pub(crate) key: Rc<str>,
    /// The value, normalised.
    pub(crate) value: Rc<str>,
    /// When it holds from, or when it was said: milliseconds since 1970-01-01T00:00Z.
    pub(crate) at_ms: u64,
    /// Whether it takes the fact back instead of stating it.
    pub(crate) retracts: bool,
    /// Where it stands.
    pub(crate) spot: Spot,
}

/// What is kept of one session.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Digest {
    /// Features, by name.
    pub(crate) fields: Vec<Field>,
    /// Calls of each thread, in order, with a gap between two threads.
    pub(crate) steps: Vec<Step>,
    /// Failures, by tool and error.
    pub(crate) failures: Vec<Failure>,
    /// Facts, in order.
    pub(crate) said: Vec<Said>,
    /// Events that could not be parsed.
    pub(crate) skipped: u32,
}

impl Digest {
    /// The digest as bytes, at most [`BYTES_MAX`]; what is least worth is left out first.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        loop {
            let bytes = self.pack();
            if bytes.len() <= BYTES_MAX {
                return bytes;
            }
            self.said.truncate(self.said.len() / 2);
            self.steps.truncate(self.steps.len() / 2);
            self.failures.truncate(self.failures.len() / 2);
            self.fields.truncate(self.fields.len() / 2);
        }
    }

    fn pack(&self) -> Vec<u8> {
        let mut out = Packer::default();
        out.number(u64::from(self.skipped));
        out.number(self.fields.len() as u64);
        for field in &self.fields {
            out.text(&field.name);
            match &field.value {
                Scalar::Number(value) => {
                    out.number(0);
                    out.float(*value);
                }
                Scalar::Text(text) => {
                    out.number(1);
                    out.text(text);
                }
                Scalar::Bool(value) => out.number(2 + u64::from(*value)),
                Scalar::Long => out.number(4),
            }
            spot(&mut out, &field.spot);
        }
        out.number(self.steps.len() as u64);
        for step in &self.steps {
            out.text(&step.shape);
            spot(&mut out, &step.spot);
        }
        out.number(self.failures.len() as u64);
        for failure in &self.failures {
            out.text(&failure.tool);
            out.text(&failure.error);
            spot(&mut out, &failure.spot);
            out.number(failure.attempts.len() as u64);
            for attempt in &failure.attempts {
                attempt.change.pack(&mut out);
                out.flag(attempt.worked);
                spot(&mut out, &attempt.spot);
            }
        }
        out.number(self.said.len() as u64);
        for said in &self.said {
            out.text(&said.text);
            out.text(&said.key);
            out.text(&said.value);
            out.number(said.at_ms);
            out.flag(said.retracts);
            spot(&mut out, &said.spot);
        }
        out.finish()
    }

    /// The digest that `bytes` are; none where they are damaged or of another version.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker::new(bytes)?;
        let skipped = u32::try_from(from.number()?).ok()?;
        let digest = Digest {
            skipped,
            fields: list(&mut from, field)?,
            steps: list(&mut from, |from| Some(Step { shape: from.text()?, spot: at(from)? }))?,
            failures: list(&mut from, failure)?,
            said: list(&mut from, |from| {
                let (text, key, value) = (from.text()?, from.text()?, from.text()?);
                let (at_ms, retracts) = (from.number()?, from.flag()?);
                Some(Said { text, key, value, at_ms, retracts, spot: at(from)? })
            })?,
        };
        from.ended().then_some(digest)
    }

    /// A number that follows from what happened, not from ids.
    pub(crate) fn content(&self) -> u64 {
        let mut hash = Fnv::default();
        for field in &self.fields {
            hash.text(&field.name);
            match &field.value {
                Scalar::Number(value) => hash.number(value.to_bits()),
                Scalar::Text(text) => hash.text(text),
                Scalar::Bool(value) => hash.number(u64::from(*value)),
                Scalar::Long => hash.number(4),
            }
        }
        self.steps.iter().for_each(|step| hash.text(&step.shape));
        for failure in &self.failures {
            hash.text(&failure.tool);
            hash.text(&failure.error);
        }
        self.said.iter().for_each(|said| hash.text(&said.text));
        hash.value()
    }
}

fn spot(out: &mut Packer, spot: &Spot) {
    out.text(&spot.event_id);
    out.text(&spot.quote);
}

fn at(from: &mut Unpacker<'_>) -> Option<Spot> {
    Some(Spot { event_id: from.text()?, quote: from.text()? })
}

fn list<T>(
    from: &mut Unpacker<'_>,
    one: impl Fn(&mut Unpacker<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let count = from.count()?;
    (0..count).map(|_| one(from)).collect()
}

fn field(from: &mut Unpacker<'_>) -> Option<Field> {
    let name = from.text()?;
    let value = match from.number()? {
        0 => Scalar::Number(from.float().filter(|value| value.is_finite())?),
        1 => Scalar::Text(from.text()?),
        2 => Scalar::Bool(false),
        3 => Scalar::Bool(true),
        4 => Scalar::Long,
        _ => return None,
    };
    Some(Field { name, value, spot: at(from)? })
}

fn failure(from: &mut Unpacker<'_>) -> Option<Failure> {
    let (tool, error, spot) = (from.text()?, from.text()?, at(from)?);
    let attempts = list(from, |from| {
        let (change, worked) = (Change::read(from)?, from.flag()?);
        Some(Attempt { change, worked, spot: at(from)? })
    })?;
    Some(Failure { tool, error, spot, attempts })
}
