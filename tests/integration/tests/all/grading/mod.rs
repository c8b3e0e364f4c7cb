//! Grading through the whole host: graders as components, over outputs of every kind.

mod archive;
mod bad_input;
mod bombs;
mod documents;
mod graded;
mod judge;
mod panel;
mod scale;
mod sway;
