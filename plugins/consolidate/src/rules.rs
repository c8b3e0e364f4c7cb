//! Rules: a finding as text, with its numbers and its evidence.

use crate::contrast::{Condition, Finding, Status, Table, Values};
use crate::model::{Change, Entry, Evidence, Operation, Ratio, Session, Support};

/// The memory that rules go to.
pub(crate) const PLAYBOOK: &str = "/playbook.md";
/// How a rule starts, up to its feature.
const START: &str = "Rule: `";
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
        Condition::Is(level) => {
            let name = match values {
                Values::Levels { names, .. } => names.get(*level as usize).cloned(),
                Values::Numbers(_) => None,
            };
            format!("is {}", name.unwrap_or_default())
        }
    }
}

/// Feature and condition of a rule this strategy wrote before.
pub(crate) fn parse(entry: &Entry) -> Option<(&str, &str)> {
    if entry.path != PLAYBOOK {
        return None;
    }
    let rest = crate::text::unmarked(&entry.text).strip_prefix(START)?;
    let (name, rest) = rest.split_once('`')?;
    let (condition, _) = rest.split_once(AFTER)?;
    Some((name, condition.trim()))
}

/// The operation that adds a rule, and those that drop what it replaces; `None` where the
/// store already has it.
pub(crate) fn propose(
    finding: &Finding,
    table: &Table,
    sessions: &[Session],
    entries: &[Entry],
) -> Option<(Operation, Vec<Operation>)> {
    let column = &table.columns[finding.column];
    let words = words(&finding.condition, &column.values);
    let old: Vec<(&Entry, &str)> = entries
        .iter()
        .filter_map(|entry| parse(entry).map(|(name, words)| (entry, name, words)))
        .filter(|(_, name, _)| *name == column.name)
        .map(|(entry, _, words)| (entry, words))
        .collect();
    if old.iter().any(|(_, old)| *old == words) {
        return None;
    }
    let rows = Rows::new(finding, table);
    let evidence = rows.evidence(&column.name, sessions);
    let support = Support {
        statement: format!("{} {words}", column.name),
        followed: rows.followed,
        not_followed: rows.not_followed,
        p_value: finding.p_value,
        check_followed: finding.check_followed,
        check_not_followed: finding.check_not_followed,
        session_ids: rows.all().map(|row| sessions[row].id.clone()).collect(),
    };
    let text = text(&column.name, &words, finding, &support, &evidence);
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let reason = format!(
        "sessions with {} succeeded in {} of {} cases, others in {} of {}",
        support.statement,
        rows.followed.hits,
        rows.followed.total,
        rows.not_followed.hits,
        rows.not_followed.total,
    );
    let drops = old
        .iter()
        .map(|(entry, _)| Operation {
            change: Change::Drop(entry.id.clone()),
            reason: format!("replaced by a newer rule: {}", support.statement),
            evidence: evidence.clone(),
        })
        .collect();
    let change = Change::Add { path: PLAYBOOK.to_owned(), text, support };
    Some((Operation { change, reason, evidence }, drops))
}

/// The rule as one Markdown list item.
fn text(
    name: &str,
    words: &str,
    finding: &Finding,
    support: &Support,
    evidence: &[Evidence],
) -> String {
    let of = |ratio: Ratio| format!("{} of {}", ratio.hits, ratio.total);
    let quoted = evidence.iter().map(|evidence| &evidence.session_id);
    let rest = support.session_ids.iter().filter(|id| !quoted.clone().any(|other| other == *id));
    let named: Vec<&str> =
        quoted.clone().chain(rest).take(SOURCES_MAX).map(String::as_str).collect();
    let more = support.session_ids.len() - named.len();
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!(
        "- {START}{name}` {words}{AFTER} {} sessions that followed it succeeded, {} that did \
         not (p = {} over {} contrasts tried; check sessions: {} and {}). Counter-examples: \
         {}. Sources: {}{more}.",
        of(support.followed),
        of(support.not_followed),
        (finding.p_value * 10_000.0).round() / 10_000.0,
        finding.tried,
        of(support.check_followed),
        of(support.check_not_followed),
        support.followed.total - support.followed.hits,
        named.join(", "),
    )
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
    fn new(finding: &Finding, table: &Table) -> Self {
        let values = &table.columns[finding.column].values;
        let mut rows = Rows {
            followed: Ratio::default(),
            not_followed: Ratio::default(),
            good: Vec::new(),
            bad: Vec::new(),
            other: Vec::new(),
        };
        for (row, succeeded) in table.outcomes.iter().copied().enumerate() {
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
    fn evidence(&self, name: &str, sessions: &[Session]) -> Vec<Evidence> {
        let quote = |row: &usize| {
            let session = &sessions[*row];
            let field = session.fields.get(name).filter(|field| field.trusted)?;
            Some(Evidence {
                session_id: session.id.clone(),
                event_id: field.event_id.clone(),
                quote: field.quote.clone()?,
            })
        };
        let side =
            |rows: &[usize]| rows.iter().filter_map(quote).take(QUOTES_MAX).collect::<Vec<_>>();
        [side(&self.good), side(&self.bad)].concat()
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
