//! What `lucid plugin check` and `lucid plugin inspect` say of real components.

mod check;
mod forge;
mod inspect;
mod web_fetch;
