//! What the server counts, as text that Prometheus reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Upper bounds of the histogram's buckets, in milliseconds.
const BUCKETS_MS: [u64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 2_500, 10_000];

/// Counts of one server. A clone counts the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    requests: Mutex<BTreeMap<Answered, u64>>,
    latencies: Mutex<BTreeMap<String, Latency>>,
    streams: AtomicU64,
    connections: AtomicU64,
    events: AtomicU64,
    panics: AtomicU64,
}

/// What requests are counted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, Default)]
struct Latency {
    buckets: [u64; BUCKETS_MS.len()],
    count: u64,
    sum: Duration,
}

/// Something that is there as long as this is, such as an open stream.
#[derive(Debug)]
pub(crate) struct Open(Arc<Counts>, fn(&Counts) -> &AtomicU64);

impl Open {
    fn new(counts: &Arc<Counts>, which: fn(&Counts) -> &AtomicU64) -> Self {
        which(counts).fetch_add(1, Ordering::Relaxed);
        Self(counts.clone(), which)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// Nothing has been counted yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A request was answered. `route` is its template, so that there are not many.
    pub(crate) fn answered(&self, route: &str, method: &str, status: u16, took: Duration) {
        let method = known(method);
        let answered = Answered { route: route.to_owned(), method, status };
        let mut requests = lock(&self.0.requests);
        let count = requests.entry(answered).or_default();
        *count = count.saturating_add(1);
        drop(requests);
        let mut latencies = lock(&self.0.latencies);
        let latency = latencies.entry(route.to_owned()).or_default();
        latency.count = latency.count.saturating_add(1);
        latency.sum = latency.sum.saturating_add(took);
        for (bucket, bound) in latency.buckets.iter_mut().zip(BUCKETS_MS) {
            if took <= Duration::from_millis(bound) {
                *bucket = bucket.saturating_add(1);
            }
        }
    }

    /// A stream is open until what this gives is dropped.
    pub(crate) fn stream(&self) -> Open {
        Open::new(&self.0, |counts| &counts.streams)
    }

    /// A connection is open until what this gives is dropped.
    pub(crate) fn connection(&self) -> Open {
        Open::new(&self.0, |counts| &counts.connections)
    }

    /// Events were appended on behalf of clients.
    pub(crate) fn appended(&self, events: usize) {
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        self.0.events.fetch_add(events, Ordering::Relaxed);
    }

    /// A route panicked.
    pub(crate) fn panicked(&self) {
        self.0.panics.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything as text; `working` is how many sessions are worked on now.
    pub(crate) fn to_text(&self, working: usize) -> String {
        let mut text = String::new();
        head(&mut text, "http_requests_total", "counter", "Requests that were answered.");
        for (answered, count) in lock(&self.0.requests).iter() {
            let Answered { route, method, status } = answered;
            let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
            line(&mut text, "http_requests_total", &labels, count);
        }
        let name = "http_request_duration_seconds";
        head(&mut text, name, "histogram", "From the request's head to the answer's.");
        for (route, latency) in lock(&self.0.latencies).iter() {
            latency.write(&mut text, name, route);
        }
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = self.0.as_ref();
        let rest = [
            ("open_streams", "gauge", "Streams of events.", load(&counts.streams)),
            ("open_connections", "gauge", "Connections.", load(&counts.connections)),
            ("sessions_working", "gauge", "Sessions worked on.", as_u64(working)),
            ("events_posted_total", "counter", "Events from clients.", load(&counts.events)),
            ("panics_total", "counter", "Routes that panicked.", load(&counts.panics)),
        ];
        for (name, kind, help, count) in rest {
            head(&mut text, name, kind, help);
            line(&mut text, name, "", &count);
        }
        text
    }
}

impl Latency {
    fn write(&self, text: &mut String, name: &str, route: &str) {
        let bucket = format!("{name}_bucket");
        for (count, bound) in self.buckets.iter().zip(BUCKETS_MS) {
            let le = Duration::from_millis(bound).as_secs_f64();
            line(text, &bucket, &format!("route=\"{route}\",le=\"{le}\""), count);
        }
        line(text, &bucket, &format!("route=\"{route}\",le=\"+Inf\""), &self.count);
        let labels = format!("route=\"{route}\"");
        line(text, &format!("{name}_sum"), &labels, &self.sum.as_secs_f64());
        line(text, &format!("{name}_count"), &labels, &self.count);
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "# HELP lucid_{name} {help}\n# TYPE lucid_{name} {kind}");
}

fn line(text: &mut String, name: &str, labels: &str, value: &impl std::fmt::Display) {
    let _ = match labels {
        "" => writeln!(text, "lucid_{name} {value}"),
        _ => writeln!(text, "lucid_{name}{{{labels}}} {value}"),
    };
}

/// Anybody can make up methods: those would be more and more lines.
fn known(method: &str) -> &'static str {
    let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    all.into_iter().find(|known| *known == method).unwrap_or("other")
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_method_and_status() {
        let metrics = Metrics::new();
        for took in [0, 3, 60_000] {
            metrics.answered("/v1/agents/{id}", "GET", 200, Duration::from_millis(took));
        }
        metrics.answered("/v1/agents/{id}", "BREW", 405, Duration::ZERO);
        let text = metrics.to_text(2);
        let has = |line: &str| assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        let route = "route=\"/v1/agents/{id}\"";
        has(&format!("lucid_http_requests_total{{{route},method=\"GET\",status=\"200\"}} 3"));
        has(&format!("lucid_http_requests_total{{{route},method=\"other\",status=\"405\"}} 1"));
        let bucket = "lucid_http_request_duration_seconds_bucket";
        has(&format!("{bucket}{{{route},le=\"0.001\"}} 2"));
        has(&format!("{bucket}{{{route},le=\"0.005\"}} 3"));
        has(&format!("{bucket}{{{route},le=\"+Inf\"}} 4"));
        has("lucid_sessions_working 2");
    }

    #[test]
    fn a_stream_is_counted_as_long_as_it_is_open() {
        let metrics = Metrics::new();
        let open = metrics.stream();
        assert!(metrics.to_text(0).contains("lucid_open_streams 1\n"));
        drop(open);
        assert!(metrics.to_text(0).contains("lucid_open_streams 0\n"));
    }
}
