//! Flies many sessions without the host and prints one CSV row for each.
//!
//! `cargo run --release -p lumara-policy --example measure -- SEED FIRST_SITE COUNT [MEMORY.md]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for whoever changes the simulator"
)]

#[path = "../tests/team/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod team;

use std::process::ExitCode;

use serde_json::Value;
use team::Team;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse::<u64>().ok());
    let (Some(seed), Some(first), Some(count)) = (number(0), number(1), number(2)) else {
        eprintln!("usage: measure SEED FIRST_SITE COUNT [MEMORY.md]");
        return ExitCode::FAILURE;
    };
    let memory = match arguments.get(3).map(std::fs::read_to_string) {
        Some(Ok(text)) => text,
        Some(Err(error)) => {
            eprintln!("{}: {error}", arguments[3]);
            return ExitCode::FAILURE;
        }
        None => String::new(),
    };
    let columns: Vec<&str> = [detector::ALTITUDE, detector::DWELL]
        .iter()
        .chain(&navigator::PARAMETERS)
        .map(|prior| prior.name)
        .collect();
    println!("seed,site,result,touchdown_speed_mps,fuel_percent,{}", columns.join(","));
    for site in first..first + count {
        let mut team = Team::new(seed, site as u32, &memory);
        team.land(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ site);
        let line = team.line().unwrap_or(Value::Null);
        let input = |name: &&str| {
            let (tool, field) = name.split_once('.').unwrap_or_default();
            let call = team.calls.iter().find(|(_, called, _)| called == tool);
            call.map_or(Value::Null, |(_, _, input)| input[field].clone()).to_string()
        };
        let values: Vec<String> = columns.iter().map(input).collect();
        println!(
            "{seed},{site},{},{},{},{}",
            line["result"].as_str().unwrap_or("none"),
            line["touchdown_speed_mps"],
            line["fuel_percent"],
            values.join(",")
        );
    }
    ExitCode::SUCCESS
}
