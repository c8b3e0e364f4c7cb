//! Messages are all that passes between the threads of a session: an agent that asks in every
//! way for what is not its own is denied, or finds nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use lucid_core::{Content, Event, EventId, SessionId, ThreadId};
use lucid_runtime::{RunOptions, Runtime, RuntimeOptions, VariableSource, World};
use lucid_tests::{Found, Missions, log, tree};
use serde_json::Value;

/// A lead, a specialist with secrets, and one that is after all of them. The spy's model says
/// at last all that it was given.
const MISSION: &str = r#"
name = "apart"
lead = "boss"
message = "TOKEN-MESSAGE"
files = { "/mnt/session/uploads/plan.txt" = "plan.txt" }

[plugins.files]
files = "read-write"

[plugins.hostile]
file = "hostile.wasm"
files = "read-write"
environment.GRANTED = "yes"

[plugins.parrot]
file = "parrot.wasm"

[agents.boss]
model = "plugin:script"
system = '''
TOKEN-SYSTEM-BOSS
call read {"file_path": "/mnt/session/uploads/plan.txt"}
call send_to_agent {"agent_name": "alice", "message": "TOKEN-LETTER"}
call await_threads {}
call send_to_agent {"agent_name": "spy", "message": "Go."}
call await_threads {}
<BOSS-CALLS>
say Done.
'''
tools = ["files.read", "files.grep"]
view = { "/mnt/session/uploads" = "ro" }
roster = ["alice", "spy"]

[agents.alice]
model = "plugin:script"
system = '''
TOKEN-SYSTEM-ALICE
call write {"file_path": "/workspace/nestling/diary.txt", "content": "TOKEN-DIARY"}
call read {"file_path": "/workspace/nestling/diary.txt"}
say Noted.
'''
tools = ["files.read", "files.write"]
view = { "/workspace/nestling" = "rw" }

[agents.spy]
model = "plugin:parrot"
system = '''
TOKEN-SYSTEM-SPY
<SPY-CALLS>
'''
tools = ["files.glob", "files.grep", "files.write", "files.edit", "hostile"]
view = { "/workspace/nest" = "rw", "/workspace/pinboard" = "ro" }
permissions = { "files.edit" = "deny" }

[memory.notes]
folder = "memory"
"#;

/// What every agent may read.
const NOTE: &str = "- a note for everybody\n";

/// Every token, and where in the log it stands: with whom, in which events. What was never
/// sent stands with its owner, and system prompts and the host's own things stand nowhere.
const TOKENS: [(&str, &[(&str, &str)]); 8] = [
    ("TOKEN-MESSAGE", &[("boss", "user.message")]),
    ("TOKEN-PLAN", &[("boss", "agent.tool_result")]),
    (
        "TOKEN-LETTER",
        &[
            ("alice", "agent.thread_message_received"),
            ("boss", "agent.thread_message_sent"),
            ("boss", "agent.tool_use"),
        ],
    ),
    ("TOKEN-DIARY", &[("alice", "agent.tool_result"), ("alice", "agent.tool_use")]),
    ("TOKEN-SYSTEM-BOSS", &[]),
    ("TOKEN-SYSTEM-ALICE", &[]),
    // It says so itself, and what a specialist says at last is sent to the lead.
    (
        "TOKEN-SYSTEM-SPY",
        &[
            ("boss", "agent.thread_message_received"),
            ("spy", "agent.message"),
            ("spy", "agent.thread_message_sent"),
        ],
    ),
    ("TOKEN-HOST", &[]),
];

/// How a way ends.
#[derive(Debug)]
enum End {
    /// It fails: the host denied it by this rule, and the log says so.
    Rule(&'static str),
    /// It fails, and says this.
    Says(&'static str),
    /// It gives exactly this.
    Gives(&'static str),
}

use End::{Gives, Rule, Says};

const OUT: &str = "a path does not lead out of its folder";
const FIXED: &str = "the view has this folder read-only";
const UNSEEN: &str = "does not exist in this agent's view";
const OUTSIDE: &str = "is outside this agent's view";
/// What the standard library of a guest says of a path that no folder of its view has.
const NO_FILE: &str = "No such file or directory";
const OFF: &str = "(the tool is not enabled)";
const NO_THREAD: &str = "not found: no thread";

/// A tool, its input, and how the call ends. `<STATE>` is the state folder on this machine,
/// `<SESSION>` a session in it, `<BOSS>` and `<ALICE>` are threads of that session, `<OTHER>`
/// is a thread of another.
type Way = (&'static str, &'static str, End);

const SPY: &[Way] = &[
    // Looking around.
    ("glob", r#"{"pattern": "**"}"#, Gives("/mnt/memory/notes/a.md")),
    ("glob", r#"{"pattern": "/workspace/**"}"#, Says(UNSEEN)),
    ("glob", r#"{"pattern": "**", "path": "/workspace/nestling"}"#, Says(UNSEEN)),
    ("glob", r#"{"pattern": "**", "path": "/"}"#, Says(UNSEEN)),
    ("glob", r#"{"pattern": "../nestling/*"}"#, Says("no `..`")),
    ("glob", r#"{"pattern": "/**/environ"}"#, Says(UNSEEN)),
    ("glob", r#"{"pattern": "<STATE>/**"}"#, Says(UNSEEN)),
    ("grep", r#"{"pattern": "TOKEN"}"#, Gives("no matches")),
    ("grep", r#"{"pattern": "TOKEN", "path": "/workspace/nestling"}"#, Says(UNSEEN)),
    ("grep", r#"{"pattern": "TOKEN", "path": "/workspace/nestling/diary.txt"}"#, Says(UNSEEN)),
    (
        "grep",
        r#"{"pattern": "TOKEN", "path": "/workspace/nest/../nestling"}"#,
        Says("not have `..`"),
    ),
    ("grep", r#"{"pattern": "TOKEN", "path": "<STATE>"}"#, Says(UNSEEN)),
    ("grep", r#"{"pattern": "", "path": "/proc/self/environ"}"#, Says(UNSEEN)),
    // Another agent's file, by every name of it.
    ("read", r#"{"path": "/workspace/nestling/diary.txt"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "//workspace//nestling//diary.txt"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "/workspace/nest/../nestling/diary.txt"}"#, Rule(OUT)),
    ("read", r#"{"path": "/workspace/nest/./../nestling/diary.txt"}"#, Rule(OUT)),
    ("read", r#"{"path": "/workspace/nest/%2e%2e/nestling/diary.txt"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "/workspace/nest\u0000/../nestling/diary.txt"}"#, Says("NUL")),
    ("read", r#"{"path": "../nestling/diary.txt"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "nestling/diary.txt"}"#, Says(NO_FILE)),
    ("read_below", r#"{"path": "../nestling/diary.txt"}"#, Rule(OUT)),
    ("read_below", r#"{"path": "/workspace/nestling/diary.txt"}"#, Rule(OUT)),
    ("open", r#"{"path": "/workspace/nestling", "times": 1}"#, Says(NO_FILE)),
    // What only the lead sees.
    ("read", r#"{"path": "/mnt/session/uploads/plan.txt"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "/mnt/memory/notes/../../session/uploads/plan.txt"}"#, Rule(OUT)),
    // The host's files: sessions, the log, the mission, the machine.
    (
        "read",
        r#"{"path": "/workspace/nest/../../../<SESSION>/workspace/nestling/diary.txt"}"#,
        Rule(OUT),
    ),
    (
        "read",
        r#"{"path": "<STATE>/sessions/<SESSION>/workspace/nestling/diary.txt"}"#,
        Says(NO_FILE),
    ),
    (
        "read_below",
        r#"{"path": "<STATE>/sessions/<SESSION>/workspace/nestling/diary.txt"}"#,
        Rule(OUT),
    ),
    ("read", r#"{"path": "<STATE>/lucid.db"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "/workspace/nest/../../../../../mission/host.txt"}"#, Rule(OUT)),
    ("read_below", r#"{"path": "../../../../../mission/host.txt"}"#, Rule(OUT)),
    ("read", r#"{"path": "/etc/passwd"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "/proc/self/environ"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "/proc/self/root/etc/passwd"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "/proc/self/cwd/Cargo.toml"}"#, Says(NO_FILE)),
    ("read", r#"{"path": "/dev/fd/3"}"#, Says(NO_FILE)),
    ("read_below", r#"{"path": "/proc/self/environ"}"#, Rule(OUT)),
    // Links: those that can be made lead nowhere.
    ("link", r#"{"target": "../nestling/diary.txt", "name": "soft", "hard": false}"#, Rule(OUT)),
    ("link", r#"{"target": "../nestling/diary.txt", "name": "hard", "hard": true}"#, Rule(OUT)),
    ("link", r#"{"target": "..", "name": "up", "hard": false}"#, Rule(OUT)),
    ("link", r#"{"target": "/proc/self/environ", "name": "env", "hard": false}"#, Rule(OUT)),
    ("link", r#"{"target": "<STATE>/lucid.db", "name": "log", "hard": false}"#, Rule(OUT)),
    ("read", r#"{"path": "/workspace/nest/soft"}"#, Rule(OUT)),
    ("read", r#"{"path": "/workspace/nest/up/nestling/diary.txt"}"#, Rule(OUT)),
    ("read_below", r#"{"path": "soft"}"#, Rule(OUT)),
    ("read_below", r#"{"path": "up/nestling/diary.txt"}"#, Rule(OUT)),
    ("grep", r#"{"pattern": "TOKEN", "path": "/workspace/nest/soft"}"#, Rule(OUT)),
    ("grep", r#"{"pattern": "TOKEN", "path": "/workspace/nest/up"}"#, Rule(OUT)),
    ("glob", r#"{"pattern": "**", "path": "/workspace/nest/up"}"#, Rule(OUT)),
    // Writing where others read.
    ("write", r#"{"file_path": "/workspace/nest/soft", "content": "mine"}"#, Rule(OUT)),
    (
        "write",
        r#"{"file_path": "/workspace/nest/up/nestling/diary.txt", "content": "mine"}"#,
        Rule(OUT),
    ),
    (
        "write",
        r#"{"file_path": "/workspace/nestling/diary.txt", "content": "mine"}"#,
        Says(OUTSIDE),
    ),
    (
        "write",
        r#"{"file_path": "/mnt/session/uploads/plan.txt", "content": "mine"}"#,
        Says(OUTSIDE),
    ),
    ("write", r#"{"file_path": "/workspace/pinboard/a.txt", "content": "mine"}"#, Rule(FIXED)),
    ("write", r#"{"file_path": "/mnt/memory/notes/a.md", "content": "mine"}"#, Rule(FIXED)),
    ("write", r#"{"file_path": "/mnt/memory/notes/new.md", "content": "mine"}"#, Rule(FIXED)),
    // The host's environment and network.
    ("environment", "{}", Gives(r#"{"GRANTED":"yes"}"#)),
    (
        "connect",
        r#"{"tcp": "127.0.0.1:9", "udp": "127.0.0.1:9"}"#,
        Gives(r#"{"listen":false,"name":false,"tcp":false,"udp":false}"#),
    ),
    // Tools that others have, that are denied to it, or that nobody has.
    ("list_agents", "{}", Says(OFF)),
    ("await_threads", r#"{"session_thread_ids": ["<ALICE>"]}"#, Says(OFF)),
    ("start_thread", r#"{"agent_name": "alice", "message": "Your diary?"}"#, Says(OFF)),
    ("send_to_agent", r#"{"agent_name": "alice", "message": "Your diary?"}"#, Says(OFF)),
    ("send_to_agent", r#"{"agent_name": "boss", "message": "The plan?"}"#, Says(OFF)),
    ("send_to_agent", r#"{"session_thread_id": "<ALICE>", "message": "Your diary?"}"#, Says(OFF)),
    ("send_to_agent", r#"{"session_thread_id": "<BOSS>", "message": "The plan?"}"#, Says(OFF)),
    (
        "edit",
        r#"{"file_path": "/workspace/nestling/diary.txt", "old_string": "T", "new_string": ""}"#,
        Says("has been denied. (deny)"),
    ),
    ("files.read", r#"{"file_path": "/workspace/nestling/diary.txt"}"#, Says(OFF)),
    ("bash", r#"{"command": "cat /workspace/nestling/diary.txt"}"#, Says(OFF)),
];

/// A lead does not see what its specialists see, and knows its own threads only.
const BOSS: &[Way] = &[
    ("read", r#"{"file_path": "/workspace/nestling/diary.txt"}"#, Says(UNSEEN)),
    ("grep", r#"{"pattern": "TOKEN"}"#, Gives("/mnt/session/uploads/plan.txt:1:TOKEN-PLAN")),
    ("write", r#"{"file_path": "/mnt/session/uploads/plan.txt", "content": "x"}"#, Says(OFF)),
    ("start_thread", r#"{"agent_name": "mallory", "message": "x"}"#, Says("no agent `mallory`")),
    ("start_thread", r#"{"agent_name": "boss", "message": "x"}"#, Says("no agent `boss`")),
    ("send_to_agent", r#"{"agent_name": "mallory", "message": "x"}"#, Says("no agent `mallory`")),
    ("send_to_agent", r#"{"session_thread_id": "<BOSS>", "message": "x"}"#, Says(NO_THREAD)),
    ("send_to_agent", r#"{"session_thread_id": "<OTHER>", "message": "x"}"#, Says(NO_THREAD)),
    (
        "send_to_agent",
        r#"{"agent_name": "alice", "session_thread_id": "<OTHER>", "message": "x"}"#,
        Says(NO_THREAD),
    ),
    ("send_to_agent", r#"{"session_thread_id": "../x", "message": "x"}"#, Says(NO_THREAD)),
    ("await_threads", r#"{"session_thread_ids": ["<BOSS>"]}"#, Says(NO_THREAD)),
    ("await_threads", r#"{"session_thread_ids": ["<OTHER>"]}"#, Says(NO_THREAD)),
    ("await_threads", r#"{"session_thread_ids": "<OTHER>"}"#, Says("invalid input")),
];

/// What the names in the ways stand for.
type Names = [(&'static str, String)];

fn fill(text: &str, names: &Names) -> String {
    names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

fn script(ways: &[Way]) -> String {
    ways.iter().map(|(tool, input, _)| format!("call {tool} {input}\n")).collect()
}

fn missions() -> Missions {
    let files = [("plan.txt", "TOKEN-PLAN\n"), ("host.txt", "TOKEN-HOST\n"), ("memory/a.md", NOTE)];
    Missions::new(&files, &["hostile", "parrot"])
}

/// A call that came to its end.
struct Ended {
    agent: String,
    tool: String,
    input: Value,
    is_error: bool,
    text: String,
    rules: Vec<String>,
}

/// What can be seen of a session afterwards.
struct Seen {
    session: SessionId,
    /// The thread of each agent.
    threads: BTreeMap<String, ThreadId>,
    ends: Vec<Ended>,
    /// With whom and in which events each token stands.
    places: BTreeMap<&'static str, BTreeSet<(String, String)>>,
    /// The conversation of each agent, as its model is asked to go on with it.
    contexts: BTreeMap<String, String>,
    /// What the spy's model says that it was given.
    given: String,
}

/// Runs the mission with names for what the ways are after.
async fn run(missions: &Missions, world: &World, names: &Names) -> Seen {
    let calls = [("<BOSS-CALLS>", BOSS), ("<SPY-CALLS>", SPY)];
    let whole = calls
        .iter()
        .fold(MISSION.to_owned(), |text, (name, ways)| text.replace(name, script(ways).trim_end()));
    missions.write("mission.toml", &fill(&whole, names));
    // Whichever variable of the host somebody gets hold of, this is in it.
    let variables = VariableSource::new(|_: &str| Some("TOKEN-HOST".to_owned()));
    let options = RuntimeOptions { variables, ..Missions::options(&missions.state()) };
    let (runtime, mission) = Runtime::open_for(options, &missions.mission()).await.unwrap();
    let (session, end) =
        runtime.run_once(&mission, 1, world, &RunOptions::default()).await.unwrap();
    assert_eq!(end.last_text, "Done.");
    seen(&runtime, session.id).await
}

async fn seen(runtime: &Runtime, session: SessionId) -> Seen {
    let state = runtime.session_state(&session).await.unwrap();
    let threads = state.threads.iter();
    let threads: BTreeMap<String, ThreadId> =
        threads.map(|thread| (thread.agent.clone(), thread.id.clone().unwrap())).collect();
    assert_eq!(threads.len(), 3, "one thread each: nobody could start another");
    let context = |thread: &lucid_core::ThreadState| {
        let messages = serde_json::to_string(&thread.messages).unwrap();
        (thread.agent.clone(), format!("{messages}{:?}", thread.inbox))
    };
    let contexts = state.threads.iter().map(context).collect();
    let mut calls: BTreeMap<EventId, (String, Value)> = BTreeMap::new();
    let (mut ends, mut given) = (Vec::new(), String::new());
    let mut places: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (_, record, event) in log(runtime, &session).await {
        let named = threads.iter().find(|(_, id)| record.thread_id.as_ref() == Some(*id));
        // What is of no thread is of the session as a whole.
        let agent = named.map_or_else(|| "boss".to_owned(), |(name, _)| name.clone());
        for (token, _) in TOKENS {
            if record.body.contains(token) {
                places.entry(token).or_default().insert((agent.clone(), record.kind.clone()));
            }
        }
        match event {
            Event::ToolUse { name, input, .. } => {
                calls.insert(record.id, (name, input));
            }
            Event::ToolResult { tool_use_id, content, is_error, lucid } => {
                let (tool, input) = calls[&tool_use_id].clone();
                let rules = lucid.denied.into_iter().map(|denial| denial.rule).collect();
                let text = Content::join(&content);
                ends.push(Ended { agent, tool, input, is_error, text, rules });
            }
            Event::AgentMessage { content } if agent == "spy" => given = Content::join(&content),
            _ => {}
        }
    }
    Seen { session, threads, ends, places, contexts, given }
}

/// What is not as it has to be, of the calls of one agent.
fn faults(seen: &Seen, agent: &str, ways: &[Way], names: &Names) -> Vec<String> {
    let mut faults = Vec::new();
    for (tool, input, end) in ways {
        let input: Value = serde_json::from_str(&fill(input, names)).unwrap();
        let same =
            |ended: &&Ended| ended.agent == agent && ended.tool == *tool && ended.input == input;
        let Some(ended) = seen.ends.iter().find(same) else {
            faults.push(format!("{agent}: {tool} {input} was never made"));
            continue;
        };
        let Ended { is_error, text, rules, .. } = ended;
        let right = match end {
            Rule(rule) => *is_error && rules.iter().any(|found| found == rule),
            Says(words) => *is_error && text.contains(words),
            Gives(whole) => !is_error && text == whole,
        };
        if !right {
            faults.push(format!("{agent}: {tool} {input}: not {end:?} but {text:?}, {rules:?}"));
        }
    }
    faults
}

/// Checks all that holds of such a session, whatever the names were.
fn check(seen: &Seen, missions: &Missions, names: &Names) {
    let mut faults = faults(seen, "spy", SPY, names);
    faults.extend(self::faults(seen, "boss", BOSS, names));
    for (token, expected) in TOKENS {
        let own = |(agent, kind): &(&str, &str)| ((*agent).to_owned(), (*kind).to_owned());
        let expected: BTreeSet<_> = expected.iter().map(own).collect();
        let found = seen.places.get(token).cloned().unwrap_or_default();
        if found != expected {
            faults.push(format!("{token} stands in {found:?}, not in {expected:?}"));
        }
        for (agent, context) in &seen.contexts {
            let may = expected.iter().any(|(name, _)| name == agent);
            if context.contains(token) && !may {
                faults.push(format!("{agent} is asked with {token}: {context}"));
            }
        }
        if seen.given.contains(token) && token != "TOKEN-SYSTEM-SPY" {
            faults.push(format!("the spy was given {token}: {}", seen.given));
        }
    }
    // The spy's model was given its own prompt and the end of each of its calls.
    let results = seen.given.lines().filter(|line| line.contains("User RESULT ")).count();
    assert!(seen.given.starts_with("SYSTEM TOKEN-SYSTEM-SPY"), "{}", seen.given);
    assert_eq!(results, SPY.len());
    // Nobody's files but the spy's own are other than they were.
    let folder = missions.state().join("sessions").join(seen.session.as_str());
    let text = |path: &str| fs::read_to_string(folder.join(path)).unwrap();
    assert_eq!(text("workspace/nestling/diary.txt"), "TOKEN-DIARY");
    assert_eq!(text("uploads/plan.txt"), "TOKEN-PLAN\n");
    let count = |path: &str| tree(&folder.join(path)).len();
    assert_eq!(["workspace/nestling", "workspace/pinboard", "uploads"].map(count), [1, 0, 1]);
    let own = tree(&folder.join("workspace/nest"));
    assert!(own.values().all(|found| matches!(found, Found::Link(_))), "{own:?}");
    for (path, found) in tree(&missions.state().join("memory")) {
        let Found::File(bytes, _) = found else { continue };
        if path.ends_with(".lock") {
            assert!(bytes.is_empty(), "{path}");
            continue;
        }
        assert!(path.ends_with("/a.md") && bytes == NOTE.as_bytes(), "{path}");
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn names(missions: &Missions, of: Option<&Seen>, other: &str) -> Vec<(&'static str, String)> {
    let mut names = vec![("<STATE>", missions.state().display().to_string())];
    if let Some(seen) = of {
        let thread = |agent: &str| seen.threads[agent].to_string();
        names.push(("<SESSION>", seen.session.to_string()));
        names.push(("<BOSS>", thread("boss")));
        names.push(("<ALICE>", thread("alice")));
    }
    names.push(("<OTHER>", other.to_owned()));
    names
}

/// The ids of a deterministic session are the same every time, so that those that ask can
/// know the ids of their own session before it begins.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_asks_in_every_way_gets_nothing_of_its_team_or_of_the_host() {
    let before = missions();
    let first = run(&before, &World::deterministic(7), &names(&before, None, "sthr_01x")).await;
    let missions = missions();
    let names = names(&missions, Some(&first), "sthr_01elsewhere");
    let seen = run(&missions, &World::deterministic(7), &names).await;
    assert_eq!((&seen.session, &seen.threads), (&first.session, &first.threads));
    check(&seen, &missions, &names);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_asks_in_every_way_gets_nothing_of_another_session() {
    let missions = missions();
    let first = run(&missions, &World::real(), &names(&missions, None, "sthr_01x")).await;
    let names = names(&missions, Some(&first), first.threads["alice"].as_str());
    let seen = run(&missions, &World::real(), &names).await;
    assert_ne!(seen.session, first.session);
    check(&seen, &missions, &names);
}
