//! Changes of sessions that a kill ended halfway.

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use lucid_core::SessionId;

use super::*;
use crate::sessions::settle;

/// The state folder of a server, in which a session is.
fn state(server: &TestServer, session: &SessionId) -> Dir {
    let outputs = server.app.spaces.default.runtime.workspace(session).outputs_folder();
    let state = outputs.ancestors().nth(3).unwrap();
    #[expect(clippy::disallowed_methods, reason = "looks at what the server wrote")]
    Dir::open_ambient_dir(state, ambient_authority()).unwrap()
}

fn names(folder: &Dir) -> Vec<String> {
    let entries = folder.read_dir("making").unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_mission_that_was_changed_before_its_document_is_that_of_the_document_again() {
    let server = server(vec![]).await;
    let space = server.app.spaces.default.clone();
    let session = session(&server, json!([]), json!({})).await;
    let id = SessionId::parse(&session).unwrap();
    let folder = state(&server, &id);
    let mission = || folder.read_to_string(format!("sessions/{id}/mission/mission.toml")).unwrap();
    let before = mission();
    // What a change puts there first; and then its process is gone.
    let other = format!("{before}\n# nobody was told of this\n");
    drop(space.runtime.change_mission(&id, &other).await.unwrap());
    assert_eq!(mission(), other);
    let entry = names(&folder).pop().unwrap();
    settle(&space).await;
    assert_eq!(mission(), other, "a process that lives goes on with its change");
    let owner = entry.split('.').nth(1).unwrap();
    let left = entry.replace(&format!(".{owner}."), ".lucid-0.");
    folder.rename(format!("making/{entry}"), &folder, format!("making/{left}")).unwrap();
    space.runtime.tidy_half_made().await.unwrap();
    settle(&space).await;
    assert_eq!(mission(), before);
    assert_eq!(names(&folder), Vec::<String>::new());
}

#[tokio::test]
async fn a_change_that_is_done_leaves_a_mission_that_says_the_same() {
    let server = server(vec![]).await;
    let session = session(&server, json!([]), json!({})).await;
    let id = SessionId::parse(&session).unwrap();
    let folder = state(&server, &id);
    let tool = json!({"type": "custom", "name": "weigh", "description": "Weighs.",
        "input_schema": {"type": "object"}});
    let body = json!({"agent": {"tools": [tool]}});
    ok(server.post(&format!("/v1/sessions/{session}"), body).await);
    let path = format!("sessions/{id}/mission/mission.toml");
    let changed = folder.read_to_string(&path).unwrap();
    assert!(changed.contains("weigh"), "{changed}");
    assert_eq!(names(&folder), Vec::<String>::new());
}
