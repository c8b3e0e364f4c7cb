//! Dreams.

use std::sync::Arc;

use lucid_core::{
    Change, Dream, DreamId, DreamStatus, Evidence, LedgerLine, MemoryStoreId, Operation, Place,
    Rejection, SessionId, Timestamp,
};
use lucid_store::Store;

fn dream(id: &str, created_at: u64) -> Dream {
    let operation = Operation {
        change: Change::Drop { entry_id: "ent_1".to_owned() },
        reason: "it is \"old\"".to_owned(),
        evidence: vec![Evidence {
            session_id: "sesn_1".to_owned(),
            event_id: "sevt_1".to_owned(),
            quote: "\u{0}\u{1F680}".to_owned(),
        }],
    };
    let line = LedgerLine {
        entry_id: "ent_1".to_owned(),
        path: "/a.md".to_owned(),
        text: "- old".to_owned(),
        place: Place::Dropped,
        operation: Some(0),
    };
    Dream {
        id: DreamId::parse(id).unwrap(),
        status: DreamStatus::Running,
        strategy: "consolidate".to_owned(),
        instructions: String::new(),
        memory_store_in: MemoryStoreId::parse("memstore_1").unwrap(),
        memory_store_out: None,
        input_session_ids: vec![SessionId::parse("sesn_1").unwrap()],
        session_id: None,
        operations: vec![operation.clone()],
        rejections: vec![(operation, Rejection::LossCap("too much".to_owned()))],
        ledger: vec![line],
        summary: String::new(),
        error: None,
        created_at: Timestamp(created_at),
        ended_at: None,
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
