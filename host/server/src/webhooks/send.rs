//! Sending one delivery: only to public addresses, and to the very address that was judged.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lucid_api::webhook::Place;
use lucid_api::{ApiError, Result};
use lucid_policy::http::{Target, special_address};
use reqwest::header::CONTENT_TYPE;
use tokio_rustls::rustls::ClientConfig;

use crate::tls;

/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Somebody answered, with this status.
    Answered(u16),
    /// Nobody did.
    Failed(String),
    /// It was not sent, and never will be: the address is not one that may be sent to.
    Refused(String),
}

/// Looks up names.
#[async_trait]
pub(crate) trait Names: Send + Sync {
    /// The addresses of a name.
    ///
    /// # Errors
    /// When there is no such name, or nobody who could say.
    async fn addresses(&self, name: &str, port: u16) -> io::Result<Vec<IpAddr>>;
}

/// The machine's resolver.
pub(crate) struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, name: &str, port: u16) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, port)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Reads where deliveries go.
///
/// # Errors
/// Invalid, when nothing may ever be sent there: not HTTPS on port 443, this machine, or an
/// address that is not public. With `local`, HTTP to this machine may be.
pub(crate) fn target(url: &str, local: bool) -> Result<(Target, &str)> {
    let place = Place::parse(url)?;
    let wrong = |why: &str| ApiError::invalid(format!("url: {why}"));
    let target = Target::parse(place.scheme, place.authority).map_err(|no| wrong(&no.hint))?;
    target.check_line("POST", place.path).map_err(|no| wrong(&no.hint))?;
    let host = &target.host;
    if !target.secure {
        let loopback = host.is_local() || host.address().is_some_and(|ip| ip.is_loopback());
        return match (local, loopback) {
            (true, true) => Ok((target, place.path)),
            (true, false) => Err(wrong("`http://` goes to this machine only; use `https://`")),
            (false, _) => Err(wrong("it begins with `https://`")),
        };
    }
    if target.port != 443 {
        return Err(wrong("deliveries go to port 443 only; leave the port out"));
    }
    if host.is_local() {
        return Err(wrong("the host is this machine; give one that is public"));
    }
    if let Some(block) = host.address().and_then(special_address) {
        return Err(wrong(&format!("the host is in {block}; give one that is public")));
    }
    Ok((target, place.path))
}

/// Sends deliveries.
#[derive(Clone)]
pub(crate) struct Sender {
    tls: ClientConfig,
    names: Arc<dyn Names>,
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sender")
    }
}

impl Sender {
    /// Makes what deliveries are sent with.
    ///
    /// # Errors
    /// Failed, when TLS cannot be set up.
    pub(crate) fn new(names: Arc<dyn Names>) -> lucid_core::Result<Self> {
        let tls = tls::client()?;
        Ok(Self { tls, names })
    }

    /// Sends a body, once. With `local` it may go to this machine, over HTTP.
    pub(crate) async fn send(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: &str,
        local: bool,
    ) -> Sent {
        let (target, path) = match target(url, local) {
            Ok(found) => found,
            Err(error) => return Sent::Refused(error.message),
        };
        let address = match self.address(&target).await {
            Ok(address) => address,
            Err(sent) => return sent,
        };
        // Put together from what was judged, so that no other reading of the URL counts.
        let url = format!("{}://{}{path}", target.scheme(), target.authority());
        match self.post(&target, address, url, headers, body).await {
            Ok(status) => Sent::Answered(status),
            Err(error) if error.is_timeout() => Sent::Failed("no answer in time".to_owned()),
            Err(_) => Sent::Failed("no connection, or it broke off".to_owned()),
        }
    }

    async fn post(
        &self,
        target: &Target,
        address: SocketAddr,
        url: String,
        headers: &[(&str, String)],
        body: &str,
    ) -> reqwest::Result<u16> {
        // A client for this one address: the name is not looked up again.
        let client = lucid_outgoing::client(self.tls.clone())
            .timeout(TIMEOUT)
            .resolve(&target.host.to_string(), address)
            .build()?;
        let mut request = client.post(url).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = request.body(body.to_owned()).send().await?;
        Ok(response.status().as_u16())
    }

    /// Looks a host up once and judges every address it leads to.
    async fn address(&self, target: &Target) -> std::result::Result<SocketAddr, Sent> {
        let addresses = match target.host.address() {
            Some(address) => vec![address],
            None => {
                let name = target.host.to_string();
                let found = self.names.addresses(&name, target.port).await;
                found.map_err(|_| Sent::Failed(format!("nobody knows the name {name}")))?
            }
        };
        for address in &addresses {
            let why = match special_address(*address) {
                Some(block) if target.secure => format!("is in {block}"),
                None if !target.secure => "is not this machine".to_owned(),
                Some(_) if !address.is_loopback() => "is not this machine".to_owned(),
                _ => continue,
            };
            let name = &target.host;
            return Err(Sent::Refused(format!("{name} leads to {address}, which {why}")));
        }
        let first = addresses.first().copied();
        let none = || Sent::Failed(format!("{} leads nowhere", target.host));
        first.map(|address| SocketAddr::new(address, target.port)).ok_or_else(none)
    }
}
