//! What mining promises, on made-up sessions.

use super::rng::Rng;
use super::select::mine;
use super::synthetic::{
    GOOD, chance, input, levels, numbers, planted, planted_with, shuffled, uniform, value,
};
use super::{Condition, Kind, Mined, Table, Values};

fn mined(table: &Table, seed: u64) -> Mined {
    mine(table, seed, &mut |_| ())
}

fn has(mined: &Mined, column: usize) -> bool {
    mined.findings.iter().any(|finding| finding.column == column)
}

/// Ends of a condition within the range of its column.
fn ends(condition: &Condition, low: f64, high: f64) -> (f64, f64) {
    match condition {
        Condition::AtMost(most) => (low, *most),
        Condition::AtLeast(least) => (*least, high),
        Condition::Between(least, most) => (*least, *most),
        Condition::Is(_) => (low, high),
    }
}

#[test]
fn shuffled_outcomes_give_no_rule_on_49_of_50_seeds() {
    let with_rules = (0..50)
        .filter(|seed| {
            let table = shuffled(planted(*seed, 100), *seed);
            !mined(&table, *seed).findings.is_empty()
        })
        .count();
    assert!(with_rules <= 1, "{with_rules}");
}

#[test]
fn three_planted_parameters_are_found_and_decoys_are_not() {
    let (mut found, mut all, mut decoys) = (0, 0, 0);
    for seed in 0..40 {
        let mined = mined(&planted(seed, 100), seed);
        let here = (0..GOOD.len()).filter(|column| has(&mined, *column)).count();
        found += here;
        all += usize::from(here == GOOD.len());
        decoys += mined.findings.len() - here;
    }
    assert!(found >= 112, "{found} of 120");
    assert!(all >= 33, "{all} of 40");
    assert!(decoys <= 1, "{decoys}");
}

#[test]
fn with_300_sessions_every_planted_parameter_is_found() {
    for seed in 0..10 {
        let mined = mined(&planted(seed, 300), seed);
        assert!((0..GOOD.len()).all(|column| has(&mined, column)), "seed {seed}");
    }
}

#[test]
fn a_planted_interval_is_found_and_its_ends_exclude_the_bad_region() {
    let ranges = [(1.1, 2.1), (0.0, 100.0), (6.0, 16.0)];
    let (mut bad, mut lost, mut count) = (0.0, 0.0, 0.0);
    for seed in 100..130 {
        for finding in mined(&planted(seed, 100), seed).findings {
            let Some((low, high)) = ranges.get(finding.column).copied() else {
                continue;
            };
            let (good_low, good_high) = GOOD[finding.column];
            let (good_low, good_high) = (good_low.max(low), good_high.min(high));
            let (least, most) = ends(&finding.condition, low, high);
            let outside = (good_low - least).max(0.0) + (most - good_high).max(0.0);
            bad += outside / (most - least);
            let missed = (least - good_low).max(0.0) + (good_high - most).max(0.0);
            lost += missed / (good_high - good_low);
            count += 1.0;
        }
    }
    assert!(bad / count < 0.025, "{} of the rule's region is bad", bad / count);
    assert!(lost / count < 0.04, "{} of the good region is lost", lost / count);
}

#[test]
fn a_proxy_of_an_accepted_rule_is_not_reported() {
    let mut proxies = 0;
    for seed in 0..20 {
        let mut table = planted(seed, 100);
        let mut rng = Rng::new(seed, 3_000);
        let proxy = |row| Some(value(&table.columns[1], row)? + uniform(&mut rng, -9.0, 9.0));
        let values = Values::Numbers((0..100).map(proxy).collect());
        table.columns.push(input("fly.proxy", values));
        let mined = mined(&table, seed);
        proxies += usize::from(has(&mined, 1) && has(&mined, table.columns.len() - 1));
    }
    assert!(proxies <= 1, "{proxies}");
}

#[test]
fn what_only_goes_with_the_task_is_no_rule() {
    for seed in 0..20 {
        let mut rng = Rng::new(seed, 4_000);
        let tasks: Vec<u32> = (0..120).map(|row| row / 12).collect();
        // Easy and hard tasks, and a parameter that agents set by the task.
        let easy = |task: u32| task.is_multiple_of(2);
        let outcomes =
            tasks.iter().map(|task| chance(&mut rng, if easy(*task) { 0.9 } else { 0.1 }));
        let outcomes = outcomes.collect();
        let set = tasks
            .iter()
            .map(|task| Some(if easy(*task) { 10.0 } else { 20.0 } + uniform(&mut rng, 0.0, 8.0)));
        let values = Values::Numbers(set.collect());
        let columns = vec![input("fly.speed", values)];
        let mut table = Table { outcomes, tasks, columns, ..Table::default() };
        assert!(mined(&table, seed).findings.is_empty(), "seed {seed}");
        table.tasks = vec![0; 120];
        assert!(!mined(&table, seed).findings.is_empty(), "unstratified it would be one");
    }
}

#[test]
fn few_sessions_a_task_do_not_hide_what_has_nothing_to_do_with_the_task() {
    let mut found = 0;
    for seed in 0..10 {
        let mut table = planted_with(seed, 100, 0.98, 0.01);
        table.tasks = (0..100).map(|row| row / 2).collect();
        let mined = mined(&table, seed);
        found += (0..GOOD.len()).filter(|column| has(&mined, *column)).count();
    }
    assert!(found >= 22, "{found} of 30");
}

#[test]
fn a_category_that_goes_with_success_is_found() {
    for seed in 0..10 {
        let mut table = planted(seed, 100);
        let Values::Levels { of, .. } = &table.columns[5].values else { panic!("no levels") };
        let mut rng = Rng::new(seed, 5_000);
        table.outcomes =
            of.iter().map(|of| chance(&mut rng, if *of == Some(1) { 0.9 } else { 0.3 })).collect();
        let mined = mined(&table, seed);
        assert!(mined.findings.iter().any(|f| f.condition == Condition::Is(1)), "seed {seed}");
    }
}

#[test]
fn sessions_without_the_feature_take_no_side() {
    for seed in 0..10 {
        let mut table = planted(seed, 150);
        let Values::Numbers(values) = &mut table.columns[1].values else { panic!("no numbers") };
        // Every session without the feature fails; that says nothing about its value.
        for row in (0..150).step_by(4) {
            values[row] = None;
            table.outcomes[row] = false;
        }
        let mined = mined(&table, seed);
        let rule = mined.findings.iter().find(|finding| finding.column == 1);
        assert!(rule.is_some_and(|rule| matches!(rule.condition, Condition::AtMost(_))));
    }
}

#[test]
fn one_sided_rules_stay_one_sided() {
    let mut one_sided = 0;
    for seed in 0..20 {
        let rules = mined(&planted(seed, 100), seed).findings;
        let rule = rules.iter().find(|finding| finding.column == 1);
        one_sided +=
            usize::from(rule.is_some_and(|rule| matches!(rule.condition, Condition::AtMost(_))));
    }
    assert!(one_sided >= 17, "{one_sided} of 20");
}

#[test]
fn few_sessions_or_one_outcome_give_no_contrasts_and_say_so() {
    let few = planted(1, 19);
    assert!(mined(&few, 1).refused.is_some());
    let mut one_class = planted(1, 50);
    one_class.outcomes = vec![true; 50];
    assert!(mined(&one_class, 1).refused.is_some());
    assert!(mined(&Table::default(), 1).refused.is_some());
}

#[test]
fn the_same_seed_gives_the_same_rules() {
    let table = planted(7, 100);
    assert_eq!(mined(&table, 5).findings, mined(&table, 5).findings);
}

#[test]
fn a_thousand_sessions_take_seconds_at_most() {
    let mut rng = Rng::new(1, 6_000);
    let mut table = planted_with(1, 1_000, 0.98, 0.01);
    for _ in 0..8 {
        let decoy = numbers(&mut rng, 1_000, 0.0, 1.0, 6);
        table.columns.push(decoy);
    }
    let mined = mined(&table, 1);
    assert!((0..GOOD.len()).all(|column| has(&mined, column)));
    assert_eq!(mined.findings.len(), GOOD.len());
}

#[test]
fn a_result_is_found_beside_inputs_and_one_that_follows_from_them_is_not() {
    let (mut found, mut followers) = (0, 0);
    for seed in 0..20 {
        let mut rng = Rng::new(seed, 7_000);
        let mut table = planted(seed, 200);
        let follower = |row| Some(value(&table.columns[0], row)? + uniform(&mut rng, -0.01, 0.01));
        let values = Values::Numbers((0..200).map(follower).collect());
        let mut column = input("fly:result.ratio", values);
        column.kind = Kind::Observed;
        table.columns.push(column);
        let mut column = numbers(&mut rng, 200, 0.0, 10.0, 1);
        column.kind = Kind::Observed;
        for row in 0..200 {
            let low = value(&column, row).is_some_and(|value| value < 5.0);
            table.outcomes[row] &= low || chance(&mut rng, 0.2);
        }
        table.columns.push(column);
        let mined = mined(&table, seed);
        let last = table.columns.len() - 1;
        found += usize::from(has(&mined, last));
        followers += usize::from(has(&mined, 0) && has(&mined, last - 1));
    }
    assert!(found >= 18, "{found} of 20");
    assert!(followers <= 1, "{followers}");
}

/// Sessions of several kinds of work, each with a tool of its own, a number and a category
/// that decide, and decoys; the category's effect is the weaker one.
fn trades(seed: u64, kinds: usize, sessions: usize) -> Table {
    let mut rng = Rng::new(seed, 8_000);
    let n = kinds * sessions;
    let mut table = Table { outcomes: vec![false; n], tasks: vec![0; n], ..Table::default() };
    for kind in 0..kinds {
        let rows = kind * sessions..(kind + 1) * sessions;
        let mut own: Vec<_> = (0..5).map(|_| numbers(&mut rng, n, 0.0, 100.0, 1)).collect();
        own.push(levels(&mut rng, n, &["\"a\"", "\"b\"", "\"c\""]));
        for (number, column) in own.iter_mut().enumerate() {
            column.name = format!("trade_{kind}.field_{number}");
            match &mut column.values {
                Values::Numbers(values) => {
                    (0..n).filter(|row| !rows.contains(row)).for_each(|row| values[row] = None);
                }
                Values::Levels { of, .. } => {
                    (0..n).filter(|row| !rows.contains(row)).for_each(|row| of[row] = None);
                }
            }
        }
        for row in rows {
            let middle = value(&own[0], row).is_some_and(|value| (30.0..60.0).contains(&value));
            let low = value(&own[1], row).is_some_and(|value| value < 50.0);
            let first = value(&own[5], row) == Some(0.0);
            let right = usize::from(middle) + usize::from(low) + usize::from(first);
            let rate = [0.05, 0.35, 0.65, 0.95][right];
            table.outcomes[row] = chance(&mut rng, rate);
        }
        table.columns.extend(own);
    }
    table
}

#[test]
fn rules_of_many_trades_do_not_hide_each_other() {
    let (kinds, mut found, mut others) = (5, 0, 0);
    for seed in 0..3 {
        let mined = mined(&trades(seed, kinds, 400), seed);
        for finding in &mined.findings {
            let planted = [0, 1, 5].contains(&(finding.column % 6));
            found += usize::from(planted);
            others += usize::from(!planted);
        }
    }
    assert!(found >= 43, "{found} of 45");
    assert_eq!(others, 0);
}
