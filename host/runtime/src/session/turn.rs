//! What a thread's model is asked, and its answer as events.

use lucid_core::{
    Block, Completion, CompletionRequest, Content, Event, EventId, Permission, Result, StopReason,
    Thought, ThreadId, ThreadState, ToolOffer, Via,
};
use lucid_policy::permission;
use serde_json::Value;

use super::log::SessionLog;
use super::platform;
use super::workspace::Workspace;
use crate::mission::{Agent, AgentModel};

/// The longest answer asked for, in tokens, of a model whose settings do not say.
const ANSWER_TOKENS_MAX: u32 = 8_192;

/// What a thread asks its model: its own context, and nothing else.
pub(crate) fn request(
    thread: &ThreadState,
    agent: &Agent,
    workspace: &Workspace,
) -> CompletionRequest {
    let mut system = agent.system.trim_end().to_owned();
    for memory in workspace.memory() {
        let access = if memory.writable.is_some() { "to read and write" } else { "read-only" };
        system.push_str(&format!(
            "\n\nMemory store \"{}\" is mounted {access} at /mnt/memory/{}/. {}",
            memory.slug, memory.slug, memory.description
        ));
        for notice in memory.writable.iter().flat_map(|store| store.notices.for_agents()) {
            system.push_str(&format!("\n{notice}"));
        }
    }
    let mut tools: Vec<_> = agent
        .tools
        .values()
        .map(|tool| ToolOffer {
            name: tool.spec.name.clone(),
            description: tool.spec.description.clone(),
            input_schema: tool.spec.input_schema.clone(),
        })
        .collect();
    tools.extend(agent.client_tools.values().map(|tool| tool.offer.clone()));
    tools.extend(platform::offers(agent));
    let own = match &agent.model {
        AgentModel::Remote(model) => model.max_output_tokens(),
        AgentModel::Plugin(_) => None,
    };
    CompletionRequest {
        system,
        messages: thread.messages.clone(),
        tools,
        max_tokens: own.unwrap_or(ANSWER_TOKENS_MAX),
    }
}

/// Writes an answer down: what was thought, said and called, with what policy says to each
/// call before it can run.
pub(crate) fn answer(
    log: &mut SessionLog,
    thread: &ThreadId,
    agent: &Agent,
    completion: Completion,
    mut message_id: Option<EventId>,
) -> Result<()> {
    let refused = completion.stop_reason == StopReason::Refusal;
    for block in completion.content {
        let event = match block {
            // A model that refuses does not act.
            Block::ToolUse { .. } if refused => continue,
            Block::Thinking { text, signature } => {
                // Nobody wants unsigned reasoning back; that it thought is enough.
                let thought = Thought { text, signature, redacted: None };
                let lucid = thought.signature.is_some().then_some(thought);
                Event::AgentThinking { lucid }
            }
            Block::RedactedThinking { data } => {
                let redacted = Some(data);
                let lucid = Thought { text: String::new(), signature: None, redacted };
                Event::AgentThinking { lucid: Some(lucid) }
            }
            Block::Text { text } => Event::AgentMessage { content: Content::text(&text) },
            Block::ToolUse { name, input_json, .. } => call(agent, name, input_json),
            // Results, images and documents are for models to read, not to write.
            Block::ToolResult { .. } | Block::Image { .. } | Block::Document { .. } => continue,
        };
        let heard = matches!(event, Event::AgentMessage { .. }).then(|| message_id.take());
        match heard.flatten() {
            Some(id) => log.write_as(id, Some(thread), &event)?,
            None => log.write(Some(thread), &event)?,
        };
    }
    Ok(())
}

fn call(agent: &Agent, name: String, input_json: String) -> Event {
    let input = serde_json::from_str::<Value>(&input_json).ok().filter(Value::is_object);
    let mut lucid = None;
    let decision = if platform::is_platform(agent, &name) {
        permission(lucid_policy::Policy::AlwaysAllow, true)
    } else if let Some(tool) = agent.client_tools.get(&name) {
        lucid = Some(tool.via.clone());
        permission(tool.permission, true)
    } else {
        match agent.tools.get(&name) {
            Some(tool) => {
                let server = agent.servers.get(&tool.plugin.name);
                lucid = server.map(|server| Via::Mcp { server: server.clone() });
                permission(agent.permissions.of(&tool.plugin.name, &name), true)
            }
            None => permission(lucid_policy::Policy::AlwaysAllow, false),
        }
    };
    // What cannot be run need not be asked about.
    let runs = decision.permission != Permission::Ask || input.is_some();
    let permission = if runs { decision.permission } else { Permission::Allow };
    Event::ToolUse {
        name,
        input: input.unwrap_or(Value::String(input_json)),
        evaluated_permission: permission,
        evaluation: Some(serde_json::json!({ "type": decision.rule })),
        lucid,
    }
}
