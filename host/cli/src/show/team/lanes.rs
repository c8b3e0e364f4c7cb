//! Lanes: one column each for the threads that have one, and one more for all the others.

use anstyle::Style;
use lucid_core::SessionStatus;

use super::entry::{Entry, Mark};
use super::story::Story;

/// Columns from one lane to the next.
const PITCH: usize = 3;

/// Which threads have a lane.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// The threads with a lane of their own, by their places, in order.
    own: Vec<usize>,
    /// Whether there is a lane for those without.
    rest: bool,
    /// How many have a lane of their own at most.
    most: usize,
    /// The threads that are known to come, by their places.
    labels: Vec<String>,
}

impl Lanes {
    /// No lanes yet; `columns` is what all of them may take.
    pub(super) fn new(columns: usize) -> Self {
        // One is kept for the rest.
        let most = (columns / PITCH).saturating_sub(1).max(1);
        Self { most, ..Self::default() }
    }

    /// Gives lanes to the lead and to those with most to tell: `counts` and names, by place.
    pub(super) fn choose(&mut self, counts: &[usize], labels: Vec<String>) {
        let count = |who: &usize| if *who == 0 { usize::MAX } else { counts[*who] };
        let mut busiest: Vec<usize> = (0..counts.len()).filter(|who| count(who) > 0).collect();
        // The sort is stable: of two that are equally busy the earlier has the lane.
        busiest.sort_by_key(|who| std::cmp::Reverse(count(who)));
        self.rest = busiest.len() > self.most;
        busiest.truncate(self.most);
        busiest.sort_unstable();
        (self.own, self.labels) = (busiest, labels);
    }

    /// Makes room for a thread that has something to tell.
    pub(super) fn admit(&mut self, who: usize) {
        if self.own.contains(&who) {
            return;
        }
        if self.own.len() < self.most {
            self.own.push(who);
            self.own.sort_unstable();
        } else {
            self.rest = true;
        }
    }

    pub(super) fn has_own(&self, who: usize) -> bool {
        self.own.contains(&who)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.own.len() + usize::from(self.rest)
    }

    /// Columns that they take.
    pub(super) fn columns(&self) -> usize {
        (self.count() * PITCH).saturating_sub(PITCH - 1)
    }

    /// The lane of a thread.
    fn of(&self, who: usize) -> usize {
        self.own.iter().position(|own| *own == who).unwrap_or(self.own.len())
    }

    /// Whether an entry is drawn. What only concerns a thread without a lane is counted.
    pub(super) fn draws(&self, entry: &Entry) -> bool {
        let between = entry.to.is_some_and(|to| self.of(to) != self.of(entry.who));
        let own = self.has_own(entry.who);
        if entry.to.is_some() { between } else { own || entry.mark.concerns_all() }
    }

    /// The names of the lanes, each above its own.
    pub(super) fn heads(&self, story: &Story) -> Vec<String> {
        let label = |who: &usize| match self.labels.get(*who) {
            Some(label) => label.clone(),
            None => story.label(*who),
        };
        let mut names: Vec<String> = self.own.iter().map(label).collect();
        if self.rest {
            let all = story.members.len().max(self.labels.len());
            let more = all.saturating_sub(self.own.len());
            names.push(format!("{more} more"));
        }
        let rail = format!("│{}", " ".repeat(PITCH - 1));
        names.iter().enumerate().map(|(lane, name)| rail.repeat(lane) + name).collect()
    }

    /// The lanes beside one line: what each thread does, and the entry's sign or arrow.
    pub(super) fn draw(&self, story: &Story, entry: Option<&Entry>) -> String {
        let dim = Style::new().dimmed();
        let mut cells = vec![(' ', dim); self.columns()];
        for lane in 0..self.count() {
            let rail = match self.own.get(lane) {
                Some(who) => rail(story.members.get(*who).and_then(|member| member.status)),
                None => '┊',
            };
            cells[lane * PITCH].0 = rail;
        }
        if let Some(entry) = entry {
            let from = self.of(entry.who) * PITCH;
            cells[from] = (entry.mark.sign(), entry.mark.style());
            if let Some(to) = entry.to {
                arrow(&mut cells, from, self.of(to) * PITCH);
            }
        }
        painted(&cells)
    }
}

/// Draws an arrow from one column to another, across the lanes between them.
fn arrow(cells: &mut [(char, Style)], from: usize, to: usize) {
    let style = Mark::Letter.style();
    let (start, head) = if from < to { ('├', '▶') } else { ('┤', '◀') };
    for (cell, _) in &mut cells[from.min(to)..=from.max(to)] {
        *cell = if matches!(cell, '│' | '┊') { '┼' } else { '─' };
    }
    (cells[from].0, cells[to].0) = (start, head);
    for (_, painted) in &mut cells[from.min(to)..=from.max(to)] {
        *painted = style;
    }
}

/// What a thread's lane looks like while it does something else, or nothing.
fn rail(status: Option<SessionStatus>) -> char {
    match status {
        Some(SessionStatus::Running | SessionStatus::Rescheduling) => '│',
        Some(SessionStatus::Idle) => '┊',
        Some(SessionStatus::Terminated) | None => ' ',
    }
}

fn painted(cells: &[(char, Style)]) -> String {
    let mut text = String::new();
    let mut rest = cells;
    while let Some((_, style)) = rest.first() {
        let run = rest.iter().take_while(|(_, other)| other == style).count();
        let signs: String = rest[..run].iter().map(|(sign, _)| *sign).collect();
        text.push_str(&format!("{style}{signs}{style:#}"));
        rest = &rest[run..];
    }
    text
}
