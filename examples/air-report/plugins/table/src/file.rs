//! A CSV file: its text, its columns and their types.

use csv::{Reader, ReaderBuilder, StringRecord};
use lucid_sdk::files;
use lucid_sdk::tool::ToolError;

use crate::cell::Type;

/// The largest file that is read, in bytes.
pub const MAX_FILE: usize = 8 * 1024 * 1024;

/// The most columns a file has.
pub const MAX_COLUMNS: usize = 500;

/// What a file may have between its cells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A CSV file that was read.
pub struct Table {
    text: String,
    delimiter: u8,
    /// The names in the header; a column without one is `column_3`.
    pub names: Vec<String>,
    /// The type of each column.
    pub types: Vec<Type>,
    /// How many rows it has, the header not counted.
    pub rows: usize,
}

impl Table {
    /// Reads a file of the view.
    ///
    /// # Errors
    /// Not found, denied or failed: what is wrong with it.
    pub fn read(path: &str) -> Result<Self, ToolError> {
        let text = files::read_text(path)?;
        if text.len() > MAX_FILE {
            return Err(ToolError::failed(format!("{path} is larger than {MAX_FILE} bytes")));
        }
        Self::of(text, path)
    }

    /// Takes the text of a file.
    ///
    /// # Errors
    /// Failed: where it is not CSV.
    pub fn of(mut text: String, path: &str) -> Result<Self, ToolError> {
        // Spreadsheets put a byte order mark in front of what they export.
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let delimiter = delimiter(&text);
        let mut table = Self { text, delimiter, names: Vec::new(), types: Vec::new(), rows: 0 };
        table.names = table.header(path)?;
        table.find_types(path)?;
        Ok(table)
    }

    /// Whether a comma may stand for the decimal point.
    pub fn comma(&self) -> bool {
        self.delimiter != b','
    }

    /// The delimiter, as text.
    pub fn delimiter(&self) -> String {
        char::from(self.delimiter).to_string()
    }

    /// The place of a column.
    ///
    /// # Errors
    /// Invalid input, naming the columns there are.
    pub fn column(&self, name: &str) -> Result<usize, ToolError> {
        self.names.iter().position(|have| have == name).ok_or_else(|| {
            let names = self.names.join("`, `");
            ToolError::InvalidInput(format!("there is no column `{name}`; there are `{names}`"))
        })
    }

    /// Goes over the rows, in order, until `each` gives an error.
    ///
    /// # Errors
    /// That of `each`, or failed: where the file is not CSV.
    pub fn each_row(
        &self,
        path: &str,
        mut each: impl FnMut(&StringRecord) -> Result<(), ToolError>,
    ) -> Result<(), ToolError> {
        let mut reader = self.reader();
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| broken(path, &error))? {
            each(&record)?;
        }
        Ok(())
    }

    fn reader(&self) -> Reader<&[u8]> {
        ReaderBuilder::new().delimiter(self.delimiter).from_reader(self.text.as_bytes())
    }

    fn header(&self, path: &str) -> Result<Vec<String>, ToolError> {
        let mut reader = self.reader();
        let header = reader.headers().map_err(|error| broken(path, &error))?;
        if header.is_empty() {
            return Err(ToolError::failed(format!("{path} is empty: a header is needed")));
        }
        if header.len() > MAX_COLUMNS {
            return Err(ToolError::failed(format!("{path} has more than {MAX_COLUMNS} columns")));
        }
        let named = |(place, name): (usize, &str)| match name.trim() {
            "" => format!("column_{}", place + 1),
            name => name.to_owned(),
        };
        let names: Vec<String> = header.iter().enumerate().map(named).collect();
        for (place, name) in names.iter().enumerate() {
            if names.iter().take(place).any(|earlier| earlier == name) {
                let what = format!("the header of {path} names the column `{name}` twice");
                return Err(ToolError::Failed(what));
            }
        }
        Ok(names)
    }

    /// A column is of the first type that holds all its filled cells.
    fn find_types(&mut self, path: &str) -> Result<(), ToolError> {
        let comma = self.comma();
        let mut possible = vec![Type::TRIED.to_vec(); self.names.len()];
        let mut filled = vec![false; self.names.len()];
        let mut rows = 0;
        self.each_row(path, |record| {
            rows += 1;
            for (place, text) in record.iter().enumerate() {
                let text = text.trim();
                if !text.is_empty() {
                    filled[place] = true;
                    possible[place].retain(|kind| kind.holds(text, comma));
                }
            }
            Ok(())
        })?;
        let narrowest = |(possible, filled): (&Vec<Type>, &bool)| match possible.first() {
            _ if !filled => Type::Empty,
            Some(kind) => *kind,
            None => Type::Text,
        };
        self.types = possible.iter().zip(&filled).map(narrowest).collect();
        self.rows = rows;
        Ok(())
    }
}

/// What stands most often in the first line, outside of quotes.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or_default();
    let mut counts = [0; DELIMITERS.len()];
    let mut quoted = false;
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        let place = DELIMITERS.iter().position(|delimiter| *delimiter == byte && !quoted);
        place.into_iter().for_each(|place| counts[place] += 1);
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let first = counts.iter().position(|count| *count == most);
    first.map_or(b',', |place| DELIMITERS[place])
}

fn broken(path: &str, error: &csv::Error) -> ToolError {
    ToolError::Failed(format!("{path} is not CSV that can be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Table, ToolError> {
        Table::of(text.to_owned(), "/t.csv")
    }

    #[test]
    fn each_column_has_the_narrowest_type_that_holds_all_its_cells() {
        let text =
            "n,x,id,day,note,gap,yes\n1,1,07,2026-04-06,,,true\n 2 ,2.5,8,2026-04-07,b,,false\n";
        let types = table(text).unwrap().types;
        use Type::{Boolean, Date, Empty, Integer, Number, Text};
        assert_eq!(types, [Integer, Number, Text, Date, Text, Empty, Boolean]);
    }

    #[test]
    fn the_delimiter_is_found_and_a_decimal_comma_with_it() {
        for text in ["a;b\n1,5;2\n", "a\tb\n1.5\t2\n", "\u{feff}a|b\n1.5|2\n", "\"a,b\";c\n1,5;2\n"]
        {
            let table = table(text).unwrap();
            assert_eq!(table.types, [Type::Number, Type::Integer], "{text:?}");
        }
        assert_eq!(table("alone\n1\n").unwrap().names, ["alone"]);
    }

    #[test]
    fn what_is_no_table_is_an_error_that_says_where() {
        for (text, says) in [
            ("", "is empty"),
            ("a,b\n1,2\n3\n", "line: 3"),
            ("a,b\n1,2,3\n", "line: 2"),
            ("a,a\n1,2\n", "`a` twice"),
            (&",".repeat(MAX_COLUMNS), "more than 500 columns"),
        ] {
            let Err(ToolError::Failed(message)) = table(text) else { panic!("{text:?} is read") };
            assert!(message.contains(says), "{message}");
        }
        assert_eq!(table("a,,c\n").unwrap().names, ["a", "column_2", "c"]);
    }

    #[test]
    fn a_file_that_is_too_large_or_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = format!("{}/big.csv", folder.path().display());
        assert!(matches!(Table::read(&path), Err(ToolError::NotFound(_))));
        std::fs::write(&path, "a\n".repeat(MAX_FILE / 2 + 1)).unwrap();
        assert!(matches!(Table::read(&path), Err(ToolError::Failed(_))));
    }
}
