use super::*;
use crate::digest::{Digest, Scalar};
use crate::made::{field, folded, session};

/// Names of the columns of sessions with these fields.
fn columns(
    count: usize,
    fields: impl Fn(usize, bool) -> Vec<(&'static str, Scalar)>,
) -> Vec<String> {
    let made: Vec<_> = (0..count)
        .map(|number| {
            let succeeded = number % 3 != 0;
            let fields = fields(number, succeeded);
            let mut fields: Vec<_> =
                fields.into_iter().map(|(name, value)| field(name, value)).collect();
            fields.sort_by(|a, b| a.name.cmp(&b.name));
            (session(number, number / 4, succeeded), Digest { fields, ..Digest::default() })
        })
        .collect();
    let (corpus, _) = folded(&made);
    labelled(&corpus).table.columns.into_iter().map(|column| column.name).collect()
}

fn text(text: &str) -> Scalar {
    Scalar::Text(Rc::from(text))
}

#[test]
fn numbers_categories_and_truth_values_are_columns() {
    let found = columns(40, |number, _| {
        vec![
            ("fly.mode", text(if number % 2 == 0 { "soft" } else { "hard" })),
            ("fly.speed", Scalar::Number(number as f64)),
            ("fly.wait", Scalar::Bool(number % 5 == 0)),
            ("fly:calls", Scalar::Number((number % 3) as f64)),
        ]
    });
    assert_eq!(found, ["fly.mode", "fly.speed", "fly.wait", "fly:calls"]);
}

#[test]
fn what_names_the_session_or_does_not_vary_or_is_free_text_is_none() {
    let found = columns(40, |number, _| {
        vec![
            ("fly.seed", Scalar::Number(number as f64)),
            ("fly.site", text(&format!("t{}", number / 4))),
            ("fly.fixed", Scalar::Number(1.0)),
            ("fly.name", text(&format!("n{number}"))),
            ("fly.words", if number == 7 { Scalar::Long } else { text("a") }),
        ]
    });
    assert!(found.is_empty(), "{found:?}");
    let few = columns(19, |number, _| vec![("fly.speed", Scalar::Number(number as f64))]);
    assert!(few.is_empty());
}

#[test]
fn a_result_that_says_the_outcome_is_none_and_one_that_goes_with_it_is_a_column() {
    let found = columns(60, |number, succeeded| {
        let word = |good: bool| text(if good { "landed" } else { "crashed" });
        vec![
            ("fly:result.ok", Scalar::Number(f64::from(u8::from(succeeded)))),
            ("fly:result.result", word(succeeded)),
            ("fly:result.ground", word(succeeded)),
            ("fly:result.status", word(succeeded || number % 2 == 0)),
        ]
    });
    assert_eq!(found, ["fly:result.ground", "fly:result.status"]);
}

#[test]
fn a_field_of_many_categories_keeps_none_of_them_whatever_the_order() {
    let made = |number: usize| {
        let name = text(&format!("n{}", number % 49));
        let fields = vec![field("fly.name", name), field("fly.speed", Scalar::Number(1.0))];
        (session(number, 0, true), Digest { fields, ..Digest::default() })
    };
    for back in [false, true] {
        let mut sessions: Vec<_> = (0..490).map(made).collect();
        if back {
            sessions.reverse();
        }
        let (corpus, _) = folded(&sessions);
        let cells = &corpus.columns["fly.name"];
        assert!(cells.free_text && cells.levels.is_empty() && cells.names.is_empty());
        assert_eq!((cells.left_out, present(cells)), (490, 490));
        sessions.retain(|(session, _)| session.id != "sesn_00048");
        let (few, _) = folded(&sessions[..48]);
        assert_eq!(few.columns["fly.name"].names.len(), 48);
    }
}
