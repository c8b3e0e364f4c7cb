//! Programs that nest without end: calls, types, texts.

use std::sync::Arc;

use lucid_core::{FailureKind, ToolContent};
use lucid_engine::Call;
use lucid_tests::Corpus;

use super::model::Answering;
use super::{standard, unloadable};

#[test]
pub(super) fn plain() {
    Corpus::of("hostile_recursion_plain").attack("", standard()).exceeded("stack");
}

#[test]
pub(super) fn mutual() {
    Corpus::of("hostile_recursion_mutual").attack("", standard()).exceeded("stack");
}

#[test]
pub(super) fn indirect() {
    Corpus::of("hostile_recursion_indirect").attack("", standard()).exceeded("stack");
}

/// It comes to the end of the stack in its own memory first, which is its own affair.
#[test]
pub(super) fn wide() {
    let attack = Corpus::of("hostile_recursion_wide").attack("", standard());
    attack.trapped("out of bounds");
}

#[test]
pub(super) fn start() {
    Corpus::of("hostile_recursion_start").attack("", standard()).exceeded("stack");
}

#[test]
pub(super) fn types() {
    unloadable("hostile_recursion_types", FailureKind::Invalid, "nest");
}

/// What a tool says is text to the engine, however deep.
#[test]
pub(super) fn json() {
    const BYTES: usize = 200_000;
    let corpus = Corpus::of("hostile_recursion_json");
    for input in ["json", "text"] {
        let attack = corpus.attack(input, standard());
        assert_eq!(attack.harmless().len(), BYTES);
        let content = &attack.report.result.unwrap().content;
        let is_json = matches!(content[..], [ToolContent::Json(_)]);
        assert_eq!(is_json, input == "json");
    }
    let attack = corpus.attack("error", standard());
    assert!(attack.report.result.unwrap().is_error);
    let tools = corpus.list(standard()).report.result.unwrap();
    assert_eq!(tools[0].input_schema.len(), BYTES);
}

#[test]
pub(super) fn ask() {
    let model = Arc::new(Answering::spending(7));
    let call = Call { model: Some(model.clone()), ..standard() };
    let attack = Corpus::of("hostile_recursion_ask").attack("", call);
    assert_eq!(attack.harmless(), "7 tokens");
    assert_eq!(model.deepest(), 100_000);
}
