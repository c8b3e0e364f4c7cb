//! Going on with a session whose process ended.
//!
//! The log says what was begun and has no end. A request to a model is made again: nobody
//! saw its answer. A call is run again only where its tool says that this has no further
//! effect; else its agent is told that nobody knows whether it took effect.

use lucid_core::{CallState, Result};

use super::calls::runnable;
use super::driver::Driver;
use super::platform;
use super::toolbox::CallEnd;
use crate::mission::Agent;

/// What an agent is told of a call that may or may not have taken effect.
const UNKNOWN: &str = "unknown: the host was stopped while this call ran, so it may or may not \
    have taken effect; look before you call it again";

/// Whether a call may be run again without asking anybody.
fn may_repeat(agent: &Agent, call: &CallState) -> bool {
    if platform::is_platform(agent, &call.name) {
        // Its effects are events, written together with its result.
        return true;
    }
    agent.tools.get(&call.name).is_none_or(|tool| {
        let annotations = tool.spec.annotations;
        annotations.read_only || annotations.idempotent
    })
}

impl Driver<'_> {
    /// Closes what the last process left open and cannot be done again.
    pub(crate) fn recover(&mut self) -> Result<()> {
        for index in 0..self.log.state().threads.len() {
            if let Some(start) = self.thread(index).asked.clone() {
                self.log.request_stopped(index, start, "the host was stopped before the answer")?;
            }
            if self.thread(index).open_calls().next().is_none() {
                continue;
            }
            let agent = self.agent(index)?;
            // Only these can have begun: results of those before them are in the log.
            let begun = runnable(&agent, &self.thread(index).calls, |_| false);
            let lost: Vec<_> = begun
                .into_iter()
                .filter(|call| call.begun && !may_repeat(&agent, call) && self.ran(&agent, call))
                .map(|call| call.event.clone())
                .collect();
            for call in lost {
                self.result(index, call, CallEnd::refused(UNKNOWN))?;
            }
        }
        Ok(())
    }

    /// Whether a call would have been run at all.
    fn ran(&self, agent: &Agent, call: &CallState) -> bool {
        self.refusal(agent, call).is_none()
    }
}
