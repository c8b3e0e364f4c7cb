//! A dream, drawn as it goes: which session is read, and each operation as it comes.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use lucid_core::{Class, Event, EventRecord, Operation, Rejection, SessionId, Timestamp};

use super::class;
use crate::show::{short, width};

/// Characters of a bar.
const BAR: u32 = 16;

/// Dreams of no more steps than this show every one of them.
const STEPS_FEW: u32 = 40;

/// Steps of longer ones are shown no more often than this, in milliseconds.
const STEP_APART_MS: u64 = 250;

/// Where what follows the time, the verb and the class begins.
const INDENT: usize = 41;

/// Draws a dream's log, as far as it has come.
pub(crate) struct Drawing {
    columns: usize,
    began: Option<Timestamp>,
    phase: String,
    told: Option<Timestamp>,
}

impl Drawing {
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns, began: None, phase: String::new(), told: None }
    }

    /// What the next events add to the drawing.
    pub(crate) fn draw(
        &mut self,
        page: &[(u32, EventRecord)],
        titles: &BTreeMap<SessionId, String>,
    ) -> String {
        page.iter().map(|(_, record)| self.event(record, titles)).collect()
    }

    fn event(&mut self, record: &EventRecord, titles: &BTreeMap<SessionId, String>) -> String {
        let at = record.created_at;
        let began = *self.began.get_or_insert(at);
        let time = elapsed(at.as_millis().saturating_sub(began.as_millis()));
        match record.event() {
            Some(Event::DreamProgress { phase, done, total, session_id }) => {
                if !self.is_shown(&phase, done, total, at) {
                    return String::new();
                }
                let session = session_id.map(|id| match titles.get(&id) {
                    Some(title) => format!("{id}  {title}"),
                    None => id.to_string(),
                });
                self.step(&time, &phase, (done, total), session.as_deref().unwrap_or_default())
            }
            Some(Event::DreamOperation { operation_id, class, operation, rejection, .. }) => {
                self.operation(&time, operation_id.as_deref(), class, &operation, rejection)
            }
            Some(Event::Error { error }) => {
                let message = error.get("message").and_then(serde_json::Value::as_str);
                let style = colour(AnsiColor::Red);
                let message = self.fit(message.unwrap_or("it failed"), 12);
                format!("{time:>9}  {style}failed{style:#}  {message}\n")
            }
            Some(Event::Log { plugin, message, .. }) => {
                let dim = Style::new().dimmed();
                let message = self.fit(&format!("{plugin}: {message}"), 12);
                format!("{time:>9}  {dim}{message}{dim:#}\n")
            }
            _ => String::new(),
        }
    }

    /// Whether a step is worth a line: the first and the last of a phase are, and between them
    /// as many as somebody can read.
    fn is_shown(&mut self, phase: &str, done: u32, total: u32, at: Timestamp) -> bool {
        let is_new = self.phase != phase;
        let long_ago = self
            .told
            .is_none_or(|told| at.as_millis().saturating_sub(told.as_millis()) >= STEP_APART_MS);
        let is_last = total > 0 && done >= total;
        let shown = is_new || is_last || total <= STEPS_FEW || long_ago;
        if shown {
            phase.clone_into(&mut self.phase);
            self.told = Some(at);
        }
        shown
    }

    fn step(&self, time: &str, phase: &str, (done, total): (u32, u32), what: &str) -> String {
        let how_far = match total {
            0 => format!("{}  {done:>5}", " ".repeat(BAR as usize)),
            _ => format!("{}  {done:>5}/{total}", bar(done, total)),
        };
        let line = format!("{time:>9}  {:<10} {how_far}  {what}", short(phase, 10));
        // The bar is as wide in columns as in characters.
        format!("{}\n", width::clip(&line, self.columns).trim_end())
    }

    fn operation(
        &self,
        time: &str,
        id: Option<&str>,
        found: Option<Class>,
        operation: &Operation,
        rejection: Option<Rejection>,
    ) -> String {
        let name = operation.change.name();
        let (sign, style) = match (&rejection, name) {
            (Some(_), _) => ("✗", colour(AnsiColor::Red)),
            (None, "flag_conflict") => ("?", colour(AnsiColor::Yellow)),
            (None, "keep") => ("·", Style::new()),
            (None, _) => ("✓", colour(AnsiColor::Green)),
        };
        let why = match &rejection {
            Some(rejection) => format!("refused: {rejection}"),
            None => operation.reason.clone(),
        };
        let mut text = format!(
            "{time:>9}  {style}{sign} {name:<13}{style:#} {:<11} {:<7} {}\n",
            found.map_or("-", class),
            short(id.unwrap_or("-"), 7),
            self.fit(&why, INDENT + 4)
        );
        if let Some(first) = operation.evidence.first().filter(|_| rejection.is_none()) {
            let dim = Style::new().dimmed();
            let quote = self.fit(first.quote.trim(), INDENT + 6);
            text.push_str(&format!("{:INDENT$}{dim}“{quote}”{dim:#}\n", ""));
        }
        text
    }

    /// A text on what is left of a line.
    fn fit(&self, text: &str, taken: usize) -> String {
        width::cut(text, self.columns.saturating_sub(taken).max(16))
    }
}

fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(colour.into()))
}

fn bar(done: u32, total: u32) -> String {
    let full = u64::from(done.min(total)) * u64::from(BAR) / u64::from(total.max(1));
    // At most the width of the bar.
    let full = usize::try_from(full).unwrap_or(BAR as usize);
    format!("{}{}", "█".repeat(full), "░".repeat(BAR as usize - full))
}

/// Time since the start: `0:01.250`, from an hour on `1:12:05`.
fn elapsed(ms: u64) -> String {
    let (seconds, minutes, hours) = (ms / 1_000 % 60, ms / 60_000 % 60, ms / 3_600_000);
    match hours {
        0 => format!("{minutes}:{seconds:02}.{:03}", ms % 1_000),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
