//! The inputs' schemas, written by hand: what would make them from types is larger than all
//! the rest of this plugin, and its size is in every figure.

pub(crate) const NOTHING: &str = r#"{"type":"object","properties":{}}"#;

pub(crate) const ECHO: &str = r#"{"type":"object","required":["text"],"properties":{
"text":{"type":"string","description":"What is said back."}}}"#;

pub(crate) const NAP: &str = r#"{"type":"object","required":["milliseconds"],"properties":{
"milliseconds":{"type":"integer","minimum":0,
"description":"How long it sleeps, inside one call of the host."}}}"#;
