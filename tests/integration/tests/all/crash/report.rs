//! A deterministic run that is killed and resumed ends in the report of one that was not.

use std::path::Path;
use std::time::{Duration, Instant};

use lucid_tests::{Missions, repository};
use serde_json::Value;
use tempfile::TempDir;

use super::process::{Ended, Moment, lucid, words};
use super::{Random, copy_cache, number, scratch};

/// Runs that are killed (`LUCID_CRASH_REPORTS=50` for more), and how often each.
const RUNS: u64 = 2;
const KILLS: u64 = 3;

const MISSION: &str = r#"
name = "notes"
lead = "clerk"
message = "Keep the books."

[plugins.ledger-tool]
file = "ledger-tool.wasm"
files = "read-write"
http = ["127.0.0.1:9"]
environment = { PEER = "127.0.0.1:9", RUN = "{seed}" }

[plugins.clerk-model]
file = "clerk-model.wasm"

[agents.clerk]
model = "plugin:clerk-model"
system = """
notes 50
"""
tools = ["ledger-tool.note"]
view = { "/workspace" = "rw", "/mnt/session/outputs" = "rw" }
"#;

/// Runs with a state folder of its own, killed so often at random moments of this time.
/// Gives the report, what was killed, and the folder.
fn report(run: &[&str], warm: Option<&Path>, kills: &[Duration]) -> (Value, u64, TempDir) {
    let folder = scratch();
    let state = folder.path().join("state");
    if let Some(warm) = warm {
        copy_cache(warm, &state);
    }
    let file = folder.path().join("report.json");
    let mut arguments = run.to_vec();
    arguments.extend(["--deterministic", "--report", file.to_str().unwrap()]);
    let (mut killed, mut moments) = (0, kills.iter());
    loop {
        let moment = moments.next().map_or(Moment::Never, |time| Moment::After(*time));
        match lucid(&state, folder.path(), &arguments, &moment) {
            Ended::Killed => killed += 1,
            Ended::Alone(status) => {
                assert!(status.success(), "{arguments:?}: {}", words(folder.path()));
                break;
            }
        }
        // From now on it goes on with what there is, if there is anything.
        if !arguments.contains(&"--resume") {
            arguments.push("--resume");
        }
    }
    let text = std::fs::read_to_string(&file).unwrap();
    // Where the files are is the only thing that may differ.
    let text = text.replace(folder.path().to_str().unwrap(), "FOLDER");
    (serde_json::from_str(&text).unwrap(), killed, folder)
}

/// Kills runs at random moments, and holds their reports against that of one left alone.
fn check(name: &str, run: &[&str]) {
    let (_, _, warm) = report(run, None, &[]);
    let state = warm.path().join("state");
    let started = Instant::now();
    let (expected, ..) = report(run, Some(&state), &[]);
    let mut whole = u64::try_from(started.elapsed().as_micros()).unwrap();
    let (mut killed, mut seed) = (0, 0);
    let runs = number("LUCID_CRASH_REPORTS", RUNS);
    // How fast the machine is changes with what else it does. A run whose kills all came too
    // late has shown nothing, and the next ones come earlier.
    while seed < runs || killed < runs {
        let mut random = Random::new(seed, name);
        let moment = |_| Duration::from_micros(random.below(whole));
        let kills: Vec<_> = (0..KILLS).map(moment).collect();
        let (found, count, _) = report(run, Some(&state), &kills);
        assert_eq!(found, expected, "killed {count} times, after {kills:?} or not");
        if count == 0 {
            whole = (whole / 2).max(1_000);
        }
        killed += count;
        seed += 1;
    }
}

#[test]
fn a_session_that_was_killed_ends_in_the_same_report() {
    let missions = Missions::new(&[("mission.toml", MISSION)], &["ledger-tool", "clerk-model"]);
    let mission = missions.mission();
    check("session", &["run", mission.to_str().unwrap(), "--seed", "5"]);
}

#[test]
fn a_study_that_was_killed_ends_in_the_same_report() {
    let mission = repository().join("examples/lumara");
    let size = ["--training", "16", "--held-out", "4"];
    check("study", &[&["run", mission.to_str().unwrap()], &size[..]].concat());
}
