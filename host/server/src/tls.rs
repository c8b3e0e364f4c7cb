//! TLS of requests that the server makes: servers that the public authorities vouch for.

use lucid_core::Result;
use lucid_outgoing::Authorities;
use tokio_rustls::rustls::ClientConfig;

/// A client's configuration, for HTTP in both of its versions.
///
/// # Errors
/// Failed, when TLS cannot be set up.
pub(crate) fn client() -> Result<ClientConfig> {
    lucid_outgoing::tls(Authorities::public())
}
