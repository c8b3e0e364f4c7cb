//! Where plain types meet the host's.

mod inputs;
mod outputs;

use crate::instructions;
use crate::plan::{Budget, plan};
use inputs::{Kept, read};
use lucid_sdk::dream::{self, DreamError, Request, Summary};
use lucid_sdk::log;

/// Dreams: reads the sessions, then the entries, plans and proposes.
///
/// Sessions come first: once entries are listed the host keeps no digest any more.
pub(crate) fn dream(request: &Request) -> Result<Summary, DreamError> {
    let wanted = instructions::read(&request.instructions);
    let read = if wanted.rules { read()? } else { inputs::Read::default() };
    let entries = dream::entries().into_iter().map(inputs::entry).collect();
    let budget =
        Budget { operations_max: request.operations_max, new_bytes_max: request.new_bytes_max };
    let mut report = |phase: &str, done, total| dream::report(phase, done, total);
    let mut kept = Kept { sessions: &read.listed };
    let plan = plan(entries, &read.corpus, &mut kept, &wanted, budget, request.seed, &mut report);
    let done = outputs::propose(&plan);
    let hypotheses_tested = u32::try_from(plan.mined.tried).unwrap_or(u32::MAX);
    let text = outputs::summary(&plan, &done, &wanted);
    log::info(&text);
    let sessions_read = u32::try_from(read.corpus.sessions.len()).unwrap_or(u32::MAX);
    Ok(Summary { text, sessions_read, hypotheses_tested })
}
