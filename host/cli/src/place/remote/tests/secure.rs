//! Over TLS a server has to be one that somebody vouches for who is trusted.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::*;
use crate::home;

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";

/// An authority that nobody knows.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Writes an authority's certificate down as such files are.
fn write(file: &Path, authority: &CertifiedIssuer<'static, KeyPair>) {
    let text = STANDARD.encode(authority.der());
    let text = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    std::fs::write(file, text).unwrap();
}

/// A server that an authority vouches for; answers one request over the first connection and
/// gives it, or nothing when it was sent none.
async fn vouched_for(
    authority: &CertifiedIssuer<'static, KeyPair>,
) -> (String, JoinHandle<Option<String>>) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap().der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let asked = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = TlsAcceptor::from(Arc::new(tls)).accept(stream).await.ok()?;
        Some(answer_one(stream, ANSWER).await)
    });
    (url, asked)
}

#[tokio::test]
async fn a_server_of_an_authority_of_ones_own_is_asked_where_a_file_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let (file, own) = (folder.path().join("ca.pem"), authority());
    write(&file, &own);
    let (url, asked) = vouched_for(&own).await;
    let authorities = home::authorities(Some(file)).unwrap();
    let remote = Remote::new(&url, Some("lucid_abc"), false, authorities).unwrap();
    assert_eq!(remote.ask(ListSessions::default()).await, Ok(Vec::new()));
    let asked = asked.await.unwrap().unwrap();
    assert!(asked.contains("\r\nx-api-key: lucid_abc\r\n"), "{asked}");
}

#[tokio::test]
async fn a_server_that_nobody_trusted_vouches_for_never_sees_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    write(&file, &authority());
    let another = home::authorities(Some(file)).unwrap();
    for authorities in [Authorities::public(), another] {
        let (url, asked) = vouched_for(&authority()).await;
        let remote = Remote::new(&url, Some("lucid_abc"), false, authorities).unwrap();
        let failure = remote.ask(ListSessions::default()).await.unwrap_err();
        assert!(failure.message.contains("vouches for the server"), "{failure}");
        assert!(failure.hint.unwrap().contains("--ca-file FILE"));
        assert_eq!(asked.await.unwrap(), None);
    }
}
