//! What sessions leave in their outputs, as files.

use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use futures::future::join_all;
use lucid_api::file::FILE_BYTES_MAX;
use lucid_core::SessionId;

use super::*;

/// A session, and its outputs, as an agent's tools write them.
async fn outputs(server: &TestServer) -> (String, Dir) {
    let session = session(server, json!([]), json!({})).await;
    let id = SessionId::parse(&session).unwrap();
    let folder = server.app.spaces.default.runtime.workspace(&id).outputs_folder();
    #[expect(clippy::disallowed_methods, reason = "writes what an agent's tools write")]
    let folder = {
        Dir::create_ambient_dir_all(&folder, ambient_authority()).unwrap();
        Dir::open_ambient_dir(&folder, ambient_authority()).unwrap()
    };
    (session, folder)
}

/// Writes an output, and says when it was last changed: so many seconds before or after now.
fn write(server: &TestServer, folder: &Dir, (name, bytes): (&str, &[u8]), after: i64) {
    let mut file = folder.create(name).unwrap().into_std();
    file.write_all(bytes).unwrap();
    let now = server.app.spaces.default.clock.now();
    let at = now.0.saturating_add_signed(after * 1_000);
    file.set_modified(UNIX_EPOCH + Duration::from_millis(at)).unwrap();
}

/// The files of a session: their ids and names.
async fn files(server: &TestServer, session: &str) -> Vec<(String, String)> {
    let page = ok(server.get(&format!("/v1/files?scope_id={session}")).await);
    let file = |file: &Value| (id(file), file["filename"].as_str().unwrap().to_owned());
    page["data"].as_array().unwrap().iter().map(file).collect()
}

async fn content(server: &TestServer, file: &str) -> Vec<u8> {
    let path = format!("/v1/files/{file}/content");
    let (status, _, bytes) = server.ask(Method::GET, &path, Body::empty()).await;
    assert_eq!(status, 200);
    bytes
}

#[tokio::test]
async fn an_output_is_kept_byte_for_byte_and_again_when_it_was_written_again() {
    let server = server(vec![]).await;
    let (session, folder) = outputs(&server).await;
    // More than is copied at once.
    let first: Vec<u8> = (0..(3_usize << 20) + 7).map(|at| (at % 251) as u8).collect();
    write(&server, &folder, ("report.md", &first), -60);
    let kept = files(&server, &session).await;
    assert_eq!((kept.len(), kept[0].1.as_str()), (1, "report.md"));
    assert_eq!(content(&server, &kept[0].0).await, first);
    assert_eq!(files(&server, &session).await, kept, "it is not kept twice");

    // Of the same size, and newer than the file: as what is written while it is copied.
    let second: Vec<u8> = first.iter().rev().copied().collect();
    write(&server, &folder, ("report.md", &second), 60);
    let newer = files(&server, &session).await;
    assert_eq!(newer.len(), 1);
    assert_ne!(newer[0].0, kept[0].0);
    assert_eq!(content(&server, &newer[0].0).await, second);

    folder.remove_file("report.md").unwrap();
    assert_eq!(files(&server, &session).await, newer, "what is gone stays as it was");
}

#[tokio::test]
async fn of_many_who_look_for_outputs_at_once_each_finds_the_same_file() {
    let server = server(vec![]).await;
    let (session, folder) = outputs(&server).await;
    write(&server, &folder, ("report.md", b"All is well."), -60);
    let found = join_all((0..8).map(|_| files(&server, &session))).await;
    let first = &found[0];
    assert_eq!((first.len(), first[0].1.as_str()), (1, "report.md"));
    assert!(found.iter().all(|kept| kept == first), "{found:?}");
    assert_eq!(content(&server, &first[0].0).await, b"All is well.");
}

#[cfg(unix)]
#[tokio::test]
async fn an_output_that_leads_elsewhere_or_is_too_large_is_not_kept() {
    let server = server(vec![]).await;
    let (session, folder) = outputs(&server).await;
    folder.symlink("../mission/mission.toml", "link.toml").unwrap();
    folder.symlink_contents("/etc/passwd", "passwd").unwrap();
    folder.symlink("..", "up").unwrap();
    let large = folder.create("large.bin").unwrap().into_std();
    // Nothing is written: a file may say that it has bytes.
    large.set_len(FILE_BYTES_MAX + 1).unwrap();
    write(&server, &folder, ("a.txt", b"a"), -60);
    let kept = files(&server, &session).await;
    let names: Vec<_> = kept.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["a.txt"]);
}
