//! The same commands in a folder and over a server that has a copy of it.

mod bench;
mod dreams;
mod memory;
mod sessions;
mod who;
