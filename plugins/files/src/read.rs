//! `read`.

use crate::files;
use lucid_sdk::tool::{Content, Image, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most text one call gives, in bytes.
pub const MAX_TEXT: usize = 256 * 1024;
/// The largest image one call gives, in bytes.
const MAX_IMAGE: usize = 768 * 1024;

/// The input of `read`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Absolute path of the file.
    pub file_path: String,
    /// First and last line, from 1; a last line of 0 or less means the end of the file.
    pub view_range: Option<Vec<i64>>,
}

/// Reads a file.
///
/// # Errors
/// Why it cannot be read.
pub fn read(input: Input) -> Result<Vec<Content>, ToolError> {
    let path = files::path(&input.file_path)?;
    let bytes = files::bytes(path)?;
    if let Some(media_type) = image(&bytes) {
        if bytes.len() > MAX_IMAGE {
            let what = format!("{} is larger than {MAX_IMAGE} bytes", path.display());
            return Err(ToolError::Failed(what));
        }
        return Ok(vec![Content::Image(Image { media_type: media_type.to_owned(), data: bytes })]);
    }
    let text = String::from_utf8(bytes).map_err(|_| files::not_text(path))?;
    let text = match input.view_range {
        None => &text,
        Some(range) => lines(&text, &range)?,
    };
    Ok(vec![Content::Text(cut(text))])
}

fn image(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The lines `range` names, with their ends.
fn lines<'a>(text: &'a str, range: &[i64]) -> Result<&'a str, ToolError> {
    let wrong = |why: String| Err(ToolError::InvalidInput(why));
    let [first, last] = *range else {
        return wrong("view_range has a first and a last line".to_owned());
    };
    let Some(first) = usize::try_from(first).ok().filter(|first| *first > 0) else {
        return wrong("view_range counts lines from 1".to_owned());
    };
    let last = usize::try_from(last).ok().filter(|last| *last > 0).unwrap_or(usize::MAX);
    if last < first {
        return wrong("view_range ends before it starts".to_owned());
    }
    let mut starts = vec![0];
    starts.extend(text.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some(*at)
    }));
    let count = starts.len() - 1;
    match starts.get(first - 1) {
        Some(from) if first <= count => {
            let to = starts.get(last.min(count)).copied().unwrap_or(text.len());
            Ok(text.get(*from..to).unwrap_or_default())
        }
        _ => wrong(format!("the file has {count} lines")),
    }
}

fn cut(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let shown = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or_default();
    let left = text.len() - shown.len();
    format!("{shown}\n[{left} more bytes: give view_range to read them]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read_of(content: &[u8], range: Option<&[i64]>) -> Result<Vec<Content>, ToolError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        fs::write(&path, content).unwrap();
        let file_path = path.to_str().unwrap().to_owned();
        read(Input { file_path, view_range: range.map(<[i64]>::to_vec) })
    }

    fn text(content: &str, range: &[i64]) -> String {
        match read_of(content.as_bytes(), Some(range)).unwrap().remove(0) {
            Content::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_range_of_lines_is_inclusive_and_counts_from_1() {
        assert_eq!(text("a\nb\nc\n", &[2, 3]), "b\nc\n");
        assert_eq!(text("a\nb\nc", &[2, 0]), "b\nc");
        assert_eq!(text("a\nb\nc", &[1, 99]), "a\nb\nc");
        for wrong in [&[0, 1][..], &[2, 1], &[1], &[4, 5], &[-1, 1], &[i64::MAX, -1]] {
            let error = read_of(b"a\nb\nc\n", Some(wrong)).unwrap_err();
            assert!(matches!(error, ToolError::InvalidInput(_)), "{wrong:?}");
        }
    }

    #[test]
    fn a_long_file_is_cut_with_a_note() {
        let long = "é".repeat(MAX_TEXT);
        let Content::Text(text) = read_of(long.as_bytes(), None).unwrap().remove(0) else {
            panic!("no text");
        };
        assert!(text.len() < MAX_TEXT + 100);
        assert!(text.ends_with("[262144 more bytes: give view_range to read them]"));
    }

    #[test]
    fn an_image_is_an_image_and_other_bytes_are_an_error() {
        let image = read_of(b"\x89PNG\r\n\x1a\n.", None).unwrap();
        assert!(matches!(&image[0], Content::Image(image) if image.media_type == "image/png"));
        assert!(matches!(read_of(b"\xfe\xff", None), Err(ToolError::Failed(_))));
    }

    #[test]
    fn what_is_not_there_is_not_found_and_a_folder_is_invalid() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &std::path::Path| Input {
            file_path: path.to_str().unwrap().to_owned(),
            view_range: None,
        };
        let missing = read(at(&folder.path().join("x")));
        assert!(matches!(missing, Err(ToolError::NotFound(_))));
        assert!(matches!(read(at(folder.path())), Err(ToolError::InvalidInput(_))));
    }
}
