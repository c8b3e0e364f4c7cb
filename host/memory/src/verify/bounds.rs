//! How much one dream may propose.

/// What one dream may propose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Operations that are taken; as many refusals are kept to be shown. 10,000.
    pub operations_max: u32,
    /// Bytes of all additions together. 256 KiB.
    pub new_bytes_max: u64,
    /// The share of the input's entries that may be dropped, superseded or merged away, from
    /// 0 to 1: a half. Identical and subsumed merges do not count, because what they take out
    /// is still said.
    pub loss_fraction_max: f64,
    /// Bytes of one quote; it has at least one. 1,024.
    pub quote_bytes_max: u64,
    /// Bytes of one addition's text. 4,096.
    pub draft_bytes_max: u64,
    /// Bytes of one reason, and of each text that a rule's numbers come with. 1,024.
    pub reason_bytes_max: u64,
    /// Quotes for one operation. 256.
    pub evidence_max: usize,
    /// Bytes of all quotes and of the ids of all counted sessions together. 64 MiB.
    pub evidence_bytes_max: u64,
    /// Bytes of the refusals that are kept. 16 MiB.
    pub rejected_bytes_max: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            operations_max: 10_000,
            new_bytes_max: 256 << 10,
            loss_fraction_max: 0.5,
            quote_bytes_max: 1_024,
            draft_bytes_max: 4_096,
            reason_bytes_max: 1_024,
            evidence_max: 256,
            evidence_bytes_max: 64 << 20,
            rejected_bytes_max: 16 << 20,
        }
    }
}
