//! Who listens, and may not any more.

use axum::body::{BodyDataStream, Bytes};
use futures::StreamExt as _;

use super::*;
use crate::keys::{self, NewKey};

/// The next frame of a stream, on which nothing happens for as long as that takes.
async fn next(stream: &mut BodyDataStream) -> Option<Bytes> {
    tokio::time::pause();
    let frame = stream.next().await.map(Result::unwrap);
    tokio::time::resume();
    frame
}

#[tokio::test]
async fn a_stream_ends_when_its_key_is_revoked_and_without_one_when_there_is_a_key() {
    let mut server = server(vec![]).await;
    let session = session(&server, json!([]), json!({})).await;
    let path = format!("/v1/sessions/{session}/events/stream");
    let (space, state) = (server.app.spaces.default.clone(), server.app.options.state.clone());
    let mut without = server.open(&path).await.into_data_stream();
    assert_eq!(next(&mut without).await.unwrap(), ": open\n\n");
    assert_eq!(next(&mut without).await.unwrap(), ": keep-alive\n\n");
    let (key, text) = keys::create(&space.runtime, &state, NewKey::default()).await.unwrap();
    assert_eq!(next(&mut without).await, None);
    server.header("x-api-key", &text);
    let mut with = server.open(&path).await.into_data_stream();
    assert_eq!(next(&mut with).await.unwrap(), ": open\n\n");
    assert_eq!(next(&mut with).await.unwrap(), ": keep-alive\n\n");
    keys::revoke(&space.runtime, &key.id).await.unwrap();
    assert_eq!(next(&mut with).await, None);
}
