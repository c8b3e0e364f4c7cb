use super::*;
use crate::types::{Ending, Origin};

fn sessions(principals: &[&str]) -> Vec<Session> {
    let session = |(place, principal): (usize, &&str)| Session {
        id: format!("sesn_{place}"),
        title: String::new(),
        agent: String::new(),
        principal: (*principal).to_owned(),
        started_at_ms: place as u64,
        ending: Ending::Unknown,
    };
    principals.iter().enumerate().map(session).collect()
}

fn note(session: usize, text: &str, origins: &[Origin]) -> (usize, Note) {
    let quote = |(number, origin): (usize, &Origin)| Quote {
        event_id: format!("sevt_{session}_{number}"),
        at_ms: session as u64,
        origin: *origin,
        text: text.to_owned(),
    };
    let quotes = origins.iter().enumerate().map(quote).collect();
    (session, Note { text: text.to_owned(), quotes })
}

const PERSON: &[Origin] = &[Origin::Person];

fn texts(groups: &[Group]) -> Vec<&str> {
    groups.iter().map(|group| group.text.as_str()).collect()
}

#[test]
fn notes_that_say_the_same_are_one_whatever_their_order() {
    let notes = vec![
        note(0, "The relay hums.", PERSON),
        note(2, "- the **relay** hums", PERSON),
        note(1, "The door is blue.", PERSON),
    ];
    let sessions = sessions(&["ada"; 3]);
    let groups = group(notes.clone(), &sessions, "");
    assert_eq!(texts(&groups), ["The relay hums.", "The door is blue."]);
    assert_eq!((groups[0].support, groups[0].cited.len()), (2, 2));
    let reversed = group(notes.into_iter().rev().collect(), &sessions, "");
    assert_eq!(groups, reversed);
}

#[test]
fn the_theme_comes_first_then_support_then_what_is_new() {
    let notes = vec![
        note(0, "The relay hums.", PERSON),
        note(1, "The relay hums.", PERSON),
        note(0, "The door is blue.", PERSON),
        note(2, "The window is open.", PERSON),
    ];
    let sessions = sessions(&["ada"; 3]);
    let ranked = |theme: &str| {
        let groups = group(notes.clone(), &sessions, theme);
        texts(&groups).iter().map(|text| text[4..8].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ranked(""), ["rela", "wind", "door"]);
    assert_eq!(ranked("Tell me about every door."), ["door", "rela", "wind"]);
}

#[test]
fn one_principal_who_repeats_something_is_one_voice_where_there_are_others() {
    let repeated: Vec<_> = (0..4).map(|session| note(session, "The relay hums.", PERSON)).collect();
    let support =
        |principals: &[&str]| group(repeated.clone(), &sessions(principals), "").remove(0).support;
    assert_eq!(support(&["ada", "ada", "ada", "ada"]), 4, "there is nobody else");
    assert_eq!(support(&["eve", "eve", "eve", "eve", "ada"]), 1);
    assert_eq!(support(&["eve", "eve", "eve", "ada"]), 2);
    assert_eq!(support(&["eve", "eve", "bob", "ada"]), 4);
}

#[test]
fn of_what_is_cited_no_principal_has_more_than_half_and_what_bears_comes_first() {
    let sessions = sessions(&["eve", "eve", "eve", "ada"]);
    let notes: Vec<_> = (0..4).map(|session| note(session, "The relay hums.", PERSON)).collect();
    let groups = group(notes, &sessions, "");
    let cited = chosen(&[&groups[0]], &sessions);
    let places: Vec<_> = cited.iter().map(|one| one.session).collect();
    assert_eq!(places, [0, 3]);
    let evidence = evidence(&cited, &sessions);
    assert_eq!(evidence[1].session_id, "sesn_3");
    assert_eq!(evidence[1].event_id, "sevt_3_0");
}

#[test]
fn quotes_are_bounded_and_of_many_sessions() {
    let many = [Origin::Outside, Origin::Outside, Origin::Tool, Origin::Person];
    let notes: Vec<_> = (0..30).map(|session| note(session, "The relay hums.", &many)).collect();
    let sessions = sessions(&["ada"; 30]);
    let groups = group(notes, &sessions, "");
    assert_eq!((groups.len(), groups[0].sessions.len()), (1, 30));
    let cited = &groups[0].cited;
    assert_eq!(cited.len(), QUOTES_MAX);
    assert!(cited.iter().all(|one| one.quote.origin.bears()), "{cited:?}");
    let of: BTreeSet<usize> = cited.iter().map(|one| one.session).collect();
    assert_eq!(of.len(), QUOTES_MAX);
}
