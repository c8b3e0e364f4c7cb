//! Answering from a cassette.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use lucid_core::{Failure, Result};
use serde_json::Value;

use super::{Answered, Exchange, Failed, Header, VERSION, body_of, broke_off, path_of};
use crate::error::{ModelError, ModelErrorKind};
use crate::transport::{HttpRequest, HttpResponse, Transport};

/// Characters of a value in an error.
const SHOWN_MAX: usize = 60;

/// What is said of a broken connection where the cassette does not.
const BROKE: &str = "the connection broke before the answer's end, as it was recorded";
/// What is said where a recording's reader had enough and a replay's has not.
const UNREAD: &str = "the cassette ends inside this answer: it was read no further";

/// How fast a cassette is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// With the pauses that there were.
    AsRecorded,
    /// Without pauses.
    AtOnce,
}

/// A [`Transport`] that answers from a cassette.
///
/// A request gets the first exchange not yet played that had the same method, path and body;
/// the host does not matter. Where there is none, it fails and says what differs: nothing is
/// played for a request that it was not recorded for, and nothing twice.
pub struct Player {
    pace: Pace,
    exchanges: Mutex<Vec<Track>>,
}

/// One exchange, and where it stands.
struct Track {
    line: usize,
    exchange: Exchange,
    chunks: Vec<(u64, Bytes)>,
    played: bool,
}

/// What a request gets.
enum Played {
    Response(Answered, Vec<(u64, Bytes)>),
    Error(Failed),
}

impl Player {
    /// Reads a cassette.
    ///
    /// # Errors
    /// Invalid, for what is no cassette; names the line.
    pub fn open(text: &str, pace: Pace) -> Result<Self> {
        let mut lines =
            text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| {
                let line = line.trim();
                !line.is_empty()
            });
        let header = lines.next().map(|(_, line)| serde_json::from_str::<Header>(line));
        match header {
            Some(Ok(Header { cassette: VERSION })) => {}
            Some(Ok(Header { cassette })) => {
                let message = format!("the cassette has version {cassette}");
                return Err(Failure::invalid(message)
                    .hint(format!("this Lucid plays version {VERSION}: record it again")));
            }
            Some(Err(_)) | None => {
                return Err(Failure::invalid("this is no cassette")
                    .hint("a cassette begins with the line `{\"cassette\":1}`"));
            }
        }
        let tracks: Result<Vec<Track>> =
            lines.map(|(line, text)| Track::read(line, text)).collect();
        Ok(Self { pace, exchanges: Mutex::new(tracks?) })
    }

    /// How many exchanges were not played.
    #[must_use]
    pub fn unplayed(&self) -> usize {
        let tracks = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        tracks.iter().filter(|track| !track.played).count()
    }

    fn take(&self, request: &HttpRequest) -> Result<Played, ModelError> {
        let body = body_of(&request.body);
        let mut tracks = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        let found = tracks.iter_mut().find(|track| !track.played && track.is_for(request, &body));
        let Some(track) = found else {
            return Err(missing(&tracks, request, &body));
        };
        track.played = true;
        let Exchange { response, error, .. } = &mut track.exchange;
        match (response.take(), error.take()) {
            (Some(response), _) => {
                Ok(Played::Response(response, std::mem::take(&mut track.chunks)))
            }
            (None, Some(error)) => Ok(Played::Error(error)),
            // Reading it saw to that.
            (None, None) => Err(broke_off("the cassette has no answer here")),
        }
    }

    async fn pause(&self, ms: u64) {
        if self.pace == Pace::AsRecorded && ms > 0 {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
    }
}

#[async_trait]
impl Transport for Player {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ModelError> {
        let (response, chunks) = match self.take(&request)? {
            Played::Response(response, chunks) => (response, chunks),
            Played::Error(Failed { ms, kind, message, hint, retry_after_ms }) => {
                self.pause(ms).await;
                let mut failure = Failure::failed(message);
                failure.hint = hint;
                return Err(ModelError { kind: kind.into(), failure, retry_after_ms });
            }
        };
        self.pause(response.ms).await;
        let pace = self.pace;
        let read = stream::iter(chunks).then(move |(ms, bytes)| async move {
            if pace == Pace::AsRecorded && ms > 0 {
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            Ok(bytes)
        });
        let end = match (response.cut, response.unread) {
            (true, _) => Some(response.why.clone().unwrap_or_else(|| BROKE.to_owned())),
            (_, true) => Some(UNREAD.to_owned()),
            (false, false) => None,
        };
        let end = stream::iter(end.map(|why| Err(broke_off(&why))));
        let Answered { status, headers, .. } = response;
        Ok(HttpResponse { status, headers, body: read.chain(end).boxed() })
    }
}

impl Track {
    fn read(line: usize, text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Failure::invalid(format!("line {line} of the cassette: {why}"))
                .hint("each line after the first is an object with `request` and `response`")
        };
        let exchange: Exchange =
            serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
        let chunks = match (&exchange.response, &exchange.error) {
            (Some(response), None) => {
                let bytes = response.chunks.iter().map(|chunk| Ok((chunk.ms, chunk.bytes()?)));
                bytes.collect::<Result<Vec<_>, &str>>().map_err(wrong)?
            }
            (None, Some(_)) => Vec::new(),
            _ => return Err(wrong("it needs either a `response` or an `error`")),
        };
        Ok(Self { line, exchange, chunks, played: false })
    }

    fn is_at(&self, request: &HttpRequest) -> bool {
        let sent = &self.exchange.request;
        sent.method == request.method && path_of(&sent.url) == path_of(&request.url)
    }

    fn is_for(&self, request: &HttpRequest, body: &Value) -> bool {
        self.is_at(request) && self.exchange.request.body == *body
    }
}

/// Why there is nothing to play.
fn missing(tracks: &[Track], request: &HttpRequest, body: &Value) -> ModelError {
    let what = format!("{} {}", request.method, path_of(&request.url));
    let again = tracks.iter().find(|track| track.is_for(request, body));
    let next = tracks.iter().find(|track| !track.played && track.is_at(request));
    let message = match (again, next) {
        (Some(track), _) => {
            format!("the cassette's answer to this {what} (line {}) was played already", track.line)
        }
        (None, Some(track)) => {
            let sent = &track.exchange.request.body;
            let (at, recorded, asked) = difference(sent, body);
            let at = if at.is_empty() { "the whole body".to_owned() } else { at };
            format!(
                "the cassette has no answer to this {what}: line {} differs at {at}, recorded \
                 {recorded}, asked {asked}",
                track.line
            )
        }
        (None, None) => format!("the cassette has no answer to {what} left"),
    };
    let failure = Failure::invalid(message).hint(
        "a cassette plays for the run it was recorded from: same mission, seed and version of \
         Lucid; record it again",
    );
    ModelError::new(ModelErrorKind::Rejected, failure)
}

/// The first place where two values differ, as a JSON pointer, and what each has there.
fn difference(recorded: &Value, asked: &Value) -> (String, String, String) {
    let (mut recorded, mut asked) = (Some(recorded), Some(asked));
    let mut pointer = String::new();
    loop {
        let step = match (recorded, asked) {
            (Some(Value::Object(left)), Some(Value::Object(right))) => {
                left.keys().chain(right.keys()).find(|key| left.get(*key) != right.get(*key)).map(
                    |key| {
                        (key.replace('~', "~0").replace('/', "~1"), left.get(key), right.get(key))
                    },
                )
            }
            (Some(Value::Array(left)), Some(Value::Array(right))) => {
                let longest = left.len().max(right.len());
                let at = (0..longest).find(|at| left.get(*at) != right.get(*at));
                at.map(|at| (at.to_string(), left.get(at), right.get(at)))
            }
            _ => None,
        };
        let Some((key, left, right)) = step else {
            return (pointer, shown(recorded, asked), shown(asked, recorded));
        };
        pointer = format!("{pointer}/{key}");
        (recorded, asked) = (left, right);
    }
}

/// A value in short; of long texts the part where they part.
fn shown(value: Option<&Value>, other: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    let other = other.map(Value::to_string).unwrap_or_default();
    let same = text.chars().zip(other.chars()).take_while(|(left, right)| left == right).count();
    let start = same.saturating_sub(SHOWN_MAX / 3);
    let part: String = text.chars().skip(start).take(SHOWN_MAX).collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if text.chars().count() > start + SHOWN_MAX { "…" } else { "" };
    format!("{before}{part}{after}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_found_with_its_place() {
        let check = |recorded: Value, asked: Value, expected: [&str; 3]| {
            let (at, left, right) = difference(&recorded, &asked);
            assert_eq!([at.as_str(), &left, &right], expected);
        };
        let long = |end: &str| format!("{}{end}", "a".repeat(100));
        check(
            json!({"a": [1, {"b/c": 2}]}),
            json!({"a": [1, {"b/c": 3}]}),
            ["/a/1/b~1c", "2", "3"],
        );
        check(json!({"a": [1]}), json!({"a": [1, 2]}), ["/a/1", "nothing", "2"]);
        check(json!({"a": 1, "b": 2}), json!({"b": 2}), ["/a", "1", "nothing"]);
        check(json!("x"), json!(1), ["", "\"x\"", "1"]);
        let (at, left, right) = difference(&json!([long("x")]), &json!([long("y")]));
        assert_eq!(at, "/0");
        assert!(left.ends_with("ax\"") && right.ends_with("ay\""), "{left} {right}");
        assert!(left.chars().count() <= SHOWN_MAX + 2, "{left}");
    }

    #[test]
    fn what_is_no_cassette_is_refused_with_its_line() {
        let check = |text: &str, part: &str| {
            let Err(refused) = Player::open(text, Pace::AtOnce) else { panic!("{text}") };
            assert!(refused.message.contains(part), "{refused}");
            assert!(refused.hint.is_some());
        };
        let request = r#""request":{"method":"POST","url":"http://h/","body":{}}"#;
        let line = |more: &str| format!("{{\"cassette\":1}}\n\n{{{request}{more}}}\n");
        check("", "no cassette");
        check("{\"type\":\"session\"}\n", "no cassette");
        check("{\"cassette\":2}\n", "version 2");
        check("{\"cassette\":1}\n{\"request\":1}\n", "line 2");
        check(&line(""), "line 3 of the cassette: it needs");
        check(&line(r#","response":{"status":200,"chunks":[{"base64":"?"}]}"#), "base64");
        check(&line(r#","response":{"status":200,"chunks":[{"ms":1}]}"#), "`text` or `base64`");
        check(&line(r#","error":{"kind":"tired","message":""}"#), "line 3");
        let good = line(r#","response":{"status":200}"#);
        assert_eq!(Player::open(&good, Pace::AtOnce).unwrap().unplayed(), 1);
    }
}
