//! What notices say, taken from their tables.
//!
//! A table counts by the names of its columns: `station` and `status`; `quantity` and `unit`,
//! with `station` and `from` where it is about one; `measure`, `station` and `from`.

use serde::{Deserialize, Serialize};

use crate::task::is_day;

/// What the reader found in all notices.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Notices {
    /// The notices.
    pub notices: Vec<Notice>,
    /// Stations that are closed.
    pub closed: Vec<Closure>,
    /// Units that exports are in.
    pub units: Vec<Unit>,
    /// What was done against dirty air.
    pub measures: Vec<Measure>,
    /// Rows that should say something of these, and cannot be understood.
    pub unclear: Vec<Unclear>,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Its file.
    pub path: String,
    /// Its title.
    pub title: String,
    /// Its first paragraph.
    pub says: String,
    /// How many parts of it nobody sees, and were left out.
    pub hidden: u64,
}

/// A station that is closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closure {
    /// The station.
    pub station: String,
    /// Since when.
    pub from: String,
    /// What else is said of it.
    pub remark: String,
    /// The notice.
    pub path: String,
}

/// The unit of a quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// The station; none where it is all of them.
    pub station: Option<String>,
    /// The quantity.
    pub quantity: String,
    /// The unit.
    pub unit: String,
    /// Since when; none where it always was.
    pub from: Option<String>,
    /// The notice.
    pub path: String,
}

/// Something that was done against dirty air.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// What.
    pub measure: String,
    /// Where.
    pub station: String,
    /// Since when.
    pub from: String,
    /// The notice.
    pub path: String,
}

/// A row that cannot be understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unclear {
    /// The notice.
    pub path: String,
    /// The cells.
    pub row: Vec<String>,
    /// What is wrong with it.
    pub why: String,
}

/// A table, as `extract_tables` gives it.
#[derive(Debug, Clone, Deserialize)]
pub struct Table {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// What a station that measures nothing any more is called.
const CLOSED: [&str; 5] = ["closed", "dismantled", "offline", "out of service", "removed"];

/// Whether a row was understood, or what is wrong with it.
type Taken = Result<(), &'static str>;

impl Notices {
    /// Takes what a table of a notice says.
    pub fn take(&mut self, path: &str, table: &Table) {
        for cells in &table.rows {
            let row = Row { path, columns: &table.columns, cells };
            let taken = if row.has("station") && row.has("status") {
                self.take_closure(&row)
            } else if row.has("quantity") && row.has("unit") {
                self.take_unit(&row)
            } else if row.has("measure") && row.has("station") {
                self.take_measure(&row)
            } else {
                Ok(())
            };
            if let Err(why) = taken {
                let (path, why) = (path.to_owned(), why.to_owned());
                self.unclear.push(Unclear { path, row: cells.clone(), why });
            }
        }
    }

    fn take_closure(&mut self, row: &Row<'_>) -> Taken {
        if CLOSED.contains(&row.cell("status").to_lowercase().as_str()) {
            self.closed.push(Closure {
                station: row.name("station")?,
                from: row.day("from")?,
                remark: row.cell("remark").to_owned(),
                path: row.path.to_owned(),
            });
        }
        Ok(())
    }

    fn take_unit(&mut self, row: &Row<'_>) -> Taken {
        self.units.push(Unit {
            station: row.has("station").then(|| row.name("station")).transpose()?,
            quantity: row.name("quantity")?,
            unit: row.name("unit")?,
            from: row.has("from").then(|| row.day("from")).transpose()?,
            path: row.path.to_owned(),
        });
        Ok(())
    }

    fn take_measure(&mut self, row: &Row<'_>) -> Taken {
        self.measures.push(Measure {
            measure: row.name("measure")?,
            station: row.name("station")?,
            from: row.day("from")?,
            path: row.path.to_owned(),
        });
        Ok(())
    }

    /// The title of a notice.
    pub fn title(&self, path: &str) -> String {
        let notice = self.notices.iter().find(|notice| notice.path == path);
        notice.map_or(path, |notice| notice.title.as_str()).to_owned()
    }

    /// The unit that an export of a station is in on a day, if a notice says it.
    pub fn unit(&self, station: &str, quantity: &str, date: &str) -> Option<&Unit> {
        let fits = |unit: &&Unit| {
            unit.quantity == quantity
                && unit.station.as_deref().is_none_or(|own| own == station)
                && unit.from.as_deref().is_none_or(|from| from <= date)
        };
        // What is said of one station counts more, and then what was said last.
        self.units.iter().filter(fits).max_by_key(|unit| (unit.station.is_some(), &unit.from))
    }
}

/// A row with the names of its columns.
struct Row<'a> {
    path: &'a str,
    columns: &'a [String],
    cells: &'a [String],
}

impl Row<'_> {
    fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.trim().eq_ignore_ascii_case(name))
    }

    fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// A cell, empty where there is none.
    fn cell(&self, name: &str) -> &str {
        let cell = self.place(name).and_then(|place| self.cells.get(place));
        cell.map(|cell| cell.trim()).unwrap_or_default()
    }

    /// A name as exports write it: people have several signs for the one between its parts.
    fn name(&self, name: &str) -> Result<String, &'static str> {
        match self.cell(name) {
            "" => Err("a cell that is needed is empty"),
            cell => Ok(cell.replace(|c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}'), "-")),
        }
    }

    fn day(&self, name: &str) -> Result<String, &'static str> {
        let day = Some(self.cell(name)).filter(|cell| is_day(cell));
        Ok(day.ok_or("it has no day such as 2026-01-05")?.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(columns: &[&str], rows: &[&[&str]]) -> Notices {
        let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let rows = rows.iter().map(|row| owned(row)).collect();
        let mut notices = Notices::default();
        notices.take("/n.md", &Table { columns: owned(columns), rows });
        notices
    }

    #[test]
    fn a_station_is_closed_where_its_status_says_so() {
        let columns = ["STATION", "Status ", "From", "Remark"];
        let notices = found(
            &columns,
            &[
                &["X\u{2011}1", "Closed", "2026-01-02", "rebuilt"],
                &["X-2", "in service", "2026-01-02", ""],
                &["X-3", "closed", "soon", ""],
                &["", "removed", "2026-01-02", ""],
            ],
        );
        assert_eq!(notices.closed.len(), 1);
        assert_eq!((&*notices.closed[0].station, &*notices.closed[0].remark), ("X-1", "rebuilt"));
        assert_eq!(notices.unclear.len(), 2);
    }

    #[test]
    fn a_unit_is_one_station_s_or_everybody_s() {
        let one =
            found(&["Station", "Quantity", "Unit", "From"], &[&["X", "no2", "ppb", "2026-01-02"]]);
        assert_eq!(one.units[0].station.as_deref(), Some("X"));
        assert_eq!(one.units[0].from.as_deref(), Some("2026-01-02"));
        let all = found(&["Unit", "Quantity"], &[&["µg/m³", "no2"]]);
        assert_eq!((&all.units[0].station, &all.units[0].from), (&None, &None));
    }

    #[test]
    fn what_is_said_of_one_station_counts_more_and_then_what_was_said_last() {
        let mut notices = found(&["Quantity", "Unit"], &[&["no2", "µg/m³"]]);
        let columns = ["Station", "Quantity", "Unit", "From"].map(str::to_owned).to_vec();
        let row = |unit: &str, from: &str| ["X", "no2", unit, from].map(str::to_owned).to_vec();
        let rows = vec![row("mg/m³", "2026-01-05"), row("ng/m³", "2026-01-02")];
        notices.take("/o.md", &Table { columns, rows });
        let unit = |station, date| notices.unit(station, "no2", date).map(|unit| &*unit.unit);
        assert_eq!(unit("X", "2026-01-01"), Some("µg/m³"));
        assert_eq!(unit("X", "2026-01-04"), Some("ng/m³"));
        assert_eq!(unit("X", "2026-01-05"), Some("mg/m³"));
        assert_eq!(unit("Y", "2026-01-05"), Some("µg/m³"));
        assert_eq!(notices.unit("X", "pm25", "2026-01-05"), None);
    }

    #[test]
    fn other_tables_say_nothing() {
        let measures = found(&["Measure", "Station", "From"], &[&["trees", "X", "2026-01-02"]]);
        assert_eq!(measures.measures[0].measure, "trees");
        for columns in [&["Station", "Phone"][..], &["Status"], &[]] {
            let notices = found(columns, &[&["closed", "closed"]]);
            assert_eq!(notices, Notices::default(), "{columns:?}");
        }
    }
}
