//! Judges each criterion by itself: asks, reads the answer, and holds it to its evidence.

use crate::answer::{self, Answer, Quote, Said, line};
use crate::evidence::Index;
use crate::outputs::{Output, Outputs};
use crate::question::{Question, json};

/// The shortest and the longest quote, in bytes. A file that is shorter may be quoted whole.
const QUOTE_BYTES: std::ops::RangeInclusive<usize> = 3..=1_000;

/// How often a model is asked about one criterion.
const ASKED_MAX: usize = 2;

/// Whoever answers questions: the host's model, or that of a test.
pub trait Model {
    /// Answers a question in a conversation that has nothing before it.
    ///
    /// # Errors
    /// Why there is no answer, and will be none.
    fn ask(&mut self, question: &Question) -> Result<Reply, Unanswered>;
}

/// What a model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A text that came to its end.
    Text(String),
    /// Something else: why, in words for people.
    Other(&'static str),
}

/// Why a model does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// Its token budget is used up.
    Budget(String),
    /// Anything else.
    Failed(String),
}

/// What is asked of the outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The criterion, as the rubric has it.
    pub text: String,
    /// What it stands under in the rubric: headings, and the item above it. May be empty.
    pub under: String,
    /// Its line in the rubric, from 1.
    pub line: u32,
    /// Whether a result has to meet it.
    pub must: bool,
    /// What it weighs among the others.
    pub weight: f64,
}

/// The judgement on one criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// The criterion.
    pub asked: Asked,
    /// The verdict, which evidence bears out.
    pub verdict: Said,
    /// What was seen.
    pub explanation: String,
    /// The quotes that are true, and only those.
    pub quotes: Vec<Quote>,
}

/// Judges the outputs, criterion by criterion.
///
/// # Errors
/// A message, when the model gives no more answers: nothing is judged by halves.
pub fn judge(
    asked: &[Asked],
    description: &str,
    outputs: &Outputs,
    model: &mut dyn Model,
) -> Result<Vec<Ruling>, String> {
    let index = Index::new(outputs);
    let mut rulings = Vec::new();
    for one in asked {
        let question = Question::about(one, description, &index, outputs);
        let answered = ask(&question, model);
        let answered = answered.map_err(|why| stopped(&why, rulings.len(), asked.len()))?;
        rulings.push(match answered {
            Ok(answer) => rule(one, answer, outputs),
            Err(mistake) => {
                let explanation = format!(
                    "the model gave no answer that can be used, {ASKED_MAX} times: {mistake}"
                );
                let (asked, verdict) = (one.clone(), Said::NotGradable);
                Ruling { asked, verdict, explanation, quotes: Vec::new() }
            }
        });
    }
    Ok(rulings)
}

/// An answer of the form, or what was wrong with the last one.
fn ask(question: &Question, model: &mut dyn Model) -> Result<Result<Answer, String>, Unanswered> {
    let mut mistake = String::new();
    for time in 0..ASKED_MAX {
        let reply = match time {
            0 => model.ask(question)?,
            _ => model.ask(&question.again(&mistake))?,
        };
        let read = match reply {
            Reply::Text(text) => answer::read(&text),
            Reply::Other(why) => Err(why.to_owned()),
        };
        match read {
            Ok(answer) => return Ok(Ok(answer)),
            Err(why) => mistake = why,
        }
    }
    Ok(Err(mistake))
}

fn stopped(why: &Unanswered, done: usize, all: usize) -> String {
    match why {
        Unanswered::Budget(message) => format!(
            "the token budget of the model is used up after {done} of {all} criteria ({}): give \
             this grader more `model_tokens`, or let it judge fewer criteria",
            line(message)
        ),
        Unanswered::Failed(message) => {
            format!("the model gave no answer after {done} of {all} criteria: {}", line(message))
        }
    }
}

/// Holds an answer to its evidence.
fn rule(asked: &Asked, answer: Answer, outputs: &Outputs) -> Ruling {
    let (mut quotes, mut faults) = (Vec::new(), Vec::new());
    for mut quote in answer.quotes {
        as_the_file_has_it(&mut quote, outputs);
        match fault(&quote, outputs) {
            None => quotes.push(quote),
            Some(fault) => faults.push(fault),
        }
    }
    let needs_evidence = matches!(answer.verdict, Said::Met | Said::NotApplicable);
    let (verdict, explanation) = if needs_evidence && quotes.is_empty() {
        let said = if answer.verdict == Said::Met { "met" } else { "not applicable" };
        let fault = faults.first().cloned();
        let fault = fault.unwrap_or_else(|| "it quotes nothing".to_owned());
        let explanation = format!(
            "no evidence: the model says {said}, and {fault}; it says: {}",
            answer.explanation
        );
        (Said::Unmet, line(&explanation))
    } else {
        (answer.verdict, answer.explanation)
    };
    Ruling { asked: asked.clone(), verdict, explanation, quotes }
}

/// Takes the ends of lines from the file: a model writes them its own way.
fn as_the_file_has_it(quote: &mut Quote, outputs: &Outputs) {
    let Some(text) = outputs.file(&quote.path).and_then(|file| file.text.as_deref()) else {
        return;
    };
    if !text.contains(&quote.text) {
        let other = quote.text.replace("\r\n", "\n").replace('\n', "\r\n");
        if text.contains(&other) {
            quote.text = other;
        }
    }
}

/// Why a quote is no evidence.
fn fault(quote: &Quote, outputs: &Outputs) -> Option<String> {
    let named = json(quote.path.get(..quote.path.len().min(200)).unwrap_or("a path"));
    let Some(file) = outputs.file(&quote.path) else {
        return Some(format!("there is no file {named} that it quotes"));
    };
    let Some(text) = &file.text else {
        return Some(format!("the file {named} that it quotes has no text"));
    };
    let length = quote.text.len();
    let short = length < *QUOTE_BYTES.start() && length < text.len();
    let blank = quote.text.trim().is_empty();
    if short || blank || length > *QUOTE_BYTES.end() {
        let (least, most) = (QUOTE_BYTES.start(), QUOTE_BYTES.end());
        return Some(format!("its quote from {named} is not of {least} to {most} bytes of text"));
    }
    if file.named.is_some() {
        return Some(format!("the name of {named}, which it quotes, speaks to a grader"));
    }
    if !text.contains(&quote.text) {
        return Some(format!("its quote is not in {named}, byte for byte"));
    }
    if !stands_free(&quote.text, text, file) {
        return Some(format!("what it quotes from {named} speaks to a grader"));
    }
    None
}

/// Whether a quote stands somewhere outside of what speaks to a grader.
fn stands_free(quote: &str, text: &str, file: &Output) -> bool {
    let mut from = 0;
    // Overlapping places count, so the search goes on one character after each.
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(quote)) {
        let (start, end) = (from + at, from + at + quote.len());
        let marked = file.findings.iter().find(|one| start < one.span.end && one.span.start < end);
        match marked {
            None => return true,
            // No place before the end of what is marked can be free of it.
            Some(marked) => from = (start + 1).max(marked.span.start + 1),
        }
        while !text.is_char_boundary(from) {
            from += 1;
        }
    }
    false
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
