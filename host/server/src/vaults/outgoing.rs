//! Requests of the server's own to servers that somebody named, with secrets in them.
//!
//! Where a name leads is looked up once, judged, and the connection goes to what was judged.
//! A server that others can reach asks no address of its own network: whoever may make a
//! credential could look around there else. Redirects are not followed, and no proxy of the
//! environment is asked.

use std::net::SocketAddr;
use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use lucid_api::vault::Secret;
use lucid_policy::http::special_address;
use reqwest::Url;

use crate::tls;

/// How long one request may take, its answer included.
const DEADLINE: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// What may be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outgoing {
    /// Whether addresses of this machine and its networks may be asked.
    pub(super) private: bool,
}

/// A request with a secret.
pub(super) struct Request<'a> {
    pub(super) url: &'a str,
    pub(super) headers: &'a [(&'static str, &'static str)],
    pub(super) authorization: Option<&'a Secret>,
    pub(super) body: &'a str,
}

/// What came back, the body as far as it is read.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
    /// Whether there is more of the body.
    pub(super) more: bool,
}

/// No answer came, or none was asked for. Why is not told: it would say what is in the
/// server's network.
#[derive(Debug)]
pub(super) struct NotReached;

impl Outgoing {
    /// Posts something.
    pub(super) async fn post(self, request: Request<'_>) -> Result<Answered, NotReached> {
        let all = self.post_in_time(request);
        tokio::time::timeout(DEADLINE, all).await.map_err(|_| NotReached)?
    }

    async fn post_in_time(self, request: Request<'_>) -> Result<Answered, NotReached> {
        let url = Url::parse(request.url).map_err(|_| NotReached)?;
        let host = url.host_str().ok_or(NotReached)?;
        let addresses = self.addresses(&url, host).await?;
        let local = addresses.iter().all(|address| address.ip().is_loopback());
        // Through plain HTTP a secret goes nowhere but to this machine.
        if url.scheme() != "https" && !(url.scheme() == "http" && local) {
            return Err(NotReached);
        }
        let client = lucid_outgoing::client(tls::client().map_err(|_| NotReached)?)
            .resolve_to_addrs(host, &addresses)
            .build()
            .map_err(|_| NotReached)?;
        let mut headers = HeaderMap::new();
        for (name, value) in request.headers {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        if let Some(secret) = request.authorization {
            let mut value = HeaderValue::from_str(secret.reveal()).map_err(|_| NotReached)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let sent = client.post(url).headers(headers).body(request.body.to_owned()).send().await;
        read(sent.map_err(|_| NotReached)?).await
    }

    /// Where a host is, as far as it may be asked.
    async fn addresses(self, url: &Url, host: &str) -> Result<Vec<SocketAddr>, NotReached> {
        let port = url.port_or_known_default().ok_or(NotReached)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((bare, port)).await.map_err(|_| NotReached)?;
        let may = |address: &SocketAddr| self.private || special_address(address.ip()).is_none();
        let addresses: Vec<_> = found.filter(may).collect();
        if addresses.is_empty() { Err(NotReached) } else { Ok(addresses) }
    }
}

async fn read(mut response: reqwest::Response) -> Result<Answered, NotReached> {
    let status = response.status().as_u16();
    let content_type = response.headers().get(http::header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_owned();
    let (mut body, mut more) = (Vec::new(), false);
    // A stream of events need not end; that it began says enough.
    let streams = content_type.starts_with("text/event-stream");
    while !more && !streams {
        let Some(part) = response.chunk().await.map_err(|_| NotReached)? else { break };
        let room = ANSWER_BYTES_MAX.saturating_sub(body.len());
        body.extend(part.iter().take(room));
        more = part.len() > room;
    }
    Ok(Answered { status, content_type, body, more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_others_reach_asks_no_address_of_its_own_network() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"] {
            for scheme in ["http", "https"] {
                let url = format!("{scheme}://{host}:{port}/");
                let request =
                    Request { url: &url, headers: &[], authorization: None, body: "canary" };
                assert!(Outgoing { private: false }.post(request).await.is_err(), "{url}");
            }
        }
        let came = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(came.is_err());
    }
}
