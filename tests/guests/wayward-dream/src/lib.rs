//! A dream that tries to write, to read what is not its own, to keep what it must not, and to
//! propose what must be refused; and proposes one good thing. Its summary says what it got for
//! each.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use std::fs;

use lucid_sdk::dream::{
    Addition, Change, DigestError, Draft, Dream, DreamError, Entry, Evidence, Merge, Operation,
    Origin, Ratio, Rejection, Request, RuleKind, Statistics, Summary, entries, events, keep_digest,
    kept_digests, propose, report_session, sessions,
};
use serde_json::{Map, Value, json};

/// Where it tries to write.
const PLACES: [&str; 6] = [
    "/wayward.md",
    "wayward.md",
    "/workspace/wayward.md",
    "/mnt/memory/notes/wayward.md",
    "/mnt/session/outputs/wayward.md",
    "/tmp/wayward.md",
];

/// A session that is none of the dream's.
const STRANGER: &str = "sesn_000000000000000000000000";

struct Wayward;

impl Dream for Wayward {
    fn dream(_request: &Request) -> Result<Summary, DreamError> {
        let wrote: Vec<_> =
            PLACES.into_iter().filter(|place| fs::write(place, "I was here").is_ok()).collect();
        let listed: Vec<_> = fs::read_dir("/").into_iter().flatten().flatten().collect();
        let stranger = events(STRANGER);
        let kept = digests();
        report_session("told of another", 1, 0, STRANGER);
        let mut answers = Map::new();
        for (name, operation) in operations()? {
            answers.insert(name.to_owned(), answer(propose(&operation)));
        }
        // Now that it knows the memory it could write it down.
        let late = sessions().first().map(|session| keep_digest(&session.id, b"- one"));
        let told = json!({
            "wrote": wrote,
            "listed": listed.len(),
            "environment": std::env::vars().count(),
            "stranger_refused": stranger.is_err(),
            "digests": kept,
            "late": matches!(late, Some(Err(DigestError::TooLate(_)))),
            "answers": answers,
        });
        Ok(Summary { text: told.to_string(), sessions_read: 1, hypotheses_tested: 0 })
    }
}

fn answer(answer: Result<u32, Rejection>) -> Value {
    match answer {
        Ok(number) => json!(number),
        Err(Rejection::UnknownEntry(_)) => json!("unknown-entry"),
        Err(Rejection::AlreadySettled(_)) => json!("already-settled"),
        Err(Rejection::QuoteNotFound(_)) => json!("quote-not-found"),
        Err(Rejection::Unsupported(_)) => json!("unsupported"),
        Err(Rejection::LossCap(_)) => json!("loss-cap"),
        Err(Rejection::TooLarge(_)) => json!("too-large"),
        Err(Rejection::Malformed(_)) => json!("malformed"),
    }
}

/// What it got for the digests it tried to keep, and what it has of them afterwards.
fn digests() -> Value {
    let answer = |answer: Result<(), DigestError>| match answer {
        Ok(()) => "kept",
        Err(DigestError::UnknownSession(_)) => "unknown-session",
        Err(DigestError::TooLarge(_)) => "too-large",
        Err(DigestError::TooLate(_)) => "too-late",
        Err(DigestError::Failed(_)) => "failed",
    };
    let own = sessions().first().map(|session| session.id.clone()).unwrap_or_default();
    let before = kept_digests(0, 1).into_iter().flatten().next();
    json!({
        "before": before,
        "stranger": answer(keep_digest(STRANGER, b"a")),
        "large": answer(keep_digest(&own, &vec![0; (256 << 10) + 1])),
        "own": answer(keep_digest(&own, b"own")),
        "page": kept_digests(0, u32::MAX).len(),
        "after": kept_digests(0, 1).into_iter().flatten().next(),
        "end": kept_digests(u32::MAX, 1).len(),
    })
}

/// A quote of an event, of which kind and origin is given.
fn quote(kind: &str, origin: Origin) -> Result<Evidence, DreamError> {
    for session in sessions() {
        let read = events(&session.id);
        let read = read.map_err(|error| DreamError::UnreadableInput(format!("{error:?}")))?;
        let event = read.into_iter().find(|event| event.kind == kind && event.origin == origin);
        if let Some(event) = event {
            let quote = event.body_json.chars().take(40).collect();
            return Ok(Evidence { session_id: session.id, event_id: event.id, quote });
        }
    }
    Err(DreamError::UnreadableInput(format!("no session has a {kind} of this origin")))
}

/// What it proposes, in order.
fn operations() -> Result<Vec<(&'static str, Operation)>, DreamError> {
    let good = vec![quote("user.message", Origin::Person)?];
    let hearsay = vec![quote("agent.tool_result", Origin::Outside)?];
    let changed = |change: fn(&mut Evidence)| {
        let mut evidence = good.clone();
        evidence.iter_mut().for_each(change);
        evidence
    };
    let misquoted = changed(|evidence| evidence.quote = "nobody ever said this".to_owned());
    let nowhere = changed(|evidence| evidence.event_id = "sevt_000000000000000000".to_owned());
    let elsewhere = changed(|evidence| evidence.session_id = "sesn_0000000000000000".to_owned());
    let entries = entries();
    let Some(first) = entries.get(1).map(|entry| entry.id.clone()) else {
        return Err(DreamError::UnreadableInput("the store has too few entries".to_owned()));
    };
    let mut all = vec![
        ("unknown", plain(Change::Drop("ent_of_nobody".to_owned()))),
        ("misquoted", add("/new.md", "a", misquoted)),
        ("no such event", add("/new.md", "b", nowhere)),
        ("no such session", add("/new.md", "c", elsewhere)),
        ("no evidence", add("/new.md", "d", Vec::new())),
        ("hearsay", add("/new.md", "e", hearsay)),
        ("strangers counted", rule(good.clone())),
        ("too many lost", plain(merge_all(&entries))),
        ("large", add("/new.md", &"f".repeat(5_000), good.clone())),
    ];
    for path in ["/../x.md", "../x.md", "/a/./x.md", "/x.txt", "/a\\..\\x.md", "//x.md"] {
        all.push((path, add(path, "g", good.clone())));
    }
    all.push(("good", add("/playbook.md", "- Listen first.", good)));
    all.push(("keep", plain(Change::Keep(first.clone()))));
    all.push(("twice", plain(Change::Drop(first))));
    Ok(all)
}

fn plain(change: Change) -> Operation {
    Operation { change, reason: "because".to_owned(), evidence: Vec::new() }
}

fn add(path: &str, text: &str, evidence: Vec<Evidence>) -> Operation {
    let draft = Draft { path: path.to_owned(), text: text.to_owned() };
    let change = Change::Add(Addition { draft, kind: RuleKind::Theme, statistics: None });
    Operation { change, reason: "because".to_owned(), evidence }
}

/// A rule that counts sessions which the dream does not read.
fn rule(evidence: Vec<Evidence>) -> Operation {
    let (one, none) = (Ratio { hits: 1, total: 1 }, Ratio { hits: 0, total: 0 });
    let statistics = Statistics {
        statement: "x.y between 1 and 2".to_owned(),
        field: "x.y".to_owned(),
        comparison: "between".to_owned(),
        value: "1 and 2".to_owned(),
        with: one,
        without: Ratio { hits: 0, total: 1 },
        p: 0.01,
        q: 0.02,
        check_with: none,
        check_without: none,
        session_ids: vec![STRANGER.to_owned(), "sesn_000000000000000000000001".to_owned()],
    };
    let draft = Draft { path: "/new.md".to_owned(), text: "h".to_owned() };
    let (kind, statistics) = (RuleKind::Contrast, Some(statistics));
    let change = Change::Add(Addition { draft, kind, statistics });
    Operation { change, reason: "because".to_owned(), evidence }
}

/// All but one of the entries become one.
fn merge_all(entries: &[Entry]) -> Change {
    let entry_ids: Vec<_> = entries.iter().skip(1).map(|entry| entry.id.clone()).collect();
    let survivor_id = entry_ids.first().cloned().unwrap_or_default();
    Change::Merge(Merge { entry_ids, survivor_id })
}

lucid_sdk::export_dream!(Wayward);
