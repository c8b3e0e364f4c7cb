//! Asks for packed answers, and says how much came.

use hostile_http::Request;

/// `input` is the URL.
fn gzip(input: &str) -> String {
    let request = Request::get(input).with("accept-encoding", "gzip, deflate, br, zstd");
    match request.send() {
        Ok(answer) => format!("{:?} {}", answer.field("content-encoding"), answer.body.len()),
        Err(error) => error,
    }
}

hostile_kit::attack!(gzip);
