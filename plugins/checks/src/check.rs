//! A machine check: read before anything runs, so that a mistake in it is the rubric's
//! mistake and never a verdict.

use crate::text::shorten;
use crate::{functions, resolve};
use cel::{Context, Env, IdedExpr as Expression, ParseErrors};
use std::sync::Arc;

/// The longest check, in bytes.
pub const MAX_LENGTH: usize = 2_048;
/// The most opening brackets, so the deepest nesting: the parser recurses for each.
pub const MAX_BRACKETS: usize = 32;
/// The most operators, dots, quotes and brackets: evaluation recurses along a chain of them.
pub const MAX_SIGNS: usize = 160;

/// The language of checks: CEL's standard functions, its string, math and list extensions,
/// and the functions over the outputs folder.
pub struct Language {
    env: Arc<Env>,
}

/// A check that was read.
pub struct Check {
    /// What is evaluated: its names are known, and its numbers mix.
    pub expression: Expression,
}

impl Language {
    /// Sets the language up.
    ///
    /// # Errors
    /// A message, when the CEL library refuses a declaration.
    pub fn new() -> Result<Self, String> {
        Ok(Self { env: Arc::new(functions::env()?) })
    }

    /// The environment to evaluate in.
    pub fn env(&self) -> Arc<Env> {
        Arc::clone(&self.env)
    }

    /// Reads a check.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub fn read(&self, source: &str) -> Result<Check, String> {
        bounded(source)?;
        let parsed = self.env.parser().parse(source);
        let expression = parsed.map_err(|errors| first_error(&errors))?;
        let mut context = Context::with_env(self.env());
        functions::declare(&mut context, &Arc::default())?;
        let expression = resolve::resolve(expression, &context)?;
        Ok(Check { expression })
    }
}

fn first_error(errors: &ParseErrors) -> String {
    let Some(error) = errors.errors.first() else { return "the check does not parse".to_owned() };
    // The parser goes on to list every token there is, or to print its own structures.
    let message = error.msg.split(" expecting ").next().unwrap_or_default();
    if message.contains("OtherError") {
        return "the check does not parse: it nests too deeply".to_owned();
    }
    format!("the check does not parse: {}", shorten(message, 200))
}

/// Refuses what the parser or the evaluation could run out of stack on. Strings are counted
/// like code: telling them apart is the parser's work, and this stands before it.
fn bounded(source: &str) -> Result<(), String> {
    if source.is_empty() {
        return Err("the check is empty".to_owned());
    }
    if source.len() > MAX_LENGTH {
        return Err(format!("the check is longer than {MAX_LENGTH} bytes"));
    }
    let count = |matches: fn(char) -> bool| source.chars().filter(|c| matches(*c)).count();
    if count(|c| matches!(c, '(' | '[' | '{')) > MAX_BRACKETS {
        return Err(format!("the check has more than {MAX_BRACKETS} brackets"));
    }
    let words = source.split_ascii_whitespace().filter(|word| *word == "in").count();
    if count(|c| c.is_ascii_punctuation() && c != '_') + words > MAX_SIGNS {
        return Err(format!("the check has more than {MAX_SIGNS} operators and other signs"));
    }
    Ok(())
}
