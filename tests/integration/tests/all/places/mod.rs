//! The same commands in a folder and over a server that has a copy of it.

mod bench;
mod dreams;
mod leaving;
mod memory;
mod missions;
mod one_server;
mod schedules;
mod sessions;
mod who;
