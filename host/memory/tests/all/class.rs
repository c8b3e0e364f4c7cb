//! What the host says an operation is.

use lucid_core::{Change, Class, Operation, RuleKind, Timestamp};
use lucid_memory::{MemoryText, Snapshot, class_of};

use crate::kit::{adding, conflict, drop, ids, keep, merge, quote, snapshot, supersede_at};

const DAY_MS: u64 = 86_400_000;

/// Memories of one entry, each changed a day after the one before.
fn day_by_day(texts: &[&str]) -> Snapshot {
    let memory = |(day, text): (u64, &&str)| {
        let updated_at = Timestamp(1_795_219_200_000 + day * DAY_MS);
        (format!("/{day}.md"), MemoryText { content: format!("{text}\n"), updated_at })
    };
    (0..).zip(texts).map(memory).collect()
}

/// The class of a merge of all entries into the last.
fn merged(files: &[(&str, &str)]) -> Class {
    let snapshot = snapshot(files);
    let ids = ids(&snapshot);
    let all: Vec<_> = ids.iter().collect();
    class_of(&merge(&all, ids.last().unwrap()), &snapshot)
}

/// Midnight of a date.
fn since(date: &str) -> Timestamp {
    let text = format!("Day: 1 (as of {date})");
    let of = |fact: &lucid_facts::Fact| Timestamp(fact.at_ms.unwrap());
    lucid_facts::facts(&text, &[], 0).first().map(of).unwrap()
}

/// The class of a supersession of the first day's text by the second's, since the date that
/// the second gives.
fn superseded(old: &str, new: &str) -> Class {
    let snapshot = day_by_day(&[old, new]);
    let ids = ids(&snapshot);
    let at = new.find("(as of ").map_or("2026-11-22", |at| &new[at + 7..at + 17]);
    class_of(&supersede_at(&ids[0], &ids[1], since(at)), &snapshot)
}

/// The class of a supersession of the last entry of the first file by that of the second,
/// which say the same but for the value.
fn framed(one: (&str, &str), other: (&str, &str)) -> Class {
    let old = format!("{}- API port: 8080 (as of 2026-05-04)\n", one.1);
    let new = format!("{}- API port: 9090 (as of 2026-06-05)\n", other.1);
    let snapshot = snapshot(&[(one.0, &old), (other.0, &new)]);
    let entries = snapshot.entries();
    let id = |text: &str| entries.iter().find(|entry| entry.text.contains(text)).unwrap();
    let change = supersede_at(&id("8080").id, &id("9090").id, since("2026-06-05"));
    class_of(&change, &snapshot)
}

#[test]
fn a_merge_is_what_the_texts_say_of_every_pair_with_the_survivor() {
    let kept = "- Nightly backups are kept in the vault\n";
    let marked = "- **Nightly** backups are kept in the vault.\n";
    let more = "- Nightly backups are kept in the vault and checked by a script\n";
    let other = "- Nightly backups are not kept in the vault\n";
    let class = |texts: &[&str]| merged(&[("/a.md", &texts.concat())]);
    assert_eq!(class(&[kept, marked]), Class::Identical);
    assert_eq!(class(&[kept, more]), Class::Subsumed);
    assert_eq!(class(&[kept, marked, more]), Class::Subsumed);
    assert_eq!(class(&[more, kept]), Class::Theme, "the survivor says less");
    assert_eq!(class(&[kept, other]), Class::Theme);
    assert_eq!(class(&[other, kept, marked]), Class::Theme, "one of three says something else");
    let request = |number: &str| format!("- PR #{number} fixed the login test\n");
    assert_eq!(class(&[&request("260"), &request("480")]), Class::Theme);
}

#[test]
fn what_stands_around_the_same_words_can_make_them_mean_two_things() {
    let tea = |name: &str| format!("# {name}\n\n- Prefers tea.\n");
    let snapshot = snapshot(&[("/a.md", &tea("Ann")), ("/b.md", &tea("Bob"))]);
    let id = ids(&snapshot);
    let class = |one: &String, other: &String| class_of(&merge(&[one, other], other), &snapshot);
    assert_eq!(class(&id[1], &id[3]), Class::Theme);
    assert_eq!(class(&id[0], &id[2]), Class::Theme, "headings are never merged without a person");
    assert_eq!(merged(&[("/a.md", "yes\n"), ("/b.md", "yes\n")]), Class::Theme);
    let code = "```\nrun -v\n```\n";
    assert_eq!(merged(&[("/a.md", &format!("{code}\n{code}"))]), Class::Identical);
    let shouted = code.replace("-v", "-V");
    assert_eq!(merged(&[("/a.md", &format!("{code}\n{shouted}"))]), Class::Theme);
}

#[test]
fn memories_and_headings_of_different_things_keep_what_they_say() {
    let seat = "- Prefers a window seat on trains\n";
    let long = "- Prefers a window seat on trains in the morning, because of the view\n";
    for (one, other) in [
        ("/people/ann.md", "/people/bob.md"),
        ("/staging.md", "/production.md"),
        ("/site-3.md", "/site-4.md"),
        ("/machine-a.md", "/machine-b.md"),
        ("/2026/04/ann.md", "/2026/04/bob.md"),
    ] {
        assert_eq!(merged(&[(one, seat), (other, seat)]), Class::Theme, "{one} {other}");
        assert_eq!(merged(&[(one, seat), (other, long)]), Class::Theme, "{one} {other}");
        assert_eq!(framed((one, ""), (other, "")), Class::Theme, "{one} {other}");
        // Whatever heading they share.
        let travel = ("# Notes\n\n## Travel\n\n", "/people/ann.md");
        let below = format!("{}{seat}", travel.0);
        let paths = [(one, below.as_str()), (other, below.as_str())];
        let one_letter = one == "/machine-a.md";
        assert_eq!(framed((one, travel.0), (other, travel.0)) == Class::Keyed, one_letter);
        let snapshot = snapshot(&paths);
        let id = ids(&snapshot);
        let class = class_of(&merge(&[&id[2], &id[5]], &id[5]), &snapshot);
        assert_eq!(class == Class::Identical, one_letter, "{one} {other}");
    }
    let two = format!("# Ann\n\n{seat}\n# Bob\n\n{seat}");
    let snapshot = snapshot(&[("/a.md", &two)]);
    let id = ids(&snapshot);
    assert_eq!(class_of(&merge(&[&id[1], &id[3]], &id[3]), &snapshot), Class::Theme);
}

#[test]
fn names_that_frame_nothing_keep_nothing_apart() {
    let seat = "- Prefers a window seat on trains\n";
    for (one, other) in [
        (("/a.md", ""), ("/b.md", "")),
        (("/notes/001.md", "# Notes 1\n\n"), ("/notes/002.md", "# Notes 2\n\n")),
        (("/2026-04-02.md", "# Log 2026-04-02\n\n"), ("/log.md", "")),
        (("/machines-a.md", "## Mill 5\n\n"), ("/machines-b.md", "## Mill 5\n\n")),
    ] {
        assert_eq!(framed(one, other), Class::Keyed, "{one:?} {other:?}");
        let files = [one, other].map(|(path, head)| (path, format!("{head}{seat}")));
        let snapshot = snapshot(&files.each_ref().map(|(path, text)| (*path, text.as_str())));
        let entries = snapshot.entries();
        let ids = entries.iter().filter(|entry| entry.text.contains("seat")).map(|e| &e.id);
        let ids: Vec<&String> = ids.collect();
        assert_eq!(class_of(&merge(&ids, ids[1]), &snapshot), Class::Identical, "{one:?}");
    }
}

#[test]
fn what_is_too_long_to_compare_is_the_same_byte_for_byte_only() {
    let text = |times: usize| format!("- {}\n", "the rim is rough ".repeat(times));
    let marked = |times: usize| text(times).replacen("rim", "**rim**", 1);
    for files in [["/a.md", "/a.md"], ["/a.md", "/b.md"]] {
        let class = |one: &str, other: &str| match files[0] == files[1] {
            true => merged(&[(files[0], &format!("{one}{other}"))]),
            false => merged(&[(files[0], one), (files[1], other)]),
        };
        assert_eq!(class(&text(400), &marked(400)), Class::Identical, "{files:?}");
        assert_eq!(class(&text(600), &text(600)), Class::Identical, "{files:?}");
        assert_eq!(class(&text(600), &marked(600)), Class::Theme, "{files:?}");
        assert_eq!(class(&text(600), &text(400)), Class::Theme, "{files:?}");
    }
}

#[test]
fn a_supersession_is_keyed_only_with_a_newer_asserted_value_of_the_same_key() {
    let old = "- Deploy day: Friday";
    assert_eq!(superseded(old, "- The deploy day is now Monday (as of 2026-11-22)."), Class::Keyed);
    for new in [
        "- Deploy day: Friday (as of 2026-11-22)",
        "- The deploy day might be Monday (as of 2026-11-22).",
        "- Is the deploy day Monday (as of 2026-11-22)?",
        "- I think the deploy day is Monday (as of 2026-11-22).",
        "- If Bob agrees, the deploy day is Monday (as of 2026-11-22).",
        "- The review day is Monday (as of 2026-11-22).",
        "- Monday is nice.",
        "# Deploy day: Monday (as of 2026-11-22)",
    ] {
        assert_eq!(superseded(old, new), Class::Theme, "{new}");
    }
    let tuesday = "- The deploy day is Tuesday (as of 2026-05-04).";
    let friday = "- The deploy day is Friday (as of 2026-06-05).";
    assert_eq!(superseded(tuesday, friday), Class::Keyed);
    assert_eq!(superseded(friday, tuesday), Class::Theme);
    assert_eq!(superseded(old, friday), Class::Theme, "the memory was changed after that date");
    for old in ["- The deploy day is probably Friday.", "- The deploy day will be Friday."] {
        let new = "- The deploy day is Monday (as of 2026-11-22).";
        assert_eq!(superseded(old, new), Class::Theme, "{old} was never so for certain");
    }
}

/// One line that is added to a memory makes no other line of it new.
#[test]
fn when_a_memory_was_changed_dates_no_fact_of_it() {
    let new = "- The deploy day is now Monday.";
    assert_eq!(superseded("- Deploy day: Friday", new), Class::Theme);
    let dated = "- The deploy day is Tuesday (as of 2026-05-04).";
    assert_eq!(superseded(dated, new), Class::Theme);
    let above = format!("# Log 2026-11-22\n\n{new}");
    assert_eq!(
        class_of_days(&["- Deploy day: Friday", &above], since("2026-11-22")),
        Class::Keyed,
        "the date of its heading is its own"
    );
}

fn class_of_days(texts: &[&str], since: Timestamp) -> Class {
    let snapshot = day_by_day(texts);
    let ids = ids(&snapshot);
    class_of(&supersede_at(&ids[0], ids.last().unwrap(), since), &snapshot)
}

#[test]
fn a_supersession_holds_since_the_date_that_the_winner_gives() {
    let texts = ["- Deploy day: Friday", "- The deploy day is Monday (as of 2026-11-22)."];
    assert_eq!(class_of_days(&texts, since("2026-11-22")), Class::Keyed);
    for other in [Timestamp(0), since("2026-11-21"), since("2026-11-23"), since("9998-01-01")] {
        assert_eq!(class_of_days(&texts, other), Class::Theme, "{other:?}");
    }
}

#[test]
fn values_that_are_written_in_every_way_are_superseded() {
    for (old, new) in [
        ("- As of 2026-01-25, the loading dock of hall 7 is dock 2", "dock 5"),
        ("- The archive of hall 7 is in room 2 (as of 2026-01-25)", "room 5"),
        ("- The archive of hall 7 moved to room 2 on 2026-01-25", "room 5"),
        ("- The foreman of hall 7 is Mei Tanaka (as of 2026-01-25)", "Ruth Adler"),
        ("- Hall 7 door code: K-100 (as of 2026-01-25)", "K-111"),
        ("- Feed rate: 7 kg/h (as of 2026-01-25)", "10 kg/h"),
    ] {
        let value = ["dock 2", "room 2", "Mei Tanaka", "K-100", "7 kg/h"];
        let value = value.into_iter().find(|value| old.contains(value)).unwrap();
        let later = old.replace(value, new).replace("2026-01-25", "2026-02-23");
        let text = format!("# Notes\n\n## Mill 5\n\n{old}\n{later}\n");
        let snapshot = snapshot(&[("/notes/001.md", &text)]);
        let id = ids(&snapshot);
        let at = since("2026-02-23");
        assert_eq!(class_of(&supersede_at(&id[2], &id[3], at), &snapshot), Class::Keyed, "{old}");
        assert_eq!(class_of(&supersede_at(&id[3], &id[2], at), &snapshot), Class::Theme, "{old}");
    }
}

#[test]
fn what_says_more_than_the_fact_that_is_old_is_not_keyed() {
    let old = "- Deploy day: Friday. Ann has the key of the shed.";
    let new = "- The deploy day is now Monday (as of 2026-11-22).";
    assert_eq!(superseded(old, new), Class::Theme);
    assert_eq!(superseded("- Deploy day: Friday.", new), Class::Keyed);
}

#[test]
fn a_rule_is_what_its_kind_says_and_no_rule_is_earned() {
    let snapshot = snapshot(&[("/a.md", "- a\n- b\n")]);
    let id = ids(&snapshot);
    let quotes = || vec![quote("sevt_trusted", "descent")];
    let class = |kind| class_of(&adding(kind, "/p.md", "- rule", quotes()), &snapshot);
    assert_eq!(class(RuleKind::FailureFix), Class::FailureFix);
    assert_eq!(class(RuleKind::Sequence), Class::Sequence);
    assert_eq!(class(RuleKind::Theme), Class::Theme);
    assert_eq!(class(RuleKind::Contrast), Class::Theme, "a contrast without numbers is none");
    for other in [keep(&id[0]), drop(&id[0]), conflict(&[&id[0], &id[1]])] {
        assert_eq!(class_of(&other, &snapshot), Class::Theme);
    }
    let unknown =
        Operation { change: Change::Drop { entry_id: "ent_none".to_owned() }, ..keep(&id[0]) };
    assert_eq!(class_of(&unknown, &snapshot), Class::Theme);
    let nobody = "ent_none".to_owned();
    assert_eq!(class_of(&merge(&[&id[0], &nobody], &id[0]), &snapshot), Class::Theme);
    assert!(!Class::Contrast.is_earned() && !Class::Theme.is_earned());
}
