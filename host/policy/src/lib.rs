//! Pure decisions: what a plugin asked for, what it was granted, and the rule that decided.
