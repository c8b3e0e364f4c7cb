//! Who is let in over a server, and what cannot be done over one.

use super::bench::{Places, Served, lucid};

/// A server of an empty folder, with a key.
fn keyed(places: &Places) -> (Served, String) {
    let state = places.path("state");
    let key = lucid(&["key", "create", "--state", &state], &[]);
    assert_eq!(key.code, Some(0), "{key:?}");
    (Served::new(std::path::Path::new(&state)), key.out.trim().to_owned())
}

#[test]
fn a_key_opens_a_server_and_is_told_to_nobody() {
    let places = Places::new();
    let (served, key) = keyed(&places);
    let list = ["session", "list", "--json", "--server", &served.url];
    let told = lucid(&list, &[]);
    assert_eq!(told.code, Some(3), "{told:?}");
    assert!(told.err.contains("LUCID_API_KEY"), "{told:?}");
    let wrong = lucid(&list, &[("LUCID_API_KEY", "lucid_wrong-and-secret")]);
    assert!(wrong.code == Some(3) && !wrong.err.contains("wrong-and-secret"), "{wrong:?}");
    let right = lucid(&list, &[("LUCID_API_KEY", &key)]);
    assert_eq!((right.code, right.err.as_str()), (Some(0), ""));
    let file = places.path("key");
    std::fs::write(&file, format!("{key}\n")).unwrap();
    let by_file = lucid(&[&list[..], &["--api-key-file", &file]].concat(), &[]);
    assert_eq!(by_file, right);
    // The environment alone does as well.
    let variables = [("LUCID_SERVER", served.url.as_str()), ("LUCID_API_KEY", key.as_str())];
    assert_eq!(lucid(&["session", "list", "--json"], &variables), right);
    // A folder that is named wins over a server that is not.
    let elsewhere = places.path("elsewhere");
    let told = lucid(&["session", "list", "--state", &elsewhere], &variables);
    assert!(told.err.contains("no state in"), "{told:?}");
}

#[test]
fn what_cannot_be_done_over_a_server_says_why_and_what_to_do() {
    let url = "http://127.0.0.1:9";
    for words in [
        &["serve"][..],
        &["key", "list"],
        &["key", "create"],
        &["plugin", "inspect", "x"],
        &["doctor"],
        &["completion", "bash"],
    ] {
        let told = lucid(&[words, &["--server", url]].concat(), &[]);
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{words:?}: {told:?}");
        assert!(told.err.contains("over a server: ") && told.err.contains("hint"), "{told:?}");
    }
    let told = lucid(&["key", "list"], &[("LUCID_SERVER", url)]);
    assert!(told.code == Some(2) && told.err.contains("leave LUCID_SERVER out"), "{told:?}");
    // What has nothing to do with a server does not look at it.
    let places = Places::new();
    for words in [&["completion", "bash"][..], &["plugin", "wit", &places.path("wit")]] {
        let told = lucid(words, &[("LUCID_SERVER", url)]);
        assert_eq!(told.code, Some(0), "{words:?}: {told:?}");
    }
}

#[test]
fn a_server_that_does_not_answer_is_told_with_the_next_step() {
    // No system gives this port to anybody who asks for a free one, as other tests do meanwhile.
    let url = "http://127.0.0.1:9";
    let told = lucid(&["session", "list", "--server", url], &[]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.err.contains(&format!("no server answers at {url}")), "{told:?}");
    let far = lucid(&["session", "list", "--server", "http://example.com"], &[]);
    assert!(far.code == Some(2) && far.err.contains("--insecure"), "{far:?}");
}

#[test]
fn a_file_of_authorities_that_names_nobody_is_refused_wherever_it_is_named() {
    let places = Places::new();
    let file = places.path("ca.pem");
    std::fs::write(&file, "no certificate").unwrap();
    let list = ["session", "list", "--server", "https://127.0.0.1:9"];
    for told in [
        lucid(&[&list[..], &["--ca-file", &file]].concat(), &[]),
        lucid(&list, &[("LUCID_CA_FILE", &file)]),
    ] {
        assert!(told.code == Some(2) && told.err.contains("no certificate in it"), "{told:?}");
    }
    let told = lucid(&["session", "list", "--ca-file", &file], &[]);
    assert!(told.code == Some(2) && told.err.contains("--ca-file needs a server"), "{told:?}");
}
