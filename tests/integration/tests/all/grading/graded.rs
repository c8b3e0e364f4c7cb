//! Folders that real graders judge in the sandbox, as `lucid grade` lets them, and a model
//! behind HTTP for those that ask one.

#[allow(dead_code, clippy::duplicate_mod, reason = "sessions have it too, and use more of it")]
#[path = "../session/remote/server.rs"]
mod server;
#[allow(dead_code, clippy::duplicate_mod, reason = "sessions have it too, and use more of it")]
#[path = "../session/remote/wire.rs"]
mod wire;

use std::fs;
use std::path::{Path, PathBuf};

use lucid_core::{Criterion, Evaluation, Result, Verdict};
use lucid_runtime::{
    FolderGraded, GraderChoice, Graders, Mission, Runtime, RuntimeOptions, VariableSource,
};
use lucid_tests::Missions;
use serde_json::{Value, json};
use tempfile::TempDir;

use server::Server;
use wire::{Answer, Format};

/// A file: its path below the outputs, and what is in it.
pub(super) type File<'a> = (&'a str, &'a [u8]);

/// The memory that is enough for every grading here, in bytes: the standard.
pub(super) const MEMORY: u64 = 192 << 20;

/// What stands for a key.
const KEY: &str = "sk-scripted-0123456789";
/// Tokens that each answer of the model costs.
pub(super) const TOKENS: u64 = 100;

/// One grader by itself.
pub(super) fn alone(grader: &str) -> GraderChoice {
    GraderChoice { grader: grader.to_owned(), members: Vec::new(), rule: None, model: None }
}

/// Writes files into a folder, and whatever was there is gone.
pub(super) fn put(folder: &Path, files: &[File<'_>]) {
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    fs::create_dir_all(folder).unwrap();
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// The grader that runs checks, with the limits it has by itself, and a folder for outputs.
pub(super) struct Desk {
    root: TempDir,
    pub(super) runtime: Runtime,
    graders: Graders,
}

impl Desk {
    pub(super) async fn of_checks() -> Self {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(Missions::options(&root.path().join("state"))).unwrap();
        let graders = runtime.graders(&alone("checks")).await.unwrap();
        fs::create_dir(root.path().join("outputs")).unwrap();
        Self { root, runtime, graders }
    }

    pub(super) fn outputs(&self) -> PathBuf {
        self.root.path().join("outputs")
    }

    /// Judges what lies in the folder.
    pub(super) async fn judge(&self, rubric: &str) -> Result<FolderGraded> {
        self.runtime.grade(&self.graders, rubric, &self.outputs()).await
    }

    /// Judges these files: there has to be an evaluation, within the memory of a grader.
    pub(super) async fn evaluation(&self, rubric: &str, files: &[File<'_>]) -> Evaluation {
        put(&self.outputs(), files);
        let graded = self.judge(rubric).await.unwrap();
        let peak = graded.report.usage.memory_peak_bytes;
        assert!(peak <= MEMORY, "{peak} bytes of memory");
        graded.report.result.unwrap_or_else(|failure| panic!("{failure:?}\n{rubric}"))
    }
}

pub(super) fn verdicts(evaluation: &Evaluation) -> Vec<Verdict> {
    evaluation.criteria.iter().map(|criterion| criterion.verdict).collect()
}

/// The criterion on a line of the rubric.
pub(super) fn on_line(evaluation: &Evaluation, line: u32) -> &Criterion {
    let mut criteria = evaluation.criteria.iter();
    criteria.find(|criterion| criterion.line == line).unwrap()
}

/// What a model says of a criterion, in the form that `judge` asks for.
pub(super) fn says(verdict: &str, quotes: &[(&str, &str)]) -> String {
    let quote = |(path, text): &(&str, &str)| json!({"path": path, "text": text});
    let quotes: Vec<Value> = quotes.iter().map(quote).collect();
    json!({"verdict": verdict, "explanation": "so it seems", "quotes": quotes}).to_string()
}

/// What the agent of [`Asking`] writes.
pub(super) const REPORT: &str = "# Report\n\nThe north is dry.\n";

/// A mission whose `judge` asks a model that answers by a script.
pub(super) struct Asking {
    missions: Missions,
    server: Server,
}

impl Asking {
    /// A mission with this `grader`, rubric, and lines at its end.
    pub(super) async fn new(grader: &str, rubric: &str, more: &str) -> Self {
        let server = Server::start(Vec::new()).await;
        let text = format!("{}\n{more}\n", mission(&server.url, grader));
        let files = [("mission.toml", text.as_str()), ("rubric.md", rubric)];
        Self { missions: Missions::new(&files, &["lying-grader"]), server }
    }

    /// The same with another `grader`.
    pub(super) fn rewrite(&self, grader: &str, more: &str) {
        let text = format!("{}\n{more}\n", mission(&self.server.url, grader));
        self.missions.write("mission.toml", &text);
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.missions.mission()
    }

    /// Goes on with the model's script.
    pub(super) fn script(&self, answers: &[String]) {
        let reply = |text: &String| {
            let text: &'static str = String::leak(text.clone());
            Format::OpenAi.says(&Answer { text, tokens: (90, 0, 10), ..Answer::default() })
        };
        self.server.script(answers.iter().map(reply).collect());
    }

    /// The requests so far: their bodies.
    pub(super) fn asked(&self) -> Vec<Value> {
        self.server.seen().into_iter().map(|seen| seen.body).collect()
    }

    pub(super) async fn load(&self) -> Result<(Runtime, Mission)> {
        let options = RuntimeOptions {
            variables: VariableSource::new(|name| {
                (name == "OPENAI_API_KEY").then(|| KEY.to_owned())
            }),
            ..Missions::options(&self.missions.state())
        };
        Runtime::open_for(options, &self.missions.mission()).await
    }

    /// Lets the mission's graders judge these files by its rubric.
    pub(super) async fn judge(&self, files: &[File<'_>]) -> FolderGraded {
        let outputs = self.missions.root().join("judged");
        put(&outputs, files);
        let (runtime, mission) = self.load().await.unwrap();
        let (graders, rubric) = mission.graders().unwrap();
        let graded = runtime.grade(graders, rubric, &outputs).await.unwrap();
        runtime.store.close().await.unwrap();
        graded
    }
}

fn mission(url: &str, grader: &str) -> String {
    let model = Format::OpenAi.model();
    let report = REPORT.replace('\n', "\\n");
    format!(
        r#"
name = "graded"
lead = "lead"
message = "Write a report. MESSAGE-SECRET"

[models."{model}"]
base_url = "{url}"
key = {{ env = "OPENAI_API_KEY" }}

[plugins.files]
files = "read-write"

[plugins.judge]
model = "{model}"

[plugins.lying-grader]
file = "lying-grader.wasm"

[agents.lead]
model = "plugin:script"
system = '''
SYSTEM-SECRET
call write {{"file_path": "/mnt/session/outputs/report.md", "content": "{report}"}}
say Done.
'''
tools = ["files.write"]
view = {{ "/mnt/session/outputs" = "rw" }}

[outcome]
description = "There is a report."
rubric = "rubric.md"
grader = {grader}
max_iterations = 1
"#
    )
}
