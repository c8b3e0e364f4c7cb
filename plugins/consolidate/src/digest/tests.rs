//! What a digest holds, on sessions as the host writes them.

use super::*;
use crate::made::Tape;
use serde_json::json;

fn value(digest: &Digest, name: &str) -> Option<Scalar> {
    digest.fields.iter().find(|field| *field.name == *name).map(|field| field.value.clone())
}

fn quote(digest: &Digest, name: &str) -> String {
    let field = digest.fields.iter().find(|field| *field.name == *name);
    field.map(|field| field.spot.quote.to_string()).unwrap_or_default()
}

fn busy() -> Digest {
    Tape::default()
        .says("The deploy day is Monday. Is it?")
        .fails("fly", json!({"speed": 9, "site": "a"}), "error: no such site 'a' (code 7)")
        .calls("map", json!({"site": "a"}), "drawn")
        .calls("fly", json!({"speed": 2, "site": "a"}), r#"{"fuel": 12.5, "down": {"ok": true}}"#)
        .calls("look", json!({"at": {"x": 1}}), "count: 4 rocks\nlight = sun")
        .digest()
}

#[test]
fn inputs_results_and_counts_are_features_with_quotes() {
    let digest = busy();
    for (name, expected) in [
        ("fly.speed", Scalar::Number(2.0)),
        ("fly.site", Scalar::Text(Rc::from("a"))),
        ("fly:result.fuel", Scalar::Number(12.5)),
        ("fly:result.down.ok", Scalar::Bool(true)),
        ("fly:calls", Scalar::Number(2.0)),
        ("fly:errors", Scalar::Number(1.0)),
        ("look.at.x", Scalar::Number(1.0)),
        ("look:result.count", Scalar::Number(4.0)),
        ("look:result.light", Scalar::Text(Rc::from("sun"))),
    ] {
        assert_eq!(value(&digest, name), Some(expected), "{name}");
        assert!(!quote(&digest, name).is_empty(), "{name}");
    }
    assert_eq!(quote(&digest, "fly.speed"), r#""speed":2"#);
    assert_eq!(quote(&digest, "fly:result.fuel"), r#"\"fuel\": 12.5"#);
    assert!(digest.fields.is_sorted_by(|a, b| a.name < b.name));
}

#[test]
fn a_failure_is_kept_as_a_template_with_what_mended_it() {
    let digest = busy();
    assert_eq!(digest.failures.len(), 1);
    let failure = &digest.failures[0];
    assert_eq!(&*failure.error, "error: no such site <text> (code <n>)");
    let set = Change::Set(Rc::from("speed"), Rc::from("2"));
    let found: Vec<_> =
        failure.attempts.iter().map(|attempt| (&attempt.change, attempt.worked)).collect();
    assert_eq!(found, [(&set, true)]);
    assert_eq!(&*failure.attempts[0].spot.quote, r#""speed":2"#);
    let again = Tape::default()
        .fails("fly", json!({"site": "a"}), "no map")
        .calls("map", json!({"site": "a"}), "drawn")
        .calls("fly", json!({"site": "a"}), "down")
        .digest();
    let after = Change::After(Rc::from("map(site)"));
    assert_eq!(again.failures[0].attempts[0].change, after);
}

#[test]
fn what_comes_from_outside_or_from_dreams_is_not_kept() {
    for origin in [Origin::Outside, Origin::Dream] {
        let digest = Tape::default()
            .call("web", json!({"q": "x"}), "price: 7", false, origin)
            .call("web", json!({"q": "y"}), "site is down", true, origin)
            .digest();
        assert_eq!(value(&digest, "web:result.price"), None);
        assert!(digest.failures.is_empty(), "{origin:?}");
    }
}

#[test]
fn steps_are_tools_with_the_names_of_their_arguments() {
    let shapes: Vec<String> = busy().steps.iter().map(|step| step.shape.to_string()).collect();
    assert_eq!(shapes, ["fly(site, speed)", "map(site)", "fly(site, speed)", "look(at)"]);
}

#[test]
fn what_threads_do_is_the_same_whichever_writes_first() {
    let shapes = |calls: [(&'static str, &str); 5]| -> Vec<String> {
        let call = |tape: Tape, (thread, tool)| tape.on(thread).calls(tool, json!({}), "done");
        let digest = calls.into_iter().fold(Tape::default(), call).digest();
        digest.steps.iter().map(|step| step.shape.to_string()).collect()
    };
    let expected = ["look()", "open()", "", "look()", "walk()", "rest()"];
    let one_by_one = [("a", "look"), ("a", "open"), ("b", "look"), ("b", "walk"), ("b", "rest")];
    assert_eq!(shapes(one_by_one), expected);
    let at_once = [("a", "look"), ("b", "look"), ("b", "walk"), ("a", "open"), ("b", "rest")];
    assert_eq!(shapes(at_once), expected);
    // Whoever has which id.
    let others = [("b", "look"), ("a", "look"), ("b", "open"), ("a", "walk"), ("a", "rest")];
    assert_eq!(shapes(others), expected);
}

#[test]
fn what_another_thread_did_mends_no_failure() {
    let failed = Tape::default().on("a").fails("fly", json!({"speed": 9}), "it is stuck");
    let digest = failed.on("b").calls("fly", json!({"speed": 2}), "down").digest();
    assert_eq!(digest.failures.len(), 1);
    assert!(digest.failures[0].attempts.is_empty());
}

#[test]
fn what_people_state_is_kept_and_what_they_ask_is_not() {
    let said = busy().said;
    assert_eq!(said.len(), 1);
    assert_eq!(&*said[0].text, "The deploy day is Monday.");
    assert_eq!(&*said[0].value, "monday");
    assert!(!said[0].retracts);
}

#[test]
fn a_digest_comes_back_from_its_bytes_and_damaged_ones_are_none() {
    let digest = busy();
    let bytes = digest.clone().bytes();
    assert!(bytes.len() < 2_048, "{}", bytes.len());
    assert_eq!(Digest::read(&bytes), Some(digest));
    for cut in 0..bytes.len() {
        assert_eq!(Digest::read(&bytes[..cut]), None);
    }
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(Digest::read(&longer), None);
}

#[test]
fn the_largest_session_has_a_digest_within_bounds() {
    let mut tape = Tape::default();
    for number in 0..3_000 {
        let mut input = serde_json::Map::new();
        for argument in 0..40 {
            let name = format!("argument_{argument}_{}", "x".repeat(60));
            input.insert(name, json!(format!("{number} {}", "\u{e4}".repeat(15))));
        }
        let tool = format!("tool_{}", number % 97);
        let words = ["one", "two", "three", "four", "five", "six"];
        let error = format!("failed at {} {}", words[number % 6], "word ".repeat(60));
        tape = tape.says(&format!("The port of server{number} is {number}.")).fails(
            &tool,
            input.into(),
            &error,
        );
    }
    let digest = tape.digest();
    assert!(!digest.fields.is_empty() && !digest.failures.is_empty());
    assert!(digest.bytes().len() <= BYTES_MAX);
}

#[test]
fn what_cannot_be_parsed_is_skipped_and_counted() {
    let mut reader = Reader::default();
    for body in ["", "{", "[]", "{\"name\":1}", "{\"name\":\"x\"}"] {
        let kind = "agent.tool_use";
        let origin = Origin::Agent;
        reader.event(&Seen { id: "e", kind, thread: None, origin, at_ms: 0, body });
    }
    assert_eq!(reader.finish().skipped, 5);
}
