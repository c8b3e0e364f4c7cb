//! Sessions: people who steer and decide, teams, budgets, and processes that end.

mod alone;
mod bad;
mod bench;
mod budget;
mod export;
mod isolation;
mod kept;
mod managed;
mod outcome;
mod permission;
mod remote;
mod resume;
mod steering;
mod team;
mod unattended;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lucid_core::{Content, Event, EventId, Session, SessionId};
use lucid_runtime::{Approval, Approver, Ask, Mission, RunOptions, Runtime, SessionEnd, World};
use lucid_tests::{Missions, log};

/// A mission of one agent with a script, the hostile tools and the files.
fn solo(script: &str, more: &str) -> String {
    format!(
        r#"
name = "solo"
lead = "lead"
message = "Go."

[plugins.hostile]
file = "hostile.wasm"
files = "read-write"
environment.GRANTED = "yes"

[plugins.files]
files = "read-write"

[agents.lead]
model = "plugin:script"
system = '''
{script}
'''
tools = ["hostile.fine", "hostile.spin", "files"]
view = {{ "/workspace" = "rw" }}
{more}
"#
    )
}

fn missions(mission: &str) -> Missions {
    Missions::new(&[("mission.toml", mission)], &["hostile"])
}

async fn once(runtime: &Runtime, mission: &Mission, options: &RunOptions) -> (Session, SessionEnd) {
    runtime.run_once(mission, 1, &World::real(), options).await.unwrap()
}

/// What the tools of a session said, in the log's order, with whether it was an error.
async fn results(runtime: &Runtime, session: &SessionId) -> Vec<(bool, String)> {
    let result = |event: &Event| match event {
        Event::ToolResult { content, is_error, .. } => Some((*is_error, Content::join(content))),
        _ => None,
    };
    log(runtime, session).await.iter().filter_map(|(_, _, event)| result(event)).collect()
}

/// Types of a session's events, in order.
async fn kinds(runtime: &Runtime, session: &SessionId) -> Vec<String> {
    log(runtime, session).await.into_iter().map(|(_, record, _)| record.kind).collect()
}

/// Waits until a session's log has an event that a test picks, and gives its id.
async fn until(
    runtime: &Runtime,
    session: Option<&SessionId>,
    which: impl Fn(&Event) -> bool,
) -> (SessionId, EventId) {
    loop {
        let all = runtime.store.sessions(&lucid_runtime::SessionFilter::default()).await.unwrap();
        let id = session.cloned().or_else(|| all.first().map(|found| found.session.id.clone()));
        if let Some(id) = id {
            for (_, record, event) in log(runtime, &id).await {
                if which(&event) {
                    return (id, record.id);
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Says the same to every question.
struct Says(Approval);

#[async_trait]
impl Approver for Says {
    async fn decide(&self, _ask: &Ask) -> Approval {
        self.0.clone()
    }
}

fn answering(approval: Approval) -> RunOptions {
    RunOptions { approver: Arc::new(Says(approval)), ..RunOptions::default() }
}
