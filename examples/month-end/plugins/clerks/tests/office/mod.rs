//! A stand-in for the host: runs both agents with the till, a folder, and the grader.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use checks::Checks;
use lucid_sdk::grader::{Criterion, Evaluation, Judgement, Verdict};
use lucid_sdk::model::{
    Block, Completion, Message, Request, Role, StopReason, ToolResult, ToolUse,
};
use lucid_sdk::testing::{Host, grade};
use serde_json::Value;
use tempfile::TempDir;
use till::month::Month;

/// The rubric of the mission.
pub(crate) const RUBRIC: &str = include_str!("../../../../rubric.md");

/// More turns than any session needs.
const TURNS_MAX: usize = 20;

/// What came of one evaluation.
pub(crate) struct Step {
    /// The mistakes that were in the draft, by name.
    pub(crate) seeded: BTreeSet<String>,
    /// The criteria that were not met.
    pub(crate) unmet: Vec<Criterion>,
    /// What it came to.
    pub(crate) judgement: Judgement,
}

/// One session: a branch's month.
pub(crate) struct Office {
    root: TempDir,
    month: Month,
    controller: Request,
    bookkeeper: Request,
    /// Every call of a tool by the bookkeeper: the tool and the path.
    pub(crate) calls: Vec<(String, String)>,
}

impl Office {
    /// An office that closes a branch's month.
    pub(crate) fn new(seed: u64, branch: u32) -> Self {
        let agent = |name: &str| Request {
            system: format!("You are the {name} of a chain of shops."),
            messages: Vec::new(),
            tools: Vec::new(),
            max_tokens: 4096,
        };
        Self {
            root: tempfile::tempdir().unwrap(),
            month: Month::of(seed, branch),
            controller: agent("controller"),
            bookkeeper: agent("bookkeeper"),
            calls: Vec::new(),
        }
    }

    /// The outputs, as the grader sees them.
    pub(crate) fn outputs(&self) -> PathBuf {
        self.root.path().join("mnt/session/outputs")
    }

    /// Runs a session with so many evaluations at most.
    pub(crate) fn run(&mut self, session_seed: u64, iterations: usize) -> Vec<Step> {
        let branch = self.month.branch;
        let mut said = format!("Close the month of branch {branch}. Session seed {session_seed}.");
        let mut steps = Vec::new();
        loop {
            let host = Host::new();
            self.say(&said);
            let seeded = seeded(&host).expect("the log says what is in the draft");
            drop(host);
            let evaluation = self.evaluate();
            let judgement = evaluation.judgement;
            said = gaps(&evaluation);
            let unmet = evaluation.criteria.into_iter();
            let unmet = unmet.filter(|criterion| criterion.verdict != Verdict::Met).collect();
            steps.push(Step { seeded, unmet, judgement });
            if judgement == Judgement::Satisfied || steps.len() == iterations {
                return steps;
            }
        }
    }

    /// Lets the grader judge what is there.
    pub(crate) fn evaluate(&self) -> Evaluation {
        grade::<Checks>(RUBRIC, self.outputs().to_str().unwrap()).unwrap()
    }

    /// Says something to the controller, and gives its last words when all are silent.
    pub(crate) fn say(&mut self, text: &str) -> String {
        tell(&mut self.controller, vec![Block::Text(text.to_owned())]);
        loop {
            let words = self.turn(true);
            let waits = self.bookkeeper.messages.last().is_some_and(|m| m.role == Role::User);
            if !waits {
                return words;
            }
            let answer = self.turn(false);
            let answer = format!("Message from agent \"bookkeeper\":\n\n{answer}");
            tell(&mut self.controller, vec![Block::Text(answer)]);
        }
    }

    fn turn(&mut self, lead: bool) -> String {
        for turn in 0..TURNS_MAX {
            let agent = if lead { &self.controller } else { &self.bookkeeper };
            let place = format!("{}_{turn}", agent.messages.len());
            let Completion { mut content, stop_reason, .. } = clerks::next(agent);
            let (mut words, mut results) = (String::new(), Vec::new());
            for block in &mut content {
                match block {
                    Block::Text(text) => words.clone_from(text),
                    Block::ToolUse(call) => {
                        call.id = format!("{place}_{}", call.id);
                        let result = self.call(lead, call);
                        let (tool_use_id, is_error) = (call.id.clone(), result.is_err());
                        let text = result.unwrap_or_else(|error| error);
                        results.push(Block::ToolResult(ToolResult { tool_use_id, text, is_error }));
                    }
                    _ => {}
                }
            }
            let agent = if lead { &mut self.controller } else { &mut self.bookkeeper };
            agent.messages.push(Message { role: Role::Assistant, content });
            if stop_reason == StopReason::EndTurn {
                return words;
            }
            tell(agent, results);
        }
        panic!("an agent does not come to an end");
    }

    fn call(&mut self, lead: bool, call: &ToolUse) -> Result<String, String> {
        let input: Value = serde_json::from_str(&call.input_json).unwrap();
        let text = |field: &str| input[field].as_str().unwrap_or_default().to_owned();
        let path = self.root.path().join(text("file_path").trim_start_matches('/'));
        if !lead {
            self.calls.push((call.name.clone(), text("file_path")));
        }
        let said = |error: std::io::Error| error.to_string();
        match (lead, call.name.as_str()) {
            (true, "export") => {
                let folder = self.outputs().join("source");
                let made = till::export::write(&self.month, &folder);
                made.map(|made| format!("{made:?}")).map_err(|error| format!("{error:?}"))
            }
            (true, "send_to_agent") => {
                let message = format!("Message from agent \"controller\":\n\n{}", text("message"));
                tell(&mut self.bookkeeper, vec![Block::Text(message)]);
                Ok("{}".to_owned())
            }
            (false, "read") => fs::read_to_string(path).map_err(said),
            (false, "write") => {
                assert!(path.starts_with(self.outputs().join("close")), "{}", path.display());
                fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(said)?;
                fs::write(path, text("content")).map(|()| "written".to_owned()).map_err(said)
            }
            (_, other) => Err(format!("there is no tool {other}")),
        }
    }
}

fn tell(agent: &mut Request, content: Vec<Block>) {
    agent.messages.push(Message { role: Role::User, content });
}

/// What the log says is in the newest draft.
fn seeded(host: &Host) -> Option<BTreeSet<String>> {
    let logs = host.logs();
    let line = logs.iter().rev().find_map(|(_, line)| line.strip_prefix("seeded "))?;
    let told: Value = serde_json::from_str(line).unwrap();
    let names = told["mistakes"].as_array().unwrap().iter();
    Some(names.map(|name| name.as_str().unwrap().to_owned()).collect())
}

/// The gaps as one message, as the host writes it.
pub(crate) fn gaps(evaluation: &Evaluation) -> String {
    let mut message =
        "The result was evaluated and is not satisfactory yet. Close these gaps:".to_owned();
    for criterion in evaluation.criteria.iter().filter(|c| c.verdict == Verdict::Unmet) {
        message.push_str(&format!("\n- {}: {}", criterion.text, criterion.explanation));
        if !criterion.evidence_paths.is_empty() {
            message.push_str(&format!(" (see {})", criterion.evidence_paths.join(", ")));
        }
    }
    message
}
