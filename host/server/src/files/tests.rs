use std::io::Cursor;
use std::time::{Duration, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::http::Method;
use lucid_api::file::Scope;
use lucid_core::Timestamp;
use serde_json::{Value, json};

use super::tidy::remove_old;
use super::{NewFile, find_kept, put_bytes, remove_files_of};
use crate::testing::TestServer;

/// A form with parts: their headers behind `form-data; `, and what is in them.
fn form(parts: &[(&str, &[u8])]) -> Body {
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend(format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    Body::from(body)
}

async fn server() -> TestServer {
    let mut server = TestServer::new().await;
    server.header("content-type", "multipart/form-data; boundary=edge");
    server
}

async fn upload(server: &TestServer, body: Body) -> (u16, Value) {
    let (status, _, bytes) = server.ask(Method::POST, "/v1/files", body).await;
    (status, serde_json::from_slice(&bytes).unwrap())
}

fn names(server: &TestServer) -> Vec<String> {
    let entries = server.app.spaces.default.files.entries().unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn an_upload_is_described_listed_and_deleted() {
    let server = server().await;
    let csv = "name=\"file\"; filename=\"data.csv\"\r\nContent-Type: text/csv; charset=utf-8";
    let body = form(&[(csv, b"a,b\n"), ("name=\"expires_in_seconds\"", b"3600")]);
    let (status, file) = upload(&server, body).await;
    assert_eq!(status, 200, "{file}");
    let id = file["id"].as_str().unwrap();
    assert_eq!(file["filename"], "data.csv");
    assert_eq!((&file["mime_type"], &file["size_bytes"]), (&json!("text/csv"), &json!(4)));
    assert_eq!((&file["downloadable"], &file["scope"]), (&json!(false), &Value::Null));
    assert!(file["expires_at"].is_string());
    let path = format!("/v1/files/{id}");
    assert_eq!(server.get(&path).await, (200, file.clone()));
    let (status, refused) = server.get(&format!("{path}/content")).await;
    assert_eq!(status, 400);
    assert_eq!(refused["error"]["details"]["error_code"], "file_not_downloadable");

    crate::testing::another_moment().await;
    let (_, other) = upload(&server, form(&[("name=\"file\"; filename=\"b\"", b"")])).await;
    assert_eq!(other["mime_type"], "application/octet-stream");
    let (_, page) = server.get("/v1/files?limit=1").await;
    assert_eq!(page["data"], json!([other]));
    let next = page["next_page"].as_str().unwrap();
    let (_, rest) = server.get(&format!("/v1/files?page={next}")).await;
    assert_eq!(rest, json!({"data": [file], "next_page": null}));
    let (_, some) = server.get(&format!("/v1/files?ids[]={id}&ids[]=file_none")).await;
    assert_eq!(some, json!({"data": [file], "next_page": null}));
    assert_eq!(server.get(&format!("/v1/files?ids[]={id}&limit=2")).await.0, 400);

    let (_, gone) = server.delete(&path).await;
    assert_eq!(gone, json!({"id": id, "type": "file_deleted"}));
    assert_eq!(server.get(&path).await.0, 404);
    assert_eq!(names(&server), [other["id"].as_str().unwrap()]);
}

#[tokio::test]
async fn a_name_never_leads_out_of_the_folder() {
    let server = server().await;
    let tricks = [
        ("../../seal.key", "seal.key"),
        ("..\\\\..\\\\lucid.db", "lucid.db"),
        ("/etc/passwd", "passwd"),
        ("..", "unnamed.md"),
        ("", "unnamed.md"),
        ("a/", "unnamed.md"),
        ("x\u{202e}y.md", "xy.md"),
    ];
    for (given, kept) in tricks {
        let head = format!("name=\"file\"; filename=\"{given}\"\r\nContent-Type: text/markdown");
        let (status, file) = upload(&server, form(&[(&head, b"x")])).await;
        assert_eq!((status, file["filename"].as_str()), (200, Some(kept)), "{given:?}: {file}");
    }
    let named = names(&server);
    assert_eq!(named.len(), tricks.len());
    assert!(named.iter().all(|name| name.starts_with("file_01")), "{named:?}");
    for id in ["..", "file_..", "..%2Fseal.key", "file_%2F..%2Fseal.key"] {
        assert_eq!(server.get(&format!("/v1/files/{id}")).await.0, 404, "{id}");
    }
}

#[tokio::test]
async fn a_form_that_is_wrong_leaves_nothing_behind() {
    let server = server().await;
    let file = "name=\"file\"; filename=\"a.txt\"";
    let seconds = "name=\"expires_in_seconds\"";
    let long = [b'1'; 5_000];
    let cut = format!("--edge\r\nContent-Disposition: form-data; {file}\r\n\r\nabc");
    let wrong = [
        form(&[]),
        form(&[(seconds, b"3600")]),
        form(&[(file, b"a"), (file, b"b")]),
        form(&[(file, b"a"), ("name=\"other\"", b"b")]),
        form(&[(file, b"a"), (seconds, b"10")]),
        form(&[(file, b"a"), (seconds, &long)]),
        Body::from(cut),
        Body::from("not a form"),
        Body::empty(),
    ];
    for body in wrong {
        let (status, error) = upload(&server, body).await;
        assert_eq!((status, &error["error"]["type"]), (400, &json!("invalid_request_error")));
    }
    let mut plain = TestServer::new().await;
    plain.header("content-type", "application/json");
    assert_eq!(upload(&plain, Body::from("{}")).await.0, 400);
    // What was cut off is removed as soon as its writer is done.
    for _ in 0..4_000 {
        if names(&server).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", names(&server));
}

#[tokio::test]
async fn a_header_of_a_part_that_has_no_end_is_not_waited_for() {
    let server = server().await;
    let begin = Bytes::from_static(b"--edge\r\nContent-Disposition: form-data; name=\"");
    let piece = Bytes::from(vec![b'x'; 64 << 10]);
    let pieces = [begin].into_iter().chain(std::iter::repeat_n(piece, 200));
    let body = Body::from_stream(futures::stream::iter(pieces.map(Ok::<_, axum::Error>)));
    assert_eq!(upload(&server, body).await.0, 400);
}

#[tokio::test]
async fn a_file_is_larger_than_any_other_body_and_comes_back_as_it_was() {
    let server = server().await;
    let content: Vec<u8> = (0..(33_usize << 20)).map(|at| (at % 251) as u8).collect();
    let (status, file) = upload(&server, form(&[("name=\"file\"", &content)])).await;
    assert_eq!((status, &file["size_bytes"]), (200, &json!(content.len())));

    let new = NewFile {
        filename: "out/été.pdf".into(),
        downloadable: true,
        scope: Some(Scope::Session { id: "sesn_01A".into() }),
        ..NewFile::default()
    };
    let space = &server.app.spaces.default;
    let made = put_bytes(space, new, Cursor::new(content.clone())).await.unwrap();
    let path = format!("/v1/files/{}/content", made.id);
    let (status, headers, bytes) = server.ask(Method::GET, &path, Body::empty()).await;
    assert_eq!(status, 200);
    assert!(bytes == content);
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("content-length"), content.len().to_string());
    assert_eq!(header("x-content-type-options"), "nosniff");
    let expected = "attachment; filename=\"_t_.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf";
    assert_eq!(header("content-disposition"), expected);
}

#[tokio::test]
async fn the_files_of_a_session_are_its_own_and_go_with_it() {
    let server = server().await;
    let space = &server.app.spaces.default;
    let new = |text: &str, key: &str| NewFile {
        filename: "report.md".into(),
        scope: Some(Scope::Session { id: format!("sesn_{text}") }),
        key: Some(key.into()),
        ..NewFile::default()
    };
    let put = async |text: &str, key: &str| {
        put_bytes(space, new(text, key), Cursor::new(text.to_owned())).await.unwrap()
    };
    let first = put("01A", "outputs/report.md").await;
    let second = put("01A", "outputs/report.md").await;
    let other = put("01B", "outputs/report.md").await;
    assert_ne!(first.id, second.id);
    let found = find_kept(space, "sesn_01A", "outputs/report.md").await.unwrap();
    assert_eq!(found, Some(second.clone()));
    let (_, page) = server.get("/v1/files?scope_id=sesn_01A").await;
    assert_eq!(page["data"], json!([second]));
    assert_eq!(page["data"][0]["scope"], json!({"type": "session", "id": "sesn_01A"}));
    remove_files_of(space, "sesn_01A").await.unwrap();
    assert_eq!(names(&server), [other.id]);
}

#[tokio::test]
async fn a_file_whose_time_is_over_is_gone() {
    let server = server().await;
    let space = &server.app.spaces.default;
    let new = || NewFile {
        filename: "a.txt".into(),
        expires_at: Some(Timestamp(1)),
        downloadable: true,
        ..NewFile::default()
    };
    let file = put_bytes(space, new(), Cursor::new("x")).await.unwrap();
    let (status, error) = server.get(&format!("/v1/files/{}/content", file.id)).await;
    assert_eq!((status, &error["error"]["details"]["error_code"]), (404, &json!("file_expired")));
    put_bytes(space, new(), Cursor::new("x")).await.unwrap();
    let (_, page) = server.get("/v1/files").await;
    assert_eq!(page, json!({"data": [], "next_page": null}));
    assert!(names(&server).is_empty());
}

#[tokio::test]
async fn what_a_kill_left_of_uploads_is_removed_and_nothing_else() {
    let server = server().await;
    let space = &server.app.spaces.default;
    space.files.create_dir_all(crate::skills::FOLDER).unwrap();
    let skills = space.files.open_dir(crate::skills::FOLDER).unwrap();
    let now = space.clock.now().as_millis();
    let (long_ago, lately) = (now - 3_600_000, now - 1_000);
    for (folder, name, written) in [
        (&space.files, "file_01old.partial", long_ago),
        (&space.files, "file_01young.partial", lately),
        (&space.files, "file_01whole", long_ago),
        (&skills, "skver_01old.zip.partial", long_ago),
        (&skills, "skver_01whole.zip", long_ago),
    ] {
        let file = folder.create(name).unwrap().into_std();
        file.set_modified(UNIX_EPOCH + Duration::from_millis(written)).unwrap();
    }
    assert_eq!(remove_old(space, Timestamp(now)).await.unwrap(), 1);
    let sorted = |folder: &cap_std::fs::Dir| {
        let entries = folder.entries().unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(sorted(&space.files), ["file_01whole", "file_01young.partial", "skills"]);
    assert_eq!(sorted(&skills), ["skver_01whole.zip"]);
    // The young one is an upload that goes on, or is old some time later.
    assert_eq!(remove_old(space, Timestamp(now + 3_600_000)).await.unwrap(), 0);
    assert_eq!(sorted(&space.files), ["file_01whole", "skills"]);
}
