//! Plain reads, beside an empty handler.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use crate::Outcome;
use crate::client::{Api, Here};

/// Clients that ask at the same time.
const CLIENTS: usize = 32;

/// How often the two take turns, so that what else the machine does meets both.
const TURNS: u32 = 4;

/// Measures how many reads of an agent there are for each one of an empty handler.
pub(crate) async fn measure(time: Duration) -> Outcome {
    let here = Here::start().await?;
    let (agent, _) = here.api.ground("say hello").await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let empty = Api { base: format!("http://{}", listener.local_addr()?), ..here.api.clone() };
    let router = Router::new().route("/", get(async || ""));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let path = format!("/v1/agents/{agent}");
    let (mut reads, mut nothing) = (0, 0);
    for _ in 0..TURNS {
        nothing += ask(&empty, "/", time / TURNS).await?;
        reads += ask(&here.api, &path, time / TURNS).await?;
    }
    let per_second = |count: u64| count as f64 / time.as_secs_f64();
    Ok(json!({
        "clients": CLIENTS,
        "reads_per_second": per_second(reads),
        "empty_per_second": per_second(nothing),
        "ratio": reads as f64 / nothing as f64,
    }))
}

async fn ask(api: &Api, path: &str, time: Duration) -> Outcome<u64> {
    let end = Instant::now() + time;
    let count = Arc::new(AtomicU64::new(0));
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        let (api, path, count) = (api.clone(), path.to_owned(), count.clone());
        clients.spawn(async move {
            while Instant::now() < end {
                api.get(&path).await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::Ok(Value::Null)
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    Ok(count.load(Ordering::Relaxed))
}
