//! Reads a body without end.

use hostile_http::Request;

/// `input` is the URL.
fn download(input: &str) -> String {
    match Request::get(input).begin() {
        Err(error) => error,
        Ok(answer) => {
            let Ok(body) = answer.consume() else { return "no body".to_owned() };
            let Ok(stream) = body.stream() else { return "no stream".to_owned() };
            let mut read = 0;
            while let Ok(bytes) = stream.blocking_read(64 << 10) {
                read += bytes.len();
            }
            read.to_string()
        }
    }
}

hostile_kit::attack!(download);
