//! Missions that are run: by their paths in a folder, by their names over a server.

use std::path::Path;

use lucid_runtime::Runtime;
use lucid_tests::{Missions, dream_of_doors, say_the_door};
use serde_json::{Value, json};

use super::bench::{Both, Places, Told, lucid};

/// One agent that writes a file; more makes it ask, or be judged.
fn writer(more: &str) -> String {
    format!(
        r#"
name = "writer"
lead = "lead"
message = "Go."

[plugins.files]
files = "read-write"

[agents.lead]
model = "plugin:script"
system = '''
call write {{"file_path": "/mnt/session/outputs/a.txt", "content": "one"}}
say Done: {{result}}
say Again.
'''
tools = ["files"]
view = {{ "/mnt/session/outputs" = "rw" }}
{more}
"#
    )
}

const JUDGED: &str = r#"
[outcome]
description = "There is a report."
rubric = "rubric.md"
grader = "checks"
max_iterations = 2
"#;

/// Missions, and a server that names them.
struct Named {
    places: Places,
}

impl Named {
    fn new() -> Self {
        let mut places = Places::new();
        std::fs::create_dir(places.path("state")).unwrap();
        let asks = "permissions = { \"files.write\" = \"always_ask\" }\n";
        let rubric = |text| [("rubric.md", text)];
        let never = "- Never. `check: exists('b.txt')`\n";
        let always = "- There is a file. `check: exists('a.txt')`\n";
        let study = format!("{JUDGED}\n[outcome.study]\nseed = 3\ntasks = 2\n");
        for (name, more, files) in [
            ("plain", "", &[][..]),
            ("asks", asks, &[]),
            ("good", JUDGED, &rubric(always)),
            ("bad", JUDGED, &rubric(never)),
            ("revise", study.as_str(), &rubric(never)),
        ] {
            let text = writer(more);
            let files = [&[("mission.toml", text.as_str())], files].concat();
            places.name(name, Missions::new(&files, &[]));
        }
        let dream = format!("instructions = '{}'", say_the_door("/doors.md"));
        places.name("doors", Missions::doors(&dream));
        Self { places }
    }

    /// Where a mission lies.
    fn path(&self, name: &str) -> String {
        self.places.mission(name).to_str().unwrap().to_owned()
    }

    /// Runs a command that names a mission in both places: with its path here, with its name
    /// there. No path of the missions' is told by the server.
    #[track_caller]
    fn both(&self, both: &Both, code: i32, words: &[&str], name: &str) -> [Told; 2] {
        let path = self.path(name);
        let with = |mission: &str| -> Vec<String> {
            let put = |word: &&str| if *word == "MISSION" { mission } else { *word }.to_owned();
            words.iter().map(put).collect()
        };
        let run = |mission: &str, ask: fn(&Both, &[&str]) -> Told| {
            let words = with(mission);
            let told = ask(both, &words.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(told.code, Some(code), "{words:?}: {told:?}");
            told
        };
        let (here, there) = (run(&path, Both::here), run(name, Both::there));
        assert!(!format!("{there:?}").contains(&path), "{there:?}");
        [here, there]
    }
}

/// A text without what no two sessions, dreams and stores have the same, and without where
/// outputs are.
fn masked(text: &str) -> String {
    let word = |word: &str| {
        let mut word = word.to_owned();
        for prefix in ["sesn_01", "sevt_01", "drm_01", "memstore_01", "dsch_01"] {
            while let Some(at) = word.find(prefix) {
                let id = word[at..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let end = id.map_or(word.len(), |id| at + id);
                word.replace_range(at..end, "ID");
            }
        }
        word
    };
    let line = |line: &str| match line.starts_with("outputs  ") {
        true => "outputs  somewhere".to_owned(),
        false => line.split(' ').map(word).collect::<Vec<_>>().join(" "),
    };
    text.lines().map(|text| format!("{}\n", line(text))).collect()
}

#[track_caller]
fn same([here, there]: [Told; 2]) -> Told {
    assert_eq!(masked(&here.out), masked(&there.out));
    assert_eq!(masked(&here.err), masked(&there.err));
    there
}

/// One document, without where outputs are.
fn document(text: &str) -> Value {
    let mut document: Value = serde_json::from_str(text).unwrap();
    document.as_object_mut().unwrap().remove("outputs");
    document
}

#[test]
fn a_session_of_a_mission_comes_to_the_same_by_its_path_here_and_by_its_name_there() {
    let named = Named::new();
    let both = named.places.part();
    let told = same(named.both(&both, 0, &["run", "MISSION"], "plain"));
    assert!(told.out.starts_with("Done: "), "{told:?}");
    assert!(told.out.contains("outputs  on the server: GET "), "{told:?}");
    assert!(same(named.both(&both, 0, &["run", "MISSION"], "good")).out.contains("satisfied"));
    same(named.both(&both, 6, &["run", "MISSION"], "bad"));
    // All of it follows from the seed: not even the ids differ.
    let fixed = ["run", "MISSION", "--deterministic", "--seed", "9", "--json"];
    let [here, there] = named.both(&both, 0, &fixed, "good").map(|told| document(&told.out));
    assert_eq!(here, there);
    // The same run is gone on with: nothing of it is left to do.
    let again = [&fixed[..], &["--resume"]].concat();
    let [_, resumed] = named.both(&both, 0, &again, "good").map(|told| document(&told.out));
    assert_eq!(resumed, there);
    let refused =
        same(named.both(&both, 2, &["run", "MISSION", "--resume", "--seed", "4"], "plain"));
    assert!(refused.err.contains("no run of mission"), "{refused:?}");
    let refused = same(named.both(&both, 2, &["run", "MISSION", "--held-out", "4"], "plain"));
    assert!(refused.err.contains("--held-out needs a mission with a study"), "{refused:?}");
}

#[test]
fn calls_that_need_a_person_are_decided_by_whoever_asked_for_the_run() {
    let named = Named::new();
    let both = named.places.part();
    // Nobody is at a terminal: they are denied, once the session rests.
    let denied = named.both(&both, 0, &["run", "MISSION"], "asks");
    for told in &denied {
        assert!(told.out.contains("nobody to ask"), "{told:?}");
    }
    let [here, there] = &denied;
    assert_eq!(masked(&here.out), masked(&there.out));
    let left = same(named.both(&both, 0, &["run", "MISSION", "--later"], "asks"));
    assert!(left.out.contains("waits for a person"), "{left:?}");
    let allowed = both.there(&["session", "confirm", "latest", "sevt_", "allow"]);
    assert!(allowed.code == Some(0) && allowed.out.starts_with("Done: "), "{allowed:?}");
    // Of which all follows from a seed nobody can say anything into: denied where it runs.
    let fixed = ["run", "MISSION", "--deterministic"];
    assert!(same(named.both(&both, 0, &fixed, "asks")).out.contains("nobody to ask"));
}

#[test]
fn a_study_is_the_same_to_the_last_digit_over_a_server() {
    let named = Named::new();
    let both = named.places.part();
    let [report, plots] = ["report.json", "plots"].map(|name| named.places.path(name));
    for (name, words) in [
        ("doors", &["run", "MISSION", "--deterministic", "--held-out", "3", "--training", "2"][..]),
        ("revise", &["run", "MISSION", "--deterministic"]),
    ] {
        let [here, there] = named.both(&both, 0, words, name);
        assert_eq!(here, there, "{name}");
        assert!(there.err.contains("sessions"), "progress is told: {there:?}");
        let resumed = [words, &["--resume", "--json", "--report", report.as_str()]].concat();
        let [here, there] = named.both(&both, 0, &resumed, name);
        assert_eq!(here.out, there.out, "{name}");
        let written = std::fs::read_to_string(&report).unwrap();
        assert_eq!(document(&written), document(&there.out), "{name}");
    }
    let words = ["run", "MISSION", "--deterministic", "--seed", "5", "--plots", &plots];
    named.both(&both, 0, &words, "doors");
    assert!(Path::new(&plots).join("held-out.svg").is_file());
}

#[test]
fn a_run_is_watched_again_and_only_over_the_server_that_has_it() {
    let named = Named::new();
    let both = named.places.part();
    let ran = both.there(&["run", "good"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(both.there(&["run", "--watch", "latest"]), ran);
    assert_eq!(both.there(&["run", "--watch", "mrun_nothing"]).code, Some(2));
    let here = both.here(&["run", "--watch", "latest"]);
    assert!(here.code == Some(2) && here.err.contains("needs a server"), "{here:?}");
}

/// A dream whose one proposal waits, in the folder before it is copied.
fn dreamt(named: &Named) {
    let state = named.places.path("state");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let runtime = Runtime::open(Missions::options(Path::new(&state))).unwrap();
        dream_of_doors(&runtime, &named.places.mission("doors"), "/doors.md").await;
        runtime.store.close().await.unwrap();
    });
}

#[test]
fn a_dream_is_proved_over_a_server_as_in_a_folder() {
    let named = Named::new();
    dreamt(&named);
    let both = named.places.part();
    let evaluate = ["dream", "evaluate", "latest", "--mission", "MISSION", "--n", "8"];
    let only = [&evaluate[..], &["--no-accept"]].concat();
    let told = same(named.both(&both, 0, &only, "doors"));
    assert!(told.out.contains("proved") && told.out.contains("16 sessions"), "{told:?}");
    let whole = [&evaluate[..], &["--json"]].concat();
    let [here, there] = named.both(&both, 0, &whole, "doors").map(|told| {
        let mut proof = document(&told.out);
        assert!(proof.as_object_mut().unwrap().remove("at").is_some(), "{proof}");
        proof
    });
    assert_eq!(here, there);
    // It was accepted there, because it is proved.
    let shown = both.there(&["dream", "show", "latest", "--json"]);
    assert!(shown.out.contains("\"accepted\""), "{shown:?}");
    let hard = [&evaluate[..], &["--margin", "0.99"]].concat();
    same(named.both(&both, 6, &hard, "doors"));
    same(named.both(
        &both,
        2,
        &["dream", "evaluate", "no", "--mission", "MISSION", "--n", "2"],
        "doors",
    ));
    same(named.both(&both, 2, &evaluate, "plain"));
}

#[test]
fn dreams_and_schedules_go_by_what_a_named_mission_says() {
    let named = Named::new();
    dreamt(&named);
    let both = named.places.part();
    let start = ["dream", "start", "--memory", "latest", "--sessions", "sesn_01door"];
    let start = [&start[..], &["--mission", "MISSION", "--json"]].concat();
    let [here, there] = named.both(&both, 0, &start, "doors").map(|told| {
        let dream: Value = serde_json::from_str(&told.out).unwrap();
        ["status", "strategy", "instructions", "policy", "operations"].map(|of| dream[of].clone())
    });
    assert_eq!(here, there);
    assert_eq!((&there[0], &there[1]), (&json!("completed"), &json!("told-dream")));
    let add = ["dream", "schedule", "add", "--memory", "latest", "--cron", "0 4 1 1 *"];
    let more = ["--time-zone", "UTC", "--jitter", "0", "--mission", "MISSION", "--json"];
    let [here, there] = named.both(&both, 0, &[&add[..], &more].concat(), "doors").map(|told| {
        let mut schedule: Value = serde_json::from_str(&told.out).unwrap();
        (schedule["mission"].take(), schedule["strategy"].take())
    });
    assert_eq!((&here.1, &there.1), (&json!("told-dream"), &json!("told-dream")));
    assert_eq!(there.0, "doors");
    let listed = both.there(&["dream", "schedule", "list", "--json"]);
    assert!(!listed.out.contains(&named.path("doors")), "{listed:?}");
    // Of a mission that does not dream nothing is taken.
    same(named.both(&both, 2, &start, "plain"));
}

#[test]
fn a_client_brings_a_server_no_mission_and_learns_no_path() {
    let named = Named::new();
    dreamt(&named);
    let both = named.places.part();
    let whole = named.path("plain");
    let commands: [&[&str]; 4] = [
        &["run"],
        &["dream", "evaluate", "latest", "--n", "2", "--mission"],
        &["dream", "start", "--memory", "latest", "--last", "1", "--mission"],
        &["dream", "schedule", "add", "--memory", "latest", "--mission"],
    ];
    for command in commands {
        for mission in [whole.as_str(), ".", "../plain", "plain/mission.toml", "nobody"] {
            let told = both.there(&[command, &[mission]].concat());
            assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{command:?}: {told:?}");
            assert!(told.err.contains("asks, bad, doors, good, plain, revise"), "{told:?}");
            assert!(!told.err.contains(&whole), "{told:?}");
            assert_eq!(told.err.contains("over a server"), mission != "nobody", "{told:?}");
        }
    }
    // What breaks afterwards is for the server's log.
    std::fs::write(Path::new(&whole).join("mission.toml"), "name = 1\n").unwrap();
    let broken = both.there(&["run", "plain"]);
    assert!(broken.code == Some(2) && broken.err.contains("log says why"), "{broken:?}");
    assert!(!broken.err.contains(&whole), "{broken:?}");
    let file = named.places.path("recorded");
    for option in [["--record", &file], ["--replay", &file], ["--limit", "deadline_ms=1s"]] {
        let told = both.there(&[&["run", "good"][..], &option].concat());
        assert!(told.code == Some(2) && told.err.contains("over a server"), "{told:?}");
    }
    assert!(!Path::new(&file).exists());
}

#[test]
fn a_server_does_not_start_with_a_mission_that_is_not_there() {
    let named = Named::new();
    let config = named.places.path("wrong.toml");
    let state = named.places.path("state");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--state", &state, "--config", &config];
    for wrong in ["gone = \"no/such\"", "\"a b\" = \".\"", "plain = 1"] {
        std::fs::write(&config, format!("[missions]\n{wrong}\n")).unwrap();
        let told = lucid(&serve, &[]);
        assert!(told.code == Some(2) && told.err.contains("[missions]"), "{wrong}: {told:?}");
        assert!(told.err.contains("hint"), "{wrong}: {told:?}");
    }
}
