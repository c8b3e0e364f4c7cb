use lucid_api::agent::AgentChoice;
use serde_json::{Value, json};

use super::*;
use crate::testing::TestServer;

async fn made(server: &TestServer, body: Value) -> Value {
    let (status, agent) = server.post("/v1/agents", body).await;
    assert_eq!(status, 200, "{agent}");
    agent
}

fn path(agent: &Value) -> String {
    format!("/v1/agents/{}", agent["id"].as_str().unwrap())
}

async fn deployment(server: &TestServer, agent: &Value, id: &str) {
    let reference = json!({"type": "agent", "id": agent["id"], "version": 1});
    let value = json!({"id": id, "agent": reference, "archived_at": null});
    let kind = Kind { name: DEPLOYMENT, prefix: "depl_", what: "deployment" };
    let (parent, created_at) = (agent["id"].as_str(), lucid_core::Timestamp(1));
    let new = New { id, parent, key: None, created_at, value: &value };
    server.app.spaces.default.create(kind, new).await.unwrap();
}

#[tokio::test]
async fn an_agent_is_made_and_found_in_each_version() {
    let server = TestServer::new().await;
    let first = made(&server, json!({"name": "a", "model": "plugin:script"})).await;
    assert_eq!((&first["type"], &first["version"]), (&json!("agent"), &json!(1)));
    let path = path(&first);
    let (status, same) = server.post(&path, json!({"name": "a", "version": 1})).await;
    assert_eq!((status, &same), (200, &first), "nothing changed");
    let (status, second) = server.post(&path, json!({"name": "b", "version": 1})).await;
    assert_eq!((status, &second["version"]), (200, &json!(2)));
    let (status, error) = server.post(&path, json!({"name": "b", "version": 1})).await;
    assert_eq!((status, &error["error"]["type"]), (409, &json!("conflict_error")));
    assert_eq!(server.get(&path).await, (200, second.clone()));
    assert_eq!(server.get(&format!("{path}?version=1")).await, (200, first.clone()));
    assert_eq!(server.get(&format!("{path}?version=3")).await.0, 404);
    assert_eq!(server.get(&format!("{path}?version=0")).await.0, 400);
    assert_eq!(server.get("/v1/agents/agent_none").await.0, 404);
    let (_, page) = server.get(&format!("{path}/versions?limit=1")).await;
    assert_eq!(page["data"], json!([second]));
    let next = page["next_page"].as_str().unwrap();
    let (_, page) = server.get(&format!("{path}/versions?limit=1&page={next}")).await;
    assert_eq!(page, json!({"data": [first], "next_page": null}));
    assert_eq!(server.get(&format!("/v1/agents?page={next}")).await.0, 400);
    assert_eq!(server.delete(&path).await.0, 405);
}

#[tokio::test]
async fn agents_are_listed_newest_first_and_archived_ones_when_asked_for() {
    let server = TestServer::new().await;
    let mut agents = Vec::new();
    for name in ["same", "same", "other"] {
        agents.push(made(&server, json!({"name": name, "model": "m"})).await);
        crate::testing::another_moment().await;
    }
    let (status, archived) =
        server.post(&format!("{}/archive", path(&agents[1])), json!(null)).await;
    assert_eq!((status, archived["archived_at"].is_string()), (200, true));
    let ids = |page: &Value| -> Vec<Value> {
        page["data"].as_array().unwrap().iter().map(|agent| agent["id"].clone()).collect()
    };
    let (_, page) = server.get("/v1/agents").await;
    assert_eq!(ids(&page), [agents[2]["id"].clone(), agents[0]["id"].clone()]);
    let (_, page) = server.get("/v1/agents?include_archived=true&limit=2").await;
    assert_eq!(ids(&page), [agents[2]["id"].clone(), agents[1]["id"].clone()]);
    let next = page["next_page"].as_str().unwrap();
    let (_, page) = server.get(&format!("/v1/agents?include_archived=true&page={next}")).await;
    assert_eq!(ids(&page), [agents[0]["id"].clone()]);
    let (_, page) = server.get("/v1/agents?created_at[lte]=1980-01-01T00:00:00Z").await;
    assert_eq!(ids(&page), Vec::<Value>::new());
    for wrong in ["limit=0", "limit=101", "colour=red"] {
        assert_eq!(server.get(&format!("/v1/agents?{wrong}")).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn an_archived_agent_takes_its_deployments_along_for_good() {
    let server = TestServer::new().await;
    let agent = made(&server, json!({"name": "a", "model": "m"})).await;
    let other = made(&server, json!({"name": "b", "model": "m"})).await;
    for (agent, id) in [(&agent, "depl_1"), (&agent, "depl_2"), (&other, "depl_3")] {
        deployment(&server, agent, id).await;
    }
    let path = path(&agent);
    let (status, archived) = server.post(&format!("{path}/archive"), json!(null)).await;
    assert_eq!((status, &archived["version"]), (200, &json!(1)));
    for (id, gone) in [("depl_1", true), ("depl_2", true), ("depl_3", false)] {
        let found = server.app.spaces.default.runtime.store.document(id).await.unwrap().unwrap();
        let body: Value = serde_json::from_str(&found.body).unwrap();
        assert_eq!((found.archived_at.is_some(), body["archived_at"].is_string()), (gone, gone));
    }
    assert_eq!(server.post(&format!("{path}/archive"), json!(null)).await, (200, archived));
    assert_eq!(server.post(&path, json!({"name": "c"})).await.0, 400);
    let (_, old) = server.get(&format!("{path}/versions")).await;
    assert!(old["data"][0]["archived_at"].is_string());
}

#[tokio::test]
async fn a_roster_is_looked_up_in_the_workspace() {
    let server = TestServer::new().await;
    let helper = made(&server, json!({"name": "helper", "model": "m"})).await;
    server.post(&path(&helper), json!({"name": "helper 2"})).await;
    let roster = |entry: Value| {
        json!({"name": "lead", "model": "m", "multiagent": {"type": "coordinator",
            "agents": [entry, {"type": "self"}]}})
    };
    let lead = made(&server, roster(helper["id"].clone())).await;
    assert_eq!(lead["multiagent"]["agents"][0]["version"], 2);
    assert_eq!(lead["multiagent"]["agents"][1]["id"], lead["id"]);
    let old = json!({"type": "agent", "id": helper["id"], "version": 1});
    made(&server, roster(old.clone())).await;
    for wrong in [json!("agent_none"), lead["id"].clone()] {
        assert_eq!(server.post("/v1/agents", roster(wrong)).await.0, 400);
    }
    let choice = |value| lucid_api::value::<AgentChoice>(value).unwrap();
    let space = &server.app.spaces.default;
    let snapshot = snapshot(space, &choice(lead["id"].clone())).await.unwrap();
    let written = serde_json::to_value(snapshot).unwrap();
    assert_eq!(written["multiagent"]["agents"][0]["name"], "helper 2");
    server.post(&format!("{}/archive", path(&helper)), json!(null)).await;
    assert_eq!(server.post("/v1/agents", roster(old)).await.0, 400, "an old version, too");
    let gone = super::snapshot(space, &choice(helper["id"].clone())).await.unwrap_err();
    assert_eq!(gone.status, 400);
    assert!(super::snapshot(space, &choice(lead["id"].clone())).await.is_ok(), "it was pinned");
}
