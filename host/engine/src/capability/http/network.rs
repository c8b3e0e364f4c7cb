//! The network, as far as plugins reach it: looking up a name, and connecting to an address.
//!
//! The two are apart so that something can be decided between them. Tests put a network of
//! their own here, and so does whoever checks a plugin without letting it out.

use std::io;
use std::net::SocketAddr;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection: bytes in both directions.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// How plugins with an http grant reach the network.
///
/// An implementation decides nothing: whom a name leads to is judged before [`connect`] is
/// called, and [`connect`] is called with an address that was judged.
///
/// [`connect`]: Network::connect
#[async_trait]
pub trait Network: Send + Sync {
    /// Looks up a name, once for each request. Ports of the answer are not used.
    ///
    /// # Errors
    /// When there is no such name, or nobody who could say.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;

    /// Connects to exactly this address.
    ///
    /// # Errors
    /// When nobody answers there.
    async fn connect(&self, address: SocketAddr) -> io::Result<Box<dyn Connection>>;
}

/// The machine's network: its resolver, and TCP.
pub struct SystemNetwork;

#[async_trait]
impl Network for SystemNetwork {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Box<dyn Connection>> {
        let stream = tokio::net::TcpStream::connect(address).await?;
        // A request is written in few and whole pieces; waiting for more gains nothing.
        stream.set_nodelay(true)?;
        Ok(Box::new(stream))
    }
}
