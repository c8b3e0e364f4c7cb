//! TLS of requests that the server makes: with the provider and the authorities that the engine
//! has, too, whatever the machine says.

use std::sync::Arc;

use lucid_core::{Failure, Result};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A client's configuration, for HTTP in both of its versions.
///
/// # Errors
/// Failed, when the provider has no version of TLS that is still safe.
pub(crate) fn client() -> Result<ClientConfig> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let mut tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::failed(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}
