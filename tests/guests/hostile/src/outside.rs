//! Reaching out: environment, network.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};

use lucid_sdk::tool::{Json, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Nothing;

pub(crate) fn environment(_: Nothing) -> Result<Json<BTreeMap<String, String>>, ToolError> {
    let mut told: BTreeMap<_, _> = std::env::vars().collect();
    for (number, argument) in std::env::args().enumerate() {
        told.insert(format!("argument {number}"), argument);
    }
    Ok(Json(told))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Connect {
    /// An address and port of a listener.
    tcp: String,
    /// An address and port to send to.
    udp: String,
}

/// Tells of each way whether it worked.
pub(crate) fn connect(input: Connect) -> Result<Json<BTreeMap<String, bool>>, ToolError> {
    let send = || UdpSocket::bind("127.0.0.1:0")?.send_to(b"hello", &input.udp);
    Ok(Json(BTreeMap::from([
        ("tcp".to_owned(), TcpStream::connect(&input.tcp).is_ok()),
        ("udp".to_owned(), send().is_ok()),
        ("listen".to_owned(), TcpListener::bind("127.0.0.1:0").is_ok()),
        ("name".to_owned(), "localhost:80".to_socket_addrs().is_ok()),
    ])))
}
