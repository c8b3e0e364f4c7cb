//! The bookkeeper: closes a month, and mends what is said to be wrong with it.

use lucid_sdk::log;
use serde_json::json;

use crate::care::Draft;
use crate::close::{self, Files};
use crate::source::{self, Source};
use crate::talk::{Call, Made, Round, STOPPED, Talk, Turn, stop};

/// What the bookkeeper says or does next.
pub fn next(talk: &Talk<'_>) -> Turn {
    let Some(seed) = talk.told().find_map(seed) else {
        return stop("the order does not say which session it is for");
    };
    if let Some(failure) = talk.failure() {
        return failure;
    }
    let source = match export(talk) {
        Ok(source) => source,
        Err(turn) => return turn,
    };
    let Some((first, revisions)) = talk.rounds.split_first() else {
        return stop("there is no order");
    };
    let mut draft = Draft::first(seed);
    let mut wanted = close::files(&source, &draft.mistakes);
    let mut round = first;
    for later in revisions {
        let before = close::files(&source, &draft.mistakes);
        draft = draft.revised(seed, &later.told.join("\n"));
        wanted = close::files(&source, &draft.mistakes);
        wanted.retain(|name, text| before.get(name) != Some(text));
        round = later;
    }
    end(&draft, round, &wanted)
}

/// How a round ends: with files to be written, or with what was done.
fn end(draft: &Draft, round: &Round<'_>, wanted: &Files) -> Turn {
    let written = round.calls.iter().any(|call| call.name == "write");
    if !written {
        // For people who want to know what could have been found.
        log::debug(draft.told());
    }
    if !written && !wanted.is_empty() {
        return Turn::Call(wanted.iter().map(|(name, text)| write(name, text)).collect());
    }
    let names: Vec<&str> = wanted.keys().copied().collect();
    Turn::Say(match (draft.round, names.is_empty()) {
        (0, _) => format!("The month is closed: {}.", names.join(", ")),
        (_, false) => format!("I went over it again and changed {}.", names.join(", ")),
        (_, true) => "I went over it again and would write the same.".to_owned(),
    })
}

/// The till's export, or how the turn ends before it is read.
fn export(talk: &Talk<'_>) -> Result<Source, Turn> {
    let paths = source::FILES.map(|name| format!("{}/{name}", source::FOLDER));
    let read = |path: &String| -> Option<&str> {
        let of_it = |call: &&Made<'_>| call.input["file_path"] == path.as_str();
        talk.calls("read").find(of_it)?.result?.ok()
    };
    let missing: Vec<Call> = paths
        .iter()
        .filter(|path| read(path).is_none())
        .map(|path| ("read", json!({"file_path": path})))
        .collect();
    if !missing.is_empty() {
        return Err(Turn::Call(missing));
    }
    let texts = [0, 1, 2].map(|at| read(&paths[at]).unwrap_or_default());
    Source::read(texts).map_err(|why| Turn::Say(format!("{STOPPED}{why}.")))
}

fn write(name: &str, text: &str) -> Call {
    ("write", json!({"file_path": format!("{}/{name}", close::FOLDER), "content": text}))
}

/// The seed out of an order such as `Close the month of branch 7. Session seed 42.`
fn seed(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("Session seed ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_is_found_in_an_order_and_in_nothing_else() {
        let most = "Close the month. Session seed 18446744073709551615. Go on.";
        assert_eq!(seed(most), Some(u64::MAX));
        for text in ["", "Close the month.", "Session seed", "Session seed -1.", "seed 4"] {
            assert_eq!(seed(text), None, "{text}");
        }
    }
}
