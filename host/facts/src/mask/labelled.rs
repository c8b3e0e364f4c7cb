//! Values that their label calls secret: `PASSWORD=…`, `"api_key": "…"`, "password is …".

use super::{Span, is_token, run};
use crate::lists::{Words, set};

/// How labels end that name something secret, without separators and in lower case.
const SECRETS: [&str; 16] = [
    "secret",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "accountkey",
    "authkey",
    "sharedkey",
    "masterkey",
    "licensekey",
    "credential",
    "credentials",
    "sharedaccesssignature",
];
const PASSWORDS: [&str; 20] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
    "contraseña",
    "contrasena",
    "motdepasse",
    "senha",
    "wachtwoord",
    "hasło",
    "haslo",
    "пароль",
    "密码",
    "口令",
    "パスワード",
    "비밀번호",
    "암호",
];
/// Words before "key" that make it a secret one: "api key".
static KEYS: Words = set!("api access secret private signing encryption license master shared");
/// Values that are none.
static NO_VALUES: Words = set!(
    "null none nil true false undefined string str bool int required optional redacted hidden \
     masked changeme placeholder empty missing invalid incorrect wrong expired unset default \
     unknown reset stored protected prompt yes no the your my a an not is are must should see"
);
/// Longer labels and values are something else.
const LABEL_BYTES_MAX: usize = 64;
const VALUE_BYTES_MAX: usize = 512;
const PASSWORD_BYTES_MIN: usize = 4;
const SECRET_BYTES_MIN: usize = 8;

/// How a value is joined to its label.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    /// `key=value`, `"key": "value"`: nothing but a value can follow.
    Tight,
    /// `key: value`, `--key value`
    Loose,
    /// "the key is value"
    Said,
}

/// Finds values whose label calls them secret.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut start = None;
    let mut before = "";
    let ends = text.char_indices().map(|(at, c)| (at, is_label(c)));
    for (at, inside) in ends.chain([(text.len(), false)]) {
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = text.get(from..at).unwrap_or_default();
                if let Some(kind) = kind_of(word, before) {
                    let flag = word.starts_with("--");
                    spans.extend(value(text, at, kind, flag));
                } else {
                    spans.extend(authorization(text, at, word, before));
                }
                before = word;
                start = None;
            }
            _ => {}
        }
    }
}

fn is_label(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// What a label calls its value.
fn kind_of(label: &str, before: &str) -> Option<&'static str> {
    if label.len() > LABEL_BYTES_MAX {
        return None;
    }
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let label = plain(label);
    if PASSWORDS.iter().any(|end| label.ends_with(end)) {
        return Some("password");
    }
    let key = label == "key" && before.len() <= LABEL_BYTES_MAX && KEYS.contains(&*plain(before));
    (key || SECRETS.iter().any(|end| label.ends_with(end))).then_some("secret")
}

/// "Bearer …" and "Authorization: Basic …".
fn authorization(text: &str, at: usize, word: &str, before: &str) -> Option<Span> {
    let basic = word.eq_ignore_ascii_case("basic") && before.eq_ignore_ascii_case("authorization");
    if !basic && !word.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let start = text.get(at..)?.starts_with(' ').then_some(at + 1)?;
    let end = run(text, start, VALUE_BYTES_MAX, |b| is_token(b) || b".+/=~".contains(&b));
    let value = text.get(start..end)?.trim_end_matches('.');
    let drawn = value.len() >= 12 && value.contains(|c: char| c.is_ascii_digit() || c == '=');
    drawn.then(|| Span { range: start..start + value.len(), kind: "secret" })
}

/// The value behind a label that ends at `at`.
fn value(text: &str, at: usize, kind: &'static str, flag: bool) -> Option<Span> {
    let (start, join) = joined(text, at, flag)?;
    let rest = text.get(start..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let (start, rest) = match quote {
        Some(quote) => (start + quote.len_utf8(), rest.get(quote.len_utf8()..)?),
        None => (start, rest),
    };
    let limit = rest.char_indices().take(VALUE_BYTES_MAX).find(|(_, c)| match quote {
        Some(quote) => *c == quote || matches!(c, '\n' | '\\'),
        None => c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '`' | '&' | '<' | '|'),
    });
    let closed = limit.is_some();
    let value = rest.get(..limit.map_or(rest.len(), |(end, _)| end))?;
    let value = match quote {
        Some(_) => value,
        None => value.trim_end_matches(['.', ')', ']', '}', ':']),
    };
    let quoted = quote.is_some() && closed && join != Join::Said;
    if value.len() > VALUE_BYTES_MAX {
        return None;
    }
    let fits = is_value(value, kind, join, quoted);
    // The last word of a line that a password's label begins is the password.
    let alone = join == Join::Loose
        && kind == "password"
        && rest.get(value.len()..).is_some_and(|tail| {
            let tail = tail.trim_start_matches(['.', '!', ' ', '\r']);
            tail.is_empty() || tail.starts_with('\n')
        })
        && is_value(value, kind, Join::Tight, quoted);
    (fits || alone).then(|| Span { range: start..start + value.len(), kind })
}

/// Where the value begins, and how it is joined.
fn joined(text: &str, at: usize, flag: bool) -> Option<(usize, Join)> {
    let rest = text.get(at..)?;
    // A quote, escaped or not, or emphasis may close the label.
    let closed = rest.trim_start_matches(['"', '\'', '`', '*', '\\', ']']);
    let spaced = closed.trim_start_matches([' ', '\t']);
    let of = |tail: &str| text.len() - tail.len();
    let skip = |tail: &str| of(tail.trim_start_matches([' ', '\t', '\\', '*']));
    let tight = closed.len() < rest.len();
    if let Some(tail) = spaced.strip_prefix("=>").or_else(|| spaced.strip_prefix(":=")) {
        return Some((skip(tail), Join::Loose));
    }
    if let Some(tail) = spaced.strip_prefix('=').filter(|tail| !tail.starts_with('=')) {
        let glued = spaced.len() == closed.len() && !tail.starts_with(' ');
        return Some((skip(tail), if glued || tight { Join::Tight } else { Join::Loose }));
    }
    if let Some(tail) = spaced.strip_prefix([':', '：']) {
        return Some((skip(tail), if tight { Join::Tight } else { Join::Loose }));
    }
    for word in [" is ", " was ", " ist ", " est ", " es "] {
        if let Some(tail) = rest.strip_prefix(word) {
            return Some((skip(tail), Join::Said));
        }
    }
    (flag && rest.starts_with(' ')).then(|| (skip(rest), Join::Loose))
}

/// Whether a text behind a label is a value, and no reference, program or prose.
fn is_value(value: &str, kind: &str, join: Join, quoted: bool) -> bool {
    let small = value.to_lowercase();
    let least = if kind == "password" { PASSWORD_BYTES_MIN } else { SECRET_BYTES_MIN };
    let mut distinct: Vec<char> = small.chars().take(32).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let reference = value.starts_with(['$', '{', '<', '%', '[', '(', '/', '~', '-', '='])
        || ["./", "../", "env.", "process.env", "os.environ", "secrets."]
            .iter()
            .any(|start| small.starts_with(start))
        || value.contains("://")
        || value.contains('(');
    if value.len() < least
        || distinct.len() < 3
        || reference
        || NO_VALUES.contains(small.as_str())
        || small.starts_with("your")
    {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let number = digits == value.len();
    let symbol = value.contains(|c: char| "!@#$%^&*+=?~".contains(c));
    match (kind, join) {
        // A number behind "token" counts or names something.
        (_, Join::Tight) => kind == "password" || !number,
        _ if quoted => kind == "password" || !number,
        ("password", _) => digits > 0 || symbol,
        _ => !number && (digits > 0 || symbol),
    }
}
