//! What the mission promises, with the real policies and the real lander.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says what it found"
)]

mod team;

use serde_json::Value;
use team::Team;

/// What an honest contrast of a hundred flights comes to, ends blurred.
const LEARNT: &str = "\
- Rule: `scan.altitude_m` at most 91. Of 24 flights above, 22 failed.
- Rule: `fly.brake_ratio` between 1.2 and 2.2.
";

fn landed(team: &Team) -> bool {
    team.line().is_some_and(|line| {
        line["touchdown_speed_mps"].as_f64().is_some_and(|speed| speed <= 2.0)
            && line["hazard_free"] == Value::Bool(true)
            && line["fuel_percent"].as_f64().is_some_and(|percent| percent >= 5.0)
    })
}

fn share_landed(seed: u64, sites: std::ops::Range<u32>, memory: &str) -> f64 {
    let count = f64::from(sites.end - sites.start);
    let landings = sites.filter(|site| {
        let mut team = Team::new(seed, *site, memory);
        team.land(seed.wrapping_mul(1_000_003) + u64::from(*site));
        landed(&team)
    });
    landings.count() as f64 / count
}

#[test]
fn without_rules_about_six_in_ten_drones_land_at_any_seed() {
    let shares = [1, 2, 3, 4].map(|seed| share_landed(seed, 0..150, "- The rover is red."));
    // Each share may be off by the luck of 150 draws, their mean by half of that.
    assert!(shares.iter().all(|share| (0.48..0.72).contains(share)), "{shares:?}");
    let mean = shares.iter().sum::<f64>() / 4.0;
    assert!((0.54..0.68).contains(&mean), "{shares:?}");
}

#[test]
fn with_true_rules_nearly_all_drones_land_at_any_seed() {
    for seed in [1, 2, 3] {
        let share = share_landed(seed, 1000..1100, LEARNT);
        assert!(share >= 0.95, "seed {seed}: {share}");
    }
}

#[test]
fn a_session_is_one_scan_and_one_flight_with_every_parameter_in_sight() {
    for together in [false, true] {
        let mut team = Team::new(1, 12, LEARNT);
        team.together = together;
        let words = team.land(42);
        assert!(words.starts_with("Site 12: landed at"), "{words}");
        let inputs = |tool: &str| -> Vec<Value> {
            let of = team.calls.iter().filter(|(_, name, _)| name == tool);
            of.map(|(_, _, input)| input.clone()).collect()
        };
        assert_eq!((inputs("scan").len(), inputs("fly").len()), (1, 1));
        assert_eq!(inputs("send_to_agent").len(), 3);
        assert!(inputs("scan")[0]["altitude_m"].as_f64().is_some_and(|m| m < 91.0));
        for prior in &navigator::PARAMETERS {
            let field = prior.name.trim_start_matches("fly.");
            assert!(inputs("fly")[0][field].is_f64(), "{field}");
        }
    }
}

#[test]
fn the_same_session_makes_the_same_calls() {
    let calls = || {
        let mut team = Team::new(1, 7, LEARNT);
        team.land(9);
        team.calls
    };
    assert_eq!(calls(), calls());
}

#[test]
fn every_broken_tool_ends_in_words() {
    let pairs = [
        ("commander", "glob"),
        ("commander", "read"),
        ("commander", "send_to_agent"),
        ("commander", "fly"),
        ("commander", "write"),
        ("detector", "glob"),
        ("detector", "read"),
        ("detector", "survey"),
        ("detector", "scan"),
        ("detector", "write"),
        ("navigator", "survey"),
        ("navigator", "write"),
        ("navigator", "read"),
    ];
    for pair in pairs {
        for together in [false, true] {
            let mut team = Team::new(1, 12, LEARNT);
            team.broken = Some(pair);
            team.together = together;
            assert!(!team.land(42).is_empty(), "{pair:?}");
        }
    }
}

#[test]
fn a_request_to_revise_is_answered_without_a_second_flight() {
    let mut team = Team::new(1, 12, LEARNT);
    team.land(42);
    let before = team.calls.len();
    let words = team.say("The outcome needs revision: site 13 is missing.");
    assert!(words.contains("flies once"), "{words}");
    assert_eq!(team.calls.len(), before);
}
