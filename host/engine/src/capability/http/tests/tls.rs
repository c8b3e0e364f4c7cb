//! Through TLS a server has to prove that it is the host that was asked for.

use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::*;

/// An authority that some trust.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn root(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// A server that has a certificate for a name, and would speak HTTP/2, too.
    fn server(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key)
                .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A caller of a server with a certificate for `name`.
fn caller(name: &str, trusted: bool) -> Caller {
    let authority = Authority::new();
    let network = FakeNetwork { tls: Some(authority.server(name)), ..FakeNetwork::saying(OK) };
    let roots = if trusted { vec![authority.root()] } else { Vec::new() };
    Caller::with(network, &["*", "127.0.0.1:8443"], &[], &Limits::STANDARD, &roots)
}

#[tokio::test]
async fn a_server_that_proves_its_name_is_spoken_to_in_http_1() {
    let caller = caller("a.example", true);
    assert_eq!(caller.get("https://a.example/").await.unwrap().text(), "ok");
    assert!(caller.network.seen(0).starts_with("GET / HTTP/1.1\r\nhost: a.example\r\n"));
    let reached = caller.network.connections();
    assert_eq!(reached, [SocketAddr::new(PUBLIC.parse().unwrap(), 443)]);
}

#[tokio::test]
async fn a_server_that_proves_its_address_is_spoken_to() {
    let caller = caller("127.0.0.1", true);
    assert_eq!(caller.get("https://127.0.0.1:8443/").await.unwrap().text(), "ok");
}

#[tokio::test]
async fn a_server_with_another_name_or_an_unknown_authority_is_sent_nothing() {
    for (name, trusted) in [("b.example", true), ("a.example", false), ("9.9.9.9", true)] {
        let caller = caller(name, trusted);
        let refused = caller.get("https://a.example/").await;
        assert!(matches!(refused, Err(Error::TlsCertificateError)), "{name}: {refused:?}");
        assert_eq!(caller.network.seen(0), "", "{name}");
        assert_eq!(caller.session.meter.bytes(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_sent_nothing() {
    let caller = Caller::new(FakeNetwork::answering(|_| Some(OK.into())), &["*"]);
    let refused = caller.get("https://a.example/").await;
    assert!(matches!(refused, Err(Error::TlsProtocolError)), "{refused:?}");
    let seen = caller.network.seen.lock().unwrap().concat();
    assert!(!seen.windows(4).any(|bytes| bytes == b"GET "));
}

#[test]
fn an_extra_certificate_that_is_none_is_refused() {
    let mut options = EngineOptions::standard();
    options.extra_roots = vec![b"no certificate".to_vec()];
    let failure = HttpClient::new(&options).err().unwrap();
    assert_eq!(failure.kind, lucid_core::FailureKind::Invalid);
    assert!(failure.message.contains("certificate 1"), "{failure}");
}
