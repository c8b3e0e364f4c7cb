//! `lucid dream watch`, and watching a dream that was just started.

use std::collections::BTreeMap;
use std::time::Duration;

use lucid_core::{Dream, DreamId, DreamStatus, Failure, Result, SessionId};
use lucid_verbs::{DreamLog, DreamSeen, LogPlace, LookAtDream};

use crate::failure;
use crate::place::Place;
use crate::show::dream::Drawing;
use crate::show::{dream as text, print_live, width};

/// How often a dream is looked at.
pub(super) const POLL: Duration = Duration::from_millis(100);

/// Looks at a log whose dream has ended and that has not: a second.
const LAST_LOOKS: u32 = 10;

/// Looks without anything new after which it is asked whether somebody runs the dream at all.
const QUIET_LOOKS: u32 = 50;

/// Sessions whose titles are kept.
const TITLES_MAX: usize = 10_000;

/// Where what is watched is told.
type Out<'a> = &'a mut (dyn FnMut(&str) -> std::io::Result<()> + Send);

/// How a dream's log is told.
pub(super) enum Telling {
    /// Not at all.
    Silent,
    /// Every event as it is stored, one a line.
    Lines,
    /// Drawn.
    Drawn { drawing: Box<Drawing>, titles: BTreeMap<SessionId, String> },
}

impl Telling {
    /// Drawn, as wide as the terminal.
    pub(super) fn drawn() -> Self {
        let drawing = Box::new(Drawing::new(width::terminal()));
        Self::Drawn { drawing, titles: BTreeMap::new() }
    }

    fn log(&self) -> DreamLog {
        match self {
            Self::Silent => DreamLog::Nothing,
            Self::Lines => DreamLog::Events,
            Self::Drawn { .. } => DreamLog::EventsWithTitles,
        }
    }

    /// What is new, as it is told.
    fn text(&mut self, seen: &DreamSeen) -> String {
        match self {
            Self::Silent => String::new(),
            Self::Lines => {
                seen.events.iter().map(|(_, record)| format!("{}\n", record.body)).collect()
            }
            Self::Drawn { drawing, titles } => {
                if titles.len() < TITLES_MAX {
                    titles.extend(seen.titles.clone());
                }
                drawing.draw(&seen.events, titles)
            }
        }
    }
}

/// A dream that is watched while it goes on.
pub(super) struct Watched<'a> {
    place: &'a Place,
    id: DreamId,
    telling: Telling,
    after: Option<LogPlace>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(place: &'a Place, id: DreamId, telling: Telling) -> Self {
        Self { place, id, telling, after: None }
    }

    /// The dream.
    pub(super) fn id(&self) -> &DreamId {
        &self.id
    }

    /// Looks once more, and tells what is new as far as the log went when it was looked at.
    /// Gives how the dream stood before the log was read.
    pub(super) async fn tell(&mut self, who: bool, out: Out<'_>) -> failure::Result<Look> {
        let mut any = false;
        let mut first: Option<DreamSeen> = None;
        loop {
            let (id, show) = (self.id.clone(), self.telling.log());
            let look = LookAtDream { id, after: self.after.clone(), show, who };
            let mut seen = self.place.ask(look).await?;
            self.after = seen.at.take().or(self.after.take());
            any |= !seen.events.is_empty();
            // One that shows nothing, because it was read to its end meanwhile, is the last.
            let is_all = !seen.more || seen.events.is_empty();
            let text = self.telling.text(&seen);
            if !text.is_empty() {
                out(&text)?;
            }
            seen.events.clear();
            let stood = first.get_or_insert(seen);
            if is_all {
                let DreamSeen { status, here, runs, log_ended, failure, .. } = stood.clone();
                return Ok(Look { status, here, runs, log_ended, failure, any });
            }
        }
    }
}

/// How a dream stands.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) status: DreamStatus,
    /// Whether it was started there and has not ended.
    pub(super) here: bool,
    /// Whether anybody runs it, where that was asked.
    pub(super) runs: Option<bool>,
    pub(super) log_ended: bool,
    /// Why it could not be run to its end.
    pub(super) failure: Option<Failure>,
    /// Whether anything was new.
    pub(super) any: bool,
}

/// Draws a dream until it has ended, whoever runs it.
pub(super) async fn watch(place: &Place, dream: &Dream, json: bool) -> failure::Result {
    let telling = if json { Telling::Lines } else { Telling::drawn() };
    let mut watched = Watched::new(place, dream.id.clone(), telling);
    if !json {
        print_live(&format!("{}\n", text::heading(dream)))?;
    }
    let (mut quiet, mut last_looks) = (0, LAST_LOOKS);
    loop {
        let who = quiet >= QUIET_LOOKS;
        let look = watched.tell(who, &mut print_live).await?;
        if look.status.is_terminal() {
            // Its log says so as well a moment later.
            if !look.log_ended && last_looks > 0 {
                last_looks -= 1;
                tokio::time::sleep(POLL).await;
                continue;
            }
            let now = super::now(place, &dream.id).await?;
            if !json {
                print_live(&format!("\n{}", text::ended(&now)))?;
            }
            return Ok(super::ended(&now));
        }
        quiet = if look.any || who { 0 } else { quiet + 1 };
        // One that was interrupted may be run again; one that waits may begin. Neither
        // happens by itself, so it is said instead of waited for.
        if look.runs == Some(false) {
            return Err(nobody_runs(&dream.id).into());
        }
        tokio::time::sleep(POLL).await;
    }
}

/// A dream that nobody runs.
pub(super) fn nobody_runs(id: &DreamId) -> Failure {
    Failure::failed(format!("nobody runs dream {id}"))
        .hint(format!("`lucid dream resume {id}` does"))
}

/// Waits until a dream that somebody runs has ended, or nobody runs it any more.
pub(super) async fn await_end(place: &Place, id: &DreamId) -> Result<Dream> {
    loop {
        let (show, id) = (DreamLog::Nothing, id.clone());
        let seen = place.ask(LookAtDream { id: id.clone(), after: None, show, who: true }).await?;
        if seen.status.is_terminal() || seen.runs == Some(false) {
            return super::now(place, &id).await;
        }
        tokio::time::sleep(POLL).await;
    }
}
