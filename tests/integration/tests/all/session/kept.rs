//! Missions and plugins are kept loaded, as many as there is room for.

use std::fs;

use lucid_core::{Event, IdleReason, SessionId};
use lucid_runtime::{Live, Runtime};

use super::managed::says;
use super::unattended::{ECHO, hostile, live, mission_file, new_session, rests};
use super::until;

/// As many as are kept: with two that were there before, those have to go.
const MANY: usize = 64;

/// A mission with a plugin that may reach a port of its own, so that it shares it with nobody.
fn own(port: usize, script: &str) -> String {
    format!(
        r#"
name = "own"
lead = "lead"

[plugins.web-fetch]
http = ["127.0.0.1:{port}"]

[plugins.hostile]
files = "read-write"
environment.GRANTED = "yes"

[agents.lead]
model = "plugin:script"
system = '''
{script}
'''
tools = ["web-fetch", "hostile.fine", "hostile.spin"]
limits = {{ deadline_ms = "50 s" }}
"#
    )
}

async fn made(runtime: &Runtime, mission: &str) -> SessionId {
    let new = new_session(mission);
    let id = new.id.clone();
    runtime.create_session(new).await.unwrap();
    id
}

/// Says something to sessions, all at once, and waits until they have answered.
async fn speak(runtime: &Runtime, live: &Live, ids: &[SessionId]) {
    for id in ids {
        runtime.post_events(id, vec![says("Go.")]).await.unwrap();
        live.wake(id);
    }
    for id in ids {
        rests(live, id).await;
        let state = runtime.session_state(id).await.unwrap();
        assert_eq!(state.idle, Some(IdleReason::EndTurn), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_no_longer_is_loaded_again_and_what_is_in_use_stays() {
    let (_missions, runtime) = hostile();
    let (live, told) = live(&runtime);
    let last_text =
        async |id: &SessionId| runtime.session_state(id).await.unwrap().last_text().to_owned();
    // The oldest is at work all the while.
    let busy = made(&runtime, &own(10_001, "call spin {}\nsay One.\ncall fine {}\nsay Two.")).await;
    runtime.post_events(&busy, vec![says("Go.")]).await.unwrap();
    live.wake(&busy);
    until(&runtime, Some(&busy), |event| matches!(event, Event::ToolUse { .. })).await;
    let first =
        made(&runtime, &own(10_002, "call fine {}\nsay Old.\ncall fine {}\nsay Old.")).await;
    speak(&runtime, &live, std::slice::from_ref(&first)).await;
    let mut others = Vec::new();
    for number in 0..MANY {
        let mission = own(number + 1, "call fine {}\nsay Here.\nsay Still here.");
        others.push(made(&runtime, &mission).await);
    }
    // Nobody says so, as the server does: it is seen by whoever loads it again, and by nobody else.
    let newest = others.last().unwrap();
    for id in [&first, newest] {
        speak(&runtime, &live, std::slice::from_ref(id)).await;
        fs::write(mission_file(&runtime, id), ECHO).unwrap();
    }
    assert_eq!(last_text(&first).await, "Old.");
    speak(&runtime, &live, &others).await;
    assert_eq!(last_text(newest).await, "Still here.");
    speak(&runtime, &live, std::slice::from_ref(&first)).await;
    assert!(last_text(&first).await.contains("Go."), "{}", last_text(&first).await);
    // The oldest was kept no longer either, and nothing was taken away from its work.
    let interrupt = Event::Interrupt { session_thread_id: None };
    runtime.post_events(&busy, vec![interrupt]).await.unwrap();
    live.wake(&busy);
    rests(&live, &busy).await;
    speak(&runtime, &live, std::slice::from_ref(&busy)).await;
    assert!(told.lock().unwrap().is_empty(), "{:?}", told.lock().unwrap());
}
