//! Documents against a model that is too simple to be wrong: whatever is written, the store
//! gives the same answers and lists.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lucid_core::Timestamp;
use lucid_store::{Document, DocumentChange, DocumentFilter, DocumentWrite, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

const IDS: [&str; 5] = ["d1", "d2", "d3", "d4", "d5"];
const KINDS: [&str; 2] = ["agent", "file"];
/// Documents of this test, and one that is none.
const PARENTS: [&str; 4] = ["d1", "d2", "d3", "elsewhere"];
const KEYS: [&str; 2] = ["k1", "k2"];

/// A change as it is drawn; what a put leaves alone is read from the model.
#[derive(Debug, Clone)]
enum Drawn {
    Create(Document),
    Put { id: String, stale: bool, key: Option<String>, archived: bool, newer: bool, body: String },
    Delete(String),
}

#[derive(Clone, Default)]
struct Model {
    now: Vec<Document>,
    older: Vec<Document>,
}

impl Model {
    fn get(&self, id: &str) -> Option<&Document> {
        self.now.iter().find(|document| document.id == id)
    }

    fn change(&self, drawn: Drawn) -> DocumentChange {
        match drawn {
            Drawn::Create(document) => DocumentChange::Create(document),
            Drawn::Delete(id) => DocumentChange::Delete { id },
            Drawn::Put { id, stale, key, archived, newer, body } => {
                let unknown = || Document { id: id.clone(), ..crate::kit::document("agent", "") };
                let before = self.get(&id).cloned().unwrap_or_else(unknown);
                let archived_at = archived.then_some(Timestamp(77));
                let version = before.version + u32::from(newer);
                let before_revision = before.revision + u32::from(stale);
                let document = Document { key, archived_at, version, body, ..before };
                DocumentChange::Put { before_revision, document }
            }
        }
    }

    fn apply(&mut self, change: DocumentChange) -> DocumentWrite {
        let same_key = |one: &Document, other: &Document| {
            let live = one.archived_at.is_none() && other.archived_at.is_none();
            let place = |it: &Document| (it.kind.clone(), it.parent.clone(), it.key.clone());
            live && one.key.is_some() && one.id != other.id && place(one) == place(other)
        };
        let (before, document) = match change {
            DocumentChange::Delete { id } if self.get(&id).is_none() => {
                return DocumentWrite::Missing { id };
            }
            DocumentChange::Delete { id } => {
                let children = self.now.iter().filter(|it| it.parent.as_ref() == Some(&id));
                let children: Vec<_> = children.map(|child| child.id.clone()).collect();
                self.now.retain(|document| document.id != id);
                self.older.retain(|document| document.id != id);
                for id in children {
                    // One that goes in a circle is gone already.
                    self.apply(DocumentChange::Delete { id });
                }
                return DocumentWrite::Done;
            }
            DocumentChange::Create(document) => match self.get(&document.id) {
                Some(_) => return DocumentWrite::Changed { id: document.id },
                None => (None, document),
            },
            DocumentChange::Put { before_revision, document } => match self.get(&document.id) {
                None => return DocumentWrite::Missing { id: document.id },
                Some(before) if before.revision != before_revision => {
                    return DocumentWrite::Changed { id: document.id };
                }
                Some(before) => (Some(before.clone()), document),
            },
        };
        if let Some(holder) = self.now.iter().find(|other| same_key(&document, other)) {
            return DocumentWrite::KeyTaken { id: holder.id.clone() };
        }
        let revision = before.as_ref().map_or(1, |before| before.revision + 1);
        if let Some(before) = before {
            self.now.retain(|document| document.id != before.id);
            if before.version != document.version {
                self.older.push(before);
            }
        }
        self.now.push(Document { revision, ..document });
        DocumentWrite::Done
    }

    fn write(&mut self, changes: &[DocumentChange]) -> DocumentWrite {
        let mut after = self.clone();
        for change in changes {
            let outcome = after.apply(change.clone());
            if outcome != DocumentWrite::Done {
                return outcome;
            }
        }
        *self = after;
        DocumentWrite::Done
    }

    fn versions(&self, id: &str) -> Vec<Document> {
        let all = self.now.iter().chain(&self.older).filter(|document| document.id == id);
        let mut all: Vec<_> = all.cloned().collect();
        all.sort_by_key(|document| std::cmp::Reverse(document.version));
        all
    }

    fn list(&self, filter: &DocumentFilter) -> Vec<Document> {
        let place = |it: &Document| (it.created_at, it.id.clone());
        let mut list = self.now.clone();
        list.retain(|it| it.kind == filter.kind);
        list.retain(|it| filter.parent.is_none() || it.parent == filter.parent);
        list.retain(|it| filter.key.is_none() || it.key == filter.key);
        list.retain(|it| filter.ids.is_empty() || filter.ids.contains(&it.id));
        list.retain(|it| filter.archived || it.archived_at.is_none());
        list.retain(|it| filter.from.is_none_or(|from| it.created_at >= from));
        list.retain(|it| filter.until.is_none_or(|until| it.created_at < until));
        list.sort_by_key(place);
        if filter.newest_first {
            list.reverse();
        }
        if let Some(after) = &filter.after {
            let before = |it: &Document| match filter.newest_first {
                true => place(it) >= *after,
                false => place(it) <= *after,
            };
            list.retain(|it| !before(it));
        }
        list.truncate(filter.limit.map_or(usize::MAX, |limit| limit as usize));
        list
    }
}

fn one_of<const N: usize>(names: [&'static str; N]) -> impl Strategy<Value = String> {
    proptest::sample::select(names.to_vec()).prop_map(str::to_owned)
}

fn maybe<S: Strategy>(strategy: S) -> impl Strategy<Value = Option<S::Value>> {
    proptest::option::of(strategy)
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0_u64..3).prop_map(Timestamp)
}

fn change() -> impl Strategy<Value = Drawn> {
    let names = (one_of(IDS), one_of(KINDS), maybe(one_of(PARENTS)), maybe(one_of(KEYS)));
    let archived = prop_oneof![3 => Just(None), 1 => Just(Some(Timestamp(5)))];
    let create = (names, moment(), archived, 1_u32..3).prop_map(
        |((id, kind, parent, key), created_at, archived_at, version)| {
            let document = crate::kit::document(&kind, &id);
            Drawn::Create(Document { parent, key, created_at, archived_at, version, ..document })
        },
    );
    let put = (one_of(IDS), 0..8, maybe(one_of(KEYS)), 0..4, any::<bool>(), "[a-z]{0,3}").prop_map(
        |(id, stale, key, archived, newer, body)| Drawn::Put {
            id,
            stale: stale == 0,
            key,
            archived: archived == 0,
            newer,
            body,
        },
    );
    prop_oneof![3 => create, 4 => put, 1 => one_of(IDS).prop_map(Drawn::Delete)]
}

fn filter() -> impl Strategy<Value = DocumentFilter> {
    let ids = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(one_of(IDS), 1..4)];
    let names = (one_of(KINDS), maybe(one_of(PARENTS)), maybe(one_of(KEYS)), ids);
    let place = (moment(), one_of(IDS));
    let span = (any::<bool>(), maybe(moment()), maybe(moment()));
    (names, span, any::<bool>(), maybe(place), maybe(0_u32..4)).prop_map(
        |((kind, parent, key, ids), (archived, from, until), newest_first, after, limit)| {
            let filter = DocumentFilter { kind, parent, key, ids, archived, ..Default::default() };
            DocumentFilter { from, until, newest_first, after, limit, ..filter }
        },
    )
}

/// Every name with the case's number, so that all cases can share a store.
fn named(case: u32, mut document: Document) -> Document {
    let name = |name: &mut String| *name = format!("{name}-{case}");
    name(&mut document.id);
    name(&mut document.kind);
    document.parent.iter_mut().for_each(name);
    document
}

fn named_change(case: u32, change: DocumentChange) -> DocumentChange {
    match change {
        DocumentChange::Create(document) => DocumentChange::Create(named(case, document)),
        DocumentChange::Put { before_revision, document } => {
            DocumentChange::Put { before_revision, document: named(case, document) }
        }
        DocumentChange::Delete { id } => DocumentChange::Delete { id: format!("{id}-{case}") },
    }
}

fn named_filter(case: u32, mut filter: DocumentFilter) -> DocumentFilter {
    let name = |name: &mut String| *name = format!("{name}-{case}");
    name(&mut filter.kind);
    filter.parent.iter_mut().for_each(name);
    filter.ids.iter_mut().for_each(name);
    if let Some((_, id)) = &mut filter.after {
        name(id);
    }
    filter
}

fn all_named(case: u32, documents: Vec<Document>) -> Vec<Document> {
    documents.into_iter().map(|document| named(case, document)).collect()
}

async fn compare(store: &dyn Store, case: u32, steps: Vec<(Vec<Drawn>, Vec<DocumentFilter>)>) {
    let mut model = Model::default();
    for (drawn, filters) in steps {
        // Each put is drawn up from what those before it in the same write leave.
        let mut ahead = model.clone();
        let mut changes = Vec::new();
        for drawn in drawn {
            let change = ahead.change(drawn);
            ahead.apply(change.clone());
            changes.push(change);
        }
        let outcome = match model.write(&changes) {
            DocumentWrite::Done => DocumentWrite::Done,
            DocumentWrite::Missing { id } => DocumentWrite::Missing { id: format!("{id}-{case}") },
            DocumentWrite::Changed { id } => DocumentWrite::Changed { id: format!("{id}-{case}") },
            DocumentWrite::KeyTaken { id } => {
                DocumentWrite::KeyTaken { id: format!("{id}-{case}") }
            }
        };
        let changes = changes.into_iter().map(|change| named_change(case, change)).collect();
        assert_eq!(store.write_documents(changes).await, Ok(outcome));
        for id in IDS {
            let (now, versions) = (model.get(id).cloned(), model.versions(id));
            let id = format!("{id}-{case}");
            let now = now.map(|document| named(case, document));
            assert_eq!(store.document(&id).await, Ok(now));
            let read = store.document_versions(&id, None, u32::MAX).await;
            assert_eq!(read, Ok(all_named(case, versions)));
        }
        for filter in filters {
            let expected = all_named(case, model.list(&filter));
            let read = store.documents(&named_filter(case, filter)).await;
            assert_eq!(read, Ok(expected));
        }
    }
}

pub(crate) async fn documents_are_what_a_simple_model_says(store: Arc<dyn Store>) {
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    let filters = prop::collection::vec(filter(), 1..6);
    let step = (prop::collection::vec(change(), 0..4), filters);
    let steps = prop::collection::vec(step, 1..24);
    let cases = AtomicU32::new(0);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        // Cases share the store, and so does what is tried to make a failure smaller.
        let case = cases.fetch_add(1, Ordering::Relaxed) + 10;
        let compared = async { compare(&*store, case, steps).await };
        tokio::task::block_in_place(|| Handle::current().block_on(compared));
        Ok(())
    });
    outcome.unwrap();
}
