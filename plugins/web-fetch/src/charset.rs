//! From the bytes of a page to its characters.

/// What the bytes 0x80 to 0x9f are in Windows-1252; the five that are nothing stay themselves.
pub const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// So many bytes of a page are looked at for what it says of itself.
const HEAD_BYTES: usize = 1_024;

/// The bytes as text.
///
/// A mark at the start decides, then `label`, which is what the server says, then what an HTML
/// page says of itself. Where nobody says anything it is UTF-8, or else Windows-1252, as in
/// browsers. Bytes that stand for nothing become U+FFFD.
///
/// # Errors
/// The name of an encoding that is not read.
pub fn decode(bytes: &[u8], label: Option<&str>, is_html: bool) -> Result<String, String> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return Ok(String::from_utf8_lossy(rest).into_owned()),
        [0xfe, 0xff, rest @ ..] => return Ok(utf_16(rest, u16::from_be_bytes)),
        [0xff, 0xfe, rest @ ..] => return Ok(utf_16(rest, u16::from_le_bytes)),
        _ => {}
    }
    // A page that is read as ASCII so far and says UTF-16 is mistaken.
    let own =
        if is_html { declared(bytes).filter(|name| !name.starts_with("utf-16")) } else { None };
    let Some(name) = label.map(str::to_ascii_lowercase).or(own) else {
        return Ok(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            // What was cut off within a character is no other encoding.
            Err(error) if error.error_len().is_none() => {
                String::from_utf8_lossy(bytes).into_owned()
            }
            Err(_) => windows_1252(bytes),
        });
    };
    match name.as_str() {
        "utf-8" | "utf8" => Ok(String::from_utf8_lossy(bytes).into_owned()),
        "us-ascii" | "ascii" | "iso-8859-1" | "iso8859-1" | "latin1" | "windows-1252"
        | "cp1252" => Ok(windows_1252(bytes)),
        "utf-16be" => Ok(utf_16(bytes, u16::from_be_bytes)),
        "utf-16" | "utf-16le" => Ok(utf_16(bytes, u16::from_le_bytes)),
        _ => Err(name),
    }
}

fn windows_1252(bytes: &[u8]) -> String {
    let character = |byte: &u8| match byte {
        0x80..=0x9f => WINDOWS_1252.get(usize::from(byte - 0x80)).copied().unwrap_or('\u{fffd}'),
        _ => char::from(*byte),
    };
    bytes.iter().map(character).collect()
}

fn utf_16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let units = bytes.as_chunks().0.iter().map(|pair| read(*pair));
    char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect()
}

/// The encoding that an HTML page says it has: what follows `charset=` within a `<meta`.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let tags = head.split('<').filter(|tag| tag.starts_with("meta"));
    tags.filter_map(|tag| tag.split('>').next()?.split_once("charset")).find_map(|(_, after)| {
        let value = after.trim_start().strip_prefix('=')?.trim_start();
        let value = value.trim_start_matches(['"', '\'']).trim_start();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
        let name = value.split(|c: char| !plain(c)).next()?;
        (!name.is_empty()).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_is_believed() {
        let cases: [(&[u8], &str, &str); 6] = [
            ("é".as_bytes(), "UTF-8", "é"),
            (b"caf\xe9 \x80", "iso-8859-1", "café €"),
            (b"\x93x\x94", "Windows-1252", "“x”"),
            (b"\0a\0\xe9", "utf-16be", "aé"),
            (b"a\0\xe9\0", "utf-16le", "aé"),
            (b"\xff\xff", "utf-8", "\u{fffd}\u{fffd}"),
        ];
        for (bytes, label, expected) in cases {
            assert_eq!(decode(bytes, Some(label), false).as_deref(), Ok(expected), "{label}");
        }
        assert_eq!(decode(b"x", Some("Shift_JIS"), true), Err("shift_jis".to_owned()));
    }

    #[test]
    fn a_mark_at_the_start_is_believed_before_the_server() {
        for bytes in [&b"\xef\xbb\xbfx"[..], b"\xff\xfex\0", b"\xfe\xff\0x"] {
            assert_eq!(decode(bytes, Some("iso-8859-1"), false).as_deref(), Ok("x"));
        }
    }

    #[test]
    fn a_page_says_its_encoding_itself_where_the_server_does_not() {
        let pages = [
            "<meta charset=iso-8859-1>",
            "<META CharSet = 'ISO-8859-1' >",
            "<!doctype html><meta http-equiv=x content=\"text/html; charset=latin1\">",
            "<title>charset=utf-8</title><meta charset=\"windows-1252\">",
        ];
        for page in pages {
            let bytes = [page.as_bytes(), b"\xe9"].concat();
            assert!(decode(&bytes, None, true).unwrap().ends_with('é'), "{page}");
            assert!(decode(&bytes, Some("utf-8"), true).unwrap().ends_with('\u{fffd}'), "{page}");
        }
        let other = decode(b"<meta charset=koi8-r>x", None, true);
        assert_eq!(other, Err("koi8-r".to_owned()));
        assert!(decode(b"<meta charset=koi8-r>x", None, false).is_ok(), "it is no HTML");
    }

    #[test]
    fn where_nobody_says_anything_it_is_utf_8_or_windows_1252() {
        assert_eq!(decode("é".as_bytes(), None, true).as_deref(), Ok("é"));
        assert_eq!(decode(b"\xe9t\xe9", None, true).as_deref(), Ok("été"));
        assert_eq!(decode(b"x\xc3", None, true).as_deref(), Ok("x\u{fffd}"), "cut off");
    }
}
