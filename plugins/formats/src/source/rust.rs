//! Rust: strings, characters, comments and brackets.

use super::Mistake;
use super::brackets::{Brackets, Cursor, walk};

pub(super) fn check(text: &str) -> Vec<Mistake> {
    let mut cursor = Cursor::new(text);
    if text.starts_with("#!") && !text.starts_with("#![") {
        cursor.skip_line();
    }
    walk(cursor, step)
}

fn step(cursor: &mut Cursor<'_>, brackets: &mut Brackets) -> Result<(), Mistake> {
    let line = cursor.line;
    let wrong = |message: &str| Err((line, message.to_owned()));
    match cursor.peek(0) {
        b'/' if cursor.peek(1) == b'/' => cursor.skip_line(),
        b'/' if cursor.peek(1) == b'*' => {
            if !skip_comment(cursor) {
                return wrong("a comment is never closed");
            }
        }
        b'"' => {
            cursor.skip(1);
            if !cursor.skip_behind("\"", Some(b'\\'), false) {
                return wrong("a string is never closed");
            }
        }
        b'\'' => {
            if !skip_quote(cursor) {
                return wrong("a character is never closed");
            }
        }
        byte @ (b'\\' | b'`') => {
            let shown = char::from(byte);
            return Err((line, format!("`{shown}` stands outside a string")));
        }
        _ if cursor.in_word() => {
            if !skip_word(cursor) {
                return wrong("a string is never closed");
            }
        }
        byte => {
            brackets.take(byte, line)?;
            cursor.skip(1);
        }
    }
    Ok(())
}

/// Goes on behind a comment, in which others may stand.
fn skip_comment(cursor: &mut Cursor<'_>) -> bool {
    let mut open = 0usize;
    while !cursor.is_end() {
        if cursor.starts_with("/*") {
            open += 1;
            cursor.skip(2);
        } else if cursor.starts_with("*/") {
            open -= 1;
            cursor.skip(2);
            if open == 0 {
                return true;
            }
        } else {
            cursor.skip(1);
        }
    }
    false
}

/// Goes on behind a character, or the quote and name of a lifetime.
fn skip_quote(cursor: &mut Cursor<'_>) -> bool {
    cursor.skip(1);
    match cursor.peek(0) {
        b'\\' => {
            cursor.skip(2);
            cursor.skip_behind("'", None, true)
        }
        first => {
            // How long the character is, in UTF-8.
            let length = match first {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            if cursor.peek(length) == b'\'' {
                cursor.skip(length + 1);
                return true;
            }
            let is_name = cursor.in_word() && !first.is_ascii_digit();
            cursor.skip_word();
            is_name
        }
    }
}

/// Goes on behind a word, and the string it may begin: `r#"…"#`, `b"…"`, `b'…'`.
fn skip_word(cursor: &mut Cursor<'_>) -> bool {
    let (from, word) = (cursor.at, cursor.peek(0));
    let raw = ["br", "cr", "r"].iter().find(|prefix| cursor.starts_with(prefix));
    if let Some(prefix) = raw {
        let mut hashes = 0;
        while cursor.peek(prefix.len() + hashes) == b'#' {
            hashes += 1;
        }
        if cursor.peek(prefix.len() + hashes) == b'"' {
            cursor.skip(prefix.len() + hashes + 1);
            return cursor.skip_behind(&format!("\"{}", "#".repeat(hashes)), None, false);
        }
    }
    cursor.skip_word();
    let is_byte = cursor.at == from + 1 && cursor.peek(0) == b'\'';
    if is_byte && word == b'b' {
        return skip_quote(cursor);
    }
    true
}
