//! Lets each member grade, and puts together what they say.

use crate::align::{Judged, Row, align};
use crate::combine::{Member, Opinion, Rule, combine, shortened};

/// So much of one member's explanation is repeated, in bytes.
const TOLD_BYTES: usize = 1_500;

/// The graders that a panel combines: the host's, or those of a test.
pub trait Graders {
    /// The name of the rule, as the mission has it.
    fn rule(&self) -> String;

    /// Who they are.
    fn members(&self) -> Vec<Member>;

    /// Lets a member grade.
    ///
    /// # Errors
    /// Why it did not.
    fn grade(&self, member: &str, rubric: &str) -> Result<Said, String>;
}

/// A member's evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Its reasons.
    pub explanation: String,
    /// Each criterion.
    pub criteria: Vec<Judged>,
}

/// What the members come to together.
#[derive(Debug, Clone, PartialEq)]
pub struct Combined {
    /// The rule, who was put aside, and what each member says.
    pub explanation: String,
    /// Each criterion, in the rubric's order.
    pub criteria: Vec<Judged>,
}

/// The rule and the members, if a panel can be made of them.
///
/// # Errors
/// What is missing or wrong.
pub fn ready(graders: &dyn Graders) -> Result<(Rule, Vec<Member>), String> {
    Ok((Rule::named(&graders.rule())?, members(graders)?))
}

/// Grades by all members.
///
/// One that fails does so for the whole panel under [`Rule::All`]; under the other rules it is
/// put aside and named, if another graded.
///
/// # Errors
/// Why nothing was judged.
pub fn grade(graders: &dyn Graders, rubric: &str) -> Result<Combined, String> {
    let (rule, members) = ready(graders)?;
    let (mut judged, mut aside, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for member in &members {
        match graders.grade(&member.name, rubric) {
            Ok(Said { explanation, criteria }) => {
                told.push(format!(
                    "{}: {}",
                    member.name,
                    shortened(explanation.trim(), TOLD_BYTES)
                ));
                judged.push(criteria);
            }
            Err(why) => {
                aside.push(format!("{} did not grade: {why}", member.name));
                judged.push(Vec::new());
            }
        }
    }
    let aside = aside.join("; ");
    let alone = !aside.is_empty() && judged.iter().all(Vec::is_empty);
    if alone || (rule == Rule::All && !aside.is_empty()) {
        return Err(aside);
    }
    // Each member could use the rubric, so it can be read.
    let items = lucid_rubric::parse(rubric).unwrap_or_default();
    let criteria: Vec<Judged> =
        align(&items, judged).into_iter().map(|row| combined(rule, &members, row)).collect();
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut explanation = format!("By the rule `{}` of {}.", rule.name(), names.join(", "));
    if !aside.is_empty() {
        explanation.push_str(&format!(" Put aside: {aside}."));
    }
    // What a member saw beside its verdicts is not lost, such as text that speaks to graders.
    for told in told {
        explanation.push_str(&format!("\n{told}"));
    }
    Ok(Combined { explanation, criteria })
}

fn combined(rule: Rule, members: &[Member], row: Row) -> Judged {
    let opinion: Opinion = combine(rule, members, &row.opinions);
    let Row { text, line, required, weight, .. } = row;
    Judged { text, line, required, weight, opinion }
}

/// The members, if a panel can be made of them.
fn members(graders: &dyn Graders) -> Result<Vec<Member>, String> {
    let members = graders.members();
    if members.is_empty() {
        return Err("the panel has no members: name them where it is named".to_owned());
    }
    for (number, member) in members.iter().enumerate() {
        let name = &member.name;
        if members.iter().take(number).any(|other| other.name == *name) {
            return Err(format!("`{name}` is a member of the panel twice"));
        }
        if !(member.weight.is_finite() && member.weight > 0.0) {
            let weight = member.weight;
            return Err(format!("the weight of `{name}` is {weight}, and has to be more than 0"));
        }
    }
    Ok(members)
}

#[cfg(test)]
#[path = "panel_tests.rs"]
mod tests;
