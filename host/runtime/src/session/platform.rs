//! The tools that the host itself gives a lead: who is there, and to write to them.

use lucid_core::ToolOffer;
use serde_json::{Value, json};

use crate::mission::Agent;

pub(crate) const LIST_AGENTS: &str = "list_agents";
pub(crate) const SEND_TO_AGENT: &str = "send_to_agent";

/// Whether a name is one of these tools, for this agent.
pub(crate) fn is_platform(agent: &Agent, name: &str) -> bool {
    !agent.roster.is_empty() && matches!(name, LIST_AGENTS | SEND_TO_AGENT)
}

/// The tools as a model sees them; only a lead has them.
pub(crate) fn offers(agent: &Agent) -> Vec<ToolOffer> {
    if agent.roster.is_empty() {
        return Vec::new();
    }
    let list = ToolOffer {
        name: LIST_AGENTS.to_owned(),
        description: "Lists the agents you can delegate to.".to_owned(),
        input_schema: json!({"type": "object", "properties": {}}).to_string(),
    };
    let send = ToolOffer {
        name: SEND_TO_AGENT.to_owned(),
        description: "Sends a message to an agent, which starts or continues its thread. \
                      Returns at once; the agent's answer comes as a message when its turn \
                      ends. End your turn to wait for it."
            .to_owned(),
        input_schema: json!({
            "type": "object",
            "properties": {
                "agent_name": {"type": "string", "enum": agent.roster},
                "message": {"type": "string"},
            },
            "required": ["agent_name", "message"],
        })
        .to_string(),
    };
    vec![list, send]
}

/// The answer to `list_agents`.
pub(crate) fn list(agent: &Agent) -> String {
    json!({"agents": agent.roster}).to_string()
}

/// The agent and the message of a `send_to_agent`.
pub(crate) fn recipient<'a>(agent: &Agent, input: &'a Value) -> Result<(&'a str, &'a str), String> {
    let field = |name: &str| input.get(name).and_then(Value::as_str);
    let (Some(name), Some(message)) = (field("agent_name"), field("message")) else {
        return Err("invalid input: `agent_name` and `message` are needed".to_owned());
    };
    if !agent.roster.iter().any(|member| member == name) {
        let there = agent.roster.join(", ");
        return Err(format!("not found: no agent `{name}`; there are {there}"));
    }
    Ok((name, message))
}

/// How a message from another agent reads.
pub(crate) fn letter(from: &str, text: &str) -> String {
    format!("Message from agent \"{from}\":\n\n{text}")
}
