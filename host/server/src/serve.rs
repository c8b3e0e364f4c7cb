//! Listening, and stopping in good order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use lucid_core::{Failure, Result};
use lucid_runtime::Runtime;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::{App, ServerOptions};
use crate::limits;
use crate::lock::StateLock;
use crate::router::router;
use crate::shutdown::Shutdown;

/// How long stopping in good order may take.
const STOP_TIME: Duration = Duration::from_secs(10);

/// How long to wait when no connection can be taken, because there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A server that listens.
pub struct Server {
    app: App,
    listener: TcpListener,
    address: SocketAddr,
    lock: StateLock,
}

impl Server {
    /// Listens; nothing is answered before [`Server::run`].
    ///
    /// # Errors
    /// Invalid, when others could reach the address and no key was ever made; failed, when the
    /// address is taken, another server serves the state folder, or it cannot be used.
    pub async fn bind(
        runtime: Runtime,
        options: ServerOptions,
        address: SocketAddr,
    ) -> Result<Self> {
        let lock = StateLock::take(&options.state)?;
        let loopback = address.ip().to_canonical().is_loopback();
        let app = App::open(runtime, ServerOptions { loopback, ..options }).await?;
        if !loopback && !app.keys.any_now().await? {
            return Err(Failure::invalid(format!(
                "{address} can be reached from other machines, and no key was ever made"
            ))
            .hint("make one with `lucid key create`, or listen on 127.0.0.1"));
        }
        let failed = |error: std::io::Error| {
            Failure::failed(format!("{address} cannot be listened on: {error}"))
                .hint("give another address with `--listen ADDRESS:PORT`; port 0 takes a free one")
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { app, listener, address, lock })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is told to stop.
    ///
    /// # Errors
    /// Failed, when the store fails at the beginning.
    pub async fn run(self, shutdown: Shutdown) -> Result<()> {
        self.run_with(shutdown, STOP_TIME).await
    }

    /// The same, where stopping in good order may take so long.
    async fn run_with(self, shutdown: Shutdown, stop_time: Duration) -> Result<()> {
        // Held to the end: the next server may begin when this one has ended.
        let Self { app, listener, lock: _lock, .. } = self;
        app.spaces.start().await?;
        let graceful = GracefulShutdown::new();
        tokio::select! {
            () = accept(&app, listener, &graceful, limits::CONNECTIONS_MAX) => {}
            () = shutdown.begun() => {}
        }
        app.options.log.info("stopping: streams end, sessions are given back");
        // Streams end first: a connection with one would never be done.
        app.stopping.cancel();
        let in_order = async {
            app.spaces.stop().await;
            graceful.shutdown().await;
            // Those whose clients have gone away end, too.
            app.requests.close();
            app.requests.wait().await;
            app.spaces.close().await;
            app.options.traces.end().await;
        };
        tokio::select! {
            () = in_order => {}
            () = tokio::time::sleep(stop_time) => {
                app.options.log.error("stopped with requests that were not answered");
            }
            () = shutdown.at_once() => app.options.log.info("stopped at once"),
        }
        Ok(())
    }
}

/// Takes connections, at most so many at once.
async fn accept(app: &App, listener: TcpListener, graceful: &GracefulShutdown, most: usize) {
    let builder = builder(limits::HEAD_TIME);
    let router = router(app.clone());
    let permits = Arc::new(Semaphore::new(most));
    loop {
        // Nobody closes it.
        let Ok(permit) = permits.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => connected(app, &builder, stream, &router, graceful, permit),
            Err(error) => {
                app.options.log.error(&format!("a connection was not taken: {error}"));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// HTTP/1.1 alone: without TLS, which is for a proxy in front, no client asks for HTTP/2. And
/// whoever says nothing at all has no more time than for a request's head.
fn builder(head_time: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(head_time)
        .max_headers(limits::HEADERS_MAX)
        .max_buf_size(limits::HEAD_BYTES_MAX);
    builder
}

fn connected(
    app: &App,
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    router: &Router,
    graceful: &GracefulShutdown,
    permit: OwnedSemaphorePermit,
) {
    // Events are small and are wanted at once; without it they only come later.
    let _ = stream.set_nodelay(true);
    let open = app.metrics.connection();
    let service = TowerToHyperService::new(router.clone());
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // Clients that go away in the middle are no failure of ours.
        let _ = connection.await;
        drop((open, permit));
    });
}

#[cfg(test)]
mod tests {
    use lucid_runtime::RuntimeOptions;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::keys::{self, NewKey};

    async fn bind(state: &tempfile::TempDir, address: &str) -> Result<Server> {
        let path = state.path().to_owned();
        let runtime = Runtime::open(RuntimeOptions::new(path.clone())).unwrap();
        Server::bind(runtime, ServerOptions::new(path), address.parse().unwrap()).await
    }

    async fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_server_answers_until_it_is_told_to_stop() {
        let state = tempfile::tempdir().unwrap();
        let server = bind(&state, "127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (server.address(), Shutdown::new());
        // In good order, or never.
        let running = tokio::spawn(server.run_with(shutdown.clone(), Duration::MAX));
        let request = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        let answer = ask(address, request).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        // One that stays open and asks nothing does not keep the server.
        let _idle = TcpStream::connect(address).await.unwrap();
        shutdown.signal();
        running.await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_refused() {
        let state = tempfile::tempdir().unwrap();
        let server = bind(&state, "127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (server.address(), Shutdown::new());
        let running = tokio::spawn(server.run(shutdown.clone()));
        let many: String = (0..=limits::HEADERS_MAX).map(|n| format!("x-{n}: 1\r\n")).collect();
        let answer = ask(address, &format!("GET /healthz HTTP/1.1\r\n{many}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        shutdown.signal();
        shutdown.signal();
        running.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn who_connects_and_says_nothing_does_not_stay() {
        let (client, server) = tokio::io::duplex(1_024);
        let service = TowerToHyperService::new(Router::<()>::new());
        let builder = builder(Duration::from_millis(20));
        let connection = builder.serve_connection(TokioIo::new(server), service);
        // It ends by itself; how, is nobody's business.
        let _ = connection.await;
        drop(client);
    }

    /// Asks on a connection that stays open, and waits until the answer has come.
    async fn ask_on(stream: &mut TcpStream) {
        let request = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "{answer:?}");
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{answer:?}");
    }

    #[tokio::test]
    async fn one_connection_more_than_may_be_at_once_waits_until_another_is_closed() {
        let state = tempfile::tempdir().unwrap();
        let Server { app, listener, address, .. } = bind(&state, "127.0.0.1:0").await.unwrap();
        let taking = tokio::spawn(async move {
            accept(&app, listener, &GracefulShutdown::new(), 2).await;
        });
        let connect = async || TcpStream::connect(address).await.unwrap();
        let (mut one, mut other) = (connect().await, connect().await);
        ask_on(&mut one).await;
        ask_on(&mut other).await;
        // The system takes it; the server does not.
        let mut next = connect().await;
        let mut asks = Box::pin(ask_on(&mut next));
        let soon = tokio::time::timeout(Duration::from_millis(200), &mut asks).await;
        assert!(soon.is_err());
        // Those that are there are served meanwhile.
        ask_on(&mut one).await;
        drop(one);
        asks.await;
        ask_on(&mut other).await;
        taking.abort();
    }

    #[tokio::test]
    async fn a_folder_has_one_server_and_the_next_when_that_has_ended() {
        let state = tempfile::tempdir().unwrap();
        let server = bind(&state, "127.0.0.1:0").await.unwrap();
        let shutdown = Shutdown::new();
        let running = tokio::spawn(server.run(shutdown.clone()));
        let refused = bind(&state, "127.0.0.1:0").await.err().unwrap();
        assert!(refused.message.contains("another server serves"), "{refused:?}");
        shutdown.signal();
        running.await.unwrap().unwrap();
        // One that never ran leaves nothing behind either.
        drop(bind(&state, "127.0.0.1:0").await.unwrap());
        bind(&state, "127.0.0.1:0").await.unwrap();
    }

    #[tokio::test]
    async fn others_reach_only_a_server_that_has_a_key() {
        let state = tempfile::tempdir().unwrap();
        let refused = bind(&state, "0.0.0.0:0").await.err().unwrap();
        assert!(refused.hint.unwrap().contains("lucid key create"));
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        keys::create(&runtime, state.path(), NewKey::default()).await.unwrap();
        let server = bind(&state, "0.0.0.0:0").await.unwrap();
        assert!(!server.app.options.loopback);
    }

    #[tokio::test]
    async fn what_is_granted_is_checked_before_anything_is_served() {
        let state = tempfile::tempdir().unwrap();
        let with = async |sections: &str| {
            let path = state.path().to_owned();
            let runtime = Runtime::open(RuntimeOptions::new(path.clone())).unwrap();
            let sections = sections.to_owned();
            App::open(runtime, ServerOptions { sections, ..ServerOptions::new(path) }).await
        };
        assert!(with("[plugins.files]\n[models.\"a/b\"]\n").await.is_ok());
        for wrong in ["[plugin.files]", "plugins = 1", "[", "name = \"x\""] {
            let failure = with(wrong).await.err().unwrap();
            assert_eq!(failure.kind, lucid_core::FailureKind::Invalid, "{wrong}");
        }
    }
}
