//! The reader: takes out of the notices what bears on the data.

use serde::Deserialize;
use serde_json::json;

use crate::notices::{Notice, Notices, Table};
use crate::task::Task;
use crate::turn::{Call, Conversation, Step, stop, write};

/// Where files come in.
pub const INBOX: &str = "/mnt/session/uploads";
/// Where the reader writes what it found.
pub const NOTICES: &str = "/workspace/notices.json";

/// The result of `extract_tables`.
#[derive(Debug, Deserialize)]
struct Tables {
    title: Option<String>,
    tables: Vec<Table>,
    hidden: u64,
}

/// The result of `extract_text`.
#[derive(Debug, Deserialize)]
struct Text {
    blocks: Vec<TextBlock>,
}

#[derive(Debug, Deserialize)]
struct TextBlock {
    kind: String,
    #[serde(default)]
    text: String,
}

/// What the reader says or does next.
///
/// # Errors
/// How the turn ends before it is done.
pub fn next(conversation: &Conversation<'_>) -> Step<String> {
    if !conversation.texts().iter().any(|text| Task::find(text).is_some()) {
        return stop("the message does not say what the report is on");
    }
    let paths = conversation.files(INBOX, "**/*.{html,htm,md}")?;
    let calls = |tool: &'static str| -> Vec<Call> {
        paths.iter().map(|path| (tool, json!({"path": path}))).collect()
    };
    let wanted: Vec<Call> = [calls("extract_tables"), calls("extract_text")].concat();
    conversation.all(&wanted)?;
    let tables: Vec<Tables> = conversation.all_json(&calls("extract_tables"))?;
    let texts: Vec<Text> = conversation.all_json(&calls("extract_text"))?;
    let mut found = Notices::default();
    for ((path, page), text) in paths.iter().zip(&tables).zip(&texts) {
        let first = text.blocks.iter().find(|block| block.kind == "paragraph");
        found.notices.push(Notice {
            path: path.clone(),
            title: page.title.clone().unwrap_or_else(|| path.clone()),
            says: first.map(|block| block.text.clone()).unwrap_or_default(),
            hidden: page.hidden,
        });
        page.tables.iter().for_each(|table| found.take(path, table));
    }
    let text = match serde_json::to_string_pretty(&found) {
        Ok(text) => text,
        Err(error) => return stop(error),
    };
    conversation.one(write(NOTICES, &text))?;
    let count =
        |many: usize, what: &str| format!("{many} {what}{}", if many == 1 { "" } else { "s" });
    Ok(format!(
        "{} read: {} closed, {}, {}, {} unclear. All of it is in {NOTICES}.",
        count(found.notices.len(), "notice"),
        count(found.closed.len(), "station"),
        count(found.units.len(), "unit"),
        count(found.measures.len(), "measure"),
        count(found.unclear.len(), "row"),
    ))
}
