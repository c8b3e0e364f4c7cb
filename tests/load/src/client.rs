//! A server to measure, and a client that speaks to it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use futures::StreamExt as _;
use lucid_runtime::{Runtime, RuntimeOptions};
use lucid_server::{Server, ServerOptions, Shutdown};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::Outcome;

/// Where this program was built, with `lucid` and its plugins beside it.
pub(crate) fn built() -> Outcome<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().ok_or("a program without a folder")?.to_owned())
}

/// A server in this process.
pub(crate) struct Here {
    pub(crate) api: Api,
    shutdown: Shutdown,
    _state: tempfile::TempDir,
}

impl Here {
    /// Starts it on a free port.
    pub(crate) async fn start() -> Outcome<Self> {
        let state = tempfile::tempdir()?;
        let folder = state.path().join("state");
        let bundled = vec![built()?.join("plugins")];
        let runtime =
            Runtime::open(RuntimeOptions { bundled, ..RuntimeOptions::new(folder.clone()) })?;
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::bind(runtime, ServerOptions::new(folder), address).await?;
        let api = Api::new(format!("http://{}", server.address()))?;
        let shutdown = Shutdown::new();
        tokio::spawn(server.run(shutdown.clone()));
        Ok(Self { api, shutdown, _state: state })
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.shutdown.signal();
    }
}

/// A server in a process of its own, whose memory can be looked at.
pub(crate) struct There {
    pub(crate) api: Api,
    child: Child,
    _state: tempfile::TempDir,
}

impl There {
    /// Starts `lucid serve` on a free port.
    pub(crate) async fn start() -> Outcome<Self> {
        let state = tempfile::tempdir()?;
        let mut child = Command::new(built()?.join("lucid"))
            .args(["serve", "--listen", "127.0.0.1:0", "--state"])
            .arg(state.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).await?;
        let at = line.find("http://").ok_or("the server does not say where it listens")?;
        let api = Api::new(line[at..].trim().to_owned())?;
        Ok(Self { api, child, _state: state })
    }

    /// Bytes of memory that its process holds.
    pub(crate) fn resident(&self) -> Outcome<u64> {
        let id = self.child.id().ok_or("the server ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        let kib: u64 = line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse()?;
        Ok(kib * 1_024)
    }
}

/// The API of a server.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
}

impl Api {
    fn new(base: String) -> Outcome<Self> {
        let http = reqwest::Client::builder().pool_max_idle_per_host(2_000).build()?;
        Ok(Self { base, http })
    }

    /// Posts an object, and reads the answer.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Outcome {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            return Err(format!("POST {path}: {status}: {text}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }

    /// Gets a path, and gives how many bytes came.
    pub(crate) async fn get(&self, path: &str) -> Outcome<usize> {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await?;
        let status = answer.status();
        let bytes = answer.bytes().await?.len();
        if !status.is_success() {
            return Err(format!("GET {path}: {status}").into());
        }
        Ok(bytes)
    }

    /// Makes an agent that plays a script, and an environment; gives their ids.
    pub(crate) async fn ground(&self, script: &str) -> Outcome<(String, String)> {
        let environment = json!({"name": "here", "config": {"type": "cloud"}});
        let environment = self.post("/v1/environments", environment).await?;
        let agent = json!({"name": "talker", "model": "plugin:script", "system": script});
        let agent = self.post("/v1/agents", agent).await?;
        Ok((id(&agent)?, id(&environment)?))
    }

    /// Makes a session.
    pub(crate) async fn session(&self, ground: &(String, String)) -> Outcome<String> {
        let body = json!({"agent": ground.0, "environment_id": ground.1});
        id(&self.post("/v1/sessions", body).await?)
    }

    /// Sends one event; gives its id.
    pub(crate) async fn send(&self, session: &str, event: Value) -> Outcome<String> {
        let path = format!("/v1/sessions/{session}/events");
        let answer = self.post(&path, json!({ "events": [event] })).await?;
        id(&answer["data"][0])
    }

    /// Opens a stream, which gives the events as they come.
    pub(crate) async fn stream(
        &self,
        session: &str,
    ) -> Outcome<impl futures::Stream<Item = Value> + Unpin + use<>> {
        let path = format!("{}/v1/sessions/{session}/events/stream", self.base);
        let answer = self.http.get(path).send().await?.error_for_status()?;
        let mut left = Vec::new();
        let events = answer.bytes_stream().flat_map(move |chunk| {
            left.extend_from_slice(&chunk.unwrap_or_default());
            let mut events = Vec::new();
            while let Some(end) = left.windows(2).position(|two| two == b"\n\n") {
                let frame: Vec<u8> = left.drain(..end + 2).collect();
                let frame = String::from_utf8_lossy(&frame).into_owned();
                let data = frame.lines().find_map(|line| line.strip_prefix("data: "));
                events.extend(data.and_then(|data| serde_json::from_str(data).ok()));
            }
            futures::stream::iter(events)
        });
        Ok(Box::pin(events))
    }
}

fn id(object: &Value) -> Outcome<String> {
    Ok(object["id"].as_str().ok_or("no id")?.to_owned())
}
