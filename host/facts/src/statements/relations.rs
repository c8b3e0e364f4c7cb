//! Statements with a verb of their own: changes, ports, uses, preferences, where and for whom.

use super::value::value_of;
use super::{Claim, HEADS, Token, joined};
use crate::fact::Standing;
use crate::key::{Key, is_plural, of_phrase};
use crate::lists::{Words, set};
use crate::words::normal;

/// Names and values of more words are prose.
const WORDS_MAX: usize = 4;
static CHANGED: Words = set!(
    "changed moved switched set bumped raised lowered increased decreased reduced renamed updated \
     rescheduled postponed upgraded downgraded extended shortened migrated"
);
/// Words between a subject and its change.
static AUXILIARY: Words = set!("has have was were been is got had just");
static PEOPLE: Words = set!("we i they you he she team ops");
static SERVES: Words =
    set!("listens listen runs run serves uses use using binds running listening");
/// Words for a place that a number tells from others of its kind.
static SPOTS: Words = set!(
    "room hall building floor level wing office desk dock bay gate shelf rack aisle bin box drawer \
     cabinet locker warehouse hangar yard platform suite"
);
/// Relations that hold with one at a time: two words of a sentence, and their attribute.
const RELATIONS: [(&str, &str, &str); 12] = [
    ("lives", "in", "home"),
    ("works", "at", "employer"),
    ("works", "for", "employer"),
    ("reports", "to", "manager"),
    ("is", "called", "name"),
    ("is", "named", "name"),
    ("is", "located", "location"),
    ("is", "based", "location"),
    ("is", "hosted", "host"),
    ("starts", "at", "start"),
    ("ends", "at", "end"),
    ("expires", "on", "expiry"),
];

/// What the sentence states in one of these ways; of the first that fits.
pub(super) fn claims(tokens: &[Token<'_>], standing: Standing) -> Vec<Claim> {
    let switched = switched(tokens);
    if !switched.is_empty() {
        return switched;
    }
    placed(tokens)
        .or_else(|| changed(tokens))
        .or_else(|| served(tokens))
        .or_else(|| preferred(tokens, standing))
        .or_else(|| used(tokens, standing))
        .or_else(|| related(tokens))
        .into_iter()
        .collect()
}

fn place_of(tokens: &[Token<'_>], word: &str, from: usize) -> Option<usize> {
    tokens.iter().skip(from).position(|token| token.small == word).map(|at| at + from)
}

fn part<'t, 'a>(tokens: &'t [Token<'a>], from: usize, to: usize) -> &'t [Token<'a>] {
    tokens.get(from..to).unwrap_or_default()
}

/// Somebody or something that does something.
fn subject(tokens: &[Token<'_>]) -> Option<String> {
    let name = normal(&joined(tokens));
    let name = name.strip_prefix("the ").or(name.strip_prefix("our ")).unwrap_or(&name);
    let fits = !name.is_empty() && name.split(' ').count() <= WORDS_MAX;
    let plain = !name.split(' ').any(|word| matches!(word, "it" | "this" | "that" | "and" | "who"));
    (fits && plain).then(|| name.to_owned())
}

/// A statement that is true or not, which has its value in its key.
fn flag(entity: &str, verb: &str, thing: &str, holds: bool) -> Claim {
    let attribute = format!("{verb} {thing}");
    let key = Key { entity: entity.to_owned(), attribute, place: String::new() };
    let value = if holds { "yes" } else { "no" };
    Claim { settled: true, ..Claim::new(key, value.to_owned()) }
}

/// "We switched from A to B": A is no longer used, and B is.
fn switched(tokens: &[Token<'_>]) -> Vec<Claim> {
    let verb = tokens.iter().position(|t| matches!(t.small.as_str(), "switched" | "migrated"));
    let found = verb.and_then(|verb| {
        let who = subject(part(tokens, 0, auxiliaries_before(tokens, verb)))?;
        let from = Some(verb + 1).filter(|at| place_of(tokens, "from", *at) == Some(*at))?;
        let to = place_of(tokens, "to", from)?;
        let old = value_of(&joined(part(tokens, from + 1, to)), WORDS_MAX)?;
        let new = value_of(&joined(part(tokens, to + 1, tokens.len())), WORDS_MAX)?;
        Some(vec![flag(&who, "uses", &old, false), flag(&who, "uses", &new, true)])
    });
    found.unwrap_or_default()
}

fn auxiliaries_before(tokens: &[Token<'_>], verb: usize) -> usize {
    let before = part(tokens, 0, verb);
    let count = before.iter().rev().take_while(|t| AUXILIARY.contains(t.small.as_str())).count();
    verb - count
}

/// "We moved the deploy day from Friday to Monday", "The port was changed to 9090".
fn changed(tokens: &[Token<'_>]) -> Option<Claim> {
    let verb = tokens.iter().position(|token| CHANGED.contains(token.small.as_str()))?;
    let to = place_of(tokens, "to", verb + 1)?;
    let from = place_of(tokens, "from", verb + 1).filter(|from| *from < to).unwrap_or(to);
    let before = part(tokens, 0, auxiliaries_before(tokens, verb));
    let object = part(tokens, verb + 1, from);
    let name = match before {
        [] => object,
        [.., who] if PEOPLE.contains(who.small.as_str()) && before.len() <= 2 => object,
        _ if object.is_empty() => before,
        _ => return None,
    };
    let key = of_phrase(&joined(name))?;
    // The team may have moved to a town and to a chat; a port that moved is another port.
    let moves = matches!(tokens.get(verb)?.small.as_str(), "moved" | "switched" | "migrated");
    if moves && !HEADS.contains(key.attribute.as_str()) {
        return None;
    }
    let value = value_of(&joined(part(tokens, to + 1, tokens.len())), WORDS_MAX)?;
    Some(Claim::new(key, value))
}

/// Whether a value is one numbered place, or one of a numbered kind: "room 5", "phase 2".
pub(super) fn is_spot(value: &str, kind: &str) -> bool {
    let mut words = value.split_whitespace();
    let (Some(first), Some(number), None) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let first = first.to_lowercase();
    let numbered = number.starts_with(|c: char| c.is_ascii_digit());
    numbered && (first == kind || SPOTS.contains(first.as_str()))
}

/// "The archive of hall 7 is in room 2", "The archive of hall 7 moved to room 5": one thing
/// is in one such place. Only a date tells where it is now.
fn placed(tokens: &[Token<'_>]) -> Option<Claim> {
    let small = |at: usize| tokens.get(at).map_or("", |token| token.small.as_str());
    let verb = (1..tokens.len()).find(|at| {
        let pair = (small(*at), small(*at + 1));
        matches!(pair, ("is", "in" | "at" | "on") | ("moved" | "relocated", "to" | "from"))
    })?;
    let start = match small(verb + 1) {
        "from" => place_of(tokens, "to", verb + 2)? + 1,
        _ => verb + 2,
    };
    let value = match part(tokens, start, tokens.len()) {
        [first, rest @ ..] if first.small == "the" => joined(rest),
        all => joined(all),
    };
    let subject = part(tokens, 0, auxiliaries_before(tokens, verb));
    let definite = subject.iter().any(|token| {
        matches!(token.small.as_str(), "the" | "our" | "my" | "of") || token.small.ends_with("'s")
    });
    let key = of_phrase(&joined(subject))?;
    if !definite || is_plural(&key.attribute) || !is_spot(&value, "") {
        return None;
    }
    let entity = format!("{} {}", key.entity, key.attribute).trim().to_owned();
    let key = Key { entity, attribute: "location".to_owned(), place: key.place };
    Some(Claim { dated_only: true, ..Claim::new(key, value_of(&value, WORDS_MAX)?) })
}

/// "The api listens on port 8080", "The api uses version 3".
fn served(tokens: &[Token<'_>]) -> Option<Claim> {
    let verb = tokens.iter().position(|token| SERVES.contains(token.small.as_str()))?;
    let what =
        tokens.iter().skip(verb).position(|t| matches!(t.small.as_str(), "port" | "version"));
    let what = what? + verb;
    let [number] = part(tokens, what + 1, tokens.len()) else { return None };
    let between = part(tokens, verb + 1, what);
    let short = between.iter().all(|t| matches!(t.small.as_str(), "on" | "at" | "is" | "the"));
    let entity = subject(part(tokens, 0, auxiliaries_before(tokens, verb)))?;
    let numeric = number.raw.contains(|c: char| c.is_ascii_digit());
    let attribute = tokens.get(what).filter(|_| short && numeric)?.small.clone();
    Some(Claim::new(Key { entity, attribute, place: String::new() }, value_of(number.raw, 1)?))
}

/// "Ann prefers A over B": one of the two. "Ann prefers A": that, or not.
fn preferred(tokens: &[Token<'_>], standing: Standing) -> Option<Claim> {
    let verb = tokens.iter().position(|t| matches!(t.small.as_str(), "prefers" | "prefer"))?;
    let entity = subject(part(tokens, 0, verb))?;
    let against = tokens
        .iter()
        .skip(verb)
        .position(|token| matches!(token.small.as_str(), "over" | "to" | "instead" | "rather"));
    let end = against.map_or(tokens.len(), |at| at + verb);
    let thing = value_of(&joined(part(tokens, verb + 1, end)), WORDS_MAX)?;
    if end == tokens.len() {
        return Some(flag(&entity, "prefers", &thing, standing != Standing::Retracted));
    }
    let other = part(tokens, end + 1, tokens.len());
    let other = match other {
        [first, rest @ ..] if matches!(first.small.as_str(), "of" | "than") => rest,
        all => all,
    };
    let other = value_of(&joined(other), WORDS_MAX)?;
    let (one, two) = if thing < other { (&thing, &other) } else { (&other, &thing) };
    let attribute = format!("prefers {one} or {two}");
    Some(Claim::new(Key { entity, attribute, place: String::new() }, thing))
}

/// "We use A": that, or not. There may be more that we use.
fn used(tokens: &[Token<'_>], standing: Standing) -> Option<Claim> {
    let verb = tokens.iter().position(|t| matches!(t.small.as_str(), "uses" | "use" | "using"))?;
    let entity = subject(part(tokens, 0, auxiliaries_before(tokens, verb)))?;
    let thing = value_of(&joined(part(tokens, verb + 1, tokens.len())), WORDS_MAX)?;
    Some(flag(&entity, "uses", &thing, standing != Standing::Retracted))
}

/// "Ann lives in Oslo"
fn related(tokens: &[Token<'_>]) -> Option<Claim> {
    let (at, attribute) = tokens.windows(2).enumerate().find_map(|(at, pair)| {
        let [one, two] = pair else { return None };
        let same = |r: &&(&str, &str, &str)| r.0 == one.small && r.1 == two.small;
        RELATIONS.iter().find(same).map(|relation| (at, relation.2))
    })?;
    let entity = subject(part(tokens, 0, at))?;
    let value = part(tokens, at + 2, tokens.len());
    let value = match value {
        [first, rest @ ..] if matches!(first.small.as_str(), "in" | "at" | "on") => rest,
        all => all,
    };
    let value = value_of(&joined(value), WORDS_MAX)?;
    let key = Key { entity, attribute: attribute.to_owned(), place: String::new() };
    Some(Claim::new(key, value))
}
