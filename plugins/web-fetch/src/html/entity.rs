//! Character references: `&amp;`, `&#8211;`, `&#x2013;`.

use crate::charset::WINDOWS_1252;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The characters from U+00A0 to U+00FF. They and [`OLD`] are known without a semicolon, too.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg \
    macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 \
    iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave \
    Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc \
    Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc \
    euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml";

/// Names that are older than the semicolon.
const OLD: [(&str, char); 10] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
    ("COPY", '©'),
    ("REG", '®'),
];

/// The other names of HTML 4 and those of HTML 5 that pages use, each with its character.
const OTHERS: &str = "apos ' OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ fnof ƒ circ ˆ tilde ˜ \
    Alpha Α Beta Β Gamma Γ Delta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ Lambda Λ Mu Μ \
    Nu Ν Xi Ξ Omicron Ο Pi Π Rho Ρ Sigma Σ Tau Τ Upsilon Υ Phi Φ Chi Χ Psi Ψ Omega Ω \
    alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ \
    nu ν xi ξ omicron ο pi π rho ρ sigmaf ς sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω \
    thetasym ϑ upsih ϒ piv ϖ ndash – mdash — horbar ― lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” \
    bdquo „ dagger † Dagger ‡ bull • hellip … permil ‰ prime ′ Prime ″ lsaquo ‹ rsaquo › oline ‾ \
    frasl ⁄ euro € image ℑ weierp ℘ real ℜ trade ™ alefsym ℵ larr ← uarr ↑ rarr → darr ↓ harr ↔ \
    crarr ↵ lArr ⇐ uArr ⇑ rArr ⇒ dArr ⇓ hArr ⇔ forall ∀ part ∂ exist ∃ empty ∅ nabla ∇ isin ∈ \
    notin ∉ ni ∋ prod ∏ sum ∑ minus − lowast ∗ radic √ prop ∝ infin ∞ ang ∠ and ∧ or ∨ cap ∩ \
    cup ∪ int ∫ there4 ∴ sim ∼ cong ≅ asymp ≈ ne ≠ equiv ≡ le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ \
    supe ⊇ oplus ⊕ otimes ⊗ perp ⊥ sdot ⋅ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lang ⟨ rang ⟩ loz ◊ \
    spades ♠ clubs ♣ hearts ♥ diams ♦ check ✓ cross ✗ star ☆ starf ★ phone ☎ hyphen ‐ dash ‐ \
    excl ! num # dollar $ percnt % lpar ( rpar ) ast * plus + comma , period . sol / colon : \
    semi ; equals = quest ? commat @ lsqb [ lbrack [ bsol \\ rsqb ] rbrack ] Hat ^ lowbar _ \
    grave ` lcub { lbrace { verbar | vert | rcub } rbrace }";

/// Names of white space and of marks that nobody sees.
const UNSEEN: [(&str, char); 10] = [
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("hairsp", '\u{200a}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
];

/// The longest name, in bytes.
const NAME_MAX: usize = 8;

/// What the names stand for, and whether each is known without a semicolon.
fn names() -> &'static HashMap<&'static str, (char, bool)> {
    static NAMES: OnceLock<HashMap<&str, (char, bool)>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let latin = LATIN.split_ascii_whitespace().zip('\u{a0}'..='\u{ff}');
        let old = latin.chain(OLD).map(|(name, character)| (name, (character, true)));
        let mut words = OTHERS.split_ascii_whitespace();
        let others = std::iter::from_fn(|| Some((words.next()?, words.next()?.chars().next()?)));
        let new = others.chain(UNSEEN).map(|(name, character)| (name, (character, false)));
        old.chain(new).collect()
    })
}

/// The text with characters in the place of their references. What is none stays as it is.
///
/// In an attribute `&copy=1` is a part of an address, and no copyright sign.
#[must_use]
pub(super) fn decode(text: &str, in_attribute: bool) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let (before, mut rest) = text.split_at(first);
    let mut out = before.to_owned();
    while let Some(after) = rest.strip_prefix('&') {
        match reference(after, in_attribute) {
            Some((character, length)) => {
                out.push(character);
                rest = after.get(length..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
        let plain = rest.find('&').unwrap_or(rest.len());
        let (plain, next) = rest.split_at(plain);
        out.push_str(plain);
        rest = next;
    }
    Cow::Owned(out)
}

/// The character that is meant by what follows an ampersand, and how many bytes that is.
fn reference(after: &str, in_attribute: bool) -> Option<(char, usize)> {
    if let Some(number) = after.strip_prefix('#') {
        return numeric(number).map(|(character, length)| (character, length + 1));
    }
    let length = after.bytes().take(NAME_MAX).take_while(u8::is_ascii_alphanumeric).count();
    let name = after.get(..length)?;
    if after.get(length..)?.starts_with(';')
        && let Some((character, _)) = names().get(name)
    {
        return Some((*character, length + 1));
    }
    let known = |length: &usize| {
        names().get(name.get(..*length)?).filter(|(_, old)| *old).map(|(c, _)| (*c, *length))
    };
    let (character, length) = (2..=length).rev().find_map(|length| known(&length))?;
    let next = after.get(length..)?.chars().next();
    let goes_on = next.is_some_and(|c| c == '=' || c.is_ascii_alphanumeric());
    (!in_attribute || !goes_on).then_some((character, length))
}

fn numeric(text: &str) -> Option<(char, usize)> {
    let (digits, radix, before) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (text, 10, 0),
    };
    let count = digits.chars().take_while(|c| c.is_digit(radix)).count();
    let digits = digits.get(..count).filter(|digits| !digits.is_empty())?;
    let semicolon = text.get(before + count..)?.starts_with(';');
    // One that is too large for a number is too large for a character.
    let code = u32::from_str_radix(digits, radix).unwrap_or(u32::MAX);
    let character = match code {
        0x80..=0x9f => {
            let place = usize::try_from(code - 0x80).ok()?;
            WINDOWS_1252.get(place).copied().unwrap_or('\u{fffd}')
        }
        0 => '\u{fffd}',
        code => char::from_u32(code).unwrap_or('\u{fffd}'),
    };
    Some((character, before + count + usize::from(semicolon)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_become_characters() {
        let cases = [
            ("a &amp; b &lt;c&gt;", "a & b <c>"),
            ("&eacute;&Eacute;&szlig;&yuml;", "éÉßÿ"),
            ("&nbsp;&#160;&#xA0;", "\u{a0}\u{a0}\u{a0}"),
            ("&mdash;&hellip;&euro;&alpha;&Omega;", "—…€αΩ"),
            ("&thetasym;&lbrace;&lsqb;&bsol;&apos;", "ϑ{[\\'"),
            ("&#8211;&#x2013;&#X2013;", "–––"),
            ("&#150;&#x80;", "–€"),
            ("&#0;&#xd800;&#x110000;&#99999999999;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("&ltx &copy 2026 &notit;", "<x © 2026 ¬it;"),
            ("&mdash &bogus; & &; &# &#; &#x; &a", "&mdash &bogus; & &; &# &#; &#x; &a"),
            ("&amp;lt;", "&lt;"),
            ("&é", "&é"),
        ];
        for (text, expected) in cases {
            assert_eq!(decode(text, false), expected, "{text}");
        }
        assert!(matches!(decode("plain", false), Cow::Borrowed("plain")));
    }

    #[test]
    fn an_address_is_not_taken_for_a_reference() {
        assert_eq!(decode("?a=1&copy=2&lt=3&amp;d=4", true), "?a=1&copy=2&lt=3&d=4");
        assert_eq!(decode("?a=1&copy", true), "?a=1©");
    }

    #[test]
    fn every_name_stands_for_one_character() {
        let (mut latin, mut words) =
            (LATIN.split_ascii_whitespace(), OTHERS.split_ascii_whitespace());
        assert_eq!(latin.clone().count(), 96);
        assert!(latin.all(|name| name.len() <= NAME_MAX));
        while let Some(name) = words.next() {
            assert!(name.len() <= NAME_MAX, "{name}");
            assert_eq!(words.next().unwrap().chars().count(), 1, "{name}");
        }
        let count = 96 + OLD.len() + OTHERS.split_ascii_whitespace().count() / 2 + UNSEEN.len();
        assert_eq!(names().len(), count, "no name is there twice");
    }
}
