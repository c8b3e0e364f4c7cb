//! Ids by how they start.

use rusqlite::{Connection, params};

use super::error::Outcome;
use super::values::named;

/// A table whose rows have ids.
#[derive(Clone, Copy)]
pub(super) enum Table {
    Sessions,
    MemoryStores,
    Dreams,
}

impl Table {
    /// A range of the primary key.
    fn ids_between(self) -> &'static str {
        match self {
            Self::Sessions => {
                "SELECT id FROM sessions WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"
            }
            Self::MemoryStores => {
                "SELECT id FROM memory_stores WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"
            }
            Self::Dreams => "SELECT id FROM dreams WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3",
        }
    }

    /// The ids that start like this, as many as are wanted.
    pub(super) fn starting<T>(
        self,
        connection: &Connection,
        parse: fn(&str) -> Option<T>,
        start: &str,
        limit: u32,
    ) -> Outcome<Vec<T>> {
        // Behind all that can follow: an id has no such character.
        let end = format!("{start}{}", char::MAX);
        let mut statement = connection.prepare_cached(self.ids_between())?;
        let mut rows = statement.query(params![start, end, limit])?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            ids.push(named(parse, &row.get::<_, String>(0)?)?);
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn a_name_by_its_start_reads_a_range_of_ids_and_no_log() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, Path::new("x")).unwrap();
        for table in [Table::Sessions, Table::MemoryStores, Table::Dreams] {
            let sql = format!("EXPLAIN QUERY PLAN {}", table.ids_between());
            let mut statement = connection.prepare(&sql).unwrap();
            let steps = statement.query_map(params!["a", "b", 2], |row| row.get::<_, String>(3));
            let steps: Vec<_> = steps.unwrap().map(Result::unwrap).collect();
            let [step] = steps.as_slice() else { panic!("{steps:#?}") };
            assert!(step.contains("COVERING INDEX") && step.contains("(id>? AND id<?)"), "{step}");
        }
    }
}
