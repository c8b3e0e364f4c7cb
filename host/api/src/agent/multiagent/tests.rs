use lucid_core::Timestamp;
use serde_json::{Value, json};

use super::super::{Agent, AgentChoice, AgentOverrides, AgentUpdate, Known};
use super::*;

fn agent(id: &str, body: Value) -> Agent {
    let id = AgentId::parse(id).unwrap();
    let params = crate::read::value(body).unwrap();
    Agent::create(params, &Known::default(), id, Timestamp(1)).unwrap()
}

/// Agents `agent_0` to `agent_20` are there, besides some that nobody may have.
fn known() -> Known {
    let mut known = Known::default();
    let mut add = |agent: Agent, version: Option<u32>| {
        known.agents.insert(AgentWanted { id: agent.id.to_string(), version }, agent);
    };
    for n in 0..21 {
        let helper = agent(&format!("agent_{n}"), json!({"name": "helper", "model": "m"}));
        add(helper.clone(), Some(1));
        add(helper, None);
    }
    let us = json!({"id": "m", "inference_geo": "us"});
    let all = json!({"id": "m", "inference_geo": "global"});
    add(agent("agent_us", json!({"name": "a", "model": us})), None);
    add(agent("agent_all", json!({"name": "a", "model": all})), None);
    add(agent("agent_gone", json!({"name": "a", "model": "m"})).archived(Timestamp(2)), None);
    add(agent("agent_adv", json!({"name": ADVISOR_NAME, "model": "m"})), None);
    let chief = json!({"name": "a", "model": "m",
        "multiagent": {"type": "coordinator", "agents": [{"type": "self"}]}});
    add(agent("agent_chief", chief), None);
    let mut third = agent("agent_0", json!({"name": "third", "model": "m"}));
    third.version = 3;
    add(third, Some(3));
    known
}

fn create(multiagent: Value) -> Result<Agent> {
    let body = json!({"name": "lead", "model": "m", "multiagent": multiagent});
    let id = AgentId::parse("agent_lead").unwrap();
    Agent::create(crate::read::value(body)?, &known(), id, Timestamp(1))
}

fn roster(agents: Value) -> Result<Agent> {
    create(json!({"type": "coordinator", "agents": agents}))
}

fn team(rest: Value) -> Result<Agent> {
    let mut body = json!({"type": "multiagent_20261001"});
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    create(body)
}

fn update(agent: &Agent, body: Value) -> Result<Option<Agent>> {
    agent.update(crate::read::value(body)?, &known(), Timestamp(2))
}

fn written(agent: &Agent) -> Value {
    serde_json::to_value(&agent.multiagent).unwrap()
}

#[test]
fn a_roster_is_pinned_when_it_is_saved_and_has_its_advisor_last() {
    let lead = roster(json!([{"type": "advisor", "model": "claude-big"}, "agent_1",
        {"type": "agent", "id": "agent_0", "version": 3}, {"type": "self"}]));
    let expected = json!({"type": "coordinator", "agents": [
        {"type": "agent", "id": "agent_1", "version": 1},
        {"type": "agent", "id": "agent_0", "version": 3},
        {"type": "agent", "id": "agent_lead", "version": 1},
        {"type": "advisor", "model": "claude-big"}]});
    let lead = lead.unwrap();
    assert_eq!(written(&lead), expected);
    assert_eq!(lead.multiagent.as_ref().unwrap().advisor(), Some("claude-big"));
    let stored: Multiagent = serde_json::from_value(expected.clone()).unwrap();
    assert_eq!(serde_json::to_value(stored).unwrap(), expected);
}

#[test]
fn a_roster_has_one_to_twenty_entries() {
    let of = |count: usize| roster((0..count).map(|n| json!(format!("agent_{n}"))).collect());
    assert!(of(1).is_ok() && of(20).is_ok());
    assert!(of(0).is_err() && of(21).is_err());
}

#[test]
fn a_roster_that_makes_no_sense_is_refused() {
    let own = json!({"type": "self"});
    let advisor = json!({"type": "advisor", "model": "m"});
    for wrong in [
        json!(["agent_x"]),
        json!([{"type": "agent", "id": "agent_0", "version": 9}]),
        json!([{"type": "agent", "id": "agent_0", "version": 0}]),
        json!(["agent_gone"]),
        json!(["agent_chief"]),
        json!(["agent_0", "agent_0"]),
        json!(["agent_0", {"type": "agent", "id": "agent_0", "version": 3}]),
        json!([own, own]),
        json!([own, "agent_lead"]),
        json!([advisor, advisor]),
        json!([advisor, "agent_adv"]),
        json!([{"type": "advisor", "model": ""}]),
        json!(["agent_us", "agent_all"]),
        json!(["env_1"]),
        json!([{"type": "someone"}]),
        json!([{"type": "self", "id": "agent_0"}]),
        json!([7]),
    ] {
        let error = roster(wrong.clone()).unwrap_err();
        assert_eq!(error.status, 400, "{wrong}");
    }
    assert!(roster(json!(["agent_us", "agent_1"])).is_ok(), "one pin is uniform");
    assert!(create(json!({"type": "swarm"})).is_err());
    assert!(create(json!({"type": "coordinator", "agents": ["agent_0"], "x": 1})).is_err());
}

#[test]
fn the_entry_of_the_agent_itself_has_the_version_it_has() {
    let lead = roster(json!([{"type": "self"}, "agent_0"])).unwrap();
    let same = json!({"multiagent": written(&lead)});
    assert_eq!(update(&lead, same).unwrap(), None, "an answer can be sent back");
    let next = update(&lead, json!({"name": "x"})).unwrap().unwrap();
    assert_eq!(written(&next)["agents"][0]["version"], 2);
    assert_eq!(written(&next)["agents"][1]["version"], 1);
    assert_eq!(update(&next, json!({"multiagent": written(&lead)})).unwrap(), None);
    let alone = update(&next, json!({"multiagent": null})).unwrap().unwrap();
    assert_eq!((alone.multiagent, alone.version), (None, 3));
}

#[test]
fn the_newer_form_is_filled_in() {
    let on = json!({"type": "enabled", "inline_agents": {"type": "enabled"},
        "predefined_agents": []});
    let expected = json!({"type": "multiagent_20261001", "subagents": on, "workflows": on,
        "advisor": {"type": "disabled"}});
    for rest in [
        json!({}),
        json!({"subagents": null, "workflows": {"type": "enabled"},
        "advisor": null}),
    ] {
        let lead = team(rest).unwrap();
        assert_eq!(written(&lead), expected);
        let stored: Multiagent = serde_json::from_value(expected.clone()).unwrap();
        assert_eq!(Some(stored), lead.multiagent);
    }
}

#[test]
fn the_newer_form_that_makes_no_sense_is_refused() {
    let of = |count: usize| -> Value { (0..count).map(|n| json!(format!("agent_{n}"))).collect() };
    let with = |agents: Value| {
        team(json!({"workflows": {"type": "enabled", "predefined_agents": agents}}))
    };
    assert!(with(of(20)).is_ok());
    assert!(with(of(21)).is_err());
    for wrong in [
        json!({"subagents": {"type": "enabled", "inline_agents": {"type": "disabled"}}}),
        json!({"subagents": {"type": "disabled", "predefined_agents": []}}),
        json!({"subagents": {"predefined_agents": []}}),
        json!({"subagents": {"type": "enabled",
            "predefined_agents": [{"type": "advisor", "model": "m"}]}}),
        json!({"subagents": {"type": "enabled", "predefined_agents": ["agent_gone"]}}),
        json!({"advisor": {"type": "enabled"}}),
        json!({"advisor": {"type": "advisor", "model": "m"}}),
        json!({"helpers": null}),
    ] {
        assert!(team(wrong.clone()).is_err(), "{wrong}");
    }
    let tool = json!({"type": "custom", "name": "ant__x", "description": "d",
        "input_schema": {"type": "object"}});
    let lead = team(json!({})).unwrap();
    assert!(update(&lead, json!({"tools": [tool]})).is_err());
    let coordinator = roster(json!(["agent_0"])).unwrap();
    assert!(update(&coordinator, json!({"tools": [tool]})).is_ok());
}

#[test]
fn a_change_of_the_newer_form_goes_level_by_level() {
    let lead = team(json!({"advisor": {"type": "enabled", "model": "m"}, "subagents":
        {"type": "enabled", "inline_agents": {"type": "disabled"},
            "predefined_agents": ["agent_0"]}, "workflows": {"type": "disabled"}}))
    .unwrap();
    let after = |rest: Value| {
        let mut body = json!({"type": "multiagent_20261001"});
        body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        update(&lead, json!({"multiagent": body}))
    };
    assert_eq!(after(json!({})).unwrap(), None);
    let next = after(json!({"workflows": null})).unwrap().unwrap();
    assert_eq!(written(&next)["workflows"]["type"], "enabled");
    assert_eq!(written(&next)["advisor"]["model"], "m");
    let next = after(json!({"subagents": {"type": "enabled",
        "predefined_agents": ["agent_1"]}}))
    .unwrap()
    .unwrap();
    assert_eq!(written(&next)["subagents"]["inline_agents"]["type"], "disabled");
    assert_eq!(written(&next)["subagents"]["predefined_agents"][0]["id"], "agent_1");
    let emptied = json!({"subagents": {"type": "enabled", "predefined_agents": null}});
    assert!(after(emptied).is_err(), "nobody is left");
    let next = after(json!({"subagents": {"type": "disabled"}})).unwrap().unwrap();
    let next = update(
        &next,
        json!({"multiagent": {"type": "multiagent_20261001",
        "subagents": {"type": "enabled"}}}),
    )
    .unwrap()
    .unwrap();
    assert_eq!(written(&next)["subagents"]["inline_agents"]["type"], "enabled");
    assert_eq!(written(&next)["subagents"]["predefined_agents"], json!([]));
    let next = update(
        &lead,
        json!({"multiagent": {"type": "coordinator",
        "agents": ["agent_0"]}}),
    )
    .unwrap()
    .unwrap();
    let next = update(&next, json!({"multiagent": {"type": "multiagent_20261001"}}));
    assert_eq!(written(&next.unwrap().unwrap())["advisor"]["type"], "disabled");
}

fn choice(value: Value) -> Result<AgentChoice> {
    crate::read::value(value)
}

#[test]
fn a_session_has_the_others_in_full() {
    let lead = roster(json!([{"type": "self"}, "agent_0", {"type": "advisor", "model": "m"}]));
    let lead = lead.unwrap();
    let others: Vec<Agent> = known().agents.into_values().collect();
    assert_eq!(lead.others().len(), 1);
    assert!(lead.snapshot(&[]).is_err());
    let snapshot = lead.snapshot(&others).unwrap();
    let written = serde_json::to_value(&snapshot).unwrap();
    assert_eq!(written["type"], "agent");
    assert!(written.get("metadata").is_none() && written.get("created_at").is_none());
    assert_eq!(written["multiagent"]["agents"][1]["name"], "helper");
    assert!(written["multiagent"]["agents"][1].get("multiagent").is_none());
    assert_eq!(written["multiagent"]["agents"][2], json!({"type": "advisor", "model": "m"}));
    let read: super::super::AgentSnapshot = serde_json::from_value(written).unwrap();
    assert_eq!(read, snapshot);
}

#[test]
fn overrides_change_the_agent_and_its_copies_and_nobody_else() {
    let lead = roster(json!([{"type": "self"}, "agent_0"])).unwrap();
    let others: Vec<Agent> = known().agents.into_values().collect();
    let snapshot = lead.snapshot(&others).unwrap();
    let with = |overrides: Value| {
        let mut body = json!({"type": "agent_with_overrides", "id": "agent_lead"});
        body.as_object_mut().unwrap().extend(overrides.as_object().unwrap().clone());
        snapshot.overridden(choice(body)?.overrides, &known())
    };
    assert_eq!(with(json!({})).unwrap(), snapshot);
    let changed = with(json!({"model": {"id": "n", "effort": "low"}, "system": "s"})).unwrap();
    let written = serde_json::to_value(changed).unwrap();
    assert_eq!(written["model"]["effort"]["type"], "low");
    assert_eq!(written["multiagent"]["agents"][0]["system"], "s");
    assert_eq!(written["multiagent"]["agents"][1]["system"], Value::Null);
    let error = with(json!({"model": null})).unwrap_err();
    assert_eq!(error.fields["details"]["error_code"], "agent_model_required");
    let server = json!({"type": "url", "name": "s", "url": "plugin:files"});
    assert!(with(json!({"mcp_servers": [server]})).is_err(), "nobody uses it");
    assert!(with(json!({"tools": [{"type": "mcp_toolset", "mcp_server_name": "s"}]})).is_err());
    assert!(
        with(json!({"mcp_servers": [server],
        "tools": [{"type": "mcp_toolset", "mcp_server_name": "s"}]}))
        .is_ok()
    );
}

#[test]
fn a_session_names_its_agent_in_three_ways() {
    let plain = choice(json!("agent_0")).unwrap();
    assert_eq!(plain, choice(json!({"type": "agent", "id": "agent_0"})).unwrap());
    assert_eq!(plain.overrides, AgentOverrides::default());
    let pinned = choice(json!({"type": "agent", "id": "agent_0", "version": 3})).unwrap();
    assert_eq!(pinned.version, Some(3));
    for wrong in [
        json!("sesn_0"),
        json!(3),
        json!({"type": "agent"}),
        json!({"id": "agent_0"}),
        json!({"type": "agent", "id": "agent_0", "version": 0}),
        json!({"type": "agent", "id": "agent_0", "system": "s"}),
        json!({"type": "agent_with_overrides", "id": "agent_0", "name": "s"}),
        json!({"type": "agent", "id": "agent_0", "version": "1"}),
    ] {
        assert!(choice(wrong.clone()).is_err(), "{wrong}");
    }
    let _: AgentUpdate = crate::read::value(json!({})).unwrap();
}
