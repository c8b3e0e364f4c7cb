//! The languages that there are templates and build steps for.

use std::fmt;
use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_policy::manifest::Kind;

use crate::toolchain::Toolchain;

/// A language that plugins are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust, with `lucid-sdk`.
    Rust,
    /// Python, with CPython inside the component.
    Python,
    /// JavaScript, with QuickJS inside the component.
    JavaScript,
    /// C.
    C,
    /// C++.
    Cpp,
    /// Zig.
    Zig,
    /// Go.
    Go,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Rust, Self::Python, Self::JavaScript, Self::C, Self::Cpp, Self::Zig, Self::Go];

    /// The name on the command line, and of the folder of its templates.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "js",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Zig => "zig",
            Self::Go => "go",
        }
    }

    /// The kinds of plugin that it has a template for. Every kind can be built in every
    /// language.
    #[must_use]
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Rust | Self::Python | Self::JavaScript => {
                &[Kind::Tool, Kind::Dream, Kind::Grader, Kind::Model]
            }
            Self::C | Self::Cpp | Self::Zig | Self::Go => &[Kind::Tool],
        }
    }

    /// What builds it.
    #[must_use]
    pub fn toolchain(self) -> Toolchain {
        match self {
            Self::Rust => Toolchain::Cargo,
            Self::Python => Toolchain::ComponentizePy,
            Self::JavaScript => Toolchain::ComponentizeQjs,
            Self::C | Self::Cpp | Self::Zig => Toolchain::Zig,
            Self::Go => Toolchain::Go,
        }
    }

    /// Finds the language of a project by the files that each has.
    ///
    /// # Errors
    /// Invalid, when there is no such file, or those of two languages.
    pub fn of(folder: &Path) -> Result<Self> {
        let found: Vec<Self> = Self::ALL.into_iter().filter(|one| one.is_in(folder)).collect();
        let place = folder.display();
        match found.as_slice() {
            [one] => Ok(*one),
            [] if folder.is_dir() => {
                Err(Failure::invalid(format!("no project of a known language in {place}")).hint(
                    "a project has a Cargo.toml, a package.json, an app.py, a go.mod, or a \
                     src/plugin.c, .cpp or .zig; `lucid plugin new` makes one, and `lucid plugin \
                     pack` takes a component that something else has built",
                ))
            }
            [] => Err(Failure::invalid(format!("no such folder: {place}"))
                .hint("name the folder of a plugin's sources; `lucid plugin new` makes one")),
            [first, second, ..] => {
                Err(Failure::invalid(format!("{place} could be {first} or {second}"))
                    .hint("say which with `--lang`"))
            }
        }
    }

    fn is_in(self, folder: &Path) -> bool {
        let file = match self {
            Self::Rust => "Cargo.toml",
            Self::Python => "app.py",
            Self::JavaScript => "package.json",
            Self::C => "src/plugin.c",
            Self::Cpp => "src/plugin.cpp",
            Self::Zig => "src/plugin.zig",
            Self::Go => "go.mod",
        };
        folder.join(file).is_file()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::C => "C",
            Self::Cpp => "C++",
            Self::Zig => "Zig",
            Self::Go => "Go",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_known_by_one_file_and_two_are_asked_about() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Language::of(folder.path()).unwrap_err().hint.unwrap().contains("plugin new"));
        assert!(Language::of(&folder.path().join("none")).is_err());
        std::fs::write(folder.path().join("app.py"), "").unwrap();
        assert_eq!(Language::of(folder.path()).unwrap(), Language::Python);
        std::fs::write(folder.path().join("package.json"), "").unwrap();
        let failure = Language::of(folder.path()).unwrap_err();
        assert!(failure.message.ends_with("could be Python or JavaScript"), "{failure}");
        assert!(failure.hint.unwrap().contains("--lang"));
    }
}
