//! Running one tool call of an agent.

use std::collections::BTreeMap;

use lucid_core::{Content, Denial, EventId, Failure, Result, Span, ToolContent};
use lucid_engine::{Call, GuestTime, LogLine, ToolAnswer};

use super::workspace::Workspace;
use crate::asking::model_for;
use crate::mission::{Agent, BoundPlugin, Secrets, Variables, fill};

/// Denials of one call that its agent is told; all of them are in the log.
const DENIED_TOLD_MAX: usize = 3;

/// The longest line of one.
const DENIED_CHARACTERS_MAX: usize = 600;

/// A call that may run.
#[derive(Debug, Clone)]
pub(crate) struct ToolCall {
    /// The event that made it.
    pub(crate) event: EventId,
    /// The tool.
    pub(crate) name: String,
    /// The input object, as JSON text.
    pub(crate) input_json: String,
}

/// What a call gave.
pub(crate) struct CallEnd {
    /// The result.
    pub(crate) content: Vec<Content>,
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
        let content = Content::text(text);
        Self { content, is_error: true, span: Span::default(), logs: None }
    }

    /// A call that the host itself answered.
    pub(crate) fn answered(text: String) -> Self {
        let content = Content::text(text);
        Self { content, is_error: false, span: Span::default(), logs: None }
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
    call: &ToolCall,
    workspace: &Workspace,
    variables: &Variables,
    time: GuestTime,
) -> Result<CallEnd> {
    let Some(tool) = agent.tools.get(&call.name) else {
        return Err(Failure::bug(format!("tool `{}` was allowed and is not there", call.name)));
    };
    let BoundPlugin { plugin, secrets, limits, .. } = tool.plugin.as_ref();
    let setup = Call {
        mounts: workspace.mounts(&agent.view)?,
        environment: environment(&tool.plugin, variables),
        time,
        model: model_for(&tool.plugin, time),
        secrets: secrets.attached(),
        files: workspace.quota(),
        ..Call::bare(*limits)
    };
    let mut report = plugin.call_tool(setup, &call.name, &call.input_json).await;
    secrets.mask_report(&mut report, Secrets::mask_answer);
    let untrusted = tool.spec.annotations.open_world;
    let (mut answer, failure) = match report.result {
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
    if answer.is_error {
        answer.content.extend(why_denied(&report.effects.denied).map(ToolContent::Text));
    }
    Ok(CallEnd {
        content: render(answer.content),
        is_error: answer.is_error,
        span: Span {
            usage: report.usage,
            failure,
            untrusted,
            files: report.effects.files,
            denied: report.effects.denied,
            unlisted: report.effects.unlisted,
            ..Span::default()
        },
        logs: Some((tool.plugin.name.clone(), report.logs)),
    })
}

/// What policy refused during a call that failed: a guest may only know that it did.
fn why_denied(denied: &[Denial]) -> Option<String> {
    let line = |denial: &Denial| {
        let Denial { what, rule, hint, .. } = denial;
        let line = format!("denied: {what}: {rule} (hint: {hint})");
        // A guest chose the path or host: it stays on its line, and is no longer than one.
        let plain = line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
        plain.take(DENIED_CHARACTERS_MAX).collect::<String>()
    };
    let lines: Vec<_> = denied.iter().take(DENIED_TOLD_MAX).map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A result's blocks as the log has them.
fn render(blocks: Vec<ToolContent>) -> Vec<Content> {
    let block = |block| match block {
        ToolContent::Text(text) | ToolContent::Json(text) => Content::Text { text },
        ToolContent::Image(media_type, data) => Content::image(&media_type, &data),
        ToolContent::File(path, media_type) => {
            Content::Text { text: format!("[file {path}, {media_type}]") }
        }
    };
    blocks.into_iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(what: &str) -> Denial {
        Denial {
            capability: "files".into(),
            what: what.into(),
            rule: "read_only".into(),
            hint: "h".into(),
        }
    }

    #[test]
    fn an_agent_is_told_what_was_denied_in_a_few_lines() {
        assert_eq!(why_denied(&[]), None);
        let one = why_denied(&[denial("/a\ndenied: /b")]).unwrap();
        assert_eq!(one, "denied: /a\u{fffd}denied: /b: read_only (hint: h)");
        let many: Vec<_> = (0..9).map(|_| denial(&"x".repeat(10_000))).collect();
        let told = why_denied(&many).unwrap();
        assert_eq!(told.lines().count(), DENIED_TOLD_MAX);
        assert!(told.lines().all(|line| line.chars().count() <= DENIED_CHARACTERS_MAX));
    }
}
