//! The grammar of facts: which sentences state a value of an attribute.

use crate::fact::Standing;
use crate::key::{Key, is_plural, of_phrase};
use crate::lists::{Words, set, unit};
use crate::sentences::SENTENCE_BYTES_MAX;
use crate::words::{normal, words};

mod relations;
mod value;

use relations::is_spot;
use value::{is_typed, value_of};

/// Values of more words are prose; after "is" they are shorter still.
const KEYED_WORDS_MAX: usize = 8;
const TYPED_WORDS_MAX: usize = 4;
/// A sentence that is a key has at least so many words.
const SENTENCE_WORDS_MIN: usize = 5;
/// What may stand in front of a statement without being a part of it.
const LEADS: &str = "note:/update:/correction:/fyi:/reminder:/decision:/edit:/remember:/\
    i think that/i think/i believe that/i believe/i guess/i assume/i suspect/forget that/\
    it is wrong that/it turns out that/it turned out that/it seems that/it seems/remember that/\
    please note that/note that/as of now,/as of now/from now on,/from now on/actually,/actually/\
    apparently,/apparently/presumably/maybe/perhaps/probably/currently/now/so/and";
/// Words that say how sure or how fresh a statement is; [`Standing`] has that already.
static ADVERBS: Words = set!(
    "now currently still already actually probably maybe perhaps possibly likely apparently \
     presumably tentatively indeed really just simply longer anymore"
);
/// Words before "be" that with it come to "is".
static MODALS: Words =
    set!("might may could should would will shall must has have to used seems appears can");
/// Words that say that there are several.
static SEVERAL: Words = set!("also another additionally too including besides e.g");
/// Words of what happened once.
static PAST: Words = set!(
    "was were took had did lasted failed crashed finished ran went got needed saw cost used \
     happened started ended waited"
);
/// Attributes of which a thing has one, whatever the value is written like.
static HEADS: Words = set!(
    "port version owner lead manager editor theme branch region zone host hostname name path url \
     endpoint timeout limit interval deadline day date channel database shell locale language \
     currency format directory folder model provider tier size level count rate frequency ceo cto \
     cfo maintainer assignee location address timezone schedule cadence threshold"
);

/// What a sentence states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) entity: String,
    pub(crate) attribute: String,
    /// Where it holds, by the sentence's own words.
    pub(crate) place: String,
    pub(crate) value: String,
    /// Whether it may tell of one event of many, so that only a date says since when.
    pub(crate) dated_only: bool,
    /// Whether the value has the sentence's negation in it ("no longer uses" is "no").
    pub(crate) settled: bool,
}

impl Claim {
    fn new(key: Key, value: String) -> Self {
        let Key { entity, attribute, place } = key;
        Self { entity, attribute, place, value, dated_only: false, settled: false }
    }
}

/// A word of a sentence as it is written, and in lower case without a comma behind it.
pub(crate) struct Token<'a> {
    raw: &'a str,
    small: String,
}

/// What a sentence states, whatever it thinks of it.
pub(crate) fn claims(sentence: &str, standing: Standing) -> Vec<Claim> {
    if sentence.len() > SENTENCE_BYTES_MAX {
        return Vec::new();
    }
    let line = sentence.replace("~~", "").replace("**", "").replace('\u{2019}', "'");
    let line = without_leads(line.trim().trim_end_matches(['.', '!', '?', ';', ',', ' ', '。']));
    let small = line.to_lowercase();
    if small.split_whitespace().any(|word| SEVERAL.contains(word.trim_matches([',', '(']))) {
        return Vec::new();
    }
    if let Some(claim) = assigned(line).or_else(|| keyed(line)) {
        return vec![claim];
    }
    let Some(tokens) = tokens(line) else { return Vec::new() };
    let related = relations::claims(&tokens, standing);
    if !related.is_empty() {
        return related;
    }
    attribute(&tokens).or_else(|| measured(line)).into_iter().collect()
}

fn without_leads(mut line: &str) -> &str {
    while let Some(rest) = LEADS.split('/').find_map(|lead| {
        let front = line.get(..lead.len())?;
        let rest = line.get(lead.len()..)?;
        let ends = rest.starts_with(' ') && front.eq_ignore_ascii_case(lead);
        ends.then_some(rest.trim_start())
    }) {
        line = rest;
    }
    line
}

/// `KEY=value`
fn assigned(line: &str) -> Option<Claim> {
    let line = line.trim_matches('`');
    let line = ["export ", "set ", "let ", "const "]
        .iter()
        .find_map(|word| line.strip_prefix(word))
        .unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.trim().trim_matches(['"', '\'', '`']));
    let named = name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    let one = !value.contains(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '`' | ','));
    let value = normal(value);
    (named && one && !value.is_empty()).then_some(())?;
    Some(Claim::new(of_phrase(name)?, value))
}

/// `Key: value`
fn keyed(line: &str) -> Option<Claim> {
    let (name, value) = line.split_once(": ")?;
    let key = of_phrase(name)?;
    let value = value_of(value, KEYED_WORDS_MAX)?;
    one_valued(&key, &value).then(|| Claim::new(key, value))
}

/// Whether an attribute has one value at a time: of what is plural there may be more, but
/// of its number there is one.
fn one_valued(key: &Key, value: &str) -> bool {
    !is_plural(&key.attribute) || value.starts_with(|c: char| c.is_ascii_digit())
}

/// The words of a sentence without adverbs, its verb as plain "is". `None` where it negates
/// something else than that.
fn tokens(line: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let words: Vec<&str> = line.split_whitespace().collect();
    for (at, raw) in words.iter().copied().enumerate() {
        let small = raw.trim_end_matches(',').to_lowercase();
        let next = words.get(at + 1).copied().unwrap_or_default();
        match small.as_str() {
            "no" if next == "longer" => continue,
            "don't" | "doesn't" if matches!(next, "use" | "uses") => continue,
            "do" | "does" if next == "not" => continue,
            "stop" | "stopped" if next == "using" => continue,
            "isn't" | "aren't" => {}
            negated if negated.ends_with("n't") => return None,
            "not" => {
                let verb = tokens.last().is_some_and(|token| token.small == "is");
                if verb || next == "use" {
                    continue;
                }
                // ", not 80" and "instead of" are the value's, see there.
                if !tokens.last().is_some_and(|token| token.raw.ends_with(',')) {
                    return None;
                }
            }
            "never" | "without" | "nor" | "neither" => return None,
            _ => {}
        }
        if ADVERBS.contains(small.as_str()) {
            continue;
        }
        if matches!(small.as_str(), "be" | "been") {
            let modals = tokens.iter().rev().take_while(|t| MODALS.contains(t.small.as_str()));
            let keep = tokens.len() - modals.count();
            tokens.truncate(keep);
        }
        let small = match small.as_str() {
            "be" | "been" | "are" | "isn't" | "aren't" => "is".to_owned(),
            _ => small,
        };
        tokens.push(Token { raw, small });
    }
    Some(tokens)
}

/// The words as they were written.
fn joined(tokens: &[Token<'_>]) -> String {
    tokens.iter().map(|token| token.raw).collect::<Vec<_>>().join(" ")
}

/// `The X is Y`, `Z's X is Y`: the subject is an attribute, the value one value.
fn attribute(tokens: &[Token<'_>]) -> Option<Claim> {
    let verb = tokens.iter().position(|token| token.small == "is").filter(|at| *at > 0)?;
    let subject = tokens.get(..verb)?;
    let value = joined(tokens.get(verb + 1..)?);
    let first = subject.first()?.small.as_str();
    let definite = matches!(first, "the" | "our" | "my")
        || subject.iter().any(|token| token.small.ends_with("'s") || token.small == "of");
    let key = of_phrase(&joined(subject))?;
    let head = HEADS.contains(key.attribute.as_str());
    let article = value.starts_with("a ") || value.starts_with("an ");
    // "The loading dock of hall 7 is dock 2": one of several of its kind.
    let typed = is_typed(&value) || is_spot(&value, &key.attribute);
    if article || !(head || (definite && typed)) {
        return None;
    }
    let value = value_of(&value, TYPED_WORDS_MAX)?;
    one_valued(&key, &value).then(|| Claim::new(key, value))
}

/// A sentence with one number, which has a unit: the rest of the sentence is the key. A
/// number without a unit may be a name ("PR 260"), and what is past was so once.
fn measured(line: &str) -> Option<Claim> {
    let mut words: Vec<String> = words(line).into_iter().map(|word| word.text).collect();
    let has_digit = |word: &String| word.contains(|c: char| c.is_ascii_digit());
    let place = words.iter().position(has_digit)?;
    let plain = words.get(place)?.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    let has_unit = words.get(place + 1).is_some_and(|word| unit(word).is_some());
    let one = words.iter().filter(|word| has_digit(word)).count() == 1;
    // "is archived" is so, "archived" was so.
    let passive = |word: &String| matches!(word.as_str(), "is" | "are" | "be" | "gets" | "get");
    let past = words.iter().any(|word| PAST.contains(word.as_str()))
        || words.windows(2).any(|pair| match pair {
            [before, word] => word.ends_with("ed") && !passive(before),
            _ => false,
        });
    if !plain || !has_unit || !one || past || words.len() < SENTENCE_WORDS_MIN {
        return None;
    }
    let value = std::mem::replace(words.get_mut(place)?, "_".to_owned());
    let attribute = words.join(" ");
    let key = Key { entity: String::new(), attribute, place: String::new() };
    Some(Claim { dated_only: true, ..Claim::new(key, value) })
}
