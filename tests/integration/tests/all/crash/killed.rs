//! A session of fifty payments that is killed at any moment, and goes on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lucid_tests::{Found, Missions, tree};
use tempfile::TempDir;

use super::peer::Peer;
use super::process::{Ended, Moment, lucid, words};
use super::rows::{self, Rows, Tail};
use super::verdict::{self, Verdict};
use super::{Random, copy_cache, number, scratch};

const PAYMENTS: u32 = 50;

/// Runs that are killed: `LUCID_CRASH_RUNS=1000` for more, `LUCID_CRASH_SEED` for others.
const RUNS: u64 = 60;

/// How often one run is killed at most.
const KILLS_MAX: u64 = 4;

const MISSION: &str = r#"
name = "ledger"
lead = "clerk"
message = "Pay, and keep the books."

[plugins.ledger-tool]
file = "ledger-tool.wasm"
files = "read-write"
http = ["ADDRESS"]
environment = { PEER = "ADDRESS", RUN = "{seed}" }

[plugins.clerk-model]
file = "clerk-model.wasm"

[agents.clerk]
model = "plugin:clerk-model"
system = """
payments 50
notes 10
"""
tools = ["ledger-tool"]
view = { "/workspace" = "rw", "/mnt/session/outputs" = "rw" }
"#;

/// The mission, its peer, and what a run comes to that nobody kills.
struct Office {
    missions: Missions,
    peer: Peer,
    state: TempDir,
    took: Duration,
    files: BTreeMap<String, Vec<u8>>,
}

/// One run.
struct Run<'a> {
    office: &'a Office,
    /// Its seed, which is also its account at the peer.
    account: String,
    folder: TempDir,
    random: Random,
    seen: Rows,
    /// Events that were read while they were written.
    tailed: usize,
    kills: u64,
}

/// What all runs came to.
#[derive(Debug, Default)]
struct Tally {
    runs: u64,
    kills: u64,
    /// Events that were read while they were written.
    tailed: usize,
    unknown: u64,
    half_written: u64,
}

impl Office {
    fn open() -> Self {
        let peer = Peer::new();
        let mission = MISSION.replace("ADDRESS", &peer.host());
        let files = [("mission.toml", mission.as_str())];
        let missions = Missions::new(&files, &["ledger-tool", "clerk-model"]);
        let (state, took, files) = (scratch(), Duration::ZERO, BTreeMap::new());
        let mut office = Self { missions, peer, state, took, files };
        // The first compiles the plugins, so only the second is measured.
        office.undisturbed(900_000);
        (office.took, office.files) = office.undisturbed(900_001);
        assert_eq!(office.files["workspace/book.txt"], book().as_bytes());
        let notes = office.files.keys().filter(|name| name.contains("note-")).count();
        assert_eq!((notes, office.files.len()), (10, 12), "{:?}", office.files.keys());
        office
    }

    /// A run that nobody kills: how long it takes, and its files.
    fn undisturbed(&self, seed: u64) -> (Duration, BTreeMap<String, Vec<u8>>) {
        let mut run = Run::new(self, seed);
        let started = Instant::now();
        run.until_the_end(0);
        let took = started.elapsed();
        assert_eq!(run.verdict(), Verdict::default());
        copy_cache(&run.state(), self.state.path());
        (took, run.files())
    }
}

fn book() -> String {
    (1..=PAYMENTS).map(|number| format!("{number}\n")).collect()
}

impl<'a> Run<'a> {
    fn new(office: &'a Office, seed: u64) -> Self {
        let folder = scratch();
        if office.state.path().join("cache").is_dir() {
            copy_cache(office.state.path(), &folder.path().join("state"));
        }
        Self {
            office,
            account: seed.to_string(),
            folder,
            random: Random::new(seed, "kills"),
            seen: Rows::new(),
            tailed: 0,
            kills: 0,
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Starts the session and goes on with it until it ends, killed so often at most.
    fn until_the_end(&mut self, kills: u64) {
        let mission = self.office.missions.mission();
        let mission = mission.to_str().unwrap();
        loop {
            let moment = if self.kills < kills { self.moment() } else { Moment::Never };
            let begun = rows::session(&self.state());
            let arguments = match &begun {
                Some(id) if !self.seen.is_empty() => vec!["session", "resume", id],
                // One that has no events yet has not begun: it is made anew.
                Some(_) => vec!["run", mission, "--seed", &self.account, "--resume"],
                None => vec!["run", mission, "--seed", &self.account],
            };
            let tail = Tail::start(self.state());
            let ended = lucid(&self.state(), self.folder.path(), &arguments, &moment);
            let seen = tail.end();
            self.office.peer.disarm();
            self.tailed += seen.len();
            let rows = rows::rows(&self.state());
            self.right(verdict::still_there(&self.seen, &rows));
            self.right(verdict::still_there(&seen, &rows));
            match ended {
                Ended::Killed => {
                    self.kills += 1;
                    let payments = self.office.peer.payments(&self.account);
                    self.right(verdict::intended(&payments, &rows));
                    // What can be read now is acknowledged too.
                    self.seen = rows;
                }
                Ended::Alone(status) => {
                    let said = words(self.folder.path());
                    assert!(status.success(), "{}: {arguments:?}: {said}", self.name());
                    return;
                }
            }
        }
    }

    /// When the process is killed: at any time, or when the peer has heard of a payment, and
    /// has answered it or not.
    fn moment(&mut self) -> Moment {
        let whole = u64::try_from(self.office.took.as_micros()).unwrap();
        let wait = Duration::from_micros(self.random.below(4_000));
        let number = 1 + u32::try_from(self.random.below(PAYMENTS.into())).unwrap();
        let trap = |answered| self.office.peer.trap(&self.account, number, answered);
        match self.random.below(4) {
            0 => Moment::Heard(trap(false), Duration::ZERO),
            1 => Moment::Heard(trap(true), wait),
            _ => Moment::After(Duration::from_micros(self.random.below(whole))),
        }
    }

    /// The files that the session leaves, by name.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let id = rows::session(&self.state()).expect("a session");
        let root = self.state().join("sessions").join(id);
        let folders = ["workspace", "outputs"].map(|name| (name, tree(&root.join(name))));
        let files = folders.into_iter().flat_map(|(folder, found)| {
            found.into_iter().map(move |(name, found)| (format!("{folder}/{name}"), found))
        });
        let bytes = |(name, found)| match found {
            Found::File(bytes, _) => (name, bytes),
            other => panic!("{name} is {other:?}"),
        };
        files.map(bytes).collect()
    }

    fn verdict(&self) -> Verdict {
        let rows = rows::rows(&self.state());
        self.right(verdict::still_there(&self.seen, &rows));
        self.same_for_others(&rows);
        self.right(verdict::whole(&rows))
    }

    /// The command line shows the log as it is stored.
    fn same_for_others(&self, rows: &Rows) {
        let id = rows::session(&self.state()).expect("a session");
        let arguments = ["session", "events", &id, "--json"];
        let ended = lucid(&self.state(), self.folder.path(), &arguments, &Moment::Never);
        assert!(matches!(ended, Ended::Alone(status) if status.success()), "{}", self.name());
        let shown = std::fs::read_to_string(self.folder.path().join("out")).unwrap();
        let bodies = rows.values().map(|row| row.body.as_str());
        assert!(shown.lines().eq(bodies), "{}: `session events` shows others", self.name());
    }

    #[track_caller]
    fn right<T>(&self, outcome: Result<T, String>) -> T {
        outcome.unwrap_or_else(|problem| panic!("{}: {problem}", self.name()))
    }

    fn name(&self) -> String {
        format!("run {} after {} kills", self.account, self.kills)
    }
}

/// Runs once, killed a few times, and holds what comes of it against a run that was not.
fn run(office: &Office, seed: u64, tally: &mut Tally) {
    let mut run = Run::new(office, seed);
    let kills = 1 + run.random.below(KILLS_MAX);
    run.until_the_end(kills);
    let verdict = run.verdict();
    let payments = office.peer.payments(&run.account);
    let once = (1..=PAYMENTS).map(|number| (number, 1)).collect();
    assert_eq!(payments, once, "{}: payments, and how often each was made", run.name());
    assert_eq!(run.files(), office.files, "{}", run.name());
    assert!(verdict.unknown <= run.kills, "{}: {verdict:?}", run.name());
    tally.runs += 1;
    tally.kills += run.kills;
    tally.tailed += run.tailed;
    tally.unknown += verdict.unknown;
    tally.half_written += verdict.half_written;
}

#[test]
fn a_session_that_is_killed_loses_nothing_and_does_nothing_twice() {
    let office = Office::open();
    let (first, runs) = (number("LUCID_CRASH_SEED", 1), number("LUCID_CRASH_RUNS", RUNS));
    let (mut tally, started) = (Tally::default(), Instant::now());
    for seed in first..first + runs {
        run(&office, seed, &mut tally);
        if tally.runs.is_multiple_of(50) {
            println!("{tally:?} in {:?}", started.elapsed());
        }
    }
    println!("{tally:?} in {:?}, undisturbed {:?}", started.elapsed(), office.took);
    assert!(tally.kills > runs / 2 && tally.unknown > 0, "hardly anything was killed: {tally:?}");
}

#[test]
fn a_run_killed_before_it_has_a_session_leaves_nothing_in_the_way() {
    let office = Office::open();
    let mut run = Run::new(&office, 1);
    let mission = office.missions.mission();
    // Every few milliseconds of its beginning.
    for turn in 0..8 {
        let moment = Moment::After(office.took * turn / 40);
        let arguments = ["run", mission.to_str().unwrap(), "--seed", "1"];
        if rows::session(&run.state()).is_none() {
            lucid(&run.state(), run.folder.path(), &arguments, &moment);
        }
    }
    run.until_the_end(0);
    assert_eq!(run.files(), office.files);
    let once = (1..=PAYMENTS).map(|number| (number, 1)).collect();
    assert_eq!(office.peer.payments("1"), once);
    let leftovers = leftovers(&run.state());
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

/// Half-made things in a state folder.
fn leftovers(state: &Path) -> Vec<String> {
    tree(state).into_keys().filter(|name| name.ends_with(".tmp")).collect()
}
