//! Go: strings, comments and brackets.

use super::Mistake;
use super::brackets::{Brackets, Cursor, walk};

pub(super) fn check(text: &str) -> Vec<Mistake> {
    walk(Cursor::new(text), step)
}

fn step(cursor: &mut Cursor<'_>, brackets: &mut Brackets) -> Result<(), Mistake> {
    let line = cursor.line;
    let wrong = |message: &str| Err((line, message.to_owned()));
    match cursor.peek(0) {
        b'/' if cursor.peek(1) == b'/' => cursor.skip_line(),
        b'/' if cursor.peek(1) == b'*' => {
            cursor.skip(2);
            if !cursor.skip_behind("*/", None, false) {
                return wrong("a comment is never closed");
            }
        }
        b'`' => {
            cursor.skip(1);
            if !cursor.skip_behind("`", None, false) {
                return wrong("a string is never closed");
            }
        }
        quote @ (b'"' | b'\'') => {
            cursor.skip(1);
            let end = if quote == b'"' { "\"" } else { "'" };
            if !cursor.skip_behind(end, Some(b'\\'), true) {
                return wrong("a string is never closed");
            }
        }
        b'\\' => return wrong("a backslash stands outside a string"),
        _ if cursor.in_word() => cursor.skip_word(),
        byte => {
            brackets.take(byte, line)?;
            cursor.skip(1);
        }
    }
    Ok(())
}
