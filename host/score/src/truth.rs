//! What is true of a corpus: the form of `truth.json`.

use serde::{Deserialize, Serialize};

use crate::ScoreError;

/// What is true of a store and of sessions that were made together.
///
/// Texts are those of entries, with or without their list marker. Every text stands for
/// itself: where two entries have the same one, they are a group of [`Truth::duplicates`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Truth {
    /// The version of this form: 1.
    pub version: u32,
    /// What the corpus was made from.
    pub seed: u64,
    /// How many sessions it has.
    pub sessions: u32,
    /// How many entries the store has, headings among them.
    pub entries: u32,
    /// Entries that say the same.
    #[serde(default)]
    pub duplicates: Vec<Duplicates>,
    /// Entries that look alike and are not to become one.
    #[serde(default)]
    pub distinct: Vec<Distinct>,
    /// Keyed facts.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Entries of equal standing that contradict each other.
    #[serde(default)]
    pub conflicts: Vec<Conflict>,
    /// What the sessions show.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Fields that go with success only because tasks differ.
    #[serde(default)]
    pub superstitions: Vec<String>,
    /// Parts of errors that nothing mended; a rule that names one is false.
    #[serde(default)]
    pub unmended: Vec<String>,
}

impl Truth {
    /// The version of this form.
    pub const VERSION: u32 = 1;

    /// Reads a `truth.json`.
    ///
    /// # Errors
    /// [`ScoreError::Truth`] when it is not of this form, or of another version.
    pub fn read(json: &str) -> Result<Self, ScoreError> {
        let truth: Self =
            serde_json::from_str(json).map_err(|error| ScoreError::Truth(error.to_string()))?;
        if truth.version != Self::VERSION {
            let (found, known) = (truth.version, Self::VERSION);
            return Err(ScoreError::Truth(format!("it is of version {found}, not {known}")));
        }
        Ok(truth)
    }
}

/// In which way entries say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateKind {
    /// Byte for byte.
    Exact,
    /// But for case, white space, Markdown marks and punctuation.
    Normalised,
    /// One says all that the other does, and more.
    Subsumed,
    /// The same words in another order.
    Reordered,
    /// In other words.
    Paraphrased,
}

impl DuplicateKind {
    /// Whether a dream that leaves them apart has missed something. To see that other words
    /// mean the same takes a reader; to leave them apart loses nothing.
    #[must_use]
    pub fn is_required(self) -> bool {
        matches!(self, Self::Exact | Self::Normalised | Self::Subsumed)
    }
}

/// Entries of which one is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicates {
    /// Its name in the truth.
    pub id: String,
    /// In which way they say the same.
    pub kind: DuplicateKind,
    /// The text that has to stay: the most specific one. Any of them where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
    /// The text of each entry; one that stands twice is named twice.
    pub texts: Vec<String>,
}

/// Entries that look alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distinct {
    /// Its name in the truth.
    pub id: String,
    /// What differs: `number`, `identifier`, `name`, `unit`, `negation`, `code`.
    pub differs: String,
    /// The texts; each has to stay.
    pub texts: Vec<String>,
}

/// How a fact came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// It changed; the newest by its date holds.
    Changed,
    /// It changed, and changed back.
    Recurred,
    /// Two entities have names that are almost the same; each has its own value.
    LookAlike,
    /// It differs by scope; each has its own value.
    Scoped,
    /// It has several values at a time.
    MultiValued,
    /// Something newer is less than an assertion, so the older holds.
    Hedged,
    /// A person said in a session that it changed; the store does not know.
    Told,
}

/// One keyed fact, or two that must not be taken for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its name in the truth.
    pub id: String,
    /// How it came about.
    pub kind: FactKind,
    /// How it is written: `labelled`, `sentence`, `heading`, `moved` and so on.
    pub form: String,
    /// Entries that have to stay.
    pub current: Vec<String>,
    /// Entries that are no longer true.
    #[serde(default)]
    pub stale: Vec<String>,
    /// Entries that may stay or go: an older assertion of what holds again.
    #[serde(default)]
    pub either: Vec<String>,
    /// The value that a person told, where the kind is `told`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
}

/// Entries that contradict each other, of which none is newer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Its name in the truth.
    pub id: String,
    /// The texts; each has to stay.
    pub texts: Vec<String>,
}

/// What kind of rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleClass {
    /// A field of calls that goes with success.
    Contrast,
    /// An error and what mended it.
    FailureFix,
    /// Calls in an order.
    Sequence,
}

impl RuleClass {
    /// Its name, as in the class of an operation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Contrast => "contrast",
            Self::FailureFix => "failure_fix",
            Self::Sequence => "sequence",
        }
    }
}

/// What a field has to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Condition {
    /// No more than this.
    AtMost {
        /// The planted bound.
        value: f64,
        /// How far a stated bound may be from it.
        tolerance: f64,
    },
    /// No less than this.
    AtLeast {
        /// The planted bound.
        value: f64,
        /// How far a stated bound may be from it.
        tolerance: f64,
    },
    /// Between these.
    Between {
        /// The planted lower bound.
        low: f64,
        /// The planted upper bound.
        high: f64,
        /// How far stated bounds may be from them.
        tolerance: f64,
    },
    /// This value.
    Is {
        /// The value.
        value: String,
    },
}

/// The planted probabilities of success.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Where the condition holds, averaged over tasks.
    pub with: f64,
    /// Where it does not.
    pub without: f64,
}

/// A rule that the sessions show within tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name in the truth.
    pub id: String,
    /// What kind it is.
    pub class: RuleClass,
    /// Whether a dream that does not find it has missed something. A rule that is true
    /// because another one is, is not required.
    pub required: bool,
    /// The field, as `TOOL.FIELD`; none where `mentions` says what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What the field has to be; anything where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Words of which every one stands in the rule, in whatever case.
    #[serde(default)]
    pub mentions: Vec<String>,
    /// What was planted; none where it follows from another rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planted: Option<Rates>,
}
