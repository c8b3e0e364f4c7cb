//! Memory through time: what held when, where an entry comes from, what was forgotten.

use anstyle::Style;
use lucid_core::{DreamOperation, EntryInterval};
use lucid_runtime::{EntryStanding, Forgetting, Forgotten, Why, WhyStep};

use super::{dream, short, table};

/// Columns of texts that somebody wrote.
const TEXT_COLUMNS: usize = 80;

/// What a store held and holds no more, oldest first.
pub(crate) fn history(intervals: &[EntryInterval]) -> String {
    if intervals.is_empty() {
        return "nothing was superseded\n".to_owned();
    }
    let mut text = String::new();
    for interval in intervals {
        let until = interval.valid_until.map_or("now".to_owned(), |until| until.to_string());
        let by = match &interval.superseded_by {
            Some(entry) => format!("superseded by {entry}, by {}", interval.dream_id),
            None => format!("it holds, by {}", interval.dream_id),
        };
        text.push_str(&format!(
            "{}  {}\n  {} to {until}\n  {by}\n  {}\n",
            interval.entry_id,
            short(&interval.path, TEXT_COLUMNS),
            interval.valid_from,
            short(&interval.text, TEXT_COLUMNS),
        ));
    }
    text
}

/// Where an entry comes from, newest first, back to the quotes.
pub(crate) fn why(why: &Why) -> String {
    let standing = match why.standing {
        EntryStanding::Stands => "stands",
        EntryStanding::Superseded => "was superseded",
        EntryStanding::Gone => "is gone",
    };
    let mut text = format!(
        "{}  {standing} in {} of {}\n  {}\n",
        why.entry_id,
        short(&why.path, TEXT_COLUMNS),
        why.memory_store_id,
        short(&why.text, TEXT_COLUMNS),
    );
    text.extend(why.steps.iter().map(step));
    if let (Some(at), Some(by)) = (why.first_at, &why.first_by) {
        let by = short(&table::author(by), TEXT_COLUMNS);
        text.push_str(&format!("\nfirst written {at} by {by}\n"));
    }
    text
}

/// One store that an entry stood in, and what it is there by.
fn step(step: &WhyStep) -> String {
    let by = step.dream_id.as_ref().map_or(String::new(), |id| format!(", by {id}"));
    let mut text = format!("\n{}{by}\n", step.memory_store_id);
    text.extend(step.operations.iter().map(operation));
    text
}

fn operation(operation: &DreamOperation) -> String {
    let mut text = format!(
        "  {} {}, {}, {}: {}\n",
        operation.id,
        operation.op,
        dream::class(operation.class),
        dream::state(operation.state),
        short(&operation.reason, TEXT_COLUMNS)
    );
    if let Some(numbers) = &operation.statistics {
        text.push_str(&format!("    {}\n", dream::rule(numbers)));
    }
    for before in &operation.before {
        text.push_str(&format!("    was  {}\n", short(before, TEXT_COLUMNS)));
    }
    let dim = Style::new().dimmed();
    for evidence in &operation.evidence {
        text.push_str(&format!("    {dim}{}{dim:#}\n", dream::quote(evidence)));
    }
    text
}

/// What dreams lost with what was forgotten; nothing where none had made anything of it.
pub(crate) fn forgotten(forgotten: &Forgotten) -> String {
    let mut text = String::new();
    for one in &forgotten.dreams {
        let how = match one.how {
            Forgetting::Rescored => "dreamt again without it",
            Forgetting::Retracted => "what rested on it is taken back",
        };
        text.push_str(&format!(
            "  {}  {how}: {} operations, {} before\n",
            one.dream_id, one.operations_after, one.operations_before
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use lucid_core::{
        Author, Change, Class, DreamId, Evidence, MemoryStoreId, OperationState, Timestamp,
    };
    use lucid_runtime::ForgottenDream;

    use super::*;

    fn dream_id() -> DreamId {
        DreamId::parse("drm_01a").unwrap()
    }

    fn interval(until: Option<u64>) -> EntryInterval {
        EntryInterval {
            entry_id: "ent_1".to_owned(),
            text: "- The port\u{1b}[2J is 8080.".to_owned(),
            path: "/notes.md".to_owned(),
            valid_from: Timestamp(0),
            valid_until: until.map(Timestamp),
            superseded_by: until.map(|_| "ent_2".to_owned()),
            dream_id: dream_id(),
        }
    }

    #[test]
    fn a_history_says_from_when_until_when_and_what_took_the_place() {
        let text = history(&[interval(Some(1_000)), interval(None)]);
        assert!(text.contains("1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z\n"), "{text}");
        assert!(text.contains("superseded by ent_2, by drm_01a\n"), "{text}");
        assert!(text.contains("to now\n") && text.contains("it holds"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert_eq!(history(&[]), "nothing was superseded\n");
    }

    #[test]
    fn an_entry_is_led_back_to_its_quotes_and_to_who_wrote_it() {
        let operation = DreamOperation {
            id: "dop_1".to_owned(),
            op: "merge".to_owned(),
            class: Class::Subsumed,
            state: OperationState::Accepted,
            memory_path: "/notes.md".to_owned(),
            before: vec!["- port 8080".to_owned()],
            after: Some("- The port is 8080.".to_owned()),
            reason: "both say it".to_owned(),
            rejection: None,
            evidence: vec![Evidence {
                session_id: "sesn_01a".to_owned(),
                event_id: "sevt_01a".to_owned(),
                quote: "port 8080".to_owned(),
            }],
            statistics: None,
            change: Change::Keep { entry_id: "ent_1".to_owned() },
            masked: Vec::new(),
        };
        let store = |id: &str| MemoryStoreId::parse(id).unwrap();
        let step = |id: &str, dream_id, operations| WhyStep {
            memory_store_id: store(id),
            entry_id: "ent_1".to_owned(),
            dream_id,
            operations,
        };
        let found = Why {
            entry_id: "ent_1".to_owned(),
            memory_store_id: store("memstore_01b"),
            path: "/notes.md".to_owned(),
            text: "- The port is 8080.".to_owned(),
            standing: EntryStanding::Stands,
            first_at: Some(Timestamp(0)),
            first_by: Some(Author::User { user_id: "lucid memory import".to_owned() }),
            steps: vec![
                step("memstore_01b", Some(dream_id()), vec![operation]),
                step("memstore_01a", None, Vec::new()),
            ],
        };
        let text = why(&found);
        assert!(text.starts_with("ent_1  stands in /notes.md of memstore_01b\n"), "{text}");
        assert!(text.contains("memstore_01b, by drm_01a\n"), "{text}");
        assert!(text.contains("dop_1 merge, subsumed, accepted: both say it\n"), "{text}");
        assert!(text.contains("was  - port 8080\n"), "{text}");
        assert!(text.contains("“port 8080”  sesn_01a sevt_01a"), "{text}");
        let end = "first written 1970-01-01T00:00:00.000Z by lucid memory import\n";
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn what_was_forgotten_says_which_dreams_lost_what() {
        let one = ForgottenDream {
            dream_id: dream_id(),
            how: Forgetting::Rescored,
            operations_before: 5,
            operations_after: 4,
            memory_store: None,
        };
        let text = forgotten(&Forgotten { dreams: vec![one] });
        assert_eq!(text, "  drm_01a  dreamt again without it: 4 operations, 5 before\n");
        assert!(forgotten(&Forgotten { dreams: Vec::new() }).is_empty());
    }
}
