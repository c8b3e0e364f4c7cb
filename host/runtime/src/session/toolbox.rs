//! Running one tool call of an agent.

use std::collections::BTreeMap;

use lucid_core::{Content, Denial, EventId, Failure, Result, Span, ToolContent};
use lucid_engine::{Call, LogLine, ToolAnswer, UnusableCredential};

use super::effects::Surroundings;
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
    /// The credentials that it should have been lent and that could not be had.
    pub(crate) unusable: Vec<UnusableCredential>,
}

impl CallEnd {
    /// A call that never ran.
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        let content = Content::text(text);
        Self { content, is_error: true, span: Span::default(), logs: None, unusable: Vec::new() }
    }

    /// A call that the host itself answered.
    pub(crate) fn answered(text: String) -> Self {
        let content = Content::text(text);
        Self { content, is_error: false, span: Span::default(), logs: None, unusable: Vec::new() }
    }
}

/// The environment of a plugin for one session.
pub(crate) fn environment(plugin: &BoundPlugin, variables: &Variables) -> Vec<(String, String)> {
    let pairs: &BTreeMap<String, String> = &plugin.environment;
    pairs.iter().map(|(name, value)| (name.clone(), fill(value, variables))).collect()
}

/// Runs a call in the agent's view.
pub(crate) async fn run(agent: &Agent, call: &ToolCall, world: &Surroundings) -> Result<CallEnd> {
    let Some(tool) = agent.tools.get(&call.name) else {
        return Err(Failure::bug(format!("tool `{}` was allowed and is not there", call.name)));
    };
    let BoundPlugin { plugin, secrets, limits, .. } = tool.plugin.as_ref();
    let narrow = agent.narrow.get(&tool.plugin.name);
    let setup = Call {
        mounts: world.workspace.mounts(&agent.view)?,
        environment: environment(&tool.plugin, &world.variables),
        time: world.time,
        model: model_for(&tool.plugin, world.time),
        secrets: secrets.attached(),
        lender: world.lender.clone(),
        domains: narrow.map(|narrow| narrow.domains.clone()).unwrap_or_default(),
        files: world.workspace.quota(),
        ..Call::bare(*limits)
    };
    let mut report = plugin.call_tool(setup, &call.name, &call.input_json).await;
    secrets.and_lent(world.lender.as_deref()).mask_report(&mut report, Secrets::mask_answer);
    let untrusted = tool.spec.annotations.open_world;
    let (mut answer, failure) = match report.result {
        Ok(mut answer) => {
            if let Some(bytes) = narrow.and_then(|narrow| narrow.result_bytes) {
                shorten(&mut answer.content, bytes);
            }
            (answer, None)
        }
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
        unusable: report.effects.unusable,
    })
}

/// Cuts what a tool said to so many bytes of text, and says so.
fn shorten(content: &mut Vec<ToolContent>, bytes_max: usize) {
    let (mut left, mut is_cut) = (bytes_max, false);
    for block in content.iter_mut() {
        let (ToolContent::Text(text) | ToolContent::Json(text)) = block else { continue };
        if text.len() > left {
            text.truncate(text.floor_char_boundary(left));
            // Nothing comes behind the cut, though a character may have left room.
            (left, is_cut) = (0, true);
        }
        left = left.saturating_sub(text.len());
    }
    if is_cut {
        let text = format!("[cut: this agent is given {bytes_max} bytes of one result at most]");
        content.push(ToolContent::Text(text));
    }
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

    #[test]
    fn a_result_is_cut_where_a_character_ends_and_says_so() {
        let text = |text: &str| ToolContent::Text(text.to_owned());
        let mut content = vec![text("four"), text("é€ more"), text("rest")];
        shorten(&mut content, 8);
        let cut = render(content);
        let Some(Content::Text { text: note }) = cut.last() else { panic!("{cut:?}") };
        assert!(note.contains("8 bytes"), "{note}");
        let all: Vec<_> =
            cut.iter().map(|block| Content::join(std::slice::from_ref(block))).collect();
        assert_eq!(all[..3], ["four", "é", ""]);
        let mut whole = vec![text("four"), text("five")];
        shorten(&mut whole, 8);
        assert_eq!(whole.len(), 2);
    }

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
