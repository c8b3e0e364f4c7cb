//! Schedules: dreams of a store again and again, by the wall clock of a place.
//!
//! `timing` and `due` are pure: when a schedule runs, and what is done about one now. `book`
//! keeps schedules in the store, `scheduler` runs them.

mod book;
mod due;
mod scheduler;
#[cfg(test)]
mod tests;
mod timing;

pub use book::ScheduleAsked;
pub use scheduler::{Scheduler, SchedulerNote, Tell};
pub use timing::{JITTER_MS_MAX, Occurrence, Timing};
