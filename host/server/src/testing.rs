//! A server for tests: a state folder of its own, asked in this process.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response};
use lucid_runtime::{Runtime, RuntimeOptions};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::app::{App, ServerOptions};
use crate::router::router;

/// A server that only this process can ask.
pub(crate) struct TestServer {
    /// What its requests share.
    pub(crate) app: App,
    router: Router,
    headers: Vec<(String, String)>,
    /// There as long as the server.
    _state: TempDir,
}

impl TestServer {
    /// Opens one on a new state folder; no key was ever made.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// The same, with other options.
    pub(crate) async fn with(change: impl FnOnce(&mut ServerOptions)) -> Self {
        Self::over(|_| (), change).await
    }

    /// The same, also with another runtime.
    pub(crate) async fn over(
        below: impl FnOnce(&mut RuntimeOptions),
        change: impl FnOnce(&mut ServerOptions),
    ) -> Self {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().to_owned();
        let mut runtime = RuntimeOptions::new(path.clone());
        below(&mut runtime);
        let runtime = Runtime::open(runtime).unwrap();
        let mut options = ServerOptions::new(path);
        change(&mut options);
        let app = App::open(runtime, options).await.unwrap();
        let headers = vec![("host".to_owned(), "localhost".to_owned())];
        Self { router: router(app.clone()), app, headers, _state: state }
    }

    /// Sends a header with every request from now on; the empty value takes it away.
    pub(crate) fn header(&mut self, name: &str, value: &str) -> &mut Self {
        self.headers.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Asks with other routes than the server's own.
    pub(crate) fn routes(&mut self, routes: Router<App>) {
        self.router = crate::router::wrapped(routes, self.app.clone());
    }

    /// Asks; gives status, headers and body as they are.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Body,
    ) -> (u16, HeaderMap, Vec<u8>) {
        let (parts, body) = self.send(method, path, body).await.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts.status.as_u16(), parts.headers, bytes.to_vec())
    }

    async fn send(&self, method: Method, path: &str, body: Body) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(body).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// `GET` of a stream; gives it, and nothing of it was read.
    pub(crate) async fn open(&self, path: &str) -> Body {
        let response = self.send(Method::GET, path, Body::empty()).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream", "{path}");
        response.into_body()
    }

    async fn json(&self, method: Method, path: &str, body: Body) -> (u16, Value) {
        let (status, _, bytes) = self.ask(method, path, body).await;
        let text = String::from_utf8_lossy(&bytes);
        let value = serde_json::from_slice(&bytes);
        (status, value.unwrap_or_else(|error| panic!("{path} {status}: {error}: {text}")))
    }

    /// `GET`
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.json(Method::GET, path, Body::empty()).await
    }

    /// `POST`; null sends no body.
    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.json(Method::POST, path, body).await
    }

    /// `DELETE`
    pub(crate) async fn delete(&self, path: &str) -> (u16, Value) {
        self.json(Method::DELETE, path, Body::empty()).await
    }
}

/// Waits until it is another millisecond: what is made in the same one is in no order.
pub(crate) async fn another_moment() {
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
}
