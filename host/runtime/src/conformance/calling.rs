//! Calling every tool with what it should not be called with.

use lucid_core::{FileChange, ToolContent, ToolSpec};
use lucid_engine::{Report, ToolAnswer};
use lucid_policy::manifest::FileAccess;

use super::Check;
use super::bench::{Bench, count, quoted};
use super::input::{Input, inputs};
use super::tools::{self, ANSWER_HINT};

/// So many tools of one plugin are called.
const TOOLS_MAX: usize = 64;

/// After so many faults no more tools are tried: each may have cost a whole deadline.
const FAULTS_MAX: usize = 8;

/// A name that no tool has.
const UNKNOWN: &str = "no_tool_has_this_name";

/// How an answer to a name that no tool has begins.
const UNKNOWN_ANSWER: &str = "unknown tool";

/// The checks of a tool plugin.
pub(super) async fn checks(bench: &Bench) -> Vec<Check> {
    let (tools, mut checks) = tools::list(bench).await;
    if tools.is_empty() {
        let unmade = |name| Check::skipped(name, "it lists no tools that could be called");
        checks.extend(["bad-input", "read-only"].map(unmade));
        return checks;
    }
    let mut tried = Tried::default();
    tried.unknown(bench).await;
    for tool in tools.iter().take(TOOLS_MAX) {
        tried.tool(bench, tool).await;
        if tried.faults.len() >= FAULTS_MAX {
            break;
        }
    }
    let inputs = count(tried.calls, "input");
    let well = format!("{inputs} answered, what contradicts a schema with an error");
    checks.push(Check::of_findings("bad-input", &tried.faults, well, ANSWER_HINT));
    checks.push(read_only(bench, &tools, &tried));
    checks
}

/// What came of the calls.
#[derive(Default)]
struct Tried {
    calls: usize,
    faults: Vec<String>,
    /// Files that calls of read-only tools changed.
    changed: Vec<String>,
}

impl Tried {
    async fn unknown(&mut self, bench: &Bench) {
        let report = bench.plugin.call_tool(bench.call(), UNKNOWN, "{}").await;
        self.calls += 1;
        let what = "a tool that is not there";
        if let Some(fault) = bench.note(what, &report) {
            self.faults.push(fault);
        } else if let Ok(answer) = &report.result
            && !(answer.is_error && said(answer).starts_with(UNKNOWN_ANSWER))
        {
            self.faults.push(format!("{what} is not answered with `unknown-tool`"));
        }
    }

    /// Tries all inputs, until one stops the tool: others would do the same.
    async fn tool(&mut self, bench: &Bench, tool: &ToolSpec) {
        let hosts = &bench.plugin.manifest().capabilities.http;
        for input in inputs(&tool.input_schema, hosts.first().map(String::as_str)) {
            let report = bench.plugin.call_tool(bench.call(), &tool.name, &input.text).await;
            self.calls += 1;
            if tool.annotations.read_only {
                self.changed.extend(changes(tool, &report.effects.files));
            }
            let what = format!("`{}` with {}", quoted(&tool.name), input.what);
            let stopped = bench.note(&what, &report);
            let fault = stopped.clone().or_else(|| accepted(&what, &input, &report));
            self.faults.extend(fault);
            if stopped.is_some() {
                return;
            }
        }
    }
}

fn accepted(what: &str, input: &Input, report: &Report<ToolAnswer>) -> Option<String> {
    match &report.result {
        Ok(answer) if input.wrong && !answer.is_error => {
            Some(format!("{what} is answered as if it were right"))
        }
        Err(failure) => Some(format!("{what}: {}", quoted(&failure.message))),
        Ok(_) => None,
    }
}

fn said(answer: &ToolAnswer) -> &str {
    match answer.content.first() {
        Some(ToolContent::Text(text)) => text,
        _ => "",
    }
}

fn changes(tool: &ToolSpec, files: &[FileChange]) -> Option<String> {
    let first = files.first()?;
    let (name, path) = (quoted(&tool.name), quoted(&first.path));
    Some(format!("`{name}` says it is read-only, and {path} was {}", first.change))
}

fn read_only(bench: &Bench, tools: &[ToolSpec], tried: &Tried) -> Check {
    if bench.plugin.manifest().capabilities.files != Some(FileAccess::ReadWrite) {
        return Check::skipped("read-only", "it does not ask to write files");
    }
    let readers = tools.iter().filter(|tool| tool.annotations.read_only).count();
    if readers == 0 {
        return Check::skipped("read-only", "none of its tools says that it is read-only");
    }
    let well = format!("{} read-only by annotation, and changed no file", count(readers, "tool"));
    let hint = "take the annotation away, or do not write: permission is decided by it";
    Check::of_findings("read-only", &tried.changed, well, hint)
}

#[cfg(test)]
mod tests {
    use lucid_core::{Annotations, FileChangeKind};

    use super::*;

    #[test]
    fn a_read_only_tool_that_changed_a_file_is_named_with_the_file() {
        let tool = ToolSpec {
            name: "peek".to_owned(),
            title: None,
            description: "Looks.".to_owned(),
            input_schema: "{}".to_owned(),
            output_schema: None,
            annotations: Annotations { read_only: true, ..Annotations::default() },
        };
        assert_eq!(changes(&tool, &[]), None);
        let path = "/workspace/a.txt".to_owned();
        let change = FileChange { path, change: FileChangeKind::Removed, bytes: 0 };
        let finding = changes(&tool, &[change]).unwrap();
        assert!(finding.contains("`peek`") && finding.contains("/workspace/a.txt was removed"));
    }
}
