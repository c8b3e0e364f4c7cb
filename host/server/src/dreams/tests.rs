use lucid_api::dream::DreamCreate;
use lucid_core::{
    Author, Dream, DreamId, DreamStatus, MemoryId, MemoryOperation, MemoryStoreId, MemoryVersion,
    MemoryVersionId, ReviewPolicy, Session, SessionId, Timestamp,
};
use lucid_store::{DreamJob, StrategySource};
use serde_json::{Value, json};

use super::routes::asked as asked_for;
use crate::testing::TestServer;

/// A dream as somebody asks for one elsewhere.
fn asked(id: &str, status: DreamStatus, at: u64) -> Dream {
    let id = DreamId::parse(id).unwrap();
    let store = MemoryStoreId::parse("memstore_01in").unwrap();
    let sessions = vec![SessionId::parse("sesn_01in").unwrap()];
    Dream {
        status,
        policy: ReviewPolicy::Auto,
        ended_at: status.is_terminal().then_some(Timestamp(at)),
        ..Dream::pending(id, "consolidate", store, sessions, Timestamp(at))
    }
}

fn job(input_versions: Vec<MemoryVersionId>) -> DreamJob {
    let source = StrategySource::Named { strategy: "consolidate".to_owned(), model: None };
    DreamJob { input_versions, ..DreamJob::new(source, "", 0) }
}

/// A dream that was asked for elsewhere, and that nobody runs.
async fn dream(server: &TestServer, id: &str, status: DreamStatus, at: u64) {
    let (dream, job) = (asked(id, status, at), job(Vec::new()));
    server.app.spaces.default.runtime.store.create_dream(&dream, &job).await.unwrap();
}

async fn listed(server: &TestServer, query: &str) -> Vec<String> {
    let (status, page) = server.get(&format!("/v1/dreams?{query}")).await;
    assert_eq!(status, 200, "{page}");
    let data = page["data"].as_array().unwrap().iter();
    data.map(|dream| dream["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn dreams_are_listed_newest_first_wherever_they_were_asked_for() {
    let server = TestServer::new().await;
    dream(&server, "drm_01a", DreamStatus::Completed, 5).await;
    dream(&server, "drm_01b", DreamStatus::Failed, 6).await;
    dream(&server, "drm_01c", DreamStatus::Pending, 7).await;
    assert_eq!(listed(&server, "").await, ["drm_01c", "drm_01b", "drm_01a"]);
    let (_, page) = server.get("/v1/dreams?limit=2").await;
    let next = page["next_page"].as_str().unwrap();
    assert_eq!(listed(&server, &format!("limit=2&page={next}")).await, ["drm_01a"]);
    assert_eq!(listed(&server, "statuses[]=failed&statuses[]=pending").await.len(), 2);
    let since = "created_at[gt]=1970-01-01T00:00:00.006Z";
    assert_eq!(listed(&server, since).await, ["drm_01c"]);
    let (_, one) = server.get("/v1/dreams/drm_01a").await;
    assert_eq!(one["model"], json!({"id": "strategy:consolidate", "speed": "standard"}));
    assert_eq!((&one["outputs"], &one["status"]), (&json!([]), &json!("completed")));
    for foreign in ["/v1/dreams/drm_01nobody", "/v1/dreams/nonsense"] {
        assert_eq!(server.get(foreign).await.0, 404);
    }
    for wrong in ["statuses=done", "limit=101", "page=x", "colour=red"] {
        assert_eq!(server.get(&format!("/v1/dreams?{wrong}")).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_dream_is_canceled_once_and_archived_when_it_has_ended() {
    let server = TestServer::new().await;
    dream(&server, "drm_01a", DreamStatus::Pending, 5).await;
    dream(&server, "drm_01b", DreamStatus::Completed, 6).await;
    let post = async |path: &str| server.post(path, Value::Null).await;
    assert_eq!(post("/v1/dreams/drm_01a/archive").await.0, 400, "it has not ended");
    let (status, canceled) = post("/v1/dreams/drm_01a/cancel").await;
    assert_eq!((status, &canceled["status"]), (200, &json!("canceled")));
    assert!(canceled["ended_at"].is_string());
    assert_eq!(post("/v1/dreams/drm_01a/cancel").await, (200, canceled));
    assert_eq!(post("/v1/dreams/drm_01b/cancel").await.0, 400, "it completed");
    let (status, archived) = post("/v1/dreams/drm_01a/archive").await;
    assert_eq!(status, 200, "{archived}");
    assert!(archived["archived_at"].is_string());
    assert_eq!(post("/v1/dreams/drm_01a/archive").await, (200, archived));
    assert_eq!(listed(&server, "").await, ["drm_01b"]);
    assert_eq!(listed(&server, "include_archived=true").await.len(), 2);
}

#[test]
fn what_a_dream_takes_is_for_whoever_runs_the_server_to_say() {
    let inputs = json!([
        {"type": "memory_store", "memory_store_id": "memstore_01in"},
        {"type": "sessions", "session_ids": ["sesn_01in"]}]);
    let create = json!({"inputs": inputs, "model": "strategy:consolidate"});
    let plan = lucid_api::value::<DreamCreate>(create).unwrap().plan().unwrap();
    let with = |text: &str| {
        let asked = asked_for(&plan, crate::config::read(text).unwrap());
        (asked.policy, asked.accept_all, asked.seed)
    };
    assert_eq!(with(""), (ReviewPolicy::Auto, false, 0));
    assert_eq!(with("[dreams]\npolicy = \"review\"\n"), (ReviewPolicy::Review, false, 0));
    let all = with("[dreams]\npolicy = \"all\"\nseed = 7\n");
    assert_eq!(all, (ReviewPolicy::Auto, true, 7));
}

#[tokio::test]
async fn a_dream_reads_what_is_there() {
    let server = TestServer::new().await;
    let (_, store) = server.post("/v1/memory_stores", json!({"name": "Notes"})).await;
    let store = store["id"].as_str().unwrap();
    let session = Session {
        id: SessionId::parse("sesn_01in").unwrap(),
        title: String::new(),
        agent: "lead".to_owned(),
        metadata: std::collections::BTreeMap::new(),
        created_at: Timestamp(5),
    };
    server.app.spaces.default.runtime.store.create_session(&session).await.unwrap();
    let ask = async |store: &str, session: &str, model: &str| {
        let inputs = json!([
            {"type": "memory_store", "memory_store_id": store},
            {"type": "sessions", "session_ids": [session]}]);
        server.post("/v1/dreams", json!({"inputs": inputs, "model": model})).await
    };
    let model = "strategy:consolidate";
    assert_eq!(ask("memstore_01nobody", "sesn_01in", model).await.0, 404);
    assert_eq!(ask(store, "sesn_01nobody", model).await.0, 404);
    // There are no strategies here.
    for model in ["strategy:nobody", "claude-x", "nonsense"] {
        let (status, error) = ask(store, "sesn_01in", model).await;
        assert_eq!((status, &error["error"]["type"]), (400, &json!("invalid_request_error")));
    }
    assert!(listed(&server, "").await.is_empty(), "what is refused leaves nothing");
    let archive = format!("/v1/memory_stores/{store}/archive");
    assert_eq!(server.post(&archive, Value::Null).await.0, 200);
    let (status, error) = ask(store, "sesn_01in", model).await;
    assert_eq!(status, 400);
    assert!(error.to_string().contains("archived"), "{error}");
}

#[tokio::test]
async fn a_dream_that_nobody_can_run_any_more_fails_and_says_why() {
    let server = TestServer::new().await;
    dream(&server, "drm_01a", DreamStatus::Pending, 5).await;
    let space = &server.app.spaces.default;
    space.dreams.start(&space.runtime, &space.log, DreamId::parse("drm_01a").unwrap());
    for _ in 0..2_000 {
        let (_, dream) = server.get("/v1/dreams/drm_01a").await;
        if dream["status"] == "failed" {
            assert_eq!(dream["error"]["type"], json!("internal_error"));
            assert!(dream["ended_at"].is_string());
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it did not end");
}

#[tokio::test]
async fn a_deleted_store_is_in_no_dreams_way_unless_one_writes_into_it() {
    let server = TestServer::new().await;
    let keeper = &server.app.spaces.default.runtime.store;
    let mut ids = Vec::new();
    for name in ["in", "out"] {
        let (_, store) = server.post("/v1/memory_stores", json!({"name": name})).await;
        ids.push(MemoryStoreId::parse(store["id"].as_str().unwrap()).unwrap());
    }
    let [input, output]: [MemoryStoreId; 2] = ids.try_into().unwrap();
    let running = Dream {
        memory_store_in: input.clone(),
        memory_store_out: Some(output.clone()),
        ..asked("drm_01a", DreamStatus::Running, 5)
    };
    let author = Author::Dream { dream_id: running.id.clone() };
    let version = |store: &MemoryStoreId, n: u32, created_by: Author| MemoryVersion {
        id: MemoryVersionId::parse(&format!("memver_0{n}")).unwrap(),
        memory_id: MemoryId::parse(&format!("mem_0{n}")).unwrap(),
        memory_store_id: store.clone(),
        operation: MemoryOperation::Created,
        path: "/a.md".to_owned(),
        content: Some("text".to_owned()),
        created_by,
        created_at: Timestamp(5),
    };
    let theirs = version(&input, 1, Author::User { user_id: "somebody".to_owned() });
    let copy = version(&output, 2, author);
    keeper.write_memories(&input, vec![theirs.clone()]).await.unwrap();
    keeper.write_memories(&output, vec![copy.clone()]).await.unwrap();
    keeper.create_dream(&running, &job(vec![theirs.id])).await.unwrap();
    let delete = async |id: &MemoryStoreId| server.delete(&format!("/v1/memory_stores/{id}")).await;
    let (status, error) = delete(&output).await;
    assert_eq!(status, 400, "{error}");
    let versions = format!("/v1/memory_stores/{output}/memory_versions");
    let (_, page) = server.get(&versions).await;
    let actor = json!({"type": "service_account_actor", "service_account_id": "drm_01a"});
    assert_eq!(page["data"][0]["created_by"], actor, "its session is not known yet");
    assert_eq!(delete(&input).await.0, 200);
    let pinned = keeper.dream_job(&running.id).await.unwrap().unwrap().input_versions;
    assert_eq!(pinned, [copy.id], "it reads its own copy from now on");
    let completed = Dream { status: DreamStatus::Completed, ..running };
    keeper.put_dream(&completed).await.unwrap();
    assert_eq!(
        server.get("/v1/dreams/drm_01a").await.1["outputs"][0]["memory_store_id"],
        json!(output.as_str())
    );
    assert_eq!(delete(&output).await.0, 200);
    let (_, dream) = server.get("/v1/dreams/drm_01a").await;
    assert_eq!((&dream["outputs"], &dream["status"]), (&json!([]), &json!("completed")));
}

#[tokio::test]
async fn a_session_is_deleted_whole_though_a_dream_of_it_cannot_be_freed() {
    let model = "openai:played";
    let sections = format!("[models.\"{model}\"]\nbase_url = \"http://127.0.0.1:9\"\n");
    let server = TestServer::with(|options| options.sections = sections).await;
    let made = async |path: &str, body: Value| {
        let (status, object) = server.post(path, body).await;
        assert_eq!(status, 200, "{path}: {object}");
        object["id"].as_str().unwrap().to_owned()
    };
    let agent = made("/v1/agents", json!({"name": "a", "model": model})).await;
    let cloud = json!({"name": "c", "config": {"type": "cloud"}});
    let environment = made("/v1/environments", cloud).await;
    let body = json!({"agent": agent, "environment_id": environment});
    let id = made("/v1/sessions", body.clone()).await;
    let space = &server.app.spaces.default;
    let scope = Some(lucid_api::file::Scope::Session { id: id.clone() });
    let file = crate::files::NewFile { filename: "a.md".into(), scope, ..Default::default() };
    crate::files::put_bytes(space, file, std::io::Cursor::new("text")).await.unwrap();
    // It also read a version that is not there any more, so nobody can tell what it began with.
    let dreamt = Dream {
        memory_store_out: Some(MemoryStoreId::parse("memstore_01out").unwrap()),
        input_session_ids: vec![SessionId::parse(&id).unwrap()],
        ..asked("drm_01a", DreamStatus::Completed, 5)
    };
    let keeper = &space.runtime.store;
    let job = job(vec![MemoryVersionId::parse("memver_01gone").unwrap()]);
    keeper.create_dream(&dreamt, &job).await.unwrap();
    let (status, error) = server.delete(&format!("/v1/sessions/{id}")).await;
    assert_eq!(status, 200, "{error}");
    assert_eq!(keeper.document(&id).await.unwrap(), None);
    let (_, files) = server.get(&format!("/v1/files?scope_id={id}")).await;
    assert_eq!(files["data"], json!([]));
    let marked = keeper.dream_job(&dreamt.id).await.unwrap().unwrap().forget;
    assert_eq!(marked, [id], "whoever looks at it next goes on");
    // It is in no other session's way, and the command line is told that it is not done.
    let other = made("/v1/sessions", body.clone()).await;
    assert_eq!(server.delete(&format!("/v1/sessions/{other}")).await.0, 200);
    let third = made("/v1/sessions", body).await;
    let (status, error) = server.post("/v1/lucid/delete_session", json!({"id": third})).await;
    assert_eq!((status, &error["error"]["lucid"]["kind"]), (500, &json!("failed")), "{error}");
    assert_eq!(server.get(&format!("/v1/sessions/{third}")).await.0, 404);
}
