//! The text of a mission file, and where in it something stands.

use std::ops::Range;
use std::path::{Path, PathBuf};

use lucid_core::{Failure, Result};

/// A file that was read, for errors that name its lines.
#[derive(Debug)]
pub(crate) struct Source {
    /// None where the text stands in no file.
    path: Option<PathBuf>,
    text: String,
}

impl Source {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = crate::plugins::read_file(path)
            .map_err(|failure| failure.hint("a mission is a folder with a `mission.toml` in it"))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::invalid(format!("{} is not UTF-8", path.display())))?;
        Ok(Self { path: Some(path.to_owned()), text })
    }

    /// A text that stands in no file: nobody is told of its lines.
    pub(crate) fn given(text: String) -> Self {
        Self { path: None, text }
    }

    /// A text that stands for a file, for tests.
    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Self {
        Self { path: Some(PathBuf::from("mission.toml")), text: text.to_owned() }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Puts the file and line of a place in front of a failure.
    pub(crate) fn at(&self, place: &Range<usize>, failure: Failure) -> Failure {
        let Some(path) = &self.path else { return failure };
        let before = self.text.get(..place.start).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        failure.about(format!("{}:{line}", path.display()))
    }

    /// A mistake in how the file is written.
    pub(crate) fn syntax(&self, error: &toml::de::Error) -> Failure {
        let failure = Failure::invalid(error.message().replace('\n', ", "))
            .hint("examples/ has missions to compare with");
        self.at(&error.span().unwrap_or(0..0), failure)
    }
}
