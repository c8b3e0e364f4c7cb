//! Whole missions: what they leave in the log, what their parts can see, what does not load.

mod alike;
mod asking;
mod attribution;
mod bad;
mod context;
mod dream;
mod failures;
mod grader;
mod grammar;
mod inputs;
mod limits;
mod month_end;
mod page;
mod quota;
mod repeat;
mod secrets;
mod study;
