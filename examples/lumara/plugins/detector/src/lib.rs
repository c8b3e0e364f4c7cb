//! The detector: is a site worth mining, and where are its boulders and craters?

use lucid_sdk::model::{Completion, Model, ModelError, Request};
use lumara_policy::{Conversation, Memory, Prior, Task, draw};
use serde_json::{Value, json};

/// Where the detector writes what it found.
pub const HAZARDS: &str = "/workspace/hazards.json";

/// Height of the scan. All that is known of it is what the scout can fly.
pub const ALTITUDE: Prior = Prior::new("scan.altitude_m", 30.0, 116.0);

/// Time of the scan over each part of the site.
pub const DWELL: Prior = Prior::new("scan.dwell_s", 3.0, 8.0);

/// The detector as a model.
pub struct Detector;

impl Model for Detector {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        Ok(next(request))
    }
}

lucid_sdk::export_model!(Detector);

/// What the detector says or does next.
pub fn next(request: &Request) -> Completion {
    let conversation = Conversation::new(request);
    match step(&conversation) {
        Ok(completion) => completion,
        Err(why) => Completion::text(format!("I have no hazard map: {why}.")),
    }
}

fn step(conversation: &Conversation<'_>) -> Result<Completion, String> {
    let task = conversation.texts.iter().find_map(|text| Task::find(text));
    let Some(task) = task else {
        return Err("the message names no site and no flight seed".to_owned());
    };
    let rules = match Memory::of(conversation) {
        Memory::Next(mut calls) => {
            if conversation.call("survey").is_none() {
                calls.push(("survey", json!({})));
            }
            return Ok(Completion::calls(calls));
        }
        Memory::Known(rules) => rules,
    };
    let Some(survey) = conversation.call("survey") else {
        return Ok(Completion::calls([("survey", json!({}))]));
    };
    let survey: Value = survey.json()?;
    let Some(scan) = conversation.call("scan") else {
        let input = json!({
            "altitude_m": draw(&ALTITUDE, &rules, task.flight_seed),
            "dwell_s": draw(&DWELL, &rules, task.flight_seed),
        });
        return Ok(Completion::calls([("scan", input)]));
    };
    let found: Value = scan.json()?;
    let Some(written) = conversation.call_with("write", "file_path", HAZARDS) else {
        let map = json!({
            "site": task.site,
            "ore_grade": survey["ore_grade"],
            "half_width_m": survey["half_width_m"],
            "leg_span_m": found["leg_span_m"],
            "hazards": found["hazards"],
        });
        let input = json!({"file_path": HAZARDS, "content": map.to_string()});
        return Ok(Completion::calls([("write", input)]));
    };
    written.text()?;
    Ok(Completion::text(report(task, &survey, &found)))
}

fn report(task: Task, survey: &Value, found: &Value) -> String {
    let grade = survey["ore_grade"].as_f64().unwrap_or_default();
    let worth = if grade >= 0.3 { "worth mining" } else { "poor, but good for a trial" };
    let stretches = found["hazards"].as_array().map_or(0, Vec::len);
    format!(
        "Site {}: ore grade {grade:.2}, {worth}. {stretches} stretches with hazards; the map is \
         in {HAZARDS}.",
        task.site
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use lucid_sdk::model::{Block, Message, Role, StopReason};

    fn asked(text: &str) -> Completion {
        let content = vec![Block::Text(text.into())];
        let messages = vec![Message { role: Role::User, content }];
        next(&Request { system: String::new(), messages, tools: Vec::new(), max_tokens: 100 })
    }

    #[test]
    fn a_message_without_a_task_ends_the_turn_politely() {
        for text in ["", "Hello.", "Message from agent \"commander\":\n\nSite twelve, please."] {
            let answer = asked(text);
            assert_eq!(answer.stop_reason, StopReason::EndTurn);
            assert!(matches!(&answer.content[0], Block::Text(t) if t.contains("names no site")));
        }
    }

    #[test]
    fn without_a_memory_the_survey_comes_first() {
        let answer = asked("Site 3, flight seed 4.");
        assert!(matches!(&answer.content[..], [Block::ToolUse(call)] if call.name == "survey"));
    }
}
