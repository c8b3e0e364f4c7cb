//! `lucid dream watch`, and watching a dream that runs here.

use std::collections::BTreeMap;
use std::time::Duration;

use lucid_core::{Dream, DreamId, EventRecord, Failure, Result, SessionId, SessionStatus};
use lucid_runtime::Runtime;

use crate::failure;
use crate::show::dream::Drawing;
use crate::show::{dream as text, print_live, width};

/// How often a dream's log is looked at.
pub(super) const POLL: Duration = Duration::from_millis(100);

/// Events read at once.
const PAGE: u32 = 1_000;

/// Looks at a log whose dream has ended and that has not: a second.
const LAST_LOOKS: u32 = 10;

/// Looks without anything new after which it is asked whether somebody runs the dream at all.
const QUIET_LOOKS: u32 = 50;

/// Sessions whose titles are kept.
const TITLES_MAX: usize = 10_000;

/// A dream's log while it grows.
pub(super) struct Watched<'a> {
    runtime: &'a Runtime,
    id: DreamId,
    session: Option<SessionId>,
    after: Option<u32>,
    drawing: Drawing,
    titles: BTreeMap<SessionId, String>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(runtime: &'a Runtime, id: DreamId) -> Self {
        let drawing = Drawing::new(width::terminal());
        Self { runtime, id, session: None, after: None, drawing, titles: BTreeMap::new() }
    }

    /// Tells what is new, drawn; says whether there was anything.
    pub(super) async fn tell(
        &mut self,
        out: &mut (dyn FnMut(&str) -> std::io::Result<()> + Send),
    ) -> Result<bool> {
        let mut any = false;
        while let Some(page) = self.next().await? {
            any = true;
            self.name(&page).await?;
            let drawn = self.drawing.draw(&page, &self.titles);
            if !drawn.is_empty() {
                out(&drawn).map_err(|error| Failure::failed(format!("the terminal: {error}")))?;
            }
        }
        Ok(any)
    }

    /// The next events of the log; none where there is nothing new.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<(u32, EventRecord)>>> {
        let store = &self.runtime.store;
        if self.session.is_none() {
            self.session = store.dream(&self.id).await?.and_then(|dream| dream.session_id);
        }
        let Some(session) = &self.session else { return Ok(None) };
        let page = store.events(session, self.after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(None) };
        self.after = Some(*last);
        Ok(Some(page))
    }

    /// Learns the titles of the sessions that events name.
    async fn name(&mut self, page: &[(u32, EventRecord)]) -> Result<()> {
        for id in Drawing::sessions(page) {
            if self.titles.contains_key(&id) || self.titles.len() >= TITLES_MAX {
                continue;
            }
            let found = self.runtime.store.session(&id).await?;
            self.titles.insert(id, found.map(|session| session.title).unwrap_or_default());
        }
        Ok(())
    }
}

/// Draws a dream until it has ended, whoever runs it.
pub(super) async fn watch(runtime: &Runtime, dream: &Dream, json: bool) -> failure::Result {
    let mut watched = Watched::new(runtime, dream.id.clone());
    if !json {
        print_live(&format!("{}\n", text::heading(dream)))?;
    }
    let mut quiet = 0;
    loop {
        // Before the log is read: what was written before the end is in it then.
        let now = runtime.store.dream(&dream.id).await?;
        let now = now.ok_or_else(|| Failure::bug(format!("dream {} is gone", dream.id)))?;
        let any = if json { lines(&mut watched).await? } else { drawn(&mut watched).await? };
        if now.status.is_terminal() {
            read_on(runtime, &now).await?;
            if json {
                lines(&mut watched).await?;
            } else {
                drawn(&mut watched).await?;
                print_live(&format!("\n{}", text::ended(&now)))?;
            }
            return Ok(super::ended(&now));
        }
        quiet = if any { 0 } else { quiet + 1 };
        if quiet >= QUIET_LOOKS {
            quiet = 0;
            // One that was interrupted may be run again; one that waits may begin. Neither
            // happens by itself, so it is said instead of waited for.
            if !runtime.is_dreaming(&dream.id).await? {
                let id = &dream.id;
                return Err(Failure::failed(format!("nobody runs dream {id}"))
                    .hint(format!("`lucid dream resume {id}` does"))
                    .into());
            }
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Waits until the log of a dream that has ended says so as well, which it does a moment later.
async fn read_on(runtime: &Runtime, dream: &Dream) -> Result<()> {
    let Some(session) = &dream.session_id else { return Ok(()) };
    for _ in 0..LAST_LOOKS {
        let summary = runtime.store.session_summary(session).await?;
        if summary.is_none_or(|summary| summary.status == SessionStatus::Terminated) {
            break;
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// Tells what is new as a drawing. A reader that went away ends the command.
async fn drawn(watched: &mut Watched<'_>) -> failure::Result<bool> {
    let mut gone = None;
    let mut out = |drawn: &str| -> std::io::Result<()> {
        // The first failure is the one that counts.
        if gone.is_none() {
            gone = print_live(drawn).err();
        }
        Ok(())
    };
    let any = watched.tell(&mut out).await?;
    match gone {
        Some(error) => Err(error.into()),
        None => Ok(any),
    }
}

/// Tells what is new as the events are stored, one a line.
async fn lines(watched: &mut Watched<'_>) -> failure::Result<bool> {
    let mut any = false;
    while let Some(page) = watched.next().await? {
        any = true;
        for (_, record) in &page {
            print_live(&format!("{}\n", record.body))?;
        }
    }
    Ok(any)
}
