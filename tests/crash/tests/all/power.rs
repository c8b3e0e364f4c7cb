//! Power cuts at every kind of moment: what was acknowledged is there afterwards.

use lucid_crash::{
    Acknowledged, Act, DATABASE, Disk, Expected, Loss, Program, Random, Workload, Wrong, check,
    said, scratch,
};
use lucid_store::Durability;

use crate::{layer, number};

/// Enough between two times of tidying up for what is written ahead to be moved into the
/// database by itself, and then to be begun anew.
const WORKLOAD: Workload = Workload { seed: 7, sessions: 6, appends: 80, tidy_every: 400 };

/// Disks that are looked at: `LUCID_CRASH_DISKS=5000` for more.
const DISKS: usize = 300;

const LOSSES: [Loss; 4] = [Loss::All, Loss::Some, Loss::Torn, Loss::Nothing];

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let program = Program::new(WORKLOAD);
    let (acts, expected) = run(&program);
    let moved = acts.iter().filter(|act| **act == Act::Synced(DATABASE.to_owned())).count();
    assert!(moved >= 4, "the database was synced {moved} times: not all was tried");
    let mut random = Random::new(1);
    let moments = moments(&acts, number("LUCID_CRASH_DISKS", DISKS), &mut random);
    let wrong = cut(&acts, &moments, &expected, &mut random);
    assert!(wrong.is_empty(), "{} of {}: {}", wrong.len(), moments.len(), wrong[0].1);
}

/// That what is found here can be found: a store that does not wait for the disk loses what
/// it acknowledged. It promises only that its file is in order then.
#[test]
fn without_waiting_for_the_disk_a_power_cut_loses_events_and_damages_nothing() {
    let program = Program { durability: Durability::Normal, ..Program::new(WORKLOAD) };
    let (acts, expected) = run(&program);
    let mut random = Random::new(2);
    let moments = moments(&acts, DISKS / 4, &mut random);
    let wrong = cut(&acts, &moments, &expected, &mut random);
    assert!(wrong.len() > moments.len() / 8, "{} of {}", wrong.len(), moments.len());
    let damaged = wrong.iter().find(|(wrong, _)| matches!(wrong, Wrong::Damaged(_)));
    assert_eq!(damaged, None);
}

/// Runs the program without any fault.
fn run(program: &Program) -> (Vec<Act>, Expected) {
    let ran = layer().run(program, None);
    let expected = Expected::of(program.workload);
    let whole = expected.lengths.iter().map(|lengths| *lengths.last().unwrap());
    let acknowledged = Acknowledged::of(&ran.said);
    assert!(acknowledged.sessions.values().copied().eq(whole), "{:?}", ran.said);
    (ran.acts, expected)
}

/// Cuts the power before some acts, in each way, and checks each disk that this leaves.
/// Gives what is wrong, with its place.
pub(super) fn cut(
    acts: &[Act],
    moments: &[usize],
    expected: &Expected,
    random: &mut Random,
) -> Vec<(Wrong, String)> {
    let (mut disk, mut acknowledged) = (Disk::default(), Acknowledged::default());
    let (mut next, mut problems) = (moments.iter().peekable(), Vec::new());
    for number in 0..=acts.len() {
        while next.next_if_eq(&&number).is_some() {
            let loss = LOSSES[random.below(LOSSES.len())];
            let folder = scratch();
            Disk::write(&disk.after(loss, random), folder.path());
            if let Err(wrong) = check(folder.path(), expected, &acknowledged) {
                let place = format!("power cut before act {number}, {loss:?} lost: {wrong:?}");
                problems.push((wrong, place));
            }
        }
        let Some(act) = acts.get(number) else { break };
        disk.apply(act, random);
        if let Act::Said(line) = act {
            said(line).iter().for_each(|said| acknowledged.add(said));
        }
    }
    problems
}

/// So many moments, in order: half of them anywhere, half near to where files are synced,
/// made, cut and removed.
pub(super) fn moments(acts: &[Act], count: usize, random: &mut Random) -> Vec<usize> {
    let is_turn = |act: &Act| !matches!(act, Act::Wrote(..) | Act::Said(_));
    let turns: Vec<_> = (0..acts.len()).filter(|number| is_turn(&acts[*number])).collect();
    let mut moments: Vec<_> = (0..count)
        .map(|number| match number % 2 {
            0 => random.below(acts.len() + 1),
            _ => (turns[random.below(turns.len())] + random.below(4)).min(acts.len()),
        })
        .collect();
    moments.sort_unstable();
    moments
}
