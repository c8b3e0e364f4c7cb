use std::thread;

use lucid_core::{MemoryId, MemoryVersionId, Timestamp};
use tempfile::TempDir;

use super::*;

fn of_store() -> (TempDir, OfStore) {
    let root = tempfile::tempdir().unwrap();
    let (id, copies) = (MemoryStoreId::parse("memstore_1").unwrap(), Copies::default());
    let of_store = OfStore { root: root.path().join("memory"), id, copies };
    fs::create_dir_all(&of_store.root).unwrap();
    (root, of_store)
}

/// Another process has locks of its own.
fn elsewhere(of_store: &OfStore) -> OfStore {
    OfStore { copies: Copies::default(), ..of_store.clone() }
}

fn memories(texts: &[(&str, &str)]) -> Vec<Memory> {
    let memory = |(path, text): &(&str, &str)| Memory {
        id: MemoryId::parse("mem_1").unwrap(),
        memory_store_id: MemoryStoreId::parse("memstore_1").unwrap(),
        memory_version_id: MemoryVersionId::parse("memver_1").unwrap(),
        path: path.to_string(),
        content: text.to_string(),
        content_sha256: sha256_hex(text.as_bytes()),
        created_at: Timestamp(1),
        updated_at: Timestamp(1),
    };
    texts.iter().map(memory).collect()
}

fn copies(of_store: &OfStore) -> usize {
    entries(&of_store.root).unwrap().iter().filter(|found| found.is_dir()).count()
}

#[test]
fn of_many_that_make_one_copy_at_once_all_see_it_whole() {
    let (_root, of_store) = of_store();
    let texts: Vec<_> = (0..50).map(|number| format!("/{number}.md")).collect();
    let texts: Vec<_> = texts.iter().map(|path| (path.as_str(), "text")).collect();
    let memories = memories(&texts);
    let folder = of_store.folder(&held(&memories));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // As if nobody waited for anybody.
                write(&folder, &memories).unwrap();
                assert_eq!(fs::read_dir(&folder).unwrap().count(), 50);
            });
        }
    });
    assert_eq!(copies(&of_store), 1, "nothing half made is left");
    assert_eq!(of_store.made(&memories).unwrap().0, folder);
    assert_eq!(of_store.found(&held(&memories)).unwrap().0, folder);
}

#[test]
fn a_copy_stays_as_long_as_somebody_sees_it_and_goes_with_the_next_one() {
    let (_root, one) = of_store();
    let other = elsewhere(&one);
    let (first, held) = one.made(&memories(&[("/a", "1")])).unwrap();
    let again = one.made(&memories(&[("/a", "1")])).unwrap().1;
    let (second, _) = other.made(&memories(&[("/a", "2")])).unwrap();
    assert!(first.is_dir() && second.is_dir());
    drop(held);
    other.made(&memories(&[("/a", "3")])).unwrap();
    assert!(first.is_dir(), "it is seen twice");
    assert!(!second.is_dir());
    drop(again);
    other.made(&memories(&[("/a", "4")])).unwrap();
    assert!(!first.is_dir());
    assert_eq!(copies(&one), 1);
}

#[test]
fn nothing_grows_with_changes_and_what_a_process_left_half_made_goes() {
    let (_root, of_store) = of_store();
    fs::create_dir_all(of_store.root.join("memstore_1-0123.4567.tmp/a")).unwrap();
    let others = of_store.root.join("memstore_12-0123");
    fs::create_dir_all(&others).unwrap();
    for number in 0..20 {
        of_store.made(&memories(&[("/a", &number.to_string())])).unwrap();
    }
    assert!(others.is_dir(), "another store's");
    assert_eq!(copies(&of_store), 2);
}

#[test]
fn what_is_to_be_forgotten_goes_also_where_somebody_sees_it() {
    let (_root, of_store) = of_store();
    let (folder, _held) = of_store.made(&memories(&[("/a", "secret")])).unwrap();
    of_store.sweep(None).unwrap();
    assert!(!folder.exists());
    // And is made again for whoever comes then.
    let (again, _held) = of_store.made(&memories(&[("/a", "secret")])).unwrap();
    assert!(again.join("a").is_file());
}

#[test]
fn a_store_with_paths_that_cannot_all_be_files_is_shown_as_far_as_they_can() {
    let (_root, of_store) = of_store();
    let long = format!("/{}", "x".repeat(300));
    let texts = [
        ("/topics", "hidden"),
        ("/topics/x.md", "shown"),
        (&long, "hidden"),
        ("/a/..", ""),
        ("/e", ""),
    ];
    let (folder, _held) = of_store.made(&memories(&texts)).unwrap();
    assert_eq!(fs::read_to_string(folder.join("topics/x.md")).unwrap(), "shown");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    let (empty, _held) = of_store.made(&[]).unwrap();
    assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);
}

#[test]
fn no_two_stores_contents_have_one_name() {
    let hash = sha256_hex(b"");
    let one = memories(&[("/a", ""), ("/b", "")]);
    let crafted = memories(&[(&format!("/a {hash}\n2 /b"), "")]);
    assert_ne!(held(&one), held(&crafted));
}
