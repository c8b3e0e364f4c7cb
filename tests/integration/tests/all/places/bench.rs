//! `lucid` with two copies of a state folder: one beside it, one behind a server.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use lucid_tests::Missions;
use tempfile::TempDir;

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// Its exit code.
    pub(super) code: Option<i32>,
    /// What it said on standard output.
    pub(super) out: String,
    /// What it said on standard error.
    pub(super) err: String,
}

/// Runs `lucid`; nothing of the environment says where it works.
pub(super) fn lucid(words: &[&str], more: &[(&str, &str)]) -> Told {
    let output = command(words, more).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The same, not yet run.
pub(super) fn command(words: &[&str], more: &[(&str, &str)]) -> Command {
    let mut command = Command::new(lucid_tests::release().join("lucid"));
    for name in ["LUCID_HOME", "LUCID_SERVER", "LUCID_API_KEY", "LUCID_CA_FILE"] {
        command.env_remove(name);
    }
    command.envs(more.iter().copied()).args(words).stdin(Stdio::null());
    command
}

/// A server of a state folder, until this is dropped.
pub(super) struct Served {
    child: Child,
    /// Where it is.
    pub(super) url: String,
}

impl Served {
    /// Serves a folder at a free port.
    pub(super) fn new(state: &Path) -> Self {
        Self::with(state, &[])
    }

    /// The same, with more options.
    pub(super) fn with(state: &Path, more: &[&str]) -> Self {
        let state = state.to_str().unwrap();
        let words = ["serve", "--listen", "127.0.0.1:0", "--json", "--state", state];
        let mut serve = command(&[&words, more].concat(), &[]);
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        Self { child, url: told["url"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Missions that ran in one folder, and two copies of it.
pub(super) struct Places {
    folder: TempDir,
    missions: Vec<Missions>,
    /// Those that the server names.
    named: BTreeMap<String, Missions>,
}

impl Places {
    /// Nothing ran yet.
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), missions: Vec::new(), named: BTreeMap::new() }
    }

    /// A path in the folder of the test.
    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs a mission, and gives the id of its session.
    pub(super) fn run(&mut self, files: &[(&str, &str)]) -> String {
        let missions = Missions::new(files, &[]);
        let mission = missions.mission().to_str().unwrap().to_owned();
        let words = ["run", &mission, "--later", "--json", "--state", &self.path("state")];
        let told = lucid(&words, &[]);
        assert_eq!(told.code, Some(0), "{told:?}");
        // It is needed again where the session goes on.
        self.missions.push(missions);
        let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
        document["session_id"].as_str().unwrap().to_owned()
    }

    /// Has the server name a mission.
    pub(super) fn name(&mut self, name: &str, missions: Missions) {
        self.named.insert(name.to_owned(), missions);
    }

    /// Where a mission lies that the server names.
    pub(super) fn mission(&self, name: &str) -> PathBuf {
        self.named[name].mission()
    }

    /// Copies the folder twice and serves one of the copies.
    pub(super) fn part(&self) -> Both {
        let [here, there] = ["here", "there"].map(|name| {
            let copy = PathBuf::from(self.path(name));
            copy_all(Path::new(&self.path("state")), &copy);
            copy
        });
        let line = |(name, missions): (&String, &Missions)| {
            format!("{name} = \"{}\"\n", missions.mission().display())
        };
        let lines: String = self.named.iter().map(line).collect();
        let config = self.path("serve.toml");
        std::fs::write(&config, format!("[missions]\n{lines}")).unwrap();
        let served = Served::with(&there, &["--config", &config]);
        Both { here: here.to_str().unwrap().to_owned(), served, there }
    }
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// The same state in a folder and behind a server.
pub(super) struct Both {
    here: String,
    /// The folder that the server has open.
    pub(super) there: PathBuf,
    /// The server.
    pub(super) served: Served,
}

impl Both {
    /// Runs a command in the folder.
    pub(super) fn here(&self, words: &[&str]) -> Told {
        lucid(&[words, &["--state", &self.here]].concat(), &[])
    }

    /// Runs a command over the server.
    pub(super) fn there(&self, words: &[&str]) -> Told {
        lucid(&[words, &["--server", &self.served.url]].concat(), &[])
    }

    /// Runs a command in both places, and checks that it says the same, but for where outputs
    /// are: those of a server are in no folder here.
    #[track_caller]
    pub(super) fn same(&self, words: &[&str]) -> Told {
        let (here, there) = (self.here(words), self.there(words));
        assert_eq!(plain(&here), plain(&there), "{words:?}");
        here
    }
}

fn plain(told: &Told) -> Told {
    let line = |line: &str| match line.starts_with("outputs  ") {
        true => "outputs  somewhere\n".to_owned(),
        false => format!("{line}\n"),
    };
    Told { out: told.out.lines().map(line).collect(), ..told.clone() }
}
