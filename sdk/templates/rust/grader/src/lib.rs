//! A grader: it judges what can be seen of a file.

use std::fs;
use std::path::{Component, Path};

use lucid_sdk::grader::{
    Criterion, Evaluation, GradeError, Grader, Request, RubricItem, RubricMistake, rubric_items,
};

pub struct Facts;

lucid_sdk::export_grader!(Facts);

impl Grader for Facts {
    fn check_rubric(rubric: &str) -> Result<(), RubricMistake> {
        if rubric_items(rubric).is_empty() {
            let message = "the rubric has no list items".to_owned();
            return Err(RubricMistake { line: 1, message });
        }
        Ok(())
    }

    fn grade(request: &Request) -> Result<Evaluation, GradeError> {
        Self::check_rubric(&request.rubric).map_err(GradeError::InvalidRubric)?;
        let outputs = Path::new(&request.outputs_path);
        let items = rubric_items(&request.rubric);
        Ok(Evaluation::of(items.iter().map(|item| judge(item, outputs)).collect()))
    }
}

/// What a criterion can say of a file.
enum Fact<'a> {
    Exists,
    Words(usize),
    Contains(&'a str),
}

fn judge(item: &RubricItem, outputs: &Path) -> Criterion {
    let Some((file, fact)) = parse(&item.text) else {
        return Criterion::not_gradable(item, "This grader has no check for it.");
    };
    let leaves = |part| !matches!(part, Component::Normal(_) | Component::CurDir);
    if Path::new(file).components().any(leaves) {
        let why = format!("`{file}` is not in the outputs folder.");
        return Criterion::unmet(item, why);
    }
    let criterion = match look(&outputs.join(file), &fact) {
        (true, seen) => Criterion::met(item, format!("`{file}` {seen}.")),
        (false, seen) => Criterion::unmet(item, format!("`{file}` {seen}.")),
    };
    criterion.resting_on([file])
}

/// The file and the fact of a criterion such as `` `report.md` exists. ``
fn parse(text: &str) -> Option<(&str, Fact<'_>)> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let (file, claim) = text.strip_prefix('`')?.split_once("` ")?;
    if claim == "exists" {
        return Some((file, Fact::Exists));
    }
    if let Some(quoted) = claim.strip_prefix("contains ") {
        return Some((file, Fact::Contains(quoted.strip_prefix('"')?.strip_suffix('"')?)));
    }
    let number = claim.strip_prefix("has at least ")?.strip_suffix(" words")?;
    Some((file, Fact::Words(number.parse().ok()?)))
}

/// Whether the fact holds, and what is to be seen.
fn look(path: &Path, fact: &Fact<'_>) -> (bool, String) {
    if !path.is_file() {
        return (false, "does not exist".to_owned());
    }
    let seen = match fact {
        Fact::Exists => Ok((true, "exists".to_owned())),
        Fact::Words(least) => fs::read_to_string(path).map(|text| {
            let words = text.split_whitespace().count();
            (words >= *least, format!("has {words} words, and {least} are asked for"))
        }),
        Fact::Contains(part) => fs::read_to_string(path).map(|text| {
            let found = text.contains(part);
            let verb = if found { "contains" } else { "does not contain" };
            (found, format!("{verb} \"{part}\""))
        }),
    };
    seen.unwrap_or_else(|error| (false, format!("cannot be read: {error}")))
}
