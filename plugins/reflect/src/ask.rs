//! Asks a model, and knows when to stop asking.

use crate::answer::line;
use crate::question::Question;
use crate::world::{Reply, Unanswered, World};

/// How often one question is asked.
const ASKED_MAX: usize = 2;

/// So many questions in a row without an answer that can be used: there will be none.
const UNANSWERED_MAX: usize = 3;

/// Why a model is asked no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The budget of tokens or money is used up.
    Budget(String),
    /// It failed, or said nothing that can be used, again and again.
    Failed(String),
}

/// Asks, and counts.
#[derive(Debug, Default)]
pub struct Asker {
    /// Questions put to the model, repeated ones counted each time.
    pub asked: usize,
    /// Questions that got no answer that can be used.
    pub unanswered: usize,
    /// Why it is asked no more; none while it is.
    pub ended: Option<Ended>,
    /// Why the last question without an answer got none.
    pub last_why: String,
    in_a_row: usize,
}

impl Asker {
    /// An answer of the form that `read` reads; none where there is none. Asked once more
    /// where an answer has not the form, or the model is overloaded.
    pub fn ask<T>(
        &mut self,
        world: &mut dyn World,
        question: &Question,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self.ended.is_some() {
            return None;
        }
        let mut mistake: Option<String> = None;
        let mut why = String::new();
        for _ in 0..ASKED_MAX {
            self.asked += 1;
            let reply = match &mistake {
                None => world.ask(question),
                Some(mistake) => world.ask(&question.again(mistake)),
            };
            let found = match reply {
                Ok(Reply::Text(text)) => read(&text),
                Ok(Reply::Other(why)) => Err(why.to_owned()),
                Ok(Reply::Refusal) => {
                    "it refuses to answer".clone_into(&mut why);
                    break;
                }
                Err(Unanswered::Budget(message)) => {
                    self.ended = Some(Ended::Budget(line(&message)));
                    return None;
                }
                Err(Unanswered::Overloaded(message)) => {
                    why = format!("it is overloaded: {}", line(&message));
                    continue;
                }
                Err(Unanswered::Failed(message)) => {
                    why = line(&message);
                    break;
                }
            };
            match found {
                Ok(answer) => {
                    self.in_a_row = 0;
                    return Some(answer);
                }
                Err(fault) => {
                    why = format!("an answer could not be used: {fault}");
                    mistake = Some(fault);
                }
            }
        }
        self.give_up(why);
        None
    }

    /// Asks on after a budget was used up: what is left may do for a smaller question.
    pub fn resume_after_budget(&mut self) {
        if matches!(self.ended, Some(Ended::Budget(_))) {
            self.ended = None;
        }
    }

    fn give_up(&mut self, why: String) {
        self.unanswered += 1;
        self.in_a_row += 1;
        if self.in_a_row >= UNANSWERED_MAX {
            let times = self.in_a_row;
            self.ended = Some(Ended::Failed(format!("{times} questions in a row: {why}")));
        }
        self.last_why = why;
    }
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
