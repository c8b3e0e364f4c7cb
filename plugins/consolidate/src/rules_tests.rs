use super::*;
use crate::fold::labelled;
use crate::made::{Made, Tape, folded, session};
use serde_json::json;

/// Forty sessions; those with a ratio between 1.2 and 1.5 succeed.
fn sessions() -> Vec<Made> {
    let one = |number: usize| {
        let ratio = 1.0 + number as f64 / 40.0;
        let digest = Tape::default().calls("fly", json!({"brake_ratio": ratio}), "ok").digest();
        (session(number, 0, (1.2..=1.5).contains(&ratio)), digest)
    };
    (0..40).map(one).collect()
}

fn finding() -> Finding {
    Finding {
        column: 0,
        condition: Condition::Between(1.21, 1.58),
        p: 0.000_02,
        q: 0.001,
        tried: 412,
        check_followed: Ratio { hits: 20, total: 23 },
        check_not_followed: Ratio { hits: 1, total: 10 },
    }
}

fn old(text: &str) -> Entry {
    crate::made::entries(&[("/playbook.md", text)]).remove(0)
}

fn proposed(entries: &[Entry]) -> Option<Step> {
    proposed_from(&sessions(), entries)
}

fn proposed_from(sessions: &[Made], entries: &[Entry]) -> Option<Step> {
    let (corpus, mut kept) = folded(sessions);
    let labelled = labelled(&corpus);
    let mut citer = Citer::new(&corpus, &mut kept);
    propose(&finding(), &labelled, &corpus, entries, "/playbook.md", &mut citer)
}

#[test]
fn a_rule_reads_as_promised_and_is_quoted_byte_for_byte() {
    let step = proposed(&[]).expect("a rule");
    assert!(step.then.is_empty());
    let Change::Add { path, text, kind, statistics } = step.operation.change else {
        panic!("no addition")
    };
    assert_eq!((path.as_str(), kind), ("/playbook.md", RuleKind::Contrast));
    let found = statistics.expect("numbers");
    assert_eq!(found.statement, "fly.brake_ratio between 1.21 and 1.58");
    let told = [found.field.as_str(), found.comparison.as_str(), found.value.as_str()];
    assert_eq!(told, ["fly.brake_ratio", "in", "[1.21, 1.58]"]);
    assert_eq!(
        text,
        "- Rule: `fly.brake_ratio` between 1.21 and 1.58. Associated with success: 12 of 15 \
         sessions that followed it succeeded, 1 of 25 that did not (p < 0.0001, q = 0.001 over \
         412 contrasts tried; check sessions: 20 of 23 and 1 of 10). Counter-examples: 3. \
         Sources: sesn_00009, sesn_00010, sesn_00011, sesn_00000, sesn_00001, and 35 more."
    );
    let evidence = step.operation.evidence;
    assert_eq!(evidence.len(), 6);
    assert_eq!(evidence[0].quote, r#""brake_ratio":1.225"#);
    assert_eq!(
        (evidence[0].session_id.as_str(), evidence[0].event_id.as_str()),
        ("sesn_00009", "sevt_0")
    );
}

#[test]
fn an_unchanged_rule_is_not_added_again_and_a_changed_one_is_replaced() {
    let Change::Add { text, .. } = proposed(&[]).expect("a rule").operation.change else {
        panic!("no addition")
    };
    assert!(proposed(&[old(&text)]).is_none());
    let other = text.replace("1.58", "1.6");
    let step = proposed(&[old(&other)]).expect("a rule");
    assert_eq!(step.then[0].change, Change::Drop("entry_0".to_owned()));
    let another = text.replace("brake_ratio", "burn_ratio");
    assert!(proposed(&[old(&another)]).expect("a rule").then.is_empty());
}

#[test]
fn every_condition_has_its_words_and_its_comparison() {
    let numbers = Values::Numbers(Vec::new());
    assert_eq!(words(&Condition::AtMost(83.0), &numbers), "at most 83");
    assert_eq!(comparison(&Condition::AtMost(83.0), &numbers), ("<=", "83".to_owned()));
    assert_eq!(words(&Condition::AtLeast(-0.5), &numbers), "at least -0.5");
    let levels =
        Values::Levels { names: vec!["\"x\"".to_owned(), "true".to_owned()], of: Vec::new() };
    assert_eq!(words(&Condition::Is(0), &levels), "is \"x\"");
    assert_eq!(comparison(&Condition::Is(1), &levels), ("=", "true".to_owned()));
}

#[test]
fn a_rule_that_one_principal_alone_speaks_for_is_none() {
    let of = |whose: &dyn Fn(usize, bool) -> &'static str| {
        let mut sessions = sessions();
        for (number, (session, _)) in sessions.iter_mut().enumerate() {
            session.principal = whose(number, session.succeeded == Some(true)).to_owned();
        }
        proposed_from(&sessions, &[])
    };
    assert!(of(&|number, _| ["a", "b", "c"][number % 3]).is_some());
    // All that succeeded are of one, who has far less than half of the sessions.
    let one = |number: usize, succeeded: bool| match (succeeded, number % 2) {
        (true, _) => "a",
        (_, 0) => "b",
        _ => "c",
    };
    assert!(of(&one).is_none());
}
