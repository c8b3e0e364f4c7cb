//! How far a run is, on standard error: a bar on a terminal, one line a step elsewhere.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

/// The step that is shown.
#[derive(Default)]
struct Shown {
    title: &'static str,
    bar: Option<ProgressBar>,
}

/// Shows the steps of a run; a bar goes when this does.
pub(super) struct Steps {
    terminal: bool,
    shown: Mutex<Shown>,
}

impl Steps {
    pub(super) fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), shown: Mutex::default() }
    }

    /// A step, and how much of it is done.
    pub(super) fn show(&self, title: &'static str, done: u64, total: u64) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.title != title {
            shown.title = title;
            let before = if self.terminal { shown.bar.replace(bar(title, total)) } else { None };
            if let Some(before) = before {
                before.finish_and_clear();
            }
            if !self.terminal {
                eprintln!("{title}");
            }
        }
        if let Some(bar) = &shown.bar {
            bar.set_position(done);
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        let shown = self.shown.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = &shown.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(title: &'static str, total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template("{prefix:28} {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    bar.set_prefix(title);
    bar
}
