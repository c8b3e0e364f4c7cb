use super::*;

/// Pairs that must not merge in either direction: each happened to somebody, or would.
const APART: [(&str, &str); 46] = [
    ("PR #260 fixed the flaky login test on main", "PR #480 fixed the flaky login test on main"),
    ("PR 260 fixed the flaky login test on main", "PR 480 fixed the flaky login test on main"),
    ("The CEO signs every contract with a vendor", "The CTO signs every contract with a vendor"),
    ("The timeout of the api client is 10 ms", "The timeout of the api client is 10 s"),
    ("The timeout of the api client is 10ms", "The timeout of the api client is 10s"),
    ("The link carries 10 Mb per second at night", "The link carries 10 MB per second at night"),
    ("The plant feeds 10 MW into the grid today", "The plant feeds 10 mW into the grid today"),
    ("Site 3 needs a long burn before landing", "Site 5 needs a long burn before landing"),
    ("Site three needs a long burn now", "Site five needs a long burn now"),
    ("Alice reports to Bob in the weekly meeting", "Bob reports to Alice in the weekly meeting"),
    ("Do cache the results of the search call", "Do not cache the results of the search call"),
    ("Cache the results of the search call", "Never cache the results of the search call"),
    ("We can't restart the pool at noon", "We can restart the pool at noon"),
    ("the api process restarts every night", "the web process restarts every night"),
    ("Use `npm ci` to install what tests need", "Use `npm i` to install what tests need"),
    ("Delete it with `git branch -d` at once", "Delete it with `git branch -D` at once"),
    ("Use the cache for index reads", "Use the cache for index reads if stale"),
    ("Use the cache for index reads", "Use the cache for index reads only"),
    ("Use the cache for index reads", "Use the cache for index reads was wrong"),
    ("Data moves from lake to store daily", "Data moves to lake from store daily"),
    ("the key of the server rotates monthly", "the key of the staging server rotates monthly"),
    ("the password rotates every single month", "the password rotates every single month on prod"),
    ("set max_size of the pool by hand", "set min_size of the pool by hand"),
    ("turn the night light of the lab on", "turn the night light of the lab off"),
    ("is the pool of workers safe?", "the pool of workers is safe"),
    ("the pool of workers is safe?", "the pool of workers is safe"),
    ("the pool of workers is safe", "the pool of workers might be safe"),
    ("~~the pool of workers is safe~~", "the pool of workers is safe"),
    ("- [ ] move the logs to the vault", "- [x] move the logs to the vault"),
    ("move the logs into the vault", "move the logs into the vault of Ann"),
    ("keep x below the limit <5", "keep x below the limit >5"),
    ("backups are copied to the vault", "backups are copied to the vault 7"),
    ("Ann owns the billing service here", "Anna owns the billing service here"),
    ("Acme Corp pays its bills late", "Acme Inc pays its bills late"),
    ("the Asia region has four zones", "the \u{410}sia region has four zones"),
    ("read the file /etc/app/a.toml first", "read the file /etc/app/b.toml first"),
    ("release v1.2 has the broken parser", "release v1.3 has the broken parser"),
    ("call the api with header X-Token set", "call the api with header X-Tokens set"),
    ("backups of the vault run nightly", "backups of the old vault run nightly"),
    ("Der Port ist auf dem Server offen", "Der Port ist auf dem Server nicht offen"),
    ("le port est ouvert sur la machine", "le port n'est pas ouvert sur la machine"),
    ("порт открыт на этой машине", "порт не открыт на этой машине"),
    ("backups are kept in the vault", "backups are kept in the vault or attic"),
    ("keep plates on rack 7 by the door", "keep plates or cups on rack 7 by the door"),
    ("one two", "one two three"),
    ("Ann leads billing", "Ann leads billing and support"),
];

#[test]
fn what_only_looks_alike_stays_apart_in_both_directions() {
    for (a, b) in APART {
        assert!(!subsumes(a, b), "{a} / {b}");
        assert!(!subsumes(b, a), "{b} / {a}");
    }
}

#[test]
fn a_text_contains_what_it_adds_to() {
    for (specific, general) in [
        (
            "Restart the whole worker pool before each deploy",
            "- Restart the worker pool before each deploy.",
        ),
        (
            "Reports go to the finance archive and stay there for good",
            "Reports go to the finance archive",
        ),
        ("Use pnpm for installs because npm is retired", "use `pnpm` for installs, please"),
        ("Please wait 10 ms between the calls", "wait 10ms between calls"),
        ("The disk fills because old logs stay", "disk fills because old logs stay"),
    ] {
        assert!(subsumes(specific, general), "{specific} / {general}");
        assert!(!subsumes(general, specific), "{general} / {specific}");
    }
}

#[test]
fn a_text_contains_itself_however_it_is_marked() {
    for (a, b) in [("", ""), ("x", "- **X**"), ("PR #260", "PR #260."), ("- ", "")] {
        assert!(subsumes(a, b) && subsumes(b, a), "{a} / {b}");
    }
}

#[test]
fn of_texts_that_differ_in_fillers_the_longer_contains_the_shorter() {
    assert!(subsumes("the port of the host", "port of the host"));
    assert!(!subsumes("port of the host", "the port of the host"));
    // Equal in length: one of the two directions, always the same.
    let (a, b) = ("the port of host", "port of the host");
    assert_ne!(subsumes(a, b), subsumes(b, a));
}

/// Single linkage would make one of these; asked for each pair they are two.
#[test]
fn likeness_is_no_chain() {
    let words = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron";
    let text = |count: usize| words.split(' ').take(count).collect::<Vec<_>>().join(" ");
    assert!(subsumes(&text(8), &text(5)) && subsumes(&text(15), &text(8)));
    assert!(!subsumes(&text(15), &text(5)));
}
