//! What streams cost, and whether anything grows.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Outcome;
use crate::client::There;

/// Sessions that the streams are of.
const SESSIONS: usize = 50;

/// How often the soak looks at the server's memory.
const LOOKS: u32 = 20;

/// Measures what the server's process holds for each open stream.
pub(crate) async fn streams(count: usize) -> Outcome {
    let there = There::start().await?;
    let ground = there.api.ground("say hello").await?;
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        sessions.push(there.api.session(&ground).await?);
    }
    let before = there.resident()?;
    let mut open = Vec::new();
    for number in 0..count {
        open.push(there.api.stream(&sessions[number % SESSIONS]).await?);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = there.resident()?;
    let each = after.saturating_sub(before) / count as u64;
    Ok(json!({
        "streams": open.len(),
        "resident_before": before,
        "resident_after": after,
        "bytes_per_stream": each,
    }))
}

/// Lets the server work without a break, and looks at its memory: sessions are made, spoken to
/// until they rest, streamed, listed and deleted.
pub(crate) async fn soak(time: Duration) -> Outcome {
    let there = There::start().await?;
    let ground = there.api.ground("say one\nsay two\nsay three").await?;
    let begun = Instant::now();
    let (mut sizes, mut rounds) = (Vec::new(), 0_u64);
    while begun.elapsed() < time {
        round(&there, &ground).await?;
        rounds += 1;
        if begun.elapsed() >= time / LOOKS * u32::try_from(sizes.len())? {
            sizes.push(there.resident()?);
        }
    }
    // The first fifth is warming up.
    let half = |part: &[u64]| part.iter().sum::<u64>() as f64 / part.len().max(1) as f64;
    let steady = &sizes[sizes.len() / 5..];
    let (first, second) = steady.split_at(steady.len() / 2);
    Ok(json!({
        "seconds": time.as_secs(),
        "sessions": rounds,
        "resident": sizes,
        "second_half_to_first": half(second) / half(first),
    }))
}

async fn round(there: &There, ground: &(String, String)) -> Outcome {
    use futures::StreamExt as _;
    let api = &there.api;
    let session = api.session(ground).await?;
    let mut stream = api.stream(&session).await?;
    let says = json!({"type": "user.message", "content": [{"type": "text", "text": "Go."}]});
    api.send(&session, says).await?;
    while let Some(event) = stream.next().await {
        if event["type"] == "session.status_idle" {
            break;
        }
    }
    drop(stream);
    api.get(&format!("/v1/sessions/{session}/events")).await?;
    api.get("/v1/sessions").await?;
    let deleted = api.http.delete(format!("{}/v1/sessions/{session}", api.base)).send().await?;
    deleted.error_for_status()?;
    Ok(Value::Null)
}
