use super::*;
use crate::combine::Verdict;
use std::cell::RefCell;
use std::collections::HashMap;

type Grades = Result<Said, String>;

/// Members that say what a test tells them to.
struct Fake {
    rule: String,
    members: Vec<Member>,
    grades: HashMap<String, Grades>,
    asked: RefCell<Vec<String>>,
}

impl Fake {
    fn new(rule: Rule, members: &[(&str, f64, Grades)]) -> Self {
        let member = |(name, weight, _): &(&str, f64, Grades)| Member {
            name: (*name).to_owned(),
            weight: *weight,
        };
        let grades = members.iter().map(|(name, _, grades)| ((*name).to_owned(), grades.clone()));
        Self {
            rule: rule.name().to_owned(),
            members: members.iter().map(member).collect(),
            grades: grades.collect(),
            asked: RefCell::default(),
        }
    }
}

impl Graders for Fake {
    fn rule(&self) -> String {
        self.rule.clone()
    }

    fn members(&self) -> Vec<Member> {
        self.members.clone()
    }

    fn grade(&self, member: &str, rubric: &str) -> Grades {
        self.asked.borrow_mut().push(format!("{member}: {rubric}"));
        self.grades[member].clone()
    }
}

fn judged(line: u32, required: bool, verdict: Verdict) -> Judged {
    let (text, opinion) = (format!("criterion {line}"), Opinion::new(verdict, "so"));
    Judged { text, line, required, weight: 1.0, opinion }
}

fn must(verdicts: &[Verdict]) -> Grades {
    let criteria = (1..).zip(verdicts).map(|(line, verdict)| judged(line, true, *verdict));
    Ok(Said { explanation: "As seen.".to_owned(), criteria: criteria.collect() })
}

fn verdicts(combined: &Combined) -> Vec<Verdict> {
    combined.criteria.iter().map(|one| one.opinion.verdict).collect()
}

use Verdict::{Met, NotApplicable, NotGradable, Unmet};

#[test]
fn every_member_grades_by_the_same_rubric_once_and_the_rule_decides() {
    let members =
        [("checks", 1.0, must(&[Met, NotGradable, Unmet])), ("judge", 1.0, must(&[Met, Met, Met]))];
    let fake = Fake::new(Rule::All, &members);
    let combined = grade(&fake, "the rubric").unwrap();
    assert_eq!(*fake.asked.borrow(), ["checks: the rubric", "judge: the rubric"]);
    assert_eq!(verdicts(&combined), [Met, Met, Unmet]);
    let told = "By the rule `all` of checks, judge.\nchecks: As seen.\njudge: As seen.";
    assert_eq!(combined.explanation, told);
}

#[test]
fn a_member_that_fails_is_put_aside_but_under_all_it_fails_the_panel() {
    let failed = || Err("the token budget is used up".to_owned());
    let members = [("checks", 1.0, must(&[Met])), ("judge", 1.0, failed())];
    let why = "judge did not grade: the token budget is used up";
    for rule in [Rule::Majority, Rule::Weighted] {
        let combined = grade(&Fake::new(rule, &members), "").unwrap();
        assert_eq!(verdicts(&combined), [Met]);
        assert!(combined.explanation.contains(&format!("Put aside: {why}.\nchecks: ")));
    }
    let refused = grade(&Fake::new(Rule::All, &members), "").unwrap_err();
    assert_eq!(refused, why);
    let nobody = Fake::new(Rule::Majority, &[("a", 1.0, failed()), ("b", 1.0, failed())]);
    assert!(matches!(grade(&nobody, ""), Err(why) if why.contains("; b did")));
}

#[test]
fn a_panel_that_is_none_says_why() {
    let of = |members: &[(&str, f64, Grades)]| {
        let fake = Fake::new(Rule::Weighted, members);
        let why = grade(&fake, "- a").unwrap_err();
        assert!(fake.asked.borrow().is_empty(), "nobody is asked");
        why
    };
    assert!(of(&[]).starts_with("the panel has no members"));
    let twice = [("a", 1.0, must(&[Met])), ("a", 1.0, must(&[Met]))];
    assert_eq!(of(&twice), "`a` is a member of the panel twice");
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(of(&[("a", weight, must(&[Met]))]).contains("has to be more than 0"), "{weight}");
    }
    let mut fake = Fake::new(Rule::All, &[("a", 1.0, must(&[Met]))]);
    fake.rule = "most".to_owned();
    assert!(grade(&fake, "").unwrap_err().starts_with("no rule `most`: a panel decides by"));
}

#[test]
fn a_panel_of_one_says_what_its_member_says() {
    for rule in [Rule::All, Rule::Majority, Rule::Weighted] {
        let one = [("one", 1.0, must(&[Met, Unmet, NotApplicable, NotGradable]))];
        let combined = grade(&Fake::new(rule, &one), "").unwrap();
        assert_eq!(verdicts(&combined), [Met, Unmet, NotApplicable, NotGradable], "{rule:?}");
    }
}
