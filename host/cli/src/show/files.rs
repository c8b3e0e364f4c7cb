//! Who changed which file of a session: derived from its event log alone.

use std::collections::BTreeMap;

use lucid_core::{Event, EventId, EventRecord, FileChange, FileChangeKind, ThreadId, Timestamp};
use serde_json::{Value, json};

use super::{events, short, table};

/// A file, and who changed it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    path: String,
    change: FileChangeKind,
    bytes: u64,
    thread: Option<ThreadId>,
    agent: Option<String>,
    tool: Option<String>,
    tool_use: EventId,
    at: Timestamp,
}

/// The files of a session, and what is known to be missing from the list.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) files: Vec<Written>,
    /// Changes that the log only counts, because one call made too many.
    pub(crate) unlisted: u64,
}

/// Reads from a log who changed each file last, by path.
///
/// Calls of one step run at the same time and stand in the log in the order of their threads.
/// Where two of them changed the same file, the later in the log is named.
pub(crate) fn of(records: &[(u32, EventRecord)]) -> Files {
    let agents = events::agents(records);
    let mut tools: BTreeMap<EventId, String> = BTreeMap::new();
    let mut files: BTreeMap<String, Written> = BTreeMap::new();
    let mut unlisted = 0;
    for (_, record) in records {
        match record.event() {
            Some(Event::ToolUse { name, .. }) => {
                tools.insert(record.id.clone(), name);
            }
            Some(Event::ToolResult { tool_use_id, lucid, .. }) => {
                unlisted += lucid.unlisted;
                for FileChange { path, change, bytes } in lucid.files {
                    let thread = record.thread_id.clone();
                    let written = Written {
                        path: path.clone(),
                        change,
                        bytes,
                        agent: thread.as_ref().and_then(|id| agents.get(id)).cloned(),
                        thread,
                        tool: tools.get(&tool_use_id).cloned(),
                        tool_use: tool_use_id.clone(),
                        at: record.created_at,
                    };
                    files.insert(path, written);
                }
            }
            _ => {}
        }
    }
    Files { files: files.into_values().collect(), unlisted }
}

/// One file as a JSON object.
pub(crate) fn document(file: &Written) -> Value {
    json!({
        "path": file.path,
        "change": file.change,
        "bytes": file.bytes,
        "session_thread_id": file.thread,
        "agent_name": file.agent,
        "tool_name": file.tool,
        "tool_use_id": file.tool_use,
        "processed_at": file.at,
    })
}

/// One file in short: what, how it changed last, its bytes, by whom and with what.
pub(crate) fn row(file: &Written) -> Vec<String> {
    let name = |name: Option<&String>| short(name.map_or("-", String::as_str), 16);
    vec![
        file.path.clone(),
        file.change.to_string(),
        file.bytes.to_string(),
        name(file.agent.as_ref()),
        name(file.tool.as_ref()),
    ]
}

/// The files as a table.
pub(crate) fn text(files: &Files) -> String {
    let header = ["path", "change", "bytes", "agent", "thread", "tool", "tool use", "when"];
    let mut rows = table::table(&header);
    for file in &files.files {
        rows.add_row(vec![
            short(&file.path, 60),
            file.change.to_string(),
            file.bytes.to_string(),
            short(file.agent.as_deref().unwrap_or("-"), 20),
            file.thread.as_ref().map_or("-".to_owned(), ToString::to_string),
            short(file.tool.as_deref().unwrap_or("-"), 20),
            file.tool_use.to_string(),
            file.at.to_string(),
        ]);
    }
    table::text(&rows)
}

#[cfg(test)]
mod tests {
    use lucid_core::{Clock as _, Permission, SeededEntropy, Span, StepClock};

    use super::*;

    #[test]
    fn a_file_is_of_the_call_that_changed_it_last() {
        let clock = StepClock::starting_at(Timestamp(1_000));
        let entropy = SeededEntropy::new(1);
        let threads = [ThreadId::new(&clock, &entropy), ThreadId::new(&clock, &entropy)];
        let mut records = Vec::new();
        let mut write = |event: Event, thread: usize| {
            let id = EventId::new(&clock, &entropy);
            let thread = Some(threads[thread].clone());
            let record = EventRecord::new(id.clone(), &event, thread, false, clock.now());
            records.push((records.len() as u32, record.unwrap()));
            id
        };
        for (number, agent_name) in ["alice", "bob"].into_iter().enumerate() {
            let session_thread_id = threads[number].clone();
            let agent_name = agent_name.to_owned();
            write(Event::ThreadRunning { session_thread_id, agent_name }, number);
        }
        let mut call = |thread, tool: &str, files: &[(&str, FileChangeKind, u64)], unlisted| {
            let name = tool.to_owned();
            let evaluated_permission = Permission::Allow;
            let input = json!({});
            let evaluation = None;
            let made =
                Event::ToolUse { name, input, evaluated_permission, evaluation, lucid: None };
            let tool_use_id = write(made, thread);
            let change = |(path, change, bytes): &(&str, FileChangeKind, u64)| FileChange {
                path: (*path).to_owned(),
                change: *change,
                bytes: *bytes,
            };
            let files = files.iter().map(change).collect();
            let lucid = Span { files, unlisted, ..Span::default() };
            let (content, is_error) = (Vec::new(), false);
            write(
                Event::ToolResult { tool_use_id: tool_use_id.clone(), content, is_error, lucid },
                thread,
            );
            tool_use_id
        };
        let (created, written) = (FileChangeKind::Created, FileChangeKind::Written);
        let first = call(0, "write", &[("/w/a", created, 5), ("/w/b", created, 1)], 0);
        let second = call(1, "edit", &[("/w/b", written, 2)], 3);
        let files = of(&records);
        assert_eq!(files.unlisted, 3);
        let [a, b] = files.files.as_slice() else { panic!("{files:?}") };
        assert_eq!((a.agent.as_deref(), a.tool.as_deref()), (Some("alice"), Some("write")));
        assert_eq!((&a.tool_use, a.bytes, a.change), (&first, 5, created));
        assert_eq!((b.agent.as_deref(), b.tool.as_deref()), (Some("bob"), Some("edit")));
        assert_eq!((&b.tool_use, b.bytes, b.change), (&second, 2, written));
        assert_eq!(b.thread.as_ref(), Some(&threads[1]));
        let shown = document(b);
        assert_eq!((&shown["path"], &shown["change"]), (&json!("/w/b"), &json!("written")));
        assert_eq!(shown["tool_use_id"], json!(second));
        assert!(text(&files).contains("/w/a"));
    }
}
