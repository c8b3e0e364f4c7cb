//! What is said about an event: how a call ended, how long it took, why a thread is idle.

use lucid_core::{CallUsage, Content, Denial, FileChange, IdleReason, Permission, Span, Timestamp};
use serde_json::Value;

use crate::show::width;

/// The widest value of one input field.
const VALUE_COLUMNS: usize = 60;

/// Fields of an input that are shown.
const FIELDS_SHOWN_MAX: usize = 8;

/// Changes, and denials, of one call that are shown; the rest is counted.
const EFFECTS_SHOWN_MAX: usize = 2;

/// A moment, as time since the start: `0:01.250`, from ten minutes on `0:12:05`.
pub(super) fn elapsed(ms: u64) -> String {
    let (seconds, minutes, hours) = (ms / 1_000 % 60, ms / 60_000 % 60, ms / 3_600_000);
    if ms < 600_000 {
        format!("{minutes}:{seconds:02}.{:03}", ms % 1_000)
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}")
    }
}

/// How long something took: `850 ms`, `12.3 s`, `4 min 10 s`, `3 h 20 min`.
pub(crate) fn lasted(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
        _ => format!("{} h {} min", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// Milliseconds that a call took: as it was measured, else between its two events.
pub(super) fn took(span: Option<&Span>, from: Timestamp, to: Timestamp) -> u64 {
    match span.filter(|span| span.usage != CallUsage::default()) {
        Some(span) => span.usage.wall_ms,
        None => to.as_millis().saturating_sub(from.as_millis()),
    }
}

/// An input on one line: `path=/a.md view_range=[1,20]`.
pub(super) fn brief(input: &Value) -> String {
    let word = |value: &Value| match value {
        Value::String(text) => width::cut(text, VALUE_COLUMNS),
        other => width::cut(&other.to_string(), VALUE_COLUMNS),
    };
    let Value::Object(fields) = input else { return word(input) };
    let mut parts: Vec<String> = fields
        .iter()
        .take(FIELDS_SHOWN_MAX)
        .map(|(name, value)| format!("{}={}", width::cut(name, VALUE_COLUMNS), word(value)))
        .collect();
    if fields.len() > FIELDS_SHOWN_MAX {
        parts.push("…".to_owned());
    }
    parts.join(" ")
}

/// How a call ended: the kind of failure where the host or policy stopped it.
pub(super) fn ending(is_error: bool, span: &Span, permission: Permission, refused: bool) -> String {
    match (&span.failure, is_error) {
        (Some(failure), _) => failure.kind.to_string(),
        (None, false) => "ok".to_owned(),
        (None, true) if refused || permission == Permission::Deny => "denied".to_owned(),
        (None, true) => "error".to_owned(),
    }
}

/// Why a call that failed did: what the host says, else what the agent reads.
pub(super) fn reason(span: &Span, content: &[Content]) -> String {
    match &span.failure {
        Some(failure) => failure.message.clone(),
        None => Content::join(content),
    }
}

/// What a call changed, and what it was not allowed.
pub(super) fn effects(span: &Span) -> Vec<String> {
    let mut notes = Vec::new();
    for FileChange { path, change, bytes } in span.files.iter().take(EFFECTS_SHOWN_MAX) {
        notes.push(format!("{change} {path} ({bytes} bytes)"));
    }
    for Denial { capability, what, rule, .. } in span.denied.iter().take(EFFECTS_SHOWN_MAX) {
        notes.push(format!("denied {capability} {what}: {rule}"));
    }
    let more = |count: usize| count.saturating_sub(EFFECTS_SHOWN_MAX) as u64;
    let hidden = more(span.files.len()) + more(span.denied.len()) + span.unlisted;
    if hidden > 0 {
        notes.push(format!("and {hidden} more"));
    }
    notes
}

/// Puts what is said behind what it is about, where anything is said.
pub(super) fn with(mut about: String, said: &str) -> String {
    if !said.trim().is_empty() {
        about.push_str(": ");
        about.push_str(said);
    }
    about
}

/// Why a thread or session is idle.
pub(crate) fn idle(reason: &IdleReason) -> String {
    match reason {
        IdleReason::EndTurn => "its turn is over".to_owned(),
        IdleReason::RetriesExhausted => "its model failed too often".to_owned(),
        IdleReason::Refusal => "its model refused".to_owned(),
        IdleReason::BudgetReached => "a budget is used up".to_owned(),
        IdleReason::RequiresAction { event_ids } => {
            let calls = if event_ids.len() == 1 { "call waits" } else { "calls wait" };
            format!("{} {calls} for a person", event_ids.len())
        }
    }
}

/// An error of the session: `{type, message, retry_status: {type}}`.
pub(super) fn error(error: &Value) -> String {
    let field = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let retry = error.get("retry_status").and_then(|status| status.get("type"));
    let retry = retry.and_then(Value::as_str).unwrap_or("no retry");
    format!("{} ({retry}): {}", field("type"), field("message"))
}

#[cfg(test)]
mod tests {
    use lucid_core::Failure;
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_as_exact_as_they_are_short() {
        let since = [0, 1_250, 599_999, 600_000, 363_725_000].map(elapsed);
        assert_eq!(since, ["0:00.000", "0:01.250", "9:59.999", "0:10:00", "101:02:05"]);
        let long = [0, 999, 1_000, 59_999, 250_000, 12_000_000].map(lasted);
        assert_eq!(long, ["0 ms", "999 ms", "1.0 s", "59.9 s", "4 min 10 s", "3 h 20 min"]);
    }

    #[test]
    fn an_input_is_one_short_line() {
        assert_eq!(brief(&json!({"path": "/a\nb", "n": [1, 2]})), "path=/a b n=[1,2]");
        assert_eq!(brief(&json!("not an object")), "not an object");
        let wide = brief(&json!({"text": "x".repeat(1_000)}));
        assert_eq!(width::of(&wide), "text=".len() + VALUE_COLUMNS);
        let fields: serde_json::Map<_, _> = (0..20).map(|n| (n.to_string(), json!(n))).collect();
        assert!(brief(&Value::Object(fields)).ends_with("7=7 …"));
    }

    #[test]
    fn a_call_ends_in_one_of_the_words_of_failures() {
        let (none, allow) = (Span::default(), Permission::Allow);
        assert_eq!(ending(false, &none, allow, false), "ok");
        assert_eq!(ending(true, &none, allow, false), "error");
        assert_eq!(ending(true, &none, Permission::Deny, false), "denied");
        assert_eq!(ending(true, &none, Permission::Ask, true), "denied");
        for failure in [
            Failure::denied(""),
            Failure::trap(""),
            Failure::exceeded(""),
            Failure::failed(""),
            Failure::bug(""),
        ] {
            let kind = failure.kind.to_string();
            let span = Span { failure: Some(failure), ..Span::default() };
            assert_eq!(ending(true, &span, allow, false), kind);
        }
    }
}
