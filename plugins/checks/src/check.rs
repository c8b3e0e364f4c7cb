//! A machine check: read before anything runs, so that a mistake in it is the rubric's
//! mistake and never a verdict.

use crate::library::Library;
use crate::resolve::{self, Resolved};
use crate::text::shorten;
use crate::{functions, metered};
use cel::{Context, Env, IdedExpr as Expression, ParseErrors};
use std::sync::Arc;

pub use lucid_rubric::check::{MAX_BRACKETS, MAX_LENGTH, MAX_SIGNS};

/// Why a check cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It says nothing that could be evaluated: the rubric cannot be used.
    Mistake(String),
    /// It is more than a check may be: its criterion cannot be judged, the others can.
    TooLarge(String),
}

/// The language of checks: CEL's standard functions, its string, math and list extensions,
/// and the functions over the outputs folder.
pub struct Language {
    env: Arc<Env>,
    /// What is declared, over no outputs.
    context: Context<'static, 'static>,
}

/// A check that was read.
pub struct Check {
    /// What is evaluated: its names are known, its numbers mix, and it counts.
    pub expression: Expression,
    /// The paths that stand in it, in order.
    pub paths: Vec<String>,
    /// Whether it also reads files that are only known when it runs.
    pub computes_paths: bool,
}

impl Language {
    /// Sets the language up.
    ///
    /// # Errors
    /// A message, when the CEL library refuses a declaration.
    pub fn new() -> Result<Self, String> {
        let env = Arc::new(functions::env()?);
        let mut context = Context::with_env(Arc::clone(&env));
        functions::declare(&mut context, &Arc::default())?;
        Ok(Self { env, context })
    }

    /// The environment with the functions over the outputs of `library`.
    ///
    /// # Errors
    /// A message, when the CEL library refuses a declaration.
    pub fn over<'v>(&self, library: &'v Arc<Library>) -> Result<Context<'v, 'v>, String> {
        let mut context = Context::with_env(Arc::clone(&self.env));
        functions::declare(&mut context, library)?;
        context.set_variable_resolver(library.as_ref());
        Ok(context)
    }

    /// Reads a check.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub fn read(&self, source: &str) -> Result<Check, Fault> {
        bounded(source)?;
        let parsed = self.env.parser().parse(source);
        let expression = parsed.map_err(|errors| first_error(&errors))?;
        let resolved = resolve::resolve(expression, &self.context)?;
        let Resolved { expression, paths, computes_paths } = resolved;
        Ok(Check { expression, paths, computes_paths })
    }
}

/// The expression that counting functions are wrapped around.
pub fn plain(expression: &Expression) -> &Expression {
    metered::inside(expression).map_or(expression, plain)
}

fn first_error(errors: &ParseErrors) -> Fault {
    let Some(error) = errors.errors.first() else {
        return Fault::Mistake("the check does not parse".to_owned());
    };
    // The parser goes on to list every token there is, or to print its own structures.
    let message = error.msg.split(" expecting ").next().unwrap_or_default();
    if message.contains("OtherError") {
        return Fault::TooLarge("the check nests too deeply".to_owned());
    }
    Fault::Mistake(format!("the check does not parse: {}", shorten(message, 200)))
}

/// Refuses a check that the parser or the evaluation could run out of stack on.
fn bounded(source: &str) -> Result<(), Fault> {
    let fault = if source.is_empty() { Fault::Mistake } else { Fault::TooLarge };
    lucid_rubric::check::bounded(source).map_err(fault)
}
