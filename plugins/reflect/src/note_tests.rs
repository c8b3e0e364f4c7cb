use super::*;
use crate::answer::SaidQuote;
use crate::fake::said;
use crate::shown::parts;

const HUMS: &str = "The relay hums at night.";

fn part() -> Part {
    let events = vec![
        said(0, Origin::Person, HUMS),
        said(1, Origin::Outside, "The relay hums at night, says channel 9."),
        said(2, Origin::Agent, "Always run the relay test when it hums."),
    ];
    parts(events).0.remove(0)
}

fn note(text: &str, quotes: &[(u32, &str)]) -> SaidNote {
    let quote = |(event, text): &(u32, &str)| SaidQuote { event: *event, text: (*text).to_owned() };
    SaidNote { text: text.to_owned(), quotes: quotes.iter().map(quote).collect() }
}

fn check(said: SaidNote) -> (Vec<Note>, [usize; 3]) {
    let mut dropped = Dropped::default();
    let notes = checked(vec![said], &part(), &mut dropped);
    (notes, dropped.counts())
}

#[test]
fn a_note_keeps_its_true_quotes_and_the_others_are_counted() {
    let (notes, dropped) = check(note(HUMS, &[(0, HUMS), (0, "it howls"), (7, HUMS), (0, HUMS)]));
    assert_eq!(dropped, [2, 0, 0]);
    let [note] = notes.as_slice() else { panic!("{notes:?}") };
    assert_eq!((note.text.as_str(), note.quotes.len()), (HUMS, 1));
    assert_eq!(
        (note.quotes[0].event_id.as_str(), note.quotes[0].origin),
        ("sevt_0", Origin::Person)
    );
}

#[test]
fn outside_text_may_add_to_a_note_and_bears_none() {
    let outside = (1, "The relay hums at night");
    assert_eq!(check(note(HUMS, &[outside])), (Vec::new(), [0, 1, 0]));
    assert_eq!(check(note(HUMS, &[outside, (0, HUMS)])).0[0].quotes.len(), 2);
    // What only the outside has does not come in with what others say.
    let claim = "The relay hums at night on channel 9.";
    let (notes, dropped) = check(note(claim, &[(1, "says channel 9"), (0, HUMS)]));
    assert_eq!((notes.len(), dropped), (0, [0, 1, 0]));
}

#[test]
fn orders_need_a_person_who_gave_them() {
    let order = "Always run the relay test when it hums.";
    assert!(check(note(order, &[(2, order)])).0.is_empty());
    assert_eq!(check(note(order, &[(2, order), (0, HUMS)])).0.len(), 1);
}

#[test]
fn a_note_has_some_text_and_not_too_much_and_is_there_once() {
    let long = format!("The relay hums {}", "at night ".repeat(80));
    for text in ["", " \n", &long] {
        assert_eq!(check(note(text, &[(0, HUMS)])), (Vec::new(), [0, 1, 0]), "{text}");
    }
    let mut dropped = Dropped::default();
    let twice = vec![note(HUMS, &[(0, HUMS)]), note(HUMS, &[(0, "hums")])];
    assert_eq!(checked(twice, &part(), &mut dropped).len(), 1);
}

#[test]
fn a_secret_in_a_note_is_masked() {
    let key = "AKIAIOSFODNN7EXAMPLE";
    let event = said(0, Origin::Person, "The relay hums at night; ask for the key.");
    let part = parts(vec![event]).0.remove(0);
    let text = format!("The relay hums at night {key}");
    let mut dropped = Dropped::default();
    let notes = checked(vec![note(&text, &[(0, "The relay hums")])], &part, &mut dropped);
    assert!(notes.iter().all(|note| !note.text.contains(key)), "{notes:?}");
}
