//! How much a request may bring into a session.

use super::*;
use crate::files::{FILE, NewFile, put_bytes};

/// Uploads a file of so many mebibytes, and takes its bytes away: nobody reads them.
async fn large(server: &TestServer, mebibytes: u64) -> String {
    use std::io::Read as _;
    let space = server.app.spaces.default.clone();
    let new = NewFile { filename: "a.txt".into(), ..NewFile::default() };
    let bytes = std::io::repeat(b'a').take(mebibytes << 20);
    let file = put_bytes(&space, new, bytes).await.unwrap();
    space.files.remove_file(&file.id).unwrap();
    file.id
}

fn named(file: &str, times: usize) -> Value {
    let block = json!({"type": "document", "source": {"type": "file", "file_id": file}});
    json!({"type": "user.message", "content": vec![block; times]})
}

#[track_caller]
fn too_large((status, body): (u16, Value)) {
    assert_eq!((status, &body["error"]["type"]), (413, &json!("request_too_large")), "{body}");
}

#[tokio::test]
async fn a_file_that_is_named_too_often_is_refused_before_it_is_read() {
    let server = server(vec![]).await;
    let file = large(&server, 12).await;
    let session = session(&server, json!([]), json!({})).await;
    too_large(send(&server, &session, json!([named(&file, 3)])).await);
    too_large(send(&server, &session, json!([named(&file, 1000)])).await);
    too_large(send(&server, &session, json!([named(&file, 2), named(&file, 1)])).await);
    assert!(of(&events(&server, &session, "").await, "user.message").is_empty());
    let found = ok(server.get(&format!("/v1/sessions/{session}")).await);
    let body = json!({"agent": found["agent"]["id"], "environment_id": found["environment_id"],
        "initial_events": [named(&file, 3)]});
    too_large(server.post("/v1/sessions", body).await);
    assert_eq!(ok(server.get("/v1/sessions").await)["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn copies_of_a_file_are_bounded_together_before_any_is_made() {
    let server = server(vec![]).await;
    let file = large(&server, 1).await;
    let space = server.app.spaces.default.clone();
    // As if it were a large one.
    let said = |document: &lucid_store::Document, mut value: lucid_api::file::FileObject| {
        value.size_bytes = 300 << 20;
        let (key, archived_at) = (document.key.clone(), document.archived_at);
        Ok(crate::documents::Change::Put { value, key, archived_at, version: document.version })
    };
    space.change(FILE, &file, said).await.unwrap();
    let agent = agent(&server, "coder", json!([])).await;
    let environment = environment(&server, "cloud").await;
    let resource = |path: &str| json!({"type": "file", "file_id": file, "mount_path": path});
    let body = json!({"agent": agent, "environment_id": environment,
        "resources": [resource("a"), resource("b")]});
    too_large(server.post("/v1/sessions", body).await);
    assert!(ok(server.get("/v1/sessions").await)["data"].as_array().unwrap().is_empty());
}
