//! What can be held without a component.

use super::*;

#[test]
fn a_run_measures_what_its_options_name_and_all_parts_if_they_name_none() {
    let mut options = BenchOptions::standard(Vec::new(), Vec::new(), "unused".into());
    assert!(Part::ALL.into_iter().all(|part| options.wants(part)));
    for part in Part::ALL {
        options.only = Some(part);
        assert_eq!(Part::ALL.into_iter().filter(|part| options.wants(*part)).count(), 1);
    }
}

#[test]
fn an_answer_that_is_not_one_text_is_no_measurement() {
    let answer = |content, is_error| {
        let report = Report::failed(lucid_core::Failure::bug("replaced"));
        Report { result: Ok(ToolAnswer { content, is_error }), ..report }
    };
    let said = || ToolContent::Text("said".to_owned());
    assert_eq!(text(answer(vec![said()], false), "t"), Ok("said".to_owned()));
    for wrong in [answer(vec![said()], true), answer(vec![said(), said()], false)] {
        assert!(text(wrong, "t").is_err());
    }
    assert!(text(answer(Vec::new(), false), "t").is_err());
}
