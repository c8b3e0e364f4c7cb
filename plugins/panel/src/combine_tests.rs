use super::*;
use Verdict::{Met, NotApplicable, NotGradable, Unmet};

fn members(weights: &[f64]) -> Vec<Member> {
    let names = ["checks", "judge", "third", "fourth"];
    let member = |(name, weight): (&str, &f64)| Member { name: name.to_owned(), weight: *weight };
    names.into_iter().zip(weights).map(member).collect()
}

#[track_caller]
fn check(rule: Rule, weights: &[f64], verdicts: &[Option<Verdict>], expected: Verdict) {
    let opinions: Vec<_> =
        verdicts.iter().map(|verdict| verdict.map(|verdict| Opinion::new(verdict, "so"))).collect();
    let combined = combine(rule, &members(weights), &opinions);
    assert_eq!(combined.verdict, expected, "{rule:?} {weights:?} {verdicts:?}");
}

/// The same for every rule that counts heads.
#[track_caller]
fn check_three(verdicts: [Verdict; 3], all: Verdict, majority: Verdict) {
    let verdicts = verdicts.map(Some);
    check(Rule::All, &[1.0; 3], &verdicts, all);
    check(Rule::Majority, &[1.0; 3], &verdicts, majority);
    check(Rule::Weighted, &[2.5; 3], &verdicts, majority);
}

#[test]
fn all_is_met_only_without_a_dissent_and_majority_goes_with_more() {
    check_three([Met, Met, Met], Met, Met);
    check_three([Met, Met, Unmet], Unmet, Met);
    check_three([Met, Unmet, Unmet], Unmet, Unmet);
    check_three([Unmet, Unmet, Unmet], Unmet, Unmet);
}

#[test]
fn who_could_not_tell_does_not_count_against_who_could() {
    check_three([Met, NotGradable, NotGradable], Met, Met);
    check_three([NotGradable, Unmet, NotGradable], Unmet, Unmet);
    check_three([NotApplicable, NotGradable, NotGradable], NotApplicable, NotApplicable);
    check_three([Met, Unmet, NotGradable], Unmet, Unmet);
    for rule in [Rule::All, Rule::Majority, Rule::Weighted] {
        check(rule, &[1.0; 2], &[Some(Met), None], Met);
        check(rule, &[1.0; 2], &[None, Some(NotGradable)], NotGradable);
    }
}

#[test]
fn what_nobody_could_tell_is_not_gradable() {
    check_three([NotGradable; 3], NotGradable, NotGradable);
    for rule in [Rule::All, Rule::Majority, Rule::Weighted] {
        check(rule, &[1.0; 2], &[None, None], NotGradable);
        check(rule, &[], &[], NotGradable);
    }
}

#[test]
fn not_applicable_needs_more_than_all_others_together() {
    check_three([NotApplicable; 3], NotApplicable, NotApplicable);
    check_three([NotApplicable, NotApplicable, Met], Met, NotApplicable);
    check_three([NotApplicable, NotApplicable, Unmet], Unmet, NotApplicable);
    check_three([NotApplicable, Met, Unmet], Unmet, Unmet);
    check(Rule::Majority, &[1.0; 2], &[Some(NotApplicable), Some(Met)], Met);
    check(Rule::Majority, &[1.0; 2], &[Some(NotApplicable), Some(Unmet)], Unmet);
}

#[test]
fn a_tie_is_unmet() {
    check(Rule::Majority, &[1.0; 2], &[Some(Met), Some(Unmet)], Unmet);
    check(Rule::Majority, &[1.0; 4], &[Some(Met), Some(Met), Some(Unmet), Some(Unmet)], Unmet);
    check(Rule::Weighted, &[1.0, 1.0, 2.0], &[Some(Met), Some(Met), Some(Unmet)], Unmet);
}

#[test]
fn a_heavy_member_outweighs_many_light_ones_under_weighted_alone() {
    let verdicts = [Some(Met), Some(Unmet), Some(Unmet)];
    check(Rule::Weighted, &[3.0, 1.0, 1.0], &verdicts, Met);
    check(Rule::Majority, &[3.0, 1.0, 1.0], &verdicts, Unmet);
    check(Rule::All, &[3.0, 1.0, 1.0], &verdicts, Unmet);
}

/// For every rule and every three verdicts: the order of the members decides nothing, and one
/// more who says unmet never closes what was open.
#[test]
fn no_order_matters_and_no_dissent_helps() {
    let verdicts = [Met, Unmet, NotApplicable, NotGradable];
    let of = |rule, verdicts: &[Verdict]| {
        let opinions: Vec<_> =
            verdicts.iter().map(|verdict| Some(Opinion::new(*verdict, ""))).collect();
        combine(rule, &members(&vec![1.0; verdicts.len()]), &opinions).verdict
    };
    let is_open = |verdict| matches!(verdict, Unmet | NotGradable);
    let triples = verdicts.into_iter().flat_map(|a| {
        verdicts.into_iter().flat_map(move |b| verdicts.into_iter().map(move |c| [a, b, c]))
    });
    for [a, b, c] in triples {
        for rule in [Rule::All, Rule::Majority, Rule::Weighted] {
            let verdict = of(rule, &[a, b, c]);
            for other in [[a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
                assert_eq!(of(rule, &other), verdict, "{rule:?} {a:?} {b:?} {c:?}");
            }
            let dissented = of(rule, &[a, b, c, Unmet]);
            assert!(!is_open(verdict) || is_open(dissented), "{rule:?} {a:?} {b:?} {c:?}");
        }
    }
}

#[test]
fn a_disagreement_is_named_with_who_said_what() {
    let opinions = [
        Some(Opinion::new(Met, "its check is true.")),
        Some(Opinion::new(Unmet, "the table is missing")),
        Some(Opinion::new(NotGradable, "")),
    ];
    let of = |rule| combine(rule, &members(&[1.0, 0.5, 2.0]), &opinions).explanation;
    let expected = "the members disagree, and by the rule `all` it is unmet: checks says met: its \
                    check is true; judge says unmet: the table is missing";
    assert_eq!(of(Rule::All), expected);
    let expected = "the members disagree, and by the rule `weighted` it is met: checks (weight 1) \
                    says met: its check is true; judge (weight 0.5) says unmet: the table is \
                    missing";
    assert_eq!(of(Rule::Weighted), expected);
}

#[test]
fn agreement_is_told_without_a_rule() {
    let opinions = [Some(Opinion::new(Met, "a")), Some(Opinion::new(NotGradable, "b")), None];
    let combined = combine(Rule::All, &members(&[1.0; 3]), &opinions);
    assert_eq!(combined.explanation, "checks says met: a");
    let nobody = combine(Rule::All, &members(&[1.0; 3]), &[None, None, None]);
    assert_eq!(nobody.explanation, "no member judged it");
}

#[test]
fn only_the_evidence_of_those_who_prevail_is_kept() {
    let quote = |path: &str| Quote { path: path.to_owned(), text: "x".to_owned() };
    let opinion = |verdict, path: &str| {
        let (evidence_paths, quotes) = (vec![path.to_owned()], vec![quote(path)]);
        Some(Opinion { evidence_paths, quotes, ..Opinion::new(verdict, "") })
    };
    let opinions = [opinion(Met, "a"), opinion(Unmet, "b"), opinion(Met, "a"), opinion(Met, "c")];
    let combined = combine(Rule::Majority, &members(&[1.0; 4]), &opinions);
    assert_eq!(combined.evidence_paths, ["a", "c"]);
    assert_eq!(combined.quotes, [quote("a"), quote("c")]);
}

#[test]
fn an_explanation_is_bounded() {
    let opinions = vec![Some(Opinion::new(Met, "é".repeat(10_000))); 4];
    let combined = combine(Rule::All, &members(&[1.0; 4]), &opinions);
    assert!(combined.explanation.len() < 4 * (SAID_BYTES + 40), "{}", combined.explanation.len());
}
