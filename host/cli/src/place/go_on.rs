//! Going on with a session: here by this process, there by the server.

use std::collections::BTreeSet;
use std::sync::Arc;

use lucid_core::{Confirmation, EventId, Failure, FailureKind, Result, SessionId, SessionSummary};
use lucid_runtime::{Approval, Approver, Ask, Note, Observer, RunOptions, Runtime};
use lucid_verbs::{AwaitRest, ConfirmCall, ResumeSession, WAIT_MS_MAX};

use super::Place;
use crate::commands::session_state;
use crate::show::ending::Outputs;

impl Place {
    /// Goes on with a session until nothing is left to do that needs no person. Whoever runs
    /// it, the person who is asked about calls is the one here.
    ///
    /// # Errors
    /// As `Runtime::resume`; those of [`Place::ask`].
    pub(crate) async fn go_on(
        &self,
        summary: &SessionSummary,
        approver: Arc<dyn Approver>,
        observer: Arc<dyn Observer>,
    ) -> Result<()> {
        match self {
            Self::Here(stage) => {
                let session = &summary.session;
                let options = RunOptions { approver, observer, ..RunOptions::default() };
                if names_vaults(&stage.runtime, &summary.session.id).await? {
                    anstream::eprintln!(
                        "session {} has credentials in vaults, which only `lucid serve` lends: \
                         what its plugins send from here goes without",
                        summary.session.id
                    );
                }
                stage.runtime.resume(&session.id, &options).await.map(drop)
            }
            Self::There(_) => self.go_on_there(summary, approver.as_ref(), observer.as_ref()).await,
        }
    }

    /// Where the files are that a session made.
    pub(crate) fn outputs(&self, id: &SessionId) -> Outputs {
        match self {
            Self::Here(stage) => Outputs::Here(stage.runtime.workspace(id).outputs_folder()),
            Self::There(remote) => {
                let url = remote.url();
                Outputs::There(format!("on the server: GET {url}/v1/files?scope_id={id}"))
            }
        }
    }

    /// Lets the server work, waits until the session rests, and has somebody decide about the
    /// calls that wait then, each once.
    async fn go_on_there(
        &self,
        summary: &SessionSummary,
        approver: &dyn Approver,
        observer: &dyn Observer,
    ) -> Result<()> {
        let id = &summary.session.id;
        if !self.ask(ResumeSession { id: id.clone() }).await? {
            return Err(Failure::failed(format!("another process runs session {id}"))
                .hint(format!("watch it with `lucid session events {id} --follow`")));
        }
        // It may work already: what is new is what came after it was looked at.
        let (lead, events) = (summary.session.agent.as_str(), summary.events);
        observer.note(Note::SessionBegan { id, lead, events });
        self.settle(id, approver).await
    }

    /// Waits until a session rests that a server works on, and has somebody decide about the
    /// calls that wait then, each once, until nothing is left to decide.
    ///
    /// # Errors
    /// Those of [`Place::ask`].
    pub(crate) async fn settle(&self, id: &SessionId, approver: &dyn Approver) -> Result<()> {
        let mut seen = BTreeSet::new();
        loop {
            while !self.ask(AwaitRest { id: id.clone(), wait_ms: WAIT_MS_MAX }).await? {}
            if !self.decide(id, approver, &mut seen).await? {
                return Ok(());
            }
        }
    }

    /// Has somebody decide about the calls of a session that wait and were not seen before;
    /// says whether anything was decided.
    async fn decide(
        &self,
        id: &SessionId,
        approver: &dyn Approver,
        seen: &mut BTreeSet<EventId>,
    ) -> Result<bool> {
        let state = session_state(self, id).await?;
        let agent = |thread: usize| state.threads.get(thread).map(|thread| thread.agent.clone());
        let mut decided = false;
        for (thread, call) in state.asks() {
            if !seen.insert(call.event.clone()) {
                continue;
            }
            let ask = Ask {
                session_id: id.clone(),
                agent: agent(thread).unwrap_or_default(),
                call: call.event.clone(),
                tool: call.name.clone(),
                input: call.input.clone(),
            };
            let (result, deny_message) = match approver.decide(&ask).await {
                Approval::Allow => (Confirmation::Allow, None),
                Approval::Deny { reason } => (Confirmation::Deny, reason),
                Approval::Later => continue,
            };
            let call = call.event.to_string();
            let confirm = ConfirmCall { id: id.clone(), call, result, deny_message, queue: false };
            match self.ask(confirm).await {
                // Somebody else was quicker: the session goes on with what they said.
                Err(failure) if failure.kind == FailureKind::Invalid => {}
                said => {
                    said?;
                }
            }
            decided = true;
        }
        Ok(decided)
    }
}

/// Whether whoever made a session over the API named vaults in which it finds credentials.
async fn names_vaults(runtime: &Runtime, id: &SessionId) -> Result<bool> {
    let found = runtime.store.document(id.as_str()).await?;
    let body = found.and_then(|found| serde_json::from_str::<serde_json::Value>(&found.body).ok());
    let vaults = body.as_ref().and_then(|body| body.get("vault_ids")?.as_array());
    Ok(vaults.is_some_and(|vaults| !vaults.is_empty()))
}
