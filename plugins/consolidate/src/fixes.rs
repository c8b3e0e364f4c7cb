//! Failures, and what was done after each that worked.
//!
//! Errors were masked in the digests. Here those of one tool that are alike in most words
//! are joined, as Drain joins log lines (He, Zhu, Zheng, Lyu 2017), but over the sorted
//! templates, so that the order of sessions does not matter. Support is counted in sessions.

use crate::cite::{Citer, probability, quoted, sources};
use crate::digest::{Change, Digest, Spot, tokens};
use crate::fold::{Corpus, FailureRows, fair};
use crate::model::{self, Entry, Operation, Ratio, RuleKind, Statistics};
use crate::plan::{Step, known, replaced};
use crate::stats::exact::{self, Cells};
use crate::stats::{bh, wilson};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The same fix worked in at least so many sessions.
const SESSIONS_MIN: usize = 3;
/// It worked in at least this share of the sessions that tried it.
const WORKED_MIN: f64 = 0.5;
/// Templates of one failure have at least this share of their words in common.
const ALIKE_MIN: f64 = 0.7;
/// At most so many templates of one tool and length are joined.
const TEMPLATES_MAX: usize = 2_000;
/// A value is named where it is that of at least this share of the sessions.
const SAME_VALUE_MIN: f64 = 0.6;
/// Sessions quoted for a fix, with the failure and the call that worked.
const QUOTED_MAX: usize = 3;
/// Sessions named in a fix's text.
const SOURCES_MAX: usize = 5;
/// A word that differs between the joined templates.
const ANY: &str = "<*>";

/// A failure with its best fix.
#[derive(Clone, Debug)]
struct Fix<'a> {
    tool: &'a Rc<str>,
    /// The template for people.
    error: String,
    /// The templates that were joined.
    errors: BTreeSet<&'a Rc<str>>,
    change: Change,
    /// Sessions that saw the failure.
    seen: Vec<u32>,
    /// Those of them that tried the fix, and whether it worked.
    tried: BTreeMap<u32, bool>,
}

/// The steps that add fixes to `path`.
pub(crate) fn steps(
    corpus: &Corpus,
    entries: &[Entry],
    path: &str,
    citer: &mut Citer<'_>,
    found_again: &mut usize,
) -> Vec<Step> {
    let fixes: Vec<Fix<'_>> = failures(corpus).into_iter().filter_map(best).collect();
    let p_values: Vec<f64> = fixes.iter().map(|fix| p_value(corpus, fix)).collect();
    let q_values = bh::adjusted(&p_values);
    let mut steps = Vec::new();
    for (fix, (p, q)) in fixes.iter().zip(p_values.into_iter().zip(q_values)) {
        let (start, what) = (start(fix), words(&fix.change));
        let head = format!("{start} {what} the next call worked");
        let old = known(entries, path, &start);
        if old.iter().any(|entry| crate::text::unmarked(&entry.text).starts_with(&head)) {
            *found_again += 1;
            continue;
        }
        steps.extend(step(corpus, fix, path, &head, (p, q), &old, citer));
    }
    steps
}

fn step(
    corpus: &Corpus,
    fix: &Fix<'_>,
    path: &str,
    head: &str,
    (p, q): (f64, f64),
    old: &[&Entry],
    citer: &mut Citer<'_>,
) -> Option<Step> {
    let worked: Vec<u32> =
        fix.tried.iter().filter(|(_, worked)| **worked).map(|(row, _)| *row).collect();
    let evidence = quoted(corpus, worked.iter().copied(), QUOTED_MAX, |row| {
        let quotes = citer.cite(row, |digest| spots(digest, fix));
        if quotes.len() == 2 { quotes } else { Vec::new() }
    });
    if evidence.is_empty() {
        return None;
    }
    let id = |row: &u32| corpus.sessions[*row as usize].id.clone();
    let (with, without) = ratios(corpus, fix);
    let outcomes = told(with, without, p);
    let text = format!(
        "- {head} in {} of {} sessions that tried it; {} saw this failure.{outcomes} {}",
        worked.len(),
        fix.tried.len(),
        fix.seen.len(),
        sources(&evidence, &worked.iter().map(id).collect::<Vec<_>>(), SOURCES_MAX),
    );
    let statistics = Statistics {
        statement: head.to_owned(),
        field: format!("{}:error", fix.tool),
        comparison: "then".to_owned(),
        value: words(&fix.change),
        with,
        without,
        p,
        q,
        session_ids: labelled(corpus, fix).iter().map(id).collect(),
        ..Statistics::default()
    };
    let share = Ratio { hits: worked.len() as u32, total: fix.tried.len() as u32 };
    let worth = wilson::limits(share).0 * f64::from((worked.len() as u32 + 1).ilog2());
    let reason = format!(
        "after this failure of {} the next call worked in {} of {} sessions that did so",
        fix.tool,
        worked.len(),
        fix.tried.len()
    );
    let drops = replaced(old, head, &evidence);
    let change = model::Change::Add {
        path: path.to_owned(),
        text,
        kind: RuleKind::FailureFix,
        // Without outcomes nothing was counted: the quotes stand for themselves.
        statistics: Some(statistics).filter(|found| !found.session_ids.is_empty()),
    };
    Some(Step { operation: Operation { change, reason, evidence }, then: drops, worth })
}

/// How the sessions ended, in words; empty where nobody knows.
fn told(with: Ratio, without: Ratio, p: f64) -> String {
    if with.total + without.total == 0 {
        return String::new();
    }
    format!(
        " Of the sessions that did so {} of {} succeeded, of the others that saw it {} of {} ({}).",
        with.hits,
        with.total,
        without.hits,
        without.total,
        probability("p", p)
    )
}

/// Where a session shows the failure and what mended it.
fn spots(digest: &Digest, fix: &Fix<'_>) -> Vec<Spot> {
    for failure in &digest.failures {
        if failure.tool != *fix.tool || !fix.errors.contains(&failure.error) {
            continue;
        }
        let attempt = failure
            .attempts
            .iter()
            .find(|attempt| attempt.worked && same(&attempt.change, &fix.change));
        if let Some(attempt) = attempt {
            return vec![failure.spot.clone(), attempt.spot.clone()];
        }
    }
    Vec::new()
}

/// Whether a change is the one of the fix; a fix without a value takes any.
fn same(change: &Change, fix: &Change) -> bool {
    match (change, fix) {
        (Change::Set(a, _), Change::Set(b, value)) if value.is_empty() => a == b,
        _ => change == fix,
    }
}

/// How a fix starts, up to what was different. It tells what was seen, not what to do: an
/// order in a memory is what an attacker would write.
fn start(fix: &Fix<'_>) -> String {
    format!("Fix: `{}` fails with `{}`:", fix.tool, fix.error)
}

fn words(change: &Change) -> String {
    match change {
        Change::Set(name, value) if value.is_empty() => format!("with another `{name}`"),
        Change::Set(name, value) => format!("with `{name}` set to `{value}`"),
        Change::Left(name) => format!("without `{name}`"),
        Change::After(shape) => format!("after `{shape}`"),
        Change::Again => "repeated as it was".to_owned(),
    }
}

/// A kind of failure, over all sessions.
#[derive(Default)]
struct Kind<'a> {
    words: Vec<&'a str>,
    errors: BTreeSet<&'a Rc<str>>,
    rows: BTreeSet<u32>,
    changes: BTreeMap<&'a Change, BTreeMap<u32, bool>>,
}

/// Kinds of failures, those alike joined, each with the sessions that count.
fn failures(corpus: &Corpus) -> Vec<(&Rc<str>, Kind<'_>, Vec<u32>)> {
    let mut kinds: BTreeMap<(&Rc<str>, usize), Vec<Kind<'_>>> = BTreeMap::new();
    for (tool, error, found) in templates(corpus) {
        let words = tokens(error);
        let group = kinds.entry((tool, words.len())).or_default();
        let place = group.iter().position(|kind| alike(&kind.words, &words));
        let place = place.unwrap_or_else(|| {
            group.push(Kind { words: words.clone(), ..Kind::default() });
            group.len() - 1
        });
        let kind = &mut group[place];
        for (mine, other) in kind.words.iter_mut().zip(&words) {
            if *mine != *other {
                *mine = ANY;
            }
        }
        kind.errors.insert(error);
        kind.rows.extend(&found.rows);
        for (change, rows) in &found.changes {
            let merged = kind.changes.entry(change).or_default();
            for (row, worked) in rows {
                *merged.entry(*row).or_default() |= worked;
            }
        }
    }
    let mut out = Vec::new();
    for ((tool, _), group) in kinds {
        for kind in group {
            let rows: Vec<u32> = kind.rows.iter().copied().collect();
            if rows.len() >= SESSIONS_MIN {
                let rows = fair(corpus, &rows);
                out.push((tool, kind, rows));
            }
        }
    }
    out
}

/// The templates to join, by tool and error: of a tool's of one length those that most
/// sessions saw, for each is compared with the others.
fn templates(corpus: &Corpus) -> Vec<(&Rc<str>, &Rc<str>, &FailureRows)> {
    type Group<'a> = Vec<(&'a Rc<str>, &'a FailureRows)>;
    let mut groups: BTreeMap<(&Rc<str>, usize), Group<'_>> = BTreeMap::new();
    for ((tool, error), found) in &corpus.failures {
        groups.entry((tool, tokens(error).len())).or_default().push((error, found));
    }
    let mut out = Vec::with_capacity(corpus.failures.len());
    for ((tool, _), mut group) in groups {
        group.sort_by_key(|(error, found)| (usize::MAX - found.rows.len(), *error));
        group.truncate(TEMPLATES_MAX);
        out.extend(group.into_iter().map(|(error, found)| (tool, error, found)));
    }
    out.sort_by_key(|(tool, error, _)| (*tool, *error));
    out
}

/// Whether two templates are of one failure: the first word and most others are equal.
fn alike(a: &[&str], b: &[&str]) -> bool {
    let equal = a.iter().zip(b).filter(|(a, b)| a == b && **a != ANY).count();
    a.first() == b.first() && equal as f64 >= ALIKE_MIN * a.len() as f64
}

/// The change that worked in most sessions, where it worked often enough.
fn best<'a>((tool, kind, seen): (&'a Rc<str>, Kind<'a>, Vec<u32>)) -> Option<Fix<'a>> {
    let error = kind.words.join(" ");
    let counted: BTreeSet<u32> = seen.iter().copied().collect();
    let mut candidates: BTreeMap<Change, BTreeMap<u32, bool>> = BTreeMap::new();
    for (change, rows) in &kind.changes {
        let rows = rows.iter().filter(|(row, _)| counted.contains(*row));
        let rows: BTreeMap<u32, bool> = rows.map(|(row, worked)| (*row, *worked)).collect();
        if let Change::Set(name, value) = change {
            let any = Change::Set(name.clone(), Rc::from(""));
            let merged = candidates.entry(any).or_default();
            for (row, worked) in &rows {
                *merged.entry(*row).or_default() |= worked;
            }
            if value.is_empty() {
                continue;
            }
        }
        candidates.insert((*change).clone(), rows);
    }
    let worked = |rows: &BTreeMap<u32, bool>| rows.values().filter(|worked| **worked).count();
    let of_any =
        |name: &Rc<str>| candidates.get(&Change::Set(name.clone(), Rc::from(""))).map_or(0, worked);
    let score = |change: &Change, rows: &BTreeMap<u32, bool>| {
        let count = worked(rows);
        // A value that most sessions took says more than "another value".
        let named = match change {
            Change::Set(name, value) if !value.is_empty() => {
                count as f64 >= SAME_VALUE_MIN * of_any(name) as f64
            }
            _ => false,
        };
        let stands_for = match change {
            Change::Set(name, _) if named => of_any(name),
            _ => count,
        };
        (stands_for, named, count)
    };
    let enough = |(change, rows): &(&Change, &BTreeMap<u32, bool>)| {
        let count = worked(rows);
        count >= SESSIONS_MIN
            && count as f64 >= WORKED_MIN * rows.len() as f64
            && safe(&words(change))
    };
    let (change, tried) = candidates
        .iter()
        .filter(enough)
        .max_by_key(|(change, rows)| (score(change, rows), std::cmp::Reverse((*change).clone())))?;
    let (change, tried) = (change.clone(), tried.clone());
    let safe = safe(&error) && safe(tool);
    safe.then_some(Fix { tool, error, errors: kind.errors, change, seen, tried })
}

/// Whether a text of tools may stand in a fix: it tells nobody what to do, and keeps the
/// form of the entry.
fn safe(text: &str) -> bool {
    let ticks = text.matches('`').count();
    ticks.is_multiple_of(2) && !text.contains(char::is_control) && !lucid_facts::instructs(text)
}

/// The sessions with a known outcome that saw the failure, as far as they count.
fn labelled(corpus: &Corpus, fix: &Fix<'_>) -> Vec<u32> {
    let known = |row: &&u32| corpus.sessions[**row as usize].succeeded.is_some();
    fair(corpus, &fix.seen.iter().filter(known).copied().collect::<Vec<_>>())
}

/// Successes of the sessions that the fix worked in, and of the others that saw the failure.
fn ratios(corpus: &Corpus, fix: &Fix<'_>) -> (Ratio, Ratio) {
    let (mut with, mut without) = (Ratio::default(), Ratio::default());
    for row in &labelled(corpus, fix) {
        let Some(succeeded) = corpus.sessions[*row as usize].succeeded else { continue };
        let did = fix.tried.get(row).copied().unwrap_or_default();
        if did { with.count(succeeded) } else { without.count(succeeded) }
    }
    (with, without)
}

/// Exact p-value within tasks of success with the fix against without.
fn p_value(corpus: &Corpus, fix: &Fix<'_>) -> f64 {
    let did = |row: u32| fix.tried.get(&row).copied().unwrap_or_default();
    within_tasks(corpus, &labelled(corpus, fix), did)
}

/// Exact one-sided p-value, within tasks, of success of the rows for which `did` holds.
pub(crate) fn within_tasks(corpus: &Corpus, rows: &[u32], did: impl Fn(u32) -> bool) -> f64 {
    let mut strata: BTreeMap<Option<&String>, Cells> = BTreeMap::new();
    for row in rows {
        let session = &corpus.sessions[*row as usize];
        let Some(succeeded) = session.succeeded else { continue };
        let cells = strata.entry(session.labels.get("task")).or_default();
        let did = did(*row);
        cells.both += usize::from(did && succeeded);
        cells.followed += usize::from(did);
        cells.succeeded += usize::from(succeeded);
        cells.total += 1;
    }
    exact::upper_tail(&strata.into_values().collect::<Vec<_>>())
}
