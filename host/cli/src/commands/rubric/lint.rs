//! `lucid rubric lint`.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use cel::{DeclarationError, Env, extensions};
use lucid_core::{Failure, Limits, Result};
use lucid_policy::Grants;
use lucid_policy::manifest::Kind;
use lucid_rubric::{Code, Finding, MAX_RUBRIC, Severity};
use lucid_runtime::{Bundled, Call, Plugin, Runtime, RuntimeOptions};

use crate::failure::Ended;
use crate::home::GRADER;
use crate::show::{print, print_json, rubric as show};

/// The parser of checks recurses; this is enough for every check that is not refused before.
const STACK_BYTES: usize = 16 * 1024 * 1024;

pub(super) async fn run(
    options: &RuntimeOptions,
    file: &Path,
    json: bool,
) -> crate::failure::Result {
    let rubric = read(file)?;
    let mut found = lint(&rubric)?;
    let has_checks = lucid_rubric::parse(&rubric)
        .is_ok_and(|criteria| criteria.iter().any(|criterion| criterion.check.is_some()));
    if has_checks && !found.iter().any(is_error) {
        // No error means that it is accepted, so who runs the checks is asked.
        let refused = accepted(options, &rubric).await.err();
        found.extend(refused.map(refusal).transpose()?);
        found.sort_by_key(|finding| finding.line);
    }
    tell(file, &found, json)
}

fn is_error(finding: &Finding) -> bool {
    finding.severity() == Severity::Error
}

fn tell(file: &Path, found: &[Finding], json: bool) -> crate::failure::Result {
    let place = file.display().to_string();
    if json {
        print_json(&show::document(&place, found))?;
    } else {
        print(&show::render(&place, found))?;
    }
    let errors = found.iter().filter(|finding| is_error(finding)).count();
    match errors {
        0 => Ok(Ended::Done),
        1 => Err(unusable(&place, "an error").into()),
        several => Err(unusable(&place, &format!("{several} errors")).into()),
    }
}

/// Asks the grader that runs checks whether it can use a rubric.
async fn accepted(options: &RuntimeOptions, rubric: &str) -> Result<()> {
    let engine = Runtime::engine(options)?;
    let bytes = Bundled::new(options.bundled.clone()).read(GRADER)?;
    let grader = Plugin::load(&engine, &bytes, Kind::Grader, &Grants::grader())?;
    grader.check_rubric(Call::bare(Limits::GRADER), rubric).await.result
}

/// What it says, as a finding. What is no mistake of the rubric stays a failure.
fn refusal(failure: Failure) -> Result<Finding> {
    let said = failure.message.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
    let Some((line, message)) = said.and_then(|(line, said)| Some((line.parse().ok()?, said)))
    else {
        return Err(failure);
    };
    Ok(Finding {
        code: Code::BadCheck,
        line,
        message: message.to_owned(),
        hint: "docs/checks.md has the language of checks".to_owned(),
    })
}

fn unusable(place: &str, errors: &str) -> Failure {
    Failure::invalid(format!("the rubric {place} has {errors}"))
        .hint("mend what is listed as an error: nothing can be judged by it as it is")
}

/// Reads a rubric, and no more of a file than a rubric may have.
pub(crate) fn read(file: &Path) -> Result<String> {
    let place = file.display();
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Failure::invalid(format!("no such file: {place}"))
            .hint("give the rubric of a mission, such as `rubric.md`"),
        ErrorKind::IsADirectory => {
            Failure::invalid(format!("{place} is a folder")).hint("a rubric is a Markdown file")
        }
        _ => Failure::failed(format!("{place}: {error}")),
    };
    let mut bytes = Vec::new();
    // One byte more, so that what is too long is refused and not cut.
    let most = u64::try_from(MAX_RUBRIC).unwrap_or(u64::MAX).saturating_add(1);
    let opened = File::open(file).map_err(failed)?;
    opened.take(most).read_to_end(&mut bytes).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::invalid(format!("{place} is not UTF-8 text")).hint("a rubric is a Markdown file")
    })
}

fn lint(rubric: &str) -> Result<Vec<Finding>> {
    let work = || {
        let env = language().map_err(|error| Failure::bug(format!("the language: {error}")))?;
        let checker = |check: &str| match env.parser().parse(check) {
            Ok(_) => Ok(()),
            Err(errors) => {
                let message = errors.errors.first().map(|error| error.msg.as_str());
                Err(format!("the check does not parse: {}", shown(message.unwrap_or("it is odd"))))
            }
        };
        Ok(lucid_rubric::lint(rubric, Some(&checker)))
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let started = thread.spawn_scoped(scope, work);
        let started = started.map_err(|error| Failure::failed(format!("no thread: {error}")))?;
        started.join().unwrap_or_else(|_| Err(Failure::bug("reading the checks panicked")))
    })
}

/// The language of checks, as far as it takes to read them.
fn language() -> Result<Env, DeclarationError> {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings)?;
    env.add_extension(extensions::math)?;
    env.add_extension(extensions::lists)?;
    Ok(env)
}

/// The parser goes on to list every token there is, or to print its own structures.
fn shown(message: &str) -> String {
    if message.contains("OtherError") {
        return "it nests too deeply".to_owned();
    }
    let message = message.split(" expecting ").next().unwrap_or_default();
    crate::show::short(message, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(rubric: &str) -> Vec<String> {
        let found = lint(rubric).unwrap();
        found.iter().map(|finding| format!("{} {}", finding.line, finding.code)).collect()
    }

    #[test]
    fn a_check_that_does_not_parse_is_an_error_at_its_line() {
        let rubric = "- a\n  `check: json('a'`\n- b `check: 1 +`\n- c `check: exists('a')`\n";
        assert_eq!(codes(rubric), ["2 bad-check", "3 bad-check"]);
        let found = lint(rubric).unwrap();
        assert!(found[0].message.starts_with("the check does not parse: "), "{found:?}");
        assert!(!found[0].message.contains(" expecting "), "{found:?}");
    }

    #[test]
    fn the_functions_and_macros_of_checks_are_read() {
        let rubric = "- a `check: json('a').all(s, s.v > 1) && csv('b').exists_one(r, r.v == 2)`\n\
                      - b `check: text('a').matches(r'\\d') && has(json('a').b) \
                      && math.abs(-1) > 0`\n\
                      - c `check: [3, 1].sortBy(x, x)[0] == size('a')`\n";
        assert_eq!(codes(rubric), Vec::<String>::new());
    }

    #[test]
    fn the_deepest_check_that_is_let_through_does_not_use_up_the_stack() {
        for (open, close, times) in [("(", ")", 32), ("[", "]", 32), ("!", "", 150), ("-", "", 150)]
        {
            let check = format!("{}1{}", open.repeat(times), close.repeat(times));
            lint(&format!("- a ``check: {check}``\n")).unwrap();
        }
    }

    #[test]
    fn a_file_that_is_no_rubric_is_refused_with_a_hint() {
        let folder = tempfile::tempdir().unwrap();
        let missing = read(&folder.path().join("rubric.md")).unwrap_err();
        assert!(missing.message.starts_with("no such file") && missing.hint.is_some());
        let binary = folder.path().join("binary");
        std::fs::write(&binary, [0xff, 0xfe]).unwrap();
        assert!(read(&binary).unwrap_err().message.contains("UTF-8"));
        let long = folder.path().join("long.md");
        std::fs::write(&long, "a".repeat(MAX_RUBRIC + 5)).unwrap();
        assert_eq!(codes(&read(&long).unwrap()), ["1 unreadable"]);
    }

    #[test]
    fn a_rubric_with_errors_ends_as_invalid_input_and_one_with_warnings_does_not() {
        let ended = |rubric| tell(Path::new("rubric.md"), &lint(rubric).unwrap(), true);
        let Err(crate::failure::Stop::Failure(failure)) = ended("- a `check: false`\n") else {
            panic!("it has an error");
        };
        assert_eq!(failure.kind, lucid_core::FailureKind::Invalid);
        assert!(matches!(ended("- The report is good.\n"), Ok(Ended::Done)));
    }

    #[test]
    fn what_the_grader_refuses_is_an_error_at_its_line() {
        let refused = refusal(Failure::invalid("line 3: the path leads out: '../x'")).unwrap();
        assert_eq!((refused.line, refused.code), (3, Code::BadCheck));
        assert_eq!(refused.message, "the path leads out: '../x'");
        assert!(refusal(Failure::failed("no such plugin: `checks`")).is_err());
    }
}
