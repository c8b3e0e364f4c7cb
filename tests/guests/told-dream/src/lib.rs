//! A dream that does what its instructions say: JSON, a list of steps.
//!
//! ```json
//! [
//!   {"step": "spin_once"},
//!   {"step": "say", "path": "/playbook.md", "quote": "too fast"},
//!   {"step": "merge"},
//!   {"step": "forge", "quote": "nobody ever said this"}
//! ]
//! ```
//!
//! What a person said in a session is its digest, so that a second dream reads what is new.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use lucid_sdk::dream::{
    self, Dream, DreamError, Entry, Evidence, Operation, Request, SessionSummary, Summary,
};
use serde::{Deserialize, Serialize};

/// One thing to do.
#[derive(Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum Step {
    /// Computes for ever.
    Spin,
    /// The same, where nothing was kept of any session before.
    SpinOnce,
    /// Adds an entry that says in how many sessions somebody said something.
    Say { path: String, quote: String },
    /// Merges entries that differ in letter case alone.
    Merge,
    /// Adds an entry with a quote that is nowhere.
    Forge { quote: String },
    /// Fails.
    Fail { why: String },
    /// Ends its program.
    Exit,
}

/// What a person said in one event.
#[derive(Serialize, Deserialize)]
struct Said {
    event_id: String,
    body: String,
}

struct Told;

impl Dream for Told {
    fn dream(request: &Request) -> Result<Summary, DreamError> {
        let steps: Vec<Step> = serde_json::from_str(&request.instructions)
            .map_err(|error| DreamError::InvalidInstructions(error.to_string()))?;
        let is_first = dream::kept_digests(0, 1).into_iter().flatten().next().is_none();
        let mut sessions = Vec::new();
        for digest in dream::digests_as(said) {
            sessions.push(digest?);
        }
        let entries = dream::entries();
        for step in &steps {
            act(step, is_first, &sessions, &entries)?;
        }
        let sessions_read = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
        let text = format!("{} steps", steps.len());
        Ok(Summary { text, sessions_read, hypotheses_tested: 0 })
    }
}

fn act(
    step: &Step,
    is_first: bool,
    sessions: &[(SessionSummary, Vec<Said>)],
    entries: &[Entry],
) -> Result<(), DreamError> {
    // What the host says to a proposal is in the dream.
    match step {
        Step::Spin => spin(),
        Step::SpinOnce if is_first => spin(),
        Step::SpinOnce => {}
        Step::Say { path, quote } => {
            let evidence = quotes(sessions, quote);
            if !evidence.is_empty() {
                let text = format!("- {} sessions say: {quote}", evidence.len());
                let operation = Operation::add(path, text).because("people said it");
                let _ = operation.supported_by(evidence).propose();
            }
        }
        Step::Merge => {
            for (number, entry) in entries.iter().enumerate() {
                let same = |other: &&Entry| {
                    other.text.to_lowercase() == entry.text.to_lowercase()
                        && other.text != entry.text
                };
                let others: Vec<&Entry> = entries[number + 1..].iter().filter(same).collect();
                if !others.is_empty() {
                    let merge = Operation::merge(entry, others).because("they say the same");
                    let _ = merge.propose();
                }
            }
        }
        Step::Forge { quote } => {
            let mut evidence = quotes(sessions, "");
            evidence.truncate(1);
            evidence.iter_mut().for_each(|evidence| evidence.quote.clone_from(quote));
            let operation = Operation::add("/forged.md", format!("- {quote}")).because("forged");
            let _ = operation.supported_by(evidence).propose();
        }
        Step::Fail { why } => return Err(DreamError::Failed(why.clone())),
        #[expect(clippy::exit, reason = "a strategy that ends its own process")]
        Step::Exit => std::process::exit(3),
    }
    Ok(())
}

fn spin() {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number).wrapping_add(1);
    }
}

fn said(session: &SessionSummary) -> Result<Vec<Said>, DreamError> {
    let mut said = Vec::new();
    for event in dream::each_event(&session.id) {
        let event = event?.into_event();
        if event.kind == "user.message" {
            said.push(Said { event_id: event.id, body: event.body_json });
        }
    }
    Ok(said)
}

/// One quote of each session in which somebody said it.
fn quotes(sessions: &[(SessionSummary, Vec<Said>)], quote: &str) -> Vec<Evidence> {
    let found = sessions.iter().filter_map(|(session, said)| {
        let said = said.iter().find(|said| said.body.contains(quote))?;
        let (session_id, event_id) = (session.id.clone(), said.event_id.clone());
        Some(Evidence { session_id, event_id, quote: quote.to_owned() })
    });
    found.collect()
}

lucid_sdk::export_dream!(Told);
