//! Tokens that end, with a clock that is set by hand.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use futures::future::join_all;
use lucid_api::vault::{Credential, Vault};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::documents::New;
use crate::vaults::VAULT;
use crate::webhooks::fake::{self, FakeClock};

const VAULT_ID: &str = "vlt_1";
const ID: &str = "vcrd_1";

/// What a token endpoint was asked, and whether it gives anything.
#[derive(Default)]
struct Endpoint {
    asked: AtomicUsize,
    gives: AtomicBool,
}

impl Endpoint {
    /// Serves it; gives where.
    async fn serve(self: &Arc<Self>) -> String {
        let endpoint = self.clone();
        let answer = move || {
            let endpoint = endpoint.clone();
            async move {
                let number = endpoint.asked.fetch_add(1, Ordering::SeqCst) + 1;
                // Long enough that others meet it.
                tokio::time::sleep(Duration::from_millis(50)).await;
                let token = format!("canary-new-{number}");
                let given = json!({"access_token": token, "expires_in": 3_600}).to_string();
                match endpoint.gives.load(Ordering::SeqCst) {
                    true => (StatusCode::OK, given),
                    false => (StatusCode::BAD_REQUEST, "no".to_owned()),
                }
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/token", post(answer));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        format!("http://{address}/token")
    }
}

/// A credential whose token ends, 90 seconds from now.
struct Bench {
    space: Arc<Space>,
    clock: Arc<FakeClock>,
    renewals: Arc<Renewals>,
    endpoint: Arc<Endpoint>,
    _state: TempDir,
}

impl Bench {
    async fn new(gives: bool) -> Self {
        let (space, clock, state) = fake::space("2026-11-22T10:00:00Z");
        let endpoint = Arc::new(Endpoint { gives: gives.into(), ..Endpoint::default() });
        let now = space.clock.now();
        let named = lucid_api::value(json!({"display_name": "mine"})).unwrap();
        let vault = &Vault::new(VAULT_ID.to_owned(), named, now).unwrap();
        let new = New { id: VAULT_ID, parent: None, key: None, created_at: now, value: vault };
        space.create(VAULT, new).await.unwrap();
        let auth = json!({"type": "mcp_oauth", "mcp_server_url": "https://a.test",
            "access_token": "canary-old", "expires_at": "2026-11-22T10:01:30Z", "refresh": {
                "refresh_token": "canary-refresh", "token_endpoint": endpoint.serve().await,
                "client_id": "me", "token_endpoint_auth": {"type": "none"}}});
        let body = lucid_api::value(json!({ "auth": auth })).unwrap();
        let made = Credential::create(ID.to_owned(), VAULT_ID.to_owned(), body, now).unwrap();
        let value = &SealedCredential::new(&space.seal, made).unwrap();
        let new = New { id: ID, parent: Some(VAULT_ID), key: None, created_at: now, value };
        space.create(CREDENTIAL, new).await.unwrap();
        Self { space, clock, renewals: Arc::default(), endpoint, _state: state }
    }

    async fn found(&self) -> SealedCredential {
        let found = self.space.get_in::<SealedCredential>(CREDENTIAL, VAULT_ID, ID).await;
        found.unwrap().value
    }

    /// The token that a request gets which found the credential like this.
    async fn token_of(&self, found: &SealedCredential) -> Result<String, NotLent> {
        let outgoing = Outgoing { private: true };
        let token = match token(&self.space, found)? {
            Ok(token) => token,
            Err(ending) => self.renewals.in_time(&self.space, outgoing, found, ending).await?,
        };
        Ok(token.reveal().to_owned())
    }

    /// The token that a request gets now.
    async fn token(&self) -> Result<String, NotLent> {
        self.token_of(&self.found().await).await
    }

    /// The same, with how often the endpoint was asked until then.
    async fn lent(&self) -> (String, usize) {
        (self.token().await.unwrap(), self.asked())
    }

    fn asked(&self) -> usize {
        self.endpoint.asked.load(Ordering::SeqCst)
    }

    /// Why no token is to be had.
    async fn refused(&self) -> String {
        let failure = self.token().await.unwrap_err().failure.to_string();
        assert!(failure.contains(ID) && !failure.contains("canary"), "{failure}");
        failure
    }
}

#[tokio::test]
async fn a_token_is_had_anew_before_its_end_once_for_all_who_want_it() {
    let bench = Bench::new(true).await;
    assert_eq!(bench.lent().await, ("canary-old".to_owned(), 0));
    bench.clock.pass(29_999);
    assert_eq!(bench.lent().await, ("canary-old".to_owned(), 0));
    // A minute before its end.
    bench.clock.pass(1);
    let found = bench.found().await;
    for token in join_all((0..8).map(|_| bench.token_of(&found))).await {
        assert_eq!(token.unwrap(), "canary-new-1");
    }
    assert_eq!(bench.asked(), 1);
    // It was kept, and lasts for as long as the endpoint said.
    bench.clock.pass(3_539_999);
    assert_eq!(bench.lent().await, ("canary-new-1".to_owned(), 1));
    bench.clock.pass(1);
    assert_eq!(bench.lent().await, ("canary-new-2".to_owned(), 2));
}

#[tokio::test]
async fn a_renewal_that_failed_is_tried_again_after_half_a_minute_and_not_before() {
    let bench = Bench::new(false).await;
    bench.clock.pass(31_000);
    // As long as the old one is good it is used.
    for _ in 0..3 {
        assert_eq!(bench.lent().await, ("canary-old".to_owned(), 1));
    }
    bench.clock.pass(29_999);
    assert_eq!(bench.lent().await, ("canary-old".to_owned(), 1));
    bench.clock.pass(1);
    assert_eq!(bench.lent().await, ("canary-old".to_owned(), 2));
    // Behind its end there is none.
    bench.clock.pass(29_999);
    assert!(bench.refused().await.contains("it failed a moment ago"));
    bench.clock.pass(1);
    assert!(bench.refused().await.contains("its token endpoint refused"));
    assert!(bench.refused().await.contains("it failed a moment ago"));
    assert_eq!(bench.asked(), 3);
    bench.endpoint.gives.store(true, Ordering::SeqCst);
    bench.clock.pass(30_000);
    assert_eq!(bench.lent().await, ("canary-new-4".to_owned(), 4));
}

#[tokio::test]
async fn a_renewal_that_failed_is_tried_again_at_once_when_its_credential_was_changed() {
    let bench = Bench::new(false).await;
    bench.clock.pass(31_000);
    assert_eq!(bench.lent().await, ("canary-old".to_owned(), 1));
    bench.endpoint.gives.store(true, Ordering::SeqCst);
    assert_eq!(bench.lent().await, ("canary-old".to_owned(), 1));
    let update = json!({"display_name": "mended"});
    let changed = bench.space.change(CREDENTIAL, ID, |_, before: SealedCredential| {
        let update = lucid_api::value(update.clone()).unwrap();
        let new = before.credential.clone().updated(update, bench.space.clock.now())?;
        Ok(before.with(&bench.space.seal, new)?.put())
    });
    changed.await.unwrap();
    assert_eq!(bench.lent().await, ("canary-new-2".to_owned(), 2));
}
