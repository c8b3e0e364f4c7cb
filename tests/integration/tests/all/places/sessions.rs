//! Every `lucid session` command, once in a folder and once over a server.

use std::collections::BTreeSet;
use std::process::Stdio;

use super::bench::{Both, Places, Told, command, lucid};

/// An agent that works and says something; more makes it ask, or be judged.
fn mission(name: &str, script: &str, more: &str) -> String {
    format!(
        r#"
name = "{name}"
lead = "lead"
message = "Go."

[plugins.files]
files = "read-write"

[agents.lead]
model = "plugin:script"
system = '''
{script}
'''
tools = ["files"]
view = {{ "/workspace" = "rw" }}
{more}
"#
    )
}

const WRITE: &str = r#"call write {"file_path": "/workspace/a.txt", "content": "one"}"#;

const RUBRIC: &str = "- All is well. `check: true`\n";

/// Sessions of each kind: at rest, waiting for a person, judged, and put away.
struct Sessions {
    places: Places,
    rests: String,
    asks: String,
    judged: String,
    away: String,
}

impl Sessions {
    fn new() -> Self {
        let mut places = Places::new();
        let mut run = |name: &str, script: &str, more: &str, files: &[(&str, &str)]| {
            let text = mission(name, script, more);
            places.run(&[&[("mission.toml", text.as_str())], files].concat())
        };
        let rests = run("rests", &format!("{WRITE}\nsay First.\nsay Second.\nsay Third."), "", &[]);
        let ask = r#"permissions = { "files.write" = "always_ask" }"#;
        let asks = run("asks", &format!("{WRITE}\nsay Written."), ask, &[]);
        let outcome = "[outcome]\ndescription = \"There is a report.\"\nrubric = \"rubric.md\"\n\
                       grader = \"checks\"\nmax_iterations = 2\n";
        let rubric = [("rubric.md", RUBRIC)];
        let judged = run("judged", "say Done.\nsay Again.", outcome, &rubric);
        let away = run("away", &format!("{WRITE}\nsay Gone."), "", &[]);
        let archive = ["session", "archive", &away, "--state", &places.path("state")];
        assert_eq!(lucid(&archive, &[]).code, Some(0));
        Self { places, rests, asks, judged, away }
    }
}

/// Runs commands in both places, and remembers which.
struct Asked<'a> {
    both: &'a Both,
    verbs: BTreeSet<String>,
}

impl Asked<'_> {
    /// Runs `lucid session WORDS` in both places: it says the same and ends so.
    #[track_caller]
    fn same(&mut self, code: i32, words: &[&str]) -> Told {
        self.verbs.insert(words[0].to_owned());
        let told = self.both.same(&[&["session"], words].concat());
        assert_eq!(told.code, Some(code), "{words:?}: {told:?}");
        told
    }
}

/// The subcommands of `lucid session`, as its help lists them.
fn all_verbs() -> BTreeSet<String> {
    let help = lucid(&["session", "--help"], &[]).out;
    let listed = help.split("Commands:").nth(1).unwrap();
    let listed = listed.lines().skip(1).take_while(|line| !line.is_empty());
    // What goes on from the line before stands further to the right.
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

fn reads(asked: &mut Asked<'_>, sessions: &Sessions) {
    let Sessions { places, rests, asks, judged, away } = sessions;
    asked.same(0, &["list"]);
    asked.same(0, &["list", "--json"]);
    asked.same(0, &["list", "--limit", "2", "--json"]);
    for id in [rests, asks, judged, away, "latest"] {
        for verb in ["show", "events", "files"] {
            asked.same(0, &[verb, id]);
            asked.same(0, &[verb, id, "--json"]);
        }
    }
    asked.same(0, &["events", rests, "--after", "3", "--json"]);
    // Nothing comes any more: both end by themselves.
    asked.same(0, &["events", away, "--follow", "--json"]);
    asked.same(0, &["show", away, "--follow"]);
    assert!(asked.same(2, &["show", away, "--follow", "--json"]).err.contains("one JSON document"));
    assert!(asked.same(2, &["show", "sesn_"]).err.contains("several sessions"));
    assert!(asked.same(2, &["events", "sesn_nothing"]).err.contains("no such session"));
    let one = asked.same(0, &["export", rests]).out;
    assert!(asked.same(0, &["export", "--all"]).out.contains(one.as_str()));
    asked.same(0, &["export", "--all", "--mission", "judged"]);
    asked.same(2, &["export", "--all", "--mission", "nothing"]);
    asked.same(0, &["export", rests, away, "--out", &places.path("exported.jsonl")]);
    let report = asked.both.same(&["outcome", "report"]);
    assert!(report.code == Some(0) && report.out.contains("judged"), "{report:?}");
    asked.both.same(&["outcome", "report", "--json"]);
    asked.both.same(&["outcome", "report", "--mission", "judged", "--json"]);
}

fn writes(asked: &mut Asked<'_>, sessions: &Sessions) {
    let Sessions { places, rests, asks, judged, away } = sessions;
    asked.same(2, &["send", rests, "  "]);
    assert!(asked.same(2, &["send", away, "And?"]).err.contains("is archived"));
    assert!(asked.same(0, &["send", rests, "And?"]).out.starts_with("Second.\n"));
    assert!(asked.same(0, &["send", rests, "More?", "--queue"]).out.contains("it waits in"));
    assert!(asked.same(0, &["resume", rests]).out.starts_with("Third.\n"));
    assert!(asked.same(0, &["resume", rests, "--later"]).out.starts_with("Third.\n"));
    asked.same(2, &["resume", away]);
    assert!(asked.same(0, &["resume", "--all"]).out.contains("no session was left"));
    assert!(asked.same(2, &["confirm", asks, "nothing", "allow"]).err.contains("these wait: "));
    asked.same(2, &["confirm", asks, "sevt_", "allow", "--reason", "no"]);
    assert!(asked.same(0, &["confirm", asks, "sevt_", "allow"]).out.starts_with("Written.\n"));
    asked.same(2, &["confirm", asks, "sevt_", "allow"]);
    let rubric = places.path("rubric.md");
    std::fs::write(&rubric, RUBRIC).unwrap();
    let refused = asked.same(2, &["outcome", rests, "More.", "--rubric", &rubric]);
    assert!(refused.err.contains("no grader"), "{refused:?}");
    let told = asked.same(0, &["outcome", judged, "More.", "--rubric", &rubric]);
    assert!(told.out.contains("outcome  satisfied"), "{told:?}");
    // The last of it: somebody may see to a session with an interrupt at any time.
    asked.same(2, &["interrupt", judged, "--thread", "nobody"]);
    assert!(asked.same(0, &["interrupt", judged]).out.contains("nothing to stop"));
}

/// The events of exported sessions. What is said of the sessions themselves changes: what
/// somebody sends is no part of a run.
fn events(exported: &str) -> impl Iterator<Item = &str> {
    exported.lines().filter(|line| !line.starts_with(r#"{"type":"session","#))
}

fn keeps(asked: &mut Asked<'_>, sessions: &Sessions) {
    let Sessions { places, rests, away, .. } = sessions;
    let file = places.path("exported.jsonl");
    assert!(asked.same(2, &["import", &file]).err.contains("already"));
    assert!(asked.same(2, &["delete", away]).err.contains("no terminal"));
    for id in [rests, away] {
        asked.same(0, &["archive", id]);
        asked.same(0, &["archive", id, "--json"]);
        assert!(asked.same(0, &["delete", id, "--yes"]).out.contains("is deleted"));
        asked.same(2, &["show", id]);
    }
    asked.same(0, &["import", &file]);
    let again = asked.same(0, &["export", rests, away]).out;
    let exported = std::fs::read_to_string(&file).unwrap();
    assert!(events(&again).eq(events(&exported)) && events(&again).count() > 2, "{again}");
    // Only its log is there.
    assert!(asked.same(2, &["send", rests, "And?"]).err.contains("are not here"));
    asked.same(2, &["import", &places.path("nothing.jsonl")]);
}

#[test]
fn every_session_command_says_the_same_in_a_folder_and_over_a_server() {
    let sessions = Sessions::new();
    let both = sessions.places.part();
    let mut asked = Asked { both: &both, verbs: BTreeSet::new() };
    reads(&mut asked, &sessions);
    writes(&mut asked, &sessions);
    keeps(&mut asked, &sessions);
    assert_eq!(asked.verbs, all_verbs());
}

#[test]
fn a_log_is_followed_over_a_server_until_it_ends() {
    let sessions = Sessions::new();
    let both = sessions.places.part();
    let id = &sessions.rests;
    let words = ["session", "events", id, "--follow", "--json", "--server", &both.served.url];
    let following = command(&words, &[]).stdout(Stdio::piped()).spawn().unwrap();
    assert_eq!(both.there(&["session", "send", id, "And?"]).code, Some(0));
    assert_eq!(both.there(&["session", "archive", id]).code, Some(0));
    let followed = following.wait_with_output().unwrap();
    assert!(followed.status.success());
    let all = both.there(&["session", "events", id, "--json"]).out;
    assert_eq!(String::from_utf8(followed.stdout).unwrap(), all);
    assert!(all.trim_end().lines().last().unwrap().contains("session.status_terminated"));
}

#[test]
fn a_call_that_nobody_decides_is_denied_over_a_server_as_it_is_here() {
    let sessions = Sessions::new();
    let both = sessions.places.part();
    let left = both.same(&["session", "resume", &sessions.asks, "--later"]);
    assert!(left.out.contains("waits for a person"), "{left:?}");
    both.same(&["session", "resume", &sessions.asks]);
    let results = [Both::here, Both::there].map(|ask| {
        let events = ask(&both, &["session", "events", &sessions.asks, "--json"]).out;
        let result = events.lines().find(|line| line.contains("agent.tool_result"));
        result.unwrap().to_owned()
    });
    assert!(results.iter().all(|result| result.contains("nobody to ask")), "{results:?}");
}
