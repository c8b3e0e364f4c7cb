//! Sending spans to a collector, by OTLP over HTTP.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use lucid_core::{Failure, Result};
use opentelemetry::KeyValue;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use reqwest::{Client, Url};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::log::Log;
use crate::tls;

/// Spans that are sent at once.
const BATCH_MAX: usize = 512;

/// How long spans wait for others to be sent with.
const PAUSE: Duration = Duration::from_secs(1);

/// How long sending one batch may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of a collector's answer that are read: it says next to nothing.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// What sends to a collector.
///
/// # Errors
/// Invalid, when it is no URL that can be sent to; failed, when TLS cannot be set up.
pub(super) fn exporter(endpoint: &str) -> Result<SpanExporter> {
    let wrong = |why: &str| {
        Failure::invalid(format!("the traces' collector `{endpoint}`: {why}"))
            .hint("give a URL such as `http://127.0.0.1:4318`")
    };
    let url = Url::parse(endpoint).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it is neither http nor https"));
    }
    let client = lucid_outgoing::client(tls::client()?)
        .timeout(TIMEOUT)
        .build()
        .map_err(|error| Failure::failed(format!("an HTTP client: {error}")))?;
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Sender(client))
        .with_headers(HashMap::new())
        .with_endpoint(endpoint)
        .with_timeout(TIMEOUT)
        .build()
        .map_err(|error| wrong(&error.to_string()))?;
    exporter.set_resource(
        &Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", "lucid"),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            ])
            .build(),
    );
    Ok(exporter)
}

/// Sends what comes until that ends, and then what is left.
pub(super) async fn all(
    exporter: SpanExporter,
    mut waiting: mpsc::Receiver<SpanData>,
    dropped: Arc<AtomicU64>,
    ending: CancellationToken,
    log: Log,
) {
    let mut is_down = false;
    loop {
        let mut batch = Vec::new();
        let is_over = match ending.run_until_cancelled(waiting.recv()).await {
            Some(Some(first)) => {
                batch.push(first);
                // Others that end soon go with it.
                ending.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
                false
            }
            // Nobody can send any more, or nobody will.
            Some(None) | None => true,
        };
        while batch.len() < BATCH_MAX {
            let Ok(next) = waiting.try_recv() else { break };
            batch.push(next);
        }
        if is_over && batch.is_empty() {
            return;
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            log.error(&format!("{lost} spans were dropped: the traces' collector is too slow"));
        }
        let count = batch.len();
        match exporter.export(batch).await {
            Ok(()) => is_down = false,
            // Told once, not at every batch.
            Err(_) if is_down => {}
            Err(error) => {
                is_down = true;
                log.error(&format!("{count} spans were not taken by the collector: {error}"));
            }
        }
    }
}

/// The HTTP client of the rest of the server, as the exporter wants one.
#[derive(Debug)]
struct Sender(Client);

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string();
        let request = self.0.request(parts.method, url).headers(parts.headers).body(body);
        let mut answer = request.send().await?;
        let mut response = Response::builder().status(answer.status());
        if let Some(after) = answer.headers().get("retry-after") {
            response = response.header("retry-after", after);
        }
        let mut bytes = Vec::new();
        while let Some(part) = answer.chunk().await? {
            if bytes.len().saturating_add(part.len()) > ANSWER_BYTES_MAX {
                return Err("the answer is too large".into());
            }
            bytes.extend_from_slice(&part);
        }
        Ok(response.body(Bytes::from(bytes))?)
    }
}
