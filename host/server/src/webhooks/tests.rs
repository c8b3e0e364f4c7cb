use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use lucid_api::webhook::{CreateParams, Endpoint, State};
use serde_json::{Value, json};

use super::fake::{self, FakeClock};
use super::send::{Names, Sender, target};
use super::work::Work;
use super::{ENDPOINT, sealed_secret, sign};
use crate::documents::New;
use crate::keys::{self, NewKey};
use crate::space::Space;
use crate::testing::TestServer;

/// A receiver on this machine: answers with the statuses it was given, then with 200.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

impl Receiver {
    async fn answering(statuses: &[u16]) -> Self {
        let got = Arc::new(Mutex::new(Vec::new()));
        let mut statuses = statuses.to_vec();
        statuses.reverse();
        let (statuses, heard) = (Arc::new(Mutex::new(statuses)), got.clone());
        let hook = async move |headers: HeaderMap, body: String| {
            heard.lock().unwrap().push((headers, body));
            let status = statuses.lock().unwrap().pop().unwrap_or(200);
            StatusCode::from_u16(status).unwrap()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let routes: Router = Router::new().route("/hook", post(hook));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, got }
    }

    fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }
}

/// Every name leads to this address.
struct Leads(&'static str);

#[async_trait]
impl Names for Leads {
    async fn addresses(&self, _: &str, _: u16) -> io::Result<Vec<IpAddr>> {
        Ok(vec![self.0.parse().unwrap()])
    }
}

struct Bench {
    space: Arc<Space>,
    clock: Arc<FakeClock>,
    work: Work,
    secret: String,
    state: tempfile::TempDir,
}

const WHK: &str = "whk_1";

impl Bench {
    async fn new(url: &str) -> Self {
        let (space, clock, state) = fake::space("2026-11-22T00:00:00Z");
        let (secret, sealed) = sealed_secret(&space, WHK).unwrap();
        let enabled_events = vec!["session.idled".to_owned()];
        let url = url.to_owned();
        let params = CreateParams { url, enabled_events, name: None, description: None };
        let now = space.clock.now();
        let value = Endpoint::new(WHK.to_owned(), params, sealed, now).unwrap();
        let new = New { id: WHK, parent: None, key: None, created_at: now, value: &value };
        space.create(ENDPOINT, new).await.unwrap();
        let work = Self::work(&space, "127.0.0.1");
        Self { space, clock, work, secret, state }
    }

    fn work(space: &Arc<Space>, leads: &'static str) -> Work {
        Work::new(space.clone(), Sender::new(Arc::new(Leads(leads))).unwrap())
    }

    /// Writes down what was told.
    async fn note(&mut self, kind: &str) {
        self.space.hooks.tell(kind, "sesn_1");
        let mut heard = self.space.hooks.take().unwrap();
        while let Ok(told) = heard.try_recv() {
            self.work.note(told).await;
        }
        *self.space.hooks.heard.lock().unwrap() = Some(heard);
    }

    /// Sends what is due.
    async fn send(&mut self) {
        self.work.look().await;
        self.work.start();
        while self.work.ended().await {}
    }

    async fn endpoint(&self) -> Endpoint {
        self.space.get::<Endpoint>(ENDPOINT, WHK).await.unwrap().value
    }
}

#[tokio::test]
async fn a_delivery_is_signed_and_sent_once() {
    let receiver = Receiver::answering(&[]).await;
    let mut bench = Bench::new(&receiver.url).await;
    bench.note("session.idled").await;
    bench.note("session.running").await;
    bench.send().await;
    bench.clock.pass(3_600_000);
    bench.send().await;
    let got = receiver.got.lock().unwrap();
    assert_eq!(got.len(), 1, "one type is heard, and what came through is not sent again");
    let (headers, body) = &got[0];
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let seconds = header("webhook-timestamp").parse().unwrap();
    let signed = sign::sign(&bench.secret, &header("webhook-id"), seconds, body).unwrap();
    assert_eq!(header("webhook-signature"), signed);
    assert_eq!(header("content-type"), "application/json");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["id"], header("webhook-id"));
    let workspace = bench.space.id.as_str();
    let expected = json!({"type": "session.idled", "id": "sesn_1",
        "organization_id": "org_lucid", "workspace_id": workspace});
    assert_eq!(body["data"], expected);
}

#[tokio::test]
async fn what_fails_is_tried_again_later_and_three_times_at_most() {
    let receiver = Receiver::answering(&[500; 9]).await;
    let mut bench = Bench::new(&receiver.url).await;
    bench.note("session.idled").await;
    bench.send().await;
    bench.clock.pass(4_999);
    bench.send().await;
    assert_eq!(receiver.count(), 1, "not before five seconds");
    let mut counts = Vec::new();
    for _ in 0..3 {
        bench.clock.pass(120_001);
        bench.send().await;
        counts.push(receiver.count());
    }
    assert_eq!(counts, [2, 3, 3]);
    let endpoint = bench.endpoint().await;
    assert_eq!((endpoint.state, endpoint.failing_since.is_some()), (State::Enabled, true));
    // A day later still nothing: that was enough.
    bench.clock.pass(24 * 3_600_000);
    bench.note("session.idled").await;
    for _ in 0..3 {
        bench.send().await;
        bench.clock.pass(120_001);
    }
    assert_eq!(bench.endpoint().await.state, State::Disabled);
}

#[tokio::test]
async fn a_second_attempt_that_comes_through_is_the_last() {
    let receiver = Receiver::answering(&[503]).await;
    let mut bench = Bench::new(&receiver.url).await;
    bench.note("session.idled").await;
    for _ in 0..4 {
        bench.send().await;
        bench.clock.pass(120_001);
    }
    assert_eq!(receiver.count(), 2);
    let got = receiver.got.lock().unwrap();
    assert_eq!(got[0].0["webhook-id"], got[1].0["webhook-id"]);
    assert_ne!(got[0].0["webhook-timestamp"], got[1].0["webhook-timestamp"]);
}

#[tokio::test]
async fn a_redirect_disables_the_endpoint_at_once() {
    let receiver = Receiver::answering(&[307]).await;
    let mut bench = Bench::new(&receiver.url).await;
    bench.note("session.idled").await;
    bench.send().await;
    let endpoint = bench.endpoint().await;
    assert_eq!(endpoint.state, State::Disabled);
    assert!(endpoint.disabled_reason.contains("307"), "{}", endpoint.disabled_reason);
    bench.note("session.idled").await;
    bench.clock.pass(120_001);
    bench.send().await;
    assert_eq!(receiver.count(), 1);
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_disables_the_endpoint() {
    for address in ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"] {
        let mut bench = Bench::new("https://hooks.example.org/x").await;
        bench.work = Bench::work(&bench.space, address);
        bench.note("session.idled").await;
        bench.send().await;
        let endpoint = bench.endpoint().await;
        assert_eq!(endpoint.state, State::Disabled, "{address}");
        assert!(endpoint.disabled_reason.contains(address), "{}", endpoint.disabled_reason);
    }
}

#[tokio::test]
async fn a_local_name_that_leads_elsewhere_is_sent_nothing() {
    let mut bench = Bench::new("http://localhost:9/x").await;
    bench.work = Bench::work(&bench.space, "93.184.216.34");
    bench.note("session.idled").await;
    bench.send().await;
    assert_eq!(bench.endpoint().await.state, State::Disabled);
}

#[tokio::test]
async fn deliveries_outlive_the_server() {
    let receiver = Receiver::answering(&[]).await;
    let mut bench = Bench::new(&receiver.url).await;
    bench.note("session.idled").await;
    bench.work = Bench::work(&bench.space, "127.0.0.1");
    bench.send().await;
    assert_eq!(receiver.count(), 1);
}

#[tokio::test]
async fn two_servers_send_a_delivery_once() {
    let receiver = Receiver::answering(&[]).await;
    let mut bench = Bench::new(&receiver.url).await;
    bench.note("session.idled").await;
    let mut other = Bench::work(&bench.space, "127.0.0.1");
    other.look().await;
    other.start();
    bench.work.start();
    while other.ended().await {}
    while bench.work.ended().await {}
    assert_eq!(receiver.count(), 1);
}

#[test]
fn only_what_is_public_can_be_an_endpoint() {
    let wrong = [
        "http://example.org/x",
        "https://example.org:8443/x",
        "https://localhost/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://127.1/x",
        "https://169.254.169.254/latest",
        "https://user@example.org/x",
        "https://example.org/a\\b",
    ];
    for url in wrong {
        for local in [false, true] {
            assert_eq!(target(url, local).unwrap_err().status, 400, "{url}");
        }
    }
    assert!(target("https://example.org/x?y=1", false).is_ok());
    assert!(target("https://EXAMPLE.org:443", false).is_ok());
    for url in ["http://127.0.0.1:8080/x", "http://localhost:9/x", "http://[::1]:1/x"] {
        assert!(target(url, true).is_ok() && target(url, false).is_err(), "{url}");
    }
}

#[tokio::test]
async fn endpoints_are_made_changed_listed_and_deleted() {
    const ALL: &str = "/v1/organizations/webhooks";
    let server = TestServer::new().await;
    let asked = json!({"url": "https://example.org/x", "enabled_events": ["agent.created"]});
    let (status, made) = server.post(ALL, asked.clone()).await;
    assert_eq!(status, 200, "{made}");
    let first = made["signing_secret"].as_str().unwrap().to_owned();
    assert!(first.starts_with("whsec_"));
    let one = format!("{ALL}/{}", made["id"].as_str().unwrap());
    let (_, found) = server.get(&one).await;
    assert!(found.get("signing_secret").is_none() && !found.to_string().contains("secret"));
    let (_, changed) = server.post(&one, json!({"state": "disabled", "name": "n"})).await;
    assert_eq!((&changed["state"], &changed["name"]), (&json!("disabled"), &json!("n")));
    let (_, secret) = server.post(&format!("{one}/regenerate_signing_secret"), Value::Null).await;
    assert_ne!(secret["signing_secret"], first);
    crate::testing::another_moment().await;
    server.post(ALL, asked).await;
    let (_, page) = server.get(&format!("{ALL}?limit=1")).await;
    assert_eq!((&page["has_more"], page["data"].as_array().unwrap().len()), (&json!(true), 1));
    let next = format!("{ALL}?after_id={}", page["last_id"].as_str().unwrap());
    assert_eq!(server.get(&next).await.1["data"][0]["id"], made["id"]);
    for url in ["https://192.168.0.1/x", "http://example.org", "x"] {
        let body = json!({"url": url, "enabled_events": ["agent.created"]});
        assert_eq!(server.post(ALL, body).await.0, 400, "{url}");
        assert_eq!(server.post(&one, json!({"url": url})).await.0, 400, "{url}");
    }
    let (_, gone) = server.delete(&one).await;
    assert_eq!(gone, json!({"id": made["id"], "type": "webhook_endpoint_deleted"}));
    assert_eq!(server.get(&one).await.0, 404);
}

#[tokio::test]
async fn once_there_is_a_key_nothing_is_sent_to_this_machine() {
    let receiver = Receiver::answering(&[]).await;
    let mut bench = Bench::new(&receiver.url).await;
    bench.note("session.idled").await;
    let state = bench.state.path();
    keys::create(&bench.space.runtime, state, NewKey::default()).await.unwrap();
    bench.send().await;
    assert_eq!((receiver.count(), bench.endpoint().await.state), (0, State::Disabled));
}

#[tokio::test]
async fn with_a_key_no_endpoint_is_on_this_machine_unless_that_is_allowed() {
    for (allowed, status) in [(false, 400), (true, 200)] {
        let mut server = TestServer::with(|options| options.private_targets = allowed).await;
        let (runtime, state) = (&server.app.spaces.default.runtime, &server.app.options.state);
        let (_, text) = keys::create(runtime, state, NewKey::default()).await.unwrap();
        server.header("x-api-key", &text);
        let body = json!({"url": "http://127.0.0.1:9/x", "enabled_events": ["agent.created"]});
        assert_eq!(server.post("/v1/organizations/webhooks", body).await.0, status, "{allowed}");
    }
}
