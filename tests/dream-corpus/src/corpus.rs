//! A store, sessions, and what is true of both.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use lucid_score::Truth;

use crate::chance::Chance;
use crate::script::{Opening, Script};
use crate::store::{self, Told};
use crate::work::{Happened, Shares};

/// The people who ask for jobs.
const PRINCIPALS: u64 = 12;
/// The most lines of one log, about 7 KiB.
const LOG_LINES: usize = 256;
/// Lines that logs are made of.
const POOL_LINES: u64 = 997;
/// The stream of a seed's chance that log lines are made from; those of sessions are their
/// numbers, and fit below.
const POOL_STREAM: u64 = 1 << 41;

/// What a corpus is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// All of it follows from this.
    pub seed: u64,
    /// Sessions. 1,200 are 50 tasks of each kind of work with 4 sessions each.
    pub sessions: u32,
    /// Notes of the store, roughly; at least one of each kind is made, which is about 60.
    pub notes: u32,
    /// Bytes of all sessions together, roughly: logs are added until they are reached. 0 adds
    /// none.
    pub bytes: u64,
    /// How often each planted rule is planted, with other names each time. 1 gives five rules
    /// to find; sessions are shared out among all.
    pub variants: u32,
    /// Whether success follows from the task alone, as if labels were shuffled within tasks:
    /// then no field and no order is associated with it.
    pub shuffled: bool,
}

impl Plan {
    /// 1,200 sessions and 400 notes, without logs: what the repository's scores are of.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, sessions: 1_200, notes: 400, bytes: 0, variants: 1, shuffled: false }
    }
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, which an import keeps.
    pub id: String,
    /// What was tried.
    pub task: String,
    /// Who asked for it.
    pub principal: String,
    /// Whether it succeeded.
    pub success: bool,
    /// It as the lines that `lucid session import` reads.
    pub lines: String,
}

/// A store and sessions with known truth. Sessions are made when they are asked for.
pub struct Corpus {
    plan: Plan,
    memories: BTreeMap<String, String>,
    truth: Truth,
    told: Vec<Told>,
    shares: Shares,
    pool: Vec<String>,
}

impl Corpus {
    /// Makes the store and the truth.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let store::Made { memories, mut truth, told } = store::make(plan.seed, plan.notes);
        let shares = Shares::of(plan.sessions, plan.variants, plan.shuffled);
        truth.sessions = plan.sessions;
        shares.tell(&mut truth);
        Self { plan, memories, truth, told, shares, pool: pool(plan.seed) }
    }

    /// What it was made from.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The store: texts by path, such as `/notes/001.md`.
    #[must_use]
    pub fn memories(&self) -> &BTreeMap<String, String> {
        &self.memories
    }

    /// What is true of it.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// The session of this number, whatever was asked for before.
    #[must_use]
    pub fn session(&self, number: u32) -> Session {
        let number = u64::from(number);
        let mut chance = Chance::new(self.plan.seed, number);
        let Happened { task, success, calls } = self.shares.happened(number, &mut chance);
        let principal = format!("person-{:02}", 1 + chance.below(PRINCIPALS));
        let opening = Opening { task: &task, principal: &principal, success };
        let mut script = Script::begin(self.plan.seed, number, &opening);
        script.person(&format!("Please do job {task}."));
        for told in self.told_in(number) {
            script.person(&told.text);
        }
        for call in &calls {
            script.call(call);
        }
        self.logs(&mut script, &mut chance);
        script.agent("That was the job.");
        Session { id: script.id(), task, principal, success, lines: script.end() }
    }

    /// Writes sessions as JSON lines, and gives their bytes.
    ///
    /// # Errors
    /// What `to` says.
    pub fn write_sessions(&self, numbers: Range<u32>, to: &mut dyn Write) -> io::Result<u64> {
        let mut bytes = 0;
        for number in numbers.start..numbers.end.min(self.plan.sessions) {
            let session = self.session(number);
            to.write_all(session.lines.as_bytes())?;
            bytes += session.lines.len() as u64;
        }
        Ok(bytes)
    }

    /// What is told in the session of this number.
    fn told_in(&self, number: u64) -> impl Iterator<Item = &Told> {
        let sessions = u64::from(self.plan.sessions.max(1));
        (0_u64..)
            .zip(&self.told)
            .filter(move |(told, _)| (told * 37 + 11) % sessions == number)
            .map(|(_, told)| told)
    }

    /// Fills a session up to its share of the bytes.
    fn logs(&self, script: &mut Script, chance: &mut Chance) {
        let share = self.plan.bytes / u64::from(self.plan.sessions.max(1));
        let share = usize::try_from(share).unwrap_or(usize::MAX);
        let line_bytes = 1 + self.pool.iter().map(String::len).sum::<usize>() / self.pool.len();
        let mut part = 0;
        while script.bytes() < share {
            part += 1;
            let missing = (share - script.bytes()) / line_bytes;
            let first = usize::try_from(chance.below(POOL_LINES)).unwrap_or_default();
            let lines = self.pool.iter().cycle().skip(first).take(missing.clamp(1, LOG_LINES));
            let lines: Vec<&str> = lines.map(String::as_str).collect();
            script.log("read_log", part, &lines);
        }
    }
}

/// Lines of instruments: nothing in them is a fact, an error or an order.
fn pool(seed: u64) -> Vec<String> {
    let mut chance = Chance::new(seed, POOL_STREAM);
    let line = |number: u64| {
        let (zone, celsius) = (chance.below(8), chance.between(20.0, 1_260.0));
        let (pressure, level) = (chance.between(0.0, 9.0), chance.of(&["ok", "low", "high"]));
        format!("t{number:04} zone{zone} {celsius:.1} {pressure:.1} {level}")
    };
    (0..POOL_LINES).map(line).collect()
}
