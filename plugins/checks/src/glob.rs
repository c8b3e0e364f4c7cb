//! Patterns for paths: `*` and `?` inside one name, `**` for any number of folders.

use crate::text::shorten;

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 256;

/// A pattern that was read.
#[derive(Debug)]
pub struct Glob {
    parts: Vec<Vec<char>>,
}

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let shown = || shorten(pattern, 80);
        if pattern.is_empty() || pattern.len() > MAX_PATTERN {
            return Err(format!("a pattern for files has 1 to {MAX_PATTERN} bytes"));
        }
        if pattern.starts_with('/') || pattern.split('/').any(|part| part == "..") {
            return Err(format!("the pattern '{}' leads out of the outputs folder", shown()));
        }
        if pattern.contains(['\\', '\0', '[', '{']) {
            return Err(format!("the pattern '{}' has more than `*`, `**` and `?`", shown()));
        }
        let parts = pattern.split('/').filter(|part| !part.is_empty() && *part != ".");
        Ok(Self { parts: parts.map(|part| part.chars().collect()).collect() })
    }

    /// Whether it fits a path with `/` between the names.
    pub fn matches(&self, path: &str) -> bool {
        let names: Vec<Vec<char>> = path.split('/').map(|name| name.chars().collect()).collect();
        let any = |part: &Vec<char>| part.as_slice() == ['*', '*'];
        wild(&self.parts, &names, any, |part, name| {
            wild(part, name, |sign| *sign == '*', |sign, letter| *sign == '?' || sign == letter)
        })
    }
}

/// Matches with one place to go back to, so in at most length times length steps.
fn wild<P, I>(
    pattern: &[P],
    items: &[I],
    any: impl Fn(&P) -> bool,
    one: impl Fn(&P, &I) -> bool,
) -> bool {
    let (mut at, mut item) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while item < items.len() {
        match pattern.get(at) {
            Some(part) if any(part) => {
                back = Some((at, item));
                at += 1;
            }
            Some(part) if one(part, &items[item]) => {
                at += 1;
                item += 1;
            }
            _ => {
                let Some((star, from)) = back else { return false };
                back = Some((star, from + 1));
                at = star + 1;
                item = from + 1;
            }
        }
    }
    pattern[at..].iter().all(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, path: &str) -> bool {
        Glob::new(pattern).unwrap().matches(path)
    }

    #[test]
    fn a_star_stays_in_its_folder_and_two_do_not() {
        assert!(fits("*.csv", "a.csv") && !fits("*.csv", "d/a.csv") && !fits("*.csv", "a.csv2"));
        assert!(fits("**/*.csv", "a.csv") && fits("**/*.csv", "d/e/a.csv"));
        assert!(fits("**", "d/a") && fits("d/**", "d/e/f") && !fits("d/**", "e/d/f"));
        assert!(fits("d/**/f", "d/f") && fits("d/**/e/*", "d/e/e/f"));
        assert!(fits("./d//?.md", "d/é.md") && !fits("?.md", "ab.md") && fits("a*b*c", "aXbYbc"));
    }

    #[test]
    fn a_pattern_cannot_leave_the_outputs() {
        for pattern in ["", "../*", "/etc/*", "a/../../*", "a\\b", "{a,b}", "[ab]", "\0"] {
            assert!(Glob::new(pattern).is_err(), "{pattern}");
        }
        assert!(Glob::new(&"a".repeat(MAX_PATTERN + 1)).is_err());
    }

    #[test]
    fn a_pattern_of_stars_is_no_work() {
        let (stars, path) = ("*a".repeat(100), "a".repeat(4_000));
        assert!(!fits(&format!("{stars}b"), &path));
        assert!(!fits(&format!("{}b", "**/a/".repeat(50)), &"a/".repeat(2_000)));
    }
}
