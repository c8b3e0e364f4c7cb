//! What an answer is, by its content type.

/// A kind of page that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTML, which becomes text.
    Html,
    /// Text, which is given as it is.
    Text,
    /// Nobody says: what the page begins with decides.
    Unsaid,
}

/// What a server says of its answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Media {
    /// How it is read.
    pub kind: Kind,
    /// The media type, in lower case; empty where nobody says.
    pub name: String,
    /// The encoding of its characters.
    pub charset: Option<String>,
}

/// Reads the field `content-type`.
///
/// # Errors
/// The media type of what is not read: neither HTML nor text, JSON or XML.
pub fn of(content_type: Option<&str>) -> Result<Media, String> {
    let Some(content_type) = content_type else {
        return Ok(Media { kind: Kind::Unsaid, name: String::new(), charset: None });
    };
    let mut parts = content_type.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"').trim();
        (key.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    });
    match kind(&name) {
        Some(kind) => Ok(Media { kind, name, charset }),
        None => Err(shown(&name)),
    }
}

fn kind(name: &str) -> Option<Kind> {
    match name {
        "" => return Some(Kind::Unsaid),
        "text/html" | "application/xhtml+xml" => return Some(Kind::Html),
        "application/json" | "application/xml" | "application/x-ndjson" => return Some(Kind::Text),
        _ => {}
    }
    let (top, sub) = name.split_once('/')?;
    let structured = sub.ends_with("+json") || sub.ends_with("+xml");
    (top == "text" || (top == "application" && structured)).then_some(Kind::Text)
}

/// A media type as far as an error repeats it: a server wrote it.
fn shown(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_graphic()).take(100).collect()
}

/// What a page is of which nobody says it, by its beginning.
#[must_use]
pub fn guess(text: &str) -> Kind {
    let start: String = text.trim_start().chars().take(14).collect();
    let start = start.to_ascii_lowercase();
    let html = ["<!doctype html", "<html", "<head", "<body", "<!--", "<title", "<h1", "<p>"];
    if html.iter().any(|tag| start.starts_with(tag)) { Kind::Html } else { Kind::Text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_text_json_and_xml_are_read_and_nothing_else() {
        let kind = |content_type: &str| of(Some(content_type)).map(|media| media.kind);
        for html in ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"] {
            assert_eq!(kind(html), Ok(Kind::Html), "{html}");
        }
        for text in [
            "text/plain",
            "text/csv;header=present",
            "text/markdown",
            "application/json",
            "application/problem+json",
            "application/atom+xml",
            "text/javascript",
        ] {
            assert_eq!(kind(text), Ok(Kind::Text), "{text}");
        }
        for other in [
            "image/png",
            "image/svg+xml",
            "application/pdf",
            "application/octet-stream",
            "video/mp4",
            "application/zip",
            "nonsense",
            "text",
        ] {
            assert_eq!(kind(other), Err(other.to_owned()));
        }
        assert_eq!(kind("image/p\u{1b}ng"), Err("image/png".to_owned()));
        assert_eq!(kind(""), Ok(Kind::Unsaid));
        assert_eq!(of(None).map(|media| media.kind), Ok(Kind::Unsaid));
    }

    #[test]
    fn the_charset_is_found_among_parameters() {
        let charset = |content_type: &str| of(Some(content_type)).unwrap().charset;
        let named = "text/html; boundary=x; Charset = \"ISO-8859-1\"";
        assert_eq!(charset(named).as_deref(), Some("ISO-8859-1"));
        assert_eq!(charset("text/html; charset="), None);
        assert_eq!(charset("text/html"), None);
    }

    #[test]
    fn what_nobody_names_is_known_by_its_beginning() {
        assert_eq!(guess("\n <!DOCTYPE HTML>\n<p>"), Kind::Html);
        assert_eq!(guess("<html lang=de>"), Kind::Html);
        assert_eq!(guess("{\"a\": \"<html>\"}"), Kind::Text);
        assert_eq!(guess(""), Kind::Text);
    }
}
