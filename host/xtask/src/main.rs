//! Builds, runs and tests Lucid on a fresh machine.
fn main(){}
