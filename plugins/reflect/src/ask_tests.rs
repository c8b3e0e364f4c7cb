use super::*;
use crate::fake::Fake;

fn question() -> Question {
    Question { system: "s".to_owned(), message: "m".to_owned(), max_tokens: 1 }
}

/// Answers are the word `yes`.
fn yes(text: &str) -> Result<(), String> {
    if text == "yes" { Ok(()) } else { Err("it is not yes".to_owned()) }
}

fn ask(asker: &mut Asker, fake: &mut Fake) -> Option<()> {
    asker.ask(fake, &question(), yes)
}

#[test]
fn a_question_is_asked_twice_at_most_and_says_what_was_wrong() {
    let mut fake = Fake::default().answering("no").answering("yes").answering("no").answering("no");
    let mut asker = Asker::default();
    assert_eq!(ask(&mut asker, &mut fake), Some(()));
    assert_eq!(fake.asked, [question(), question().again("it is not yes")]);
    assert_eq!(ask(&mut asker, &mut fake), None);
    assert_eq!((asker.asked, asker.unanswered, &asker.ended), (4, 1, &None));
    assert_eq!(asker.last_why, "an answer could not be used: it is not yes");
}

#[test]
fn a_spent_budget_ends_asking_at_once_until_a_smaller_question_is_tried() {
    let spent = || Unanswered::Budget("9 of\n9".to_owned());
    let mut fake = Fake::default().answering(spent()).answering("yes");
    let mut asker = Asker::default();
    assert_eq!(ask(&mut asker, &mut fake), None);
    assert_eq!(asker.ended, Some(Ended::Budget("9 of 9".to_owned())));
    assert_eq!(ask(&mut asker, &mut fake), None);
    assert_eq!(fake.asked.len(), 1, "it was not asked again");
    asker.resume_after_budget();
    assert_eq!(ask(&mut asker, &mut fake), Some(()));
}

#[test]
fn three_questions_in_a_row_without_an_answer_are_the_last() {
    let failed = || Unanswered::Failed("no route".to_owned());
    let fake = Fake::default().answering(failed()).answering(failed()).answering("yes");
    let mut fake = (0..3).fold(fake, |fake, _| fake.answering(failed()));
    let mut asker = Asker::default();
    let answers: Vec<_> = (0..7).map(|_| ask(&mut asker, &mut fake).is_some()).collect();
    assert_eq!(answers, [false, false, true, false, false, false, false]);
    assert_eq!(fake.asked.len(), 6, "a failure is not asked again");
    let why = "3 questions in a row: no route".to_owned();
    assert_eq!(asker.ended, Some(Ended::Failed(why)));
    asker.resume_after_budget();
    assert!(asker.ended.is_some(), "what failed has not only spent its budget");
}

#[test]
fn a_question_to_an_overloaded_model_is_repeated_as_it_is() {
    let busy = || Unanswered::Overloaded("busy".to_owned());
    let mut fake = Fake::default().answering(busy()).answering(busy());
    let mut asker = Asker::default();
    assert_eq!(ask(&mut asker, &mut fake), None);
    assert_eq!(fake.asked, [question(), question()]);
    assert_eq!(asker.last_why, "it is overloaded: busy");
}
