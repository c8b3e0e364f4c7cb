//! A model that works through payments and notes, and knows nothing but its conversation.
//!
//! Its system prompt has two lines, `payments N` and `notes N`. It pays from 1 to N, one after
//! the other, and writes the notes beside that. When it hears that a payment failed it asks
//! what the peer has, and then either mends its book or pays again: in the end its files are
//! the same, whatever happened on the way.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use std::collections::BTreeSet;

use lucid_sdk::model::{Block, Completion, Model, ModelError, Request};
use serde_json::{Value, json};

const BOOK: &str = "/workspace/book.txt";
const SUMMARY: &str = "/mnt/session/outputs/summary.txt";

struct Clerk;

/// What is known, from the conversation.
#[derive(Debug, Default, PartialEq, Eq)]
struct Known {
    /// So many payments were made: 1 to this.
    paid: u32,
    /// A payment of which it is not known whether it was made.
    doubtful: Option<u32>,
    /// Whether the peer has that one.
    listed: Option<bool>,
    /// The notes that were written, by path.
    notes: BTreeSet<String>,
}

impl Known {
    fn of(request: &Request) -> Self {
        let mut known = Self::default();
        let blocks = || request.messages.iter().flat_map(|message| &message.content);
        for block in blocks() {
            let Block::ToolResult(result) = block else { continue };
            let call = blocks().find_map(|block| match block {
                Block::ToolUse(call) if call.id == result.tool_use_id => Some(call),
                _ => None,
            });
            let Some(call) = call else { continue };
            let input = serde_json::from_str(&call.input_json).unwrap_or(Value::Null);
            known.learn(&call.name, &input, (!result.is_error).then_some(result.text.as_str()));
        }
        known
    }

    /// A call came back: with its result, or with an error.
    fn learn(&mut self, tool: &str, input: &Value, result: Option<&str>) {
        match (tool, result) {
            ("pay", Some(_)) => self.settle(number(input)),
            ("pay", None) => (self.doubtful, self.listed) = (Some(number(input)), None),
            ("list", Some(text)) => {
                let has = |number: u32| text.lines().any(|line| line == number.to_string());
                self.listed = self.doubtful.map(has);
            }
            ("note", Some(_)) => match input.get("path").and_then(Value::as_str) {
                Some(BOOK) => self.settle(self.doubtful.unwrap_or(self.paid)),
                Some(path) => drop(self.notes.insert(path.to_owned())),
                None => {}
            },
            _ => {}
        }
    }

    fn settle(&mut self, paid: u32) {
        *self = Self { paid, doubtful: None, listed: None, notes: std::mem::take(&mut self.notes) };
    }

    /// What comes next; nothing when all is done.
    fn next(&self, payments: u32, notes: u32) -> Vec<(&'static str, Value)> {
        let mut calls = Vec::new();
        let number = self.doubtful.unwrap_or(self.paid + 1);
        match (self.doubtful, self.listed) {
            (Some(_), None) => calls.push(("list", json!({}))),
            (Some(number), Some(true)) => {
                let lines: String = (1..=number).map(|number| format!("{number}\n")).collect();
                calls.push(("note", json!({ "path": BOOK, "text": lines })));
            }
            _ if number <= payments => calls.push(("pay", json!({ "number": number }))),
            _ => {}
        }
        // Notes go beside payments, so that a turn has calls of both kinds; or by themselves.
        let due = match payments {
            0 => notes.min(u32::try_from(self.notes.len()).unwrap_or(notes) + 1),
            _ => notes * number.min(payments) / payments,
        };
        for note in 1..=due {
            let path = format!("/workspace/note-{note:02}.txt");
            if !self.notes.contains(&path) {
                let text = format!("Note {note} of {notes}.\n");
                calls.push(("note", json!({ "path": path, "text": text })));
            }
        }
        if calls.is_empty() && !self.notes.contains(SUMMARY) {
            let text = format!("{payments} payments, {notes} notes\n");
            calls.push(("note", json!({ "path": SUMMARY, "text": text })));
        }
        calls
    }
}

fn number(input: &Value) -> u32 {
    let number = input.get("number").and_then(Value::as_u64);
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}

impl Model for Clerk {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        let line = |word: &str| {
            let mut lines = request.system.lines();
            let number = lines.find_map(|line| line.trim().strip_prefix(word)?.trim().parse().ok());
            number.unwrap_or(0)
        };
        let calls = Known::of(request).next(line("payments "), line("notes "));
        let answer = match calls.is_empty() {
            true => Completion::text("All is paid and noted."),
            false => Completion::calls(calls),
        };
        Ok(answer.estimating_usage(request))
    }
}

lucid_sdk::export_model!(Clerk);

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a peer and a book; of some payments the clerk hears that they failed.
    fn play(made: &[u32], not_made: &[u32]) -> (Vec<u32>, String, usize) {
        let (mut known, mut peer, mut book) = (Known::default(), Vec::new(), String::new());
        let mut failed = BTreeSet::new();
        for turn in 0..100 {
            let calls = known.next(10, 2);
            if calls.is_empty() {
                return (peer, book, turn);
            }
            for (tool, input) in calls {
                let paying = number(&input);
                let doubtful = made.contains(&paying) || not_made.contains(&paying);
                let fails = tool == "pay" && doubtful && failed.insert(paying);
                if tool == "pay" && !(fails && not_made.contains(&paying)) {
                    peer.push(paying);
                }
                if tool == "pay" && !fails {
                    book.push_str(&format!("{paying}\n"));
                }
                if input.get("path").is_some_and(|path| path == BOOK) {
                    input["text"].as_str().unwrap().clone_into(&mut book);
                }
                let list: String = peer.iter().map(|number| format!("{number}\n")).collect();
                known.learn(tool, &input, (!fails).then_some(&list));
            }
        }
        panic!("no end: {known:?}");
    }

    #[test]
    fn whatever_fails_each_payment_is_made_once_and_the_book_is_the_same() {
        let all: Vec<u32> = (1..=10).collect();
        let book: String = all.iter().map(|number| format!("{number}\n")).collect();
        for (made, not_made) in [(&[][..], &[][..]), (&[1, 5, 10], &[2, 6]), (&all, &[])] {
            let (peer, written, turns) = play(made, not_made);
            assert_eq!((peer, written), (all.clone(), book.clone()));
            assert_eq!(turns, 11 + 2 * (made.len() + not_made.len()));
        }
    }
}
