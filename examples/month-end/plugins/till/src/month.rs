//! One branch's month: orders, and corrections that came later.

use serde_json::json;

use crate::draw::Draw;

/// The year of every export.
const YEAR: u32 = 2026;

/// The branches are named after where they are; past the last name they begin again.
const PLACES: [&str; 12] = [
    "Harbour Street",
    "Mill Lane",
    "Old Market",
    "Station Square",
    "Orchard Road",
    "Bridge End",
    "Castle Hill",
    "North Gate",
    "River Walk",
    "Chapel Row",
    "Green Park",
    "South Quay",
];

/// What is sold, with the price in cents that branches start from.
const PRODUCTS: [(&str, u32); 8] = [
    ("Apple juice", 245),
    ("Brown bread", 389),
    ("Coffee beans", 1_290),
    ("Dark chocolate", 279),
    ("Earl Grey", 615),
    ("Figs", 450),
    ("Goat cheese", 735),
    ("Honey", 899),
];

/// Why an order is corrected.
const REASONS: [&str; 4] =
    ["counted again", "typed twice", "part of it was returned", "a crate was forgotten"];

/// One order, as it was typed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its number, such as `T-0412`.
    pub order: String,
    /// The day, such as `2026-03-07`.
    pub day: String,
    /// What was ordered.
    pub product: &'static str,
    /// How many of it.
    pub units: u32,
    /// What one costs, in cents.
    pub price_cents: u32,
    /// Whether it was paid; else it was cancelled.
    pub paid: bool,
}

/// A correction of an order: so many units it really were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The order's number.
    pub order: String,
    /// How many it really were.
    pub units: u32,
    /// Why.
    pub reason: &'static str,
}

/// All of a branch's month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// The branch's number.
    pub branch: u32,
    /// The branch's name.
    pub name: &'static str,
    /// The month, such as `2026-03`.
    pub month: String,
    /// Its orders, in the order they were typed in: not of their days.
    pub orders: Vec<Order>,
    /// Its corrections; each is of another paid order.
    pub corrections: Vec<Correction>,
}

impl Month {
    /// The month of a branch: the same for the same seed and branch.
    pub fn of(seed: u64, branch: u32) -> Self {
        let draw = Draw::new(seed, branch);
        let month = 1 + draw.below("month", 0, 12);
        let mut orders = orders(draw, month);
        // The first orders stay as they are, so that every product has one that was paid.
        let mut rest: Vec<usize> = (assortment(draw).len()..orders.len()).collect();
        rest.sort_by_key(|place| draw.bits("rest", number(*place)));
        let cancelled = 1 + draw.below("cancelled", 0, 3) as usize;
        let corrected = 1 + draw.below("corrected", 0, 2) as usize;
        for place in rest.iter().take(cancelled) {
            orders[*place].paid = false;
        }
        let mut places: Vec<usize> = rest.into_iter().skip(cancelled).take(corrected).collect();
        places.sort_unstable();
        let corrections = places.into_iter().map(|place| {
            let (number, old) = (number(place), orders[place].units);
            let more = 1 + draw.below("more", number, 4);
            let fewer = old > 2 && draw.below("fewer", number, 2) == 0;
            Correction {
                order: orders[place].order.clone(),
                units: if fewer { old - 1 } else { old + more },
                reason: REASONS[draw.below("reason", number, 4) as usize],
            }
        });
        Self {
            branch,
            name: PLACES[branch as usize % PLACES.len()],
            month: format!("{YEAR}-{month:02}"),
            corrections: corrections.collect(),
            orders,
        }
    }

    /// Where the export is said to be kept.
    pub fn address(&self) -> String {
        format!("https://till.example/exports/{}/branch-{}", self.month, self.branch)
    }

    /// The files of the export: name and text.
    pub fn files(&self) -> [(&'static str, String); 3] {
        let branch = json!({
            "branch": self.branch,
            "name": self.name,
            "month": self.month,
            "currency": "EUR",
            "export": self.address(),
        });
        let mut orders = "order,day,product,units,price_cents,status\n".to_owned();
        for Order { order, day, product, units, price_cents, paid } in &self.orders {
            let status = if *paid { "paid" } else { "cancelled" };
            orders.push_str(&format!("{order},{day},{product},{units},{price_cents},{status}\n"));
        }
        let mut corrections = "order,units,reason\n".to_owned();
        for Correction { order, units, reason } in &self.corrections {
            corrections.push_str(&format!("{order},{units},{reason}\n"));
        }
        [
            ("branch.json", format!("{branch:#}\n")),
            ("orders.csv", orders),
            ("corrections.csv", corrections),
        ]
    }
}

fn orders(draw: Draw, month: u32) -> Vec<Order> {
    let products = assortment(draw);
    let count = 14 + draw.below("orders", 0, 9);
    let first = 100 + draw.below("first", 0, 800);
    let order = |at: u32| {
        let drawn = draw.below("product", at, number(products.len())) as usize;
        let (product, price_cents) = products[products.len().min(at as usize + 1) - 1];
        let later = at as usize >= products.len();
        let (product, price_cents) = if later { products[drawn] } else { (product, price_cents) };
        Order {
            order: format!("T-{:04}", first + at),
            day: format!("{YEAR}-{month:02}-{:02}", 1 + draw.below("day", at, days(month))),
            product,
            units: 1 + draw.below("units", at, 6),
            price_cents,
            paid: true,
        }
    };
    (0..count).map(order).collect()
}

/// What a branch sells, with its prices: three to five products.
fn assortment(draw: Draw) -> Vec<(&'static str, u32)> {
    let first = draw.below("assortment", 0, number(PRODUCTS.len())) as usize;
    let count = 3 + draw.below("assortment", 1, 3) as usize;
    let product = |at: usize| {
        let (name, price) = PRODUCTS[(first + at) % PRODUCTS.len()];
        (name, price + draw.below("price", number(at), 50))
    };
    (0..count).map(product).collect()
}

fn days(month: u32) -> u32 {
    match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Places in lists here are small.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_month_follows_from_the_seed_and_the_branch() {
        assert_eq!(Month::of(4, 7), Month::of(4, 7));
        assert_ne!(Month::of(4, 7).orders, Month::of(4, 8).orders);
        assert_ne!(Month::of(4, 7).orders, Month::of(5, 7).orders);
    }

    /// What can go wrong has to be there to go wrong.
    #[test]
    fn every_month_has_what_a_close_is_made_of() {
        for branch in 1..=500 {
            let month = Month::of(4, branch);
            let paid: Vec<&Order> = month.orders.iter().filter(|order| order.paid).collect();
            let ids: BTreeSet<&str> = month.orders.iter().map(|order| &*order.order).collect();
            assert_eq!(ids.len(), month.orders.len());
            assert!(month.orders.len() - paid.len() >= 1, "none is cancelled");
            assert!(paid.len() >= 11 && !month.corrections.is_empty());
            for correction in &month.corrections {
                let order = paid.iter().find(|order| order.order == correction.order).unwrap();
                assert_ne!(order.units, correction.units);
                assert!(correction.units > 0);
            }
            let products: BTreeSet<_> = paid.iter().map(|order| order.product).collect();
            assert!(products.len() >= 3, "{products:?}");
            assert!(!paid.is_sorted_by_key(|order| &order.day), "there is nothing to sort");
            assert!(paid.iter().all(|order| order.day.starts_with(&month.month)));
        }
    }
}
