//! What requests of this program are sent with: who may vouch for a server, TLS, and the client.
//!
//! All of it does what its settings say, and nothing that the machine or its environment says:
//! no proxies from variables, no certificates from folders. Nothing is sent here.
#![forbid(unsafe_code)]

mod authorities;
mod reason;

use std::sync::Arc;

use lucid_core::{Failure, Result};
use reqwest::{Client, ClientBuilder, redirect};
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

pub use authorities::Authorities;
pub use reason::{innermost, is_untrusted};

/// TLS for HTTP in both of its versions, with servers that these authorities vouch for. The
/// provider is named here: what other code in the process installed as its default is not asked.
///
/// # Errors
/// Failed, when the provider has no version of TLS that is still safe.
pub fn tls(authorities: Authorities) -> Result<ClientConfig> {
    let mut tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::failed(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(authorities.into_roots())
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// The beginning of every HTTP client: no proxy that is not named later, no redirects, which
/// would carry a key to another host, and nothing told of where a request comes from. Times are
/// for the caller to bound.
pub fn client(tls: ClientConfig) -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .user_agent(concat!("lucid/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls)
}
