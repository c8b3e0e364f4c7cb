//! The till's export, as the bookkeeper reads it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Where the export is.
pub const FOLDER: &str = "/mnt/session/outputs/source";

/// The files of it, in the order they are read.
pub const FILES: [&str; 3] = ["branch.json", "orders.csv", "corrections.csv"];

/// Which month of which branch it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Branch {
    /// The branch's number.
    pub branch: u32,
    /// The branch's name.
    pub name: String,
    /// The month, such as `2026-03`.
    pub month: String,
    /// The currency of all amounts.
    pub currency: String,
    /// Where the export is kept.
    pub export: String,
}

/// One order, as it was typed in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Order {
    /// Its number.
    pub order: String,
    /// The day, such as `2026-03-07`.
    pub day: String,
    /// What was ordered.
    pub product: String,
    /// How many of it.
    pub units: u32,
    /// What one costs, in cents.
    pub price_cents: u32,
    /// `paid` or `cancelled`.
    pub status: String,
}

impl Order {
    /// Whether it counts.
    pub fn is_paid(&self) -> bool {
        self.status == "paid"
    }
}

/// A correction of an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Correction {
    /// The order's number.
    pub order: String,
    /// How many units it really were.
    pub units: u32,
    /// Why.
    pub reason: String,
}

/// The whole export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Which month of which branch it is.
    pub branch: Branch,
    /// Every order.
    pub orders: Vec<Order>,
    /// Every correction.
    pub corrections: Vec<Correction>,
}

impl Source {
    /// Reads the texts of [`FILES`].
    ///
    /// # Errors
    /// Which file is unreadable, and why.
    pub fn read(texts: [&str; 3]) -> Result<Self, String> {
        let [branch, orders, corrections] = texts;
        let wrong = |error: serde_json::Error| format!("{} is unreadable: {error}", FILES[0]);
        let source = Self {
            branch: serde_json::from_str(branch).map_err(wrong)?,
            orders: rows(FILES[1], orders)?,
            corrections: rows(FILES[2], corrections)?,
        };
        if !source.orders.iter().any(Order::is_paid) {
            return Err(format!("{} has no paid order", FILES[1]));
        }
        Ok(source)
    }

    /// The correction of each order that has one.
    pub fn corrected(&self) -> BTreeMap<&str, &Correction> {
        self.corrections.iter().map(|correction| (&*correction.order, correction)).collect()
    }
}

fn rows<T: DeserializeOwned>(name: &str, text: &str) -> Result<Vec<T>, String> {
    let rows: Result<_, csv::Error> =
        csv::Reader::from_reader(text.as_bytes()).into_deserialize().collect();
    rows.map_err(|error| format!("{name} is unreadable: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRANCH: &str =
        r#"{"branch":1,"name":"N","month":"2026-01","currency":"EUR","export":"u"}"#;
    const ORDERS: &str =
        "order,day,product,units,price_cents,status\nT-1,2026-01-02,Figs,2,5,paid\n";

    #[test]
    fn an_export_is_read_and_what_is_wrong_with_one_is_named() {
        let source = Source::read([BRANCH, ORDERS, "order,units,reason\nT-1,3,x\n"]).unwrap();
        assert_eq!((source.orders[0].units, source.corrected()["T-1"].units), (2, 3));
        let none = "order,units,reason\n";
        let cancelled = ORDERS.replace("paid", "cancelled");
        for (texts, about) in [
            (["{", ORDERS, none], "branch.json"),
            ([BRANCH, "order\nT-1\n", none], "orders.csv"),
            ([BRANCH, &cancelled, none], "no paid order"),
            ([BRANCH, ORDERS, "order,units,reason\nT-1,x,y\n"], "corrections.csv"),
        ] {
            assert!(Source::read(texts).unwrap_err().contains(about), "{about}");
        }
    }
}
