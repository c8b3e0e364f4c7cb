//! The lucid command line.
fn main(){}
