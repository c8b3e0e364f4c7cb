//! What a thread's model is asked, and its answer as events and calls.

use lucid_core::{
    Block, Completion, CompletionRequest, Content, Event, Message, Permission, Result, Role,
    StopReason, ToolOffer,
};
use lucid_policy::permission;
use serde_json::Value;

use super::platform;
use super::thread::{Next, PendingCall, Thread};
use super::workspace::Workspace;
use super::writer::EventWriter;

/// The longest answer asked for, in tokens.
const ANSWER_TOKENS_MAX: u32 = 8_192;

/// What a thread asks its model: its own context, and nothing else.
pub(crate) fn request(thread: &Thread, workspace: &Workspace) -> CompletionRequest {
    let agent = &thread.agent;
    let mut system = agent.system.trim_end().to_owned();
    for memory in workspace.memory() {
        system.push_str(&format!(
            "\n\nMemory store \"{}\" is mounted read-only at /mnt/memory/{}/. {}",
            memory.slug, memory.slug, memory.description
        ));
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
    tools.extend(platform::offers(agent));
    CompletionRequest {
        system,
        messages: thread.messages.clone(),
        tools,
        max_tokens: ANSWER_TOKENS_MAX,
    }
}

/// Writes an answer down and takes its calls. Returns the text the turn ended with, if it
/// did.
pub(crate) fn answer(
    thread: &mut Thread,
    completion: Completion,
    writer: &mut EventWriter,
) -> Result<Option<String>> {
    let mut texts = Vec::new();
    let mut calls = Vec::new();
    let mut content = Vec::new();
    let refused = completion.stop_reason == StopReason::Refusal;
    for block in completion.content {
        match block {
            // A model that refuses does not act.
            Block::ToolUse { .. } if refused => {}
            Block::Thinking { .. } => {
                writer.write(Some(&thread.id), &Event::AgentThinking {})?;
            }
            Block::Text { text } => {
                let said = Event::AgentMessage { content: Content::text(&text) };
                writer.write(Some(&thread.id), &said)?;
                texts.push(text.clone());
                content.push(Block::Text { text });
            }
            Block::ToolUse { name, input_json, .. } => {
                let call = take_call(thread, name, input_json, writer)?;
                content.push(Block::ToolUse {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    input_json: call.input_json.clone(),
                });
                calls.push(call);
            }
            // Results and images are for models to read, not to write.
            Block::ToolResult { .. } | Block::Image { .. } => {}
        }
    }
    if !content.is_empty() {
        thread.messages.push(Message { role: Role::Assistant, content });
    }
    if calls.is_empty() {
        thread.next = Next::Wait;
        return Ok(Some(texts.join("\n\n")));
    }
    thread.next = Next::Run(calls);
    Ok(None)
}

/// Writes one call down, with what policy says to it, before it can run.
fn take_call(
    thread: &mut Thread,
    name: String,
    input_json: String,
    writer: &mut EventWriter,
) -> Result<PendingCall> {
    let id = format!("toolu_{}", thread.calls);
    thread.calls += 1;
    let input = serde_json::from_str::<Value>(&input_json).ok().filter(Value::is_object);
    let enabled =
        thread.agent.tools.contains_key(&name) || platform::is_platform(&thread.agent, &name);
    let decision = permission(thread.agent.permission, enabled);
    let refused = match decision.permission {
        Permission::Allow if input.is_none() => Some("The input is not a JSON object.".to_owned()),
        Permission::Allow => None,
        // There is nobody to ask in a mission that runs by itself.
        Permission::Ask | Permission::Deny => {
            Some(format!("Permission to use {name} has been denied. ({})", decision.rule))
        }
    };
    let event = Event::ToolUse {
        name: name.clone(),
        input: input.clone().unwrap_or_else(|| Value::String(input_json.clone())),
        evaluated_permission: decision.permission,
    };
    let event = writer.write(Some(&thread.id), &event)?;
    Ok(PendingCall { id, event, name, input_json, input, refused })
}
