use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;
use crate::name::ModelName;

/// A server with a certificate that it gave itself; answers one connection and gives what it
/// was asked, or nothing when nobody trusted it.
async fn server() -> (SocketAddr, CertificateDer<'static>, JoinHandle<Option<String>>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.ok()?;
        let mut stream = TlsAcceptor::from(Arc::new(tls)).accept(stream).await.ok()?;
        let mut asked = Vec::new();
        while !asked.ends_with(b"{}") {
            let mut part = [0; 1_024];
            match stream.read(&mut part).await.ok()? {
                0 => return None,
                length => asked.extend_from_slice(&part[..length]),
            }
        }
        let answer = b"HTTP/1.1 200 OK\r\nX-Number: 7\r\nContent-Length: 5\r\n\r\nhello";
        stream.write_all(answer).await.ok()?;
        stream.shutdown().await.ok()?;
        String::from_utf8(asked).ok()
    });
    (address, certificate, asked)
}

fn settings() -> RemoteSettings {
    RemoteSettings::new(ModelName::Anthropic("claude-sonnet-5".into()))
}

fn request(url: String) -> HttpRequest {
    HttpRequest {
        method: "POST",
        url,
        headers: vec![("accept".into(), "text/event-stream".into())],
        secret_headers: vec![("x-api-key".into(), Key::new("sk-hush"))],
        body: "{}".into(),
    }
}

#[tokio::test]
async fn a_server_with_a_trusted_certificate_is_asked_over_tls() {
    let (address, certificate, asked) = server().await;
    let mut authorities = Authorities::public();
    authorities.add(&certificate).unwrap();
    let transport = HttpTransport::trusting(authorities, &settings()).unwrap();
    let url = format!("https://localhost:{}/v1/messages", address.port());
    let mut response = transport.send(request(url)).await.unwrap();
    assert_eq!((response.status, response.header("x-number")), (200, Some("7")));
    assert_eq!(response.body.next().await.unwrap().unwrap(), "hello");
    let asked = asked.await.unwrap().unwrap();
    assert!(asked.starts_with("POST /v1/messages HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("x-api-key: sk-hush\r\n"), "{asked}");
    assert!(asked.contains(concat!("user-agent: lucid/", env!("CARGO_PKG_VERSION"))), "{asked}");
}

#[tokio::test]
async fn a_server_nobody_vouches_for_does_not_see_the_key() {
    let (address, _, asked) = server().await;
    let transport = HttpTransport::new(&settings()).unwrap();
    let url = format!("https://localhost:{}/v1/messages", address.port());
    let error = transport.send(request(url)).await.unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::Unavailable);
    assert!(error.failure.message.contains("certificate"), "{error}");
    assert_eq!(asked.await.unwrap(), None);
}

#[tokio::test]
async fn a_connection_that_does_not_stand_in_time_is_given_up() {
    // A host that takes no connections and refuses none: its queue is full.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let connecting = tokio::net::TcpStream::connect(address);
        waiting.push(tokio::time::timeout(Duration::from_millis(50), connecting).await);
    }
    let settings = RemoteSettings { connect_timeout_ms: 100, ..settings() };
    let transport = HttpTransport::new(&settings).unwrap();
    let error = transport.send(request(format!("http://{address}"))).await.unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::Unavailable);
    assert_eq!(error.failure.message, "no connection within 100 ms");
}

#[test]
fn a_proxy_that_is_none_is_refused_without_its_password() {
    let settings = RemoteSettings { proxy: Some("http://me:hush@".into()), ..settings() };
    let error = HttpTransport::new(&settings).unwrap_err();
    assert!(error.message.contains("proxy"), "{error}");
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
}

#[test]
fn a_header_that_http_cannot_carry_is_no_request_and_a_secret_is_marked() {
    let mut odd = request("http://localhost".into());
    assert!(headers(&odd).unwrap()["x-api-key"].is_sensitive());
    odd.secret_headers = vec![("x-api-key".into(), Key::new("hush\r\nx-more: 1"))];
    let error = headers(&odd).unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::Rejected);
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
}
