//! The shape of dreams as JSON.

use serde_json::{Value, json};

use super::*;
use crate::{Draft, Ratio, RuleKind};

fn operation() -> DreamOperation {
    let draft = Draft { path: "/playbook.md".to_owned(), text: "- slow down".to_owned() };
    DreamOperation {
        id: "dop_1".to_owned(),
        op: "add".to_owned(),
        class: Class::FailureFix,
        state: OperationState::Proposed,
        memory_path: "/playbook.md".to_owned(),
        before: Vec::new(),
        after: Some("- slow down".to_owned()),
        reason: "because".to_owned(),
        rejection: None,
        evidence: vec![Evidence {
            session_id: "sesn_1".to_owned(),
            event_id: "sevt_1".to_owned(),
            quote: "too fast".to_owned(),
        }],
        statistics: Some(Statistics {
            statement: "land.speed at most 2".to_owned(),
            field: "land.speed".to_owned(),
            comparison: "at most".to_owned(),
            value: "2".to_owned(),
            with: Ratio { hits: 9, total: 10 },
            without: Ratio { hits: 2, total: 11 },
            p: 0.01,
            q: 0.04,
            check_with: Ratio { hits: 4, total: 5 },
            check_without: Ratio { hits: 1, total: 5 },
            session_ids: vec!["sesn_1".to_owned(), "sesn_2".to_owned()],
        }),
        change: Change::Add { draft, kind: RuleKind::FailureFix, statistics: None },
        masked: Vec::new(),
    }
}

fn dream() -> Dream {
    let line = |place, operation: Option<&str>| LedgerLine {
        entry_id: "ent_1".to_owned(),
        path: "/a.md".to_owned(),
        text: "- a".to_owned(),
        place,
        operation: operation.map(str::to_owned),
    };
    let by = |entry_id: &str| Place::SupersededBy {
        entry_id: entry_id.to_owned(),
        since: Timestamp(1_000),
    };
    Dream {
        id: DreamId::parse("drm_1").unwrap(),
        status: DreamStatus::Completed,
        strategy: "consolidate".to_owned(),
        instructions: String::new(),
        memory_store_in: MemoryStoreId::parse("memstore_1").unwrap(),
        memory_store_out: MemoryStoreId::parse("memstore_2"),
        input_session_ids: vec![SessionId::parse("sesn_1").unwrap()],
        session_id: SessionId::parse("sesn_3"),
        policy: ReviewPolicy::Auto,
        usage: ModelUsage::default(),
        ms: 7,
        operations: vec![operation()],
        rejections_dropped: 0,
        ledger: vec![
            line(Place::Kept, None),
            line(Place::MergedInto { entry_id: "ent_2".to_owned() }, Some("dop_2")),
            line(by("ent_3"), Some("dop_3")),
            line(Place::Dropped, Some("dop_4")),
            line(Place::InConflict { entry_ids: vec!["ent_5".to_owned()] }, Some("dop_5")),
        ],
        summary: String::new(),
        proof: None,
        error: None,
        created_at: Timestamp(1),
        ended_at: Some(Timestamp(8)),
    }
}

fn has(value: &Value, names: &[&str]) {
    for name in names {
        assert!(value.get(name).is_some(), "{name} is missing in {value}");
    }
}

#[test]
fn a_dream_as_json_has_the_names_that_were_promised() {
    let shown = serde_json::to_value(dream()).unwrap();
    has(&shown, &["id", "status", "strategy", "instructions", "memory_store_in"]);
    has(&shown, &["memory_store_out", "session_ids", "usage", "ms", "operations", "ledger"]);
    let operation = &shown["operations"][0];
    has(operation, &["id", "op", "class", "state", "memory_path", "before", "after", "reason"]);
    has(operation, &["rejection", "evidence", "statistics"]);
    assert_eq!(operation["class"], "failure_fix");
    assert_eq!((&operation["state"], &operation["rejection"]), (&json!("proposed"), &Value::Null));
    let evidence = json!({"session_id": "sesn_1", "event_id": "sevt_1", "quote": "too fast"});
    assert_eq!(operation["evidence"], json!([evidence]));
    let statistics = &operation["statistics"];
    has(statistics, &["field", "comparison", "value", "p", "q"]);
    let counts = ["with_success", "with_total", "without_success", "without_total"];
    assert_eq!(counts.map(|name| statistics[name].clone()), [9, 10, 2, 11].map(Value::from));
    let fates: Vec<_> = (0..5).map(|line| shown["ledger"][line]["fate"].clone()).collect();
    assert_eq!(fates, ["kept", "merged", "superseded", "dropped", "in_conflict"]);
    assert_eq!(shown["ledger"][1]["entry"], "ent_1");
    assert_eq!(shown["ledger"][1]["operation"], "dop_2");
    assert_eq!(shown["ledger"][0]["operation"], Value::Null);
}

#[test]
fn a_dream_that_was_written_is_read_again() {
    let dream = dream();
    let text = serde_json::to_string(&dream).unwrap();
    assert_eq!(serde_json::from_str::<Dream>(&text).unwrap(), dream);
    let mut refused = operation();
    refused.rejection = Some(Rejection::LossCap("too much".to_owned()));
    refused.masked =
        vec![MaskedNote { place: "draft".to_owned(), kind: "email".to_owned(), bytes: 9 }];
    let text = serde_json::to_string(&refused).unwrap();
    assert_eq!(serde_json::from_str::<DreamOperation>(&text).unwrap(), refused);
}

#[test]
fn the_numbers_of_an_addition_go_with_the_operation() {
    let kept = operation();
    let Change::Add { statistics, .. } = kept.operation().change else { unreachable!() };
    assert_eq!(statistics, kept.statistics);
    assert!(kept.rests_on("sesn_1") && kept.rests_on("sesn_2") && !kept.rests_on("sesn_3"));
}

#[test]
fn auto_takes_only_what_its_class_has_earned() {
    use Class::{Contrast, FailureFix, Identical, Keyed, Sequence, Subsumed, Theme};
    let all = [Identical, Subsumed, Keyed, Contrast, FailureFix, Sequence, Theme];
    let taken = all.into_iter().filter(|class| ReviewPolicy::Auto.accepts(*class));
    assert_eq!(taken.collect::<Vec<_>>(), [Identical, Subsumed, Keyed]);
    assert!(all.iter().all(|class| !ReviewPolicy::Review.accepts(*class)));
}
