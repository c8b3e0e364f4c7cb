//! Tables.

use comfy_table::{Table, presets};
use lucid_core::{
    Author, Criterion, Dream, MemoryStore, MemoryVersion, OperationState, SessionSummary, Verdict,
};

use super::short;

/// A table with a header and no lines but one under it.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().map(|name| name.to_uppercase()));
    table
}

/// A table as text, without blanks at the ends of lines.
pub(crate) fn text(table: &Table) -> String {
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

pub(crate) fn sessions(sessions: &[SessionSummary]) -> String {
    let mut rows = table(&["id", "title", "status", "outcome", "events", "created"]);
    for summary in sessions {
        rows.add_row(vec![
            summary.session.id.to_string(),
            short(&summary.session.title, 40),
            summary.status.as_str().to_owned(),
            summary.outcome.map_or("-", |outcome| outcome.as_str()).to_owned(),
            summary.events.to_string(),
            summary.session.created_at.to_string(),
        ]);
    }
    text(&rows)
}

pub(crate) fn stores(stores: &[MemoryStore]) -> String {
    let mut rows = table(&["id", "name", "dreamt from", "created"]);
    for store in stores {
        rows.add_row(vec![
            store.id.to_string(),
            short(&store.name, 40),
            store.dreamt_from.as_ref().map_or("-".to_owned(), ToString::to_string),
            store.created_at.to_string(),
        ]);
    }
    text(&rows)
}

/// Who made a version.
pub(crate) fn author(author: &Author) -> String {
    match author {
        Author::Session { session_id } => session_id.to_string(),
        Author::User { user_id } => user_id.clone(),
        Author::Api { api_key_id } => api_key_id.clone(),
        Author::Dream { dream_id } => dream_id.to_string(),
    }
}

pub(crate) fn versions(versions: &[MemoryVersion]) -> String {
    let mut rows = table(&["id", "operation", "path", "by", "created"]);
    for version in versions {
        let by = author(&version.created_by);
        rows.add_row(vec![
            version.id.to_string(),
            format!("{:?}", version.operation).to_lowercase(),
            short(&version.path, 40),
            short(&by, 40),
            version.created_at.to_string(),
        ]);
    }
    text(&rows)
}

pub(crate) fn dreams(dreams: &[Dream]) -> String {
    let header = ["id", "status", "strategy", "sessions", "accepted", "wait", "proof", "created"];
    let mut rows = table(&header);
    for dream in dreams {
        rows.add_row(vec![
            dream.id.to_string(),
            dream.status.as_str().to_owned(),
            short(&dream.strategy, 24),
            dream.input_session_ids.len().to_string(),
            dream.in_state(OperationState::Accepted).count().to_string(),
            dream.in_state(OperationState::Proposed).count().to_string(),
            match &dream.proof {
                None => "-".to_owned(),
                Some(proof) if proof.passed => "proved".to_owned(),
                Some(_) => "not proved".to_owned(),
            },
            dream.created_at.to_string(),
        ]);
    }
    text(&rows)
}

pub(crate) fn criteria(criteria: &[&Criterion]) -> String {
    let mut rows = table(&["verdict", "criterion", "seen"]);
    for criterion in criteria {
        let wish = if criterion.required { "" } else { " (should)" };
        rows.add_row(vec![
            verdict(criterion.verdict).to_owned(),
            format!("{}{wish}", short(&criterion.text, 60)),
            short(&criterion.explanation, 60),
        ]);
    }
    text(&rows)
}

/// A verdict in words that need no colour.
pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Unmet => "UNMET",
        Verdict::NotApplicable => "n/a",
        Verdict::NotGradable => "not gradable",
    }
}
