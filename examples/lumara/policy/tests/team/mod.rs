//! A stand-in for the host: runs the three policies against the lander and a folder.

use std::fs;
use std::path::{Path, PathBuf};

use lander::session::Session;
use lander::tools;
use lucid_sdk::model::{
    Block, Completion, Message, Request, Role, StopReason, ToolResult, ToolUse,
};
use serde_json::Value;
use tempfile::TempDir;

/// More turns than any session needs.
const TURNS_MAX: usize = 40;

struct Agent {
    name: &'static str,
    next: fn(&Request) -> Completion,
    request: Request,
}

/// One session: a site, a flight seed, a memory.
pub(crate) struct Team {
    root: TempDir,
    lander: Session,
    agents: Vec<Agent>,
    /// Every tool call: the agent, the tool, its input.
    pub(crate) calls: Vec<(&'static str, String, Value)>,
    /// Whether reports that are due at the same time arrive in one message.
    pub(crate) together: bool,
    /// A tool that always fails, and for whom.
    pub(crate) broken: Option<(&'static str, &'static str)>,
}

impl Team {
    /// A team for a site of a Moon, with one memory file.
    pub(crate) fn new(seed: u64, site: u32, memory: &str) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let folder = |path: &str| {
            let folder = root.path().join(path);
            fs::create_dir_all(&folder).expect("a folder");
            folder
        };
        let (workspace, outputs) = (folder("workspace"), folder("mnt/session/outputs"));
        fs::write(folder("mnt/memory/lumara").join("rules.md"), memory).expect("a memory");
        let system = "Work.\nMemory store \"lumara\" is mounted read-only at /mnt/memory/lumara/.";
        let agent = |name, next| {
            let (messages, tools) = (Vec::new(), Vec::new());
            let system = system.to_owned();
            Agent { name, next, request: Request { system, messages, tools, max_tokens: 4096 } }
        };
        Self {
            lander: Session::new(seed, site, &workspace.join("lander"), &outputs),
            agents: vec![
                agent("commander", commander::next),
                agent("detector", detector::next),
                agent("navigator", navigator::next),
            ],
            root,
            calls: Vec::new(),
            together: false,
            broken: None,
        }
    }

    /// Gives the order and returns the commander's last words.
    pub(crate) fn land(&mut self, flight_seed: u64) -> String {
        let order = format!("Land at site {}. Flight seed {flight_seed}.", self.lander.site);
        self.tell(0, vec![order]);
        self.go_on()
    }

    /// Gives the commander a text and returns its last words when all are silent.
    pub(crate) fn say(&mut self, text: &str) -> String {
        self.tell(0, vec![text.to_owned()]);
        self.go_on()
    }

    fn go_on(&mut self) -> String {
        let mut words = self.turn(0);
        loop {
            let waiting: Vec<usize> = (1..3).filter(|agent| self.waits(*agent)).collect();
            if waiting.is_empty() {
                return words;
            }
            let mut reports = Vec::new();
            for agent in waiting {
                let report = self.turn(agent);
                let name = self.agents[agent].name;
                reports.push(format!("Message from agent \"{name}\":\n\n{report}"));
            }
            if self.together {
                self.tell(0, reports);
                words = self.turn(0);
            } else {
                for report in reports {
                    self.tell(0, vec![report]);
                    words = self.turn(0);
                }
            }
        }
    }

    /// The report's line about the site, where there is one.
    pub(crate) fn line(&self) -> Option<Value> {
        let path = self.host_path(commander::REPORT);
        let report: Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
        report["sites"].get(0).cloned()
    }

    fn waits(&self, agent: usize) -> bool {
        self.agents[agent].request.messages.last().is_some_and(|m| m.role == Role::User)
    }

    fn tell(&mut self, agent: usize, texts: Vec<String>) {
        let content = texts.into_iter().map(Block::Text).collect();
        self.agents[agent].request.messages.push(Message { role: Role::User, content });
    }

    fn turn(&mut self, agent: usize) -> String {
        for _ in 0..TURNS_MAX {
            let completion = (self.agents[agent].next)(&self.agents[agent].request);
            let mut content = completion.content;
            let turn = self.agents[agent].request.messages.len();
            let (mut words, mut results) = (String::new(), Vec::new());
            for block in &mut content {
                match block {
                    Block::Text(text) => words.clone_from(text),
                    Block::ToolUse(call) => {
                        call.id = format!("{turn}_{}", call.id);
                        let result = self.run(agent, call);
                        let is_error = result.is_err();
                        let text = result.unwrap_or_else(|error| error);
                        let tool_use_id = call.id.clone();
                        results.push(Block::ToolResult(ToolResult { tool_use_id, text, is_error }));
                    }
                    _ => {}
                }
            }
            let messages = &mut self.agents[agent].request.messages;
            messages.push(Message { role: Role::Assistant, content });
            if completion.stop_reason == StopReason::EndTurn {
                return words;
            }
            messages.push(Message { role: Role::User, content: results });
        }
        panic!("the {} does not come to an end", self.agents[agent].name);
    }

    fn run(&mut self, agent: usize, call: &ToolUse) -> Result<String, String> {
        let name = self.agents[agent].name;
        let input: Value = serde_json::from_str(&call.input_json).expect("input is JSON");
        self.calls.push((name, call.name.clone(), input.clone()));
        if self.broken == Some((name, &call.name)) {
            return Err("out of order".to_owned());
        }
        let text = |field: &str| input[field].as_str().unwrap_or_default().to_owned();
        match call.name.as_str() {
            "glob" => Ok("/mnt/memory/lumara/rules.md".to_owned()),
            "read" => fs::read_to_string(self.host_path(&text("file_path"))).map_err(said),
            "write" => fs::write(self.host_path(&text("file_path")), text("content"))
                .map(|()| "written".to_owned())
                .map_err(said),
            "send_to_agent" => {
                let to = text("agent_name");
                let to = self.agents.iter().position(|agent| agent.name == to);
                let message = format!("Message from agent \"{name}\":\n\n{}", text("message"));
                self.tell(to.expect("a known agent"), vec![message]);
                Ok(r#"{"session_thread_id":"t"}"#.to_owned())
            }
            "survey" => json(tools::survey(&self.lander, &typed(input))),
            "scan" => json(tools::scan(&self.lander, &typed(input))),
            "fly" => json(tools::fly(&self.lander, &typed(input))),
            other => Err(format!("no tool {other}")),
        }
    }

    fn host_path(&self, path: &str) -> PathBuf {
        self.root.path().join(Path::new(path).strip_prefix("/").expect("an absolute path"))
    }
}

fn said(error: std::io::Error) -> String {
    error.to_string()
}

fn typed<T: serde::de::DeserializeOwned>(input: Value) -> T {
    serde_json::from_value(input).expect("the input fits the tool")
}

fn json<T: serde::Serialize>(
    result: Result<lucid_sdk::tool::Json<T>, lucid_sdk::tool::ToolError>,
) -> Result<String, String> {
    let value = result.map_err(|error| format!("{error:?}"))?;
    serde_json::to_string(&value.0).map_err(|error| error.to_string())
}
