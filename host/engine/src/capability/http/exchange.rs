//! One request and its answer, over one connection that is used for nothing else.

use std::error::Error as _;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, HOST, TRANSFER_ENCODING,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use lucid_policy::http::{Target, attach, header_allowed, is_hop_by_hop};
use lucid_policy::redact::Redactor;
use tokio::time::timeout;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::Sent;
use super::body::{RequestBody, ResponseBody};
use super::draft::Draft;
use super::lending::Lent;
use super::meter::Metered;
use super::session::{Session, path_of};

/// The longest that is waited for a connection, for an answer to begin, and for it to go on.
/// The call's own deadline ends it in any case.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The shortest: zero would be a mistake, and has been a panic (GHSA-w4qr).
const WAIT_MIN: Duration = Duration::from_millis(1);

/// Bytes of the head of an answer, and of its trailers.
const HEAD_BYTES_MAX: usize = 32 << 10;

/// Bytes that are read of an answer before the guest asks for them.
const BUFFER_BYTES_MAX: usize = 64 << 10;

/// Sends a request that was admitted. What it gives beside the answer has to be polled for
/// the answer's body to come, and closes the connection when it is dropped.
///
/// A request whose credential is refused is sent once more, where there is a newer one and all
/// of its body is here.
pub(super) async fn send(
    session: Arc<Session>,
    target: Target,
    request: Request<WasiBody>,
    options: RequestOptions,
) -> Result<Sent, Error> {
    let path = path_of(request.uri());
    let lent = session.lend(&target, &path).await?;
    let (head, body) = request.into_parts();
    let mut draft = Draft::read(body, declared_length(&head.headers)?, &lent).await?;
    let asked = Asked { session, target, path, head, options };
    let sent = asked.send(&lent, &mut draft).await?;
    if sent.0.status() != StatusCode::UNAUTHORIZED || !draft.is_whole() {
        return Ok(sent);
    }
    let Asked { session, target, path, .. } = &asked;
    match session.renew(target, path, &lent).await {
        Some(renewed) if session.meter.has_room() && session.meter.count_request() => {
            drop(sent);
            asked.send(&renewed, &mut draft).await
        }
        _ => Ok(sent),
    }
}

/// A request, without its body.
struct Asked {
    session: Arc<Session>,
    target: Target,
    path: String,
    head: Parts,
    options: RequestOptions,
}

impl Asked {
    /// Sends it with what was lent.
    async fn send(&self, lent: &Lent, draft: &mut Draft) -> Result<Sent, Error> {
        let Self { session, target, options, .. } = self;
        let connecting = session.client.connect(session, target, wait(options.connect_timeout));
        let connection = connecting.await?;
        let request = self.on_the_wire(lent, draft)?;
        let connection = TokioIo::new(Metered::new(connection, session.meter.clone()));
        // No HTTP/2, no folded lines, no answer without a head: that is how it begins.
        let opened = http1::Builder::new()
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(BUFFER_BYTES_MAX)
            .handshake(connection)
            .await;
        let (mut sender, connection) = opened.map_err(|error| failed(session, &error))?;
        let mut connection = Box::pin(connection);
        let answer = {
            let answering = async {
                let mut answer = pin!(sender.send_request(request));
                tokio::select! {
                    biased;
                    answer = &mut answer => answer,
                    // The connection is done; what it made of the answer is there by now.
                    _ = &mut connection => answer.await,
                }
            };
            let first_byte = wait(options.first_byte_timeout);
            timeout(first_byte, answering).await.map_err(|_| Error::ConnectionReadTimeout)?
        };
        let answer = answer.map_err(|error| failed(session, &error))?;
        let (mut head, body) = answer.into_parts();
        check_framing(head.status, &head.headers)?;
        let redactor = session.redactor();
        // What is packed cannot be masked, and a secret may come from whoever was sent it.
        if !redactor.is_empty() && head.headers.get_all(CONTENT_ENCODING).iter().any(is_packed) {
            return Err(Error::HttpResponseContentCoding(None));
        }
        clean(&mut head.headers);
        mask(&mut head.headers, &redactor)?;
        let pause = wait(options.between_bytes_timeout);
        let body = ResponseBody::new(body, session.clone(), pause).boxed_unsync();
        let going_on = Box::new(Driver(connection));
        Ok((Response::from_parts(head, body), going_on))
    }

    /// Writes the head anew: what the guest may set, what frames the message, and secrets.
    fn on_the_wire(&self, lent: &Lent, draft: &mut Draft) -> Result<Request<RequestBody>, Error> {
        let Self { session, target, path, head: guest, .. } = self;
        let body = draft.next(lent)?;
        let mut headers = HeaderMap::with_capacity(guest.headers.len() + 4);
        headers.insert(HOST, plain_value(&target.authority())?);
        for (name, value) in &guest.headers {
            if header_allowed(name.as_str()) && name != CONTENT_LENGTH {
                let filled = lent.fill(value).map(|filled| secret_value(&filled));
                headers.append(name.clone(), filled.unwrap_or_else(|| Ok(value.clone()))?);
            }
        }
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        // What is lent comes last: it is somebody's own.
        let attached = attach(&session.secrets, target);
        for one in attached.chain(&lent.header) {
            let name = HeaderName::from_bytes(one.header().as_bytes());
            let value = secret_value(one.value().as_bytes())?;
            headers.insert(name.map_err(|_| Error::ConfigurationError)?, value);
        }
        // Whoever sends back a secret that is not in this request may do so, too.
        if !session.redactor().is_empty() {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let uri = path.parse().map_err(|_| Error::HttpRequestUriInvalid)?;
        let mut request = Request::new(body);
        *request.method_mut() = guest.method.clone();
        *request.uri_mut() = uri;
        *request.version_mut() = Version::HTTP_11;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// Keeps a connection going until it is done or dropped. What goes wrong is said by the body.
struct Driver<C>(Pin<Box<C>>);

impl<C: Future> Future for Driver<C> {
    type Output = Result<(), Error>;

    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        self.0.as_mut().poll(context).map(|_| Ok(()))
    }
}

fn wait(wanted: Option<Duration>) -> Duration {
    wanted.unwrap_or(WAIT_MAX).clamp(WAIT_MIN, WAIT_MAX)
}

fn plain_value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| Error::ConfigurationError)
}

fn secret_value(bytes: &[u8]) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_bytes(bytes).map_err(|_| Error::ConfigurationError)?;
    value.set_sensitive(true);
    Ok(value)
}

/// How long the guest says that its body will be.
fn declared_length(headers: &HeaderMap) -> Result<Option<u64>, Error> {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => digits(value).map(Some).ok_or(Error::HttpRequestBodySize(None)),
        (Some(_), Some(_)) => Err(Error::HttpRequestBodySize(None)),
    }
}

fn digits(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?;
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Refuses an answer whose end two readers could see in two places.
fn check_framing(status: StatusCode, headers: &HeaderMap) -> Result<(), Error> {
    if status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::HttpUpgradeFailed);
    }
    let lengths: Vec<_> = headers.get_all(CONTENT_LENGTH).iter().collect();
    let codings: Vec<_> = headers.get_all(TRANSFER_ENCODING).iter().collect();
    let chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Ok(()),
        ([length], []) if digits(length).is_some() => Ok(()),
        ([], [coding]) if chunked(coding) => Ok(()),
        (_, []) => Err(Error::HttpProtocolError),
        _ => Err(Error::HttpResponseTransferCoding(None)),
    }
}

fn is_packed(coding: &HeaderValue) -> bool {
    !coding.as_bytes().eq_ignore_ascii_case(b"identity")
}

/// Takes out of an answer's head what belongs to the connection.
fn clean(headers: &mut HeaderMap) {
    let named = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        // A server does not get to hide how long its answer is.
        .filter(|name| name != CONTENT_LENGTH);
    let own = headers.keys().filter(|name| is_hop_by_hop(name.as_str())).cloned();
    let gone: Vec<HeaderName> = named.chain(own).collect();
    for name in gone {
        headers.remove(name);
    }
}

/// Masks secrets in an answer's head.
fn mask(headers: &mut HeaderMap, redactor: &Redactor) -> Result<(), Error> {
    if redactor.is_empty() {
        return Ok(());
    }
    let mut masked = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter() {
        let name = redactor.mask(name.as_str());
        // A name that was masked is no name any more, and nobody looks for it.
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            let value = redactor.mask_bytes(value.as_bytes());
            let value = HeaderValue::from_bytes(&value).map_err(|_| Error::HttpProtocolError)?;
            masked.append(name, value);
        }
    }
    *headers = masked;
    Ok(())
}

/// What went wrong with a connection, without a word of what was on it.
pub(super) fn failed(session: &Session, error: &hyper::Error) -> Error {
    if session.meter.too_many_bytes() {
        return Error::HttpResponseBodySize(Some(session.meter.bytes_max()));
    }
    if error.is_parse_too_large() {
        return Error::HttpResponseHeaderSectionSize(None);
    }
    if error.is_user() {
        return Error::HttpRequestBodySize(None);
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Error::HttpResponseIncomplete;
    }
    let broken = error.source().is_some_and(|source| source.is::<std::io::Error>());
    if broken { Error::ConnectionTerminated } else { Error::HttpProtocolError }
}
