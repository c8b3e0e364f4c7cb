//! Lists of what is wrong in a document.

use crate::budget::count;
use serde_json::Value;

/// What is wrong in a document: the first few, and how many more.
pub(crate) struct Findings {
    listed: Vec<Value>,
    limit: usize,
    more: usize,
}

impl Findings {
    /// A list of at most `limit`.
    pub(crate) fn new(limit: usize) -> Self {
        Self { listed: Vec::new(), limit, more: 0 }
    }

    /// Adds one; it is built only if it will be listed.
    pub(crate) fn add(&mut self, finding: impl FnOnce() -> Value) {
        if self.listed.len() < self.limit {
            self.listed.push(finding());
        } else {
            self.more += 1;
        }
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.more == 0
    }

    /// The list, and how many are not in it.
    pub(crate) fn into_parts(self) -> (Value, Value) {
        (Value::Array(self.listed), count(self.more))
    }
}
