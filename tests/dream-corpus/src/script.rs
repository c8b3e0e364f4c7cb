//! Sessions as the JSON lines that `lucid session import` reads.

use serde_json::{Value, json};

use crate::moment::moment;

/// Seconds from one session's start to the next one's: 11 minutes.
const APART_SECONDS: u64 = 660;
/// Seconds from the first day to the first session, so that facts in the store are older.
const START_SECONDS: u64 = 200 * 86_400;

/// Where the numbers of planted sessions begin: above those of any corpus. In time they stand
/// beside the others, from the first one on.
pub(crate) const PLANTED_FROM: u64 = 50_000_000;

/// What a session's first line says.
pub(crate) struct Opening<'a> {
    /// What was tried.
    pub(crate) task: &'a str,
    /// Who asked for it.
    pub(crate) principal: &'a str,
    /// Whether it succeeded.
    pub(crate) success: bool,
}

/// One call of a tool.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The tool.
    pub(crate) tool: String,
    /// Its input object.
    pub(crate) input: Value,
    /// What it gave.
    pub(crate) result: String,
    /// Whether it failed.
    pub(crate) is_error: bool,
}

impl Call {
    /// A call that went well.
    pub(crate) fn new(tool: impl Into<String>, input: Value, result: impl Into<String>) -> Self {
        Self { tool: tool.into(), input, result: result.into(), is_error: false }
    }

    /// A call that failed.
    pub(crate) fn failed(tool: impl Into<String>, input: Value, result: impl Into<String>) -> Self {
        Self { is_error: true, ..Self::new(tool, input, result) }
    }
}

/// A session that is being written.
pub(crate) struct Script {
    /// Tells its ids from all others.
    tag: String,
    seconds: u64,
    events: u32,
    lines: String,
}

impl Script {
    /// Begins a session. Its ids follow from seed and number, and sort by number.
    pub(crate) fn begin(seed: u64, number: u64, opening: &Opening<'_>) -> Self {
        let tag = format!("{:08x}{number:08}", seed & 0xFFFF_FFFF);
        let seconds = START_SECONDS + number % PLANTED_FROM * APART_SECONDS;
        let mut script = Self { tag, seconds, events: 0, lines: String::new() };
        let label = if opening.success { "success" } else { "failure" };
        script.line(&json!({
            "type": "session",
            "id": script.id(),
            "title": format!("Job {}", opening.task),
            "created_at": moment(seconds),
            "agent": {"name": "worker"},
            "metadata": {
                "lucid.task": opening.task,
                "lucid.label": label,
                "lucid.principal": opening.principal,
            },
        }));
        script
    }

    /// The session's id.
    pub(crate) fn id(&self) -> String {
        format!("sesn_01dc{}", self.tag)
    }

    /// Its lines.
    pub(crate) fn end(self) -> String {
        self.lines
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> usize {
        self.lines.len()
    }

    fn line(&mut self, value: &Value) {
        self.lines.push_str(&value.to_string());
        self.lines.push('\n');
    }

    fn next(&mut self) -> (String, String) {
        let id = format!("sevt_01dc{}{:05}", self.tag, self.events);
        self.events += 1;
        self.seconds += 1;
        (id, moment(self.seconds))
    }

    /// Writes an event with these fields, and gives its id.
    pub(crate) fn event(&mut self, kind: &str, fields: Value) -> String {
        let (id, at) = self.next();
        let mut event = json!({"id": id, "type": kind, "processed_at": at});
        if let (Value::Object(event), Value::Object(fields)) = (&mut event, fields) {
            event.extend(fields);
        }
        self.line(&event);
        id
    }

    /// A person says something.
    pub(crate) fn person(&mut self, text: &str) {
        self.event("user.message", json!({"content": [{"type": "text", "text": text}]}));
    }

    /// The agent says something.
    pub(crate) fn agent(&mut self, text: &str) {
        self.event("agent.message", json!({"content": [{"type": "text", "text": text}]}));
    }

    /// The agent calls a tool.
    pub(crate) fn call(&mut self, call: &Call) {
        let id = self.tool_use(&call.tool, call.input.clone());
        self.result(&id, &call.result, call.is_error, false);
    }

    /// The agent calls a tool whose result brings in text from outside.
    pub(crate) fn outside(&mut self, tool: &str, input: Value, text: &str) {
        let id = self.tool_use(tool, input);
        self.result(&id, text, false, true);
    }

    pub(crate) fn tool_use(&mut self, tool: &str, input: Value) -> String {
        let fields = json!({"name": tool, "input": input, "evaluated_permission": "allow"});
        self.event("agent.tool_use", fields)
    }

    pub(crate) fn result(&mut self, call_id: &str, text: &str, is_error: bool, outside: bool) {
        let mut fields = json!({
            "tool_use_id": call_id,
            "content": [{"type": "text", "text": text}],
            "is_error": is_error,
        });
        if outside {
            // As the log has it for tools that say they are open-world.
            fields["lucid"] = json!({"usage": {}, "untrusted": true});
        }
        self.event("agent.tool_result", fields);
    }

    /// A long result of one of the session's own tools. The text has to be without quotes,
    /// backslashes and control characters but for line breaks: it is not read again, because a
    /// corpus of a gigabyte is mostly this.
    pub(crate) fn log(&mut self, tool: &str, part: u64, lines: &[&str]) {
        let call_id = self.tool_use(tool, json!({"part": part}));
        let (id, at) = self.next();
        self.lines.push_str(r#"{"id":""#);
        self.lines.push_str(&id);
        self.lines.push_str(r#"","type":"agent.tool_result","processed_at":""#);
        self.lines.push_str(&at);
        self.lines.push_str(r#"","tool_use_id":""#);
        self.lines.push_str(&call_id);
        self.lines.push_str(r#"","content":[{"type":"text","text":""#);
        for line in lines {
            self.lines.push_str(line);
            self.lines.push_str("\\n");
        }
        self.lines.push_str("\"}],\"is_error\":false}\n");
    }
}
