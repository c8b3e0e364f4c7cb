//! A server that is asked over HTTP.

mod answer;
mod url;

use std::sync::Arc;
use std::time::Duration;

use lucid_core::{Failure, Result};
use lucid_outgoing::{Authorities, client, innermost, is_untrusted, tls};
use lucid_verbs::Verb;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response};

/// How long a connection may take.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// How long a connection is kept for the next thing that is asked: not as long as a server
/// keeps one, which would close it just as something is sent.
const IDLE_TIME: Duration = Duration::from_secs(15);

/// How long one thing that is asked may take, whole: as long as a server gives a body.
const ASK_TIME: Duration = Duration::from_secs(300);

/// The most that is sent at once: what a server takes.
const REQUEST_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A server. A clone is the same, with the same connections.
#[derive(Clone)]
pub(crate) struct Remote(Arc<Inner>);

struct Inner {
    client: Client,
    /// The server's URL without a slash at its end.
    base: String,
}

impl Remote {
    /// A server at a URL, which over TLS one of these authorities has to vouch for; nothing is
    /// sent yet.
    ///
    /// # Errors
    /// Invalid, when the URL or the key is none, or what is said would go in the clear to
    /// another machine.
    pub(crate) fn new(
        url: &str,
        key: Option<&str>,
        insecure: bool,
        authorities: Authorities,
    ) -> Result<Self> {
        let base = url::checked(url, insecure)?;
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            headers.insert(HeaderName::from_static("x-api-key"), secret(key)?);
        }
        let client = client(tls(authorities)?)
            .connect_timeout(CONNECT_TIME)
            .pool_idle_timeout(IDLE_TIME)
            .timeout(ASK_TIME)
            .default_headers(headers)
            .build()
            .map_err(|error| {
                let why = innermost(&error);
                Failure::failed(format!("the HTTP client cannot be made: {why}"))
            })?;
        Ok(Self(Arc::new(Inner { client, base })))
    }

    /// The server's URL.
    pub(crate) fn url(&self) -> &str {
        &self.0.base
    }

    /// Asks one thing, once.
    ///
    /// # Errors
    /// Those of the verb; failed, when no server answers or it is older than this program;
    /// denied, when it does not take the key.
    pub(crate) async fn ask<V: Verb>(&self, verb: V) -> Result<V::Answer> {
        let body = serde_json::to_vec(&verb)
            .map_err(|error| Failure::bug(format!("{}: not JSON: {error}", V::NAME)))?;
        check_size(body.len())?;
        let url = format!("{}/v1/lucid/{}", self.url(), V::NAME);
        let json = HeaderValue::from_static("application/json");
        let sent = self.0.client.post(url).header(CONTENT_TYPE, json).body(body).send().await;
        let response = sent.map_err(|error| self.not_sent(&error))?;
        let status = response.status().as_u16();
        let version = response.headers().get("lucid-version").cloned();
        let version = version.as_ref().and_then(|version| version.to_str().ok());
        let body = self.whole(response).await?;
        answer::read::<V>(self.url(), status, version, &body)
    }

    /// The whole body of an answer, as far as one may be long.
    async fn whole(&self, mut response: Response) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.broke_off(&error))? {
            if body.len().saturating_add(part.len()) > ANSWER_BYTES_MAX {
                let most = ANSWER_BYTES_MAX / (1024 * 1024);
                let text = format!("the answer of {} is longer than {most} MB", self.url());
                return Err(Failure::exceeded(text));
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
    }

    fn not_sent(&self, error: &reqwest::Error) -> Failure {
        let (url, why) = (self.url(), innermost(error));
        if error.is_timeout() {
            let text = format!("the server at {url} did not answer in time");
            return Failure::failed(text).hint("see whether it is well: `GET /healthz`");
        }
        if is_untrusted(error) {
            let text = format!("nobody who is trusted vouches for the server at {url}: {why}");
            return Failure::failed(text).hint(
                "if its certificate is from an authority of your own, name that with \
                 `--ca-file FILE` or LUCID_CA_FILE",
            );
        }
        let text = if error.is_connect() {
            format!("no server answers at {url}: {why}")
        } else {
            format!("the server at {url} could not be asked: {why}")
        };
        Failure::failed(text)
            .hint("see that `lucid serve` runs there, or give its URL with `--server URL`")
    }

    fn broke_off(&self, error: &reqwest::Error) -> Failure {
        let why = innermost(error);
        Failure::failed(format!("the answer of {} broke off: {why}", self.url()))
            .hint("ask again; what was asked may have been done")
    }
}

/// Checks that a server takes so many bytes, before they are sent.
fn check_size(bytes: usize) -> Result<()> {
    if bytes <= REQUEST_BYTES_MAX {
        return Ok(());
    }
    let most = REQUEST_BYTES_MAX / (1024 * 1024);
    Err(Failure::exceeded(format!("{bytes} bytes are to be sent, and a server takes {most} MB"))
        .hint("send it in several parts, or take it in where the server's folder is"))
}

/// A key as a header that no log shows. An error does not repeat it.
fn secret(key: &str) -> Result<HeaderValue> {
    let plain = key.bytes().all(|byte| byte.is_ascii_graphic());
    let value = HeaderValue::from_str(key).ok().filter(|_| plain);
    let mut value = value.ok_or_else(|| {
        Failure::invalid("the API key has characters that no key has")
            .hint("a key is what `lucid key create` printed, in LUCID_API_KEY or a key file")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;
