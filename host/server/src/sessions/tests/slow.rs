//! Who listens and does not keep up.

use std::sync::Arc;

use axum::body::BodyDataStream;
use futures::StreamExt as _;
use lucid_core::SessionId;

use super::*;
use crate::sessions::send_to;
use crate::space::Space;
use crate::stream::{KEPT_BYTES_MAX, KEPT_MAX};

/// How many are sent at once: far fewer than are kept for whoever reads.
const BATCH: usize = 100;

/// Longer than anything takes here, also where much else is done.
const LONGEST: Duration = Duration::from_secs(40);

/// Writes messages that nobody is woken for, and gives their ids.
async fn written(space: &Arc<Space>, session: &SessionId, batch: usize) -> Vec<String> {
    let texts = (0..BATCH).map(|number| say(&format!("{batch}/{number}")));
    let events = lucid_api::value(Value::Array(texts.collect())).unwrap();
    let events: Vec<lucid_api::event::SentEvent> = events;
    let records = send_to(space, session, false, &events).await.unwrap();
    records.iter().map(|record| record.id.to_string()).collect()
}

/// The ids of the next events of a stream, which comes in frames of any size.
async fn heard(stream: &mut BodyDataStream, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let frame = stream.next().await.expect("the stream goes on").unwrap();
        ids.extend(ids_in(&frame));
    }
    ids
}

fn ids_in(frame: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(frame).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| id(&serde_json::from_str(data).unwrap())).collect()
}

/// The ids of all messages that the list of events has, page by page.
async fn listed(server: &TestServer, session: &str) -> Vec<String> {
    let (mut ids, mut page) = (Vec::new(), String::new());
    loop {
        let query = format!("?limit=500&types[]=user.message{page}");
        let found = ok(server.get(&format!("/v1/sessions/{session}/events{query}")).await);
        ids.extend(found["data"].as_array().unwrap().iter().map(id));
        let Some(next) = found["next_page"].as_str() else { return ids };
        page = format!("&page={next}");
    }
}

#[tokio::test]
async fn who_reads_too_slowly_is_cut_off_holds_up_nobody_and_finds_everything_in_the_list() {
    let server = server(vec![]).await;
    let session = session(&server, json!([]), json!({})).await;
    let (space, parsed) = (server.app.spaces.default.clone(), SessionId::parse(&session).unwrap());
    let path = format!("/v1/sessions/{session}/events/stream");
    let mut slow = server.open(&path).await.into_data_stream();
    let mut quick = server.open(&path).await.into_data_stream();
    let mut sent = Vec::new();
    // Whoever reads has each batch before the next is written: then the other is behind by all.
    for batch in 0..=KEPT_MAX / BATCH {
        let ids = written(&space, &parsed, batch).await;
        assert_eq!(heard(&mut quick, ids.len()).await, ids);
        sent.extend(ids);
    }
    assert!(sent.len() > KEPT_MAX);
    let left = async {
        let mut left = Vec::new();
        while let Some(frame) = slow.next().await {
            left.extend(ids_in(&frame.unwrap()));
        }
        left
    };
    // It ends, and gives nothing that would hide what it left out.
    let left = tokio::time::timeout(LONGEST, left).await.expect("the slow stream ends");
    assert_eq!(left, [""; 0]);
    assert_eq!(listed(&server, &session).await, sent);
    // The next one that it opens goes on from there.
    let mut again = server.open(&path).await.into_data_stream();
    let ids = written(&space, &parsed, sent.len()).await;
    assert_eq!(heard(&mut again, ids.len()).await, ids);
    assert_eq!(heard(&mut quick, ids.len()).await, ids);
}

#[tokio::test]
async fn a_large_event_is_told_whole_and_in_its_place() {
    let server = server(vec![]).await;
    let session = session(&server, json!([]), json!({})).await;
    let (space, parsed) = (server.app.spaces.default.clone(), SessionId::parse(&session).unwrap());
    let path = format!("/v1/sessions/{session}/events/stream");
    let mut stream = server.open(&path).await.into_data_stream();
    let large = "a".repeat(2 * KEPT_BYTES_MAX);
    let texts = ["before", &large, "behind"];
    let events = lucid_api::value(json!(texts.map(say))).unwrap();
    let events: Vec<lucid_api::event::SentEvent> = events;
    send_to(&space, &parsed, false, &events).await.unwrap();
    let mut told = Vec::new();
    while told.len() < texts.len() {
        let frame = stream.next().await.unwrap().unwrap();
        let text = std::str::from_utf8(&frame).unwrap();
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let events = data.map(|data| serde_json::from_str::<Value>(data).unwrap());
        told.extend(events.map(|event| event["content"][0]["text"].as_str().unwrap().to_owned()));
    }
    assert_eq!(told, texts);
}
