//! `lucid rubric`.

mod draft;
mod lint;

use lucid_runtime::RuntimeOptions;

use crate::args::RubricCommand;
pub(crate) use lint::read;

pub(crate) async fn run(
    options: &RuntimeOptions,
    command: &RubricCommand,
    json: bool,
) -> crate::failure::Result {
    match command {
        RubricCommand::Lint { file } => lint::run(options, file, json).await,
        RubricCommand::Draft { from } => draft::run(from, json),
    }
}
