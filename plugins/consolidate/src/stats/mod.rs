//! Statistics, each in a module of its own with its source and a table of known values.

pub(crate) mod bh;
pub(crate) mod cmh;
pub(crate) mod exact;
pub(crate) mod wilson;
