//! The whole strategy, with the SDK's fake host: its records, its verdicts, its model.

use super::*;
use lucid_sdk::dream::{Origin as Source, RuleKind};
use lucid_sdk::model::Completion;
use lucid_sdk::testing::{Host as FakeHost, Session as Past};
use serde_json::{Value, json};

const CLOGS: &str = "The dust filter clogs after 40 hours.";

fn host() -> FakeHost {
    let host = FakeHost::new();
    host.add_memory("/notes.md", "# Notes\n\n- The pump hums.\n- The door is blue.\n");
    host.add_session(Past::new("sesn_1").succeeded().saying(CLOGS));
    host
}

fn answer(host: &FakeHost, answer: &Value) {
    host.answer(Completion::text(answer.to_string()));
}

fn note(event: u32) -> Value {
    json!({ "notes": [{ "text": CLOGS, "quotes": [{ "event": event, "text": CLOGS }] }] })
}

fn add() -> Value {
    let add = json!({
        "op": "add", "path": "/playbook.md", "text": CLOGS, "notes": ["n0"], "reason": "said so",
    });
    json!({ "operations": [add] })
}

#[test]
fn what_a_person_said_becomes_an_entry_that_the_host_accepts() {
    let host = host();
    answer(&host, &note(0));
    answer(&host, &add());
    let summary = host.dream::<Reflect>("What wears out?").unwrap();
    let proposals = host.proposals();
    let [proposal] = proposals.as_slice() else { panic!("{proposals:?}") };
    assert_eq!(proposal.verdict, Ok(0));
    let dream::Change::Add(addition) = &proposal.operation.change else { panic!("{proposal:?}") };
    let (path, text) = (addition.draft.path.as_str(), addition.draft.text.as_str());
    assert_eq!((path, text), ("/playbook.md", format!("- {CLOGS}").as_str()));
    assert_eq!((addition.kind, &addition.statistics), (RuleKind::Theme, &None));
    assert_eq!(proposal.operation.reason, "said so");
    assert_eq!(proposal.operation.evidence[0].session_id, "sesn_1");
    assert_eq!(summary.sessions_read, 1);
    assert!(summary.text.contains("entries added 1"), "{}", summary.text);
    let requests = host.requests();
    assert!(requests.iter().all(|one| one.tools.is_empty() && one.messages.len() == 1));
    assert!(requests[0].max_tokens > 0);
}

#[test]
fn what_was_read_is_kept_and_not_read_again() {
    let host = host();
    answer(&host, &note(0));
    answer(&host, &add());
    host.dream::<Reflect>("").unwrap();
    assert_eq!(host.digests().len(), 1);
    let first = host.proposals();
    answer(&host, &add());
    let summary = host.dream::<Reflect>("").unwrap();
    assert!(host.sessions_read().is_empty(), "{}", summary.text);
    assert_eq!(host.requests().len(), 3);
    assert_eq!(host.proposals(), first);
    host.add_session(Past::new("sesn_2").saying("Nothing of note."));
    answer(&host, &json!({ "notes": [] }));
    answer(&host, &add());
    host.dream::<Reflect>("").unwrap();
    assert_eq!(host.sessions_read(), ["sesn_2"]);
}

#[test]
fn what_the_outside_says_and_what_a_dream_wrote_becomes_nothing() {
    for origin in [Source::Outside, Source::Dream] {
        let host = FakeHost::new();
        host.add_session(Past::new("sesn_1").saying(CLOGS).coming_from(origin));
        answer(&host, &note(0));
        let summary = host.dream::<Reflect>("").unwrap();
        assert!(host.proposals().is_empty(), "{}", summary.text);
    }
}

#[test]
fn a_model_that_fails_leaves_what_needs_none() {
    for error in [
        ModelError::BudgetExceeded("100 tokens".into()),
        ModelError::Overloaded("busy".into()),
        ModelError::InvalidRequest("too long".into()),
        ModelError::Failed("gone".into()),
    ] {
        let host = host();
        host.add_memory("/twin.md", "- the pump hums\n");
        for _ in 0..4 {
            host.fail(error.clone());
        }
        let summary = host.dream::<Reflect>("").unwrap();
        let proposals = host.proposals();
        let [proposal] = proposals.as_slice() else { panic!("{error:?}: {proposals:?}") };
        assert!(matches!(proposal.operation.change, dream::Change::Merge(_)), "{error:?}");
        assert!(proposal.verdict.is_ok());
        assert!(summary.text.contains("The model had no part in that"), "{}", summary.text);
    }
}

#[test]
fn an_answer_that_did_not_come_to_its_end_is_asked_for_again() {
    let host = host();
    let cut = Completion { stop_reason: StopReason::MaxTokens, ..Completion::text("{") };
    host.answer(cut);
    answer(&host, &note(0));
    host.answer(Completion { stop_reason: StopReason::Refusal, ..Completion::text("No.") });
    let summary = host.dream::<Reflect>("Only doors.").unwrap();
    assert_eq!(host.requests().len(), 3);
    assert!(host.proposals().is_empty());
    assert!(summary.text.contains("it refuses to answer"), "{}", summary.text);
}

#[test]
fn without_sessions_and_memory_there_is_nothing_to_dream() {
    let host = FakeHost::new();
    let summary = host.dream::<Reflect>("Anything.").unwrap();
    assert!(host.requests().is_empty() && host.proposals().is_empty());
    assert_eq!((summary.sessions_read, summary.hypotheses_tested), (0, 0));
}

#[test]
fn whoever_dreams_says_which_session_is_read() {
    let host = host();
    answer(&host, &json!({ "notes": [] }));
    answer(&host, &json!({ "operations": [] }));
    host.dream::<Reflect>("").unwrap();
    let reading: Vec<_> = host.progress().into_iter().filter_map(|one| one.session_id).collect();
    assert_eq!(reading, ["sesn_1"]);
}
