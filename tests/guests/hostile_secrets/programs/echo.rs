//! Sends to a server that says what it was sent, and tells all that it can see of it.

use hostile_http::{Request, wait, whole};
use hostile_kit::wasi::http::outgoing_handler::handle;

/// `input` is the URL, and how many ways the server knows.
fn echo(input: &str) -> String {
    let Some((url, count)) = input.split_once(' ') else { return "how many?".to_owned() };
    let count = count.parse::<u32>().unwrap_or(0);
    let told = (0..count).map(|number| {
        one(&format!("{url}/{number}")).unwrap_or_else(|error| format!("error: {error}"))
    });
    told.collect::<Vec<_>>().join("\n")
}

fn one(url: &str) -> Result<String, String> {
    let request = Request::get(url).with("accept-encoding", "gzip").make()?;
    // The fields of what was sent are still there to be read.
    let sent = request.headers();
    let answer = handle(request, None).map_err(|code| hostile_http::told(&code))?;
    let answer = whole(&wait(&answer)?);
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let fields = answer.fields.iter().map(|(name, value)| format!("{name}={}", shown(value)));
    let sent = sent.entries().into_iter().map(|(name, value)| format!("{name}={}", shown(&value)));
    Ok(format!(
        "sent {:?} got {} {:?} {} {}",
        sent.collect::<Vec<_>>(),
        answer.status,
        fields.collect::<Vec<_>>(),
        answer.ended,
        answer.text(),
    ))
}

hostile_kit::attack!(echo);
