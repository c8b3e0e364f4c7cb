//! A server of chat completions that says what a test wrote.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One answer of the model.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// It says something.
    Say(&'static str),
    /// It calls tools, each with its input.
    Call(Vec<(&'static str, Value)>),
    /// It says nothing for a long time.
    Wait,
}

/// The server.
pub(super) struct Model {
    /// Where it is.
    pub(super) base_url: String,
}

impl Model {
    pub(super) async fn playing(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(VecDeque::from(answers)));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(answer(connection, answers.clone()));
            }
        });
        Self { base_url }
    }
}

async fn answer(mut connection: TcpStream, answers: Arc<Mutex<VecDeque<Answer>>>) {
    read_request(&mut connection).await;
    let answer = answers.lock().unwrap().pop_front().unwrap_or(Answer::Say("Nothing more."));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let mut text = head.to_owned();
    let chunk = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        format!("data: {}\n\n", json!({"id": "c", "choices": [choice]}))
    };
    match answer {
        Answer::Wait => {
            let _ = connection.write_all(text.as_bytes()).await;
            return tokio::time::sleep(Duration::from_secs(60)).await;
        }
        Answer::Say(said) => {
            for word in said.split_inclusive(' ') {
                text.push_str(&chunk(json!({ "content": word }), Value::Null));
            }
            text.push_str(&chunk(json!({}), "stop".into()));
        }
        Answer::Call(calls) => {
            for (index, (name, input)) in calls.iter().enumerate() {
                let function = json!({"name": name, "arguments": input.to_string()});
                let call = json!({"index": index, "id": format!("call_{index}"),
                    "type": "function", "function": function});
                text.push_str(&chunk(json!({"tool_calls": [call]}), Value::Null));
            }
            text.push_str(&chunk(json!({}), "tool_calls".into()));
        }
    }
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107});
    text.push_str(&format!("data: {}\n\n", json!({"id": "c", "choices": [], "usage": usage})));
    text.push_str("data: [DONE]\n\n");
    let _ = connection.write_all(text.as_bytes()).await;
}

async fn read_request(connection: &mut TcpStream) {
    let (mut request, mut part) = (Vec::new(), [0; 4_096]);
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
                return;
            }
        }
        match connection.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&part[..read]),
        }
    }
}
