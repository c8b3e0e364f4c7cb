//! What the checks of one grading share: files that were read, facts about them, patterns
//! that were compiled. Everything here is bounded, and read again when it had to go.

use crate::budget::Meter;
use crate::documents::{self, Ask};
use crate::folder::{Folder, confined};
use crate::pattern::{COMPILING, Pattern};
use crate::weight;
use cel::common::value::Val;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The largest file that is read whole, in bytes.
pub const MAX_FILE: u64 = 8 * 1024 * 1024;
/// How much memory the files that are held may take, in bytes.
pub const HELD_BYTES: u64 = 48 << 20;
/// What an entry takes besides its value, in bytes.
const ENTRY_BYTES: u64 = 256;
/// Bytes of a file that are counted or hashed in one step.
const LOOKED_AT: u64 = 64;
/// The most facts, and the most patterns, that are held.
const MAX_FACTS: usize = 20_000;
const MAX_PATTERNS: usize = 128;

/// The contents of a file, read in one way, or why they could not be.
#[derive(Debug)]
pub struct Entry {
    /// The value.
    pub value: Result<Box<dyn Val>, String>,
    /// How many values it holds, as a check counts them.
    pub values: usize,
    /// How many bytes were read for it.
    pub bytes: usize,
    /// The line each row starts on, of a CSV file.
    pub rows: Vec<u32>,
}

/// What was done for a grading, for tests and measurements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Steps of all checks.
    pub steps: u64,
    /// Bytes read from files.
    pub bytes_read: u64,
    /// Times a file was read and parsed.
    pub loads: u64,
    /// The most memory the held files took at once, in bytes, counted high.
    pub held_bytes: u64,
    /// Checks that were evaluated: a check that stands twice is evaluated once.
    pub checks: u64,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<String, Kept>,
    /// Which entry was used when, the longest ago first.
    order: BTreeMap<u64, String>,
    clock: u64,
    held: u64,
    lines: HashMap<String, Result<u64, String>>,
    hashes: HashMap<String, Result<String, String>>,
    listing: Option<Arc<Result<Vec<String>, String>>>,
    patterns: HashMap<String, Arc<Pattern>>,
    work: Work,
}

#[derive(Debug)]
struct Kept {
    entry: Arc<Entry>,
    weight: u64,
    used: u64,
}

/// What is shared by all checks of a grading.
#[derive(Debug)]
pub struct Shelf {
    /// The outputs.
    pub folder: Folder,
    held_most: u64,
    state: Mutex<State>,
}

impl Shelf {
    /// A shelf for the files below `root`, which holds at most `held_most` bytes of them.
    pub fn new(root: &Path, held_most: u64) -> Self {
        Self { folder: Folder::new(root), held_most, state: Mutex::default() }
    }

    /// What was done so far; a grading adds the steps and the checks.
    pub fn work(&self) -> Work {
        self.with(|state| state.work)
    }

    fn with<T>(&self, what: impl FnOnce(&mut State) -> T) -> T {
        what(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The contents of a file, read now unless they are held.
    ///
    /// # Errors
    /// That the check may not read so much more. What is wrong with the file is in the entry.
    pub fn load(&self, name: &str, ask: &Ask<'_>, meter: &Meter) -> Result<Arc<Entry>, String> {
        if let Some(entry) = self.with(|state| state.find(name)) {
            return Ok(entry);
        }
        for path in ask.files() {
            let size = self.folder.file(&confined(path)?).map_or(0, |(_, file)| file.len());
            meter.read(size.min(MAX_FILE))?;
            meter.steps(ask.kind.steps(size.min(MAX_FILE)))?;
            self.with(|state| state.work.bytes_read += size.min(MAX_FILE));
        }
        let entry = Arc::new(documents::read(&self.folder, ask));
        let weight = match &entry.value {
            Ok(value) => weight::of(value.as_ref(), u64::MAX).bytes,
            Err(message) => message.len() as u64,
        };
        let weight = weight + ENTRY_BYTES + 4 * entry.rows.len() as u64 + 3 * name.len() as u64;
        self.with(|state| {
            state.work.loads += 1;
            state.keep(name, &entry, weight, self.held_most);
        });
        Ok(entry)
    }

    /// How many lines a file has.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn lines(&self, path: &Path, meter: &Meter) -> Result<u64, String> {
        let name = path.to_string_lossy();
        if let Some(lines) = self.with(|state| state.lines.get(&*name).cloned()) {
            return lines;
        }
        self.pay_for(path, meter)?;
        let lines = self.folder.lines(path);
        self.with(|state| remember(&mut state.lines, &name, lines.clone()));
        lines
    }

    /// The SHA-256 of a file.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn sha256(&self, path: &Path, meter: &Meter) -> Result<String, String> {
        let name = path.to_string_lossy();
        if let Some(hash) = self.with(|state| state.hashes.get(&*name).cloned()) {
            return hash;
        }
        self.pay_for(path, meter)?;
        let hash = self.folder.sha256(path);
        self.with(|state| remember(&mut state.hashes, &name, hash.clone()));
        hash
    }

    fn pay_for(&self, path: &Path, meter: &Meter) -> Result<(), String> {
        let (_, file) = self.folder.file(path)?;
        meter.read(file.len())?;
        meter.steps(file.len() / LOOKED_AT)?;
        self.with(|state| state.work.bytes_read += file.len());
        Ok(())
    }

    /// The paths of all files, sorted.
    pub fn listing(&self) -> Arc<Result<Vec<String>, String>> {
        if let Some(listing) = self.with(|state| state.listing.clone()) {
            return listing;
        }
        let listing = Arc::new(self.folder.list());
        self.with(|state| state.listing = Some(Arc::clone(&listing)));
        listing
    }

    /// A regular expression, compiled now unless it is held.
    ///
    /// # Errors
    /// That the check may not take the steps of compiling it.
    pub fn pattern(&self, source: &str, meter: &Meter) -> Result<Arc<Pattern>, String> {
        if let Some(pattern) = self.with(|state| state.patterns.get(source).cloned()) {
            return Ok(pattern);
        }
        meter.steps(COMPILING)?;
        let pattern = Arc::new(Pattern::new(source));
        self.with(|state| {
            if state.patterns.len() >= MAX_PATTERNS {
                state.patterns.clear();
            }
            state.patterns.insert(source.to_owned(), Arc::clone(&pattern));
        });
        Ok(pattern)
    }
}

fn remember<T>(facts: &mut HashMap<String, T>, name: &str, fact: T) {
    if facts.len() < MAX_FACTS {
        facts.insert(name.to_owned(), fact);
    }
}

impl State {
    fn find(&mut self, name: &str) -> Option<Arc<Entry>> {
        let kept = self.entries.get_mut(name)?;
        self.clock += 1;
        if let Some(name) = self.order.remove(&kept.used) {
            self.order.insert(self.clock, name);
        }
        kept.used = self.clock;
        Some(Arc::clone(&kept.entry))
    }

    /// Puts an entry on the shelf; what was not used for longest goes to make room for it.
    fn keep(&mut self, name: &str, entry: &Arc<Entry>, weight: u64, most: u64) {
        if weight > most {
            return;
        }
        while self.held + weight > most {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            if let Some(kept) = self.entries.remove(&oldest) {
                self.held -= kept.weight;
            }
        }
        self.clock += 1;
        self.held += weight;
        self.work.held_bytes = self.work.held_bytes.max(self.held);
        self.order.insert(self.clock, name.to_owned());
        let kept = Kept { entry: Arc::clone(entry), weight, used: self.clock };
        self.entries.insert(name.to_owned(), kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Kind;
    use std::fs;

    #[test]
    fn a_shelf_holds_no_more_than_it_may_and_reads_again_what_had_to_go() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            fs::write(folder.path().join(name), name.repeat(1_000)).unwrap();
        }
        let shelf = Shelf::new(folder.path(), 3_000);
        let meter = Meter::default();
        let load = |name: &str| {
            let ask = Ask::one(Kind::Text, name);
            shelf.load(&ask.name(), &ask, &meter).unwrap()
        };
        let first = load("a");
        load("b");
        assert!(Arc::ptr_eq(&first, &load("a")), "it is held");
        load("c");
        assert_eq!(shelf.work().loads, 3);
        assert!(Arc::ptr_eq(&first, &load("a")), "what was used last stays");
        load("b");
        assert_eq!(shelf.work().loads, 4);
        assert!(shelf.work().held_bytes <= 3_000);
        assert_eq!(shelf.work().bytes_read, 4_000);
    }

    #[test]
    fn a_file_larger_than_the_shelf_is_read_and_not_held() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "x".repeat(5_000)).unwrap();
        let shelf = Shelf::new(folder.path(), 3_000);
        let ask = Ask::one(Kind::Text, "a");
        assert!(shelf.load(&ask.name(), &ask, &Meter::default()).unwrap().value.is_ok());
        assert_eq!(shelf.work().held_bytes, 0);
    }
}
