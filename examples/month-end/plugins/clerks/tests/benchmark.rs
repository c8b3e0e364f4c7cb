//! The whole benchmark without the host: with the loop and without, found against made.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it found"
)]

#[allow(dead_code, reason = "the other tests use more of it")]
mod office;

use std::collections::BTreeMap;

use clerks::mistake::{HABITS, Habit};
use lucid_sdk::grader::Judgement;
use office::{Office, Step};

const SESSIONS: u32 = 240;
const ITERATIONS: usize = 3;

fn habit(name: &str) -> &'static Habit {
    HABITS.iter().find(|habit| habit.name == name).unwrap()
}

fn sessions(seed: u64, count: u32) -> Vec<Vec<Step>> {
    let session_seed = |branch: u32| seed.wrapping_mul(1_000_003) + u64::from(branch);
    (1..=count)
        .map(|branch| Office::new(seed, branch).run(session_seed(branch), ITERATIONS))
        .collect()
}

fn satisfied(step: Option<&Step>) -> bool {
    step.is_some_and(|step| step.judgement == Judgement::Satisfied)
}

#[test]
fn grading_raises_the_rate_and_finds_what_a_check_can_find() {
    let sessions = sessions(1, SESSIONS);
    let count = |which: &dyn Fn(&Vec<Step>) -> bool| sessions.iter().filter(|s| which(s)).count();
    let without = count(&|steps| satisfied(steps.first()));
    let with = count(&|steps| satisfied(steps.last()));
    let share = |count: usize| 100 * count / SESSIONS as usize;
    assert!((40..=70).contains(&share(without)), "{without} of {SESSIONS}");
    assert!(share(with) >= share(without) + 10, "{without} and {with} of {SESSIONS}");
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    for step in sessions.iter().flatten() {
        check(step);
        for name in &step.seeded {
            *kinds.entry(habit(name).name).or_default() += 1;
        }
    }
    assert!(kinds.len() >= 20, "{kinds:?}");
}

/// No correct result is rejected, and every mistake that a check can find is found.
fn check(step: &Step) {
    let about = |habit: &Habit| {
        let unmet = step.unmet.iter().map(|criterion| criterion.text.to_lowercase());
        unmet.into_iter().any(|text| habit.words.iter().any(|words| text.contains(words)))
    };
    let made = || step.seeded.iter().map(|name| habit(name));
    for habit in made().filter(|habit| habit.is_checkable()) {
        assert!(about(habit), "{} is not found: {:?}", habit.name, step.unmet);
    }
    let right = made().all(|habit| !habit.is_checkable());
    assert_eq!(step.judgement == Judgement::Satisfied, right, "{:?}", step.seeded);
}

#[test]
fn a_revision_is_work_and_not_a_gift() {
    let (mut mended, mut kept, mut new) = (0, 0, 0);
    for steps in sessions(9, SESSIONS / 2) {
        for pair in steps.windows(2) {
            let checkable = |name: &&String| habit(name).is_checkable();
            for name in pair[0].seeded.iter().filter(checkable) {
                match pair[1].seeded.contains(name) {
                    true => kept += 1,
                    false => mended += 1,
                }
            }
            new += pair[1].seeded.difference(&pair[0].seeded).count();
        }
    }
    assert!(mended > 2 * kept && kept > 5 && new > 2, "{mended} {kept} {new}");
}

#[test]
fn the_first_draft_is_the_same_with_the_loop_and_without() {
    for branch in 1..=20 {
        let (mut once, mut often) = (Office::new(2, branch), Office::new(2, branch));
        let (once, often) = (once.run(branch.into(), 1), often.run(branch.into(), 3));
        assert_eq!(once[0].seeded, often[0].seeded);
        assert_eq!(once[0].unmet, often[0].unmet);
    }
}

#[test]
fn only_what_changed_is_written_again() {
    let find = |branch: u32| {
        let mut office = Office::new(3, branch);
        let steps = office.run(branch.into(), 2);
        let alone = steps[0].seeded.len() == 1 && steps[0].seeded.contains("missing-link");
        (alone && satisfied(steps.last())).then_some(office)
    };
    let office = (1..=400).find_map(find).expect("one of the sessions forgets the link alone");
    let writes = office.calls.iter().filter(|(tool, _)| tool == "write");
    let writes: Vec<&str> = writes.map(|(_, path)| path.rsplit('/').next().unwrap()).collect();
    assert_eq!(writes, ["lines.csv", "report.md", "summary.json", "report.md"]);
}

#[test]
fn a_gap_that_no_revision_may_follow_changes_nothing() {
    let mut office = Office::new(3, 1);
    office.run(1, 1);
    let calls = office.calls.len();
    let words = office.say(
        "The result was evaluated and is not satisfactory; no evaluations are left. Close your \
         work with a short statement.\n- It links to the export: it is false",
    );
    assert_eq!(office.calls.len(), calls);
    assert!(words.contains("stays as it is"), "{words}");
}

#[test]
fn agents_without_a_role_or_an_order_stop_and_say_so() {
    use lucid_sdk::testing::Conversation;
    let mut nobody = Conversation::new("You are kind.").saying("Go.");
    let text = nobody.turn::<clerks::Clerks>().unwrap().plain_text();
    assert!(text.starts_with("Stopped: the system prompt"), "{text}");
    let mut clerk = Conversation::new("You are the bookkeeper.").saying("Hello.");
    let text = clerk.turn::<clerks::Clerks>().unwrap().plain_text();
    assert!(text.starts_with("Stopped: the order does not say"), "{text}");
    let order = "Close the month of branch 1. Session seed 4.";
    let mut clerk = Conversation::new("You are the bookkeeper.").saying(order);
    clerk.turn::<clerks::Clerks>().unwrap();
    clerk.error("denied: outside this agent's view");
    let text = clerk.turn::<clerks::Clerks>().unwrap().plain_text();
    assert_eq!(text, "Stopped: read failed: denied: outside this agent's view.");
}
