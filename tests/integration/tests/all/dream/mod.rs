//! Dreams: as jobs, their review, their proof, what they forget; and over a corpus whose truth
//! is known.

mod asking;
mod bad_input;
mod evaluate;
mod forget;
mod forget_session;
mod given;
mod job;
mod poison;
mod reflect;
mod review;
mod scale;
mod scheduled;
mod score;
mod store_deleted;
mod store_fails;
mod told;
