//! The graders that the host lends to a panel.

use crate::align::Judged;
use crate::combine::{Member, Opinion, Quote, Verdict};
use crate::panel::{Graders, Said};
use lucid_sdk::grader::{self, Criterion};

/// The host's graders.
pub struct Host;

impl Graders for Host {
    fn rule(&self) -> String {
        grader::panel().rule
    }

    fn members(&self) -> Vec<Member> {
        let member = |member: grader::Member| Member { name: member.name, weight: member.weight };
        grader::panel().members.into_iter().map(member).collect()
    }

    fn grade(&self, member: &str, rubric: &str) -> Result<Said, String> {
        let evaluation = grader::ask_member(member, rubric)?;
        let criteria = evaluation.criteria.into_iter().map(judged).collect();
        Ok(Said { explanation: evaluation.explanation, criteria })
    }
}

/// A criterion of a member's evaluation, as the panel combines it.
fn judged(criterion: Criterion) -> Judged {
    let verdict = match criterion.verdict {
        grader::Verdict::Met => Verdict::Met,
        grader::Verdict::Unmet => Verdict::Unmet,
        grader::Verdict::NotApplicable => Verdict::NotApplicable,
        grader::Verdict::NotGradable => Verdict::NotGradable,
    };
    let quote = |quote: grader::Quote| Quote { path: quote.path, text: quote.text };
    Judged {
        text: criterion.text,
        line: criterion.line,
        required: criterion.required,
        weight: criterion.weight,
        opinion: Opinion {
            verdict,
            explanation: criterion.explanation,
            evidence_paths: criterion.evidence_paths,
            quotes: criterion.quotes.into_iter().map(quote).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lucid_sdk::grader::RubricItem;

    #[test]
    fn a_members_evaluation_keeps_what_it_says() {
        let item = RubricItem { text: "It is done.".to_owned(), line: 3 };
        let said = Criterion::unmet(&item, "it is not").quoting("a.md", "not done");
        let one = judged(Criterion { required: false, weight: 2.0, ..said });
        assert_eq!((one.line, one.text.as_str()), (3, "It is done."));
        assert_eq!((one.required, one.weight), (false, 2.0));
        assert_eq!(one.opinion.verdict, Verdict::Unmet);
        assert_eq!(one.opinion.evidence_paths, ["a.md"]);
        assert_eq!(one.opinion.quotes[0].text, "not done");
    }
}
