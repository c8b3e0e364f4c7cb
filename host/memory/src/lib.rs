//! Memory entries, dream operations, their verification, the ledger, diff and apply; all pure.
