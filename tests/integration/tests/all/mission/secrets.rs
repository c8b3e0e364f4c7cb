//! Secrets reach their server, and nothing that anybody can read afterwards.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use lucid_core::{Content, Event, FailureKind};
use lucid_runtime::{RunOptions, Runtime, RuntimeOptions, VariableSource, World};
use lucid_tests::{Missions, log};

const CANARY: &str = "canary-9d2f41c6e8";

const MISSION: &str = r#"
name = "small"
lead = "lead"
message = "Go."

[plugins.courier]
file = "courier.wasm"
files = "read-write"
http = ["ADDRESS"]

[plugins.courier.secrets.api]
origin = "http://ADDRESS"
header = "authorization"
from = "env:API_KEY"
prefix = "Bearer "

[plugins.parrot]
file = "parrot.wasm"

[agents.lead]
model = "plugin:parrot"
system = '''
call fetch {"authority": "ADDRESS", "path": "/", "file": "/workspace/answer.txt"}
'''
tools = ["courier.fetch"]
view = { "/workspace" = "rw" }
"#;

fn missions(address: &str) -> Missions {
    let text = MISSION.replace("ADDRESS", address);
    Missions::new(&[("mission.toml", &text)], &["courier", "parrot"])
}

/// Options of a runtime that knows this value of `API_KEY`.
fn options(missions: &Missions, value: Option<&'static str>) -> RuntimeOptions {
    let lookup = move |name: &str| value.filter(|_| name == "API_KEY").map(str::to_owned);
    let variables = VariableSource::new(lookup);
    RuntimeOptions { variables, ..Missions::options(&missions.state()) }
}

/// A server on this machine that sends back what it was sent; its address, and what it heard.
fn echo() -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = heard.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut request, mut byte) = (Vec::new(), [0]);
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                request.extend(byte);
            }
            hears.lock().unwrap().extend(&request);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", request.len());
            stream.write_all(&[head.into_bytes(), request].concat()).unwrap();
        }
    });
    (address, heard)
}

/// Files below a folder that hold a text.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_reaches_its_server_and_nothing_that_is_kept() {
    let (address, heard) = echo();
    let missions = missions(&address);
    let options = options(&missions, Some(CANARY));
    let shown = format!("{options:?}");
    let (runtime, mission) = Runtime::open_for(options, &missions.mission()).await.unwrap();
    let (session, end) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let heard = String::from_utf8(heard.lock().unwrap().clone()).unwrap();
    assert!(heard.contains(&format!("Bearer {CANARY}\r\n")), "{heard}");
    let log = log(&runtime, &session.id).await;
    let said = log.iter().find_map(|(_, _, event)| match event {
        Event::ToolResult { content, is_error: false, .. } => Some(Content::join(content)),
        _ => None,
    });
    let said = said.expect("the server answered");
    assert!(said.contains("authorization") && said.contains("***"), "{said}");
    runtime.store.close().await.unwrap();
    assert!(!said.contains(CANARY) && !end.last_text.contains(CANARY) && !shown.contains(CANARY));
    assert!(log.iter().all(|(_, record, _)| !record.body.contains(CANARY)));
    assert_eq!(holding(missions.root(), CANARY), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_cannot_be_attached_keeps_the_mission_from_loading() {
    let missions = missions("127.0.0.1:9");
    let text = MISSION.replace("ADDRESS", "127.0.0.1:9");
    let cases = [
        ("", "", None, FailureKind::Invalid, "API_KEY"),
        (
            "http = [\"127.0.0.1:9\"]",
            "http = [\"api.example.org\"]",
            Some(CANARY),
            FailureKind::Denied,
            "http://127.0.0.1:9",
        ),
        ("env:API_KEY", CANARY, Some(CANARY), FailureKind::Invalid, "where it is kept"),
        ("env:API_KEY", "file:no/such/file", Some(CANARY), FailureKind::Invalid, "no/such/file"),
        ("env:API_KEY", "file:../key", Some(CANARY), FailureKind::Invalid, "../key"),
        ("header = ", "headers = ", Some(CANARY), FailureKind::Invalid, "`api`"),
        ("\"authorization\"", "\"host\"", Some(CANARY), FailureKind::Invalid, "`host`"),
    ];
    let line = text[..text.find("[plugins.courier.secrets.api]").unwrap()].matches('\n').count();
    for (from, to, value, kind, says) in cases {
        missions.write("mission.toml", &text.replacen(from, to, 1));
        let opened = Runtime::open_for(options(&missions, value), &missions.mission()).await;
        let failure = opened.err().unwrap_or_else(|| panic!("{to} loads"));
        assert_eq!(failure.kind, kind, "{to}: {failure:?}");
        let place = format!("mission.toml:{}: ", line + 1);
        assert!(failure.message.contains(&place), "{to}: {failure:?}");
        assert!(failure.message.contains(says) && failure.hint.is_some(), "{to}: {failure:?}");
        assert!(!format!("{failure:?}").contains(CANARY), "{failure:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_tools_and_models_are_given_hosts() {
    let (head, rest) = MISSION.split_once("[plugins.courier.secrets.api]").unwrap();
    let (_, rest) = rest.split_once("prefix = \"Bearer \"").unwrap();
    let grader = "\n[plugins.checks]\nhttp = [\"api.example.org\"]\n\n[outcome]\n\
                  description = \"d\"\nrubric = \"rubric.md\"\ngrader = \"checks\"\n";
    let text = format!("{head}{rest}{grader}").replace("ADDRESS", "127.0.0.1:9");
    let files = [("mission.toml", text.as_str()), ("rubric.md", "- a `check: true`\n")];
    let missions = Missions::new(&files, &["courier", "parrot"]);
    let opened = Runtime::open_for(options(&missions, None), &missions.mission()).await;
    let failure = opened.err().expect("a grader with a host");
    assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
    assert!(failure.message.contains("`checks` is a grader and gets no http"), "{failure:?}");
}
