//! Files that rot: a bit here and there is another one.

use lucid_crash::{DATABASE, Found, Program, Random, Workload, found, scratch};

use crate::{layer, number};

const WORKLOAD: Workload = Workload { seed: 5, sessions: 4, appends: 30, tidy_every: 1_000 };

/// Bits that are turned over: `LUCID_CRASH_FLIPS=6000` for more.
const FLIPS: usize = 200;

/// What reading a damaged database comes to.
#[derive(Debug, Default)]
struct Tally {
    /// The bit is not part of anything that is read.
    same: usize,
    /// The store says that it fails.
    told: usize,
    /// Something else is read, and nothing is said.
    altered: usize,
}

/// What is read may be another thing than what was written: the store keeps no checksums of
/// its own, and SQLite has none outside of its write-ahead log.
#[test]
fn a_damaged_database_is_read_or_refused_and_never_a_panic() {
    let ran = layer().run(&Program::new(WORKLOAD), None);
    let whole = found(&ran.files()).unwrap();
    let bytes = std::fs::read(ran.files().join(DATABASE)).unwrap();
    let (mut random, mut tally) = (Random::new(9), Tally::default());
    for _ in 0..number("LUCID_CRASH_FLIPS", FLIPS) {
        let mut bytes = bytes.clone();
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
        look(&bytes, &whole, &mut tally);
    }
    println!("{tally:?}");
    assert!(tally.told > 0, "{tally:?}");
}

fn look(bytes: &[u8], whole: &Found, tally: &mut Tally) {
    let folder = scratch();
    std::fs::write(folder.path().join(DATABASE), bytes).unwrap();
    match found(folder.path()) {
        Ok(found) if found == *whole => tally.same += 1,
        Ok(_) => tally.altered += 1,
        Err(_) => tally.told += 1,
    }
}
