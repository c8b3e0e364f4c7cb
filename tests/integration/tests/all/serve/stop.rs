//! Stopping in good order while clients and guests do not play along.

use lucid_core::SessionId;

use super::vaults::with_plugin;
use super::*;

/// Three times what stopping may take, for machines where much else is done.
const LONGEST: Duration = Duration::from_secs(30);

/// Agents whose prompts are as long as they may be, and four bytes for a character: far more
/// than the system keeps for a client that does not read.
const AGENTS: usize = 40;

const SPINS: &str =
    "[plugins.hostile]\nfiles = \"read-write\"\nenvironment = { GRANTED = \"yes\" }\n";

/// Asks for something, and reads what it begins with.
fn begun(server: &Served, path: &str, until: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
    stream.write_all(head.as_bytes()).unwrap();
    let (mut read, mut byte) = (Vec::new(), [0]);
    while !read.ends_with(until.as_bytes()) {
        stream.read_exact(&mut byte).unwrap();
        read.extend(byte);
    }
    assert!(read.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&read));
    stream
}

/// Whether somebody at an address has a session. The port is free again: whoever listens there
/// now may be another test's.
fn answers(address: SocketAddr, session: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let head = format!("GET /v1/sessions/{session} HTTP/1.1\r\nhost: {address}\r\n");
    let _ = stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes());
    stream.set_read_timeout(Some(LONGEST)).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer.starts_with(b"HTTP/1.1 200 ")
}

/// The ids of a session's events.
fn ids(server: &Served, path: &str) -> Vec<Value> {
    let page = server.get(&format!("{path}?limit=1000"));
    page["data"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect()
}

/// Waits until a session calls its tool.
async fn calls(server: &Served, path: &str) {
    for _ in 0..1_200 {
        if json!(server.get(path)).to_string().contains("agent.mcp_tool_use") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("nothing is called: {}", server.get(path));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stops_in_time_whoever_works_or_listens_or_does_not_read() {
    let mut server = Served::new(SPINS).await;
    let prompt = "\u{1f4c4}".repeat(100_000);
    for number in 0..AGENTS {
        let agent = json!({"name": format!("a{number}"), "model": "plugin:script",
            "system": prompt});
        server.post("/v1/agents", &agent);
    }
    let session = server.session("call spin {}\nsay Done.", &with_plugin("hostile"), &[]);
    let path = format!("/v1/sessions/{session}/events");
    // One listens, one has a stream and does not look at it, and one has an answer of which most
    // is still to be sent.
    let mut listens = begun(&server, &format!("{path}/stream"), ": open\n\n");
    let _sleeps = begun(&server, &format!("{path}/stream"), "\r\n\r\n");
    let _does_not_read = begun(&server, "/v1/agents?limit=100", "\r\n\r\n");
    let listens = std::thread::spawn(move || {
        let mut rest = String::new();
        listens.read_to_string(&mut rest).map(|_| rest)
    });
    let text = json!([{"type": "text", "text": "Go."}]);
    let sent = server.post(&path, &json!({"events": [{"type": "user.message", "content": text}]}));
    calls(&server, &path).await;
    let before = ids(&server, &path);
    assert!(before.contains(&sent["data"][0]["id"]));

    server.shutdown.signal();
    let ended = tokio::time::timeout(LONGEST, &mut server.running).await;
    ended.expect("the server stops").unwrap().unwrap();
    assert!(server.lines.lock().unwrap().contains("requests that were not answered"));
    assert!(!answers(server.address, &session));
    // The stream has come to its end, and was not cut.
    let heard = listens.join().unwrap().unwrap();
    assert!(heard.contains(sent["data"][0]["id"].as_str().unwrap()), "{heard}");
    assert!(heard.ends_with("\r\n0\r\n\r\n"), "{heard}");
    // Nobody has the session any more, and whoever comes next finds that it has to go on.
    let (runtime, id) = (runtime(server.folder()), SessionId::parse(&session).unwrap());
    assert!(runtime.store.lease(&id).await.unwrap().is_none());
    assert_eq!(runtime.unattended().await.unwrap().sessions, [id]);
    let again = Served::on(server.state.clone(), SPINS).await;
    let after = ids(&again, &path);
    assert_eq!(after[..before.len()], before);
}
