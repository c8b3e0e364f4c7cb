//! What a noun phrase names: "the staging host's port", "port of the staging host" and
//! "Staging host port" are one attribute of one entity.

use std::collections::BTreeSet;

use crate::dates;
use crate::lists::{GENERIC, SERIES, Words, set};
use crate::words::{Word, words};

/// Longer phrases are prose.
const WORDS_MAX: usize = 6;
/// Words that say which of several in time is meant: the one that holds.
static PRESENT: Words = set!("the a an our current new now latest present actual today's");
/// Phrases with these are no names of attributes.
static NO_NAMES: Words = set!(
    "and or not no if when while because it this that there here he she they we you i which who \
     what is are was were be been has have had do does did will to from with without than but \
     former old previous last next other another every each all any some"
);
/// Words that label what follows instead of naming an attribute.
static LABELS: Words = set!(
    "rule tip tips note notes todo warning example examples lesson see source sources remember \
     important question answer idea fact observation hint fix bug error problem solution reason \
     caution update summary insight result step eg e.g i.e correction fyi reminder ps edit \
     decision conclusion takeaway context goal task plan http https"
);
/// Words in front of where something holds.
const PLACES: [&str; 5] = ["for", "in", "on", "at", "during"];
/// Words that end like a plural and are none, or of which there is one number.
static SINGULAR: Words = set!(
    "dns https aws sms os gps tls css status address alias basis analysis series address access \
     progress process business class bus canvas focus axis this sales news kubernetes"
);

/// What a fact is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) entity: String,
    pub(crate) attribute: String,
    /// Where it holds, by its own words.
    pub(crate) place: String,
}

/// The key that a noun phrase names, if it is one.
pub(crate) fn of_phrase(phrase: &str) -> Option<Key> {
    let mut parts: Vec<String> = Vec::new();
    for Word { text, code, .. } in words(phrase) {
        if code && text.contains(' ') {
            return None;
        }
        parts.push(text.trim_matches('`').to_owned());
    }
    let place = parts.iter().skip(1).position(|word| PLACES.contains(&word.as_str()));
    let place = place.map(|at| parts.split_off(at + 1)).unwrap_or_default();
    let place = place.get(1..).unwrap_or_default().to_vec();
    let parts: Vec<String> = parts.into_iter().filter(|w| !PRESENT.contains(w.as_str())).collect();
    let place: Vec<String> = place.into_iter().filter(|w| !PRESENT.contains(w.as_str())).collect();
    let fits = |words: &[String]| {
        words.len() <= WORDS_MAX
            && words.iter().all(|word| !NO_NAMES.contains(word.as_str()) && !has_symbol(word))
    };
    if !fits(&parts) || !fits(&place) || parts.iter().any(|word| LABELS.contains(word.as_str())) {
        return None;
    }
    // "port of the host" is the host's port.
    let mut name: Vec<String> =
        parts.split(|word| word == "of").rev().flatten().map(|word| bare(word)).collect();
    if let [one] = name.as_slice() {
        name = one.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    }
    let attribute = name.pop().filter(|word| word.contains(char::is_alphanumeric))?;
    Some(Key { entity: name.join(" "), attribute, place: place.join(" ") })
}

fn has_symbol(word: &str) -> bool {
    word.contains(['/', '?', '<', '>', '=', '~', '|', '(', '"'])
}

/// A word without a genitive.
fn bare(word: &str) -> String {
    word.strip_suffix("'s").unwrap_or(word).trim_end_matches('\'').to_owned()
}

/// Whether an attribute may have several values at once, by its name.
pub(crate) fn is_plural(attribute: &str) -> bool {
    let ends = attribute.ends_with('s') && !attribute.ends_with("ss") && !attribute.ends_with("us");
    ends && attribute.len() > 3 && !SINGULAR.contains(attribute)
}

/// What headings say an entry is about: those that frame nothing in particular are left
/// out. Innermost last.
pub(crate) fn of_headings(headings: &[String]) -> Vec<String> {
    let names = headings.iter().map(|heading| {
        let all: Vec<String> =
            words(heading).into_iter().map(|word| bare(word.text.trim_matches('`'))).collect();
        if all == ["a"] {
            // One of "A", "B" and "C", not an article.
            return all;
        }
        all.into_iter().filter(|word| !PRESENT.contains(word.as_str())).collect::<Vec<_>>()
    });
    names.filter(|words| !frames_nothing(words)).map(|words| words.join(" ")).collect()
}

/// Whether words name nothing in particular: "Notes" does not, nor does "Notes 7", whereas
/// "Project 7" is one of several projects.
fn frames_nothing(words: &[String]) -> bool {
    let series = |word: &str| SERIES.contains(word);
    let number = |word: &str| {
        let digits = word.trim_start_matches('#');
        digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '/' | '-'))
    };
    words.iter().all(|word| GENERIC.contains(word.as_str()))
        || words.iter().any(|word| series(word))
            && words.iter().all(|word| series(word) || number(word))
}

/// What stands around a text and says what it is about, outermost first: the name of its
/// memory and its headings, without those that frame nothing in particular ("Notes",
/// "Notes 7", a date).
///
/// The same words mean the same only in equal frames: "prefers tea" in `/people/ann.md` and
/// in `/people/bob.md` is two facts, and so is "port: 80" under "Staging" and "Production".
///
/// ```
/// use lucid_facts::frame;
/// let notes = ["Notes 7 (2026-04-02)".to_owned()];
/// assert_eq!(frame("/notes/001.md", &notes), frame("/a.md", &[]));
/// assert_ne!(frame("/people/ann.md", &[]), frame("/people/bob.md", &[]));
/// ```
#[must_use]
pub fn frame(path: &str, headings: &[String]) -> Vec<String> {
    let titles: Vec<String> = headings.iter().map(|title| dates::of_heading(title).0).collect();
    let mut names = of_headings(&titles);
    let path = path.strip_suffix(".md").unwrap_or(path).replace(['/', '-', '_', '.'], " ");
    let mut path: Vec<String> = path.split_whitespace().map(str::to_lowercase).collect();
    let is_long = |word: &String| {
        word.chars().nth(1).is_some() || word.contains(|c: char| c.is_ascii_digit())
    };
    if !names.is_empty() {
        // `/machines-a.md` and `/machines-b.md` are two parts of one list of mills.
        path.retain(is_long);
    }
    let known: BTreeSet<&str> = names.iter().flat_map(|name| name.split(' ')).collect();
    let says_more = path.iter().any(|word| !known.contains(word.as_str()));
    let names_one =
        path.iter().any(is_long) && path.iter().any(|w| w.contains(char::is_alphabetic));
    if says_more && names_one && !frames_nothing(&path) {
        names.insert(0, path.join(" "));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(phrase: &str, expected: Option<(&str, &str, &str)>) {
        let key = of_phrase(phrase);
        let key = key.as_ref();
        let key = key.map(|k| (k.entity.as_str(), k.attribute.as_str(), k.place.as_str()));
        assert_eq!(key, expected, "{phrase}");
    }

    #[test]
    fn one_attribute_has_one_key_however_it_is_named() {
        for phrase in [
            "the staging host's port",
            "Port of the staging host",
            "Staging host port",
            "**Staging host** port",
            "our current staging host port",
        ] {
            check(phrase, Some(("staging host", "port", "")));
        }
        check("Port", Some(("", "port", "")));
        check("server.port", Some(("server", "port", "")));
        check("the owner of the name of the repo", Some(("repo name", "owner", "")));
        check("the limit for uploads", Some(("", "limit", "uploads")));
        check("timeout_ms", Some(("", "timeout_ms", "")));
    }

    #[test]
    fn names_that_differ_in_a_letter_are_two() {
        assert_ne!(of_phrase("the CEO of Acme"), of_phrase("the CTO of Acme"));
        assert_ne!(of_phrase("Acme's port"), of_phrase("\u{410}cme's port"));
        assert_ne!(of_phrase("PR 260 owner"), of_phrase("PR 480 owner"));
    }

    #[test]
    fn prose_labels_and_pronouns_name_nothing() {
        for phrase in
            ["It", "What we did", "Tip", "https", "Ann and Bob", "if it rains", "", "a/b", "the"]
        {
            check(phrase, None);
        }
    }

    #[test]
    fn headings_that_frame_nothing_are_left_out() {
        let headings = ["Notes", "# Staging host", "What we learned"].map(str::to_owned);
        assert_eq!(of_headings(&headings), ["staging host"]);
        for title in ["Notes 7", "Log #12", "Session 2026/04", "Daily notes 3", "The latest notes"]
        {
            assert!(of_headings(&[title.to_owned()]).is_empty(), "{title}");
        }
        for title in ["Project 7", "Team 1 notes", "Mill 5", "7", "A", "B"] {
            assert_eq!(of_headings(&[title.to_owned()]), [title.to_lowercase()]);
        }
    }

    #[track_caller]
    fn framed(path: &str, titles: &[&str], expected: &[&str]) {
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        assert_eq!(frame(path, &titles), expected, "{path} {titles:?}");
    }

    #[test]
    fn a_memorys_name_and_its_headings_frame_what_stands_below() {
        framed("/people/ann.md", &[], &["people ann"]);
        framed("/people/ann.md", &["Preferences"], &["people ann"]);
        framed("/people/ann.md", &["Travel"], &["people ann", "travel"]);
        framed("/staging.md", &["Staging", "API"], &["staging", "api"]);
        framed("/site-3.md", &["Notes"], &["site 3"]);
        framed("/machine-a.md", &[], &["machine a"]);
        framed("/project/7/notes.md", &[], &["project 7 notes"]);
    }

    #[test]
    fn names_of_series_and_of_days_frame_nothing() {
        for path in ["/a.md", "/b.md", "/notes.md", "/notes/001.md", "/2026-04-02.md", "/7.md"] {
            framed(path, &[], &[]);
            framed(path, &["Notes 7", "Log 2026-04-02"], &[]);
            framed(path, &["Mill 5"], &["mill 5"]);
        }
        framed("/machines-a.md", &["Mill 5"], &["machines", "mill 5"]);
        framed("/machines-b.md", &["Mill 5"], &["machines", "mill 5"]);
        framed("/site-3.md", &["Travel"], &["site 3", "travel"]);
    }

    #[test]
    fn plurals_are_known_by_their_end() {
        assert!(is_plural("reviewers") && is_plural("tags"));
        assert!(!is_plural("address") && !is_plural("status") && !is_plural("dns"));
    }
}
