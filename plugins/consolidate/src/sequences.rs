//! Calls of tools that follow each other in many sessions.
//!
//! Level by level: a run of n calls is frequent only where both runs of n - 1 in it are
//! (Agrawal and Srikant, "Mining sequential patterns", 1995). Kept are closed ones: no
//! longer run is in as many sessions (Yan, Han, Afshar 2003). Repeats in a row count once.
//! Support is counted in sessions that succeeded, where outcomes are known.
//!
//! A run is compared with the sessions that called the tool it ends with: what sessions of
//! other work did tells nothing of it. Where outcomes are known a run has to go with success.

use crate::cite::{Citer, probability, quoted, sources};
use crate::digest::{Digest, Spot, Step as Call};
use crate::fixes::within_tasks;
use crate::fold::{Corpus, NO_SHAPE as NONE, fair};
use crate::model::{Change, Entry, Operation, Ratio, RuleKind, Statistics};
use crate::plan::{Step, known};
use crate::stats::bh;
use std::collections::{BTreeMap, BTreeSet};

/// Lengths of runs.
const LENGTH_MAX: usize = 5;
const LENGTH_MIN: usize = 3;
/// A run is in at least so many sessions, ...
const SESSIONS_MIN: usize = 5;
/// ... and in one of so many of those that use its rarest tool, ...
const SHARE_MIN: usize = 5;
/// ... and in one of so many of all: rarer runs are not followed, which bounds the levels.
const SHARE_OF_ALL_MIN: usize = 50;
/// Where outcomes are known q is at most this.
const Q_MAX: f64 = 0.05;
/// At most so many runs are proposed.
const PROPOSED_MAX: usize = 8;
/// Sessions quoted, by the first and the last call of the run.
const QUOTED_MAX: usize = 3;
/// Sessions named in the text.
const SOURCES_MAX: usize = 5;

/// A run of calls by their shapes, padded.
type Run = [u32; LENGTH_MAX];

/// The steps that add sequences to `path`.
pub(crate) fn steps(
    corpus: &Corpus,
    entries: &[Entry],
    path: &str,
    citer: &mut Citer<'_>,
    found_again: &mut usize,
) -> Vec<Step> {
    let counted: Vec<u32> = (0..corpus.sessions.len() as u32)
        .filter(|row| corpus.steps[*row as usize].len() > 1)
        .collect();
    let counted = fair(corpus, &counted);
    let runs = chosen(corpus, &counted);
    let having: Vec<BTreeSet<u32>> = runs
        .iter()
        .map(|run| {
            let has = |row: &&u32| contains(&corpus.steps[**row as usize], run);
            counted.iter().filter(has).copied().collect()
        })
        .collect();
    let users = users(corpus, &counted);
    let enders = |run: &Vec<u32>| -> Vec<u32> {
        let last = run.last().map_or("", |shape| tool(corpus, *shape));
        users.get(last).into_iter().flatten().copied().collect()
    };
    let enders: Vec<Vec<u32>> = runs.iter().map(enders).collect();
    let known_end = |row: &&u32| corpus.sessions[**row as usize].succeeded.is_some();
    let labelled: Vec<Vec<u32>> = enders
        .iter()
        .map(|rows| fair(corpus, &rows.iter().filter(known_end).copied().collect::<Vec<_>>()))
        .collect();
    let p_values: Vec<f64> = having
        .iter()
        .zip(&labelled)
        .map(|(rows, labelled)| within_tasks(corpus, labelled, |row| rows.contains(&row)))
        .collect();
    let q_values = bh::adjusted(&p_values);
    let mut steps = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let labelled = &labelled[number];
        if !labelled.is_empty() && q_values[number] > Q_MAX {
            continue;
        }
        let names: Vec<String> =
            run.iter().map(|shape| format!("`{}`", corpus.shapes[*shape as usize])).collect();
        let head = format!("Sequence: {}.", names.join(", then "));
        if !known(entries, path, &head).is_empty() {
            *found_again += 1;
            continue;
        }
        let tested = (p_values[number], q_values[number]);
        let found = Found { run, having: &having[number], all: enders[number].len(), head, tested };
        steps.extend(step(corpus, labelled, &found, path, citer));
    }
    steps
}

/// A run with the sessions that have it.
struct Found<'a> {
    run: &'a [u32],
    having: &'a BTreeSet<u32>,
    /// Sessions that called the tool it ends with.
    all: usize,
    /// The rule without its numbers.
    head: String,
    /// p and q.
    tested: (f64, f64),
}

fn step(
    corpus: &Corpus,
    labelled: &[u32],
    found: &Found<'_>,
    path: &str,
    citer: &mut Citer<'_>,
) -> Option<Step> {
    let Found { run, having, all, head, tested: (p, q) } = found;
    let (mut with, mut without) = (Ratio::default(), Ratio::default());
    for row in labelled {
        let Some(succeeded) = corpus.sessions[*row as usize].succeeded else { continue };
        let ratio = if having.contains(row) { &mut with } else { &mut without };
        ratio.count(succeeded);
    }
    // Nobody is told to do what goes with failure.
    if without.total > 0 && with.rate() < without.rate() {
        return None;
    }
    let shapes: Vec<&str> = run.iter().map(|shape| &*corpus.shapes[*shape as usize]).collect();
    let evidence = quoted(corpus, having.iter().copied(), QUOTED_MAX, |row| {
        citer.cite(row, |digest| spots(digest, &shapes))
    });
    if evidence.is_empty() {
        return None;
    }
    let id = |row: &u32| corpus.sessions[*row as usize].id.clone();
    let outcomes = match (with.total, without.total) {
        (0, _) => String::new(),
        (_, 0) => format!(" {} of {} with it succeeded.", with.hits, with.total),
        _ => format!(
            " {} of {} with it succeeded, {} of {} without ({}).",
            with.hits,
            with.total,
            without.hits,
            without.total,
            probability("p", *p)
        ),
    };
    let named: Vec<String> = having.iter().map(id).collect();
    let text = format!(
        "- {head} Seen in {} of {all} sessions.{outcomes} {}",
        having.len(),
        sources(&evidence, &named, SOURCES_MAX),
    );
    let statistics = Statistics {
        statement: head.trim_end_matches('.').to_owned(),
        field: "steps".to_owned(),
        comparison: "then".to_owned(),
        value: shapes.join(" > "),
        with,
        without,
        p: *p,
        q: *q,
        session_ids: labelled.iter().map(id).collect(),
        ..Statistics::default()
    };
    let worth = 0.5 * having.len() as f64 / *all as f64;
    let reason = format!("these calls follow each other in {} of {all} sessions", having.len());
    let kind = RuleKind::Sequence;
    let statistics = Some(statistics).filter(|found| !found.session_ids.is_empty());
    let change = Change::Add { path: path.to_owned(), text, kind, statistics };
    Some(Step { operation: Operation { change, reason, evidence }, then: Vec::new(), worth })
}

/// The first and the last call of the run in a session.
fn spots(digest: &Digest, shapes: &[&str]) -> Vec<Spot> {
    let mut calls: Vec<&Call> = digest.steps.iter().collect();
    calls.dedup_by(|a, b| a.shape == b.shape);
    let same =
        |window: &&[&Call]| window.iter().zip(shapes).all(|(call, shape)| *call.shape == **shape);
    let found = calls.windows(shapes.len()).find(same);
    let ends = found.and_then(|found| Some((found.first()?, found.last()?)));
    ends.map_or(Vec::new(), |(first, last)| vec![first.spot.clone(), last.spot.clone()])
}

/// The runs worth naming: frequent, closed, of two tools at least, and not part of another.
fn chosen(corpus: &Corpus, counted: &[u32]) -> Vec<Vec<u32>> {
    let succeeded = |row: &&u32| corpus.sessions[**row as usize].succeeded == Some(true);
    let known = counted.iter().any(|row| corpus.sessions[*row as usize].succeeded.is_some());
    let base: Vec<u32> =
        if known { counted.iter().filter(succeeded).copied().collect() } else { counted.to_vec() };
    let least = SESSIONS_MIN.max(base.len().div_ceil(SHARE_OF_ALL_MIN));
    let users = users(corpus, &base);
    let mut levels: Vec<BTreeMap<Run, usize>> = Vec::new();
    for length in 1..=LENGTH_MAX {
        let level = frequent(corpus, &base, length, levels.last(), least);
        if level.is_empty() {
            break;
        }
        levels.push(level);
    }
    let mut runs: Vec<(usize, Vec<u32>)> = Vec::new();
    for (number, level) in levels.iter().enumerate() {
        for (run, support) in level {
            let run = bare(run);
            let longer = levels.get(number + 1).into_iter().flatten();
            let mut longer = longer.filter(|(other, _)| contains(bare(other), run));
            let tools: BTreeSet<&u32> = run.iter().collect();
            let closed = !longer.any(|(_, other)| other == support);
            if closed && tools.len() > 1 && run.len() >= LENGTH_MIN {
                runs.push((*support, run.to_vec()));
            }
        }
    }
    // By names, not by numbers: those follow from the order of arrival.
    let names = |run: &[u32]| -> Vec<&str> {
        run.iter().map(|shape| &*corpus.shapes[*shape as usize]).collect()
    };
    runs.sort_by(|(a, x), (b, y)| {
        let worth = |support: &usize, run: &[u32]| support * (run.len() - 1);
        worth(b, y).cmp(&worth(a, x)).then_with(|| names(x).cmp(&names(y)))
    });
    let mut out: Vec<Vec<u32>> = Vec::new();
    for (support, run) in runs {
        if support * SHARE_MIN < rarest(corpus, &users, &run) {
            continue;
        }
        let overlaps = |other: &Vec<u32>| {
            run.windows(2).filter(|pair| other.windows(2).any(|window| window == *pair)).count() > 0
        };
        if out.len() < PROPOSED_MAX && !out.iter().any(overlaps) {
            out.push(run);
        }
    }
    out
}

/// The tool of a call's shape.
fn tool(corpus: &Corpus, shape: u32) -> &str {
    let shape = corpus.shapes.get(shape as usize).map_or("", |shape| &**shape);
    shape.split('(').next().unwrap_or_default()
}

/// The rows that call each tool.
fn users<'a>(corpus: &'a Corpus, rows: &[u32]) -> BTreeMap<&'a str, BTreeSet<u32>> {
    let mut out: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for row in rows {
        for shape in &corpus.steps[*row as usize] {
            out.entry(tool(corpus, *shape)).or_default().insert(*row);
        }
    }
    out
}

/// How many rows call the rarest tool of a run.
fn rarest(corpus: &Corpus, users: &BTreeMap<&str, BTreeSet<u32>>, run: &[u32]) -> usize {
    let of = |shape: &u32| users.get(tool(corpus, *shape)).map_or(0, BTreeSet::len);
    run.iter().map(of).min().unwrap_or_default()
}

/// Runs of `length` in at least `least` sessions, each with in how many.
fn frequent(
    corpus: &Corpus,
    rows: &[u32],
    length: usize,
    shorter: Option<&BTreeMap<Run, usize>>,
    least: usize,
) -> BTreeMap<Run, usize> {
    let mut found: BTreeMap<Run, (usize, u32)> = BTreeMap::new();
    for row in rows {
        for window in corpus.steps[*row as usize].windows(length) {
            let part = |part: &[u32]| shorter.is_none_or(|known| known.contains_key(&padded(part)));
            let followed = !window.contains(&NONE);
            if !followed || !part(&window[1..]) || !part(&window[..length - 1]) {
                continue;
            }
            let (count, last) = found.entry(padded(window)).or_insert((0, NONE));
            if *last != *row {
                (*count, *last) = (*count + 1, *row);
            }
        }
    }
    let enough = found.into_iter().filter(|(_, (count, _))| *count >= least);
    enough.map(|(run, (count, _))| (run, count)).collect()
}

fn padded(window: &[u32]) -> Run {
    let mut run = [NONE; LENGTH_MAX];
    run.iter_mut().zip(window).for_each(|(place, shape)| *place = *shape);
    run
}

fn bare(run: &Run) -> &[u32] {
    let length = run.iter().position(|shape| *shape == NONE).unwrap_or(LENGTH_MAX);
    &run[..length]
}

fn contains(steps: &[u32], run: &[u32]) -> bool {
    steps.windows(run.len().max(1)).any(|window| window == run)
}
