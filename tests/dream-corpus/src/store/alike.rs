//! Entries that look alike and are not to become one.

use lucid_score::Distinct;

use super::Shelf;

/// Adds so many pairs.
pub(super) fn add(shelf: &mut Shelf, pairs: u32) {
    for number in 0..pairs {
        let n = shelf.number();
        let (differs, texts) = pair(number % 6, n, shelf);
        for text in &texts {
            shelf.note(text.clone());
        }
        let id = format!("alike-{:04}", number + 1);
        shelf.truth.distinct.push(Distinct { id, differs: differs.to_owned(), texts });
    }
}

fn pair(kind: u32, n: u32, shelf: &mut Shelf) -> (&'static str, Vec<String>) {
    match kind {
        0 => {
            let other = shelf.number();
            let text = |n: u32| format!("- Order {n} left by the north gate on a wet morning.");
            ("number", vec![text(n), text(other)])
        }
        1 => {
            let other = shelf.number();
            let text = |n: u32| format!("- Ticket PR-{n} brought the new table of glazes.");
            ("identifier", vec![text(n), text(other)])
        }
        2 => {
            let text = |who: &str| format!("- Ask {who} before you open drawer {n}.");
            ("name", vec![text("Ann Berg"), text("Ann Bergman")])
        }
        3 => {
            let text = |unit: &str| format!("- Slip {n} goes through the 2 {unit} sieve.");
            ("unit", vec![text("mm"), text("cm")])
        }
        4 => {
            let text =
                |word: &str| format!("- The side door of shed {n} is {word} locked at noon.");
            ("negation", vec![text("always"), text("not")])
        }
        _ => {
            let text =
                |call: &str| format!("- For silo {n} the first step is `{call} --silo {n}`.");
            ("code", vec![text("seal"), text("unseal")])
        }
    }
}
