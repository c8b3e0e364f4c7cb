//! Characters that are the same character, written differently.
//!
//! This is the part of Unicode's canonical and compatibility forms that people's notes meet:
//! letters with their marks apart, full-width forms, the many dashes, quotes and spaces.
//! Superscripts and the like are left alone: `10²` is not `102`. So are the controls that
//! turn text around and the invisible tags, for a text that has them is not the same as one
//! that has not.

/// Marks that follow their letter, with letters and what the two are together.
const MARKS: [(char, &str); 12] = [
    ('\u{300}', "aàeèiìoòuùnǹwẁyỳ"),
    ('\u{301}', "aáeéiíoóuúyýcćlĺnńrŕsśwẃzźgǵkḱ"),
    ('\u{302}', "aâeêiîoôuûcĉgĝhĥjĵsŝwŵyŷzẑ"),
    ('\u{303}', "aãnñoõiĩuũeẽyỹ"),
    ('\u{304}', "aāeēiīoōuū"),
    ('\u{306}', "aăeĕgğiĭoŏuŭийуў"),
    ('\u{307}', "cċeėgġzżnṅ"),
    ('\u{308}', "aäeëiïoöuüyÿеёії"),
    ('\u{30a}', "aåuů"),
    ('\u{30b}', "oőuű"),
    ('\u{30c}', "cčdďeěnňrřsštťzžaǎiǐoǒuǔ"),
    ('\u{327}', "cçgģkķlļnņrŗsştţ"),
];

/// The text with one spelling for each character; case and words are kept.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last: Option<char> = None;
    for c in text.chars() {
        if is_unseen(c) {
            continue;
        }
        if let Some(whole) = last.and_then(|letter| compose(letter, c)) {
            out.pop();
            out.push(whole);
            last = Some(whole);
            continue;
        }
        let c = plain(c);
        out.push(c);
        last = Some(c);
    }
    out
}

/// A word in lower case.
pub(crate) fn lower(word: &str) -> String {
    // The Greek final sigma is the sigma.
    word.chars().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

fn compose(letter: char, mark: char) -> Option<char> {
    let (_, pairs) = MARKS.iter().find(|(one, _)| *one == mark)?;
    let small = only(letter.to_lowercase())?;
    let mut characters = pairs.chars();
    while let (Some(bare), Some(whole)) = (characters.next(), characters.next()) {
        if bare == small {
            let upper = letter != small;
            return if upper { only(whole.to_uppercase()) } else { Some(whole) };
        }
    }
    None
}

fn only(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

/// Whether a character takes no room and changes nothing: joiners, soft hyphens, variants.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
        || matches!(c, '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

fn plain(c: char) -> char {
    match c {
        // A full-width accent would become the mark of code.
        '\u{ff40}' => '\'',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2013}' | '\u{2212}' => '-',
        // A dash between two clauses is no hyphen.
        '\u{2014}' | '\u{2015}' => ' ',
        '‘' | '’' | '‚' | '‛' | '‹' | '›' | '′' | 'ʼ' => '\'',
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => '"',
        // One whose small form is the letter of another alphabet.
        '\u{212a}' => 'K',
        '\u{212b}' => 'Å',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_marks_are_one_letter() {
        assert_eq!(clean("Cafe\u{301} E\u{301} и\u{306}"), "Café É й");
        assert_eq!(clean("scho\u{308}n"), "schön");
        assert_ne!(clean("schön"), clean("schon"));
    }

    #[test]
    fn dashes_quotes_and_widths_have_one_form_and_the_unseen_is_gone() {
        assert_eq!(clean("５–１０ ‘a’ “b” −3"), "5-10 'a' \"b\" -3");
        assert_eq!(clean("a\u{200b}b\u{ad}c\u{fe0f}"), "abc");
    }

    #[test]
    fn what_changes_the_meaning_stays() {
        for text in ["10²", "a\u{202e}b", "a\u{e0041}", "½"] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn cleaning_twice_is_cleaning_once() {
        for text in ["K\u{327}", "İ\u{300}", "a\u{300}\u{301}", "‘‘“—", "ﬀ\u{301}"] {
            let once = clean(text);
            assert_eq!(clean(&once), once);
        }
        assert_eq!(lower("ΟΔΟΣ"), lower("οδος"));
    }
}
