//! Disks that fail: whatever is not there afterwards, somebody was told.

use std::collections::BTreeMap;

use lucid_crash::{
    Acknowledged, Act, Expected, Fault, How, Kind, Program, Ran, Random, Said, When, Workload,
    check,
};

use crate::power::{cut, moments};
use crate::{layer, number};

const WORKLOAD: Workload = Workload { seed: 11, sessions: 4, appends: 20, tidy_every: 30 };

/// Faults of each kind that are tried: `LUCID_CRASH_FAULTS=400` for more.
const FAULTS: usize = 16;

/// Disks that are looked at after each failed sync.
const DISKS: usize = 6;

/// What became of appends, over many runs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    runs: usize,
    /// Runs of which nothing can be said: they came to their end before the fault.
    missed: usize,
    /// Runs in which somebody was told of a failure.
    told: usize,
    /// Runs in which nothing had to be told: what failed was only to tidy up, or was done
    /// again.
    harmless: usize,
    /// Appends that failed and are not there.
    absent: usize,
    /// Appends that failed and are there after reopening.
    present: usize,
}

/// How many calls of a kind a run without faults makes.
fn calls(acts: &[Act], kind: Kind) -> usize {
    let fits = |act: &&Act| match kind {
        Kind::Write => matches!(act, Act::Wrote(..)),
        Kind::Sync => matches!(act, Act::Synced(_)),
        Kind::Truncate => matches!(act, Act::Cut(..)),
    };
    acts.iter().filter(fits).count()
}

/// Checks one run: what was acknowledged is there, and all that is not there was told.
fn look(ran: &Ran, expected: &Expected, fault: Fault, tally: &mut Tally) {
    let context = |problem: &str| format!("{fault:?}: {problem}\n{:#?}", ran.said);
    let acknowledged = Acknowledged::of(&ran.said);
    let found = match check(&ran.files(), expected, &acknowledged) {
        Ok(found) => found,
        Err(wrong) => panic!("{}", context(&format!("{wrong:?}"))),
    };
    let mut pending = BTreeMap::new();
    let (mut failures, mut stopped) = (0, false);
    for said in &ran.said {
        match said {
            Said::Failed(session, from, count, _) => {
                failures += 1;
                pending.insert(*session, from + count);
            }
            Said::Acknowledged(session, _) => drop(pending.remove(session)),
            Said::Stopped(_) => stopped = true,
            Said::Broken(..) => panic!("{}", context("what failed was seen")),
            Said::Session(_) | Said::Ended => {}
        }
    }
    for (session, events) in &found {
        let acknowledged = acknowledged.sessions.get(session).copied().unwrap_or(0);
        match pending.get(session) {
            Some(to) if events.len() == *to as usize => tally.present += 1,
            _ => assert_eq!(events.len(), acknowledged as usize, "{}", context("not acknowledged")),
        }
    }
    let whole = expected.lengths.iter().map(|lengths| *lengths.last().unwrap());
    let all_there = acknowledged.sessions.values().copied().eq(whole);
    assert!(all_there || failures > 0 || stopped, "{}", context("nobody was told"));
    tally.told += usize::from(failures > 0 || stopped);
    tally.harmless += usize::from(failures == 0 && !stopped);
    tally.absent += pending.len();
}

/// Lets calls of a kind fail, each in a run of its own, and looks at what is left.
fn fail(kind: Kind, how: How, when: When, again: u32) -> Tally {
    let layer = layer();
    let program = Program { again, ..Program::new(WORKLOAD) };
    let expected = Expected::of(WORKLOAD);
    // How many there are differs a little from run to run: writes of the same moment share one.
    let runs = (0..3).map(|_| calls(&layer.run(&program, None).acts, kind));
    let whole = runs.min().unwrap();
    assert!(whole > 4, "{whole} calls of {kind:?}");
    let faults = number("LUCID_CRASH_FAULTS", FAULTS).min(whole);
    let mut tally = Tally::default();
    for turn in 0..faults {
        let fault = Fault { kind, number: 1 + turn * whole / faults, how, when };
        let ran = layer.run(&program, Some(fault));
        // How many writes share a transaction is never the same.
        let hit = ran.acts.contains(&Act::Faulty);
        tally.missed += usize::from(!hit);
        tally.runs += usize::from(hit);
        if hit {
            look(&ran, &expected, fault, &mut tally);
        }
    }
    assert!(tally.runs > tally.missed, "{tally:?}");
    tally
}

/// A failure of every write in turn, alone and with all that come after it.
fn fail_writes(how: How) {
    let alone = fail(Kind::Write, how, When::Once, 0);
    assert!(alone.told > alone.runs / 2 && alone.absent > 0, "{alone:?}");
    let ever = fail(Kind::Write, how, When::On, 0);
    assert!(ever.told > ever.runs / 2 && ever.absent > 0, "{ever:?}");
    let again = fail(Kind::Write, how, When::Once, 2);
    assert_eq!(again.absent, 0, "what failed once could be done again: {again:?}");
    assert_eq!([alone, ever, again].map(|tally| tally.present), [0; 3], "told, and done");
}

#[test]
fn a_write_that_fails_is_told_and_leaves_nothing_behind() {
    fail_writes(How::Eio);
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing_behind() {
    fail_writes(How::Enospc);
}

#[test]
fn a_write_that_is_torn_is_told_and_leaves_nothing_behind() {
    fail_writes(How::Torn);
}

#[test]
fn a_write_that_comes_short_is_gone_on_with() {
    for when in [When::Once, When::On] {
        let tally = fail(Kind::Write, How::Short, when, 0);
        assert_eq!((tally.told, tally.absent, tally.present), (0, 0, 0), "{tally:?}");
    }
}

/// Where syncs go on failing, what was told to have failed may be there afterwards: nobody
/// can say what such a disk holds. It is there whole, or not at all.
#[test]
fn a_sync_that_fails_is_told() {
    let alone = fail(Kind::Sync, How::Eio, When::Once, 0);
    assert!(alone.told > alone.runs / 2 && alone.absent > 0, "{alone:?}");
    assert_eq!(alone.present, 0, "{alone:?}");
    let ever = fail(Kind::Sync, How::Eio, When::On, 0);
    assert!(ever.told > ever.runs * 3 / 4, "{ever:?}");
    let again = fail(Kind::Sync, How::Eio, When::Once, 2);
    assert_eq!((again.absent, again.present), (0, 0), "{again:?}");
}

#[test]
fn a_file_that_cannot_be_cut_loses_nothing() {
    for when in [When::Once, When::On] {
        let tally = fail(Kind::Truncate, How::Eio, when, 0);
        assert_eq!((tally.absent, tally.present), (0, 0), "{tally:?}");
    }
}

/// What a failed sync lost is not written by the next one: a store that only syncs again
/// would acknowledge what is not there.
#[test]
fn after_a_sync_that_failed_a_power_cut_loses_nothing_that_was_acknowledged() {
    let layer = layer();
    let program = Program { again: 2, ..Program::new(WORKLOAD) };
    let expected = Expected::of(WORKLOAD);
    let runs = (0..3).map(|_| calls(&layer.run(&program, None).acts, Kind::Sync));
    let whole = runs.min().unwrap();
    let faults = number("LUCID_CRASH_FAULTS", FAULTS).min(whole);
    let (mut random, mut missed) = (Random::new(3), 0);
    for turn in 0..faults {
        let number = 1 + turn * whole / faults;
        let fault = Fault { kind: Kind::Sync, number, how: How::Eio, when: When::Once };
        let ran = layer.run(&program, Some(fault));
        let Some(failed) = ran.acts.iter().position(|act| *act == Act::Faulty) else {
            missed += 1;
            continue;
        };
        let behind = moments(&ran.acts[failed..], DISKS, &mut random);
        let moments: Vec<_> = behind.into_iter().map(|moment| failed + moment).collect();
        let wrong = cut(&ran.acts, &moments, &expected, &mut random);
        assert!(wrong.is_empty(), "{fault:?}, {} wrong: {}", wrong.len(), wrong[0].1);
    }
    assert!(missed < faults / 2, "{missed} of {faults} came to their end before the fault");
}

/// SQLite names the new mode before it has written it. A store that goes on after the error
/// has no write-ahead log, and a power cut takes back what it acknowledges.
#[test]
fn a_store_whose_log_could_not_be_turned_on_does_not_open() {
    let layer = layer();
    let program = Program { again: 2, ..Program::new(WORKLOAD) };
    for (kind, number) in (1..=8).flat_map(|n| [(Kind::Write, n), (Kind::Sync, n)]) {
        let fault = Fault { kind, number, how: How::Eio, when: When::Once };
        let ran = layer.run(&program, Some(fault));
        let session = ran.acts.iter().position(|act| matches!(act, Act::Said(_)));
        let rolls_back = |act: &Act| matches!(act, Act::Made(name) if name.ends_with("-journal"));
        let after = &ran.acts[session.unwrap_or(ran.acts.len())..];
        assert!(!after.iter().any(rolls_back), "{fault:?}: {:#?}", ran.said);
    }
}
