//! Contrasts: what sessions that succeeded did otherwise than those that failed.
//!
//! Inputs first: a rule is most useful where an agent can choose the value. What tools
//! answered and how often they were called is searched after that, within the strata of the
//! rules found: many results only pass on what the inputs decided, and the outcome itself
//! is often one of them (`fold::columns` leaves that out).
//!
//! The search (`select`) scores every predicate of every feature at once (`family`), and
//! believes the best one only if a test over *all* of them does (`permute`).
//! Rules already found become part of the strata, so that their proxies fall silent and
//! weaker rules become visible. Features that go with the task are compared within tasks
//! only (`confound`). Then each third of the sessions (`split`) is kept back
//! once from a search of its own and must confirm the rule (`check`).
//!
//! The correction is family-wise: the q of a rule bounds the probability of *any* false rule
//! in the dream, which is stricter than a false discovery rate.

use crate::model::Ratio;

pub(crate) mod candidates;
pub(crate) mod check;
pub(crate) mod confound;
pub(crate) mod ends;
pub(crate) mod family;
pub(crate) mod lane;
pub(crate) mod permute;
pub(crate) mod rng;
pub(crate) mod select;
pub(crate) mod split;
#[cfg(test)]
pub(crate) mod synthetic;
#[cfg(test)]
mod tests;

/// The sessions as columns; row `i` of everything is the same session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// Whether the session succeeded.
    pub(crate) outcomes: Vec<bool>,
    /// The stratum of the session: its task, or 0 for all where tasks do not repeat.
    pub(crate) tasks: Vec<u32>,
    /// The features.
    pub(crate) columns: Vec<Column>,
    /// For each feature whether it goes with the task (`confound`); mining finds out.
    pub(crate) by_task: Vec<bool>,
}

impl Table {
    /// Whether a feature is to be compared within tasks only.
    fn within_tasks(&self, column: usize) -> bool {
        self.by_task.get(column).copied().unwrap_or(true)
    }
}

/// What a feature tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// What an agent chose.
    Input,
    /// What came of it: results, and how often tools were called.
    Observed,
}

/// One feature.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// `<tool>.<path>`, `<tool>:result.<path>`, `<tool>:calls`.
    pub(crate) name: String,
    /// What it tells of.
    pub(crate) kind: Kind,
    /// Its values, one for each session.
    pub(crate) values: Values,
}

/// The values of a feature; `None` where a session does not have it.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    /// Finite numbers.
    Numbers(Vec<Option<f64>>),
    /// Categories.
    Levels {
        /// The categories as JSON text: `"x"`, `true`.
        names: Vec<String>,
        /// The category of each session.
        of: Vec<Option<u32>>,
    },
}

/// A condition on one feature.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// `<= c`
    AtMost(f64),
    /// `>= c`
    AtLeast(f64),
    /// `>= a` and `<= b`
    Between(f64, f64),
    /// This category, by its number.
    Is(u32),
}

/// How a session stands to a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// It followed it.
    Followed,
    /// It did not.
    NotFollowed,
    /// It does not have the feature.
    Missing,
}

impl Condition {
    /// How session `row` of `values` stands to the condition.
    pub(crate) fn status(&self, values: &Values, row: usize) -> Status {
        let holds = match (self, values) {
            (Condition::Is(level), Values::Levels { of, .. }) => {
                of.get(row).copied().flatten().map(|v| v == *level)
            }
            (Condition::Is(_), Values::Numbers(_)) | (_, Values::Levels { .. }) => None,
            (condition, Values::Numbers(values)) => {
                values.get(row).copied().flatten().map(|v| condition.holds(v))
            }
        };
        match holds {
            Some(true) => Status::Followed,
            Some(false) => Status::NotFollowed,
            None => Status::Missing,
        }
    }

    fn holds(&self, value: f64) -> bool {
        match self {
            Condition::AtMost(most) => value <= *most,
            Condition::AtLeast(least) => value >= *least,
            Condition::Between(least, most) => value >= *least && value <= *most,
            Condition::Is(_) => false,
        }
    }
}

/// A rule that search and check agree on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// The column of its feature.
    pub(crate) column: usize,
    /// Its condition.
    pub(crate) condition: Condition,
    /// Exact p-value of this contrast alone, within its strata.
    pub(crate) p: f64,
    /// Family-wise p-value within its search; corrected for the number of searches once
    /// mining is done.
    pub(crate) q: f64,
    /// How many contrasts that family had.
    pub(crate) tried: usize,
    /// Sessions that followed the rule that the search without them found.
    pub(crate) check_followed: Ratio,
    /// Sessions that did not follow it.
    pub(crate) check_not_followed: Ratio,
}

/// What mining came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mined {
    /// The rules, in the order they were found.
    pub(crate) findings: Vec<Finding>,
    /// Contrasts scored in all.
    pub(crate) tried: usize,
    /// Why nothing was mined, where nothing was.
    pub(crate) refused: Option<String>,
}
