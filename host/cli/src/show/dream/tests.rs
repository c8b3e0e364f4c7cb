use lucid_core::{
    Change, Clock as _, Draft, DreamError, DreamErrorKind, DreamId, Event, EventId, EventRecord,
    LedgerLine, MemoryStoreId, ModelUsage, Proof, Rejection, ReviewPolicy, RuleKind, Schedule,
    ScheduleId, SeededEntropy, SessionId, StepClock, Timestamp,
};
use lucid_runtime::SchedulerNote;

use super::*;
use crate::show::width;

fn evidence(quote: &str) -> Evidence {
    Evidence {
        session_id: "sesn_01a".to_owned(),
        event_id: "sevt_01a".to_owned(),
        quote: quote.to_owned(),
    }
}

fn statistics() -> Statistics {
    Statistics {
        statement: "land.speed is below 1.6".to_owned(),
        field: "land.speed".to_owned(),
        comparison: "below".to_owned(),
        value: "1.6".to_owned(),
        with: Ratio { hits: 9, total: 10 },
        without: Ratio { hits: 2, total: 10 },
        p: 0.001,
        q: 0.01,
        check_with: Ratio { hits: 4, total: 5 },
        check_without: Ratio { hits: 1, total: 5 },
        session_ids: vec!["sesn_01a".to_owned()],
    }
}

fn operation(number: u32, state: OperationState, rejection: Option<Rejection>) -> DreamOperation {
    let draft = Draft { path: "/playbook.md".to_owned(), text: "- slow".to_owned() };
    DreamOperation {
        id: format!("dop_{number}"),
        op: "add".to_owned(),
        class: Class::Contrast,
        state,
        memory_path: "/playbook.md".to_owned(),
        before: Vec::new(),
        after: Some("- slow".to_owned()),
        reason: "slow landings\u{1b}[2J succeed".to_owned(),
        statistics: rejection.is_none().then(statistics),
        rejection,
        evidence: vec![evidence("speed 1.2\u{1b}[2J"), evidence("b"), evidence("c"), evidence("d")],
        change: Change::Add { draft, kind: RuleKind::Contrast, statistics: None },
        masked: Vec::new(),
    }
}

fn ledger(id: &str, place: Place) -> LedgerLine {
    let operation = (place != Place::Kept).then(|| "dop_1".to_owned());
    let (path, text) = ("/notes.md".to_owned(), "- an entry".to_owned());
    LedgerLine { entry_id: id.to_owned(), path, text, place, operation }
}

fn dream() -> Dream {
    let quote = Rejection::QuoteNotFound("sevt_01x".to_owned());
    Dream {
        id: DreamId::parse("drm_01a").unwrap(),
        status: DreamStatus::Completed,
        strategy: "consolidate".to_owned(),
        instructions: "only landings".to_owned(),
        memory_store_in: MemoryStoreId::parse("memstore_01a").unwrap(),
        memory_store_out: MemoryStoreId::parse("memstore_01b"),
        input_session_ids: vec![SessionId::parse("sesn_01a").unwrap()],
        session_id: SessionId::parse("sesn_01d"),
        policy: ReviewPolicy::Review,
        usage: ModelUsage::default(),
        ms: 2_100,
        operations: vec![
            operation(1, OperationState::Accepted, None),
            operation(2, OperationState::Proposed, None),
            operation(3, OperationState::Rejected, Some(quote)),
            operation(4, OperationState::Rejected, None),
        ],
        rejections_dropped: 2,
        ledger: vec![
            ledger("ent_1", Place::Kept),
            ledger("ent_2", Place::MergedInto { entry_id: "ent_1".to_owned() }),
        ],
        summary: "one rule".to_owned(),
        proof: None,
        error: None,
        created_at: Timestamp(0),
        ended_at: Some(Timestamp(2_100)),
    }
}

fn proven(passed: bool) -> Proof {
    Proof {
        mission: "digest".to_owned(),
        n: 200,
        before_rate: 0.5,
        after_rate: 0.8,
        lower_bound: 0.22,
        ci95: None,
        margin: if passed { 0.0 } else { 0.5 },
        passed,
        seed: 7,
        at: Timestamp(0),
    }
}

#[test]
fn a_dream_shows_what_stands_what_waits_and_what_was_refused() {
    let text = render(&dream());
    assert!(text.starts_with("drm_01a  completed, with consolidate in 2.1 s\n"), "{text}");
    assert!(text.contains("1 session, memstore_01a -> memstore_01b\n"), "{text}");
    assert!(text.contains("asked for: only landings\n"), "{text}");
    assert!(text.contains("operations: 1 accepted, 1 proposed, 1 rejected, 3 refused\n"), "{text}");
    assert!(text.contains("quote not found: sevt_01x"), "{text}");
    assert!(text.contains("and 2 more\n"), "{text}");
    assert!(text.contains("ledger: 2 entries: 1 kept, 1 merged\n"), "{text}");
    assert!(text.contains("merged into ent_1, by dop_1\n"), "{text}");
    assert!(text.contains("lucid dream accept drm_01a --all"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_rule_is_said_as_what_goes_with_success_with_all_its_numbers() {
    let line = rule(&statistics());
    assert_eq!(
        line,
        "land.speed is below 1.6: 9 of 10 succeeded with it, 2 of 10 without (p = 0.001, \
         q = 0.010; with each third held back in turn 4 of 5 and 1 of 5)"
    );
    let unnamed = Statistics { statement: String::new(), ..statistics() };
    assert!(rule(&unnamed).starts_with("land.speed below 1.6: "));
}

#[test]
fn the_document_of_a_dream_has_the_fields_that_programs_read() {
    let document = document(&dream());
    for field in [
        "id",
        "status",
        "strategy",
        "instructions",
        "memory_store_in",
        "memory_store_out",
        "session_ids",
        "usage",
        "ms",
        "operations",
        "ledger",
    ] {
        assert!(!document[field].is_null(), "{field}");
    }
    let first = &document["operations"][0];
    for field in ["id", "op", "class", "state", "memory_path", "before", "after", "reason"] {
        assert!(!first[field].is_null(), "{field}");
    }
    assert_eq!(first["rejection"], Value::Null);
    assert_eq!(first["evidence"][0]["session_id"], "sesn_01a");
    assert_eq!(first["statistics"]["with_success"], 9);
    assert_eq!(first["statistics"]["without_total"], 10);
    assert_eq!(document["ledger"][1]["fate"], "merged");
    assert_eq!(document["ledger"][1]["entry"], "ent_2");
    assert_eq!(document["ledger"][1]["operation"], "dop_1");
}

#[test]
fn a_dream_that_failed_says_why_and_where_its_log_is() {
    let error = DreamError { kind: DreamErrorKind::Timeout, message: "too slow".to_owned() };
    let failed = Dream {
        status: DreamStatus::Failed,
        error: Some(error),
        operations: Vec::new(),
        rejections_dropped: 0,
        ..dream()
    };
    let text = ended(&failed);
    assert!(text.contains("timeout: too slow\n"), "{text}");
    assert!(text.contains("lucid session events sesn_01d"), "{text}");
    assert!(!text.contains("accept"), "{text}");
}

#[test]
fn a_proof_draws_its_bound_and_says_what_follows() {
    let text = proof(&proven(true), Some([0.2, 0.4]));
    assert!(text.contains("above +22.0 points; it has to be above +0.0: proved\n"), "{text}");
    assert!(text.contains("95 % interval +20.0 to +40.0\n"), "{text}");
    let scale = text.lines().find(|line| line.contains('●')).unwrap();
    let at = |mark: char| scale.chars().position(|c| c == mark).unwrap();
    assert!(at('│') < at('[') && at('[') < at('●'), "{scale}");
    assert!(proof(&proven(false), None).contains("NOT PROVED"));
    let document = proof_document(&proven(true), [0.2, 0.4], 400);
    assert_eq!(document["sessions"], 400);
    assert_eq!(document["passed"], true);
}

fn record(number: u32, event: &Event) -> (u32, EventRecord) {
    let clock = StepClock::starting_at(Timestamp(u64::from(number) * 100));
    let id = EventId::new(&clock, &SeededEntropy::new(number.into()));
    (number, EventRecord::new(id, event, None, false, clock.now()).unwrap())
}

fn step(done: u32, total: u32) -> Event {
    let session_id = SessionId::parse("sesn_01a");
    Event::DreamProgress { phase: "read".to_owned(), done, total, session_id }
}

#[test]
fn a_drawing_shows_which_session_is_read_and_each_operation_as_it_comes() {
    let told = |rejection| Event::DreamOperation {
        operation_id: Some("dop_1".to_owned()),
        number: Some(0),
        class: Some(Class::Contrast),
        operation: operation(1, OperationState::Proposed, None).operation(),
        rejection,
    };
    let refusal = Rejection::Unsupported("only text from outside".to_owned());
    let page = [record(0, &step(1, 2)), record(1, &told(None)), record(2, &told(Some(refusal)))];
    let titles =
        [(SessionId::parse("sesn_01a").unwrap(), "Notes\u{1b}[2J of May".to_owned())].into();
    let text = Drawing::new(100).draw(&page, &titles);
    assert!(text.contains("1/2  sesn_01a  Notes"), "{text}");
    assert!(text.contains("✓ add"), "{text}");
    assert!(text.contains("“speed 1.2"), "{text}");
    assert!(text.contains("✗ add"), "{text}");
    assert!(text.contains("refused: unsupported: only text from outside"), "{text}");
    assert!(!text.contains("\u{1b}[2J"), "{text}");
}

#[test]
fn a_drawing_of_many_steps_stays_readable() {
    let page: Vec<_> = (0..=10_000)
        .map(|number| {
            let (_, mut record) = record(0, &step(number, 10_000));
            record.created_at = Timestamp(u64::from(number) / 10);
            (number, record)
        })
        .collect();
    let text = Drawing::new(80).draw(&page, &BTreeMap::new());
    let lines: Vec<_> = text.lines().collect();
    assert!((3..=10).contains(&lines.len()), "{}", lines.len());
    assert!(lines.last().unwrap().contains("10000/10000"), "{text}");
    assert!(lines.iter().all(|line| width::of(line) <= 80), "{text}");
    // Few steps are shown one by one.
    let page: Vec<_> = (1..=12).map(|number| record(0, &step(number, 12))).collect();
    assert_eq!(Drawing::new(80).draw(&page, &BTreeMap::new()).lines().count(), 12);
}

fn a_schedule() -> Schedule {
    Schedule {
        id: ScheduleId::parse("dsch_01a").unwrap(),
        memory_store: MemoryStoreId::parse("memstore_01a").unwrap(),
        strategy: "consolidate".to_owned(),
        instructions: String::new(),
        cron: "@nightly".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        policy: ReviewPolicy::Auto,
        mission: None,
        last_n: None,
        min_new: 3,
        paused: false,
        jitter_ms: 0,
        last_run_at: None,
        next_run_at: Some(Timestamp(0)),
    }
}

#[test]
fn a_schedule_says_when_it_runs_or_that_it_is_paused() {
    let next = [Timestamp(0), Timestamp(86_400_000)];
    let text = schedule(&a_schedule(), &next);
    assert!(text.contains("next  1970-01-01T00:00:00.000Z\n"), "{text}");
    assert!(text.contains("then  1970-01-02T00:00:00.000Z\n"), "{text}");
    assert!(text.contains("reads all sessions when 3 are new\n"), "{text}");
    let paused = Schedule { paused: true, next_run_at: None, ..a_schedule() };
    assert!(schedule(&paused, &next).ends_with("paused\n"));
    assert!(
        schedules(&[lucid_verbs::ScheduleShown { schedule: paused, upcoming: next.to_vec() }])
            .contains("paused")
    );
    let document = schedule_document(&a_schedule(), &next);
    assert_eq!(document["upcoming_runs_at"][1], "1970-01-02T00:00:00.000Z");
}

#[test]
fn a_schedulers_log_has_one_line_for_each_thing_whatever_is_said() {
    let failure = lucid_core::Failure::invalid("gone\nfor good\u{1b}[2J").hint("add another");
    let one = a_schedule();
    let dream = dream();
    let notes = [
        SchedulerNote::Started { schedules: 2, next: None },
        SchedulerNote::WentOn { dream: &dream.id },
        SchedulerNote::Busy { schedule: &one },
        SchedulerNote::NothingNew { schedule: &one, found: 1, next: Some(Timestamp(0)) },
        SchedulerNote::Began { schedule: &one, dream: &dream.id, late_ms: 61_000 },
        SchedulerNote::Ended { dream: &dream },
        SchedulerNote::Failed { schedule: &one.id, failure: &failure },
        SchedulerNote::Waits { schedule: Some(&one.id), failure: &failure },
        SchedulerNote::Waits { schedule: None, failure: &failure },
        SchedulerNote::Stopped,
    ];
    for told in &notes {
        let line = note(Timestamp(0), told);
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.starts_with("1970-01-01T00:00:00.000Z  ") && !line.contains('\u{1b}'));
        assert!(note_document(Timestamp(0), told)["type"].is_string(), "{line}");
    }
    assert!(note(Timestamp(0), &notes[4]).contains("1 min 1 s late"));
    assert!(note(Timestamp(0), &notes[5]).contains("1 taken, 1 wait"));
}
