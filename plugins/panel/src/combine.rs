//! Combines what several graders say of one criterion. Where they leave it open, it is unmet.

/// How verdicts are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Met if everyone who could tell says so.
    All,
    /// Met if more of those who could tell say so than say the opposite.
    Majority,
    /// The same, each member with its weight.
    Weighted,
}

impl Rule {
    /// The rule with a name.
    ///
    /// # Errors
    /// Which names there are.
    pub fn named(name: &str) -> Result<Self, String> {
        let mut rules = [Self::All, Self::Majority, Self::Weighted].into_iter();
        rules.find(|rule| rule.name() == name).ok_or_else(|| {
            format!("no rule `{name}`: a panel decides by `all`, `majority` or `weighted`")
        })
    }

    /// Its name in a mission.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Majority => "majority",
            Self::Weighted => "weighted",
        }
    }
}

/// Whether a criterion holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Met,
    /// It does not hold.
    Unmet,
    /// It does not apply.
    NotApplicable,
    /// Nobody could tell.
    NotGradable,
}

impl Verdict {
    fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unmet => "unmet",
            Self::NotApplicable => "not applicable",
            Self::NotGradable => "cannot tell",
        }
    }
}

/// A byte-exact part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The file's path, relative to the outputs folder.
    pub path: String,
    /// The part.
    pub text: String,
}

/// What one member says of a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen.
    pub explanation: String,
    /// The files it rests on.
    pub evidence_paths: Vec<String>,
    /// The quotes it rests on.
    pub quotes: Vec<Quote>,
}

impl Opinion {
    /// A verdict and what was seen, without evidence.
    pub fn new(verdict: Verdict, explanation: impl Into<String>) -> Self {
        let explanation = explanation.into();
        Self { verdict, explanation, evidence_paths: Vec::new(), quotes: Vec::new() }
    }
}

/// One who grades.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// What its word counts under [`Rule::Weighted`]: finite and more than 0.
    pub weight: f64,
}

/// So much of one member's explanation is repeated, in bytes.
const SAID_BYTES: usize = 300;

/// Combines what the members say of one criterion; `opinions` has one place for each.
///
/// A member that could not tell, or did not judge it, is put aside if another could. What is
/// left is, under [`Rule::All`]: unmet if one says so, else met if one says so, else not
/// applicable. Under the others: not applicable if more than half of the weight says so; else
/// met if more says met than unmet; else unmet, so also when both are alike. If nobody could
/// tell, it is not gradable.
pub fn combine(rule: Rule, members: &[Member], opinions: &[Option<Opinion>]) -> Opinion {
    let votes: Vec<(&Member, &Opinion)> = members
        .iter()
        .zip(opinions)
        .filter_map(|(member, opinion)| Some((member, opinion.as_ref()?)))
        .collect();
    let could_tell = |vote: &&(&Member, &Opinion)| vote.1.verdict != Verdict::NotGradable;
    let told: Vec<_> = votes.iter().filter(could_tell).copied().collect();
    let verdict = match rule {
        _ if told.is_empty() => Verdict::NotGradable,
        Rule::All => unanimous(&told),
        Rule::Majority => heavier(&told, |_| 1.0),
        Rule::Weighted => heavier(&told, |member| member.weight),
    };
    let mut combined = Opinion::new(verdict, explanation(rule, verdict, &votes, &told));
    for (_, opinion) in told.iter().filter(|(_, opinion)| opinion.verdict == verdict) {
        for path in &opinion.evidence_paths {
            if !combined.evidence_paths.contains(path) {
                combined.evidence_paths.push(path.clone());
            }
        }
        for quote in &opinion.quotes {
            if !combined.quotes.contains(quote) {
                combined.quotes.push(quote.clone());
            }
        }
    }
    combined
}

fn unanimous(told: &[(&Member, &Opinion)]) -> Verdict {
    let says = |verdict| told.iter().any(|(_, opinion)| opinion.verdict == verdict);
    if says(Verdict::Unmet) {
        Verdict::Unmet
    } else if says(Verdict::Met) {
        Verdict::Met
    } else {
        Verdict::NotApplicable
    }
}

fn heavier(told: &[(&Member, &Opinion)], weight: fn(&Member) -> f64) -> Verdict {
    let sum = |verdict| -> f64 {
        let votes = told.iter().filter(|(_, opinion)| opinion.verdict == verdict);
        votes.map(|(member, _)| weight(member)).sum()
    };
    let (met, unmet) = (sum(Verdict::Met), sum(Verdict::Unmet));
    let beside = sum(Verdict::NotApplicable);
    if beside > met + unmet {
        Verdict::NotApplicable
    } else if met > unmet {
        Verdict::Met
    } else {
        Verdict::Unmet
    }
}

fn explanation(
    rule: Rule,
    verdict: Verdict,
    votes: &[(&Member, &Opinion)],
    told: &[(&Member, &Opinion)],
) -> String {
    if votes.is_empty() {
        return "no member judged it".to_owned();
    }
    let said = |(member, opinion): &(&Member, &Opinion)| {
        let weight = match rule {
            Rule::Weighted => format!(" (weight {})", member.weight),
            Rule::All | Rule::Majority => String::new(),
        };
        let explanation = shortened(opinion.explanation.trim_end_matches('.'), SAID_BYTES);
        let words = opinion.verdict.words();
        match explanation.is_empty() {
            true => format!("{}{weight} says {words}", member.name),
            false => format!("{}{weight} says {words}: {explanation}", member.name),
        }
    };
    // Who could not tell says nothing, if another could.
    let speaking = if told.is_empty() { votes } else { told };
    let all: Vec<String> = speaking.iter().map(said).collect();
    let all = all.join("; ");
    let first = told.first().map(|(_, opinion)| opinion.verdict);
    let disagree = told.iter().any(|(_, opinion)| Some(opinion.verdict) != first);
    match disagree {
        true => {
            let (rule, words) = (rule.name(), verdict.words());
            format!("the members disagree, and by the rule `{rule}` it is {words}: {all}")
        }
        false => all,
    }
}

/// At most so many bytes of a text.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
#[path = "combine_tests.rs"]
mod tests;
