//! From entries and notes to operations: what the model would change, checked; or without it
//! what can be settled by itself.

use crate::answer;
use crate::ask::{Asker, Ended};
use crate::batch::{Item, batches};
use crate::dropped::Dropped;
use crate::groups::{chosen, evidence};
use crate::ideas::{Because, Desk, Idea};
use crate::plan::Plan;
use crate::question::{Question, entry_line, note_line};
use crate::settle::settle;
use crate::support::topics;
use crate::types::Wanted;
use crate::world::World;

/// Where notes go as they stand.
const NOTES_PATH: &str = "/notes.md";
/// So many sessions have to say the same before it is added without a model.
const SUPPORT_MIN: usize = 2;

/// What a reduction came to.
#[derive(Debug)]
pub struct Reduced {
    /// What is proposed.
    pub plan: Plan,
    /// Why the model had no part in it; none where it had, or was not needed.
    pub without_model: Option<String>,
    /// Questions that were left out because there would be too many.
    pub questions_left_out: usize,
    /// Questions of several that had no answer.
    pub questions_unanswered: usize,
}

/// Asks what to change, and falls back to what needs no model.
pub fn reduce(
    world: &mut dyn World,
    desk: Desk<'_>,
    wanted: &Wanted,
    asker: &mut Asker,
    dropped: &mut Dropped,
) -> Reduced {
    let mut reduced = Reduced {
        plan: Plan::default(),
        without_model: None,
        questions_left_out: 0,
        questions_unanswered: 0,
    };
    // One entry alone has nothing to be compared with.
    if desk.groups.is_empty() && desk.entries.len() < 2 {
        return reduced;
    }
    match ask(world, desk, wanted, asker, dropped, &mut reduced) {
        Some(ideas) => {
            // What people want of a dream may well be to leave duplicates alone; where they
            // want nothing in particular, what can be settled for certain is.
            if wanted.instructions.trim().is_empty() {
                let kept = Plan::kept(&ideas);
                reduced.plan.settle(settle(desk.entries, &kept), desk.entries, wanted);
            }
            reduced.plan.take_all(ideas, desk.entries, wanted, dropped);
        }
        None => {
            let settled = settle(desk.entries, &std::collections::BTreeSet::new());
            reduced.plan.settle(settled, desk.entries, wanted);
            let why = match &asker.ended {
                Some(Ended::Budget(message)) => {
                    let ideas = as_they_stand(desk, dropped);
                    reduced.plan.take_all(ideas, desk.entries, wanted, dropped);
                    format!("its budget is used up: {message}")
                }
                Some(Ended::Failed(why)) => why.clone(),
                None => asker.last_why.clone(),
            };
            reduced.without_model = Some(why);
        }
    }
    reduced
}

/// What the model would change; none where it answered no question.
fn ask(
    world: &mut dyn World,
    desk: Desk<'_>,
    wanted: &Wanted,
    asker: &mut Asker,
    dropped: &mut Dropped,
    reduced: &mut Reduced,
) -> Option<Vec<Idea>> {
    asker.resume_after_budget();
    if asker.ended.is_some() {
        return None;
    }
    let entries: Vec<String> =
        desk.entries.iter().enumerate().map(|(number, one)| entry_line(number, one)).collect();
    let notes: Vec<String> =
        desk.groups.iter().enumerate().map(|(number, one)| note_line(number, one)).collect();
    let items = |lines: &[String], texts: Vec<&String>| -> Vec<Item> {
        let pairs = lines.iter().zip(texts);
        pairs.map(|(line, text)| Item { bytes: line.len(), topics: topics(text) }).collect()
    };
    let of_entries = items(&entries, desk.entries.iter().map(|one| &one.text).collect());
    let of_notes = items(&notes, desk.groups.iter().map(|one| &one.text).collect());
    let (batches, left_out) = batches(&of_entries, &of_notes);
    reduced.questions_left_out = left_out;
    let (mut ideas, mut answered) = (Vec::new(), 0);
    for (done, batch) in batches.iter().enumerate() {
        world.report("weighing notes", done, batches.len(), None);
        let of = |lines: &[String], places: &[usize]| -> Vec<String> {
            places.iter().filter_map(|place| lines.get(*place)).cloned().collect()
        };
        let (entries, notes) = (of(&entries, &batch.entries), of(&notes, &batch.notes));
        let question = Question::about_store(&wanted.instructions, &entries, &notes);
        if let Some(said) = asker.ask(world, &question, answer::operations) {
            answered += 1;
            ideas.extend(desk.checked(said, batch, dropped));
        }
    }
    world.report("weighing notes", batches.len(), batches.len(), None);
    reduced.questions_unanswered = batches.len().saturating_sub(answered);
    (answered > 0).then_some(ideas)
}

/// The notes that several sessions bear out, word for word: what can be made of notes that
/// were paid for when nothing is left to ask with.
fn as_they_stand(desk: Desk<'_>, dropped: &mut Dropped) -> Vec<Idea> {
    let mut ideas = Vec::new();
    for group in desk.groups.iter().filter(|group| group.support >= SUPPORT_MIN) {
        let cited = chosen(&[group], desk.sessions);
        match desk.new_text(&group.text, &cited) {
            Ok(text) => {
                let reason = format!("{} sessions say so", group.sessions.len());
                let evidence = evidence(&cited, desk.sessions);
                let because = Because { reason, evidence };
                ideas.push(Idea::Add { path: NOTES_PATH.to_owned(), text, because });
            }
            Err(why) => dropped.operation(why),
        }
    }
    ideas
}

#[cfg(test)]
#[path = "reduce_tests.rs"]
mod tests;
