//! Runs natively: `cargo test`.

use lucid_sdk::dream::{self, Change, Operation, Rejection};
use lucid_sdk::log::Level;
use lucid_sdk::serde_json::json;
use lucid_sdk::testing::{Host, Session};
use my_plugin::Failures;

/// A host with sessions in each of which `tool` fails like this.
fn failing(sessions: usize, tool: &str, error: &str) -> Host {
    let host = Host::new();
    for number in 0..sessions {
        let session = Session::new(format!("sesn_{number}"))
            .calling("look", json!({}), "a door")
            .failing_call(tool, json!({ "number": number }), error)
            .failing_call(tool, json!({ "number": number }), error);
        host.add_session(session);
    }
    host
}

/// The texts that were added, and how many quotes each has.
fn added(host: &Host) -> Vec<(String, usize)> {
    let text = |operation: Operation| match operation.change {
        Change::Add(addition) => Some((addition.draft.text, operation.evidence.len())),
        _ => None,
    };
    host.proposals().into_iter().filter_map(|proposal| text(proposal.operation)).collect()
}

#[test]
fn a_failure_of_three_sessions_is_noted_with_a_quote_of_each() {
    let host = failing(3, "move", "the \"load\" fell\nand broke");
    let summary = host.dream::<Failures>("").unwrap();
    assert_eq!(summary.text, "Accepted: 1 of 1 operations.");
    let entry = "- Tool `move` failed in 3 sessions with: the \"load\" fell";
    assert_eq!(added(&host), [(entry.to_owned(), 3)]);
    assert!(host.progress().iter().any(|progress| progress.phase == "proposing"));
}

#[test]
fn a_failure_of_two_sessions_is_not_noted() {
    let host = failing(2, "move", "the load fell");
    assert_eq!(host.dream::<Failures>("").unwrap().sessions_read, 2);
    assert_eq!(added(&host), []);
}

#[test]
fn a_session_is_read_once_and_the_next_dream_proposes_the_same() {
    let host = failing(3, "move", "the load fell");
    host.add_memory("/notes.md", "- a\n- b\n- a\n");
    host.dream::<Failures>("").unwrap();
    assert_eq!(host.sessions_read().len(), 3);
    let first = host.proposals();
    host.dream::<Failures>("").unwrap();
    assert_eq!((host.proposals(), host.sessions_read()), (first, Vec::new()));
}

#[test]
fn at_most_ten_quotes_and_200_characters_are_given() {
    let host = failing(12, "move", &"é".repeat(300));
    host.dream::<Failures>("").unwrap();
    let entry = format!("- Tool `move` failed in 12 sessions with: {}", "é".repeat(200));
    assert_eq!(added(&host), [(entry, 10)]);
}

#[test]
fn what_is_noted_already_is_not_noted_again() {
    let host = failing(3, "move", "the load fell");
    host.add_memory("/playbook.md", "- Tool `move` failed in 3 sessions with: the load fell\n");
    host.dream::<Failures>("").unwrap();
    assert_eq!(added(&host), []);
}

#[test]
fn instructions_that_name_a_tool_leave_the_others_out() {
    for (instructions, noted) in [("only look", 0), ("only move", 1), ("be kind", 1)] {
        let host = failing(3, "move", "the load fell");
        host.dream::<Failures>(instructions).unwrap();
        assert_eq!(added(&host).len(), noted, "{instructions}");
    }
}

#[test]
fn entries_that_say_the_same_become_the_first_and_headings_stay() {
    let host = Host::new();
    host.add_memory("/b.md", "# Notes\n\n- Ask  FIRST.\n- Lift slowly.\n");
    host.add_memory("/a.md", "# Notes\n\n- ask first.\n");
    host.dream::<Failures>("").unwrap();
    let entries = dream::entries();
    let proposals = host.proposals();
    assert_eq!(proposals.len(), 1);
    let expected = Operation::merge(&entries[1], [&entries[3]]).change;
    assert_eq!(proposals[0].operation.change, expected);
    assert_eq!(proposals[0].verdict, Ok(0));
}

#[test]
fn a_refused_operation_is_logged_and_the_next_is_proposed() {
    let host = failing(3, "move", "the load fell");
    // Two of three entries are more than the host lets go.
    host.add_memory("/notes.md", "- a\n- a\n- a\n");
    assert_eq!(host.dream::<Failures>("").unwrap().text, "Accepted: 1 of 2 operations.");
    assert!(matches!(host.proposals()[0].verdict, Err(Rejection::LossCap(_))));
    assert_eq!(host.logs()[0].0, Level::Warn);
    assert_eq!(added(&host).len(), 1);
}
