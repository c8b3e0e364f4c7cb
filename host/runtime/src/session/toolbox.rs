//! Running one tool call of an agent.

use std::collections::BTreeMap;

use lucid_core::{Content, Failure, Limits, Result, Span, ToolContent};
use lucid_engine::{Call, GuestTime, LogLine, ToolAnswer};

use super::thread::PendingCall;
use super::workspace::Workspace;
use crate::asking::model_for;
use crate::mission::{Agent, BoundPlugin, Variables, fill};

/// What a call gave.
pub(crate) struct CallEnd {
    /// The result for the log.
    pub(crate) content: Vec<Content>,
    /// The result for the model.
    pub(crate) text: String,
    /// Whether it failed.
    pub(crate) is_error: bool,
    /// What it used, and why it failed.
    pub(crate) span: Span,
    /// The plugin and what it logged.
    pub(crate) logs: Option<(String, Vec<LogLine>)>,
}

impl CallEnd {
    /// A call that never ran.
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        let text = text.into();
        let content = Content::text(&text);
        Self { content, text, is_error: true, span: Span::default(), logs: None }
    }

    /// A call that the host itself answered.
    pub(crate) fn answered(text: String) -> Self {
        let content = Content::text(&text);
        Self { content, text, is_error: false, span: Span::default(), logs: None }
    }
}

/// The environment of a plugin for one session.
pub(crate) fn environment(plugin: &BoundPlugin, variables: &Variables) -> Vec<(String, String)> {
    let pairs: &BTreeMap<String, String> = &plugin.environment;
    pairs.iter().map(|(name, value)| (name.clone(), fill(value, variables))).collect()
}

/// Runs a call in the agent's view.
pub(crate) async fn run(
    agent: &Agent,
    call: &PendingCall,
    workspace: &Workspace,
    variables: &Variables,
    time: GuestTime,
    limits: Option<Limits>,
) -> Result<CallEnd> {
    let Some(tool) = agent.tools.get(&call.name) else {
        return Err(Failure::bug(format!("tool `{}` was allowed and is not there", call.name)));
    };
    let setup = Call {
        limits: limits.unwrap_or(tool.plugin.limits),
        mounts: workspace.mounts(&agent.view)?,
        environment: environment(&tool.plugin, variables),
        time,
        model: model_for(&tool.plugin, time),
        dream: None,
    };
    let report = tool.plugin.plugin.call_tool(setup, &call.name, &call.input_json).await;
    let untrusted = tool.spec.annotations.open_world;
    let (answer, failure) = match report.result {
        Ok(answer) => (answer, None),
        Err(failure) => {
            let text = match &failure.hint {
                Some(hint) => format!("{}: {failure} (hint: {hint})", failure.kind),
                None => format!("{}: {failure}", failure.kind),
            };
            let content = vec![ToolContent::Text(text)];
            (ToolAnswer { content, is_error: true }, Some(failure))
        }
    };
    let (content, text) = render(answer.content);
    Ok(CallEnd {
        content,
        text,
        is_error: answer.is_error,
        span: Span { usage: report.usage, failure, untrusted },
        logs: Some((tool.plugin.name.clone(), report.logs)),
    })
}

/// A result's blocks as the log has them, and as text for the model.
fn render(blocks: Vec<ToolContent>) -> (Vec<Content>, String) {
    let mut content = Vec::new();
    for block in blocks {
        content.push(match block {
            ToolContent::Text(text) | ToolContent::Json(text) => Content::Text { text },
            ToolContent::Image(media_type, data) => Content::Image {
                source: serde_json::json!({
                    "type": "bytes", "media_type": media_type, "size_bytes": data.len(),
                }),
            },
            ToolContent::File(path, media_type) => {
                Content::Text { text: format!("[file {path}, {media_type}]") }
            }
        });
    }
    let text = Content::join(&content);
    (content, text)
}
