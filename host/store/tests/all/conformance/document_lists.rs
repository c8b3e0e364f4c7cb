//! Lists of documents.

use std::sync::Arc;

use lucid_core::Timestamp;
use lucid_store::{Document, DocumentFilter, Store};

use crate::kit::{create, delete, document, write};

fn of(kind: &str) -> DocumentFilter {
    DocumentFilter { kind: kind.to_owned(), ..DocumentFilter::default() }
}

fn made(id: &str, created_at: u64) -> Document {
    Document { created_at: Timestamp(created_at), ..document("agent", id) }
}

fn place(document: &Document) -> (Timestamp, String) {
    (document.created_at, document.id.clone())
}

async fn ids(store: &dyn Store, filter: &DocumentFilter) -> Vec<String> {
    let documents = store.documents(filter).await.unwrap();
    documents.into_iter().map(|document| document.id).collect()
}

pub(crate) async fn documents_are_listed_in_order_and_in_pages(store: Arc<dyn Store>) {
    let mut all = [("e", 30), ("d", 10), ("b", 20), ("C", 20), ("a", 20), ("é", 20), ("a1", 20)]
        .map(|(id, created_at)| made(id, created_at));
    create(&*store, &all.iter().collect::<Vec<_>>()).await;
    create(&*store, &[&document("vault", "vlt_1")]).await;
    all.sort_by_key(place);
    for newest_first in [false, true] {
        let filter = DocumentFilter { newest_first, ..of("agent") };
        assert_eq!(store.documents(&filter).await, Ok(all.to_vec()));
        for limit in 1..=all.len() + 1 {
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let limit = Some(u32::try_from(limit).unwrap());
                let page = DocumentFilter { limit, after, ..filter.clone() };
                let page = store.documents(&page).await.unwrap();
                after = page.last().map(place);
                paged.extend(page);
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(paged, all);
        }
        let none = DocumentFilter { limit: Some(0), ..filter };
        assert_eq!(store.documents(&none).await, Ok(vec![]));
        all.reverse();
    }
}

pub(crate) async fn cursors_survive_what_is_made_and_deleted_meanwhile(store: Arc<dyn Store>) {
    let all: Vec<_> = (0..10).map(|number| made(&format!("a{number}"), number * 10)).collect();
    create(&*store, &all.iter().collect::<Vec<_>>()).await;
    for newest_first in [false, true] {
        let filter = DocumentFilter { newest_first, limit: Some(5), ..of("agent") };
        let first = store.documents(&filter).await.unwrap();
        let after = first.last().map(place);
        let middle = after.clone().unwrap();
        // Before the cursor, behind it, at its moment, and the one it names goes.
        let name = |number: u32| format!("n{number}{newest_first}");
        let new = [made(&name(1), 1), made(&name(2), 99), made(&name(3), middle.0.0)];
        create(&*store, &new.iter().collect::<Vec<_>>()).await;
        write(&*store, vec![delete(&middle.1)]).await;
        let rest = DocumentFilter { after, limit: None, ..filter };
        let rest = store.documents(&rest).await.unwrap();
        let mut expected: Vec<_> = all.iter().filter(|one| !first.contains(one)).collect();
        let behind = |one: &&Document| match newest_first {
            true => place(one) < middle,
            false => place(one) > middle,
        };
        expected.extend(new.iter().filter(behind));
        expected.sort_by_key(|one| place(one));
        if newest_first {
            expected.reverse();
        }
        assert_eq!(rest.iter().collect::<Vec<_>>(), expected);
        let anew: Vec<_> = new.iter().map(|one| delete(&one.id)).collect();
        write(&*store, anew).await;
        let gone = all.iter().find(|one| one.id == middle.1).unwrap();
        create(&*store, &[gone]).await;
    }
}

pub(crate) async fn documents_are_found_by_what_they_are_and_belong_to(store: Arc<dyn Store>) {
    let child = |id: &str, parent: Option<&str>, key: Option<&str>, archived: bool| Document {
        parent: parent.map(str::to_owned),
        key: key.map(str::to_owned),
        archived_at: archived.then_some(Timestamp(9)),
        ..document("credential", id)
    };
    let all = [
        child("c1", Some("v1"), Some("k"), false),
        child("c2", Some("v1"), Some("k"), true),
        child("c3", Some("v1"), None, false),
        child("c4", Some("v2"), Some("k"), false),
        child("c5", None, Some("k"), false),
        child("c6", None, None, true),
    ];
    create(&*store, &all.iter().collect::<Vec<_>>()).await;
    create(&*store, &[&document("agent", "c7")]).await;
    let name = |text: &str| Some(text.to_owned());
    let ids_of = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (plain, parent) = (of("credential"), name("v1"));
    let archived = DocumentFilter { archived: true, ..plain.clone() };
    for (filter, expected) in [
        (plain.clone(), &["c1", "c3", "c4", "c5"][..]),
        (archived.clone(), &["c1", "c2", "c3", "c4", "c5", "c6"]),
        (DocumentFilter { parent: parent.clone(), ..plain.clone() }, &["c1", "c3"]),
        (DocumentFilter { parent: parent.clone(), ..archived.clone() }, &["c1", "c2", "c3"]),
        (DocumentFilter { key: name("k"), ..plain.clone() }, &["c1", "c4", "c5"]),
        (DocumentFilter { key: name("k"), ..archived.clone() }, &["c1", "c2", "c4", "c5"]),
        (DocumentFilter { key: name("k"), parent: parent.clone(), ..plain.clone() }, &["c1"]),
        (
            DocumentFilter { ids: ids_of(&["c5", "c2", "c1", "c7", "c5"]), ..plain.clone() },
            &["c1", "c5"],
        ),
        (DocumentFilter { ids: ids_of(&["c2", "c4"]), parent, ..archived.clone() }, &["c2"]),
        (DocumentFilter { ids: ids_of(&["'", "\"", "\u{0}"]), ..archived }, &[]),
        (of("nothing"), &[]),
        (DocumentFilter { parent: name(""), ..plain }, &[]),
    ] {
        assert_eq!(ids(&*store, &filter).await, expected, "{filter:?}");
    }
}

pub(crate) async fn documents_are_found_by_when_they_were_made(store: Arc<dyn Store>) {
    let all = [("a", 10), ("b", 20), ("c", 20), ("d", 30)].map(|(id, at)| made(id, at));
    create(&*store, &all.iter().collect::<Vec<_>>()).await;
    for (from, until, expected) in [
        (None, None, &["a", "b", "c", "d"][..]),
        (Some(20), None, &["b", "c", "d"]),
        (Some(21), Some(31), &["d"]),
        (None, Some(20), &["a"]),
        (Some(20), Some(20), &[]),
        (Some(u64::MAX), None, &[]),
        (Some(0), Some(u64::MAX), &["a", "b", "c", "d"]),
    ] {
        let (from, until) = (from.map(Timestamp), until.map(Timestamp));
        let filter = DocumentFilter { from, until, ..of("agent") };
        assert_eq!(ids(&*store, &filter).await, expected, "{filter:?}");
    }
    let far = Some((Timestamp(u64::MAX), String::new()));
    let behind = DocumentFilter { after: far.clone(), ..of("agent") };
    assert!(ids(&*store, &behind).await.is_empty());
    let before = DocumentFilter { after: far, newest_first: true, ..of("agent") };
    assert_eq!(ids(&*store, &before).await.len(), 4);
}
