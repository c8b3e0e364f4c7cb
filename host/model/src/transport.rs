//! How a request reaches a server, and how the answer comes back: bytes, not meaning.
//!
//! [`HttpTransport`] is the real one. It does what its settings say and nothing the
//! environment says: no proxies from variables, no certificates from folders, no redirects,
//! which would carry a key to another host.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use lucid_core::{Failure, Result};
use lucid_outgoing::{Authorities, client, innermost, tls};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Proxy};

use crate::error::{ModelError, ModelErrorKind};
use crate::key::Key;
use crate::settings::RemoteSettings;

/// One request.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// The method, such as `POST`.
    pub method: &'static str,
    /// The whole URL. Holds no secret.
    pub url: String,
    /// Headers that anybody may read.
    pub headers: Vec<(String, String)>,
    /// Headers that hold a secret; a recording leaves them out.
    pub secret_headers: Vec<(String, Key)>,
    /// The body, JSON.
    pub body: String,
}

/// What came back, with a body that is still coming.
pub struct HttpResponse {
    /// The status, such as 200.
    pub status: u16,
    /// The headers, with names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body as it comes, unpacked.
    pub body: BoxStream<'static, std::result::Result<Bytes, ModelError>>,
}

impl HttpResponse {
    /// The first header of this name, given in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HttpResponse").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Carries requests: to a server, into a recording, or out of one.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends one request, once, and gives back the answer as soon as it begins.
    ///
    /// # Errors
    /// Unavailable, when no answer begins. Its sentence goes on after the model and its host.
    async fn send(&self, request: HttpRequest) -> std::result::Result<HttpResponse, ModelError>;
}

/// Connections that wait for their next request, for each host.
const IDLE_CONNECTIONS_MAX: usize = 32;

/// Sends requests over HTTP/1.1 and HTTP/2, with TLS where the URL says `https`.
pub struct HttpTransport {
    client: Client,
    connect_timeout_ms: u64,
}

impl HttpTransport {
    /// Makes the client of one model.
    ///
    /// # Errors
    /// Invalid, when the proxy's URL is none; failed, when TLS cannot be set up.
    pub fn new(settings: &RemoteSettings) -> Result<Self> {
        Self::trusting(Authorities::public(), settings)
    }

    fn trusting(authorities: Authorities, settings: &RemoteSettings) -> Result<Self> {
        let mut builder = client(tls(authorities)?)
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX);
        if let Some(proxy) = &settings.proxy {
            // Its URL is not repeated: it may hold a password.
            let proxy = Proxy::all(proxy).map_err(|_| {
                Failure::invalid(format!("{}: proxy is no URL of a proxy", settings.place()))
                    .hint("write it like `http://127.0.0.1:3128`")
            })?;
            builder = builder.proxy(proxy);
        }
        let client = builder.build().map_err(|error| {
            Failure::failed(format!("the HTTP client cannot be made: {}", innermost(&error)))
        })?;
        Ok(Self { client, connect_timeout_ms: settings.connect_timeout_ms })
    }

    fn not_sent(&self, error: &reqwest::Error) -> ModelError {
        let what = if error.is_connect() && error.is_timeout() {
            format!("no connection within {} ms", self.connect_timeout_ms)
        } else if error.is_connect() {
            format!("no connection: {}", innermost(error))
        } else {
            format!("the request failed: {}", innermost(error))
        };
        unavailable(what)
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HttpTransport")
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: HttpRequest) -> std::result::Result<HttpResponse, ModelError> {
        let headers = headers(&request)?;
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| rejected("the request has a method that HTTP has not"))?;
        let sent = self.client.request(method, &request.url).headers(headers).body(request.body);
        let response = sent.send().await.map_err(|error| self.not_sent(&error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let body = response.bytes_stream().map(|part| {
            part.map_err(|error| {
                unavailable(format!("the answer broke off: {}", innermost(&error)))
            })
        });
        Ok(HttpResponse { status, headers, body: body.boxed() })
    }
}

/// All headers of a request; those with a secret are marked so that no log shows them.
fn headers(request: &HttpRequest) -> std::result::Result<HeaderMap, ModelError> {
    let plain = request.headers.iter().map(|(name, value)| (name, value.as_str(), false));
    let secret = request.secret_headers.iter().map(|(name, key)| (name, key.reveal(), true));
    let mut headers = HeaderMap::new();
    for (name, value, is_secret) in plain.chain(secret) {
        let unusable =
            |_| rejected(format!("the header {name} has a value that HTTP cannot carry"));
        let mut value = HeaderValue::from_str(value).map_err(unusable)?;
        value.set_sensitive(is_secret);
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| rejected("the request has a header that HTTP cannot carry"))?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn unavailable(what: String) -> ModelError {
    ModelError::new(ModelErrorKind::Unavailable, Failure::failed(what))
}

fn rejected(what: impl Into<String>) -> ModelError {
    ModelError::new(ModelErrorKind::Rejected, Failure::failed(what))
}

#[cfg(test)]
mod tests;
