//! Progress on standard error: bars on a terminal, one line per phase elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lucid_runtime::{Note, Observer};

/// Goes to the start of the line and empties it.
const EMPTY_LINE: &str = "\r\u{1b}[2K";

/// Shows how far a run is.
pub(crate) struct Progress {
    terminal: bool,
    shown: Mutex<Shown>,
}

/// The bar of the phase that goes on, and whether it keeps out of the way.
struct Shown {
    bar: ProgressBar,
    begun: bool,
    paused: bool,
    /// What was to be told meanwhile.
    kept: String,
}

/// While this is there, no bar is drawn. Work goes on, and is counted.
pub(crate) struct Paused<'a>(&'a Progress);

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        let mut shown = self.0.shown();
        shown.paused = false;
        if shown.begun {
            shown.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        say(&std::mem::take(&mut shown.kept));
    }
}

impl Progress {
    pub(crate) fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let shown =
            Shown { bar: ProgressBar::hidden(), begun: false, paused: false, kept: String::new() };
        Self { terminal, shown: Mutex::new(shown) }
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        let mut shown = self.shown();
        shown.begun = false;
        shown.bar.finish_and_clear();
    }

    /// Takes the bar away for as long as somebody is asked something. Nobody who tells of
    /// progress waits for that.
    pub(crate) fn pause(&self) -> Paused<'_> {
        let mut shown = self.shown();
        shown.paused = true;
        let drawn = !shown.bar.is_hidden();
        shown.bar.set_draw_target(ProgressDrawTarget::hidden());
        if drawn && self.terminal {
            eprint!("{EMPTY_LINE}");
        }
        Paused(self)
    }

    /// Tells something, or keeps it until nobody is asked any more.
    pub(crate) fn tell(&self, text: &str) {
        let mut shown = self.shown();
        match shown.paused {
            true => shown.kept.push_str(text),
            false => say(text),
        }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn phase(&self, title: &str, total: u64) {
        if !self.terminal {
            if total > 0 {
                eprintln!("{title}: {total} sessions");
            } else {
                eprintln!("{title}");
            }
            return;
        }
        let mut shown = self.shown();
        shown.begun = true;
        let bar = ProgressBar::new(total);
        if shown.paused {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{prefix:28} {wide_bar} {pos}/{len} {msg}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(title.to_owned());
        shown.bar.finish_and_clear();
        shown.bar = bar;
    }
}

/// Writes to standard error. Where nobody can read it, nothing is lost.
fn say(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

impl Observer for Progress {
    fn note(&self, note: Note<'_>) {
        match note {
            Note::Phase { title, total } => self.phase(title, total),
            Note::SessionBegan { .. } => {}
            Note::SessionEnded { .. } => self.shown().bar.inc(1),
            Note::DreamProgress { phase, done, total, .. } => {
                let bar = &self.shown().bar;
                bar.set_length(total.into());
                bar.set_position(done.into());
                bar.set_message(phase.to_owned());
            }
            Note::DreamOperation { operation, .. } => {
                self.shown().bar.set_message(operation.change.name());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_while_the_bar_is_away_is_counted_and_the_bar_comes_back() {
        let progress = Progress { terminal: true, ..Progress::new() };
        progress.phase("first", 3);
        let paused = progress.pause();
        progress.note(Note::SessionEnded { succeeded: None });
        assert!(progress.shown().bar.is_hidden());
        assert_eq!(progress.shown().bar.position(), 1);
        // A phase that begins meanwhile draws nothing either.
        progress.phase("second", 3);
        assert!(progress.shown().paused);
        assert!(progress.shown().bar.is_hidden());
        drop(paused);
        assert!(!progress.shown().paused);
    }
}
