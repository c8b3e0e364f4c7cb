//! Progress on standard error: bars on a terminal, one line per phase elsewhere.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use lucid_runtime::{Note, Observer};

/// Shows how far a run is.
pub(crate) struct Progress {
    terminal: bool,
    bar: Mutex<ProgressBar>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { terminal, bar: Mutex::new(ProgressBar::hidden()) }
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.bar().finish_and_clear();
    }

    fn bar(&self) -> std::sync::MutexGuard<'_, ProgressBar> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
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
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template("{prefix:28} {wide_bar} {pos}/{len} {msg}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(title.to_owned());
        let mut current = self.bar();
        current.finish_and_clear();
        *current = bar;
    }
}

impl Observer for Progress {
    fn note(&self, note: Note<'_>) {
        match note {
            Note::Phase { title, total } => self.phase(title, total),
            Note::SessionEnded { .. } => self.bar().inc(1),
            Note::DreamProgress { phase, done, total } => {
                let bar = self.bar();
                bar.set_length(total.into());
                bar.set_position(done.into());
                bar.set_message(phase.to_owned());
            }
            Note::DreamOperation { operation, .. } => {
                self.bar().set_message(operation.change.name());
            }
        }
    }
}
