use super::*;

const PLAIN: &str = r#"{"notes":[{"text":"seen","quotes":[{"event":3,"text":"x"}]}]}"#;

#[test]
fn an_answer_of_the_form_is_read() {
    let quotes = vec![SaidQuote { event: 3, text: "x".to_owned() }];
    let expected = [SaidNote { text: "seen".to_owned(), quotes }];
    let fenced = format!("```json\n{PLAIN}\n```");
    let plain = format!("```\n{PLAIN}\n```");
    for text in [PLAIN, &format!(" {PLAIN}\n"), &fenced, &plain] {
        assert_eq!(notes(text).unwrap(), expected, "{text}");
    }
    let said = operations(r#"{"operations":[{"op":"keep","entries":["e1"]}]}"#).unwrap();
    let keep =
        SaidOperation { op: "keep".into(), entries: vec!["e1".into()], ..SaidOperation::default() };
    assert_eq!(said, [keep]);
}

#[test]
fn what_is_not_of_the_form_is_no_answer() {
    for (text, why) in [
        ("", "not complete"),
        ("none", "not one JSON object"),
        (r#"{"notes":["#, "not complete"),
        (r#"{"notes":[{"text":"a"}]}"#, "not of the form"),
        (r#"{"notes":[],"more":1}"#, "not of the form"),
        (r#"{"notes":[{"text":"a","quotes":[],"kind":"b"}]}"#, "not of the form"),
        (r#"{"notes":[{"text":"a","quotes":[{"event":"3","text":"b"}]}]}"#, "not of the form"),
        (r#"{"notes":[{"text":"a","quotes":[{"event":-1,"text":"b"}]}]}"#, "not of the form"),
        ("[[]]", "not of the form"),
        (r#"{"operations":[]}"#, "not of the form"),
    ] {
        let error = notes(text).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
    assert!(operations(r#"{"operations":[{"entries":[]}]}"#).is_err());
    assert!(operations(r#"{"operations":[{"op":"drop","entry":"e1"}]}"#).is_err());
}

#[test]
fn text_around_the_object_and_a_second_object_are_mistakes() {
    for text in [format!("Here: {PLAIN}"), format!("{PLAIN} done"), format!("{PLAIN}{PLAIN}")] {
        assert!(notes(&text).is_err(), "{text}");
    }
    assert!(notes(&PLAIN.replacen('{', r#"{"notes":[],"#, 1)).is_err(), "notes twice");
}

#[test]
fn an_answer_is_bounded() {
    let note = |quotes: usize| {
        let quote = r#"{"event":1,"text":"b"}"#;
        format!(r#"{{"text":"a","quotes":[{}]}}"#, vec![quote; quotes].join(","))
    };
    let answer = |notes: usize, quotes: usize| {
        format!(r#"{{"notes":[{}]}}"#, vec![note(quotes); notes].join(","))
    };
    assert!(notes(&answer(NOTES_MAX, QUOTES_MAX)).is_ok());
    assert!(notes(&answer(NOTES_MAX + 1, 1)).unwrap_err().contains("more than 12 notes"));
    assert!(notes(&answer(1, QUOTES_MAX + 1)).unwrap_err().contains("more than 4 quotes"));
    let keep = r#"{"op":"keep"}"#;
    let many = format!(r#"{{"operations":[{}]}}"#, vec![keep; OPERATIONS_MAX + 1].join(","));
    assert!(operations(&many).unwrap_err().contains("more than 200 operations"));
    let long = PLAIN.replace("seen", &"é".repeat(ANSWER_BYTES_MAX));
    assert!(notes(&long).unwrap_err().contains("longer than"));
    assert!(notes(&format!("{}{}", "[".repeat(30_000), "]".repeat(30_000))).is_err());
    assert!(notes(&"{\"notes\":".repeat(10_000)).is_err());
}

/// What is said to the model of its mistake has nothing of what it wrote.
#[test]
fn a_mistake_is_said_without_the_answers_own_words() {
    let error = notes(r#"{"INJECTED":[]}"#).unwrap_err();
    assert!(!error.contains("INJECTED"), "{error}");
}

#[test]
fn a_line_has_no_breaks_and_nothing_that_is_not_shown() {
    assert_eq!(line(" a\n\tb\u{0} c\u{200b}d\u{202e} \u{e0041}"), "a b cd");
    assert_eq!(line(" \u{feff} "), "");
    let long = line(&"é ".repeat(1_000));
    assert!(long.len() <= 503 && long.ends_with('…'), "{}", long.len());
}
