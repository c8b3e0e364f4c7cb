//! Where an agent's completions come from.
