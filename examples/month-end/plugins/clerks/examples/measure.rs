//! Closes many months without the host and prints one CSV row for each.
//!
//! `cargo run --release -p clerks --example measure -- SEED TASKS`: the tasks of `[outcome.study]`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for whoever changes the mistakes"
)]

#[path = "../tests/office/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod office;

use std::process::ExitCode;

use lucid_sdk::grader::Judgement;
use office::Office;
use sha2::{Digest as _, Sha256};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse::<u64>().ok());
    let (Some(seed), Some(tasks)) = (number(0), number(1)) else {
        eprintln!("usage: measure SEED TASKS");
        return ExitCode::FAILURE;
    };
    println!("seed,task,evaluations,satisfied_first,satisfied_last,first,last");
    for task in 1..=u32::try_from(tasks).unwrap_or(u32::MAX) {
        let steps = Office::new(seed, task).run(session_seed(seed, task), 3);
        let (first, last) = (&steps[0], &steps[steps.len() - 1]);
        let satisfied = |judgement| u8::from(judgement == Judgement::Satisfied);
        let names = |step: &office::Step| {
            step.seeded.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
        };
        println!(
            "{seed},{task},{},{},{},{},{}",
            steps.len(),
            satisfied(first.judgement),
            satisfied(last.judgement),
            names(first),
            names(last)
        );
    }
    ExitCode::SUCCESS
}

/// The seed that the host gives a task's session.
fn session_seed(seed: u64, task: u32) -> u64 {
    let hash = Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(format!("session/{task}/0"))
        .finalize();
    let mut head = [0; 8];
    head.copy_from_slice(&hash[..8]);
    u64::from_le_bytes(head)
}
