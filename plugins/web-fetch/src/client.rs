//! Sending a request, through the host.

use crate::url::Url;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// Policy does not allow the request.
    Denied,
    /// Nobody answered, or nothing that could be read: in a few words.
    Failed(String),
}

/// The head of an answer; its body is read when it is wanted.
pub trait Answer {
    /// The status.
    fn status(&self) -> u16;

    /// The first value of a field, its name in lower case.
    fn field(&self, name: &str) -> Option<String>;

    /// At most so many bytes of the body, and whether there are more.
    ///
    /// # Errors
    /// In a few words, why it broke off.
    fn body(self, bytes_max: usize) -> Result<(Vec<u8>, bool), String>;
}

/// What sends requests.
pub trait Client {
    /// What it gives.
    type Answer: Answer;

    /// Sends a GET and waits for the head of the answer.
    ///
    /// # Errors
    /// Why there is none.
    fn get(&self, url: &Url) -> Result<Self::Answer, NoAnswer>;
}

/// Sends through `wasi:http`. Outside of a component there is no host, and nobody answers.
pub struct WasiClient;

/// What errors of the host begin with, and what they say to an agent. Those of a head are named
/// as in WASI, those of a body are written as a sentence.
const TOLD: [(&str, &str); 15] = [
    ("DnsError", "its name is not known"),
    ("DnsTimeout", "its name is not known"),
    ("ConnectionRefused", "nobody is there"),
    ("Destination", "nobody is there"),
    ("ConnectionTimeout", "it did not answer in time"),
    ("ConnectionReadTimeout", "it did not answer in time"),
    ("connection read timeout", "it did not answer in time"),
    ("TlsCertificateError", "its certificate is not valid"),
    ("Tls", "it does not speak TLS as it should"),
    ("HttpResponseIncomplete", "its answer broke off"),
    ("ConnectionTerminated", "its answer broke off"),
    ("incomplete HTTP response", "its answer broke off"),
    ("connection terminated", "its answer broke off"),
    ("HttpProtocolError", "its answer is not HTTP as it should be"),
    ("HTTP protocol error", "its answer is not HTTP as it should be"),
];

/// What happened, for an agent, from how the host writes its error.
#[cfg_attr(not(target_os = "wasi"), allow(dead_code, reason = "outside there is no host"))]
fn told(error: &str) -> String {
    let error = error.strip_prefix("ErrorCode::").unwrap_or(error);
    match TOLD.iter().find(|(begins, _)| error.starts_with(begins)) {
        Some((_, told)) => (*told).to_owned(),
        None => error.chars().filter(|c| !c.is_control()).take(100).collect(),
    }
}

#[cfg(target_os = "wasi")]
mod wasi {
    use super::{Answer, Client, NoAnswer, WasiClient, told};
    use crate::url::Url;
    use wasip2::http::outgoing_handler::handle;
    use wasip2::http::types::{
        ErrorCode, Fields, IncomingBody, IncomingResponse, OutgoingRequest, RequestOptions, Scheme,
    };
    use wasip2::io::streams::{InputStream, StreamError};

    /// What is sent with every request. Nothing here unpacks, so nothing packed is asked for.
    const FIELDS: [(&str, &str); 3] = [
        ("accept", "text/html, text/*;q=0.9, application/json;q=0.9, */*;q=0.1"),
        ("accept-encoding", "identity"),
        ("user-agent", concat!("lucid-web-fetch/", env!("CARGO_PKG_VERSION"))),
    ];

    /// How long is waited, in nanoseconds, for a connection and between two parts of a body.
    const WAIT_NS: u64 = 10_000_000_000;
    /// The same, for an answer to begin. A call has 30 s in all, unless a mission gives more.
    const ANSWER_WAIT_NS: u64 = 20_000_000_000;

    /// Bytes of a body that are taken at once.
    const PART_BYTES: u64 = 64 << 10;

    impl Client for WasiClient {
        type Answer = IncomingResponse;

        fn get(&self, url: &Url) -> Result<IncomingResponse, NoAnswer> {
            let answer = handle(request(url)?, Some(options()?)).map_err(no_answer)?;
            loop {
                match answer.get() {
                    Some(Ok(Ok(answer))) => return Ok(answer),
                    Some(Ok(Err(code))) => return Err(no_answer(code)),
                    Some(Err(())) => return Err(failed("its answer is gone")),
                    None => answer.subscribe().block(),
                }
            }
        }
    }

    fn request(url: &Url) -> Result<OutgoingRequest, NoAnswer> {
        let fields = Fields::new();
        for (name, value) in FIELDS {
            fields.append(name, value.as_bytes()).map_err(|_| failed("a field was not taken"))?;
        }
        let request = OutgoingRequest::new(fields);
        let scheme = if url.secure { Scheme::Https } else { Scheme::Http };
        let ready = request
            .set_scheme(Some(&scheme))
            .and_then(|()| request.set_authority(Some(&url.authority)))
            .and_then(|()| request.set_path_with_query(Some(&url.path_and_query())));
        // What is no host at all is refused here, before policy would.
        ready.map(|()| request).map_err(|()| NoAnswer::Denied)
    }

    fn options() -> Result<RequestOptions, NoAnswer> {
        let options = RequestOptions::new();
        let set = options
            .set_connect_timeout(Some(WAIT_NS))
            .and_then(|()| options.set_first_byte_timeout(Some(ANSWER_WAIT_NS)))
            .and_then(|()| options.set_between_bytes_timeout(Some(WAIT_NS)));
        set.map(|()| options).map_err(|()| failed("its waits were not taken"))
    }

    impl Answer for IncomingResponse {
        fn status(&self) -> u16 {
            IncomingResponse::status(self)
        }

        fn field(&self, name: &str) -> Option<String> {
            let values = self.headers().get(name);
            values.first().map(|value| String::from_utf8_lossy(value).into_owned())
        }

        fn body(self, bytes_max: usize) -> Result<(Vec<u8>, bool), String> {
            let body: IncomingBody = self.consume().map_err(|()| "it has no body")?;
            // Goes before the body does: it is a part of it.
            let stream = body.stream().map_err(|()| "its body is gone")?;
            read(&stream, bytes_max)
        }
    }

    fn read(stream: &InputStream, bytes_max: usize) -> Result<(Vec<u8>, bool), String> {
        let mut bytes = Vec::new();
        loop {
            match stream.blocking_read(PART_BYTES) {
                Ok(part) => bytes.extend(part),
                Err(StreamError::Closed) => return Ok((bytes, false)),
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(told(&error.to_debug_string()));
                }
            }
            if bytes.len() > bytes_max {
                bytes.truncate(bytes_max);
                return Ok((bytes, true));
            }
        }
    }

    fn no_answer(code: ErrorCode) -> NoAnswer {
        match code {
            ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => NoAnswer::Denied,
            code => NoAnswer::Failed(told(&format!("{code:?}"))),
        }
    }

    fn failed(why: &str) -> NoAnswer {
        NoAnswer::Failed(why.to_owned())
    }
}

#[cfg(not(target_os = "wasi"))]
mod native {
    use super::{Answer, Client, NoAnswer, WasiClient};
    use crate::url::Url;
    use std::convert::Infallible;

    impl Client for WasiClient {
        type Answer = Infallible;

        fn get(&self, _: &Url) -> Result<Infallible, NoAnswer> {
            Err(NoAnswer::Failed("there is no host".to_owned()))
        }
    }

    impl Answer for Infallible {
        fn status(&self) -> u16 {
            match *self {}
        }

        fn field(&self, _: &str) -> Option<String> {
            match *self {}
        }

        fn body(self, _: usize) -> Result<(Vec<u8>, bool), String> {
            match self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_happened_is_said_in_words_however_the_host_writes_it() {
        assert_eq!(told("ErrorCode::ConnectionRefused"), "nobody is there");
        assert_eq!(told("HttpResponseIncomplete"), "its answer broke off");
        assert_eq!(told("connection terminated\n\nStack:\n 0: x"), "its answer broke off");
        let name = "ErrorCode::DnsError(DnsErrorPayload { rcode: None, info-code: None })";
        assert_eq!(told(name), "its name is not known");
        assert_eq!(told("ErrorCode::LoopDetected"), "LoopDetected");
        assert_eq!(told(&"x\n".repeat(500)).len(), 100);
    }
}
