//! The commander: hands out the work, flies the plan, reports.

use lucid_sdk::model::{Completion, Model, ModelError, Request};
use lumara_policy::{Conversation, Memory, Task};
use serde_json::{Value, json};

/// Where the navigator writes the plan.
const PLAN: &str = "/workspace/plan.json";

/// Where the commander writes the report.
pub const REPORT: &str = "/mnt/session/outputs/report.json";

/// The commander as a model.
pub struct Commander;

impl Model for Commander {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        Ok(next(request))
    }
}

lucid_sdk::export_model!(Commander);

/// What the commander says or does next.
pub fn next(request: &Request) -> Completion {
    let conversation = Conversation::new(request);
    match step(&conversation) {
        Ok(completion) => completion,
        Err(why) => Completion::text(format!("The mission stops here: {why}.")),
    }
}

fn step(conversation: &Conversation<'_>) -> Result<Completion, String> {
    let task = conversation.texts.iter().find_map(|text| Task::find(text));
    let Some(task) = task else {
        return Err("the message names no site and no flight seed".to_owned());
    };
    if conversation.call("fly").is_some() {
        return report(conversation, task);
    }
    let rules = match Memory::of(conversation) {
        Memory::Next(calls) => return Ok(Completion::calls(calls)),
        Memory::Known(rules) => rules,
    };
    if sent(conversation, "detector")? == 0 {
        return Ok(hand_out(task, rules.len()));
    }
    let heard = |agent| conversation.messages_from(agent).len();
    if heard("detector") == 0 || heard("navigator") == 0 {
        return Ok(Completion::text("Waiting for the detector and the navigator."));
    }
    if sent(conversation, "navigator")? < 2 {
        let message = format!(
            "Site {}: the detector has reported. Read its hazards and the terrain, and finish \
             the plan in {PLAN}.",
            task.site
        );
        return Ok(Completion::calls([send("navigator", &message)]));
    }
    if heard("navigator") < 2 {
        return Ok(Completion::text("Waiting for the plan."));
    }
    let Some(plan) = conversation.call_with("read", "file_path", PLAN) else {
        return Ok(Completion::calls([("read", json!({"file_path": PLAN}))]));
    };
    let plan: Value = plan.json()?;
    Ok(Completion::calls([("fly", plan)]))
}

/// How many messages to an agent went out.
fn sent(conversation: &Conversation<'_>, agent: &str) -> Result<usize, String> {
    let to_agent = |call: &&lumara_policy::Call<'_>| {
        call.name == "send_to_agent" && call.field("agent_name") == Some(agent)
    };
    let calls: Vec<_> = conversation.calls.iter().filter(to_agent).collect();
    calls.iter().try_for_each(|call| call.text().map(drop))?;
    Ok(calls.len())
}

fn send(agent: &str, message: &str) -> (&'static str, Value) {
    ("send_to_agent", json!({"agent_name": agent, "message": message}))
}

fn hand_out(task: Task, rules: usize) -> Completion {
    let Task { site, flight_seed } = task;
    let memory = match rules {
        0 => "Our memory holds no rule yet".to_owned(),
        1 => "Our memory holds 1 rule; follow it".to_owned(),
        many => format!("Our memory holds {many} rules; follow them"),
    };
    let job = |what| format!("Site {site}, flight seed {flight_seed}. {what} {memory}.");
    Completion::calls([
        send("detector", &job("Say whether it is worth mining and map its hazards.")),
        send("navigator", &job("Map its terrain; the plan comes when the hazards are known.")),
    ])
    .saying(format!("Site {site}: the detector and the navigator start at the same time."))
}

/// Writes the report of the flight, once, and ends. A flight that the lander refused is in
/// the report too, as one that was not flown.
fn report(conversation: &Conversation<'_>, task: Task) -> Result<Completion, String> {
    let flight = match conversation.call("fly") {
        Some(call) => call.json::<Value>(),
        None => Err("there was no flight".to_owned()),
    };
    let line = flight.unwrap_or_else(
        |why| json!({"site": task.site, "result": "not_flown", "hazard_free": false, "why": why}),
    );
    let Some(written) = conversation.call_with("write", "file_path", REPORT) else {
        let content = json!({"sites": [line]}).to_string();
        let input = json!({"file_path": REPORT, "content": content});
        return Ok(Completion::calls([("write", input)]));
    };
    written.text()?;
    let result = line["result"].as_str().unwrap_or("unknown");
    let speed = match line["touchdown_speed_mps"].as_f64() {
        Some(speed) => format!(" at {speed:.2} m/s"),
        None => String::new(),
    };
    let text = format!(
        "Site {}: {result}{speed}. A drone flies once; the report is in {REPORT}.",
        task.site
    );
    Ok(Completion::text(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lucid_sdk::model::{Block, Message, Role, StopReason};

    fn asked(texts: &[&str]) -> Completion {
        let content = texts.iter().map(|text| Block::Text((*text).into())).collect();
        let messages = vec![Message { role: Role::User, content }];
        next(&Request { system: String::new(), messages, tools: Vec::new(), max_tokens: 100 })
    }

    #[test]
    fn detector_and_navigator_are_sent_to_work_at_once() {
        let answer = asked(&["Land at site 12. Flight seed 42."]);
        let to = |block: &Block| match block {
            Block::ToolUse(call) => call.input_json.contains("Site 12, flight seed 42"),
            _ => false,
        };
        assert_eq!(answer.content.iter().filter(|block| to(block)).count(), 2);
    }

    #[test]
    fn an_order_without_a_site_ends_the_turn_politely() {
        for text in ["", "Land!", "Flight seed 4.", "Site 99999999999, flight seed 1."] {
            assert_eq!(asked(&[text]).stop_reason, StopReason::EndTurn, "{text}");
        }
    }
}
