//! Ends a body with fields that belong to the head.

use hostile_http::{Fields, OutgoingBody, Request, wait, whole, write};
use hostile_kit::wasi::http::outgoing_handler::handle;

/// `input` is the URL.
fn trailers(input: &str) -> String {
    let mut told = Vec::new();
    for (name, value) in [
        ("x-trailer", "a"),
        ("host", "evil.example"),
        ("content-length", "5"),
        ("transfer-encoding", "chunked"),
        ("authorization", "guess"),
        ("x-trailer", "a\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
    ] {
        told.push(one(input, name, value).unwrap_or_else(|error| error));
    }
    told.join("\n")
}

fn one(input: &str, name: &str, value: &str) -> Result<String, String> {
    let fields = Fields::new();
    fields.append(name, value.as_bytes()).map_err(|error| format!("{error:?}"))?;
    let request = Request::get(input).post(&[]).make()?;
    let body = request.body().map_err(|()| "body")?;
    let answer = handle(request, None).map_err(|code| hostile_http::told(&code))?;
    write(&body, &[b"body".to_vec()]);
    OutgoingBody::finish(body, Some(fields)).map_err(|code| hostile_http::told(&code))?;
    Ok(whole(&wait(&answer)?).text())
}

hostile_kit::attack!(trailers);
