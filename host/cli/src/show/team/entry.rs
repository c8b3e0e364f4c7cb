//! One thing to tell: when, who, what.

use anstyle::{AnsiColor, Style};
use lucid_core::{Criterion, Timestamp, Verdict};
use serde_json::Value;

use crate::show::table;

/// Criteria of an evaluation that are told; the rest is counted.
const CRITERIA_SHOWN_MAX: usize = 4;

/// What kind of thing it is, as a sign in its thread's lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A person, or the mission, said or decided something.
    Person,
    /// A model answered.
    Model,
    /// A call ended well.
    Done,
    /// Something went wrong.
    Failed,
    /// A call waits for a person.
    Ask,
    /// A thread wrote to another.
    Letter,
    /// A grader judged.
    Verdict,
    /// A context was put in short.
    Compacted,
    /// A thread stops working.
    Idle,
    /// Anything else.
    Other,
}

impl Mark {
    pub(super) fn sign(self) -> char {
        match self {
            Self::Person => '◆',
            Self::Model => '○',
            Self::Done => '●',
            Self::Failed => '✗',
            Self::Ask => '?',
            Self::Letter => '├',
            Self::Verdict => '◇',
            Self::Compacted => '≈',
            Self::Idle => '■',
            Self::Other => '·',
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Self::Person => AnsiColor::Cyan.on_default().bold(),
            Self::Done => AnsiColor::Green.on_default(),
            Self::Failed => AnsiColor::Red.on_default().bold(),
            Self::Ask => AnsiColor::Yellow.on_default().bold(),
            Self::Letter => AnsiColor::Cyan.on_default(),
            Self::Verdict => AnsiColor::Magenta.on_default().bold(),
            Self::Compacted => AnsiColor::Magenta.on_default(),
            Self::Model | Self::Idle | Self::Other => Style::new(),
        }
    }

    /// Whether it is drawn for a thread without a lane of its own, too.
    pub(super) fn concerns_all(self) -> bool {
        matches!(self, Self::Person | Self::Ask | Self::Letter)
    }
}

/// One thing to tell.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(super) at: Timestamp,
    /// The thread, by its place.
    pub(super) who: usize,
    /// The thread it wrote to.
    pub(super) to: Option<usize>,
    pub(super) mark: Mark,
    pub(super) text: String,
    /// How many lines the text may take.
    pub(super) lines: usize,
    /// What stands below it, at most two lines each.
    pub(super) notes: Vec<String>,
}

impl Entry {
    pub(super) fn new(at: Timestamp, who: usize, mark: Mark, text: String) -> Self {
        Self { at, who, to: None, mark, text, lines: 1, notes: Vec::new() }
    }

    pub(super) fn letter(at: Timestamp, from: usize, to: usize, text: String) -> Self {
        Self { to: Some(to), ..Self::new(at, from, Mark::Letter, text) }.lines(2)
    }

    pub(super) fn lines(self, lines: usize) -> Self {
        Self { lines, ..self }
    }

    pub(super) fn notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }
}

/// An evaluation: how many criteria are met, and those that are not.
pub(super) fn verdict(
    at: Timestamp,
    who: usize,
    mut text: String,
    explanation: &str,
    lucid: &Value,
) -> Entry {
    let criteria = lucid.get("criteria").cloned().unwrap_or_default();
    let criteria: Vec<Criterion> = serde_json::from_value(criteria).unwrap_or_default();
    if criteria.is_empty() {
        text.push_str(&format!(": {explanation}"));
        return Entry::new(at, who, Mark::Verdict, text).lines(3);
    }
    let applies = |c: &&Criterion| c.verdict != Verdict::NotApplicable;
    let met = criteria.iter().filter(|c| c.verdict == Verdict::Met).count();
    text.push_str(&format!(", {met} of {} met", criteria.iter().filter(applies).count()));
    let open = || criteria.iter().filter(applies).filter(|c| c.verdict != Verdict::Met);
    let note = |c: &Criterion| {
        format!(
            "{}: {}: {}",
            table::verdict(c.verdict),
            c.text.trim_end_matches('.'),
            c.explanation
        )
    };
    let mut notes: Vec<String> = open().take(CRITERIA_SHOWN_MAX).map(note).collect();
    let more = open().count().saturating_sub(CRITERIA_SHOWN_MAX);
    if more > 0 {
        notes.push(format!("and {more} more"));
    }
    Entry::new(at, who, Mark::Verdict, text).notes(notes)
}
