//! A request as a span.

use std::time::Duration;

use axum::http::HeaderMap;
use lucid_core::{RequestId, Timestamp, sha256_hex};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanId, SpanKind, TraceId};
use opentelemetry_sdk::trace::SpanData;

use super::runs::{Begun, time};

/// A request that was answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered<'a> {
    /// Its id.
    pub(crate) id: &'a RequestId,
    /// Its method.
    pub(crate) method: &'a str,
    /// Its route's template, such as `/v1/agents/{agent_id}`.
    pub(crate) route: &'a str,
    /// The answer's status.
    pub(crate) status: u16,
    /// From its head to the answer's.
    pub(crate) took: Duration,
    /// When it was answered.
    pub(crate) at: Timestamp,
}

/// Whose trace a request is part of: what `traceparent` of the W3C's Trace Context says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    trace: TraceId,
    span: SpanId,
    /// Whether whoever asks keeps the trace.
    is_kept: bool,
}

impl Caller {
    /// Reads it; none where there is none that is right.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get("traceparent")?.to_str().ok()?;
        let mut parts = text.trim().split('-');
        let (version, trace, span, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let hex = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let fits = hex(version, 2) && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
        // The first version has four parts; later ones may have more.
        if !fits || version == "ff" || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let trace = TraceId::from_hex(trace).ok().filter(|id| *id != TraceId::INVALID)?;
        let span = SpanId::from_hex(span).ok().filter(|id| *id != SpanId::INVALID)?;
        let is_kept = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        Some(Self { trace, span, is_kept })
    }
}

/// The span of a request; none where whoever asks keeps no trace.
pub(super) fn span(answered: Answered<'_>, caller: Option<Caller>) -> Option<SpanData> {
    if caller.is_some_and(|caller| !caller.is_kept) {
        return None;
    }
    let Answered { id, method, route, status, took, at } = answered;
    let hash = sha256_hex(id.as_str().as_bytes());
    let own = TraceId::from_hex(&hash[..32]).ok()?;
    let end = time(at);
    let begun = Begun {
        trace: caller.map_or(own, |caller| caller.trace),
        id: SpanId::from_hex(&hash[32..48]).ok()?,
        parent: caller.map_or(SpanId::INVALID, |caller| caller.span),
        is_parent_remote: caller.is_some(),
        kind: SpanKind::Server,
        name: format!("{method} {route}"),
        start: end.checked_sub(took).unwrap_or(end),
        attributes: vec![
            KeyValue::new("http.request.method", method.to_owned()),
            KeyValue::new("http.route", route.to_owned()),
            KeyValue::new("http.response.status_code", i64::from(status)),
            KeyValue::new("lucid.request.id", id.to_string()),
        ],
    };
    Some(begun.ended(end, (status >= 500).then(|| status.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(text: &str) -> Option<Caller> {
        Caller::of(&HeaderMap::from_iter([(
            axum::http::HeaderName::from_static("traceparent"),
            text.parse().unwrap(),
        )]))
    }

    #[test]
    fn a_request_is_part_of_its_callers_trace() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let id = RequestId::parse("req_01x").unwrap();
        let answered = Answered {
            id: &id,
            method: "GET",
            route: "/v1/agents",
            status: 200,
            took: Duration::from_millis(3),
            at: Timestamp(1_000),
        };
        let inside = span(answered, caller(parent)).unwrap();
        let trace = inside.span_context.trace_id().to_string();
        assert_eq!(trace, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(inside.parent_span_id.to_string(), "b7ad6b7169203331");
        let alone = span(answered, None).unwrap();
        assert_eq!(alone.parent_span_id, SpanId::INVALID);
        assert_ne!(alone.span_context.trace_id(), inside.span_context.trace_id());
        // Whoever asks does not keep the trace: nobody else does.
        let lost = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        assert!(span(answered, caller(lost)).is_none());
    }

    #[test]
    fn a_parent_that_is_none_is_left_out() {
        for wrong in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-é-b7ad6b7169203331-01",
        ] {
            assert_eq!(caller(wrong), None, "{wrong}");
        }
        assert!(caller("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x").is_some());
    }
}
