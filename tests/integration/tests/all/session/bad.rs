//! Bad input to sessions: each is one sentence and a hint, and nothing changes.

mod models;

use lucid_core::{
    Confirmation, Content, Event, EventId, EventRecord, Failure, FailureKind, IdleReason,
    SessionId, ThreadId, write_session,
};
use lucid_runtime::{Approval, RunOptions, Runtime, SessionFilter};
use lucid_tests::{Missions, log};

use super::{answering, missions, once, solo, until};

use FailureKind::{Failed, Invalid};

const CANARY: &str = "canary-51c07b93ee";

/// Every session with its whole log.
type Everything = Vec<(SessionId, Vec<(u32, EventRecord)>)>;

async fn everything(runtime: &Runtime) -> Everything {
    let mut all = Vec::new();
    for found in runtime.store.sessions(&SessionFilter::default()).await.unwrap() {
        let id = found.session.id;
        let events = runtime.store.events(&id, None, u32::MAX).await.unwrap();
        all.push((id, events));
    }
    all
}

/// What a failure has to be and is not.
fn faults(failure: &Failure, kind: FailureKind, says: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if failure.kind != kind {
        faults.push(format!("is {}, not {kind}", failure.kind));
    }
    if failure.message.contains('\n') || failure.message.ends_with('.') {
        faults.push("is not one sentence without its full stop".to_owned());
    }
    if failure.hint.as_ref().is_none_or(|hint| hint.trim().is_empty() || hint.contains('\n')) {
        faults.push("has no hint of one line".to_owned());
    }
    if !failure.message.contains(says) {
        faults.push(format!("does not say {says:?}"));
    }
    if format!("{failure:?}").contains(CANARY) {
        faults.push("shows a key".to_owned());
    }
    faults
}

/// Collects what is wrong with the answers to bad input.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn take<T>(&mut self, what: &str, kind: FailureKind, says: &str, done: lucid_core::Result<T>) {
        match done {
            Ok(_) => self.0.push(format!("{what}: it was taken")),
            Err(failure) => {
                let faults = faults(&failure, kind, says);
                self.0.extend(faults.iter().map(|fault| format!("{what}: {fault}: {failure:?}")));
            }
        }
    }

    #[track_caller]
    fn none(self) {
        assert!(self.0.is_empty(), "{} faults:\n{}", self.0.len(), self.0.join("\n"));
    }
}

fn says(text: &str) -> Event {
    Event::UserMessage { content: Content::text(text) }
}

fn confirm(call: &EventId, result: Confirmation) -> Event {
    Event::ToolConfirmation { tool_use_id: call.clone(), result, deny_message: None }
}

fn open(missions: &Missions) -> Runtime {
    Runtime::open(Missions::options(&missions.state())).unwrap()
}

fn nobody() -> SessionId {
    SessionId::parse("sesn_01nobody").unwrap()
}

// Imports.

const FIRST: &str = r#"{"type":"session","id":"sesn_01A","created_at":"2026-11-20T10:00:00Z"}
{"type":"user.message","id":"sevt_01","content":[{"type":"text","text":"hello"}]}
{"type":"made.elsewhere","id":"sevt_02"}
"#;

/// What follows a whole session in the file, and what is said of it.
const MALFORMED: [(&str, &str); 24] = [
    ("hello", "line 4: it is not JSON"),
    ("{", "line 4: it is not JSON"),
    (r#"{"type":"user.message","content":["#, "line 4: it is not JSON"),
    (r#"{"type":"a"} {"type":"b"}"#, "line 4: it is not JSON"),
    ("{\"type\":\"a\u{0}\"}", "line 4: it is not JSON"),
    ("[]", "line 4: it is not a JSON object"),
    ("null", "line 4: it is not a JSON object"),
    (r#"{"id":"sevt_03"}"#, "line 4: it has no type"),
    (r#"{"type":7}"#, "line 4: `type` is not a text"),
    (r#"{"type":"a","type":"session"}"#, "line 4: it has `type` twice"),
    (r#"{"type":"a","id":3}"#, "line 4: `id` is not a text"),
    (r#"{"type":"a","id":"sevt_01"}"#, "line 4: event \"sevt_01\" is on line 2 too"),
    (r#"{"type":"a","session_thread_id":1}"#, "line 4: `session_thread_id` is not a text"),
    (r#"{"type":"a","processed_at":"soon"}"#, "line 4: `processed_at` is not a time"),
    (r#"{"type":"a","processed_at":1795230245}"#, "line 4: `processed_at` is not a text"),
    (r#"{"type":"session","id":"sesn_01B"}"#, "line 4: the session has no `created_at`"),
    (r#"{"type":"session","created_at":"yesterday"}"#, "line 4: `created_at` is not a time"),
    (
        r#"{"type":"session","id":"sesn_01A","created_at":"2026-11-20T10:00:00Z"}"#,
        "line 4: session \"sesn_01A\" is on line 1 too",
    ),
    (
        r#"{"type":"session","created_at":"2026-11-20T10:00:00Z","agent":7}"#,
        "line 4: the session's agent has no name",
    ),
    (
        r#"{"type":"session","created_at":"2026-11-20T10:00:00Z","title":["a"]}"#,
        "line 4: `title` is not a text",
    ),
    (
        r#"{"type":"session","created_at":"2026-11-20T10:00:00Z","metadata":[]}"#,
        "line 4: the session's metadata are not an object",
    ),
    (
        r#"{"type":"session","created_at":"2026-11-20T10:00:00Z","metadata":{"a":1}}"#,
        "line 4: the session's metadata \"a\" are not a text",
    ),
    (
        r#"{"type":"session","created_at":"2026-11-20T10:00:00Z","metadata":{"lucid.label":"ok"}}"#,
        "line 4: the session's `lucid.label` is neither",
    ),
    (
        r#"{"type":"session","created_at":"2026-11-20T10:00:00Z","stats":1e400}"#,
        "line 4: the session has a value that cannot be read",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_import_takes_in_nothing() {
    let missions = missions(&solo("say First.", ""));
    let (runtime, mission) = missions.load().await;
    let (session, _) = once(&runtime, &mission, &RunOptions::default()).await;
    let before = everything(&runtime).await;
    let records: Vec<_> = before[0].1.iter().map(|(_, record)| record.clone()).collect();
    let own = write_session(&session, None, &records);
    let mut faults = Faults::default();
    for (after, says) in MALFORMED {
        let done = runtime.import(&format!("{FIRST}{after}\n")).await;
        faults.take(after, Invalid, says, done);
        assert_eq!(everything(&runtime).await, before, "{after}");
    }
    let event = r#"{"type":"user.message","content":[]}"#;
    for (text, says) in [
        (String::new(), "line 1: there is no session"),
        (" \r\n\n".to_owned(), "line 1: there is no session"),
        (format!("{event}\n{FIRST}"), "line 1: there is an event before the first session"),
        // Cut off where a copy may be.
        (own[..own.len() - 20].to_owned(), "it is not JSON"),
        // One that is there already, alone and behind one that is new.
        (own.clone(), session.id.as_str()),
        (format!("{FIRST}{own}"), session.id.as_str()),
    ] {
        let shown: String = text.chars().take(60).collect();
        faults.take(&shown, Invalid, says, runtime.import(&text).await);
        assert_eq!(everything(&runtime).await, before, "{shown}");
    }
    faults.none();
    // The same without a mistake is taken in.
    assert_eq!(runtime.import(FIRST).await.unwrap().len(), 1);
    assert_eq!(everything(&runtime).await.len(), 2);
}

// What people write into sessions.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_in_a_session_is_not_written_into_it() {
    let script = "call fine {\"text\": \"x\"}\n\
                  call write {\"file_path\": \"/workspace/a\", \"content\": \"one\"}\nsay Done.";
    let missions = missions(&solo(script, r#"permissions = { write = "always_ask" }"#));
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &answering(Approval::Later)).await;
    let IdleReason::RequiresAction { event_ids } = &end.idle else { panic!("{:?}", end.idle) };
    let [waiting] = event_ids.as_slice() else { panic!("{event_ids:?}") };
    let (other, _) = once(&runtime, &mission, &answering(Approval::Later)).await;
    let state = runtime.session_state(&other.id).await.unwrap();
    let others_call = state.asks().next().unwrap().1.event.clone();
    let others_thread = state.threads[0].id.clone();
    let events = log(&runtime, &session.id).await;
    let first =
        |kind: &str| events.iter().find(|(_, record, _)| record.kind == kind).unwrap().1.id.clone();
    let (done, message) = (first("agent.tool_use"), first("user.message"));
    let unknown = EventId::parse("sevt_01nothing").unwrap();
    let nowhere = ThreadId::parse("sthr_01nowhere");
    let interrupt = |session_thread_id| Event::Interrupt { session_thread_id };
    let (allow, deny) = (Confirmation::Allow, Confirmation::Deny);
    let bad = [
        ("an unknown call", vec![confirm(&unknown, allow)], "waits for nobody"),
        ("a call that is over", vec![confirm(&done, allow)], "waits for nobody"),
        ("what is no call", vec![confirm(&message, deny)], "waits for nobody"),
        ("a call of another session", vec![confirm(&others_call, allow)], "waits for nobody"),
        (
            "one call twice",
            vec![confirm(waiting, deny), confirm(waiting, allow)],
            "waits for nobody",
        ),
        ("a bad one behind a good one", vec![says("x"), confirm(&unknown, deny)], "sevt_01nothing"),
        ("an unknown thread", vec![interrupt(nowhere)], "has no thread sthr_01nowhere"),
        ("a thread of another session", vec![interrupt(others_thread)], "has no thread"),
        ("what an agent says", vec![Event::AgentMessage { content: vec![] }], "can be sent"),
        ("a status", vec![Event::StatusTerminated {}], "can be sent"),
    ];
    let before = everything(&runtime).await;
    let mut faults = Faults::default();
    for (what, events, says) in bad {
        faults.take(what, Invalid, says, runtime.post(&session.id, events).await);
        assert_eq!(everything(&runtime).await, before, "{what}");
    }
    // What was decided stays decided, also before anybody acted on it.
    runtime.post(&session.id, vec![confirm(waiting, deny)]).await.unwrap();
    let before = everything(&runtime).await;
    let again = runtime.post(&session.id, vec![confirm(waiting, allow)]).await;
    faults.take("what was decided", Invalid, "waits for nobody", again);
    assert_eq!(everything(&runtime).await, before);
    faults.none();
    runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert!(!end.workspace.outputs_folder().join("../workspace/a").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archived_or_unknown_session_takes_nothing_and_is_not_gone_on_with() {
    let missions = missions(&solo("say First.\nsay Second.", ""));
    let (runtime, mission) = missions.load().await;
    let (session, _) = once(&runtime, &mission, &RunOptions::default()).await;
    runtime.archive(&session.id).await.unwrap();
    let before = everything(&runtime).await;
    let options = RunOptions::default();
    let (id, mut faults) = (&session.id, Faults::default());
    let interrupt = || Event::Interrupt { session_thread_id: None };
    let archived = "is archived";
    faults.take("say", Invalid, archived, runtime.post(id, vec![says("x")]).await);
    faults.take("interrupt", Invalid, archived, runtime.post(id, vec![interrupt()]).await);
    faults.take("resume", Invalid, archived, runtime.resume(id, &options).await);
    // Putting it away twice is no mistake, and no second event.
    runtime.archive(id).await.unwrap();
    let (id, there) = (&nobody(), "there is no session sesn_01nobody");
    faults.take("say, unknown", Invalid, there, runtime.post(id, vec![says("x")]).await);
    faults.take("interrupt, unknown", Invalid, there, runtime.post(id, vec![interrupt()]).await);
    faults.take("resume, unknown", Invalid, there, runtime.resume(id, &options).await);
    faults.take("archive, unknown", Invalid, there, runtime.archive(id).await);
    faults.take("delete, unknown", Invalid, there, runtime.delete(id).await);
    faults.take("look, unknown", Invalid, there, runtime.session_state(id).await);
    faults.none();
    assert_eq!(everything(&runtime).await, before);
}

/// Somebody archives what a process that was killed left behind; the run that it was a part
/// of does not wake it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_gone_on_with_leaves_its_archived_session_alone() {
    let missions = missions(&solo("call spin {}\nsay Done.", ""));
    let (runtime, mission) = missions.load().await;
    let watching = runtime.clone();
    let run = tokio::spawn(async move { once(&runtime, &mission, &RunOptions::default()).await });
    let (id, _) = until(&watching, None, |event| matches!(event, Event::ToolUse { .. })).await;
    run.abort();
    let _ = run.await;
    drop(watching);
    let (runtime, mission) = missions.load().await;
    runtime.archive(&id).await.unwrap();
    let before = everything(&runtime).await;
    let again = RunOptions { resume: true, ..RunOptions::default() };
    let (session, _) = once(&runtime, &mission, &again).await;
    assert_eq!(session.id, id);
    assert_eq!(everything(&runtime).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_gone_on_with_only_where_and_as_it_was_begun() {
    let mission_text = solo("say First.\nsay Second.", "");
    let missions = missions(&mission_text);
    let (runtime, mission) = missions.load().await;
    let (session, _) = once(&runtime, &mission, &RunOptions::default()).await;
    let id = &session.id;
    runtime.post(id, vec![says("And?")]).await.unwrap();
    let before = everything(&runtime).await;
    let options = RunOptions::default();
    let mut faults = Faults::default();
    for (what, text, expected) in [
        ("another script", mission_text.replace("First", "Second"), "has changed since"),
        ("another limit", format!("{mission_text}\n[limits]\nfiles = 9\n"), "has changed since"),
        ("no mission", "name = ".to_owned(), "mission.toml:1"),
    ] {
        missions.write("mission.toml", &text);
        faults.take(what, Invalid, expected, runtime.resume(id, &options).await);
        assert_eq!(everything(&runtime).await, before, "{what}");
    }
    std::fs::remove_file(missions.mission().join("mission.toml")).unwrap();
    faults.take("nothing there", Invalid, "mission.toml", runtime.resume(id, &options).await);
    assert_eq!(everything(&runtime).await, before);
    missions.write("mission.toml", &mission_text);
    // Its log alone is not the session: the files that it worked on are elsewhere.
    let records: Vec<_> = before[0].1.iter().map(|(_, record)| record.clone()).collect();
    let elsewhere = Runtime::open(Missions::options(&missions.root().join("elsewhere"))).unwrap();
    elsewhere.import(&write_session(&session, None, &records)).await.unwrap();
    let made = elsewhere.import(FIRST).await.unwrap();
    let imported = everything(&elsewhere).await;
    faults.take("imported", Invalid, id.as_str(), elsewhere.resume(id, &options).await);
    faults.take("of others", Invalid, "which mission", elsewhere.resume(&made[0], &options).await);
    assert_eq!(everything(&elsewhere).await, imported);
    faults.none();
    // As it was, it goes on.
    assert_eq!(runtime.resume(id, &options).await.unwrap().last_text, "Second.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_runs_is_neither_archived_nor_deleted_nor_run_twice() {
    let limits = "limits = { deadline_ms = \"20 s\" }";
    let missions = missions(&solo("call spin {}\nsay Done.", limits));
    let (runtime, mission) = missions.load().await;
    let other = open(&missions);
    let run = tokio::spawn(async move { once(&runtime, &mission, &RunOptions::default()).await });
    let (id, _) = until(&other, None, |event| matches!(event, Event::ToolUse { .. })).await;
    let before = everything(&other).await;
    let mut faults = Faults::default();
    let (options, runs) = (RunOptions::default(), "another process runs session");
    faults.take("archive", Failed, runs, other.archive(&id).await);
    faults.take("delete", Failed, runs, other.delete(&id).await);
    faults.take("resume", Failed, runs, other.resume(&id, &options).await);
    faults.none();
    assert_eq!(everything(&other).await, before);
    let interrupt = Event::Interrupt { session_thread_id: None };
    assert!(other.post(&id, vec![interrupt]).await.unwrap().is_running);
    let (session, end) = run.await.unwrap();
    assert_eq!(session.id, id);
    assert!(end.workspace.outputs_folder().exists(), "nothing of it was deleted");
}
