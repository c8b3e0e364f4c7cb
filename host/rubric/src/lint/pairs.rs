//! What is wrong between two criteria.

use std::collections::HashMap;
use std::sync::Arc;

use super::finding::{Code, Finding};
use super::meaning;
use crate::check::{Bound, Fact, Outline, Truth};
use crate::parse::Criterion;

/// So many different things are remembered about one value; what more is said is not compared.
const REMEMBERED: usize = 256;

/// Where a criterion stands: what is the same under one heading is another thing under another.
type Place<'a> = (&'a [Arc<str>], Option<&'a str>);

/// A criterion that has a check that is understood.
struct Said {
    line: u32,
    bound: Bound,
}

/// Reads criteria one after the other, and compares each with those before it.
#[derive(Default)]
pub(super) struct Pairs<'a> {
    texts: HashMap<(Place<'a>, String), u32>,
    keys: HashMap<(Place<'a>, String), [Option<u32>; 2]>,
    checks: HashMap<String, u32>,
    subjects: HashMap<String, Vec<Said>>,
}

impl<'a> Pairs<'a> {
    /// What is wrong between this criterion and an earlier one.
    pub(super) fn compare(
        &mut self,
        criterion: &'a Criterion,
        outline: Option<&Outline>,
        found: &mut Vec<Finding>,
    ) {
        let twice = self.text(criterion, found);
        self.opposite(criterion, found);
        let Some((outline, check)) = outline.zip(criterion.check.as_ref()) else { return };
        // A check that says nothing is reported as that.
        if outline.truth() != Truth::Open {
            return;
        }
        let first = *self.checks.entry(outline.plain()).or_insert(check.line);
        if first != check.line && !twice {
            let message = format!("its check is the one of line {first}");
            let hint = "one of them is enough, or one of the checks is not the one it should be";
            found.push(Finding::new(Code::Double, check.line, message, hint));
        }
        for fact in outline.facts() {
            found.extend(self.fact(fact, check.line));
        }
    }

    fn text(&mut self, criterion: &'a Criterion, found: &mut Vec<Finding>) -> bool {
        let text = meaning::plain(&criterion.text);
        if text.is_empty() {
            return false;
        }
        let first = *self.texts.entry((place(criterion), text)).or_insert(criterion.line);
        if first == criterion.line {
            return false;
        }
        let message = format!("it says the same as line {first}");
        let hint = "one of them is enough: it would count twice";
        found.push(Finding::new(Code::Double, criterion.line, message, hint));
        true
    }

    fn opposite(&mut self, criterion: &'a Criterion, found: &mut Vec<Finding>) {
        let (about, is_wanted) = meaning::key(&criterion.text);
        if about.is_empty() {
            return;
        }
        let lines = self.keys.entry((place(criterion), about)).or_default();
        let [unwanted, wanted] = *lines;
        let (own, other) = if is_wanted { (1, unwanted) } else { (0, wanted) };
        if let Some(other) = other {
            let message = format!("it is the opposite of line {other}");
            let hint = "no result can meet both: keep one, or say what each is about";
            found.push(Finding::new(Code::Contradictory, criterion.line, message, hint));
        }
        if let Some(line) = lines.get_mut(own) {
            line.get_or_insert(criterion.line);
        }
    }

    fn fact(&mut self, fact: Fact, line: u32) -> Option<Finding> {
        let Fact { subject, bound } = fact;
        let said = self.subjects.entry(subject.clone()).or_default();
        let against = said.iter().find(|said| said.bound.excludes(&bound)).map(|said| said.line);
        if said.len() < REMEMBERED && !said.iter().any(|said| said.bound == bound) {
            said.push(Said { line, bound });
        }
        let other = against.filter(|other| *other != line)?;
        let value = crate::text::cut(&subject.replace(' ', ""), 80);
        let message = format!("its check and the one of line {other} cannot both be true");
        let hint = format!("look at what each asks of {value}");
        Some(Finding::new(Code::Contradictory, line, message, &hint))
    }
}

fn place(criterion: &Criterion) -> Place<'_> {
    (&criterion.section, criterion.parent.as_deref())
}
