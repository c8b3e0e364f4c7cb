//! `read`.

use crate::files;
use crate::lines::Range;
use lucid_sdk::tool::{Content, Image, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

/// The most text one call gives, in bytes.
pub const MAX_TEXT: usize = 256 * 1024;
/// The largest image one call gives, in bytes: a result holds 1 MiB.
const MAX_IMAGE: u64 = 768 * 1024;
/// So many bytes of a file tell what it is.
const HEAD: usize = 12;

/// The input of `read`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Absolute path of the file.
    pub file_path: String,
    /// First and last line, both from 1 and both included; a last line of 0 or less means the
    /// end of the file. Everything, if it is left out.
    pub view_range: Option<Vec<i64>>,
}

/// Reads a file.
///
/// # Errors
/// Why it cannot be read.
pub fn read(input: Input) -> Result<Vec<Content>, ToolError> {
    let path = files::path(&input.file_path)?;
    let wanted = input.view_range.filter(|range| !range.is_empty());
    let range = wanted.as_deref().map(Range::new).transpose()?;
    let failed = |error| files::explain(path, &error);
    let (mut file, size) = files::open(path)?;
    let mut head = Vec::with_capacity(HEAD);
    let mut beginning = file.by_ref().take(HEAD as u64);
    beginning.read_to_end(&mut head).map_err(failed)?;
    file.rewind().map_err(failed)?;
    let kind = kind(&head);
    if kind != Kind::Text && range.is_some() {
        let what = format!("{} has no lines: leave view_range out", path.display());
        return Err(ToolError::InvalidInput(what));
    }
    match kind {
        Kind::Image(media_type) => image(path, file, size, media_type).map(|image| vec![image]),
        Kind::Pdf => Err(ToolError::Failed(format!(
            "{} is a PDF of {size} bytes: the result of a tool holds text and images, and no \
             documents",
            path.display()
        ))),
        Kind::Text => {
            let text = range.unwrap_or(Range::ALL).read(path, file, size)?;
            Ok(vec![Content::Text(text)])
        }
    }
}

fn image(path: &Path, file: File, size: u64, media_type: &str) -> Result<Content, ToolError> {
    let mut data = Vec::new();
    // Counted while reading: a file may grow meanwhile.
    let read = file.take(MAX_IMAGE + 1).read_to_end(&mut data);
    read.map_err(|error| files::explain(path, &error))?;
    if data.len() as u64 > MAX_IMAGE {
        let what = format!("{} is an image of {size} bytes, over the", path.display());
        return Err(ToolError::Failed(format!("{what} {MAX_IMAGE} that can be shown")));
    }
    Ok(Content::Image(Image { media_type: media_type.to_owned(), data }))
}

/// What a file is, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Image(&'static str),
    Pdf,
    Text,
}

/// What begins so. Names are not asked: they say what somebody thought.
fn kind(head: &[u8]) -> Kind {
    match head {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Kind::Image("image/png"),
        [0xff, 0xd8, 0xff, ..] => Kind::Image("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Kind::Image("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            Kind::Image("image/webp")
        }
        [b'%', b'P', b'D', b'F', b'-', ..] => Kind::Pdf,
        _ => Kind::Text,
    }
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

    fn text(content: &str, range: Option<&[i64]>) -> String {
        match read_of(content.as_bytes(), range).unwrap().remove(0) {
            Content::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_range_of_lines_is_inclusive_and_counts_from_1() {
        let cases = [
            ("a\nb\nc\n", [2, 3], "b\nc\n"),
            ("a\nb\nc\n", [1, 1], "a\n"),
            ("a\nb\nc", [2, 0], "b\nc"),
            ("a\nb\nc", [2, -1], "b\nc"),
            ("a\nb\nc", [1, 99], "a\nb\nc"),
            ("a\r\n\r\nc\r\n", [2, 3], "\r\nc\r\n"),
            ("", [1, 0], ""),
            ("", [1, 500], ""),
        ];
        for (content, range, expected) in cases {
            assert_eq!(text(content, Some(&range)), expected, "{range:?} of {content:?}");
        }
        assert_eq!(text("a\nb", None), "a\nb");
        assert_eq!(text("a\nb", Some(&[])), "a\nb");
    }

    #[test]
    fn a_range_that_names_no_lines_is_invalid() {
        for wrong in [&[0, 1][..], &[2, 1], &[1], &[4, 5], &[-1, 1], &[i64::MAX, -1], &[1, 2, 3]] {
            let error = read_of(b"a\nb\nc\n", Some(wrong)).unwrap_err();
            assert!(matches!(error, ToolError::InvalidInput(_)), "{wrong:?}");
        }
        let Err(ToolError::InvalidInput(why)) = read_of(b"a\nb\nc\n", Some(&[4, 0])) else {
            panic!("there is no line 4");
        };
        assert!(why.contains("has 3 lines"), "{why}");
    }

    #[test]
    fn a_long_file_is_cut_with_a_note() {
        let long = "é".repeat(MAX_TEXT);
        let shown = text(&long, None);
        assert!(shown.len() < MAX_TEXT + 200 && shown.starts_with(&long[..MAX_TEXT]));
        let note = "\n[cut after 262144 bytes, in line 1, which is longer than one call gives; \
                    the file has 524288 bytes]";
        assert!(shown.ends_with(note), "{}", &shown[MAX_TEXT..]);
    }

    #[test]
    fn a_cut_text_says_from_which_line_to_read_on_and_that_reads_the_rest() {
        let line = format!("{}\n", "x".repeat(1_023));
        let long = line.repeat(400);
        let shown = text(&long, None);
        let note = "[cut after 262144 bytes; give view_range [257, 0] to read on; the file has \
                    409600 bytes]";
        assert!(shown.ends_with(note), "{}", &shown[MAX_TEXT..]);
        let rest = text(&long, Some(&[257, 0]));
        assert_eq!(format!("{}{rest}", &shown[..MAX_TEXT]), long);
        let cut = text(&long, Some(&[2, 300]));
        assert!(cut.contains("[cut after 262144 bytes; give view_range [258, 300] to read on"));
    }

    #[test]
    fn lines_of_a_file_that_memory_would_not_hold_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big");
        let file = File::create(&path).unwrap();
        file.set_len(files::MAX_FILE * 4).unwrap();
        fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, b"\nlast\n"))
            .unwrap();
        let file_path = path.to_str().unwrap().to_owned();
        let answer = read(Input { file_path, view_range: Some(vec![2, 2]) }).unwrap();
        assert_eq!(answer, [Content::Text("last\n".to_owned())]);
    }

    #[test]
    fn an_image_is_an_image_and_other_bytes_are_an_error() {
        let cases: [(&[u8], &str); 5] = [
            (b"\x89PNG\r\n\x1a\n.", "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"GIF89a.", "image/gif"),
            (b"GIF87a.", "image/gif"),
            (b"RIFF\0\0\0\0WEBP", "image/webp"),
        ];
        for (bytes, media_type) in cases {
            let image = read_of(bytes, None).unwrap();
            let expected = Image { media_type: media_type.to_owned(), data: bytes.to_vec() };
            assert_eq!(image, [Content::Image(expected)]);
            let range = read_of(bytes, Some(&[1, 2]));
            assert!(matches!(range, Err(ToolError::InvalidInput(_))), "{media_type}");
        }
        assert_eq!(text("GIF8 is how it begins", None), "GIF8 is how it begins");
        assert!(matches!(read_of(b"\xfe\xff", None), Err(ToolError::Failed(_))));
        assert!(matches!(read_of(b"a\xc3", None), Err(ToolError::Failed(_))));
    }

    #[test]
    fn a_large_image_and_a_pdf_are_refused_with_what_they_are() {
        let image = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 800 << 10]].concat();
        let large = read_of(&image, None);
        assert!(matches!(large, Err(ToolError::Failed(why)) if why.contains("819208 bytes")));
        let pdf = read_of(b"%PDF-1.7\nplain so far", None);
        assert!(matches!(pdf, Err(ToolError::Failed(why)) if why.contains("is a PDF of 21 bytes")));
    }

    #[test]
    fn what_is_not_there_is_not_found_and_a_folder_is_invalid() {
        let folder = tempfile::tempdir().unwrap();
        let at =
            |path: &Path| Input { file_path: path.to_str().unwrap().to_owned(), view_range: None };
        let missing = read(at(&folder.path().join("x")));
        assert!(matches!(missing, Err(ToolError::NotFound(_))));
        assert!(matches!(read(at(folder.path())), Err(ToolError::InvalidInput(_))));
    }
}
