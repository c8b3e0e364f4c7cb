use lucid_core::{
    Content, EventId, EventRecord, IdleReason, Permission, SeededEntropy, StepClock, ThreadId,
    Timestamp, Via,
};
use serde_json::json;

use super::*;
use crate::content::FileBytes;

const ASKED: &str = "sevt_asked";
const CUSTOM: &str = "sevt_custom";
const WORKER: &str = "sevt_worker";
const ALLOWED: &str = "sevt_allowed";
const CHILD: &str = "sthr_2";

fn thread(id: &str) -> ThreadId {
    ThreadId::parse(id).unwrap()
}

/// A log is written down event by event.
struct Scene {
    state: SessionState,
    clock: StepClock,
    entropy: SeededEntropy,
}

impl Scene {
    fn new() -> Self {
        let clock = StepClock::starting_at(Timestamp(1));
        let mut scene = Self { state: SessionState::new(), clock, entropy: SeededEntropy::new(1) };
        scene.write(None, Event::StatusIdle { stop_reason: IdleReason::EndTurn });
        scene
    }

    fn write(&mut self, id: Option<&str>, event: Event) -> &mut Self {
        let id = id.map(|id| EventId::parse(id).unwrap());
        let id = id.unwrap_or_else(|| EventId::new(&self.clock, &self.entropy));
        let lead = Some(thread("sthr_1"));
        let record = EventRecord::new(id, &event, lead, false, self.clock.now()).unwrap();
        self.state.apply_event(&record, &event);
        self
    }

    fn call(&mut self, id: &str, permission: Permission, via: Option<Via>) -> &mut Self {
        let call = Event::ToolUse {
            name: "fly".into(),
            input: json!({}),
            evaluated_permission: permission,
            evaluation: None,
            lucid: via,
        };
        self.write(Some(id), call)
    }

    fn idle(&mut self, stop_reason: IdleReason) -> &mut Self {
        self.write(None, Event::StatusIdle { stop_reason })
    }

    /// A session that waits for calls of each kind.
    fn waiting() -> Self {
        let mut scene = Self::new();
        let said = Event::UserMessage { content: Content::text("go") };
        scene
            .write(None, said)
            .write(None, Event::ModelRequestStart {})
            .call(ASKED, Permission::Ask, None)
            .call(CUSTOM, Permission::Allow, Some(Via::Custom))
            .call(WORKER, Permission::Ask, Some(Via::Worker))
            .call(ALLOWED, Permission::Allow, None);
        let event_ids = scene.state.asks().map(|(_, call)| call.event.clone()).collect();
        scene.idle(IdleReason::RequiresAction { event_ids });
        scene
    }

    fn send(&self, events: &str) -> Result<Vec<Event>> {
        let Send { events } = crate::body(format!(r#"{{"events":[{events}]}}"#).as_bytes())?;
        let files = Files::from([(
            "file_1".into(),
            FileBytes { media_type: "text/markdown".into(), bytes: b"- it is there".to_vec() },
        )]);
        let Self { state, clock, entropy } = self;
        let sending = Sending { state, self_hosted: true, files: &files, clock, entropy };
        accept(&events, &sending)
    }

    #[track_caller]
    fn takes(&self, events: &[&str]) {
        let events = events.join(",");
        let sent = self.send(&events);
        assert!(sent.is_ok(), "{events}: {sent:?}");
    }

    #[track_caller]
    fn refuses(&self, events: &[&str], part: &str) {
        let events = events.join(",");
        let refused = self.send(&events).expect_err(&events);
        assert_eq!(refused.status, 400);
        assert!(refused.message.contains(part), "{events}: {refused}");
    }
}

const SAY: &str = r#"{"type":"user.message","content":[{"type":"text","text":"hi"}]}"#;
const STOP: &str = r#"{"type":"user.interrupt"}"#;
const ALLOW: &str =
    r#"{"type":"user.tool_confirmation","tool_use_id":"sevt_asked","result":"allow"}"#;
const DENY: &str = r#"{"type":"user.tool_confirmation","tool_use_id":"sevt_asked","result":"deny",
    "deny_message":"no"}"#;
const ANSWER: &str = r#"{"type":"user.custom_tool_result","custom_tool_use_id":"sevt_custom",
    "content":[{"type":"text","text":"4"}]}"#;
const RUN: &str = r#"{"type":"user.tool_result","tool_use_id":"sevt_worker","is_error":true}"#;
const LET_RUN: &str =
    r#"{"type":"user.tool_confirmation","tool_use_id":"sevt_worker","result":"allow"}"#;
const SYSTEM: &str = r#"{"type":"system.message","content":[{"type":"text","text":"be brief"}]}"#;

fn outcome(fields: &str) -> String {
    format!(r#"{{"type":"user.define_outcome","description":"a report",{fields}}}"#)
}

fn rubric() -> String {
    outcome(r#""rubric":{"type":"text","content":"- it is there"}"#)
}

#[test]
fn an_idle_session_takes_what_says_something_new() {
    let scene = Scene::new();
    for events in [vec![SAY], vec![SAY, SAY], vec![STOP], vec![&*rubric(), SAY]] {
        scene.takes(&events);
    }
    scene.refuses(&[], "there is none");
    scene.refuses(&[r#"{"type":"user.message","content":[]}"#], "events[0].content");
    for wrong in [r#"{"type":"agent.message","content":[]}"#, r#"{"type":"user.message"}"#, "7"] {
        scene.refuses(&[wrong], "events[0]");
    }
}

#[test]
fn a_message_waits_until_all_calls_are_settled() {
    let scene = Scene::waiting();
    scene.refuses(&[SAY], "settle them first");
    scene.refuses(&[ALLOW, ANSWER, LET_RUN, SAY], WORKER);
    scene.refuses(&[&*rubric()], "settle them first");
    scene.takes(&[ALLOW, ANSWER, LET_RUN, RUN, SAY]);
    scene.takes(&[STOP, SAY]);
    // One that runs queues it.
    let mut running = Scene::waiting();
    running.write(None, Event::StatusRunning {});
    running.takes(&[SAY]);
}

#[test]
fn a_call_is_decided_once_and_only_where_it_asks() {
    let scene = Scene::waiting();
    scene.takes(&[ALLOW]);
    scene.takes(&[DENY]);
    scene.refuses(&[ALLOW, DENY], "nobody's decision");
    scene.refuses(&[&ALLOW.replace(ASKED, CUSTOM)], "nobody's decision");
    scene.refuses(&[&ALLOW.replace(ASKED, ALLOWED)], "nobody's decision");
    scene.refuses(&[&ALLOW.replace(ASKED, "sevt_none")], "no call");
    scene.refuses(&[&ALLOW.replace(ASKED, "../x")], "no call");
    scene.refuses(&[&DENY.replace("\"deny\",", "\"allow\",")], "`deny` alone");
    scene.refuses(&[&DENY.replace("\"no\"", &format!("\"{}\"", "n".repeat(10_001)))], "10001");
    scene.refuses(&[&ALLOW.replace("\"allow\"", "\"maybe\"")], "events[0]");
}

#[test]
fn a_result_is_for_whoever_runs_the_call() {
    let scene = Scene::waiting();
    scene.takes(&[ANSWER]);
    scene.takes(&[LET_RUN, RUN]);
    scene.refuses(&[RUN], "somebody has to allow it first");
    scene.refuses(&[&LET_RUN.replace("allow", "deny"), RUN], "may not run");
    scene.refuses(&[ANSWER, ANSWER], "its result already");
    scene.refuses(&[&ANSWER.replace(CUSTOM, ASKED)], "custom tool");
    scene.refuses(&[&RUN.replace(WORKER, CUSTOM)], "a worker runs");
    let Send { events } = crate::body(format!(r#"{{"events":[{RUN}]}}"#).as_bytes()).unwrap();
    let Scene { state, clock, entropy } = &scene;
    let files = Files::new();
    let cloud = Sending { state, self_hosted: false, files: &files, clock, entropy };
    assert!(accept(&events, &cloud).unwrap_err().message.contains("self_hosted"));
}

#[test]
fn an_outcome_has_a_rubric_and_is_alone() {
    let mut scene = Scene::new();
    scene.takes(&[&rubric()]);
    scene.takes(&[&outcome(r#""rubric":{"type":"file","file_id":"file_1"},"max_iterations":20"#)]);
    scene.refuses(&[&rubric(), &rubric()], "an outcome already");
    for (wrong, part) in [
        (r#""rubric":{"type":"text","content":" "}"#, "rubric.content"),
        (r#""rubric":{"type":"text","content":"- a"},"max_iterations":0"#, "1 to 20"),
        (r#""rubric":{"type":"text","content":"- a"},"max_iterations":21"#, "1 to 20"),
        (r#""rubric":{"type":"file","file_id":"x"}"#, "rubric.file_id"),
    ] {
        scene.refuses(&[&outcome(wrong)], part);
    }
    let long = format!(r#""rubric":{{"type":"text","content":"{}"}}"#, "x".repeat(262_145));
    scene.refuses(&[&outcome(&long)], "262145");
    let gone = outcome(r#""rubric":{"type":"file","file_id":"file_2"}"#);
    assert_eq!(scene.send(&gone).unwrap_err().status, 404);
    let sent = scene.send(&outcome(r#""rubric":{"type":"file","file_id":"file_1"}"#)).unwrap();
    let Event::DefineOutcome { rubric: given, max_iterations, .. } = &sent[0] else { panic!() };
    assert_eq!(*given, json!({"type": "text", "content": "- it is there"}));
    assert_eq!(*max_iterations, 3);
    scene.write(None, sent[0].clone());
    scene.refuses(&[&rubric()], "an outcome already");
}

#[test]
fn a_system_message_has_one_place_and_no_model_takes_it() {
    let scene = Scene::waiting();
    for events in [vec![SYSTEM], vec![ANSWER, SYSTEM, ALLOW], vec![ALLOW, SYSTEM]] {
        scene.refuses(&events, "is the last event");
    }
    let refused = scene.send(&[ANSWER, SYSTEM].join(",")).unwrap_err();
    let code = "model_does_not_support_mid_conversation_system";
    assert_eq!(refused.fields["details"]["error_code"], code);
}

#[test]
fn a_used_up_budget_lets_calls_be_settled_and_nothing_else() {
    let mut scene = Scene::waiting();
    scene.idle(IdleReason::BudgetReached);
    scene.takes(&[ALLOW, ANSWER]);
    assert_eq!(scene.send(STOP).unwrap(), []);
    scene.refuses(&[SAY], "user.tool_confirmation, user.tool_result");
    scene.refuses(&[&rubric()], "user.interrupt");
}

#[test]
fn an_interrupt_names_a_thread_that_is_there() {
    let mut scene = Scene::waiting();
    let child = || (thread(CHILD), "reader".to_owned());
    let (session_thread_id, agent_name) = child();
    scene.write(None, Event::ThreadCreated { session_thread_id, agent_name });
    let stop = |id: &str| format!(r#"{{"type":"user.interrupt","session_thread_id":"{id}"}}"#);
    scene.takes(&[&stop(CHILD)]);
    scene.refuses(&[&stop("sthr_9")], "no such thread");
    // It settles the calls of its own thread alone.
    scene.refuses(&[&stop(CHILD), SAY], "settle them first");
    scene.takes(&[&stop("sthr_1"), SAY]);
    let (session_thread_id, agent_name) = child();
    scene.write(None, Event::ThreadTerminated { session_thread_id, agent_name });
    scene.refuses(&[&stop(CHILD)], "archived");
}

#[test]
fn nothing_is_sent_to_a_session_that_is_over() {
    let mut scene = Scene::waiting();
    scene.write(None, Event::StatusTerminated {});
    for event in [SAY, STOP, ALLOW, ANSWER] {
        assert_eq!(scene.send(event).unwrap_err().status, 409);
    }
}

#[test]
fn a_session_begins_with_messages_and_one_outcome() {
    let read = |events: &[&str]| -> Result<()> {
        let text = format!("[{}]", events.join(","));
        initial(&crate::body::<Vec<SentEvent>>(text.as_bytes())?)
    };
    let (say, done) = (SAY, rubric());
    assert!(read(&[]).is_ok() && read(&[say, &done]).is_ok() && read(&[say; 50]).is_ok());
    let file = r#"{"type":"document","source":{"type":"file","file_id":"file_1"}}"#;
    let files = |count: usize| {
        let files = vec![file; count].join(",");
        format!(r#"{{"type":"user.message","content":[{files}]}}"#)
    };
    assert!(read(&[&files(100)]).is_ok());
    for wrong in [vec![STOP], vec![&*done, &*done], vec![say; 51], vec![&*files(60), &*files(41)]] {
        assert_eq!(read(&wrong).unwrap_err().status, 400);
    }
}

#[test]
fn what_the_host_says_for_an_outcome_is_not_echoed() {
    let said = |text: &str| json!({"type": "user.message", "content": [{"text": text}]});
    let defined = json!({"type": "user.define_outcome", "description": "a"});
    let echo = echoed(vec![said("a"), defined.clone(), said("a"), said("a")]);
    assert_eq!(echo, [said("a"), defined, said("a")]);
}
