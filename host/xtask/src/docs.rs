//! `cargo xtask docs`: pages that are written from the tree, and pages that quote it.
//!
//! `docs/plugins/wit.md` is written from `wit/*.wit`. `docs/plugins/errors.md` is written by
//! hand; what it quotes has to stand in the host's code. The links of all pages have to lead
//! somewhere.

mod interface;
mod links;
mod notation;
mod prose;
mod sentences;
mod wit;

use std::path::Path;

use wit_parser::Resolve;

use crate::failure::Failure;
use crate::process::say;
use crate::workspace::{read, write_if_changed};

/// Where the pages are.
const PAGES: &str = "docs";

/// The reference of the interfaces.
const INTERFACES: &str = "docs/plugins/wit.md";

/// The page that quotes the host's errors.
const ERRORS: &str = "docs/plugins/errors.md";

/// Writes the pages, or checks that they say what the tree says.
pub(crate) fn run(root: &Path, check_only: bool) -> Result<(), Failure> {
    if check_only {
        return check(root);
    }
    let changed = write_if_changed(&root.join(INTERFACES), interfaces(root)?.as_bytes())?;
    say(&format!("{INTERFACES} {}", if changed { "was written" } else { "is up to date" }));
    Ok(())
}

fn check(root: &Path) -> Result<(), Failure> {
    let (now, page) = (interfaces(root)?, read(&root.join(INTERFACES))?);
    if let Some(line) = first_difference(&page, &now) {
        let message = format!("{INTERFACES}:{line} is not what wit/ says");
        return Err(Failure::new(message, "run `cargo xtask docs`, and commit what it writes"));
    }
    let lost = sentences::lost(ERRORS, &read(&root.join(ERRORS))?, &sentences::code(root)?);
    none_of(
        &lost,
        "quotes of the host are not what it says",
        "quote what the code says now, with `…` for what differs from case to case",
    )?;
    none_of(&links::broken(root, PAGES)?, "links lead nowhere", "name a file and heading there")
}

/// Shows what was found to be wrong.
fn none_of(wrong: &[String], what: &str, hint: &str) -> Result<(), Failure> {
    for line in wrong {
        say(line);
    }
    match wrong.len() {
        0 => Ok(()),
        count => Err(Failure::new(format!("{count} {what}; see above"), hint)),
    }
}

/// The reference of the interfaces, as it has to be.
fn interfaces(root: &Path) -> Result<String, Failure> {
    let mut resolve = Resolve::default();
    match resolve.push_dir(root.join("wit")) {
        Ok((package, _)) => Ok(wit::page(&resolve, package)),
        Err(error) => {
            let message = format!("wit/ cannot be read: {}", resolve.render_error(&error));
            Err(Failure::new(message, "mend the interface that it names"))
        }
    }
}

/// The first line, from 1, in which two texts differ.
fn first_difference(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one.split('\n').zip(other.split('\n')).take_while(|(one, other)| one == other);
    Some(same.count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_say_what_the_tree_says() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        if let Err(failure) = check(here.ancestors().nth(2).unwrap()) {
            panic!("{failure}");
        }
    }

    #[test]
    fn a_page_that_differs_is_found_with_its_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
    }
}
