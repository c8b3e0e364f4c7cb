//! What a tool plugin says it has: names, descriptions and schemas, the same each time.

use lucid_core::ToolSpec;

use super::bench::{Bench, count, quoted};
use super::{Check, schema};

/// The longest name of a tool.
const NAME_CHARACTERS_MAX: usize = 64;

/// What to do about a tool that stops, or answers what makes no sense.
pub(super) const ANSWER_HINT: &str = "answer what does not fit the schema with `invalid-input` \
     and an unknown name with `unknown-tool`: from a trap an agent learns nothing";

/// The tools, where they can be listed, and what there is to say about them.
pub(super) async fn list(bench: &Bench) -> (Vec<ToolSpec>, Vec<Check>) {
    // As a mission lists them: with nothing but limits, and a real clock.
    let first = bench.plugin.list_tools(bench.bare()).await;
    let second = bench.plugin.list_tools(bench.bare()).await;
    for report in [&first, &second] {
        bench.note("list-tools", report);
    }
    let hint = "list the tools without any of what the plugin may be granted";
    let (first, second) = match (first.result, second.result) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(failure), _) | (_, Err(failure)) => {
            return (Vec::new(), vec![Check::of_failure("tools", &failure, hint)]);
        }
    };
    let same = if first == second {
        Check::passed("deterministic", "it lists the same tools each time")
    } else {
        let hint = "list-tools is pure: no clock and no random number may go into it";
        Check::failed("deterministic", "it lists other tools the second time", hint)
    };
    let checks = vec![names(&first), schemas(&first), same];
    (first, checks)
}

fn names(tools: &[ToolSpec]) -> Check {
    if tools.is_empty() {
        let hint = "give it one: `list-tools` says which there are";
        return Check::failed("tools", "it has no tools", hint);
    }
    let mut findings = Vec::new();
    for (number, tool) in tools.iter().enumerate() {
        let name = quoted(&tool.name);
        if !is_name(&tool.name) {
            findings.push(format!("`{name}` is no name of a tool"));
        }
        if tools.iter().take(number).any(|other| other.name == tool.name) {
            findings.push(format!("two tools are named `{name}`"));
        }
        if tool.description.trim().is_empty() {
            findings.push(format!("tool `{name}` has no description"));
        }
    }
    let hint = "a name is 1 to 64 of `a-z`, `A-Z`, `0-9`, `_` and `-`, and there once; a \
                description tells the model when to use it";
    Check::of_findings("tools", &findings, count(tools.len(), "tool"), hint)
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=NAME_CHARACTERS_MAX).contains(&name.len()) && name.bytes().all(plain)
}

fn schemas(tools: &[ToolSpec]) -> Check {
    let mut findings = Vec::new();
    for tool in tools {
        let name = quoted(&tool.name);
        if let Some(mistake) = schema::input_mistake(&tool.input_schema) {
            findings.push(quoted(&format!("input schema of `{name}`: {mistake}")));
        }
        let output = tool.output_schema.as_deref().and_then(schema::output_mistake);
        if let Some(mistake) = output {
            findings.push(quoted(&format!("output schema of `{name}`: {mistake}")));
        }
    }
    let hint = "an input is an object: `{\"type\": \"object\", \"properties\": {…}}`";
    let well = "every schema is JSON and has the form of one; what it allows was not judged";
    Check::of_findings("schemas", &findings, well, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::Outcome;

    fn tool(name: &str) -> ToolSpec {
        ToolSpec {
            name: name.to_owned(),
            title: None,
            description: "Does.".to_owned(),
            input_schema: r#"{"type": "object"}"#.to_owned(),
            output_schema: None,
            annotations: lucid_core::Annotations::default(),
        }
    }

    #[test]
    fn names_are_plain_and_there_once() {
        assert_eq!(names(&[tool("a-B_9"), tool(&"x".repeat(64))]).result, Outcome::Passed);
        for wrong in ["", "a b", "a.b", "é", &"x".repeat(65)] {
            assert_eq!(names(&[tool(wrong)]).result, Outcome::Failed, "{wrong}");
        }
        assert!(names(&[tool("a"), tool("a")]).message.contains("two tools"));
        assert_eq!(names(&[]).result, Outcome::Failed);
        let silent = ToolSpec { description: " ".to_owned(), ..tool("a") };
        assert!(names(&[silent]).message.contains("no description"));
    }

    #[test]
    fn both_schemas_of_every_tool_are_looked_at() {
        let wrong = Some("{".to_owned());
        let output = ToolSpec { output_schema: wrong, ..tool("second") };
        let check = schemas(&[tool("first"), output]);
        assert!(check.message.contains("output schema of `second`"), "{check:?}");
        let input = ToolSpec { input_schema: "[]".to_owned(), ..tool("a") };
        assert_eq!(schemas(&[input]).result, Outcome::Failed);
    }
}
