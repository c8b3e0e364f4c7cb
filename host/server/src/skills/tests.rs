use axum::body::Body;
use axum::http::Method;
use lucid_api::deployment::RunErrorKind;
use serde_json::{Value, json};

use super::*;
use crate::testing::TestServer;

const BOUNDARY: &str = "part";

fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Body {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    Body::from(body)
}

fn front(name: &str) -> Vec<u8> {
    format!("---\nname: {name}\ndescription: Reads files.\n---\nHow.\n").into_bytes()
}

async fn server() -> TestServer {
    let mut server = TestServer::new().await;
    server.header("content-type", &format!("multipart/form-data; boundary={BOUNDARY}"));
    server
}

async fn post(server: &TestServer, path: &str, body: Body) -> (u16, Value) {
    let (status, _, bytes) = server.ask(Method::POST, path, body).await;
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn made(server: &TestServer) -> Value {
    let body = form(&[
        ("files[]", Some("pdf/SKILL.md"), &front("pdf")),
        ("files[]", Some("pdf/scripts/run.sh"), b"#!/bin/sh\n"),
        ("display_name", None, b"My PDF"),
    ]);
    let (status, skill) = post(server, "/v1/skills", body).await;
    assert_eq!(status, 200, "{skill}");
    skill
}

fn path(skill: &Value) -> String {
    format!("/v1/skills/{}", skill["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_skill_is_uploaded_and_comes_back_as_an_archive() {
    let server = server().await;
    let room = server.app.bodies.free();
    let skill = made(&server).await;
    assert_eq!(server.app.bodies.free(), room);
    assert_eq!(skill["display_name"], "My PDF");
    assert_eq!(server.get(&path(&skill)).await, (200, skill.clone()));
    let version = format!("{}/versions/latest", path(&skill));
    let (status, found) = server.get(&version).await;
    assert_eq!((status, &found["id"]), (200, &skill["latest_version_id"]));
    assert_eq!((&found["name"], &found["description"]), (&json!("pdf"), &json!("Reads files.")));
    let content = format!("{version}/content");
    let (status, headers, bytes) = server.ask(Method::GET, &content, Body::empty()).await;
    assert_eq!((status, &headers["content-type"]), (200, &"application/zip".parse().unwrap()));
    let files = archive::unpack(&bytes).unwrap();
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["pdf/SKILL.md", "pdf/scripts/run.sh"]);
    let whole = form(&[("files[]", Some("pdf.zip"), &bytes)]);
    crate::testing::another_moment().await;
    let (status, again) = post(&server, "/v1/skills", whole).await;
    assert_eq!((status, &again["display_name"]), (200, &json!("pdf")));
    let (_, page) = server.get("/v1/skills?source=custom").await;
    assert_eq!(page["data"], json!([again, skill]));
    let (_, page) = server.get("/v1/skills?source=anthropic").await;
    assert_eq!(page["data"], json!([]));
    assert_eq!(server.get("/v1/skills?source=moon").await.0, 400);
}

#[tokio::test]
async fn versions_come_and_go_and_the_last_one_stays() {
    let server = server().await;
    let skill = made(&server).await;
    let versions = format!("{}/versions", path(&skill));
    let next = || form(&[("files", Some("x/SKILL.md"), &front("pdf"))]);
    crate::testing::another_moment().await;
    let (status, second) = post(&server, &versions, next()).await;
    assert_eq!((status, &second["type"]), (200, &json!("skill_version")));
    let (_, now) = server.get(&path(&skill)).await;
    assert_eq!(now["latest_version_id"], second["id"]);
    let (_, page) = server.get(&versions).await;
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    assert_eq!(page["data"][0], second);
    let other = form(&[("files[]", Some("x/SKILL.md"), &front("docx"))]);
    assert_eq!(post(&server, &versions, other).await.0, 400);
    let (status, gone) = server.delete(&format!("{versions}/latest")).await;
    assert_eq!((status, &gone["id"]), (200, &second["id"]));
    assert_eq!(gone["type"], "skill_version_deleted");
    let (_, now) = server.get(&path(&skill)).await;
    assert_eq!(now["latest_version_id"], skill["latest_version_id"]);
    assert_eq!(server.delete(&format!("{versions}/latest")).await.0, 400);
    let (status, gone) = server.delete(&path(&skill)).await;
    assert_eq!((status, &gone["type"]), (200, &json!("skill_deleted")));
    assert_eq!(server.get(&versions).await.0, 404);
    let left = server.app.spaces.default.files.open_dir("skills").unwrap().entries().unwrap();
    assert_eq!(left.count(), 0, "no bytes are left behind");
}

#[tokio::test]
async fn what_is_no_skill_is_refused_and_leaves_nothing() {
    let server = server().await;
    let skill = front("pdf");
    let file = |path| ("files[]", Some(path), skill.as_slice());
    for wrong in [
        form(&[]),
        form(&[file("SKILL.md")]),
        form(&[file("pdf/SKILL.md"), file("pdf/../../x")]),
        form(&[file("pdf/SKILL.md"), file("docx/x")]),
        form(&[file("pdf/readme.md")]),
        form(&[("files[]", Some("pdf/SKILL.md"), b"no front matter")]),
        form(&[("files[]", Some("pdf.zip"), b"no archive")]),
        form(&[file("pdf/SKILL.md"), ("colour", None, b"red")]),
        form(&[file("pdf/SKILL.md"), ("display_name", None, b"a\nb")]),
        Body::from("no form"),
        Body::empty(),
    ] {
        let (status, error) = post(&server, "/v1/skills", wrong).await;
        assert_eq!((status, &error["type"]), (400, &json!("error")), "{error}");
    }
    let (_, page) = server.get("/v1/skills").await;
    assert_eq!(page["data"], json!([]));
    for missing in ["/v1/skills/skill_x", "/v1/skills/skill_x/versions/latest"] {
        assert_eq!(server.get(missing).await.0, 404);
    }
}

#[tokio::test]
async fn an_agent_gets_the_version_a_skill_has_now() {
    let mut server = server().await;
    let skill = made(&server).await;
    server.header("content-type", "application/json");
    let agent = |skill_id: &Value| {
        json!({"name": "a", "model": "m", "tools": [{"type": "agent_toolset_20260401"}],
            "skills": [{"type": "custom", "skill_id": skill_id}]})
    };
    let (status, made) = server.post("/v1/agents", agent(&skill["id"])).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!(made["skills"][0]["version"], skill["latest_version_id"]);
    assert_eq!(server.post("/v1/agents", agent(&json!("skill_x"))).await.0, 400);
    assert_eq!(server.post("/v1/agents", agent(&json!("../x"))).await.0, 400);
}

#[tokio::test]
async fn nobody_begins_a_session_of_an_agent_whose_skill_was_deleted() {
    let mut server = server().await;
    let skill = made(&server).await;
    server.header("content-type", "application/json");
    let body = json!({"name": "a", "model": "m", "tools": [{"type": "agent_toolset_20260401"}],
        "skills": [{"type": "custom", "skill_id": skill["id"]}]});
    let (_, agent) = server.post("/v1/agents", body).await;
    let choice = lucid_api::value(agent["id"].clone()).unwrap();
    let space = &server.app.spaces.default;
    assert!(crate::agents::snapshot(space, &choice).await.is_ok());
    assert_eq!(server.delete(&path(&skill)).await.0, 200);
    let gone = crate::agents::snapshot(space, &choice).await.unwrap_err();
    assert_eq!(RunErrorKind::of(&gone), RunErrorKind::SkillNotFound);
}
