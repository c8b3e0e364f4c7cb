use serde_json::{Value, json};

use super::*;

fn id(id: &str) -> AgentId {
    AgentId::parse(id).unwrap()
}

fn create(body: Value) -> Result<Agent> {
    Agent::create(crate::read::value(body)?, &known(), id("agent_01A"), Timestamp(1_000))
}

fn update(agent: &Agent, body: Value) -> Result<Option<Agent>> {
    agent.update(crate::read::value(body)?, &known(), Timestamp(2_000))
}

fn changed(agent: &Agent, body: Value) -> Agent {
    update(agent, body).unwrap().expect("something changes")
}

fn known() -> Known {
    let mut known = Known::default();
    let wanted = SkillWanted { skill_id: "skill_1".into(), version: "latest".into() };
    known.skills.insert(wanted, "skillver_1".into());
    known
}

fn plain() -> Agent {
    create(json!({"name": "coder", "model": "claude-opus-5-5"})).unwrap()
}

#[test]
fn an_agent_is_written_as_the_api_writes_it() {
    let agent = create(json!({"name": "coder", "model": "claude-opus-5-5",
        "system": "You write code.", "tools": [{"type": "agent_toolset_20260401",
            "configs": [{"name": "bash", "permission_policy": {"type": "always_ask"}}]}]}));
    let expected = json!({"id": "agent_01A", "type": "agent", "name": "coder",
        "description": null, "model": {"id": "claude-opus-5-5", "effort": {"type": "high"},
        "speed": "standard"}, "system": "You write code.",
        "tools": [{"type": "agent_toolset_20260401", "default_config": {"enabled": true,
            "permission_policy": {"type": "always_allow"}}, "configs": [{"type": "bash",
            "name": "bash", "enabled": true, "permission_policy": {"type": "always_ask"}}]}],
        "skills": [], "mcp_servers": [], "multiagent": null, "metadata": {},
        "execution_identity": {"type": "service_account"}, "version": 1,
        "created_at": "1970-01-01T00:00:01.000Z", "updated_at": "1970-01-01T00:00:01.000Z",
        "archived_at": null});
    let written = serde_json::to_value(agent.unwrap()).unwrap();
    assert_eq!(written, expected);
    let read: Agent = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), written);
}

#[test]
fn texts_have_the_lengths_of_the_api() {
    let with = |field: &str, length: usize| {
        let mut body = json!({"name": "a", "model": "m"});
        body[field] = json!("ä".repeat(length));
        create(body)
    };
    for (field, most) in [("name", 256), ("description", 2_048), ("system", 100_000)] {
        assert!(with(field, most).is_ok(), "{field}");
        let error = with(field, most + 1).unwrap_err();
        assert!(error.message.starts_with(field), "{error}");
    }
    assert!(with("name", 0).is_err());
    assert_eq!(with("description", 0).unwrap().config.description, None);
    assert_eq!(with("system", 0).unwrap().config.system, None);
}

#[test]
fn what_makes_no_agent_is_refused() {
    let metadata: Metadata = (0..17).map(|n| (n.to_string(), String::new())).collect();
    for wrong in [
        json!({"model": "m"}),
        json!({"name": "a"}),
        json!({"name": null, "model": "m"}),
        json!({"name": "a", "model": "m", "colour": "red"}),
        json!({"name": "a", "model": "m", "metadata": metadata}),
        json!({"name": "a", "model": "m", "tools": {}}),
        json!({"name": "a", "model": "m", "execution_identity": {"type": "root"}}),
        json!({"name": "a", "model": "m",
            "execution_identity": {"type": "aws_role", "role_arn": "role"}}),
        json!({"name": "a", "model": "m", "mcp_servers":
            [{"type": "url", "name": "s", "url": "https://s"}]}),
    ] {
        let error = create(wrong.clone()).unwrap_err();
        assert_eq!(error.status, 400, "{wrong}");
    }
    let role = json!({"type": "aws_role", "role_arn": format!("arn:{}", "x".repeat(2_044))});
    let agent = create(json!({"name": "a", "model": "m", "execution_identity": role})).unwrap();
    assert_eq!(serde_json::to_value(agent.config.execution_identity).unwrap(), role);
    let long = json!({"type": "aws_role", "role_arn": format!("arn:{}", "x".repeat(2_045))});
    assert!(create(json!({"name": "a", "model": "m", "execution_identity": long})).is_err());
}

#[test]
fn a_mistake_deep_in_a_request_has_its_place() {
    let error = create(json!({"name": "a", "model": "m", "tools": [
        {"type": "agent_toolset_20260401"}, {"type": "custom", "name": "x y",
            "description": "d", "input_schema": {"type": "object"}}]}));
    let message = error.unwrap_err().message;
    assert!(message.starts_with("tools[1]: name: "), "{message}");
}

#[test]
fn skills_need_the_tool_that_reads() {
    let skill = json!({"type": "custom", "skill_id": "skill_1"});
    let with = |tools: Value| {
        create(json!({"name": "a", "model": "m", "skills": [skill], "tools": tools}))
    };
    let agent = with(json!([{"type": "agent_toolset_20260401"}])).unwrap();
    assert_eq!(agent.config.skills[0].version, "skillver_1");
    assert!(with(json!([])).unwrap_err().message.contains("`read`"));
    assert!(update(&agent, json!({"tools": null})).is_err());
    assert!(changed(&agent, json!({"tools": [], "skills": []})).config.skills.is_empty());
}

#[test]
fn what_an_update_leaves_out_stays_and_null_clears() {
    let agent = create(json!({"name": "a", "model": {"id": "m", "effort": "low"},
        "description": "d", "system": "s", "metadata": {"a": "1", "b": "2"},
        "tools": [{"type": "mcp_toolset", "mcp_server_name": "s"}],
        "mcp_servers": [{"type": "url", "name": "s", "url": "plugin:files"}]}))
    .unwrap();
    let next = changed(&agent, json!({"name": "b", "metadata": {"a": null, "c": "3"}}));
    assert_eq!((next.version, next.updated_at), (2, Timestamp(2_000)));
    assert_eq!(next.created_at, agent.created_at);
    assert_eq!(
        (&next.config.system, &next.config.tools),
        (&agent.config.system, &agent.config.tools)
    );
    assert_eq!(serde_json::to_value(&next.metadata).unwrap(), json!({"b": "2", "c": "3"}));
    for none in [json!(null), json!("")] {
        let next = changed(&agent, json!({"description": none, "system": none}));
        assert_eq!((next.config.description, next.config.system), (None, None));
    }
    for none in [json!(null), json!([])] {
        let next = changed(&agent, json!({"tools": none, "mcp_servers": none}));
        assert!(next.config.tools.is_empty() && next.config.mcp_servers.is_empty());
        assert!(update(&agent, json!({"tools": none})).is_err(), "a server is left over");
    }
    assert!(changed(&agent, json!({"metadata": null})).metadata.is_empty());
    assert_eq!(changed(&agent, json!({"model": "n"})).config.model.effort, Effort::High);
    for wrong in [
        json!({"name": null}),
        json!({"model": null}),
        json!({"name": ""}),
        json!({"created_at": "now"}),
    ] {
        assert!(update(&agent, wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_change_of_nothing_makes_no_version() {
    let agent = plain();
    for same in [
        json!({}),
        json!({"name": "coder"}),
        json!({"model": "claude-opus-5-5"}),
        json!({"metadata": {"x": null}}),
        json!({"tools": null, "system": ""}),
        json!({"execution_identity": {"type": "service_account"}}),
        json!({"version": 1}),
    ] {
        assert_eq!(update(&agent, same.clone()).unwrap(), None, "{same}");
    }
}

#[test]
fn a_change_for_another_version_is_a_conflict_even_of_nothing() {
    let agent = plain();
    assert!(update(&agent, json!({"version": 1, "name": "b"})).unwrap().is_some());
    for version in [2, 7] {
        let error = update(&agent, json!({"version": version, "name": "coder"})).unwrap_err();
        assert_eq!((error.status, error.kind), (409, "conflict_error"));
    }
    assert_eq!(update(&agent, json!({"version": 0})).unwrap_err().status, 400);
}

#[test]
fn an_archived_agent_stays_as_it_is() {
    let archived = plain().archived(Timestamp(3_000));
    assert_eq!(archived.archived_at, Some(Timestamp(3_000)));
    assert_eq!(archived.archived(Timestamp(4_000)), archived);
    assert_eq!(update(&archived, json!({"name": "b"})).unwrap_err().status, 400);
}
