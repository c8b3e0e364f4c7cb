//! The server under load, on this machine over loopback.
//!
//! `cargo run --release -p lucid-load -- reads|delivery|streams|soak [SECONDS]` measures one
//! thing and prints one JSON object; without a name all of them are measured, the soak for a
//! minute:
//!
//! - `reads`: plain reads, as a ratio to an empty handler in the same run;
//! - `delivery`: from an event that is sent to the same event on a stream, at 200 streams;
//! - `streams`: what the server's process holds for each of 1,000 open streams;
//! - `soak`: whether its memory grows while it works without a break.
//!
//! The first two have the server in this process. The others start the `lucid` that was built
//! beside this program. SPECIFICATION.md has what was measured.
#![allow(clippy::print_stdout, reason = "it is a program that prints what it measured")]

mod client;
mod delivery;
mod memory;
mod reads;

use std::time::Duration;

use serde_json::{Value, json};

/// What may go wrong: anything, and then there is no figure.
type Outcome<T = Value> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    // Only plain HTTP is spoken here, but the client wants to know with what it would do TLS.
    let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
    provider.install_default().map_err(|_| "another provider of TLS is installed")?;
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "all".to_owned());
    let seconds = arguments.next().map(|text| text.parse()).transpose()?;
    let seconds = |standard| Duration::from_secs(seconds.unwrap_or(standard));
    let all = what == "all";
    let mut report = serde_json::Map::new();
    if all || what == "reads" {
        report.insert("reads".into(), reads::measure(seconds(5)).await?);
    }
    if all || what == "delivery" {
        report.insert("delivery".into(), delivery::measure(200, seconds(20)).await?);
    }
    if all || what == "streams" {
        report.insert("streams".into(), memory::streams(1_000).await?);
    }
    if all || what == "soak" {
        report.insert("soak".into(), memory::soak(seconds(60)).await?);
    }
    if report.is_empty() {
        return Err("name one of reads, delivery, streams, soak".into());
    }
    println!("{:#}", json!(report));
    Ok(())
}
