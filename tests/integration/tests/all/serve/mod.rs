//! The HTTP API with plugins as they are: a server in this process, asked over a socket.

mod stop;
mod sweep;
mod vaults;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lucid_runtime::{Runtime, RuntimeOptions};
use lucid_server::{Log, Server, ServerOptions, Shutdown};
use lucid_tests::release;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// A runtime with the plugins that are bundled, and those that are for tests.
fn runtime(folder: &Path) -> Runtime {
    let bundled = vec![release().join("plugins"), release().join("test-guests")];
    Runtime::open(RuntimeOptions { bundled, ..RuntimeOptions::new(folder.to_owned()) }).unwrap()
}

/// A server, stopped when it goes.
struct Served {
    address: SocketAddr,
    shutdown: Shutdown,
    /// Its end.
    running: JoinHandle<lucid_core::Result<()>>,
    state: Arc<TempDir>,
    /// What it told whoever runs it.
    lines: Arc<Mutex<String>>,
}

impl Served {
    /// Starts one that grants what these sections say.
    async fn new(sections: &str) -> Self {
        Self::on(Arc::new(tempfile::tempdir().unwrap()), sections).await
    }

    /// The same on a state folder that was there before.
    async fn on(state: Arc<TempDir>, sections: &str) -> Self {
        let folder = state.path().to_owned();
        let runtime = runtime(&folder);
        let lines = Arc::new(Mutex::new(String::new()));
        let told = lines.clone();
        let log = Log::new(move |_, line| told.lock().unwrap().push_str(line));
        let sections = sections.to_owned();
        let options = ServerOptions { sections, log, ..ServerOptions::new(folder) };
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::bind(runtime, options, here).await.unwrap();
        let (address, shutdown) = (server.address(), Shutdown::new());
        let running = tokio::spawn(server.run(shutdown.clone()));
        Self { address, shutdown, running, state, lines }
    }

    fn folder(&self) -> &Path {
        self.state.path()
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let body = body.map(Value::to_string).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        serde_json::from_str(body).unwrap()
    }

    fn get(&self, path: &str) -> Value {
        self.ask("GET", path, None)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, Some(body))
    }

    /// Makes something, and gives its id.
    fn make(&self, path: &str, body: &Value) -> String {
        self.post(path, body)["id"].as_str().unwrap().to_owned()
    }

    /// Makes a session whose agent plays a script with these tools.
    fn session(&self, script: &str, agent: &Value, vaults: &[&str]) -> String {
        let mut body = json!({"name": "player", "model": "plugin:script", "system": script});
        for (name, value) in agent.as_object().unwrap() {
            body[name] = value.clone();
        }
        let agent = self.make("/v1/agents", &body);
        let others = self.get("/v1/environments")["data"].as_array().unwrap().len();
        let cloud = json!({"name": format!("here {others}"), "config": {"type": "cloud"}});
        let environment = self.make("/v1/environments", &cloud);
        let body = json!({"agent": agent, "environment_id": environment, "vault_ids": vaults});
        self.make("/v1/sessions", &body)
    }

    /// Says something to a session, and gives all its events when it rests again.
    async fn say(&self, session: &str) -> Vec<Value> {
        let path = format!("/v1/sessions/{session}/events");
        let text = json!([{"type": "text", "text": "Go on."}]);
        let rests = |events: &[Value]| {
            let idle = |event: &&Value| event["type"] == "session.status_idle";
            events.iter().filter(idle).count()
        };
        let before = rests(self.get(&format!("{path}?limit=1000"))["data"].as_array().unwrap());
        self.post(&path, &json!({"events": [{"type": "user.message", "content": text}]}));
        for _ in 0..1_200 {
            let page = self.get(&format!("{path}?limit=1000"));
            let events = page["data"].as_array().unwrap();
            if rests(events) > before {
                return events.clone();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("session {session} does not rest: {}", self.get(&path));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.shutdown.signal();
    }
}

/// A server on this machine that notes what it is sent.
struct Peer {
    /// Its address and port.
    host: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    /// Answers each request, head and body, with a status, which may have lines of the header
    /// behind it, and a body.
    fn new(answer: impl Fn(&str) -> (&'static str, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read(&mut stream);
                let (status, body) = answer(&request);
                hears.lock().unwrap().push(request);
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n");
                // Whoever has enough hangs up.
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { host, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Reads a request with its body.
fn read(stream: &mut TcpStream) -> String {
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        request.extend(byte);
    }
    let head = String::from_utf8(request.clone()).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    request.extend(body);
    String::from_utf8(request).unwrap()
}
