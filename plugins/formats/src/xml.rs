//! XML, event by event.
//!
//! Entities that a document declares are never expanded, and what it refers to is never
//! fetched.

use crate::error::{FormatError, excerpt};
use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesStart, Event};

/// What comes next in a document.
pub(crate) enum Node<'a> {
    /// An element begins. One without content ends at once.
    Open(Element<'a>),
    /// An element of this local name ends.
    Close(String),
    /// Text, with its references resolved.
    Text(String),
    /// A declaration of a document type.
    Doctype,
}

/// The beginning of an element.
pub(crate) struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// The name without a prefix.
    pub(crate) fn name(&self) -> String {
        self.0.local_name().as_ref().to_owned()
    }

    /// The value of the first attribute of that name that `accept`s its full name.
    fn find(&self, name: &str, accept: impl Fn(&str) -> bool) -> Option<String> {
        let attributes = self.0.attributes().flatten();
        let mut named = attributes.filter(|attribute| {
            attribute.key.local_name().as_ref() == name && accept(attribute.key.as_ref())
        });
        let value = named.next()?.value;
        Some(unescape(&value).map_or_else(|_| value.to_string(), |text| text.into_owned()))
    }

    /// An attribute, with or without a prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.find(name, |_| true)
    }

    /// An attribute that has a prefix: `r:id` beside `id`.
    pub(crate) fn prefixed(&self, name: &str) -> Option<String> {
        self.find(name, |full| full.contains(':'))
    }

    /// Whether an element that switches something on does so: it does without a value.
    pub(crate) fn is_on(&self) -> bool {
        !matches!(self.attribute("val").as_deref(), Some("0" | "false" | "off" | "none"))
    }

    /// What is wrong with the attributes.
    pub(crate) fn mistake(&self) -> Option<String> {
        for attribute in self.0.attributes() {
            match attribute {
                Err(error) => return Some(error.to_string()),
                Ok(attribute) => {
                    if let Err(error) = unescape(&attribute.value) {
                        return Some(error.to_string());
                    }
                }
            }
        }
        None
    }
}

/// Reads a document.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
    depth_limit: usize,
    /// Whether a reference to an entity that is not XML's own is an error.
    strict: bool,
}

impl<'a> Xml<'a> {
    pub(crate) fn new(bytes: &'a [u8], depth_limit: usize) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = Reader::from_reader(bytes);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, depth: 0, depth_limit, strict: true }
    }

    /// Where the reader is, in bytes.
    pub(crate) fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// What comes next, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Node<'a>>, FormatError> {
        loop {
            let event = self.reader.read_event();
            let event = event.map_err(|error| wrong(error.to_string()))?;
            return Ok(Some(match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > self.depth_limit {
                        let limit = self.depth_limit;
                        return Err(FormatError::over("the XML's nesting", limit, "levels"));
                    }
                    Node::Open(Element(start))
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    let name = end.local_name();
                    Node::Close(name.as_ref().to_owned())
                }
                Event::Text(text) => Node::Text(text.replace("\r\n", "\n")),
                Event::CData(text) => Node::Text(text.to_string()),
                Event::GeneralRef(reference) => {
                    if let Some(character) =
                        reference.resolve_char_ref().map_err(|error| wrong(error.to_string()))?
                    {
                        Node::Text(character.to_string())
                    } else {
                        let name: &str = &reference;
                        match resolve_xml_entity(name) {
                            Some(text) => Node::Text(text.to_owned()),
                            None if self.strict => {
                                return Err(wrong(format!("there is no entity `{name}`")));
                            }
                            None => continue,
                        }
                    }
                }
                Event::DocType(_) => {
                    self.strict = false;
                    Node::Doctype
                }
                Event::Eof if self.depth > 0 => {
                    return Err(FormatError::new("the XML ends inside an element"));
                }
                Event::Eof => return Ok(None),
                _ => continue,
            }));
        }
    }

    /// What comes next in a part of an office file, which has no document type.
    pub(crate) fn next_part(&mut self) -> Result<Option<Node<'a>>, FormatError> {
        match self.next()? {
            Some(Node::Doctype) => {
                Err(FormatError::new("the XML declares a document type, which is refused here"))
            }
            node => Ok(node),
        }
    }

    /// Passes over what is left of the element that just began.
    pub(crate) fn skip(&mut self) -> Result<(), FormatError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if self.next_part()?.is_none() {
                break;
            }
        }
        Ok(())
    }
}

fn wrong(message: String) -> FormatError {
    FormatError::new(format!("not XML: {}", excerpt(&message)))
}
