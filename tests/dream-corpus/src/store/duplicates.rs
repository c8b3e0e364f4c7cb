//! Entries that say the same.

use lucid_score::{DuplicateKind, Duplicates};

use super::Shelf;

/// Adds so many groups of the kinds that a dream has to see, and half as many of the others.
pub(super) fn add(shelf: &mut Shelf, groups: u32) {
    for number in 0..groups {
        exact(shelf, number);
        normalised(shelf, number);
        subsumed(shelf, number);
        if number.is_multiple_of(2) {
            reordered(shelf, number);
            paraphrased(shelf, number);
        }
    }
}

fn group(shelf: &mut Shelf, kind: DuplicateKind, keep: Option<String>, texts: Vec<String>) {
    for text in &texts {
        shelf.note(text.clone());
    }
    let id = format!("dup-{:04}", shelf.truth.duplicates.len() + 1);
    shelf.truth.duplicates.push(Duplicates { id, kind, keep, texts });
}

fn sentence(shelf: &mut Shelf) -> String {
    let number = shelf.number();
    let what = shelf.chance.of(&["rollers", "guide rails", "catch plates", "feed screws"]);
    let with = shelf.chance.of(&["a dry cloth", "a soft brush", "warm water", "thin oil"]);
    let when = shelf.chance.of(&["before each shift", "after each shift", "on Fridays"]);
    format!("Wipe the {what} of press {number} with {with} {when}")
}

fn exact(shelf: &mut Shelf, number: u32) {
    let text = format!("- {}.", sentence(shelf));
    let copies = 2 + number as usize % 2;
    group(shelf, DuplicateKind::Exact, None, vec![text; copies]);
}

fn normalised(shelf: &mut Shelf, number: u32) {
    let text = sentence(shelf);
    let other = match number % 4 {
        0 => format!("- {}", text.to_uppercase()),
        1 => format!("- {}!", text.replacen("Wipe", "**Wipe**", 1)),
        2 => format!("-  {}.", text.replace(" of ", "  of ")),
        _ => format!("* _{text}_;"),
    };
    group(shelf, DuplicateKind::Normalised, None, vec![format!("- {text}."), other]);
}

fn subsumed(shelf: &mut Shelf, number: u32) {
    let n = shelf.number();
    let (general, specific) = match number % 4 {
        0 => (
            format!("- Press {n} needs oil on both bearings."),
            format!("- Press {n} needs oil on both bearings and the guide rail."),
        ),
        1 => (
            format!("- Keep tray {n} covered overnight."),
            format!("- Keep tray {n} covered overnight with the felt lid."),
        ),
        2 => (
            format!("- Run `weigh --scale {n}` at the start of each shift."),
            format!("- Run `weigh --scale {n}` at the start of each shift and note the result."),
        ),
        // What is more stands in the middle: harder to see, and as true.
        _ => (
            format!("- Do not stack plates on rack {n}."),
            format!("- Do not stack plates or cups on rack {n}."),
        ),
    };
    group(shelf, DuplicateKind::Subsumed, Some(specific.clone()), vec![general, specific]);
}

fn reordered(shelf: &mut Shelf, number: u32) {
    let bin = shelf.number();
    let texts = if number.is_multiple_of(4) {
        vec![
            format!("- Before each shift, empty the water of bin {bin}."),
            format!("- Empty the water of bin {bin} before each shift."),
        ]
    } else {
        vec![
            format!("- On Mondays bin {bin} is rinsed and dried."),
            format!("- Bin {bin} is dried and rinsed on Mondays."),
        ]
    };
    group(shelf, DuplicateKind::Reordered, None, texts);
}

fn paraphrased(shelf: &mut Shelf, number: u32) {
    let barrow = shelf.number();
    let texts = if number.is_multiple_of(4) {
        vec![
            format!("- Barrow {barrow} pulls to the left when it is full."),
            format!("- A loaded barrow {barrow} drifts leftwards."),
        ]
    } else {
        vec![
            format!("- Nobody may smoke near drum {barrow}."),
            format!("- Smoking is forbidden beside drum {barrow}."),
        ]
    };
    group(shelf, DuplicateKind::Paraphrased, None, texts);
}
