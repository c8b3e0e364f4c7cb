//! Notes: what a session has to teach, each with quotes that were looked up.

use crate::answer::{SaidNote, line};
use crate::dropped::Dropped;
use crate::shown::Part;
use crate::support;
use crate::types::Origin;
use serde::{Deserialize, Serialize};

/// The most bytes of a note.
pub const NOTE_BYTES_MAX: usize = 500;

/// A quote that was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// The event.
    pub event_id: String,
    /// When the event was written, in milliseconds since 1970-01-01T00:00Z.
    pub at_ms: u64,
    /// Where the event's text comes from.
    pub origin: Origin,
    /// Text of the event's body, byte for byte.
    pub text: String,
}

/// A note that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What it says, on one line, masked.
    pub text: String,
    /// What it rests on: something that bears a claim, at least.
    pub quotes: Vec<Quote>,
}

/// The notes of an answer that are borne out by this part of a session; what is not is
/// counted.
pub fn checked(said: Vec<SaidNote>, part: &Part, dropped: &mut Dropped) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for said in said {
        match check(&said, part, dropped) {
            Ok(note) if notes.iter().any(|other| other.text == note.text) => {}
            Ok(note) => notes.push(note),
            Err(why) => dropped.note(why),
        }
    }
    notes
}

fn check(said: &SaidNote, part: &Part, dropped: &mut Dropped) -> Result<Note, &'static str> {
    let (text, _) = lucid_facts::mask(&line(&said.text));
    if text.is_empty() || text.len() > NOTE_BYTES_MAX {
        return Err("a note without text, or with too much");
    }
    let mut quotes: Vec<Quote> = Vec::new();
    for quote in &said.quotes {
        let heard = part.heard.iter().find(|heard| heard.event.number == quote.event);
        let found = match heard {
            None => Err("a quote is of an event that was not shown"),
            Some(heard) => support::quote(heard, &quote.text).map(|text| Quote {
                event_id: heard.event.id.clone(),
                at_ms: heard.event.at_ms,
                origin: heard.event.origin,
                text,
            }),
        };
        match found {
            Ok(quote) if quotes.contains(&quote) => {}
            Ok(quote) => quotes.push(quote),
            Err(why) => dropped.quote(why),
        }
    }
    may_be_said(&text, &quotes)?;
    Ok(Note { text, quotes })
}

/// Whether a text may be remembered for these quotes.
///
/// # Errors
/// Why not.
pub fn may_be_said<'a>(
    text: &str,
    quotes: impl IntoIterator<Item = &'a Quote>,
) -> Result<(), &'static str> {
    let quotes: Vec<&Quote> = quotes.into_iter().collect();
    if quotes.is_empty() {
        return Err("nothing that is quoted is there");
    }
    if !quotes.iter().any(|quote| quote.origin.bears()) {
        return Err("only text from outside bears it out");
    }
    // What a tool says to do is no rule, and neither is an agent's echo of it.
    if lucid_facts::instructs(text) && !quotes.iter().any(|quote| quote.origin.commands()) {
        return Err("it gives orders, and no person gave them");
    }
    // Outside text may add to a claim, and cannot bring in what nothing else has.
    let bearing = || quotes.iter().filter(|quote| quote.origin.bears());
    let texts: Vec<String> = bearing().map(|quote| support::unescaped(&quote.text)).collect();
    let moments: Vec<u64> = bearing().map(|quote| quote.at_ms).collect();
    support::unsupported(text, &texts, &moments).map_or(Ok(()), Err)
}

#[cfg(test)]
#[path = "note_tests.rs"]
mod tests;
