//! A text as a person would see it: in small letters, without what is not shown, and with
//! Latin letters for what only looks like them.
//!
//! Undone are characters without width, marks on letters, look-alikes of other scripts,
//! full-width, mathematical and circled letters, tags, and the escapes of HTML and JSON. An
//! apostrophe is left out, so that "don't" is one word.

/// Letters that look like a small Latin one, behind that one; marks on letters are among
/// them.
const ALIKE: [&str; 26] = [
    "aàáâãäåāăąǎạảаαɑ",
    "bьвßβ",
    "cçćčĉċсϲᴄ",
    "dďđԁɗ",
    "eèéêëēėęěĕẹеёεєҽ",
    "fƒ",
    "gğģĝġɡց",
    "hһħĥнհ",
    "iìíîïīįıĭіїιɩ",
    "jјĵ",
    "kкκķ",
    "lłļľĺӏⅼℓ",
    "mмⅿ",
    "nñńňņոп",
    "oòóôõöøōőŏọоοόօσ",
    "pрρ",
    "qԛ",
    "rřŕг",
    "sśšşșŝѕ",
    "tťţțтτ",
    "uùúûüūůűųŭυս",
    "vνѵ",
    "wԝŵω",
    "xхχ",
    "yуýÿŷγ",
    "zžźż",
];
/// Longer names of HTML's entities are not read.
const ENTITY_BYTES_MAX: usize = 10;

/// The text as it is shown.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((c, bytes)) = next(rest) {
        rest = rest.get(bytes..).unwrap_or_default();
        if !is_unseen(c) {
            out.extend(plain(c).to_lowercase().map(base).filter(|c| !is_unseen(*c)));
        }
    }
    out
}

/// The next character and the bytes it is written with.
fn next(text: &str) -> Option<(char, usize)> {
    let first = text.chars().next()?;
    let written = match first {
        '&' => entity(text),
        '\\' => escape(text),
        _ => None,
    };
    Some(written.unwrap_or((first, first.len_utf8())))
}

/// `&#73;`, `&lt;`
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(ENTITY_BYTES_MAX).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let code = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        },
        None => match name {
            "lt" => u32::from('<'),
            "gt" => u32::from('>'),
            "quot" => u32::from('"'),
            "amp" => u32::from('&'),
            "nbsp" => u32::from(' '),
            _ => return None,
        },
    };
    Some((char::from_u32(code)?, end + 1))
}

/// `\u0049`, `\n`
fn escape(text: &str) -> Option<(char, usize)> {
    match text.as_bytes().get(1)? {
        b'u' => {
            let code = u32::from_str_radix(text.get(2..6)?, 16).ok()?;
            char::from_u32(code).map(|c| (c, 6))
        }
        b'n' | b'r' => Some(('\n', 2)),
        b't' => Some((' ', 2)),
        b'"' => Some(('"', 2)),
        _ => None,
    }
}

fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{115f}' | '\u{1160}'
        | '\u{3164}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
        | '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\'' | '’' | '‘' | 'ʼ')
}

/// A letter of ASCII for one that is it in another shape.
fn plain(c: char) -> char {
    let code = u32::from(c);
    let letter = |index: u32| char::from_u32(u32::from('a') + index % 26).unwrap_or(c);
    match code {
        0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        0xe0020..=0xe007e => char::from_u32(code - 0xe0000).unwrap_or(c),
        // Thirteen mathematical alphabets of 52 letters, one after the other.
        0x1d400..=0x1d6a3 => letter(code - 0x1d400),
        0x24b6..=0x24e9 => letter(code - 0x24b6),
        0x249c..=0x24b5 => letter(code - 0x249c),
        0x1f130..=0x1f149 => letter(code - 0x1f130),
        0x1f150..=0x1f169 => letter(code - 0x1f150),
        0x1f170..=0x1f189 => letter(code - 0x1f170),
        0x3000 | 0x2000..=0x200a | 0xa0 | 0x202f | 0x205f => ' ',
        _ => c,
    }
}

fn base(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    ALIKE.iter().find(|row| row.contains(c)).and_then(|row| row.chars().next()).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_it_looks() {
        for (text, expected) in [
            ("ig\u{200b}no\u{ad}re\u{feff} don\u{2019}t", "ignore dont"),
            ("i\u{335}g\u{301}", "ig"),
            ("Ｉｇｎｏｒｅ \u{1d408}\u{1d420} ⒾⒼ", "ignore ig ig"),
            ("аll сritеriа", "all criteria"),
            ("\u{e0049}\u{e0067}", "ig"),
            ("Critères ERFÜLLT żółw", "criteres erfullt zolw"),
            ("&#73;&#x67;&lt;&bogus; &", "ig<&bogus; &"),
            ("\\u0049\\u0067\\nx \\\"q\\\" \\d", "ig\nx \"q\" \\d"),
            ("\\ud835 \\u12", "\\ud835 \\u12"),
            ("忽略", "忽略"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}
