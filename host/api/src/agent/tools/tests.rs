use serde_json::json;

use super::*;

fn tool(value: Value) -> Result<Tool> {
    ToolParam::read(value).map(|param| param.0)
}

fn tools(list: Value, servers: &[&str]) -> Result<()> {
    let list: Result<Vec<Tool>> =
        list.as_array().unwrap().iter().map(|value| tool(value.clone())).collect();
    let server = |name: &&str| McpServer { name: (*name).into(), url: "https://a".into() };
    check(&list?, &servers.iter().map(server).collect::<Vec<_>>())
}

fn custom(name: &str) -> Value {
    json!({"type": "custom", "name": name, "description": "d", "input_schema": {"type": "object"}})
}

#[test]
fn a_toolset_comes_back_with_everything_filled_in() {
    let written = |value| serde_json::to_value(tool(value).unwrap()).unwrap();
    assert_eq!(
        written(json!({"type": "agent_toolset_20260401"})),
        json!({"type": "agent_toolset_20260401", "configs": [],
            "default_config": {"enabled": true, "permission_policy": {"type": "always_allow"}}})
    );
    let full = written(json!({"type": "agent_toolset_20260401",
        "default_config": {"enabled": false, "permission_policy": null},
        "configs": [{"name": "bash", "permission_policy": {"type": "always_ask"}},
            {"name": "web_search", "enabled": true, "allowed_domains": ["example.com/a"]}]}));
    assert_eq!(
        full["configs"],
        json!([
        {"type": "bash", "name": "bash", "enabled": false,
            "permission_policy": {"type": "always_ask"}},
        {"type": "web_search", "name": "web_search", "enabled": true,
            "permission_policy": {"type": "always_allow"}, "allowed_domains": ["example.com/a"]}])
    );
    assert_eq!(written(full.clone()), full, "what is answered can be sent back");
    let stored: Tool = serde_json::from_value(full.clone()).unwrap();
    assert_eq!(serde_json::to_value(stored).unwrap(), full);
}

#[test]
fn the_tools_of_a_server_ask_where_nobody_says_otherwise() {
    let set = tool(json!({"type": "mcp_toolset", "mcp_server_name": "a",
        "configs": [{"name": "x", "enabled": false}]}));
    let Tool::McpToolset(set) = set.unwrap() else { panic!("a toolset") };
    assert_eq!(set.of("y").permission_policy, PermissionPolicy::AlwaysAsk);
    assert!(set.of("y").enabled && !set.of("x").enabled);
    let written = serde_json::to_value(&set.configs[0]).unwrap();
    let expected = json!({"name": "x", "enabled": false,
        "permission_policy": {"type": "always_ask"}});
    assert_eq!(written, expected);
}

#[test]
fn a_toolset_that_makes_no_sense_is_refused_with_its_place() {
    let configs = |configs: Value| {
        tool(json!({"type": "agent_toolset_20260401", "configs": configs})).unwrap_err().message
    };
    for (wrong, part) in [
        (json!([{"name": "fly"}]), "configs[0]"),
        (json!([{"name": "bash"}, {"name": "bash"}]), "configs[1]"),
        (json!([{"name": "bash", "type": "read"}]), "configs[0]"),
        (json!([{"name": "bash", "allowed_domains": ["example.com"]}]), "`allowed_domains`"),
        (json!([{"name": "web_fetch", "user_location": {"type": "approximate"}}]), "location"),
        (json!([{"name": "web_search", "max_content_tokens": 1}]), "max_content_tokens"),
        (json!([{"name": "web_fetch", "max_content_tokens": 0}]), "max_content_tokens"),
        (json!([{"name": "web_fetch", "allowed_domains": ["a.example/x"]}]), "allowed_domains[0]"),
        (
            json!([{"name": "web_fetch", "allowed_domains": ["a.example"],
            "blocked_domains": ["b.example"]}]),
            "together",
        ),
        (json!([{"name": "web_fetch", "blocked_domains": []}]), "blocked_domains"),
        (json!([{"name": "web_fetch", "url_sources": {"user_input": 3}}]), "url_sources"),
        (json!([{"name": "bash", "permission_policy": {"type": "never"}}]), "configs[0]"),
        (json!([{"name": "bash", "permission_policy": "always_ask"}]), "configs[0]"),
        (json!([{"name": "bash", "timeout": 3}]), "timeout"),
    ] {
        let message = configs(wrong.clone());
        assert!(message.contains(part), "{wrong}: {message}");
    }
    for wrong in [
        json!({"type": "bash_20250124"}),
        json!({"name": "bash"}),
        json!("bash"),
        json!({"type": "mcp_toolset"}),
        json!({"type": "mcp_toolset", "mcp_server_name": ""}),
        json!({"type": "mcp_toolset", "mcp_server_name": "a", "configs": [{"name": ""}]}),
        json!({"type": "mcp_toolset", "mcp_server_name": "a",
            "configs": [{"name": "x".repeat(129)}]}),
        json!({"type": "mcp_toolset", "mcp_server_name": "a",
            "configs": [{"name": "x"}, {"name": "x"}]}),
        json!({"type": "agent_toolset_20260401", "x": 1}),
    ] {
        assert!(tool(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_server_has_one_toolset_and_a_toolset_a_server() {
    let set = json!({"type": "mcp_toolset", "mcp_server_name": "a"});
    assert!(tools(json!([set]), &["a"]).is_ok());
    assert!(tools(json!([set]), &[]).is_err());
    assert!(tools(json!([]), &["a"]).is_err());
    assert!(tools(json!([set, set]), &["a"]).is_err());
}

#[test]
fn no_two_tools_are_alike() {
    let set = json!({"type": "agent_toolset_20260401"});
    assert!(tools(json!([set, custom("a"), custom("b")]), &[]).is_ok());
    assert!(tools(json!([set, set]), &[]).is_err());
    assert!(tools(json!([custom("a"), custom("a")]), &[]).is_err());
}

#[test]
fn there_are_at_most_256_tools_over_all_toolsets() {
    let of = |customs: usize| {
        let mut list: Vec<Value> = (0..customs).map(|n| custom(&n.to_string())).collect();
        list.push(json!({"type": "agent_toolset_20260401",
            "configs": [{"name": "bash"}, {"name": "read"}]}));
        list.push(json!({"type": "mcp_toolset", "mcp_server_name": "a"}));
        tools(Value::Array(list), &["a"])
    };
    assert!(of(253).is_ok());
    assert!(of(254).is_err());
}

#[test]
fn a_source_of_urls_is_one_of_the_custom_tools_beside_it() {
    let named = |name: &str| {
        json!([{"type": "agent_toolset_20260401", "configs": [{"name": "web_fetch",
            "url_sources": {"client_tool_results": {"type": "only",
                "tools": [{"type": "tool_reference", "name": name}]}}}]}, custom("orders")])
    };
    assert!(tools(named("orders"), &[]).is_ok());
    assert!(tools(named("bash"), &[]).is_err());
}

#[test]
fn skills_can_be_read_where_the_tool_is_on() {
    let on = |set: Value| can_read(&[tool(set).unwrap()]);
    assert!(on(json!({"type": "agent_toolset_20260401"})));
    assert!(on(json!({"type": "agent_toolset_20260401", "default_config": {"enabled": false},
        "configs": [{"name": "read", "enabled": true}]})));
    assert!(!on(json!({"type": "agent_toolset_20260401",
        "configs": [{"name": "read", "enabled": false}]})));
    assert!(!on(custom("a")));
}
