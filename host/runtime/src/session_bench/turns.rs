//! What a turn takes outside of its model.

use std::sync::Arc;
use std::time::Duration;

use lucid_core::{Block, Failure, Result, SessionState};
use serde_json::json;

use super::disk::Disk;
use super::ground::Ground;
use super::model::{Called, Quick, calling};
use super::{Listener, SessionPart, SessionProgress, TurnFigures, spread};
use crate::mission::Mission;

/// Turns of one session: below the number after which a thread that nobody writes to stops.
const TURNS: u32 = 50;

/// Waits for the disk after the sessions of each round.
const DISK_WAITS: u32 = 50;

/// The host's own tool that asks for nothing.
const OWN_TOOL: &str = "list_agents";

/// What a plugin's tool is given: 64 characters.
const TEXT: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// One kind of turn.
struct Kind<'a> {
    ground: &'a Ground,
    mission: Mission,
    model: Arc<Quick>,
    times: Vec<Duration>,
}

/// Measures so many turns of each kind, a session of each in turn, so that a busy machine
/// hits all of them alike.
pub(super) async fn measure(
    ground: &Ground,
    tool: Option<&str>,
    turns: u32,
    progress: Listener<'_>,
) -> Result<TurnFigures> {
    let loose = ground.without_disk()?;
    let own = Kind::new(ground, None).await?;
    let mut kinds = vec![own];
    if tool.is_some() {
        kinds.push(Kind::new(ground, tool).await?);
        kinds.push(Kind::new(&loose, tool).await?);
    }
    let mut disk = Disk::open(&ground.folder.join("disk"))?;
    // Statements are compiled, and files get their first pages.
    for kind in &mut kinds {
        kind.session(TURNS).await?;
        kind.times.clear();
    }
    let mut waits = Vec::new();
    let mut done = 0;
    let report = |done: u32| {
        let (done, total) = (u64::from(done), u64::from(turns));
        progress(SessionProgress { part: SessionPart::Turns, done, total });
    };
    while done < turns {
        report(done);
        let now = TURNS.min(turns - done);
        for kind in &mut kinds {
            kind.session(now).await?;
        }
        let (back, waited) = disk.wait(DISK_WAITS).await?;
        disk = back;
        waits.extend(waited);
        done += now;
    }
    report(done);
    let mut spreads = kinds.iter().map(|kind| spread(&kind.times));
    Ok(TurnFigures {
        own_tool_ms: spreads.next().unwrap_or_else(|| spread(&[])),
        turn_ms: spreads.next(),
        without_disk_ms: spreads.next(),
        disk_ms: spread(&waits),
        turns_in_a_session: TURNS,
    })
}

impl<'a> Kind<'a> {
    async fn new(ground: &'a Ground, tool: Option<&str>) -> Result<Self> {
        let name = tool.map(|tool| tool.split_once('.').map_or(tool, |(_, name)| name).to_owned());
        let call: Called = match name {
            Some(name) => (name, json!({ "text": TEXT })),
            None => (OWN_TOOL.to_owned(), json!({})),
        };
        let model = Arc::new(Quick::new(calling([call])));
        let mission = ground.mission(tool, 1, model.clone(), model.clone()).await?;
        Ok(Self { ground, mission, model, times: Vec::new() })
    }

    /// Runs one session of so many turns.
    async fn session(&mut self, turns: u32) -> Result<()> {
        self.model.call(turns);
        let state = self.ground.session(&self.mission).await?;
        let asked = self.model.asked();
        let times: Vec<Duration> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if times.len() != turns as usize || state.tool_calls != turns {
            let (times, calls) = (times.len(), state.tool_calls);
            let message = format!("a session of {turns} turns had {times}, with {calls} calls");
            return Err(Failure::bug(message));
        }
        all_answered(&state)?;
        self.times.extend(times);
        Ok(())
    }
}

/// A call that fails takes another way, which is not what is measured.
fn all_answered(state: &SessionState) -> Result<()> {
    let blocks = state.threads.iter().flat_map(|thread| &thread.messages);
    for block in blocks.flat_map(|message| &message.content) {
        if let Block::ToolResult { is_error: true, text, .. } = block {
            let failure = Failure::failed(format!("a measured call failed: {text}"));
            return Err(failure.hint("build the bundled plugins again"));
        }
    }
    Ok(())
}
