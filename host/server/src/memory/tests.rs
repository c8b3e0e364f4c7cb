use lucid_core::{MemoryStore, MemoryStoreId, Timestamp, sha256_hex};
use serde_json::{Value, json};

use crate::testing::TestServer;

async fn store(server: &TestServer, name: &str) -> String {
    let (status, store) = server.post("/v1/memory_stores", json!({"name": name})).await;
    assert_eq!(status, 200, "{store}");
    store["id"].as_str().unwrap().to_owned()
}

/// Writes a memory; gives it.
async fn memory(server: &TestServer, store: &str, path: &str, content: &str) -> Value {
    let memories = format!("/v1/memory_stores/{store}/memories");
    let (status, memory) = server.post(&memories, json!({"path": path, "content": content})).await;
    assert_eq!(status, 200, "{memory}");
    memory
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// The statuses of asking all pages of a list, and what is in them.
async fn pages(server: &TestServer, path: &str) -> Vec<Vec<String>> {
    let (mut pages, mut next) = (Vec::new(), String::new());
    loop {
        let (status, page) = server.get(&format!("{path}{next}")).await;
        assert_eq!(status, 200, "{page}");
        let shown = |one: &Value| one["path"].as_str().unwrap_or_default().to_owned();
        pages.push(page["data"].as_array().unwrap().iter().map(shown).collect());
        match page["next_page"].as_str() {
            Some(cursor) => next = format!("&page={cursor}"),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn a_store_is_made_changed_archived_and_deleted() {
    let server = TestServer::new().await;
    let body = json!({"name": "Notes", "description": "d", "metadata": {"a": "1"}});
    let (status, made) = server.post("/v1/memory_stores", body).await;
    assert_eq!((status, &made["type"]), (200, &json!("memory_store")));
    assert_eq!((&made["metadata"], &made["archived_at"]), (&json!({"a": "1"}), &Value::Null));
    let path = format!("/v1/memory_stores/{}", made["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await, (200, made.clone()));
    let update = json!({"name": "Other", "description": null, "metadata": {"a": null, "b": "2"}});
    let (status, changed) = server.post(&path, update).await;
    assert_eq!(
        (status, &changed["name"], &changed["description"]),
        (200, &json!("Other"), &json!(""))
    );
    assert_eq!(changed["metadata"], json!({"b": "2"}));
    assert_eq!(server.get(&path).await, (200, changed));
    assert_eq!(server.post(&path, json!({"name": ""})).await.0, 400);
    let (status, archived) = server.post(&format!("{path}/archive"), Value::Null).await;
    assert_eq!(status, 200);
    assert!(archived["archived_at"].is_string());
    assert_eq!(server.post(&format!("{path}/archive"), Value::Null).await, (200, archived));
    assert_eq!(server.post(&path, json!({"name": "x"})).await.0, 400);
    let memories = format!("{path}/memories");
    let refused = server.post(&memories, json!({"path": "/a", "content": ""})).await;
    assert_eq!(refused.0, 400, "{}", refused.1);
    assert_eq!(server.get("/v1/memory_stores").await.1["data"], json!([]));
    let all = server.get("/v1/memory_stores?include_archived=true").await.1;
    assert_eq!(all["data"].as_array().unwrap().len(), 1);
    let (status, deleted) = server.delete(&path).await;
    assert_eq!((status, &deleted["type"]), (200, &json!("memory_store_deleted")));
    assert_eq!((server.get(&path).await.0, server.delete(&path).await.0), (404, 404));
}

#[tokio::test]
async fn stores_are_listed_newest_first_in_pages_wherever_they_were_made() {
    let server = TestServer::new().await;
    let id = MemoryStoreId::parse("memstore_01elsewhere").unwrap();
    let elsewhere = MemoryStore {
        id: id.clone(),
        name: "Made elsewhere".to_owned(),
        description: String::new(),
        created_at: Timestamp(5),
        dreamt_from: Some(MemoryStoreId::parse("memstore_01before").unwrap()),
    };
    let keeper = &server.app.spaces.default.runtime.store;
    keeper.create_memory_store(&elsewhere).await.unwrap();
    let one = store(&server, "one").await;
    crate::testing::another_moment().await;
    let two = store(&server, "two").await;
    let (_, first) = server.get("/v1/memory_stores?limit=2").await;
    assert_eq!(ids(&first), [two.as_str(), one.as_str()]);
    let next = first["next_page"].as_str().unwrap();
    let (_, second) = server.get(&format!("/v1/memory_stores?limit=2&page={next}")).await;
    assert_eq!((ids(&second), &second["next_page"]), (vec![id.as_str()], &Value::Null));
    let shown = &second["data"][0];
    assert_eq!(shown["metadata"], json!({"lucid.dreamt_from": "memstore_01before"}));
    assert_eq!(shown["updated_at"], shown["created_at"]);
    let since = "/v1/memory_stores?created_at[gte]=1970-01-01T00:00:00.006Z";
    assert_eq!(ids(&server.get(since).await.1).len(), 2);
    // Changed here, it is called so everywhere.
    let path = format!("/v1/memory_stores/{id}");
    assert_eq!(server.post(&path, json!({"name": "Ours", "metadata": {"a": "1"}})).await.0, 200);
    assert_eq!(keeper.memory_store(&id).await.unwrap().unwrap().name, "Ours");
    let metadata = json!({"lucid.dreamt_from": "memstore_01before", "a": "1"});
    assert_eq!(server.get(&path).await.1["metadata"], metadata);
}

#[tokio::test]
async fn a_memory_is_written_over_the_text_that_was_read() {
    let server = TestServer::new().await;
    let store = store(&server, "Notes").await;
    let made = memory(&server, &store, "/a.md", "hi").await;
    assert_eq!(made["content"], Value::Null, "basic is the standard here");
    let hash = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
    assert_eq!((&made["content_sha256"], &made["content_size_bytes"]), (&json!(hash), &json!(2)));
    let path = format!("/v1/memory_stores/{store}/memories/{}", made["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await.1["content"], json!("hi"));
    assert_eq!(server.get(&format!("{path}?view=basic")).await.1, made);
    let over = |hash: &str| json!({"type": "content_sha256", "content_sha256": hash});
    let other = sha256_hex(b"other");
    let stale = json!({"content": "new", "precondition": over(&other)});
    let (status, error) = server.post(&path, stale).await;
    assert_eq!(status, 409);
    assert_eq!(error["error"]["type"], json!("memory_precondition_failed_error"));
    // It is so already: whoever did not hear the answer is answered.
    let again = json!({"content": "hi", "precondition": over(&other)});
    assert_eq!(server.post(&path, again).await, (200, made.clone()));
    let update = json!({"content": "new", "path": "/b/c.md", "precondition": over(hash)});
    let (status, moved) = server.post(&format!("{path}?view=full"), update).await;
    assert_eq!((status, &moved["id"], &moved["path"]), (200, &made["id"], &json!("/b/c.md")));
    assert_eq!((&moved["content"], &moved["created_at"]), (&json!("new"), &made["created_at"]));
    assert_ne!(moved["memory_version_id"], made["memory_version_id"]);
    assert_eq!(server.get(&path).await, (200, moved));
    let versions = format!("/v1/memory_stores/{store}/memory_versions");
    assert_eq!(ids(&server.get(&versions).await.1).len(), 2, "what changes nothing is no version");
    let delete = |hash: &str| format!("{path}?expected_content_sha256={hash}");
    assert_eq!(server.delete(&delete(hash)).await.0, 409);
    let (status, gone) = server.delete(&delete(&sha256_hex(b"new"))).await;
    assert_eq!((status, &gone["type"]), (200, &json!("memory_deleted")));
    assert_eq!((server.get(&path).await.0, server.delete(&path).await.0), (404, 404));
    assert_eq!(server.post(&path, json!({"content": ""})).await.0, 404);
}

#[tokio::test]
async fn a_memory_in_the_way_is_named() {
    let server = TestServer::new().await;
    let store = store(&server, "Notes").await;
    let there = memory(&server, &store, "/a/b.md", "").await;
    let other = memory(&server, &store, "/c.md", "").await;
    let memories = format!("/v1/memory_stores/{store}/memories");
    let other = format!("{memories}/{}", other["id"].as_str().unwrap());
    let taken = json!({"path": "/a/b.md", "content": ""});
    for (status, error) in [
        server.post(&memories, taken).await,
        server.post(&memories, json!({"path": "/a", "content": ""})).await,
        server.post(&memories, json!({"path": "/a/b.md/c", "content": ""})).await,
        server.post(&other, json!({"path": "/a/b.md"})).await,
    ] {
        assert_eq!(status, 409, "{error}");
        let error = &error["error"];
        assert_eq!(error["type"], json!("memory_path_conflict_error"));
        assert_eq!(error["conflicting_path"], json!("/a/b.md"));
        assert_eq!(error["conflicting_memory_id"], there["id"]);
    }
    for path in ["a", "/../x", "/e\u{301}", "/a\u{202E}"] {
        let (status, _) = server.post(&memories, json!({"path": path, "content": ""})).await;
        assert_eq!(status, 400, "{path:?}");
    }
    assert_eq!(server.post(&memories, json!({"path": "/x"})).await.0, 400);
}

#[tokio::test]
async fn of_many_that_write_one_path_at_once_one_does() {
    let server = TestServer::new().await;
    let store = store(&server, "Notes").await;
    let memories = format!("/v1/memory_stores/{store}/memories");
    let write = async |n: usize| {
        // Half of them need a folder where the others need a file.
        let path = if n.is_multiple_of(2) { "/a" } else { "/a/b" };
        server.post(&memories, json!({"path": path, "content": n.to_string()})).await.0
    };
    let statuses = futures::future::join_all((0..12).map(write)).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
}

#[tokio::test]
async fn memories_are_listed_by_path_as_files_or_as_a_folder() {
    let server = TestServer::new().await;
    let store = store(&server, "Notes").await;
    for path in ["/b/d/e", "/a.md", "/b/c", "/z"] {
        memory(&server, &store, path, "text").await;
    }
    let list = format!("/v1/memory_stores/{store}/memories");
    let all = pages(&server, &format!("{list}?limit=3")).await;
    assert_eq!(all, [vec!["/a.md", "/b/c", "/b/d/e"], vec!["/z"]]);
    let folder = pages(&server, &format!("{list}?depth=1&limit=2")).await;
    assert_eq!(folder, [vec!["/a.md", "/b/"], vec!["/z"]]);
    let below = pages(&server, &format!("{list}?depth=1&path_prefix=/b/")).await;
    assert_eq!(below, [["/b/c", "/b/d/"]]);
    let (_, page) = server.get(&format!("{list}?depth=1")).await;
    assert_eq!(page["data"][1], json!({"type": "memory_prefix", "path": "/b/"}));
    let (_, full) = server.get(&format!("{list}?view=full&limit=20")).await;
    assert_eq!(full["data"][0]["content"], json!("text"));
    for wrong in ["depth=2", "path_prefix=/b", "limit=101", "view=full&limit=21", "page=x"] {
        assert_eq!(server.get(&format!("{list}?{wrong}")).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn versions_say_what_happened_and_can_be_redacted_once_they_are_past() {
    let server = TestServer::new().await;
    let store = store(&server, "Notes").await;
    let made = memory(&server, &store, "/a.md", "secret").await;
    let path = format!("/v1/memory_stores/{store}/memories/{}", made["id"].as_str().unwrap());
    assert_eq!(server.post(&path, json!({"content": "fine"})).await.0, 200);
    let versions = format!("/v1/memory_stores/{store}/memory_versions");
    let (_, page) = server.get(&format!("{versions}?limit=1")).await;
    assert_eq!(page["data"][0]["operation"], json!("modified"));
    let next = page["next_page"].as_str().unwrap();
    let (_, page) = server.get(&format!("{versions}?limit=1&page={next}")).await;
    let first = page["data"][0].clone();
    assert_eq!((&first["operation"], &first["content"]), (&json!("created"), &Value::Null));
    assert_eq!(first["content_sha256"], json!(sha256_hex(b"secret")));
    assert_eq!(first["created_by"]["type"], json!("user_actor"));
    assert_eq!(page["next_page"], Value::Null);
    let first = format!("{versions}/{}", first["id"].as_str().unwrap());
    assert_eq!(server.get(&first).await.1["content"], json!("secret"));
    let head = server.get(&path).await.1["memory_version_id"].as_str().unwrap().to_owned();
    let (status, _) = server.post(&format!("{versions}/{head}/redact"), Value::Null).await;
    assert_eq!(status, 400, "what a memory is now stays");
    let (status, redacted) = server.post(&format!("{first}/redact"), Value::Null).await;
    assert_eq!(status, 200, "{redacted}");
    for gone in ["content", "content_sha256", "content_size_bytes", "path"] {
        assert_eq!(redacted[gone], Value::Null, "{gone}");
    }
    assert!(redacted["redacted_at"].is_string() && redacted["redacted_by"].is_object());
    assert_eq!(server.post(&format!("{first}/redact"), Value::Null).await, (200, redacted.clone()));
    assert_eq!(server.get(&first).await, (200, redacted.clone()));
    assert_eq!(server.delete(&path).await.0, 200);
    let (_, page) = server.get(&format!("{versions}?operation=deleted")).await;
    assert_eq!((ids(&page).len(), &page["data"][0]["content"]), (1, &Value::Null));
    assert_eq!(server.post(&format!("{versions}/{head}/redact"), Value::Null).await.0, 200);
    let count =
        async |filter: &str| ids(&server.get(&format!("{versions}?{filter}")).await.1).len();
    assert_eq!(count(&format!("memory_id={}", made["id"].as_str().unwrap())).await, 3);
    assert_eq!(count("session_id=sesn_1").await, 0);
    let (_, page) = server.get(&format!("{versions}?operation=created")).await;
    assert_eq!(page["data"][0], redacted, "a list shows it as well");
}

#[tokio::test]
async fn nothing_of_another_store_is_found_in_one() {
    let server = TestServer::new().await;
    let (one, two) = (store(&server, "one").await, store(&server, "two").await);
    let theirs = memory(&server, &two, "/a.md", "theirs").await;
    let (id, version) = (&theirs["id"], &theirs["memory_version_id"]);
    let (id, version) = (id.as_str().unwrap(), version.as_str().unwrap());
    for foreign in [
        format!("/v1/memory_stores/{one}/memories/{id}"),
        format!("/v1/memory_stores/{one}/memory_versions/{version}"),
        "/v1/memory_stores/memstore_01nobody".to_owned(),
        "/v1/memory_stores/memstore_01nobody/memories".to_owned(),
        "/v1/memory_stores/memstore_01nobody/memory_versions".to_owned(),
        "/v1/memory_stores/nonsense".to_owned(),
    ] {
        assert_eq!(server.get(&foreign).await.0, 404, "{foreign}");
    }
    let path = format!("/v1/memory_stores/{one}/memories/{id}");
    assert_eq!(server.post(&path, json!({"content": "ours"})).await.0, 404);
    assert_eq!(server.delete(&path).await.0, 404);
    let redact = format!("/v1/memory_stores/{one}/memory_versions/{version}/redact");
    assert_eq!(server.post(&redact, Value::Null).await.0, 404);
    let (_, page) = server.get(&format!("/v1/memory_stores/{one}/memories?page=x&limit=1")).await;
    assert_eq!(page["type"], json!("error"));
}

#[tokio::test]
async fn what_two_change_of_a_store_at_once_is_changed() {
    let server = TestServer::new().await;
    let id = store(&server, "a").await;
    let path = format!("/v1/memory_stores/{id}");
    for round in 0..8 {
        let (name, text) = (format!("name {round}"), format!("text {round}"));
        let (one, other) = tokio::join!(
            server.post(&path, json!({"name": name})),
            server.post(&path, json!({"description": text})),
        );
        assert_eq!((one.0, other.0), (200, 200));
        let (_, found) = server.get(&path).await;
        assert_eq!((&found["name"], &found["description"]), (&json!(name), &json!(text)));
    }
}

#[tokio::test]
async fn what_a_delete_left_of_a_store_can_be_deleted() {
    let server = TestServer::new().await;
    let store = store(&server, "Notes").await;
    let (path, id) = (format!("/v1/memory_stores/{store}"), MemoryStoreId::parse(&store).unwrap());
    let keeper = &server.app.spaces.default.runtime.store;
    // As a disk leaves it that fails behind this.
    keeper.delete_memory_store(&id).await.unwrap();
    let left = server.app.options.state.join("sessions/sesn_01a/memory").join(&store);
    #[expect(clippy::disallowed_methods, reason = "is what a session was shown")]
    {
        std::fs::create_dir_all(&left).unwrap();
        std::fs::write(left.join("a.md"), "text").unwrap();
    }
    assert_eq!(server.get(&path).await.0, 404);
    assert_eq!(server.delete(&path).await.0, 200);
    assert!(!left.join("a.md").exists());
    assert_eq!(keeper.document(&store).await.unwrap(), None);
    assert_eq!(server.delete(&path).await.0, 404);
}
