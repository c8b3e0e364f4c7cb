//! A tool whose effects can be counted from outside: each payment is one request to a peer,
//! and one line of a book.
//!
//! The peer is in the environment: `PEER` is its address, and `RUN` the account.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use std::io::Write as _;

use lucid_sdk::tool::{Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

/// Where payments are written down, one number a line.
const BOOK: &str = "/workspace/book.txt";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Payment {
    /// Which payment.
    number: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    /// The file, as the agent sees it.
    path: String,
    /// All that it is to hold.
    text: String,
}

fn list(_: Nothing) -> Result<String, ToolError> {
    ask(raw::Verb::Get, "list")
}

/// Pays first and writes it down after that: between the two there is a moment.
fn pay(input: Payment) -> Result<String, ToolError> {
    let number = input.number;
    let said = ask(raw::Verb::Post, &format!("pay/{number}"))?;
    let mut book = std::fs::OpenOptions::new().append(true).create(true).open(BOOK)?;
    book.write_all(format!("{number}\n").as_bytes())?;
    Ok(said)
}

fn note(input: Note) -> Result<String, ToolError> {
    std::fs::write(&input.path, &input.text)?;
    Ok(format!("{} has {} bytes", input.path, input.text.len()))
}

fn ask(verb: raw::Verb, what: &str) -> Result<String, ToolError> {
    let variable = |name: &str| {
        std::env::var(name).map_err(|_| ToolError::failed(format!("there is no {name}")))
    };
    let path = format!("/{}/{what}", variable("RUN")?);
    raw::ask(verb, &variable("PEER")?, &path).map_err(ToolError::Failed)
}

#[cfg(target_os = "wasi")]
mod raw {
    use wasip2::http::outgoing_handler::handle;
    use wasip2::http::types::{
        Fields, IncomingBody, IncomingResponse, Method, OutgoingRequest, Scheme,
    };

    pub(super) enum Verb {
        Get,
        Post,
    }

    pub(super) fn ask(verb: Verb, authority: &str, path: &str) -> Result<String, String> {
        let method = match verb {
            Verb::Get => Method::Get,
            Verb::Post => Method::Post,
        };
        let request = OutgoingRequest::new(Fields::new());
        let ready = request
            .set_method(&method)
            .and_then(|()| request.set_scheme(Some(&Scheme::Http)))
            .and_then(|()| request.set_authority(Some(authority)))
            .and_then(|()| request.set_path_with_query(Some(path)));
        ready.map_err(|()| "not a request".to_owned())?;
        let answer = handle(request, None).map_err(|error| format!("{error:?}"))?;
        answer.subscribe().block();
        match answer.get() {
            Some(Ok(Ok(response))) if response.status() == 200 => text(&response),
            Some(Ok(Ok(response))) => Err(format!("the peer says {}", response.status())),
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

    pub(super) enum Verb {
        Get,
        Post,
    }

    pub(super) fn ask(_verb: Verb, _authority: &str, _path: &str) -> Result<String, String> {
        Err("no host".to_owned())
    }
}

lucid_sdk::export_tools![
    Tool::new("list", "Lists the payments that the peer has.", list).read_only(),
    Tool::new("pay", "Pays once, and writes it into the book.", pay),
    Tool::new("note", "Writes a whole file.", note).idempotent(),
];
