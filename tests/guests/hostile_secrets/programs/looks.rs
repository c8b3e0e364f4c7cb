//! Looks for a secret where it does not belong: in the environment, in errors, in the texts
//! of what went wrong.

use hostile_http::Request;
use hostile_kit::wasi::cli::environment::{get_arguments, get_environment};
use hostile_kit::wasi::http::types::http_error_code;
use hostile_kit::wasi::io::streams::StreamError;

/// `input` is the URL, and how many ways the server knows to fail.
fn looks(input: &str) -> String {
    let Some((url, count)) = input.split_once(' ') else { return "how many?".to_owned() };
    let count = count.parse::<u32>().unwrap_or(0);
    let mut told = vec![format!("{:?} {:?}", get_environment(), get_arguments())];
    for number in 0..count {
        told.push(one(&format!("{url}/{number}")).unwrap_or_else(|error| error));
    }
    let all = told.join("\n");
    hostile_kit::say(&all);
    eprintln!("{all}");
    println!("{all}");
    all
}

fn one(url: &str) -> Result<String, String> {
    let answer = Request::get(url).begin()?;
    let mut told = format!("{:?}", answer.headers().entries());
    let body = answer.consume().map_err(|()| "no body")?;
    let stream = body.stream().map_err(|()| "no stream")?;
    loop {
        match stream.blocking_read(1 << 10) {
            Ok(bytes) => told.push_str(&String::from_utf8_lossy(&bytes)),
            Err(StreamError::Closed) => return Ok(told),
            Err(StreamError::LastOperationFailed(error)) => {
                let code = http_error_code(&error);
                return Ok(format!("{told} {code:?} {}", error.to_debug_string()));
            }
        }
    }
}

hostile_kit::attack!(looks);
