use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::{Content, Event, EventId, FailureKind, IdleReason, SeededEntropy, StepClock, ThreadId};

const FIRST: &str = r#"{"type":"session","id":"sesn_01A","created_at":"2026-11-20T10:00:00Z"}"#;

/// As the API writes them: one turn with an approval, an outcome, and a delegation.
const ELSEWHERE: &str = include_str!("elsewhere.jsonl");

type Read = Vec<(Session, Vec<EventRecord>)>;

fn try_read(text: &str) -> Result<Read> {
    let clock = StepClock::starting_at(Timestamp(1_795_230_245_678));
    read_sessions(text, &clock, &SeededEntropy::new(1))
}

#[track_caller]
fn read(text: &str) -> Read {
    try_read(text).unwrap()
}

fn session() -> Session {
    Session {
        id: SessionId::parse("sesn_01A").unwrap(),
        title: "Landing \u{1F680} \"7\"\n".to_owned(),
        agent: "lead".to_owned(),
        metadata: BTreeMap::from([("lucid.task".to_owned(), "3".to_owned())]),
        created_at: Timestamp(1_795_230_245_678),
    }
}

/// A log as a session of a lead and one other writes it.
fn records() -> Vec<EventRecord> {
    let clock = StepClock::starting_at(Timestamp(1_795_230_245_678));
    let entropy = SeededEntropy::new(9);
    let (lead, child) = (ThreadId::new(&clock, &entropy), ThreadId::new(&clock, &entropy));
    let name = "scout".to_owned();
    let said = || Event::AgentMessage { content: Content::text("line\nbreak \u{2028} é") };
    let running = |id: &ThreadId, agent_name: &str| Event::ThreadRunning {
        session_thread_id: id.clone(),
        agent_name: agent_name.to_owned(),
    };
    let events = [
        (&lead, Event::StatusRunning {}),
        (&lead, running(&lead, "lead")),
        (&lead, Event::UserMessage { content: Content::text("go") }),
        (&lead, Event::ThreadCreated { session_thread_id: child.clone(), agent_name: name }),
        (&child, running(&child, "scout")),
        (&child, said()),
        (&lead, said()),
        (&lead, Event::StatusIdle { stop_reason: IdleReason::EndTurn }),
    ];
    let records = events.iter().map(|(thread, event)| {
        let thread = (*thread).clone();
        let other = thread != lead;
        let id = EventId::new(&clock, &entropy);
        EventRecord::new(id, event, Some(thread), other, clock.now()).unwrap()
    });
    records.collect()
}

#[test]
fn what_was_written_is_read_back_byte_for_byte() {
    let (session, mut records) = (session(), records());
    let long = format!(
        r#"{{ "type":"x.y",  "id" : "sevt_01long","n":1e400,"n":-0,"u":"\u0000\/",
        "processed_at":"2026-11-21T03:04:05Z","t":"{}"}}"#,
        "é".repeat(1 << 20)
    );
    let thread_id = records[0].thread_id.clone();
    records.push(EventRecord {
        id: EventId::parse("sevt_01long").unwrap(),
        kind: "x.y".to_owned(),
        thread_id,
        created_at: Timestamp(1_795_230_245_000),
        body: long.replace('\n', " "),
    });
    let text = write_session(&session, None, &records);
    assert_eq!(text.lines().count(), 1 + records.len());
    assert_eq!(read(&text), [(session.clone(), records.clone())]);
    // Twice in a file, the second time with other ends of lines, blank lines and no last end.
    let other = text.replace("sesn_01A", "sesn_01B").replace('\n', "\r\n\r\n");
    let both = format!("\u{FEFF}\n{text}{}", other.trim_end());
    let second = Session { id: SessionId::parse("sesn_01B").unwrap(), ..session.clone() };
    assert_eq!(read(&both), [(session, records.clone()), (second, records)]);
}

#[test]
fn nothing_is_made_up_where_everything_is_named() {
    struct Never(AtomicBool);
    impl Clock for Never {
        fn now(&self) -> Timestamp {
            self.0.store(true, Ordering::Relaxed);
            Timestamp(0)
        }
    }
    let clock = Never(AtomicBool::new(false));
    let text = write_session(&session(), None, &records());
    read_sessions(&text, &clock, &SeededEntropy::new(1)).unwrap();
    assert!(!clock.0.load(Ordering::Relaxed), "no id was made, so nobody asked for the time");
}

#[test]
fn an_outcome_becomes_a_label() {
    let label = |outcome| {
        let read = read(&write_session(&session(), outcome, &[]));
        read[0].0.metadata.get("lucid.label").cloned()
    };
    assert_eq!(label(None), None);
    assert_eq!(label(Some(OutcomeResult::Satisfied)).as_deref(), Some("success"));
    assert_eq!(label(Some(OutcomeResult::MaxIterationsReached)).as_deref(), Some("failure"));
}

#[test]
fn a_body_of_several_lines_becomes_one_of_the_same_value() {
    let mut records = records();
    let value = serde_json::from_str::<Value>(&records[2].body).unwrap();
    records[2].body = serde_json::to_string_pretty(&value).unwrap().replace('\n', "\r\n");
    let read = read(&write_session(&session(), None, &records));
    let body = &read[0].1[2].body;
    assert!(!body.contains(['\n', '\r']));
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), value);
    assert_eq!(read[0].1.len(), records.len());
}

#[test]
fn a_session_that_was_made_elsewhere_is_read_as_it_is() {
    let read = read(ELSEWHERE);
    let [(session, events)] = read.as_slice() else { panic!("{read:?}") };
    assert_eq!((session.id.as_str(), session.title.as_str()), ("sesn_01A", ""));
    assert_eq!((session.agent.as_str(), session.metadata.len()), ("coder", 0));
    let bodies: Vec<_> = events.iter().map(|event| event.body.as_str()).collect();
    assert_eq!(bodies, ELSEWHERE.lines().skip(1).collect::<Vec<_>>());
    assert!(events.iter().zip(&bodies).all(|(event, body)| body.contains(event.id.as_str())));
    let thread = |id: &str| {
        let event = events.iter().find(|event| event.id.as_str() == id).unwrap();
        event.thread_id.as_ref().map(|id| id.as_str().to_owned()).unwrap()
    };
    // Also what stands before the thread is named, and what starts another one.
    for id in ["sevt_01", "sevt_03", "sevt_15", "sevt_24", "sevt_26", "sevt_29"] {
        assert_eq!(thread(id), "sthr_01A", "{id}");
    }
    assert_eq!(thread("sevt_25"), "sthr_01B");
    let times: Vec<_> = events.iter().map(|event| event.created_at).collect();
    assert_eq!(times[9], Timestamp::parse("2026-11-20T10:00:05Z").unwrap());
    assert_eq!(times.last(), Some(&session.created_at), "a missing time is the session's");
    // What this version knows of them is understood, and the rest is left alone.
    let known = |id: &str| events.iter().find(|event| event.id.as_str() == id).unwrap().event();
    assert!(matches!(known("sevt_10"), Some(Event::ToolConfirmation { .. })));
    assert!(matches!(known("sevt_09"), Some(Event::StatusIdle { .. })));
    assert_eq!(known("sevt_29"), None);
}

/// The same session with ids as others make them; each one is also somewhere where it must
/// stay, because it was said or done and names nothing there.
fn strange() -> String {
    let text = ELSEWHERE
        .replace("sesn_01A", "run 7")
        .replace("sthr_01A", "main")
        .replace("sthr_01B", "0b5e-77")
        .replace("outc_01A", "goal/1")
        .replace("sevt_05", "toolu_05")
        .replace("sevt_04", "é\\u0022\\n");
    text.replace("\"ls\"", r#""ls","tool_use_id":"toolu_05","session_thread_id":"main""#)
        .replace("looks fine", "toolu_05 in main for goal/1")
}

#[test]
fn ids_of_another_form_are_replaced_wherever_they_name_something() {
    let read = read(&strange());
    let [(session, events)] = read.as_slice() else { panic!("{read:?}") };
    let field = |index: usize, pointer: &str| {
        let body: Value = serde_json::from_str(&events[index].body).unwrap();
        body.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
    };
    assert!(SessionId::parse(session.id.as_str()).is_some());
    // Events: the call, what refers to it, and a request with an id that has to be escaped.
    let call = events[4].id.to_string();
    assert!(EventId::parse(&call).is_some() && call.len() == 29, "{call}");
    for (index, pointer) in [
        (4, "/id"),
        (6, "/stop_reason/event_ids/0"),
        (7, "/stop_reason/event_ids/0"),
        (8, "/tool_use_id"),
        (9, "/tool_use_id"),
    ] {
        assert_eq!(field(index, pointer).as_deref(), Some(call.as_str()), "{index}{pointer}");
    }
    assert_eq!(field(5, "/model_request_start_id").as_deref(), Some(events[3].id.as_str()));
    // Threads.
    let (lead, child) =
        (events[2].thread_id.clone().unwrap(), events[14].thread_id.clone().unwrap());
    assert_ne!(lead, child);
    assert_eq!(events[0].thread_id.as_ref(), Some(&lead));
    for (index, pointer, thread) in [
        (2, "/session_thread_id", &lead),
        (6, "/session_thread_id", &lead),
        (13, "/session_thread_id", &child),
        (14, "/session_thread_id", &child),
        (15, "/to_session_thread_id", &child),
        (16, "/from_session_thread_id", &child),
    ] {
        assert_eq!(field(index, pointer).as_deref(), Some(thread.as_str()), "{index}{pointer}");
    }
    // The outcome.
    let outcome = field(11, "/outcome_id").unwrap();
    assert!(crate::OutcomeId::parse(&outcome).is_some());
    assert_eq!(field(12, "/outcome_id"), Some(outcome));
    // What was said and done stays as it was, and ids that were fine stay too.
    assert_eq!(field(4, "/input/tool_use_id").as_deref(), Some("toolu_05"));
    assert_eq!(field(4, "/input/session_thread_id").as_deref(), Some("main"));
    assert_eq!(field(16, "/content/0/text").as_deref(), Some("toolu_05 in main for goal/1"));
    assert_eq!(field(12, "/outcome_evaluation_start_id").as_deref(), Some("sevt_21"));
    assert_eq!(events[0].body, ELSEWHERE.lines().nth(1).unwrap());
    // And with the ids put back, every byte is as it was.
    let mut text: String = events.iter().map(|event| format!("{}\n", event.body)).collect();
    for (new, old) in [
        (events[3].id.as_str(), "é\\u0022\\n"),
        (&call, "toolu_05"),
        (lead.as_str(), "main"),
        (child.as_str(), "0b5e-77"),
        (&field(11, "/outcome_id").unwrap(), "goal/1"),
    ] {
        text = text.replace(new, old);
    }
    assert_eq!(text, strange().split_once('\n').unwrap().1);
}

#[test]
fn the_same_strange_id_means_another_thing_in_each_kind_and_each_session() {
    let one = |id: &str| {
        format!(
            r#"{{"type":"session","id":"{id}","created_at":"2026-11-20T10:00:00Z"}}
{{"type":"session.thread_status_running","id":"1","session_thread_id":"1","agent_name":"a"}}
{{"type":"my","id":"2","about_id":"1","outcome_id":"1","workflow_run_id":"1","session_id":"{id}"}}
"#
        )
    };
    let read = read(&format!("{}{}", one("1"), one("2")));
    let mut seen = std::collections::BTreeSet::new();
    for (session, events) in &read {
        let body: Value = serde_json::from_str(&events[1].body).unwrap();
        let field = |name: &str| body[name].as_str().unwrap().to_owned();
        assert_eq!(field("about_id"), events[0].id.as_str());
        assert_eq!(field("session_id"), session.id.as_str());
        assert_eq!(field("workflow_run_id"), "1");
        let thread = events[0].thread_id.as_ref().unwrap().as_str();
        assert!(events[0].body.contains(&format!(r#""session_thread_id":"{thread}""#)));
        seen.extend([field("about_id"), field("outcome_id"), field("id"), thread.to_owned()]);
    }
    assert_eq!(seen.len(), 8);
}

#[test]
fn ids_that_are_missing_are_made() {
    let text = "{\"created_at\":\"2026-11-20T10:00:00Z\",\"type\":\"session\",\
        \"agent\":\"coder\"}\n\
        { \"type\":\"user.message\",\"content\":[]}\n\
        {\"id\":null,\"type\":\"user.message\",\"content\":[]}\n";
    let read = read(text);
    let (session, events) = &read[0];
    assert!(SessionId::parse(session.id.as_str()).is_some());
    assert_eq!(session.agent, "coder");
    let (one, other) = (&events[0], &events[1]);
    assert_ne!(one.id, other.id);
    let id = &one.id;
    assert_eq!(one.body, format!(r#"{{"id":"{id}", "type":"user.message","content":[]}}"#));
    let id = &other.id;
    assert_eq!(other.body, format!(r#"{{"id":"{id}","type":"user.message","content":[]}}"#));
    assert_eq!((&one.thread_id, one.created_at), (&None, session.created_at));
}

#[test]
fn a_log_that_never_names_its_primary_thread_gets_one_of_its_own() {
    let text = format!(
        r#"{FIRST}
{{"type":"user.message","content":[]}}
{{"type":"session.thread_created","session_thread_id":"sthr_01B","agent_name":"b"}}
{{"type":"session.thread_status_running","session_thread_id":"sthr_01B","agent_name":"b"}}
"#
    );
    let read = read(&text);
    let threads: Vec<_> = read[0].1.iter().map(|event| event.thread_id.clone().unwrap()).collect();
    assert_eq!(threads[0], threads[1]);
    assert_ne!(threads[1], threads[2]);
    assert_eq!(threads[2].as_str(), "sthr_01B");
}

#[track_caller]
fn refused(text: &str, line: usize, what: &str) {
    let failure = try_read(text).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
    assert!(failure.message.starts_with(&format!("line {line}: ")), "{failure}");
    assert!(failure.message.contains(what), "{failure}");
    assert!(!failure.message.contains('\n') && !failure.message.ends_with('.'), "{failure}");
    assert!(failure.hint.is_some_and(|hint| !hint.is_empty()), "{text:?}");
}

#[test]
fn every_malformed_session_is_refused_with_its_line() {
    let with = |fields: &str| {
        format!(
            r#"{{"type":"session","id":"sesn_01A","created_at":"2026-11-20T10:00:00Z",{fields}}}"#
        )
    };
    for text in ["", "\n", " \r\n\t\n", "\u{FEFF}"] {
        refused(text, 1, "no session");
    }
    refused("hello", 1, "not JSON");
    refused("{", 1, "not JSON");
    refused("\n[1]", 2, "not a JSON object");
    refused("7", 1, "not a JSON object");
    refused("\"session\"", 1, "not a JSON object");
    refused("{}", 1, "no type");
    refused(r#"{"id":"sevt_1","type":"user.message"}"#, 1, "before the first session");
    refused(r#"{"type":"session","id":"sesn_01A"}"#, 1, "no `created_at`");
    refused(r#"{"type":"session","id":"sesn_01A","created_at":null}"#, 1, "no `created_at`");
    for time in ["yesterday", "2026-11-20", "1969-01-01T00:00:00Z", ""] {
        let text = format!(r#"{{"type":"session","created_at":"{time}"}}"#);
        refused(&text, 1, "`created_at` is not a time");
    }
    refused(r#"{"type":"session","created_at":1795230245}"#, 1, "`created_at` is not a text");
    refused(r#"{"type":"session","id":7,"created_at":""}"#, 1, "`id` is not a text");
    refused(r#"{"type":"session","id":"a","id":"b"}"#, 1, "`id` twice");
    refused(&with(r#""title":["a"]"#), 1, "`title` is not a text");
    refused(&with(r#""agent":7"#), 1, "agent has no name");
    refused(&with(r#""agent":{"id":"agent_01"}"#), 1, "agent has no name");
    refused(&with(r#""agent":{"name":null}"#), 1, "agent has no name");
    refused(&with(r#""metadata":["a"]"#), 1, "metadata are not an object");
    refused(&with(r#""metadata":{"lucid.task":3}"#), 1, "metadata \"lucid.task\" are not a text");
    refused(&with(r#""metadata":{"lucid.label":"good"}"#), 1, "neither `success` nor `failure`");
    refused(&with(r#""stats":1e400"#), 1, "value that cannot be read");
    let deep = format!(r#""budget":{}{}"#, "[".repeat(5_000), "]".repeat(5_000));
    refused(&with(&deep), 1, "value that cannot be read");
    refused(&format!("{FIRST}\n\n{FIRST}"), 3, "session \"sesn_01A\" is on line 1 too");
    let strange = FIRST.replace("sesn_01A", "run\\u001b]7");
    refused(&format!("{strange}\n{strange}"), 2, "session \"run\\u{1b}]7\" is on line 1 too");
}

#[test]
fn every_malformed_event_is_refused_with_its_line() {
    let fine = r#"{"type":"user.message","id":"sevt_01","content":[]}"#;
    let cases = [
        (r#"{"type":"user.message","id":"sevt_02""#, "not JSON: EOF while parsing"),
        (r#"{"type":"user.message"} {"type":"user.message"}"#, "not JSON: trailing characters"),
        ("{\"type\":\"user.message\",\"t\":\"a\u{1}b\"}", "not JSON: control character"),
        (r#"{"type":"user.message","id":'x'}"#, "not JSON: expected"),
        (r#"{"type":"user.message","t":"\q"}"#, "not JSON: invalid escape at column"),
        (r#"{"type":"user.message","n":01}"#, "not JSON: invalid number at column"),
        ("event: agent.message", "not JSON"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        (r#"{"id":"sevt_02"}"#, "no type"),
        (r#"{"type":""}"#, "no type"),
        (r#"{"type":null}"#, "no type"),
        (r#"{"type":3}"#, "`type` is not a text"),
        (r#"{"type":"a","type":"b"}"#, "`type` twice"),
        (r#"{"type":"a","id":2}"#, "`id` is not a text"),
        (r#"{"type":"a","id":"\ud800"}"#, "`id` is not a text"),
        (r#"{"type":"a","id":"sevt_01"}"#, "event \"sevt_01\" is on line 2 too"),
        (r#"{"type":"a","session_thread_id":1}"#, "`session_thread_id` is not a text"),
        (r#"{"type":"a","processed_at":0}"#, "`processed_at` is not a text"),
        (r#"{"type":"a","processed_at":"soon"}"#, "`processed_at` is not a time"),
        (r#"{"type":"a","processed_at":null,"processed_at":null}"#, "`processed_at` twice"),
    ];
    let more = fine.replace("sevt_01", "sevt_03");
    for (wrong, what) in cases {
        refused(&format!("{FIRST}\n{fine}\n{wrong}\n{more}\n"), 3, what);
    }
    // A whole export that somebody's editor has made pretty.
    let value: Value = serde_json::from_str(FIRST).unwrap();
    refused(&serde_json::to_string_pretty(&value).unwrap(), 1, "not JSON");
    // Cut off anywhere but at the end of a line, and inside the last event.
    let text = format!("{FIRST}\n{fine}");
    for end in FIRST.len() + 2..text.len() {
        refused(&text[..end], 2, "not JSON");
    }
}

#[test]
fn a_line_has_a_longest_length() {
    let line = |bytes: usize| {
        let (begin, end) = (r#"{"type":"a","t":""#, r#""}"#);
        format!("{begin}{}{end}", "x".repeat(bytes - begin.len() - end.len()))
    };
    let read = read(&format!("{FIRST}\n{}", line(LINE_BYTES_MAX)));
    assert_eq!(read[0].1.len(), 1);
    let failure = try_read(&format!("{FIRST}\n{}", line(LINE_BYTES_MAX + 1))).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Exceeded);
    let expected = "line 2: it has 16777217 bytes, and 16777216 are the most";
    assert_eq!(failure.message, expected);
    assert!(failure.hint.is_some());
}
