use super::*;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, SystemTime};

use lucid_core::SeededEntropy;
use proptest::prelude::*;
use tempfile::TempDir;

fn cache(folder: &Path) -> Cache {
    seeded(folder, 1)
}

/// A cache that makes the key of a seed, where it has to make one.
fn seeded(folder: &Path, seed: u64) -> Cache {
    let entropy = Arc::new(SeededEntropy::new(seed));
    let options = CacheFolder { folder: folder.to_owned(), entropy };
    Cache::new(options, &wasmtime::Engine::default())
}

fn code(bytes: &[u8]) -> Code {
    Code::vouched_for(bytes.to_vec())
}

/// A folder that is its owner's alone.
fn private_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    set_mode(folder.path(), 0o700);
    folder
}

/// A cache in which something was kept under each of the names.
fn kept(names: &[&str]) -> (TempDir, Cache) {
    let folder = private_folder();
    let cache = cache(folder.path());
    for name in names {
        cache.write(name, &code(name.as_bytes()));
        assert_eq!(cache.problem(), None);
        assert_eq!(found(&cache, name).unwrap(), name.as_bytes());
    }
    (folder, cache)
}

/// What is kept for a name, if both ways to look at it find it whole.
#[track_caller]
fn found(cache: &Cache, name: &str) -> Option<Vec<u8>> {
    let code = cache.read(name).map(|code| code.bytes().to_vec());
    assert_eq!(cache.file(name).is_some(), code.is_some());
    code
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// What can become of a file.
#[derive(Debug, Clone)]
enum Change {
    Bit(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Append(Vec<u8>),
    Prepend(Vec<u8>),
    Repeat,
    Other(Vec<u8>),
}

fn changes() -> impl Strategy<Value = Change> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..80);
    prop_oneof![
        (any::<prop::sample::Index>(), 0..8u8).prop_map(|(at, bit)| Change::Bit(at, bit)),
        any::<prop::sample::Index>().prop_map(Change::Cut),
        bytes().prop_map(Change::Append),
        bytes().prop_map(Change::Prepend),
        Just(Change::Repeat),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Change::Other),
    ]
}

fn changed(whole: &[u8], change: &Change) -> Vec<u8> {
    match change {
        Change::Bit(at, bit) => {
            let mut bytes = whole.to_vec();
            bytes[at.index(whole.len())] ^= 1 << bit;
            bytes
        }
        Change::Cut(at) => whole[..at.index(whole.len())].to_vec(),
        Change::Append(more) => [whole, more].concat(),
        Change::Prepend(more) => [more, whole].concat(),
        Change::Repeat => [whole, whole].concat(),
        Change::Other(bytes) => bytes.clone(),
    }
}

proptest! {
    #[test]
    fn a_file_that_was_changed_is_never_loaded(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        change in changes(),
    ) {
        let folder = private_folder();
        let cache = cache(folder.path());
        cache.write("a", &code(&bytes));
        let file = folder.path().join(cache.name("a"));
        let whole = std::fs::read(&file).unwrap();
        let changed = changed(&whole, &change);
        prop_assume!(changed != whole);
        std::fs::write(&file, changed).unwrap();
        prop_assert!(found(&cache, "a").is_none());
        // What was put there does not keep the right one from being kept again.
        cache.write("a", &code(&bytes));
        prop_assert_eq!(found(&cache, "a"), Some(bytes));
    }
}

#[test]
fn a_file_with_any_byte_changed_is_never_loaded() {
    let (folder, cache) = kept(&["a"]);
    let file = folder.path().join(cache.name("a"));
    let whole = std::fs::read(&file).unwrap();
    for index in 0..whole.len() {
        let mut changed = whole.clone();
        changed[index] ^= 1;
        std::fs::write(&file, &changed).unwrap();
        assert!(found(&cache, "a").is_none(), "byte {index}");
    }
}

#[test]
fn files_with_their_names_exchanged_are_never_loaded() {
    let (folder, cache) = kept(&["a", "b"]);
    let file = |name| folder.path().join(cache.name(name));
    let between = folder.path().join("between");
    std::fs::rename(file("a"), &between).unwrap();
    std::fs::rename(file("b"), file("a")).unwrap();
    std::fs::rename(&between, file("b")).unwrap();
    assert!(found(&cache, "a").is_none());
    assert!(found(&cache, "b").is_none());
}

#[test]
fn files_under_another_key_are_never_loaded() {
    let (folder, before) = kept(&["a"]);
    std::fs::write(folder.path().join(key::NAME), [7; 32]).unwrap();
    let cache = cache(folder.path());
    assert!(found(&cache, "a").is_none());
    cache.write("a", &code(b"again"));
    assert_eq!(found(&cache, "a").unwrap(), b"again");
    assert!(found(&before, "a").is_none());
}

#[test]
fn files_of_another_engine_are_not_looked_at() {
    let folder = private_folder();
    let cache = cache(folder.path());
    let mut other = wasmtime::Config::new();
    other.consume_fuel(true);
    let other = wasmtime::Engine::new(&other).unwrap();
    let entropy = Arc::new(SeededEntropy::new(2));
    let other = Cache::new(CacheFolder { folder: folder.path().to_owned(), entropy }, &other);
    cache.write("a", &code(b"a"));
    assert_ne!(cache.name("a"), other.name("a"));
    assert!(found(&other, "a").is_none());
    assert_eq!(cache.name("a"), super::tests::cache(folder.path()).name("a"));
}

#[test]
fn processes_that_start_at_once_end_with_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("cache");
    let keys: Vec<key::Key> = std::thread::scope(|scope| {
        let folder = &folder;
        let open = |seed| move || key::open(folder, &SeededEntropy::new(seed)).unwrap();
        let threads: Vec<_> = (0..16).map(|seed| scope.spawn(open(seed))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn what_is_made_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("deep/cache");
    let cache = cache(&inner);
    assert!(!inner.exists(), "nothing is made before something is kept");
    assert!(found(&cache, "a").is_none());
    assert!(!inner.exists(), "nothing is made by looking");
    cache.write("a", &code(b"a"));
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&inner.join(key::NAME)), 0o600);
    assert_eq!(mode(&inner.join(cache.name("a"))), 0o600);
}

#[test]
fn a_folder_that_others_can_use_is_not_used() {
    for mode in [0o755, 0o770, 0o701] {
        let folder = tempfile::tempdir().unwrap();
        set_mode(folder.path(), mode);
        let cache = cache(folder.path());
        cache.write("a", &code(b"a"));
        assert!(found(&cache, "a").is_none(), "{mode:o}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{mode:o}");
        let problem = cache.problem().unwrap();
        assert!(problem.contains("chmod 700"), "{problem}");
    }
}

#[test]
fn a_key_that_others_can_use_is_not_used() {
    let (folder, _) = kept(&["a"]);
    set_mode(&folder.path().join(key::NAME), 0o640);
    let cache = cache(folder.path());
    assert!(found(&cache, "a").is_none());
    assert!(cache.problem().unwrap().contains("chmod 600"));
}

#[test]
fn a_file_that_others_can_use_is_not_used() {
    let (folder, cache) = kept(&["a"]);
    set_mode(&folder.path().join(cache.name("a")), 0o604);
    assert!(found(&cache, "a").is_none());
}

#[test]
fn links_are_not_followed() {
    let (folder, first) = kept(&["a"]);
    let elsewhere = tempfile::tempdir().unwrap();
    for name in [key::NAME.to_owned(), first.name("a")] {
        let (there, here) = (elsewhere.path().join(&name), folder.path().join(&name));
        std::fs::rename(&here, &there).unwrap();
        symlink(&there, &here).unwrap();
        assert!(found(&cache(folder.path()), "a").is_none(), "{name}");
        std::fs::remove_file(&here).unwrap();
        std::fs::rename(&there, &here).unwrap();
        assert!(found(&cache(folder.path()), "a").is_some(), "{name}");
    }
    let link = elsewhere.path().join("cache");
    symlink(folder.path(), &link).unwrap();
    let linked = cache(&link);
    assert!(found(&linked, "a").is_none());
    assert!(linked.problem().unwrap().contains("not a folder"));
}

#[test]
fn a_damaged_key_is_made_again() {
    let (folder, _) = kept(&["a"]);
    std::fs::write(folder.path().join(key::NAME), [7; 5]).unwrap();
    let cache = seeded(folder.path(), 2);
    assert!(found(&cache, "a").is_none());
    cache.write("a", &code(b"again"));
    assert_eq!(found(&cache, "a").unwrap(), b"again");
}

#[test]
fn the_oldest_files_go_first_when_there_is_no_room() {
    let (folder, cache) = kept(&["a", "b", "c", "d"]);
    let file = |name| folder.path().join(cache.name(name));
    let start = SystemTime::now();
    for (age, name) in ["d", "c", "b", "a"].into_iter().enumerate() {
        let written = start - Duration::from_secs(age as u64);
        std::fs::File::options()
            .write(true)
            .open(file(name))
            .unwrap()
            .set_modified(written)
            .unwrap();
    }
    let bytes = file("a").metadata().unwrap().len();
    room::make(folder.path(), &cache.name("d"), 2 * bytes);
    let left = ["a", "b", "c", "d"].map(|name| file(name).exists());
    assert_eq!(left, [false, false, true, true]);
    room::make(folder.path(), &cache.name("c"), 0);
    let left = ["c", "d"].map(|name| file(name).exists());
    assert_eq!(left, [true, false], "what was just written stays");
    assert!(folder.path().join(key::NAME).exists());
}

#[test]
fn what_was_left_behind_is_removed() {
    let (folder, cache) = kept(&["a"]);
    let old = SystemTime::now() - Duration::from_secs(7_200);
    let left = |name: &str, written| {
        let file = std::fs::File::create(folder.path().join(name)).unwrap();
        file.set_modified(written).unwrap();
    };
    left("old.tmp", old);
    left("new.tmp", SystemTime::now());
    left("mine.txt", old);
    cache.write("b", &code(b"b"));
    let there = ["old.tmp", "new.tmp", "mine.txt"].map(|name| folder.path().join(name).exists());
    assert_eq!(there, [false, true, true]);
}
