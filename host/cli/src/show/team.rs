//! A team at work, drawn: a lane for each thread, time down the page.
//!
//! Each line has the time since the start, the lanes with a sign in the lane of whom it is
//! about, and what happened in words, so that it can be read without colour and by somebody
//! who knows none of the signs. Pure: records in, text out.

mod entry;
mod lanes;
mod outcomes;
mod standing;
mod story;
mod tables;
mod tally;
mod words;

use anstyle::Style;
use lucid_core::{EventRecord, Timestamp};

use super::width;
use entry::Entry;
use lanes::Lanes;

pub(crate) use story::{Member, Story};
pub(crate) use tables::{criteria, threads, waiting, written};
pub(crate) use tally::{Price, Tally, price};
pub(crate) use words::{idle, lasted};

/// Columns of the time, and the gap behind it.
const TIME: usize = 9;
const GAP: usize = 2;

/// Columns that are kept for words, where the terminal has twice as many.
const WORDS: usize = 40;

/// Lines after which the names of the lanes are written again.
const HEADS_EVERY: usize = 48;

/// A drawing of a session, which grows with its log.
pub(crate) struct Team {
    story: Story,
    lanes: Lanes,
    columns: usize,
    /// Lines since the names of the lanes, and how many lanes there were.
    since_heads: usize,
    headed: usize,
    time: String,
    /// Entries of threads without a lane, which are counted only.
    hidden: u64,
}

impl Team {
    /// An empty drawing, so many columns wide, of a session with this lead.
    pub(crate) fn new(lead: &str, columns: usize, price: Price) -> Self {
        let kept = WORDS.min(columns / 2);
        Self {
            story: Story::new(lead, price),
            lanes: Lanes::new(columns.saturating_sub(TIME + GAP + kept)),
            columns,
            since_heads: 0,
            headed: 0,
            time: String::new(),
            hidden: 0,
        }
    }

    /// Gives the lanes to those who have most to tell in these records. Without it they go
    /// to the first that tell anything.
    pub(crate) fn expect(&mut self, records: &[(u32, EventRecord)]) {
        let lead = self.story.members.first().map_or("", |lead| lead.agent.as_str());
        let mut story = Story::new(lead, |_, _, _| None);
        let mut counts = Vec::new();
        for (_, record) in records {
            for entry in story.apply(record) {
                for who in [Some(entry.who), entry.to].into_iter().flatten() {
                    counts.resize(counts.len().max(who + 1), 0);
                    counts[who] += 1;
                }
            }
        }
        let labels = (0..story.members.len()).map(|who| story.label(who)).collect();
        self.lanes.choose(&counts, labels);
    }

    /// What happened in the next records of the log.
    pub(crate) fn draw(&mut self, records: &[(u32, EventRecord)]) -> String {
        let mut text = String::new();
        for (_, record) in records {
            for entry in self.story.apply(record) {
                self.entry(&entry, &mut text);
            }
        }
        text
    }

    /// What began before some moment and has not ended; each is told once.
    pub(crate) fn unfinished(&mut self, before: Timestamp) -> String {
        let mut text = String::new();
        for entry in self.story.unfinished(before) {
            self.entry(&entry, &mut text);
        }
        text
    }

    /// What is counted but not drawn, in words.
    pub(crate) fn hidden(&self) -> String {
        if self.hidden == 0 {
            return String::new();
        }
        let without = (0..self.story.members.len()).filter(|who| !self.lanes.has_own(*who)).count();
        let line = format!("{} entries of {without} more threads are not drawn", self.hidden);
        format!("{}\n", width::cut(&line, self.columns))
    }

    /// What is known of the session so far.
    pub(crate) fn story(&self) -> &Story {
        &self.story
    }

    fn entry(&mut self, entry: &Entry, text: &mut String) {
        for who in [Some(entry.who), entry.to].into_iter().flatten() {
            self.lanes.admit(who);
        }
        if !self.lanes.draws(entry) {
            self.hidden += 1;
            return;
        }
        if self.headed != self.lanes.count() || self.since_heads >= HEADS_EVERY {
            self.heads(text);
        }
        let mut words = entry.text.clone();
        if !self.lanes.has_own(entry.who) {
            words = format!("{}: {words}", self.story.label(entry.who));
        }
        let room = self.columns.saturating_sub(TIME + 2 * GAP + self.lanes.columns());
        let lines = width::wrap(&words, room, entry.lines);
        for (number, line) in lines.iter().enumerate() {
            self.line(entry.at, (number == 0).then_some(entry), line, Style::new(), text);
        }
        for note in &entry.notes {
            for line in width::wrap(note, room.saturating_sub(GAP), 2) {
                let line = format!("{}{line}", " ".repeat(GAP));
                self.line(entry.at, None, &line, Style::new().dimmed(), text);
            }
        }
    }

    fn line(
        &mut self,
        at: Timestamp,
        entry: Option<&Entry>,
        words: &str,
        style: Style,
        text: &mut String,
    ) {
        let start = self.story.times.map_or(at, |(first, _)| first);
        let time = words::elapsed(at.as_millis().saturating_sub(start.as_millis()));
        let shown = if entry.is_some() && time != self.time { time.as_str() } else { "" };
        let (dim, lanes) = (Style::new().dimmed(), self.lanes.draw(&self.story, entry));
        let gap = " ".repeat(GAP);
        text.push_str(&format!("{dim}{shown:>TIME$}{dim:#}{gap}{lanes}{gap}"));
        text.push_str(&format!("{style}{words}{style:#}\n"));
        if entry.is_some() {
            self.time = time;
        }
        self.since_heads += 1;
    }

    fn heads(&mut self, text: &mut String) {
        let bold = Style::new().bold();
        if self.headed > 0 {
            text.push('\n');
        }
        for head in self.lanes.heads(&self.story) {
            let head = width::clip(&head, self.columns.saturating_sub(TIME + GAP));
            text.push_str(&format!("{}{bold}{head}{bold:#}\n", " ".repeat(TIME + GAP)));
        }
        self.headed = self.lanes.count();
        self.since_heads = 0;
        self.time.clear();
    }
}

#[cfg(test)]
mod tests;
