//! From a target to a connection: one look-up, every address judged, TLS with the name that
//! was asked for.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use lucid_core::{Failure, Result};
use lucid_outgoing::{Authorities, is_untrusted};
use lucid_policy::http::{Host, Target, may_connect};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::pki_types::ServerName;
use wasmtime_wasi_http::Error;

use super::network::{Connection, Network};
use super::session::Session;
use crate::options::EngineOptions;

/// Addresses of one name that are looked at.
const ADDRESSES_MAX: usize = 16;

/// Allowed addresses of one name that are tried, one after the other.
const ADDRESSES_TRIED_MAX: usize = 4;

/// Reaches hosts for all plugins of an engine. Keeps no connections and no TLS sessions:
/// through neither could one plugin notice another.
pub(crate) struct HttpClient {
    network: Arc<dyn Network>,
    tls: Arc<ClientConfig>,
}

impl HttpClient {
    /// Makes a client for an engine.
    ///
    /// # Errors
    /// Invalid, when an extra certificate is none; failed, when TLS cannot be set up.
    pub(crate) fn new(options: &EngineOptions) -> Result<Self> {
        let mut authorities = Authorities::public();
        for (number, certificate) in options.extra_roots.iter().enumerate() {
            authorities.add(certificate).map_err(|failure| {
                let (number, why) = (number + 1, failure.message);
                Failure::invalid(format!("extra certificate {number} is not usable: {why}"))
                    .hint("give certificates of authorities, in DER")
            })?;
        }
        let mut tls = lucid_outgoing::tls(authorities)?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        tls.resumption = Resumption::disabled();
        Ok(Self { network: options.network.clone(), tls: Arc::new(tls) })
    }

    /// Connects for a request that was admitted, within a time.
    pub(super) async fn connect(
        &self,
        session: &Session,
        target: &Target,
        within: Duration,
    ) -> Result<Box<dyn Connection>, Error> {
        let connecting = async {
            let addresses = self.allowed_addresses(session, target).await?;
            let connection = self.first_that_answers(&addresses, target.port, within).await?;
            if target.secure { self.secured(target, connection).await } else { Ok(connection) }
        };
        timeout(within, connecting).await.unwrap_or(Err(Error::ConnectionTimeout))
    }

    /// The addresses that a target leads to and that policy allows.
    async fn allowed_addresses(
        &self,
        session: &Session,
        target: &Target,
    ) -> Result<Vec<IpAddr>, Error> {
        let found = match &target.host {
            Host::Name(name) => {
                let answers = self.network.resolve(name, target.port).await;
                let answers = answers.map_err(|_| no_such_name())?;
                answers.iter().map(SocketAddr::ip).take(ADDRESSES_MAX).collect()
            }
            Host::V4(address) => vec![IpAddr::from(*address)],
            Host::V6(address) => vec![IpAddr::from(*address)],
        };
        let mut denied = None;
        let mut allowed = Vec::new();
        for address in found {
            match may_connect(&session.rules, target, address) {
                Ok(()) if allowed.contains(&address) => {}
                Ok(()) => allowed.push(address),
                Err(denial) => denied = denied.or(Some(denial)),
            }
        }
        match denied {
            _ if !allowed.is_empty() => Ok(allowed),
            Some(denial) => {
                session.denied(denial);
                Err(Error::DestinationIpProhibited)
            }
            None => Err(no_such_name()),
        }
    }

    async fn first_that_answers(
        &self,
        addresses: &[IpAddr],
        port: u16,
        within: Duration,
    ) -> Result<Box<dyn Connection>, Error> {
        let tried = addresses.iter().take(ADDRESSES_TRIED_MAX);
        // One that swallows what is sent to it leaves time for the others.
        let each = within / u32::try_from(tried.len()).unwrap_or(1).max(1);
        let mut last = Error::DestinationNotFound;
        for address in tried {
            let address = SocketAddr::new(*address, port);
            last = match timeout(each, self.network.connect(address)).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => not_connected(&error),
                Err(_elapsed) => Error::ConnectionTimeout,
            };
        }
        Err(last)
    }

    async fn secured(
        &self,
        target: &Target,
        connection: Box<dyn Connection>,
    ) -> Result<Box<dyn Connection>, Error> {
        let name = match &target.host {
            Host::Name(name) => {
                ServerName::try_from(name.clone()).map_err(|_| Error::HttpRequestUriInvalid)?
            }
            Host::V4(address) => ServerName::from(IpAddr::from(*address)),
            Host::V6(address) => ServerName::from(IpAddr::from(*address)),
        };
        let connector = TlsConnector::from(self.tls.clone());
        match connector.connect(name, connection).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(not_secured(&error)),
        }
    }
}

/// Errors say what happened and repeat nothing that was sent or received.
fn no_such_name() -> Error {
    Error::DnsError { rcode: None, info_code: None }
}

fn not_connected(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        io::ErrorKind::TimedOut => Error::ConnectionTimeout,
        _ => Error::DestinationUnavailable,
    }
}

fn not_secured(error: &io::Error) -> Error {
    if is_untrusted(error) { Error::TlsCertificateError } else { Error::TlsProtocolError }
}
