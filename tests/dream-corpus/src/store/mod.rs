//! A memory store with all that grows where agents write piecemeal.

mod alike;
mod duplicates;
mod facts;

use std::collections::BTreeMap;

use lucid_score::Truth;

use crate::chance::Chance;

/// Notes of one memory, so that none comes near the 102,400 bytes that a memory may have.
const NOTES_OF_A_FILE: usize = 150;
/// The stream of a seed's chance that stores are made from.
const STREAM: u64 = 1 << 40;

/// What a person says in a session and the store does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// What they say.
    pub(crate) text: String,
}

/// A store and what is true of it.
pub(crate) struct Made {
    /// The memories by path.
    pub(crate) memories: BTreeMap<String, String>,
    /// What is true of them.
    pub(crate) truth: Truth,
    /// What is to be told in sessions.
    pub(crate) told: Vec<Told>,
}

/// Makes a store of about so many notes.
pub(crate) fn make(seed: u64, notes: u32) -> Made {
    let mut shelf = Shelf::new(seed);
    let share = |part: u32| (notes / part).max(1);
    duplicates::add(&mut shelf, share(40));
    alike::add(&mut shelf, share(20));
    facts::add(&mut shelf, share(80));
    while shelf.notes() < notes as usize {
        let number = shelf.number();
        let shelf_of = shelf.chance.of(&["test tiles", "spare moulds", "sample cups", "saggars"]);
        shelf.note(format!("- Shelf {number} holds the {shelf_of} of batch B-{number}."));
    }
    shelf.make()
}

/// A store that is being filled.
struct Shelf {
    chance: Chance,
    loose: Vec<String>,
    /// Notes that have to stand under a heading, by memory and heading.
    headed: BTreeMap<(&'static str, String), Vec<String>>,
    truth: Truth,
    told: Vec<Told>,
    numbers: u32,
}

impl Shelf {
    fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed, STREAM),
            loose: Vec::new(),
            headed: BTreeMap::new(),
            truth: Truth { version: Truth::VERSION, seed, ..Truth::default() },
            told: Vec::new(),
            numbers: 0,
        }
    }

    /// A number that nothing else in the store has, and that is no part of another one.
    fn number(&mut self) -> u32 {
        self.numbers += 1;
        1_000 + 7 * self.numbers
    }

    fn note(&mut self, text: impl Into<String>) {
        self.loose.push(text.into());
    }

    fn note_under(&mut self, path: &'static str, heading: &str, text: impl Into<String>) {
        self.headed.entry((path, heading.to_owned())).or_default().push(text.into());
    }

    fn notes(&self) -> usize {
        self.loose.len() + self.headed.values().map(Vec::len).sum::<usize>()
    }

    fn make(mut self) -> Made {
        self.chance.shuffle(&mut self.loose);
        let mut entries = self.notes();
        let mut memories = BTreeMap::new();
        for (number, notes) in self.loose.chunks(NOTES_OF_A_FILE).enumerate() {
            entries += 1;
            memories.insert(
                format!("/notes/{:03}.md", number + 1),
                format!("# Notes\n\n{}\n", notes.join("\n")),
            );
        }
        for ((path, heading), notes) in &self.headed {
            let text = memories.entry((*path).to_owned()).or_insert_with(|| {
                entries += 1;
                "# Machines\n".to_owned()
            });
            entries += 1;
            text.push_str(&format!("\n## {heading}\n\n{}\n", notes.join("\n")));
        }
        self.truth.entries = u32::try_from(entries).unwrap_or(u32::MAX);
        Made { memories, truth: self.truth, told: self.told }
    }
}
