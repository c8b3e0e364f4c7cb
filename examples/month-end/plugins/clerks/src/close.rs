//! The close of a month: the files, as they are with some mistakes made.
//!
//! A mistake is made where it would be made: what comes later follows from it, as it does on
//! paper. So a stale value gives a wrong balance, a wrong total and a wrong mean, and all of
//! them fit together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::mistake::Mistake::{self, *};
use crate::source::{Order, Source};

/// Where the close goes.
pub const FOLDER: &str = "/mnt/session/outputs/close";

/// A file of the close, by name.
pub type Files = BTreeMap<&'static str, String>;

/// One line of the ledger.
struct Line<'a> {
    order: &'a str,
    day: String,
    product: &'a str,
    units: u32,
    amount_cents: i64,
    balance_cents: i64,
}

/// The files of the close, with these mistakes in them.
pub fn files(source: &Source, made: &BTreeSet<Mistake>) -> Files {
    let lines = ledger(source, made);
    let mut files = Files::from([
        ("lines.csv", csv(&lines, made)),
        ("summary.json", summary(source, &lines, made)),
    ]);
    if !made.contains(&MissingFile) {
        files.insert("report.md", report(source, &lines, made));
    }
    files
}

fn ledger<'a>(source: &'a Source, made: &BTreeSet<Mistake>) -> Vec<Line<'a>> {
    let corrected = source.corrected();
    let plain: Vec<&Order> = source
        .orders
        .iter()
        .filter(|order| order.is_paid() && !corrected.contains_key(&*order.order))
        .collect();
    // Each mistake about one order is about another one.
    let hit = |mistake: Mistake, at: usize| {
        plain.get(at).filter(|_| made.contains(&mistake)).map(|order| &*order.order)
    };
    let (left_out, mistyped) = (hit(MissingRow, 0), hit(WrongUnits, 1));
    let (twice, moved) = (hit(DuplicatedRow, 2), hit(WrongDay, 3));
    let mut cancelled = source.orders.iter().find(|order| !order.is_paid());
    cancelled = cancelled.filter(|_| made.contains(&CancelledOrder));
    let mut lines = Vec::new();
    for order in source.orders.iter().filter(|order| order.is_paid()).chain(cancelled) {
        let id = &*order.order;
        if left_out == Some(id) {
            continue;
        }
        let correction = corrected.get(id).filter(|_| !made.contains(&StaleValue));
        let units = match correction {
            Some(correction) => correction.units,
            None if mistyped == Some(id) => order.units * 10,
            None => order.units,
        };
        let day = if moved == Some(id) { beside(&order.day) } else { order.day.clone() };
        for _ in 0..=usize::from(twice == Some(id)) {
            lines.push(Line {
                order: id,
                day: day.clone(),
                product: &order.product,
                units,
                amount_cents: i64::from(units) * i64::from(order.price_cents),
                balance_cents: 0,
            });
        }
    }
    if !made.contains(&Unsorted) {
        lines.sort_by(|one, other| (&one.day, one.order).cmp(&(&other.day, other.order)));
    }
    let middle = lines.len() / 2;
    let mut balance = 0;
    for (at, line) in lines.iter_mut().enumerate() {
        // Two digits changed places where the page was turned.
        let slip = if at == middle && made.contains(&WrongBalance) { 900 } else { 0 };
        balance += line.amount_cents + slip;
        line.balance_cents = balance;
    }
    lines
}

/// The day after, or before at the end of a month.
fn beside(day: &str) -> String {
    let (month, number) = day.split_at(day.len().saturating_sub(2));
    match number.parse::<u32>() {
        Ok(number) if number < 28 => format!("{month}{:02}", number + 1),
        Ok(number) => format!("{month}{:02}", number - 1),
        Err(_) => day.to_owned(),
    }
}

fn csv(lines: &[Line<'_>], made: &BTreeSet<Mistake>) -> String {
    let units = !made.contains(&MissingColumn);
    let head = if units { "product,units" } else { "product" };
    let mut text = format!("order,day,{head},amount_cents,balance_cents\n");
    for line in lines {
        let day = if made.contains(&DateFormat) { turned(&line.day) } else { line.day.clone() };
        let amount = match made.contains(&WrongUnit) {
            true => euros(line.amount_cents),
            false => line.amount_cents.to_string(),
        };
        let cells = if units { format!(",{}", line.units) } else { String::new() };
        let Line { order, product, balance_cents, .. } = line;
        text.push_str(&format!("{order},{day},{product}{cells},{amount},{balance_cents}\n"));
    }
    text
}

/// `2026-03-07` as `07.03.2026`.
fn turned(day: &str) -> String {
    day.rsplit('-').collect::<Vec<_>>().join(".")
}

/// Cents as euros, such as `12.50`.
fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn revenue(lines: &[Line<'_>]) -> i64 {
    lines.last().map_or(0, |line| line.balance_cents)
}

/// The products of the ledger, by name: the amounts of their orders.
fn products<'a>(lines: &[Line<'a>]) -> BTreeMap<&'a str, Vec<i64>> {
    let mut products: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for line in lines {
        products.entry(line.product).or_default().push(line.amount_cents);
    }
    products
}

fn summary(source: &Source, lines: &[Line<'_>], made: &BTreeSet<Mistake>) -> String {
    let has = |mistake| made.contains(&mistake);
    let (orders, revenue) = (lines.len(), revenue(lines));
    let mut listed: Vec<Value> = products(lines)
        .into_iter()
        .enumerate()
        .map(|(at, (product, amounts))| {
            let counted = amounts.len() + usize::from(at == 0 && has(ProductCount));
            let largest = amounts.iter().max();
            let shown = if has(LargestOrder) { amounts.iter().min() } else { largest };
            // Where all are as large as each other, the smallest is no mistake.
            let more = i64::from(has(LargestOrder) && shown == largest);
            let largest_cents = shown.copied().unwrap_or_default() + more;
            json!({"product": product, "orders": counted, "largest_cents": largest_cents})
        })
        .collect();
    if has(MissingProduct) {
        listed.pop();
    }
    let month = &source.branch.month;
    let summary = json!({
        "branch": source.branch.branch,
        "month": if has(WrongMonth) { before(month) } else { month.clone() },
        "currency": source.branch.currency,
        "orders": orders + usize::from(has(RowCount)),
        "revenue_cents": if has(WrongTotal) { revenue + 270 } else { revenue },
        "mean_order_eur": mean(revenue, orders, has(Rounding)),
        "products": listed,
    });
    let text = format!("{summary:#}\n");
    if has(InvalidJson) { text.replacen("\n  ]\n", "\n  ],\n", 1) } else { text }
}

/// The mean order in euros: rounded to a cent, or else to euros.
fn mean(revenue: i64, orders: usize, coarse: bool) -> f64 {
    let orders = i64::try_from(orders).unwrap_or(i64::MAX).max(1);
    let cents = (2 * revenue + orders) / (2 * orders);
    let whole = (cents + 50) / 100 * 100;
    let cents = match (coarse, whole == cents) {
        (false, _) => cents,
        (true, false) => whole,
        (true, true) => cents + 1,
    };
    cents as f64 / 100.0
}

/// The month before, such as `2026-02` for `2026-03`.
fn before(month: &str) -> String {
    let (year, number) = month.split_once('-').unwrap_or((month, "1"));
    match (year.parse::<u32>(), number.parse::<u32>()) {
        (Ok(year), Ok(number)) if number > 1 => format!("{year}-{:02}", number - 1),
        (Ok(year), _) => format!("{}-12", year.saturating_sub(1)),
        _ => String::new(),
    }
}

fn report(source: &Source, lines: &[Line<'_>], made: &BTreeSet<Mistake>) -> String {
    let has = |mistake| made.contains(&mistake);
    let branch = &source.branch;
    let mut text = match has(WrongTitle) {
        true => "# Report\n\n".to_owned(),
        false => format!("# Month-end close: {}, {}\n\n", branch.name, branch.month),
    };
    let revenue = revenue(lines) + if has(WrongFigure) { 1_000 } else { 0 };
    let (orders, cancelled) = (lines.len(), source.orders.iter().filter(|o| !o.is_paid()).count());
    text.push_str(&format!(
        "{orders} orders were paid, EUR {} in all. {cancelled} more had been cancelled.\n\n{}\n",
        euros(revenue),
        remark(lines, made),
    ));
    text.push_str("\n| Product | Orders | Largest order |\n|---|---|---|\n");
    let mut rows: Vec<String> = products(lines)
        .into_iter()
        .map(|(product, amounts)| {
            let largest = amounts.iter().max().copied().unwrap_or_default();
            format!("| {product} | {} | EUR {} |\n", amounts.len(), euros(largest))
        })
        .collect();
    if has(MissingTableRow) {
        rows.pop();
    }
    text.push_str(&rows.concat());
    if !has(MissingNote) {
        text.push_str("\n## Corrections\n\n");
        for correction in &source.corrections {
            let units = if correction.units == 1 { "unit" } else { "units" };
            text.push_str(&format!(
                "- {}: {} {units}, {}.\n",
                correction.order, correction.units, correction.reason
            ));
        }
    }
    let till = match has(MissingLink) {
        true => "the till's export".to_owned(),
        false => format!("[the till's export]({})", branch.export),
    };
    text.push_str(&format!("\n## Source\n\nMade from {till}.\n"));
    text
}

/// What is worth saying of the month, in words.
fn remark(lines: &[Line<'_>], made: &BTreeSet<Mistake>) -> String {
    let products = products(lines);
    let most = products.iter().max_by_key(|(_, amounts)| amounts.len());
    let best = most.map_or("nothing", |(product, _)| product);
    let mut remark = match made.contains(&FalseRemark) {
        true => format!("Hardly anybody asked for {best} this month."),
        false => format!("No product was ordered more often than {best}."),
    };
    if made.contains(&UnfoundedCause) {
        remark.push_str(" The fair in town is the reason.");
    }
    remark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_months_and_amounts_are_written_as_they_should_and_should_not_be() {
        assert_eq!(beside("2026-03-07"), "2026-03-08");
        assert_eq!(beside("2026-01-31"), "2026-01-30");
        assert_eq!(turned("2026-03-07"), "07.03.2026");
        assert_eq!((before("2026-03"), before("2026-01")), ("2026-02".into(), "2025-12".into()));
        assert_eq!((euros(1_250), euros(5)), ("12.50".to_owned(), "0.05".to_owned()));
    }

    #[test]
    fn a_mean_is_rounded_half_up_and_a_coarse_one_never_right() {
        assert_eq!((mean(1_001, 2, false), mean(1_000, 3, false)), (5.01, 3.33));
        assert_eq!((mean(1_001, 2, true), mean(600, 3, true)), (5.0, 2.01));
        for revenue in 1..5_000 {
            assert_ne!(mean(revenue, 7, true), mean(revenue, 7, false));
        }
    }
}
