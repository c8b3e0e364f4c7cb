//! Measures how long 10,000 criteria over a folder of 50 MB take, and in how much memory.
//!
//! `cargo run --release --package checks --example scale`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops where it cannot go on"
)]

#[path = "../tests/support/outputs.rs"]
mod outputs;

use checks::evaluate;
use checks::shelf::HELD_BYTES;
use std::time::Instant;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = outputs::write(folder.path());
    let text = outputs::rubric();
    println!("{} criteria, {} KB of rubric", outputs::CRITERIA, text.len() / 1_000);
    println!(
        "{} files, {bytes} bytes; one in {} is false",
        4 * outputs::FILES,
        outputs::FALSE_EVERY
    );
    let start = Instant::now();
    let rubric = evaluate::read(&text).unwrap();
    println!("read:   {:>8.3} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let (evaluation, work) = rubric.judge_within(folder.path(), HELD_BYTES);
    let seconds = start.elapsed().as_secs_f64();
    println!("judged: {seconds:>8.3} s");
    println!("{work:?}");
    println!("{:.1} ns a step", seconds * 1e9 / work.steps.max(1) as f64);
    let end = evaluation.explanation.find('\n').unwrap_or_default();
    println!("{}", &evaluation.explanation[..end]);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
}
