//! What a plugin is and asks for, and what changed between two versions of it.

use lucid_core::ToolSpec;
use lucid_runtime::conformance::{
    Difference, GivenBy, Inspection, LimitChange, Names, Need, Version, Want,
};
use serde_json::{Value, json};

use super::{plain, short, table};
use crate::grants::flags_in;

/// Texts that a plugin wrote are cut at so many characters where they stand in a line.
const WIDTH: usize = 100;

/// An inspection as one document.
pub(crate) fn document(inspection: &Inspection) -> Value {
    json!({
        "name": inspection.manifest.name,
        "kind": inspection.manifest.kind,
        "version": inspection.manifest.version,
        "manifest": inspection.manifest,
        "bytes": inspection.bytes,
        "digest": inspection.digest,
        "wants": inspection.wants.iter().map(want).collect::<Vec<_>>(),
        "needs": inspection.needs.iter().map(need).collect::<Vec<_>>(),
        "tools": inspection.tools.as_ref().ok().map(|tools| {
            tools.iter().map(tool).collect::<Vec<_>>()
        }),
        "tools_failure": inspection.tools.as_ref().err(),
        "imports": inspection.imports,
        "exports": inspection.exports,
    })
}

fn want(want: &Want) -> Value {
    json!({
        "capability": want.capability,
        "value": want.value,
        "given_by": want.given_by,
        "flag": flag_of(want),
    })
}

fn need(need: &Need) -> Value {
    let line = need.mission_line();
    json!({
        "limit": need.limit,
        "value": need.value,
        "standard": need.standard,
        "mission": line,
        "flag": flag(&line),
    })
}

/// A tool with its schemas as JSON, where they are.
fn tool(tool: &ToolSpec) -> Value {
    let schema =
        |text: &String| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()));
    json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "input_schema": schema(&tool.input_schema),
        "output_schema": tool.output_schema.as_ref().map(schema),
        "annotations": tool.annotations,
    })
}

/// The flag of `lucid plugin call` that gives what a line of a mission gives.
fn flag(line: &str) -> Option<String> {
    let quoted = format!("`{line}`");
    let flag = flags_in(&quoted);
    (flag != quoted).then(|| flag.trim_matches('`').to_owned())
}

fn flag_of(want: &Want) -> Option<String> {
    match &want.given_by {
        GivenBy::Mission(line) => flag(line),
        GivenBy::Kind | GivenBy::Nothing => None,
    }
}

/// An inspection for people.
pub(crate) fn render(inspection: &Inspection) -> String {
    let manifest = &inspection.manifest;
    let list = |items: &[String]| match items {
        [] => "  nothing\n".to_owned(),
        items => items.iter().map(|item| format!("  {}\n", short(item, WIDTH))).collect(),
    };
    format!(
        "{} {}, a {}\n{}\n\n{} bytes, sha256 {}\n\nasks for\n{}{}tools\n{}\nexports\n{}imports\n{}",
        manifest.name,
        short(&manifest.version, WIDTH),
        manifest.kind,
        plain(&manifest.description),
        inspection.bytes,
        inspection.digest,
        asks(&inspection.wants),
        needs(&inspection.needs),
        tools(inspection),
        list(&inspection.exports),
        list(&inspection.imports),
    )
}

fn asks(wants: &[Want]) -> String {
    if wants.is_empty() {
        return "  nothing\n\n".to_owned();
    }
    let mut rows = table::table(&[" what", "line of a mission", "flag"]);
    for want in wants {
        let line = match &want.given_by {
            GivenBy::Mission(line) => line.clone(),
            GivenBy::Kind => "none: its kind has it".to_owned(),
            GivenBy::Nothing => "none: no plugin of its kind can have it".to_owned(),
        };
        let flag = flag_of(want).unwrap_or_else(|| "-".to_owned());
        rows.add_row(vec![format!(" {}", want.words()), line, flag]);
    }
    format!("{}\n", table::text(&rows))
}

fn needs(needs: &[Need]) -> String {
    if needs.is_empty() {
        return String::new();
    }
    let mut rows = table::table(&[" limit", "needed", "standard", "line of a mission", "flag"]);
    for need in needs {
        let line = need.mission_line();
        let flag = flag(&line).unwrap_or_else(|| "-".to_owned());
        rows.add_row(vec![
            format!(" {}", need.limit),
            need.value.to_string(),
            need.standard.to_string(),
            line,
            flag,
        ]);
    }
    format!("needs\n{}\n", table::text(&rows))
}

fn tools(inspection: &Inspection) -> String {
    match &inspection.tools {
        Err(failure) => format!("  not known: {}\n", short(&failure.message, 4 * WIDTH)),
        Ok(tools) if tools.is_empty() => "  none\n".to_owned(),
        Ok(tools) => tools.iter().map(one).collect(),
    }
}

fn one(tool: &ToolSpec) -> String {
    let hints = [
        ("read-only", tool.annotations.read_only),
        ("destructive", tool.annotations.destructive),
        ("idempotent", tool.annotations.idempotent),
        ("open-world", tool.annotations.open_world),
    ];
    let hints: Vec<&str> = hints.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let hints = if hints.is_empty() { String::new() } else { format!(" ({})", hints.join(", ")) };
    let mut text = format!("  {}{hints}\n", short(&tool.name, WIDTH));
    text.push_str(&format!("    {}\n", short(&tool.description, 4 * WIDTH)));
    text.push_str(&format!("    input   {}\n", short(&tool.input_schema, 40 * WIDTH)));
    if let Some(schema) = &tool.output_schema {
        text.push_str(&format!("    output  {}\n", short(schema, 40 * WIDTH)));
    }
    text
}

/// What changed, for people: `+` is new, `-` is gone, `~` is not what it was.
pub(crate) fn difference(difference: &Difference) -> String {
    let (old, new) = (&difference.old, &difference.new);
    if old.digest == new.digest {
        return "the two files are the same\n".to_owned();
    }
    let mut text = format!("{} -> {}\n", named(old), named(new));
    text.push_str(&format!("{} -> {} bytes\n", old.bytes, new.bytes));
    text.push_str(&format!("sha256 {} -> {}\n", old.digest, new.digest));
    for failure in [&old.tools_failure, &new.tools_failure].into_iter().flatten() {
        text.push_str(&format!("tools not known: {}\n", short(failure, 4 * WIDTH)));
    }
    let tools = &difference.tools;
    let mut changed = names(&tools.added, &tools.removed);
    for tool in &tools.changed {
        let parts = tool.parts.join(", ");
        changed.push(format!("~ {}: {parts}", short(&tool.name, WIDTH)));
    }
    let Names { added, removed } = &difference.capabilities;
    let parts = [
        ("asks for", names(added, removed)),
        ("limits", difference.limits.iter().map(limit).collect()),
        ("tools", changed),
        ("imports", names(&difference.imports.added, &difference.imports.removed)),
    ];
    for (title, lines) in parts {
        let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        let lines = if lines.is_empty() { "  no change\n".to_owned() } else { lines };
        text.push_str(&format!("\n{title}\n{lines}"));
    }
    text.push_str(if difference.widened {
        "\nit asks for more than before: what it is granted has to be decided again\n"
    } else {
        "\nit asks for no more than before\n"
    });
    text
}

fn named(version: &Version) -> String {
    format!("{} {}, a {}", version.name, short(&version.version, WIDTH), version.kind)
}

fn names(added: &[String], removed: &[String]) -> Vec<String> {
    let sign = |sign: &'static str| move |name: &String| format!("{sign} {}", short(name, WIDTH));
    added.iter().map(sign("+")).chain(removed.iter().map(sign("-"))).collect()
}

fn limit(change: &LimitChange) -> String {
    let shown = |value: Option<u64>| value.map_or("standard".to_owned(), |value| value.to_string());
    format!("~ {}: {} -> {}", change.limit, shown(change.old), shown(change.new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mission_gives_the_command_line_gives_by_a_flag() {
        let cases = [
            ("files = \"read-write\"", Some("--dir HOST::GUEST:rw")),
            ("environment.SEED = \"…\"", Some("--env SEED")),
            ("http = [\"api.example.org\"]", Some("--host api.example.org")),
            ("limits.memory_bytes = 134217728", Some("--limit memory_bytes=134217728")),
            ("model = \"plugin:NAME\"", None),
        ];
        for (line, expected) in cases {
            assert_eq!(flag(line).as_deref(), expected, "{line}");
        }
    }
}
