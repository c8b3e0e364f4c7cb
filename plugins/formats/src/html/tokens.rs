//! The tokens of HTML, as the standard has them.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Error, Span, Tokenizer};
use std::collections::HashMap;

/// The most attributes of one tag.
pub(super) const ATTRIBUTES: usize = 256;

/// One token, and where it is, in bytes.
pub(super) enum Token {
    Start {
        name: String,
        attributes: HashMap<String, String>,
        self_closing: bool,
        at: usize,
    },
    End {
        name: String,
        at: usize,
    },
    Text(String),
    Comment(String),
    Mistake {
        message: String,
        at: usize,
    },
    /// A tag has more attributes than are read.
    TooManyAttributes,
}

/// A tag that is being read.
#[derive(Default)]
struct Tag {
    name: String,
    at: usize,
    attributes: HashMap<String, String>,
    attribute: Option<String>,
    too_many: bool,
}

/// Bytes of the text; it was UTF-8, so this loses nothing.
fn string(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token> {
    let mut tag = Tag::default();
    let read = move |event: CallbackEvent<'_>, span: Span<usize>| tag.read(event, span.start);
    let mut emitter: CallbackEmitter<_, Token, usize> = CallbackEmitter::new(read);
    emitter.naively_switch_states(true);
    // The text is in memory, so reading it cannot fail.
    Tokenizer::new_with_emitter(text, emitter).flatten()
}

impl Tag {
    fn read(&mut self, event: CallbackEvent<'_>, at: usize) -> Option<Token> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                *self = Self { name: string(name), at, ..Self::default() };
                None
            }
            CallbackEvent::AttributeName { name } => self.name_attribute(name, at),
            CallbackEvent::AttributeValue { value } => {
                if let Some(value_so_far) =
                    self.attribute.as_ref().and_then(|name| self.attributes.get_mut(name))
                {
                    value_so_far.push_str(&String::from_utf8_lossy(value));
                }
                None
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                let Self { name, at, attributes, too_many, .. } = std::mem::take(self);
                if too_many {
                    return Some(Token::TooManyAttributes);
                }
                Some(Token::Start { name, attributes, self_closing, at })
            }
            CallbackEvent::EndTag { name } => {
                *self = Self::default();
                Some(Token::End { name: string(name), at })
            }
            CallbackEvent::String { value } => Some(Token::Text(string(value))),
            CallbackEvent::Comment { value } => Some(Token::Comment(string(value))),
            CallbackEvent::Doctype { .. } => None,
            CallbackEvent::Error(error) => Some(Token::Mistake { message: error.to_string(), at }),
        }
    }

    /// Of two attributes of one name the first goes.
    fn name_attribute(&mut self, name: &[u8], at: usize) -> Option<Token> {
        let name = string(name);
        self.attribute = None;
        if self.attributes.contains_key(&name) {
            let message = Error::DuplicateAttribute.to_string();
            return Some(Token::Mistake { message, at });
        }
        self.too_many |= self.attributes.len() >= ATTRIBUTES;
        if !self.too_many {
            self.attributes.insert(name.clone(), String::new());
            self.attribute = Some(name);
        }
        None
    }
}
