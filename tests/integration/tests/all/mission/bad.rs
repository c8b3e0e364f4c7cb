//! Missions that do not load: each says what, where and what to do, and leaves nothing.

use std::fs;

use lucid_core::{Failure, FailureKind};
use lucid_runtime::{Runtime, SessionFilter};
use lucid_tests::Missions;

use FailureKind::{Denied, Invalid};

const MISSION: &str = r#"
name = "base"
lead = "lead"
message = "Do task {task}."

[session]
threads = 25

[budget]
tokens = 1_000_000

[models."openai:small"]
base_url = "http://127.0.0.1:9/v1"
idle_timeout_ms = "30 s"

[plugins.files]
files = "read-write"

[plugins.parrot]
file = "parrot.wasm"

[plugins.greedy]
file = "greedy.wasm"

[agents.lead]
model = "plugin:parrot"
tools = ["files.read", "files.write"]
view = { "/workspace" = "rw", "/mnt/session/outputs" = "rw" }
roster = ["helper"]
permissions = { write = "always_ask" }

[agents.helper]
model = "plugin:echo"

[agents.writer]
model = "openai:small"
budget = { tool_calls = 100 }

[memory.notes]
folder = "memory"

[outcome]
description = "Task {task} is done."
rubric = "rubric.md"
grader = "checks"
max_iterations = 1

[dream]
strategy = "consolidate"
memory = "notes"
"#;

const RUBRIC: &str = "# Done\n\n- There is a report. `check: exists('report.json')`\n";

/// A mistake: what is written instead of what, and what the failure must say.
struct Mistake {
    kind: FailureKind,
    from: &'static str,
    to: &'static str,
    says: &'static str,
}

const fn mistake(
    kind: FailureKind,
    from: &'static str,
    to: &'static str,
    says: &'static str,
) -> Mistake {
    Mistake { kind, from, to, says }
}

/// The failure names the line where the text to the right begins.
const MISTAKES: [Mistake; 47] = [
    mistake(Invalid, "lead = \"lead\"", "lead = ", ""),
    mistake(Invalid, "lead = \"lead\"", "lead = 7", "string"),
    mistake(Invalid, "message =", "mesage =", "mesage"),
    mistake(Invalid, "roster =", "rooster =", "rooster"),
    mistake(Invalid, "lead = \"lead\"", "lead = \"chief\"", "`chief`"),
    mistake(Invalid, "roster = [\"helper\"]", "roster = [\"nobody\"]", "`nobody`"),
    mistake(Invalid, "\"plugin:echo\"", "\"plugin:ecco\"", "`ecco`"),
    mistake(Invalid, "\"plugin:echo\"", "\"claude\"", "claude"),
    mistake(Invalid, "\"plugin:echo\"", "\"plugin:checks\"", "grader"),
    mistake(Invalid, "tools = [\"files.read\",", "tools = [\"files.fly\",", "`files.fly`"),
    mistake(Invalid, "tools = [\"files.read\",", "tools = [\"lander.fly\",", "`lander`"),
    mistake(Invalid, "tools = [\"files.read\",", "tools = [\"echo\",", "model"),
    mistake(Denied, "tools = [\"files.read\",", "tools = [\"greedy.gather\",", "files"),
    mistake(Invalid, "file = \"parrot.wasm\"", "file = \"carrot.wasm\"", "carrot.wasm"),
    mistake(Invalid, "file = \"parrot.wasm\"", "file = \"../parrot.wasm\"", "../parrot.wasm"),
    mistake(Invalid, "view = { \"/workspace\"", "view = { \"/etc\"", "`/etc`"),
    mistake(Invalid, "view = { \"/workspace\"", "view = { \"/workspace/..\"", "/workspace/.."),
    mistake(Invalid, "message = \"Do task {task}.\"", "message = \"Do {tsk}.\"", "`{tsk}`"),
    mistake(Invalid, "description = \"Task {task}", "description = \"Task {tsk}", "`{tsk}`"),
    mistake(Invalid, "rubric = \"rubric.md\"", "rubric = \"no.md\"", "no.md"),
    mistake(Invalid, "grader = \"checks\"", "grader = \"echo\"", "grader"),
    mistake(Invalid, "max_iterations = 1", "max_iterations = 0", "max_iterations"),
    mistake(Invalid, "memory = \"notes\"", "memory = \"nots\"", "`nots`"),
    mistake(Invalid, "folder = \"memory\"", "folder = \"memories\"", "memories"),
    // Models behind a network.
    mistake(Invalid, "\"plugin:echo\"", "\"gpt-5\"", "`gpt-5`"),
    mistake(Invalid, "\"plugin:echo\"", "\"claude-sonnet-5\"", "ANTHROPIC_API_KEY"),
    mistake(Invalid, "\"plugin:echo\"", "\"openai:large\"", "OPENAI_API_KEY"),
    mistake(Invalid, "[models.\"openai:small\"]", "[models.\"openai:smal\"]", "openai:smal"),
    mistake(Invalid, "[models.\"openai:small\"]", "[models.\"plugin:echo\"]", "plugin:echo"),
    mistake(Invalid, "http://127.0.0.1:9/v1", "127.0.0.1:9/v1", "base URL"),
    mistake(Invalid, "http://127.0.0.1:9/v1", "ftp://127.0.0.1:9/v1", "`https`"),
    mistake(Invalid, "http://127.0.0.1:9/v1", "http://models.example.org/v1", "TLS"),
    mistake(Invalid, "http://127.0.0.1:9/v1", "http://me:hush@127.0.0.1:9/v1", "password"),
    mistake(Invalid, "idle_timeout_ms = \"30 s\"", "idle_timeout_ms = 0", "idle_timeout_ms"),
    mistake(Invalid, "idle_timeout_ms = \"30 s\"", "idle_timeout = 30", "idle_timeout"),
    mistake(Invalid, "idle_timeout_ms = \"30 s\"", "key = { env = \"NO_KEY\" }", "NO_KEY"),
    mistake(Invalid, "idle_timeout_ms = \"30 s\"", "key = { file = \"no.txt\" }", "no.txt"),
    mistake(Invalid, "idle_timeout_ms = \"30 s\"", "key = \"hush\"", "`key`"),
    // Permissions.
    mistake(Invalid, "{ write = \"always_ask\" }", "{ fly = \"deny\" }", "`fly`"),
    mistake(Invalid, "{ write = \"always_ask\" }", "{ write = \"never\" }", "never"),
    // Budgets and threads.
    mistake(Invalid, "threads = 25", "threads = 0", "`threads`"),
    mistake(Invalid, "threads = 25", "threads = 1_001", "1001"),
    mistake(Invalid, "tokens = 1_000_000", "tokens = -5", "`-5`"),
    mistake(Invalid, "tokens = 1_000_000", "usd = 2.5", "openai:small"),
    mistake(Invalid, "tool_calls = 100", "tool_calls = 0", "`tool_calls`"),
    // A tool that is not there yet.
    mistake(Invalid, "tools = [\"files.read\",", "tools = [\"bash\",", "runs no commands"),
    mistake(Invalid, "tools = [\"files.read\",", "tools = [\"files.bash\",", "runs no commands"),
];

fn missions() -> Missions {
    let files = [
        ("mission.toml", MISSION),
        ("rubric.md", RUBRIC),
        ("memory/notes.md", "- a note\n"),
        ("memories.md", "no folder"),
    ];
    Missions::new(&files, &["parrot", "greedy"])
}

/// Loads a mission that has to fail, and checks what holds for every failure.
async fn refused(missions: &Missions, what: &str) -> Failure {
    let options = Missions::options(&missions.state());
    let opened = Runtime::open_for(options, &missions.mission()).await;
    opened.err().unwrap_or_else(|| panic!("{what} loads"))
}

/// Compiled plugins are all that a mission which does not load may leave.
fn assert_only_cache(missions: &Missions, what: &str) {
    let left = fs::read_dir(missions.state()).into_iter().flatten().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert!(left.iter().all(|name| name == "cache"), "{what} left {left:?}");
}

/// What every failure has to be; what it is not, as text.
fn faults(failure: &Failure, kind: FailureKind, parts: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    if failure.kind != kind {
        faults.push(format!("is {}, not {kind}", failure.kind));
    }
    if failure.message.contains('\n') {
        faults.push("is more than one line".to_owned());
    }
    if failure.hint.as_ref().is_none_or(|hint| hint.trim().is_empty() || hint.contains('\n')) {
        faults.push("has no hint of one line".to_owned());
    }
    // What is written as a password or a key in a mistake.
    if format!("{failure:?}").contains("hush") {
        faults.push("shows a secret".to_owned());
    }
    let lacks = parts.iter().filter(|part| !failure.message.contains(**part));
    faults.extend(lacks.map(|part| format!("does not say {part:?}")));
    faults
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_missions_are_refused_with_file_line_and_hint_and_nothing_is_written() {
    let missions = missions();
    let mut wrong = Vec::new();
    for Mistake { kind, from, to, says } in MISTAKES {
        let start = MISSION.find(from).expect("what is mistaken is in the mission");
        let line = MISSION[..start].matches('\n').count() + 1;
        missions.write("mission.toml", &MISSION.replacen(from, to, 1));
        let failure = refused(&missions, to).await;
        let place = format!("mission.toml:{line}: ");
        let faults = faults(&failure, kind, &[&place, says]);
        if !faults.is_empty() {
            wrong.push(format!("{to}: {}: {}", faults.join(", "), failure.message));
        }
        assert_only_cache(&missions, to);
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), MISTAKES.len(), wrong.join("\n"));
    missions.write("mission.toml", MISSION);
    let (runtime, _) = missions.load().await;
    assert!(runtime.store.sessions(&SessionFilter::default()).await.unwrap().is_empty());
    assert!(runtime.store.memory_stores().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rubric_whose_check_does_not_parse_is_refused_with_its_line() {
    let missions = missions();
    for (check, line) in [("exists(", 3), ("no_such('a')", 3), ("1 +", 3)] {
        missions.write("rubric.md", &RUBRIC.replace("exists('report.json')", check));
        let failure = refused(&missions, check).await;
        let line = format!("line {line}");
        let faults = faults(&failure, Invalid, &["rubric.md", &line]);
        assert!(faults.is_empty(), "{faults:?}: {failure:?}");
    }
    assert_only_cache(&missions, "a bad rubric");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mission_that_is_not_there_is_refused() {
    let missions = missions();
    fs::remove_file(missions.mission().join("mission.toml")).unwrap();
    let without_file = refused(&missions, "a folder without mission.toml").await;
    fs::remove_dir_all(missions.mission()).unwrap();
    let without_folder = refused(&missions, "a folder that is not there").await;
    for failure in [without_file, without_folder] {
        let faults = faults(&failure, Invalid, &["mission.toml"]);
        assert!(faults.is_empty(), "{faults:?}: {failure:?}");
    }
    assert!(!missions.state().exists(), "nothing is written");
}

/// Who does what the hints say ends with a mission that loads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hint_of_a_missing_grant_gives_it() {
    let missions = missions();
    let (team, _) = MISSION.split_once("[outcome]").unwrap();
    let greedy = team.replacen("\"files.read\",", "\"greedy.gather\",", 1);
    let section = "file = \"greedy.wasm\"\n";
    missions.write("mission.toml", &greedy);
    let failure = refused(&missions, "no grant").await;
    assert_eq!(failure.kind, Denied, "{failure:?}");
    assert!(failure.hint.unwrap().contains("`files = \"read-write\"`"));
    let files = format!("{section}files = \"read-write\"\n");
    missions.write("mission.toml", &greedy.replace(section, &files));
    let failure = refused(&missions, "files").await;
    assert_eq!(failure.kind, Denied, "{failure:?}");
    assert!(failure.hint.unwrap().contains("`model = \"plugin:NAME\"`"));
    let both = format!("{files}model = \"plugin:echo\"\n");
    missions.write("mission.toml", &greedy.replace(section, &both));
    let options = Missions::options(&missions.state());
    let opened = Runtime::open_for(options, &missions.mission()).await;
    assert!(opened.is_ok(), "{:?}", opened.err());
}
