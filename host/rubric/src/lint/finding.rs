//! What lint has to say, and how bad it is.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The rubric cannot be used, or not be met.
    Error,
    /// A criterion means less, or something else, than it seems to.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// Its name, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $severity:ident;)+) => {
        /// What is found in rubrics.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $code,)+
        }

        impl Code {
            /// All of them, the worst first.
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            /// Its name, in kebab-case.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)+
                }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$code => Severity::$severity,)+
                }
            }
        }
    };
}

codes! {
    /// The rubric cannot be read as one.
    Unreadable = "unreadable", Error;
    /// There is nothing to judge.
    NoCriteria = "no-criteria", Error;
    /// A check that the language of checks refuses.
    BadCheck = "bad-check", Error;
    /// A check names something that there is not.
    UnknownName = "unknown-name", Error;
    /// A check that is false whatever the outputs are.
    NeverTrue = "never-true", Error;
    /// Two criteria that cannot both be met.
    Contradictory = "contradictory", Error;
    /// A weight of zero or less.
    WeightNotPositive = "weight-not-positive", Error;
    /// A check that is true whatever the outputs are.
    AlwaysTrue = "always-true", Warning;
    /// The same criterion, or the same check, twice.
    Double = "double", Warning;
    /// Words that everybody reads in their own way, without a measure.
    Vague = "vague", Warning;
    /// Several requirements in one criterion.
    ManyInOne = "many-in-one", Warning;
    /// It says should, and a result has to meet it all the same.
    ShouldAsMust = "should-as-must", Warning;
    /// It says must, and a result does not have to meet it.
    MustAsShould = "must-as-should", Warning;
    /// A weight that is not a number is no weight.
    WeightUnread = "weight-unread", Warning;
    /// Something that looks like a check, and is none.
    CheckUnread = "check-unread", Warning;
    /// A criterion without any text.
    Empty = "empty", Warning;
    /// No criterion of the rubric has a check.
    NothingGradable = "nothing-gradable", Warning;
    /// A machine cannot judge it.
    NoCheck = "no-check", Note;
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub code: Code,
    /// The line it is about, from 1.
    pub line: u32,
    /// What is wrong there, in one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Finding {
    pub(super) fn new(code: Code, line: u32, message: impl Into<String>, hint: &str) -> Self {
        Self { code, line, message: message.into(), hint: hint.to_owned() }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_kebab_case_and_its_own() {
        for (at, code) in Code::ALL.iter().enumerate() {
            let name = code.as_str();
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
            assert!(Code::ALL.iter().skip(at + 1).all(|other| other.as_str() != name), "{name}");
        }
    }

    #[test]
    fn the_worst_come_first() {
        assert!(Code::ALL.is_sorted_by_key(|code| code.severity()));
    }
}
