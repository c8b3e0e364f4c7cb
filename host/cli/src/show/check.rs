//! What came of checking a plugin.

use lucid_runtime::conformance::{Check, Conformance, Outcome};
use serde_json::{Value, json};

use super::short;

/// Messages are cut at so many characters: plugins write parts of them.
const WIDTH: usize = 400;

/// The checks as one document.
pub(crate) fn document(file: &str, conformance: &Conformance) -> Value {
    json!({
        "file": file,
        "name": conformance.name,
        "kind": conformance.kind,
        "digest": conformance.digest,
        "checks": conformance.checks,
        "passed": conformance.passed,
    })
}

/// The checks, one a line, and how many came out how.
pub(crate) fn render(conformance: &Conformance) -> String {
    let mut text: String = conformance.checks.iter().map(line).collect();
    let count = |outcome| conformance.checks.iter().filter(|check| check.result == outcome).count();
    let name = conformance.name.as_deref().unwrap_or("not a plugin");
    text.push_str(&format!(
        "\n{}: {} passed, {} failed, {} not made\n",
        short(name, WIDTH),
        count(Outcome::Passed),
        count(Outcome::Failed),
        count(Outcome::Skipped)
    ));
    text
}

fn line(check: &Check) -> String {
    let word = match check.result {
        Outcome::Passed => "ok",
        Outcome::Failed => "FAILED",
        Outcome::Skipped => "-",
    };
    let mut line = format!("{word:<7} {:<14} {}\n", check.name, short(&check.message, WIDTH));
    if let Some(hint) = &check.hint {
        line.push_str(&format!("{:<22} hint: {}\n", "", short(hint, WIDTH)));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conformance() -> Conformance {
        let check = |name, result, hint: Option<&str>| Check {
            name,
            result,
            message: "seen\u{1b}[2J".to_owned(),
            hint: hint.map(str::to_owned),
        };
        Conformance {
            name: Some("x".to_owned()),
            kind: None,
            digest: "d".to_owned(),
            checks: vec![
                check("manifest", Outcome::Passed, None),
                check("tools", Outcome::Failed, Some("mend it")),
                check("grading", Outcome::Skipped, None),
            ],
            passed: false,
        }
    }

    #[test]
    fn each_check_has_a_line_and_a_failed_one_its_hint() {
        let text = render(&conformance());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "ok      manifest       seen\u{fffd}[2J");
        assert!(lines[1].starts_with("FAILED  tools"));
        assert_eq!(lines[2].trim(), "hint: mend it");
        assert_eq!(lines[5], "x: 1 passed, 1 failed, 1 not made");
    }

    #[test]
    fn the_document_has_the_keys_that_are_promised() {
        let document = document("x.wasm", &conformance());
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["file", "name", "kind", "digest", "checks", "passed"]);
        let check = document["checks"][1].as_object().unwrap();
        assert_eq!(check.keys().collect::<Vec<_>>(), ["name", "result", "message", "hint"]);
        assert_eq!(check["result"], "failed");
        assert_eq!(document["checks"][0]["hint"], Value::Null);
    }
}
