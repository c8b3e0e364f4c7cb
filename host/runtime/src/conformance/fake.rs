//! What stands in for the world outside: a model and a network.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use lucid_core::{Block, Completion, CompletionRequest, Failure, Result, StopReason, TokenUsage};
use lucid_engine::{CacheFolder, Connection, Engine, EngineOptions, ModelHost, Network};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::ambient::SystemEntropy;
use crate::state::RuntimeOptions;

/// What the model says, whatever it is asked.
const ANSWER: &str = "This is a check. There is nothing to add.";

/// What every server answers.
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\
                          content-length: 6\r\nconnection: close\r\n\r\nchecks";

/// A request head is looked for in so many bytes.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// An address that filters let through. Nothing is ever sent there.
const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1));

/// An engine that reaches nothing.
///
/// # Errors
/// Failed, when the machine cannot run components.
pub(super) fn engine(options: &RuntimeOptions) -> Result<Engine> {
    let folder = options.state.join("cache");
    let cache = CacheFolder { folder, entropy: Arc::new(SystemEntropy) };
    let (compiler, network) = (options.compiler.clone(), Arc::new(FakeNetwork));
    let standard = EngineOptions::standard();
    Engine::new(EngineOptions { cache: Some(cache), compiler, network, ..standard })
}

/// Does what may take seconds on a thread of its own.
///
/// # Errors
/// A bug, when it panics.
pub(super) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::bug(format!("looking into a plugin: {error}")))
}

/// A model that says the same to everything.
pub(super) struct FakeModel;

impl FakeModel {
    pub(super) fn shared() -> Arc<dyn ModelHost> {
        Arc::new(Self)
    }
}

#[async_trait]
impl ModelHost for FakeModel {
    async fn complete(&self, _: CompletionRequest) -> Result<Completion> {
        Ok(Completion {
            content: vec![Block::Text { text: ANSWER.to_owned() }],
            stop_reason: StopReason::EndTurn,
            usage: TokenUsage { input_tokens: 10, output_tokens: 10, ..TokenUsage::default() },
        })
    }
}

/// A network on which every host is there and answers every request in clear text; nobody
/// answers a TLS handshake.
struct FakeNetwork;

#[async_trait]
impl Network for FakeNetwork {
    async fn resolve(&self, _host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(vec![SocketAddr::new(ANYWHERE, port)])
    }

    async fn connect(&self, _address: SocketAddr) -> io::Result<Box<dyn Connection>> {
        let (here, there) = tokio::io::duplex(HEAD_BYTES_MAX);
        // It ends when the other side goes away.
        tokio::spawn(serve(there));
        Ok(Box::new(here))
    }
}

/// Answers the first request, and reads on so that a body that is still sent goes somewhere.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let mut head = Vec::new();
    let mut buffer = [0; 4_096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).await?;
        if read == 0 || head.len() > HEAD_BYTES_MAX {
            return Ok(());
        }
        head.extend_from_slice(buffer.get(..read).unwrap_or_default());
        // A TLS handshake begins with a record of type 22, which no method does.
        if head.first() == Some(&22) {
            return Ok(());
        }
    }
    stream.write_all(RESPONSE).await?;
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_request_in_clear_text_is_answered_and_a_handshake_is_hung_up_on() {
        let network = FakeNetwork;
        let address = network.resolve("api.example", 80).await.unwrap();
        let mut connection = network.connect(address[0]).await.unwrap();
        connection.write_all(b"GET / HTTP/1.1\r\nhost: api.example\r\n\r\n").await.unwrap();
        connection.shutdown().await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, RESPONSE);

        let mut handshake = network.connect(address[0]).await.unwrap();
        handshake.write_all(&[22, 3, 1, 0]).await.unwrap();
        let mut answer = Vec::new();
        handshake.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, [0_u8; 0]);
    }
}
