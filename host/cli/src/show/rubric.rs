//! What was found in a rubric, and what was drafted.

use lucid_rubric::{Draft, Finding, LeftOut, Severity};
use serde_json::{Value, json};

use super::short;

/// Messages are cut at so many characters: they quote the rubric.
const WIDTH: usize = 400;

/// The findings as one document.
pub(crate) fn document(file: &str, found: &[Finding]) -> Value {
    let findings: Vec<Value> = found
        .iter()
        .map(|finding| {
            json!({
                "line": finding.line,
                "severity": finding.severity().as_str(),
                "code": finding.code.as_str(),
                "message": finding.message,
                "hint": finding.hint,
            })
        })
        .collect();
    json!({
        "file": file,
        "findings": findings,
        "errors": count(found, Severity::Error),
        "warnings": count(found, Severity::Warning),
        "notes": count(found, Severity::Note),
    })
}

/// The findings, each with its place first, as compilers write them, and how many there are.
pub(crate) fn render(file: &str, found: &[Finding]) -> String {
    let mut text: String = found.iter().map(|finding| entry(file, finding)).collect();
    if !found.is_empty() {
        text.push('\n');
    }
    text.push_str(&format!(
        "{}: {}, {}, {}\n",
        short(file, WIDTH),
        counted(found, Severity::Error),
        counted(found, Severity::Warning),
        counted(found, Severity::Note),
    ));
    text
}

fn entry(file: &str, finding: &Finding) -> String {
    let (file, message) = (short(file, WIDTH), short(&finding.message, WIDTH));
    format!(
        "{file}:{}: {} [{}]: {message}\n  hint: {}\n",
        finding.line,
        finding.severity(),
        finding.code,
        short(&finding.hint, WIDTH),
    )
}

fn count(found: &[Finding], severity: Severity) -> usize {
    found.iter().filter(|finding| finding.severity() == severity).count()
}

fn counted(found: &[Finding], severity: Severity) -> String {
    match count(found, severity) {
        1 => format!("1 {severity}"),
        several => format!("{several} {severity}s"),
    }
}

/// A draft as one document.
pub(crate) fn draft(draft: &Draft, left_out: &[LeftOut]) -> Value {
    let left_out: Vec<Value> =
        left_out.iter().map(|file| json!({"path": file.path, "why": file.why})).collect();
    json!({
        "rubric": draft.markdown(),
        "criteria": draft.criteria(),
        "files": draft.files(),
        "left_out": left_out,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_has_its_place_first_and_its_hint_below() {
        let found =
            lucid_rubric::lint("- It ends. `check: exists('a')`\n- It is good \u{1b}[A\n", None);
        let text = render("r.md", &found);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "r.md:2: warning [vague]: “good” can mean anything here");
        assert!(lines[1].starts_with("  hint: "));
        assert!(lines[2].starts_with("r.md:2: note [no-check]: "));
        assert_eq!(lines.last(), Some(&"r.md: 0 errors, 1 warning, 1 note"));
        assert!(!text.contains('\u{1b}'));
        assert_eq!(render("r.md", &[]), "r.md: 0 errors, 0 warnings, 0 notes\n");
    }

    #[test]
    fn the_documents_have_the_keys_that_are_promised() {
        let document = document("r.md", &lucid_rubric::lint("", None));
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["file", "findings", "errors", "warnings", "notes"]);
        let finding = document["findings"][0].as_object().unwrap();
        let keys: Vec<&String> = finding.keys().collect();
        assert_eq!(keys, ["line", "severity", "code", "message", "hint"]);
        assert_eq!(finding["code"], "no-criteria");
        let mut drafted = Draft::default();
        drafted.add("a.txt", 1, None);
        let left_out = [LeftOut { path: "b".to_owned(), why: "c".to_owned() }];
        let document = draft(&drafted, &left_out);
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["rubric", "criteria", "files", "left_out"]);
        assert_eq!(document["criteria"], 3);
    }
}
