//! Sessions as a reader without any help of the generator sees them.

use std::collections::BTreeMap;

use serde_json::Value;

/// What one session's lines say.
pub(crate) struct Read {
    pub(crate) id: String,
    pub(crate) task: String,
    pub(crate) success: bool,
    /// The tools that were called, in order.
    pub(crate) tools: Vec<String>,
    /// Fields of the last call of each tool.
    pub(crate) fields: BTreeMap<String, Value>,
    /// Texts of results that are errors.
    pub(crate) errors: Vec<String>,
    /// What people said.
    pub(crate) said: Vec<String>,
}

impl Read {
    /// A field as text; nothing where it is not there.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    pub(crate) fn number(&self, field: &str) -> Option<f64> {
        self.fields.get(field).and_then(Value::as_f64)
    }
}

/// Reads JSON lines.
pub(crate) fn read(lines: &str) -> Vec<Read> {
    let mut sessions: Vec<Read> = Vec::new();
    for line in lines.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        if event["type"] == "session" {
            sessions.push(opened(&event));
            continue;
        }
        let session = sessions.last_mut().unwrap();
        let text = event["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        match event["type"].as_str().unwrap() {
            "user.message" => session.said.push(text),
            "agent.tool_use" => {
                let tool = event["name"].as_str().unwrap();
                session.tools.push(tool.to_owned());
                for (name, value) in event["input"].as_object().unwrap() {
                    session.fields.insert(format!("{tool}.{name}"), value.clone());
                }
            }
            "agent.tool_result" if event["is_error"] == true => session.errors.push(text),
            _ => {}
        }
    }
    sessions
}

fn opened(line: &Value) -> Read {
    let metadata = &line["metadata"];
    Read {
        id: line["id"].as_str().unwrap().to_owned(),
        task: metadata["lucid.task"].as_str().unwrap().to_owned(),
        success: metadata["lucid.label"] == "success",
        tools: Vec::new(),
        fields: BTreeMap::new(),
        errors: Vec::new(),
        said: Vec::new(),
    }
}

/// The share of successes among sessions, and how many there are.
pub(crate) fn rate<'a>(sessions: impl Iterator<Item = &'a Read>) -> (f64, usize) {
    let (mut successes, mut all) = (0_u32, 0_usize);
    for session in sessions {
        successes += u32::from(session.success);
        all += 1;
    }
    (f64::from(successes) / all.max(1) as f64, all)
}
