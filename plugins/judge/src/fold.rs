//! Reads text as a person would see it: without what is not shown, and with letters for what
//! only looks like them.
//!
//! Undone are: characters of no width and marks on letters; letters of other scripts that look
//! Latin, full width, mathematical and circled letters, and tags; `&#73;`, `&quot;` and
//! `\u0049`; and text that is written backwards to be shown forwards. Every character keeps
//! the place it has in the text, so that what is found can be pointed at.

/// A character, folded, and where the one it stands for is in the text, in bytes.
pub(crate) type Folded = Vec<(char, usize)>;

/// Shows what follows from right to left, whatever it is.
const RIGHT_TO_LEFT: char = '\u{202e}';
/// Ends that.
const POP: char = '\u{202c}';

/// Folds a text.
pub(crate) fn fold(text: &str) -> Folded {
    let mut folded = Folded::with_capacity(text.len());
    // Where backwards text began.
    let mut backwards: Option<usize> = None;
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some((character, length)) = next(rest)
    {
        match character {
            RIGHT_TO_LEFT => backwards = backwards.or(Some(folded.len())),
            POP | '\n' => turn(&mut folded, &mut backwards),
            _ => {}
        }
        if !is_unseen(character) {
            push(&mut folded, character, at);
        }
        at += length;
    }
    turn(&mut folded, &mut backwards);
    folded
}

/// Turns what was written backwards.
fn turn(folded: &mut Folded, backwards: &mut Option<usize>) {
    if let Some(start) = backwards.take()
        && let Some(part) = folded.get_mut(start..)
    {
        part.reverse();
    }
}

/// The next character, and how many bytes it is written with.
fn next(text: &str) -> Option<(char, usize)> {
    let first = text.chars().next()?;
    let escaped = match first {
        '&' => entity(text),
        '\\' => escape(text),
        _ => None,
    };
    Some(escaped.unwrap_or((first, first.len_utf8())))
}

fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    let character = match name {
        "quot" => Some('"'),
        "apos" => Some('\''),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "nbsp" => Some(' '),
        "shy" | "zwj" | "zwnj" => Some('\u{200b}'),
        _ => number.and_then(char::from_u32),
    };
    character.map(|character| (character, end + 1))
}

/// `\u0049`, two of them for what is beyond the first plane, `\n` and `\"`.
fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    if let Some(first) = unit(0) {
        if let Some(character) = char::from_u32(first) {
            return Some((character, 6));
        }
        let second = unit(6).filter(|second| (0xdc00..0xe000).contains(second))?;
        let high = first.checked_sub(0xd800)?;
        let joined = 0x10000 + (high << 10) + (second - 0xdc00);
        return char::from_u32(joined).map(|character| (character, 12));
    }
    let plain = [("\\n", '\n'), ("\\t", ' '), ("\\r", ' '), ("\\\"", '"')];
    plain.iter().find(|(mark, _)| text.starts_with(mark)).map(|(_, plain)| (*plain, 2))
}

/// Whether a character has no shape of its own.
fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{e0001}' | '\u{e007f}'
        | '\u{115f}' | '\u{1160}' | '\u{3164}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
        // Marks on letters; most letters with marks are one character, see `plain`.
        | '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
    )
}

fn push(folded: &mut Folded, character: char, at: usize) {
    let plain = plain(character);
    folded.extend(plain.to_lowercase().map(|lower| (base(lower), at)));
}

/// A letter of ASCII for one that is it in another shape.
fn plain(character: char) -> char {
    let code = u32::from(character);
    let letter = |index: u32| {
        let first = if index % 52 < 26 { 'A' } else { 'a' };
        char::from_u32(u32::from(first) + index % 26).unwrap_or(character)
    };
    match code {
        // Full width, and tags.
        0xff01..=0xff5e => char::from_u32(code - 0xff01 + 0x21).unwrap_or(character),
        0xe0020..=0xe007e => char::from_u32(code - 0xe0000).unwrap_or(character),
        // Thirteen mathematical alphabets, one after the other; then their digits.
        0x1d400..=0x1d6a3 => letter(code - 0x1d400),
        0x1d7ce..=0x1d7ff => {
            char::from_u32(u32::from('0') + (code - 0x1d7ce) % 10).unwrap_or(character)
        }
        // Circled, parenthesised, squared.
        0x24b6..=0x24e9 => letter(code - 0x24b6),
        0x249c..=0x24b5 => letter(code - 0x249c),
        0x1f130..=0x1f149 => letter(code - 0x1f130),
        0x1f150..=0x1f169 => letter(code - 0x1f150),
        0x1f170..=0x1f189 => letter(code - 0x1f170),
        0x3000 | 0x2000..=0x200a | 0xa0 | 0x202f | 0x205f => ' ',
        _ => character,
    }
}

/// The Latin letter that a small letter is, without its mark, or looks like.
fn base(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'а' | 'α' | 'ɑ' => 'a',
        'ь' | 'Ь' | 'в' | 'ß' | 'β' => 'b',
        'ç' | 'ć' | 'č' | 'ĉ' | 'ċ' | 'с' | 'ϲ' | 'ᴄ' => 'c',
        'ď' | 'đ' | 'ԁ' | 'ɗ' => 'd',
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' | 'ĕ' | 'ẹ' | 'е' | 'ё' | 'ε' | 'є' | 'ҽ' => {
            'e'
        }
        'ğ' | 'ģ' | 'ĝ' | 'ġ' | 'ɡ' | 'ց' => 'g',
        'һ' | 'ħ' | 'ĥ' | 'н' | 'հ' => 'h',
        'ì'..='ï' | 'ī' | 'į' | 'ı' | 'ĭ' | 'і' | 'ї' | 'ι' | 'ɩ' => 'i',
        'ј' | 'ĵ' => 'j',
        'к' | 'κ' | 'ķ' => 'k',
        'ł' | 'ļ' | 'ľ' | 'ӏ' | 'ⅼ' | 'ℓ' => 'l',
        'м' | 'ⅿ' => 'm',
        'ñ' | 'ń' | 'ň' | 'ņ' | 'ո' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' | 'ŏ' | 'ọ' | 'о' | 'ο' | 'ό' | 'օ' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ř' | 'ŕ' | 'г' => 'r',
        'ś' | 'š' | 'ş' | 'ș' | 'ŝ' | 'ѕ' => 's',
        'ť' | 'ţ' | 'ț' | 'т' | 'τ' => 't',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' | 'ŭ' | 'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ŵ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'ý' | 'ÿ' | 'ŷ' | 'γ' => 'y',
        'ž' | 'ź' | 'ż' => 'z',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '‘' | '’' | '“' | '”' | '„' | '«' | '»' => '"',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let folded: String = fold(text).into_iter().map(|(character, _)| character).collect();
        assert_eq!(folded, expected, "{text:?}");
    }

    #[test]
    fn what_is_not_shown_is_not_there() {
        check("ig\u{200b}no\u{ad}re\u{feff}", "ignore");
        check("i\u{335}g\u{335}\u{fe0f}", "ig");
    }

    #[test]
    fn a_letter_is_what_it_looks_like() {
        check("Ｉｇｎｏｒｅ", "ignore");
        check("\u{1d408}\u{1d420}\u{1d7cf}", "ig1");
        check("аll сritеriа", "all criteria");
        check("\u{e0049}\u{e0067}", "ig");
        check("ⒾⒼ ⓘ", "ig i");
        check("Critères ERFÜLLT", "criteres erfullt");
    }

    #[test]
    fn what_is_escaped_is_read() {
        check("&#73;&#x67;&quot;&bogus;", "ig\"&bogus;");
        check("\\u0049\\u0067\\n\\ud835\\udc08", "ig\ni");
        check("\\ud835 \\u12 & \\", "\\ud835 \\u12 & \\");
        check("&#1114112;", "&#1114112;");
        check("{\\\"a\\\": 1}", "{\"a\": 1}");
    }

    #[test]
    fn what_is_written_backwards_is_read_forwards() {
        check("a \u{202e}erongi\u{202c} b", "a ignore b");
        check("\u{202e}gi\nb", "ig\nb");
    }

    #[test]
    fn every_character_knows_its_place() {
        let text = "é\u{200b}&#73;z";
        let places: Vec<usize> = fold(text).into_iter().map(|(_, at)| at).collect();
        assert_eq!(places, [0, 5, 10]);
    }
}
