use super::*;
use crate::fake::{Fake, notes};
use crate::types::Origin;

const HUMS: &str = "The relay hums at night.";

/// A session of two parts, in the first of which something is said.
fn long() -> Fake {
    let filler = "word ".repeat(1_000);
    let mut events = vec![(Origin::Person, HUMS)];
    events.extend([(Origin::Person, filler.as_str()); 6]);
    Fake::default().session("a", &events)
}

fn mapped(fake: &mut Fake) -> (Mapped, Asker, Dropped) {
    let (mut asker, mut dropped) = (Asker::default(), Dropped::default());
    let sessions = fake.sessions();
    let digests = fake.digests(0);
    let digests = digests.into_iter().map(|kept| kept.and_then(|bytes| Digest::read(&bytes)));
    let mapped = map(fake, &sessions, digests.collect(), &mut asker, &mut dropped);
    (mapped, asker, dropped)
}

#[test]
fn each_part_of_a_session_has_a_question_of_its_own() {
    let mut fake = long().answering(notes(&[(HUMS, &[(0, HUMS)])])).answering(notes(&[]));
    let (mapped, asker, _) = mapped(&mut fake);
    assert_eq!((asker.asked, mapped.read, mapped.notes.len()), (2, 1, 1));
    let [first, second] = fake.asked.as_slice() else { panic!("{:?}", fake.asked) };
    assert!(first.message.contains(HUMS) && !second.message.contains(HUMS));
    assert!(first.message.contains("part 1 of 2") && second.message.contains("part 2 of 2"));
}

#[test]
fn a_quote_is_of_the_part_that_the_question_showed() {
    let mut fake = long().answering(notes(&[])).answering(notes(&[(HUMS, &[(0, HUMS)])]));
    let (mapped, _, dropped) = mapped(&mut fake);
    assert!(mapped.notes.is_empty());
    assert_eq!(dropped.counts(), [1, 1, 0]);
}

#[test]
fn only_parts_without_an_answer_are_asked_about_again() {
    let mut fake = long().answering(notes(&[(HUMS, &[(0, HUMS)])])).answering("no").answering("no");
    let (first, _, _) = mapped(&mut fake);
    assert_eq!((first.read, first.in_part, first.notes.len()), (0, 1, 1));
    fake.asked.clear();
    let mut fake = fake.answering(notes(&[]));
    let (second, _, _) = mapped(&mut fake);
    assert_eq!((second.read, second.in_part), (1, 0));
    assert_eq!(second.notes, first.notes);
    assert!(fake.asked.len() == 1 && fake.asked[0].message.contains("part 2 of 2"));
    fake.asked.clear();
    let (third, _, _) = mapped(&mut fake);
    assert_eq!((third.known, third.read, fake.asked.len()), (1, 0, 0));
    assert_eq!(third.notes, first.notes);
}

#[test]
fn a_session_that_says_nothing_is_read_without_a_question() {
    let mut fake = Fake::default().session("a", &[]);
    let (first, asker, _) = mapped(&mut fake);
    assert_eq!((first.read, asker.asked, fake.kept.len()), (1, 0, 1));
    assert_eq!(mapped(&mut fake).0.known, 1);
}

#[test]
fn what_cannot_be_kept_is_used_all_the_same() {
    let mut fake = long().answering(notes(&[(HUMS, &[(0, HUMS)])])).answering(notes(&[]));
    let _ = fake.entries();
    let (mapped, _, _) = mapped(&mut fake);
    assert_eq!((mapped.notes.len(), fake.kept.len()), (1, 0));
    assert!(fake.warned[0].contains("were not kept"), "{:?}", fake.warned);
}

#[test]
fn what_was_kept_of_a_damaged_digest_is_read_again() {
    let mut fake = Fake::default().session("a", &[(Origin::Person, HUMS)]).answering(notes(&[]));
    fake.kept.insert("sesn_a".to_owned(), b"{\"form\":1".to_vec());
    let (mapped, asker, _) = mapped(&mut fake);
    assert_eq!((mapped.read, asker.asked), (1, 1));
}
