//! A provider's key, which nothing prints.

use std::fmt;

/// A secret that goes into one header of a request and nowhere else.
///
/// It has no `Display` and is not serialized; `Debug` says only that there is one.
#[derive(Clone)]
pub struct Key(String);

impl Key {
    /// Keeps a key. White space around it, such as a file's last line break, is no part of it.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into().trim().to_owned())
    }

    /// The key behind a word, such as `Bearer `: a header's whole value.
    pub(crate) fn after(&self, scheme: &str) -> Self {
        Self(format!("{scheme}{}", self.0))
    }

    /// The secret itself: for the header, and to take it out of what a server sent back.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let key = Key::new("sk-very-secret\n");
        assert_eq!(format!("{key:?} {:?}", Some(&key)), "Key(hidden) Some(Key(hidden))");
        assert_eq!(key.reveal(), "sk-very-secret");
        assert_eq!(format!("{:?}", key.after("Bearer ")), "Key(hidden)");
    }
}
