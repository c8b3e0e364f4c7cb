//! A tool that sends a request, and tells its log, its standard streams, a file and whoever
//! called it what came back.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what it says there must be as masked as anything else"
)]

use lucid_sdk::tool::{Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Fetch {
    /// Host and port.
    authority: String,
    /// Path and query.
    path: String,
    /// A file that is to hold what came back.
    file: Option<String>,
}

fn fetch(input: Fetch) -> Result<String, ToolError> {
    let body = raw::get(&input.authority, &input.path).map_err(ToolError::Failed)?;
    lucid_sdk::log::info(&body);
    println!("{body}");
    eprintln!("{body}");
    if let Some(file) = input.file {
        std::fs::write(file, &body).map_err(|error| ToolError::Failed(error.to_string()))?;
    }
    Ok(body)
}

#[cfg(target_os = "wasi")]
mod raw {
    use wasip2::http::outgoing_handler::handle;
    use wasip2::http::types::{Fields, IncomingBody, IncomingResponse, OutgoingRequest, Scheme};

    pub(super) fn get(authority: &str, path: &str) -> Result<String, String> {
        let request = OutgoingRequest::new(Fields::new());
        let ready = request
            .set_scheme(Some(&Scheme::Http))
            .and_then(|()| request.set_authority(Some(authority)))
            .and_then(|()| request.set_path_with_query(Some(path)));
        ready.map_err(|()| "not a request".to_owned())?;
        let answer = handle(request, None).map_err(|error| format!("{error:?}"))?;
        answer.subscribe().block();
        match answer.get() {
            Some(Ok(Ok(response))) => text(&response),
            other => Err(format!("no answer: {other:?}")),
        }
    }

    fn text(response: &IncomingResponse) -> Result<String, String> {
        let body: IncomingBody = response.consume().map_err(|()| "no body".to_owned())?;
        let stream = body.stream().map_err(|()| "no stream".to_owned())?;
        let mut bytes = Vec::new();
        // The stream's end is told as an error.
        while let Ok(part) = stream.blocking_read(1 << 16) {
            bytes.extend(part);
        }
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }
}

#[cfg(not(target_os = "wasi"))]
mod raw {
    //! Outside a component there is no host.

    pub(super) fn get(_authority: &str, _path: &str) -> Result<String, String> {
        Err("no host".to_owned())
    }
}

lucid_sdk::export_tools![Tool::new("fetch", "Sends a request.", fetch).open_world()];
