//! Which elements have no end tag, or need none.

/// Whether an element has no content and so no end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Whether an element may do without its end tag.
pub(super) fn may_stay_open(name: &str) -> bool {
    matches!(
        name,
        "html"
            | "head"
            | "body"
            | "p"
            | "li"
            | "dt"
            | "dd"
            | "option"
            | "optgroup"
            | "rb"
            | "rt"
            | "rtc"
            | "rp"
            | "colgroup"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "td"
            | "th"
    )
}

/// Whether the start of an element ends the one that is open.
pub(super) fn closes(next: &str, open: &str) -> bool {
    match open {
        "p" => ends_paragraph(next),
        "li" => next == "li",
        "dt" | "dd" => matches!(next, "dt" | "dd"),
        "option" => matches!(next, "option" | "optgroup"),
        "optgroup" => next == "optgroup",
        "rt" | "rp" => matches!(next, "rt" | "rp"),
        "td" | "th" => matches!(next, "td" | "th" | "tr" | "tbody" | "thead" | "tfoot"),
        "tr" => matches!(next, "tr" | "tbody" | "thead" | "tfoot"),
        "thead" | "tbody" | "tfoot" => matches!(next, "tbody" | "thead" | "tfoot"),
        "caption" | "colgroup" => matches!(next, "tr" | "tbody" | "thead" | "tfoot"),
        "head" => next == "body",
        _ => false,
    }
}

fn ends_paragraph(name: &str) -> bool {
    is_heading(name).is_some()
        || matches!(
            name,
            "address"
                | "article"
                | "aside"
                | "blockquote"
                | "details"
                | "dialog"
                | "div"
                | "dl"
                | "fieldset"
                | "figcaption"
                | "figure"
                | "footer"
                | "form"
                | "header"
                | "hgroup"
                | "hr"
                | "main"
                | "menu"
                | "nav"
                | "ol"
                | "p"
                | "pre"
                | "section"
                | "table"
                | "ul"
        )
}

/// Whether an element stands on lines of its own.
pub(super) fn breaks_line(name: &str) -> bool {
    ends_paragraph(name)
        || matches!(
            name,
            "body"
                | "br"
                | "caption"
                | "dd"
                | "dt"
                | "li"
                | "option"
                | "td"
                | "th"
                | "title"
                | "tr"
        )
}

/// The level of a heading.
pub(super) fn is_heading(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}
