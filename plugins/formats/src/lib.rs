//! Reads document formats: bytes in, a [`serde_json::Value`] out, everything under [`Limits`].
//!
//! The functions are pure: no file, clock, network or thread, and no C code. They run inside a
//! grader's sandbox as well as natively. What a document claims about itself is data; nothing
//! in it is followed, run or fetched.
//!
//! - Text: [`markdown`], [`html`], [`csv`], [`csv_rules`], [`toml`], [`yaml`], [`yaml_all`],
//!   [`json_schema`], [`source`].
//! - Office files: [`docx`], [`pptx`], [`xlsx`].
//!
//! An error is one sentence. It says that a document could not be read or judged at all; what
//! is wrong *in* a document that could be read stands in the value, below `errors`. A list of
//! errors is cut after [`Limits::errors`], and `more_errors` counts the rest. Over any other
//! limit nothing is cut but an error given, except the cells of a workbook, which say so.

mod archive;
mod budget;
mod csv;
mod error;
mod findings;
mod html;
mod limits;
mod markdown;
mod office;
mod schema;
mod source;
mod toml;
mod xml;
mod yaml;

pub use csv::{csv, csv_rules};
pub use error::FormatError;
pub use html::html;
pub use limits::Limits;
pub use markdown::markdown;
pub use office::{docx, pptx, xlsx};
pub use schema::{SUPPORTED_KEYWORDS, json_schema};
pub use source::{SUPPORTED_LANGUAGES, source};
pub use toml::toml;
pub use yaml::{yaml, yaml_all};
