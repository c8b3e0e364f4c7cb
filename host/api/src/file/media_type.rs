//! Media types: from what a client said, else from a name's ending.

/// What is known of neither.
const UNKNOWN: &str = "application/octet-stream";

/// The longest media type that is kept, in bytes.
const BYTES_MAX: usize = 127;

/// Endings and their types; the first ending of a type is the one a file without a name gets.
const TYPES: [(&str, &str); 46] = [
    ("txt", "text/plain"),
    ("log", "text/plain"),
    ("md", "text/markdown"),
    ("markdown", "text/markdown"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("css", "text/css"),
    ("js", "text/javascript"),
    ("mjs", "text/javascript"),
    ("ts", "text/x-typescript"),
    ("py", "text/x-python"),
    ("rs", "text/x-rust"),
    ("c", "text/x-c"),
    ("cpp", "text/x-c++"),
    ("go", "text/x-go"),
    ("java", "text/x-java"),
    ("sh", "application/x-sh"),
    ("json", "application/json"),
    ("jsonl", "application/jsonl"),
    ("toml", "application/toml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("xml", "application/xml"),
    ("sql", "application/sql"),
    ("pdf", "application/pdf"),
    ("rtf", "application/rtf"),
    ("zip", "application/zip"),
    ("gz", "application/gzip"),
    ("tar", "application/x-tar"),
    ("wasm", "application/wasm"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("parquet", "application/vnd.apache.parquet"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("svg", "image/svg+xml"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
];

/// The media type of a file: what was said of it, without parameters and in small letters;
/// where nothing useful was said, what its name's ending stands for.
#[must_use]
pub fn media_type(said: Option<&str>, name: Option<&str>) -> String {
    let said = said.and_then(|said| said.split(';').next()).map(str::trim);
    let said = said.filter(|said| is_type(said)).map(str::to_ascii_lowercase);
    if let Some(said) = said.filter(|said| said != UNKNOWN) {
        return said;
    }
    let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    let known = |ending: &str| TYPES.iter().find(|(own, _)| own.eq_ignore_ascii_case(ending));
    ending.and_then(known).map_or(UNKNOWN, |(_, kind)| kind).to_owned()
}

/// The ending of a type, where one is known.
pub(super) fn ending(kind: &str) -> Option<&'static str> {
    TYPES.iter().find(|(_, own)| *own == kind).map(|(ending, _)| *ending)
}

/// Whether it is `type/subtype`, with nothing in it that could end a header.
fn is_type(text: &str) -> bool {
    let token = |part: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b);
        !part.is_empty() && part.bytes().all(plain)
    };
    text.len() <= BYTES_MAX && text.split_once('/').is_some_and(|(a, b)| token(a) && token(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_goes_before_what_the_name_says() {
        let cases = [
            (Some("Text/CSV; charset=utf-8"), Some("a.json"), "text/csv"),
            (Some("application/octet-stream"), Some("a.json"), "application/json"),
            (Some("no type"), Some("a.PNG"), "image/png"),
            (Some("text/plain\r\nx: y"), Some("a.b.md"), "text/markdown"),
            (None, Some("Makefile"), UNKNOWN),
            (None, Some("png"), UNKNOWN),
            (None, None, UNKNOWN),
            (Some("a/b/c"), None, UNKNOWN),
        ];
        for (said, name, expected) in cases {
            assert_eq!(media_type(said, name), expected, "{said:?} {name:?}");
        }
    }
}
