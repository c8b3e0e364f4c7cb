//! Rules: a finding as text, with its numbers and its evidence.

use crate::cite::{Citer, probability, sources};
use crate::contrast::select::DIFFERENCE_MIN;
use crate::contrast::{Condition, Finding, Kind, Status, Table, Values};
use crate::fold::{Corpus, Labelled};
use crate::model::{Change, Entry, Evidence, Operation, Ratio, RuleKind, Statistics};
use crate::plan::{Step, replaced};
use crate::stats::wilson;
use std::collections::BTreeMap;

/// How a rule about what an agent chooses starts, up to its feature.
const RULE: &str = "Rule: `";
/// How one about what came of it starts: it can be looked for, not followed.
const SIGN: &str = "Sign: `";
/// What follows the condition.
const AFTER: &str = ". Associated with success:";
/// Sessions named in a rule's text.
const SOURCES_MAX: usize = 5;
/// Sessions quoted for each side of a rule.
const QUOTES_MAX: usize = 3;
/// Longer entries are refused by the host.
const TEXT_BYTES_MAX: usize = 4_096;

/// The condition in words that programs read: `between 1.21 and 1.58`.
fn words(condition: &Condition, values: &Values) -> String {
    match condition {
        Condition::AtMost(most) => format!("at most {most}"),
        Condition::AtLeast(least) => format!("at least {least}"),
        Condition::Between(least, most) => format!("between {least} and {most}"),
        Condition::Is(level) => format!("is {}", name(*level, values)),
    }
}

fn name(level: u32, values: &Values) -> &str {
    match values {
        Values::Levels { names, .. } => names.get(level as usize).map_or("", String::as_str),
        Values::Numbers(_) => "",
    }
}

/// The condition as a comparison and what it compares with.
fn comparison(condition: &Condition, values: &Values) -> (&'static str, String) {
    match condition {
        Condition::AtMost(most) => ("<=", most.to_string()),
        Condition::AtLeast(least) => (">=", least.to_string()),
        Condition::Between(least, most) => ("in", format!("[{least}, {most}]")),
        Condition::Is(level) => ("=", name(*level, values).to_owned()),
    }
}

fn start(kind: Kind) -> &'static str {
    match kind {
        Kind::Input => RULE,
        Kind::Observed => SIGN,
    }
}

/// Feature and condition of a rule this strategy wrote before.
pub(crate) fn parse<'a>(entry: &'a Entry, path: &str, kind: Kind) -> Option<(&'a str, &'a str)> {
    if entry.path != path {
        return None;
    }
    let rest = crate::text::unmarked(&entry.text).strip_prefix(start(kind))?;
    let (name, rest) = rest.split_once('`')?;
    let (condition, _) = rest.split_once(AFTER)?;
    Some((name, condition.trim()))
}

/// The step that adds a rule to `path` and drops what it replaces; `None` where the store
/// already has it, where it would tell a secret or what tools told agents to do, or where
/// one principal's sessions alone speak for it.
pub(crate) fn propose(
    finding: &Finding,
    labelled: &Labelled,
    corpus: &Corpus,
    entries: &[Entry],
    path: &str,
    citer: &mut Citer<'_>,
) -> Option<Step> {
    let column = &labelled.table.columns[finding.column];
    let words = words(&finding.condition, &column.values);
    let old: Vec<(&Entry, &str)> = entries
        .iter()
        .filter_map(|entry| {
            parse(entry, path, column.kind).map(|(name, words)| (entry, name, words))
        })
        .filter(|(_, name, _)| *name == column.name)
        .map(|(entry, _, words)| (entry, words))
        .collect();
    let unsafe_words = matches!(finding.condition, Condition::Is(_))
        && (lucid_facts::instructs(&words) || !lucid_facts::mask(&words).1.is_empty());
    if unsafe_words || old.iter().any(|(_, old)| *old == words) {
        return None;
    }
    let rows = Rows::new(finding, &labelled.table, |_| true);
    if corpus.several && !outlives_one(finding, &rows, labelled, corpus) {
        return None;
    }
    let evidence = rows.evidence(finding.column, labelled, citer);
    let (comparison, value) = comparison(&finding.condition, &column.values);
    let id = |row: usize| corpus.sessions[labelled.rows[row] as usize].id.clone();
    let statistics = Statistics {
        statement: format!("{} {words}", column.name),
        field: column.name.clone(),
        comparison: comparison.to_owned(),
        value,
        with: rows.followed,
        without: rows.not_followed,
        p: finding.p,
        q: finding.q,
        check_with: finding.check_followed,
        check_without: finding.check_not_followed,
        session_ids: rows.all().map(id).collect(),
    };
    let start = start(column.kind);
    let head = format!("{start}{}` {words}", column.name);
    let text = text(&head, column.kind, finding, &statistics, &evidence);
    if text.len() > TEXT_BYTES_MAX || evidence.is_empty() {
        return None;
    }
    let reason = format!(
        "sessions with {} succeeded in {} of {} cases, others in {} of {}",
        statistics.statement,
        rows.followed.hits,
        rows.followed.total,
        rows.not_followed.hits,
        rows.not_followed.total,
    );
    let old: Vec<&Entry> = old.into_iter().map(|(entry, _)| entry).collect();
    let then = replaced(&old, &statistics.statement, &evidence);
    let counted = rows.followed.total + rows.not_followed.total;
    let least = wilson::least_difference(rows.followed, rows.not_followed).max(0.05);
    let worth = least * f64::from((counted + 1).ilog2());
    let kind = RuleKind::Contrast;
    let change = Change::Add { path: path.to_owned(), text, kind, statistics: Some(statistics) };
    Some(Step { operation: Operation { change, reason, evidence }, then, worth })
}

/// The rule as one Markdown list item.
fn text(
    head: &str,
    kind: Kind,
    finding: &Finding,
    found: &Statistics,
    evidence: &[Evidence],
) -> String {
    let did = match kind {
        Kind::Input => "followed",
        Kind::Observed => "showed",
    };
    let of = |ratio: Ratio| format!("{} of {}", ratio.hits, ratio.total);
    format!(
        "- {head}{AFTER} {} sessions that {did} it succeeded, {} that did not ({}, {} over \
         {} contrasts tried; check sessions: {} and {}). Counter-examples: {}. {}",
        of(found.with),
        of(found.without),
        probability("p", found.p),
        probability("q", found.q),
        finding.tried,
        of(found.check_with),
        of(found.check_without),
        found.with.total - found.with.hits,
        sources(evidence, &found.session_ids, SOURCES_MAX),
    )
}

/// Whether the rule still holds without the principal that stands for it most. That nobody
/// has more than half of a feature's sessions is no help where all that followed the rule and
/// succeeded are one principal's.
fn outlives_one(finding: &Finding, rows: &Rows, labelled: &Labelled, corpus: &Corpus) -> bool {
    let whose = |row: usize| &corpus.sessions[labelled.rows[row] as usize].principal;
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for row in &rows.good {
        *counts.entry(whose(*row)).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count).map(|(whose, _)| whose);
    let rest = Rows::new(finding, &labelled.table, |row| Some(whose(row)) != most);
    let (with, without) = (rest.followed, rest.not_followed);
    with.total > 0 && without.total > 0 && with.rate() - without.rate() >= DIFFERENCE_MIN
}

/// How the sessions stand to a rule.
struct Rows {
    followed: Ratio,
    not_followed: Ratio,
    /// Rows that followed and succeeded: examples.
    good: Vec<usize>,
    /// Rows that did not and failed: the other side.
    bad: Vec<usize>,
    /// Rows that fit neither: counter-examples.
    other: Vec<usize>,
}

impl Rows {
    /// Those of the rows for which `counts` says so.
    fn new(finding: &Finding, table: &Table, counts: impl Fn(usize) -> bool) -> Self {
        let values = &table.columns[finding.column].values;
        let mut rows = Rows {
            followed: Ratio::default(),
            not_followed: Ratio::default(),
            good: Vec::new(),
            bad: Vec::new(),
            other: Vec::new(),
        };
        let outcomes = table.outcomes.iter().copied().enumerate();
        for (row, succeeded) in outcomes.filter(|(row, _)| counts(*row)) {
            let status = finding.condition.status(values, row);
            match status {
                Status::Followed => rows.followed.count(succeeded),
                Status::NotFollowed => rows.not_followed.count(succeeded),
                Status::Missing => continue,
            }
            match (status, succeeded) {
                (Status::Followed, true) => rows.good.push(row),
                (Status::NotFollowed, false) => rows.bad.push(row),
                _ => rows.other.push(row),
            }
        }
        rows
    }

    /// All rows that have the feature, in canonical order.
    fn all(&self) -> impl Iterator<Item = usize> {
        let mut all: Vec<usize> =
            [&self.good, &self.bad, &self.other].into_iter().flatten().copied().collect();
        all.sort_unstable();
        all.into_iter()
    }

    /// Quotes of sessions from both sides, those that may be believed.
    fn evidence(&self, column: usize, labelled: &Labelled, citer: &mut Citer<'_>) -> Vec<Evidence> {
        let name = &labelled.table.columns[column].name;
        let mut out = Vec::new();
        for side in [&self.good, &self.bad] {
            let quotable = side.iter().filter(|row| labelled.quotable[column].contains(*row));
            for row in quotable.take(QUOTES_MAX) {
                out.extend(citer.cite(labelled.rows[*row], |digest| {
                    let field = digest.fields.iter().find(|field| *field.name == **name);
                    field.map(|field| field.spot.clone()).into_iter().collect()
                }));
            }
        }
        out
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
