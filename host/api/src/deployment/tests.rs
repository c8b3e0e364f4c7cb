use serde_json::{Value, json};

use super::*;
use crate::read::value;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn asked() -> Value {
    json!({
        "name": "weekly", "agent": "agent_01A", "environment_id": "env_01A",
        "initial_events": [{"type": "user.message", "content": [{"type": "text", "text": "go"}]}],
        "schedule": {"type": "cron", "expression": "0 9 * * 1", "timezone": "UTC"},
    })
}

fn with(field: &str, new: Value) -> Value {
    let mut body = asked();
    body[field] = new;
    body
}

fn agent() -> AgentReference {
    AgentReference { id: "agent_01A".to_owned(), version: 3 }
}

/// A deployment that runs on Mondays, made on Saturday, 21 November 2026.
fn made() -> Deployment {
    let params: CreateParams = value(asked()).unwrap();
    params.check().unwrap();
    Deployment::new("depl_01A".to_owned(), params, agent(), at("2026-11-21T00:00:00Z"))
}

fn updated(before: &Deployment, body: Value) -> crate::Result<Deployment> {
    let params: UpdateParams = value(body)?;
    params.check()?;
    before.updated(params, None, at("2026-11-21T01:00:00Z"))
}

fn failed(deployment: &Deployment, kind: RunErrorKind) -> Run {
    let firing = deployment.firing.clone().unwrap();
    let trigger = Trigger::Schedule { scheduled_at: firing.nominal };
    let error = RunError::new(kind, "why");
    Run::new(firing.run_id, deployment, trigger, Err(error), firing.since)
}

#[test]
fn the_object_is_the_one_of_the_api() {
    let object = made().to_object(at("2026-11-21T00:00:00Z"));
    let expected = json!({
        "id": "depl_01A", "type": "deployment", "name": "weekly", "description": null,
        "agent": {"type": "agent", "id": "agent_01A", "version": 3},
        "environment_id": "env_01A",
        "initial_events": [{"type": "user.message", "content": [{"type": "text", "text": "go"}]}],
        "resources": [], "vault_ids": [], "metadata": {},
        "schedule": {"type": "cron", "expression": "0 9 * * 1", "timezone": "UTC",
            "last_run_at": null, "upcoming_runs_at": [
                "2026-11-23T09:00:00.000Z", "2026-11-30T09:00:00.000Z",
                "2026-12-07T09:00:00.000Z", "2026-12-14T09:00:00.000Z",
                "2026-12-21T09:00:00.000Z"]},
        "status": "active", "paused_reason": null, "budget": null,
        "created_at": "2026-11-21T00:00:00.000Z", "updated_at": "2026-11-21T00:00:00.000Z",
        "archived_at": null,
    });
    assert_eq!(object, expected);
}

#[test]
fn what_a_deployment_cannot_be_is_refused() {
    let message = asked()["initial_events"][0].clone();
    let wrong = [
        with("name", json!("")),
        with("name", json!("x".repeat(257))),
        with("description", json!("x".repeat(2_049))),
        with("agent", json!("env_01A")),
        with("agent", json!({"type": "agent", "id": "agent_01A", "version": 0})),
        with("agent", json!({"type": "agent_with_overrides", "id": "agent_01A"})),
        with("agent", json!(7)),
        with("environment_id", json!("agent_01A")),
        with("initial_events", json!([])),
        with("initial_events", json!(vec![message; 51])),
        with("initial_events", json!([{"type": "user.interrupt"}])),
        with("initial_events", json!(["user.message"])),
        with("initial_events", json!([{"type": "user.message", "text": "go"}])),
        with(
            "initial_events",
            json!([{"type": "system.message", "content": [{"type": "text", "text": "x"}]}]),
        ),
        with("schedule", json!({"type": "cron", "expression": "@daily", "timezone": "UTC"})),
        with("schedule", json!({"type": "cron", "expression": "0 9 * * 1"})),
        with("schedule", json!({"type": "interval", "minutes": 5})),
        with("vault_ids", json!(["vlt_1", "vlt_1"])),
        with("vault_ids", json!((0..51).map(|n| format!("vlt_{n}")).collect::<Vec<_>>())),
        with("resources", json!([{"type": "file", "file_id": "x"}])),
        with(
            "resources",
            json!(vec![
                json!({"type": "memory_store",
            "memory_store_id": "memstore_1"});
                9
            ]),
        ),
        with("metadata", json!({"": "x"})),
        with(
            "budget",
            json!({"type": "limit", "max_list_cost": {"amount": "0", "currency": "USD"}}),
        ),
        with(
            "budget",
            json!({"type": "limit", "max_list_cost": {"amount": "5", "currency": "EUR"}}),
        ),
        with("colour", json!("red")),
    ];
    for body in wrong {
        let read = value::<CreateParams>(body.clone()).and_then(|params| params.check());
        assert_eq!(read.unwrap_err().status, 400, "{body}");
    }
}

#[test]
fn a_repository_is_refused_as_for_a_session() {
    let body = with(
        "resources",
        json!([{"type": "github_repository",
        "url": "https://example.org/r", "authorization_token": "t0p"}]),
    );
    let params: CreateParams = value(body).unwrap();
    let error = params.check().unwrap_err();
    assert_eq!(error.status, 501);
    assert!(!error.message.contains("t0p"));
}

#[test]
fn an_update_changes_what_it_names_and_clears_what_may_go() {
    let first = updated(
        &made(),
        json!({"description": "d", "vault_ids": ["vlt_1"],
        "metadata": {"a": "1", "b": "2"}, "name": "new"}),
    )
    .unwrap();
    assert_eq!((first.name.as_str(), first.description.as_deref()), ("new", Some("d")));
    assert_eq!(first.due, made().due);
    let then = updated(
        &first,
        json!({"description": "", "vault_ids": null, "schedule": null,
        "metadata": {"a": null}}),
    )
    .unwrap();
    assert_eq!((then.description, then.vault_ids.len(), then.due), (None, 0, None));
    assert!(then.schedule.is_none());
    assert_eq!(then.metadata.keys().collect::<Vec<_>>(), ["b"]);
    for field in ["name", "agent", "environment_id", "initial_events"] {
        let error = updated(&first, json!({ field: null })).unwrap_err();
        assert!(error.message.starts_with(field), "{}", error.message);
    }
    assert_eq!(updated(&first, json!({"name": "new"})).unwrap(), first, "nothing changed");
}

#[test]
fn a_time_is_taken_once_and_however_many_were_missed_are_one() {
    let made = made();
    assert!(made.claimed("drun_1".into(), at("2026-11-23T08:59:59Z")).is_none());
    // Five weeks late.
    let now = at("2026-12-30T00:00:00Z");
    let claimed = made.claimed("drun_1".into(), now).unwrap();
    assert_eq!(claimed.firing.as_ref().unwrap().nominal, at("2026-11-23T09:00:00Z"));
    assert_eq!(claimed.due.unwrap().nominal, at("2027-01-04T09:00:00Z"));
    assert!(claimed.claimed("drun_2".into(), at("2027-01-05T00:00:00Z")).is_none());
    let session = Ok("sesn_1".to_owned());
    let trigger = Trigger::Schedule { scheduled_at: claimed.firing.clone().unwrap().nominal };
    let run = Run::new("drun_1".into(), &claimed, trigger, session, now);
    let settled = claimed.settled(&run, now);
    assert_eq!(settled.schedule.as_ref().unwrap().last_run_at, Some(now));
    assert_eq!((settled.firing.clone(), settled.paused_reason), (None, None));
    assert!(settled.claimed("drun_2".into(), at("2027-01-05T00:00:00Z")).is_some());
}

#[test]
fn a_run_that_fails_for_good_pauses_and_any_other_does_not() {
    let now = at("2026-11-23T12:00:00Z");
    let claimed = made().claimed("drun_1".into(), now).unwrap();
    let kind = RunErrorKind::VaultArchived;
    let paused = claimed.settled(&failed(&claimed, kind), now);
    let shown = paused.to_object(now);
    assert_eq!(shown["status"], "paused");
    let expected = json!({"type": "error", "error": {"type": "vault_archived_error"}});
    assert_eq!(shown["paused_reason"], expected);
    assert_eq!(shown["schedule"]["upcoming_runs_at"].as_array().unwrap().len(), 5);
    assert_eq!(paused.due, None);
    let goes_on = claimed.settled(&failed(&claimed, RunErrorKind::SessionRateLimited), now);
    assert_eq!(goes_on.paused_reason, None);
    // By hand it pauses nothing.
    let error = Err(RunError::new(kind, "why"));
    let by_hand = Run::new("drun_2".into(), &made(), Trigger::Manual, error, now);
    assert_eq!(made().settled(&by_hand, now), made());
}

#[test]
fn going_on_begins_at_the_next_time_and_an_archived_one_never_does() {
    let now = at("2026-11-24T00:00:00Z");
    let paused = made().paused(at("2026-11-21T01:00:00Z")).unwrap();
    assert_eq!(paused.paused(now).unwrap(), paused);
    assert!(paused.claimed("drun_1".into(), now).is_none());
    let again = paused.unpaused(now).unwrap();
    assert_eq!(again.due.unwrap().nominal, at("2026-11-30T09:00:00Z"));
    assert_eq!(again.unpaused(now).unwrap(), again);
    let archived = paused.archived(now);
    let shown = archived.to_object(now);
    assert_eq!((shown["status"].as_str(), &shown["paused_reason"]), (Some("active"), &Value::Null));
    assert_eq!(shown["schedule"]["upcoming_runs_at"], json!([]));
    for refused in [
        archived.paused(now),
        archived.unpaused(now),
        archived.updated(UpdateParams::default(), None, now),
    ] {
        assert_eq!(refused.unwrap_err().status, 400);
    }
}

#[test]
fn the_body_of_an_agents_deployment_is_archived_as_the_deployment_is() {
    let now = at("2026-11-24T00:00:00Z");
    let paused = made().paused(now).unwrap();
    for before in [made(), paused, made().archived(Timestamp(5))] {
        let body = archived(serde_json::to_value(&before).unwrap(), now);
        assert_eq!(serde_json::from_value::<Deployment>(body).unwrap(), before.archived(now));
    }
}

#[test]
fn a_run_whose_server_is_gone_is_found() {
    let now = at("2026-11-23T12:00:00Z");
    let claimed = made().claimed("drun_1".into(), now).unwrap();
    assert!(claimed.stale(now).is_none());
    let later = Timestamp(now.as_millis() + STALE_MS);
    assert_eq!(claimed.stale(later).unwrap().run_id, "drun_1");
}

#[test]
fn a_run_has_a_session_or_an_error() {
    let now = at("2026-11-23T12:00:00Z");
    let ok = Run::new("drun_1".into(), &made(), Trigger::Manual, Ok("sesn_1".into()), now);
    let expected = json!({"id": "drun_1", "type": "deployment_run", "deployment_id": "depl_01A",
        "agent": {"type": "agent", "id": "agent_01A", "version": 3},
        "trigger_context": {"type": "manual"}, "session_id": "sesn_1", "error": null,
        "created_at": "2026-11-23T12:00:00.000Z"});
    assert_eq!(serde_json::to_value(ok).unwrap(), expected);
    let claimed = made().claimed("drun_2".into(), now).unwrap();
    let run = serde_json::to_value(failed(&claimed, RunErrorKind::FileNotFound)).unwrap();
    assert_eq!(run["session_id"], Value::Null);
    assert_eq!(run["error"], json!({"type": "file_not_found_error", "message": "why"}));
    let expected = json!({"type": "schedule", "scheduled_at": "2026-11-23T09:00:00.000Z"});
    assert_eq!(run["trigger_context"], expected);
}
