//! Dreams.

use std::sync::Arc;

use lucid_core::{
    Change, Class, Dream, DreamId, DreamOperation, DreamStatus, EntryInterval, Evidence,
    FailureKind, LedgerLine, MemoryStoreId, OperationState, Place, Rejection, ReviewPolicy,
    Schedule, ScheduleId, SessionId, Timestamp, sha256_hex,
};
use lucid_store::{Digest, DreamChange, DreamJob, InputLabels, ProofNeeded, Store, StrategySource};

use crate::kit::{created, memory_store, message, modified, session};

fn operation(id: &str, rejection: Option<Rejection>) -> DreamOperation {
    let state = match rejection {
        Some(_) => OperationState::Rejected,
        None => OperationState::Proposed,
    };
    DreamOperation {
        id: id.to_owned(),
        op: "drop".to_owned(),
        class: Class::Theme,
        state,
        memory_path: "/a.md".to_owned(),
        before: vec!["- old".to_owned()],
        after: None,
        reason: "it is \"old\"".to_owned(),
        rejection,
        evidence: vec![Evidence {
            session_id: "sesn_1".to_owned(),
            event_id: "sevt_1".to_owned(),
            quote: "\u{0}\u{1F680}".to_owned(),
        }],
        statistics: None,
        change: Change::Drop { entry_id: "ent_1".to_owned() },
        masked: Vec::new(),
    }
}

fn dream(id: &str, created_at: u64) -> Dream {
    let line = LedgerLine {
        entry_id: "ent_1".to_owned(),
        path: "/a.md".to_owned(),
        text: "- old".to_owned(),
        place: Place::Dropped,
        operation: Some("dop_1".to_owned()),
    };
    let refused = Rejection::LossCap("too much".to_owned());
    let id = DreamId::parse(id).unwrap();
    let store = MemoryStoreId::parse("memstore_1").unwrap();
    let sessions = vec![SessionId::parse("sesn_1").unwrap()];
    Dream {
        status: DreamStatus::Running,
        policy: ReviewPolicy::Auto,
        ms: 3,
        operations: vec![operation("dop_1", None), operation("dop_2", Some(refused))],
        ledger: vec![line],
        ..Dream::pending(id, "consolidate", store, sessions, Timestamp(created_at))
    }
}

fn job() -> DreamJob {
    let (strategy, model) = ("consolidate".to_owned(), None);
    DreamJob {
        source: StrategySource::Named { strategy, model },
        component: sha256_hex(b"component"),
        seed: u64::MAX,
        accept_all: false,
        labels: vec![InputLabels {
            session_id: SessionId::parse("sesn_1").unwrap(),
            succeeded: Some(true),
            labels: vec![("task".to_owned(), "1".to_owned())],
        }],
        proof: Some(ProofNeeded { mission: "harbour".to_owned(), n: 20, margin: 0.1 }),
        input_versions: Vec::new(),
        forget: Vec::new(),
    }
}

pub(crate) async fn a_dream_comes_back_as_it_was(store: Arc<dyn Store>) {
    let dream = dream("drm_1", 10);
    store.put_dream(&dream).await.unwrap();
    assert_eq!(store.dream(&dream.id).await, Ok(Some(dream)));
    assert_eq!(store.dream(&DreamId::parse("drm_2").unwrap()).await, Ok(None));
}

pub(crate) async fn a_dream_can_be_changed(store: Arc<dyn Store>) {
    let mut dream = dream("drm_1", 10);
    store.put_dream(&dream).await.unwrap();
    dream.status = DreamStatus::Completed;
    dream.memory_store_out = MemoryStoreId::parse("memstore_2");
    dream.ended_at = Some(Timestamp(11));
    store.put_dream(&dream).await.unwrap();
    assert_eq!(store.dream(&dream.id).await, Ok(Some(dream.clone())));
    assert_eq!(store.dreams().await, Ok(vec![dream]));
}

pub(crate) async fn dreams_are_listed_newest_first(store: Arc<dyn Store>) {
    let dreams = [dream("drm_2", 30), dream("drm_3", 20), dream("drm_1", 20), dream("drm_4", 10)];
    for number in [2, 0, 3, 1] {
        store.put_dream(&dreams[number]).await.unwrap();
    }
    assert_eq!(store.dreams().await.unwrap(), dreams);
}

pub(crate) async fn dreams_are_found_by_the_start_of_their_ids(store: Arc<dyn Store>) {
    let ids = ["drm_01a", "drm_01ab", "drm_01b", "drm_02"];
    for (number, text) in (0..).zip(ids) {
        store.put_dream(&dream(text, 20 - number)).await.unwrap();
    }
    for (start, limit, expected) in [
        ("", 9, &ids[..]),
        ("drm_01", 9, &ids[..3]),
        ("drm_01", 2, &ids[..2]),
        ("drm_01ab", 9, &ids[1..2]),
        // Nothing of it is a pattern.
        ("drm_0%", 9, &[]),
        ("drm_0_", 9, &[]),
        ("DRM_01", 9, &[]),
        ("drm_03", 9, &[]),
        ("drm_01", 0, &[]),
    ] {
        let found = store.dreams_named(start, limit).await.unwrap();
        let expected: Vec<_> = expected.iter().map(|id| DreamId::parse(id).unwrap()).collect();
        assert_eq!(found, expected, "{start:?} {limit}");
    }
}

pub(crate) async fn the_newest_dream_is_the_first_that_is_listed(store: Arc<dyn Store>) {
    assert_eq!(store.newest_dream().await, Ok(None));
    for (id, at) in [("drm_2", 20), ("drm_1", 20), ("drm_3", 30), ("drm_4", 10), ("drm_0", 30)] {
        store.put_dream(&dream(id, at)).await.unwrap();
        let listed = store.dreams().await.unwrap();
        assert_eq!(store.newest_dream().await, Ok(Some(listed[0].id.clone())), "{id}");
    }
    assert_eq!(store.newest_dream().await, Ok(DreamId::parse("drm_3")));
}

pub(crate) async fn dreams_in_short_are_the_same_without_what_is_large(store: Arc<dyn Store>) {
    let dreams = [dream("drm_2", 30), dream("drm_3", 20), dream("drm_1", 20)];
    for dream in &dreams {
        store.put_dream(dream).await.unwrap();
    }
    let short = |dream: Dream| Dream { operations: Vec::new(), ledger: Vec::new(), ..dream };
    assert_eq!(store.dreams_in_short().await.unwrap(), dreams.map(short));
}

pub(crate) async fn a_dream_is_made_once_with_what_it_takes_to_run_it(store: Arc<dyn Store>) {
    let dream = dream("drm_1", 10);
    store.create_dream(&dream, &job()).await.unwrap();
    assert_eq!(store.dream_job(&dream.id).await, Ok(Some(job())));
    let again = store.create_dream(&dream, &job()).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::Invalid);
    // One of an older version has none.
    let old = self::dream("drm_2", 10);
    store.put_dream(&old).await.unwrap();
    assert_eq!(store.dream_job(&old.id).await, Ok(None));
}

pub(crate) async fn numbers_of_a_dream_come_back_to_the_last_digit(store: Arc<dyn Store>) {
    // A reader that only comes close would change what is compared, and what is written next.
    let numbers = [0.1 + 0.2, 31.245_270_191_439_438, 121.487_919_511_619_45, f64::MIN_POSITIVE];
    for (id, margin) in ["drm_1", "drm_2", "drm_3", "drm_4"].into_iter().zip(numbers) {
        let dream = dream(id, 10);
        let proof = Some(ProofNeeded { mission: String::new(), n: 1, margin });
        let job = DreamJob { proof, ..job() };
        store.create_dream(&dream, &job).await.unwrap();
        assert_eq!(store.dream_job(&dream.id).await, Ok(Some(job)));
    }
}

pub(crate) async fn a_change_of_a_dream_happens_whole_or_not_at_all(store: Arc<dyn Store>) {
    let before = dream("drm_1", 10);
    store.create_dream(&before, &job()).await.unwrap();
    let memories = memory_store(store.as_ref()).await;
    let first = created(&memories, "/a.md", "- old");
    store.write_memories(&memories, vec![first.clone()]).await.unwrap();
    let after = Dream { status: DreamStatus::Completed, ..before.clone() };
    let interval = EntryInterval {
        entry_id: "ent_1".to_owned(),
        text: "- old".to_owned(),
        path: "/a.md".to_owned(),
        valid_from: Timestamp(1),
        valid_until: Some(Timestamp(2)),
        superseded_by: Some("ent_2".to_owned()),
        dream_id: before.id.clone(),
    };
    let next = modified(&first, "/a.md", "- new");
    let change = |versions| DreamChange {
        job: Some(DreamJob { seed: 7, ..job() }),
        versions: Some((memories.clone(), versions)),
        intervals: Some((memories.clone(), vec![interval.clone()])),
        redact: vec![first.id.clone()],
        ..DreamChange::to(after.clone())
    };
    // A version that does not fit takes everything back.
    let bad = vec![next.clone(), created(&memories, "/a.md", "- taken")];
    store.change_dream(&before, change(bad)).await.unwrap_err();
    assert_eq!(store.dream(&before.id).await, Ok(Some(before.clone())));
    assert_eq!(store.dream_job(&before.id).await, Ok(Some(job())));
    assert_eq!(store.intervals(&memories).await, Ok(Vec::new()));
    assert_eq!(store.memories(&memories).await.unwrap()[0].content, "- old");
    store.change_dream(&before, change(vec![next])).await.unwrap();
    assert_eq!(store.dream(&before.id).await, Ok(Some(after.clone())));
    assert_eq!(store.dream_job(&before.id).await.unwrap().unwrap().seed, 7);
    assert_eq!(store.intervals(&memories).await, Ok(vec![interval]));
    assert_eq!(store.memories(&memories).await.unwrap()[0].content, "- new");
    let redacted = store.memory_version(&first.id).await.unwrap().unwrap();
    assert_eq!((redacted.content, redacted.path.as_str()), (None, ""));
}

pub(crate) async fn who_read_a_dream_before_it_changed_changes_nothing(store: Arc<dyn Store>) {
    let before = dream("drm_1", 10);
    store.create_dream(&before, &job()).await.unwrap();
    let one = Dream { status: DreamStatus::Canceled, ..before.clone() };
    let other = Dream { status: DreamStatus::Completed, ..before.clone() };
    store.change_dream(&before, DreamChange::to(one.clone())).await.unwrap();
    let late = store.change_dream(&before, DreamChange::to(other)).await.unwrap_err();
    assert_eq!(late.kind, FailureKind::Failed);
    assert_eq!(store.dream(&before.id).await, Ok(Some(one)));
    let nobody = dream("drm_2", 10);
    let change = DreamChange::to(nobody.clone());
    assert_eq!(store.change_dream(&nobody, change).await.unwrap_err().kind, FailureKind::Invalid);
}

/// Writes down that a dream is to forget something, as who deletes it does.
async fn mark(store: &dyn Store, id: &DreamId, gone: &str) {
    loop {
        let dream = store.dream(id).await.unwrap().unwrap();
        let was = store.dream_job(id).await.unwrap().unwrap();
        // The other one reads before this one writes.
        tokio::task::yield_now().await;
        let mut job = was.clone();
        job.forget.push(gone.to_owned());
        let change =
            DreamChange { job: Some(job), job_before: Some(was), ..DreamChange::to(dream.clone()) };
        match store.change_dream(&dream, change).await {
            Ok(()) => return,
            Err(failure) => assert_eq!(failure.kind, FailureKind::Failed),
        }
    }
}

pub(crate) async fn who_read_a_job_before_it_changed_changes_nothing(store: Arc<dyn Store>) {
    let dream = dream("drm_1", 10);
    store.create_dream(&dream, &job()).await.unwrap();
    let now = DreamJob { seed: 7, ..job() };
    let change = |job: &DreamJob, job_before| DreamChange {
        job: Some(job.clone()),
        job_before,
        ..DreamChange::to(dream.clone())
    };
    store.change_dream(&dream, change(&now, Some(job()))).await.unwrap();
    let other = DreamJob { seed: 8, ..job() };
    let late = store.change_dream(&dream, change(&other, Some(job()))).await.unwrap_err();
    assert_eq!(late.kind, FailureKind::Failed);
    assert_eq!(store.dream_job(&dream.id).await, Ok(Some(now)));
    // Where it does not matter, nobody asks.
    store.change_dream(&dream, change(&other, None)).await.unwrap();
    assert_eq!(store.dream_job(&dream.id).await, Ok(Some(other)));
    // One of an older version has no job.
    let old = self::dream("drm_2", 10);
    store.put_dream(&old).await.unwrap();
    let change = DreamChange { job_before: Some(job()), ..DreamChange::to(old.clone()) };
    assert_eq!(store.change_dream(&old, change).await.unwrap_err().kind, FailureKind::Failed);
}

pub(crate) async fn of_two_that_mark_a_dream_at_once_both_marks_stay(store: Arc<dyn Store>) {
    let dream = dream("drm_1", 10);
    store.create_dream(&dream, &job()).await.unwrap();
    for round in 0..10 {
        let [one, other] = [format!("sesn_a{round}"), format!("sesn_b{round}")];
        tokio::join!(mark(&*store, &dream.id, &one), mark(&*store, &dream.id, &other));
        let forget = store.dream_job(&dream.id).await.unwrap().unwrap().forget;
        assert!(forget.contains(&one) && forget.contains(&other), "{forget:?}");
    }
}

pub(crate) async fn that_somebody_wants_a_dream_to_stop_is_seen(store: Arc<dyn Store>) {
    let dream = dream("drm_1", 10);
    assert!(store.request_cancel(&dream.id, Timestamp(1)).await.is_err());
    store.create_dream(&dream, &job()).await.unwrap();
    assert_eq!(store.cancel_requested(&dream.id).await, Ok(false));
    for at in [20, 30] {
        store.request_cancel(&dream.id, Timestamp(at)).await.unwrap();
        assert_eq!(store.cancel_requested(&dream.id).await, Ok(true));
    }
}

pub(crate) async fn dreams_are_found_by_what_they_read_and_made(store: Arc<dyn Store>) {
    let mut dreams = [dream("drm_1", 30), dream("drm_2", 20), dream("drm_3", 10)];
    dreams[1].input_session_ids = vec![SessionId::parse("sesn_12").unwrap()];
    dreams[1].operations.clear();
    dreams[2].memory_store_out = MemoryStoreId::parse("memstore_2");
    for dream in &dreams {
        let labels = Vec::new();
        store.create_dream(dream, &DreamJob { labels, ..job() }).await.unwrap();
    }
    let [one, two, three] = dreams.map(|dream| dream.id);
    let naming = async |id: &str| store.dreams_naming(id).await.unwrap();
    assert_eq!(naming("sesn_1").await, [three.clone(), one.clone()], "oldest first");
    assert_eq!(naming("sesn_12").await, std::slice::from_ref(&two));
    assert_eq!(naming("memstore_2").await, std::slice::from_ref(&three));
    assert_eq!(naming("memstore_1").await, [three, two, one]);
    assert!(naming("sesn_9").await.is_empty());
}

pub(crate) async fn a_log_that_grew_has_another_hash_and_the_same_log_the_same(
    store: Arc<dyn Store>,
) {
    let ids = [session(store.as_ref()).await, session(store.as_ref()).await];
    let unknown = SessionId::parse("sesn_01nobody").unwrap();
    let events = vec![message("one"), message("two")];
    for id in &ids {
        store.append_events(id, 0, events.clone()).await.unwrap();
    }
    let all = [ids[0].clone(), unknown, ids[1].clone()];
    let [one, none, other] = store.content_hashes(&all).await.unwrap().try_into().unwrap();
    let (one, other): (lucid_store::ContentHash, lucid_store::ContentHash) =
        (one.unwrap(), other.unwrap());
    assert_eq!((none, one.events), (None, 2));
    assert_eq!(one, other);
    store.append_events(&ids[0], 0, vec![message("three")]).await.unwrap();
    let grown = store.content_hashes(&ids).await.unwrap();
    assert_eq!(grown[0].as_ref().unwrap().events, 3);
    assert_ne!(grown[0], grown[1]);
    // As if it had been hashed at once.
    let whole = session(store.as_ref()).await;
    let log: Vec<_> = store.events(&ids[0], None, 9).await.unwrap();
    let log = log.into_iter().map(|(_, event)| event).collect();
    store.append_events(&whole, 0, log).await.unwrap();
    assert_eq!(store.content_hashes(&[whole]).await.unwrap()[0], grown[0]);
}

pub(crate) async fn digests_are_kept_by_component_session_and_key(store: Arc<dyn Store>) {
    let ids = [session(store.as_ref()).await, session(store.as_ref()).await];
    let digest = |id: &SessionId, key: &str, body: &[u8]| Digest {
        session_id: id.clone(),
        key: key.to_owned(),
        body: body.to_vec(),
    };
    let gone = SessionId::parse("sesn_01nobody").unwrap();
    let digests =
        vec![digest(&ids[0], "k", b"one"), digest(&ids[1], "k", b"two"), digest(&gone, "k", b"x")];
    store.put_digests("c", digests).await.unwrap();
    let get = async |component: &str, key: &str, bytes_max| {
        let wanted: Vec<_> = ids.iter().map(|id| (id.clone(), key.to_owned())).collect();
        store.digests(component, &wanted, bytes_max).await.unwrap()
    };
    let (one, two) = (Some(b"one".to_vec()), Some(b"two".to_vec()));
    assert_eq!(get("c", "k", 100).await, [one.clone(), two.clone()]);
    assert_eq!(get("c", "k", 4).await, std::slice::from_ref(&one), "as many as fit");
    assert_eq!(get("c", "k", 0).await, std::slice::from_ref(&one), "one at least");
    assert_eq!(get("c", "other", 100).await, [None, None]);
    assert_eq!(get("d", "k", 100).await, [None, None]);
    store.put_digests("c", vec![digest(&ids[0], "k2", b"new")]).await.unwrap();
    assert_eq!(get("c", "k", 100).await, [None, two], "in the place of the one before");
    store.delete_session(&ids[1], 0).await.unwrap();
    assert_eq!(get("c", "k", 100).await, [None, None], "it goes with its session");
}

pub(crate) async fn sessions_are_read_at_a_glance_in_the_order_asked_for(store: Arc<dyn Store>) {
    let ids = [session(store.as_ref()).await, session(store.as_ref()).await];
    let unknown = SessionId::parse("sesn_01nobody").unwrap();
    let asked = [ids[1].clone(), unknown, ids[0].clone()];
    let found = store.session_summaries(&asked).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|one| one.map(|one| one.session.id)).collect();
    assert_eq!(found, [Some(ids[1].clone()), None, Some(ids[0].clone())]);
}

pub(crate) async fn a_version_is_redacted_once_and_never_while_a_memory_stands_on_it(
    store: Arc<dyn Store>,
) {
    let memories = memory_store(store.as_ref()).await;
    let first = created(&memories, "/a.md", "secret");
    let next = modified(&first, "/a.md", "- fine");
    store.write_memories(&memories, vec![first.clone(), next.clone()]).await.unwrap();
    let stands = store.redact_version(&next.id).await.unwrap_err();
    assert_eq!(stands.kind, FailureKind::Invalid);
    assert_eq!(store.redact_version(&first.id).await, Ok(true));
    assert_eq!(store.redact_version(&first.id).await, Ok(false));
    let versions = store.memory_versions(&memories, None).await.unwrap();
    let texts: Vec<_> = versions.iter().map(|version| version.content.as_deref()).collect();
    assert_eq!(texts, [Some("- fine"), None]);
    let unknown = created(&memories, "/b.md", "");
    assert_eq!(store.memory_version(&unknown.id).await, Ok(None));
    assert!(store.redact_version(&unknown.id).await.is_err());
}

fn schedule(id: &str) -> Schedule {
    Schedule {
        id: ScheduleId::parse(id).unwrap(),
        memory_store: MemoryStoreId::parse("memstore_1").unwrap(),
        strategy: "consolidate".to_owned(),
        instructions: String::new(),
        cron: "@nightly".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        policy: ReviewPolicy::Auto,
        mission: None,
        last_n: Some(100),
        min_new: 1,
        paused: false,
        jitter_ms: 0,
        last_run_at: None,
        next_run_at: Some(Timestamp(5)),
    }
}

pub(crate) async fn a_schedule_is_changed_only_as_it_was_read(store: Arc<dyn Store>) {
    let one = schedule("dsch_1");
    let paused = Schedule { paused: true, ..one.clone() };
    assert_eq!(store.change_schedule(&one, &paused).await, Ok(false), "it is not there");
    assert_eq!(store.schedule(&one.id).await, Ok(None));
    store.put_schedule(&one).await.unwrap();
    assert_eq!(store.change_schedule(&one, &paused).await, Ok(true));
    let late = Schedule { next_run_at: None, ..one.clone() };
    assert_eq!(store.change_schedule(&one, &late).await, Ok(false), "it was changed since");
    assert_eq!(store.schedule(&one.id).await, Ok(Some(paused.clone())));
    let other = schedule("dsch_2");
    assert!(store.change_schedule(&paused, &other).await.is_err(), "that is another one");
    // One that was removed does not come back.
    store.delete_schedule(&one.id).await.unwrap();
    assert_eq!(store.change_schedule(&paused, &one).await, Ok(false));
    assert_eq!(store.schedule(&one.id).await, Ok(None));
}

pub(crate) async fn a_schedule_is_claimed_once_for_each_time(store: Arc<dyn Store>) {
    let one = schedule("dsch_1");
    store.put_schedule(&schedule("dsch_2")).await.unwrap();
    store.put_schedule(&one).await.unwrap();
    assert_eq!(store.schedules().await, Ok(vec![one.clone(), schedule("dsch_2")]));
    let claim = async |before: Option<u64>, at| {
        let next = Some(Timestamp(at + 1));
        store.claim_schedule(&one.id, before.map(Timestamp), Timestamp(at), next).await.unwrap()
    };
    assert!(claim(None, 5).await);
    assert!(!claim(None, 5).await, "another process was faster");
    assert!(claim(Some(5), 6).await);
    let now = store.schedule(&one.id).await.unwrap().unwrap();
    assert_eq!((now.last_run_at, now.next_run_at), (Some(Timestamp(6)), Some(Timestamp(7))));
    store.put_schedule(&Schedule { paused: true, ..now }).await.unwrap();
    assert!(!claim(Some(6), 7).await, "it is paused");
    assert_eq!(store.delete_schedule(&one.id).await, Ok(true));
    assert_eq!(store.delete_schedule(&one.id).await, Ok(false));
    assert!(!claim(Some(6), 7).await, "it is gone");
}
