//! The engine against guests that misbehave.

mod limits;
mod loading;
mod memory;
mod neighbours;
mod sandbox;
