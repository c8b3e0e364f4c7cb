//! The mistakes that the bookkeeper makes.

use Mistake::*;

/// One kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mistake {
    /// The report is not written.
    MissingFile,
    /// The summary has a comma too many, and is no JSON.
    InvalidJson,
    /// The ledger has no column of units.
    MissingColumn,
    /// A paid order is left out.
    MissingRow,
    /// An order stands in the ledger twice.
    DuplicatedRow,
    /// A cancelled order stands in the ledger.
    CancelledOrder,
    /// Days are written `07.03.2026`.
    DateFormat,
    /// An order stands on the day beside its own.
    WrongDay,
    /// The ledger is in the order of the export.
    Unsorted,
    /// Corrections are not looked at.
    StaleValue,
    /// An order's units are typed wrong.
    WrongUnits,
    /// Amounts are in euros, not in cents.
    WrongUnit,
    /// A balance is carried over wrong.
    WrongBalance,
    /// The number of orders counts the header.
    RowCount,
    /// The revenue of the summary is copied wrong.
    WrongTotal,
    /// The mean order is rounded to euros.
    Rounding,
    /// The summary is of the month before.
    WrongMonth,
    /// A product of the summary has one order too many.
    ProductCount,
    /// A product of the ledger is not in the summary.
    MissingProduct,
    /// A product's largest order is its smallest.
    LargestOrder,
    /// The report's title says neither branch nor month.
    WrongTitle,
    /// The report's revenue is not the ledger's.
    WrongFigure,
    /// The report's table lacks a product.
    MissingTableRow,
    /// The report does not mention the corrections.
    MissingNote,
    /// The report does not link to the export.
    MissingLink,
    /// The report says in its own words what is not so. No check finds it.
    FalseRemark,
    /// The report names a cause that nothing speaks for. No check finds it.
    UnfoundedCause,
}

/// What is known of a kind of mistake.
#[derive(Debug, Clone, Copy)]
pub struct Habit {
    /// The mistake.
    pub mistake: Mistake,
    /// What it is called in the log.
    pub name: &'static str,
    /// How often it is made in a first draft, in thousandths.
    pub permille: u32,
    /// The words of a gap by which the bookkeeper knows which part of its work is meant. Without
    /// any, nobody can tell it so.
    pub words: &'static [&'static str],
}

const fn habit(
    mistake: Mistake,
    name: &'static str,
    permille: u32,
    words: &'static [&'static str],
) -> Habit {
    Habit { mistake, name, permille, words }
}

/// Every kind, in the order of the work.
pub const HABITS: [Habit; 27] = [
    habit(MissingFile, "missing-file", 25, &["three files are there", "no such file"]),
    habit(InvalidJson, "invalid-json", 30, &["valid json", "not usable json"]),
    habit(MissingColumn, "missing-column", 25, &["has the columns"]),
    habit(MissingRow, "missing-row", 25, &["exactly once"]),
    habit(DuplicatedRow, "duplicated-row", 30, &["exactly once"]),
    habit(CancelledOrder, "cancelled-order", 30, &["cancelled order"]),
    habit(DateFormat, "date-format", 30, &["year first"]),
    habit(WrongDay, "wrong-day", 20, &["day of the export"]),
    habit(Unsorted, "unsorted", 35, &["sorted by day"]),
    habit(StaleValue, "stale-value", 45, &["units of its correction"]),
    habit(WrongUnits, "wrong-units", 25, &["units of the export"]),
    habit(WrongUnit, "wrong-unit", 30, &["in whole cents"]),
    habit(WrongBalance, "wrong-balance", 25, &["balance runs"]),
    habit(RowCount, "row-count", 35, &["number of lines"]),
    habit(WrongTotal, "wrong-total", 30, &["revenue_cents are"]),
    habit(Rounding, "rounding", 35, &["rounded to a cent"]),
    habit(WrongMonth, "wrong-month", 20, &["branch and month"]),
    habit(ProductCount, "product-count", 20, &["number of its orders"]),
    habit(MissingProduct, "missing-product", 25, &["is listed once"]),
    habit(LargestOrder, "largest-order", 20, &["largest of its amounts"]),
    habit(WrongTitle, "wrong-title", 25, &["title is"]),
    habit(WrongFigure, "wrong-figure", 30, &["ledger in euros"]),
    habit(MissingTableRow, "missing-table-row", 20, &["row for each product"]),
    habit(MissingNote, "missing-note", 30, &["correction is noted"]),
    habit(MissingLink, "missing-link", 35, &["links to"]),
    habit(FalseRemark, "false-remark", 20, &[]),
    habit(UnfoundedCause, "unfounded-cause", 20, &[]),
];

impl Habit {
    /// Whether a check can find the mistake.
    pub fn is_checkable(&self) -> bool {
        !self.words.is_empty()
    }

    /// Whether a text about gaps means this part of the work.
    pub fn is_meant(&self, gaps: &str) -> bool {
        let gaps = gaps.to_lowercase();
        self.words.iter().any(|words| gaps.contains(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_stands_there_once_with_a_name_and_a_chance() {
        let kinds: BTreeSet<Mistake> = HABITS.iter().map(|habit| habit.mistake).collect();
        let names: BTreeSet<&str> = HABITS.iter().map(|habit| habit.name).collect();
        assert_eq!((kinds.len(), names.len()), (HABITS.len(), HABITS.len()));
        assert!(HABITS.iter().all(|habit| (10..=50).contains(&habit.permille)));
        assert!(HABITS.iter().filter(|habit| habit.is_checkable()).count() >= 10);
    }
}
