use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::query::Query;
use crate::read::value;

fn made(id: &str) -> Endpoint {
    let params = value(json!({"url": "https://example.org/hook?x=1",
        "enabled_events": ["session.idled", "agent.created", "session.idled"]}));
    Endpoint::new(id.to_owned(), params.unwrap(), "sealed".to_owned(), Timestamp(5)).unwrap()
}

#[test]
fn the_object_is_the_one_of_the_api_without_the_secret() {
    let expected = json!({
        "id": "whk_1", "url": "https://example.org/hook?x=1", "name": "", "description": "",
        "enabled_events": ["session.idled", "agent.created"], "state": "enabled",
        "disabled_reason": "", "created_at": "1970-01-01T00:00:00.005Z",
        "updated_at": "1970-01-01T00:00:00.005Z",
    });
    assert_eq!(made("whk_1").to_object(), expected);
}

#[test]
fn there_are_49_event_types_and_none_twice() {
    let types: std::collections::BTreeSet<_> = EVENT_TYPES.into_iter().collect();
    assert_eq!(types.len(), 49);
}

#[test]
fn what_an_endpoint_cannot_be_is_refused() {
    let wrong = [
        json!({"url": "https://example.org", "enabled_events": []}),
        json!({"url": "https://example.org", "enabled_events": ["session.status_idle"]}),
        json!({"url": "ftp://example.org", "enabled_events": ["agent.created"]}),
        json!({"url": "example.org", "enabled_events": ["agent.created"]}),
        json!({"url": "https://user@example.org", "enabled_events": ["agent.created"]}),
        json!({"url": "https://example.org/a b", "enabled_events": ["agent.created"]}),
        json!({"url": "https://example.org/#x", "enabled_events": ["agent.created"]}),
        json!({"url": "https://?x", "enabled_events": ["agent.created"]}),
        json!({"url": "https://example.org?x", "enabled_events": ["agent.created"]}),
        json!({"url": "https://example.org", "enabled_events": ["agent.created"],
            "name": "x".repeat(257)}),
        json!({"url": "https://example.org", "enabled_events": ["agent.created"], "secret": "x"}),
    ];
    for body in wrong {
        let read = value::<CreateParams>(body.clone())
            .and_then(|params| Endpoint::new("whk_1".into(), params, String::new(), Timestamp(0)));
        assert_eq!(read.unwrap_err().status, 400, "{body}");
    }
}

#[test]
fn an_update_keeps_what_it_leaves_out_and_enabling_forgets_the_reason() {
    let off = made("whk_1").disabled("it redirects", Timestamp(6));
    assert!(!off.hears("agent.created"));
    let params = |body: Value| value::<UpdateParams>(body).unwrap();
    let kept = off.updated(params(json!({"enabled_events": []})), Timestamp(7)).unwrap();
    assert_eq!(kept, off);
    let on = off.updated(params(json!({"state": "enabled", "name": "n"})), Timestamp(8)).unwrap();
    assert_eq!((on.disabled_reason.as_str(), on.name.as_str()), ("", "n"));
    assert!(on.hears("agent.created") && !on.hears("agent.updated"));
    assert_eq!(on.updated_at, Timestamp(8));
}

#[test]
fn an_endpoint_that_nothing_comes_through_to_for_a_day_is_disabled() {
    let first = made("whk_1").after_delivery(false, Timestamp(1_000));
    assert_eq!((first.state, first.failing_since), (State::Enabled, Some(Timestamp(1_000))));
    let then = first.after_delivery(false, Timestamp(1_000 + FAILING_MS_MAX - 1));
    assert_eq!(then.state, State::Enabled);
    let last = then.after_delivery(false, Timestamp(1_000 + FAILING_MS_MAX));
    assert_eq!(last.state, State::Disabled);
    assert!(!last.disabled_reason.is_empty());
    assert_eq!(then.after_delivery(true, Timestamp(9)).failing_since, None);
}

#[test]
fn a_delivery_is_sent_three_times_at_most_and_never_too_soon() {
    let mut delivery = Delivery::new("whe_1".into(), "{}".into(), Timestamp(0));
    let mut waits = Vec::new();
    for random in [0, u64::MAX, 7] {
        delivery = delivery.attempted(random, Timestamp(0)).unwrap();
        waits.push(delivery.due.as_millis());
    }
    assert!(waits.iter().all(|wait| (5_000..=120_000).contains(wait)), "{waits:?}");
    assert!(delivery.is_last() && delivery.attempted(0, Timestamp(0)).is_none());
}

#[test]
fn an_event_says_which_resource_and_where() {
    let extra =
        Map::from_iter([("vault_id".to_owned(), json!("vlt_1")), ("id".into(), json!("x"))]);
    let sent =
        payload("whe_1", Timestamp(0), "vault_credential.created", "vcrd_1", "wrkspc_1", extra);
    let expected = json!({"type": "event", "id": "whe_1", "created_at": "1970-01-01T00:00:00.000Z",
        "data": {"type": "vault_credential.created", "id": "vcrd_1", "organization_id": "org_lucid",
            "workspace_id": "wrkspc_1", "vault_id": "vlt_1"}});
    assert_eq!(sent, expected);
    let sent = payload("whe_1", Timestamp(0), "external_key.failed", "ekey_1", "w", Map::new());
    assert_eq!(sent["data"].get("workspace_id"), None);
}

#[test]
fn only_2xx_acknowledges_and_3xx_is_not_followed() {
    let verdicts = [204, 307, 400, 500, 100].map(verdict);
    use Verdict::{Acknowledged, Failed, Redirected};
    assert_eq!(verdicts, [Acknowledged, Redirected, Failed, Failed, Failed]);
}

fn page(raw: &str) -> Result<Value> {
    let newest_first = ["whk_5", "whk_4", "whk_3", "whk_2", "whk_1"].map(made).to_vec();
    ListParams::read(Query::parse(raw).unwrap())?.page(newest_first)
}

#[test]
fn pages_are_between_ids() {
    let cases = [
        ("limit=0", "54321", false),
        ("limit=2", "54", true),
        ("limit=2&after_id=whk_4", "32", true),
        ("after_id=whk_2", "1", false),
        ("after_id=whk_1", "", false),
        ("limit=2&before_id=whk_2", "54", true),
        ("before_id=whk_4", "5", false),
        ("order=asc&limit=2&after_id=whk_1", "23", true),
    ];
    for (raw, expected, more) in cases {
        let page = page(raw).unwrap();
        let ids = page["data"].as_array().unwrap().iter();
        let ids: String = ids.map(|one| one["id"].as_str().unwrap().replace("whk_", "")).collect();
        assert_eq!((ids.as_str(), &page["has_more"]), (expected, &json!(more)), "{raw}");
        let first = expected.get(..1).map(|id| json!(format!("whk_{id}"))).unwrap_or(Value::Null);
        assert_eq!(page["first_id"], first, "{raw}");
    }
    for raw in ["after_id=whk_9", "limit=101", "order=up", "after_id=a&before_id=b", "page=x"] {
        assert_eq!(page(raw).unwrap_err().status, 400, "{raw}");
    }
}

proptest! {
    #[test]
    fn no_url_breaks_it(url in ".{0,60}") {
        let _ = Place::parse(&url);
        let _ = Place::parse(&format!("https://{url}"));
    }
}
