use super::*;

const APRIL_2: u64 = 1_775_088_000_000;

fn headings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// `entity|attribute|scope=value`, of each fact.
fn shown(text: &str, above: &[&str]) -> Vec<String> {
    let found = facts(text, &headings(above), 1);
    let shown = |f: &Fact| format!("{}|{}|{}={}", f.entity, f.attribute, f.scope, f.value);
    found.iter().map(shown).collect()
}

fn standing(text: &str) -> Option<Standing> {
    facts(text, &[], 1).first().map(|fact| fact.standing)
}

#[test]
fn one_fact_has_one_key_and_value_however_it_is_said() {
    for text in [
        "The staging host's port is now 9090.",
        "- **Staging host port**: 9090",
        "Port of the staging host: `9090`",
        "The port of the staging host was changed to 9090.",
        "We moved the staging host port from 8080 to 9090.",
        "The staging host listens on port 9090",
        "Update: the staging host's port is 9090, not 8080.",
        "The staging host port is 9090 instead of 8080",
    ] {
        assert_eq!(shown(text, &[]), ["staging host|port|=9090"], "{text}");
    }
    assert_eq!(shown("port: 9090", &["Notes", "Staging host"]), ["staging host|port|=9090"]);
    assert_eq!(shown("PORT=9090", &["Staging host"]), ["staging host|port|=9090"]);
    assert_eq!(shown("Staging host port: 9090", &["Staging host"]), ["staging host|port|=9090"]);
}

#[test]
fn a_thing_is_in_one_numbered_place() {
    for text in [
        "The archive of hall 7 is in room 5 (as of 2026-04-02)",
        "The archive of hall 7 moved to room 5 on 2026-04-02.",
        "Hall 7's archive has moved from room 2 to room 5 (2026-04-02)",
        "As of 2026-04-02, the archive of hall 7 is in the room 5",
    ] {
        assert_eq!(shown(text, &[]), ["hall 7 archive|location|=room 5"], "{text}");
        assert_eq!(facts(text, &[], 0)[0].at_ms, Some(APRIL_2), "{text}");
        assert!(only_fact(text, &[], 0).is_some(), "{text}");
    }
    // Without a date it may tell of any time.
    assert_eq!(facts("The archive of hall 7 is in room 2", &[], 5)[0].at_ms, None);
    let text = "- As of 2026-04-02, the loading dock of hall 7 is dock 5";
    assert_eq!(shown(text, &[]), ["hall 7 loading|dock|=dock 5"]);
    assert_eq!(only_fact(text, &[], 0).and_then(|fact| fact.at_ms), Some(APRIL_2));
    assert_eq!(shown("The phase of the launch is phase 2", &[]), ["launch|phase|=phase 2"]);
    assert_eq!(shown("The owner moved to desk 4", &[]), ["owner|location|=desk 4"]);
}

#[test]
fn what_is_measured_under_two_names_has_two_keys() {
    let text = |days: u32, date: &str| format!("Reports are archived for {days} days ({date})");
    let (a, b) = (text(30, "2026-04-02"), text(90, "2026-05-02"));
    for (one, other) in
        [(&["Staging"][..], &["Production"][..]), (&["Notes", "Staging"], &["Notes", "Production"])]
    {
        let (a, b) = (facts(&a, &headings(one), 0), facts(&b, &headings(other), 0));
        assert!(!same_key(&a[0], &b[0]), "{one:?} {other:?}");
    }
    let (a, b) = (facts(&a, &headings(&["Notes 1"]), 0), facts(&b, &headings(&["Notes 2"]), 0));
    assert!(same_key(&a[0], &b[0]), "numbered notes frame nothing");
}

#[test]
fn where_it_holds_is_a_part_of_the_key() {
    assert_eq!(shown("The limit for uploads is 5 MB", &[]), ["|limit|uploads=5 mb"]);
    let (a, b) = (
        facts("The login limit is 5", &headings(&["Staging"]), 1),
        facts("The login limit is 9", &headings(&["Production"]), 2),
    );
    assert!(!same_key(&a[0], &b[0]));
    assert_eq!(a[0].scope, "staging");
}

#[test]
fn what_looks_alike_has_not_the_same_key() {
    for (a, b) in [
        ("The CEO of Acme is Ann", "The CTO of Acme is Bob"),
        ("The owner of PR #260 is Ann", "The owner of PR #480 is Bob"),
        ("Acme Corp owner: Ann", "Acme Inc owner: Bob"),
        ("Acme owner: Ann", "\u{410}cme owner: Bob"),
        ("Deploy day: Friday", "Release day: Monday"),
        ("Staging port: 1", "Production port: 2"),
        ("We use Jenkins", "We use Docker"),
        ("Ann prefers tabs", "Ann prefers dark mode"),
        ("Reports are archived for 30 days", "Backups are archived for 90 days"),
        ("The archive of hall 7 is in room 2", "The archive of hall 70 is in room 5"),
        ("The archive of hall 7 is in room 2", "The vault of hall 7 moved to room 5"),
        ("The dock of hall 7 is dock 2", "The dock of hall 70 is dock 5"),
        // Bare names mean something else in another memory.
        ("Port: 8080", "Port: 9090"),
    ] {
        let (a_facts, b_facts) = (facts(a, &[], 1), facts(b, &[], 2));
        assert!(!a_facts.is_empty() && !b_facts.is_empty(), "{a} / {b}");
        assert!(!same_key(&a_facts[0], &b_facts[0]), "{a} / {b}");
    }
    let (a, b) = (facts("Port: 8080", &[], 1), facts("Port: 9090", &[], 2));
    assert!(same_key_in_memory(&a[0], &b[0]));
}

#[test]
fn what_can_be_true_at_once_states_no_single_value() {
    for text in [
        "The server is slow.",
        "Alice is a nurse",
        "The weekly report is due on Thursdays",
        "Ann's role is a singer",
        "Reviewers for web: Ann, Bob",
        "Reviewers: Ann",
        "Tip: brake late",
        "The reviewer is also Bob",
        "The owners are Ann and Bob",
        "The team moved to Slack",
        "We moved to room 5",
        "The chairs are in room 5",
        "Chairs moved to room 5",
        "The archive is in rooms 2 and 3",
        "The archive is in room 2 or room 3",
        "The standup of team 4 is in room 5 every Monday",
        "The archive is in good order",
        "The plan of team 4 is chaos 2",
        "We merged PR 260 into main today",
        "The run took 30 minutes on the old machine",
        "See [the docs](https://a.test/b): long",
        "Port: not 8080",
        "Port: unknown",
        "It is Monday",
    ] {
        assert_eq!(shown(text, &[]), [""; 0], "{text}");
    }
}

#[test]
fn uses_and_preferences_have_their_value_in_their_key() {
    assert_eq!(shown("We use Jenkins.", &[]), ["we|uses jenkins|=yes"]);
    for text in ["We no longer use Jenkins", "We don't use Jenkins", "We stopped using Jenkins"] {
        assert_eq!(shown(text, &[]), ["we|uses jenkins|=no"], "{text}");
        assert_eq!(standing(text), Some(Standing::Asserted), "{text}");
    }
    assert_eq!(
        shown("We switched from Jenkins to Buildkite", &[]),
        ["we|uses jenkins|=no", "we|uses buildkite|=yes"]
    );
    assert_eq!(shown("Ann prefers tabs over spaces", &[]), ["ann|prefers spaces or tabs|=tabs"]);
    assert_eq!(
        shown("Ann prefers spaces rather than tabs", &[]),
        ["ann|prefers spaces or tabs|=spaces"]
    );
    assert_eq!(shown("Ann lives in Oslo", &[]), ["ann|home|=oslo"]);
}

#[test]
fn only_what_is_stated_without_doubt_is_asserted() {
    use Standing::{Asserted, Guess, Hedged, Hypothetical, Question, Retracted};
    for (text, expected) in [
        ("The deploy day is Monday", Asserted),
        ("I think the deploy day is Monday", Guess),
        ("The deploy day might be Monday", Hedged),
        ("Deploy day: probably Monday", Hedged),
        ("The deploy day is Monday?", Question),
        ("If all goes well the deploy day is Monday", Hypothetical),
        ("The deploy day will be Monday", Hypothetical),
        ("The deploy day is no longer Monday", Retracted),
        ("The deploy day is not Monday", Retracted),
        ("The deploy day used to be Monday", Retracted),
        ("Deploy day: Monday (outdated)", Retracted),
        ("~~Deploy day: Monday~~", Retracted),
        ("The deploy day is Monday. That's wrong.", Retracted),
        ("Suppose we hire. The deploy day is Monday.", Hypothetical),
    ] {
        let found = standing(text);
        // A doubt that hides the fact does no harm either.
        assert!(found == Some(expected) || (found.is_none() && expected != Asserted), "{text}");
    }
    assert_eq!(standing("The deploy day might be Monday"), Some(Hedged));
    assert_eq!(standing("The deploy day is no longer Monday"), Some(Retracted));
    assert_eq!(standing("The deploy day is Monday. That's wrong."), Some(Retracted));
}

#[test]
fn dates_in_the_text_win_over_when_it_was_said() {
    let at = |text: &str, above: &[&str], said| facts(text, &headings(above), said)[0].at_ms;
    assert_eq!(at("Deploy day: Monday (as of 2026-04-02)", &[], 5), Some(APRIL_2));
    assert_eq!(at("Deploy day: Monday", &["Log 2026-04-02"], 5), Some(APRIL_2));
    assert_eq!(at("Deploy day: Monday", &[], 5), Some(5));
    assert_eq!(at("Deploy day: Monday", &[], 0), None);
    assert_eq!(at("Launch date: 2026-04-02", &[], 5), Some(5), "a value dates nothing");
    assert!(facts("Deploy day: Monday (until 2026-04-02)", &[], 5).is_empty());
}

#[test]
fn what_begins_later_does_not_hold_yet() {
    let text = "Deploy day: Monday (from 2026-04-02)";
    assert_eq!(facts(text, &[], 5)[0].standing, Standing::Hypothetical);
    assert_eq!(facts(text, &[], APRIL_2)[0].standing, Standing::Asserted);
    assert_eq!(facts(text, &[], 0)[0].standing, Standing::Asserted);
}

/// "The run is limited to 30 minutes" may be said of many runs.
#[test]
fn a_sentence_with_a_measure_has_no_time_but_its_own_date() {
    let found = facts("Reports are archived for 30 days", &[], 5);
    assert_eq!(
        (found[0].attribute.as_str(), found[0].at_ms),
        ("reports are archived for _ days", None)
    );
    let dated = facts("Reports are archived for 90 days (as of 2026-04-02)", &[], 5);
    assert_eq!(dated[0].at_ms, Some(APRIL_2));
    assert!(same_key(&found[0], &dated[0]));
}

#[test]
fn a_text_that_says_more_than_one_fact_is_not_only_that_fact() {
    assert!(only_fact("- Deploy day: Monday.", &[], 1).is_some());
    for text in [
        "Deploy day: Monday. Ask Ann before you touch the vault.",
        "Deploy day: Monday\nPort: 80",
        "Deploy day: Monday\n```\nx\n```",
        "Deploy day: Monday\n> so they say",
        "We switched from Jenkins to Buildkite",
        "nothing keyed",
    ] {
        assert!(only_fact(text, &[], 1).is_none(), "{text}");
    }
}

#[test]
fn a_list_of_keys_is_read_line_by_line() {
    let text = "host: a.test\nport: 80\n\n- region: eu-1\n";
    let expected = ["api|host|=a.test", "api|port|=80", "api|region|=eu-1"];
    assert_eq!(shown(text, &["Api"]), expected);
}
