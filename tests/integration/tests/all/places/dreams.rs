//! Every `lucid dream` command, once in a folder and once over a server.

use std::collections::BTreeSet;
use std::path::Path;

use lucid_core::Dream;
use lucid_dream_corpus::{Corpus, Plan};
use lucid_runtime::{DreamAsked, Runtime, SessionChoice};
use lucid_tests::Missions;
use serde_json::Value;

use super::bench::{Both, Places, Told, lucid};

/// What no two dreams have the same.
const OWN: [&str; 6] = ["id", "memory_store_out", "session_id", "created_at", "ended_at", "ms"];

/// The subcommands of a command, as its help lists them.
pub(super) fn subcommands(words: &[&str]) -> BTreeSet<String> {
    let help = lucid(&[words, &["--help"]].concat(), &[]).out;
    let listed = help.split("Commands:").nth(1).unwrap();
    let listed = listed.lines().skip(1).take_while(|line| !line.is_empty());
    // What goes on from the line before stands further to the right.
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// A folder of state in which was dreamt of a small corpus, and decided about the dream.
pub(super) struct Dreamt {
    pub(super) places: Places,
    /// The store that was dreamt of, and the one that was made.
    pub(super) input: String,
    pub(super) output: String,
    /// A memory of the input, and an entry of it.
    pub(super) path: String,
    pub(super) entry: String,
    /// A version of a memory of the output that is not what the memory is now.
    pub(super) old_version: String,
    /// The dream, and two that nobody has begun.
    pub(super) dream: String,
    /// An operation of it that is accepted.
    operation: String,
    pub(super) waiting: [String; 2],
    sessions: String,
    truth: String,
}

impl Dreamt {
    pub(super) fn new() -> Self {
        let corpus = Corpus::new(Plan { sessions: 60, notes: 60, ..Plan::new(7) });
        let places = Places::new();
        let [notes, sessions, truth] =
            ["notes", "sessions.jsonl", "truth.json"].map(|name| places.path(name));
        for (path, text) in corpus.memories() {
            let file = Path::new(&notes).join(path.trim_start_matches('/'));
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let mut lines = Vec::new();
        corpus.write_sessions(0..corpus.plan().sessions, &mut lines).unwrap();
        std::fs::write(&sessions, lines).unwrap();
        std::fs::write(&truth, serde_json::to_string(corpus.truth()).unwrap()).unwrap();

        let state = places.path("state");
        let run = |words: &[&str]| {
            let told = lucid(&[words, &["--json", "--state", &state]].concat(), &[]);
            assert_eq!(told.code, Some(0), "{words:?}: {told:?}");
            serde_json::from_str::<Value>(&told.out).unwrap()
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let input = text(&run(&["memory", "import", &notes, "--name", "Notes"])["id"]);
        let start = ["dream", "start", "--memory", &input, "--import", &sessions, "--auto"];
        let dreamt: Dream = serde_json::from_value(run(&start)).unwrap();
        let (dream, output) = (dreamt.id.to_string(), dreamt.memory_store_out.unwrap().to_string());
        // Each decision makes versions.
        run(&["dream", "undo", &dream, "--all"]);
        let accepted = run(&["dream", "accept", &dream, "--all"]);
        let mut operations = accepted["operations"].as_array().unwrap().iter();
        let operation = operations.find(|operation| operation["state"] == "accepted").unwrap();
        let operation = text(&operation["id"]);
        let versions = run(&["memory", "versions", &output]);
        let versions = versions["data"].as_array().unwrap();
        let is_old = |at: usize| {
            versions[..at].iter().any(|newer| newer["memory_id"] == versions[at]["memory_id"])
        };
        let old = (0..versions.len()).find(|at| is_old(*at)).unwrap();
        let old_version = text(&versions[old]["id"]);
        let waiting = plan(&state, &input);
        run(&[
            "dream",
            "schedule",
            "add",
            "--memory",
            &input,
            "--cron",
            "0 3 1 1 *",
            "--time-zone",
            "UTC",
            "--jitter",
            "0",
        ]);
        let line = &dreamt.ledger.first().unwrap();
        let (path, entry) = (line.path.clone(), line.entry_id.clone());
        Self {
            places,
            input,
            output,
            path,
            entry,
            old_version,
            dream,
            operation,
            waiting,
            sessions,
            truth,
        }
    }
}

/// Writes down two dreams that nobody runs.
fn plan(state: &str, store: &str) -> [String; 2] {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let runtime = Runtime::open(Missions::options(Path::new(state))).unwrap();
        let store = lucid_core::MemoryStoreId::parse(store).unwrap();
        let asked = DreamAsked::new("consolidate", store, SessionChoice::Last(10));
        let mut planned = Vec::new();
        for _ in 0..2 {
            planned.push(runtime.plan_dream(&asked).await.unwrap().id.to_string());
        }
        runtime.store.close().await.unwrap();
        planned.try_into().unwrap()
    })
}

/// Runs `lucid dream WORDS` in both places: it says the same and ends so.
#[track_caller]
fn same(both: &Both, code: i32, words: &[&str]) -> Told {
    let told = both.same(&[&["dream"], words].concat());
    assert_eq!(told.code, Some(code), "{words:?}: {told:?}");
    told
}

/// Runs `lucid dream WORDS --json` in both places: it comes to the same dream, but for its ids
/// and how long it took.
#[track_caller]
fn same_dream(both: &Both, code: i32, words: &[&str]) -> Value {
    let words = [&["dream"], words, &["--json"]].concat();
    let [here, there] = [both.here(&words), both.there(&words)].map(|told| {
        assert_eq!((told.code, told.err.as_str()), (Some(code), ""), "{words:?}: {told:?}");
        let mut dream: Value = serde_json::from_str(&told.out).unwrap();
        let own = dream.as_object_mut().unwrap();
        own.retain(|name, _| !OWN.contains(&name.as_str()));
        if let Some(score) = own.get_mut("score") {
            score.as_object_mut().unwrap().remove("ms");
        }
        dream
    });
    assert_eq!(here, there, "{words:?}");
    here
}

fn reads(both: &Both, dreamt: &Dreamt) {
    let Dreamt { dream, truth, waiting: [first, _], .. } = dreamt;
    for more in [&[][..], &["--json"]] {
        let with = |words: &[&str]| same(both, 0, &[words, more].concat());
        with(&["list"]);
        with(&["list", "--limit", "1"]);
        for id in [dream, first, "latest"] {
            with(&["show", id]);
        }
        assert!(with(&["show", dream, "--score", truth]).out.contains("duplicates"));
        assert!(!with(&["diff", dream]).out.is_empty());
        assert!(!with(&["watch", dream]).out.is_empty());
        assert!(with(&["queue"]).out.contains(first.as_str()));
        assert!(with(&["schedule", "list"]).out.contains("dsch_"));
    }
    assert!(same(both, 2, &["show", "drm_"]).err.contains("several dreams"));
    assert!(same(both, 2, &["show", "drm_nothing"]).err.contains("no such dream"));
    assert!(same(both, 2, &["diff", first]).err.contains("is pending"));
    same(both, 2, &["show", dream, "--score", "nothing.json"]);
}

fn decides(both: &Both, dreamt: &Dreamt) {
    let Dreamt { dream, operation, .. } = dreamt;
    let number = operation.trim_start_matches("dop_");
    assert!(same(both, 0, &["undo", dream, number]).out.contains("1 operation undone"));
    assert!(same(both, 0, &["reject", dream, operation]).out.contains("1 operation rejected"));
    same(both, 2, &["undo", dream, operation]);
    same(both, 0, &["accept", dream, operation, "--json"]);
    assert!(same(both, 0, &["undo", dream, "--all"]).out.contains("is as"));
    assert!(same(both, 0, &["accept", dream, "--all"]).out.contains("accepted: "));
    assert!(same(both, 2, &["accept", dream, "1000000"]).err.contains("no such operation"));
    assert!(same(both, 2, &["accept", dream, "5-3"]).err.contains("no operation"));
    same(both, 0, &["diff", dream, "--json"]);
    same(both, 0, &["show", dream, "--json"]);
}

/// A command with more words.
fn with<'a>(command: &[&'a str], words: &[&'a str]) -> Vec<&'a str> {
    [command, words].concat()
}

fn runs(both: &Both, dreamt: &Dreamt) {
    let Dreamt { input, dream, waiting: [first, second], sessions, truth, .. } = dreamt;
    assert!(same(both, 1, &["watch", first]).err.contains("nobody runs dream"));
    assert!(same(both, 0, &["cancel", first]).out.contains("is canceled"));
    assert!(same(both, 2, &["resume", first]).err.contains("is canceled already"));
    assert!(same(both, 2, &["cancel", dream]).err.contains("is completed already"));
    same_dream(both, 0, &["resume", second]);
    assert!(!same(both, 0, &["queue"]).out.contains("somebody to run it"));
    let start = ["start", "--memory", input];
    let last = with(&start, &["--last", "20", "--auto", "--instructions", "Look for duplicates."]);
    assert_eq!(same_dream(both, 0, &last)["status"], "completed");
    // All of them are here already, and are not taken in twice.
    let scored = same_dream(both, 0, &with(&start, &["--import", sessions, "--score", truth]));
    assert_eq!(scored["score"]["ledger_violations"], 0);
    same(both, 2, &with(&start, &["--sessions", "sesn_nothing"]));
    same(both, 2, &with(&start, &["--last", "1", "--strategy", "nobody"]));
    same(both, 2, &with(&start, &["--import", "nothing.jsonl"]));
    let broken = dreamt.places.path("broken.jsonl");
    std::fs::write(&broken, "{\n").unwrap();
    assert!(same(both, 2, &with(&start, &["--import", &broken])).err.contains("broken.jsonl"));
    for told in [Both::here, Both::there].map(|ask| {
        let detached =
            ask(both, &[&["dream"][..], &with(&start, &["--last", "5", "--detach"])].concat());
        assert_eq!((detached.code, detached.err.as_str()), (Some(0), ""), "{detached:?}");
        ask(both, &["dream", "watch", detached.out.trim()])
    }) {
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
        assert!(told.out.contains("completed, with consolidate"), "{told:?}");
    }
}

fn schedules(both: &Both, dreamt: &Dreamt) {
    for more in [&[][..], &["--json"]] {
        for verb in ["pause", "resume"] {
            same(both, 0, &[&["schedule", verb, "latest"][..], more].concat());
        }
    }
    let removed = same(both, 0, &["schedule", "remove", "latest"]);
    assert!(removed.out.contains("is removed"), "{removed:?}");
    assert!(same(both, 0, &["schedule", "list"]).out.contains("no schedules"));
    same(both, 2, &["schedule", "pause", "latest"]);
    let add = ["schedule", "add", "--memory", &dreamt.input];
    same(both, 2, &with(&add, &["--cron", "never"]));
    same(both, 2, &with(&add, &["--time-zone", "Nowhere/Here"]));
    same(both, 2, &with(&add, &["--strategy", "nobody"]));
    let own =
        with(&add, &["--cron", "0 4 1 1 *", "--time-zone", "UTC", "--jitter", "0", "--last", "9"]);
    assert_eq!(same_dream(both, 0, &own)["cron"], "0 4 1 1 *");
}

#[test]
fn every_dream_command_says_the_same_in_a_folder_and_over_a_server() {
    let dreamt = Dreamt::new();
    let both = dreamt.places.part();
    reads(&both, &dreamt);
    decides(&both, &dreamt);
    runs(&both, &dreamt);
    schedules(&both, &dreamt);
    let tested = [
        "start", "watch", "list", "show", "diff", "queue", "accept", "reject", "undo", "cancel",
        "schedule", "resume",
    ];
    // The first is tested with missions; that the other cannot ask a server is tested, too.
    let all = tested.into_iter().chain(["evaluate", "scheduler"]).map(str::to_owned);
    assert_eq!(subcommands(&["dream"]), all.collect());
    let tested = ["add", "list", "pause", "resume", "remove"].map(str::to_owned);
    assert_eq!(subcommands(&["dream", "schedule"]), tested.into());
}

#[test]
fn what_of_dreams_lies_on_another_machine_is_no_servers() {
    let dreamt = Dreamt::new();
    let both = dreamt.places.part();
    let start = ["dream", "start", "--memory", &dreamt.input, "--last", "5"];
    let add = ["dream", "schedule", "add", "--memory", &dreamt.input];
    for command in [&start[..], &add] {
        for words in [["--strategy", "./own.wasm"], ["--mission", "."]] {
            let told = both.there(&[command, &words].concat());
            assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{words:?}: {told:?}");
            assert!(told.err.contains("over a server") && told.err.contains("hint"), "{told:?}");
        }
    }
    let told = both.there(&["dream", "scheduler", "--once"]);
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{told:?}");
    assert!(told.err.contains("does not work over a server: "), "{told:?}");
}

#[test]
fn a_dream_over_a_server_goes_on_when_nobody_waits_for_it() {
    let dreamt = Dreamt::new();
    let both = dreamt.places.part();
    let start = ["dream", "start", "--memory", &dreamt.input, "--last", "20", "--detach"];
    let id = both.there(&start).out.trim().to_owned();
    assert!(id.starts_with("drm_"), "{id}");
    assert_eq!(both.there(&["dream", "watch", &id]).code, Some(0));
    let shown = both.there(&["dream", "show", &id, "--json"]);
    let dream: Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(dream["status"], "completed");
    // The folder that the server has open has it, and the folder beside it has not.
    let state = both.there.to_str().unwrap();
    assert_eq!(lucid(&["dream", "show", &id, "--json", "--state", state], &[]), shown);
    assert_eq!(both.here(&["dream", "show", &id]).code, Some(2));
}
