use lucid_core::Timestamp;

use super::*;

fn record(tools: Json, servers: Json, model: &str) -> SessionRecord {
    let mut record =
        SessionRecord::local("lead", Some(model), "", Default::default(), Timestamp(1)).unwrap();
    let mut agent = serde_json::to_value(&record.agent).unwrap();
    agent["tools"] = tools;
    agent["mcp_servers"] = servers;
    agent["system"] = "Say \"\"\" and\n[agents.x]\n{task}".into();
    record.agent = lucid_api::value(agent).unwrap();
    record
}

fn toolset() -> Json {
    let policy = |word: &str| json!({ "type": word });
    json!({"type": "agent_toolset_20260401",
    "default_config": {"enabled": true, "permission_policy": policy("always_allow")},
    "configs": [
        {"type": "write", "name": "write", "enabled": true,
            "permission_policy": policy("auto")},
        {"type": "grep", "name": "grep", "enabled": false,
            "permission_policy": policy("always_allow")},
    ]})
}

fn written_with(record: &SessionRecord, sections: &str) -> Result<Table, ApiError> {
    let sections: Table = toml::from_str(sections).unwrap();
    let version = |name: &str| {
        let there = ["files", "checks", "judge", "sum", "web-fetch"].contains(&name);
        there.then(|| "0.1.0".to_owned())
    };
    let variables = |plugin: &str| match plugin {
        "sum" => vec![("KEY".to_owned(), "lucid_secret_1".to_owned())],
        _ => Vec::new(),
    };
    let ground = Ground { sections: &sections, version: &version, variables: &variables };
    let text = mission("sesn_1", record, &ground)?;
    Ok(toml::from_str(&text).unwrap())
}

fn written(record: &SessionRecord) -> Table {
    written_with(record, "").unwrap()
}

fn lead(mission: &Table) -> &Table {
    mission["agents"]["lead"].as_table().unwrap()
}

#[test]
fn files_are_worked_on_here_and_commands_are_not() {
    let mission = written(&record(json!([toolset()]), json!([]), "plugin:echo"));
    let agent = lead(&mission);
    let names: Vec<_> = agent["tools"].as_array().unwrap().iter().map(Value::as_str).collect();
    let expected = ["files.edit", "files.glob", "files.read", "files.write"].map(Some);
    assert_eq!(names, expected);
    assert_eq!(agent["permissions"]["files.write"].as_str(), Some("always_ask"));
    assert_eq!(agent["permissions"]["files.read"].as_str(), Some("always_allow"));
    assert_eq!(mission["plugins"]["files"]["files"].as_str(), Some("read-write"));
    assert_eq!(mission["grader"].as_str(), Some("checks"));
    // A prompt says what it says, and nothing of the mission.
    assert_eq!(agent["system"].as_str(), Some("Say \"\"\" and\n[agents.x]\n{task}"));
    assert_eq!(mission["agents"].as_table().unwrap().len(), 1);
}

#[test]
fn what_a_session_says_about_its_memory_reaches_its_agents() {
    let mut record = record(json!([]), json!([]), "plugin:echo");
    let store = |name: &str, instructions: Json| {
        lucid_api::value::<Resource>(json!({"type": "memory_store", "name": name,
            "memory_store_id": format!("memstore_{name}"), "access": "read_write",
            "instructions": instructions, "description": "", "mount_path":
            format!("/mnt/memory/{name}")}))
        .unwrap()
    };
    record.resources = vec![
        store("a", json!("Look here {first}")),
        store("b", json!(null)),
        store("c", json!("")),
    ];
    let mission = written(&record);
    let system = lead(&mission)["system"].as_str().unwrap();
    let prompt = record.agent.config.system.clone().unwrap();
    let about = "\n\nAbout the memory at /mnt/memory/a: Look here {first}";
    assert_eq!(system, format!("{prompt}{about}"));
}

#[test]
fn a_worker_runs_files_and_commands() {
    let mut record = record(json!([toolset()]), json!([]), "claude-sonnet-5");
    record.self_hosted = true;
    let mission = written(&record);
    let tools = lead(&mission)["client_tools"].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["bash", "read", "write", "edit", "glob"]);
    assert!(tools.iter().all(|tool| tool["by"].as_str() == Some("worker")));
    let schema: Json = serde_json::from_str(tools[3]["input_schema"].as_str().unwrap()).unwrap();
    assert_eq!(schema["required"], json!(["file_path", "old_string", "new_string"]));
    assert_eq!(mission["grader"].as_str(), Some("judge"));
    assert_eq!(mission["plugins"]["judge"]["model"].as_str(), Some("claude-sonnet-5"));
    assert!(mission["plugins"].get("files").is_none());
}

fn server(url: &str) -> Json {
    json!([{"type": "url", "name": "numbers", "url": url}])
}

fn mcp(default: bool, configs: Json) -> Json {
    let ask = json!({"type": "always_ask"});
    json!([{"type": "mcp_toolset", "mcp_server_name": "numbers", "configs": configs,
        "default_config": {"enabled": default, "permission_policy": ask}}])
}

#[test]
fn a_plugin_stands_for_an_mcp_server() {
    let policy = json!({"type": "always_allow"});
    let config = |name: &str, enabled: bool| {
        let policy = policy.clone();
        json!({"name": name, "enabled": enabled, "permission_policy": policy})
    };
    let configs = json!([config("add", true), config("mean", false)]);
    let on = written(&record(mcp(true, configs.clone()), server("plugin:sum@0.1.0"), "plugin:e"));
    let agent = lead(&on);
    assert_eq!(agent["tools"].as_array().unwrap().len(), 1);
    assert_eq!(agent["servers"]["numbers"].as_str(), Some("sum"));
    let policies = ["sum", "sum.add", "sum.mean"].map(|n| agent["permissions"][n].as_str());
    assert_eq!(policies, [Some("always_ask"), Some("always_allow"), Some("deny")]);
    let off = written(&record(mcp(false, configs), server("plugin:sum"), "plugin:e"));
    assert_eq!(lead(&off)["tools"].as_array().unwrap(), &["sum.add".into()]);
}

#[test]
fn a_server_that_is_not_here_is_refused() {
    for (url, status) in
        [("https://mcp.example.com", 501), ("plugin:sum@0.2.0", 400), ("plugin:nothing", 400)]
    {
        let record = record(mcp(true, json!([])), server(url), "plugin:e");
        assert_eq!(written_with(&record, "").unwrap_err().status, status, "{url}");
    }
}

#[test]
fn what_the_server_grants_goes_to_those_that_are_used() {
    let sections = "[plugins.web-fetch]\nhttp = [\"example.org\"]\n[plugins.other]\n\
        http = [\"*\"]\n[plugins.files.limits]\nfiles = 5\n[models.\"openai:a\"]\n\
        base_url = \"http://127.0.0.1:1/v1\"\n[models.\"openai:b\"]\n";
    let record = record(json!([toolset()]), json!([]), "openai:a");
    let mission = written_with(&record, sections).unwrap();
    let plugins = mission["plugins"].as_table().unwrap();
    let names: Vec<_> = plugins.keys().map(String::as_str).collect();
    assert_eq!(names, ["files", "judge", "web-fetch"]);
    assert_eq!(plugins["files"]["limits"]["files"].as_integer(), Some(5));
    assert_eq!(mission["models"].as_table().unwrap().len(), 1);
    let tools = lead(&mission)["tools"].as_array().unwrap();
    assert!(tools.contains(&"web-fetch.web_fetch".into()));
}

#[test]
fn a_plugin_is_told_what_the_server_names_of_the_metadata_and_nothing_else() {
    let sections = "[plugins.sum]\nenvironment = { SITE = \"{metadata.task}\", SEED = \"4\" }\n\
        [plugins.other]\nenvironment = { X = \"{metadata.absent}\" }\n";
    let mut record = record(mcp(true, json!([])), server("plugin:sum"), "plugin:e");
    let refused = written_with(&record, sections).unwrap_err();
    assert_eq!(refused.status, 400);
    assert!(refused.message.contains("`task`"), "{}", refused.message);
    record.metadata.insert("task".into(), "12".into());
    record.metadata.insert("SEED".into(), "5".into());
    let mission = written_with(&record, sections).unwrap();
    let environment = mission["plugins"]["sum"]["environment"].as_table().unwrap();
    assert_eq!(environment["SITE"].as_str(), Some("12"));
    assert_eq!(environment["SEED"].as_str(), Some("4"));
    assert_eq!(environment["KEY"].as_str(), Some("lucid_secret_1"));
    assert_eq!(environment.len(), 3);
    record.metadata.insert("task".into(), "{seed}".into());
    assert_eq!(written_with(&record, sections).unwrap_err().status, 400);
}

#[test]
fn a_variable_of_a_vault_does_not_replace_what_the_server_has_fixed() {
    let record = record(mcp(true, json!([])), server("plugin:sum"), "plugin:e");
    for (fixed, expected) in [("everybody's", "everybody's"), ("", "lucid_secret_1"), (" ", " ")] {
        let sections =
            format!("[plugins.sum]\nenvironment = {{ KEY = \"{fixed}\", SEED = \"4\" }}\n");
        let mission = written_with(&record, &sections).unwrap();
        let environment = mission["plugins"]["sum"]["environment"].as_table().unwrap();
        assert_eq!(environment["KEY"].as_str(), Some(expected));
        assert_eq!(environment["SEED"].as_str(), Some("4"));
    }
    // One that it says nothing of is the session's own.
    let mission = written(&record);
    assert_eq!(mission["plugins"]["sum"]["environment"]["KEY"].as_str(), Some("lucid_secret_1"));
}

#[test]
fn a_budget_is_in_dollars_and_a_grader_can_be_named() {
    let mut record = record(json!([]), json!([]), "plugin:echo");
    let money = json!({"amount": "2505", "currency": "USD"});
    let budget = json!({"type": "limit", "max_list_cost": money});
    record.budget = Some(lucid_api::value(budget).unwrap());
    record.metadata.insert("lucid.grader".into(), "judge".into());
    let mission = written(&record);
    assert_eq!(mission["budget"]["usd"].as_float(), Some(25.05));
    assert_eq!(mission["plugins"]["judge"]["model"].as_str(), Some("plugin:echo"));
    record.metadata.insert("lucid.grader".into(), "nobody".into());
    assert_eq!(written_with(&record, "").unwrap_err().status, 400);
}

#[test]
fn custom_tools_are_answered_by_the_client() {
    let schema = json!({"type": "object", "properties": {"q": {"type": "string"}}});
    let tool = json!({"type": "custom", "name": "ask", "description": "Asks.",
        "input_schema": schema});
    let mission = written(&record(json!([tool]), json!([]), "plugin:echo"));
    let tool = &lead(&mission)["client_tools"].as_array().unwrap()[0];
    assert_eq!((tool["name"].as_str(), tool["by"].as_str()), (Some("ask"), Some("custom")));
    let written: Json = serde_json::from_str(tool["input_schema"].as_str().unwrap()).unwrap();
    assert_eq!(written, schema);
}

/// A toolset whose `web_fetch` has these settings.
fn web(settings: Json) -> Json {
    let mut config = json!({"type": "web_fetch", "name": "web_fetch", "enabled": true,
        "permission_policy": {"type": "always_allow"}});
    for (name, value) in settings.as_object().unwrap() {
        config[name] = value.clone();
    }
    json!({"type": "agent_toolset_20260401", "configs": [config],
        "default_config": {"enabled": false, "permission_policy": {"type": "always_allow"}}})
}

const WEB_GRANTED: &str = "[plugins.web-fetch]\nhttp = [\"*\"]\n";

#[test]
fn the_lists_and_the_length_of_a_fetch_are_in_the_mission() {
    let settings = json!({"allowed_domains": ["example.org", "a.test"], "max_content_tokens": 10});
    let record = record(json!([web(settings)]), json!([]), "plugin:e");
    let mission = written_with(&record, WEB_GRANTED).unwrap();
    let narrow = &lead(&mission)["narrow"]["web-fetch"];
    assert_eq!(narrow["result_bytes"].as_integer(), Some(30));
    let allowed = narrow["domains"][0]["allowed"].as_array().unwrap();
    assert_eq!(allowed, &["example.org".into(), "a.test".into()]);
    let record = self::record(json!([web(json!({"blocked_domains": ["b.test"]}))]), json!([]), "m");
    let mission = written_with(&record, WEB_GRANTED).unwrap();
    let narrow = &lead(&mission)["narrow"]["web-fetch"];
    assert_eq!(narrow["domains"][0]["blocked"].as_array().unwrap(), &["b.test".into()]);
    let record = self::record(json!([web(json!({}))]), json!([]), "m");
    assert!(lead(&written_with(&record, WEB_GRANTED).unwrap()).get("narrow").is_none());
}

#[test]
fn who_works_for_an_agent_fetches_no_further_than_that_agent() {
    let own = web(json!({"blocked_domains": ["b.test"]}));
    let callers = web(json!({"allowed_domains": ["a.test"], "max_content_tokens": 10}));
    let (own, callers): (Vec<Tool>, Vec<Tool>) =
        (lucid_api::value(json!([own])).unwrap(), lucid_api::value(json!([callers])).unwrap());
    let narrow = super::web::narrow(super::web::settings(&own), super::web::settings(&callers));
    let narrow = narrow.unwrap();
    assert_eq!(narrow["domains"][0]["blocked"].as_array().unwrap(), &["b.test".into()]);
    assert_eq!(narrow["domains"][1]["allowed"].as_array().unwrap(), &["a.test".into()]);
    assert!(narrow.get("result_bytes").is_none());
}

#[test]
fn sources_of_urls_that_are_less_than_all_are_refused_by_name() {
    let of = |sources: Json| {
        let record = record(json!([web(json!({ "url_sources": sources }))]), json!([]), "m");
        written_with(&record, WEB_GRANTED)
    };
    let all = json!({"user_input": {"type": "all"}, "client_tool_results": null,
        "server_tool_results": null});
    assert!(of(all.clone()).is_ok());
    for name in ["user_input", "client_tool_results", "server_tool_results"] {
        let mut less = all.clone();
        less[name] = json!({"type": "none"});
        let refused = of(less).unwrap_err();
        assert_eq!(refused.status, 501);
        assert!(refused.message.contains(&format!("url_sources.{name}")), "{}", refused.message);
    }
    // A tool that is not there needs no limits.
    let record = record(
        json!([web(json!({"url_sources": {"user_input": {"type": "none"}}}))]),
        json!([]),
        "m",
    );
    assert!(written_with(&record, "").is_ok());
}
