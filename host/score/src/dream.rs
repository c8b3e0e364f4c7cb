//! A dream as `lucid dream show --json` prints it; what is not needed is not read.

use serde::Deserialize;
use serde_json::Value;

use crate::ScoreError;

#[derive(Debug, Deserialize)]
pub(crate) struct Dream {
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) strategy: String,
    #[serde(default)]
    pub(crate) usage: Value,
    #[serde(default)]
    pub(crate) ms: Option<u64>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) ledger: Vec<LedgerLine>,
}

impl Dream {
    pub(crate) fn read(json: &str) -> Result<Self, ScoreError> {
        serde_json::from_str(json).map_err(|error| ScoreError::Dream(error.to_string()))
    }

    /// The operations that stand, or wait for somebody to say so.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|operation| operation.stands())
    }

    /// Tokens of every kind that its usage counts.
    pub(crate) fn tokens(&self) -> u64 {
        let Value::Object(usage) = &self.usage else { return 0 };
        let counts = usage.iter().filter(|(name, _)| name.ends_with("tokens"));
        counts.filter_map(|(_, count)| count.as_u64()).fold(0, u64::saturating_add)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) op: String,
    #[serde(default)]
    pub(crate) class: String,
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) before: Vec<String>,
    #[serde(default)]
    pub(crate) after: Option<String>,
    #[serde(default)]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) statistics: Option<Statistics>,
}

impl Operation {
    pub(crate) fn stands(&self) -> bool {
        matches!(self.state.as_str(), "proposed" | "accepted")
    }

    /// What it does: `merge`, `supersede`, `flag_conflict` and so on.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.op.replace('-', "_") == name
    }

    /// The texts that may state steps, each in lower case.
    pub(crate) fn steps(&self) -> impl Iterator<Item = String> {
        let statement = self.statistics.as_ref().map(|numbers| numbers.statement.as_str());
        let texts = [self.after.as_deref(), statement, Some(self.reason.as_str())];
        texts.into_iter().flatten().map(str::to_lowercase)
    }

    /// All that it says of itself, in lower case.
    pub(crate) fn said(&self) -> String {
        let after = self.after.as_deref().unwrap_or_default();
        let statement = self.statistics.as_ref().map_or("", |numbers| numbers.statement.as_str());
        format!("{after}\n{statement}\n{}", self.reason).to_lowercase()
    }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Statistics {
    #[serde(default)]
    pub(crate) statement: String,
    #[serde(default)]
    pub(crate) field: String,
    #[serde(default)]
    pub(crate) comparison: String,
    #[serde(default)]
    pub(crate) value: Value,
    #[serde(default)]
    pub(crate) with_success: u64,
    #[serde(default)]
    pub(crate) with_total: u64,
    #[serde(default)]
    pub(crate) without_success: u64,
    #[serde(default)]
    pub(crate) without_total: u64,
    #[serde(default)]
    pub(crate) p: Option<f64>,
}

impl Statistics {
    /// The value as text, however it was written.
    pub(crate) fn value(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    /// Whether it says that something goes with the outcome, more than chance would.
    pub(crate) fn claims(&self) -> bool {
        self.with_total > 0 && self.without_total > 0 && self.p.is_none_or(|p| p <= 0.05)
    }

    /// Whether what it states goes with failure: `with` succeeds less often than `without`.
    pub(crate) fn warns(&self) -> bool {
        let with = u128::from(self.with_success) * u128::from(self.without_total);
        let without = u128::from(self.without_success) * u128::from(self.with_total);
        with < without
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct LedgerLine {
    #[serde(alias = "entry_id")]
    pub(crate) entry: Value,
    #[serde(default, alias = "place")]
    pub(crate) fate: Value,
    #[serde(default)]
    pub(crate) operation: Value,
}

impl LedgerLine {
    /// The entry's id, alone or in an object.
    pub(crate) fn entry(&self) -> &str {
        self.entry.as_str().or_else(|| self.entry["id"].as_str()).unwrap_or_default()
    }

    /// The fate's name, alone or as an object's type.
    pub(crate) fn fate(&self) -> Fate {
        let name = self.fate.as_str().or_else(|| self.fate["type"].as_str()).unwrap_or_default();
        let name = name.to_lowercase().replace('-', "_");
        let starts = [
            ("kept", Fate::Kept),
            ("keep", Fate::Kept),
            ("merge", Fate::Merged),
            ("supersede", Fate::Superseded),
            ("drop", Fate::Dropped),
            ("in_conflict", Fate::InConflict),
            ("conflict", Fate::InConflict),
        ];
        let known = starts.into_iter().find(|(start, _)| name.starts_with(start));
        known.map_or(Fate::Unknown, |(_, fate)| fate)
    }

    /// The operation that decided, as text; none where nothing did.
    pub(crate) fn operation(&self) -> Option<String> {
        match &self.operation {
            Value::Null => None,
            Value::String(id) => Some(id.clone()),
            other => Some(other.to_string()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    Merged,
    Superseded,
    Dropped,
    InConflict,
    Unknown,
}
