//! What a session's outputs say: a task's result, its measures, the curves to plot.

use lucid_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::mission::{PlotSection, ResultSection};
use crate::session::Workspace;

/// One curve of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The task.
    pub task: u32,
    /// Whether the task succeeded.
    pub success: bool,
    /// The points, in the file's order.
    pub points: Vec<(f64, f64)>,
}

/// The result and the measures of a task; a session that wrote nothing has none.
pub(crate) fn measures(workspace: &Workspace, section: &ResultSection) -> (String, Value) {
    let record = workspace.read_output(&section.file).ok().and_then(|text| {
        let whole: Value = serde_json::from_str(&text).ok()?;
        whole.pointer(&section.record).cloned()
    });
    let field = |name: &str| record.as_ref().and_then(|record| record.get(name)).cloned();
    let result = match field(&section.result) {
        Some(Value::String(result)) => result,
        _ => "none".to_owned(),
    };
    let measures: Map<String, Value> = section
        .measures
        .iter()
        .map(|name| (name.clone(), field(name).unwrap_or(Value::Null)))
        .collect();
    (result, Value::Object(measures))
}

/// The points of a plot, from a CSV file with a header.
///
/// # Errors
/// Failed, when there is no such file; lines that are not numbers are left out.
pub(crate) fn points(workspace: &Workspace, plot: &PlotSection) -> Result<Vec<(f64, f64)>> {
    let text = workspace.read_output(&plot.file)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let column = |name: &str| header.iter().position(|column| *column == name);
    let (Some(x), Some(y)) = (column(&plot.x), column(&plot.y)) else { return Ok(Vec::new()) };
    let point = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |at: usize| cells.get(at)?.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        Some((cell(x)?, cell(y)?))
    };
    Ok(lines.filter_map(point).collect())
}
