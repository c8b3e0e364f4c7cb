use super::*;
use crate::contrast::Column;
use crate::{corpus, features};

/// Forty sessions; those with a ratio between 1.2 and 1.5 succeed.
fn sessions() -> Vec<Session> {
    (0..40)
        .map(|number| {
            let ratio = 1.0 + f64::from(number) / 40.0;
            let body = format!(
                r#"{{"type":"agent.tool_use","name":"fly","input":{{"brake_ratio" : {ratio}}}}}"#
            );
            let mut reader = corpus::Reader::default();
            reader.event(&format!("sevt_{number}"), "agent.tool_use", true, &body);
            Session {
                id: format!("sesn_{number:02}"),
                title: String::new(),
                started_at_ms: number as u64,
                labels: Default::default(),
                succeeded: (1.2..=1.5).contains(&ratio),
                fields: reader.fields(),
            }
        })
        .collect()
}

fn finding() -> Finding {
    Finding {
        column: 0,
        condition: Condition::Between(1.21, 1.58),
        p_value: 0.001,
        tried: 412,
        check_followed: Ratio { hits: 20, total: 23 },
        check_not_followed: Ratio { hits: 1, total: 10 },
    }
}

fn old(text: &str) -> Entry {
    Entry {
        id: "old".to_owned(),
        path: PLAYBOOK.to_owned(),
        index: 0,
        headings: Vec::new(),
        kind: crate::model::EntryKind::Item,
        text: text.to_owned(),
        updated_at_ms: 0,
    }
}

fn proposed(entries: &[Entry]) -> Option<(Operation, Vec<Operation>)> {
    let sessions = sessions();
    propose(&finding(), &features::table(&sessions), &sessions, entries)
}

#[test]
fn a_rule_reads_as_promised_and_is_quoted_byte_for_byte() {
    let (operation, drops) = proposed(&[]).expect("a rule");
    assert!(drops.is_empty());
    let Change::Add { path, text, support } = operation.change else { panic!("no addition") };
    assert_eq!(path, "/playbook.md");
    assert_eq!(support.statement, "fly.brake_ratio between 1.21 and 1.58");
    assert_eq!(
        text,
        "- Rule: `fly.brake_ratio` between 1.21 and 1.58. Associated with success: 12 of 15 \
         sessions that followed it succeeded, 1 of 25 that did not (p = 0.001 over 412 \
         contrasts tried; check sessions: 20 of 23 and 1 of 10). Counter-examples: 3. \
         Sources: sesn_09, sesn_10, sesn_11, sesn_00, sesn_01, and 35 more."
    );
    assert_eq!(operation.evidence.len(), 6);
    assert_eq!(operation.evidence[0].quote, r#""brake_ratio" : 1.225"#);
    assert_eq!(operation.evidence[0].event_id, "sevt_9");
}

#[test]
fn an_unchanged_rule_is_not_added_again_and_a_changed_one_is_replaced() {
    let (operation, _) = proposed(&[]).expect("a rule");
    let Change::Add { text, .. } = operation.change else { panic!("no addition") };
    assert!(proposed(&[old(&text)]).is_none());
    let other = text.replace("1.58", "1.6");
    let (_, drops) = proposed(&[old(&other)]).expect("a rule");
    assert_eq!(drops[0].change, Change::Drop("old".to_owned()));
    let another = text.replace("brake_ratio", "burn_ratio");
    assert!(proposed(&[old(&another)]).expect("a rule").1.is_empty());
}

#[test]
fn every_condition_has_its_words() {
    let numbers = Values::Numbers(Vec::new());
    assert_eq!(words(&Condition::AtMost(83.0), &numbers), "at most 83");
    assert_eq!(words(&Condition::AtLeast(-0.5), &numbers), "at least -0.5");
    let names = vec!["\"x\"".to_owned(), "true".to_owned()];
    let column = Column { name: String::new(), values: Values::Levels { names, of: Vec::new() } };
    assert_eq!(words(&Condition::Is(0), &column.values), "is \"x\"");
    assert_eq!(words(&Condition::Is(1), &column.values), "is true");
}
