//! An error that something mends, and one that nothing mends.

use lucid_score::{Rates, Rule, RuleClass, Truth};
use serde_json::json;

use super::Work;
use crate::chance::Chance;
use crate::script::Call;

/// Success where the error was mended, and where it was not.
const RATES: Rates = Rates { with: 0.85, without: 0.2 };
/// Success where nothing went wrong.
const SMOOTH: f64 = 0.8;
/// What a task gives by itself; [`Work::base`] has it a little different by task.
const BASE: f64 = 0.5;

pub(super) fn fetch(work: Work, chance: &mut Chance) -> (f64, Vec<Call>) {
    let mut calls = Vec::new();
    let sheet = 10_000 + chance.below(80_000);
    let mode = |mode: &str| json!({"sheet": sheet, "mode": mode, "copies": 1});
    let rate = if chance.is(0.6) {
        let (host, minute) = (chance.below(40), chance.below(60));
        let error = format!("sheet {sheet} is locked by desk-{host} since 09:{minute:02}");
        calls.push(Call::failed(work.tool(), mode("write"), error.clone()));
        if chance.is(0.5) {
            calls.push(Call::new(work.tool(), mode("read_only"), "here it is"));
            RATES.with
        } else {
            calls.push(Call::failed(work.tool(), mode("write"), error));
            RATES.without
        }
    } else {
        calls.push(Call::new(work.tool(), mode("write"), "here it is"));
        SMOOTH
    };
    if chance.is(0.4) {
        // Tried again in several ways, and never mended; success does not depend on it.
        let printer = chance.below(30);
        let error = format!("label printer {printer} is out of paper");
        let tool = work.name("print_label");
        for size in ["small", "large"] {
            calls.push(Call::failed(tool.clone(), json!({"size": size}), error.clone()));
        }
    }
    (rate - BASE, calls)
}

pub(super) fn tell(work: Work, truth: &mut Truth) {
    truth.unmended.push(work.name("print_label"));
    truth.rules.push(Rule {
        required: true,
        // Not the whole of the error: what varies in it may well be masked.
        mentions: vec![work.tool(), "locked".to_owned(), "read_only".to_owned()],
        planted: Some(RATES),
        ..work.rule("locked", RuleClass::FailureFix)
    });
    // What follows from it: sessions with the error fail more often, and those whose last
    // call was in the mode of the fix succeed more often.
    truth.rules.push(Rule {
        mentions: vec![work.tool()],
        ..work.rule("locked-contrast", RuleClass::Contrast)
    });
}
