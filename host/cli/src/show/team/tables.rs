//! Tables below a drawing: what each thread used, the verdicts, files, calls that wait.

use lucid_core::{Criterion, SessionId};

use super::story::Story;
use super::tally::Tally;
use super::words;
use crate::show::{ending, files, table, width};

/// Threads, and files, that are listed; the rest is counted.
const ROWS_MAX: usize = 40;

/// The narrowest that a cut column gets.
const CUT_COLUMNS_MIN: usize = 6;

/// What each thread used. The ids are left out where the terminal is too narrow for them.
pub(crate) fn threads(story: &Story, columns: usize) -> String {
    let members = &story.members;
    let busy = |who: &usize| members[*who].tally.requests + members[*who].tally.calls;
    let mut listed: Vec<usize> = (0..members.len()).collect();
    listed.sort_by_key(|who| std::cmp::Reverse(if *who == 0 { u32::MAX } else { busy(who) }));
    listed.truncate(ROWS_MAX);
    listed.sort_unstable();
    let row = |name: String, tally: &Tally, id: Option<&str>| {
        let Tally { requests, calls, errors, .. } = tally;
        let time = words::lasted(tally.active_ms);
        let (tokens, cost) = (tally.usage.total(), tally.cost.text());
        let numbers = [requests, calls, errors].map(u32::to_string);
        let mut row = vec![name];
        row.extend(numbers);
        row.extend([tokens.to_string(), cost, time, id.unwrap_or_default().to_owned()]);
        row
    };
    let mut rows: Vec<Vec<String>> = listed
        .iter()
        .map(|who| {
            let id = members[*who].id.as_ref().map(lucid_core::ThreadId::as_str);
            row(story.label(*who), &members[*who].tally, id)
        })
        .collect();
    if members.len() > rows.len() {
        let mut rest = Tally::default();
        let others = members.iter().enumerate().filter(|(who, _)| !listed.contains(who));
        others.for_each(|(_, member)| rest.add(&member.tally));
        rows.push(row(format!("{} more", members.len() - listed.len()), &rest, None));
    }
    if members.len() > 1 {
        rows.push(row("all".to_owned(), &story.total(), None));
    }
    let header = ["thread", "requests", "calls", "errors", "tokens", "cost", "worked", "id"];
    let grid = Grid { header: &header, cut: 0, numbers: 1..7 };
    if grid.columns(&rows) > columns {
        rows.iter_mut().for_each(|row| row.truncate(header.len() - 1));
        return Grid { header: &header[..header.len() - 1], ..grid }.text(&rows, columns);
    }
    grid.text(&rows, columns)
}

/// The files that calls changed, each with who changed it last.
pub(crate) fn written(found: &files::Files, session: &SessionId, columns: usize) -> String {
    if found.files.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = found.files.iter().take(ROWS_MAX).map(files::row).collect();
    let header = ["file", "change", "bytes", "by", "tool"];
    let mut text = Grid { header: &header, cut: 0, numbers: 2..3 }.text(&rows, columns);
    let more = found.files.len().saturating_sub(ROWS_MAX);
    if more > 0 {
        text.push_str(&format!(
            "and {more} more; see them all:\n  lucid session files {session}\n"
        ));
    }
    if found.unlisted > 0 {
        let line = format!("{} changes and denials are counted, not listed", found.unlisted);
        text.push_str(&format!("{}\n", width::cut(&line, columns)));
    }
    text
}

/// The verdicts of the last evaluation of the last outcome.
pub(crate) fn criteria(story: &Story, columns: usize) -> String {
    let Some(outcome) = story.outcomes.last().filter(|o| !o.criteria.is_empty()) else {
        return String::new();
    };
    let row = |criterion: &Criterion| {
        let verdict = table::verdict(criterion.verdict).to_owned();
        let text = format!("{}: {}", criterion.text.trim_end_matches('.'), criterion.explanation);
        vec![verdict, width::cut(&text, columns)]
    };
    let rows: Vec<Vec<String>> = outcome.criteria.iter().map(row).collect();
    Grid { header: &["verdict", "criterion"], cut: 1, numbers: 0..0 }.text(&rows, columns)
}

/// The calls that wait for a person, each with how to decide.
pub(crate) fn waiting(story: &Story, session: &SessionId) -> String {
    let waiting = story.calls.iter().filter(|(_, call)| call.waits());
    let lines = waiting
        .map(|(event, call)| ending::waits(session, &story.label(call.who), &call.tool, event));
    lines.collect()
}

/// A table whose one long column is cut where the terminal is too narrow.
struct Grid<'a> {
    header: &'a [&'a str],
    /// The column that is cut.
    cut: usize,
    /// The columns that stand to the right.
    numbers: std::ops::Range<usize>,
}

impl Grid<'_> {
    fn widths(&self, rows: &[Vec<String>]) -> Vec<usize> {
        let of = |(column, name): (usize, &&str)| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| width::of(cell));
            cells.max().unwrap_or(0).max(width::of(name))
        };
        self.header.iter().enumerate().map(of).collect()
    }

    fn columns(&self, rows: &[Vec<String>]) -> usize {
        let gaps = self.header.len().saturating_sub(1) * 2;
        self.widths(rows).iter().sum::<usize>() + gaps
    }

    fn text(&self, rows: &[Vec<String>], columns: usize) -> String {
        let mut widths = self.widths(rows);
        let over = self.columns(rows).saturating_sub(columns);
        let floor = CUT_COLUMNS_MIN.min(widths[self.cut]);
        widths[self.cut] = widths[self.cut].saturating_sub(over).max(floor);
        let header: Vec<String> = self.header.iter().map(|name| name.to_uppercase()).collect();
        let line = |row: &Vec<String>| {
            let cells: Vec<String> = (row.iter().zip(&widths).enumerate())
                .map(|(column, (cell, width))| {
                    let cell = width::cut(cell, *width);
                    let blanks = " ".repeat(width.saturating_sub(width::of(&cell)));
                    match self.numbers.contains(&column) {
                        true => format!("{blanks}{cell}"),
                        false => format!("{cell}{blanks}"),
                    }
                })
                .collect();
            format!("{}\n", width::clip(cells.join("  ").trim_end(), columns))
        };
        std::iter::once(&header).chain(rows).map(line).collect()
    }
}
