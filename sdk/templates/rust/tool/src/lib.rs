//! Tools for Markdown files.

use lucid_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// Absolute path of a Markdown file, as the agent sees it.
    pub path: String,
}

/// Lists the headings of a Markdown file, each with its level and line.
#[tool(read_only, idempotent)]
pub fn outline(input: Input) -> Result<Json<Value>, ToolError> {
    let text = files::read_text(&input.path)?;
    let (mut headings, mut lines) = (Vec::new(), (1..).zip(text.lines()));
    while let Some((number, line)) = lines.next() {
        if let Some(fence @ ("```" | "~~~")) = line.trim_start().get(..3) {
            // Code is skipped, up to the line that closes it.
            lines.find(|(_, line)| line.trim_start().starts_with(fence));
        } else {
            headings.extend(heading(number, line));
        }
    }
    Ok(Json(json!({ "path": input.path, "headings": headings })))
}

fn heading(number: usize, line: &str) -> Option<Value> {
    let (marks, rest) = line.split_at(line.find(|c| c != '#').unwrap_or(line.len()));
    let is_heading = (1..=6).contains(&marks.len()) && (rest.is_empty() || rest.starts_with(' '));
    // `## Title ##` is `Title`, and `## C#` is `C#`.
    let text = rest.trim_end().trim_end_matches('#').strip_suffix(' ').unwrap_or(rest).trim();
    is_heading.then(|| json!({ "level": marks.len(), "line": number, "text": text }))
}

export_tools![outline];
