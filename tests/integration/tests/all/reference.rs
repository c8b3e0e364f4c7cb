//! The reference for authors says the limits that the code has.

use lucid_core::Limits;
use toml::{Table, Value};

/// `64 MiB`, `30 s`, `100 billion` as a number; none for words.
fn amount(text: &str) -> Option<i64> {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let number: i64 = number.replace(',', "").parse().ok()?;
    let factor = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "s" => 1_000,
        "min" => 60_000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        _ => return None,
    };
    Some(number * factor)
}

#[test]
fn the_reference_of_limits_has_the_defaults_of_the_code() {
    let page = lucid_tests::repository().join("docs/plugins/capabilities.md");
    let page = std::fs::read_to_string(page).unwrap();
    let kinds = [Limits::STANDARD, Limits::GRADER, Limits::DREAM];
    let kinds = kinds.map(|limits| Table::try_from(limits).unwrap());
    let mut names: Vec<String> = Vec::new();
    for line in page.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, name, _, tool, grader, dream, _] = cells[..] else { continue };
        let name = name.strip_prefix('`').and_then(|name| name.strip_suffix('`'));
        let Some(name) = name.filter(|name| kinds[1].contains_key(*name)) else { continue };
        for (shown, limits) in [tool, grader, dream].into_iter().zip(&kinds) {
            let is = limits.get(name).and_then(Value::as_integer);
            assert_eq!(amount(shown), is, "{name}: {shown}");
        }
        names.push(name.to_owned());
    }
    names.sort();
    let mut all: Vec<String> = kinds[1].keys().cloned().collect();
    all.sort();
    assert_eq!(names, all);
}
