//! From an event that is sent to the same event on a stream.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::json;

use crate::Outcome;
use crate::client::Here;

/// Events sent each second, over all sessions.
const RATE: u64 = 200;

/// Measures how long events take from being sent to being delivered, with so many streams open,
/// each of a session of its own. What is sent is an interrupt of a session that rests: it is
/// written and delivered, and begins no work.
pub(crate) async fn measure(streams: usize, time: Duration) -> Outcome {
    let here = Here::start().await?;
    let ground = here.api.ground("say hello").await?;
    let arrived: Arc<Mutex<BTreeMap<String, Instant>>> = Arc::default();
    let mut sessions = Vec::new();
    for _ in 0..streams {
        let session = here.api.session(&ground).await?;
        let mut stream = here.api.stream(&session).await?;
        let arrived = arrived.clone();
        tokio::spawn(async move {
            while let Some(event) = stream.next().await {
                let (now, id) = (Instant::now(), event["id"].as_str().unwrap_or_default());
                let mut arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
                arrived.insert(id.to_owned(), now);
            }
        });
        sessions.push(session);
    }
    let begun = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / RATE));
    let mut sends = tokio::task::JoinSet::new();
    let mut at = 0;
    while begun.elapsed() < time {
        tick.tick().await;
        let (api, session) = (here.api.clone(), sessions[at % streams].clone());
        at += 1;
        sends.spawn(async move {
            let sent = Instant::now();
            let id = api.send(&session, json!({"type": "user.interrupt"})).await?;
            Outcome::Ok((id, sent))
        });
    }
    let mut sent = Vec::new();
    while let Some(done) = sends.join_next().await {
        sent.push(done??);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
    let mut took: Vec<f64> = Vec::new();
    for (id, sent) in &sent {
        took.extend(arrived.get(id).map(|at| (*at - *sent).as_secs_f64() * 1e3));
    }
    took.sort_by(f64::total_cmp);
    let share = |share: f64| took.get((took.len() as f64 * share) as usize).copied();
    Ok(json!({
        "streams": streams,
        "sent": sent.len(),
        "lost": sent.len() - took.len(),
        "median_ms": share(0.5),
        "p99_ms": share(0.99),
        "max_ms": took.last(),
    }))
}
