//! The tools that the host itself gives a lead: who is there, to start them, to write to
//! them and to wait for them.

use lucid_core::ToolOffer;
use serde_json::{Value, json};

use crate::mission::Agent;

const LIST_AGENTS: &str = "list_agents";
const START_THREAD: &str = "start_thread";
const SEND_TO_AGENT: &str = "send_to_agent";
const AWAIT_THREADS: &str = "await_threads";

/// What a lead wants of its team.
pub(crate) enum Order {
    /// To know who is there.
    List,
    /// A new thread of an agent.
    Start { agent: String, message: String },
    /// To write to an agent, on its first thread.
    Send { agent: String, message: String },
    /// To write to a thread.
    Continue { thread: String, message: String },
    /// To wait until threads end their turns; all of them, when none is named.
    Await { threads: Vec<String> },
}

/// Whether a name is one of these tools, for this agent.
pub(crate) fn is_platform(agent: &Agent, name: &str) -> bool {
    let ours = matches!(name, LIST_AGENTS | START_THREAD | SEND_TO_AGENT | AWAIT_THREADS);
    !agent.roster.is_empty() && ours
}

/// The tools as a model sees them; only a lead has them.
pub(crate) fn offers(agent: &Agent) -> Vec<ToolOffer> {
    if agent.roster.is_empty() {
        return Vec::new();
    }
    let offer = |name: &str, description: &str, properties: Value, required: Value| {
        let schema = json!({"type": "object", "properties": properties, "required": required});
        ToolOffer {
            name: name.to_owned(),
            description: description.to_owned(),
            input_schema: schema.to_string(),
        }
    };
    let agent_name = json!({"type": "string", "enum": agent.roster});
    let message = json!({"type": "string"});
    vec![
        offer(
            LIST_AGENTS,
            "Lists the agents you can delegate to, and the threads there are with their status.",
            json!({}),
            json!([]),
        ),
        offer(
            START_THREAD,
            "Starts a new thread of an agent with a message, beside others it may have. Returns \
             the thread's id at once; its answer comes as a message when its turn ends.",
            json!({"agent_name": agent_name, "message": message}),
            json!(["agent_name", "message"]),
        ),
        offer(
            SEND_TO_AGENT,
            "Sends a message to an agent, which starts or continues its thread. Returns at once; \
             the agent's answer comes as a message when its turn ends. End your turn to wait for \
             it, or call await_threads.",
            json!({
                "agent_name": agent_name,
                "session_thread_id": {"type": "string", "description":
                    "One thread of several that the agent has; instead of agent_name."},
                "message": message,
            }),
            json!(["message"]),
        ),
        offer(
            AWAIT_THREADS,
            "Waits until threads have ended their turns, all of yours when none is named. Their \
             answers come as messages beside the result.",
            json!({"session_thread_ids": {"type": "array", "items": {"type": "string"}}}),
            json!([]),
        ),
    ]
}

/// Reads a call; the error is for the model.
pub(crate) fn read(agent: &Agent, name: &str, input: &Value) -> Result<Order, String> {
    let field = |name: &str| input.get(name).and_then(Value::as_str).map(str::to_owned);
    let member = |name: String| {
        if agent.roster.contains(&name) {
            return Ok(name);
        }
        Err(format!("not found: no agent `{name}`; there are {}", agent.roster.join(", ")))
    };
    let both = || "invalid input: `agent_name` and `message` are needed".to_owned();
    match name {
        LIST_AGENTS => Ok(Order::List),
        AWAIT_THREADS => {
            let wrong = || "invalid input: `session_thread_ids` is a list of texts".to_owned();
            let text = |id: &Value| id.as_str().map(str::to_owned);
            let threads = match input.get("session_thread_ids") {
                None | Some(Value::Null) => Vec::new(),
                Some(Value::Array(ids)) => {
                    ids.iter().map(text).collect::<Option<_>>().ok_or_else(wrong)?
                }
                Some(_) => return Err(wrong()),
            };
            Ok(Order::Await { threads })
        }
        _ => {
            let message = field("message").ok_or_else(both)?;
            let thread = input.get("session_thread_id").filter(|thread| !thread.is_null());
            if let (SEND_TO_AGENT, Some(thread)) = (name, thread) {
                let thread = thread.as_str().map(str::to_owned);
                let thread = thread
                    .ok_or_else(|| "invalid input: `session_thread_id` is a text".to_owned())?;
                return Ok(Order::Continue { thread, message });
            }
            let agent = member(field("agent_name").ok_or_else(both)?)?;
            match name {
                START_THREAD => Ok(Order::Start { agent, message }),
                _ => Ok(Order::Send { agent, message }),
            }
        }
    }
}
