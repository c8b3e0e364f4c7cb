//! What points at a person: e-mail addresses, telephone numbers, cards and bank accounts.

use super::{Span, before, follows, run};

/// Ends of file names that follow an `@` ("logo@2x.png").
const FILES: [&str; 8] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "css", "json"];
/// Users of programs, not people.
const PROGRAMS: [&str; 4] = ["git", "hg", "svn", "ssh"];
/// Words before a telephone number that is written without its country.
const PHONE_LABELS: [&str; 14] = [
    "tel",
    "tel.",
    "phone",
    "mobile",
    "cell",
    "fax",
    "telephone",
    "telefon",
    "handy",
    "mobil",
    "whatsapp",
    "téléphone",
    "teléfono",
    "telefono",
];
/// Countries and the length of their IBAN.
const IBANS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20\
    EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32\
    LI21LT20LU20LV21MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SE24\
    SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20";

/// Finds what points at a person.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    for (at, _) in text.match_indices('@') {
        spans.extend(email(text, at));
    }
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let begins = byte.is_ascii_digit() || byte.is_ascii_uppercase() || b"+(".contains(&byte);
        if at < from || !begins || follows(text, at, |b| b.is_ascii_alphanumeric() || b == b'_') {
            continue;
        }
        if let Some(span) = iban(text, at).or_else(|| card(text, at)).or_else(|| phone(text, at)) {
            from = span.range.end;
            spans.push(span);
        }
    }
}

fn email(text: &str, at: usize) -> Option<Span> {
    // Letters beyond the Latin ones are of a sentence without spaces.
    let is_user = |c: &char| {
        (c.is_alphanumeric() && *c < '\u{250}') || matches!(c, '.' | '_' | '%' | '+' | '-')
    };
    let user = before(text, at, 64).chars().rev().take_while(is_user);
    let user: usize = user.map(char::len_utf8).sum();
    let trimmed = text.get(at - user..at)?.trim_start_matches(['.', '-', '+', '%']);
    let start = at - trimmed.len();
    let end = run(text, at + 1, 255, |b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    let host = text.get(at + 1..end)?.trim_end_matches(['.', '-']);
    let (name, top) = host.rsplit_once('.')?;
    let fits = !trimmed.is_empty()
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && top.len() >= 2
        && top.bytes().all(|b| b.is_ascii_alphabetic())
        && !FILES.contains(&top.to_lowercase().as_str())
        && !PROGRAMS.contains(&trimmed);
    // In a URL it is the host's; its user is looked at with the URL.
    let word = before(text, start, 128).rsplit(char::is_whitespace).next().unwrap_or_default();
    let url = word.ends_with("://") || (word.ends_with(':') && word.contains("://"));
    (fits && !url).then_some(Span { range: start..at + 1 + host.len(), kind: "email" })
}

/// A card's number, which may be followed by other numbers.
fn card(text: &str, at: usize) -> Option<Span> {
    let mut number: Vec<u8> = Vec::new();
    let mut longest = None;
    let mut end = at;
    for (place, byte) in (at..).zip(text.as_bytes().get(at..)?) {
        if byte.is_ascii_digit() {
            number.push(byte - b'0');
            end = place + 1;
        } else if place != end || !b" -".contains(byte) {
            break;
        }
        if number.len() > 19 {
            break;
        }
        if place + 1 == end && is_card(&number) && ends(text, end) {
            longest = Some(end);
        }
    }
    longest.map(|end| Span { range: at..end, kind: "card" })
}

/// Whether a number is of a known brand and its length, and has its check digit.
fn is_card(number: &[u8]) -> bool {
    let first = |count: usize| {
        number.iter().take(count).fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit))
    };
    let length = number.len();
    let brand = match (first(1), first(2), first(4)) {
        (4, ..) => matches!(length, 13 | 16 | 19),
        (_, 51..=55, _) | (_, _, 2221..=2720) => length == 16,
        (_, 34 | 37, _) => length == 15,
        (_, 36 | 38, _) | (_, _, 3000..=3059) => length == 14,
        (_, 65, _) | (_, _, 6011 | 6440..=6499 | 3528..=3589) => length == 16,
        (_, 62, _) => (16..=19).contains(&length),
        _ => false,
    };
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (1, digit) if digit > 4 => digit * 2 - 9,
            (1, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    let same = number.iter().all(|digit| Some(digit) == number.first());
    brand && sum.is_multiple_of(10) && !same
}

/// Whether no word or number goes on at a place.
fn ends(text: &str, at: usize) -> bool {
    let mut rest = text.get(at..).unwrap_or_default().chars();
    match (rest.next(), rest.next()) {
        (Some('.' | ',' | '-'), Some(next)) => !next.is_ascii_digit(),
        (Some(next), _) => !(next.is_alphanumeric() || next == '_'),
        (None, _) => true,
    }
}

/// An IBAN: of a country's length, and with its check digits.
fn iban(text: &str, at: usize) -> Option<Span> {
    let country = text.get(at..at + 2).filter(|two| two.bytes().all(|b| b.is_ascii_uppercase()))?;
    let mut countries = (0..IBANS.len()).step_by(4).filter_map(|at| IBANS.get(at..at + 4));
    let length: usize =
        countries.find(|entry| entry.starts_with(country))?.get(2..)?.parse().ok()?;
    let mut characters = Vec::new();
    let mut end = at;
    for (offset, byte) in text.as_bytes().get(at..)?.iter().enumerate() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' => characters.push(*byte),
            b' ' if offset > 0 && at + offset == end => continue,
            _ => break,
        }
        end = at + offset + 1;
        if characters.len() == length {
            break;
        }
    }
    let check = characters.get(2..4)?.iter().all(u8::is_ascii_digit);
    let remainder =
        characters.iter().cycle().skip(4).take(characters.len()).fold(0, |sum, byte| match byte {
            b'A'..=b'Z' => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
            digit => (sum * 10 + u32::from(digit - b'0')) % 97,
        });
    (characters.len() == length && check && remainder == 1 && ends(text, end))
        .then_some(Span { range: at..end, kind: "iban" })
}

/// A telephone number: with its country, in the American form, or behind a word for it.
fn phone(text: &str, at: usize) -> Option<Span> {
    let rest = text.get(at..)?;
    let is_phone = |b: u8| b.is_ascii_digit() || b"+ ()-./".contains(&b);
    let end = run(text, at, 32, is_phone);
    let mut number = text.get(at..end)?;
    for mark in ["  ", "--", "..", "//", " +"] {
        number = number.split(mark).next().unwrap_or_default();
    }
    let count = |number: &str| number.bytes().filter(u8::is_ascii_digit).count();
    // What follows may be another number.
    while count(number) > 15 {
        number = number.rsplit_once(' ')?.0;
    }
    let number = number.trim_end_matches([' ', '(', '-', '.', '/', '+']);
    let (end, count) = (at + number.len(), count(number));
    let mark = number.get(1..)?.contains('+');
    if mark || !ends(text, end) || count < 7 {
        return None;
    }
    let country = rest.starts_with('+') && count >= 8 && number.matches('.').count() != 1;
    let shape: String = number.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let american = matches!(shape.as_str(), "000-000-0000" | "000.000.0000" | "(000) 000-0000");
    let labelled = || {
        let label = before(text, at, 24).trim_end_matches([':', ' ', '=']);
        let word = label.rsplit(|c: char| c.is_whitespace() || "(,;".contains(c)).next();
        word.is_some_and(|word| PHONE_LABELS.contains(&word.to_lowercase().as_str()))
    };
    (country || american || labelled()).then_some(Span { range: at..end, kind: "phone" })
}
