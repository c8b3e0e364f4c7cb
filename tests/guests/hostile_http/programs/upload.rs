//! Sends a body without end.

use hostile_http::Request;

/// `input` is the URL.
fn upload(input: &str) -> String {
    let chunk = vec![b'x'; 4_096];
    let request = Request::get(input).post(&[]);
    let made = request.make().and_then(|made| {
        let body = made.body().map_err(|()| "body")?;
        Ok((made, body))
    });
    let Ok((made, body)) = made else { return "not made".to_owned() };
    let Ok(answer) = hostile_kit::wasi::http::outgoing_handler::handle(made, None) else {
        return "not sent".to_owned();
    };
    let Ok(stream) = body.write() else { return "no stream".to_owned() };
    let mut written = 0_u64;
    while stream.blocking_write_and_flush(&chunk).is_ok() {
        written += 4_096;
    }
    format!("{written} {:?}", hostile_http::wait(&answer).map(drop))
}

hostile_kit::attack!(upload);
