//! An engine with the hostile tools loaded.

use std::collections::BTreeSet;
use std::path::Path;

use lucid_core::{Failure, FailureKind, Limits, ToolContent};
use lucid_engine::{Call, Engine, EngineOptions, Mount, Plugin, Report, ToolAnswer};
use lucid_policy::manifest::{FileAccess, Kind};
use lucid_policy::{Access, Grants};

/// An engine and the hostile tools.
pub struct Bench {
    /// The engine.
    pub engine: Engine,
    /// The tools.
    pub plugin: Plugin,
}

impl Default for Bench {
    fn default() -> Self {
        Self::new(&crate::guest("hostile"))
    }
}

impl Bench {
    /// Loads a component of the hostile tools, with all they ask for.
    #[must_use]
    pub fn new(component: &[u8]) -> Self {
        let engine = Engine::new(EngineOptions::standard()).unwrap();
        let plugin = Plugin::load(&engine, component, Kind::Tool, &Self::grants()).unwrap();
        Self { engine, plugin }
    }

    /// What the hostile tools are granted.
    #[must_use]
    pub fn grants() -> Grants {
        let environment = BTreeSet::from(["GRANTED".to_owned()]);
        Grants { files: Some(FileAccess::ReadWrite), environment, ..Grants::default() }
    }

    /// A call that sees one folder, as `/workspace`.
    #[must_use]
    pub fn view(folder: &Path, access: Access) -> Call {
        let host_folder = folder.to_owned();
        let mount = Mount { host_folder, guest_path: "/workspace".to_owned(), access };
        Call { mounts: vec![mount], ..Call::bare(Limits::STANDARD) }
    }

    /// Calls a tool; it gives an answer.
    pub async fn ask(&self, call: Call, tool: &str, input: &str) -> Report<ToolAnswer> {
        let report = self.plugin.call_tool(call, tool, input).await;
        assert!(report.result.is_ok(), "{tool} {input}: {:?}", report.result);
        report
    }

    /// Calls a tool that is stopped. What was used is reported all the same, and nothing of
    /// it is left: the next call works.
    pub async fn stopped(
        &self,
        limits: Limits,
        tool: &str,
        input: &str,
    ) -> (Failure, Report<ToolAnswer>) {
        let report = self.plugin.call_tool(Call::bare(limits), tool, input).await;
        let failure = report.result.clone().expect_err(tool);
        let usage = report.usage;
        assert!(usage.memory_peak_bytes > 0, "{tool}: {usage:?}");
        assert_eq!(usage.input_bytes, (tool.len() + input.len()) as u64, "{tool}");
        assert!(!failure.message.contains('\n'), "{tool}: {failure:?}");
        self.is_well().await;
        (failure, report)
    }

    /// Calls a tool that is stopped by a limit, which the failure names.
    pub async fn exceeds(&self, limits: Limits, tool: &str, input: &str, which: &str) {
        let (failure, _) = self.stopped(limits, tool, input).await;
        assert_eq!(failure.kind, FailureKind::Exceeded, "{tool} {input}: {failure:?}");
        let hint = failure.hint.unwrap_or_default();
        assert!(failure.message.contains(which), "{tool} {input}: {}", failure.message);
        assert!(!hint.is_empty(), "{tool} {input}: {}", failure.message);
    }

    /// A call like any other works.
    pub async fn is_well(&self) {
        let call = Call::bare(Limits::STANDARD);
        let report = self.ask(call, "fine", r#"{"text":"as ever"}"#).await;
        assert_eq!(text(&report), "as ever");
    }
}

/// What a tool said, also as an error.
#[must_use]
pub fn text(report: &Report<ToolAnswer>) -> String {
    let blocks = report.result.iter().flat_map(|answer| &answer.content);
    let said = blocks.map(|block| match block {
        ToolContent::Text(text) | ToolContent::Json(text) => text.as_str(),
        _ => "",
    });
    said.collect()
}
