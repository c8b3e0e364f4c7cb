//! Whether a check can be true and can be false, and what it says about which value.

use super::bound::{Bound, Fact};
use super::token::{Kind, Token, plain};

/// Whether a check depends on the outputs at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It can never be false.
    Always,
    /// It can never be true.
    Never,
    /// It depends, or is not understood.
    Open,
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Open => Self::Open,
        }
    }

    fn known(truth: bool) -> Self {
        if truth { Self::Always } else { Self::Never }
    }
}

const COMPARISONS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
/// What makes an expression more than one value and what is taken from it.
const LOOSE: [&str; 9] = ["?", ":", "!", "+", "-", "*", "/", "%", "in"];

/// Whether the check depends on the outputs. Brackets are bounded, and so is the recursion.
pub(super) fn of(tokens: &[Token]) -> Truth {
    let tokens = bare(tokens);
    if at_top(tokens, &["?"]).next().is_some() {
        return Truth::Open;
    }
    let any = split(tokens, "||");
    if any.len() > 1 {
        return either(&any);
    }
    let all = split(tokens, "&&");
    if all.len() > 1 {
        return both(&all);
    }
    if let Some((first, rest)) = tokens.split_first()
        && first.is("!")
        && comparison(tokens).is_none()
    {
        return of(rest).not();
    }
    atom(tokens)
}

/// What has to hold for the check to be true, as far as it is understood.
pub(super) fn facts(tokens: &[Token]) -> Vec<Fact> {
    let tokens = bare(tokens);
    let loose = at_top(tokens, &["?", "||"]).next().is_some();
    let parts = split(tokens, "&&");
    match parts.as_slice() {
        _ if loose => Vec::new(),
        [_] => fact(tokens).into_iter().collect(),
        parts => parts.iter().flat_map(|part| facts(part)).collect(),
    }
}

fn either(parts: &[&[Token]]) -> Truth {
    let truths: Vec<Truth> = parts.iter().map(|part| of(part)).collect();
    if truths.iter().all(|truth| *truth == Truth::Never) {
        return Truth::Never;
    }
    let facts: Vec<Fact> = parts.iter().filter_map(|part| fact(part)).collect();
    let complete = pair(&facts, Bound::completes);
    if complete || truths.contains(&Truth::Always) { Truth::Always } else { Truth::Open }
}

fn both(parts: &[&[Token]]) -> Truth {
    let truths: Vec<Truth> = parts.iter().map(|part| of(part)).collect();
    if truths.iter().all(|truth| *truth == Truth::Always) {
        return Truth::Always;
    }
    let facts: Vec<Fact> = parts.iter().flat_map(|part| facts(part)).collect();
    let apart = pair(&facts, Bound::excludes);
    if apart || truths.contains(&Truth::Never) { Truth::Never } else { Truth::Open }
}

/// Whether two facts about one value stand so to each other.
fn pair(facts: &[Fact], stand: impl Fn(&Bound, &Bound) -> bool) -> bool {
    facts.iter().enumerate().any(|(at, one)| {
        let others = facts.iter().skip(at + 1).filter(|other| other.subject == one.subject);
        others.into_iter().any(|other| stand(&one.bound, &other.bound))
    })
}

fn atom(tokens: &[Token]) -> Truth {
    if let [word] = tokens
        && let Some(truth) = boolean(word)
    {
        return Truth::known(truth);
    }
    let Some((left, sign, right)) = comparison(tokens) else { return Truth::Open };
    if let (Some(left), Some(right)) = (Literal::of(left), Literal::of(right)) {
        return left.compare(sign, &right).map_or(Truth::Open, Truth::known);
    }
    if plain(left) == plain(right) {
        return Truth::known(["==", "<=", ">="].contains(&sign));
    }
    match fact(tokens) {
        Some(fact) if fact.bound.is_empty() => Truth::Never,
        Some(fact) if is_size(left, right) && fact.bound.is_no_size() => Truth::Never,
        Some(fact) if is_size(left, right) && fact.bound.is_any_size() => Truth::Always,
        _ => Truth::Open,
    }
}

fn is_size(left: &[Token], right: &[Token]) -> bool {
    counts(bare(left)) || counts(bare(right))
}

/// What a single comparison, a value or its opposite says.
fn fact(tokens: &[Token]) -> Option<Fact> {
    let tokens = bare(tokens);
    let Some((left, sign, right)) = comparison(tokens) else {
        let opposite = tokens.first().is_some_and(|first| first.is("!"));
        let value = bare(tokens.get(usize::from(opposite)..)?);
        if value.is_empty() || at_top(value, &LOOSE).next().is_some() {
            return None;
        }
        let inner = comparison(value).is_none() && at_top(value, &["&&", "||"]).next().is_none();
        let is_literal = Literal::of(value).is_some();
        let bound = Bound::Is((!opposite).to_string());
        return (inner && !is_literal).then(|| Fact { subject: plain(value), bound });
    };
    let (subject, sign, literal) = match (Literal::of(left), Literal::of(right)) {
        (None, Some(literal)) => (left, sign, literal),
        (Some(literal), None) => (right, turned(sign), literal),
        _ => return None,
    };
    let subject = bare(subject);
    let bound = match (literal, sign) {
        (Literal::Number(number), sign) => Bound::number(sign, number)?,
        (Literal::Text(text), "==") => Bound::Is(text),
        (Literal::Text(text), "!=") => Bound::IsNot(text),
        (Literal::Bool(bool), "==") => Bound::Is(bool.to_string()),
        (Literal::Bool(bool), "!=") => Bound::IsNot(bool.to_string()),
        _ => return None,
    };
    let bound = if counts(subject) { bound.whole() } else { bound };
    Some(Fact { subject: plain(subject), bound })
}

/// Whether it is a size: `size(…)` or `….size()`.
fn counts(tokens: &[Token]) -> bool {
    if let [.., dot, name, open, close] = tokens
        && dot.is(".")
        && name.is("size")
        && open.is("(")
        && close.is(")")
    {
        return at_top(tokens, &LOOSE).next().is_none();
    }
    let called = |at: usize, sign: &str| tokens.get(at).is_some_and(|token| token.is(sign));
    let rest = tokens.get(1..).unwrap_or_default();
    called(0, "size") && called(1, "(") && bare(rest).len() < rest.len()
}

fn turned(sign: &str) -> &str {
    match sign {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

/// The two sides of the one comparison at the top, if there is no more than that.
fn comparison(tokens: &[Token]) -> Option<(&[Token], &str, &[Token])> {
    if at_top(tokens, &["&&", "||", "?"]).next().is_some() {
        return None;
    }
    let mut found = at_top(tokens, &COMPARISONS);
    let (Some(at), None) = (found.next(), found.next()) else { return None };
    let (left, right) = (tokens.get(..at)?, tokens.get(at + 1..)?);
    (!left.is_empty() && !right.is_empty()).then(|| (left, tokens[at].text.as_str(), right))
}

/// Where one of some signs stands outside of all brackets.
fn at_top<'t>(tokens: &'t [Token], signs: &'t [&str]) -> impl Iterator<Item = usize> + 't {
    let mut depth = 0_usize;
    tokens.iter().enumerate().filter_map(move |(at, token)| {
        if ["(", "[", "{"].iter().any(|open| token.is(open)) {
            depth += 1;
        } else if [")", "]", "}"].iter().any(|close| token.is(close)) {
            depth = depth.saturating_sub(1);
        }
        (depth == 0 && signs.iter().any(|sign| token.is(sign))).then_some(at)
    })
}

fn split<'t>(tokens: &'t [Token], sign: &str) -> Vec<&'t [Token]> {
    let signs = [sign];
    let mut parts = Vec::new();
    let mut from = 0;
    for at in at_top(tokens, &signs) {
        parts.push(tokens.get(from..at).unwrap_or_default());
        from = at + 1;
    }
    parts.push(tokens.get(from..).unwrap_or_default());
    parts
}

/// The tokens without the brackets around all of them.
fn bare(mut tokens: &[Token]) -> &[Token] {
    while let [open, inside @ .., close] = tokens
        && open.is("(")
        && close.is(")")
        && is_balanced(inside)
    {
        tokens = inside;
    }
    tokens
}

fn is_balanced(tokens: &[Token]) -> bool {
    let mut depth = 0_usize;
    for token in tokens {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            }
        }
    }
    depth == 0
}

fn boolean(token: &Token) -> Option<bool> {
    match token.text.as_str() {
        "true" if token.kind == Kind::Name => Some(true),
        "false" if token.kind == Kind::Name => Some(false),
        _ => None,
    }
}

/// A value that stands in the check itself.
enum Literal {
    Number(f64),
    Text(String),
    Bool(bool),
}

impl Literal {
    fn of(tokens: &[Token]) -> Option<Self> {
        match bare(tokens) {
            [minus, number] if minus.is("-") => Some(Self::Number(-number.number()?)),
            [token] if token.kind == Kind::Text => Some(Self::Text(token.text.clone())),
            [token] => {
                let number = || token.number().map(Self::Number);
                boolean(token).map(Self::Bool).or_else(number)
            }
            _ => None,
        }
    }

    /// Whether it stands so to another; nothing, when that is not known.
    fn compare(&self, sign: &str, other: &Self) -> Option<bool> {
        let order = match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.partial_cmp(other)?,
            (Self::Bool(one), Self::Bool(other)) => one.cmp(other),
            // An escape may stand for what another writes out.
            (Self::Text(one), Self::Text(other)) if !(one.clone() + other).contains('\\') => {
                one.cmp(other)
            }
            _ => return None,
        };
        Some(match sign {
            "==" => order.is_eq(),
            "!=" => order.is_ne(),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            _ => order.is_ge(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outline;
    use super::*;

    #[track_caller]
    fn check(expected: Truth, checks: &[&str]) {
        for check in checks {
            assert_eq!(Outline::read(check).unwrap().truth(), expected, "{check}");
        }
    }

    #[test]
    fn a_check_that_can_never_be_true_is_found() {
        check(
            Truth::Never,
            &[
                "false",
                "!true",
                "1 > 2",
                "'a' == 'b'",
                "size('a') < 0",
                "size('a') > 5 && size('a') < 3",
                "5 < size('a') && (size(\"a\") < 6)",
                "json('a').n > 1 && json('a').n == 1",
                "json('a').n == 'x' && exists('b') && json('a').n != 'x'",
                "exists('a') && !exists('a')",
                "exists('a') == true && exists('a') == false",
                "csv('a').size() == 2.5",
                "size('a') != size('a')",
                "exists('a') && (false || 1 == 2)",
            ],
        );
    }

    #[test]
    fn a_check_that_can_never_be_false_is_found() {
        check(
            Truth::Always,
            &[
                "true",
                "(true)",
                "!(1 > 2)",
                "size('a') >= 0",
                "0 <= csv('a').size()",
                "size('a') > 3 || size('a') < 5",
                "exists('a') || !exists('a')",
                "exists('a') || true",
                "json('a') == json('a')",
                "1 < 2 && 'a' != 'b'",
            ],
        );
    }

    #[test]
    fn what_depends_on_the_outputs_is_left_alone() {
        check(
            Truth::Open,
            &[
                "exists('a')",
                "size('a') > 3 && size('a') < 5",
                "size('a') > 3 && size('b') < 2",
                "json('a').n > 5 && json('a').n < 6",
                "json('a').all(s, s.v > 5) && json('a').all(s, s.v < 3)",
                "exists('a') ? true : false",
                "size('a') > 3 ? size('a') < 2 : true",
                "size('a') < 3 || size('a') > 5",
                "json('a').n + 1 > 3 && json('a').n < 1",
                "'\\x61' == 'a'",
                "!json('a').n == false",
                "size('a') - 5 < 0",
                "[1].size() + size('a') >= 0",
                "('a' in json('b')) && !('a' in json('c'))",
                "a < b < c",
                "&& ||",
                ")(",
                "!",
                "-",
            ],
        );
    }

    #[test]
    fn a_check_says_what_has_to_hold() {
        let subjects = |check: &str| -> Vec<String> {
            let facts = Outline::read(check).unwrap().facts();
            facts.into_iter().map(|fact| fact.subject).collect()
        };
        let check = "size('a') > 1 && (3 < json('b').n && !exists('c')) && (x || y) && z in w";
        assert_eq!(subjects(check), ["size ( 'a' )", "json ( 'b' ) . n", "exists ( 'c' )"]);
        assert!(subjects("a > 1 || b > 1").is_empty());
    }
}
