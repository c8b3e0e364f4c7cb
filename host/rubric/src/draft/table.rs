//! Facts about CSV: its columns, which of them are numbers, and about how many rows.

use super::{Fact, around, quote};

/// The most cells that are looked at; checks read a few more.
const MAX_CELLS: usize = 200_000;
/// Columns that one check names.
const COLUMNS: usize = 10;
/// A table with more columns is not described by them.
const COLUMNS_MAX: usize = 40;

/// Facts about the table in a file.
pub(super) fn facts(path: &str, text: &str) -> Vec<Fact> {
    read(path, text).unwrap_or_default()
}

fn read(path: &str, text: &str) -> Option<Vec<Fact>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().ok()?.clone();
    let doubles = |at: usize, name: &str| headers.iter().take(at).any(|other| other == name);
    if headers.iter().enumerate().any(|(at, name)| doubles(at, name)) {
        return None;
    }
    let (mut rows, mut cells) = (0_usize, 0_usize);
    let mut numbers = vec![true; headers.len()];
    for record in reader.records() {
        let record = record.ok()?;
        rows += 1;
        cells += 4 + record.len();
        if cells > MAX_CELLS {
            return None;
        }
        for (is_number, cell) in numbers.iter_mut().zip(record.iter()) {
            *is_number &= self::is_number(cell);
        }
    }
    if rows == 0 {
        return Some(Vec::new());
    }
    let (table, name) = (format!("csv({})", quote::text(path)), quote::code(path));
    let (low, high) = around(rows);
    let size = format!("{table}.size()");
    let mut facts = vec![Fact::new(
        format!("{name} has {low} to {high} rows."),
        format!("{size} >= {low} && {size} <= {high}"),
    )];
    let columns: Vec<(&str, bool)> = headers.iter().zip(numbers).collect();
    let columns: Vec<_> =
        columns.into_iter().filter(|(column, _)| quote::is_name(column)).collect();
    if columns.len() > COLUMNS_MAX {
        return Some(facts);
    }
    for some in columns.chunks(COLUMNS) {
        let names: Vec<String> = some.iter().map(|(column, _)| quote::code(column)).collect();
        let each = some.iter().map(|(column, _)| format!("{} in r", quote::text(column)));
        let condition = each.collect::<Vec<_>>().join(" && ");
        let text = format!("The columns of {name}: {}.", names.join(", "));
        facts.push(Fact::new(text, format!("{table}.all(r, {condition})")));
    }
    for (column, _) in columns.iter().filter(|(_, is_number)| *is_number) {
        let text = format!("{} is a number in every row of {name}.", quote::code(column));
        let check = format!("type({}) in [int, double]", quote::key("r", column));
        facts.push(Fact::new(text, format!("{table}.all(r, {check})")));
    }
    Some(facts)
}

/// Whether a check has the cell as a number: `007` is a name with digits in it.
fn is_number(cell: &str) -> bool {
    let digits = cell.trim_start_matches(['-', '+']);
    let second = digits.as_bytes().get(1);
    let padded = digits.starts_with('0') && second.is_some_and(u8::is_ascii_digit);
    let starts = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    starts && !padded && cell.parse().is_ok_and(|number: f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(text: &str) -> Vec<String> {
        facts("t.csv", text).into_iter().map(|fact| fact.check).collect()
    }

    #[test]
    fn columns_numbers_and_a_count_of_rows_are_facts() {
        let found = checks("site,v,code,the name\na,1,007,x\nb,-2.5,8,\n");
        assert_eq!(
            found,
            [
                "csv('t.csv').size() >= 1 && csv('t.csv').size() <= 12",
                "csv('t.csv').all(r, 'site' in r && 'v' in r && 'code' in r && 'the name' in r)",
                "csv('t.csv').all(r, type(r.v) in [int, double])",
            ]
        );
    }

    #[test]
    fn what_a_check_could_not_read_has_no_facts() {
        assert!(checks("a,a\n1,2\n").is_empty());
        assert!(checks("a,b\n1\n").is_empty());
        assert!(checks("a,b\n").is_empty());
        assert!(checks("").is_empty());
        assert!(checks(&format!("a\n{}", "1\n".repeat(MAX_CELLS))).is_empty());
    }
}
