//! A client that is gone before what it asked for is done.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use lucid_tests::Missions;

use super::bench::{Places, command};

/// How often it is looked whether something has come.
const LOOK: Duration = Duration::from_millis(5);

/// An answer of the model, whole.
const ANSWER: &str = concat!(
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n",
    r#"data: {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Landed."}}]}"#,
    "\n\n",
    r#"data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#,
    "\n\n",
    r#"data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}"#,
    "\n\ndata: [DONE]\n\n",
);

/// Waits until the model is asked, and reads the question.
fn question(model: &TcpListener) -> TcpStream {
    let (stream, _) = model.accept().unwrap();
    let mut reader = BufReader::new(&stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length:") {
            length = bytes.trim().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    drop(reader);
    stream
}

/// A number that a server counts.
fn counted(url: &str, name: &str) -> Option<u64> {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    let count = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    count.map(|count| count.parse().unwrap())
}

/// Waits until a number is as somebody wants it.
fn until(url: &str, name: &str, is_so: impl Fn(u64) -> bool) {
    while !counted(url, name).is_some_and(&is_so) {
        std::thread::sleep(LOOK);
    }
}

#[test]
fn a_run_goes_on_in_the_server_when_its_client_is_killed() {
    let model = TcpListener::bind("127.0.0.1:0").unwrap();
    let mission = format!(
        "name = \"held\"\nlead = \"lead\"\nmessage = \"Go.\"\n\
         [agents.lead]\nmodel = \"openai:held\"\nsystem = \"Fly.\"\n\
         [models.\"openai:held\"]\nbase_url = \"http://{}\"\n",
        model.local_addr().unwrap()
    );
    let mut places = Places::new();
    std::fs::create_dir(places.path("state")).unwrap();
    places.name("held", Missions::new(&[("mission.toml", &mission)], &[]));
    let both = places.part();
    let url = &both.served.url;
    let mut client = command(&["run", "held", "--server", url], &[]);
    let mut client = client.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The run is in its middle, and stays there until the model answers.
    let mut asked = question(&model);
    // The client was told that it began, and watches it.
    let verbs = r#"lucid_http_requests_total{route="/v1/lucid/{verb}",method="POST",status="200"}"#;
    until(url, verbs, |count| count >= 2);
    client.kill().unwrap();
    client.wait().unwrap();
    // The server knows: it has no connection but the one that asks it.
    until(url, "lucid_open_connections", |count| count == 1);
    asked.write_all(ANSWER.as_bytes()).unwrap();
    drop(asked);
    let watched = both.there(&["run", "--watch", "latest"]);
    assert_eq!(watched.code, Some(0), "{watched:?}");
    assert!(watched.out.starts_with("Landed."), "{watched:?}");
}
