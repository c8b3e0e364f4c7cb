//! Uses sockets, which no plugin is given.

use std::net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};

fn sockets(input: &str) -> String {
    let send = || UdpSocket::bind("127.0.0.1:0")?.send_to(b"hello", input);
    let reached = [
        TcpStream::connect(input).is_ok(),
        TcpListener::bind("127.0.0.1:0").is_ok(),
        send().is_ok(),
        "localhost:80".to_socket_addrs().is_ok(),
    ];
    format!("{reached:?}")
}

hostile_kit::attack!(sockets);
