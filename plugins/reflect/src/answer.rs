//! Reads a model's answer: one JSON object of one form, or it is no answer.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The longest answer that is read, in bytes.
pub const ANSWER_BYTES_MAX: usize = 128 << 10;
/// The longest line that is kept, in bytes.
const LINE_BYTES_MAX: usize = 500;
/// The most notes of one answer.
pub const NOTES_MAX: usize = 12;
/// The most quotes of one note.
pub const QUOTES_MAX: usize = 4;
/// The most operations of one answer.
pub const OPERATIONS_MAX: usize = 200;

/// What a part of a session has to teach, as a model says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidNotes {
    /// The notes.
    pub notes: Vec<SaidNote>,
}

/// One note, as a model says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidNote {
    /// What it says.
    pub text: String,
    /// What it rests on.
    pub quotes: Vec<SaidQuote>,
}

/// One quote, as a model gives it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidQuote {
    /// The number of the event.
    pub event: u32,
    /// Its text, exactly.
    pub text: String,
}

/// The changes of a store, as a model says them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidOperations {
    /// The operations.
    pub operations: Vec<SaidOperation>,
}

/// One operation, as a model says it. Which fields it needs depends on `op`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidOperation {
    /// `keep`, `merge`, `supersede`, `add` or `flag`.
    pub op: String,
    /// Of `keep`, `merge` and `flag`: the entries.
    #[serde(default)]
    pub entries: Vec<String>,
    /// Of `merge`: the entry that stays.
    #[serde(default)]
    pub survivor: Option<String>,
    /// Of `supersede`: the entry that no longer holds.
    #[serde(default)]
    pub loser: Option<String>,
    /// Of `supersede`: the entry that replaces it.
    #[serde(default)]
    pub winner: Option<String>,
    /// Of `add`: the memory it goes to.
    #[serde(default)]
    pub path: Option<String>,
    /// Of `add`: what it says.
    #[serde(default)]
    pub text: Option<String>,
    /// The notes that bear it out.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// Reads the notes of an answer.
///
/// # Errors
/// What is wrong with it, in words that have nothing of the answer in them.
pub fn notes(text: &str) -> Result<Vec<SaidNote>, String> {
    let said: SaidNotes = object(text)?;
    if said.notes.len() > NOTES_MAX {
        return Err(format!("it has more than {NOTES_MAX} notes"));
    }
    if said.notes.iter().any(|note| note.quotes.len() > QUOTES_MAX) {
        return Err(format!("a note has more than {QUOTES_MAX} quotes"));
    }
    Ok(said.notes)
}

/// Reads the operations of an answer.
///
/// # Errors
/// What is wrong with it, in words that have nothing of the answer in them.
pub fn operations(text: &str) -> Result<Vec<SaidOperation>, String> {
    let said: SaidOperations = object(text)?;
    if said.operations.len() > OPERATIONS_MAX {
        return Err(format!("it has more than {OPERATIONS_MAX} operations"));
    }
    Ok(said.operations)
}

/// Reads one object. White space around it is no mistake, and one code fence is none.
fn object<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if text.len() > ANSWER_BYTES_MAX {
        return Err(format!("it is longer than {ANSWER_BYTES_MAX} bytes"));
    }
    let object = bare(text);
    // A list of the fields would be taken for the object otherwise.
    if object.starts_with('[') {
        return Err("it is not of the form that was asked for".to_owned());
    }
    serde_json::from_str(object).map_err(|error| {
        use serde_json::error::Category;
        let what = match error.classify() {
            Category::Data => "it is not of the form that was asked for",
            Category::Eof => "it is not complete",
            Category::Syntax | Category::Io => "it is not one JSON object and nothing else",
        };
        what.to_owned()
    })
}

/// What stands in a code fence, if the whole text is one.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    inside.map_or(text, |inside| inside.strip_prefix("json").unwrap_or(inside).trim())
}

/// A text on one line, within bounds, without what is not shown.
pub(crate) fn line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !is_unseen(*c)));
        if line.len() > LINE_BYTES_MAX {
            line.truncate(line.floor_char_boundary(LINE_BYTES_MAX));
            line.push('…');
            break;
        }
    }
    line.trim().to_owned()
}

/// Whether a character has no shape of its own: hidden text is made of such.
fn is_unseen(character: char) -> bool {
    matches!(character,
        // Joiners are left: some scripts spell with them.
        '\u{ad}' | '\u{feff}' | '\u{180e}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
