//! Keyed facts: what changed, what only looks as if it had, what contradicts.

use lucid_score::{Conflict, Fact, FactKind};

use super::{Shelf, Told};
use crate::moment::day;

const PEOPLE: [&str; 8] = [
    "Ines Okoro",
    "Pavel Lind",
    "Mei Tanaka",
    "Ruth Adler",
    "Omar Haddad",
    "Lena Voss",
    "Tomas Reyes",
    "Nora Quist",
];

/// How a fact is written.
const FORMS: [&str; 5] = ["labelled", "sentence", "dated", "heading", "moved"];

/// Adds facts of each kind; `share` is how many of the rarest.
pub(super) fn add(shelf: &mut Shelf, share: u32) {
    for number in 0..share * 5 {
        changed(shelf, number);
    }
    for number in 0..share {
        recurred(shelf, number);
        look_alike(shelf, number);
        scoped(shelf);
        told(shelf);
    }
    for number in 0..share * 2 {
        multi_valued(shelf, number);
        hedged(shelf, number);
        conflict(shelf, number);
    }
}

fn push(shelf: &mut Shelf, kind: FactKind, form: &str, texts: [Vec<String>; 3]) {
    let [current, stale, either] = texts;
    let id = format!("fact-{:04}", shelf.truth.facts.len() + 1);
    let form = form.to_owned();
    shelf.truth.facts.push(Fact { id, kind, form, current, stale, either, told: None });
}

fn code(shelf: &mut Shelf) -> String {
    format!("K-{}", shelf.number())
}

fn labelled(hall: u32, value: &str, date: &str) -> String {
    format!("- Hall {hall} door code: {value} (as of {date})")
}

/// The first day on which one of the facts holds.
fn start(shelf: &mut Shelf) -> u64 {
    shelf.chance.below(60)
}

/// The `step`-th value of one fact, as a note.
fn written(form: &str, n: u32, step: u64, first_day: u64) -> String {
    let date = day(first_day + step * 29);
    let at = usize::try_from(step).unwrap_or_default() + n as usize;
    let person = PEOPLE.get(at % PEOPLE.len()).copied().unwrap_or_default();
    let small = 2 + 3 * step;
    match form {
        "labelled" => labelled(n, &format!("K-{}", 100 + step * 11), &date),
        "sentence" => format!("- The foreman of hall {n} is {person} (as of {date})"),
        "dated" => format!("- As of {date}, the loading dock of hall {n} is dock {small}"),
        // The heading says of which mill, so the value has to be one that no other mill has.
        "heading" => format!("- Feed rate: {} kg/h (as of {date})", u64::from(n) + 3 * step),
        _ if step == 0 => format!("- The archive of hall {n} is in room {small} (as of {date})"),
        _ => format!("- The archive of hall {n} moved to room {small} on {date}"),
    }
}

fn changed(shelf: &mut Shelf, number: u32) {
    let form = FORMS.get(number as usize % FORMS.len()).copied().unwrap_or_default();
    let (n, first_day) = (shelf.number(), start(shelf));
    let last = 1 + u64::from(number % 3);
    let mut texts: Vec<String> = (0..=last).map(|step| written(form, n, step, first_day)).collect();
    for (step, text) in texts.iter().enumerate() {
        if form == "heading" {
            // The newest stands in the memory that is read first.
            let newest = step + 1 == texts.len();
            let path = if newest { "/machines-a.md" } else { "/machines-b.md" };
            shelf.note_under(path, &format!("Mill {n}"), text.clone());
        } else {
            shelf.note(text.clone());
        }
    }
    let current = texts.pop().into_iter().collect();
    push(shelf, FactKind::Changed, form, [current, texts, Vec::new()]);
}

fn recurred(shelf: &mut Shelf, number: u32) {
    let (hall, first_day) = (shelf.number(), start(shelf));
    let (first, second) = (code(shelf), code(shelf));
    let text = |value: &str, step: u64| labelled(hall, value, &day(first_day + step * 40));
    let texts = [text(&first, 0), text(&second, 1), text(&first, 2 + u64::from(number % 2))];
    for text in &texts {
        shelf.note(text.clone());
    }
    let [older, between, newest] = texts.map(|text| vec![text]);
    push(shelf, FactKind::Recurred, "labelled", [newest, between, older]);
}

fn look_alike(shelf: &mut Shelf, number: u32) {
    let (n, first_day) = (shelf.number(), start(shelf));
    let (one, other) = (code(shelf), code(shelf));
    let (early, late) = (day(first_day), day(first_day + 50));
    let texts = if number.is_multiple_of(2) {
        vec![labelled(n, &one, &early), labelled(n * 10, &other, &late)]
    } else {
        let text = |who: &str, code: &str, date: &str| {
            format!("- {who}'s locker in hall {n}: {code} (as of {date})")
        };
        vec![text("Ann Berg", &one, &early), text("Ann Bergman", &other, &late)]
    };
    all_stay(shelf, FactKind::LookAlike, texts);
}

fn scoped(shelf: &mut Shelf) {
    let (site, first_day) = (shelf.number(), start(shelf));
    let mut text = |place: &str, later: u64| {
        let (code, date) = (code(shelf), day(first_day + later));
        format!("- Alarm code of site {site} in the {place} building: {code} (as of {date})")
    };
    let texts = vec![text("old", 0), text("new", 45)];
    all_stay(shelf, FactKind::Scoped, texts);
}

fn multi_valued(shelf: &mut Shelf, number: u32) {
    let (site, first_day) = (shelf.number(), start(shelf));
    let (early, late) = (day(first_day), day(first_day + 33));
    let texts = match number % 3 {
        0 => vec![
            format!("- One of the suppliers of site {site} is Nord Clay (as of {early})"),
            format!("- Another supplier of site {site} is Feld Clay (as of {late})"),
        ],
        1 => vec![
            format!("- The clerk of site {site} speaks Polish (as of {early})"),
            format!("- The clerk of site {site} also speaks German (as of {late})"),
        ],
        _ => ["bentonite", "kaolin", "feldspar"]
            .iter()
            .zip([&early, &early, &late])
            .map(|(what, date)| format!("- Site {site} stocks {what}, among others (as of {date})"))
            .collect(),
    };
    all_stay(shelf, FactKind::MultiValued, texts);
}

fn hedged(shelf: &mut Shelf, number: u32) {
    let (hall, first_day) = (shelf.number(), start(shelf));
    let (known, guessed) = (code(shelf), code(shelf));
    let date = day(first_day + 48);
    let text = match number % 4 {
        0 => format!("- Hall {hall} door code might be {guessed} (as of {date})"),
        1 => format!("- Is the hall {hall} door code {guessed} now? ({date})"),
        2 => format!(
            "- If the lock is changed, the hall {hall} door code would be {guessed} (as of {date})"
        ),
        _ => format!("- Guess of {date}: the hall {hall} door code is probably {guessed}"),
    };
    let texts = vec![labelled(hall, &known, &day(first_day)), text];
    all_stay(shelf, FactKind::Hedged, texts);
}

fn all_stay(shelf: &mut Shelf, kind: FactKind, texts: Vec<String>) {
    for text in &texts {
        shelf.note(text.clone());
    }
    push(shelf, kind, "labelled", [texts, Vec::new(), Vec::new()]);
}

fn told(shelf: &mut Shelf) {
    let (hall, first_day) = (shelf.number(), start(shelf));
    let (known, value) = (code(shelf), code(shelf));
    let old = labelled(hall, &known, &day(first_day));
    shelf.note(old.clone());
    // After the last day of anything in the store, and before the first session.
    let since = day(190);
    let text = format!("For the record: since {since} the hall {hall} door code is {value}.");
    shelf.told.push(Told { text });
    push(shelf, FactKind::Told, "labelled", [Vec::new(), Vec::new(), vec![old]]);
    if let Some(fact) = shelf.truth.facts.last_mut() {
        fact.told = Some(value);
    }
}

fn conflict(shelf: &mut Shelf, number: u32) {
    let (hall, first_day) = (shelf.number(), start(shelf));
    let (one, other) = (code(shelf), code(shelf));
    let date = day(first_day);
    let texts = if number.is_multiple_of(2) {
        vec![labelled(hall, &one, &date), labelled(hall, &other, &date)]
    } else {
        let text = |value: &str| format!("- Hall {hall} key cupboard: {value}");
        vec![text(&one), text(&other)]
    };
    for text in &texts {
        shelf.note(text.clone());
    }
    let id = format!("con-{:04}", shelf.truth.conflicts.len() + 1);
    shelf.truth.conflicts.push(Conflict { id, texts });
}
