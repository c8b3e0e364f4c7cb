//! The navigator: where to land, and by which plan.

pub mod ground;

use lucid_sdk::model::{Completion, Model, ModelError, Request};
use lumara_policy::rules::Rule;
use lumara_policy::{Conversation, Memory, Prior, Task, draw};
use serde_json::{Map, Value, json};

use crate::ground::{Hazards, Terrain, target_m};

/// Where the detector's map is.
const HAZARDS: &str = "/workspace/hazards.json";

/// Where the navigator keeps the survey.
const TERRAIN: &str = "/workspace/terrain.json";

/// Where the navigator writes the plan: the input of `fly`.
pub const PLAN: &str = "/workspace/plan.json";

/// Farthest target that `fly` takes, in metres from the middle.
const TARGET_LIMIT_M: f64 = 140.0;

const CLEARANCE: Prior = Prior::new("fly.hazard_clearance_m", 0.8, 2.4);

/// What a plan needs besides its place. All that is known of each is a wide range.
pub const PARAMETERS: [Prior; 6] = [
    CLEARANCE,
    Prior::new("fly.brake_ratio", 1.0, 2.45),
    Prior::new("fly.terminal_rate_mps", 0.6, 1.6),
    Prior::new("fly.pitch_over_s", 4.0, 12.0),
    Prior::new("fly.approach_heading_deg", 0.0, 360.0),
    Prior::new("fly.telemetry_rate_hz", 1.0, 10.0),
];

/// The navigator as a model.
pub struct Navigator;

impl Model for Navigator {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        Ok(next(request))
    }
}

lucid_sdk::export_model!(Navigator);

/// What the navigator says or does next.
pub fn next(request: &Request) -> Completion {
    let conversation = Conversation::new(request);
    match step(&conversation) {
        Ok(completion) => completion,
        Err(why) => Completion::text(format!("I have no plan: {why}.")),
    }
}

fn step(conversation: &Conversation<'_>) -> Result<Completion, String> {
    let task = conversation.texts.iter().find_map(|text| Task::find(text));
    let Some(task) = task else {
        return Err("the message names no site and no flight seed".to_owned());
    };
    let rules = match Memory::of(conversation) {
        Memory::Next(mut calls) => {
            calls.extend(terrain(conversation)?);
            return Ok(Completion::calls(calls));
        }
        Memory::Known(rules) => rules,
    };
    if let Some(call) = terrain(conversation)? {
        return Ok(Completion::calls([call]));
    }
    if let Some(kept) = conversation.call_with("write", "file_path", TERRAIN) {
        kept.text()?;
    }
    // The first message asks for the terrain, the second for the plan.
    if conversation.messages_from("commander").len() < 2 {
        let text = format!("Site {}: the terrain is in {TERRAIN}.", task.site);
        return Ok(Completion::text(text));
    }
    plan(conversation, task, &rules)
}

/// The next call that gets the survey and keeps it; none when that is done.
fn terrain(conversation: &Conversation<'_>) -> Result<Option<(&'static str, Value)>, String> {
    let Some(survey) = conversation.call("survey") else {
        return Ok(Some(("survey", json!({}))));
    };
    if conversation.call_with("write", "file_path", TERRAIN).is_some() {
        return Ok(None);
    }
    Ok(Some(("write", json!({"file_path": TERRAIN, "content": survey.text()?}))))
}

fn plan(conversation: &Conversation<'_>, task: Task, rules: &[Rule]) -> Result<Completion, String> {
    let read = |path| conversation.call_with("read", "file_path", path);
    let (Some(hazards), Some(terrain)) = (read(HAZARDS), read(TERRAIN)) else {
        let call = |path| ("read", json!({"file_path": path}));
        return Ok(Completion::calls([call(HAZARDS), call(TERRAIN)]));
    };
    let Some(written) = conversation.call_with("write", "file_path", PLAN) else {
        let hazards: Hazards = hazards.json()?;
        let terrain: Terrain = terrain.json()?;
        let plan = filled_in(&hazards, &terrain, task, rules);
        let input = json!({"file_path": PLAN, "content": plan.to_string()});
        return Ok(Completion::calls([("write", input)]));
    };
    written.text()?;
    Ok(Completion::text(format!("Site {}: the plan is in {PLAN}.", task.site)))
}

/// The input of `fly`.
fn filled_in(hazards: &Hazards, terrain: &Terrain, task: Task, rules: &[Rule]) -> Value {
    let clearance_m = draw(&CLEARANCE, rules, task.flight_seed);
    let target_m = target_m(hazards, terrain, clearance_m).clamp(-TARGET_LIMIT_M, TARGET_LIMIT_M);
    let mut plan = Map::new();
    plan.insert("target_x_m".to_owned(), json!((target_m * 100.0).round() / 100.0));
    for prior in &PARAMETERS {
        let field = prior.name.trim_start_matches("fly.").to_owned();
        plan.insert(field, json!(draw(prior, rules, task.flight_seed)));
    }
    Value::Object(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lumara_policy::rules::rules;

    fn planned(flight_seed: u64, memory: &str) -> Value {
        let map = r#"{"half_width_m":150,"leg_span_m":3.6,"hazards":[{"from_m":0,"to_m":9}]}"#;
        let hazards: Hazards = serde_json::from_str(map).expect("a map");
        let terrain = Terrain { terrain: Vec::new() };
        filled_in(&hazards, &terrain, Task { site: 1, flight_seed }, &rules(memory))
    }

    #[test]
    fn a_rule_in_memory_decides_a_parameter_and_leaves_the_others() {
        let rule = "- Rule: `fly.brake_ratio` is 1.5";
        for seed in 0..20 {
            let (free, ruled) = (planned(seed, ""), planned(seed, rule));
            assert_eq!(ruled["brake_ratio"], 1.5);
            assert_eq!(ruled["pitch_over_s"], free["pitch_over_s"]);
        }
        assert_ne!(planned(1, "")["brake_ratio"], planned(2, "")["brake_ratio"]);
    }

    #[test]
    fn every_parameter_is_in_the_plan() {
        let plan = planned(1, "");
        assert_eq!(plan.as_object().map(Map::len), Some(1 + PARAMETERS.len()));
        assert_eq!(plan["target_x_m"], -73.0);
    }
}
