//! Questions about CSV files, without SQL.
//!
//! `describe` says which columns a file has and of what type; `query` filters, groups, sorts
//! and cuts. A column has one type, found from all of its cells, so `9` is less than `10` in
//! one of numbers and `007` stays a name in one that has such a cell.

pub mod cell;
pub mod condition;
pub mod describe;
pub mod file;
pub mod group;
pub mod query;

lucid_sdk::export_tools![describe::describe, query::query];
