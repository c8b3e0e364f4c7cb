//! Schedules: dreams of a store again and again, by the wall clock of a place.
//!
//! `timing` and `due` are pure: when a schedule runs, and what is done about one now. `book`
//! keeps schedules in the store; `scheduler` looks which are due and has them dream (`dreaming`),
//! tells of it (`note`), asks the place that it runs in (`place`), and keeps what it could not do
//! because the store failed (`owed`).

mod book;
mod dreaming;
mod due;
mod note;
mod owed;
mod place;
mod scheduler;
#[cfg(test)]
mod tests;
mod timing;

pub use book::ScheduleAsked;
pub use note::{SchedulerNote, Tell};
pub use place::{SchedulerPlace, Taken};
pub use scheduler::Scheduler;
pub use timing::{JITTER_MS_MAX, Occurrence, Timing};
