//! What is appended: everything of it follows from a seed and its place, so that who checks
//! a store knows what has to be in it.

use std::collections::BTreeMap;

use lucid_core::{EventId, EventRecord, Session, SessionId, ThreadId, Timestamp, derive_seed};

use crate::Random;

/// The most events of one append.
const BATCH_MAX: usize = 4;

/// The longest of the ordinary bodies, and of the few that take more than one page.
const BODY_BYTES: usize = 1_500;
const LARGE_BODY_BYTES: usize = 16_000;

/// Sessions, and what is appended to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    /// What everything follows from.
    pub seed: u64,
    /// How many sessions there are; they are appended to at the same time.
    pub sessions: u32,
    /// How many appends each has.
    pub appends: u32,
    /// After how many appends, of all sessions together, the store is tidied up.
    pub tidy_every: u32,
}

impl Workload {
    /// The arguments that say it to the program.
    #[must_use]
    pub fn arguments(&self) -> [String; 4] {
        let Self { seed, sessions, appends, tidy_every } = self;
        [seed.to_string(), sessions.to_string(), appends.to_string(), tidy_every.to_string()]
    }

    /// The session of a number.
    #[must_use]
    pub fn session(&self, number: u32) -> Session {
        Session {
            id: SessionId::parse(&format!("sesn_01crash{number:04}")).unwrap(),
            title: format!("Session {number}"),
            agent: "lead".to_owned(),
            metadata: BTreeMap::from([("number".to_owned(), number.to_string())]),
            created_at: Timestamp(1_000 + u64::from(number)),
        }
    }

    /// The number of a session; none when it is of no workload.
    #[must_use]
    pub fn number_of(id: &SessionId) -> Option<u32> {
        id.as_str().strip_prefix("sesn_01crash")?.parse().ok()
    }

    /// How many events an append has.
    #[must_use]
    pub fn batch(&self, session: u32, append: u32) -> u32 {
        let count = 1 + self.random("batch", session, append).below(BATCH_MAX);
        u32::try_from(count).unwrap()
    }

    /// The event of a session that has a number in its log.
    #[must_use]
    pub fn event(&self, session: u32, number: u32) -> EventRecord {
        let mut random = self.random("event", session, number);
        let kinds = ["user.message", "agent.tool_use", "agent.tool_result", "session.status_idle"];
        let most = if random.one_in(16) { LARGE_BODY_BYTES } else { BODY_BYTES };
        let length = random.below(most);
        let text: String = random.bytes(length).iter().map(|byte| letter(*byte)).collect();
        let thread = ThreadId::parse(&format!("sthr_01crash{session:04}")).unwrap();
        EventRecord {
            id: EventId::parse(&format!("sevt_01crash{session:04}n{number:06}")).unwrap(),
            kind: kinds[random.below(kinds.len())].to_owned(),
            thread_id: random.one_in(2).then_some(thread),
            created_at: Timestamp(2_000 + u64::from(number)),
            body: format!(r#"{{"session":{session},"number":{number},"text":"{text}"}}"#),
        }
    }

    /// The numbers at which an append may begin and end: a log is of one of these lengths.
    #[must_use]
    pub fn lengths(&self, session: u32) -> Vec<u32> {
        let mut lengths = vec![0];
        for append in 0..self.appends {
            lengths.push(lengths.last().unwrap() + self.batch(session, append));
        }
        lengths
    }

    fn random(&self, what: &str, session: u32, number: u32) -> Random {
        Random::new(derive_seed(self.seed, &format!("{what}/{session}/{number}")))
    }
}

/// All that a workload comes to, made once.
#[derive(Debug)]
pub struct Expected {
    /// The workload.
    pub workload: Workload,
    /// The events of each session.
    pub events: Vec<Vec<EventRecord>>,
    /// The lengths that each session's log can have.
    pub lengths: Vec<Vec<u32>>,
}

impl Expected {
    /// Makes it.
    #[must_use]
    pub fn of(workload: Workload) -> Self {
        let lengths: Vec<_> = (0..workload.sessions).map(|n| workload.lengths(n)).collect();
        let events = (0..workload.sessions).zip(&lengths).map(|(session, lengths)| {
            let whole = lengths.last().copied().unwrap_or(0);
            (0..whole).map(|number| workload.event(session, number)).collect()
        });
        Self { workload, events: events.collect(), lengths }
    }
}

fn letter(byte: u8) -> char {
    match byte {
        0..4 => '\u{1F680}',
        4..20 => 'é',
        _ => char::from(b'a' + byte % 26),
    }
}
