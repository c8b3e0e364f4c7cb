//! What the programs that send share: a client that checks nothing and repairs nothing.

pub use hostile_kit::wasi::http::types::{
    ErrorCode, Fields, HeaderError, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
};

use hostile_kit::wasi::http::outgoing_handler::handle;
use hostile_kit::wasi::http::types::{FutureIncomingResponse, IncomingBody};
use hostile_kit::wasi::io::streams::{InputStream, StreamError};

/// A request as it is to be sent.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The word before `://`.
    pub scheme: Scheme,
    /// What stands between scheme and path.
    pub authority: String,
    /// Path and query.
    pub path: String,
    /// Header fields.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The body, in the chunks in which it is written; none is sent where there is none.
    pub body: Option<Vec<Vec<u8>>>,
}

/// What came back.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Header fields.
    pub fields: Vec<(String, Vec<u8>)>,
    /// As much of the body as came.
    pub body: Vec<u8>,
    /// How the body ended: `whole`, or the host's words for what went wrong.
    pub ended: String,
}

impl Response {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first value of a header field, as text.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }
}

impl Request {
    /// GET of a URL; what follows the first `/` after the authority is its path.
    #[must_use]
    pub fn get(url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            other => Scheme::Other(other.to_owned()),
        };
        Self {
            method: Method::Get,
            scheme,
            authority: authority.to_owned(),
            path: path.to_owned(),
            fields: Vec::new(),
            body: None,
        }
    }

    /// The same, with one more header field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.fields.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// The same, as POST with a body.
    #[must_use]
    pub fn post(mut self, body: &[&[u8]]) -> Self {
        self.method = Method::Post;
        self.body = Some(body.iter().map(|chunk| chunk.to_vec()).collect());
        self
    }

    /// Makes what the host takes; header fields that it does not take are an error.
    ///
    /// # Errors
    /// What was not taken.
    pub fn make(&self) -> Result<OutgoingRequest, String> {
        let fields = Fields::new();
        for (name, value) in &self.fields {
            fields.append(name, value).map_err(|error| format!("field: {error:?}"))?;
        }
        let request = OutgoingRequest::new(fields);
        request.set_method(&self.method).map_err(|()| "method")?;
        request.set_scheme(Some(&self.scheme)).map_err(|()| "scheme")?;
        request.set_authority(Some(&self.authority)).map_err(|()| "authority")?;
        request.set_path_with_query(Some(&self.path)).map_err(|()| "path")?;
        Ok(request)
    }

    /// Sends it, and waits for the head of the answer.
    ///
    /// # Errors
    /// The host's word for what went wrong.
    pub fn begin(&self) -> Result<IncomingResponse, String> {
        let request = self.make()?;
        let body = match &self.body {
            Some(chunks) => Some((request.body().map_err(|()| "body")?, chunks)),
            None => None,
        };
        let answer = handle(request, None).map_err(|code| told(&code))?;
        if let Some((body, chunks)) = body {
            write(&body, chunks);
            // What goes wrong here is said by the answer.
            let _ = OutgoingBody::finish(body, None);
        }
        wait(&answer)
    }

    /// Sends it, and reads the answer to its end.
    ///
    /// # Errors
    /// The host's word for what went wrong.
    pub fn send(&self) -> Result<Response, String> {
        self.begin().map(|answer| whole(&answer))
    }
}

/// The name of an error, as the host gave it.
#[must_use]
pub fn told(code: &ErrorCode) -> String {
    let told = format!("{code:?}");
    told.strip_prefix("ErrorCode::").unwrap_or(&told).to_owned()
}

/// Writes the chunks of a body, as far as they are taken.
pub fn write(body: &OutgoingBody, chunks: &[Vec<u8>]) {
    let Ok(stream) = body.write() else { return };
    for chunk in chunks {
        // An empty chunk is written, too.
        let parts = chunk.chunks(4_096).chain(chunk.is_empty().then_some(chunk.as_slice()));
        for part in parts {
            if stream.blocking_write_and_flush(part).is_err() {
                return;
            }
        }
    }
}

/// Waits for the head of an answer.
///
/// # Errors
/// The host's word for what went wrong.
pub fn wait(answer: &FutureIncomingResponse) -> Result<IncomingResponse, String> {
    loop {
        match answer.get() {
            Some(Ok(Ok(answer))) => return Ok(answer),
            Some(Ok(Err(code))) => return Err(told(&code)),
            Some(Err(())) => return Err("taken".to_owned()),
            None => answer.subscribe().block(),
        }
    }
}

/// Reads an answer to its end.
#[must_use]
pub fn whole(answer: &IncomingResponse) -> Response {
    let fields = answer.headers().entries();
    let mut response =
        Response { status: answer.status(), fields, body: Vec::new(), ended: "no body".to_owned() };
    let Ok(incoming) = answer.consume() else { return response };
    if let Ok(stream) = incoming.stream() {
        response.ended = read(&stream, &mut response.body);
    }
    let _ = IncomingBody::finish(incoming);
    response
}

/// Reads a stream to its end, and says how that was.
fn read(stream: &InputStream, into: &mut Vec<u8>) -> String {
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(bytes) => into.extend(bytes),
            Err(StreamError::Closed) => return "whole".to_owned(),
            Err(StreamError::LastOperationFailed(error)) => return error.to_debug_string(),
        }
    }
}
