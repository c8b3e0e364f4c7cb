//! How much a session, or an agent, may use in all.

use serde::{Deserialize, Serialize};

/// What may be used before work stops; nothing stops it where a field is none.
///
/// Work stops cleanly: what is on its way ends, nothing new begins, and it goes on when the
/// budget is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Tokens, read and written.
    pub tokens: Option<u64>,
    /// Money, in millionths of a US dollar, by the price table.
    pub micro_usd: Option<u64>,
    /// Milliseconds since the first event.
    pub wall_ms: Option<u64>,
    /// Tool calls.
    pub tool_calls: Option<u64>,
}

impl Budget {
    /// Whether nothing is limited.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }
}
