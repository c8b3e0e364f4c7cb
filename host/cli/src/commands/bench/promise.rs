//! Figures as a table, with what was promised of them.

use crate::show::table;

/// One figure.
pub(super) struct Row {
    what: &'static str,
    figure: String,
    promise: String,
}

impl Row {
    /// A figure that nothing is promised of.
    pub(super) fn of(what: &'static str, figure: String) -> Self {
        Self { what, figure, promise: String::new() }
    }

    /// A figure that may be so much at most.
    pub(super) fn most(what: &'static str, figure: String, value: f64, bound: f64) -> Self {
        let promise = format!("at most {bound}, {}", kept(value <= bound));
        Self { what, figure, promise }
    }

    /// A figure that has to be so much at least.
    pub(super) fn least(what: &'static str, figure: String, value: f64, bound: f64) -> Self {
        let promise = format!("at least {bound}, {}", kept(value >= bound));
        Self { what, figure, promise }
    }
}

fn kept(is_kept: bool) -> &'static str {
    if is_kept { "kept" } else { "NOT KEPT" }
}

/// All of them as text.
pub(super) fn rows(rows: &[Row]) -> String {
    let mut shown = table::table(&["what", "figure", "promised"]);
    for Row { what, figure, promise } in rows {
        shown.add_row(vec![(*what).to_owned(), figure.clone(), promise.clone()]);
    }
    table::text(&shown)
}
