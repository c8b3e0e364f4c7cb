//! A session at a glance, and as the API writes it.

use lucid_core::{IdleReason, SessionSummary, TokenUsage};
use serde_json::{Map, Value, json};

use super::team::{self, Member, Story, Tally};
use super::width;

/// What stands above a drawing: the session, where it stands, and what is known about it.
pub(crate) fn heading(summary: &SessionSummary, columns: usize) -> String {
    let session = &summary.session;
    let metadata: Vec<String> =
        session.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let lasted = summary.updated_at.as_millis().saturating_sub(session.created_at.as_millis());
    let lines = [
        session.id.to_string(),
        session.title.clone(),
        format!(
            "began {}, {} events in {}",
            session.created_at,
            summary.events,
            team::lasted(lasted)
        ),
        metadata.join(" "),
    ];
    let shown = lines.iter().flat_map(|line| width::wrap(line, columns, 3));
    shown.map(|line| format!("{line}\n")).collect()
}

/// Where the session stands, and why.
pub(crate) fn standing(summary: &SessionSummary, story: &Story, columns: usize) -> String {
    let mut line = summary.status.as_str().to_owned();
    if let Some(reason) = &story.idle {
        line.push_str(&format!(" ({})", team::idle(reason)));
    }
    if let Some(outcome) = summary.outcome {
        line.push_str(&format!(", outcome {}", outcome.as_str()));
    }
    format!("{}\n", width::cut(&line, columns))
}

/// A session as the API writes it, as far as its summary tells.
pub(crate) fn brief(summary: &SessionSummary) -> Value {
    let session = &summary.session;
    let outcomes: Vec<Value> =
        summary.outcome.iter().map(|o| json!({"result": o.as_str()})).collect();
    json!({
        "id": session.id,
        "type": "session",
        "status": summary.status,
        "title": session.title,
        "agent": {"type": "agent", "name": session.agent},
        "metadata": session.metadata,
        "outcome_evaluations": outcomes,
        "events": summary.events,
        "created_at": session.created_at,
        "updated_at": summary.updated_at,
    })
}

/// The same with all that its log tells: outcomes, threads, use and time.
pub(crate) fn document(summary: &SessionSummary, story: &Story) -> Value {
    let mut document = brief(summary);
    let total = story.total();
    let duration_ms =
        story.times.map_or(0, |(first, last)| last.as_millis().saturating_sub(first.as_millis()));
    let outcomes: Vec<Value> = story
        .outcomes
        .iter()
        .map(|outcome| {
            json!({
                "type": "outcome_evaluation",
                "outcome_id": outcome.id,
                "description": outcome.description,
                "iteration": outcome.iteration,
                "result": outcome.result,
                "explanation": outcome.explanation,
                "completed_at": outcome.completed_at,
                "lucid": {"criteria": outcome.criteria},
            })
        })
        .collect();
    let threads: Vec<Value> = story.members.iter().map(|one| thread(summary, story, one)).collect();
    if let Value::Object(fields) = &mut document {
        let more = json!({
            "outcome_evaluations": outcomes,
            "stats": stats(total.active_ms, duration_ms),
            "usage": usage(&total),
            "threads": threads,
            "lucid": work(&total, story.idle.as_ref()),
        });
        fields.extend(more.as_object().cloned().unwrap_or_else(Map::new));
    }
    document
}

fn thread(summary: &SessionSummary, story: &Story, member: &Member) -> Value {
    let tally = &member.tally;
    let (created, updated) = member.times.unzip();
    let lasted =
        member.times.map_or(0, |(first, last)| last.as_millis().saturating_sub(first.as_millis()));
    let parent = story.members.first().and_then(|lead| lead.id.as_ref());
    json!({
        "id": member.id,
        "type": "session_thread",
        "session_id": summary.session.id,
        "parent_thread_id": parent.filter(|id| Some(*id) != member.id.as_ref()),
        "agent": {"type": "agent", "name": member.agent},
        "status": member.status,
        "stats": stats(tally.active_ms, lasted),
        "usage": usage(tally),
        "created_at": created,
        "updated_at": updated,
        "lucid": work(tally, None),
    })
}

fn stats(active_ms: u64, duration_ms: u64) -> Value {
    // Seconds with their milliseconds, as the API has them; exact far beyond any session.
    let seconds = |ms: u64| ms as f64 / 1_000.0;
    json!({"active_seconds": seconds(active_ms), "duration_seconds": seconds(duration_ms)})
}

/// Tokens and money. The API's cost is whole cents, so the exact one stands beside it.
fn usage(tally: &Tally) -> Value {
    let TokenUsage { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } =
        tally.usage;
    let cost = tally.cost;
    let cents = cost.micro_usd.saturating_add(5_000) / 10_000;
    let list_cost = cost.priced.then(|| json!({"amount": cents.to_string(), "currency": "USD"}));
    json!({
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cache_read_input_tokens": cache_read_tokens,
        "cache_creation_input_tokens": cache_write_tokens,
        "list_cost": list_cost,
        "lucid": {
            "micro_usd": cost.priced.then_some(cost.micro_usd),
            "all_priced": !cost.unpriced,
        },
    })
}

/// What the API does not have: how much was done, and why it rests.
fn work(tally: &Tally, idle: Option<&IdleReason>) -> Value {
    json!({
        "model_requests": tally.requests,
        "tool_calls": tally.calls,
        "errors": tally.errors,
        "stop_reason": idle,
    })
}

#[cfg(test)]
mod tests {
    use lucid_core::{Session, SessionId, SessionStatus, Timestamp};

    use super::*;

    fn summary() -> SessionSummary {
        let session = Session {
            id: SessionId::parse("sesn_01x").unwrap(),
            title: "a title".to_owned(),
            agent: "lead".to_owned(),
            metadata: [("lucid.task".to_owned(), "1".to_owned())].into(),
            created_at: Timestamp(1_000),
        };
        let (status, outcome) = (SessionStatus::Idle, None);
        SessionSummary { session, status, updated_at: Timestamp(3_500), outcome, events: 3 }
    }

    #[test]
    fn a_session_has_the_fields_of_the_api() {
        let story = Story::new("lead", |_, _, _| None);
        let document = document(&summary(), &story);
        for field in
            ["id", "agent", "created_at", "metadata", "outcome_evaluations", "stats", "status"]
        {
            assert!(!document[field].is_null(), "{field}");
        }
        assert_eq!(document["usage"]["list_cost"], Value::Null);
        assert_eq!(document["threads"][0]["agent"]["name"], "lead");
        assert_eq!(document["threads"][0]["parent_thread_id"], Value::Null);
        assert_eq!(document["created_at"], "1970-01-01T00:00:01.000Z");
    }

    #[test]
    fn the_heading_says_when_and_how_much() {
        let text = heading(&summary(), 80);
        assert!(text.contains("began 1970-01-01T00:00:01.000Z, 3 events in 2.5 s\n"), "{text}");
        assert!(text.ends_with("lucid.task=1\n"), "{text}");
        assert!(heading(&summary(), 24).lines().all(|line| width::of(line) <= 24));
    }
}
