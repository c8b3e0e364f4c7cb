//! Sessions in the background when something goes wrong: processes that end, missions that are
//! gone, sessions that are deleted, threads that are put away.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lucid_core::{
    Clock as _, Content, Event, EventId, EventRecord, Failure, IdleReason, Session, SessionId,
    SessionState, SessionStatus, ThreadId, Timestamp,
};
use lucid_runtime::{Live, NewSession, RunOptions, Runtime, SystemClock, SystemEntropy, World};
use lucid_tests::{Missions, log};

use super::managed::{Talk, mission, says};
use super::{missions, once, solo, until};

/// An agent that says what it was told.
pub(super) const ECHO: &str =
    "name = \"talk\"\nlead = \"lead\"\n[agents.lead]\nmodel = \"plugin:echo\"\n";

/// What was told outside of logs.
pub(super) type Told = Arc<Mutex<Vec<String>>>;

pub(super) fn live(runtime: &Runtime) -> (Live, Told) {
    let told = Told::default();
    let tells = told.clone();
    let tell = move |_: &SessionId, failure: &Failure| {
        tells.lock().unwrap().push(failure.to_string());
    };
    (Live::new(runtime.clone(), Arc::new(tell)), told)
}

/// A state folder where the hostile tools are found like any that a server has.
pub(super) fn hostile() -> (Missions, Runtime) {
    let missions = missions("");
    let mut options = Missions::options(&missions.state());
    options.bundled.push(missions.mission());
    let runtime = Runtime::open(options).unwrap();
    (missions, runtime)
}

/// Waits until something is so.
pub(super) async fn eventually(what: impl AsyncFn() -> bool) {
    while !what().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(super) async fn rests(live: &Live, id: &SessionId) {
    eventually(async || !live.is_working(id)).await;
}

pub(super) fn new_session(mission: &str) -> NewSession {
    let clock = SystemClock::default();
    NewSession {
        id: SessionId::new(&clock, &SystemEntropy),
        title: "Talk".into(),
        agent: "lead".into(),
        metadata: [].into(),
        mission: mission.to_owned(),
        memory: Vec::new(),
        created_at: clock.now(),
    }
}

/// The file of a session's own mission.
pub(super) fn mission_file(runtime: &Runtime, id: &SessionId) -> PathBuf {
    folder(runtime, id).join("mission/mission.toml")
}

fn folder(runtime: &Runtime, id: &SessionId) -> PathBuf {
    runtime.workspace(id).outputs_folder().parent().unwrap().to_owned()
}

/// Writes an event as somebody does who has not claimed the session.
async fn posted(runtime: &Runtime, id: &SessionId, event: &Event, thread: Option<ThreadId>) {
    let (clock, entropy) = (SystemClock::default(), SystemEntropy);
    let child = thread.is_some();
    let event_id = EventId::new(&clock, &entropy);
    let record = EventRecord::new(event_id, event, thread, child, clock.now()).unwrap();
    runtime.store.post_events(id, vec![record]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_mission_began_is_left_to_whoever_runs_missions() {
    let missions = missions(&solo("call spin {}\nsay {result}", ""));
    let (runtime, mission) = missions.load().await;
    let watching = runtime.clone();
    let run = tokio::spawn(async move { once(&runtime, &mission, &RunOptions::default()).await });
    let (id, _) = until(&watching, None, |event| matches!(event, Event::ToolUse { .. })).await;
    run.abort();
    let _ = run.await;
    drop(watching);
    let runtime = Runtime::open(Missions::options(&missions.state())).unwrap();
    assert_eq!(runtime.interrupted().await.unwrap(), std::slice::from_ref(&id));
    let (live, told) = live(&runtime);
    assert_eq!(live.wake_all().await.unwrap(), 0);
    // Somebody who writes to it has it go on.
    let interrupt = Event::Interrupt { session_thread_id: None };
    runtime.post_events(&id, vec![interrupt]).await.unwrap();
    live.wake(&id);
    rests(&live, &id).await;
    let state = runtime.session_state(&id).await.unwrap();
    assert_eq!(state.status, SessionStatus::Idle);
    assert!(told.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deterministic_session_is_not_gone_on_with_and_its_log_stays_as_it_is() {
    let missions = Missions::new(&[("mission.toml", &format!("message = \"Go.\"\n{ECHO}"))], &[]);
    let (runtime, mission) = missions.load().await;
    let options = RunOptions::default();
    let ran = runtime.run_once(&mission, 1, &World::deterministic(7), &options).await;
    let (session, _) = ran.unwrap();
    runtime.post_events(&session.id, vec![says("And?")]).await.unwrap();
    let before = log(&runtime, &session.id).await;
    let (live, told) = live(&runtime);
    assert_eq!(live.wake_all().await.unwrap(), 0);
    live.wake(&session.id);
    rests(&live, &session.id).await;
    assert_eq!(log(&runtime, &session.id).await, before);
    let told = told.lock().unwrap().clone();
    assert!(told.len() == 1 && told[0].contains("deterministic"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_mission_is_gone_says_so_and_goes_on_when_it_is_back() {
    let look_up = "client_tools = [{ name = \"look_up\", description = \"d\", input_schema = \
                   '{\"type\":\"object\"}', by = \"custom\" }]\n";
    let script = "call look_up {}\nsay First.";
    let talk = Talk::new(mission(script, look_up), &[]).await;
    let state = talk.send(vec![says("Go.")]).await;
    let Some(IdleReason::RequiresAction { event_ids }) = state.idle else { panic!("{state:?}") };
    let file = mission_file(&talk.runtime, &talk.id);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, "no mission").unwrap();
    let (live, told) = live(&talk.runtime);
    let given = Event::CustomToolResult {
        custom_tool_use_id: event_ids[0].clone(),
        content: Content::text("x"),
        is_error: false,
    };
    talk.runtime.post_events(&talk.id, vec![given]).await.unwrap();
    live.wake(&talk.id);
    rests(&live, &talk.id).await;
    let state = talk.runtime.session_state(&talk.id).await.unwrap();
    assert_eq!(state.idle, Some(IdleReason::RetriesExhausted));
    assert!(state.asks().next().is_none() && !state.is_working());
    assert_eq!(told.lock().unwrap().len(), 1);
    fs::write(&file, text).unwrap();
    talk.runtime.post_events(&talk.id, vec![says("On.")]).await.unwrap();
    live.wake(&talk.id);
    rests(&live, &talk.id).await;
    let state = talk.runtime.session_state(&talk.id).await.unwrap();
    assert_eq!(state.idle, Some(IdleReason::EndTurn));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_does_not_leave_a_session_at_work_for_ever() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    let file = mission_file(&talk.runtime, &talk.id);
    fs::write(&file, "no mission").unwrap();
    let live = Live::new(talk.runtime.clone(), Arc::new(|_, _| panic!("whoever is told")));
    talk.runtime.post_events(&talk.id, vec![says("Go.")]).await.unwrap();
    live.wake(&talk.id);
    rests(&live, &talk.id).await;
    fs::write(&file, ECHO).unwrap();
    talk.runtime.post_events(&talk.id, vec![says("On.")]).await.unwrap();
    live.wake(&talk.id);
    rests(&live, &talk.id).await;
    let state = talk.runtime.session_state(&talk.id).await.unwrap();
    assert!(state.last_text().contains("On."), "{}", state.last_text());
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_wake_is_lost_however_the_work_just_ends() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    let (live, told) = live(&talk.runtime);
    let speak = async |who: u32| {
        for number in 0..40 {
            let said = says(&format!("{who}/{number}"));
            talk.runtime.post_events(&talk.id, vec![said]).await.unwrap();
            live.wake(&talk.id);
            if number % 3 == 0 {
                // The next one comes just when the work has ended.
                rests(&live, &talk.id).await;
            }
        }
    };
    tokio::join!(speak(1), speak(2), speak(3));
    rests(&live, &talk.id).await;
    let state = talk.runtime.session_state(&talk.id).await.unwrap();
    assert!(!state.is_working() && state.status == SessionStatus::Idle, "{:?}", state.status);
    let heard: Vec<String> = state.threads[0].messages.iter().map(|m| format!("{m:?}")).collect();
    for said in (1..=3).flat_map(|who| (0..40).map(move |number| format!("\"{who}/{number}\""))) {
        assert!(heard.iter().any(|message| message.contains(&said)), "{said}");
    }
    assert!(told.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_somebody_else_has_is_looked_at_again_and_nobody_is_alarmed() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    let (live, told) = live(&talk.runtime);
    let (store, now) = (&talk.runtime.store, SystemClock::default().now());
    // A name that no process of ours can have: it is never known to have ended.
    let until = Timestamp(now.as_millis() + 3_600_000);
    let epoch = store.claim(&talk.id, "somebody else", until, now).await.unwrap().unwrap();
    talk.runtime.post_events(&talk.id, vec![says("Go.")]).await.unwrap();
    live.wake(&talk.id);
    rests(&live, &talk.id).await;
    let state = talk.runtime.session_state(&talk.id).await.unwrap();
    assert_eq!((state.last_text(), state.status), ("", SessionStatus::Idle));
    store.release(&talk.id, epoch).await.unwrap();
    eventually(async || {
        talk.runtime.session_state(&talk.id).await.unwrap().last_text().contains("Go.")
    })
    .await;
    assert!(told.lock().unwrap().is_empty());
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_all_work_and_gives_the_sessions_back() {
    let (_missions, runtime) = hostile();
    let text = solo("call spin {}\nsay {result}", "");
    let text = text.replace("message = \"Go.\"\n", "").replace("file = \"hostile.wasm\"\n", "");
    let (live, told) = live(&runtime);
    let new = new_session(&text);
    let id = new.id.clone();
    runtime.create_session(new).await.unwrap();
    runtime.post_events(&id, vec![says("Go.")]).await.unwrap();
    live.wake(&id);
    until(&runtime, Some(&id), |event| matches!(event, Event::ToolUse { .. })).await;
    live.stop().await;
    assert_eq!(live.count(), 0);
    assert!(runtime.store.lease(&id).await.unwrap().is_none());
    assert_eq!(runtime.unattended().await.unwrap().sessions, std::slice::from_ref(&id));
    // Nothing begins any more.
    live.wake(&id);
    assert!(!live.is_working(&id));
    assert!(told.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_not_forgotten_because_something_was_noted_behind_it() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    talk.runtime.post_events(&talk.id, vec![says("Go.")]).await.unwrap();
    let (clock, entropy) = (SystemClock::default(), SystemEntropy);
    let record = EventRecord {
        id: EventId::new(&clock, &entropy),
        kind: "session.updated".into(),
        thread_id: None,
        created_at: clock.now(),
        body: "{\"type\":\"session.updated\"}".into(),
    };
    talk.runtime.store.post_events(&talk.id, vec![record]).await.unwrap();
    assert_eq!(talk.live.wake_all().await.unwrap(), 1);
    assert!(talk.rest().await.last_text().contains("Go."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_goes_on_where_its_state_folder_was_moved_to() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    let Talk { folder, runtime, live, id } = talk;
    runtime.post_events(&id, vec![says("Go.")]).await.unwrap();
    runtime.store.close().await.unwrap();
    drop((runtime, live));
    let moved = folder.path().join("moved");
    fs::rename(folder.path().join("state"), &moved).unwrap();
    let runtime = Runtime::open(Missions::options(&moved)).unwrap();
    let (live, told) = self::live(&runtime);
    assert_eq!(live.wake_all().await.unwrap(), 1);
    rests(&live, &id).await;
    let state = runtime.session_state(&id).await.unwrap();
    assert!(state.last_text().contains("Go."), "{:?}", told.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_deleted_while_somebody_writes_to_it_is_gone_and_nobody_is_alarmed() {
    let temporary = tempfile::tempdir().unwrap();
    let state = temporary.path().join("state");
    let runtime = Runtime::open(Missions::options(&state)).unwrap();
    let (live, told) = live(&runtime);
    for _ in 0..10 {
        let new = new_session(ECHO);
        let id = new.id.clone();
        runtime.create_session(new).await.unwrap();
        let write = async {
            loop {
                let posted = runtime.post_events(&id, vec![says("Go.")]).await;
                live.wake(&id);
                if posted.is_err() {
                    return;
                }
                // Till it rests: then it may be deleted.
                rests(&live, &id).await;
            }
        };
        let delete = async {
            // Refused as long as it works.
            while runtime.delete(&id).await.is_err() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            live.reload(&id);
        };
        tokio::join!(write, delete);
        rests(&live, &id).await;
        assert!(runtime.store.session(&id).await.unwrap().is_none());
        assert!(!folder(&runtime, &id).exists());
    }
    live.stop().await;
    assert_eq!(*told.lock().unwrap(), [""; 0]);
    assert_eq!(fs::read_dir(state.join("sessions")).unwrap().count(), 0);
}

/// Writes what a process leaves that is killed while it makes a session or changes one.
fn left(talk: &Talk, id: &SessionId, owner: &str, what: &str) -> PathBuf {
    let making = talk.folder.path().join("state/making");
    let entry = making.join(format!("{id}.{owner}.0123456789abcdef.{what}"));
    fs::create_dir_all(&entry).unwrap();
    fs::write(entry.join("mission.toml"), ECHO).unwrap();
    entry
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_process_left_half_made_is_taken_away_and_nothing_else() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    let (runtime, clock) = (&talk.runtime, SystemClock::default());
    let making = talk.folder.path().join("state/making");
    assert_eq!(fs::read_dir(&making).unwrap().count(), 0, "what is made leaves nothing there");
    let id = || SessionId::new(&clock, &SystemEntropy);
    // One without a session, one without its first event, and one that a living process makes.
    let (bare, silent, young) = (id(), id(), id());
    let sessions = talk.folder.path().join("state/sessions");
    for id in [&bare, &silent, &young] {
        fs::create_dir_all(sessions.join(id.as_str()).join("mission")).unwrap();
    }
    for id in [&silent, &young] {
        let session = Session {
            id: id.clone(),
            title: String::new(),
            agent: "lead".into(),
            metadata: [].into(),
            created_at: clock.now(),
        };
        runtime.store.create_session(&session).await.unwrap();
    }
    let mut entries = vec![left(&talk, &bare, "tests-0", "new")];
    entries.push(left(&talk, &silent, "tests-0", "new"));
    // A mission that took no place, and a session that was made but for its mark.
    entries.push(left(&talk, &talk.id, "tests-0", "changed"));
    entries.push(left(&talk, &talk.id, "tests-1", "new"));
    let owner = fs::read_dir(talk.folder.path().join("state/owners")).unwrap().next().unwrap();
    let owner = owner.unwrap().file_name().into_string().unwrap();
    let owner = owner.strip_suffix(".lock").unwrap();
    let theirs = left(&talk, &young, owner, "new");
    // One that took its place is for whoever knows what else has to fit it.
    let placed = left(&talk, &talk.id, "tests-2", "changed");
    fs::remove_file(placed.join("mission.toml")).unwrap();
    assert_eq!(runtime.tidy_half_made().await.unwrap(), 2);
    assert!(placed.exists());
    let mut changes = runtime.half_changed().await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(*changes[0].id(), talk.id);
    changes.pop().unwrap().done();
    assert!(!placed.exists());
    assert!(entries.iter().all(|entry| !entry.exists()));
    for id in [&bare, &silent] {
        assert!(runtime.store.session(id).await.unwrap().is_none());
        assert!(!sessions.join(id.as_str()).exists());
    }
    assert!(theirs.exists() && sessions.join(young.as_str()).exists());
    assert!(runtime.store.session(&young).await.unwrap().is_some());
    assert_eq!(talk.send(vec![says("Go.")]).await.idle, Some(IdleReason::EndTurn));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_made_whole_also_when_nobody_waits_for_it() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    let new = new_session(ECHO);
    let id = new.id.clone();
    // Whoever asks goes away at once.
    let _ = futures::FutureExt::now_or_never(talk.runtime.create_session(new));
    let begun = async || match talk.runtime.store.head(&id).await.unwrap() {
        Some(events) => events > 0,
        None => false,
    };
    eventually(begun).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missions_that_are_changed_at_once_do_not_mix() {
    let talk = Talk::new(ECHO.to_owned(), &[]).await;
    let text = |number: u32| format!("# {number}\n{ECHO}");
    let change = async |number| {
        talk.runtime.change_mission(&talk.id, &text(number)).await.unwrap().done();
    };
    tokio::join!(change(1), change(2), change(3), change(4));
    let file = mission_file(&talk.runtime, &talk.id);
    let now = fs::read_to_string(&file).unwrap();
    assert!((1..=4).any(|number| now == text(number)), "{now}");
    assert!(talk.runtime.change_mission(&talk.id, "no mission").await.is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), now);
    let names = fs::read_dir(folder(&talk.runtime, &talk.id).join("mission")).unwrap();
    assert_eq!(names.count(), 1);
}

const TEAM: &str = r#"
name = "team"
lead = "lead"

[plugins.hostile]
files = "read-write"
environment.GRANTED = "yes"

[agents.lead]
model = "plugin:script"
system = '''
call start_thread {"agent_name": "worker", "message": "first"}
call await_threads {}
call list_agents {}
call send_to_agent {"agent_name": "worker", "message": "second"}
call list_agents {}
say {result}
'''
roster = ["worker"]

[agents.worker]
model = "plugin:script"
system = '''
call spin {}
say {result}
'''
tools = ["hostile.spin"]
limits = { deadline_ms = "20 s" }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_that_is_put_away_just_when_it_begins_to_work_is_stopped_and_closed() {
    let (_missions, runtime) = hostile();
    let (live, told) = live(&runtime);
    let new = new_session(TEAM);
    let id = new.id.clone();
    runtime.create_session(new).await.unwrap();
    runtime.post_events(&id, vec![says("Go.")]).await.unwrap();
    live.wake(&id);
    // Its call runs: asked for now, it is refused.
    let spins = |event: &Event| matches!(event, Event::ToolUse { name, .. } if name == "spin");
    until(&runtime, Some(&id), spins).await;
    let state = runtime.session_state(&id).await.unwrap();
    let thread = state.threads[1].id.clone().unwrap();
    runtime.archive_thread(&id, &thread).await.unwrap_err();
    // Whoever had looked a moment before writes what they saw fit.
    let put_away =
        Event::ThreadTerminated { session_thread_id: thread.clone(), agent_name: "worker".into() };
    posted(&runtime, &id, &put_away, Some(thread.clone())).await;
    // The lead goes on, and a message to its agent is for another thread.
    let another = |event: &Event| match event {
        Event::ThreadCreated { session_thread_id, .. } => *session_thread_id != thread,
        _ => false,
    };
    until(&runtime, Some(&id), another).await;
    let records = log(&runtime, &id).await;
    let state = SessionState::of(records.iter().map(|(_, record, _)| record));
    let (_, put_away) = state.thread(&thread).unwrap();
    assert_eq!(put_away.status, SessionStatus::Terminated);
    assert!(!put_away.is_working() && put_away.open_calls().next().is_none());
    // Once more is no mistake.
    runtime.archive_thread(&id, &thread).await.unwrap();
    let interrupt = Event::Interrupt { session_thread_id: None };
    runtime.post_events(&id, vec![interrupt]).await.unwrap();
    rests(&live, &id).await;
    let state = runtime.session_state(&id).await.unwrap();
    assert_eq!((state.status, state.is_working()), (SessionStatus::Idle, false));
    assert!(told.lock().unwrap().is_empty());
}
