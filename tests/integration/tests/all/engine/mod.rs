//! The engine against guests that misbehave.

mod bench;
mod effects;
mod limits;
mod load_bounds;
mod loading;
mod memory;
mod neighbours;
mod sandbox;
